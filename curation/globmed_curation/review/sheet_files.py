"""Spreadsheet files as people send them back -> rows of cells, whatever the program and its language.

    for grid in read(Path("sw-R01.csv")).grids:        # Grid(sheet=None, header=1, columns={"accuracy": 8, ...}, rows=[(2, [...]), ...])

XLSX, and CSV or TSV with comma, semicolon or tab, in UTF-8 or UTF-16, with or without a mark in front. A sheet counts where
one of its rows has our titles, wherever that row has come to stand. Rows are numbered as the program shows them.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from globmed_tools.errors import GlobmedError

from .sheet_columns import Key, by_title

DELIMITERS = (",", ";", "\t")
_CORE = "docProps/core.xml"
_MODIFIED = re.compile(rb"<dcterms:modified[^>]*>([^<]+)<")
_TABLES = (".csv", ".tsv", ".txt")
SUFFIXES = (".xlsx", ".xlsm", *_TABLES)


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet with items. sheet: its name, None in a text file; columns: our column -> place from 0; extra: titles that are
    not ours; twice: our columns that two headers name; header: its row; rows: (number from 1, cells), header and empty rows
    aside."""

    file: str
    sheet: str | None
    header: int
    columns: dict[str, int]
    extra: list[str]
    twice: list[str]
    rows: list[tuple[int, list[Any]]]


@dataclass(frozen=True, slots=True)
class Book:
    """One file. saved: when it was last saved, ISO time in UTC, where the file says so; others: sheets without items."""

    grids: list[Grid]
    saved: str | None
    others: list[str]


def expand(paths: Iterable[Path]) -> list[Path]:
    """The files behind these paths; a folder stands for the spreadsheets in it, lock files of open programs aside."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(one for one in path.iterdir() if one.suffix.lower() in SUFFIXES) if path.is_dir() else [path]
        inside = [one for one in inside if not one.name.startswith(("~$", ".~lock"))]
        if not inside:
            raise GlobmedError(
                f"{path}: no spreadsheet in it ({', '.join(SUFFIXES)}). Name the files, or another folder."
            )
        found += inside
    return found


def read(path: Path) -> Book:
    """The sheets of a file that hold items; GlobmedError where it cannot be read or holds none."""
    if not path.is_file():
        raise GlobmedError(f"{path}: no such file. Check the path.")
    if path.suffix.lower() not in SUFFIXES:
        raise GlobmedError(
            f"{path}: not a kind that is read ({', '.join(SUFFIXES)}). Save it as .xlsx (Excel workbook)."
        )
    if path.suffix.lower() in _TABLES:
        saved, sheets = None, {None: _text_rows(path)}
    else:
        saved, sheets = read_workbook(path)
    grids = {name: _grid(path, name, rows) for name, rows in sheets.items()}
    found = [one for one in grids.values() if one is not None]
    if not found:
        raise GlobmedError(
            f"{path}: no row has the titles of a review sheet (ID, Accuracy, Revision ...). Put the header row back, as it was in "
            "the file that was exported."
        )
    others = [str(name) for name, one in grids.items() if one is None and name != "Instructions"]
    return Book(found, saved, others)


def read_workbook(path: Path) -> tuple[str | None, dict[str | None, list[list[Any]]]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions of other programs, which say nothing of the cells
            book = load_workbook(path, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        raise GlobmedError(
            f"{path}: not a readable workbook ({error or type(error).__name__}). It may be damaged or have a password; open it "
            "and save it anew as .xlsx."
        ) from None
    return _saved(path), {
        sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets
    }


def _saved(path: Path) -> str | None:
    """When the workbook was last saved, as it says itself; None where it does not, or where nobody has saved it since the export.
    (openpyxl would say: now.)"""
    from .sheet_workbook import NEVER

    with zipfile.ZipFile(path) as archive:
        told = archive.read(_CORE) if _CORE in archive.namelist() else b""
    found = _MODIFIED.search(told)
    try:
        saved = datetime.fromisoformat(found[1].decode()) if found else None
    except ValueError:
        saved = None
    if saved is None or saved.replace(tzinfo=None) == NEVER:
        return None
    return saved.replace(tzinfo=saved.tzinfo or UTC).astimezone(UTC).isoformat(timespec="seconds")


def _text_rows(path: Path) -> list[list[Any]]:
    text = decoded(path)
    told, _, rest = text.partition("\n")
    if told.strip().lower().startswith("sep=") and len(told.strip()) <= 5:
        text = "\n" + rest  # the hint of one program to itself; its row still counts
    csv.field_size_limit(1 << 24)
    tables = []
    for sign in DELIMITERS:
        try:
            tables.append([list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=sign)])
        except csv.Error:
            continue
    # The right sign is the one under which most of our titles are found.
    return max(tables, key=lambda rows: max((_titles_in(row) for row in rows), default=0), default=[])


def decoded(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif content[:200].count(0) > len(content[:200]) // 4:
        encoding = "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
    else:
        encoding = "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise GlobmedError(
            f"{path}: not {encoding.upper().removesuffix('-SIG')} (byte {error.start}), so letters are lost or wrong. Save it as "
            "'CSV UTF-8' or as .xlsx."
        ) from None


def _titles_in(row: list[Any]) -> int:
    return len({column.name for value in row if (column := by_title(value))})


def _grid(path: Path, sheet: str | None, rows: list[list[Any]]) -> Grid | None:
    """The sheet's items, or None where no row is a header of ours (three titles: fewer may stand in any text)."""
    header = max(range(len(rows)), key=lambda place: _titles_in(rows[place]), default=None)
    if header is None or _titles_in(rows[header]) < 3:
        return None
    columns: dict[str, int] = {}
    extra, twice = [], []
    for place, value in enumerate(rows[header]):
        column = by_title(value)
        if column is None:
            extra += [str(value)] if value not in (None, "") else []
        elif column.name in columns:
            twice.append(column.title)
        else:
            columns[column.name] = place
    if "key" not in columns:  # a header that was emptied or renamed: the ids say where they stand
        held = [place for row in rows for place, value in enumerate(row) if Key.read(value)]
        if held:
            columns["key"] = held[0]
    full = [(place + 1, row) for place, row in enumerate(rows) if place != header and any(map(_filled, row))]
    return Grid(path.name, sheet, header + 1, columns, extra, twice, full)


def _filled(value: Any) -> bool:
    return value is not None and not (isinstance(value, str) and not value.strip())
