"""How far the asking is: entries, calls, money, time left.

    state.line()       "1,204 of 20,000 translations: 1,101 clean, 88 flagged, 15 not translated | 96.0 calls/s | US$ 1.20 | 3:16 left"
    state.as_dict()    the same for --json, with the failures by cause

It has what globmed_tools.llm.progress shows of a tally: `line()` and `notices`.
"""

from __future__ import annotations

import time
from collections import Counter, deque

from globmed_tools.llm.tally import Tally, clock

RECENT = 500
ENDS = ("clean", "flagged", "not translated")


class State:
    """total: translations to be made. tallies: of the engines at work."""

    def __init__(self, total: int | None = None):
        self.total, self.tallies = total, []
        self.ends: Counter = Counter()
        self.causes: Counter = Counter()
        self.waiting: Counter = Counter()
        self.notices: list[str] = []
        self._recent: deque = deque(maxlen=RECENT)

    def ended(self, how: str, cause: str = "", fresh: bool = True) -> None:
        """One translation has ended; fresh: something was asked for it."""
        self.ends[how] += 1
        if cause:
            self.causes[cause] += 1
        if fresh:
            self._recent.append(time.monotonic())

    @property
    def done(self) -> int:
        return self.ends.total()

    @property
    def stopped(self) -> str:
        return next((one.stopped for one in self.tallies if one.stopped), "")

    def left(self) -> float | None:
        """Seconds to go at the pace of late; None where that cannot be said."""
        if self.total is None or len(self._recent) < 2:
            return None
        pace = (len(self._recent) - 1) / max(time.monotonic() - self._recent[0], 1e-6)
        return max(0, self.total - self.done) / pace

    def money(self) -> str:
        both = Tally(cost=sum(one.cost for one in self.tallies), unpriced=sum(one.unpriced for one in self.tallies))
        return both.money()

    def line(self) -> str:
        of = f"{self.done:,} of {self.total:,}" if self.total is not None else f"{self.done:,}"
        parts = [f"{of} translations: " + ", ".join(f"{self.ends[how]:,} {how}" for how in ENDS)]
        parts += [f"{sum(one.rate() for one in self.tallies):,.1f} calls/s", self.money()]
        if (left := self.left()) is not None and self.done < (self.total or 0):
            parts.append(f"{clock(left)} left")
        return " | ".join(parts)

    def as_dict(self) -> dict:
        """Plain JSON-ready dict; cost is None where no price was known."""
        added = {name: sum(getattr(one, name) for one in self.tallies) for name in _ADDED}
        failed = sum((one.failed for one in self.tallies), Counter())
        faults = sum((one.faults for one in self.tallies), Counter())
        cost = None if added["unpriced"] and not added["cost"] else round(added["cost"], 6)
        return {
            "translations": self.total,
            "ended": {how: self.ends[how] for how in ENDS},
            "not_translated": dict(sorted(self.causes.items())),
            "waiting": dict(sorted(self.waiting.items())),
            "calls": {
                "answered": added["answered"],
                "from_journal": added["from_journal"],
                "requests": added["requests"],
            },
            "failed": dict(sorted(failed.items())),
            "faults": dict(sorted(faults.items())),
            "repaired": added["repaired"],
            "tokens": {"input": added["input"], "output": added["output"]},
            "cost": cost,
            "requests_of_unknown_price": added["unpriced"],
            "stopped": self.stopped or None,
            "notices": self.notices,
        }


_ADDED = ("answered", "from_journal", "requests", "repaired", "input", "output", "unpriced", "cost")
