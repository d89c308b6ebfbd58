"""Which datasets a review folder makes on a server: one a language and number of reviewers, or one a language for adjudication.

    >>> [(one.dataset, one.reviews, len(one.items)) for one in plan(Path("trial"), languages=("sw",))]
    [('trial-sw', 1, 173), ('trial-sw-double', 2, 43)]

No server is asked, and Argilla's SDK is not needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from globmed_tools import languages as table
from globmed_tools import store
from globmed_tools.errors import GlobmedError

from . import adjudicate, argilla_layout, guidelines, model
from .argilla_layout import ADJUDICATION, REVIEW
from .model import Item


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to stand in one dataset. rows: item id -> line of adjudication.jsonl; guidelines: Markdown."""

    dataset: str
    language: str
    round: str
    reviews: int
    items: list[Item]
    rows: dict[str, dict[str, Any]]
    guidelines: str


def plan(
    folder: Path,
    *,
    name: str | None = None,
    languages: tuple[str, ...] = (),
    adjudication: bool = False,
    own_guidelines: Path | None = None,
) -> list[Batch]:
    """The datasets that a review folder makes, in the order of its items' languages."""
    name = argilla_layout.checked_name(name or folder.resolve().name)
    items = model.open_review(folder)
    rows = _disputed(folder, {one.id for one in items}) if adjudication else {}
    if adjudication:
        items = [one for one in items if one.id in rows]
    there = list(dict.fromkeys(one.language for one in items))
    codes = [table.get(code).code for code in languages] or there
    if missing := [code for code in codes if code not in there]:
        raise GlobmedError(f"no items in {', '.join(missing)} (there are: {', '.join(there)}). Check --language.")
    found, round = [], ADJUDICATION if adjudication else REVIEW
    for code in codes:
        told = guidelines.text(code, own_guidelines)
        mine = [one for one in items if one.language == code]
        for reviews in sorted({1 if adjudication else one.reviews for one in mine}):
            some = [one for one in mine if adjudication or one.reviews == reviews]
            named = argilla_layout.dataset_name(name, code, round, reviews)
            found.append(Batch(named, code, round, reviews, some, {one.id: rows[one.id] for one in some if rows}, told))
    return found


def _disputed(folder: Path, known: set[str]) -> dict[str, dict[str, Any]]:
    path = folder / adjudicate.NAME
    advice = f"Run `globmed review adjudicate {folder}` first."
    if not path.is_file():
        raise GlobmedError(f"{path}: not there. {advice}")
    rows = {row["id"]: row for _, row in store.json_lines(path)}
    if not rows:
        raise GlobmedError(f"{path}: empty, reviewers disagree in nothing. There is nothing to push.")
    if foreign := set(rows) - known:
        raise GlobmedError(f"{path}: {len(foreign)} of its items are not of this review ({min(foreign)}). {advice}")
    return rows
