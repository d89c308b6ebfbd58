"""`globmed review adjudicate`: what a senior reviewer has to decide."""

from __future__ import annotations

import json
from pathlib import Path

import click

from .options import ADJUDICATOR, rule_of, rule_options


@click.command()
@click.argument("folder", metavar="REVIEW", type=click.Path(path_type=Path))
@rule_options
@ADJUDICATOR
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def adjudicate(folder: Path, config: Path | None, settings, adjudicators, as_json: bool, quiet: bool):
    """Find where reviewers disagree, and write REVIEW/adjudication.jsonl for a senior reviewer.

    Each line holds an item, in what its reviewers differ, and their answers without names, in an order that tells nothing.
    By default that is: two ratings of one question 2 or more apart, any difference in safety, two different new texts
    for one field, and whatever anybody called harmful. The decisions come back as answers in REVIEW/adjudicated.jsonl,
    or in answers.jsonl under the reviewer that --adjudicator names.

    \b
    Examples:
      globmed review adjudicate review
      globmed review adjudicate review -s ratings=3 -s harmful=false --json
      globmed review adjudicate review --config rule.yml        with:  ratings: 2
    """
    from ..adjudicate import write
    from ..agreement_answers import load

    told = write(folder, load(folder, adjudicators), rule_of(config, settings))
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    elif not quiet:
        _show(told)


def _show(told: dict) -> None:
    from globmed_tools.console import console, table

    shown = console()
    for title, found in (("disagreement", told["rules"]), ("language", told["languages"])):
        if found:
            rows = table(title, "items")
            for name, count in found.items():
                rows.add_row(name, f"{count:,}")
            shown.print(rows)
    share = f"{told['items']:,} of {told['reviewed']:,} reviewed items are disputed"
    shown.print(f"{share}, {told['decided']:,} of them decided: {told['file']}", highlight=False)
