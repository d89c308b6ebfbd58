"""What a reader of the card must not have to find out alone: gaps, in sentences, from counts.

>>> gaps(tally, ["medqa"], run=())[0]
'Not in this export, of the 12 languages of the paper: Wolof (wo), Zulu (zu).'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from globmed_tools import catalog, languages

from .tally import UNREVIEWED, SetTally, Tally


def gaps(tally: Tally, names: Iterable[str], run: Iterable[Mapping[str, Any]], layout: str = "hub") -> list[str]:
    """The gaps of these sets of an export, the same for the same counts. run: what each stage said in its manifest."""
    sets = [tally.sets[name] for name in names]
    stages = {str(one.get("stage", "")) for one in run}
    return [
        *_languages(sets),
        *(line for one in sets for line in _items(one)),
        *_translations(sets, stages),
        *_sources(sets),
        *_stages(stages),
        *_texts(tally, layout),
    ]


def _languages(sets: list[SetTally]):
    there = {code for one in sets for code in one.languages()}
    missing = [code for code in languages.codes(paper=True) if code not in there]
    if missing:
        named = ", ".join(f"{languages.get(code).name} ({code})" for code in missing)
        yield f"Not in this export, of the {len(languages.codes(paper=True))} languages of the paper: {named}."


def _items(one: SetTally):
    short = {code: one.groups - one.entries(code) for code in one.languages() if one.entries(code) < one.groups}
    if short:
        counts = ", ".join(f"{code} {count:,}" for code, count in short.items())
        yield f"{one.name}: of its {one.groups:,} items these are missing in a language: {counts}."


def _translations(sets: list[SetTally], stages: set[str]):
    translated = sum(one.translated() for one in sets)
    if not translated:
        return
    reviewed = sum(count for one in sets for (_, outcome), count in one.reviews.items() if outcome != UNREVIEWED)
    yield (
        f"{translated:,} of {sum(one.entries() for one in sets):,} entries are machine translation; people have looked at "
        f"{reviewed:,} entries in all. What nobody looked at may hold wrong doses, lost negations and invented terms."
    )
    if not any(one.checked for one in sets) and "check" not in stages:
        yield "No automatic check of the translations is recorded."


def _sources(sets: list[SetTally]):
    for one in sets:
        known = catalog.table().get(one.name)
        if known is None:
            yield f"{one.name}: not a set of the project's catalog; what is said of it comes from its entries alone."
        if count := one.translated("en"):
            yield f"{one.name}: {count:,} of its {one.entries('en'):,} English entries are machine translation themselves."


def _stages(stages: set[str]):
    if not stages:
        yield "No manifest of a run came with these entries: which stages and thresholds they passed is not recorded."


def _texts(tally: Tally, layout: str):
    if tally.same_text:
        yield f"{tally.same_text:,} entries have the very text of another item that stands in another split."
    if layout == "chat":
        yield (
            "The native words of the prompts are machine-written and have been reviewed by neither clinicians nor native "
            "speakers. Reasons, where they are given, are the sources' own words and may call an option by a number."
        )
