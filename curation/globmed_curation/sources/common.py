"""What becomes of an item, and which split a file is.

>>> split_in_name(Path("phrases_no_exclude_test.jsonl")), split_in_name(Path("validation-00000.parquet"))
('test', 'dev')
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from globmed_tools import languages
from globmed_tools.entry import Entry, problem
from globmed_tools.errors import GlobmedError

SPLIT_NAMES = {"train": "train", "dev": "dev", "val": "dev", "valid": "dev", "validation": "dev", "test": "test"}


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


@dataclass(frozen=True, slots=True)
class Note:
    """What a person should know of a file that was read: printed, and kept in the manifest beside the file."""

    text: str
    locator: str


def judge(entry: Entry, key: str) -> Entry | Drop:
    """The entry itself where it can be used, else the Drop that says why not."""
    found = problem(entry)
    return Drop(*found, entry.locator, entry.language, entry.split, key) if found else entry


def split_in_name(path: Path) -> str | None:
    """train, dev or test where the file's name says one of them (dev also as val, valid, validation), else None."""
    words = {SPLIT_NAMES[word] for word in re.split(r"[^a-z]+", path.stem.lower()) if word in SPLIT_NAMES}
    return words.pop() if len(words) == 1 else None


def split_of(path: Path, split: str | None) -> str:
    """The caller's split, else that of the file's name; GlobmedError where neither says."""
    found = split or split_in_name(path)
    if found is None:
        raise GlobmedError(f"{path}: the file's name tells no split. Say --split train, dev or test.")
    return found


def code_of(name: str, other_languages: bool = False) -> str | None:
    """The language's code in languages.toml; with other_languages also a code of two or three letters that has no row
    there, as it stands; else None."""
    if known := languages.find(name):
        return known.code
    return name.lower() if other_languages and re.fullmatch("[A-Za-z]{2,3}", name) else None
