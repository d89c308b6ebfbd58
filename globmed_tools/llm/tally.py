"""What a run has done so far: counts, money, time.

tally.line()       "1,204 of 2,000 done, 12 failed, 310 from the journal | 48.1/s | US$ 1.20 | 0:16 left"
tally.as_dict()    the same for --json, with the failures by cause
"""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass, field

from .calls import Failure, Reply

#: The rate is that of so many outcomes that were asked for, so that it follows changes.
RECENT = 500


@dataclass
class Tally:
    """total: calls expected, None where nobody knows. cost: US$ of this run; unpriced: requests of unknown price."""

    total: int | None = None
    answered: int = 0
    from_journal: int = 0
    failed: Counter = field(default_factory=Counter)
    requests: int = 0
    faults: Counter = field(default_factory=Counter)
    repaired: int = 0
    input: int = 0
    output: int = 0
    cost: float = 0.0
    unpriced: int = 0
    notices: list[str] = field(default_factory=list)
    stopped: str = ""
    start: float = field(default_factory=time.monotonic)
    _recent: deque = field(default_factory=lambda: deque(maxlen=RECENT), repr=False)

    def add(self, outcome: Reply | Failure) -> None:
        """One call has ended."""
        self.answered += outcome.ok
        self.from_journal += outcome.from_journal
        if not outcome.ok:
            self.failed[outcome.cause] += 1
        if not outcome.from_journal:
            self._recent.append(time.monotonic())

    @property
    def done(self) -> int:
        return self.answered + self.failed.total()

    def rate(self) -> float:
        """Calls a second that were asked for and ended, of late."""
        if len(self._recent) < 2:
            return 0.0
        return (len(self._recent) - 1) / max(time.monotonic() - self._recent[0], 1e-6)

    def left(self) -> float | None:
        """Seconds to go at that rate; None where that cannot be said."""
        rate = self.rate()
        return None if self.total is None or not rate else max(0, self.total - self.done) / rate

    def money(self) -> str:
        """What was spent, and what is not known of it."""
        known = f"US$ {self.cost:,.2f}"
        return f"{known} + {self.unpriced:,} requests of unknown price" if self.unpriced else known

    def line(self) -> str:
        parts = [f"{self.done:,} of {self.total:,} done" if self.total is not None else f"{self.done:,} done"]
        parts[0] += f", {self.failed.total():,} failed, {self.from_journal:,} from the journal"
        parts += [f"{self.rate():,.1f}/s", self.money()]
        if (left := self.left()) is not None and self.done < (self.total or 0):
            parts.append(f"{clock(left)} left")
        return " | ".join(parts)

    def as_dict(self) -> dict:
        """Plain JSON-ready dict."""
        return {
            "total": self.total,
            "done": self.done,
            "answered": self.answered,
            "failed": dict(sorted(self.failed.items())),
            "from_journal": self.from_journal,
            "requests": self.requests,
            "faults": dict(sorted(self.faults.items())),
            "repaired": self.repaired,
            "tokens": {"input": self.input, "output": self.output},
            "cost": None if self.unpriced and not self.cost else round(self.cost, 6),
            "requests_of_unknown_price": self.unpriced,
            "seconds": round(time.monotonic() - self.start, 3),
            "stopped": self.stopped or None,
            "notices": self.notices,
        }


def clock(seconds: float) -> str:
    """0:16, 12:05, 3:04:05."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
