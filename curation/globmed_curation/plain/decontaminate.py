"""Anybody's JSONL or Parquet file, decontaminated and written as it came, piece by piece.

found = decontaminate([Path("sft.jsonl")], Config(against=(Path("mmlu.parquet"),)), Path("clean"))
found["dropped"], found["examples"][0]["row"]                       # 17, "sft.jsonl:204"

DIR/kept/sft.jsonl       the rows that stay, with all their columns: the same lines; Parquet stays Parquet, with its schema
DIR/dropped/sft.jsonl    {"row": "sft.jsonl:204", "evidence": {...}, "fields": {...}}
DIR/review/sft.jsonl     the same of rows that stay but that a person should look at; of chat.parquet in chat.parquet.jsonl
DIR/manifest.json        last: settings, inputs and test items with their hashes, counts
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from globmed_tools import __version__, manifest
from globmed_tools.errors import GlobmedError, suggest

from .. import settings
from ..sources.rows import Row
from ..stages import known
from ..stages.decontaminate import Config, Finding, Judge
from . import files, pieces
from .progress import counting

_CHUNK = 2000
_EXAMPLES = 10
_PARTS = ("kept", "dropped", "review")


def decontaminate(
    paths: Sequence[Path], config: Config, out: Path | None, columns: Sequence[str] = (), *, hidden: bool = True
) -> dict[str, Any]:
    """Look through these files and, with `out`, write the three parts. columns: where to look; everywhere, if none is named."""
    sources = files.sources(paths, out)
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
    for source in sources:
        source.first()
        _file(source, judge, columns, out, told, hidden)
    if out is not None:
        fields = {"format": "globmed-decontaminated", "version": 1, "made_by": f"globmed {__version__}", **told}
        manifest.write_bytes(out / manifest.NAME, json.dumps(fields, ensure_ascii=False, indent=1).encode() + b"\n")
    return told


def _file(
    source: files.Source, judge: Judge, columns: Sequence[str], out: Path | None, told: dict, hidden: bool
) -> None:
    with ExitStack() as open_files:
        keep = evidence = None
        if out is not None:
            keep = open_files.enter_context(source.writer(out / "kept"))
            evidence = {
                name: open_files.enter_context(files.lines_writer(out / name / source.lines_name))
                for name in _PARTS[1:]
            }
        tick = open_files.enter_context(counting(source.name, hidden))
        for piece in source.pieces():
            rows = piece.rows()
            findings: list[Finding | None] = []
            for start in range(0, len(rows), _CHUNK):
                some = rows[start : start + _CHUNK]
                findings += judge(["\n".join(_texts(row, columns)) for row in some])
                tick(len(some))
            for row, finding in zip(rows, findings):
                _tell(row, finding, told, evidence)
            stays = np.array([finding is None or not finding.drop for finding in findings], bool)
            told["kept"] += int(stays.sum())
            if keep:
                keep(piece, stays)


def _tell(row: Row, finding: Finding | None, told: dict, evidence: dict | None) -> None:
    if finding is None:
        return
    name = "dropped" if finding.drop else "review"
    told[name] += 1
    if finding.drop and len(told["examples"]) < _EXAMPLES:
        told["examples"].append({"row": row.locator, **finding.evidence})
    if evidence:
        evidence[name](pieces.line({"row": row.locator, "evidence": finding.evidence, "fields": row.fields}))


def _texts(row: Row, columns: Sequence[str]) -> list[str]:
    for name in columns:
        if name not in row.fields:
            raise GlobmedError(
                f"{row.where}: no column {name!r}{suggest(name, row.fields)} Found: {', '.join(row.fields)}. Say another --text."
            )
    return known.strings([row.fields[name] for name in columns] if columns else row.fields)
