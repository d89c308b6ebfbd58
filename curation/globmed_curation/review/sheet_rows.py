"""The rows of a returned sheet, each tied to its item, and what is said about them to the person who imports.

found = Found()
for row in rows_of(grid, items, found): ...       # row.key.item, row.key.field, row.cells["accuracy"]
found.problems[0].line()                          # "sw-R01.xlsx, sheet Review, row 41: no id of a review ..."
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from . import model
from .model import Answer, Item
from .sheet_columns import Column, Key, columns
from .sheet_files import Grid


@dataclass(frozen=True, slots=True)
class Problem:
    """One cell or row that cannot be accepted. column: its letter and title, None where the row is meant; item: its id, None
    where it is not known."""

    file: str
    sheet: str | None
    row: int | None
    column: str | None
    what: str
    item: str | None = None

    def line(self) -> str:
        """The problem in one line."""
        places = [self.file]
        places += [f"sheet {self.sheet}"] if self.sheet else []
        places += [f"row {self.row}"] if self.row else []
        places += [f"column {self.column}"] if self.column else []
        return f"{', '.join(places)}: {self.what}"


@dataclass(slots=True)
class Found:
    """answers: by (item, reviewer), those of items with a problem left out; problems: what cannot be accepted; notes: what a
    person should know; empty: items of which nothing was said."""

    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    empty: int = 0
    _rows: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def note_row(self, row: "Row", what: str) -> None:
        """Remember something about a row; `tell_rows` says it once for all rows of a file."""
        self._rows.setdefault((row.grid.file, what), []).append(row.number)

    def tell_rows(self) -> None:
        """Put what was remembered of rows among the notes."""
        for (file, what), numbers in self._rows.items():
            some = ", ".join(map(str, sorted(numbers)[:5]))
            more = f" and {len(numbers) - 5} more" if len(numbers) > 5 else ""
            self.notes.append(f"{file}, {'rows' if len(numbers) > 1 else 'row'} {some}{more}: {what}")
        self._rows.clear()

    def to_dict(self) -> dict[str, Any]:
        """All but the answers themselves, JSON-ready."""
        counts = {status: sum(one.status == status for one in self.answers.values()) for status in model.STATUSES}
        problems = [{**asdict(one), "line": one.line()} for one in self.problems]
        return {"answers": counts, "unanswered": self.empty, "problems": problems, "notes": self.notes}


@dataclass(slots=True)
class Row:
    """One row that is tied to an item. cells: our column -> value; translation: of its field, "" where there is none."""

    grid: Grid
    number: int
    key: Key
    cells: dict[str, Any]
    translation: str = ""

    def problem(self, column: Column | None, what: str) -> Problem:
        place = self.grid.columns.get(column.name) if column else None
        shown = f"{_letter(place)} ({column.title})" if place is not None else None
        return Problem(self.grid.file, self.grid.sheet, self.number, shown, what, self.key.item)


def tell_columns(grid: Grid, found: Found) -> None:
    """Say which columns stand there twice, are gone or are not ours."""
    where = grid.file + (f", sheet {grid.sheet}" if grid.sheet else "")
    for title in grid.twice:
        found.problems.append(
            Problem(grid.file, grid.sheet, None, None, f"the column {title} stands there twice. Remove one.")
        )
    missing = [one for one in columns() if one.name not in grid.columns]
    if missing and missing[0].kind == "key":
        what = f"the hidden column {missing[0].title} is gone, so no row can be told from another. Copy it back from the exported file."
        found.problems.append(Problem(grid.file, grid.sheet, None, None, what))
    gone = [one.title for one in missing if one.kind not in ("key", "fixed")]
    if gone:
        found.notes.append(f"{where}: no column {', '.join(gone)}; taken as left empty")
    if grid.extra:
        found.notes.append(f"{where}: columns that are not ours were passed over: {', '.join(grid.extra)}")


def rows_of(grid: Grid, items: dict[str, Item], found: Found) -> list[Row]:
    """The rows of a sheet that belong to an item of this review; none where a column stands there twice: nobody knows which
    of the two is meant."""
    rows, seen = [], {}
    place = grid.columns.get("key")
    for number, values in grid.rows if place is not None and not grid.twice else ():
        value = values[place] if place < len(values) else None
        key = Key.read(value)
        cells = {name: values[at] if at < len(values) else None for name, at in grid.columns.items()}
        row = Row(grid, number, key, cells)
        item = items.get(key.item) if key else None
        if key is None and (number < grid.header or not _answered(cells)):
            found.note_row(row, "no row of an item; passed over")
        elif key is None:
            what = f"no id of a review stands in the hidden column (found: {value!r}). Copy the id back, or remove the row."
            found.problems.append(Problem(grid.file, grid.sheet, number, None, what))
        elif item is None or key.field not in {**model.texts(item.original), **model.texts(item.translation)}:
            what = (
                f"{key.item}, {key.field}: not of this review. Name the review folder that the sheet was exported from."
            )
            found.problems.append(Problem(grid.file, grid.sheet, number, None, what, key.item))
        elif key in seen and _said(seen[key]) != _said(row):
            what = f"the same row as row {seen[key].number}, but filled in otherwise. Remove one of the two."
            found.problems.append(row.problem(None, what))
        elif key not in seen:
            seen[key] = row
            row.translation = model.text_of(item.translation, key.field) or ""
            rows.append(row)
    return rows


def _answered(cells: dict[str, Any]) -> bool:
    """Whether anything stands where answers do, or where the id did."""
    kinds = {one.name: one.kind for one in columns()}
    return any(value not in (None, "") for name, value in cells.items() if kinds[name] != "fixed")


def _said(row: Row) -> list[str]:
    return [str(value or "").strip() for name, value in sorted(row.cells.items()) if name not in ("key", "number")]


def _letter(place: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(place + 1)
