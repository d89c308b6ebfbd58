"""What must not be trained on: test items, from entries or from anybody's benchmark file, each with stem and options apart.

    >>> read([Path("medqa/test.jsonl"), Path("build")])[0]
    Known(name='test.jsonl:1', stem='A 23-year-old pregnant woman ...', options=('Ampicillin', 'Ceftriaxone', ...))

Of a folder of entries the items of the split `test` count, of any other file every row. The columns of other files are found by
name: the first of STEMS that is there, the first of OPTIONS (a list, or an object of letters), or the columns A, B, C, ...; in chats
the turns of the user. Where that fails, the error lists the columns.

A stem is the question alone, and premise with hypothesis: a passage that goes with a question (an abstract, a table of values) is
matter that anybody may have read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from globmed_tools import shards, store
from globmed_tools.entry import Entry
from globmed_tools.errors import GlobmedError

from ..sources.rows import Row, rows

STEMS = ("question", "stem", "query", "sent1", "hypothesis", "prompt", "problem", "input", "instruction", "text")
OPTIONS = ("options", "choices", "endings", "answers")
_LETTERS = ("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
_NEEDED = ("id", "group_id", "source", "split", "question")


class Known(NamedTuple):
    """name: how evidence calls it: an entry's set, language and id; a file and line."""

    name: str
    stem: str
    options: Sequence[str]


def of(entry: Entry) -> Known:
    """A reference is not looked for: answers may be alike without any leak."""
    stem = f"{entry.context or ''}\n{entry.question}" if entry.form == "nli" else entry.question
    return Known(f"{entry.source}/{entry.language} {entry.id}", stem, entry.options)


def is_entries(path: Path) -> bool:
    """Does this file, or folder, hold entries?"""
    if path.is_dir():
        return True
    first = next(rows(path), None)
    return first is not None and all(name in first.fields for name in _NEEDED)


def read(paths: Iterable[Path]) -> list[Known]:
    """The test items behind these paths. GlobmedError where a file has no column that could be a question, or no item."""
    found: list[Known] = []
    for path in paths:
        if not path.exists():
            raise GlobmedError(f"{path}: no such file or folder. Check what is to be compared against.")
        before = len(found)
        found += _entries(path) if is_entries(path) else map(_known, rows(path))
        if len(found) == before:
            raise GlobmedError(f"{path}: no test items in it. Of entries, only the split test is compared against.")
    return found


def _entries(path: Path) -> Iterator[Known]:
    if path.is_dir():
        return (of(one) for one in shards.entries([path]) if one.split == "test")
    return (of(one) for one in store.read_file(path) if one.split == "test")


def _known(row: Row) -> Known:
    fields = {name.lower(): value for name, value in row.fields.items()}
    name = next((name for name in STEMS if isinstance(fields.get(name), str) and fields[name].strip()), None)
    if name is None and isinstance(fields.get("messages"), list):
        stem = "\n".join(_turns(fields["messages"], "user"))
    elif name is None:
        columns = ", ".join(row.fields) or "none"
        raise GlobmedError(
            f"{row.where}: no column that could be the question (found: {columns}). Rename it to `question`."
        )
    else:
        stem = "\n".join([*strings(fields.get("premise")), fields[name]])
    return Known(row.locator, stem, tuple(_options(fields)))


def _options(fields: dict[str, Any]) -> list[str]:
    for name in OPTIONS:
        if isinstance(fields.get(name), list | dict):
            return strings(fields[name])
    lettered = [fields[one] for one in _LETTERS if isinstance(fields.get(one), str)]
    return lettered if len(lettered) > 1 else []


def _turns(messages: list[Any], role: str = "") -> Iterator[str]:
    for turn in messages:
        if isinstance(turn, dict) and role in ("", turn.get("role")):
            yield from strings(turn.get("content"))


def strings(value: Any) -> list[str]:
    """All texts within a value, in order: of lists and of the values of objects."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [text for one in inner for text in strings(one)]
