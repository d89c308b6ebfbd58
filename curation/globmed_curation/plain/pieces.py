"""Some neighbouring rows of a file, as Python sees them and as the bytes they are.

piece.rows()[0].locator                                  # "sft.jsonl.zst:1"; of Parquet "chat.parquet#1"
piece.lines(np.array([True, False]))                     # the bytes of some rows as JSON lines
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from globmed_tools.errors import GlobmedError

from ..sources.rows import Row, as_row

_BOM = b"\xef\xbb\xbf"


class Piece:
    """Some neighbouring rows of a file. numbers: the line or item of each, from 1."""

    name: str
    numbers: np.ndarray

    def __len__(self) -> int:
        return len(self.numbers)

    def rows(self) -> list[Row]:
        """Each row as Python sees it."""
        raise NotImplementedError

    def lines(self, mask: np.ndarray) -> bytes:
        """Some rows as JSON lines."""
        return b"".join(fields + b"\n" for _, fields in self.some(np.flatnonzero(mask)))

    def some(self, places: np.ndarray) -> Iterator[tuple[int, bytes]]:
        """(place, the row as JSON) of some rows."""
        found = self.rows() if len(places) else []
        return ((place, line(found[place].fields)[:-1]) for place in places.tolist())


class Lines(Piece):
    """Complete lines of JSONL: row i is data[starts[i] : ends[i]]."""

    def __init__(self, path: Path, data: bytes, first: int):
        self.name, self.path, self.data = path.name, path, data
        codes = np.frombuffer(data, np.uint8)
        ends = np.flatnonzero(codes == 10)
        if not data.endswith(b"\n"):
            ends = np.append(ends, len(data))
        starts = np.concatenate(([0], ends[:-1] + 1))
        if first == 1 and data.startswith(_BOM):
            starts[0] = len(_BOM)
        blank = np.flatnonzero((ends - starts < 8) | (codes[np.minimum(starts, len(data) - 1)] <= 32))
        empty = [at for at in blank.tolist() if not data[starts[at] : ends[at]].strip()]
        self.lines_here = len(ends)
        self.numbers = np.delete(np.arange(first, first + len(ends)), empty)
        self.starts, self.ends = np.delete(starts, empty), np.delete(ends, empty)

    def rows(self) -> list[Row]:
        return self._rows

    @cached_property
    def _rows(self) -> list[Row]:
        found = []
        for number, start, end in zip(self.numbers.tolist(), self.starts.tolist(), self.ends.tolist()):
            where = f"{self.path}, line {number}"
            try:
                item = orjson.loads(self.data[start:end])
            except orjson.JSONDecodeError as error:
                raise GlobmedError(f"{where}: not valid JSON ({error.msg}). Mend that line or take it out.") from None
            found.append(as_row(item, f"{self.name}:{number}", where))
        return found

    def lines(self, mask: np.ndarray) -> bytes:
        wanted = np.flatnonzero(mask)
        if not len(wanted):
            return b""
        cuts = np.flatnonzero((np.diff(wanted) != 1) | (self.starts[wanted[1:]] != self.ends[wanted[:-1]] + 1)) + 1
        runs = np.concatenate(([0], cuts)), np.concatenate((cuts, [len(wanted)]))
        view = memoryview(self.data)
        parts = []
        for start, end in zip(*(run.tolist() for run in runs)):
            parts += [view[self.starts[wanted[start]] : self.ends[wanted[end - 1]]], b"\n"]
        return b"".join(parts)

    def some(self, places: np.ndarray) -> Iterator[tuple[int, bytes]]:
        starts, ends = self.starts[places].tolist(), self.ends[places].tolist()
        return ((place, self.data[start:end].strip()) for place, start, end in zip(places.tolist(), starts, ends))


class Batch(Piece):
    """Rows of Parquet: a table."""

    def __init__(self, path: Path, table: Any, first: int):
        self.name, self.path, self.table = path.name, path, table
        self.numbers = np.arange(first, first + len(table))

    def rows(self) -> list[Row]:
        return [
            Row(item, f"{self.name}#{number}", f"{self.path}, item {number}")
            for number, item in zip(self.numbers.tolist(), self.table.to_pylist())
        ]

    def some(self, places: np.ndarray) -> Iterator[tuple[int, bytes]]:
        found = self.table.take(places).to_pylist()
        return ((place, line(fields)[:-1]) for place, fields in zip(places.tolist(), found))


class Some(Piece):
    """Rows that are Python objects already."""

    def __init__(self, path: Path, found: list[Row], first: int):
        self.name, self.path, self._found = path.name, path, found
        self.numbers = np.arange(first, first + len(found))

    def rows(self) -> list[Row]:
        return self._found


def line(value: Any) -> bytes:
    """A JSON line; bytes, which JSON has not, in base64, and what else it has not as text."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_APPEND_NEWLINE)


def _plain(value: Any) -> Any:
    from base64 import b64encode

    return {"base64": b64encode(value).decode()} if isinstance(value, bytes) else str(value)
