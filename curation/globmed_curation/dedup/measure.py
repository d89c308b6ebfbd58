"""Exact similarity of pairs of texts: runs of n code points that both have, of those that either has.

>>> jaccard(["Ni dawa gani?", "", "x"], ["ni DAWA gani", "", ""], 5).tolist()
[1.0, 1.0, 0.0]
"""

from __future__ import annotations

import numpy as np

from .texts import Letters, Texts, letters


def jaccard(first: list[str], second: list[str], n: int) -> np.ndarray:
    """The Jaccard similarity of first[i] and second[i], 1 where both are without any letter or digit."""
    numbers = np.arange(len(first))
    return similarity(letters(Texts.of([*first, *second])), numbers, numbers + len(first), n)


def similarity(found: Letters, one: np.ndarray, other: np.ndarray, n: int) -> np.ndarray:
    """The same of texts by their numbers: one[i] and other[i]."""
    from . import hashing

    values = np.empty(len(one))
    hashing.jaccard(*found, one, other, n, values)
    return values
