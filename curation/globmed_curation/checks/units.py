"""Units: the same number with another unit, or without one.

    >>> pair = Pair("question", "Give 5 mg.", "Administre 5 g.", get("en"), get("es"))
    >>> [finding] = check(pair)
    >>> finding.score, finding.source, finding.translation
    (1.0, '5 mg', '5 g')

Units are compared number by number, so that 5 mg for 14 days against 14 mg for 5 days is found. A lost symbol (mg, %) is a
fault; a lost word (days) may be a form that the language table does not have, or good style, and scores low, unless the same
unit stands beside another number instead: that is for `doses`. A conversion (40 miles, 64 km) is right or wrong, but not
what the source says: it is reported below the usual threshold.
"""

from __future__ import annotations

from collections import defaultdict

from . import Finding, Pair
from .conversions import converted, plausible
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


def check(pair: Pair) -> list[Finding]:
    """Findings, one for each number whose unit is another one or missing; conversions last."""
    source, translation = read(pair.source, pair.source_language), read(pair.translation, pair.language)
    if not source.quantities or not translation.quantities:
        return []
    found: list[Finding] = []
    for one, other in mismatches(source, translation):
        spans = pair.source[one.start : one.end], pair.translation[other.start : other.end]
        if one.unit and other.unit:
            value = one.number.value
            converts = plausible(value, one.unit, value, other.unit)
            score = CONVERTED if converts else PER if _per_differs(one.unit, other.unit) else CHANGED
            found.append(Finding("units", score, pair.field, *spans, f"{one.unit} became {other.unit}"))
        elif one.unit:
            # "140 and 90 mmHg" lends its unit to the first number, which another language need not do.
            lent = (one.start, one.end) == (one.number.start, one.number.end)
            score = LOST if _base(one.unit) in HARD and not lent else WORD
            found.append(Finding("units", score, pair.field, *spans, f"no {one.unit}"))
        else:
            score = ADDED if _base(other.unit) in HARD else WORD
            if _took_the_place(pair, other.unit):
                score = REPLACED
            found.append(Finding("units", score, pair.field, *spans, f"{other.unit} added"))
    return found + _conversions(pair, source, translation)


def mismatches(source: Reading, translation: Reading) -> list[tuple[Quantity, Quantity]]:
    """Quantities of equal value whose units differ, when those with equal units are paired off."""
    theirs: dict = defaultdict(list)
    for one in translation.quantities:
        theirs[one.number.value].append(one)
    left: dict = defaultdict(list)
    for one in source.quantities:
        others = theirs.get(one.number.value)
        if others:
            other = next((two for two in others if _same(one.unit, two.unit)), None)
            if other:
                others.remove(other)
            else:
                left[one.number.value].append(one)
    return [pair for value, ours in left.items() for pair in zip(ours, theirs[value])] if left else []


def _same(one: str, other: str) -> bool:
    return one == other or frozenset((one, other)) in SAME


def _took_the_place(pair: Pair, unit: str) -> bool:
    """Whether the source never speaks of this unit, but of one of its kind that is missing in the translation ("the hour
    long course" as a course of 1 year)."""
    kind = next((one for one in KINDS if unit in one), None)
    if kind is None or unit == "year":  # ages and dates have a year in one language and not in another
        return False
    ours = (mentioned(pair.source, pair.source_language) & kind) - {"second"}
    return bool(ours) and unit not in ours and bool(ours - mentioned(pair.translation, pair.language))


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
