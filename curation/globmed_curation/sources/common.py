"""What becomes of an item, and which split a file is.

>>> split_in_name(Path("phrases_no_exclude_test.jsonl")), split_in_name(Path("validation-00000.parquet"))
('test', 'dev')
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from globmed_tools.entry import Entry, problem
from globmed_tools.errors import GlobmedError

_SPLITS = {"train": "train", "dev": "dev", "val": "dev", "valid": "dev", "validation": "dev", "test": "test"}


@dataclass(frozen=True, slots=True)
class Drop:
    """An item of the set that cannot be used: reason code, the evidence for it, and where it stands."""

    reason: str
    evidence: str
    locator: str
    language: str
    split: str
    key: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """`count` rows that are no part of the set; they are counted, not listed. locator: the file's name, or a row's."""

    reason: str
    count: int
    locator: str


def judge(entry: Entry, key: str) -> Entry | Drop:
    """The entry itself where it can be used, else the Drop that says why not."""
    found = problem(entry)
    return Drop(*found, entry.locator, entry.language, entry.split, key) if found else entry


def split_in_name(path: Path) -> str | None:
    """train, dev or test where the file's name says one of them (dev also as val, valid, validation), else None."""
    words = {_SPLITS[word] for word in re.split(r"[^a-z]+", path.stem.lower()) if word in _SPLITS}
    return words.pop() if len(words) == 1 else None


def split_of(path: Path, split: str | None) -> str:
    """The caller's split, else that of the file's name; GlobmedError where neither says."""
    found = split or split_in_name(path)
    if found is None:
        raise GlobmedError(f"{path}: the file's name tells no split. Say --split train, dev or test.")
    return found
