"""Dates: another month, or another number beside it.

    >>> pair = Pair("question", "on 3 March 2020", "2020年5月3日", get("en"), get("zh"))
    >>> check(pair)[0].detail
    'month 3 in the source, month 5 in the translation'

Days and years are numbers like others, and `numbers` compares them; here it is seen whether they changed places with others.
The names of months are compared with each other, and in languages that count months (3月) with the number before that
word. A month in one text only is weak evidence: dates are told in other ways (last month, 3/5/2020), and "may" and "march"
are more than months.
"""

from __future__ import annotations

import re
from functools import cache

from globmed_tools.languages import Language, get

from . import Finding, Pair
from .quantities import Reading, read

CHANGED, MOVED, LOST = 0.9, 0.7, 0.2
#: month, start, end
Month = tuple[int, int, int]
_COUNTED = re.compile(r"(\d{1,2})\s?([月월])(?!间|間)")


@cache
def _counts(code: str) -> bool:
    """Whether the language counts its months instead of naming them."""
    return get(code).numbers["months"][0].startswith("1")


def _months(reading: Reading, language: Language) -> list[Month]:
    """Each month that is certainly one."""
    if _counts(language.code):
        return [
            (int(one[1]), one.start(), one.end())
            for one in _COUNTED.finditer(reading.text)
            if 0 < int(one[1]) < 13 and not reading.text[max(0, one.start() - 1) : one.start()].isdecimal()
        ]
    return [(one.value, one.start, one.end) for one in reading.months if _sure(reading, one, language)]


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
        return [Finding("dates", CHANGED, pair.field, _span(source, one), _span(translation, other), detail)]
    if lost and not any(
        one.value == lost[0][0] for one in (*translation.months, *translation.digits, *translation.soft)
    ):
        return [Finding("dates", LOST, pair.field, _span(source, lost[0]), "", f"month {lost[0][0]} is gone")]
    return [] if lost or added else _moved(pair, source, translation, ours, theirs)


def _moved(pair: Pair, source: Reading, translation: Reading, ours: list, theirs: list) -> list[Finding]:
    """A day or a year that stands elsewhere, while a number from elsewhere stands beside the month."""
    here, there = _beside(source, ours), _beside(translation, theirs)
    elsewhere = {one.value for one in source.digits} - here
    wrong = [value for value in there - here if value in elsewhere]
    gone = [value for value in here - there if any(one.value == value for one in translation.digits)]
    if not wrong or not gone:
        return []
    detail = f"{gone[0]} beside the month in the source, {wrong[0]} in the translation"
    return [Finding("dates", MOVED, pair.field, str(gone[0]), str(wrong[0]), detail)]


_ORDINAL = r"(?:st|nd|rd|th|[.º])?"
_TIE = re.compile(rf"{_ORDINAL}[\s,]{{0,2}}(?:\d{{1,2}}{_ORDINAL},?\s)?(?:[^\W\d]{{1,4}}[\s-]?)?")


def _beside(reading: Reading, months: list[Month]) -> set:
    """The values beside the months, at most one short word away: 28 March 2020, 2020 年 3 月 28 日."""
    found = set()
    for number in reading.digits:
        for _value, start, end in months:
            left, right = (number.end, start) if number.end <= start else (end, number.start)
            if 0 <= right - left <= 12 and _TIE.fullmatch(reading.text, left, right):
                found.add(number.value)
    return found


def _span(reading: Reading, month: Month) -> str:
    return reading.text[month[1] : month[2]]


def _any(reading: Reading, language: Language) -> list[Month]:
    if _counts(language.code):
        return _months(reading, language)
    return [(one.value, one.start, one.end) for one in reading.months]
