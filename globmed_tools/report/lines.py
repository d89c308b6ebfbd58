"""What the report needs of one line of a sample file, mostly without parsing it.

    Lines().parts(line)     -> Parts(id=b"78038f...", group=b"2bbbca...", prompt=<hash>, scores=Scores("extract", ("acc",), (1.0,)))

A line is some 2,500 bytes; the ids stand at its start and the scores at its end. lm-eval writes its keys in one order, so that
both are found without parsing what lies between. A line in any other order is parsed whole and gives the same.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import orjson
import xxhash

#: Endings are few where scores are 0 or 1: so many are remembered.
_REMEMBERED = 256


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


class Lines:
    """Reads line by line; remembers the endings that come again and again."""

    def __init__(self):
        self._known: dict[bytes, Scores] = {}

    def parts(self, line: bytes) -> Parts:
        """The parts of a line. Raises ValueError, KeyError, TypeError or AttributeError where it is none of our tasks'."""
        return self.fast(line) or whole(line)

    def fast(self, line: bytes) -> Parts | None:
        """As `whole`, or None where the line is in another order than lm-eval's.

        A quote inside a JSON string is always escaped, so none of the marks can be found inside a text.
        """
        start = line.find(b'"doc": {"id": "', 0, 48) + 15
        if start < 15 or line[start + 32 : start + 48] != b'", "group_id": "':
            return None
        asked = line.find(b', "prompt": "', start + 80, start + 400)
        end = line.find(b', "shot": "', asked)
        tail = line.rfind(b', "filter": "')
        if asked < 0 or end < 0 or tail < 0:
            return None
        ending = line[tail + 2 :]
        # Between the names of the metrics and the scores stand three hashes, which differ from line to line.
        hashes, last = ending.find(b', "doc_hash": "'), ending.rfind(b', "target_hash": "')
        if not 0 < hashes < last:
            return None
        told = ending[:hashes] + ending[ending.find(b'"', last + 18) :]
        scores = self._known.get(told)
        if scores is None:
            scores = _scores(orjson.loads(b"{" + ending))
            if len(self._known) < _REMEMBERED:
                self._known[told] = scores
        prompt = xxhash.xxh3_64_intdigest(line[asked + 12 : end])
        return Parts(line[start : start + 32], line[start + 48 : start + 80], prompt, scores)


def whole(line: bytes) -> Parts:
    """The parts of a line in any order of keys."""
    row = orjson.loads(line)
    doc = row["doc"]
    # As lm-eval writes it, which escapes less than JSON may.
    written = json.dumps(doc["prompt"], ensure_ascii=False).encode("utf-8", "surrogatepass")
    return Parts(doc["id"].encode(), doc["group_id"].encode(), xxhash.xxh3_64_intdigest(written), _scores(row))


def _scores(row: dict[str, Any]) -> Scores:
    metrics = tuple(row["metrics"])
    return Scores(row["filter"], metrics, tuple(float(row[name]) for name in metrics))


def options(line: bytes) -> int:
    """How many answers the item offers: what chance is one of. 0 for long form."""
    doc = orjson.loads(line)["doc"]
    return len(doc["options"] or doc["choices"])
