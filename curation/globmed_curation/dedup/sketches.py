"""Sketches: a record's runs of n letters, as 128 numbers of 16 bits that agree as often as the records do.

    >>> made = sketch([["Ni dawa gani?"], ["Ni dawa gani!"]], Shape())
    >>> made.lanes.shape, bool(made.exact[0] == made.exact[1])
    ((2, 128), True)

One-permutation MinHash (Li, Owen, Zhang 2012): every run of n code points is hashed once; the top bits of the hash choose a
lane, and each lane keeps the least of the rest. Lanes that nothing fell into are filled from a lane that is not empty, found
in an order of each lane's own (optimal densification, Shrivastava 2017), so that the share of lanes in which two sketches
agree estimates the Jaccard similarity of the records. A text shorter than n is one run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from .texts import Texts, blocks, letters

_BASE, _MIX, _STEP = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC2B2AE3D27D4EB4F)
#: Bytes that are folded and hashed in one go, so that their letters stay in a core's cache.
_BLOCK = 1 << 17


@dataclass(frozen=True, slots=True)
class Shape:
    """n: code points in a run; lanes: numbers in a sketch, a power of two; bands: into how many groups of lanes they are cut."""

    n: int = 5
    lanes: int = 128
    bands: int = 32

    def __post_init__(self):
        if self.n < 1 or self.lanes < 2 or self.lanes & (self.lanes - 1) or self.lanes % self.bands:
            raise ValueError(f"{self}: n from 1, lanes a power of two and a multiple of bands are needed")


@dataclass(frozen=True, slots=True)
class Sketches:
    """lanes: uint16 (records, lanes); exact: uint64, equal where all runs are equal; runs: how many runs, 0 where no letter."""

    lanes: np.ndarray
    exact: np.ndarray
    runs: np.ndarray

    @classmethod
    def empty(cls, count: int, shape: Shape) -> Sketches:
        return cls(np.zeros((count, shape.lanes), np.uint16), np.zeros(count, np.uint64), np.zeros(count, np.int64))

    def of(self, places: np.ndarray | slice) -> Sketches:
        """Those of some records; of a slice the same numbers, not a copy."""
        return Sketches(self.lanes[places], self.exact[places], self.runs[places])


def mixed(values: np.ndarray) -> np.ndarray:
    """uint64 hashes whose every bit depends on every bit; changes the array that is given."""
    values ^= values >> np.uint64(32)
    values *= _MIX
    values ^= values >> np.uint64(29)
    values *= _STEP
    values ^= values >> np.uint64(32)
    return values


def runs(texts: list[str], n: int) -> tuple[np.ndarray, np.ndarray]:
    """(hashes of all runs of n code points, bounds: those of text i are hashes[bounds[i] : bounds[i + 1]]); repeated runs
    are repeated."""
    from . import hashing

    found = letters(Texts.of(texts))
    hashes, bounds = np.empty(int(found.sizes.sum()), np.uint64), np.empty(len(texts) + 1, np.int64)
    hashing.runs(*found, n, hashes, bounds)
    return hashes[: bounds[-1]], bounds


def sketch(records: Iterable[Sequence[str]], shape: Shape, roles: Iterable[Sequence[int]] | None = None) -> Sketches:
    """The sketches of records, each a list of texts. roles: for each text a small number; 0, 1, 2, ... where not given."""
    records = records if isinstance(records, list) else list(records)
    first = np.cumsum([0, *map(len, records)])
    told = [role for one in (map(range, map(len, records)) if roles is None else roles) for role in one]
    made = Sketches.empty(len(records), shape)
    sketch_texts(Texts.of(text for one in records for text in one), first, np.array(told, np.uint8), shape, made)
    return made


def sketch_texts(texts: Texts, first: np.ndarray, roles: np.ndarray, shape: Shape, made: Sketches) -> None:
    """Fill in the sketches of records: those texts from first[i] up to first[i + 1]. roles: uint8, one a text."""
    from . import hashing

    orders = _orders(shape.lanes)
    ends = np.concatenate(([0], np.cumsum(texts.ends - texts.starts)))
    for block in blocks(ends[first[1:]] - ends[first[:-1]], _BLOCK):
        some = slice(first[block.start], first[block.stop])
        found, part = letters(texts.take(some)), made.of(block)
        bounds = first[block.start : block.stop + 1] - first[block.start]
        hashing.sketch(*found, roles[some], bounds, shape.n, orders, part.lanes, part.exact, part.runs)


@cache
def _orders(lanes: int) -> np.ndarray:
    """Column l: all lanes, shuffled by a hash of l and the lane."""
    table = np.arange(lanes * lanes, dtype=np.uint64).reshape(lanes, lanes) * _BASE + _STEP
    return np.argsort(mixed(table), axis=0, kind="stable")
