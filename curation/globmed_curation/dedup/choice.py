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
    near: dict[int, dict[int, float]] = {}
    for first, second, value in similar:
        near.setdefault(second, {})[first] = value
        near.setdefault(first, {})[second] = value
    looked: set[Pair] = set()
    while True:
        choice = _choice(count, near)
        pairs = sorted(_unlooked(near, choice.of) - looked)
        looked.update(pairs)
        new = (
            [(pair, value) for pair, value in zip(pairs, look(pairs), strict=True) if value is not None]
            if pairs
            else []
        )
        if not new:
            return choice
        for (first, second), value in new:
            near[first][second] = near[second][first] = value


def _choice(count: int, near: dict[int, dict[int, float]]) -> Choice:
    of, similarity = [-1] * count, [1.0] * count
    for record in sorted(near):
        stays = [other for other in near[record] if other < record and of[other] < 0]
        if stays:
            of[record] = min(stays)
            similarity[record] = near[record][of[record]]
    return Choice(of, similarity)


def _unlooked(near: dict[int, dict[int, float]], of: list[int]) -> set[Pair]:
    """Pairs of records that stay though one is similar to a duplicate of the other."""
    found = set()
    for record, others in near.items():
        if of[record] < 0:
            for other in others:
                kept = of[other]
                if kept >= 0 and kept != record and kept not in others:
                    found.add((min(kept, record), max(kept, record)))
    return found
