"""The filling pass: the chains of all translations at once, by their endpoints; what it writes is the journal, and nothing else.

    told = fill(files, config, progress)          files: shards of entries; config: the stage's; told: State.as_dict()

Stopped (Ctrl-C, max_cost, a refused key, an endpoint that stays down), it raises GlobmedError and loses nothing: the next
run takes from the journal what was answered. A translation whose call failed for a cause that passes is tried once more
when the others are done; if it fails again it waits for the next run, unless `drop_failed` says that this is its end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from globmed_tools import languages, store
from globmed_tools.entry import translation
from globmed_tools.errors import GlobmedError
from globmed_tools.llm import Journal

from ...stages import Dropped
from .. import Job, Made
from . import schemas
from .chain import Asked, Outcome, Tools, chain
from .pool import Pool
from .replay import Missing, is_end, replay
from .state import State
from .tools import tools_of

PASSES = 2


def jobs_in(files: Iterable[Path], config: Any) -> Iterator[Job]:
    """The jobs of some shards, each of which holds whole groups."""
    from ..stage import jobs_of

    for file in files:
        yield from jobs_of(store.read_file(file), config)


def fill(files: list[Path], config: Any, progress: Any) -> dict[str, Any]:
    """Ask what the journal does not hold; GlobmedError where something is left to ask."""
    state = State(sum(1 for _ in jobs_in(files, config)))
    agents = config.agents
    if not state.total:
        return state.as_dict()
    tools = tools_of(agents, config.lid_model)
    with progress.asking(state):
        if not any(agents.address(step.endpoint).base_url for _, step in agents.steps()):
            _offline(jobs_in(files, config), tools, state)
        else:
            _warm(next(jobs_in(files, config)), config.languages, tools)
            asyncio.run(_fill(lambda: jobs_in(files, config), tools, state))
    told = state.as_dict()
    progress.asked = told
    if state.done < state.total:
        raise GlobmedError(_left(state, agents.journal), 130 if state.stopped == "interrupted" else 1)
    return told


def _warm(job: Job, codes: Iterable[str], tools: Tools) -> None:
    """Load what checks and glossary need before anybody waits for a reply: it takes seconds in which no answer is heard."""
    for code in codes:
        one = Job(job.entry, languages.get(code).code)
        if one.language == job.entry.language:
            continue
        if tools.find is not None:
            tools.find(job.entry.question, one.language, job.entry.language)
        if tools.check is not None:
            texts = schemas.fields_of(schemas.texts_of(job.entry))
            tools.check(job.entry, translation(job.entry, one.language, translator="", **texts))


def _left(state: State, journal: Path) -> str:
    done = f"{state.done:,} of {state.total:,} translations"
    again = f"What was answered is in {journal}: the same command goes on from there."
    if state.stopped:
        return f"stopped ({state.stopped}); {done} have all their answers. {again}"
    causes = ", ".join(f"{count:,} {cause}" for cause, count in state.waiting.most_common())
    return f"{done} have all their answers; the others wait: {causes}. {again} (drop_failed: true lets them go.)"


def _offline(jobs: Iterator[Job], tools: Tools, state: State) -> None:
    """Only what the journal holds: no address is known."""
    with Journal(tools.config.journal, must_exist=True) as journal:
        for job in jobs:
            try:
                _count(replay(job, tools, journal.get), state, fresh=False)
            except Missing:
                raise GlobmedError(
                    f"{tools.config.journal}: does not hold all calls, and there is no address to ask. Say --base-url."
                ) from None


async def _fill(jobs: Callable[[], Iterator[Job]], tools: Tools, state: State) -> None:
    async with Pool(tools.config, state) as pool:
        left: Iterable[Job] = jobs()
        for number in range(PASSES):
            last = number == PASSES - 1
            again: list[Job] = []
            await _pass(iter(left), again, pool, tools, state, last)
            if state.stopped or last or not again:
                break
            state.waiting.clear()
            left = again


async def _pass(jobs: Iterator[Job], again: list[Job], pool: Pool, tools: Tools, state: State, last: bool) -> None:
    """Chains side by side, twice as many as there are places: one that waits before a next attempt has left its own."""

    async def worker() -> None:
        for job in jobs:
            if state.stopped:
                return
            fresh = False

            async def ask(asked: Asked) -> Outcome:
                nonlocal fresh
                outcome = await pool.ask(asked)
                fresh = fresh or not outcome.from_journal
                return outcome

            end = await drive(job, tools, ask, tools.config.drop_failed and last)
            if isinstance(end, Made):
                _count(end, state, fresh)
            elif end.cause != "not asked":
                state.waiting[end.cause] += 1
                again.append(job)

    tasks = [asyncio.create_task(worker()) for _ in range(2 * pool.places)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def drive(
    job: Job, tools: Tools, ask: Callable[[Asked], Awaitable[Outcome]], drop_failed: bool
) -> Made | Outcome:
    """How the job ended, or the failure that is no end."""
    steps, outcome = chain(job, tools), None
    while True:
        try:
            asked = steps.send(outcome)
        except StopIteration as done:
            return done.value
        outcome = await ask(asked)
        if not outcome.ok and not is_end(outcome.cause) and (outcome.cause == "not asked" or not drop_failed):
            steps.close()
            return outcome


def _count(made: Made, state: State, fresh: bool) -> None:
    dropped = isinstance(made.end, Dropped)
    state.ended(made.texts["ended"], made.end.reason if dropped else "", fresh)
