"""Translate: for every item, an entry in each target language that it does not have yet.

    translate: {translator: pseudo, languages: [sw, zu], pivot: en}

The source of an item is what was published: its entries in the pivot language, else those that nobody translated, else
whatever there is (an official French version without an English one). A language that the item has already, from the
publisher or from an earlier run, is not translated again. What came in stays; the new entries follow it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from globmed_tools import languages
from globmed_tools.entry import Entry
from globmed_tools.errors import GlobmedError

from ..stages import Dropped, Result
from . import PSEUDO, Job, known, load

#: pseudo measures texts as the check of length does.
CODE = ("checks",)


@dataclass(frozen=True)
class Config:
    """translator: a name in translate.TRANSLATORS. languages: target codes. pivot: translate from this language where an
    item has it. faults: the share of pseudo-translations that get one planted fault, for demonstrations and tests."""

    translator: str = PSEUDO
    languages: list[str] = field(default_factory=list)
    pivot: str = "en"
    faults: float = 0.0

    def __post_init__(self):
        known(self.translator)
        for code in (*self.languages, self.pivot):
            languages.get(code)
        if not 0 <= self.faults <= 1:
            raise GlobmedError(f"translate, faults: {self.faults} found, 0 to 1 expected.")
        if self.faults and self.translator != PSEUDO:
            raise GlobmedError(f"translate, faults: only {PSEUDO} plants faults, the translator is {self.translator}.")


def stage(entries: Iterable[Entry], config: Config) -> Result:
    """Add translations; stats: {"translated": {language: n}, "published": {language: n}, "from": {language: n}}."""
    if not config.languages:
        raise GlobmedError("translate, languages: none. Name the target languages, e.g. [sw, zu].")
    targets = list(dict.fromkeys(languages.get(code).code for code in config.languages))
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.group_id, []).append(entry)
    stats: dict[str, Any] = {"translated": {}, "published": {}, "from": {}}
    jobs = {group: _jobs(members, targets, config, stats) for group, members in groups.items()}
    made = iter(load(config.translator).translate([job for some in jobs.values() for job in some], config))
    result = Result([], stats=stats)
    for group, members in groups.items():
        result.kept += members
        for job in jobs[group]:
            one = next(made)
            if isinstance(one, Dropped):
                result.dropped.append(one)
            else:
                _count(stats["translated"], job.language)
                result.kept.append(one)
    return result


def _jobs(members: list[Entry], targets: list[str], config: Config, stats: dict[str, Any]) -> list[Job]:
    published = [one for one in members if one.translated_from is None]
    if not published:
        return []
    pivot = languages.get(config.pivot).code
    untranslated = [one for one in published if one.translator is None]
    source = next((one.language for one in published if one.language == pivot), None)
    source = source or (untranslated or published)[0].language
    there = {one.language for one in members}
    for one in published:
        if one.language in targets:
            _count(stats["published"], one.language)
    jobs = [
        Job(one, language)
        for language in targets
        if language not in there
        for one in published
        if one.language == source
    ]
    if jobs:
        _count(stats["from"], source)
    return jobs


def _count(counts: dict[str, int], name: str) -> None:
    counts[name] = counts.get(name, 0) + 1
