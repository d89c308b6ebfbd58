"""`globmed review apply`: decisions become new versions of entries."""

from __future__ import annotations

import json
from pathlib import Path

import click

from .options import ADJUDICATOR, rule_of, rule_options

#: Items without a decision that are named on the screen; --json names all.
MOST = 10


@click.command("apply")
@click.argument("review", metavar="REVIEW", type=click.Path(path_type=Path))
@click.argument("build", metavar="BUILD", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Where the new build goes.")
@rule_options
@ADJUDICATOR
@click.option("--overwrite", is_flag=True, help="Replace what this command wrote into DIR before.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def apply(review, build, out, config, settings, adjudicators, overwrite, as_json, quiet):
    """Bring what reviewers decided into BUILD, as a new build in DIR; BUILD stays as it is.

    An adjudicator's answer decides alone. Else an entry that anybody called harmful is dropped; one on which reviewers
    disagree (the rule of `adjudicate`) stays as it was, unreviewed, and is told; of all others the new texts are taken,
    and the entry says who looked at it. A mended entry has a new id; `globmed curate explain DIR ID` takes the old and the
    new one. Check findings of the old text are put aside: run `globmed curate check` again for the new one, and export
    that with --after this build, for the card to tell of the review.

    The figures of the review go with the new build (review.json, of its last stage), and `globmed curate export` writes them into
    the cards: how many were reviewed and revised, mean ratings, agreement, and no names.

    \b
    Examples:
      globmed review apply review build --out reviewed
      globmed review apply review build --out reviewed --adjudicator S01 --json
      globmed curate explain reviewed 0c1f0a52
      globmed curate export reviewed --out release
    """
    from ..apply import apply as run

    told = run(review, build, out, rule_of(config, settings), adjudicators=adjudicators, overwrite=overwrite)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    elif not quiet:
        _show(told, out)


def _show(told: dict, out: Path) -> None:
    from globmed_tools.console import console, table

    shown = console()
    names = sorted({name for counts in told["stats"].values() for name in counts})
    rows = table("language", *names)
    for code, counts in told["stats"].items():
        rows.add_row(code, *(f"{counts.get(name, 0):,}" for name in names))
    shown.print(rows)
    shown.print(f"{told['kept']:,} kept in {out}/kept, {told['dropped']:,} dropped by this stage", highlight=False)
    for one in told["unresolved"][:MOST]:
        why = ", ".join(f"{row['rule']} ({row.get('question') or row['field']})" for row in one["why"])
        shown.print(f"unresolved: {one['language']} {one['item']}: {why}", highlight=False, markup=False)
    if len(told["unresolved"]) > MOST:
        shown.print(f"unresolved: {len(told['unresolved']) - MOST:,} more; --json names them all", highlight=False)
    if told["missing"]:
        shown.print(f"not in the build: {len(told['missing']):,} reviewed items, {told['missing'][0]}, ...")
