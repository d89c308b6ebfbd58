"""The rows of a JSON list, of JSON lines under any name, and of a .zip of both, one after the other.

    [row.locator for row in rows(Path("bench.zip"))]                    # "bench.zip/dev.json#1", ...

The same rows, locators and errors as those of sources/rows.py, of which no file is in memory as a whole: only the item that is
being read, up to LONGEST characters.
"""

from __future__ import annotations

import codecs
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

from globmed_tools.errors import GlobmedError

from ..sources.rows import Row, as_row, of_line

#: Characters of one item of a list, at most; what is read at a time.
LONGEST = 1 << 28
_BLOCK = 1 << 22
_BOM = b"\xef\xbb\xbf"
_SPACES = " \t\n\r"


def rows(path: Path) -> Iterator[Row]:
    """The records of one file, in order; GlobmedError where there are none or one cannot be read."""
    if path.suffix.lower() == ".zip":
        yield from _zipped(path)
        return
    try:
        with path.open("rb") as stream:
            yield from _json_rows(stream, path.name, str(path))
    except OSError as error:
        raise GlobmedError(f"{path}: cannot be read ({error.strerror}). Check the path and its permissions.") from None


def _zipped(path: Path) -> Iterator[Row]:
    try:
        with ZipFile(path) as archive:
            members = sorted(n for n in archive.namelist() if n.endswith((".json", ".jsonl")) and "__MACOSX" not in n)
            if not members:
                raise GlobmedError(f"{path}: no .json or .jsonl file inside. Is this an original file of the set?")
            for member in members:
                with archive.open(member) as stream:
                    yield from _json_rows(stream, f"{path.name}/{member}", f"{path}/{member}")
    except (OSError, EOFError, BadZipFile, RuntimeError, NotImplementedError, zlib.error) as error:
        raise GlobmedError(f"{path}: not a readable zip archive ({error}). Fetch it again.") from None


def _json_rows(stream: BinaryIO, name: str, where: str) -> Iterator[Row]:
    data = stream.read(_BLOCK).removeprefix(_BOM)
    while not data.strip() and (more := stream.read(_BLOCK)):
        data += more
    if not data.strip():
        raise GlobmedError(f"{where}: the file is empty. Fetch it again.")
    if data.lstrip()[:1] == b"[":
        for number, item in enumerate(_Items(stream, data, where), 1):
            yield as_row(item, f"{name}#{number}", f"{where}, item {number}")
        return
    for number, line in _lines(stream, data):
        yield of_line(line, number, name, where)


def _lines(stream: BinaryIO, data: bytes) -> Iterator[tuple[int, bytes]]:
    """(number, line) of every line that is not empty. data: what was read of the stream already."""
    number, rest = 0, data
    while data:
        *lines, rest = rest.split(b"\n")
        for line in lines:
            number += 1
            if line.strip():
                yield number, line
        data = stream.read(_BLOCK)
        rest += data
    if rest.strip():
        yield number + 1, rest


class _Items:
    """The items of a JSON list. text[place:] is what was read and not looked at yet; above is how many lines came before text."""

    def __init__(self, stream: BinaryIO, data: bytes, where: str):
        self.stream, self.where = stream, where
        self.decoder, self.read = codecs.getincrementaldecoder("utf-8")(), 0
        self.text, self.place, self.above, self.ended = "", 0, 0, False
        self.take(data)

    def take(self, data: bytes) -> None:
        waiting = len(self.decoder.getstate()[0])
        try:
            text = self.decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            at = self.read - waiting + error.start
            raise GlobmedError(f"{self.where}: not UTF-8 at byte {at}. Fetch the file again or convert it.") from None
        self.read += len(data)
        self.above += self.text.count("\n", 0, self.place)
        self.text, self.place, self.ended = self.text[self.place :] + text, 0, not data

    def more(self) -> bool:
        """Read as much again as waits to be looked at. Is there more?"""
        if not self.ended:
            self.take(self.stream.read(max(_BLOCK, len(self.text) - self.place)))
        return not self.ended

    def sign(self) -> str:
        """The next character that is no space; "" at the end of the file."""
        while True:
            while self.place < len(self.text) and self.text[self.place] in _SPACES:
                self.place += 1
            if self.place < len(self.text) or not self.more():
                return self.text[self.place : self.place + 1]

    def __iter__(self) -> Iterator[Any]:
        decode = json.JSONDecoder(object_pairs_hook=self.once).raw_decode
        self.sign()
        self.place += 1
        if self.sign() == "]":
            raise GlobmedError(f"{self.where}: holds no items. Fetch it again.")
        while True:
            yield self.item(decode)
            sign = self.sign()
            self.place += 1
            if sign == "]":
                break
            if sign != ",":
                self.place -= 1
                self.wrong("Expecting ',' delimiter", self.place)
            self.sign()
        if self.sign():
            self.wrong("Extra data", self.place)

    def item(self, decode: Any) -> Any:
        while True:
            try:
                item, end = decode(self.text, self.place)
            except json.JSONDecodeError as error:
                reason, at = error.msg, error.pos - self.place
                if len(self.text) - self.place > LONGEST:
                    self.wrong(f"{reason}, or an item of more than {LONGEST:,} characters", self.place + at)
                if not self.more():
                    self.wrong(reason, self.place + at)
                continue
            size, last = end - self.place, end == len(self.text)
            if not last or not self.more():  # what ends where the text does may go on
                self.place += size
                return item

    def once(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise GlobmedError(f"{self.where}: the key {twice!r} stands twice in one object. Remove one of the two.")
        return made

    def wrong(self, reason: str, place: int) -> None:
        line = self.above + self.text.count("\n", 0, place) + 1
        raise GlobmedError(
            f"{self.where}, line {line}: not valid JSON ({reason}). Fetch the file again or mend it."
        ) from None
