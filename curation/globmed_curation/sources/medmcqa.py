"""MedMCQA: JSON Lines in files named .json (the original), or the Parquet files of the hub copy.

    {"id": "5f1c...", "question": "Longest cranial nerve is:", "exp": null, "cop": 3, "opa": "Optic", "opb": "Facial",
     "opc": "Vagus", "opd": "Abducens", "subject_name": "Anatomy", "topic_name": null, "choice_type": "single"}

`cop` counts from 1 in the original and from 0 in the hub copy, and nothing in a file says which: a 4 anywhere means
from 1, a 0 anywhere from 0, and a file with both or neither needs the caller's `gold_base`. The test split hides its
answers (no `cop`, or -1 on the hub): those items are dropped as no_gold.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from globmed_tools import catalog
from globmed_tools.entry import Entry, make
from globmed_tools.errors import GlobmedError

from .common import Drop, judge, split_of
from .rows import Row, rows

PATTERNS = ("train.json", "dev.json", "test.json", "train-*.parquet", "validation-*.parquet", "test-*.parquet")


def read(
    paths: list[Path], *, language: str | None, split: str | None, gold_base: int | None = None
) -> Iterator[Entry | Drop]:
    """The items of these files; English unless `language` says otherwise. The base is settled file by file."""
    if gold_base not in (None, 0, 1):
        raise GlobmedError(f"medmcqa: gold_base should be 0 or 1, found {gold_base}. Correct it.")
    for path in paths:
        found = list(rows(path))
        golds = [_gold(row) for row in found]
        base = _base(path, {gold for gold in golds if gold is not None}) if gold_base is None else gold_base
        part = split_of(path, split)
        for row, gold in zip(found, golds, strict=True):
            yield _item(row, None if gold is None else gold - base, language or "en", part)


def _gold(row: Row) -> int | None:
    gold = row.integer("cop") if "cop" in row.fields else None
    return None if gold == -1 else gold


def _base(path: Path, golds: set[int]) -> int:
    if (0 in golds) != (4 in golds):
        return 1 if 4 in golds else 0
    if not golds:
        return 0
    seen = "both 0 and 4" if 0 in golds else f"neither 0 nor 4 (only {', '.join(map(str, sorted(golds)))})"
    raise GlobmedError(
        f"{path}: cop holds {seen}, so it cannot be told whether it counts from 0 or from 1. "
        "Say --gold-base 1 for the original files, --gold-base 0 for the hub copy."
    )


def _item(row: Row, gold: int | None, language: str, split: str) -> Entry | Drop:
    key = row.text("id")
    entry = make(
        source="medmcqa",
        split=split,
        form="mcq",
        language=language,
        key=key,
        question=row.text("question"),
        options=[row.text(name) for name in ("opa", "opb", "opc", "opd")],
        answers=[] if gold is None else [gold],
        rationale=row.text("exp") if "exp" in row.fields else None,
        tags={
            "subject": row.text("subject_name"),
            "topic": row.text("topic_name"),
            "choice_type": row.text("choice_type"),
        },
        locator=row.locator,
        licence=catalog.get("medmcqa").origin,
    )
    return judge(entry, key)
