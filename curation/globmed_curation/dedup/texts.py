"""Texts as the kernels take them: UTF-8 in one buffer, as Arrow keeps it, and what they fold to.

>>> some = Texts.of(["Na+ <5!", "x"]); some.string(0), letters(some).sizes.tolist()
('Na+ <5!', [3, 1])
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from . import table

_NOTHING = np.empty(0, np.uint8)
#: Numbers up to which memory is kept for the next call: asking the system for it takes longer than filling it.
_KEPT = 1 << 22
_kept = threading.local()


@dataclass(frozen=True, slots=True)
class Texts:
    """Text i is data[starts[i] : ends[i]]: uint8, int64, int64. They may overlap and come in any order."""

    data: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

    @classmethod
    def of(cls, strings: Iterable[str]) -> Texts:
        import pyarrow as pa

        strings = strings if isinstance(strings, list) else list(strings)
        try:
            _, bounds, data = pa.array(strings, pa.large_string()).buffers()
            bounds = np.frombuffer(bounds, np.int64)[: len(strings) + 1] if strings else np.zeros(1, np.int64)
            return cls(_NOTHING if data is None else np.frombuffer(data, np.uint8), bounds[:-1], bounds[1:])
        except UnicodeEncodeError:  # half a surrogate pair
            parts = [encoded(one) for one in strings]
        bounds = np.zeros(len(parts) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)), out=bounds[1:])
        return cls(np.frombuffer(b"".join(parts), np.uint8), bounds[:-1], bounds[1:])

    def __len__(self) -> int:
        return len(self.starts)

    def take(self, which: np.ndarray | slice) -> Texts:
        """Some of them, in the same buffer."""
        return Texts(self.data, np.ascontiguousarray(self.starts[which]), np.ascontiguousarray(self.ends[which]))

    def string(self, number: int) -> str:
        told = self.data[self.starts[number] : self.ends[number]].tobytes()
        try:
            return told.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return told.decode("utf-8", "replace")


def joined(parts: Sequence[Texts]) -> Texts:
    """All of them, one after the other, in a buffer of their own."""
    from . import scan

    sizes = np.concatenate([np.empty(0, np.int64), *(one.ends - one.starts for one in parts)])
    ends = np.cumsum(sizes)
    starts, data, done = ends - sizes, np.empty(int(sizes.sum()), np.uint8), 0
    for one in parts:
        scan.gather(one.data, one.starts, one.ends, starts[done : done + len(one)], data)
        done += len(one)
    return Texts(data, starts, ends)


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def blocks(sizes: np.ndarray, most: int) -> Iterator[slice]:
    """Slices of neighbours whose sizes come to `most` together, or of one that is greater."""
    ends = np.cumsum(sizes)
    start, told = 0, 0
    while start < len(ends):
        end = max(start + 1, int(np.searchsorted(ends, told + most, "right")))
        yield slice(start, end)
        start, told = end, int(ends[end - 1])


def room(name: str, size: int, kind: type) -> np.ndarray:
    """An array of this size whose content is whatever was there: each thread has one a name, so that the last one is gone."""
    if size > _KEPT:
        return np.empty(size, kind)
    had = getattr(_kept, name, None)
    if had is None or len(had) < size:
        had = np.empty(1 << max(1 << 16, size - 1).bit_length(), kind)
        setattr(_kept, name, had)
    return had[:size]


class Letters(NamedTuple):
    """Folded code points of text i: codes[at[i] : at[i] + sizes[i]]."""

    codes: np.ndarray
    at: np.ndarray
    sizes: np.ndarray


def letters(texts: Texts) -> Letters:
    """The folded letters of every text, until the next call in this thread."""
    from . import scan

    known, out = table.get(), _Out(texts, "letters")
    while out.waits():
        met = np.zeros_like(known.known)
        tables = (known.rows, known.composing, known.ccc, known.last, known.pairs)
        composing = (known.joined, known.splits, known.parts)
        scan.letters(*out.source, *tables, *composing, known.known, met, out.codes, out.sizes, out.state)
        known.learn(np.flatnonzero(met).tolist())
    return Letters(out.codes, out.at, out.sizes)


class Codes(NamedTuple):
    """Code points of text i, its white space made plain: codes[at[i] : at[i] + sizes[i]]; flags: see scan.codes."""

    codes: np.ndarray
    at: np.ndarray
    sizes: np.ndarray
    flags: np.ndarray


def codes(texts: Texts, *, verbatim: bool = False) -> Codes:
    """The code points of every text, until the next call in this thread; verbatim: all white space as it is."""
    from . import scan

    known, out = table.get(), _Out(texts, "verbatim" if verbatim else "codes")
    flags = np.zeros(len(texts), np.uint8)
    while out.waits():
        met = np.zeros_like(known.known)
        scan.codes(*out.source, verbatim, known.bits, known.known, met, out.codes, out.sizes, flags, out.state)
        known.learn(np.flatnonzero(met).tolist())
    return Codes(out.codes, out.at, out.sizes, flags)


class _Out:
    """Where a kernel writes: room for as many numbers as a text has bytes; what it did not do stays in `state`."""

    def __init__(self, texts: Texts, name: str):
        sizes = texts.ends - texts.starts
        self.at = np.cumsum(sizes) - sizes
        self.source = texts.data, texts.starts, texts.ends, self.at
        self.codes = room(name, int(sizes.sum()), np.uint32)
        self.sizes, self.state = np.zeros(len(texts), np.int64), np.full(len(texts), 2, np.uint8)

    def waits(self) -> bool:
        return bool(self.state.any())


def packed(found: Letters) -> tuple[np.ndarray, np.ndarray]:
    """(letters without the gaps between texts, bounds)."""
    bounds = np.zeros(len(found.sizes) + 1, np.int64)
    np.cumsum(found.sizes, out=bounds[1:])
    parts = [found.codes[start : start + size] for start, size in zip(found.at.tolist(), found.sizes.tolist())]
    return np.concatenate(parts) if parts else np.empty(0, np.uint32), bounds
