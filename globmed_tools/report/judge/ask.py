"""The judges at work: every call through the engine, every end of a call a row, money over all judges together.

    for done in ask(work, judges, Settings(Path("judged/calls.sqlite"), prices, max_cost=5.0), say=print):
        done.judge, done.rows, done.tally, done.cost

A run that is stopped (Ctrl-C, max_cost, a refused key) asks nothing more of anybody; what the journal holds is taken from it
all the same, so that the rows are all that is known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from ...errors import GlobmedError
from ...llm import Config, Engine, Journal
from ...llm.calls import Usage, key
from ...llm.keys import NO_KEY, read_key
from ...llm.prices import Prices
from ...llm.progress import shown
from ...llm.tally import Tally
from .judges import Judge
from .work import NOT_ASKED, Work, outcome_of

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Settings:
    """journal: of all judges; prices, max_cost (US$ over all judges); limits stand with each judge."""

    journal: Path
    prices: Prices
    max_cost: float | None = None
    retry_failed: bool = False


@dataclass(slots=True)
class Done:
    """One judge's end: a row for all that was to be judged, and what the engine counted in this run.

    usage, cost: of all calls that ended, those from the journal too; a cost of None is an unknown price.
    """

    judge: Judge
    rows: list[dict[str, Any]]
    tally: Tally
    usage: Usage
    cost: float | None


def ask(
    work: Work, judges: list[Judge], settings: Settings, *, say: Callable[[str], None], quiet: bool = False
) -> Iterator[Done]:
    """One Done a judge, one after the other. GlobmedError for a key that is missing, before anybody is asked."""
    keys = [read_key(variable=one.key_variable, file=one.key_file, warn=say) for one in judges]
    if settings.max_cost is not None and (
        unknown := [one.name for one in judges if settings.prices.of(one.model) is None]
    ):
        raise GlobmedError(
            f"{', '.join(unknown)}: the price is unknown, so --max-cost cannot be kept. Give it with --prices, or no --max-cost."
        )
    spent, stopped = 0.0, ""
    for judge, secret in zip(judges, keys):
        left = None if settings.max_cost is None else settings.max_cost - spent
        if left is not None and left <= 0:
            stopped = stopped or f"max_cost {settings.max_cost:g} is spent"
        config = Config(
            base_url=judge.base_url, journal=settings.journal, key=secret or NO_KEY, prices=settings.prices,
            max_cost=None if left is None or left <= 0 else left, retry_failed=settings.retry_failed, **judge.limits,
        )  # fmt: skip
        ended = Ended(work)
        tally = Tally(total=work.count, stopped=stopped)
        if not stopped:
            tally = asyncio.run(_judge(work, judge, config, ended, quiet))
            spent, stopped = spent + tally.cost, tally.stopped
        if stopped:
            _from_journal(work, judge, config, ended, tally)
        cost = settings.prices.cost(judge.model, ended.usage)
        yield Done(judge, list(work.rows(judge, ended.rows)), tally, ended.usage, cost)


class Ended:
    """What became of each call, by its id; and the tokens of all of them."""

    def __init__(self, work: Work):
        self.work, self.rows, self.usage = work, {}, Usage()

    def add(self, outcome) -> None:
        self.rows[outcome.id] = outcome_of(self.work, outcome)
        self.usage += outcome.usage

    def lacks(self, call) -> bool:
        return self.rows.get(call.id, {"state": NOT_ASKED})["state"] == NOT_ASKED


async def _judge(work: Work, judge: Judge, config: Config, ended: Ended, quiet: bool) -> Tally:
    async with Engine(config) as engine:
        with shown(engine.tally, quiet):
            async for outcome in engine.run(work.calls(judge), total=work.count):
                ended.add(outcome)
    return engine.tally


def _from_journal(work: Work, judge: Judge, config: Config, ended: Ended, tally: Tally) -> None:
    """What the journal knows of the calls that did not end."""
    if not config.journal.is_file():
        return
    engine = Engine(config)
    calls = (call for call in work.calls(judge) if ended.lacks(call))
    with Journal(config.journal) as journal:
        while some := [(call, key(call)) for call in islice(calls, _AT_ONCE)]:
            rows = journal.get(name for _call, name in some)
            for call, name in some:
                if outcome := engine.known(call, name, rows.get(name)):
                    ended.add(outcome)
                    tally.add(outcome)
