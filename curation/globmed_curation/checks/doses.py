"""Doses: the same numbers, each beside something else.

    >>> pair = Pair("question", "5 mg for 14 days", "14 mg por 5 días", get("en"), get("es"))
    >>> check(pair)[0].detail
    'milligram moved from 5 to 14'

Three signs: a unit that one number has lost and another one has gained; numbers in another order, more so while the words
around them that can be recognised in both languages (names of drugs, abbreviations, words of one origin) have kept theirs; a
range that begins with its end. In "5 of 7" the whole comes first in some languages, and not in others (`whole` in the table).
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from globmed_tools.languages import Language

from . import Finding, Pair
from .lexicon import fold
from .quantities import Quantity, Reading, between, read
from .units import mismatches, same

MOVED, CROSSED, REORDERED = 0.9, 0.7, 0.5


def check(pair: Pair) -> list[Finding]:
    """Findings: units that moved, numbers that crossed."""
    source, translation = read(pair.source, pair.source_language), read(pair.translation, pair.language)
    if len(source.quantities) < 2 or len(translation.quantities) < 2:
        return []
    return (
        _moved(pair, source, translation) or _crossed(pair, source, translation) or _turned(pair, source, translation)
    )


def _moved(pair: Pair, source: Reading, translation: Reading) -> list[Finding]:
    wrong = mismatches(source, translation)
    found = []
    for one, other in wrong:
        if not one.unit:
            continue
        another = next((b for a, b in wrong if same(b.unit, one.unit) and not same(a.unit, one.unit)), None)
        if another is None and not other.unit:
            another = _taker(one, source, translation)
        if another:
            spans = pair.source[one.start : one.end], pair.translation[another.start : another.end]
            detail = f"{one.unit} moved from {one.number.value} to {another.number.value}"
            found.append(Finding("doses", MOVED, pair.field, *spans, detail))
    return found


def _taker(one: Quantity, source: Reading, translation: Reading) -> Quantity | None:
    """Who has a lost unit now: a number of the translation that has not had it in the source; not a date or a time of day."""
    unit = one.unit
    dated = unit in ("day", "month") and source.months
    values = {two.number.value for two in source.quantities if same(two.unit, unit)}
    for two in source.digits:
        if two.hour or two.parts:  # 3 p.m.
            values.update(two.readings)
    for two in translation.quantities:
        if same(two.unit, unit) and two.number.value not in values and two.number.kind == "digits":
            if not (unit == "year" and two.number.value > 130) and (not two.number.hour or unit == "year"):
                if not dated or two.number.value > 31:
                    return two
    return None


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
    whole = pair.language.numbers.get("whole", "last")
    groups: dict[str, list] = {}
    for value, one in ours.items():
        # A unit need not be said of each ("2 days before and 5 days after"), nor be said at all ("people over 60").
        if value in theirs and (
            theirs[value].unit == one.unit or not theirs[value].unit or (not one.unit and whole == "last")
        ):
            groups.setdefault(one.unit, []).append(value)
    for group in groups.values():
        order = sorted(group, key=lambda value: theirs[value].start)
        if whole == "first":
            for one, two in zip(group, group[1:]):
                if theirs[one].start < theirs[two].start and _share(source, ours[one], ours[two]):
                    spans = source.span(ours[one].number), translation.span(theirs[two].number)
                    detail = f"{one} of {two}, of which the whole comes first in this language"
                    return [Finding("doses", REORDERED, pair.field, *spans, detail)]
        if order == group:
            continue
        first, other = next((one, two) for one, two in zip(group, order) if one != two)
        if whole != "last" and _share(source, ours[first], ours[other]):
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


def _turned(pair: Pair, source: Reading, translation: Reading) -> list[Finding]:
    """A range that begins with its end: 5-10 mg as 10-5 mg."""
    for one, other in zip(translation.quantities, translation.quantities[1:]):
        ends = other.number.value, one.number.value
        if ends[0] < ends[1] and one.number.kind == "digits" and _linked(translation, one, other, pair.language):
            for two, another in zip(source.quantities, source.quantities[1:]):
                values = two.number.value, another.number.value
                if values == ends and _linked(source, two, another, pair.source_language):
                    spans = pair.source[two.start : another.end], pair.translation[one.start : other.end]
                    return [Finding("doses", REORDERED, pair.field, *spans, f"{ends[0]} to {ends[1]} turned round")]
    return []


def _linked(reading: Reading, one: Quantity, other: Quantity, language: Language) -> bool:
    return bool(between(language.code).fullmatch(reading.text, one.number.end, other.number.start))


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
