"""One workbook: a sheet of instructions, and a sheet in which an item's original stands beside its translation, field by field.

    workbook(items, "ar", "R01")      # -> bytes of an XLSX file: right to left, header frozen, everything but answers locked

The protection has no password: it guards against slips, not against people. Nothing is filled in but the revision, with the
translation as it is. The bytes hold no time: the date of a workbook is that of the reviewer's own last save.
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any

from globmed_tools import catalog, languages
from globmed_tools.languages import Language

from . import model, questions
from .model import Item
from .sheet_columns import Column, Key, as_cell, columns
from .sheet_heights import FONT, fit, loosened, room

INSTRUCTIONS, ITEMS = "Instructions", "Review"
#: What the files say of their making; a workbook that says otherwise was saved by somebody.
NEVER = datetime(2000, 1, 1)
_WIDTHS = {"number": 5, "set": 14, "part": 16, "findings": 30, "error_words": 24, "comment": 40}
_TEXT_WIDTH = 52
_NARROW, _WIDE = 24, 64
_FIXED = tuple(one.name for one in columns() if one.kind in ("key", "fixed"))
_TEXTS = ("original", "translation", "revision", "error_words")


def workbook(items: list[Item], language: str, reviewer: str) -> bytes:
    """The file for one reviewer (sheet_columns.NOBODY: for anyone)."""
    from openpyxl import Workbook

    from .sheet_instructions import fill

    known, made = languages.get(language), Workbook()
    fill(made.active, known, reviewer)
    sheet = made.create_sheet(ITEMS)
    shown = columns(known.name)
    _header(sheet, shown)
    place, styles = 2, _Styles()
    for number, item in enumerate(items, 1):
        place = _item(sheet, place, number, item, shown, reviewer, known, styles)
    _layout(sheet, shown, items, known)
    _validate(sheet, shown, place - 1)
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = sheet.protection.autoFilter = False
    for one in made.worksheets:
        fit(one)
        _on_paper(one)
    made.active = 1
    made.worksheets[0].sheet_view.tabSelected, sheet.sheet_view.tabSelected = False, True
    made.properties.creator, made.properties.created = "globmed", NEVER
    buffer = io.BytesIO()
    made.save(buffer)
    return _timeless(buffer.getvalue())


def _header(sheet, shown: tuple[Column, ...]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    for place, column in enumerate(shown, 1):
        cell = sheet.cell(1, place, column.title)
        cell.font, cell.fill = (
            Font(name=FONT, size=11, bold=True, color="FFFFFF"),
            PatternFill("solid", fgColor="1F4E79"),
        )
        cell.alignment = Alignment(wrap_text=True, vertical="center")


def _item(sheet, place: int, number: int, item: Item, shown, reviewer: str, language: Language, styles) -> int:
    """Write the rows of one item from row `place` on; the next free row."""
    source = languages.get(item.original["language"])
    before, after = model.texts(item.original), model.texts(item.translation)
    fields = list(dict.fromkeys((*before, *after)))
    for one in fields:
        values = {
            "key": Key(reviewer, item.id, one, questions.version()).text(),
            "number": number,
            "set": catalog.table()[item.source].title if item.source in catalog.table() else item.source,
            "part": part(item, one),
            "original": before.get(one, ""),
            "translation": after.get(one, ""),
            "revision": after.get(one, ""),
            "findings": "\n".join(_told(found) for found in item.findings if _row_of(found, fields) == one),
        }
        for column_number, column in enumerate(shown, 1):
            cell = sheet.cell(place, column_number)
            _put(cell, values.get(column.name))
            open_here = (one == fields[0]) if column.whole else one in after
            written = source if column.name == "original" else language
            styles.give(cell, column, open_here, written.direction == "rtl", one == fields[0])
        place += 1
    return place


def part(item: Item, field: str) -> str:
    """What a person calls the field: "Premise", "Option B (given as right)"."""
    words = languages.get("en").words
    names = {"context": words["context"], "question": words["question"], "reference": "Reference answer"}
    if item.form == "nli":
        names |= {"context": words["premise"], "question": words["hypothesis"]}
    letter = field.partition("option ")[2]
    gold = model.gold(item.original) or ""
    if letter:
        return f"Option {letter} (given as right)" if letter in gold.split(", ") else f"Option {letter}"
    label = f" ({words['answer'].lower()}: {gold})" if field == "question" and item.original["label"] else ""
    return names.get(field, field.capitalize()) + label


def _row_of(found: dict[str, Any], fields: list[str]) -> str:
    """The field in whose row a finding is shown: its own; of one about the item or all options, the first that fits."""
    if found["field"] in fields:
        return found["field"]
    return next((one for one in fields if one.startswith("option") and found["field"] == "options"), fields[0])


def _told(found: dict[str, Any]) -> str:
    spans = " / ".join(f"“{found[name]}”" for name in ("source", "translation") if found.get(name))
    return f"{found['check']}: {found['what']}" + (f" ({spans})" if spans else "")


def _put(cell, value: Any) -> None:
    """A text stays a text, even where it begins as a formula does."""
    if isinstance(value, str) and value:
        cell.value, cell.data_type = as_cell(value), "s"
    elif not isinstance(value, str):
        cell.value = value


class _Styles:
    """How cells look. What is the same for many is made once and copied: making it takes most of the time of a workbook."""

    def __init__(self):
        self._made: dict[tuple, Any] = {}

    def give(self, cell, column: Column, open_here: bool, rtl: bool, first: bool) -> None:
        from copy import copy

        key = (column.name, open_here, rtl, first, _reads_as_formula(cell.value))
        if key not in self._made:
            self._make(cell, *key)
            self._made[key] = copy(cell._style)
        cell._style = copy(self._made[key])

    @staticmethod
    def _make(cell, name: str, open_here: bool, rtl: bool, first: bool, formula: bool) -> None:
        from openpyxl.styles import Alignment, Border, PatternFill, Protection, Side

        answer = name not in _FIXED
        cell.protection = Protection(locked=not (answer and open_here))
        order = (
            {"readingOrder": 2 if rtl else 1, "horizontal": "right" if rtl else "left", "indent": 1}
            if name in _TEXTS
            else {}
        )
        cell.alignment = Alignment(wrap_text=True, vertical="top", **order)
        # A text that looks like a number, a date or a formula must stay one when the cell is edited.
        cell.number_format = "@" if name in (*_TEXTS, "comment") else "General"
        cell.quotePrefix = formula
        if answer:
            cell.fill = PatternFill("solid", fgColor="FFF9E5" if open_here else "EDEDED")
        if first:
            cell.border = Border(top=Side("medium", color="7F7F7F"))


def _reads_as_formula(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("=", "+", "-", "@", "'"))


def _layout(sheet, shown: tuple[Column, ...], items: list[Item], language: Language) -> None:
    from openpyxl.utils import get_column_letter

    ratio = _ratio(items)
    for place, column in enumerate(shown, 1):
        size = sheet.column_dimensions[get_column_letter(place)]
        size.width = _WIDTHS.get(column.name, 15)
        if column.name == "original":
            size.width = _TEXT_WIDTH
        elif column.name in ("translation", "revision"):
            size.width = max(_NARROW, min(_WIDE, round(_TEXT_WIDTH * ratio)))
        size.hidden = column.kind == "key"
    sheet.freeze_panes = sheet.cell(2, 1 + [one.name for one in shown].index("original"))
    sheet.sheet_view.rightToLeft = language.direction == "rtl"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.page_setup.paperSize, sheet.print_title_rows = sheet.PAPERSIZE_A3, "1:1"


def _on_paper(sheet) -> None:
    """All columns on one page's width: a page with half of them is of no use to anybody."""
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _ratio(items: list[Item]) -> float:
    """How much room the translations take beside their originals: signs of Chinese, Japanese and Korean are twice as wide."""
    taken = [sum(map(room, model.texts(side).values())) for one in items for side in (one.original, one.translation)]
    return sum(taken[1::2]) / max(1, sum(taken[::2]))


