"""Records that know where they stand.

for row in rows(Path("in/dev.json")):   # JSON Lines or a JSON list, in any of .json .jsonl .zip; or Parquet
    row.text("question")                # stripped and NFC; where there is no such field, an error lists those found
    row.locator                         # "dev.json:7" is line 7, "test.parquet#7" is item 7; never a folder
"""

from __future__ import annotations

import json
import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import orjson

from globmed_tools.errors import GlobmedError

_KINDS = {str: "text", int: "a whole number", list: "a list", dict: "an object"}


@dataclass(frozen=True, slots=True)
class Row:
    """One record: `locator` goes into the output, `where` (with the folder) into error messages."""

    fields: dict[str, Any]
    locator: str
    where: str

    def get(self, name: str, kind: type = object) -> Any:
        """The field, which must be there and of this kind."""
        if name not in self.fields:
            found = ", ".join(self.fields) or "none"
            raise GlobmedError(f"{self.where}: no field {name!r}; found: {found}. Is this an original file of the set?")
        value = self.fields[name]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            expected, got = _KINDS[kind], _shown(value)
            raise GlobmedError(
                f"{self.where}: {name} should be {expected}, found {got}. Fetch the file again or mend it."
            )
        return value

    def text(self, name: str) -> str:
        """The field's text, stripped and NFC-normalised; null counts as empty."""
        return "" if self.get(name) is None else self.clean(self.get(name, str))

    def texts(self, name: str) -> list[str]:
        """The texts of a list field."""
        return [Row({name: item}, self.locator, self.where).text(name) for item in self.get(name, list)]

    def integer(self, name: str) -> int | None:
        """A whole number, or digits in quotes; null and "" are None."""
        value = self.get(name)
        if isinstance(value, str) and re.fullmatch(r"\s*-?[0-9]{1,9}\s*", value):
            return int(value)
        return None if value in (None, "") else self.get(name, int)

    def clean(self, text: str) -> str:
        """NFC and stripped; GlobmedError for half a surrogate pair, which no file could hold."""
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise GlobmedError(
                f"{self.where}: broken character {ascii(error.object[error.start])}. Mend it in the file."
            ) from None
        return unicodedata.normalize("NFC", text).strip()


def rows(path: Path) -> Iterator[Row]:
    """The records of one file, in order; GlobmedError where there are none or one cannot be read."""
    kind = path.suffix.lower()
    if kind == ".zip":
        yield from _zipped(path)
    elif kind == ".parquet":
        yield from _parquet(path)
    else:
        yield from _json_rows(_bytes(path), path.name, str(path))


def document(path: Path) -> dict[str, Any]:
    """A file that is one JSON object; a key that stands twice is an error, since JSON readers keep the last only."""
    whole = _parse(_bytes(path), str(path))
    if not isinstance(whole, dict) or not whole:
        raise GlobmedError(
            f"{path}: one JSON object was expected, found {_shown(whole)}. Is this an original file of the set?"
        )
    return whole


def _shown(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return ("an empty " if not value else "a ") + ("list" if isinstance(value, list) else "object")
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 60 else text[:57] + "..."


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise GlobmedError(f"{path}: cannot be read ({error.strerror}). Check the path and its permissions.") from None


def _parse(data: bytes, where: str) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise GlobmedError(f"{where}: the key {twice!r} stands twice in one object. Remove one of the two.")
        return made

    if not data.strip():
        raise GlobmedError(f"{where}: the file is empty. Fetch it again.")
    try:
        return json.loads(data, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise GlobmedError(
            f"{where}, line {error.lineno}: not valid JSON ({error.msg}). Fetch the file again or mend it."
        ) from None
    except UnicodeDecodeError as error:
        raise GlobmedError(f"{where}: not UTF-8 at byte {error.start}. Fetch the file again or convert it.") from None


def _json_rows(data: bytes, name: str, where: str) -> Iterator[Row]:
    data = data.removeprefix(b"\xef\xbb\xbf")
    if data.lstrip()[:1] in (b"[", b""):
        items = _parse(data, where)
        if not items:
            raise GlobmedError(f"{where}: holds no items. Fetch it again.")
        for number, item in enumerate(items, 1):
            yield as_row(item, f"{name}#{number}", f"{where}, item {number}")
        return
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            yield of_line(line, number, name, where)


def of_line(line: bytes, number: int, name: str, where: str) -> Row:
    """The Row of one line of JSON Lines; GlobmedError where it is not valid JSON or no object."""
    place = f"{where}, line {number}"
    try:
        item = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise GlobmedError(f"{place}: not valid JSON ({error.msg}). Fetch the file again or mend that line.") from None
    return as_row(item, f"{name}:{number}", place)


def as_row(item: Any, locator: str, where: str) -> Row:
    """The Row of one JSON object; GlobmedError where it is something else."""
    if not isinstance(item, dict):
        raise GlobmedError(
            f"{where}: a JSON object was expected, found {_shown(item)}. Is this an original file of the set?"
        )
    return Row(item, locator, where)


def _zipped(path: Path) -> Iterator[Row]:
    try:
        with ZipFile(path) as archive:
            members = sorted(n for n in archive.namelist() if n.endswith((".json", ".jsonl")) and "__MACOSX" not in n)
            texts = [(member, archive.read(member)) for member in members]
    except (OSError, BadZipFile, RuntimeError, NotImplementedError, zlib.error) as error:
        raise GlobmedError(f"{path}: not a readable zip archive ({error}). Fetch it again.") from None
    if not texts:
        raise GlobmedError(f"{path}: no .json or .jsonl file inside. Is this an original file of the set?")
    for member, text in texts:
        yield from _json_rows(text, f"{path.name}/{member}", f"{path}/{member}")


def _parquet(path: Path) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        items = pq.read_table(path).to_pylist()
    except (pa.ArrowInvalid, OSError) as error:
        raise GlobmedError(f"{path}: not a readable Parquet file ({error}). Fetch it again.") from None
    if not items:
        raise GlobmedError(f"{path}: holds no items. Fetch it again.")
    for number, item in enumerate(items, 1):
        yield Row(item, f"{path.name}#{number}", f"{path}, item {number}")
