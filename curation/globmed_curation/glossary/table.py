"""The pairs of a glossary as one Arrow table, in the order in which they are preferred, with where they come from.

    >>> made = make([Row("en", "fever", "sw", "homa", 0)], [Source("TICO-19", "CC0 1.0")])
    >>> made.column_names
    ['source_language', 'term', 'language', 'target', 'source', 'concept', 'conflict']

On disk it is a Parquet file: one file to hand on, a tenth of the size of its CSV, read in a blink, and open to polars, pandas
and DuckDB. Sources, licences and the digest stand in its metadata; it holds no time and no path, so the same sources give the
same bytes. Sources are numbered by preference, the first is trusted most.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import normalize

from globmed_tools import store
from globmed_tools.errors import GlobmedError

FORMAT, VERSION = "globmed-glossary", 1
UNKNOWN_LICENCE = "unknown"
_KEY = FORMAT.encode()


class Row(NamedTuple):
    """One translation of one term. source: the number of its source; concept: the source's own id of what is meant."""

    source_language: str
    term: str
    language: str
    target: str
    source: int
    concept: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """One file of a source: its checksum, its lines (or units), the rows they gave, and by reason how many gave none."""

    name: str
    xxh3: str
    lines: int
    rows: int
    left_out: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from."""

    name: str
    licence: str = UNKNOWN_LICENCE
    files: tuple[File, ...] = ()

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> "Source":
        return cls(row["name"], row["licence"], tuple(File(**one) for one in row["files"]))

    @property
    def left_out(self) -> dict[str, int]:
        """Reason -> lines of all files."""
        total: Counter[str] = Counter()
        for file in self.files:
            total.update(file.left_out)
        return dict(total)


@cache
def schema():
    """The Arrow schema of a glossary."""
    import pyarrow as pa

    word = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        [
            ("source_language", word),
            ("term", pa.string()),
            ("language", word),
            ("target", pa.string()),
            ("source", pa.uint16()),
            ("concept", pa.string()),
            ("conflict", pa.bool_()),
        ]
    )


def tidy(text: str) -> str:
    """Composed, and with single spaces: how terms are kept."""
    return normalize("NFC", " ".join(text.split()))


def make(rows: Iterable[Row], sources: Iterable[Source]):
    """The table of these rows: by languages and term, then by source, then in the order given; a row that comes twice once."""
    import pyarrow as pa

    sources = tuple(sources)
    unique = dict.fromkeys(rows)
    ordered = sorted(unique, key=lambda row: (row.source_language, row.term, row.language, row.source))
    conflicts: list[bool] = []
    for _, group in groupby(ordered, key=lambda row: row[:3]):
        group = list(group)
        conflicts += [_differ(group)] * len(group)
    columns = list(zip(*ordered)) or [()] * len(Row._fields)
    arrays = [pa.array(column, type=kind.type) for column, kind in zip([*columns, conflicts], schema(), strict=True)]
    table = pa.Table.from_arrays(arrays, schema=schema())
    facts = {
        "format": FORMAT,
        "version": VERSION,
        "digest": digest(ordered, sources),
        "sources": [asdict(one) for one in sources],
    }
    return table.replace_schema_metadata({_KEY: json.dumps(facts, ensure_ascii=False).encode()})


def _differ(rows: list[Row]) -> bool:
    """Do two sources, or two concepts of one, have no translation of the term in common?"""
    meant: dict[tuple[int, str], set[str]] = {}
    for row in rows:
        meant.setdefault((row.source, row.concept), set()).add(row.target.casefold())
    return len(meant) > 1 and not set.intersection(*meant.values())


def digest(rows: Iterable[Row], sources: Iterable[Source]) -> str:
    """xxh3-128 over all that is found: the rows in their order, with the names of their sources."""
    import xxhash

    state = xxhash.xxh3_128("\0".join(one.name for one in sources).encode())
    for row in rows:
        state.update("\0".join(map(str, row)).encode() + b"\n")
    return state.hexdigest()


def write(path: Path, table) -> None:
    """Write a glossary; GlobmedError where the disk refuses."""
    store.write_table(path, table)


def read(path: Path):
    """The table of a built glossary; GlobmedError where the file is none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            table = file.read(use_threads=False)
        pa.default_memory_pool().release_unused()  # unpacking takes three times what is kept
    except FileNotFoundError:
        raise GlobmedError(f"{path}: no such file. Check the path of the glossary.") from None
    except (pa.ArrowInvalid, OSError) as error:
        raise GlobmedError(f"{path}: not a readable Parquet file ({error}). Build the glossary again.") from None
    found = facts(table, path)
    if found["version"] != VERSION:
        raise GlobmedError(
            f"{path}: glossary version {found['version']}, this program reads {VERSION}. Update globmed."
        )
    metadata = table.schema.metadata
    return table if table.schema.equals(schema()) else table.cast(schema()).replace_schema_metadata(metadata)


def sources_of(table) -> tuple[Source, ...]:
    """The sources of a glossary, the most trusted first."""
    return tuple(map(Source.from_dict, facts(table)["sources"]))


def facts(table, path: Path | str = "the table") -> dict[str, Any]:
    """What the metadata of a glossary's table say."""
    text = (table.schema.metadata or {}).get(_KEY)
    if text is None:
        raise GlobmedError(
            f"{path}: a Parquet file, but no glossary. Name one that `globmed curate glossary build` wrote."
        )
    return json.loads(text)
