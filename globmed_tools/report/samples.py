"""Sample files -> columns. One task at a time, all runs of it, each file read once from start to end.

    read_task("globmed_medqa_sw", [Source(0, Path("samples_...jsonl"), 1273, {"acc": 0.41})])
    -> TaskScores(groups=(items, 16) bytes, scores={"acc": (runs, items) float32, NaN where a run lacks an item}, ...)

The item itself (its number of options) is parsed once, when it is first met. Everything read is held against the result file: as many lines as it
counts documents, and the same mean.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .lines import Heads, Parts, Tails, options, whole

#: The filter whose reading our tasks score, by kind.
FILTERS = {"gen": "extract", "ll": "none"}
#: How far a mean of the samples may be from the result file's; both are means of the same numbers.
CLOSE = 1e-6
#: Bytes read at once: a line is some 2,500, and reading them three at a time is mostly calls.
_BUFFER = 1 << 20


class Alone(NamedTuple):
    """What a result file alone says of a task: items, and mean and standard error by metric."""

    n: int
    scores: dict[str, float]
    errors: dict[str, float]


class Source(NamedTuple):
    """The samples of one run: index of the run, file, lines expected, and the result file's scores."""

    run: int
    path: Path
    n: int
    scores: dict[str, float]


@dataclass
class TaskScores:
    """All runs of one task. Items are told apart by content id; a text met twice in a file counts as two items.

    ids, groups     (items, 16) uint8: content id, and the id that is the same in every language
    options         (items,) uint8, 0 for long form
    runs            index of the run in each row of `scores` and `places`
    scores          metric -> (runs, items) float32 in 0 to 1, NaN where the run has no such item
    places          (runs, items) int64: where the line begins in the run's file, -1 where there is none
    other_prompts   run -> items that were asked with another prompt than in the first run that has them
    alone           run -> its means, of runs without samples; these have no row
    """

    task: str
    ids: np.ndarray
    groups: np.ndarray
    options: np.ndarray
    runs: list[int]
    scores: dict[str, np.ndarray]
    places: np.ndarray
    other_prompts: dict[int, int]
    problems: list[str]
    alone: dict[int, Alone] = field(default_factory=dict)

    @property
    def models(self) -> list[int]:
        """Indices of all runs, with samples or without."""
        return [*self.runs, *self.alone]

    def measures(self, metric: str) -> bool:
        """Whether any run has this metric."""
        return metric in self.scores or any(metric in one.scores for one in self.alone.values())


class _Bad(Exception):
    """A sample file that cannot be used; the message says which line and why."""


class _Items:
    """The items of one task, in the order in which they were first met."""

    def __init__(self):
        self.index: dict[bytes, int] = {}
        self.ids: list[bytes] = []
        self.groups: list[bytes] = []
        self.prompts: list[int] = []
        self.options: list[int] = []
        self.heads = Heads()

    def find(self, line: bytes, parts: Parts) -> tuple[int, bool]:
        """The item of a line that was parsed whole, a new one for a new text; whether its prompt is another than the item's."""
        index = self.index.get(parts.id)
        if index is None:
            index = self.add(parts.id, parts.group, parts.prompt, options(line))
        other = parts.prompt != self.prompts[index]
        if not other:
            self.heads.add(line, index)
        return index, other

    def add(self, key: bytes, group: bytes, prompt: int, options: int) -> int:
        self.ids.append(_id(key))
        self.groups.append(_id(group))
        self.index[key] = len(self.groups) - 1
        self.prompts.append(prompt)
        self.options.append(options)
        return self.index[key]

    def again(self, key: bytes, index: int) -> int:
        """A further item with the text of an earlier one."""
        for column in (self.ids, self.groups, self.prompts, self.options):
            column.append(column[index])
        self.index[key] = len(self.groups) - 1
        return self.index[key]

    def forget(self, count: int, heads: int) -> None:
        """Keep the first `count` items and `heads` alone: what a file that cannot be used has brought is no item of the task."""
        self.heads.forget(heads)
        for key in list(self.index)[count:]:
            del self.index[key]
        for column in (self.ids, self.groups, self.prompts, self.options):
            del column[count:]


