"""What judging would take: a row a judge, and what it is made of by language, before anything is sent.

    rows(work, judges, None, Path("judged/calls.sqlite"))
    [{"judge": "gpt", "calls": 1320, "in_journal": 0, "input": 1100000, "output": 370000, "cost": 4.1, "languages": [...]}, ...]

Tokens are estimates of globmed_tools.llm.tokens; an unknown price gives a cost of null.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ...llm.estimate import estimate
from ...llm.journal import Journal
from ...llm.prices import Prices
from .judges import Judge
from .work import Work


def rows(work: Work, judges: list[Judge], prices: Path | None, journal: Path) -> list[dict[str, Any]]:
    """One dict a judge."""
    points = Prices.read(prices) if prices else Prices.shipped()
    opened = Journal(journal, must_exist=True) if journal.is_file() else None
    try:
        return [_row(work, one, points, opened) for one in judges]
    finally:
        if opened:
            opened.close()


def _row(work: Work, judge: Judge, points: Prices, journal: Journal | None) -> dict[str, Any]:
    found = estimate(work.calls(judge), points, journal)
    by = {
        one.language: {"calls": one.calls, "in_journal": one.answered, "input": one.input, "output": one.output}
        for one in found
    }
    total = {name: sum(row[name] for row in by.values()) for name in ("calls", "in_journal", "input", "output")}
    costs = [one.cost for one in found]
    cost = None if None in costs else sum(costs)
    return {"judge": judge.name, "model": judge.model, **total, "cost": cost, "languages": by}


def show(work: Work, made: list[dict[str, Any]]) -> None:
    """Print the rows as a table, and what they are about."""
    from rich.markup import escape

    from ... import console

    groups = ", ".join(f"{name} {one['judged']:,} of {one['there']:,} items" for name, one in work.found.groups.items())
    empty = sum(not n for n in work.characters)
    click.echo(
        f"{len(work.characters):,} replies by {len(work.found.models)} models ({groups}), {empty:,} of them empty"
    )
    click.echo(
        f"graded a second time in the other order: {len(work.turned):,}; pairs, asked in both orders: {len(work.pairs):,}"
    )
    table = console.table("judge", "model", "calls", "in journal", "tokens in", "tokens out", "US$")
    for row in made:
        money = "unknown" if row["cost"] is None else f"{row['cost']:,.2f}"
        figures = [f"{row[name]:,}" for name in ("calls", "in_journal", "input", "output")]
        table.add_row(escape(row["judge"]), escape(row["model"]), *figures, money)
    console.console().print(table)
