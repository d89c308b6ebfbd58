"""The items that nobody may train on, by group and by id, and the search for them among the rows of a mix.

held = Held(splits=("train",))
held.add(Source(Path("data/headqa/es/test.jsonl"), "headqa/es/test.jsonl"))
held.file_of(row["group_id"], row["id"])            "headqa/es/test.jsonl" for a leak, else None

An item counts as held out unless its split is one that is trained on: dev too, from which few-shot examples come.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import xxhash

from ... import resources, store
from ...entry import group_id
from ...errors import GlobmedError
from .inputs import Source

_IDS = ("id", "entry_id")


class Held:
    """Hashes of groups and ids, each with the number of the file that it came from; 100 bytes an item, no texts."""

    def __init__(self, splits: tuple[str, ...]):
        self.splits = splits
        self.files: list[str] = []
        self._groups: dict[int, int] = {}
        self._ids: dict[int, int] = {}

    @property
    def groups(self) -> int:
        return len(self._groups)

    def add(self, source: Source) -> int:
        """Hold out the items of one file; returns how many. GlobmedError where an item does not say its group."""
        number, count = len(self.files), 0
        self.files.append(source.name)
        for line, row in _rows(source):
            if not isinstance(row.get("group_id"), str):
                raise GlobmedError(
                    f"{source.path}, line {line}: no group_id, so nobody can tell which items these are. Read the set with "
                    "`globmed curate ingest` first and name the folder that it writes."
                )
            if row.get("split") not in self.splits:
                count += 1
                self._put(number, row["group_id"], next((row[name] for name in _IDS if row.get(name)), None))
        return count

    def add_sample(self) -> None:
        """Hold out the bundled sample's items, of which everybody's first run is evaluated."""
        number, english = len(self.files), resources.sample() / "en.jsonl"
        self.files.append("the bundled sample")
        for _, row in store.json_lines(english):
            if row["split"] not in self.splits:
                self._put(number, group_id("sample", row["group"]), None)

    def _put(self, number: int, group: str, id: str | None) -> None:
        self._groups.setdefault(digest(group), number)
        if id:
            self._ids.setdefault(digest(id), number)

    def file_of(self, group: str, id: str) -> str | None:
        """The file that holds this item out, or None."""
        number = self._groups.get(digest(group))
        if number is None:
            number = self._ids.get(digest(id))
        return None if number is None else self.files[number]


def digest(text: str) -> int:
    """xxh3-64 of a text."""
    return xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))


def _rows(source: Source) -> Iterator[tuple[int, dict[str, Any]]]:
    if source.path.suffix != ".parquet":
        yield from store.json_lines(source.path)
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(source.path) as file:
            wanted = [name for name in ("group_id", "split", *_IDS) if name in file.schema_arrow.names]
            line = 0
            for batch in file.iter_batches(columns=wanted):
                for row in batch.to_pylist():
                    line += 1
                    yield line, row
    except (pa.ArrowInvalid, OSError) as error:
        raise GlobmedError(f"{source.path}: not a readable Parquet file ({error}). Make it again.") from None
