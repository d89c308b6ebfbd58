"""Comparisons turned round and months changed: "≥65" -> "≤65", "more than 20" -> "less than 20", "5 March" -> "5 June".

The words are changed in the English source, beside an untouched translation, which works in every language alike.
"""

from __future__ import annotations

from random import Random

import regex

from . import Planted, Text, fault, words

_SIGN = regex.compile(r"[≥≤⩾⩽]|(?<![<>\w/=-])[<>](?=\s?\d)")
_OTHER_SIGN = dict(zip("≥≤⩾⩽<>", "≤≥⩽⩾><"))


@fault("comparison sign turned round", checks=("comparison",))
def sign(text: Text, random: Random) -> Planted | None:
    """≥ -> ≤, < -> > in the translation."""
    found = list(_SIGN.finditer(text.translation))
    if not found:
        return None
    match = random.choice(found)
    made = text.translation[: match.start()] + _OTHER_SIGN[match[0]] + text.translation[match.end() :]
    return Planted(text.source, made, f"{match[0]} -> {_OTHER_SIGN[match[0]]}")


def _in_source(text: Text, random: Random, found: list[tuple[regex.Match, str]]) -> Planted | None:
    if not found:
        return None
    match, new = random.choice(found)
    if match[0][:1].isupper():
        new = new[:1].upper() + new[1:]
    made = text.source[: match.start()] + new + text.source[match.end() :]
    return Planted(made, text.translation, f"{match[0]} -> {new}")


@fault("comparison turned round in the source", checks=("comparison",))
def comparison(text: Text, random: Random) -> Planted | None:
    """more than 20 -> less than 20, at least two -> at most two: before a number."""
    found = []
    for old, new in words("en")["comparisons"]:
        pattern = rf"(?i)\b{old}(?= (?:[£$€]?\d|(?:a|one|two|three|four|five|six|ten|half)\b))"
        found += [(match, new) for match in regex.finditer(pattern, text.source)]
    return _in_source(text, random, found)


@fault("month changed in the source", checks=("dates",))
def month(text: Text, random: Random) -> Planted | None:
    """5 March 2020 -> 5 June 2020: beside digits."""
    months = words("en")["months"]
    pattern = rf"(?<=\d )(?:{'|'.join(months)})\b|\b(?:{'|'.join(months)})(?= \d)"
    matches = list(regex.finditer(pattern, text.source))
    if len({match[0] for match in matches}) != 1 or len(matches) != 1:
        return None
    others = [one for one in months if one != matches[0][0] and one not in text.source]
    return _in_source(text, random, [(matches[0], random.choice(others))])
