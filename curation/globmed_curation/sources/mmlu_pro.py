"""MMLU-Pro, of which the health category is kept: a JSON list, JSON Lines, a zip of such a file, or Parquet.

    {"question_id": 7001, "question": "Which vitamin prevents scurvy?", "options": ["A1", "C", "N/A", "K"],
     "answer": "B", "answer_index": 1, "cot_content": "", "category": "health", "src": "ori_mmlu-nutrition"}

"N/A" only fills a list up: such options are taken out and the gold moves with them. Rows of other categories are no
part of the set; they are counted, not listed. The maintainers' archives of model outputs hold the same rows; what the
model said in them is not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import ascii_uppercase

from globmed_tools import catalog
from globmed_tools.entry import Entry, make

from .common import Drop, Skipped, judge, split_in_name
from .rows import Row, rows

PATTERNS = ("test-*.parquet", "validation-*.parquet", "model_outputs_*.zip")
CATEGORY = "health"
FILLER = "N/A"


def read(paths: list[Path], *, language: str | None, split: str | None) -> Iterator[Entry | Drop | Skipped]:
    """The items of these files; English, and test where the file's name says no split, unless the caller says more."""
    for path in paths:
        other = 0
        for row in rows(path):
            if row.text("category") == CATEGORY:
                yield _item(row, language or "en", split or split_in_name(path) or "test")
            else:
                other += 1
        if other:
            yield Skipped("other_category", other, path.name)


def _item(row: Row, language: str, split: str) -> Entry | Drop:
    key = str(row.integer("question_id"))
    options, letter, index = row.texts("options"), row.text("answer"), row.integer("answer_index")
    if not letter and index is None:
        return Drop("no_gold", "", row.locator, language, split, key)
    gold = -1 if index is None else index
    if not 0 <= gold < len(options) or ascii_uppercase[gold : gold + 1] != letter:
        evidence = f"answer {letter!r}, answer_index {index} of {len(options)} options"
        return Drop("gold_mismatch", evidence, row.locator, language, split, key)
    if options[gold] == FILLER:
        return Drop("no_gold", f"the answer, {letter}, is {FILLER}", row.locator, language, split, key)
    real = [number for number, option in enumerate(options) if option != FILLER]
    entry = make(
        source="mmlu_pro",
        split=split,
        form="mcq",
        language=language,
        key=key,
        question=row.text("question"),
        options=[options[number] for number in real],
        answers=[real.index(gold)],
        rationale=row.text("cot_content") if "cot_content" in row.fields else None,
        tags={"src": row.text("src")},
        locator=row.locator,
        licence=catalog.get("mmlu_pro").origin,
    )
    return judge(entry, key)
