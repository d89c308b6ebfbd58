"""Where entries come from: source sets read by their adapters, or files of entries; both become shards of whole groups.

    inputs = ingest(plan, out, out / "stages/0-ingest", engine)       # medqa-0000, medqa-0001, headqa-0000, ...

A shard holds whole groups (an item in every language), chosen by the hash of the group_id. How many shards a set has
depends on its number of groups alone, so that the same files always make the same shards. `sets/SET.json`, written after
the shards of a set, holds the hashes of its source files: a source that has changed since is an error, never a mixture.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
import xxhash

from globmed_tools import manifest, shards, store
from globmed_tools.entry import Entry
from globmed_tools.errors import GlobmedError

from . import ingest as ingestion
from . import stages, work
from .code import fingerprint
from .engines import Engine
from .plan import Plan, Source
from .work import MADE_BY, Done

SETS = "sets"


@dataclass(frozen=True, slots=True)
class Input:
    """One shard as a stage gets it: its name, its file, the file's xxh3 and rows."""

    shard: str
    file: Path
    checksum: str
    rows: int


def input_of(folder: Path, shard: shards.Shard) -> Input:
    """A shard that stands in `folder`, as the next stage gets it."""
    return Input(shard.name, folder / shard.kept.path, shard.kept.xxh3, shard.kept.rows)


@dataclass(frozen=True, slots=True)
class SetTask:
    """One source set to be read. languages: those that are wanted; told: what else its shards depend on."""

    source: Source
    files: tuple[Path, ...]
    folder: Path
    languages: tuple[str, ...]
    limit: int | None
    groups: int
    format: str
    key: str


def source_files(plan: Plan, source: Source) -> list[Path]:
    """The files of a source set, in the order in which they are read; GlobmedError where there are none."""
    return ingestion.source_files(source.set, [plan.root / path for path in source.paths], source.options)


def ingest(plan: Plan, out: Path, folder: Path, engine: Engine) -> list[Input]:
    """Read every source set of the plan into shards below `folder`; sets that are there already are only checked."""
    tasks = [_task(plan, source, folder) for source in plan.sources]
    if any(not _set_path(folder, task.source.set).is_file() for task in tasks):
        (out / manifest.NAME).unlink(missing_ok=True)
    engine.all("ingest", ingest_set, tasks, out)
    told = [_told(folder, task.source.set) for task in tasks]
    inputs = [{"set": one["set"], **file} for one in told for file in one["files"]]
    stats = {"skipped": {one["set"]: one["skipped"] for one in told if one["skipped"]}}
    return _finish(folder, [name for one in told for name in one["shards"]], inputs, stats, "ingest")


def _task(plan: Plan, source: Source, folder: Path) -> SetTask:
    files = tuple(source_files(plan, source))
    wanted = tuple(dict.fromkeys((plan.pivot, *plan.languages)))
    told = [MADE_BY, fingerprint("ingest"), asdict(source), wanted, plan.limit, plan.shard_groups, plan.format]
    return SetTask(
        source=source,
        files=files,
        folder=folder,
        languages=wanted,
        limit=plan.limit,
        groups=plan.shard_groups,
        format=plan.format,
        key=xxhash.xxh3_64_hexdigest(orjson.dumps(told)),
    )


def _set_path(folder: Path, name: str) -> Path:
    return folder / SETS / f"{name}.json"


def _told(folder: Path, name: str) -> dict[str, Any]:
    path = _set_path(folder, name)
    return manifest.read_object(path, "what was read of a set", "Remove it and run again: this set is read anew.")


def ingest_set(task: SetTask) -> list[Done]:
    """Read one set and write its shards, unless that is done."""
    started = work.clock()
    if _there(task):
        return [work.done("0-ingest", task.source.set, started, False)]
    found = ingestion.collect(task.source.set, list(task.files), **task.source.options, limit=task.limit)
    kept = [one for one in found.kept if one.language in task.languages]
    skipped = Counter(one.reason for one in found.skipped for _ in range(one.count))
    if len(kept) < len(found.kept):
        skipped["language_not_chosen"] += len(found.kept) - len(kept)
    rows = [_drop_row(task.source.set, one) for one in found.dropped if one.language in task.languages]
    names = _write(task.folder, task.source.set, kept, rows, task.key, task.groups, task.format)
    told = {
        "set": task.source.set,
        "key": task.key,
        "files": list(found.inputs),
        "skipped": dict(sorted(skipped.items())),
        "shards": names,
    }
    manifest.write_bytes(_set_path(task.folder, task.source.set), orjson.dumps(told, option=orjson.OPT_INDENT_2))
    return [work.done("0-ingest", task.source.set, started, True)]


