"""What a report is made from: the complete stages of a run, or the one stage of a folder, each checked.

run = open_folder(Path("build"))
run.complete, [stage.name for stage in run.stages], run.planned       # True, ["ingest", "normalize", ...], the same
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from globmed_tools import languages, manifest, shards
from globmed_tools.errors import GlobmedError

#: Said where an item has no language (a source line that could not be read).
UNKNOWN = "?"
_STAGES, _RUN = "stages", "run.json"


@dataclass(frozen=True, slots=True)
class Stage:
    """One complete stage: its place in the run, its folder and its manifest."""

    number: int
    name: str
    folder: Path
    manifest: shards.ShardManifest

    @property
    def slug(self) -> str:
        return f"{self.number}-{self.name}"


@dataclass(frozen=True, slots=True)
class Run:
    """A folder to report on. told: its run.json ({} where there is none); planned: the stages that it is to have."""

    folder: Path
    told: dict[str, Any]
    stages: tuple[Stage, ...]
    planned: tuple[str, ...]
    complete: bool

    @property
    def last(self) -> Stage:
        return self.stages[-1]

    @property
    def single(self) -> bool:
        """Whether this is the folder of one stage, not of a run."""
        return self.last.folder == self.folder


def open_folder(folder: Path) -> Run:
    """The run in a folder; GlobmedError where there is none, no stage of it is complete, or a shard is not what it was."""
    folder = Path(folder)
    if not folder.is_dir():
        raise GlobmedError(f"{folder}: no such folder. Name the --out folder of a run or of a stage.")
    told = _told(folder / _RUN)
    planned = tuple(step["stage"] for step in told.get("steps", ()))
    inner = folder / _STAGES
    if inner.is_dir():
        stages = [
            Stage(number, where.name.partition("-")[2], where, _checked(where)) for number, where in _numbered(inner)
        ]
        if not stages:
            raise GlobmedError(f"{folder}: no stage is complete yet. Give the `run` command again and wait for one.")
        complete = (folder / manifest.NAME).is_file()
    else:
        done = _checked(folder)
        stages, complete = [Stage(1, done.stage, folder, done)], True
    return Run(folder, told, tuple(stages), planned or tuple(stage.name for stage in stages), complete)


def _told(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return orjson.loads(path.read_bytes())
    except ValueError as error:
        raise GlobmedError(f"{path}: damaged ({error}). Put it back, or make the folder again.") from None


def _numbered(inner: Path) -> list[tuple[int, Path]]:
    """(number, folder) of the complete stages, up to the first that is not."""
    found = []
    for where in sorted(inner.glob("[0-9]*-*"), key=lambda one: int(one.name.partition("-")[0])):
        if not (where / manifest.NAME).is_file():
            break
        found.append((int(where.name.partition("-")[0]), where))
    return found


def _checked(folder: Path) -> shards.ShardManifest:
    done = shards.read_manifest(folder)
    for shard in done.shards:
        shards.verify(folder, shard)
    return done


def in_order(codes: Iterable[str]) -> list[str]:
    """Language codes in the order of the language table, others after them, `UNKNOWN` last."""
    rank = {code: number for number, code in enumerate(languages.codes())}
    return sorted(set(codes), key=lambda code: (code == UNKNOWN, rank.get(code, len(rank)), code))
