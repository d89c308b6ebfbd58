"""What a mix keeps of half a million rows while it decides: numbers in arrays, 66 bytes a row, never the texts.

index = read(sources, options, held, counter, tick)
index.language(7), index.set(7), index.groups[7], index.tokens[7]        numbers of row 7
index.load(7)                                                            its bytes, read again from its file

Two rows with one id must say the same; the second is left out and counted in `index.repeated`. Where they belong to two
groups, these are one item, and are from then on one group in all languages.
"""

from __future__ import annotations

import os
from array import array
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any

import orjson
import xxhash

from ... import languages
from ...errors import GlobmedError
from . import conversations
from .held import Held, digest
from .inputs import Source
from .options import Options

_BATCH = 1000
_OPEN_FILES = 64
_SHOWN = 3
_LOW = (1 << 64) - 1


class Index:
    """Rows in the order in which they were read. order: the numbers of those that count, sorted by id, so that the order
    of files and lines does not matter. inputs: name, rows, bytes and xxh3 of each file."""

    def __init__(self, sources: list[Source]):
        self.sources = sources
        self.inputs: list[dict[str, Any]] = []
        self.cells: dict[tuple[str, str], int] = {}
        self.forms: dict[str, str] = {}
        self.other_languages: Counter = Counter()
        self.repeated = self.linked = 0
        self.dropped: list[dict[str, Any]] = []
        self.order: list[int] = []
        self._names: list[tuple[str, str]] = []
        self._file, self._cell, self._line = array("H"), array("H"), array("I")
        self._offset, self._content = array("Q"), array("Q")
        self.high, self.low, self.groups = array("Q"), array("Q"), array("Q")
        self.characters, self.bytes, self.tokens = array("I"), array("I"), array("I")
        self._streams: OrderedDict[int, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._offset)

    def language(self, row: int) -> str:
        return self._names[self._cell[row]][0]

    def set(self, row: int) -> str:
        return self._names[self._cell[row]][1]

    def place(self, row: int) -> str:
        return f"{self.sources[self._file[row]].path}, line {self._line[row]}"

    def add(self, row: dict[str, Any], content: int, file: int, line: int, offset: int) -> None:
        """Take in one checked row."""
        cell = (row["language"], row["set"])
        if cell not in self.cells:
            self.cells[cell] = len(self._names)
            self._names.append(cell)
        key = xxhash.xxh3_128_intdigest(row["id"].encode())
        texts = [turn["content"] for turn in row["messages"]]
        for column, value in (
            (self._file, file),
            (self._cell, self.cells[cell]),
            (self._line, line),
            (self._offset, offset),
            (self._content, content),
            (self.high, key >> 64),
            (self.low, key & _LOW),
            (self.groups, digest(row["group_id"])),
            (self.characters, sum(map(len, texts))),
            (self.bytes, sum(len(text.encode()) for text in texts)),
        ):
            column.append(value)

    def settle(self, held: set[int]) -> None:
        """Sort the rows by id, leave out what stands there twice, join the groups that are one item, and drop those of
        which a row is held out. GlobmedError where two texts have one id."""
        ranked = sorted(range(len(self)), key=lambda row: (self.high[row], self.low[row], self._content[row]))
        last, order, joined = None, [], _Joined()
        for row in ranked:
            if last is None or (self.high[row], self.low[row]) != (self.high[last], self.low[last]):
                order.append(row)
                last = row
                continue
            self.repeated += 1
            if self._content[row] != self._content[last]:
                self._same_words(last, row)
                self.linked += joined.join(self.groups[last], self.groups[row])
        for row in order:
            self.groups[row] = joined.root(self.groups[row])
        held = {joined.root(group) for group in held}
        for row in order:
            if self.groups[row] in held:
                self.dropped.append(_told(orjson.loads(self._bytes(row)), "another row of this item is held out"))
            else:
                self.order.append(row)

    def _same_words(self, first: int, second: int) -> None:
        one, other = (orjson.loads(self._bytes(row)) for row in (first, second))
        if one["messages"] != other["messages"]:
            first, second = sorted((first, second))
            raise GlobmedError(
                f"{self.place(second)}: id {one['id']} stands at {self.place(first)} too, with another text. Keep one of "
                "them, or export again."
            )

    def load(self, row: int) -> bytes:
        """The row in canonical form, with its line end; GlobmedError where its file has changed since it was indexed."""
        try:
            line = orjson.dumps(
                conversations.canonical(orjson.loads(self._bytes(row))), option=orjson.OPT_APPEND_NEWLINE
            )
        except (ValueError, KeyError, TypeError):
            line = b""
        if xxhash.xxh3_64_intdigest(line) != self._content[row]:
            raise GlobmedError(f"{self.place(row)}: changed while it was read. Run the command again.")
        return line

    def _bytes(self, row: int) -> bytes:
        stream, size = self._stream(self._file[row]), 1 << 13
        while True:
            found = os.pread(stream, size, self._offset[row])
            line, end, _ = found.partition(b"\n")
            if end or len(found) < size:
                return line
            size *= 4

    def _stream(self, file: int) -> int:
        if file in self._streams:
            self._streams.move_to_end(file)
        else:
            if len(self._streams) >= _OPEN_FILES:
                os.close(self._streams.popitem(last=False)[1])
            self._streams[file] = os.open(self.sources[file].path, os.O_RDONLY)
        return self._streams[file]

    def close(self) -> None:
        for stream in self._streams.values():
            os.close(stream)
        self._streams.clear()


