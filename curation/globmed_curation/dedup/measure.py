"""Exact similarity of pairs of texts: runs of n code points that both have, of those that either has.

>>> jaccard(["Ni dawa gani?", "", "x"], ["ni DAWA gani", "", ""], 5).tolist()
[1.0, 1.0, 0.0]
"""

from __future__ import annotations

import numpy as np

from .sketches import runs

#: Pairs looked at in one go: their number has to fit beside 44 bits of hash.
_CHUNK = 1 << 10
_HASH = np.uint64(44)


def jaccard(first: list[str], second: list[str], n: int) -> np.ndarray:
    """The Jaccard similarity of first[i] and second[i], 1 where both are without any letter or digit."""
    parts = [
        _some(first[start : start + _CHUNK], second[start : start + _CHUNK], n)
        for start in range(0, len(first), _CHUNK)
    ]
    return np.concatenate(parts) if parts else np.empty(0)


def _some(first: list[str], second: list[str], n: int) -> np.ndarray:
    one, other = _keys(first, n), _keys(second, n)
    both = np.sort(np.concatenate((one, other)))
    shared = np.bincount((both[1:][both[1:] == both[:-1]] >> _HASH).astype(np.int64), minlength=len(first))
    sizes = np.bincount((both >> _HASH).astype(np.int64), minlength=len(first))
    union = sizes - shared
    return np.where(union == 0, 1.0, shared / np.maximum(union, 1))


def _keys(texts: list[str], n: int) -> np.ndarray:
    """The distinct runs of each text: its number << 44 | 44 bits of the run's hash."""
    hashes, bounds = runs(texts, n)
    number = np.repeat(np.arange(len(texts), dtype=np.uint64), np.diff(bounds))
    keys = np.sort(number << _HASH | hashes >> np.uint64(64 - 44))
    return keys[np.concatenate(([True], keys[1:] != keys[:-1]))] if len(keys) else keys
