"""Doses: the same numbers, each beside something else.

    >>> pair = Pair("question", "5 mg for 14 days", "14 mg por 5 días", get("en"), get("es"))
    >>> check(pair)[0].detail
    'milligram moved from 5 to 14'

Two signs: a unit that one number has lost and another one has gained; and numbers in another order while the words around them
that can be recognised in both languages (names of drugs, abbreviations, words of one origin) have kept theirs.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from . import Finding, Pair
from .lexicon import fold
from .quantities import Quantity, Reading, read
from .units import mismatches

MOVED, CROSSED, REORDERED = 0.9, 0.7, 0.5


def check(pair: Pair) -> list[Finding]:
    """Findings: units that moved, numbers that crossed."""
    source, translation = read(pair.source, pair.source_language), read(pair.translation, pair.language)
    if len(source.quantities) < 2 or len(translation.quantities) < 2:
        return []
    return _moved(pair, source, translation) or _crossed(pair, source, translation)


def _moved(pair: Pair, source: Reading, translation: Reading) -> list[Finding]:
    wrong = mismatches(source, translation)
    if len(wrong) < 2:
        return []
    found = []
    for one, other in wrong:
        if not one.unit:
            continue
        for two, another in wrong:
            if another.unit == one.unit and two.unit != one.unit and other.unit != one.unit:
                spans = pair.source[one.start : one.end], pair.translation[another.start : another.end]
                detail = f"{one.unit} moved from {one.number.value} to {another.number.value}"
                found.append(Finding("doses", MOVED, pair.field, *spans, detail))
                break
    return found


_WORD = re.compile(r"[^\W\d_][\w’'-]{2,}")


@lru_cache(maxsize=4096)
def _anchors(text: str) -> dict[str, int]:
    """The first five letters of each longer word, folded, with its place; only words that stand once."""
    places: dict[str, int] = {}
    twice = set()
    for match in _WORD.finditer(text):
        word = fold(match[0], "Latn")
        if not word.isascii():
            continue
        key = word[:5] if len(word) > 4 else word if match[0].isupper() else ""
        if key:
            if key in places:
                twice.add(key)
            places[key] = match.start()
    return {key: place for key, place in places.items() if key not in twice}


def _crossed(pair: Pair, source: Reading, translation: Reading) -> list[Finding]:
    """Two numbers of one unit (or of none) in the other order."""
    ours, theirs = _single(source), _single(translation)
    groups: dict[str, list] = {}
    for value, one in ours.items():
        if value in theirs and theirs[value].unit == one.unit:
            groups.setdefault(one.unit, []).append(value)
    for group in groups.values():
        order = sorted(group, key=lambda value: theirs[value].start)
        if order == group:
            continue
        first, other = next((one, two) for one, two in zip(group, order) if one != two)
        if _share(source, ours[first], ours[other]):
            continue
        spans = (
            pair.source[ours[first].start : ours[first].end],
            pair.translation[theirs[other].start : theirs[other].end],
        )
        if _kept(pair, ours, theirs, first, other):
            detail = f"{first} and {other} changed places, the words around them did not"
            return [Finding("doses", CROSSED, pair.field, *spans, detail)]
        return [Finding("doses", REORDERED, pair.field, *spans, f"{first} and {other} stand in another order")]
    return []


def _single(reading: Reading) -> dict:
    """value -> quantity, of values in digits that stand once, in order; years and times of day go where they like."""
    times = Counter(one.number.value for one in reading.quantities)
    return {
        one.number.value: one
        for one in reading.quantities
        if times[one.number.value] == 1 and one.number.kind == "digits" and not one.number.hour and not _year(one)
    }


def _year(quantity: Quantity) -> bool:
    value = quantity.number.value
    return (
        1500 < value < 2100 and quantity.unit in ("", "year") and quantity.number.end - quantity.number.start in (4, 5)
    )


_OF = re.compile(
    r"\s(?:\([^)]*\)\s)?(?:[^\W\d]+\s){0,2}(?:of|out of|among|in|from)\s(?:the\s|all\s|his\s|her\s|their\s|its\s|these\s|every\s)?"
)


def _share(source: Reading, one: Quantity, other: Quantity) -> bool:
    """ "358 of 457": many languages begin with the whole."""
    left, right = sorted((one.number, other.number), key=lambda number: number.start)
    return bool(_OF.fullmatch(source.text, left.end, right.start))


def _kept(pair: Pair, ours: dict, theirs: dict, first, other) -> bool:
    """Whether words that both texts share stand in one order, one of them at least between the two numbers."""
    left, right = _anchors(pair.source), _anchors(pair.translation)
    shared = [key for key in left if key in right]
    if len(shared) < 2 or sorted(shared, key=left.get) != sorted(shared, key=right.get):
        return False
    for places, quantities in ((left, ours), (right, theirs)):
        begin, end = sorted((quantities[first].start, quantities[other].start))
        if not any(begin < places[key] < end for key in shared):
            return False
    return True
