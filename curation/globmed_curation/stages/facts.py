"""What shards tell each other of entries that are compared across all of them: sketches, ids, packed texts.

    >>> every = Every([of(some, Shape()), of(others, Shape())])
    >>> every.ids[0], every.contents(np.array([0])).texts.string(0)

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

from ..dedup import Shape, Sketches
from ..dedup.differ import whole
from ..dedup.sketches import sketch_texts
from ..dedup.texts import Texts, blocks, joined
from .alike import OPTION, PARTS, Contents

#: The order in which splits may claim to stay; a split of another name comes last.
SPLITS = ("test", "dev", "train")
#: Bytes of options whose keys are worked out in one go.
_BYTES = 1 << 18


def of(entries: Iterable[Entry], shape: Shape) -> dict[str, Any]:
    """The facts of these entries; of several with the same `key`, of the first."""
    chosen: dict[int, Entry] = {}
    for one in entries:
        chosen.setdefault(key(one), one)
    rows = list(chosen.values())
    contents = _contents(rows)
    texts, sizes = contents.texts, contents.last - contents.first
    place = np.arange(len(texts)) - np.repeat(contents.first, sizes)
    made = Sketches.empty(len(rows), shape)
    sketch_texts(texts, np.append(contents.first, len(texts)), np.minimum(place, OPTION).astype(np.uint8), shape, made)
    kinds, kind = _numbered([f"{one.language}/{one.form}" for one in rows])
    places, at = _numbered([f"{one.source}/{one.split}" for one in rows])
    return {
        "ids": [one.id for one in rows],
        "keys": _text(np.array(list(chosen), np.uint64)),
        "ranks": _text(np.array([_rank(one) for one in rows], np.uint8)),
        "kinds": kinds,
        "kind": _text(kind),
        "places": places,
        "place": _text(at),
        "lanes": _text(made.lanes),
        "exact": _text(made.exact),
        "runs": _text(made.runs),
        "texts": _packed(texts.data),
        "sizes": _packed((texts.ends - texts.starts).astype(np.uint32)),
        "counts": _packed(sizes.astype(np.uint32)),
        "options": _text(contents.keys[place >= PARTS]),
        "gold": _text(contents.gold),
    }


def _contents(rows: list[Entry]) -> Contents:
    told = [(one.question, one.context or "", one.reference or "", *one.options) for one in rows]
    bounds = np.cumsum([0, *map(len, told)])
    texts = Texts.of(text for one in told for text in one)
    keys = np.zeros(len(texts), np.uint64)
    options = np.flatnonzero(np.arange(len(texts)) - np.repeat(bounds[:-1], np.diff(bounds)) >= PARTS)
    for part in blocks(texts.ends[options] - texts.starts[options] + 1, _BYTES):
        keys[options[part]] = whole(texts.take(options[part]))
    gold = [
        _gold(one, keys[start + PARTS : end])
        for one, start, end in zip(rows, bounds[:-1].tolist(), bounds[1:].tolist())
    ]
    return Contents(texts, bounds[:-1], bounds[1:], keys, np.array(gold, np.uint64))


def _gold(one: Entry, keys: np.ndarray) -> int:
    """The same number for the same gold options, in whatever order, or for the same label."""
    if one.options:
        gold = keys[list(one.answers)]
        if len(gold) > 1:  # to sort a single one costs as much as all else here
            gold = np.unique(gold)
        return xxhash.xxh3_64_intdigest(gold.tobytes()) if len(gold) else 0
    return xxhash.xxh3_64_intdigest(one.label.encode("utf-8", "surrogatepass")) if one.label else 0


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
        kinds, self._kinds = self._renumbered("kind", "kinds")
        self.kinds = kinds[order].astype(np.uint64)
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

    def spoken(self, places: np.ndarray) -> list[str]:
        """The language of each of these entries."""
        languages = [name.rpartition("/")[0] for name in self._kinds]
        return [languages[kind] for kind in self.kinds[places].tolist()]

    def contents(self, places: np.ndarray) -> Contents:
        """What is compared of these entries; every shard's texts are unpacked once, and only those asked for kept."""
        shards, rows = self._shard[places], self._row[places]
        first, last = np.empty(len(places), np.int64), np.empty(len(places), np.int64)
        gold, parts, start = np.empty(len(places), np.uint64), [], 0
        for shard in np.unique(shards).tolist():
            ours = np.flatnonzero(shards == shard)
            part = _some(_unpacked(self._surveys[shard]), rows[ours])
            first[ours], last[ours], gold[ours] = part.first + start, part.last + start, part.gold
            start += len(part.texts)
            parts.append(part)
        keys = np.concatenate([np.empty(0, np.uint64), *(part.keys for part in parts)])
        return Contents(joined([part.texts for part in parts]), first, last, keys, gold)

    def told(self, place: int) -> dict[str, str]:
        """{"id", "set", "split"} of one entry, for evidence."""
        source, _, split = self._places[self._place[place]].rpartition("/")
        return {"id": self.ids[place].decode("utf-8", "surrogatepass"), "set": source, "split": split}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _unpacked(facts: Mapping[str, Any]) -> Contents:
    """What is compared of all entries of a shard."""
    ends = np.cumsum(_array(facts["sizes"], np.uint32), dtype=np.int64)
    counts = _array(facts["counts"], np.uint32).astype(np.int64)
    last = np.cumsum(counts)
    first = last - counts
    keys = np.zeros(len(ends), np.uint64)
    keys[np.arange(len(ends)) - np.repeat(first, counts) >= PARTS] = np.frombuffer(
        b64decode(facts["options"]), np.uint64
    )
    texts = Texts(_array(facts["texts"], np.uint8), ends - _array(facts["sizes"], np.uint32), ends)
    return Contents(texts, first, last, keys, np.frombuffer(b64decode(facts["gold"]), np.uint64))


def _some(contents: Contents, rows: np.ndarray) -> Contents:
    """Those of some entries, their texts in memory of their own."""
    counts = contents.last[rows] - contents.first[rows]
    last = np.cumsum(counts)
    which = np.arange(int(counts.sum())) + np.repeat(contents.first[rows] - (last - counts), counts)
    texts = joined([contents.texts.take(which)])
    return Contents(texts, last - counts, last, contents.keys[which], contents.gold[rows])


def _text(array: np.ndarray) -> str:
    return b64encode(np.ascontiguousarray(array)).decode()


def _packed(array: np.ndarray) -> str:
    import pyarrow as pa

    plain = np.ascontiguousarray(array).tobytes()
    return f"{len(plain)} {b64encode(pa.compress(plain, 'zstd', asbytes=True)).decode()}"


def _array(text: str, kind: type) -> np.ndarray:
    """The inverse of `_packed`."""
    import pyarrow as pa

    size, _, packed = text.partition(" ")
    return np.frombuffer(pa.decompress(b64decode(packed), int(size), "zstd"), kind)


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
