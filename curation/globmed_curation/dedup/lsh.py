"""Candidates: records that agree in all lanes of at least one band (locality-sensitive hashing).

    >>> [(row["similarity"], row["found"]) for row in curve(Shape())][4:8]
    [(0.5, 0.873), (0.6, 0.988), (0.7, 1.0), (0.8, 1.0)]

With b bands of r lanes a pair of similarity s becomes a candidate with probability 1 - (1 - s^r)^b. Each band is one sort.
Where very many records agree in a band (a form letter), each is paired with the first of them and with its next _NEXT
neighbours in the order of the records, so that the work stays linear.
"""

from __future__ import annotations

import numpy as np

from .sketches import _MIX, Shape, Sketches, mixed

_NEXT = 16
_CHUNK = 1 << 16


def curve(shape: Shape) -> list[dict[str, float]]:
    """[{"similarity": s, "found": probability that a pair of this similarity is looked at}] for s = 0.1 ... 1."""
    width = shape.lanes // shape.bands
    steps = [step / 10 for step in range(1, 11)]
    return [{"similarity": s, "found": round(1 - (1 - s**width) ** shape.bands, 3)} for s in steps]


def candidates(made: Sketches, kinds: np.ndarray, shape: Shape) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (first, second) of indices, first < second, without repetition. kinds: uint64 a record; only records of one kind
    (a language, say) are paired. Records without a letter are in no pair. Order of the records: the order that _NEXT goes by."""
    who = np.flatnonzero(made.runs)
    salt = mixed(kinds[who] * _MIX + np.uint64(1))
    found = [_agreeing(made.exact[who] ^ salt)]
    width = shape.lanes // shape.bands
    for band in range(shape.bands):
        key = salt.copy()
        for lane in range(band * width, (band + 1) * width):
            key = key * _MIX + made.lanes[who, lane]
        found.append(_agreeing(mixed(key)))
    pairs = np.unique(np.concatenate(found))
    return who[pairs >> np.int64(32)], who[pairs & np.int64(0xFFFFFFFF)]


def _agreeing(keys: np.ndarray) -> np.ndarray:
    """Pairs of equal keys, each as first << 32 | second. Keys and places are sorted in one array of integers, three times
    as fast as a stable argsort; what the key loses to the place makes a false candidate now and then, and no miss."""
    bits = np.uint64(max(1, int(len(keys)).bit_length()))
    both = keys >> bits << bits | np.arange(len(keys), dtype=np.uint64)
    both.sort()
    place = (both & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    key = both >> bits
    same = key[1:] == key[:-1]
    heads = np.flatnonzero(np.concatenate(([True], ~same)))
    sizes = np.diff(np.append(heads, len(key)))
    heads, sizes = heads[sizes > 1], sizes[sizes > 1]
    inside = np.repeat(heads, sizes)
    rank = np.arange(len(inside)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    left = np.repeat(sizes, sizes) - rank - 1
    at = inside + rank
    found = []
    for ahead in range(1, _NEXT + 1):
        more = at[left >= ahead]
        if not len(more):
            break
        found.append(place[more] << np.int64(32) | place[more + ahead])
    far = rank > _NEXT
    found.append(place[inside[far]] << np.int64(32) | place[at[far]])
    return np.concatenate(found)


def agreement(made: Sketches, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The share of lanes in which the sketches of each pair agree: an estimate of their Jaccard similarity."""
    parts = [
        (made.lanes[first[start : start + _CHUNK]] == made.lanes[second[start : start + _CHUNK]]).mean(1)
        for start in range(0, len(first), _CHUNK)
    ]
    return np.concatenate(parts) if parts else np.empty(0)