def _there(task: SetTask) -> bool:
    """Whether the set's shards stand already, each as it was written; GlobmedError where its source files differ."""
    path = _set_path(task.folder, task.source.set)
    if not path.is_file():
        return False
    told = _told(task.folder, task.source.set)
    now = ingestion.checksums(task.source.set, task.files, task.source.options)
    before = {file["name"]: file["xxh3"] for file in told["files"]}
    if now != before:
        changed = sorted(name for name in {**now, **before} if now.get(name) != before.get(name))
        raise GlobmedError(
            f"{task.source.set}: {changed[0]} is not what it was when this run began. Put the old file back, say "
            "--from ingest to build anew from the files as they are, or choose another --out."
        )
    if told["key"] != task.key:
        return False
    for name in told["shards"]:
        record = shards.read_record(task.folder, name)
        if record is None:
            return False
        shards.verify(task.folder, record)
    return True


def _drop_row(name: str, drop: Any) -> dict[str, Any]:
    return {
        "stage": "ingest",
        "reason": drop.reason,
        "evidence": drop.evidence,
        "id": None,
        "group_id": None,
        "set": name,
        "language": drop.language,
        "split": drop.split,
        "locator": drop.locator,
        "entry": None,
    }


def _write(
    folder: Path, name: str, kept: list[Entry], dropped: list[dict[str, Any]], key: str, groups: int, format: str
) -> list[str]:
    """Shards of whole groups; what was dropped at reading stands in the first."""
    count = max(1, -(-len({one.group_id for one in kept}) // groups))
    parts: list[list[Entry]] = [[] for _ in range(count)]
    for one in kept:
        parts[int(one.group_id[:8], 16) % count].append(one)
    names = [f"{name}-{number:04}" for number in range(count)]
    for number, (shard, part) in enumerate(zip(names, parts)):
        stats = {"kept": {}}
        for one in part:
            splits = stats["kept"].setdefault(one.language, {})
            splits[one.split] = splits.get(one.split, 0) + 1
        shards.write_shard(
            folder, shard, work.ordered(part), dropped if number == 0 else [], key=key, format=format, stats=stats
        )
    return names


def _finish(
    folder: Path, names: list[str], inputs: list[dict[str, Any]], stats: dict[str, Any], stage: str
) -> list[Input]:
    records = [shards.read_record(folder, name) for name in names]
    done = shards.ShardManifest(
        stage=stage,
        config={},
        inputs=tuple(inputs),
        shards=tuple(records),
        stats=stages.add_up([*(one.stats for one in records), stats]),
        made_by=f"{MADE_BY}, code {fingerprint('ingest')}",
    )
    if not done.kept:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in done.reasons.items()) or "nothing was found"
        raise GlobmedError(f"{stage}: no usable entry in the sources ({reasons}). See {folder / shards.DROPPED}.")
    shards.write_manifest(folder, done)
    return [input_of(folder, one) for one in records]


def collect(
    files: list[Path], folder: Path, engine: Engine, *, groups: int, where: Path, limit: int | None = None
) -> list[Input]:
    """Files of entries as shards of whole groups, one set after the other; GlobmedError where there are no entries. limit:
    only the groups that come first, so many."""
    key = xxhash.xxh3_64_hexdigest(orjson.dumps([MADE_BY, groups, limit, [manifest.checksum(file) for file in files]]))
    if (folder / manifest.NAME).is_file():
        done = shards.read_manifest(folder)
        if all(one.key == key for one in done.shards):
            return inputs_of(folder)
    sets: dict[str, list[Entry]] = {}
    first: set[str] = set()
    for file in files:
        for one in store.read_file(file):
            if limit is None or one.group_id in first or len(first) < limit:
                first.add(one.group_id)
                sets.setdefault(one.source, []).append(one)
    names = []
    for name in sorted(sets):
        names += _write(folder, name, sets.pop(name), [], key, groups, "jsonl")
    if not names:
        raise GlobmedError(f"{', '.join(file.name for file in files) or 'the input'}: no entries. Check the input.")
    return _finish(folder, names, [], {}, "input")


def inputs_of(path: Path) -> list[Input]:
    """The kept shards of a complete folder, each checked."""
    found = []
    for one in shards.read_manifest(path).shards:
        shards.verify(path, one)
        found.append(input_of(path, one))
    return found
