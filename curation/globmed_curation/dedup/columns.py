"""Columns of texts, of Arrow or of Python, as the kernels take them, without a copy of what lies in memory already.

>>> some = Columns([pa.chunked_array([["a", "b"], ["c"]]), ["d", None, "e"]])
>>> len(some), [some.take(np.array([0, 2])).string(n) for n in range(4)]        # record by record
(3, ['a', 'd', 'c', 'e'])
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from .texts import Texts, blocks, encoded


class _Block(NamedTuple):
    """A run of records of one column: their bytes, where each begins and the last ends; nulls: which have no text, or None."""

    data: np.ndarray
    offsets: np.ndarray
    nulls: np.ndarray | None

    def texts(self, rows: np.ndarray | slice) -> Texts:
        starts, ends = self.offsets[:-1][rows].astype(np.int64), self.offsets[1:][rows].astype(np.int64)
        if self.nulls is not None:
            ends = np.where(self.nulls[rows], starts, ends)
        return Texts(self.data, starts, ends)


class Columns:
    """Columns of one length. ValueError where they are not, or hold anything but strings."""

    def __init__(self, columns: Sequence[Any]):
        self._columns = [_blocks(one) for one in columns]
        bounds = [np.cumsum([0, *(len(block.offsets) - 1 for block in one)]) for one in self._columns]
        sizes = sorted({int(one[-1]) for one in bounds})
        if len(sizes) != 1:
            raise ValueError(f"columns of one length are needed; {sizes or 'none'} found")
        self._bounds, self._size = bounds, sizes[0]

    def __len__(self) -> int:
        return self._size

    @property
    def width(self) -> int:
        return len(self._columns)

    @property
    def bytes(self) -> int:
        """How many bytes of text there are."""
        return sum(int(block.offsets[-1] - block.offsets[0]) for one in self._columns for block in one)

    def sizes(self) -> np.ndarray:
        """How many bytes of text each record has."""
        sizes = np.zeros(self._size, np.int64)
        for bounds, column in zip(self._bounds, self._columns, strict=True):
            for start, block in zip(bounds.tolist(), column):
                sizes[start : start + len(block.offsets) - 1] += np.diff(block.offsets)
        return sizes

    def slices(self, most: int) -> Iterator[slice]:
        """All records in runs of at most so many bytes (or one record), which `take` need not copy where there is one column."""
        cuts, sizes = (self._bounds[0] if self.width == 1 else (0, self._size)), self.sizes()
        for start, end in zip(cuts[:-1], cuts[1:]):
            for some in blocks(sizes[start:end] + 1, most):
                yield slice(int(start) + some.start, int(start) + some.stop)

    def take(self, rows: np.ndarray) -> Texts:
        """The texts of these records (in ascending order), record by record."""
        found = [list(self._found(column, rows)) for column in range(self.width)]
        if self.width == 1 and len(found[0]) == 1:
            return found[0][0][1]
        from . import scan

        sizes = np.empty((len(rows), self.width), np.int64)
        for column, parts in enumerate(found):
            for place, texts in parts:
                sizes[place, column] = texts.ends - texts.starts
        ends = np.cumsum(sizes.ravel())
        starts = ends - sizes.ravel()
        data = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
        for column, parts in enumerate(found):
            at = starts[column :: self.width]
            for place, texts in parts:
                scan.gather(texts.data, texts.starts, texts.ends, np.ascontiguousarray(at[place]), data)
        return Texts(data, starts, ends)

    def _found(self, column: int, rows: np.ndarray) -> Iterator[tuple[slice, Texts]]:
        """(which of the rows, their texts), block by block."""
        if not len(rows):
            return
        bounds = self._bounds[column]
        first, last = np.searchsorted(bounds, (rows[0], rows[-1]), "right").tolist()
        cuts = np.searchsorted(rows, bounds[first - 1 : last + 1]).tolist()
        for number, start, end in zip(range(first - 1, last), cuts[:-1], cuts[1:], strict=True):
            if start < end:
                place = slice(start, end)
                yield place, self._columns[column][number].texts(rows[place] - bounds[number])


def _blocks(column: Any) -> list[_Block]:
    if hasattr(column, "chunks"):
        return [_block(chunk) for chunk in column.chunks]
    return [_block(column)] if hasattr(column, "buffers") else [_listed(column)]


def _listed(column: Sequence[str | bytes | None]) -> _Block:
    parts = [one if isinstance(one, bytes) else encoded(one or "") for one in column]
    offsets = np.zeros(len(parts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)), out=offsets[1:])
    return _Block(np.frombuffer(b"".join(parts), np.uint8), offsets, None)


def _block(array: Any) -> _Block:
    import pyarrow as pa

    kind = array.type
    if pa.types.is_dictionary(kind):
        array = array.dictionary_decode()
        kind = array.type
    if pa.types.is_null(kind) or str(kind) in ("string_view", "binary_view"):
        array = array.cast(pa.large_binary())
        kind = array.type
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        width = np.int32
    elif pa.types.is_large_string(kind) or pa.types.is_large_binary(kind):
        width = np.int64
    else:
        raise ValueError(f"a column of texts is needed; one of {kind} found")
    _, offsets, data = array.buffers()
    told = np.zeros(1, width) if offsets is None or offsets.size == 0 else np.frombuffer(offsets, width)
    told = told[array.offset : array.offset + len(array) + 1] if len(array) else np.zeros(1, width)
    nulls = np.asarray(array.is_null()) if array.null_count else None
    return _Block(np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8), told, nulls)
