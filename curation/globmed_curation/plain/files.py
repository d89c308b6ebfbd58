"""A file of rows as pieces, and files into which rows go as they came.

for piece in source(Path("sft.jsonl.zst")).pieces():
    ...                                                      # see pieces.py

No file is in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from globmed_tools import manifest
from globmed_tools.errors import GlobmedError

from ..sources.rows import Row
from .listed import rows
from .pieces import Batch, Lines, Piece, Some

#: Bytes of JSONL, rows of Parquet, rows of anything else in one piece.
_BYTES, _BATCH, _ROWS = 1 << 24, 1 << 15, 2000
_PACKED = {".gz": "gzip", ".zst": "zstd"}
#: Columns that a file of entries has.
ENTRY = ("id", "group_id", "source", "split", "question")


class Source:
    """One file of rows."""

    #: What stands between file and number in a locator.
    mark = "#"

    def __init__(self, path: Path):
        self.path, self.name = path, path.name

    def pieces(self, columns: Sequence[str] | None = None, most: int | None = None) -> Iterator[Piece]:
        """All rows in order; columns: of Parquet, read only these. most: rows in a piece, about."""
        found: list[Row] = []
        first = 1
        for row in rows(self.path):
            found.append(row)
            if len(found) == _ROWS:
                yield Some(self.path, found, first)
                first, found = first + len(found), []
        if found:
            yield Some(self.path, found, first)

    def first(self) -> Row:
        """The first row. GlobmedError where there is none."""
        for piece in self.pieces(most=1):
            if len(piece):
                return piece.rows()[0]
        raise GlobmedError(f"{self.path}: holds no rows. Fetch it again or leave it out.")

    def names(self) -> list[str]:
        """The columns of the first row."""
        return list(self.first().fields)

    @contextmanager
    def writer(self, folder: Path):
        """write(piece, mask) adds some rows to a file in this folder, in place once all is written."""
        with lines_writer(folder / self.lines_name) as write:
            yield lambda piece, mask: write(piece.lines(mask))

    @property
    def lines_name(self) -> str:
        """A name for JSON lines about these rows that no other file of the folder has."""
        return self.name if self.path.suffix.lower() == ".jsonl" else f"{self.name}.jsonl"


class JsonLines(Source):
    mark = ":"

    def __init__(self, path: Path):
        super().__init__(path)
        self.packed = _PACKED.get(path.suffix.lower())

    def pieces(self, columns: Sequence[str] | None = None, most: int | None = None) -> Iterator[Piece]:
        first, rest = 1, b""
        size = 1 << 16 if most else _BYTES
        with self.opened() as stream:
            while block := self._read(stream, size):
                cut = block.rfind(b"\n") + 1
                if cut:
                    piece = Lines(self.path, b"".join((rest, block[:cut])), first)
                    rest, first = block[cut:], first + piece.lines_here
                    yield piece
                else:
                    rest += block
        if rest.strip():
            yield Lines(self.path, rest, first)

    @contextmanager
    def opened(self):
        import pyarrow as pa

        try:
            with pa.input_stream(str(self.path), compression=self.packed) as stream:
                yield stream
        except OSError as error:
            raise unreadable(self.path, error) from None

    def _read(self, stream: Any, size: int) -> bytes:
        try:
            return stream.read(size)
        except (OSError, ValueError) as error:
            raise unreadable(self.path, error) from None

    @contextmanager
    def writer(self, folder: Path):
        import pyarrow as pa

        with _written(folder / self.name) as draft, pa.output_stream(str(draft), compression=self.packed) as stream:
            yield lambda piece, mask: stream.write(piece.lines(mask))


class Parquet(Source):
    @cached_property
    def file(self):
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return pq.ParquetFile(self.path, memory_map=True)
        except (pa.ArrowInvalid, OSError) as error:
            raise unreadable(self.path, error) from None

    def names(self) -> list[str]:
        return self.file.schema_arrow.names if self.file.metadata.num_rows else super().names()

    def pieces(self, columns: Sequence[str] | None = None, most: int | None = None) -> Iterator[Piece]:
        import pyarrow as pa

        first = 1
        try:
            for batch in self.file.iter_batches(most or _BATCH, columns=columns):
                yield Batch(self.path, pa.Table.from_batches([batch]), first)
                first += len(batch)
        except (pa.ArrowInvalid, OSError) as error:
            raise unreadable(self.path, error) from None

    @contextmanager
    def writer(self, folder: Path):
        import pyarrow.parquet as pq

        with _written(folder / self.name) as draft:
            with pq.ParquetWriter(draft, self.file.schema_arrow, compression="zstd") as made:

                def write(piece: Piece, mask: np.ndarray) -> None:
                    if mask.any():
                        made.write_table(piece.table.filter(mask))

                yield write


def sources(paths: Sequence[Path], out: Path | None) -> list[Source]:
    """The files; GlobmedError where two would be written to one place, or that place is not empty."""
    names = [path.name for path in paths]
    if len(set(names)) < len(names):
        raise GlobmedError("two files of one name would be written to one place. Call it once for each.")
    if out is not None and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise GlobmedError(f"{out}: not empty. Name another --out, or remove it.")
    return [source(path) for path in paths]


def are_entries(path: Path) -> bool:
    """Is this a folder, or a file of the project's own entries?"""
    return path.is_dir() or set(ENTRY) <= set(source(path).names())


def source(path: Path) -> Source:
    """The file, by its ending; any other than JSONL and Parquet is read by listed.py."""
    suffixes = [one.lower() for one in path.suffixes[-2:]]
    if suffixes[-1:] == [".parquet"]:
        return Parquet(path)
    if ".jsonl" in suffixes[-1:] or (".jsonl" in suffixes[:1] and suffixes[-1] in _PACKED):
        return JsonLines(path)
    return Source(path)


@contextmanager
def lines_writer(path: Path):
    """write(bytes) adds to a file, in place once all is written."""
    with _written(path) as draft, draft.open("wb") as stream:
        yield stream.write


def unreadable(path: Path, error: Exception) -> GlobmedError:
    reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
    return GlobmedError(f"{path}: cannot be read to its end ({reason}). Fetch it again, or check its permissions.")


@contextmanager
def _written(path: Path):
    """A draft that takes the place of the file when all went well."""
    import os

    draft = manifest.draft_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield draft
        os.replace(draft, path)
    except OSError as error:
        reason = error.strerror or str(error).partition("\n")[0]
        raise GlobmedError(
            f"{path}: could not be written ({reason}). Free some space or choose another folder."
        ) from None
    finally:
        draft.unlink(missing_ok=True)
