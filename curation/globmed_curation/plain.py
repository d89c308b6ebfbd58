"""Rows that are no entries: anybody's JSONL or Parquet file, decontaminated and written as it came.

found = decontaminate([Path("sft.jsonl")], Config(against=(Path("mmlu.parquet"),)), Path("clean"))
found["dropped"], found["examples"][0]["row"]                       # 17, "sft.jsonl:204"

DIR/kept/sft.jsonl       the rows that stay, with all their columns; Parquet stays Parquet, with its schema
DIR/dropped/sft.jsonl    {"row": "sft.jsonl:204", "evidence": {...}, "fields": {...}}
DIR/review/sft.jsonl     the same of rows that stay but that a person should look at; of chat.parquet in chat.parquet.jsonl
DIR/manifest.json        last: settings, inputs and test items with their hashes, counts
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from globmed_tools import __version__, manifest
from globmed_tools.errors import GlobmedError, suggest

from . import settings
from .sources.rows import Row, rows
from .stages import known
from .stages.decontaminate import Config, Judge

_CHUNK = 2000
_EXAMPLES = 10
_PARTS = ("kept", "dropped", "review")


def decontaminate(
    paths: Sequence[Path], config: Config, out: Path | None, columns: Sequence[str] = (), *, hidden: bool = True
) -> dict[str, Any]:
    """Look through these files and, with `out`, write the three parts. columns: where to look; everywhere, if none is named."""
    names = [path.name for path in paths]
    if len(set(names)) < len(names):
        raise GlobmedError("two files of one name would be written to one place. Call it once for each.")
    if out is not None and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise GlobmedError(f"{out}: not empty. Name another --out, or remove it.")
    items = known.read(config.against)
    judge = Judge(items, config)
    told = {
        "settings": settings.plain(config),
        "columns": list(columns),
        "inputs": [{"file": path.name, "xxh3": manifest.checksum(path)} for path in paths],
        "known": len(items),
        "never_found": judge.blind(),
        **dict.fromkeys(_PARTS, 0),
        "examples": [],
    }
    for path in paths:
        _file(path, judge, columns, out, told, hidden)
    if out is not None:
        fields = {"format": "globmed-decontaminated", "version": 1, "made_by": f"globmed {__version__}", **told}
        manifest.write_bytes(out / manifest.NAME, json.dumps(fields, ensure_ascii=False, indent=1).encode() + b"\n")
    return told


def _file(path: Path, judge: Judge, columns: Sequence[str], out: Path | None, told: dict, hidden: bool) -> None:
    parts: dict[str, list] = {name: [] for name in _PARTS}
    for chunk in _chunks(_shown(rows(path), path, hidden)):
        findings = judge(["\n".join(_texts(row, columns)) for row in chunk])
        for row, finding in zip(chunk, findings):
            name = "kept" if finding is None else "dropped" if finding.drop else "review"
            told[name] += 1
            if finding is not None:
                parts[name].append({"row": row.locator, "evidence": finding.evidence, "fields": row.fields})
                if finding.drop and len(told["examples"]) < _EXAMPLES:
                    told["examples"].append({"row": row.locator, **finding.evidence})
            if name != "dropped":
                parts["kept"].append(row.fields)
    told["kept"] += len(parts["review"])
    if out is not None:
        for name in _PARTS:
            _write(out / name, path, parts[name], alike=name == "kept")


def _chunks(source: Iterable[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in source:
        chunk.append(row)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _shown(source: Iterable[Row], path: Path, hidden: bool) -> Iterator[Row]:
    """The rows, counted on stderr where that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    screen = Console(stderr=True)
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description} {task.completed:,.0f} rows"),
        TimeElapsedColumn(),
        console=screen,
        transient=True,
        disable=hidden or not screen.is_terminal,
    )
    with bar:
        task = bar.add_task(path.name, total=None)
        for number, row in enumerate(source, 1):
            if number % 1000 == 0:
                bar.update(task, completed=number)
            yield row


def _texts(row: Row, columns: Sequence[str]) -> list[str]:
    for name in columns:
        if name not in row.fields:
            raise GlobmedError(
                f"{row.where}: no column {name!r}{suggest(name, row.fields)} Found: {', '.join(row.fields)}. Say another --text."
            )
    return known.strings([row.fields[name] for name in columns] if columns else row.fields)


def _write(folder: Path, source: Path, found: list[dict[str, Any]], alike: bool) -> None:
    """Rows of one input; no two inputs share a file. alike: Parquet with the source's schema where that is Parquet."""
    if alike and source.suffix.lower() == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        from globmed_tools import store

        store.write_table(folder / source.name, pa.Table.from_pylist(found, schema=pq.read_schema(source)))
        return
    lines = b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in found)
    name = source.name if source.suffix.lower() == ".jsonl" else f"{source.name}.jsonl"
    manifest.write_bytes(folder / name, lines)
