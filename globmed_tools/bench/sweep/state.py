"""What is done, from lm-eval's own files alone: results_*.json, samples_*.jsonl, and the logs of the attempts.

    state = read(out / "qwen3-8b", model, asked, served)
    state.done        tasks whose results and samples are whole and were made with these settings
    state.failed      {task: "out of GPU memory: ..."} of the last attempt, where nothing was done since
    state.halves      result files whose samples are missing or cut short: a run that was killed while it wrote
    state.others      {file: what differs} for results that other settings made

Nothing else is kept anywhere: take a file away and its task is run again.
"""

from __future__ import annotations

import fcntl
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from . import command
from .roster import Model
from .work import Asked

LOGS = "logs"
HALF = "half_"
#: The lines that the runner writes into a log between those of lm-eval.
MARK = "globmed sweep: "
_MARKED = re.compile(rf"^{MARK}(attempt|failed|interrupted|finished)(?: (\S+))?(?:: (.*))?$", re.M)


@dataclass
class State:
    """See the module's docstring. `interrupted`: the last attempt came neither to its end nor to a failure of the model;
    `running`: that is because it is still at it."""

    done: dict[str, Path] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    halves: list[Path] = field(default_factory=list)
    others: dict[Path, str] = field(default_factory=dict)
    interrupted: bool = False
    running: bool = False
    log: Path | None = None


def read(folder: Path, model: Model, asked: Asked, served: dict[str, str], *, samples: bool = True) -> State:
    """The state of one model's folder, an absent one is empty; `served` says of every task what its data is."""
    state = State()
    wanted = {task: command.settings(model, asked, task, served[task]) for task in asked.tasks}
    for path in sorted(folder.glob("results_*.json")):
        _result(path, wanted, samples, state)
    _attempts(folder, state)
    state.running = state.interrupted and not unlocked(folder / LOGS)
    state.failed = {
        task: cause
        for task in asked.tasks
        if task not in state.done and (cause := state.failed.get(task) or state.failed.get("*"))
    }
    return state


def unlocked(logs: Path) -> bool:
    """False where a sweep holds the folder's lock: its model is being run right now."""
    holder = os.open(logs, os.O_RDONLY)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    finally:
        os.close(holder)
    return True


def _result(path: Path, wanted: dict[str, dict], samples: bool, state: State) -> None:
    try:
        fields = orjson.loads(path.read_bytes())
        tasks = {task: fields["results"][task] for task in fields["configs"]}
    except (ValueError, KeyError, TypeError):
        state.halves.append(path)
        return
    for task in tasks:
        if task not in wanted:
            continue
        if difference := _difference(wanted[task], command.settings_of(fields, task)):
            state.others[path] = difference
        elif samples and not _whole(path, task, fields):
            state.halves.append(path)
        else:
            state.done[task] = path


def is_done(folder: Path, task: str) -> bool:
    """True where the newest result file of a task, whatever its settings, is whole; for a look right after a run."""
    for path in sorted(folder.glob("results_*.json"), reverse=True):
        fields = orjson.loads(path.read_bytes())
        if task in fields.get("configs", {}):
            return _whole(path, task, fields)
    return False


def _difference(wanted: dict, found: dict) -> str:
    parts = [
        f"{name} {_shown(found[name])} instead of {_shown(wanted[name])}"
        for name in wanted
        if wanted[name] != found[name]
    ]
    return ", ".join(parts)


def _shown(value) -> str:
    return orjson.dumps(value).decode() if isinstance(value, (dict, str)) else "none" if value is None else str(value)


def samples_of(result: Path, task: str) -> Path:
    """The sample file that lm-eval wrote beside a result file."""
    return result.with_name(f"samples_{task}_{result.stem.removeprefix('results_')}.jsonl")


def _whole(result: Path, task: str, fields: dict) -> bool:
    """True where the samples end with the last document: lm-eval writes the results first, then the samples in order."""
    path = samples_of(result, task)
    try:
        last = _last_line(path)
        return last is not None and orjson.loads(last)["doc_id"] == fields["n-samples"][task]["effective"] - 1
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _last_line(path: Path) -> bytes | None:
    """The last line of a file that ends with a line break; None for a cut one. Reads from the end, however long the line."""
    with path.open("rb") as stream:
        size, block = stream.seek(0, 2), 1 << 16
        while True:
            start = max(0, size - block)
            stream.seek(start)
            content = stream.read(size - start)
            if not content.endswith(b"\n"):
                return None
            lines = content[:-1].rsplit(b"\n", 1)
            if len(lines) == 2 or start == 0:
                return lines[-1]
            block *= 4


def _attempts(folder: Path, state: State) -> None:
    for path in sorted((folder / LOGS).glob("*.log")):
        state.log, state.interrupted = path, True
        for what, task, detail in _MARKED.findall(path.read_text("utf-8", "replace")):
            if what == "attempt":  # it tried these again: what was said of them before no longer counts
                tried = detail.split()
                state.failed = {one: cause for one, cause in state.failed.items() if one not in (*tried, "*")}
            elif what == "failed":
                state.failed[task] = detail
            if what == "finished" or (what == "failed" and task == "*"):
                state.interrupted = False


def put_aside(state: State) -> list[Path]:
    """Rename the files of half runs, so that no report reads them; returns their new names."""
    moved = []
    for path in dict.fromkeys(state.halves):
        stamp = path.stem.removeprefix("results_")
        for one in (path, *path.parent.glob(f"samples_*_{stamp}.jsonl")):
            moved.append(one.rename(one.with_name(HALF + one.name)))
    return moved
