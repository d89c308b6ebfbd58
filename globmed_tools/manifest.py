"""The manifest: one JSON file beside the data, written last, whose presence means "complete".

    {"format": "globmed-entries", "version": 1, "set": "headqa", "entries": 13530,
     "files": [{"path": "es/test.jsonl", "language": "es", "split": "test", "rows": 2742, "bytes": ..., "xxh3": "..."}],
     "dropped": {"image_needed": 68}, "made_by": "globmed 0.1.0", "inputs": [...]}

It holds no time stamp and no path outside its folder, so the same input gives the same bytes.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import xxhash

from .errors import GlobmedError

NAME = "manifest.json"
FORMAT = "globmed-entries"
VERSION = 1


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of entries: path relative to the manifest, rows, size in bytes, xxh3-64 of its bytes."""

    path: str
    language: str
    split: str
    rows: int
    bytes: int
    xxh3: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a finished folder holds."""

    set: str
    files: tuple[DataFile, ...]
    dropped: dict[str, int] = field(default_factory=dict)
    inputs: tuple[dict[str, Any], ...] = ()
    made_by: str = ""

    @property
    def entries(self) -> int:
        return sum(file.rows for file in self.files)


def checksum(path: Path) -> str:
    """xxh3-64 of a file's bytes, as 16 hex digits."""
    digest = xxhash.xxh3_64()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def write(folder: Path, manifest: Manifest) -> Path:
    """Write the manifest, atomically. Call it last."""
    fields = {
        "format": FORMAT,
        "version": VERSION,
        "set": manifest.set,
        "made_by": manifest.made_by,
        "entries": manifest.entries,
        "files": [asdict(file) for file in manifest.files],
        "dropped": dict(sorted(manifest.dropped.items())),
        "inputs": list(manifest.inputs),
    }
    text = json.dumps(fields, ensure_ascii=False, indent=1) + "\n"
    return write_bytes(folder / NAME, text.encode("utf-8"))


def draft_of(path: Path) -> Path:
    """Where this process writes before it renames; a killed process may leave one behind."""
    return path.with_name(f"{path.name}.{os.getpid()}.part")


def write_bytes(path: Path, content: bytes) -> Path:
    """Replace a file in one step, so that a reader sees the old bytes or the new ones, never half."""
    draft = draft_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(draft, path)
    except OSError as error:
        with suppress(OSError):  # a parent that is a file has no draft to take away
            draft.unlink(missing_ok=True)
        raise GlobmedError(
            f"{path}: could not be written ({error.strerror}). Free some space or choose another folder."
        )
    return path


def read_object(path: Path, what: str, advice: str) -> dict[str, Any]:
    """The JSON object in a file that this program wrote; GlobmedError saying what it should be, and the advice, where it
    holds anything else."""
    try:
        found = json.loads(path.read_bytes())
    except ValueError as error:
        raise GlobmedError(f"{path}: damaged, not valid JSON ({error}). {advice}") from None
    if not isinstance(found, dict):
        raise GlobmedError(f"{path}: not {what}. {advice}")
    return found


def read(folder: Path) -> Manifest:
    """The manifest of a folder; raises GlobmedError where it is absent (half-written), damaged or from a newer version."""
    path = folder / NAME
    if not path.is_file():
        raise GlobmedError(
            f"{folder}: no {NAME}, so this folder is half-written or no folder of entries. Run the command that makes it again."
        )
    fields = read_object(path, "a manifest", "Run the command that made this folder again.")
    if fields.get("format") != FORMAT:
        raise GlobmedError(f"{path}: not a manifest of {FORMAT}. Name a folder that `globmed curate ingest` wrote.")
    if fields.get("version") != VERSION:
        raise GlobmedError(
            f"{path}: manifest version {fields.get('version')}, this program reads {VERSION}. Update globmed."
        )
    try:
        return Manifest(
            set=fields["set"],
            files=tuple(DataFile(**file) for file in fields["files"]),
            dropped=fields.get("dropped", {}),
            inputs=tuple(fields.get("inputs", ())),
            made_by=fields.get("made_by", ""),
        )
    except (KeyError, TypeError) as error:
        raise GlobmedError(
            f"{path}: damaged, a field is missing or wrong ({error}). Run the command that made this folder again."
        )
