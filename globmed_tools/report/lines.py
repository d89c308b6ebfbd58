"""What the report needs of one line of a sample file: which item it is, what it was asked, how it scored.

    whole(line)     -> Parts(id=b"78038f...", group=b"2bbbca...", prompt=<hash>, scores=Scores("extract", ("acc",), (1.0,)))

    heads.add(line, 0)              a line of the first model, which asks item 0
    heads.next(line)                a line of the next model -> 0; -1 where it begins otherwise: parse it whole
    tails.add(line, scores)         tails.place(line) -> place of its scores in tails.values; -1: parse it whole

A line is some 2,500 bytes: the item, the reply, the scores. lm-eval writes its keys in one order, and all models are asked the
same items in the same order. So most lines begin with the very bytes with which a line of the first model began, and their
scores are found from the end: nothing between is looked at. A quote inside a JSON string is always escaped, so none of the
marks can be found inside a text. Whatever differs is parsed whole and gives the same.
"""

from __future__ import annotations

from typing import NamedTuple

import orjson
import xxhash

#: Bytes of beginnings that are kept, a task: far above any set of ours.
_KEPT = 100_000_000
#: Endings are few where scores are 0 or 1: so many are remembered.
_REMEMBERED = 256
#: What a beginning must hold so that another line with it was asked the same item.
_ASKED = (b'"doc": {"id": "', b'"group_id": "', b'"prompt": "')
_TARGET = b', "target_hash": "'
#: Bytes in which the last hash and the scores stand.
_END = 400
#: From the hashes' start to that of the last one, and from there to its end: three keys, SHA-256 in hex.
_HASHES = len(b', "doc_hash": "", "prompt_hash": ""') + 128
_HASH = len(_TARGET) + 64


class Scores(NamedTuple):
    """The filter whose reading was scored, the names of the scores, and the scores."""

    filter: str
    metrics: tuple[str, ...]
    values: tuple[float, ...]


class Parts(NamedTuple):
    """Content id and group id as 32 hex digits, hash of the prompt, scores."""

    id: bytes
    group: bytes
    prompt: int
    scores: Scores


def whole(line: bytes) -> Parts:
    """The parts of a line. Raises ValueError, KeyError, TypeError or AttributeError where it is none of our tasks'."""
    row = orjson.loads(line)
    doc = row["doc"]
    prompt = xxhash.xxh3_64_intdigest(doc["prompt"].encode("utf-8", "surrogatepass"))
    metrics = tuple(row["metrics"])
    scores = Scores(row["filter"], metrics, tuple(float(row[name]) for name in metrics))
    return Parts(doc["id"].encode(), doc["group_id"].encode(), prompt, scores)


def options(line: bytes) -> int:
    """How many answers the item offers: what chance is one of. 0 for long form."""
    doc = orjson.loads(line)["doc"]
    return len(doc["options"] or doc["choices"])


class Heads:
    """The beginnings of a task's lines, ids and prompt within, in the order in which they were first met."""

    def __init__(self):
        self._rows: list[tuple[bytes, int]] = []
        self._after: dict[int, int] = {}
        self._at = self._bytes = 0

    def start(self) -> None:
        """A file begins."""
        self._at = 0

    def next(self, line: bytes) -> int:
        """The item of a line that begins as expected, with the prompt that was expected; else -1."""
        if self._at < len(self._rows):
            head, item = self._rows[self._at]
            if line.startswith(head):
                self._at += 1
                return item
        return -1

    def add(self, line: bytes, item: int) -> None:
        """A line that was parsed whole: keep its beginning where no line was expected; else go on behind its item."""
        end = line.find(b', "shot": "')
        if self._at < len(self._rows):
            self._at = self._after.get(item, self._at)
        elif end > 0 and self._bytes < _KEPT and all(mark in line[:end] for mark in _ASKED):
            head = line[: end + 1]
            self._rows.append((head, item))
            self._bytes += len(head)
            self._at = self._after[item] = len(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def forget(self, count: int) -> None:
        """Keep the first `count` beginnings."""
        for head, item in self._rows[count:]:
            self._bytes -= len(head)
            self._after.pop(item, None)
        del self._rows[count:]


class Tails:
    """The ends of a file's lines: the filter and the names of the scores, three hashes, the scores."""

    def __init__(self):
        self.values: list[tuple[float, ...]] = []
        self._known: dict[bytes, int] = {}
        self._named = b"\0"  # stands in no line
        self._metrics: tuple[str, ...] = ()

    def add(self, line: bytes, scores: Scores) -> int:
        """A line that was parsed whole; the place of its scores."""
        start, end = line.rfind(b', "filter": "'), line.rfind(b', "doc_hash": "')
        if 0 < start < end:
            self._named, self._metrics = line[start:end], scores.metrics
        self.values.append(scores.values)
        return len(self.values) - 1

    def place(self, line: bytes) -> int:
        """The place of a line's scores in `values`, -1 where filter or names are others than those of the last line added."""
        found = line.rfind(_TARGET, -_END)
        if found < _HASHES or not line.endswith(self._named, 0, found - _HASHES):
            return -1
        told = line[found + _HASH :]
        place = self._known.get(told)
        if place is None:
            try:
                scores = orjson.loads(b"{" + told[3:])  # from `", "acc": 1.0}`
                self.values.append(tuple([float(scores[name]) for name in self._metrics]))
            except (ValueError, KeyError, TypeError):
                return -1
            place = len(self.values) - 1
            if len(self._known) < _REMEMBERED:
                self._known[told] = place
        return place
