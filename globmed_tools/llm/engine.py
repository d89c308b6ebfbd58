"""Many calls to one endpoint: each ends exactly once, as a Reply or as a Failure with its cause.

    async with Engine(config) as engine:
        outcome = await engine.ask(call)                      one call; a chain of calls for one entry is a coroutine of asks
        async for outcome in engine.run(calls, total=2000):   many, in the order in which they end
            ...
    engine.tally.stopped                                      why the run ended early: "" where it did not

A run ends early at Ctrl-C, at max_cost, for a refused key, or where the endpoint stays down. Requests under way get `grace`
seconds to end; what is answered is journalled; calls that were taken and not sent end as "not asked", and no more are taken.
A full disk raises GlobmedError.
"""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import contextmanager
from dataclasses import replace

from . import causes, schema, tokens
from .attempt import Attempt
from .breaker import Breaker
from .calls import Call, Failure, Reply, Usage, key
from .client import Endpoint, Fault
from .config import Config
from .feed import Feed
from .journal import ANSWERED, FAILED, Journal, Row
from .limits import Limits
from .tally import Tally
from .writer import Writer

#: Keys that ended of late: more than can lie between a look into the journal and the call's turn.
RECENT = 20_000


class Engine:
    """An open engine. tell is called with each notice (breaker, stop) as it comes; the tally keeps them too."""

    def __init__(self, config: Config, *, tell: Callable[[str], None] | None = None):
        self.config, self._tell = config, tell
        self.tally = Tally()
        self.forms: dict[str, int] = {}
        self.under_way = 0
        self.dead: dict[str, str] = {}
        self.writer: Writer | None = None
        self._asking: dict[str, asyncio.Future] = {}
        self._recent: dict[str, None] = {}

    async def __aenter__(self) -> Engine:
        config = self.config
        journal = Journal(config.journal) if config.journal else None
        self.writer = Writer(journal, self.stop)
        self.limits = Limits(config.concurrency, config.requests_per_minute, config.tokens_per_minute)
        after = min(config.breaker_after, max(3, 2 * config.concurrency))
        self.breaker = Breaker(after, config.breaker_seconds, config.patience, self.notice)
        self.endpoint = Endpoint(config)
        return self

    async def __aexit__(self, *_):
        await self.endpoint.__aexit__()
        await self.writer.close()

    def notice(self, line: str) -> None:
        """Say something once."""
        line = self.config.key.hide(line)
        self.tally.notices.append(line)
        if self._tell:
            self._tell(line)

    def stop(self, why: str, grace: float | None = None) -> None:
        """Send nothing more. Requests under way may end within the grace time; a second stop ends them now."""
        loop, again = asyncio.get_running_loop(), bool(self.tally.stopped)
        if not again:
            self.tally.stopped = self.config.key.hide(why)
            self.notice(f"stopping: {why}")
        self.limits.stopping.set()
        self.breaker.abandon(why)
        if again:
            self.endpoint.give_up()
        else:
            loop.call_later(self.config.grace if grace is None else grace, self.endpoint.give_up)

    @contextmanager
    def interruptible(self):
        """Ctrl-C stops the engine while the block runs: once with grace, twice at once. `run` does this itself; a program
        of its own coroutines of `ask` wraps them in it. Elsewhere than in the main thread it does nothing."""
        loop, listening = asyncio.get_running_loop(), threading.current_thread() is threading.main_thread()
        if listening:
            try:
                loop.add_signal_handler(signal.SIGINT, self.stop, "interrupted")
            except (NotImplementedError, RuntimeError):
                listening = False
        try:
            yield
        finally:
            if listening:
                loop.remove_signal_handler(signal.SIGINT)

    async def run(self, calls: Iterable[Call], *, total: int | None = None) -> AsyncIterator[Reply | Failure]:
        """All calls; `calls` is read as it is needed. Raises GlobmedError for a call that cannot be asked and a full disk."""
        self.tally.total = total if total is not None else (len(calls) if hasattr(calls, "__len__") else None)
        feed = Feed(self, calls)
        try:
            async for outcome in feed:
                yield outcome
        finally:
            await feed.close()

    async def each(self, calls: Iterable[Call], on_outcome: Callable[[Reply | Failure], None], *, total=None) -> Tally:
        """As `run`, with a function that gets every outcome."""
        async for outcome in self.run(calls, total=total):
            on_outcome(outcome)
        return self.tally

    async def ask(self, call: Call) -> Reply | Failure:
        """One call: from the journal, or by asking."""
        name = key(call)
        found = await self.writer.get([name])
        outcome = self.known(call, name, found.get(name))
        if outcome is None:
            return await self.settle(call, name)
        self.tally.add(outcome)
        return outcome

    def known(self, call: Call, name: str, row: Row | None) -> Reply | Failure | None:
        """The outcome that a row of the journal stands for; None where the call is to be asked (again)."""
        if row is None:
            return None
        usage = Usage(row.input, row.output, row.cached)
        if row.state == ANSWERED:
            try:
                parsed = None if call.schema is None else schema.read(row.text, call.schema)
            except schema.Wrong:
                return None
            cost = self.config.prices.cost(call.model, usage, batch=row.via == "batch") if usage.input else None
            return Reply(call.id, name, row.text, parsed, usage, cost, row.seconds, True)
        if row.cause not in causes.PAID or self.config.retry_failed or row.via == "batch":
            return None
        return Failure(call.id, name, row.cause, row.detail, row.text, usage, 0.0, True)

    async def settle(self, call: Call, name: str) -> Reply | Failure:
        """Ask a call that the journal did not know; the same call twice at a time is asked once."""
        outcome = await self._by_another(call, name)
        if outcome is None:
            future = self._asking[name] = asyncio.get_running_loop().create_future()
            try:
                outcome = await self._ask(call, name)
                future.set_result(outcome)
            except BaseException:
                future.cancel()
                raise
            finally:
                del self._asking[name]
                self._recent[name] = None
                while len(self._recent) > RECENT:
                    del self._recent[next(iter(self._recent))]
        self.tally.add(outcome)
        return outcome

    async def _by_another(self, call: Call, name: str) -> Reply | Failure | None:
        """The outcome of the same call, where it is being asked or has ended since the journal was looked into."""
        if name in self._recent:
            ended = self.known(call, name, (await self.writer.get([name])).get(name))
            if ended is not None:
                return ended
        while (asking := self._asking.get(name)) is not None:  # last: nothing may come between this look and the asking
            try:
                first = await asyncio.shield(asking)
                return replace(first, id=call.id, from_journal=first.ok)
            except asyncio.CancelledError:
                if not asking.cancelled() or asyncio.current_task().cancelling():
                    raise
        return None

    async def _ask(self, call: Call, name: str) -> Reply | Failure:
        attempt = Attempt(self, call)
        await attempt.take_place()
        try:
            state, detail, text, parsed = ANSWERED, "", "", None
            cause = ""
            try:
                text, parsed = await attempt.answer()
            except Fault as fault:
                state, cause, detail, text = FAILED, fault.cause, fault.detail, attempt.said
            if not (state == FAILED and cause == "not asked"):
                await self._keep(call, name, attempt, state, cause, detail, text)
        finally:
            attempt.leave_place()
        if state == ANSWERED:
            return Reply(call.id, name, text, parsed, attempt.usage, attempt.cost, attempt.seconds, False)
        self._consequences(call, cause, detail)
        return Failure(call.id, name, cause, detail, text, attempt.usage, attempt.cost)

    async def _keep(self, call: Call, name: str, attempt: Attempt, state, cause, detail, text) -> None:
        """The place is left only after this: no more unjournalled answers than places."""
        usage = attempt.usage
        row = Row(
            name,
            call.model,
            state,
            cause,
            detail,
            text,
            usage.input,
            usage.output,
            usage.cached,
            attempt.seconds,
            attempt.requests,
            "live",
            time.time(),
        )
        await self.writer.put(row, attempt.first if self.config.keep_requests else None)

    def _consequences(self, call: Call, cause: str, detail: str) -> None:
        then = causes.CAUSES[cause].then
        if then == "model" and call.model not in self.dead:
            self.dead[call.model] = detail
            self.notice(f"{call.model}: {cause} ({detail}). Its other calls are not sent.")
        if then == "stop" and not self.tally.stopped:
            self.stop(f"{cause}: {detail}")

    def expected_cost(self, call: Call) -> float:
        """US$ that one more request may cost: the mean so far, at first an estimate."""
        ended = self.tally.requests - self.under_way
        mean = self.tally.cost / max(1, ended)
        if ended >= 50 and mean:
            return mean
        return max(
            mean, self.config.prices.cost(call.model, Usage(tokens.of_messages(call), tokens.of_reply(call))) or 0.0
        )
