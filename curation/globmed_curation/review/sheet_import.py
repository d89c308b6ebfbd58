"""Workbooks that reviewers sent back -> answers, and the cells that cannot be accepted, by name.

    >>> found = read(Path("review"), [Path("sw-R01.xlsx")])
    >>> found.problems[0].line()
    "sw-R01.xlsx, sheet Review, row 41, column I (Accuracy): '3-4' is no whole number from 1 to 5. Write one of 1, 2, 3, 4, 5."
    >>> settle(Path("review"), found, partial=True)
    {"added": 268, "changed": 0, "same": 0}

Rows may come in any order, some may be missing (that is told), and columns may have moved or been added. Where a cell cannot be
accepted, nothing is written; with `partial` all items are that have no such cell. The same file twice adds nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from globmed_tools.errors import GlobmedError

from . import model, people, questions, sheet_values
from .model import Answer, Item
from .sheet_columns import NOBODY, Column, as_cell, columns
from .sheet_errors import spans
from .sheet_export import read_assigned
from .sheet_files import expand
from .sheet_files import read as read_file
from .sheet_rows import Found, Row, rows_of, tell_columns
from .sheet_values import Unreadable


def read(folder: Path, paths: Iterable[Path], *, reviewer: str | None = None, dry: bool = False) -> Found:
    """What these files (or folders of them) say. reviewer: whose they are, where the sheets were nobody's; dry: give no new
    pseudonym."""
    items = {one.id: one for one in model.open_review(folder)}
    own = people.pseudonym(folder, reviewer, dry=dry) if reviewer else None
    found, assigned = Found(), read_assigned(folder)
    for path in expand(paths):
        book = read_file(path)
        found.notes += [f"{path.name}: sheet {name} has no items and was passed over" for name in book.others]
        rows, before = [], len(found.problems)
        for grid in book.grids:
            tell_columns(grid, found)
            rows += rows_of(grid, items, found)
        whose = _whose(path, rows, own)
        by_item: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in rows:
            by_item[row.key.item, row.key.reviewer].append(row)
        answers = [_answer(items[id], mine, whose[name], book.saved, found) for (id, name), mine in by_item.items()]
        bad = {one.item for one in found.problems[before:]}
        for one in answers:
            if one is not None and one.item not in bad:
                _add(one, path, found)
        _tell_missing(path, rows, items, assigned, found)
        if any(row.key.guideline != questions.version() for row in rows):
            found.notes.append(f"{path.name}: exported with another version of the questions; the answers say so")
    found.tell_rows()
    return found


def settle(folder: Path, found: Found, *, partial: bool = False, dry: bool = False) -> dict[str, int]:
    """Put the answers into the folder: how many were added, changed, or there already. GlobmedError, with nothing written, where
    there are problems and `partial` is not given."""
    if found.problems and not partial:
        number = len(found.problems)
        raise GlobmedError(
            f"{number} {'place' if number == 1 else 'places'} cannot be accepted, so nothing was written (first: "
            f"{found.problems[0].line()}) Mend them and import again, or take the rest with --partial."
        )
    merged = model.merge_answers(folder, found.answers.values(), dry=dry)
    found.notes += [f"{one.item}, {one.reviewer}: an earlier answer is replaced" for one in merged["changed"]]
    return {kind: len(some) for kind, some in merged.items()}


def _whose(path: Path, rows: list[Row], own: str | None) -> dict[str, str]:
    """Reviewer as the ids say -> whose answers these are; GlobmedError where that is unknown or contradicted."""
    named = sorted({row.key.reviewer for row in rows} - {NOBODY})
    if own and named and named != [own]:
        raise GlobmedError(
            f"{path}: a sheet of {', '.join(named)}, not of {own}. Leave --reviewer out, or name the right file."
        )
    if not own and any(row.key.reviewer == NOBODY for row in rows):
        raise GlobmedError(
            f"{path}: a sheet that was exported for nobody in particular. Say with --reviewer NAME whose it is."
        )
    return {**{name: name for name in named}, NOBODY: own or NOBODY}


def _answer(item: Item, rows: list[Row], reviewer: str, saved: str | None, found: Found) -> Answer | None:
    """What the rows say of their item; None where they say nothing."""
    values: dict[str, Any] = {"errors": [], "flags": [], "revision": {}}
    asked = questions.load()
    for column in columns():
        for row in rows:
            try:
                _read_cell(column, row, item, values, found)
            except Unreadable as error:
                found.problems.append(row.problem(column, str(error)))
    values["flags"] = [one.name for one in asked.flags if f"flag {one.name}" in values]
    kept = {name: value for name, value in values.items() if not name.startswith("flag ")}
    if not any(value not in (None, [], {}) for value in kept.values()):
        found.empty += 1
        return None
    missing = [name for name in asked.required if values.get(name) is None]
    discarded = any(one.discards for one in asked.flags if one.name in values["flags"])
    status = "discarded" if discarded else "draft" if missing else "submitted"
    if status == "draft":
        found.note_row(rows[0], f"kept as a draft, without {', '.join(missing)}")
    guideline = rows[0].key.guideline
    return Answer(item.id, item.language, reviewer, status, **kept, at=saved, via="sheet", guideline=guideline)


def _read_cell(column: Column, row: Row, item: Item, values: dict[str, Any], found: Found) -> None:
    """Put what a cell says among the values of its item; Unreadable where that cannot be told or contradicts another row."""
    value, asked = row.cells.get(column.name), questions.load()
    translation = row.translation
    if column.name == "translation":
        if column.name in row.cells and value is not None and _changed(value, as_cell(translation)):
            raise Unreadable(
                "the translation itself was changed. Put it back, and write the mended text in the column Revision."
            )
    elif column.name == "revision":
        new = sheet_values.revision(value, as_cell(translation))
        if new is not None:
            if not translation:
                raise Unreadable(
                    "there is no translation of this part to mend. Say in the comment what should stand here."
                )
            values["revision"][row.key.field] = new
        elif column.name in row.cells and translation and not sheet_values.text(value):
            found.note_row(row, "the revision was emptied; taken as unchanged")
    elif column.kind == "rating":
        question = next(one for one in asked.ratings if one.name == column.name)
        _set(values, column.name, sheet_values.rating(value, question))
    elif column.name == "safety":
        _set(values, column.name, sheet_values.label(value, asked.safety.labels))
    elif column.kind == "flag" and sheet_values.flag(value, item.language):
        values[column.name] = True
    elif column.name == "comment" and (comment := sheet_values.text(value)):
        said = values.get("comment")
        values["comment"] = comment if said in (None, comment) else f"{said}\n{comment}"
    elif column.name == "error_type":
        kind = sheet_values.label(value, asked.errors.types)
        severity = sheet_values.label(row.cells.get("error_severity"), asked.errors.severities)
        marked = spans(row.key.field, translation, kind, severity, sheet_values.text(row.cells.get("error_words")))
        values["errors"] += marked


def _set(values: dict[str, Any], name: str, value: Any) -> None:
    if value is not None:
        if values.setdefault(name, value) != value:
            raise Unreadable(f"{value!r} here, {values[name]!r} in another row of the same item. Leave one of them.")


def _changed(value: Any, translation: str) -> bool:
    try:
        return sheet_values.revision(value, translation) is not None
    except Unreadable:
        return False  # the program's own doing; the column is not read


def _add(answer: Answer, path: Path, found: Found) -> None:
    key = (answer.item, answer.reviewer)
    if key in found.answers:
        found.notes.append(
            f"{path.name}: {answer.item}, {answer.reviewer}: answered in another of these files too; this one holds"
        )
    found.answers[key] = answer


def _tell_missing(path: Path, rows: list[Row], items: dict[str, Item], assigned: dict, found: Found) -> None:
    """Rows and items that were exported and are not in the file."""
    have: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        have[row.key.item].add(row.key.field)
    for id, fields in have.items():
        if gone := [one for one in model.texts(items[id].translation) if one not in fields]:
            found.notes.append(f"{path.name}: {id}: rows are missing ({', '.join(gone)}); taken as unchanged")
    for language, reviewer in sorted({(items[row.key.item].language, row.key.reviewer) for row in rows}):
        gone = [id for id in assigned.get(language, {}).get(reviewer, ()) if id not in have]
        if gone:
            more = f" and {len(gone) - 3} more" if len(gone) > 3 else ""
            found.notes.append(
                f"{path.name}: {len(gone)} items of the exported sheet are missing: {', '.join(gone[:3])}{more}"
            )
