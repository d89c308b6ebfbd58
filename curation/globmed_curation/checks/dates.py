"""Dates: another month.

    >>> pair = Pair("question", "on 3 March 2020", "2020年5月3日", get("en"), get("zh"))
    >>> check(pair)[0].detail
    'month 3 in the source, month 5 in the translation'

Days and years are numbers like others, and `numbers` compares them. Here the names of months are compared with each other, and in
languages that count months (3月) with the number before that word. A month in one text only is weak evidence: dates are
told in other ways (last month, 3/5/2020), and "may" and "march" are more than months.
"""

from __future__ import annotations

import re
from functools import cache

from globmed_tools.languages import Language, get

from . import Finding, Pair
from .quantities import Reading, read

CHANGED, LOST = 0.9, 0.2
_COUNTED = re.compile(r"(\d{1,2})\s?([月월])(?!间|間)")


@cache
def _counts(code: str) -> bool:
    """Whether the language counts its months instead of naming them."""
    return get(code).numbers["months"][0].startswith("1")


def _months(reading: Reading, language: Language) -> list[tuple[int, str]]:
    """(month, span) of each month that is certainly one."""
    if _counts(language.code):
        return [
            (int(one[1]), one[0])
            for one in _COUNTED.finditer(reading.text)
            if 0 < int(one[1]) < 13 and not reading.text[max(0, one.start() - 1) : one.start()].isdecimal()
        ]
    return [(one.value, reading.span(one)) for one in reading.months if _sure(reading, one, language)]


_NEAR = re.compile(r"\d[\W\d]*(?:st|nd|rd|th)?(?:\s(?:of|de|do|d['’]))?\s?$")


#: "in March", not "Theresa May", nor at the beginning of a sentence.
_IN = re.compile(r"(?<![^\W\d_])[^\W\d_A-Z]+\s$")


def _sure(reading: Reading, month, language: Language) -> bool:
    """A month's name that is no other word: with a capital where the language sets one, and long or beside digits."""
    word, text = reading.span(month), reading.text
    if language.numbers["months"][0][0].isupper() and not word[0].isupper():
        return False
    if len(word) > 5 or language.script != "Latn":
        return len(word) > 2
    before = text[max(0, month.start - 24) : month.start]
    return bool(re.match(r"\W{0,2}\d", text[month.end :])) or bool(_NEAR.search(before) or _IN.search(before))


def check(pair: Pair) -> list[Finding]:
    """At most one finding."""
    source, translation = read(pair.source, pair.source_language), read(pair.translation, pair.language)
    if not source.months and not _counts(pair.source_language.code):
        return []
    ours, theirs = _months(source, pair.source_language), _months(translation, pair.language)
    if not ours:
        return []
    lost = [one for one in ours if one[0] not in {two[0] for two in theirs}]
    added = [one for one in theirs if one[0] not in {two[0] for two in _any(source, pair.source_language)}]
    if lost and added:
        one, other = lost[0], added[0]
        detail = f"month {one[0]} in the source, month {other[0]} in the translation"
        return [Finding("dates", CHANGED, pair.field, one[1], other[1], detail)]
    if lost and not any(
        one.value == lost[0][0] for one in (*translation.months, *translation.digits, *translation.soft)
    ):
        return [Finding("dates", LOST, pair.field, lost[0][1], "", f"month {lost[0][0]} is not in the translation")]
    return []


def _any(reading: Reading, language: Language) -> list[tuple[int, str]]:
    if _counts(language.code):
        return _months(reading, language)
    return [(one.value, reading.span(one)) for one in reading.months]
