"""Comparison: < that became >, a sign that is gone, "at least" for "at most".

    >>> pair = Pair("question", "if SpO2 < 90 %", "ikiwa SpO2 > 90 %", get("en"), get("sw"))
    >>> check(pair)[0].detail
    '< became >'

Signs before a number are compared where both texts have them at the same number. A sign for which the translation has words
(<19 years, under 19) is good style and scores low; so does one that is gone.
"""

from __future__ import annotations

import re
from collections import defaultdict

from . import Finding, Pair
from .quantities import Reading, read

TURNED, WEAKENED, SIGN, WORDS = 1.0, 0.8, 0.6, 0.2
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
    """Findings, one for each number whose sign is another one."""
    if not any(sign in pair.source or sign in pair.translation for sign in _ANY):
        return []
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
            spans = _span(source, number), _span(translation, other[1])
            found.append(Finding("comparison", _score(sign, other[0]), pair.field, *spans, _detail(sign, other[0])))
    return found


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
