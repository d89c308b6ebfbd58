"""Entries put aside by set, language and split while they stream by, so that half a million never stand in memory.

    with Parts(folder) as parts:
        for entry in entries:
            parts.add(entry)
    for key in parts.keys():                        # ("medqa", "sw", "train"), in order
        for chunk in parts.read(key): ...           # lists of Entries

Lines gather in memory and are appended to one file a part, so that no more than one file is open at a time however many
parts there are. The files are in the format of `store`: the layout `entries` takes them as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import orjson

from globmed_tools import store
from globmed_tools.entry import Entry, to_dict

Key = tuple[str, str, str]
#: Bytes that one part, and all parts together, may hold in memory before they are written.
PART_LIMIT, TOTAL_LIMIT = 1 << 20, 64 << 20
#: Entries handed on at a time, and so rows in a row group of Parquet.
CHUNK = 2000


class Parts:
    """One JSON Lines file a set, language and split below `folder`."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._waiting: dict[Key, bytearray] = {}
        self._held = 0
        self.rows: dict[Key, int] = {}

    def __enter__(self) -> Parts:
        return self

    def __exit__(self, kind, error, trace) -> None:
        if kind is None:
            self.flush()

    def path(self, key: Key) -> Path:
        name, language, split = key
        return self.folder / name / language / f"{split}.jsonl"

    def add(self, entry: Entry) -> None:
        """Put one entry aside."""
        key = (entry.source, entry.language, entry.split)
        line = orjson.dumps(to_dict(entry), option=orjson.OPT_APPEND_NEWLINE)
        self._waiting.setdefault(key, bytearray()).extend(line)
        self.rows[key] = self.rows.get(key, 0) + 1
        self._held += len(line)
        if len(self._waiting[key]) > PART_LIMIT:
            self._append(key)
        elif self._held > TOTAL_LIMIT:
            self.flush()

    def flush(self) -> None:
        """Write what waits in memory."""
        for key in list(self._waiting):
            self._append(key)

    def _append(self, key: Key) -> None:
        lines = self._waiting.pop(key)
        self._held -= len(lines)
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as stream:
            stream.write(lines)

    def keys(self) -> list[Key]:
        """The parts that hold anything, sorted."""
        return sorted(self.rows)

    def read(self, key: Key) -> Iterator[list[Entry]]:
        """The entries of a part in the order in which they were added, CHUNK at a time."""
        rows = store.read_file(self.path(key))
        while chunk := list(islice(rows, CHUNK)):
            yield chunk
