"""The folder that `apply` writes: a run like the one reviewed, its stages linked, and the stage N-review behind them.

    source = read(Path("build"))                          # complete, every shard as it was written
    where = begin(source, Path("reviewed"), step)         # reviewed/stages/0-ingest ... linked; reviewed/stages/6-review
    publish(source, Path("reviewed"), where, records, config)        # reviewed/kept, dropped and, last, manifest.json

Where a single stage's folder was reviewed it becomes stages/0-STAGE. Nothing in `build` is changed.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from globmed_tools import manifest, shards
from globmed_tools.errors import GlobmedError

from .. import folder as runs
from .. import pipeline
from ..export import reviews
from ..work import MADE_BY

STAGE = "review"


@dataclass(frozen=True, slots=True)
class Source:
    """What was reviewed. build: the folder that was named, top: its manifest; stages: (name, folder) of its stages in
    order; folder and last: the last of these with its manifest."""

    build: Path
    top: shards.ShardManifest
    stages: tuple[tuple[str, Path], ...]
    last: shards.ShardManifest

    @property
    def folder(self) -> Path:
        return self.stages[-1][1]


def read(build: Path) -> Source:
    """The complete run or stage in a folder; GlobmedError where it is unfinished or a file is not what was written."""
    if not build.is_dir():
        raise GlobmedError(f"{build}: no such folder. Name the --out folder of a run or of a stage.")
    top = shards.read_manifest(build)
    found = sorted((build / pipeline.STAGES).glob("*-*"), key=lambda one: int(one.name.partition("-")[0]))
    stages = tuple((one.name.partition("-")[2], one) for one in found) or ((top.stage, build),)
    last = shards.read_manifest(stages[-1][1])
    for shard in last.shards:
        shards.verify(stages[-1][1], shard)
    for shard in top.shards:
        shards.verify(build, shard)
    return Source(build, top, stages, last)


def may_write(out: Path, build: Path, overwrite: bool) -> None:
    """GlobmedError unless `out` is empty, absent or, with overwrite, a folder that `apply` wrote. Nothing is changed."""
    target, source = out.resolve(), build.resolve()
    if target == source or source in target.parents or target in source.parents:
        raise GlobmedError(f"{out} and {build} lie in each other. Choose an --out beside the build.")
    if out.exists() and not out.is_dir():
        raise GlobmedError(f"{out}: is a file. Choose another --out.")
    if not out.is_dir() or all(one.name == runs.LOCK for one in out.iterdir()):
        return
    steps = runs.told_of(out).get("steps", []) if (out / runs.RUN).is_file() else []
    if not steps or steps[-1].get("stage") != STAGE:
        raise GlobmedError(f"{out}: is not empty, and not written by this command. Choose another --out.")
    if not overwrite:
        raise GlobmedError(f"{out}: holds an earlier result. Say --overwrite to replace it, or choose another --out.")


def clear(out: Path) -> None:
    """Remove what `apply` wrote, the manifest first, so that what is half gone never looks complete."""
    (out / manifest.NAME).unlink(missing_ok=True)
    shutil.rmtree(out / pipeline.STAGES, ignore_errors=True)
    for kind in (shards.KEPT, shards.DROPPED):
        shutil.rmtree(out / kind, ignore_errors=True)


def begin(source: Source, out: Path, step: dict[str, Any]) -> Path:
    """Write run.json, link the stages of the source, and return the folder of the new stage."""
    out.mkdir(parents=True, exist_ok=True)
    told = runs.told_of(source.build) if (source.build / runs.RUN).is_file() else {"made_by": MADE_BY}
    steps = told.get("steps", [])
    if len(steps) != len(source.stages):
        steps = [{"stage": name, "settings": shards.read_manifest(at).config} for name, at in source.stages]
    told = {**told, "steps": [*steps, step]}
    manifest.write_bytes(out / runs.RUN, json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n")
    if (source.build / runs.LOG).is_file():
        manifest.write_bytes(out / runs.LOG, (source.build / runs.LOG).read_bytes())
    for number, (name, where) in enumerate(source.stages):
        target = out / pipeline.STAGES / f"{number}-{name}"
        for kind in (shards.KEPT, shards.DROPPED, shards.RECORDS):
            for file in sorted((where / kind).glob("*")):
                _link(file, target / kind / file.name)
        for name in (reviews.NAME, manifest.NAME):
            if (where / name).is_file():
                _link(where / name, target / name)
    return out / pipeline.STAGES / f"{len(source.stages)}-{STAGE}"


def publish(source: Source, out: Path, where: Path, records: list[shards.Shard], config: dict[str, Any]) -> None:
    """The run's own kept/ and dropped/ (all that any stage dropped) and its manifest, written last."""
    earlier = {one.name: one for one in source.top.shards}
    published = []
    for one in records:
        kept = out / one.kept.path
        _link(where / one.kept.path, kept)
        rows = list(shards.read_dropped(source.build / earlier[one.name].dropped.path))
        rows += shards.read_dropped(where / one.dropped.path)
        dropped = shards.write_rows(out, shards.DROPPED, one.name, rows, kept.suffix.lstrip("."))
        published.append(shards.Shard(one.name, "", one.kept, dropped, shards.reasons(rows)))
    done = shards.ShardManifest(
        stage="run",
        config={**source.top.config, STAGE: config},
        inputs=source.top.inputs,
        shards=tuple(published),
        stats={},
        made_by=MADE_BY,
    )
    shards.write_manifest(out, done)


def _link(source: Path, target: Path) -> None:
    """A hard link where the disk knows them, else a copy. Whoever rewrites a file of a run makes a new one (manifest.py)."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise GlobmedError(
            f"{target}: could not be written ({error.strerror}). Free some space or choose another folder."
        ) from None
