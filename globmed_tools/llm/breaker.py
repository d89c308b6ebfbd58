"""Waits while an endpoint is down, instead of burning the attempts of every call.

    breaker = Breaker(after=20, seconds=5, patience=600)
    await breaker.pass_()        at once while closed; while open until a probe is due or somebody's probe has succeeded
    breaker.good(), breaker.bad("connection refused")

Closed; after `after` failures in a row open; after `seconds` (doubling up to a minute) one call may try (half open): if it
succeeds, all go on, else it stays open. Open for `patience` seconds: `gave_up` says so.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

LONGEST = 60.0


class Breaker:
    """One endpoint's state. tell is called with a line when it opens, closes or gives up."""

    def __init__(self, after: int, seconds: float, patience: float, tell: Callable[[str], None] = lambda line: None):
        self.after, self.seconds, self.patience, self.tell = after, seconds, patience, tell
        self.row = 0
        self.opened: float | None = None
        self.gave_up = ""
        self._wait, self._due, self._probing = seconds, 0.0, False
        self._changed = asyncio.Event()

    @property
    def is_open(self) -> bool:
        return self.opened is not None

    async def pass_(self) -> bool:
        """Returns True where the caller is the probe. Returns at once when the breaker has given up."""
        while self.opened is not None and not self.gave_up:
            left = self._due - time.monotonic()
            if left <= 0 and not self._probing:
                self._probing = True
                return True
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), max(left, 0.01) if not self._probing else None)
            except TimeoutError:
                continue
        return False

    def good(self) -> None:
        """The endpoint has answered, whatever it said."""
        self.row = 0
        if self.opened is not None:
            self.tell(f"the endpoint answers again after {time.monotonic() - self.opened:.0f} s")
            self.opened, self._wait, self._probing = None, self.seconds, False
            self._changed.set()

    def bad(self, why: str, probe: bool = False) -> None:
        """A request failed for the endpoint's fault."""
        self.row += 1
        now = time.monotonic()
        if self.opened is None:
            if self.row >= self.after:
                self.opened, self._due = now, now + self._wait
                self.tell(f"{self.row} requests failed in a row, the last one: {why}. Waiting for the endpoint.")
        elif probe:
            self._probing = False
            self._wait = min(self._wait * 2, LONGEST)
            self._due = now + self._wait
            if now - self.opened > self.patience:
                self.gave_up = f"the endpoint has been down for {now - self.opened:.0f} s ({why})"
                self.tell(self.gave_up)
            self._changed.set()

    def abandon(self, why: str) -> None:
        """The run is stopped: nobody waits any longer."""
        self.gave_up = self.gave_up or why
        self._changed.set()

    def dropped(self) -> None:
        """The probe was given up without a result: somebody else may try."""
        self._probing = False
        self._changed.set()
