"""The folder of a mix: train.jsonl, eval/<language>.jsonl, left_out.jsonl where rows were left out, and manifest.json, which comes
last and says that it is whole.

All is written to OUT/.part and moved when it is complete; nothing that a mix did not write is ever removed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import xxhash

from ... import manifest, shards
from ...errors import GlobmedError
from .indexing import Index

FORMAT, VERSION = "globmed-mix", 1
TRAIN, EVAL, LEFT_OUT, PART = "train.jsonl", "eval", "left_out.jsonl", ".part"
_OURS = (manifest.NAME, TRAIN, EVAL, LEFT_OUT, PART)


def may_write(out: Path, force: bool) -> None:
    """GlobmedError where `out` is a file, holds a mix (unless force), is being written, or holds what is not ours."""
    if out.exists() and not out.is_dir():
        raise GlobmedError(f"{out}: is a file. Choose another --out.")
    there = sorted(one.name for one in out.iterdir()) if out.is_dir() else []
    if foreign := [name for name in there if name not in _OURS]:
        raise GlobmedError(
            f"{out}: holds {', '.join(foreign[:3])}, which no mix wrote. Nothing was removed; choose another --out."
        )
    if manifest.NAME in there and shards.manifest_fields(out).get("format") != FORMAT:
        raise GlobmedError(f"{out}: holds a {manifest.NAME} of something else. Choose another --out.")
    if PART in there and not force:
        raise GlobmedError(
            f"{out}: another mix writes here, or one was killed. If none is running, say --force; or choose another --out."
        )
    if there and not force:
        raise GlobmedError(f"{out}: already holds a mix. Say --force to replace it, or choose another --out.")


@contextmanager
def place(out: Path, force: bool) -> Iterator[Path]:
    """An empty OUT/.part to write to; whatever happens, it is gone afterwards."""
    may_write(out, force)
    new, part = not out.exists(), out / PART
    if force:
        shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
    except OSError as error:
        raise _unwritable(out, error) from None
    try:
        yield part
    except OSError as error:
        raise _unwritable(out, error) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
        if new and out.is_dir() and not any(out.iterdir()):
            out.rmdir()


def _unwritable(out: Path, error: OSError) -> GlobmedError:
    return GlobmedError(
        f"{error.filename or out}: could not be written ({error.strerror}). Free some space or choose another --out."
    )


def rows(index: Index, folder: Path, name: str, wanted: Iterable[int], tick: Callable[[int], None]) -> dict[str, Any]:
    """Write these rows to folder/name; returns what the manifest says of the file."""
    path, count, size, fast = folder / name, 0, 0, xxhash.xxh3_64()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb", buffering=1 << 20) as stream:
        for row in wanted:
            line = index.load(row)
            stream.write(line)
            fast.update(line)
            count, size = count + 1, size + len(line)
            tick(1)
        stream.flush()
        os.fsync(stream.fileno())
    return {"path": name, "rows": count, "bytes": size, "xxh3": fast.hexdigest()}


def left_out(folder: Path, dropped: list[dict[str, Any]]) -> dict[str, Any]:
    """Write the list of what was held out; returns what the manifest says of the file."""
    lines = b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in dropped)
    path = manifest.write_bytes(folder / LEFT_OUT, lines)
    return {"path": LEFT_OUT, "rows": len(dropped), "bytes": len(lines), "xxh3": manifest.checksum(path)}


def finish(part: Path, out: Path, fields: dict[str, Any]) -> None:
    """The old mix goes, its manifest first; the new one comes, its manifest last."""
    for name in _OURS:
        if name == PART:
            continue
        if (out / name).is_dir():
            shutil.rmtree(out / name)
        else:
            (out / name).unlink(missing_ok=True)
    for path in sorted(part.iterdir()):
        os.replace(path, out / path.name)
    manifest.write_bytes(out / manifest.NAME, orjson.dumps(fields, option=orjson.OPT_INDENT_2) + b"\n")
