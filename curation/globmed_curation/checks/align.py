"""Sentences of a text and of its translation put side by side, by their lengths and by what both sides write alike.

    >>> align(pair, ("Wash your hands.", "Stay at home."), ("Kaa nyumbani.",))
    (4.5, 11.7, (0, None))

After Gale and Church (1993): dynamic programming over one to one, merged and split sentences, whose cost is how far
the ratio of their lengths is from usual (`length.py`). Numbers, names and words with a stem in common (quarantine,
quarantaine) hold sentences together that lengths alone would part, and speak against leaving out a sentence whose
numbers and names stand in the translation.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import accumulate
from math import inf, log

import regex

from globmed_tools.languages import Language

from . import Pair
from .length import NOISE, expected, size

#: -log of how often translators merge or split sentences (one to one is free of cost), and leave one out.
MERGED, LEFT_OUT, ADDED = 4.2, 3.5, 4.5
#: For each anchor that the counterpart lacks (and the most that all say), and for each of a sentence left out that is there.
ANCHOR, ANCHORS, PRESENT = 0.8, 4.0, 1.5
#: How far from the diagonal sentences are sought, beyond what their numbers differ by.
BAND = 3
_ANCHOR = regex.compile(r"\p{Nd}+|\p{Latin}{4,}|\p{Lu}[\p{Lu}\d]+")
_MARKS = regex.compile(r"\p{Mn}+")
_TOGETHER = ((1, 1), (2, 1), (1, 2), (3, 1), (1, 3))
_NONE: frozenset[str] = frozenset()


@lru_cache(maxsize=8192)
def anchors(sentence: str) -> frozenset[str]:
    """Numbers, and the first five letters of Latin words, without accents and in small letters."""
    if not sentence.isascii():
        sentence = _MARKS.sub("", unicodedata.normalize("NFD", sentence))
    return frozenset(str(int(one)) if one.isdigit() else one[:5].lower() for one in _ANCHOR.findall(sentence))


def _seldom(language: Language) -> float:
    """-log of how often a sentence becomes two in translations into this language."""
    return -log(language.length["split"]) if "split" in language.length else MERGED


class _Text:
    """Both sides with their lengths, added up, and the anchors that occur on both."""

    def __init__(self, pair: Pair, source, translation):
        of, into = pair.source_language, pair.language
        self.mean, self.variance = expected(of.code, into.code)
        self.noise = NOISE * of.length["ratio"]
        self.split, self.merged = _seldom(into), _seldom(of)
        self.sums = (
            [0, *accumulate(size(one, of) for one in source)],
            [0, *accumulate(size(o, into) for o in translation)],
        )
        mine, theirs = [anchors(one) for one in source], [anchors(one) for one in translation]
        shared = _NONE.union(*mine) & _NONE.union(*theirs)
        self.anchors = [one & shared for one in mine], [one & shared for one in theirs]
        self.alone = [self._left_out(side, cost) for side, cost in zip(self.anchors, (LEFT_OUT, ADDED))]

    def _left_out(self, side: list[frozenset[str]], cost: float) -> list[float]:
        """Cost of leaving out each sentence: more where what it alone says with its anchors stands on the other side."""
        costs = []
        for place, mine in enumerate(side):
            own = mine.difference(*side[:place], *side[place + 1 :]) if mine else mine
            costs.append(cost + min(ANCHORS, PRESENT * len(own)))
        return costs

    def apart(self, x: int, y: int) -> float:
        """Cost of x sentences that became y."""
        return self.merged * (x - 1) + self.split * (y - 1)

    def together(self, i: int, x: int, j: int, y: int) -> float:
        """Cost of the x source sentences before i beside the y of the translation before j."""
        a = self.sums[0][i] - self.sums[0][i - x]
        off = log((self.sums[1][j] - self.sums[1][j - y]) / a) - self.mean
        cost = off * off / (2 * (self.variance + self.noise / a)) + self.apart(x, y)
        mine, theirs = self.anchors[0][i - 1], self.anchors[1][j - 1]
        if x > 1:
            mine = mine.union(*self.anchors[0][i - x : i - 1])
        if y > 1:
            theirs = theirs.union(*self.anchors[1][j - y : j - 1])
        return cost if mine == theirs else cost + min(ANCHORS, ANCHOR * len(mine ^ theirs))


def align(pair: Pair, source, translation) -> tuple[float, float, tuple | None]:
    """(cost of the best alignment, cost of the best that leaves nothing out, the first sentence that the best leaves
    out: (index, None) of the source or (None, index) of the translation; None where it leaves out nothing)."""
    text, rows, columns = _Text(pair, source, translation), len(source), len(translation)
    # (i, j) -> cost, the first sentence left out, cost with nothing left out
    best: dict[tuple[int, int], tuple[float, tuple | None, float]] = {(0, 0): (0.0, None, 0.0)}
    band = BAND + abs(rows - columns)
    for i in range(rows + 1):
        middle = i * columns // rows
        for j in range(max(0, middle - band), min(columns, middle + band) + 1):
            if i or j:
                best[i, j] = _cheapest(text, best, i, j)
    cost, missing, without = best[rows, columns]
    return cost, without, missing


def _cheapest(text: _Text, best: dict, i: int, j: int) -> tuple[float, tuple | None, float]:
    low, missing, without = inf, None, inf
    for x, y in _TOGETHER:
        before = best.get((i - x, j - y))
        if before is None:
            continue
        if (before[0] + text.apart(x, y)) > low and before[2] > without:
            continue
        cost = text.together(i, x, j, y)
        if before[0] + cost < low:
            low, missing = before[0] + cost, before[1]
        without = min(without, before[2] + cost)
    for left, before in (((i - 1, None), best.get((i - 1, j))), ((None, j - 1), best.get((i, j - 1)))):
        if before is not None:
            cost = before[0] + (text.alone[0][i - 1] if left[1] is None else text.alone[1][j - 1])
            if cost < low:
                low, missing = cost, before[1] or left
    return low, missing, without
