"""What deduplication found, as files beside each other: see deduplicate.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from ..dedup import HOW, Found
from . import files, pieces
from .gathering import Gathered, Part, taken

_EXAMPLES = 10
_BATCH = 1000


@dataclass
class Verdict:
    """One number a row, over all files, as in dedup.Found. like: pairs for a person to look at."""

    kept_row: np.ndarray
    similarity: np.ndarray
    how: np.ndarray
    like: int = 0

    @classmethod
    def empty(cls, rows: int) -> Verdict:
        return cls(np.full(rows, -1, np.int64), np.ones(rows, np.float32), np.zeros(rows, np.uint8))

    def add(self, part: Part, found: Found) -> None:
        goes = np.flatnonzero(found.of >= 0)
        rows = part.rows[goes]
        self.kept_row[rows] = part.rows[found.of[goes]]
        self.similarity[rows], self.how[rows] = found.similarity[goes], found.how[goes]

    @property
    def kept(self) -> int:
        return int((self.kept_row < 0).sum())

    def reasons(self) -> dict[str, int]:
        """{"identical": n, "folded": n, "near": n}: how the dropped rows are like those that stay."""
        counts = np.bincount(self.how, minlength=len(HOW)).tolist()
        return dict(zip(HOW[1:], counts[1:]))


@contextmanager
def likes(out: Path | None) -> Iterator[Callable[[bytes], Any] | None]:
    """Where pairs for a person go."""
    if out is None:
        yield None
        return
    with files.lines_writer(out / "like" / "pairs.jsonl") as write:
        yield write


def write_likes(part: Part, found: Found, gathered: Gathered, verdict: Verdict, write: Callable | None) -> None:
    """The pairs of one part of which both stay, language by language, in the order of the files."""
    apart = found.apart
    both = np.flatnonzero((found.of[apart.first] < 0) & (found.of[apart.second] < 0))
    one, other = part.rows[apart.first[both]], part.rows[apart.second[both]]
    both = both[np.lexsort((np.maximum(one, other), np.minimum(one, other), part.kinds[apart.first[both]]))]
    verdict.like += len(both)
    if write is None:
        return
    for start in range(0, len(both), _BATCH):
        some = both[start : start + _BATCH]
        sides = [_side(part, places[some], gathered) for places in (apart.first, apart.second)]
        for pair, first, second in zip(some.tolist(), *sides, strict=True):
            told = {"similarity": round(float(apart.similarity[pair]), 4), "differs": apart.names(pair)}
            write(pieces.line({**told, "first": first, "second": second}))


def _side(part: Part, places: np.ndarray, gathered: Gathered) -> list[dict[str, Any]]:
    """{"row", "id", and the texts} of some rows of a part."""
    texts = [taken(column, places).to_pylist() for column in part.columns]
    found = []
    for row, *said in zip(part.rows[places].tolist(), *texts, strict=True):
        names = _named(gathered, row)
        found.append(names | {"texts": dict(zip(gathered.plan.texts, said, strict=True))})
    return found


def _named(gathered: Gathered, row: int, name: str = "row") -> dict[str, Any]:
    named = {name: gathered.place(row)}
    return named if gathered.ids is None else {**named, "id": gathered.id_of(row)}


def write(gathered: Gathered, verdict: Verdict, out: Path | None, tick: Callable[[int], None]) -> list[dict[str, Any]]:
    """kept/ and dropped/, and the first of the dropped as examples."""
    examples: list[dict[str, Any]] = []
    dropped = np.flatnonzero(verdict.kept_row >= 0)
    for row in dropped[np.argsort(verdict.how[dropped] != HOW.index("near"), kind="stable")][:_EXAMPLES].tolist():
        examples.append({**_named(gathered, row), **_evidence(gathered, verdict, row)})
    if out is not None:
        for number, source in enumerate(gathered.sources):
            _file(source, int(gathered.bounds[number]), gathered, verdict, out, tick)
    return examples


def _file(source: files.Source, start: int, gathered: Gathered, verdict: Verdict, out: Path, tick: Callable) -> None:
    with ExitStack() as stack:
        keep = stack.enter_context(source.writer(out / "kept"))
        drop = stack.enter_context(files.lines_writer(out / "dropped" / source.lines_name))
        for piece in source.pieces():
            goes = verdict.kept_row[start : start + len(piece)] >= 0
            keep(piece, ~goes)
            for place, fields in piece.some(np.flatnonzero(goes)):
                row = start + place
                told = {**_named(gathered, row), "reason": "duplicate", "evidence": _evidence(gathered, verdict, row)}
                drop(b'%s,"fields":%s}\n' % (orjson.dumps(told)[:-1], fields))
            start += len(piece)
            tick(len(piece))


def _evidence(gathered: Gathered, verdict: Verdict, row: int) -> dict[str, Any]:
    kept = int(verdict.kept_row[row])
    named = {"kept": gathered.place(kept)} | ({} if gathered.ids is None else {"kept_id": gathered.id_of(kept)})
    return {**named, "similarity": round(float(verdict.similarity[row]), 4), "kind": HOW[verdict.how[row]]}
