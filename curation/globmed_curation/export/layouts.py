"""One part (a set in a language and split) in each layout, chunk by chunk.

hub      <set>/<language>/<split>.json       JSON Lines under the released sets' file names, columns.py
parquet  <set>/<language>/<split>.parquet    the same columns
entries  <set>/<language>/<split>.jsonl      globmed's own format, with a manifest a set: `store` reads it
chat     <set>/<language>/<split>.jsonl      conversations, chat.py
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import xxhash

from globmed_tools import __version__, manifest
from globmed_tools.entry import Entry
from globmed_tools.store import DROPPED

from . import chat, columns
from .parts import Key, Parts

LAYOUTS = {"hub": "json", "parquet": "parquet", "entries": "jsonl", "chat": "jsonl"}


@dataclass(frozen=True, slots=True)
class File:
    """One file of data. path: below the layout's folder; sha256 is what Croissant asks for."""

    layout: str
    path: str
    set: str
    language: str
    split: str
    rows: int
    bytes: int
    xxh3: str
    sha256: str


def write_part(parts: Parts, key: Key, form: str, wanted: list[str], folder: Path, *, rationale: bool) -> list[File]:
    """Write a part in the layouts wanted; returns the files in that order."""
    paths = {layout: folder / layout / relative(key, layout) for layout in wanted}
    with ExitStack() as stack:
        writers = [
            stack.enter_context(_writer(layout, paths[layout], form, rationale))
            for layout in wanted
            if layout != "entries"
        ]
        if writers:
            for chunk in parts.read(key):
                for write in writers:
                    write(chunk)
    if "entries" in wanted:
        paths["entries"].parent.mkdir(parents=True, exist_ok=True)
        os.replace(parts.path(key), paths["entries"])
    return [_facts(layout, path, folder / layout, key, parts.rows[key]) for layout, path in paths.items()]


def relative(key: Key, layout: str) -> str:
    """Where a part stands below its layout's folder."""
    name, language, split = key
    return f"{name}/{language}/{split}.{LAYOUTS[layout]}"


@contextmanager
def _writer(layout: str, path: Path, form: str, rationale: bool) -> Iterator:
    """A context that yields write(entries)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if layout == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = columns.arrow_schema(form)
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:

            def write(entries: list[Entry]) -> None:
                writer.write_table(pa.Table.from_pylist([columns.row(one) for one in entries], schema=schema))

            yield write
        return
    made = (lambda one: chat.row(one, rationale=rationale)) if layout == "chat" else columns.row
    with path.open("wb") as stream:
        yield lambda entries: stream.write(
            b"".join(orjson.dumps(made(one), option=orjson.OPT_APPEND_NEWLINE) for one in entries)
        )


def _facts(layout: str, path: Path, root: Path, key: Key, rows: int) -> File:
    fast, sha, size = xxhash.xxh3_64(), hashlib.sha256(), 0
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            fast.update(block)
            sha.update(block)
            size += len(block)
    place = path.relative_to(root).as_posix()
    return File(layout, place, *key, rows, size, fast.hexdigest(), sha.hexdigest())


def write_entry_manifests(folder: Path, files: list[File], inputs: tuple[dict, ...]) -> None:
    """A manifest for every set below folder/entries, as `store.write` leaves it."""
    for name in sorted({file.set for file in files if file.layout == "entries"}):
        made = tuple(
            manifest.DataFile(
                f"{one.language}/{one.split}.jsonl", one.language, one.split, one.rows, one.bytes, one.xxh3
            )
            for one in files
            if one.layout == "entries" and one.set == name
        )
        manifest.write_bytes(folder / "entries" / name / DROPPED, b"")
        done = manifest.Manifest(name, made, {}, inputs, f"globmed {__version__}")
        manifest.write(folder / "entries" / name, done)
