"""Which entries are shown: of every bucket the few with the smallest hash, so that the same run shows the same ones.

    sample = Sample(6)
    sample.offer(("4-check", "numbers", "sw"), entry.id, entry.locator, lambda: Shown(...))
    for key, shown in sample.chosen(): ...

Nothing is made of an entry that is not among the first of its bucket, and no more than `size` of a bucket are held.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator
from typing import Any

import xxhash


class Sample:
    """Buckets of at most `size` things each, those with the smallest hash of their names."""

    def __init__(self, size: int):
        self.size = size
        self.seen: dict[tuple[str, ...], int] = {}
        self._held: dict[tuple[str, ...], list[tuple[int, str, Any]]] = {}

    def offer(self, key: tuple[str, ...], name: str, place: str, make: Callable[[], Any]) -> None:
        """Count one thing in the bucket and hold `make()` if it is among the first."""
        self.seen[key] = self.seen.get(key, 0) + 1
        if not self.size:
            return
        held = self._held.setdefault(key, [])
        full = f"{name}\n{place}"
        rank = xxhash.xxh3_64_intdigest(full.encode())
        if len(held) == self.size:
            if (rank, full) >= held[-1][:2]:
                return
            held.pop()
        insort(held, (rank, full, make()), key=lambda one: one[:2])

    def chosen(self) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
        """Every bucket in the order of its first appearance, and what it holds, smallest hash first."""
        for key, held in self._held.items():
            yield key, [thing for _, _, thing in held]
