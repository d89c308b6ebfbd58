"""What stands in one cell of a table: text, a list of options, or a reason why it cannot be used.

    >>> text("  µg/kg "), text(None), text(3)
    ('µg/kg', '', '3')
    >>> options('{"A": "1 mg", "B": "2 mg"}')
    {'A': '1 mg', 'B': '2 mg'}

A spreadsheet may show another thing than it holds (5 % for 0.05, 2 Jan for the option 1-2), and which of the two the author
meant cannot be told: such a cell is Unreadable, and so is a formula.
"""

from __future__ import annotations

import ast
import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from string import ascii_uppercase
from typing import Any
from zipfile import BadZipFile

import orjson

from globmed_tools.errors import GlobmedError

from .rows import Row

_PLAIN = ("General", "@")
_DIGITS = 15  # of a number that a spreadsheet stores


class Unreadable(ValueError):
    """A cell, or what it should mean, that cannot be used; reason code and evidence."""

    def __init__(self, reason: str, evidence: str):
        super().__init__(reason, evidence)
        self.reason, self.evidence = reason, evidence


@dataclass(frozen=True, slots=True)
class Bad:
    """A spreadsheet's cell that is not what it shows."""

    evidence: str


def text(value: Any) -> str:
    """NFC and stripped; empty for null and NaN. Raises Unreadable for anything but text and numbers."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, Bad):
        raise Unreadable("unreadable_cell", value.evidence)
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise Unreadable("unreadable_cell", f"{type(value).__name__} {value!r:.60}, not text")
    if isinstance(value, (float, Decimal)):
        value = format(Decimal(repr(value)) if isinstance(value, float) else value, "f")
    value = str(value)
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Unreadable("unreadable_cell", f"broken character {ascii(error.object[error.start])}") from None
    return unicodedata.normalize("NFC", value).strip()


def word(value: Any) -> str:
    """As `text`, for words with a meaning: true and false may be real ones."""
    return str(value).lower() if isinstance(value, bool) else text(value)


def long_text(value: Any) -> str:
    """As `text`; the texts of a list stand below each other."""
    return "\n".join(text(one) for one in value) if isinstance(value, list) else text(value)


def options(value: Any, separator: str | None = None) -> dict[str, str]:
    """letter -> option. From a list, a dict, {"text": [...], "label": [...]}, any of these as JSON or Python text, or
    text with a separator. Raises Unreadable."""
    if separator is not None and isinstance(value, str):
        value = value.split(separator)
    if isinstance(value, str) and value.strip():
        value = _literal(value.strip())
    if isinstance(value, dict):
        if value.keys() == {"text", "label"} and all(isinstance(one, list) for one in value.values()):
            value = dict(zip(map(text, value["label"]), value["text"], strict=False))
        return {text(letter).upper(): text(one) for letter, one in value.items() if one is not None}
    if isinstance(value, list):
        return lettered([text(one) for one in value])
    if value is None or value == "":
        return {}
    raise Unreadable("unreadable_options", repr(value)[:80])


def lettered(texts: list[str]) -> dict[str, str]:
    """A, B, C ... for options without letters of their own."""
    if len(texts) > len(ascii_uppercase):
        raise Unreadable("unreadable_options", f"{len(texts)} options")
    return dict(zip(ascii_uppercase, texts))


def _literal(value: str) -> Any:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        pass
    try:
        return ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise Unreadable("unreadable_options", value[:80]) from None


def sheet(path: Path, name: str | None, header_row: int) -> Iterator[Row]:
    """The rows below the header of one sheet of an XLSX workbook; a locator is the sheet's row number."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, read_only=True)
    except (OSError, BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise GlobmedError(f"{path}: not a readable XLSX workbook ({error}). Save it again as .xlsx.") from None
    try:
        yield from _rows(path, book, name, header_row)
    finally:
        book.close()


def _rows(path: Path, book: Any, name: str | None, header_row: int) -> Iterator[Row]:
    names = [one.title for one in book.worksheets]
    if name not in names and (name or len(names) != 1):
        asked = f"no sheet {name!r}" if name else f"{len(names)} sheets"
        raise GlobmedError(f"{path}: {asked}; there are {', '.join(names)}. Name one in the mapping: sheet.")
    found = book[name or names[0]]
    found.reset_dimensions()  # some programs store a wrong size
    header: list[str] = []
    for number, cells in enumerate(found.iter_rows(), 1):
        if number < header_row:
            continue
        values = [_value(cell) for cell in cells]
        where = f"{path}, row {number}"
        if number == header_row:
            header = ["" if one is None else str(one).strip() for one in values]
            if twice := sorted({one for one in header if one and header.count(one) > 1}):
                raise GlobmedError(f"{where}: two columns are named {twice[0]!r}. Rename one.")
            continue
        fields = {column: value for column, value in zip(header, values) if column}
        yield Row({**dict.fromkeys(one for one in header if one), **fields}, f"{path.name}:{number}", where)


def _value(cell: Any) -> Any:
    value = cell.value
    if value is None or isinstance(value, bool):
        return value
    if cell.data_type == "f":
        return Bad(f"{cell.coordinate} holds the formula {value!s:.60}; paste its value")
    if cell.data_type == "e":
        return Bad(f"{cell.coordinate} holds the error {value}")
    if isinstance(value, str):
        return value
    number = isinstance(value, (int, float))
    if number and (cell.number_format in _PLAIN or (cell.number_format == "0" and value == int(value))):
        return format(Decimal(f"{value:.{_DIGITS}g}"), "f")
    return Bad(f"{cell.coordinate} holds {value}, shown as {cell.number_format}; format the column as text")
