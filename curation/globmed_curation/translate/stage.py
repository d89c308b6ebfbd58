"""Translate: for every item, an entry in each target language that it does not have yet.

    translate: {translator: pseudo, languages: [sw, zu], pivot: en}
    translate: {translator: agents, agents: {model: Qwen/Qwen3-32B, endpoint: {base_url: "http://localhost:8000/v1"}}}

The source of an item is what was published: its entries in the pivot language, else those that nobody translated, else
whatever there is (an official French version without an English one). A language that the item has already, from the
publisher or from an earlier run, is not translated again. What came in stays; the new entries follow it. `texts/` beside them
holds what a translator tells of its way there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from globmed_tools import languages
from globmed_tools.entry import Entry
from globmed_tools.errors import GlobmedError

from ..stages import Dropped, Result, add_up
from . import AGENTS, PSEUDO, Job, Made, known, load
from .agents.config import Agents

#: pseudo measures texts as the check of length does; agents asks by prompts, and checks what comes back.
CODE = ("checks", "lid", "glossary", "stages", "prompts", "prompts/guides", "translate/agents")
TEXTS = "texts"


@dataclass(frozen=True)
class Config:
    """translator: a name in translate.TRANSLATORS. languages: target codes. pivot: translate from this language where an
    item has it. faults: the share of pseudo-translations that get one planted fault, for demonstrations and tests.
    lid_model: another fastText model than the shipped one, for the checks of agents. agents: their settings."""

    translator: str = PSEUDO
    languages: list[str] = field(default_factory=list)
    pivot: str = "en"
    faults: float = 0.0
    lid_model: Path | None = None
    agents: Agents | None = None

    def __post_init__(self):
        known(self.translator)
        for code in (*self.languages, self.pivot):
            languages.get(code)
        if not 0 <= self.faults <= 1:
            raise GlobmedError(f"translate, faults: {self.faults} found, 0 to 1 expected.")
        if self.faults and self.translator != PSEUDO:
            raise GlobmedError(f"translate, faults: only {PSEUDO} plants faults, the translator is {self.translator}.")
        if (self.agents is None) == (self.translator == AGENTS):
            said = "has no settings `agents` (a model at least)" if self.agents is None else f"takes no `{AGENTS}`"
            raise GlobmedError(f"translate: the translator {self.translator} {said}.")


def prepares(config: Config) -> bool:
    """Whether the translator asks for something before it translates."""
    return hasattr(load(config.translator), "prepare")


def prepare(files: list[Path], config: Config, progress: Any) -> dict[str, Any]:
    """Let the translator ask what it needs for these shards."""
    return load(config.translator).prepare(files, config, progress)


def estimate(files: list[Path], config: Config) -> dict[str, Any]:
    """What the asking for these shards would take: translations, calls, tokens, money."""
    return load(config.translator).estimate(files, config)


def stage(entries: Iterable[Entry], config: Config) -> Result:
    """Add translations; stats: {"translated": {language: n}, "published": {language: n}, "from": {language: n}}."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.group_id, []).append(entry)
    targets = targets_of(config)
    stats: dict[str, Any] = {"translated": {}, "published": {}, "from": {}}
    jobs = {group: _jobs(members, targets, config, stats) for group, members in groups.items()}
    made = iter(load(config.translator).translate([job for some in jobs.values() for job in some], config))
    result, told = Result([], stats=stats), []
    for group, members in groups.items():
        result.kept += members
        for job in jobs[group]:
            one = next(made)
            if isinstance(one, Made):
                told.append(one)
                one = one.end
            if isinstance(one, Dropped):
                result.dropped.append(one)
            else:
                _count(stats["translated"], job.language)
                result.kept.append(one)
    if texts := [one.texts for one in told if one.texts]:
        result.beside[TEXTS] = texts
    result.stats = add_up([stats, *(one.stats for one in told)]) if told else stats
    return result


def targets_of(config: Config) -> list[str]:
    """The codes of the target languages, each once; GlobmedError where there are none."""
    if not config.languages:
        raise GlobmedError("translate, languages: none. Name the target languages, e.g. [sw, zu].")
    return list(dict.fromkeys(languages.get(code).code for code in config.languages))


def jobs_of(entries: Iterable[Entry], config: Config) -> list[Job]:
    """What is to be translated of these entries, in their order."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.group_id, []).append(entry)
    targets, stats = targets_of(config), {"published": {}, "from": {}}
    return [job for members in groups.values() for job in _jobs(members, targets, config, stats)]


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
