"""What calls would take, before anything is sent: calls, tokens and money for each model and language.

    for row in estimate(calls, prices, journal):
        row.model, row.language, row.calls, row.answered, row.input, row.output, row.cost, row.batch_cost

answered: calls that the journal holds, which cost nothing. Tokens are estimates (tokens.py); a cost of None is an unknown
price. Retries and repairs are not counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import islice

from . import causes, tokens
from .calls import Call, Usage, key
from .journal import ANSWERED, Journal
from .prices import Prices

_AT_ONCE = 500


@dataclass(slots=True)
class Estimate:
    """One model and language. calls are all; input and output are the tokens of those still to ask."""

    model: str
    language: str
    calls: int = 0
    answered: int = 0
    input: int = 0
    output: int = 0
    cost: float | None = None
    batch_cost: float | None = None

    def as_dict(self) -> dict:
        return asdict(self)


def estimate(calls: Iterable[Call], prices: Prices, journal: Journal | None = None) -> list[Estimate]:
    """One row for each model and language of the replies, in the order of their names. A call that is there twice is asked once."""
    rows: dict[tuple[str, str], Estimate] = {}
    seen: set[str] = set()
    source = iter(calls)
    while some := [(call, key(call)) for call in islice(source, _AT_ONCE)]:
        found = journal.get({name for _, name in some}) if journal else {}
        for call, name in some:
            language = call.reply_language or call.language
            row = rows.setdefault((call.model, language), Estimate(call.model, language))
            row.calls += 1
            kept = found.get(name)
            if name in seen or (kept and (kept.state == ANSWERED or kept.cause in causes.PAID)):
                row.answered += 1
                continue
            seen.add(name)
            row.input += tokens.of_messages(call)
            row.output += tokens.of_reply(call)
    for row in rows.values():
        usage = Usage(row.input, row.output)
        row.cost = prices.cost(row.model, usage)
        row.batch_cost = prices.cost(row.model, usage, batch=True)
    return [rows[name] for name in sorted(rows)]


def table(rows: list[Estimate]):
    """A rich table with a total; a total with an unknown price says "+ ?"."""
    from .. import console

    made = console.table("model", "language", "calls", "in journal", "tokens in", "tokens out", "US$", "US$ batch")
    for row in rows:
        made.add_row(row.model, row.language, *_figures([row]))
    if len(rows) > 1:
        made.add_section()
        made.add_row("all", "", *_figures(rows))
    return made


def _figures(rows: list[Estimate]) -> list[str]:
    counts = [f"{sum(getattr(row, name) for row in rows):,}" for name in ("calls", "answered", "input", "output")]
    return [*counts, _money([row.cost for row in rows]), _money([row.batch_cost for row in rows])]


def _money(costs: list[float | None]) -> str:
    known = [cost for cost in costs if cost is not None]
    if not known:
        return "unknown"
    return f"{sum(known):,.2f}" + (" + ?" if len(known) < len(costs) else "")
