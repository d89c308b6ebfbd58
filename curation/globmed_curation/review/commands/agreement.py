"""`globmed review agreement`: how far reviewers agree, as a table, a page or JSON."""

from __future__ import annotations

import json
from pathlib import Path

import click

from .options import ADJUDICATOR


@click.command()
@click.argument("folder", metavar="REVIEW", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the HTML page here.")
@click.option(
    "--least",
    type=click.IntRange(min=2),
    default=10,
    show_default=True,
    metavar="N",
    help="Fewer items seen by two reviewers get no figure.",
)
@click.option(
    "--weights",
    type=click.Choice(["linear", "quadratic"]),
    default="quadratic",
    show_default=True,
    help="Of kappa and AC2, for ratings and safety.",
)
@click.option(
    "--resamples", type=click.IntRange(min=100), default=1000, show_default=True, metavar="N", help="Of the bootstrap."
)
@click.option("--seed", type=int, default=5, show_default=True, metavar="N", help="Of the bootstrap.")
@ADJUDICATOR
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def agreement(folder: Path, out: Path | None, adjudicators, as_json: bool, quiet: bool, **settings):
    """Say how far the reviewers in REVIEW agree: for each question and language percent agreement, Krippendorff's alpha
    with its bootstrap interval, weighted kappa, Gwet's AC1 and AC2, and which answers are confused; for each reviewer
    severity, median time and planted faults seen.

    Only submitted answers count; items with planted faults count for nothing but the faults. The figures of a paper: alpha
    with its interval, beside AC1 and percent agreement.

    \b
    Examples:
      globmed review agreement review
      globmed review agreement review -o agreement.html
      globmed review agreement review --least 20 --adjudicator S01 --json
    """
    from ..agreement import Config, figures
    from ..agreement_answers import load

    told = figures(load(folder, adjudicators), Config(**settings))
    if out:
        from globmed_tools import manifest

        from ..page import render

        manifest.write_bytes(out, render(told, folder.resolve().name).encode())
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    elif not quiet:
        _show(told, out)


def _show(told: dict, out: Path | None) -> None:
    from globmed_tools.console import console, table

    from ..page import number

    shown = console()
    for asked in told["questions"]:
        columns = ("twice", "agree", "alpha", "interval", "kappa", "AC1", "AC2", "note")
        rows = table("language", "items", *columns, title=asked["title"])
        for row in asked["languages"]:
            interval = "" if row["alpha_low"] is None else f"{number(row['alpha_low'])} to {number(row['alpha_high'])}"
            figures = (row["agreement"], row["alpha"], interval, row["kappa"], row["ac1"], row["ac2"])
            shown_ = [one if isinstance(one, str) else number(one) for one in figures]
            rows.add_row(row["language"], f"{row['items']:,}", f"{row['double']:,}", *shown_, row["note"] or "")
        shown.print(rows)
    rows = table("reviewer", "answers", "accuracy against others", "median s", "revised", "harmful", "faults seen")
    for row in told["reviewers"]:
        severity, planted = row["severity"]["accuracy"], row["calibration"]
        rows.add_row(
            row["reviewer"],
            f"{row['answers']:,}",
            f"{number(severity['mean'], signed=True)} ({severity['items']:,})" if severity["items"] else "",
            "" if row["seconds"] is None else f"{row['seconds']:,.0f}",
            f"{row['revised']:,}",
            f"{row['harmful']:,}",
            f"{planted['seen']:,} of {planted['items']:,}" if planted["items"] else "",
        )
    shown.print(rows)
    if told["left_out"]:
        left = ", ".join(f"{count:,} {name}" for name, count in told["left_out"].items())
        shown.print(f"Not counted: {left}.", highlight=False)
    if out:
        shown.print(f"{out}: {out.stat().st_size / 1000:,.0f} kB. Open it in a browser.", highlight=False)
