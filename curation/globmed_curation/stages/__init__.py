"""Stages: one verb a file, entries in, entries out, nothing else touched.

    >>> run = load("normalize")
    >>> result = run.stage(entries, run.Config())
    >>> len(result.kept), result.dropped[0].reason, result.stats["changed"]

A stage is a module with

    Config      a frozen dataclass: every setting with its default, so that YAML can be checked strictly
    stage(entries, config) -> Result

and, where one part of the data must know of the others (splits, duplicates), two more functions and a wider reach:

    SCOPE       "shard" (the default), "set" or "all": how far `settle` has to see
    CODE        folders of this package that its result depends on, beside its own (see code.py)
    survey(entries, config) -> facts                   what one shard tells the others; small, picklable
    settle(surveys, config) -> plan                    surveys in shard order -> what every shard must know
    stage(entries, config, plan) -> Result             without a plan the stage surveys and settles its own entries

A stage that needs answers from elsewhere (a translator's models) gets them in one go before its shards are worked on, here:

    prepares(config) -> bool                           whether it does, with these settings
    prepare(files, config, progress) -> told           files: the shards still to do; GlobmedError where answers are missing
    estimate(files, config) -> told                    what that would take, JSON-ready; sends nothing

All entries of one group_id (an item in every language) are handed over together, the originals before their translations.
The same entries and the same config give the same result, in the same order: no clock, no random numbers, no files. Every
entry that comes in leaves in `kept` (perhaps changed, under the same id) or in `dropped`; translation alone adds entries. A
stage never changes an id of what it was given.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import Any

from globmed_tools.entry import Entry
from globmed_tools.errors import GlobmedError, suggest

#: Every stage that a pipeline can name, in the usual order.
STAGES = {
    "normalize": "globmed_curation.stages.normalize",
    "identify_language": "globmed_curation.stages.identify_language",
    "split": "globmed_curation.stages.split",
    "deduplicate": "globmed_curation.stages.deduplicate",
    "decontaminate": "globmed_curation.stages.decontaminate",
    "translate": "globmed_curation.translate.stage",
    "check": "globmed_curation.stages.check",
}


@dataclass(frozen=True, slots=True)
class Dropped:
    """An entry that did not pass, as it came in: a reason code and the evidence (JSON-ready: text or a flat object)."""

    entry: Entry
    reason: str
    evidence: Any = ""


@dataclass(slots=True)
class Result:
    """What a stage made of some entries. stats: nested dicts of names -> counts; those of several shards add up. beside: name
    -> rows (JSON-ready) of a file that is written beside kept/ and dropped/, as NAME/SHARD.jsonl, where there are any."""

    kept: list[Entry]
    dropped: list[Dropped] = field(default_factory=list)
    stats: dict[str, Any] = field(default_factory=dict)
    beside: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def load(name: str) -> ModuleType:
    """The module of this stage, imported on demand; GlobmedError where there is none."""
    if name not in STAGES:
        raise GlobmedError(f"unknown stage {name!r}{suggest(name, STAGES)} Known: {', '.join(STAGES)}.")
    return import_module(STAGES[name])


def count(stats: dict[str, Any], *names: str) -> None:
    """One more at stats[name][...][last name]."""
    *path, last = names
    for name in path:
        stats = stats.setdefault(name, {})
    stats[last] = stats.get(last, 0) + 1


def add_up(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The stats of several shards as one: numbers are added, nested dicts merged, keys sorted."""
    total: dict[str, Any] = {}
    for part in parts:
        _add(total, part)
    return _sorted(total)


def _add(total: dict[str, Any], part: dict[str, Any]) -> None:
    for name, value in part.items():
        if isinstance(value, dict):
            _add(total.setdefault(name, {}), value)
        else:
            total[name] = total.get(name, 0) + value


def _sorted(stats: dict[str, Any]) -> dict[str, Any]:
    return {name: _sorted(value) if isinstance(value, dict) else value for name, value in sorted(stats.items())}
