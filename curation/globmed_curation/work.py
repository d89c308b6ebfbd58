"""One worker, one shard: the stages of a segment, one after another, each result on disk before the next begins.

    for done in run(task): ...      # Done("2-split", "medqa-0000", seconds=0.8, cpu=0.8, peak_mb=310, fresh=True)

A shard that is there already, made from the same input with the same settings, is checked and passed over. The entries stay
in memory from one stage to the next; they are read again only where a run goes on after a stop.
"""

from __future__ import annotations

import gc
import resource
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import xxhash

from globmed_tools import __version__, languages, manifest, shards, store
from globmed_tools.entry import Entry
from globmed_tools.errors import GlobmedError

from . import stages
from .plan import Step

MADE_BY = f"globmed {__version__}"
SURVEYS = "survey"


@dataclass(frozen=True, slots=True)
class Work:
    """One stage for this shard: where its output goes, and the plan its `settle` made (None for most stages)."""

    step: Step
    folder: Path
    plan: Any = None


@dataclass(frozen=True, slots=True)
class Task:
    """One shard and what is to be done with it. source: the file of entries that the first stage gets, with its xxh3;
    survey: the stage after these that needs to be told what is in the shard."""

    shard: str
    source: Path
    checksum: str
    works: tuple[Work, ...]
    format: str
    survey: Work | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """One stage of one shard, done. fresh is False where it was there already. cpu in seconds, peak_mb of the process."""

    stage: str
    shard: str
    seconds: float
    cpu: float
    peak_mb: float
    fresh: bool


def key_of(step: Step, source: str, plan: Any = None) -> str:
    """xxh3-64 over all that a stage's output depends on: program, stage, settings, input bytes, plan."""
    told = [MADE_BY, step.identity(), source, plan]
    return xxhash.xxh3_64_hexdigest(orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS))


def run(task: Task) -> list[Done]:
    """Do what is left of a task; the records of what was done, in order."""
    # Entries hold no cycles, and looking for some among hundreds of thousands costs a quarter of the time.
    gc.disable()
    try:
        return list(_run(task))
    finally:
        gc.enable()


def _run(task: Task) -> Iterator[Done]:
    file, checksum = task.source, task.checksum
    entries: list[Entry] | None = None
    for work in task.works:
        key = key_of(work.step, checksum, work.plan)
        record = shards.read_record(work.folder, task.shard)
        started = clock()
        fresh = record is None or record.key != key
        if fresh:
            if entries is None:
                entries = list(store.read_file(file))
            record, entries = _stage(work, task, entries, key)
        else:
            shards.verify(work.folder, record)
            entries = None
        file, checksum = work.folder / record.kept.path, record.kept.xxh3
        yield done(work.step.folder, task.shard, started, fresh)
    if task.survey is not None:
        started = clock()
        fresh = _survey(task, file, checksum, entries)
        yield done(f"{task.survey.step.folder} survey", task.shard, started, fresh)


def _stage(work: Work, task: Task, entries: list[Entry], key: str) -> tuple[shards.Shard, list[Entry]]:
    module = stages.load(work.step.name)
    try:
        if work.plan is None:
            result = module.stage(entries, work.step.config)
        else:
            result = module.stage(entries, work.step.config, work.plan)
    except GlobmedError as error:
        raise GlobmedError(f"{work.step.folder}, {task.shard}: {error}", error.code) from error
    kept, dropped = ordered(result.kept), result.dropped
    left = Counter(_name(one) for one in kept) + Counter(_name(one.entry) for one in dropped)
    if lost := Counter(map(_name, entries)) - left:
        raise RuntimeError(f"{work.step.folder}, {task.shard}: neither kept nor dropped: {list(lost)[:3]}")
    rows = [shards.drop_row(work.step.name, one.entry, one.reason, one.evidence) for one in dropped]
    stats = stages.add_up([result.stats])
    for name, told in result.beside.items():
        lines = b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in told)
        manifest.write_bytes(beside_path(work.folder, name, task.shard), lines)
    record = shards.write_shard(work.folder, task.shard, kept, rows, key=key, format=task.format, stats=stats)
    return record, kept


def beside_path(folder: Path, name: str, shard: str) -> Path:
    """Where a stage's file beside kept/ and dropped/ stands."""
    return folder / name / f"{shard}.jsonl"


def _name(one: Entry) -> tuple[str, str, str]:
    return one.id, one.locator, one.language


def ordered(entries: list[Entry]) -> list[Entry]:
    """Group by group in the order of first appearance; within a group originals first, then by the language table."""
    first: dict[str, int] = {}
    for one in entries:
        first.setdefault(one.group_id, len(first))
    rank = {code: number for number, code in enumerate(languages.codes())}
    return sorted(
        entries,
        key=lambda one: (
            first[one.group_id],
            one.translated_from is not None,
            rank.get(one.language, len(rank)),
            one.language,
        ),
    )


def survey_path(folder: Path, shard: str) -> Path:
    """Where the survey of a shard stands."""
    return folder / SURVEYS / f"{shard}.json"


def read_survey(folder: Path, shard: str) -> dict[str, Any]:
    """{"key", "facts"} of a shard; GlobmedError where the file is damaged."""
    path = survey_path(folder, shard)
    return manifest.read_object(path, "the survey of a shard", "Remove it and run again: this shard is surveyed anew.")


def _survey(task: Task, file: Path, checksum: str, entries: list[Entry] | None) -> bool:
    work = task.survey
    path, key = survey_path(work.folder, task.shard), key_of(work.step, checksum)
    if path.is_file() and read_survey(work.folder, task.shard)["key"] == key:
        return False
    if entries is None:
        entries = list(store.read_file(file))
    facts = stages.load(work.step.name).survey(entries, work.step.config)
    manifest.write_bytes(path, orjson.dumps({"key": key, "facts": facts}))
    return True


def clock() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def done(stage: str, shard: str, started: tuple[float, float], fresh: bool) -> Done:
    seconds, cpu = (now - then for now, then in zip(clock(), started))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Done(stage, shard, round(seconds, 3), round(cpu, 3), round(peak, 1), fresh)
