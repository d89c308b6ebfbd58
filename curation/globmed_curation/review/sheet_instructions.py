"""The first sheet of a workbook: how to fill in the second, and what the answers mean, all from questions.toml."""

from __future__ import annotations

from collections.abc import Iterator

from globmed_tools.languages import Language

from . import questions
from .sheet_columns import NOBODY, columns
from .sheet_heights import FONT

_UNREVIEWED = "These instructions were written by a machine and have not been reviewed by clinicians or linguists."
_HOW = (
    "Each item takes several rows, one for each of its parts; the original stands beside the translation.",
    "In the yellow cells of an item's first row, give the ratings, the medical safety and, where they apply, flags and a comment.",
    "Revision already holds the translation. Change it only where it needs mending: only changed text counts.",
    "Where words are wrong, choose an error type in that row and copy the words from the translation into Wrong words; several "
    "places go on lines of their own. Left empty, the whole part is meant.",
    "An item that you cannot judge needs no ratings: set Cannot judge to yes.",
    "Nothing is filled in for you but the revision. Leave a cell empty rather than guess.",
    "Rows and columns may be sorted, moved or hidden; the hidden first column must stay. Send the file back as it is (.xlsx).",
)


def fill(sheet, language: Language, reviewer: str) -> None:
    """Write the instructions into an empty sheet."""
    from openpyxl.styles import Alignment, Font

    sheet.title = "Instructions"
    for row, (name, text, bold) in enumerate(_rows(language, reviewer), 1):
        for place, value in ((1, name), (2, text)):
            cell = sheet.cell(row, place, value or None)
            cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
            cell.font = Font(name=FONT, bold=bold, size=14 if row == 1 else 11)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 26, 100
    sheet.protection.sheet = True


def _rows(language: Language, reviewer: str) -> Iterator[tuple[str, str, bool]]:
    asked = questions.load()
    yield "Review", f"Translations into {language.name} ({language.native})", True
    yield "Reviewer", "anyone" if reviewer == NOBODY else reviewer, False
    yield "Version", f"questions {questions.version()}", False
    yield "Note", _UNREVIEWED, False
    yield "", "", False
    for number, text in enumerate(_HOW, 1):
        yield str(number), text, False
    scales = [(one, one.scale) for one in asked.ratings]
    scales += [(asked.safety, asked.safety.labels), (asked.errors, asked.errors.types)]
    for one, steps in scales:
        yield "", "", False
        yield one.title, one.ask, True
        for step in steps:
            yield _step(step), step.anchor, False
    titles = {one.name: one.title for one in columns()}
    yield "", "", False
    yield titles["error_severity"], "How bad is it?", True
    for step in asked.errors.severities:
        yield _step(step), step.anchor, False
    yield "", "", False
    yield "Flags", "Choose yes where it applies; leave the cell empty otherwise.", True
    for flag in asked.flags:
        yield flag.title, flag.ask, False


def _step(step: questions.Choice) -> str:
    return f"{step.value} {step.label}" if isinstance(step.value, int) else step.value
