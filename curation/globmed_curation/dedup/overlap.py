"""Overlap: how much of a known text stands in another one, in any script and whatever stands around it.

    >>> index = Index(["Which drug lowers uric acid in gout, allopurinol or codeine?"], n=10)
    >>> [(hit.text, hit.known, hit.share) for hit in index.find(["Q: which drug lowers uric acid in gout? A: ..."], 0.5)]
    [(0, 0, 0.525)]

share is the containment (Broder 1997): of the known text's distinct runs of n folded code points, so many stand in the other text.
Runs that more than `common` different known texts have are boilerplate ("which of the following is the most likely") and count
for nobody. A known text that is left with no run (too short, or nothing but boilerplate) is never found; `sizes` says which.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .fold import fold
from .sketches import runs

#: Characters scanned in one go, so that the arrays stay in a core's cache; bits of the filter before the table.
_BLOCK, _FILTER = 1 << 17, 24


class Hit(NamedTuple):
    """text: number of the text that was looked through; known: number of the known text; share: from 0 to 1."""

    text: int
    known: int
    share: float


class Index:
    """Which known text has which runs. sizes: int64, how many runs of each known text count. A known text may be a list of
    texts: then no run goes from one to the next."""

    def __init__(self, known: Sequence[str | Sequence[str]], n: int = 10, common: int = 10):
        self.n = n
        hashes, owners = _distinct(known, n)
        hashes, owners = _without_common(hashes, owners, len(known), common)
        order = np.lexsort((owners, hashes))
        hashes, self._owners = hashes[order], owners[order]
        self.sizes = np.bincount(owners, minlength=len(known))
        self._keys, starts = np.unique(hashes, return_index=True)
        self._starts = np.append(starts, len(hashes))
        self._filter = np.zeros(1 << _FILTER, bool)
        self._filter[_place(self._keys)] = True

    def find(self, texts: Sequence[str], least: float) -> list[Hit]:
        """Every pair with a share of at least `least`, by text, the greatest share first."""
        text, known, share = self.shares(texts)
        order = [at for at in np.lexsort((known, -share, text)).tolist() if share[at] >= least]
        return [Hit(int(text[at]), int(known[at]), float(share[at])) for at in order]

    def shares(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(text, known, share) of every pair that shares a run, as three arrays of one length."""
        found = [(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))]
        start = size = 0
        for end, text in enumerate(texts, 1):
            size += len(text)
            if size >= _BLOCK or end == len(texts):
                found.append(self._block(list(texts[start:end]), start))
                start, size = end, 0
        return tuple(np.concatenate(column) for column in zip(*found))

    def _block(self, texts: list[str], first: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        hashes, bounds = runs(texts, self.n)
        maybe = np.flatnonzero(self._filter[_place(hashes)])
        rows = np.searchsorted(self._keys, hashes[maybe])
        rows[rows == len(self._keys)] = 0
        known = self._keys[rows] == hashes[maybe] if len(self._keys) else np.zeros(len(maybe), bool)
        text = np.searchsorted(bounds, maybe[known], "right") - 1
        pairs = np.unique(np.stack((text, rows[known])), axis=1)  # a run counts once, however often it stands there
        counts = self._starts[pairs[1] + 1] - self._starts[pairs[1]]
        places = np.repeat(self._starts[pairs[1]], counts) + _ranges(counts)
        both = np.repeat(pairs[0], counts) * len(self.sizes) + self._owners[places]
        both, shared = np.unique(both, return_counts=True)
        text, owner = np.divmod(both, max(len(self.sizes), 1))
        return first + text, owner, shared / self.sizes[owner]


def _place(hashes: np.ndarray) -> np.ndarray:
    return (hashes >> np.uint64(64 - _FILTER)).astype(np.int64)


def _ranges(counts: np.ndarray) -> np.ndarray:
    """0 .. c - 1 for every c, one after the other."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)


def _distinct(known: Sequence[str | Sequence[str]], n: int) -> tuple[np.ndarray, np.ndarray]:
    """(the distinct runs of every known text, whose they are); texts shorter than n have none."""
    parts = [[one] if isinstance(one, str) else one for one in known]
    texts = [text for one in parts for text in one]
    hashes, bounds = runs(texts, n)
    _, ends = fold(texts)
    long = np.repeat(np.diff(ends) >= n, np.diff(bounds))
    owners = np.repeat(np.repeat(np.arange(len(known)), [len(one) for one in parts]), np.diff(bounds))
    order = np.lexsort((hashes[long], owners[long]))
    hashes, owners = hashes[long][order], owners[long][order]
    new = np.ones(len(hashes), bool)
    new[1:] = (hashes[1:] != hashes[:-1]) | (owners[1:] != owners[:-1])
    return hashes[new], owners[new]


def _without_common(hashes, owners, count: int, common: int) -> tuple[np.ndarray, np.ndarray]:
    """Without the runs that more than `common` different texts have. One text that is there many times is one text."""
    total = np.zeros(count, np.uint64)
    np.add.at(total, owners, hashes)
    _, alike = np.unique(total, return_inverse=True)
    order = np.lexsort((alike[owners], hashes))
    ordered, kind = hashes[order], alike[owners][order]
    new = np.ones(len(order), bool)
    new[1:] = (ordered[1:] != ordered[:-1]) | (kind[1:] != kind[:-1])
    keys, counts = np.unique(ordered[new], return_counts=True)
    kept = counts[np.searchsorted(keys, hashes)] <= common
    return hashes[kept], owners[kept]


def shared(text: str, known: str, n: int) -> list[tuple[int, int]]:
    """Where runs of `known` stand in `text`: (start, end) in characters, stretches that touch joined, in order.

    Characters are folded one by one here, so that a letter with a combining mark may be seen apart from its composed form."""
    codes, ends = fold(list(text))
    theirs, _ = fold(list(known))
    if len(codes) < n or len(theirs) < n:
        return []
    windows = np.lib.stride_tricks.sliding_window_view
    has = {window.tobytes() for window in windows(theirs, n)}
    places = [at for at, window in enumerate(windows(codes, n)) if window.tobytes() in has]
    character = np.repeat(np.arange(len(text)), np.diff(ends))
    spans: list[tuple[int, int]] = []
    for at in places:
        start, end = int(character[at]), int(character[at + n - 1]) + 1
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans
