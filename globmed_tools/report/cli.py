"""`globmed report ...`: read lm-eval's results."""

from __future__ import annotations

import json
from pathlib import Path

import click
import orjson

from .. import manifest
from ..errors import GlobmedError
from .judge.cli import judge as _judge

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_NEW = click.Path(path_type=Path, dir_okay=False)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def report():
    """From lm-eval's result files to tables by language."""


report.add_command(_judge)


@report.command()
@click.argument("results", nargs=-1, required=True)
@click.option("-o", "--out", type=_NEW, help="The report as one page: no network, nothing beside it.")
@click.option("--json", "json_file", type=_NEW, help="The whole report; - for stdout.")
@click.option("--csv", "csv_folder", type=_FOLDER, help="Folder for one CSV file a table.")
@click.option("--latex", "latex_folder", type=_FOLDER, help="Folder for one LaTeX table a file (booktabs).")
@click.option("--markdown", type=_NEW, help="The tables as one Markdown file.")
@click.option(
    "--base", multiple=True, help="Improvement over this model: BASE for all others, or MODEL=BASE. Repeatable."
)
@click.option("--models", type=_FILE, help="YAML of models with sizes, licences, bases (default: the shipped roster).")
@click.option("--sets", multiple=True, help="Only this set. Repeatable.")
@click.option("--languages", "codes", multiple=True, help="Only this language. Repeatable.")
@click.option("--common", is_flag=True, help="Only sets that every model has in every language.")
@click.option("--seed", type=click.IntRange(0), default=20260105, show_default=True, help="Seed of all random draws.")
@click.option("--resamples", type=click.IntRange(100), default=2000, show_default=True, help="Draws of the bootstrap.")
@click.option(
    "--items", type=click.IntRange(0), default=200, show_default=True, help="Most items to look at; 0 for none."
)
@click.option("--skip-bad", is_flag=True, help="Leave out what cannot be used, and name it.")
@click.option("--force", is_flag=True, help="Show results that should not be compared side by side all the same.")
@click.option("--workers", type=click.IntRange(0), default=0, help="Processes that read samples (default: all cores).")
@click.option("--quiet", is_flag=True, help="No progress bar.")
def build(results, out, json_file, csv_folder, latex_folder, markdown, codes, quiet, **asked):
    """Leaderboard, languages, gaps to English and their certainty, from result and sample files.

    RESULTS are folders or result files of lm-eval runs with --log_samples, or NAME=PATH to name a model yourself. A folder that
    `globmed report judge` wrote is shown beside them.

    \b
    Examples:
      globmed report build results -o report.html
      globmed report build results --json report.json
      globmed report build results --markdown report.md --csv tables --latex tables
      globmed report build with=results/a without=results/b --base without
      globmed report build results judged -o report.html
      globmed report build results --languages en --languages sw --skip-bad
    """
    from . import formats
    from . import tables as made
    from .build import Asked
    from .build import build as run

    to_stdout = json_file is not None and str(json_file) == "-"
    found = run(results, Asked(languages=codes, **asked), say=lambda line: click.echo(line, err=True), quiet=quiet)
    shown = made.tables(found)
    if out:
        from . import page

        page.write(found, out)
    if csv_folder:
        formats.csv(shown, csv_folder)
    if latex_folder:
        formats.latex(shown, latex_folder)
    if markdown:
        manifest.write_bytes(markdown, formats.markdown(found, shown).encode())
    if json_file and not to_stdout:
        manifest.write_bytes(json_file, orjson.dumps(found))
    if to_stdout:
        click.echo(orjson.dumps(found))
        return
    _leaderboards(found, shown)


def _leaderboards(found, shown) -> None:
    """What is printed: what must be known, then a leaderboard a board."""
    from rich.markup import escape

    from .. import console as screen
    from .formats import shown as text

    for one in (*found["reasons"], *found["notes"], *(found["items"] or {"problems": ()})["problems"]):
        click.echo(one, err=True)
    for one in shown:
        if one.name.endswith("_leaderboard"):
            table = screen.table(*one.columns, title=one.title)
            for row in one.rows:
                table.add_row(*(escape(text(cell)) for cell in row))
            screen.console().print(table)


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


@report.command()
@click.argument("results", nargs=-1, required=True)
@click.option("--out", type=_FOLDER, required=True, help="Folder for the rescored files; nothing in it is overwritten.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the table, with examples.")
@click.option("--skip-bad", is_flag=True, help="Leave out what cannot be used, and name it.")
@click.option("--workers", type=click.IntRange(0), default=0, help="Processes that read replies (default: all cores).")
@click.option("--quiet", is_flag=True, help="No progress bar.")
def rescore(results, out, as_json, skip_bad, workers, quiet):
    """Read old replies again with the present extraction, and show what changed.

    No model is run: the replies are those of the sample files. Result and sample files with the new scores are
    written to the folder --out, in lm-eval's own form.

    \b
    Examples:
      globmed report rescore results --out rescored
      globmed report rescore results/org__model --out rescored --json
    """
    from . import rescore as again
    from .build import progress
    from .runs import named

    with progress("tasks", None, quiet) as done:
        changes = again.rescore(
            named(results),
            out,
            skip_bad=skip_bad,
            workers=workers,
            say=lambda line: click.echo(line, err=True),
            done=done,
        )
    if as_json:
        click.echo(orjson.dumps({"changes": [one.as_dict() for one in changes]}, option=orjson.OPT_INDENT_2))
        return
    _changes(changes)
    click.echo(f"rescored files: {out}")


def _changes(changes) -> None:
    """A row a task in which anything changed, then what all of them come to."""
    from rich.markup import escape

    from .. import console as screen

    counted = {
        "newly answered": "newly_answered",
        "no longer": "no_longer_answered",
        "other answer": "other_answer",
        "wrong to right": "wrong_to_right",
        "right to wrong": "right_to_wrong",
        "language": "language_changed",
        "text": "text_changed",
    }
    table = screen.table("model", "task", "items", *counted, "before", "after", title="What changed")
    for one in changes:
        counts = [getattr(one, name) for name in counted.values()]
        if any(counts):
            scores = [
                next((found[m] for m in ("acc", "chrf") if m in found), None) for found in (one.before, one.after)
            ]
            shown = [str(one.items), *map(str, counts), *("" if score is None else f"{score:.3f}" for score in scores)]
            table.add_row(escape(one.model), one.task, *shown)
    if table.row_count:
        screen.console().print(table)
    changed = sum(bool(one.examples) for one in changes)
    click.echo(
        f"{len(changes)} tasks, {sum(one.items for one in changes):,} samples: "
        + (f"the reading changed in {changed} tasks" if changed else "every reply is read as before")
    )
