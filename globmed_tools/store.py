"""Entries on disk: one folder a set, one file a language and split, a manifest beside them.

    DIR/headqa/manifest.json   DIR/headqa/es/test.jsonl   DIR/headqa/en/test.jsonl   DIR/headqa/dropped.jsonl

`write` removes the old manifest first and writes the new one last: a run that was killed leaves no manifest, and `read`
says so. JSONL is the default; Parquet holds the same entries in less room.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from . import __version__, manifest
from .entry import Entry, arrow_schema, from_dict, to_dict
from .errors import GlobmedError

FORMATS = ("jsonl", "parquet")
DROPPED = "dropped.jsonl"
_AS_JSON = ("tags", "checks", "review")


def write(
    folder: Path,
    name: str,
    entries: Iterable[Entry],
    *,
    dropped: Iterable[dict[str, Any]] = (),
    inputs: Iterable[dict[str, Any]] = (),
    format: str = "jsonl",
) -> manifest.Manifest:
    """Write the entries of one set into `folder`, in the order given, and what was dropped beside them.

    Each dropped row is {reason, evidence, locator, ...}. The same entries give the same bytes. Raises GlobmedError where
    the folder cannot be written or there is nothing to write.
    """
    if format not in FORMATS:
        raise GlobmedError(f"unknown format {format!r}; choose one of: {', '.join(FORMATS)}.")
    files: dict[tuple[str, str], list[Entry]] = {}
    for one in entries:
        files.setdefault((one.language, one.split), []).append(one)
    dropped = list(dropped)
    if not files:
        raise GlobmedError(
            f"{name}: nothing to write ({len(dropped)} items were dropped). Check the input and its reasons."
        )
    old = _empty(folder)
    # The list of what was dropped comes first: without a manifest beside it, it marks the folder as half-written.
    lines = b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in dropped)
    manifest.write_bytes(folder / DROPPED, lines)
    written = [_write_file(folder, lang, split, rows, format) for (lang, split), rows in sorted(files.items())]
    for path in old - {one.path for one in written}:
        (folder / path).unlink(missing_ok=True)
    counts: dict[str, int] = {}
    for row in dropped:
        counts[row["reason"]] = counts.get(row["reason"], 0) + 1
    done = manifest.Manifest(name, tuple(written), counts, tuple(inputs), f"globmed {__version__}")
    manifest.write(folder, done)
    return done


def _empty(folder: Path) -> set[str]:
    """Take the manifest away, so that the folder counts as unfinished, and name the data files that it spoke of."""
    if not (folder / manifest.NAME).exists():
        return set()
    try:
        old = {one.path for one in manifest.read(folder).files}
    except GlobmedError:
        old = set()
    (folder / manifest.NAME).unlink()
    return old


def _write_file(folder: Path, language: str, split: str, rows: list[Entry], format: str) -> manifest.DataFile:
    path = folder / language / f"{split}.{format}"
    if format == "jsonl":
        manifest.write_bytes(path, b"".join(orjson.dumps(to_dict(r), option=orjson.OPT_APPEND_NEWLINE) for r in rows))
    else:
        _write_parquet(path, rows)
    return manifest.DataFile(
        path=path.relative_to(folder).as_posix(),
        language=language,
        split=split,
        rows=len(rows),
        bytes=path.stat().st_size,
        xxh3=manifest.checksum(path),
    )


def _write_parquet(path: Path, rows: list[Entry]) -> None:
    write_table(path, to_table(rows))


def to_table(rows: list[Entry]):
    """A pyarrow table of entries, columns as in `entry.arrow_schema`; tags, checks and review as JSON text."""
    import pyarrow as pa

    schema = arrow_schema()
    columns = []
    for field in schema:
        values = [getattr(row, field.name) for row in rows]
        if field.name in _AS_JSON:
            values = [
                None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True) for value in values
            ]
        columns.append(pa.array(values, type=field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def write_table(path: Path, table) -> None:
    """Write a pyarrow table as Parquet in one step; GlobmedError where the disk refuses."""
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    draft = manifest.draft_of(path)
    try:
        pq.write_table(table, draft, compression="zstd")
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise GlobmedError(f"{path}: could not be written ({error}). Free some space or choose another folder.")


def read(folder: Path, *, language: str | None = None, split: str | None = None) -> Iterator[Entry]:
    """The entries of one finished set folder, optionally of one language or split, in file order.

    Raises GlobmedError where the manifest is missing or a file differs from it (cut short, changed, absent), naming the
    file and, for JSONL, the line.
    """
    for file in manifest.read(folder).files:
        if language not in (None, file.language) or split not in (None, file.split):
            continue
        path = folder / file.path
        if not path.is_file():
            raise GlobmedError(f"{path}: named in the manifest but missing. Make the folder again.")
        rows = 0
        for one in read_file(path):
            rows += 1
            yield one
        if rows != file.rows:
            raise GlobmedError(f"{path}: {rows} entries, the manifest says {file.rows}. Make the folder again.")


def read_file(path: Path) -> Iterator[Entry]:
    """The entries of one JSONL or Parquet file; GlobmedError names file and line of what cannot be read."""
    if path.suffix == ".parquet":
        yield from _read_parquet(path)
        return
    for number, row in json_lines(path):
        try:
            yield from_dict(row)
        except KeyError as error:
            raise GlobmedError(
                f"{path}, line {number}: field {error.args[0]} is missing. Write entries with globmed's own tools."
            )
        except TypeError as error:
            raise GlobmedError(
                f"{path}, line {number}: not an entry ({error}). Write entries with globmed's own tools."
            )


def json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number from 1, object) of a JSON Lines file; blank lines are passed over."""
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise GlobmedError(f"{path}, line {number}: not valid JSON ({error}). Fix or remove that line.")
            if not isinstance(row, dict):
                raise GlobmedError(f"{path}, line {number}: a JSON object was expected, {type(row).__name__} found.")
            yield number, row


def _read_parquet(path: Path) -> Iterator[Entry]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise GlobmedError(f"{path}: not a readable Parquet file ({error}). Make the folder again.")
    for number, record in enumerate(table.to_pylist(), 1):
        try:
            for name in _AS_JSON:
                record[name] = None if record[name] is None else json.loads(record[name])
            yield from_dict(record)
        except (KeyError, TypeError, ValueError) as error:
            raise GlobmedError(f"{path}, row {number}: not an entry ({error}). Make the folder again.")
