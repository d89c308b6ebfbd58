"""What people said of the same replies, in the files of `globmed review`.

    globmed report judge results -o judged ... --for-review replies       the replies as entries, to be sampled for review
    globmed review sample replies --out review                            ... sheets or Argilla, as for translations ...
    globmed report judge results -o judged ... --clinicians review        their answers beside the judges'

A reviewer sees the item with the reference as the original, and with a model's reply in its place as the version to be rated: no
name of a model is in it. The rubric says which question of the review answers to which criterion (`review`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ... import catalog, entry, store
from ...errors import GlobmedError
from . import replies
from .rubric import Rubric
from .work import Work, content, review_id

ANSWERS = "answers.jsonl"
#: Of a reply's entry: nothing in it tells which model it is by.
LOCATOR = "a reply"


def write(work: Work, folder: Path) -> dict[str, int]:
    """Write the replies as entries, one folder a set: {"replies", "items", "left out"}. An empty reply, and one that is the
    reference word for word, are left out; the same reply by two models is there once."""
    by_set: dict[str, dict[str, entry.Entry]] = {}
    told = {"replies": 0, "items": 0, "left out": 0}
    for reply, text in replies.texts(work.found.replies):
        one = catalog.get(reply.set)
        shared = dict(source=reply.set, split="test", locator=LOCATOR, licence=one.licence, key=reply.group)
        original = entry.make(**{**content(reply, text), "reference": text.reference}, **shared)
        if not text.reply or review_id(reply, text) == original.id:
            told["left out"] += 1
            continue
        made = entry.make(**content(reply, text), translated_from=original.id, **shared)
        here = by_set.setdefault(reply.set, {})
        told["items"] += original.id not in here
        told["replies"] += made.id not in here
        here.setdefault(original.id, original)
        here.setdefault(made.id, made)
    for name, entries in by_set.items():
        store.write(folder / name, name, entries.values())
    return told


def read(path: Path, rubric: Rubric, known: set[str]) -> tuple[list[dict[str, Any]], int]:
    """(rows, answers on other things) of a review folder or its answers.jsonl; the last submitted answer of a reviewer counts.

    known: the review ids of the replies. GlobmedError where no answer is on one of them.
    """
    file = path / ANSWERS if path.is_dir() else path
    if not file.is_file():
        raise GlobmedError(
            f"{file}: no such file. Name a review folder with answers (`globmed review pull`, `sheet import`)."
        )
    latest: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}
    others = 0
    for number, row in store.json_lines(file):
        try:
            item, reviewer, status, at = row["item"], row["reviewer"], row["status"], row.get("at") or ""
        except KeyError as error:
            raise GlobmedError(
                f"{file}, line {number}: no answer of a review (no {error.args[0]!r}). Remove that line."
            ) from None
        if status != "submitted":
            continue
        if item not in known:
            others += 1
            continue
        found = {one.name: _value(one, row.get(one.review), file, number) for one in rubric.criteria if one.review}
        if (item, reviewer) not in latest or at >= latest[item, reviewer][0]:
            latest[item, reviewer] = at, {name: value for name, value in found.items() if value is not None}
    if not latest:
        raise GlobmedError(
            f"{file}: no submitted answer is on one of these replies ({others:,} are on other items). "
            "Write the replies with --for-review, and have `globmed review sample` draw from that folder."
        )
    rows = [
        {"reviewer": reviewer, "review_id": item, "values": values}
        for (item, reviewer), (_at, values) in sorted(latest.items())
    ]
    return rows, others


def _value(one, value: Any, file: Path, number: int) -> Any:
    if value is not None and value not in one.values:
        raise GlobmedError(f"{file}, line {number}: {one.review} is {value!r}, which the rubric's {one.name} has not.")
    return value
