"""Rows as high as their texts need: not every program finds that out by itself when it opens a workbook.

    fit(sheet)               # from the widths of the columns and the texts in the cells
    loosened(xml)            # the heights as a first guess: a program may fit the row again when its text changes

The text is measured in signs, wide ones counted twice; fonts differ between machines, so a little room is left.
"""

from __future__ import annotations

import math
import re
import unicodedata

#: Of all cells: the one that a workbook has where nothing is said. A font without a name is another one in each program.
FONT = "Calibri"
_LINE = 15.0
#: No program shows a higher row.
_MOST = 409.0
#: Signs of the fonts that stand in for the one named may be wider, and lines break at words.
_SLACK = 1.15
_UNTOUCHED = 8.43


def room(text: str) -> int:
    """How many places the text takes on a line: signs of Chinese, Japanese and Korean two, marks on letters none."""
    wide = {"W": 2, "F": 2}
    return sum(0 if unicodedata.combining(sign) else wide.get(unicodedata.east_asian_width(sign), 1) for sign in text)


def lines(text: str, width: float) -> int:
    """How many lines the text takes in a column of this width."""
    return sum(max(1, math.ceil(room(one) * _SLACK / width)) for one in text.split("\n"))


def fit(sheet) -> None:
    """Give every row the height of its longest text."""
    from openpyxl.utils import get_column_letter

    sizes = [sheet.column_dimensions[get_column_letter(place)] for place in range(1, sheet.max_column + 1)]
    widths = [None if one.hidden else one.width or _UNTOUCHED for one in sizes]
    for row in sheet.iter_rows():
        needed, size = 1, 11
        for cell, width in zip(row, widths, strict=True):
            if isinstance(cell.value, str) and width:
                needed, size = max(needed, lines(cell.value, width)), max(size, cell.font.size or 11)
        sheet.row_dimensions[row[0].row].height = min(_MOST, needed * _LINE * size / 11)


def loosened(xml: bytes) -> bytes:
    """The XML of a sheet with heights that nobody has set by hand."""
    return re.sub(rb'(<row\b[^>]*?) customHeight="(?:1|true)"', rb"\1", xml)
