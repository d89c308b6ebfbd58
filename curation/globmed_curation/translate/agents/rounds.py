"""The same chains by batch files: each round writes the calls that are ready, and takes in what came back.

    told = step(jobs, tools, Path("batch"))        Round(ready=1273, files=[batch/requests/round-01-gpt-4.1-0001.jsonl], ...)

    batch/requests/     to be sent, with the provider's own tools       batch/results/     put what comes back here, any names
    batch/read.json     which results the journal has

A chain has several steps, so there are several rounds: drafts, critiques, revisions. A call that was written and has no result yet
is waited for; `again` writes it once more (an expired batch).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from globmed_tools import manifest, store
from globmed_tools.llm import Call, Journal, batch

from .. import Job
from .chain import Tools
from .replay import Missing, replay

REQUESTS, RESULTS, READ = "requests", "results", "read.json"


@dataclass(slots=True)
class Round:
    """One round. done, total: translations that have all their answers; ready: calls that were written now; waiting: calls that
    were written before and have no result; answered, failed, problems: what the new results held."""

    done: int = 0
    total: int = 0
    ready: int = 0
    waiting: int = 0
    files: list[Path] = field(default_factory=list)
    answered: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def over(self) -> bool:
        return self.done == self.total

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON-ready dict."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {**found, "files": [str(path) for path in self.files], "complete": self.over}


def step(jobs: Iterable[Job], tools: Tools, folder: Path, again: bool = False) -> Round:
    """Take in the results that are new, then write what is ready."""
    made = Round()
    with Journal(tools.config.journal) as journal:
        _take(folder, journal, made)
        calls = _ready(jobs, tools, journal, made, set() if again else _without_result(folder))
        number = len({path.name[:8] for path in (folder / REQUESTS).glob("round-*.jsonl")}) + 1
        if (first := next(calls, None)) is not None:
            made.files = batch.write(chain([first], calls), folder / REQUESTS / f"round-{number:02}", journal)
    (folder / RESULTS).mkdir(parents=True, exist_ok=True)
    return made


def _ready(jobs: Iterable[Job], tools: Tools, journal: Journal, made: Round, written: set[str]) -> Iterator[Call]:
    """The calls that chains wait for, but those that are written and under way, each once."""
    seen: set[str] = set()
    for job in jobs:
        made.total += 1
        try:
            replay(job, tools, journal.get)
            made.done += 1
        except Missing as missing:
            if missing.name not in seen:
                seen.add(missing.name)
                waits = missing.name in written
                made.waiting += waits
                made.ready += not waits
                if not waits:
                    yield missing.asked.call


def _without_result(folder: Path) -> set[str]:
    """The calls that were written more often than they came back, answered or failed."""
    written, came = (Counter(_names(folder / name)) for name in (REQUESTS, RESULTS))
    return {name for name, count in written.items() if count > came[name]}


def _names(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.jsonl")):
        for _, row in store.json_lines(path):
            yield row.get("custom_id", "")


def _take(folder: Path, journal: Journal, made: Round) -> None:
    """The results that are not in the journal yet."""
    path = folder / READ
    known = (
        manifest.read_object(path, "which results were read", "Remove it: they are read again.")
        if path.is_file()
        else {}
    )
    results = {one.name: one for one in sorted((folder / RESULTS).glob("*.jsonl"))}
    new = [one for name, one in results.items() if known.get(name) != manifest.checksum(one)]
    for one in new:
        read = batch.read(sorted((folder / REQUESTS).glob("*.jsonl")), [one], journal)
        made.answered += read.answered
        made.problems += read.problems
        for cause, count in read.failed.items():
            made.failed[cause] = made.failed.get(cause, 0) + count
    if new:
        told = {name: manifest.checksum(one) for name, one in results.items()}
        manifest.write_bytes(path, json.dumps(told, indent=1).encode() + b"\n")
