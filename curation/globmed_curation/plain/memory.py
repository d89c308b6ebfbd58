"""How much memory deduplication will take, before it starts.

    need = estimate(sources, wanted, Shape())
    need.rows, need.text, need.whole, need.parts          # 5_000_000, 3_200_000_000, 6_400_000_000, 900_000_000

Of Parquet the number of rows is known, of JSONL it follows from the size and the first lines. Texts are weighed on the first rows of
each file.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from globmed_tools.errors import GlobmedError

from ..dedup import Shape, weight
from .columns import Wanted, read
from .files import JsonLines, Parquet, Source, unreadable

#: What the process takes without a row: Python, Arrow and compiled code are 250 MiB, what is being read, compared and written the
#: rest. What is kept of a row here: where it stands, its kind, its rank, its place in the order, and what was found, some twice
#: while they are put together.
BASE, ROW = 450 << 20, 64
#: Bytes of a packed file's lines that are looked at; the share of what is free that may be used.
_LOOK, _SHARE = 1 << 22, 0.7


@dataclass(frozen=True, slots=True)
class Need:
    """rows; bytes of text; of other columns; of memory in one go; of memory in parts, if all rows were of one language (of
    several, only one is sketched at a time); of disk for parts. Mapped files, which the system takes back at need, do not count."""

    rows: int
    text: int
    values: int
    whole: int
    parts: int
    disk: int

    def plan(self, allowed: int, out: Path | None) -> str:
        """ "whole" or "parts"; GlobmedError where neither fits."""
        if self.whole <= allowed:
            return "whole"
        if self.parts > allowed:
            raise GlobmedError(
                f"about {self.rows:,} rows need {shown(self.parts)} of memory even in parts, and {shown(allowed)} is allowed. "
                "Give more with --max-memory, or split the files by language."
            )
        free = shutil.disk_usage(existing(out)).free
        if self.disk > free:
            raise GlobmedError(
                f"{existing(out)}: {shown(self.disk)} of disk are needed to work in parts, {shown(free)} are free. "
                "Free some, or allow more memory with --max-memory."
            )
        return "parts"

    def to_dict(self) -> dict[str, int]:
        return asdict(self)


def estimate(sources: Sequence[Source], wanted: Wanted, shape: Shape, reordered: bool) -> Need:
    """What these files need. reordered: rows do not claim to stay in the order of the files, so texts are copied once."""
    rows = text = values = 0
    for source in sources:
        count, bytes_, others = _of(source, wanted)
        rows, text, values = rows + count, text + bytes_, values + others
    each = rows * (ROW + weight(shape))
    return Need(
        rows=rows,
        text=text,
        values=values,
        whole=BASE + text * (1 + reordered) + values + each,
        parts=BASE + values + each,
        disk=text * (1 + reordered) + rows * 16,
    )


def _of(source: Source, wanted: Wanted) -> tuple[int, int, int]:
    """(rows, bytes of text, bytes of other columns) of one file, about."""
    names = wanted.names if isinstance(source, Parquet) else None
    piece = next(iter(source.pieces(names, most=4096)))
    found = read(piece, wanted)
    text, values = (sum(found[name].nbytes for name in some) / len(piece) for some in (wanted.texts, wanted.values))
    if isinstance(source, Parquet):
        rows = source.file.metadata.num_rows
    elif isinstance(source, JsonLines):
        rows = int(_size(source) / (len(piece.data) / len(piece)))
    else:
        rows = sum(len(one) for one in source.pieces())
    rows = max(rows, len(piece))
    return rows, int(rows * text), int(rows * values)


def _size(source: JsonLines) -> int:
    """Bytes of all lines; of a packed file, whose size says little, as its first ones unpack."""
    size = source.path.stat().st_size
    if source.packed is None:
        return size
    import pyarrow as pa

    try:
        with pa.OSFile(str(source.path)) as packed, pa.CompressedInputStream(packed, source.packed) as stream:
            unpacked = len(stream.read(_LOOK))
            return int(size * unpacked / max(1, packed.tell()))
    except (OSError, ValueError) as error:
        raise unreadable(source.path, error) from None


def allowed(given: str | None) -> int:
    """Bytes that may be used: as given ("4G", "500M"), or 0.7 of what this machine, or its container, has free."""
    if given:
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?\s*", given, re.IGNORECASE)
        if not found:
            raise GlobmedError(f"--max-memory {given!r}: a size such as 4G or 500M was expected.", 2)
        return int(float(found[1]) * 1024 ** " KMGT".index(found[2].upper() or " "))
    return int(_SHARE * min(_free_here(), _free_in_container()))


def _free_here() -> int:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def _free_in_container() -> float:
    try:
        folder = Path("/sys/fs/cgroup")
        return int((folder / "memory.max").read_text()) - int((folder / "memory.current").read_text())
    except (OSError, ValueError):
        return float("inf")


def existing(path: Path | None) -> Path:
    """The folder, or the nearest one above it that is there."""
    found = (path or Path.cwd()).absolute()
    while not found.is_dir():
        found = found.parent
    return found


def shown(size: float) -> str:
    """Bytes for people: "3.1 GB"."""
    for unit in ("B", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def to_told(need: Need, limit: int, plan: str) -> dict[str, Any]:
    return {**need.to_dict(), "allowed": limit, "plan": plan}
