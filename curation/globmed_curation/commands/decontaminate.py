"""globmed curate decontaminate: take out of entries, or of anybody's training file, what evaluation data holds."""

from __future__ import annotations

import json
from pathlib import Path

import click

from .stage import show


@click.command()
@click.argument("paths", metavar="IN...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Where kept/ and dropped/ go.")
@click.option(
    "--against",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Test items: a folder or file of entries (their split test), or a benchmark's JSONL, JSON or Parquet file.",
)
@click.option("--text", "columns", multiple=True, metavar="COLUMN", help="Look only here [all texts of a row].")
@click.option("--drop", type=float, metavar="SHARE", help="From this share of a test item, a row goes [0.7].")
@click.option("--review", type=float, metavar="SHARE", help="From this share it is listed for a person [0.5].")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="YAML with all settings of the stage.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes at work on entries [all cores].")
@click.option("--dry-run", is_flag=True, help="Look and say what would be dropped; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def decontaminate(paths, out, against, columns, drop, review, config, workers, dry_run, as_json, quiet):
    """Take out of training data what evaluation data holds.

    IN is a folder or file of entries, which are compared with their own test too, and dropped with all their translations;
    or any JSONL or Parquet file (JSON lists and .zip too), whose rows are written as they came. A row goes where it contains 0.7 of
    a test item's question, counted in runs of ten characters, whatever stands around it and in any script.

    \b
    Examples:
      globmed curate decontaminate sft.jsonl --against mmlu/test.parquet --against medqa/test.jsonl --dry-run
      globmed curate decontaminate sft.jsonl --against build --out clean
      globmed curate decontaminate chat.parquet --against build --text messages --out clean --json
      globmed curate decontaminate data --out decontaminated --against mmlu_test.jsonl
    """
    from globmed_tools.errors import GlobmedError

    from ..plain import files
    from ..plan import make_step
    from .stage import settings_of

    for path in paths:
        if not path.exists():
            raise GlobmedError(f"{path}: no such file or folder. Check the path.")
    if out is None and not dry_run:
        raise GlobmedError("--out DIR is missing: where should the result go? Or only look: --dry-run.", 2)
    given = {"against": [str(path) for path in against] or None, "drop": drop, "review": review}
    values = settings_of(config, ()) | {name: value for name, value in given.items() if value is not None}
    step = make_step(1, "decontaminate", values, str(config or "the options"))
    kinds = {files.are_entries(path) for path in paths}
    if len(kinds) > 1:
        raise GlobmedError("entries and other rows in one call. Call it once for each.")
    if kinds == {False}:
        from ..plain.decontaminate import decontaminate as run

        if not step.config.against:
            raise GlobmedError("--against PATH is missing: rows that are no entries have no test of their own.", 2)
        found = run(paths, step.config, None if dry_run else out, columns, hidden=quiet or as_json)
    elif columns:
        raise GlobmedError("--text is for files that are no entries. Leave it out.", 2)
    elif dry_run:
        raise GlobmedError("--dry-run is for files that are no entries. Name an --out DIR and look there.", 2)
    else:
        found = _of_entries(step, paths, out, workers, quiet or as_json)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    elif not quiet:
        (show if kinds == {True} else _show)(found, out)


def _of_entries(step, paths, out, workers, silent):
    from .. import engines, pipeline
    from .progress import shown

    with shown(silent) as progress:
        return pipeline.apply(
            step, list(paths), out, engines.Engine("local", workers or engines.default_workers(), progress)
        )


def _show(found: dict, out: Path | None) -> None:
    from globmed_tools.console import console, table

    shown = console()
    shown.print(
        f"{found['kept']:,} rows kept ({found['review']:,} of them to look at), {found['dropped']:,} dropped; "
        f"{found['known']:,} test items, {found['never_found']:,} of them too short or too common to be found",
        highlight=False,
    )
    if found["examples"]:
        rows = table("row", "test item", "stem", "options", "what stands in both")
        for one in found["examples"]:
            options = "" if one["options"] is None else f"{one['options']:.2f}"
            rows.add_row(one["row"], one["known"], f"{one['stem']:.2f}", options, one["text"][:100])
        shown.print(rows)
    if out is None:
        shown.print("Dry run: nothing was written.", highlight=False)
    else:
        shown.print(
            f"{out}/kept, {out}/dropped, {out}/review; {out}/manifest.json says what was compared", highlight=False
        )
