"""`globmed review sample`: draw the translations that are reviewed."""

from __future__ import annotations

import json
from pathlib import Path

import click

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("builds", metavar="BUILD...", nargs=-1, required=True, type=_PATH)
@click.option("--out", type=_PATH, metavar="DIR", help="The review folder to be written.")
@click.option("--plan", "plan_file", type=_PATH, metavar="YAML", help="How many of which set [as in the paper].")
@click.option("-s", "changes", multiple=True, metavar="NAME=VALUE", help="Change the plan (may be repeated).")
@click.option("--language", "languages", multiple=True, metavar="CODE", help="Only this language (may be repeated).")
@click.option("--split", "splits", multiple=True, type=click.Choice(["train", "dev", "test"]), help="Only this split.")
@click.option("--seed", type=int, metavar="N", help="Another seed draws others [1].")
@click.option("--double", type=click.FloatRange(0, 1), metavar="SHARE", help="The share reviewed twice [0.2].")
@click.option(
    "--calibration", type=click.IntRange(min=0), metavar="N", help="Copies with a known fault a language [0]."
)
@click.option("--overwrite", is_flag=True, help="Replace another sample that nobody has answered.")
@click.option("--dry-run", is_flag=True, help="Print the strata, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def sample(builds, out, plan_file, changes, languages, splits, seed, double, calibration, overwrite, dry_run, as_json):
    """Draw translations for review, by set and language, those flagged by a check first.

    BUILD is what `globmed curate run` wrote (or any folder of entries) with translations and their originals. By default, in
    every language: 75 of each multiple-choice and yes/no set, 150 for entailment, 200 long-form. A plan of your own names other
    numbers:

    \b
      mcq: {each: 20}
      nli: {total: 40}
      sets: {liveqa: 10}

    \b
    Examples:
      globmed review sample build --out review --dry-run
      globmed review sample build --out review --language sw --calibration 10
      globmed review sample build --out review -s mcq.each=20 -s sets.medqa=50 --seed 7
      globmed review sample build --out review --plan plan.yml --json
    """
    from .. import sample as review_sample
    from ..sample_plan import read_plan

    if out is None and not dry_run:
        raise click.UsageError("give --out DIR, or --dry-run.")
    options = {"seed": seed, "double": double, "calibration": calibration}
    given = [f"{name}={value}" for name, value in options.items() if value is not None]
    plan = read_plan(plan_file, [*changes, *given])
    found = review_sample.draw(builds, plan, languages=languages, splits=splits)
    if not dry_run:
        review_sample.write(out, found, inputs=review_sample.inputs_of(builds), overwrite=overwrite)
    if as_json:
        told = {"folder": None if dry_run else str(out), **found.to_dict()}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    _show(found)
    click.echo("Dry run: nothing was written." if dry_run else f"Next: globmed review sheet export {out}")


def _show(found) -> None:
    from globmed_tools.console import console, table

    names = ("language", "set", "form", "there", "flagged there", "wanted", "taken: flagged", "taken: others", "short")
    out, rows = console(), table(*names)
    for one in found.strata:
        numbers = (one.there, one.flagged_there, one.wanted, one.flagged, one.drawn, one.short)
        rows.add_row(one.language, one.source, one.form, *(f"{number:,}" if number else "-" for number in numbers))
    out.print(rows)
    for note in found.notes:
        out.print(f"note: {note}", highlight=False, markup=False, soft_wrap=True)
    counts = found.counts()
    out.print(
        f"{counts['items']:,} items, {counts['reviews']:,} reviews: {counts['flagged']:,} flagged, {counts['drawn']:,} others, "
        f"{counts['calibration']:,} for calibration; {counts['double']:,} are reviewed twice (seed {found.plan.seed}).",
        highlight=False,
        soft_wrap=True,
    )
