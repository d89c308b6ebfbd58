"""Faults in units and doses: "5 mg" -> "5 g", "14 días" -> "14 semanas", "5 mg of A and 10 mg of B" -> "10 mg of A and ...".

A unit is only changed beside digits, and a unit word only where the source has the English word of the same unit.
"""

from __future__ import annotations

from random import Random

import regex

from . import Planted, Text, compiled, fault, words
from .numbers import UNSPACED, spans, value

_SPACE = r"[\s-]?"
#: A number that belongs to a name or is an amount of money.
_NO_QUANTITY = regex.compile(r"(?:\p{L}[-‑–]?\d+|[$£€¥]\s?\d[\d.,]*)[\s-]?$")


def symbols(line: str) -> list[tuple[int, int, list[str]]]:
    """(start, end, other symbols of its row) of each unit symbol behind a quantity; £125m are no metres, and the l of
    "COVID-19 l'efficacité" is no litre."""
    found = []
    for row in words("symbols").values():
        ones = "|".join(map(regex.escape, sorted(row, key=len, reverse=True)))
        for match in compiled(rf"(?<=\d{_SPACE})(?:{ones})(?![\p{{L}}\p{{M}}\d'’])").finditer(line):
            if _NO_QUANTITY.search(line[: match.start()]):
                continue
            found.append((match.start(), match.end(), [one for one in row if one != match[0]]))
    return found


def unit_words(text: Text) -> list[tuple[int, int, list[str]]]:
    """The same for the words of the language, where the source has the unit in English."""
    row, english, found = words(text.language), words("en")["units"], []
    table = row.get("units", {})
    rows = row.get("unit_rows") or [["minute", "hour", "day", "week", "month", "year"], ["metre", "kilometre", "mile"]]
    for unit, forms in table.items():
        if not compiled(rf"(?i)\b(?:{english[unit]})\b").search(text.source):
            continue
        others = [table[o] for line in rows if unit in line for o in line if o != unit and o in table]
        for place, form in enumerate(forms):
            new = [other[min(place, len(other) - 1)] for other in others]
            for match in _beside_digits(row, form).finditer(text.translation):
                found.append((match.start(), match.end(), [one for one in new if one != form]))
    return [one for one in found if one[2]]


def _beside_digits(row: dict, form: str) -> regex.Pattern:
    word = regex.escape(form)
    if row.get("unit_place") == "before":
        return compiled(rf"{word}(?=\s(?:\p{{L}}+-)?\d{{1,3}}(?!\d))", regex.I)
    end = "" if UNSPACED.match(form) else r"(?![\p{L}\p{M}])"
    return compiled(rf"(?<=(?<!\d)\d{{1,3}}{_SPACE}){word}{end}")


@fault("unit changed", goal=0.98, checks=("units", "doses", "numbers", "dates"))
def unit_changed(text: Text, random: Random) -> Planted | None:
    """mg -> g, mL -> L, °C -> °F, days -> weeks beside digits."""
    found = symbols(text.translation) + unit_words(text)
    if not found:
        return None
    start, end, others = random.choice(found)
    old, new = text.translation[start:end], random.choice(others)
    return Planted(text.source, text.translation[:start] + new + text.translation[end:], f"{old} -> {new}")


def _unit_of(text: Text, start: int, end: int, units) -> str:
    """The unit beside a number, "%" included, or ""."""
    after = regex.match(rf"{_SPACE}%|{_SPACE}٪", text.translation[end:])
    if after:
        return "%"
    before = words(text.language).get("unit_place") == "before"
    for left, right, _others in units:
        if 0 <= left - end <= 1 or before and 0 <= start - right <= 12:
            return text.translation[left:right]
    return ""


def _exchanged(text: Text, random: Random, with_units: bool) -> Planted | None:
    """Two numbers of the translation that the source has too change places; they have different units, or none and
    different nouns ("102 countries ... 850 children"; never "sections 12 and 15")."""
    source = {value(m[0]) for m in regex.finditer(r"(?<![\w-])\d+(?:[.,]\d+)*", text.source)}
    found = [m for m in spans(text) if value(m[0]) in source]
    units, choices = symbols(text.translation) + unit_words(text), []
    for i, left in enumerate(found):
        for right in found[i + 1 :]:
            if value(left[0]) == value(right[0]) or right.start() - left.end() < 4:
                continue
            own = [_unit_of(text, m.start(), m.end(), units) for m in (left, right)]
            nouns = [_noun_of(text, m) for m in (left, right)]
            if with_units and own[0] != own[1] and (all(own) or all(nouns)):
                choices.append((left, right))
            elif not with_units and not any(own) and all(nouns) and nouns[0] != nouns[1]:
                choices.append((left, right))
    if not choices:
        return None
    left, right = random.choice(choices)
    line = text.translation
    made = line[: left.start()] + right[0] + line[left.end() : right.start()] + left[0] + line[right.end() :]
    return Planted(text.source, made, f"{left[0]} <-> {right[0]}")


def _noun_of(text: Text, match: regex.Match) -> str:
    """The word that a number counts, as far as its place tells: at least three letters beside it (two signs of Han or kana)."""
    if words(text.language).get("unit_place") == "before":
        found = regex.search(r"(\p{L}{3,})\s(?:\p{L}+-)?$", text.translation[: match.start()])
    else:
        found = regex.match(
            r"\s?([\p{Han}\p{Hangul}\p{Katakana}]{1,2}|[\p{L}\p{M}]{3,})", text.translation[match.end() :]
        )
    return found[1].lower() if found else ""


@fault("numbers exchanged, units differ", goal=0.98, checks=("doses", "units", "numbers", "dates"))
def exchanged_units(text: Text, random: Random) -> Planted | None:
    """5 mg for 14 days -> 14 mg for 5 days: the numbers change places, their units differ."""
    return _exchanged(text, random, True)


@fault("numbers exchanged, nouns differ", checks=("doses", "numbers", "dates"))
def exchanged_nouns(text: Text, random: Random) -> Planted | None:
    """5 mg of A and 10 mg of B -> 10 mg of A and 5 mg of B: only the order and the nouns tell."""
    return _exchanged(text, random, False)
