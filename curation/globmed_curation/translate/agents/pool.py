"""Several endpoints as one: an engine for each that the steps name, over one journal, one budget and one Ctrl-C.

async with Pool(config, state) as pool:
    outcome = await pool.ask(asked)          at the endpoint of its step
"""

from __future__ import annotations

from collections import Counter
from contextlib import AsyncExitStack

from globmed_tools.errors import GlobmedError
from globmed_tools.llm import Config, Engine, Failure, Reply
from globmed_tools.llm.keys import read_key
from globmed_tools.llm.prices import Prices

from .chain import Asked
from .config import DEFAULT, Agents
from .state import State

#: So many calls that an endpoint has refused as they are, and none that it has answered: a parameter is wrong, not the calls.
HOPELESS = 10


class Pool:
    """The engines of one run; state gets their tallies and notices."""

    def __init__(self, config: Agents, state: State):
        self.config, self.state = config, state
        self.engines: dict[str, _Engine] = {}
        self._good, self._bad = Counter(), Counter()

    async def __aenter__(self) -> Pool:
        self._stack = AsyncExitStack()
        prices = Prices.read(self.config.prices) if self.config.prices else Prices.shipped()
        for name in dict.fromkeys(step.endpoint or DEFAULT for _, step in self.config.steps()):
            self.engines[name] = await self._stack.enter_async_context(self._engine(name, prices))
        self.state.tallies = [one.tally for one in self.engines.values()]
        self._stack.enter_context(next(iter(self.engines.values())).interruptible())
        return self

    async def __aexit__(self, *failure):
        await self._stack.aclose()

    def _engine(self, name: str, prices: Prices) -> _Engine:
        at = self.config.address(name)
        if not at.base_url:
            where = "endpoint" if name == DEFAULT else f"endpoints, {name}"
            raise GlobmedError(f"agents, {where}, base_url: none. Say where the models answer (--base-url).")
        config = Config(
            base_url=at.base_url,
            journal=self.config.journal,
            key=read_key(variable=at.key_variable, file=at.key_file, warn=self.state.notices.append),
            concurrency=at.concurrency,
            requests_per_minute=at.requests_per_minute,
            tokens_per_minute=at.tokens_per_minute,
            timeout=at.timeout,
            attempts=at.attempts,
            backoff=at.backoff,
            patience=at.patience,
            grace=at.grace,
            breaker_after=at.breaker_after,
            breaker_seconds=at.breaker_seconds,
            max_cost=self.config.max_cost,
            retry_failed=self.config.retry_failed,
            prices=prices,
        )
        return _Engine(config, self)

    @property
    def places(self) -> int:
        return sum(one.config.concurrency for one in self.engines.values())

    async def ask(self, asked: Asked) -> Reply | Failure:
        """The outcome of a call; a model that its endpoint does not know, or that refuses every call, stops all."""
        name, model = asked.endpoint or DEFAULT, asked.call.model
        engine = self.engines[name]
        outcome = await engine.ask(asked.call)
        if outcome.ok:
            self._good[name, model] += 1
        elif outcome.cause == "unknown model" and not engine.tally.stopped:
            engine.stop(f"{model}: {outcome.detail}")
        elif outcome.cause == "bad request":
            self._bad[name, model] += 1
            if self._bad[name, model] >= HOPELESS and not self._good[name, model] and not engine.tally.stopped:
                engine.stop(f"{model}: the first {HOPELESS} calls were all refused ({outcome.detail})")
        return outcome

    def stop(self, why: str) -> None:
        for one in self.engines.values():
            Engine.stop(one, why)


class _Engine(Engine):
    """An engine that stops its siblings when it stops, and counts what they spend against max_cost."""

    def __init__(self, config: Config, pool: Pool):
        super().__init__(config, tell=pool.state.notices.append)
        self.pool = pool

    def _siblings(self) -> list[_Engine]:
        return [one for one in self.pool.engines.values() if one is not self]

    def stop(self, why: str, grace: float | None = None) -> None:
        super().stop(why, grace)
        for one in self._siblings():
            if not one.tally.stopped or why == "interrupted":  # the second Ctrl-C ends the requests under way
                Engine.stop(one, why, grace)

    def expected_cost(self, call) -> float:
        """So much that cost so far + (requests under way + 1) * this is what all engines together may come to."""
        one, others = super().expected_cost(call), self._siblings()
        spent, under_way = sum(other.tally.cost for other in others), sum(other.under_way for other in others)
        return (spent + (under_way + self.under_way + 1) * one) / (self.under_way + 1)
