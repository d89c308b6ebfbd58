"""How fast calls may go out: what the user allows, and what the endpoint's answers teach.

    limits = Limits(concurrency=64, requests_per_minute=3000, tokens_per_minute=None)
    async with limits.places:                          one of the 64
        await limits.wait(tokens=900)                  for the minute's budget, and while the endpoint says "later"
    limits.accepted(headers), limits.refused(headers)  after each response, so that the next ones go at a bearable pace

Requests are spaced, not let out in bursts. After a 429 all calls wait as long as it says (Retry-After in seconds or as a date,
retry-after-ms, x-ratelimit-reset-*). Without such a word, where a tenth or more is refused, the pace becomes the rate that was
accepted in the last second; it grows by a quarter for every second without a 429, so it settles about what the endpoint bears.
"""

from __future__ import annotations

import asyncio
import math
import random
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

WINDOW = 1.0
SLOWEST = 0.2
#: A reset that is said to be further off than this belongs to another limit than a minute's (some give a day's).
RESET_MOST = 90.0
_PARTS = re.compile(r"([\d.]+)(ms|h|m|s)")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def duration(text: str) -> float | None:
    """Seconds in "1s", "6m0s", "120ms", "2.5"; None for anything else."""
    text = text.strip().lower()
    try:
        found = float(text)
        return found if math.isfinite(found) else None
    except ValueError:
        parts = _PARTS.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    try:
        return sum(float(number) * _UNITS[unit] for number, unit in parts)
    except ValueError:
        return None


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The seconds that a response asks to wait, never negative; None where it does not say."""
    if (text := headers.get("retry-after-ms")) and (found := duration(text)) is not None:
        return max(0.0, found / 1000)
    if text := headers.get("retry-after"):
        if (found := duration(text)) is not None:
            return max(0.0, found)
        try:
            when = parsedate_to_datetime(text)
        except ValueError:
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())
    return spent(headers)


def spent(headers: Mapping[str, str]) -> float | None:
    """Seconds until a budget that x-ratelimit-remaining-* calls empty is filled again; None where none is empty."""
    waits = [
        duration(headers.get(f"x-ratelimit-reset-{what}", ""))
        for what in ("requests", "tokens")
        if headers.get(f"x-ratelimit-remaining-{what}", "").strip() == "0"
    ]
    return max((one for one in waits if one is not None and one <= RESET_MOST), default=None)


def backoff(failures: int, first: float, most: float) -> float:
    """Seconds before the next attempt: doubling, at most `most`, of which a random half to whole is waited."""
    return min(most, first * 2 ** min(failures - 1, 30)) * random.uniform(0.5, 1.0)


class Meter:
    """So many units a minute, spaced evenly; a rate of None is no limit. `rate` may change at any time."""

    def __init__(self, rate: float | None):
        self.rate = rate
        self.next = 0.0

    def reserve(self, units: float, now: float) -> float:
        """When these units may go; the time after them is taken."""
        if self.rate is None:
            return now
        start = max(now, self.next)
        self.next = start + 60.0 * units / self.rate
        return start

    def correct(self, units: float) -> None:
        """So many units more (or fewer) than reserved turned out to be used."""
        if self.rate is not None:
            self.next += 60.0 * units / self.rate


class Limits:
    """The limits of one endpoint."""

    def __init__(
        self, concurrency: int, requests_per_minute: float | None = None, tokens_per_minute: float | None = None
    ):
        self.places = asyncio.Semaphore(concurrency)
        self.requests, self.tokens = Meter(requests_per_minute), Meter(tokens_per_minute)
        self.pace = Meter(None)
        self.paused = 0.0
        self.stopping = asyncio.Event()
        self._since = time.monotonic()
        self._accepted = self._refused = 0
        self.learnt = 0.0  # requests a minute that were last found bearable

    async def sleep(self, seconds: float) -> None:
        """So long, or until the run is stopped."""
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            pass

    async def wait(self, tokens: float) -> None:
        """Until the budgets allow a request of so many tokens and no pause is on, or the run is stopped."""
        now = time.monotonic()
        due = max(self.requests.reserve(1, now), self.tokens.reserve(tokens, now), self.pace.reserve(1, now))
        while (left := max(due, self.paused) - time.monotonic()) > 0 and not self.stopping.is_set():
            held = due < self.paused
            await self.sleep(left)
            if held:  # all who were held wake together: let them out one by one
                due = self.pace.reserve(1, time.monotonic())

    def accepted(self, headers: Mapping[str, str], tokens_more: float = 0.0) -> None:
        """A response that is no 429; tokens_more: used beyond what was reserved."""
        self._accepted += 1
        if tokens_more:
            self.tokens.correct(tokens_more)
        if self.pace.rate is not None:
            self._adapt()
        elif self._accepted % 64 == 0:
            self._restart()
        if "x-ratelimit-remaining-requests" in headers or "x-ratelimit-remaining-tokens" in headers:
            if (wait := spent(headers)) is not None:
                self._pause(wait)

    def refused(self, headers: Mapping[str, str]) -> float | None:
        """A 429; gives the seconds that it asked for, if it did."""
        self._refused += 1
        if (wait := retry_after(headers)) is not None:
            self._pause(wait)
        else:
            self._adapt()
        return wait

    def _pause(self, seconds: float) -> None:
        """What came before the pause says nothing about the pace after it."""
        self.paused = max(self.paused, time.monotonic() + seconds)
        self._restart(max(self.paused, time.monotonic()))

    def _restart(self, since: float | None = None) -> None:
        now = time.monotonic()
        if since is not None or now - self._since > WINDOW:
            self._since, self._accepted, self._refused = now if since is None else since, 0, 0

    def _adapt(self) -> None:
        """After a second, or as soon as it is plain that too much is asked."""
        span, refused = time.monotonic() - self._since, self._refused
        many = refused >= 0.1 * (
            refused + self._accepted
        )  # fewer are no sign of a limit: the calls' own waits bear them
        if span < WINDOW and not (self.pace.rate is None and self._accepted and many and refused >= 5 and span > 0.05):
            return
        if refused and many:
            rate = 60.0 * self._accepted / max(span, WINDOW) * 1.05
            if not self._accepted:
                rate = (self.pace.rate or 60.0 * refused / span) / 2
            self.pace.rate = self.learnt = max(rate, 60.0 * SLOWEST)
        elif self.pace.rate is not None and not refused:
            self.pace.rate *= 1.25
            if self.pace.rate > 8 * self.learnt:  # long without a 429: that limit is gone
                self.pace.rate = None
        self._restart(time.monotonic())
