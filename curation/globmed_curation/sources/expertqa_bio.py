"""ExpertQA, the questions on biology."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from globmed_tools.entry import Entry

from .common import Drop, Skipped
from .expertqa import PATTERNS, read_fields

__all__ = ["FIELDS", "PATTERNS", "read"]

FIELDS = ("Biology",)


def read(paths: list[Path], *, language: str | None, split: str | None) -> Iterator[Entry | Drop | Skipped]:
    """The items of these files in these fields."""
    return read_fields("expertqa_bio", FIELDS, paths, language, split)
