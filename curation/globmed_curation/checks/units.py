"""Units: the same number with another unit, or without one.

    >>> pair = Pair("question", "Give 5 mg.", "Administre 5 g.", get("en"), get("es"))
    >>> [finding] = check(pair)
    >>> finding.score, finding.source, finding.translation
    (1.0, '5 mg', '5 g')

Units are compared number by number, so that 5 mg for 14 days against 14 mg for 5 days is found. A lost symbol (mg, %) is a
fault; a lost word (days) may be a form that the language table does not have, or good style, and scores low, unless the same
unit stands beside another number instead: that is for `doses`. An added word scores low too ("over 60" as mayores de 60 años),
unless it took the place of another one or the source never speaks of it. A conversion (40 miles, 64 km) is right or wrong, but not
what the source says: it is reported below the usual threshold.
"""

from __future__ import annotations

import re
from collections import defaultdict

from . import Finding, Pair
from .conversions import converted, plausible
from .lexicon import lexicon
from .matching import Rest
from .quantities import Quantity, Reading, read
from .unit_words import HARD, KINDS, mentioned

CHANGED, LOST, REPLACED, ADDED, PER, WORD, CONVERTED = 1.0, 0.7, 0.6, 0.4, 0.4, 0.2, 0.45
#: Units that one word or sign may stand for, in one language or another.
SAME = frozenset(
    map(
        frozenset,
        (
            ("degree", "celsius"),
            ("degree", "fahrenheit"),
            ("mph", "mile"),
            ("kmh", "kilometre"),
            ("percent", "second"),
        ),
    )
)
#: What is taken for the same where nobody measures.
ALIKE = frozenset(("yard", "metre"))


def check(pair: Pair) -> list[Finding]:
    """Findings, one for each number whose unit is another one or missing; conversions last."""
    source, translation = read(pair.source, pair.source_language), read(pair.translation, pair.language)
    if not translation.quantities:
        return []
    found: list[Finding] = []
    for one, other in mismatches(source, translation):
        spans = pair.source[one.start : one.end], pair.translation[other.start : other.end]
        if one.unit and other.unit:
            value = one.number.value
            converts = plausible(value, one.unit, value, other.unit) or {one.unit, other.unit} == ALIKE
            score = CONVERTED if converts else PER if _per_differs(one.unit, other.unit) else CHANGED
            found.append(Finding("units", score, pair.field, *spans, f"{one.unit} became {other.unit}"))
        elif one.unit:
            # "140 and 90 mmHg" lends its unit to the first number, which another language need not do.
            lent = (one.start, one.end) == (one.number.start, one.number.end)
            styled = lent or _of_a_hundred(one, source, translation)
            score = LOST if _base(one.unit) in HARD and not styled else WORD
            found.append(Finding("units", score, pair.field, *spans, f"no {one.unit}"))
        else:
            score = ADDED if _base(other.unit) in HARD else WORD
            if _took_the_place(pair, other.unit) or _invented(pair, source, one, other) or _lasts(pair, one, other):
                score = REPLACED
            found.append(Finding("units", score, pair.field, *spans, f"{other.unit} added"))
    return found + _strangers(pair, source, translation) + _conversions(pair, source, translation)


def mismatches(source: Reading, translation: Reading) -> list[tuple[Quantity, Quantity]]:
    """Quantities of equal value whose units differ, when those with equal units are paired off."""
    theirs: dict = defaultdict(list)
    for one in translation.quantities:
        theirs[one.number.value].append(one)
    left: dict = defaultdict(list)
    alike = []
    for one in source.quantities:
        others = theirs.get(one.number.value)
        if others:
            other = next((two for two in others if same(one.unit, two.unit)), None)
            if other:
                others.remove(other)
                if one.unit != other.unit:
                    alike.append((one, other))
            else:
                left[one.number.value].append(one)
    found = [pair for value, ours in left.items() for pair in zip(_written(ours), _written(theirs[value]))]
    return found + _crosswise(alike) if len(alike) > 1 else found


def _crosswise(alike: list[tuple[Quantity, Quantity]]) -> list[tuple[Quantity, Quantity]]:
    """What one sign may stand for, it stands for once: 85 mph and 385 miles against 385 mph and 85 miles."""
    units = {(one.unit, other.unit) for one, other in alike}
    return [(one, other) for one, other in alike if (other.unit, one.unit) in units]


def _written(quantities: list[Quantity]) -> list[Quantity]:
    """In digits first: "1 October, a year ago" has "1일" for an answer."""
    return sorted(quantities, key=lambda one: one.number.kind != "digits") if len(quantities) > 1 else quantities


