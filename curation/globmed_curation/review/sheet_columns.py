"""The columns of a review sheet, and the hidden id that ties each of its rows to an item: what export and import share.

    >>> [one.title for one in columns("Arabic")[:6]]
    ['ID (do not change)', 'No.', 'Set', 'Part', 'Original', 'Translation (Arabic)']
    >>> Key("R01", "5e0c4...", "option B", "2f1c0a9b7e55d310").text()
    'globmed1/R01/5e0c4.../option B/2f1c0a9b7e55d310'

A row is one field of one item. What is said of the item as a whole (ratings, safety, flags, comment) stands in its first row;
revision and errors stand in the row of their field.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from . import questions
from .model import Item, texts

#: The most that a cell of a workbook holds, in UTF-16 units.
CELL_LIMIT = 32_767
#: Stands for the reviewer where a sheet is nobody's.
NOBODY = "-"
_KEY = re.compile(r"globmed1/([^/\s]+)/([0-9a-f]{32})/([A-Za-z]+(?: [A-Z])?)/([0-9a-f]{16})")
_FOREIGN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Column:
    """name: ours; title: in the header; kind: key | fixed | text | rating | label | flag | words; whole: said of the item."""

    name: str
    title: str
    kind: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """Which row this is: reviewer (NOBODY where the sheet is nobody's), item, field, and version of the questions."""

    reviewer: str
    item: str
    field: str
    guideline: str

    def text(self) -> str:
        return f"globmed1/{self.reviewer}/{self.item}/{self.field}/{self.guideline}"

    @classmethod
    def read(cls, value: object) -> Key | None:
        """The key in a cell, whatever blanks or apostrophes stand around it; None where there is none."""
        found = _KEY.search(" ".join(unicodedata.normalize("NFKC", value).split())) if isinstance(value, str) else None
        return cls(*found.groups()) if found else None


@cache
def columns(language: str = "") -> tuple[Column, ...]:
    """The columns in their order. language: the name in the title of the translation."""
    asked = questions.load()
    return (
        Column("key", "ID (do not change)", "key"),
        Column("number", "No.", "fixed"),
        Column("set", "Set", "fixed"),
        Column("part", "Part", "fixed"),
        Column("original", "Original", "fixed"),
        Column("translation", f"Translation ({language})" if language else "Translation", "fixed"),
        Column("revision", asked.revision.title, "text"),
        Column("findings", "Found by checks", "fixed"),
        *(Column(one.name, one.title, "rating", True) for one in asked.ratings),
        Column("safety", asked.safety.title, "label", True),
        Column("error_type", "Error type", "label"),
        Column("error_severity", "Error severity", "label"),
        Column("error_words", "Wrong words", "words"),
        *(Column(f"flag {one.name}", one.title, "flag", True) for one in asked.flags),
        Column("comment", asked.comment.title, "text", True),
    )


def by_title(value: object) -> Column | None:
    """The column that a header cell names: by its title, in any case, with any blanks, brackets aside."""
    if not isinstance(value, str):
        return None
    return _titles().get(_plain(value))


@cache
def _titles() -> dict[str, Column]:
    return {_plain(one.title): one for one in columns()}


def _plain(title: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", title).partition("(")[0].strip(" \t\r\n*:.'\"").casefold().split())


def as_cell(text: str) -> str:
    """The text as a cell can hold it: control characters, which no workbook may contain, become U+FFFD."""
    return _FOREIGN.sub("\ufffd", text)


def too_long(item: Item) -> str | None:
    """The first field that no cell can hold, or None."""
    both = {**texts(item.original), **{f"translated {name}": text for name, text in texts(item.translation).items()}}
    return next((name for name, text in both.items() if len(text.encode("utf-16-le")) // 2 > CELL_LIMIT), None)
