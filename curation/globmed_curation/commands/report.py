"""`globmed curate report`: a run as one HTML page, or the figures behind it."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Where the page goes [DIR/report.html].")
@click.option(
    "--examples",
    type=click.IntRange(min=0, max=100),
    default=6,
    show_default=True,
    metavar="N",
    help="At most N examples of a stage, reason and language.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures behind the page as JSON; write no page.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def report(folder: Path, out: Path | None, examples: int, as_json: bool, quiet: bool):
    """Write what the run in DIR did as one HTML page: kept and dropped by reason, figures, examples.

    DIR is the --out folder of `run`, complete or with some stages complete, or of one stage. The page needs no network:
    open it in a browser, send it to a reviewer, print it.

    \b
    Examples:
      globmed curate report build
      globmed curate report build --out report-2026-11.html --examples 12
      globmed curate report build/stages/4-check --json
    """
    from ..report import figures
    from ..report import report as write

    if as_json:
        if out:
            raise click.UsageError(
                "--json prints figures and writes no page, so --out has nothing to do. Leave one out."
            )
        click.echo(json.dumps(figures(folder), ensure_ascii=False))
        return
    path = write(folder, out, examples)
    if not quiet:
        click.echo(f"{path}: {path.stat().st_size / 1000:,.0f} kB. Open it in a browser.")
