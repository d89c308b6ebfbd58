"""CSV and TSV as Rows that know on which line they start, whatever the cells hold.

for row in table(Path("in/test.csv")):  ...           # a header, then records; locator "test.csv:7"
for line, cells in records(Path("virology_dev.csv")): ...             # no header
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from globmed_tools.errors import GlobmedError

from .rows import Row


def delimiter_of(path: Path) -> str:
    """A tab for .tsv, else a comma."""
    return "\t" if path.suffix.lower() == ".tsv" else ","


def records(path: Path, delimiter: str | None = None) -> Iterator[tuple[int, list[str]]]:
    """(the line on which it starts, its cells) of each record that has any; GlobmedError for what is no UTF-8 CSV."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise GlobmedError(f"{path}: cannot be read ({error.strerror}). Check the path and its permissions.") from None
    except UnicodeDecodeError as error:
        found = "UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else f"not UTF-8 at byte {error.start}"
        raise GlobmedError(
            f"{path}: {found}. Save it as UTF-8 (a spreadsheet's `CSV UTF-8`), or convert it with `iconv -t UTF-8`."
        ) from None
    if not text.strip():
        raise GlobmedError(f"{path}: the file is empty. Fetch it again.")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or delimiter_of(path), strict=True)
    line = 1
    try:
        for cells in reader:
            start, line = line, reader.line_num + 1
            if cells:
                yield start, cells
    except csv.Error as error:
        raise GlobmedError(f"{path}, line {line}: not valid CSV ({error}). Fetch the file again or mend it.") from None


def table(path: Path, delimiter: str | None = None, header_row: int = 1) -> Iterator[Row]:
    """The records below the header, by column; header_row counts the records from 1, and those above it are not read.

    Columns that have no name are left out. GlobmedError where a record is longer or shorter than the header, where two
    columns have one name, and where there are no records.
    """
    header: list[str] | None = None
    count = 0
    for number, (start, cells) in enumerate(records(path, delimiter), 1):
        if number < header_row:
            continue
        if header is None:
            header = [cell.strip() for cell in cells]
            different = len({*header})
            continue
        count += 1
        if len(cells) != different:
            found = f"{len(cells)} cells under {different} different columns"
            raise GlobmedError(f"{path}, line {start}: {found}. Fetch the file again or mend it.")
        fields = {name: cell for name, cell in zip(header, cells) if name}
        yield Row(fields, f"{path.name}:{start}", f"{path}, line {start}")
    if not count:
        raise GlobmedError(f"{path}: holds no items. Fetch it again.")
