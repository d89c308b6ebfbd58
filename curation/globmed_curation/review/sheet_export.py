"""From a review folder to workbooks: who gets which items, and a file for each.

    >>> export(Path("review"), Path("sheets"), reviewers=["Amina", "Baraka"], languages=("sw",))
    Exported(files=[{"path": "sheets/sw-R01.xlsx", "language": "sw", "reviewer": "R01", "items": 270, ...}, ...], notes=[])

Items that two reviewers judge go to two of the named; the others are dealt out evenly. Without names, every language has one
sheet with all its items, of which each reviewer gets a copy. review/sheets.json remembers (by pseudonym) which items were in
which sheet, so that the import can say what is missing. The same items and reviewers give the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from globmed_tools import languages as table
from globmed_tools import manifest
from globmed_tools.errors import GlobmedError

from . import model, people
from .model import Item
from .sheet_columns import CELL_LIMIT, NOBODY, too_long

ASSIGNED = "sheets.json"


@dataclass(slots=True)
class Exported:
    """One row a file, and what a person should know."""

    files: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def export(
    folder: Path,
    out: Path,
    *,
    reviewers: list[str] = (),
    languages: tuple[str, ...] = (),
    overwrite: bool = False,
    dry: bool = False,
) -> Exported:
    """Write the workbooks; GlobmedError where one is there already and differs (it may hold answers)."""
    from .sheet_workbook import workbook

    items, found = model.open_review(folder), Exported()
    codes = _codes(items, languages, reviewers)
    names = sorted({name if dry else people.pseudonym(folder, name) for name in reviewers})
    made: list[tuple[Path, bytes]] = []
    assigned = read_assigned(folder)
    for code in codes:
        mine = _that_fit([one for one in items if one.language == code], code, found)
        parts = assign(mine, names) if names else {NOBODY: mine}
        _tell(mine, parts, code, found)
        for reviewer, part in parts.items():
            path = out / (f"{code}.xlsx" if reviewer == NOBODY else f"{code}-{reviewer}.xlsx")
            row = {"path": str(path), "language": code, "reviewer": reviewer, "items": len(part)}
            found.files.append({**row, "rows": sum(len(model.texts(one.original)) for one in part)})
            if not dry:
                made.append((path, workbook(part, code, reviewer)))
            assigned.setdefault(code, {})[reviewer] = [one.id for one in part]
    _write(made, overwrite)
    if not dry:
        manifest.write_bytes(folder / ASSIGNED, orjson.dumps(assigned, option=orjson.OPT_INDENT_2) + b"\n")
    return found


def read_assigned(folder: Path) -> dict[str, dict[str, list[str]]]:
    """language -> reviewer -> ids of the items in the sheet that was written for them."""
    path = folder / ASSIGNED
    advice = "Remove it and run `globmed review sheet export` again."
    return manifest.read_object(path, "a list of sheets", advice) if path.is_file() else {}


def assign(items: list[Item], reviewers: list[str]) -> dict[str, list[Item]]:
    """Reviewer -> items: each item to as many as it needs (as there are), always to those with the fewest so far."""
    parts: dict[str, list[Item]] = {one: [] for one in reviewers}
    for place, item in enumerate(items):
        turn = reviewers[place % len(reviewers) :] + reviewers[: place % len(reviewers)]
        for one in sorted(turn, key=lambda name: len(parts[name]))[: item.reviews]:
            parts[one].append(item)
    return parts


def _codes(items: list[Item], languages: tuple[str, ...], reviewers: list[str]) -> list[str]:
    there = list(dict.fromkeys(one.language for one in items))
    codes = [table.get(code).code for code in languages] or there
    if missing := [code for code in codes if code not in there]:
        raise GlobmedError(f"no items in {', '.join(missing)} (there are: {', '.join(there)}). Check --language.")
    if reviewers and len(codes) > 1:
        raise GlobmedError(
            f"reviewers were named, but this review has {len(codes)} languages ({', '.join(codes)}). Say with --language whose "
            "language it is, and export each in turn."
        )
    return codes


def _that_fit(items: list[Item], code: str, found: Exported) -> list[Item]:
    fit = []
    for one in items:
        if name := too_long(one):
            found.notes.append(
                f"{code}: {one.id} is left out, its {name} has more than the {CELL_LIMIT:,} characters of a cell. Review it in Argilla."
            )
        else:
            fit.append(one)
    return fit


def _tell(items: list[Item], parts: dict[str, list[Item]], code: str, found: Exported) -> None:
    twice = sum(one.reviews > 1 for one in items)
    if NOBODY in parts and twice:
        found.notes.append(f"{code}: {twice} items are to be reviewed twice; give copies of this sheet to two people")
    elif len(parts) == 1 and twice:
        found.notes.append(f"{code}: {twice} items are to be reviewed twice; only one reviewer is named")


def _write(made: list[tuple[Path, bytes]], overwrite: bool) -> None:
    for path, content in made:
        if path.is_file() and path.read_bytes() != content and not overwrite:
            raise GlobmedError(
                f"{path}: is there already and differs, so it may hold answers. Import it first, choose another --out, or --overwrite it."
            )
    for path, content in made:
        manifest.write_bytes(path, content)
