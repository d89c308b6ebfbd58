"""`globmed review push`: the items of a review to an Argilla server."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path

import click

from .argilla_options import LANGUAGE, NAME, WORKSPACE, server_options

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("review", type=_PATH)
@server_options
@NAME
@WORKSPACE
@LANGUAGE
@click.option("--adjudication", is_flag=True, help="Push what reviewers disagree in, for a senior reviewer.")
@click.option("--guidelines", type=_PATH, metavar="DIR", help="A team's own guidelines: <code>.md, common.md.")
@click.option("--dry-run", is_flag=True, help="Compare with the server and say what would be made; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def push(review, home, url, name, workspace, languages, adjudication, guidelines, dry_run, as_json):
    """Put the items of a review onto an Argilla server, a dataset a language.

    REVIEW is the folder that `globmed review sample` wrote. What two people are to review is a dataset of its own
    (NAME-sw-double): Argilla counts reviewers by dataset. Each language has a workspace of its own, into which `globmed review
    users add` lets its reviewers. Nothing is filled in but the revision, with the translation as it is.

    Pushing again, or after a push was cut off, adds what is missing and nothing twice. An item that has changed since is
    written anew where nobody has answered it; where somebody has, it is left and told.

    \b
    Examples:
      globmed review push review --dry-run
      globmed review push review --name trial --language sw
      globmed review push review --adjudication
      GLOBMED_ARGILLA_KEY=... globmed review push review --url https://review.example.org
    """
    from .. import argilla_push, argilla_workspaces
    from ..argilla_client import connect

    planned = argilla_push.plan(
        review, name=name, languages=languages, adjudication=adjudication, own_guidelines=guidelines
    )
    client = connect(home, url)
    with argilla_push.alone(review, dry_run), _bar(sum(len(one.items) for one in planned), as_json) as tick:
        done = []
        for one in planned:
            place = argilla_workspaces.name(workspace, one.language, one.round)
            done.append(argilla_push.push(client, review, one, place, dry=dry_run, tick=tick))
    if as_json:
        told = {"server": client.api_url, "dry_run": dry_run, "datasets": [one.to_dict() for one in done]}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    _show(done, client.api_url, dry_run)


@contextmanager
def _bar(total: int, hidden: bool):
    """Yields tick(count): a bar on stderr where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=hidden or not console.is_terminal) as bar:
        task = bar.add_task("pushing", total=total)
        yield lambda count: bar.advance(task, count)


def _show(done, server: str, dry_run: bool) -> None:
    from globmed_tools.console import console, table

    out = console()
    rows = table("dataset", "reviewed by", "records", "new" if not dry_run else "to add", "there", "rewritten", "kept")
    for one in done:
        numbers = (one.records, one.added, one.same, one.rewritten, len(one.kept))
        rows.add_row(one.dataset, str(one.reviews), *(f"{number:,}" if number else "-" for number in numbers))
    out.print(rows)
    for one in done:
        notes = list(one.notes)
        if one.kept:
            notes.append(
                f"{one.dataset}: {len(one.kept)} items have changed since they were pushed and answered; left as they were: "
                f"{', '.join(one.kept[:5])}" + (", ..." if len(one.kept) > 5 else "")
            )
        for note in notes:
            out.print(f"note: {note}", highlight=False, markup=False, soft_wrap=True)
    click.echo("Dry run: nothing was written." if dry_run else f"Reviewers find them at {server}.")
