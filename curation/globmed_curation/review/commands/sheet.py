"""`globmed review sheet`: review without a connection, in workbooks."""

from __future__ import annotations

import json
from pathlib import Path

import click

_PATH = click.Path(path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")


@click.group()
def sheet():
    """Review in spreadsheets: write workbooks, and read the answers back.

    \b
    globmed review sheet export review --language sw --reviewer Amina --reviewer Baraka
    globmed review sheet import review sw-R01.xlsx sw-R02.xlsx
    """


@sheet.command()
@click.argument("folder", metavar="REVIEW", type=_PATH)
@click.option("--out", type=_PATH, metavar="DIR", help="Where the workbooks are written [REVIEW/sheets].")
@click.option("--language", "languages", multiple=True, metavar="CODE", help="Only this language (may be repeated).")
@click.option("--reviewer", "reviewers", multiple=True, metavar="NAME", help="Deal the items out to these people.")
@click.option("--overwrite", is_flag=True, help="Replace workbooks that are there and differ.")
@click.option("--dry-run", is_flag=True, help="Print who gets what, write nothing.")
@_JSON
def export(folder, out, languages, reviewers, overwrite, dry_run, as_json):
    """Write one workbook a language, or one for each reviewer named.

    A name becomes a pseudonym (R01, R02, ...) in the workbook and its file name; REVIEW/private/people.json alone knows whose it
    is. Items that are judged twice go to two of the people named. An item takes a row for each of its parts, the original
    beside the translation; ratings are chosen from lists, and only answer cells can be changed.

    \b
    Examples:
      globmed review sheet export review
      globmed review sheet export review --language sw --reviewer Amina --reviewer Baraka
      globmed review sheet export review --language ar --out sheets --dry-run --json
    """
    from .. import sheet_export

    where = out or folder / "sheets"
    found = sheet_export.export(
        folder, where, reviewers=list(reviewers), languages=languages, overwrite=overwrite, dry=dry_run
    )
    if as_json:
        told = {"files": found.files, "notes": found.notes, "written": not dry_run}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    from globmed_tools.console import console, table

    shown, rows = console(), table("file", "language", "reviewer", "items", "rows")
    for one in found.files:
        rows.add_row(one["path"], one["language"], one["reviewer"], f"{one['items']:,}", f"{one['rows']:,}")
    shown.print(rows)
    _notes(shown, found.notes)
    if dry_run:
        click.echo("Dry run: nothing was written.")


@sheet.command("import")
@click.argument("folder", metavar="REVIEW", type=_PATH)
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=_PATH)
@click.option("--reviewer", metavar="NAME", help="Whose the sheets are, where they were exported for nobody.")
@click.option("--partial", is_flag=True, help="Where cells cannot be accepted, take all other items.")
@click.option("--dry-run", is_flag=True, help="Read and check, write nothing.")
@_JSON
def import_sheets(folder, paths, reviewer, partial, dry_run, as_json):
    """Read answers from workbooks (or CSV, TSV) into REVIEW/answers.jsonl.

    FILE is a file or a folder of files. Rows may be sorted, columns moved or added; numbers may be written as 4, 4,0 or
    "4 - good", flags as yes, x or in the reviewer's language. What cannot be accepted is named by file, sheet, row and column, and
    nothing is written unless --partial is given. The same file twice adds nothing; a changed one replaces its answers.

    \b
    Examples:
      globmed review sheet import review sw-R01.xlsx
      globmed review sheet import review returned/ --dry-run
      globmed review sheet import review sw.csv --reviewer Amina --partial --json
    """
    from .. import sheet_import

    found = sheet_import.read(folder, paths, reviewer=reviewer, dry=dry_run)
    refused = bool(found.problems) and not partial
    counts = None if refused else sheet_import.settle(folder, found, partial=partial, dry=dry_run)
    if as_json:
        told = {**found.to_dict(), "written": not (refused or dry_run), "merged": counts}
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        _show(found, counts, dry_run)
    if refused:
        sheet_import.settle(folder, found)


def _show(found, counts, dry_run: bool) -> None:
    from globmed_tools.console import console, table

    out = console()
    if found.problems:
        from rich.markup import escape

        rows = table("file", "sheet", "row", "column", "cannot be accepted")
        for one in found.problems:
            cells = (one.file, one.sheet or "", str(one.row or ""), one.column or "", one.what)
            rows.add_row(*map(escape, cells))
        out.print(rows)
    _notes(out, found.notes)
    told = found.to_dict()
    out.print(
        ", ".join(f"{count:,} {status}" for status, count in told["answers"].items())
        + f", {found.empty:,} left unanswered.",
        highlight=False,
    )
    if counts is not None:
        text = f"{counts['added']:,} answers added, {counts['changed']:,} replaced, {counts['same']:,} there already."
        out.print(text + (" Dry run: nothing was written." if dry_run else ""), highlight=False)


def _notes(out, notes: list[str]) -> None:
    for note in notes:
        out.print(f"note: {note}", highlight=False, markup=False, soft_wrap=True)