class _Joined:
    """Groups that turned out to be one item, by the smallest of them."""

    def __init__(self):
        self._parent: dict[int, int] = {}

    def root(self, group: int) -> int:
        while group in self._parent:
            group = self._parent[group]
        return group

    def join(self, one: int, other: int) -> bool:
        """Whether these were two groups until now."""
        low, high = sorted((self.root(one), self.root(other)))
        if low != high:
            self._parent[high] = low
        return low != high


class _Leaks:
    """Rows that must not be trained on: gathered over all files, told in one line or, if so wished, left out."""

    def __init__(self, held: Held, options: Options):
        self.held, self.splits, self.drop = held, options.splits, options.drop_held_out
        self.count, self.first, self.held_out = 0, [], 0
        self.groups: set[int] = set()
        self.dropped: list[dict[str, Any]] = []

    def found(self, row: dict[str, Any], place: str) -> bool:
        """Whether this row must not be trained on."""
        if row["split"] not in self.splits:
            reason = f"split {row['split']}"
        elif file := self.held.file_of(row["group_id"], row["id"]):
            reason = f"held out by {file}"
            if self.drop:
                self.groups.add(digest(row["group_id"]))
                self.dropped.append(_told(row, reason))
                return True
            self.held_out += 1
        else:
            return False
        self.count += 1
        if len(self.first) < _SHOWN:
            self.first.append(f"{row['id']} ({reason})")
            self.place = place if len(self.first) == 1 else self.place
        return True

    def refuse(self) -> None:
        if self.count:
            more = " ..." if self.count > len(self.first) else ""
            advice = "leave them out with --drop-held-out, or mend the splits" if self.held_out else "mend the splits"
            raise GlobmedError(
                f"{self.place}: {self.count:,} rows may not be trained on: {', '.join(self.first)}{more}. Nothing was "
                f"written; {advice}."
            )


def _told(row: dict[str, Any], reason: str) -> dict[str, Any]:
    return {name: row[name] for name in ("id", "group_id", "set", "language")} | {"reason": reason}


def read(sources: list[Source], options: Options, held: Held, counter, tick: Callable[[int], None]) -> Index:
    """Read and check every row once. counter: what counts tokens (tokens.Counter), or None; tick gets bytes read."""
    index, leaks = Index(sources), _Leaks(held, options)
    waiting: list[list[dict[str, str]]] = []
    for number, source in enumerate(sources):
        fast, rows, size = xxhash.xxh3_64(), 0, 0
        with source.path.open("rb") as stream:
            for line, raw in enumerate(stream, 1):
                fast.update(raw)
                offset, size = size, size + len(raw)
                tick(len(raw))
                if not raw.strip():
                    continue
                rows += 1
                row = _parsed(raw, source, line)
                if leaks.found(row, f"{source.path}, line {line}"):
                    continue
                if options.languages and row["language"] not in options.languages:
                    index.other_languages[row["language"]] += 1
                    continue
                _form(index.forms, row, source, line)
                made = orjson.dumps(conversations.canonical(row), option=orjson.OPT_APPEND_NEWLINE)
                index.add(row, xxhash.xxh3_64_intdigest(made), number, line, offset)
                if counter:
                    waiting.append(row["messages"])
                    if len(waiting) == _BATCH:
                        index.tokens.extend(counter.count(waiting))
                        waiting.clear()
        if source.xxh3 and fast.hexdigest() != source.xxh3:
            raise GlobmedError(f"{source.path}: is not the file that its export wrote. Export again.")
        index.inputs.append({"path": source.name, "rows": rows, "bytes": size, "xxh3": fast.hexdigest()})
    if waiting:
        index.tokens.extend(counter.count(waiting))
    leaks.refuse()
    index.settle(leaks.groups)
    index.dropped = sorted(leaks.dropped + index.dropped, key=lambda one: (one["id"], one["group_id"], one["reason"]))
    _all_languages(index, options)
    return index


def _parsed(raw: bytes, source: Source, line: int) -> dict[str, Any]:
    try:
        row = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise GlobmedError(f"{source.path}, line {line}: not valid JSON ({error}). Fix or remove that line.") from None
    if found := conversations.problem(row):
        raise GlobmedError(f"{source.path}, line {line}: {found}")
    return row


def _form(forms: dict[str, str], row: dict[str, Any], source: Source, line: int) -> None:
    found = conversations.form(row)
    known = forms.setdefault(row["set"], found)
    if found != known:
        raise GlobmedError(
            f"{source.path}, line {line}: set {row['set']} is {known} in rows before, {found} here. A set has one form: "
            "give the entries of each form a set of their own."
        )


def _all_languages(index: Index, options: Options) -> None:
    there = {code for code, _ in index.cells}
    if missing := [code for code in options.languages if code not in there]:
        found = sorted(there | set(index.other_languages), key=languages.codes().index)
        raise GlobmedError(f"no rows in {' '.join(missing)}; the input has {' '.join(found) or 'none'}.")
    if not index.order:
        raise GlobmedError("no rows in the input. Export with --layout chat and look at what it wrote.")
