"""What a text says in numbers, read once for all checks: numbers with the unit beside each.

    >>> [(q.number.value, q.unit) for q in read("5-10 mg for two weeks", get("en")).quantities]
    [(5, 'milligram'), (10, 'milligram'), (2, 'week')]

Readings are remembered, since the source of twelve translations is looked at twelve times, by several checks each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from globmed_tools.languages import Language, get

from .digits import Number
from .number_words import combine
from .unit_words import unit_beside


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and its unit ("" where none stands there); start and end are those of both together."""

    number: Number
    unit: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """digits, names, words, soft, months: the numbers by kind; quantities: all in digits, and the words with a unit;
    clock, spelled: what the language table says of the language."""

    text: str
    digits: tuple[Number, ...]
    names: tuple[Number, ...]
    words: tuple[Number, ...]
    soft: tuple[Number, ...]
    months: tuple[Number, ...]
    quantities: tuple[Quantity, ...]
    clock: int = 0
    spelled: bool = False

    def span(self, number: Number) -> str:
        return self.text[number.start : number.end]

    def quantity(self, number: Number) -> Quantity | None:
        return next((one for one in self.quantities if one.number == number), None)


def read(text: str, language: Language) -> Reading:
    """The numbers of a text in this language."""
    return _read(text, language.code)


@lru_cache(maxsize=4096)
def _read(text: str, code: str) -> Reading:
    language = get(code)
    kinds: dict[str, list[Number]] = {"digits": [], "name": [], "words": [], "soft": [], "month": []}
    numbers = combine(text, language)
    for number in numbers:
        kinds[number.kind].append(number)
    quantities = _with_units(text, numbers, language) if numbers else []
    digits, names, words, soft, months = map(tuple, kinds.values())
    return Reading(
        text,
        digits,
        names,
        words,
        soft,
        months,
        tuple(quantities),
        language.numbers.get("clock", 0),
        "spelled" in language.numbers,
    )


@cache
def between(code: str) -> re.Pattern:
    """What stands between the ends of a range: "5-10 mg", "5 to 10 mg"."""
    numbers = get(code).numbers
    words = "|".join(map(re.escape, numbers["ranges"].split()))
    concord = r"(?:\w{1,6}-)?" if numbers["place"] == "before" else ""  # zu: 5 kuya ku-10
    return re.compile(rf"(?:st|nd|rd|th|-)?\s?(?:[-–—~～〜±]|\+/-|,?\s?(?:{words}|vs\.?))\s?{concord}", re.I)


#: Between the numbers of a list: 24, 48 and 72 hours; 1-, 3- and 5-year survival.
_COMMAS = frozenset((", ", "-, ", "、", "، "))


def _with_units(text: str, numbers: list[Number], language: Language) -> list[Quantity]:
    """Quantities, in order; the first number of a range has the unit of the second (or the second that of the first)."""
    found: list[Quantity] = []
    following: Quantity | None = None
    range_of, chain = between(language.code), False
    for number in reversed(numbers):
        if number.kind in ("name", "month"):
            continue
        unit, start, end = unit_beside(text, number, language)
        if number.kind == "soft" and unit in ("", "second"):  # "a second" dose
            continue
        linked = following and range_of.fullmatch(text, number.end, following.number.start)
        if number.kind == "words" and not unit and not (linked and following.unit):
            continue
        listed = linked or (chain and following and text[number.end : following.number.start] in _COMMAS)
        chain = bool(listed)
        if listed and following.unit != unit:
            inferred = (start, end) == (number.start, number.end)  # "aged 2 to 15 months" are no years
            if not unit or (inferred and following.unit):
                unit = "" if 1500 < number.value < 2100 and not linked else following.unit
            elif not following.unit and found[-1] is following:
                found[-1] = Quantity(following.number, unit, following.start, following.end)
        following = Quantity(number, unit, start, end)
        found.append(following)
    found.reverse()
    return found
