"""Which records stay: nobody is dropped who is not similar to one that stays.

    >>> choose(3, [(0, 1, 0.9), (1, 2, 0.8)], lambda pairs: [None] * len(pairs))
    Choice(of=[-1, 0, -1], similarity=[1.0, 0.9, 1.0])

Records come in the order of their claim to stay. Each in its turn stays unless it is similar to one that stays already; it
then duplicates the first such. Chains are not followed: where b is like a, and c like b but not like a, c stays. (A union of
all that is linked would drop it, and in long chains of form letters nearly everything.) Similarity of c and a may not have been
looked at: where b was dropped for a and c is like b, it is, before c may stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

Pair = tuple[int, int]


class Choice(NamedTuple):
    """of[i]: the record that i duplicates, -1 where i stays; similarity[i]: to that record."""

    of: list[int]
    similarity: list[float]


def choose(
    count: int, similar: Iterable[tuple[int, int, float]], look: Callable[[list[Pair]], list[float | None]]
) -> Choice:
    """similar: pairs (first < second) with their similarity. look: pairs that nobody looked at -> the similarity of each,
    None where they are not similar."""
    told = np.array(list(similar), float).reshape(-1, 3)

    def looked(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        values = look(list(zip(first.tolist(), second.tolist(), strict=True)))
        return np.array([-1 if value is None else value for value in values], float)

    first, second = told[:, :2].astype(np.int64).T
    of, similarity = chosen(count, first, second, told[:, 2], looked)
    return Choice(of.tolist(), similarity.tolist())


def chosen(
    count: int,
    first: np.ndarray,
    second: np.ndarray,
    value: np.ndarray,
    look: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """The same as arrays (of: int64, similarity: float64), for pairs first[i] < second[i] that were looked at, each once: value
    is their similarity, below 0 where they are not similar. look: pairs in order, first then second -> such values."""
    from . import pairing

    looked = np.sort(first << 32 | second)
    near = _ordered(*(column[value >= 0] for column in (first, second, value)))
    while True:
        of, similarity = np.full(count, -1, np.int64), np.ones(count)
        pairing.stays(*near, of, similarity)
        new = _unlooked(near[0], near[1], of)
        new = new[~_among(new, looked)]
        if not len(new):
            return of, similarity
        looked = np.sort(np.concatenate((looked, new)))
        first, second = new >> 32, new & 0xFFFFFFFF
        value = look(first, second)
        more = (column[value >= 0] for column in (first, second, value))
        near = _ordered(*(np.concatenate(both) for both in zip(near, more, strict=True)))


def _ordered(first: np.ndarray, second: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, ...]:
    order = np.lexsort((first, second))
    return first[order], second[order], value[order]


def _unlooked(first: np.ndarray, second: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Pairs, as first << 32 | second, of records that stay though one is similar to a duplicate of the other."""
    record, other = np.concatenate((first, second)), np.concatenate((second, first))
    kept = of[other]
    some = (of[record] < 0) & (kept >= 0) & (kept != record)
    record, kept = record[some], kept[some]
    return np.unique(np.minimum(record, kept) << 32 | np.maximum(record, kept))


def _among(some: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """Which of these are among those, which are in order?"""
    if not len(ordered):
        return np.zeros(len(some), bool)
    place = np.searchsorted(ordered, some)
    return ordered[np.minimum(place, len(ordered) - 1)] == some
