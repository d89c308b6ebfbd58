"""Real items of every form for a translating server, and what their publishers say in other languages.

    items, table = real_items(Path("data"), 40)
    items["headqa, from Spanish"]            40 entries, by where they come from
    table["es", "Which vitamin ...?"]        the publisher's own Spanish for a text

The publishers' translations (HEAD-QA in Spanish and English, MedExpQA in French and Spanish, the African MMLU in Zulu) are what the
server says where it can; for all others it makes marked pseudo-text. Of entailment no original file can be passed on: its
items are the bundled sample's.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from globmed_curation.ingest import collect, source_files

from globmed_tools.entry import Entry

from .translating import sample_entries

#: Set -> the folder of its original files.
SETS = {
    "medqa": "medqa",
    "medmcqa": "medmcqa",
    "headqa": "headqa",
    "mmlu_pro": "mmlu_pro",
    "medexpqa": "casimedicos",
    "mmlu_clinical_african": "mmlu_clinical_african",
    "pubmedqa": "pubmedqa",
    "expertqa_med": "expertqa",
}
FROM_SPANISH, SAMPLE = "headqa, from Spanish", "sample"
Table = dict[tuple[str, str], str]


def read(data: Path, name: str) -> list[Entry]:
    """The entries of a set, in all its languages."""
    return collect(name, source_files(name, [data / SETS[name]], {})).kept


def real_items(data: Path, most: int, sets: Iterable[str] = SETS) -> tuple[dict[str, list[Entry]], Table]:
    """At most so many items of each set, spread over its file; and the publishers' translations of their texts."""
    items, table = {}, {}
    for name in sets:
        found = read(data, name)
        table |= published(found)
        english = [one for one in found if one.language == "en"]
        if name == "headqa":
            spanish = [one for one in found if one.language == "es"]
            items[FROM_SPANISH] = spread(spanish[1::2], most)
            chosen = {one.group_id for one in items[FROM_SPANISH]}
            english = [one for one in english if one.group_id not in chosen]
        items[name] = spread(english, most)
    items[SAMPLE] = [one for one in sample_entries() if one.form == "nli"]
    return items, table


def spread(entries: list[Entry], most: int) -> list[Entry]:
    """So many of them, from the first to the last."""
    step = max(1, len(entries) // most)
    return entries[::step][:most]


def published(entries: list[Entry]) -> Table:
    """(language, text) -> what the same place of the same item says in that language."""
    groups: dict[str, list[Entry]] = {}
    for one in entries:
        groups.setdefault(one.group_id, []).append(one)
    table: Table = {}
    for members in groups.values():
        for one in members:
            for other in members:
                if one.language != other.language and _alike(one, other):
                    table |= {(other.language, a): b for a, b in zip(_texts(one), _texts(other)) if a}
    return table


def _alike(one: Entry, other: Entry) -> bool:
    """Whether every text of the one has its fellow in the other."""
    return len(one.options) == len(other.options) and list(map(bool, _texts(one))) == list(map(bool, _texts(other)))


def _texts(one: Entry) -> list[str | None]:
    return [one.question, one.context, one.reference, one.rationale, *one.options]


def differing(source: Entry, made: Entry) -> list[str]:
    """What of a translation is not as its source has it, apart from the words."""
    same = ("group_id", "source", "split", "form", "answers", "label", "tags", "licence")
    names = [name for name in same if getattr(source, name) != getattr(made, name)]
    return names if _alike(source, made) else [*names, "texts"]
