"""MedNLI, from the user's own credentialed copy: the JSON Lines files mli_{train,dev,test}_v1.jsonl.

    {"pairID": "23eb94b8-0001", "sentence1": "Labs were notable for Cr 1.7.", "sentence2": "Kidneys are impaired.",
     "gold_label": "entailment"}

sentence1 is the premise and becomes the context, sentence2 the hypothesis and becomes the question; the parses beside
them are not read. The premises are MIMIC-III notes under PhysioNet's credentialed licence: neither these files nor what
is made of them may be passed on, and GlobMed ships neither. "-" for gold_label says that there is no gold.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from globmed_tools import catalog
from globmed_tools.entry import Entry, make
from globmed_tools.errors import GlobmedError

from .common import Drop, judge, split_of
from .rows import Row, rows

PATTERNS = ("mli_train_v1.jsonl", "mli_dev_v1.jsonl", "mli_test_v1.jsonl")
NO_GOLD = "-"


def read(paths: list[Path], *, language: str | None, split: str | None) -> Iterator[Entry | Drop]:
    """The items of these files; English unless `language` says otherwise."""
    for path in paths:
        part = split_of(path, split)
        for row in rows(path):
            yield _item(row, language or "en", part)


def _item(row: Row, language: str, split: str) -> Entry | Drop:
    key, label = row.text("pairID"), row.text("gold_label")
    if not key:
        raise GlobmedError(f"{row.where}: pairID is empty. Fetch the file again or mend it.")
    if label == NO_GOLD:
        return Drop("no_gold", f"gold_label {label!r}", row.locator, language, split, key)
    entry = make(
        source="mednli",
        split=split,
        form="nli",
        language=language,
        key=key,
        question=row.text("sentence2"),
        context=row.text("sentence1"),
        label=label or None,
        locator=row.locator,
        licence=catalog.get("mednli").licence,
    )
    return judge(entry, key)
