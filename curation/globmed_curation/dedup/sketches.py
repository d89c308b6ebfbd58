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

from .fold import fold

_BASE, _MIX, _STEP = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC2B2AE3D27D4EB4F)
_EMPTY = np.uint32(0xFFFFFFFF)
#: Characters that are hashed in one go, so that the arrays stay in a core's cache; records whose lanes are filled in one go.
_BLOCK, _CHUNK = 1 << 17, 1 << 12


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

    def of(self, places: np.ndarray) -> Sketches:
        """Those of some records."""
        return Sketches(self.lanes[places], self.exact[places], self.runs[places])


def mixed(values: np.ndarray) -> np.ndarray:
    """uint64 hashes whose every bit depends on every bit; changes the array that is given."""
    values ^= values >> np.uint64(32)
    values *= _MIX
    values ^= values >> np.uint64(29)
    values *= _STEP
    values ^= values >> np.uint64(32)
    return values


def runs(texts: list[str], n: int, salts: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """(hashes of all runs of n code points, bounds: those of text i are hashes[bounds[i] : bounds[i + 1]]); repeated runs
    are repeated. salts: one uint64 a text, which makes its hashes differ from those of other roles."""
    codes, bounds = fold(texts)
    sizes = np.diff(bounds)
    if not len(codes):
        return np.empty(0, np.uint64), bounds
    letters = codes.astype(np.uint64)
    hashes = letters.copy()
    for offset in range(
        1, min(n, len(letters))
    ):  # a polynomial in _BASE; the last n - 1 places are nonsense and masked below
        hashes *= _BASE
        hashes[: len(letters) - offset] += letters[offset:]
    whole = np.ones(len(codes), bool)
    for left in range(1, n):
        places = bounds[1:] - left
        whole[places[places >= bounds[:-1]]] = False
    _short(letters, hashes, whole, bounds, sizes, n)
    if salts is not None:
        hashes += np.repeat(salts, sizes)
    kept = mixed(hashes[whole])
    return kept, np.concatenate(([0], np.cumsum(np.where(sizes >= n, sizes - n + 1, np.minimum(sizes, 1)))))


def _short(letters, hashes, whole, bounds, sizes, n: int) -> None:
    """Texts of fewer than n code points: one run each, at their first place."""
    for size in range(1, n):
        starts = bounds[:-1][sizes == size]
        if len(starts):
            value = np.full(len(starts), size, np.uint64)
            for offset in range(size):
                value = value * _BASE + letters[starts + offset]
            hashes[starts] = value
            whole[starts] = True


def sketch(records: Iterable[Sequence[str]], shape: Shape, roles: Iterable[Sequence[int]] | None = None) -> Sketches:
    """The sketches of records, each a list of texts. roles: for each text a small number; 0, 1, 2, ... where not given."""
    records = records if isinstance(records, list) else list(records)
    roles = [range(len(one)) for one in records] if roles is None else list(roles)
    made = Sketches(
        np.zeros((len(records), shape.lanes), np.uint16),
        np.zeros(len(records), np.uint64),
        np.zeros(len(records), np.int64),
    )
    for start in range(0, len(records), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        least = _least(records[chunk], roles[chunk], shape, made.exact[chunk], made.runs[chunk])
        some = np.flatnonzero(made.runs[chunk])
        made.lanes[chunk][some] = _filled(least[some]).astype(np.uint16)
    return made


def _least(records, roles, shape: Shape, exact: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The least hash in every lane of these records, uint32; their sums and numbers of runs go into exact and counts."""
    least = np.full((len(records), shape.lanes), _EMPTY, np.uint32)
    start = size = 0
    for end, record in enumerate(records, 1):
        size += sum(map(len, record))
        if size >= _BLOCK or end == len(records):
            block = slice(start, end)
            _block(records[block], roles[block], shape, least[block], exact[block], counts[block])
            start, size = end, 0
    return least


def _block(records, roles, shape: Shape, least: np.ndarray, exact: np.ndarray, counts: np.ndarray) -> None:
    texts = [text for record in records for text in record]
    salts = np.array([role for one in roles for role in one], np.uint64) * _STEP
    hashes, of_text = runs(texts, shape.n, salts)
    bounds = of_text[np.cumsum([0, *map(len, records)])]
    counts[:] = np.diff(bounds)
    total = np.zeros(len(hashes) + 1, np.uint64)
    np.cumsum(hashes, out=total[1:])
    exact[:] = total[bounds[1:]] - total[bounds[:-1]]
    places = (hashes >> np.uint64(65 - shape.lanes.bit_length())).astype(np.int64)
    places += np.repeat(np.arange(len(records)) * shape.lanes, counts)
    np.minimum.at(least.reshape(-1), places, hashes.astype(np.uint32))


def _filled(least: np.ndarray) -> np.ndarray:
    """Every empty lane filled from the first lane, in an order of its own, that was not empty."""
    width = least.shape[1]
    order, flat = _orders(width), least.reshape(-1)
    empty = np.flatnonzero(flat == _EMPTY)
    lane = empty & (width - 1)
    row, filled = empty - lane, flat.copy()
    for attempt in range(width):
        if not len(empty):
            break
        value = flat[row + order[attempt][lane]]
        found = value != _EMPTY
        filled[empty[found]] = value[found]
        empty, lane, row = empty[~found], lane[~found], row[~found]
    return filled.reshape(least.shape)


@cache
def _orders(lanes: int) -> np.ndarray:
    """Column l: all lanes, shuffled by a hash of l and the lane."""
    table = np.arange(lanes * lanes, dtype=np.uint64).reshape(lanes, lanes) * _BASE + _STEP
    return np.argsort(mixed(table), axis=0, kind="stable")
