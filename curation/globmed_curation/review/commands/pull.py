"""`globmed review pull`: answers from an Argilla server."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path

import click

from .argilla_options import LANGUAGE, server_options

#: Notes, and answers that cannot be read, that are named on the screen; --json names all.
MOST = 20


@click.command()
@click.argument("review", metavar="REVIEW", type=click.Path(path_type=Path))
@server_options
@LANGUAGE
@click.option("--adjudication", is_flag=True, help="Pull the senior reviewer's decisions, into adjudicated.jsonl.")
@click.option("--full", is_flag=True, help="Read every dataset, even where nothing has happened since the last pull.")
@click.option("--dry-run", is_flag=True, help="Read and compare, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def pull(review, home, url, languages, adjudication, full, dry_run, as_json):
    """Bring what reviewers answered into REVIEW/answers.jsonl: submitted, draft and discarded answers, under pseudonyms.

    A dataset is read where anybody has answered in it since the last pull; what was read is compared with the server's own
    counts. Only a text that differs from what was pushed counts as a revision. Nothing is taken away: answers that
    are no longer on the server are kept and told. Pulling twice, or after a pull was cut off, adds nothing twice.

    \b
    Examples:
      globmed review pull review
      globmed review pull review --language sw --dry-run
      globmed review pull review --adjudication --json
      GLOBMED_ARGILLA_KEY=... globmed review pull review --url https://review.example.org
    """
    from .. import argilla_pull
    from ..argilla_client import connect

    client = connect(home, url)
    datasets = argilla_pull.there(client, review, languages=languages, adjudication=adjudication)
    with argilla_pull.alone(review), _bar(sum(one.records for one in datasets), as_json) as tick:
        who = argilla_pull.Who(client, review, dry=dry_run)
        done = [argilla_pull.pull(client, review, one, who, full=full, dry=dry_run, tick=tick) for one in datasets]
    if as_json:
        told = {"server": client.api_url, "dry_run": dry_run, "datasets": [one.to_dict() for one in done]}
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        _show(done, dry_run)


@contextmanager
def _bar(total: int, hidden: bool):
    """Yields tick(count): a bar on stderr where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=hidden or not console.is_terminal) as bar:
        task = bar.add_task("pulling", total=total)
        yield lambda count: bar.advance(task, count)


def _show(done, dry_run: bool) -> None:
    from globmed_tools.console import console, table

    out = console()
    rows = table("dataset", "submitted", "draft", "discarded", "new", "changed", "there", "state")
    for one in done:
        numbers = [
            *(one.answers.get(name, 0) for name in ("submitted", "draft", "discarded")),
            one.added,
            one.changed,
            one.same,
        ]
        rows.add_row(one.dataset, *(f"{number:,}" if number else "-" for number in numbers), one.state)
    out.print(rows)
    notes = [f"note: {note}" for one in done for note in one.notes]
    for one in done:
        if one.gone:
            named = ", ".join(f"{row['item']} ({row['reviewer']})" for row in one.gone[:3])
            more = ", ..." if len(one.gone) > 3 else ""
            notes.append(
                f"note: {one.dataset}: {len(one.gone):,} answers are no longer on the server, and kept here: {named}{more}"
            )
        notes += [f"problem: {one.dataset}: {row['item']}, {row['reviewer']}: {row['what']}" for row in one.problems]
    for note in notes[:MOST]:
        out.print(note, highlight=False, markup=False, soft_wrap=True)
    if len(notes) > MOST:
        click.echo(f"and {len(notes) - MOST:,} more; --json names them all")
    if dry_run:
        click.echo("Dry run: nothing was written.")
