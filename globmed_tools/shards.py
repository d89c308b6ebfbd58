"""What a stage writes: shards of kept entries, shards of dropped ones, and a manifest that says the folder is complete.

    DIR/kept/medqa-0000.jsonl       entries, ids as they came in
    DIR/dropped/medqa-0000.jsonl    {"stage", "reason", "evidence", "id", "set", "language", "split", "locator", "entry", ...}
    DIR/shards/medqa-0000.json      counts and checksums of this shard, written after its two files: the shard is done
    DIR/manifest.json               the same for all shards, inputs, config, counts and stats; written last

Shards are JSON Lines or Parquet. No file holds a time or a path of this machine: the same input gives the same bytes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from . import manifest, store
from .entry import Entry, to_dict
from .errors import GlobmedError

FORMAT = "globmed-shards"
VERSION = 1
KEPT, DROPPED, RECORDS = "kept", "dropped", "shards"
_DROP_COLUMNS = ("stage", "reason", "evidence", "id", "group_id", "set", "language", "split", "locator", "entry")


@dataclass(frozen=True, slots=True)
class ShardFile:
    """One file of a shard: path relative to the folder, rows, size in bytes, xxh3-64 of its bytes."""

    path: str
    rows: int
    bytes: int
    xxh3: str


@dataclass(frozen=True, slots=True)
class Shard:
    """One finished shard. key: hash of all that its content depends on; reasons: dropped entries by reason;
    counts: "kept" and "dropped" by language; stats: what the stage counted."""

    name: str
    key: str
    kept: ShardFile
    dropped: ShardFile
    reasons: dict[str, int] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    stats: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> "Shard":
        return cls(**{**row, "kept": ShardFile(**row["kept"]), "dropped": ShardFile(**row["dropped"])})


@dataclass(frozen=True, slots=True)
class ShardManifest:
    """What a finished folder of shards holds."""

    stage: str
    config: dict[str, Any]
    inputs: tuple[dict[str, Any], ...]
    shards: tuple[Shard, ...]
    stats: dict[str, Any]
    made_by: str

    @property
    def kept(self) -> int:
        return sum(one.kept.rows for one in self.shards)

    @property
    def dropped(self) -> int:
        return sum(one.dropped.rows for one in self.shards)

    @property
    def reasons(self) -> dict[str, int]:
        total: dict[str, int] = {}
        for one in self.shards:
            for reason, count in one.reasons.items():
                total[reason] = total.get(reason, 0) + count
        return dict(sorted(total.items()))


def reasons(dropped: Iterable[dict[str, Any]]) -> dict[str, int]:
    """How often each reason occurs among rows of dropped entries."""
    return dict(sorted(Counter(row["reason"] for row in dropped).items()))


def drop_row(stage: str, entry: Entry, reason: str, evidence: Any) -> dict[str, Any]:
    """The row of `dropped/` for an entry that a stage did not let pass."""
    return {
        "stage": stage,
        "reason": reason,
        "evidence": evidence,
        "id": entry.id,
        "group_id": entry.group_id,
        "set": entry.source,
        "language": entry.language,
        "split": entry.split,
        "locator": entry.locator,
        "entry": to_dict(entry),
    }


def write_shard(
    folder: Path,
    name: str,
    kept: list[Entry],
    dropped: list[dict[str, Any]],
    *,
    key: str,
    format: str = "jsonl",
    stats: dict[str, Any] | None = None,
) -> Shard:
    """Write both files of a shard, then its record; GlobmedError where the disk refuses, with no record left behind."""
    counts: dict[str, dict[str, int]] = {KEPT: {}, DROPPED: {}}
    for kind, languages in ((KEPT, (one.language for one in kept)), (DROPPED, (row["language"] for row in dropped))):
        for language in languages:
            counts[kind][language] = counts[kind].get(language, 0) + 1
    shard = Shard(
        name=name,
        key=key,
        kept=write_rows(folder, KEPT, name, kept, format),
        dropped=write_rows(folder, DROPPED, name, dropped, format),
        reasons=reasons(dropped),
        counts={kind: dict(sorted(part.items())) for kind, part in counts.items()},
        stats=stats or {},
    )
    manifest.write_bytes(record_path(folder, name), orjson.dumps(asdict(shard), option=orjson.OPT_INDENT_2))
    return shard


def write_rows(folder: Path, kind: str, name: str, rows: list[Any], format: str) -> ShardFile:
    """Write one file of a shard: entries for KEPT, rows as of `drop_row` for DROPPED."""
    path, count = folder / kind / f"{name}.{format}", len(rows)
    if format == "parquet":
        store.write_table(path, store.to_table(rows) if kind == KEPT else _drop_table(rows))
    else:
        if kind == KEPT:
            rows = map(to_dict, rows)  # orjson takes an Entry as it is, but more slowly
        manifest.write_bytes(path, b"".join([orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows]))
    return ShardFile(path.relative_to(folder).as_posix(), count, path.stat().st_size, manifest.checksum(path))


def _drop_table(rows: list[dict[str, Any]]):
    import pyarrow as pa

    as_json = ("evidence", "entry")
    columns = {
        name: [json.dumps(row[name], ensure_ascii=False) if name in as_json else row[name] for row in rows]
        for name in _DROP_COLUMNS
    }
    return pa.table(columns, schema=pa.schema([(name, pa.string()) for name in _DROP_COLUMNS]))


def record_path(folder: Path, name: str) -> Path:
    """Where the record of this shard stands."""
    return folder / RECORDS / f"{name}.json"


def read_record(folder: Path, name: str) -> Shard | None:
    """The record of a finished shard, or None where there is none; GlobmedError where it is damaged."""
    path = record_path(folder, name)
    if not path.is_file():
        return None
    advice = "Remove it and run the command again; only this shard is redone."
    try:
        return Shard.from_dict(manifest.read_object(path, "the record of a shard", advice))
    except (KeyError, TypeError) as error:
        raise GlobmedError(f"{path}: damaged, a field is missing or wrong ({error}). {advice}") from None


def verify(folder: Path, shard: Shard) -> None:
    """GlobmedError where a file of the shard is absent or is not what was written."""
    for one in (shard.kept, shard.dropped):
        path = folder / one.path
        if not path.is_file():
            raise GlobmedError(
                f"{path}: this shard was written but is gone. Put it back, or remove {record_path(folder, shard.name)} "
                "and run again: only this shard is then redone."
            )
        if path.stat().st_size != one.bytes or manifest.checksum(path) != one.xxh3:
            raise GlobmedError(
                f"{path}: changed since it was written. Put the old file back, or remove "
                f"{record_path(folder, shard.name)} and run again: only this shard is then redone."
            )


def write_manifest(folder: Path, done: ShardManifest) -> Path:
    """Write the manifest of a folder of shards. Call it last."""
    fields = {
        "format": FORMAT,
        "version": VERSION,
        "stage": done.stage,
        "made_by": done.made_by,
        "config": done.config,
        "inputs": list(done.inputs),
        "kept": done.kept,
        "dropped": done.dropped,
        "reasons": done.reasons,
        "stats": done.stats,
        "shards": [asdict(one) for one in done.shards],
    }
    path, text = folder / manifest.NAME, orjson.dumps(fields, option=orjson.OPT_INDENT_2) + b"\n"
    return path if path.is_file() and path.read_bytes() == text else manifest.write_bytes(path, text)


def read_manifest(folder: Path) -> ShardManifest:
    """The manifest of a complete folder of shards; GlobmedError where it is absent, damaged or of another kind."""
    fields = manifest_fields(folder)
    if fields.get("format") != FORMAT or fields.get("version") != VERSION:
        raise GlobmedError(
            f"{folder}: holds {fields.get('format')!r} version {fields.get('version')}, not {FORMAT} version {VERSION}. "
            "Name a folder that a stage of `globmed curate` wrote."
        )
    try:
        return ShardManifest(
            stage=fields["stage"],
            config=fields["config"],
            inputs=tuple(fields["inputs"]),
            shards=tuple(Shard.from_dict(row) for row in fields["shards"]),
            stats=fields["stats"],
            made_by=fields["made_by"],
        )
    except (KeyError, TypeError) as error:
        raise GlobmedError(f"{folder / manifest.NAME}: damaged, a field is missing or wrong ({error}). Make it again.")


def manifest_fields(folder: Path) -> dict[str, Any]:
    """The manifest.json of any folder that globmed wrote; GlobmedError where there is none or it is no JSON object."""
    path = folder / manifest.NAME
    if not path.is_file():
        raise GlobmedError(
            f"{folder}: no {manifest.NAME}, so this folder is unfinished or was not made by globmed. "
            "Run the command that makes it (again): it goes on where it stopped."
        )
    return manifest.read_object(path, "a manifest", "Run the command that made this folder again.")


def read_dropped(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of one file of dropped entries."""
    if path.suffix != ".parquet":
        yield from (row for _, row in store.json_lines(path))
        return
    import pyarrow.parquet as pq

    for row in pq.read_table(path).to_pylist():
        yield {**row, "evidence": json.loads(row["evidence"]), "entry": json.loads(row["entry"])}