def read_task(task: str, kind: str, sources: Iterable[Source]) -> TaskScores:
    """The scores of every run of one task. Runs whose file cannot be used are named in `problems` and left out."""
    items, rows, problems = _Items(), [], []
    for source in sources:
        known = len(items.groups), len(items.heads)
        try:
            rows.append((source.run, *_read(source, FILTERS[kind], items)))
        except _Bad as error:
            items.forget(*known)
            problems.append(f"{source.path}: {error}")
        except OSError as error:
            items.forget(*known)
            problems.append(
                f"{source.path}: cannot be read ({error.strerror or error}). Mend the file or run the task again."
            )
    count = len(items.groups)
    metrics = list(dict.fromkeys(name for row in rows for name in row[2]))
    scores = {name: np.full((len(rows), count), np.nan, np.float32) for name in metrics}
    places = np.full((len(rows), count), -1, np.int64)
    for number, (_run, found, values, where, _others) in enumerate(rows):
        places[number, found] = where
        for name, column in values.items():
            scores[name][number, found] = column
    return TaskScores(
        task=task,
        ids=_bytes(items.ids),
        groups=_bytes(items.groups),
        options=np.array(items.options, np.uint8),
        runs=[row[0] for row in rows],
        scores=scores,
        places=places,
        other_prompts={row[0]: row[4] for row in rows if row[4]},
        problems=problems,
    )


def _bytes(values: list[bytes]) -> np.ndarray:
    return np.frombuffer(b"".join(values), np.uint8).reshape(len(values), 16)


def _read(source: Source, filtered: str, items: _Items):
    """(item indices, {metric: column}, places, items with another prompt) of one file; _Bad where it is not whole."""
    found, codes, lengths, passed, heads, tails = [], [], [], [], items.heads, Tails()
    heads.start()
    others, metrics = 0, None
    with source.path.open("rb", buffering=_BUFFER) as stream:
        for line in stream:
            lengths.append(len(line))
            index, code = heads.next(line), tails.place(line)
            if index < 0 or code < 0:
                try:
                    parts = whole(line)
                    if parts.scores.filter != filtered:
                        passed.append(len(lengths) - 1)
                        continue
                    if metrics not in (None, parts.scores.metrics):
                        raise ValueError(f"scores {', '.join(parts.scores.metrics)} after {', '.join(metrics)}")
                    metrics, code = parts.scores.metrics, tails.add(line, parts.scores)
                    if index < 0:
                        index, other = items.find(line, parts)
                        others += other
                except (ValueError, KeyError, TypeError, AttributeError) as error:
                    raise _Bad(f"line {len(lengths)}: {_what(line)} ({_short(error)}). Run the task again.") from None
            found.append(index)
            codes.append(code)
    values = np.array(tails.values, np.float64).reshape(len(tails.values), len(metrics or ()))[codes]
    _held_against(source, metrics or (), values, filtered)
    columns = {name: values[:, place].astype(np.float32) for place, name in enumerate(metrics)}
    places = np.cumsum([0, *lengths], dtype=np.int64)[:-1]
    return _apart(found, items), columns, np.delete(places, passed), others


def _what(line: bytes) -> str:
    return "not a line that lm-eval writes for our tasks" if line.endswith(b"\n") else "the file is cut off"


def _apart(found: list[int], items: _Items) -> np.ndarray:
    """The items' indices, a text that is met again being an item of its own."""
    indices = np.array(found, np.int64)
    if len(np.unique(indices)) == len(indices):
        return indices
    keys, times = list(items.index), {}
    for place, index in enumerate(found):
        times[index] = again = times.get(index, 0) + 1
        if again > 1:
            key = b"%b#%d" % (keys[index], again)
            indices[place] = items.index[key] if key in items.index else items.again(key, index)
    return indices


def _held_against(source: Source, metrics: tuple[str, ...], values: np.ndarray, filtered: str) -> None:
    """_Bad unless the samples are those that the result file was made from."""
    n = len(values)
    if n != source.n:
        hint = f" (lines of the filter {filtered!r} count)" if not n else ""
        raise _Bad(
            f"{n:,} samples where the result file counts {source.n:,}{hint}: cut off, or written twice. Run the task again."
        )
    if not ((values >= 0) & (values <= 1)).all():
        raise _Bad("a score outside 0 to 1. Run the task again.")
    for name, mean in zip(metrics, values.mean(axis=0)):
        told = source.scores.get(name)
        if told is None or not abs(mean - told) <= CLOSE:
            raise _Bad(f"mean {name} {mean:.4f} where the result file says {told}: not the samples of that run.")


def _id(digits: bytes) -> bytes:
    found = bytes.fromhex(digits.decode())
    if len(found) != 16:
        raise ValueError(f"{digits.decode()!r} is no id of 32 hex digits")
    return found


def _short(error: Exception) -> str:
    return f"no {error.args[0]!r}" if isinstance(error, KeyError) else str(error).splitlines()[0][:120]
