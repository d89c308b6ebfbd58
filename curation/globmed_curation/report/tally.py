"""Numbers counted while entries stream by, in bounded memory, and what is read off them afterwards.

    spread = Spread()
    for value in (3, 5, 8): spread.add(value)
    spread.quantiles()                                          # {"n": 3, "p5": 3, "p50": 5, "p95": 8, ...}
    spread.bins(0, 10, 5)                                       # [0, 1, 1, 0, 1]

Values are kept to three significant digits, so that a spread holds some hundred different ones however many were added.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any

QUANTILES = (0.01, 0.05, 0.5, 0.95, 0.99)


@lru_cache(maxsize=65536)
def rounded(value: float) -> float:
    """To three significant digits."""
    return float(f"{value:.3g}")


class Spread:
    """How often each value occurred."""

    __slots__ = ("counts",)

    def __init__(self) -> None:
        self.counts: Counter[float] = Counter()

    def add(self, value: float) -> None:
        self.counts[rounded(value)] += 1

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    def quantiles(self) -> dict[str, float]:
        """n, and the nearest-rank quantiles p1 p5 p50 p95 p99, least and most; {"n": 0} of nothing."""
        n = self.n
        if not n:
            return {"n": 0}
        found, seen, wanted = {"n": n, "least": min(self.counts), "most": max(self.counts)}, 0, list(QUANTILES)
        for value in sorted(self.counts):
            seen += self.counts[value]
            while wanted and seen >= wanted[0] * n:
                found[f"p{wanted.pop(0) * 100:g}"] = value
        return found

    def bins(self, low: float, high: float, count: int) -> list[int]:
        """How many values lie in each of `count` equal parts of low..high; what lies outside counts in the outermost."""
        made, width = [0] * count, (high - low) / count
        for value, times in self.counts.items():
            place = int((value - low) / width) if width > 0 else 0
            made[min(max(place, 0), count - 1)] += times
        return made


def nested(counts: Counter[tuple[str, ...]]) -> dict[str, Any]:
    """{("a", "b"): 1} -> {"a": {"b": 1}}, keys in the order of their first appearance."""
    made: dict[str, Any] = {}
    for key, count in counts.items():
        inner = made
        for part in key[:-1]:
            inner = inner.setdefault(part, {})
        inner[key[-1]] = count
    return made
