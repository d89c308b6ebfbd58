"""What is judged: every reply to a long-form item, out of the sample files, in an order of groups.

    found = collect(["results"], Asked(languages=("sw",), limit=50), say=print)
    found.replies[0].model, .task, .group                    what it is
    for reply, text in texts(found.replies): ...             text.question, .reference, .reply (reasoning taken out), ...

Groups come in the order of a hash, a group with all its languages and models together: the first N groups are the same for
everybody, and a run that ends early has judged a random part of the items, in all languages and of all models alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import xxhash

from ... import catalog, languages, manifest
from ...errors import GlobmedError, suggest
from .. import about, gather, runs
from ..build import progress, said

_AT_ONCE = 2000
SEED = 20260105


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply. group: of the item, 32 hex digits; same: 1 for the second item of that group in a task, 2 for the third; place:
    where its line begins in the sample file."""

    model: str
    task: str
    set: str
    language: str
    group: str
    path: Path
    place: int
    same: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """question: as the model read it, without the instructions; reply: without its reasoning, "" where nothing is left."""

    question: str
    reference: str
    reply: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Which replies. tasks: names of sets or tasks; limit: groups of each set; languages, tasks: empty for all."""

    languages: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    limit: int | None = None
    models: Path | None = None
    skip_bad: bool = False
    workers: int = 0


@dataclass(slots=True)
class Found:
    """The replies; groups there were and groups left of each set; files: the sample files with their xxh3-64; roster: what is
    known of the models; problems: what was left out."""

    replies: list[Reply]
    models: list[str]
    groups: dict[str, dict[str, int]]
    files: list[dict[str, str]]
    roster: list[dict[str, Any]]
    described: list[dict[str, Any]]
    problems: list[str]


def collect(paths: Iterable[str], asked: Asked, *, say: Callable[[str], None], quiet: bool = False) -> Found:
    """All replies of the long-form tasks; GlobmedError where there are none, or a file is not what its result file says."""
    roster = about.read(asked.models)
    inputs, name_of = runs.named(paths), lambda file, name: about.name_of(file, name, roster)
    found, problems = runs.find(inputs, name_of, _wanted(asked, longform()))
    # A report names a model by all of its runs; the ones over other tasks may make it one of two variants.
    names = {run.file: run.model for run in runs.find(inputs, name_of, alone=True)[0]}
    found = [replace(run, model=names[run.file]) for run in found]
    with progress("samples", sum(len(run.tasks) for run in found), quiet) as step:
        data, bad = gather.gather(found, workers=asked.workers, done=step)
    problems += bad
    said(problems, asked.skip_bad, say)
    every = [reply for task in data.tasks for reply in _replies(data, task)]
    if not every:
        raise GlobmedError(
            f"no replies to long-form tasks ({', '.join(longform())}) are there to judge. "
            "Name results of runs with --log_samples over these, and check --language and --task."
        )
    kept, groups = _limited(every, asked.limit)
    models = [name for name in data.models if any(one.model == name for one in kept)]
    files = sorted({(one.path.name, one.model, one.task): one.path for one in kept}.items())
    return Found(
        kept,
        models,
        groups,
        [{"name": n, "model": m, "task": t, "xxh3": manifest.checksum(path)} for (n, m, t), path in files],
        roster,
        about.describe(models, found, roster),
        problems,
    )


def longform() -> list[str]:
    """The sets whose items are answered in free text."""
    return [name for name, one in catalog.table().items() if one.form == "longform"]


def _wanted(asked: Asked, sets: list[str]) -> Callable[[str, str], bool]:
    codes = {languages.get(code).code for code in asked.languages}
    known = {f"globmed_{name}_{code}" for name in sets for code in languages.codes()} | set(sets)
    for name in asked.tasks:
        if name not in known:
            raise GlobmedError(
                f"--task {name!r}: no long-form set or task{suggest(name, known)} Sets: {', '.join(sets)}."
            )

    def wanted(name: str, code: str) -> bool:
        named = not asked.tasks or name in asked.tasks or f"globmed_{name}_{code}" in asked.tasks
        return name in sets and named and (not codes or code in codes)

    return wanted


def _replies(data, task: str) -> Iterator[Reply]:
    scores, (_run, one) = data.tasks[task], next(iter(data.used[task].values()))
    if one.kind != "gen":
        return
    groups = [row.tobytes().hex() for row in scores.groups]
    met: dict[str, int] = {}
    same = []
    for group in groups:
        same.append(met.get(group, 0))
        met[group] = same[-1] + 1
    for row, model in enumerate(scores.runs):
        path = data.used[task][model][1].samples
        for item in np.flatnonzero(scores.places[row] >= 0):
            place = int(scores.places[row, item])
            yield Reply(data.models[model], task, one.set, one.language, groups[item], path, place, same[item])


def rank(what: str, group: str) -> float:
    """The place of a group in an order of its own for each `what`: 0 to 1, evenly spread."""
    return xxhash.xxh3_64_intdigest(f"{SEED}|{what}|{group}".encode()) / 2**64


def _limited(every: list[Reply], limit: int | None) -> tuple[list[Reply], dict[str, dict[str, int]]]:
    """The replies of the first groups of each set, in the order in which they are judged."""
    by_set: dict[str, set[str]] = {}
    for one in every:
        by_set.setdefault(one.set, set()).add(one.group)
    chosen = {name: sorted(groups, key=lambda group: rank("order", group))[:limit] for name, groups in by_set.items()}
    kept = {(name, group) for name, groups in chosen.items() for group in groups}
    order = {code: number for number, code in enumerate(languages.codes())}
    replies = [one for one in every if (one.set, one.group) in kept]
    replies.sort(
        key=lambda one: (rank("order", one.group), one.set, one.group, order[one.language], one.same, one.model)
    )
    return replies, {
        name: {"there": len(by_set[name]), "judged": len(groups)} for name, groups in sorted(chosen.items())
    }


def texts(replies: Iterable[Reply]) -> Iterator[tuple[Reply, Text]]:
    """The replies with their texts, in their order; some thousand are in memory at a time, each file opened once for them."""
    source = iter(replies)
    while some := list(islice(source, _AT_ONCE)):
        read: dict[Reply, Text] = {}
        by_file: dict[Path, list[Reply]] = {}
        for one in some:
            by_file.setdefault(one.path, []).append(one)
        for path, here in by_file.items():
            with path.open("rb") as stream:
                for one in sorted(here, key=lambda reply: reply.place):
                    stream.seek(one.place)
                    read[one] = _text(stream.readline(), one)
        yield from ((one, read[one]) for one in some)


def _text(line: bytes, one: Reply) -> Text:
    try:
        row = orjson.loads(line)
        doc, reading = row["doc"], orjson.loads(row["filtered_resps"][0])
        question = doc["shot"].rsplit("\n", 1)[0]  # the last line asks for the answer
        return Text(question, doc["reference"], (reading.get("text") or "").strip())
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise GlobmedError(
            f"{one.path}, byte {one.place}: no reply to a long-form item ({error}). Run {one.task} again."
        ) from None
