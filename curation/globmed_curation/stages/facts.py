"""What shards tell each other of entries that are compared across all of them: sketches, ids, packed texts.

    >>> every = Every([of(some, Shape()), of(others, Shape())])
    >>> every.ids[0], every.contents([0])[0].parts[0]

JSON-ready, about 1,100 bytes for an entry of 630 letters: 340 of sketch, the texts compressed. `Every` puts the entries of all
shards in the order of their claim to stay: test before dev before train, reviewed before not, then the smallest id, and where one
id stands in several places, the smallest hash of the place.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import orjson
import xxhash

from globmed_tools.entry import Entry

from ..dedup import Shape, Sketches, sketch
from .alike import Content, content

#: The order in which splits may claim to stay; a split of another name comes last.
SPLITS = ("test", "dev", "train")


def of(entries: Iterable[Entry], shape: Shape) -> dict[str, Any]:
    """The facts of these entries; of several with the same `key`, of the first."""
    chosen: dict[int, Entry] = {}
    for one in entries:
        chosen.setdefault(key(one), one)
    rows = list(chosen.values())
    contents = [content(one) for one in rows]
    made = sketch([one.texts for one in contents], shape, [one.roles for one in contents])
    kinds, kind = _numbered([f"{one.language}/{one.form}" for one in rows])
    places, place = _numbered([f"{one.source}/{one.split}" for one in rows])
    return {
        "ids": [one.id for one in rows],
        "keys": _text(np.array(list(chosen), np.uint64)),
        "ranks": _text(np.array([_rank(one) for one in rows], np.uint8)),
        "kinds": kinds,
        "kind": _text(kind),
        "places": places,
        "place": _text(place),
        "lanes": _text(made.lanes),
        "exact": _text(made.exact),
        "runs": _text(made.runs),
        "contents": pack([tuple(one) for one in contents]),
    }


def key(one: Entry) -> int:
    """Tells apart what has one id: the same text in two sets, splits or places. 64 bits."""
    told = "\x1f".join((one.id, one.group_id, one.source, one.split, one.locator))
    return xxhash.xxh3_64_intdigest(told.encode("utf-8", "surrogatepass"))


def _rank(one: Entry) -> int:
    split = SPLITS.index(one.split) if one.split in SPLITS else len(SPLITS)
    return 2 * split + (one.review is None)


def _numbered(names: list[str]) -> tuple[list[str], np.ndarray]:
    """(the different names, the number of each name among them)."""
    known: dict[str, int] = {}
    numbers = np.array([known.setdefault(name, len(known)) for name in names], np.uint32)
    return list(known), numbers


class Every:
    """The entries of all surveys in the order of their claim to stay. ids: bytes; keys; sketches; kinds: a number for each
    language and form; all numpy arrays of one length."""

    def __init__(self, surveys: Iterable[Mapping[str, Any]], shape: Shape):
        self._surveys = [facts for facts in surveys if facts["ids"]]
        ids = np.array([_bytes(one) for facts in self._surveys for one in facts["ids"]], "S")
        keys, ranks = self._joined("keys", np.uint64), self._joined("ranks", np.uint8)
        order = np.lexsort((keys, ids, ranks))
        order = order[np.sort(np.unique(keys[order], return_index=True)[1])]  # one file given twice
        self.ids, self.keys = ids[order], keys[order]
        self.kinds = self._renumbered("kind", "kinds")[0][order].astype(np.uint64)
        numbers, self._places = self._renumbered("place", "places")
        self._place = numbers[order]
        lanes = self._joined("lanes", np.uint16).reshape(-1, shape.lanes)[order]
        self.sketches = Sketches(lanes, self._joined("exact", np.uint64)[order], self._joined("runs", np.int64)[order])
        sizes = [len(facts["ids"]) for facts in self._surveys]
        self._shard = np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes)[order]
        self._row = (order - np.repeat(np.cumsum([0, *sizes])[:-1], sizes)[order]).astype(np.uint32)

    def _joined(self, name: str, kind: type) -> np.ndarray:
        parts = [np.frombuffer(b64decode(facts[name]), kind) for facts in self._surveys]
        return np.concatenate(parts) if parts else np.empty(0, kind)

    def _renumbered(self, numbers: str, names: str) -> tuple[np.ndarray, list[str]]:
        """The numbers of all shards, meaning the same names everywhere, and the names."""
        known: dict[str, int] = {}
        parts = [np.empty(0, np.uint32)]
        for facts in self._surveys:
            new = np.array([known.setdefault(name, len(known)) for name in facts[names]], np.uint32)
            parts.append(new[np.frombuffer(b64decode(facts[numbers]), np.uint32)])
        return np.concatenate(parts), list(known)

    def __len__(self) -> int:
        return len(self.ids)

    def contents(self, places: Iterable[int]) -> dict[int, Content]:
        """place -> content; every shard's texts are unpacked once and only those asked for kept."""
        places = np.array(list(places), np.int64)
        found = {}
        for shard in np.unique(self._shard[places]).tolist():
            rows = unpack(self._surveys[shard]["contents"])
            for place in places[self._shard[places] == shard].tolist():
                found[place] = Content(*rows[self._row[place]])
        return found

    def told(self, place: int) -> dict[str, str]:
        """{"id", "set", "split"} of one entry, for evidence."""
        source, _, split = self._places[self._place[place]].rpartition("/")
        return {"id": self.ids[place].decode("utf-8", "surrogatepass"), "set": source, "split": split}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(array: np.ndarray) -> str:
    return b64encode(np.ascontiguousarray(array)).decode()


def pack(value: Any) -> str:
    """Anything that is JSON-ready as a short text; half a surrogate pair in a text is no hindrance, as it is to orjson."""
    import pyarrow as pa

    try:
        plain = orjson.dumps(value)
    except TypeError:
        plain = json.dumps(value).encode()
    return f"{len(plain)} {b64encode(pa.compress(plain, 'zstd', asbytes=True)).decode()}"


def unpack(text: str) -> Any:
    """The inverse of `pack`."""
    import pyarrow as pa

    size, _, packed = text.partition(" ")
    plain = pa.decompress(b64decode(packed), int(size), "zstd", asbytes=True)
    try:
        return orjson.loads(plain)
    except orjson.JSONDecodeError:
        return json.loads(plain)
