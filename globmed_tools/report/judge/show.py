"""What is printed when judging has ended: what each judge did, what failed and why, and what came of it."""

from __future__ import annotations

from collections import Counter

import click

from ... import console
from ...llm.causes import CAUSES
from .ask import Done
from .folder import Judged
from .panel import Panel
from .work import NO_QUOTE


def done(judged: Judged, ended: list[Done]) -> None:
    """A table of the judges, one of what failed, one of the models."""
    from rich.markup import escape

    screen = console.console()
    table = console.table(
        "judge",
        "judged",
        "empty",
        "failed",
        "not asked",
        "pairs",
        "from journal",
        "repaired",
        "US$ now",
        "in all",
        title="Judges",
    )
    for row, one in zip(judged.told["judges"], ended):
        grades = row["grades"]
        counts = (
            grades["judged"],
            grades["empty"],
            sum(grades["failed"].values()),
            grades["not_asked"],
            row["pairs"]["judged"],
        )
        figures = [f"{n:,}" for n in (*counts, one.tally.from_journal, one.tally.repaired)]
        every = "unknown" if one.cost is None else f"{one.cost:,.2f}"
        table.add_row(escape(row["name"]), *figures, one.tally.money().removeprefix("US$ "), every)
    screen.print(table)
    _failed(judged)
    _models(judged, screen)
    folder = judged.folder
    click.echo(f"judgements: {folder}; to look at them: globmed report build RESULTS {folder} -o report.html")
    if not judged.people:
        click.echo("not validated: no clinician rated these replies (--for-review, --clinicians)")


def _failed(judged: Judged) -> None:
    """What has no judgement, by cause, and what to do."""
    from rich.markup import escape

    table = console.table(
        "judge", "failed", "grades", "pairs", "what to do", title="Nothing stands in the place of these"
    )
    for row in judged.told["judges"]:
        grades = Counter(row["grades"]["failed"]) + Counter(row["turned"]["failed"])
        pairs = Counter(row["pairs"]["failed"])
        for cause in sorted(grades | pairs):
            remedy = (
                "another judge: this one reports words that are not there"
                if cause == NO_QUOTE
                else CAUSES[cause].remedy
            )
            table.add_row(escape(row["name"]), cause, f"{grades[cause]:,}", f"{pairs[cause]:,}", remedy)
    if table.row_count:
        console.console(stderr=True).print(table)


def _models(judged: Judged, screen) -> None:
    from rich.markup import escape

    panel = Panel(judged, judged.told["models"])
    boards = {metric: panel.board(metric) for metric in panel.metrics}
    title = "Judged by all judges together; 0 to 1, empty where a language or set has no judged reply"
    table = console.table("model", "judged", "of", *panel.metrics, title=title)
    replies, judged_by = panel.counts(lambda one: True), panel.counts(lambda one: len(one.grades) == len(panel.judges))
    for place, model in enumerate(panel.models):
        scores = [board.means[:, place].mean() for board in boards.values()]
        cells = ["" if score != score else f"{score:.3f}" for score in scores]
        table.add_row(
            escape(judged.told["models"][model]), f"{sum(judged_by[place]):,}", f"{sum(replies[place]):,}", *cells
        )
    screen.print(table)
