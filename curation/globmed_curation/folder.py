"""The folder of a run: one run at a time, one set of settings, and a log of what each shard cost.

DIR/run.json     what the run depends on: settings and inputs; another start with other ones is refused
DIR/log.jsonl    one line a stage and shard: when, seconds, CPU, memory; the only file that differs from run to run
DIR/.lock        held by the process that works here; the system lets go of it when the process dies
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from globmed_tools import manifest
from globmed_tools.errors import GlobmedError

from . import lock
from .work import MADE_BY, Done

RUN, LOG, LOCK = "run.json", "log.jsonl", ".lock"
_NOTHING = {"stage": "nothing", "settings": {}}


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; GlobmedError where another run holds it or it cannot be written."""
    with ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(lock.held(folder / LOCK))
            for draft in folder.rglob("*.part"):  # of a run that was killed; an export clears its own folder
                if draft.is_file():
                    draft.unlink()
        except lock.Busy as other:
            raise GlobmedError(
                f"{folder}: another run works here (process {other}). Wait for it, stop it, or choose another --out."
            ) from None
        except OSError as error:
            raise GlobmedError(
                f"{folder}: cannot be written ({error.strerror}). Free some space or choose another --out."
            ) from None
        yield


def agree(folder: Path, identity: dict[str, Any], steps: list[str], start: str | None, *, redo: bool = True) -> None:
    """Remember what this run depends on, or compare it with what the folder was begun with.

    steps: the folders of the run's stages in order; start: the first of them that is to be redone (`--from`); redo: does
    the command have that option? Settings of stages from there on may differ. GlobmedError says what differs and from where the run would have to be redone.
    """
    told = {"made_by": MADE_BY, **identity}
    path = folder / RUN
    if not path.is_file():
        strangers = [one.name for one in folder.iterdir() if one.name not in (LOCK, LOG)]
        if strangers:
            raise GlobmedError(
                f"{folder}: holds {sorted(strangers)[0]!r} and was not begun by this command. Choose an empty --out."
            )
        _remember(path, told)
        return
    before = told_of(folder)
    place, what = difference(before, told)
    if place is not None:
        first = steps.index(start) if start else len(steps)
        if place < first:
            again = (
                f"Say --from {steps[place].partition('-')[2]} to redo it from there, or choose" if redo else "Choose"
            )
            raise GlobmedError(f"{folder} was begun otherwise: {what}. {again} another --out.")
        _remember(path, told)


def told_of(folder: Path) -> dict[str, Any]:
    """What `agree` remembered; GlobmedError where it is damaged."""
    return manifest.read_object(folder / RUN, "what a run depends on", f"Choose another --out, or remove {folder}.")


def _remember(path: Path, told: dict[str, Any]) -> None:
    manifest.write_bytes(path, json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n")


def difference(before: dict[str, Any], now: dict[str, Any]) -> tuple[int | None, str]:
    """(number of the first step that differs, what differs), or (None, "")."""
    for name in {**before, **now}:
        if name != "steps" and before.get(name) != now.get(name):
            return 0, f"{name} was {_short(before.get(name))}, now {_short(now.get(name))}"
    old, new = before.get("steps", []), now.get("steps", [])
    for number in range(max(len(old), len(new))):
        one = old[number] if number < len(old) else _NOTHING
        other = new[number] if number < len(new) else _NOTHING
        if one["stage"] != other["stage"]:
            return min(number, len(new) - 1), f"stage {number} was {one['stage']}, now {other['stage']}"
        if one.get("code") != other.get("code"):
            return number, f"the code of {other['stage']} is another one than then"
        for key in {**one["settings"], **other["settings"]}:
            if one["settings"].get(key) != other["settings"].get(key):
                values = f"was {_short(one['settings'].get(key))}, now {_short(other['settings'].get(key))}"
                return number, f"{other['stage']}, {key} {values}"
    return None, ""


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def log(folder: Path, done: Done) -> None:
    """Add one line to the log."""
    row = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **asdict(done)}
    try:
        with (folder / LOG).open("ab") as stream:
            stream.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
    except OSError as error:
        raise GlobmedError(
            f"{folder / LOG}: could not be written ({error.strerror}). Free some space and run the same command again."
        ) from None


def costs(folder: Path) -> dict[str, dict[str, float]]:
    """By stage: seconds and cpu (sums over fresh shards), peak_mb (largest process), shards, from the log; a shard that
    was made twice counts with its last time."""
    path, last = folder / LOG, {}
    if path.is_file():
        for line in path.read_bytes().splitlines():
            try:
                row = orjson.loads(line)
            except ValueError:
                continue  # a line that was being written when the run was killed
            if row["fresh"]:
                last[row["stage"], row["shard"]] = row
    total: dict[str, dict[str, float]] = {}
    for (stage, _), row in last.items():
        sums = total.setdefault(stage, {"seconds": 0.0, "cpu": 0.0, "peak_mb": 0.0, "shards": 0})
        sums["seconds"] += row["seconds"]
        sums["cpu"] += row["cpu"]
        sums["peak_mb"] = max(sums["peak_mb"], row["peak_mb"])
        sums["shards"] += 1
    return total


def remove(folder: Path) -> None:
    """Take away a stage's folder, its manifest first, so that what is left never counts as complete."""
    (folder / manifest.NAME).unlink(missing_ok=True)
    if folder.is_dir():
        shutil.rmtree(folder)
