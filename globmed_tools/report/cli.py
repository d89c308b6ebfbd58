"""`globmed report ...`: read lm-eval's results."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..errors import GlobmedError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def report():
    """From lm-eval's result files to tables by language."""


@report.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the table.")
@click.option("--svg", type=click.Path(path_type=Path, dir_okay=False), help="Also save the table as a picture.")
@click.option("--force", is_flag=True, help="Show results that should not be compared side by side all the same.")
def table(paths, as_json, svg, force):
    """Scores by language, averaged over sets, from result files or folders.

    \b
    Examples:
      globmed report table results
      globmed report table results/model_a results/model_b --json
      globmed report table results --svg table.svg
    """
    from . import results
    from . import table as tables

    rows = [row for path in results.result_files(paths) for row in results.rows(path)]
    reasons = tables.mixed(rows)
    if reasons and not force:
        raise GlobmedError(f"{reasons[0]}. Name fewer files, or add --force to show them all the same.")
    lines = tables.by_language(rows)
    if as_json:
        click.echo(
            json.dumps({"warnings": reasons, "rows": [line.as_dict() for line in lines]}, ensure_ascii=False, indent=1)
        )
        return
    from .. import console as screen

    shown = _tables(lines, sorted({row.data.partition(";")[0] for row in rows}))
    for one in shown:
        screen.console().print(one)
    if svg:
        screen.save_svg(shown, svg, title="globmed report table")


def _tables(lines, data) -> list:
    """What is printed: one table a model and kind, then the data sources."""
    from .. import console as screen
    from .. import languages
    from .table import METRICS

    tables = []
    for model, kind in dict.fromkeys((line.model, line.kind) for line in lines):
        here = [line for line in lines if (line.model, line.kind) == (model, kind)]
        used = [metric for metric in METRICS if any(line.scores[metric] is not None for line in here)]
        kind_name = "generative" if kind == "gen" else "loglikelihood"
        shown = screen.table("lang", "language", "tier", "sets", "items", *used, title=f"{model}, {kind_name}")
        for line in here:
            values = ["" if line.scores[metric] is None else f"{line.scores[metric]:.3f}" for metric in used]
            name = languages.get(line.language).name
            shown.add_row(line.language, name, line.tier, str(line.sets), str(line.n), *values)
        tables.append(shown)
    return [*tables, *(f"[dim]{source}[/]" for source in data)]