def files(path: Path) -> list[Path]:
    """The files of entries behind a path: one JSONL or Parquet file, a folder of shards, a set folder of `store`, or a
    folder of such folders. Every file of a folder is checked against its manifest; GlobmedError says what is amiss."""
    path = Path(path)
    if path.is_file():
        if path.suffix.lstrip(".") not in store.FORMATS:
            raise GlobmedError(f"{path}: entries are read from .jsonl and .parquet files and from folders.")
        return [path]
    if not path.is_dir():
        raise GlobmedError(f"{path}: no such file or folder. Check the path.")
    if (path / manifest.NAME).is_file():
        return _files_of(path)
    inner = sorted(one.parent for one in path.glob(f"*/{manifest.NAME}"))
    if not inner:
        manifest_fields(path)  # says that this is no finished folder
    return [file for folder in inner for file in _files_of(folder)]


def _files_of(folder: Path) -> list[Path]:
    if manifest_fields(folder).get("format") != FORMAT:
        return [folder / one.path for one in manifest.read(folder).files]
    found = []
    for shard in read_manifest(folder).shards:
        verify(folder, shard)
        found.append(folder / shard.kept.path)
    return found


def entries(paths: Iterable[Path]) -> Iterator[Entry]:
    """The kept entries behind these paths (see `files`), one file after another."""
    for path in paths:
        for file in files(path):
            yield from store.read_file(file)
