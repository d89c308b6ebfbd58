"""Candidates: records that agree in all lanes of at least one band (locality-sensitive hashing).

    >>> [(row["similarity"], row["found"]) for row in curve(Shape())][4:8]
    [(0.5, 0.873), (0.6, 0.988), (0.7, 1.0), (0.8, 1.0)]

With b bands of r lanes a pair of similarity s becomes a candidate with probability 1 - (1 - s^r)^b. Each band is one sort.
Where very many records agree in a band (a form letter), each is paired with the first of them and with its next _NEXT
neighbours in the order of the records, so that the work stays linear.
"""

from __future__ import annotations

import math

import numpy as np

from .sketches import _MIX, Shape, Sketches, mixed

_NEXT = 16
_CHUNK = 1 << 16
#: How many pairs of equal keys are found before they are compared.
_ROOM = 1 << 23
#: Bands whose keys are worked out side by side: with four lanes each, what comes from memory in one line.
SIDE = 8


def curve(shape: Shape) -> list[dict[str, float]]:
    """[{"similarity": s, "found": probability that a pair of this similarity is looked at}] for s = 0.1 ... 1."""
    width = shape.lanes // shape.bands
    steps = [step / 10 for step in range(1, 11)]
    return [{"similarity": s, "found": round(1 - (1 - s**width) ** shape.bands, 3)} for s in steps]


def candidates(
    made: Sketches, kinds: np.ndarray, shape: Shape, least: float = 0.0, among: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (first, second) of indices, first < second, in order, without repetition. kinds: uint64 a record; only records of
    one kind (a language, say) are paired. Records without a letter are in no pair. Order of the records: the order that _NEXT
    goes by. least: the share of lanes in which the sketches of a pair must agree. among: only these records, in ascending order."""
    from . import pairing

    who = np.flatnonzero(made.runs) if among is None else among[made.runs[among] > 0]
    bits, lanes = max(1, len(who).bit_length()), math.ceil(least * shape.lanes - 1e-9)
    salt = mixed(kinds[who].astype(np.uint64) * _MIX + np.uint64(1))
    found = _Pairs(made.lanes, who, bits, lanes)
    low = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    found.add((made.exact[who] ^ salt) & ~low | np.arange(len(who), dtype=np.uint64))
    width, keys = shape.lanes // shape.bands, np.empty((min(shape.bands, SIDE), len(who)), np.uint64)
    for start in range(0, shape.bands, SIDE):
        some = keys[: shape.bands - start]
        pairing.bands(made.lanes, salt, who, start * width, width, bits, some)
        for one in some:
            found.add(one)
    pairs = found.all()
    return who[pairs >> np.int64(32)], who[pairs & np.int64(0xFFFFFFFF)]


class _Pairs:
    """Collects pairs of equal keys, band after band, each pair once, as first << 32 | second. Keys and places are sorted as one
    integer each, three times as fast as a stable argsort; what a key loses to the place makes a false candidate now and then,
    and no miss."""

    def __init__(self, lanes: np.ndarray, who: np.ndarray, bits: int, least: int):
        self.lanes, self.who, self.bits, self.least = lanes, who, bits, least
        self.out, self.filled, self.found, self.size = np.empty(_ROOM, np.int64), 0, [np.empty(0, np.int64)], 0

    def add(self, keys: np.ndarray) -> None:
        from . import pairing

        keys.sort()
        place = head = 0
        while place < len(keys):
            place, head, self.filled = pairing.pairs(keys, self.bits, _NEXT, place, head, self.out, self.filled)
            if place < len(keys):
                self.keep()

    def keep(self) -> None:
        """Keep those of the pairs so far that are alike."""
        from . import pairing

        some = self.out[: self.filled]
        some.sort()
        count = pairing.agreeing(some, self.lanes, self.who, self.least)
        self.found.append(some[:count].copy())
        self.filled, self.size = 0, self.size + count
        if self.size > 2 * len(self.found[0]) + _ROOM // 8:
            self.all()

    def all(self) -> np.ndarray:
        if self.filled:
            self.keep()
        found = np.concatenate(self.found)
        found.sort()
        new = np.ones(len(found), bool)
        new[1:] = found[1:] != found[:-1]
        self.found, self.size = [found[new]], int(new.sum())
        return self.found[0]


def agreement(made: Sketches, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The share of lanes in which the sketches of each pair agree: an estimate of their Jaccard similarity."""
    parts = [
        (made.lanes[first[start : start + _CHUNK]] == made.lanes[second[start : start + _CHUNK]]).mean(1)
        for start in range(0, len(first), _CHUNK)
    ]
    return np.concatenate(parts) if parts else np.empty(0)