def _validate(sheet, shown: tuple[Column, ...], last: int) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    for place, column in enumerate(shown, 1):
        values, title, prompt = _choices(column)
        if values:
            rule = DataValidation(type="list", formula1=f'"{",".join(map(str, values))}"', allow_blank=True)
            rule.errorTitle, rule.error = (
                "Not one of the answers",
                f"Choose one of: {', '.join(map(str, values))}."[:255],
            )
            rule.promptTitle, rule.prompt = title[:32], prompt[:255]
            rule.showErrorMessage = rule.showInputMessage = True
            rule.add(f"{get_column_letter(place)}2:{get_column_letter(place)}{max(2, last)}")
            sheet.add_data_validation(rule)


def _choices(column: Column) -> tuple[tuple, str, str]:
    """What may stand in a column: (values, title, what is asked), with no values where anything may."""
    asked = questions.load()
    for one in asked.ratings:
        if column.name == one.name:
            return one.values, one.title, ", ".join(f"{step.value} {step.label}" for step in one.scale)
    lists = {"safety": asked.safety.labels, "error_type": asked.errors.types, "error_severity": asked.errors.severities}
    if column.name in lists:
        values = tuple(one.value for one in lists[column.name])
        return values, column.title, asked.safety.ask if column.name == "safety" else asked.errors.ask
    flags = {f"flag {one.name}": one.ask for one in asked.flags}
    return (("yes",), column.title, flags[column.name]) if column.name in flags else ((), "", "")


def _timeless(content: bytes) -> bytes:
    """The same archive with NEVER for every date in it, so that the same items give the same bytes."""
    import re

    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(
                    rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + NEVER.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), data
                )
            if name.startswith("xl/worksheets/sheet"):
                data = loosened(data)
            new.writestr(zipfile.ZipInfo(name, NEVER.timetuple()[:6]), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()