def same(one: str, other: str) -> bool:
    return one == other or frozenset((one, other)) in SAME


def _took_the_place(pair: Pair, unit: str) -> bool:
    """Whether the source never speaks of this unit, but of one of its kind that is missing in the translation ("the hour
    long course" as a course of 1 year)."""
    kind = next((one for one in KINDS if unit in one), None)
    if kind is None or unit == "year":  # ages and dates have a year in one language and not in another
        return False
    ours = (mentioned(pair.source, pair.source_language) & kind) - {"second"}
    return bool(ours) and unit not in ours and bool(ours - mentioned(pair.translation, pair.language))


def _of_a_hundred(one: Quantity, source: Reading, translation: Reading) -> bool:
    """70 percent as 70 of a hundred, with other words between the two."""
    if one.unit != "percent":
        return False
    ours, theirs = (
        any(100 in two.readings for two in (*side.digits, *side.words, *side.soft)) for side in (source, translation)
    )
    return theirs and not ours


def _invented(pair: Pair, source: Reading, one: Quantity, other: Quantity) -> bool:
    """Whether the translation gives a time to a number of the source that is neither an hour nor a day of the month, while
    the source has no word for that time at all ("over 60s" as people of 60 months)."""
    if other.unit not in KINDS[0] or other.unit in ("year", "second") or one.number.hour or other.number.hour:
        return False
    start, end = one.number.start, one.number.end
    if _CLOCK.search(pair.source, max(0, start - 2), start) or _ORDINAL.match(pair.source, end):
        return False
    if one.number.value <= _MOST.get(other.unit, 0) and _dates(source, other.unit):
        return False
    return other.unit not in mentioned(pair.source, pair.source_language)


def _lasts(pair: Pair, one: Quantity, other: Quantity) -> bool:
    """Whether a year of the calendar became so many years ("in 2014" as 2014 años); "2014年" is nothing but the year."""
    own = lexicon(pair.language.code)
    if other.unit != "year" or not own.spaces or own.script == "Kore" or own.before:
        return False
    return 1500 < one.number.value < 2100 and other.end > other.number.end and not one.number.others


#: 19:30, 4.40 a.m., covid19.ca.gov; the 19th.
_CLOCK, _ORDINAL = re.compile(r"(?:\d[:：./]|[^\W\d_])$"), re.compile(r"[:：/]|[^\W\d_]")
#: What a day of the month, a month and an hour of the day can be at most.
_MOST = {"day": 31, "month": 12, "hour": 24}


def _dates(source: Reading, unit: str) -> bool:
    """Whether an hour of the day or a month is named; "may" and "march" in small letters are none."""
    if unit == "hour":
        return any(one.hour for one in source.digits)
    return any(not source.text[month.start].islower() for month in source.months)


def _strangers(pair: Pair, source: Reading, translation: Reading) -> list[Finding]:
    """Quantities of the translation whose number the source has not written, in a unit that took another one's place ("the
    hour long course" as a course of 1 year)."""
    values = None
    found = []
    for other in translation.quantities:
        if other.unit not in KINDS[0] or (
            other.number.value <= _MOST.get(other.unit, 0) and _dates(source, other.unit)
        ):
            continue
        values = values or {value for one in (*source.digits, *source.words, *source.soft) for value in one.readings}
        if (other.number.value not in values or other.number.value == 1) and _took_the_place(pair, other.unit):
            span = pair.translation[other.start : other.end]
            found.append(Finding("units", REPLACED, pair.field, "", span, f"{other.unit} is not in the source"))
    return found


def _base(unit: str) -> str:
    return unit.partition("/")[0]


def _per_differs(one: str, other: str) -> bool:
    """Whether only one side has a slash (mg/kg, "mg per kg"), or what stands behind it is not known."""
    (base, *per), (other_base, *other_per) = one.split("/"), other.split("/")
    return base == other_base and (not per or not other_per or "?" in per + other_per)


def _conversions(pair: Pair, source: Reading, translation: Reading) -> list[Finding]:
    if {one.value for one in source.digits} == {one.value for one in translation.digits}:
        return []
    rest = Rest(source, translation)
    found = []
    for one, other, side in converted(source, translation, rest.source, rest.translation):
        span = (pair.source if side == "source" else pair.translation)[one.start : one.end]
        spans = (span, "") if side == "source" else ("", span)
        detail = f"{one.number.value} {one.unit} is {other.number.value} {other.unit}, converted"
        found.append(Finding("units", CONVERTED, pair.field, *spans, detail))
    return found
