"""Comparison: < that became >, a sign that is gone, "at least" for "at most".

    >>> pair = Pair("question", "if SpO2 < 90 %", "ikiwa SpO2 > 90 %", get("en"), get("sw"))
    >>> check(pair)[0].detail
    '< became >'

Signs before a number are compared where both texts have them at the same number; one that is gone scores low. Comparisons in
words (`bounds.py`), and words beside a sign, are only told apart by their way, and only where both sides compare the same
number, each always the same way: "at least 5" became "at most 5". A side that says nothing is no finding. Where a number
word is not read, the only comparisons of both sides are taken for each other's, with less certainty.
"""

from __future__ import annotations

import re
from collections import defaultdict

from globmed_tools.languages import Language

from . import Finding, Pair
from .bounds import Bound, bounds
from .quantities import Reading, read

#: Scores; WORDED: the other way round, and words on one side at least; UNREAD: the same of numbers that answer nobody else.
TURNED, WEAKENED, SIGN, WORDS, WORDED, UNREAD = 1.0, 0.8, 0.6, 0.2, 0.9, 0.6
_SIGN = re.compile(r"(<=|>=|=<|=>|[<>≤≥⩽⩾≦≧±＜＞~∼≈])\s?$|(\+/-|\+-)\s?$")
_SAME = {"<=": "≤", "=<": "≤", "⩽": "≤", "≦": "≤", ">=": "≥", "=>": "≥", "⩾": "≥", "≧": "≥", "＜": "<", "＞": ">"}
_TURN = {"<": -1, "≤": -1, ">": 1, "≥": 1}


def _signs(reading: Reading) -> dict:
    """value -> signs before it, "" where none stands there."""
    found = defaultdict(list)
    for number in reading.digits:
        match = _SIGN.search(reading.text, max(0, number.start - 4), number.start)
        sign = (match[1] or "±") if match else ""
        found[number.value].append((_SAME.get(sign, sign), number))
    return found


_ANY = ("<", ">", "≤", "≥", "±", "+/-", "＜", "＞", "⩽", "⩾", "≦", "≧")


def check(pair: Pair) -> list[Finding]:
    """Findings, one for each number whose sign is another one, or whose comparison goes the other way."""
    ours = _ways(pair.source, pair.source_language)
    theirs = _ways(pair.translation, pair.language) if ours else []
    found = _compare_ways(pair, ours, theirs) if theirs else []
    if any(sign in pair.source or sign in pair.translation for sign in _ANY):
        return _compare_signs(pair, {one.number.value for one in ours} & {one.number.value for one in theirs}) + found
    return found


def _compare_signs(pair: Pair, said: set) -> list[Finding]:
    """said: the numbers that are compared on both sides, so that a sign on one of them only is not missed."""
    source, translation = read(pair.source, pair.source_language), read(pair.translation, pair.language)
    ours, theirs = _signs(source), _signs(translation)
    found = []
    for value, signs in ours.items():
        others = list(theirs.get(value, ()))
        for sign, number in signs:
            same = next((one for one in others if one[0] == sign), None)
            if same:
                others.remove(same)
                continue
            if not others:
                continue
            other = others.pop(0)
            if value in said and not (sign and other[0]):
                continue
            spans = _span(source, number), _span(translation, other[1])
            found.append(Finding("comparison", _score(sign, other[0]), pair.field, *spans, _detail(sign, other[0])))
    return found


def _ways(text: str, language: Language) -> list[Bound]:
    """The comparisons in words and in signs."""
    found = list(bounds(text, language))
    if any(sign in text for sign in _ANY):
        reading = read(text, language)
        for signs in _signs(reading).values():
            found += [Bound(one, _TURN[sign], _span(reading, one)) for sign, one in signs if sign in _TURN]
    return found


def _compare_ways(pair: Pair, ours: list[Bound], theirs: list[Bound]) -> list[Finding]:
    """One finding for each number that is compared on both sides, always one way here and always the other way there."""
    found, seen = [], set()
    for one in ours:
        if one.number.value in seen:
            continue
        seen.add(one.number.value)
        readings = set(one.number.readings)
        others = [other for other in theirs if not readings.isdisjoint(other.number.readings)]
        same = {mine.way for mine in ours if not readings.isdisjoint(mine.number.readings)}
        if len(same) == 1 and {other.way for other in others} == {-one.way} and not _both_signs(one, others[0]):
            detail = f"{one.span!r} became {others[0].span!r}"
            found.append(Finding("comparison", WORDED, pair.field, one.span, others[0].span, detail))
    if (
        not found
        and len(ours) == 1 == len(theirs)
        and ours[0].way != theirs[0].way
        and _unmatched(pair, ours[0], theirs[0])
    ):
        one, other = ours[0], theirs[0]
        detail = f"{one.span!r} became {other.span!r}"
        found.append(Finding("comparison", UNREAD, pair.field, one.span, other.span, detail))
    return found


def _unmatched(pair: Pair, one: Bound, other: Bound) -> bool:
    """Whether neither number stands on the other side, as where a number word of the translation is not read."""
    of, into = read(pair.source, pair.source_language), read(pair.translation, pair.language)
    return not (_stands(one, into) or _stands(other, of))


def _stands(bound: Bound, reading: Reading) -> bool:
    readings = set(bound.number.readings)
    return any(not readings.isdisjoint(one.readings) for one in (*reading.digits, *reading.words, *reading.soft))


def _both_signs(one: Bound, other: Bound) -> bool:
    """Whether these are signs on both sides, which are compared as such."""
    return one.span[:1] in _TURN and other.span[:1] in _TURN


def _score(sign: str, other: str) -> float:
    if sign in _TURN and other in _TURN:
        return TURNED if _TURN[sign] != _TURN[other] else WEAKENED
    if sign and other:
        return SIGN
    return WORDS


def _detail(sign: str, other: str) -> str:
    return f"{sign} became {other}" if sign and other else f"{sign} is gone" if sign else f"{other} added"


def _span(reading: Reading, number) -> str:
    return reading.text[max(0, number.start - 2) : number.end].strip()
