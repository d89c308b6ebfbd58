"""Replay: a chain driven by what the journal holds, with no network.

    replay(job, tools, journal.get)       a Made; Missing where the journal does not hold one of its calls
    outcome_of(call, row)                 what a row of the journal says: a Reply, a Failure, or None for "ask (again)"
    is_end(cause)                         whether a failure ends a chain, or leaves it to the next run

A refusal, a reply of the wrong schema after its repair, a filtered or cut one was paid for and is final; so is a call that
cannot work as it is. A timeout, a server error or a call that was not sent is no end of anything.
"""

from __future__ import annotations

from collections.abc import Callable

from globmed_tools.llm import Call, Failure, Reply, Usage, causes, schema
from globmed_tools.llm.calls import key
from globmed_tools.llm.journal import ANSWERED, Row

from .. import Job, Made
from .chain import Asked, Tools, chain

ENDS = (*causes.PAID, "context too long", "bad request")


class Missing(Exception):
    """The journal does not hold this call, or only as failed for a cause that passes."""

    def __init__(self, asked: Asked, name: str):
        super().__init__(asked.call.id)
        self.asked, self.name = asked, name


def is_end(cause: str) -> bool:
    """True where the next run would get no better."""
    return cause in ENDS


def outcome_of(call: Call, name: str, row: Row | None, drop_failed: bool = False) -> Reply | Failure | None:
    """The outcome that a row stands for; drop_failed: every failure is an end."""
    if row is None:
        return None
    usage = Usage(row.input, row.output, row.cached)
    if row.state == ANSWERED:
        try:
            parsed = None if call.schema is None else schema.read(row.text, call.schema)
        except schema.Wrong:
            return None
        return Reply(call.id, name, row.text, parsed, usage, None, row.seconds, True)
    if not (is_end(row.cause) or drop_failed):
        return None
    return Failure(call.id, name, row.cause, row.detail, row.text, usage, 0.0, True)


def replay(job: Job, tools: Tools, get: Callable[[list[str]], dict[str, Row]]) -> Made:
    """How the job ended, by the journal's `get`."""
    steps, outcome = chain(job, tools), None
    while True:
        try:
            asked = steps.send(outcome)
        except StopIteration as done:
            return done.value
        name = key(asked.call)
        outcome = outcome_of(asked.call, name, get([name]).get(name), tools.config.drop_failed)
        if outcome is None:
            steps.close()
            raise Missing(asked, name)
