"""Bounds: the numbers of a text that stand in a comparison, and which way it goes.

    >>> [(one.number.value, one.way, one.span) for one in bounds("At least 5 mg, in patients under 65", get("en"))]
    [(5, 1, 'At least 5'), (65, -1, 'under 65')]

The words of each language stand in languages.toml ([language.comparison]), "_" where the number stands: "at least _",
"_ or more". Between words and number a few others may stand ("more than the 5", "5 years or older"). A negation close to
the words may turn them round or belong to something else, so such a comparison says nothing. Accents are not looked at in
Latin and Arabic script, as in number words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from unicodedata import combining, normalize

import regex

from globmed_tools.languages import Language, get

from .cues import negates
from .digits import Number
from .lexicon import fold
from .quantities import Reading, read

#: In the order in which they are tried where several fit at one place ("not more than" before "more than").
WAYS = {"at_most": -1, "at_least": 1, "less": -1, "more": 1}
#: How many words, or characters where words are not spaced, may stand between the number and the comparison.
WORDS, SIGNS = 3, 6
_ENDS = regex.compile(r"[.,;:!?()\[\]،؛؟。、，；：！？।\n]")


@dataclass(frozen=True, slots=True)
class Bound:
    """A number with a comparison. way: 1 where the number is the least, -1 where it is the most; span: verbatim."""

    number: Number
    way: int
    span: str


def bounds(text: str, language: Language) -> tuple[Bound, ...]:
    """The numbers of a text that are compared in words, in the order of these words."""
    return _bounds(text, language.code)


@lru_cache(maxsize=4096)
def _bounds(text: str, code: str) -> tuple[Bound, ...]:
    words = _Words.of(code)
    folded, dropped = _folded(text, words.script)
    found: list[Bound] = []
    reading = None
    for match in words.pattern.finditer(folded):
        reading = reading or read(text, get(code))
        start, end = (place + sum(one < place + i for i, one in enumerate(dropped)) for place in match.span())
        for way, before in words.meanings(match[0]):
            number = _number(reading, start, end, before, words.spaced)
            if number is not None:
                if not negates(text, start, end, before, code):
                    found.append(Bound(number, way, text[min(start, number.start) : max(end, number.end)].strip()))
                break
    return tuple(found)


def _number(reading: Reading, start: int, end: int, before: bool, spaced: bool) -> Number | None:
    """The number that words at [start, end) speak of; one that surely is one rather than "a" or "half"."""
    soft = [one for one in reading.soft if one.value != 1]
    for numbers, most in (((*reading.digits, *reading.words), WORDS), (soft, 1), (reading.soft, 1)):
        if before:
            near = min((one for one in numbers if one.start >= end), key=lambda one: one.start, default=None)
            gap = near and reading.text[end : near.start]
        else:
            near = max((one for one in numbers if one.end <= start), key=lambda one: one.end, default=None)
            gap = near and reading.text[near.end : start]
        if near and not _ENDS.search(gap) and (len(gap.split()) <= most if spaced else len(gap) <= SIGNS):
            return near
    return None


def _folded(text: str, script: str) -> tuple[str, list[int]]:
    """Small letters without accents, and the places of the combining marks that were dropped."""
    if text.isascii() or script not in ("Latn", "Arab"):
        return text.lower(), []
    folded = text.translate(_Letters.of(script))
    if len(folded) == len(text):
        return folded, []
    return folded, [place for place, char in enumerate(text) if combining(char)]


class _Letters(dict):
    """The code of a letter -> what it becomes, worked out when it is first met."""

    def __init__(self, script: str):
        self.script = script

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = letter = "" if combining(char) else (fold(char, self.script) or char)[0]
        return letter

    @classmethod
    @cache
    def of(cls, script: str) -> _Letters:
        return cls(script)


class _Words:
    """The comparisons of one language: an expression for all, and what a match of it means."""

    def __init__(self, code: str):
        language = get(code)
        self.script, self.spaced = language.script, language.spaces
        bounded = language.spaces and language.script != "Kore"
        prefix = "[وفبل]?" if language.script == "Arab" else ""
        self.entries = [
            (regex.compile(prefix + self.bare(entry)), way, entry.endswith("_"))
            for kind, way in WAYS.items()
            for entry in language.comparison[kind]
        ]
        # `re` is twice as fast, but takes the vowel signs of Indian scripts for the end of a word
        compiled = re.compile if self.script == "Latn" else regex.compile
        joined = "|".join(dict.fromkeys(one.pattern for one, _way, _before in self.entries))
        self.pattern = compiled(rf"(?<!\w)(?:{joined})(?:(?!\w)|(?<=['’]))" if bounded else joined)
        self.known: dict[str, tuple[tuple[int, bool], ...]] = {}

    def bare(self, entry: str) -> str:
        """An entry without the place of the number, folded as texts are."""
        words = entry.removeprefix("_ ").removesuffix(" _").strip("_")
        return fold(words, self.script) if self.script in ("Latn", "Arab") else normalize("NFC", words)

    def meanings(self, found: str) -> tuple[tuple[int, bool], ...]:
        """(way, whether the words stand before the number), each that these words can have, the likeliest first."""
        if found not in self.known:
            fitting = ((way, before) for one, way, before in self.entries if one.fullmatch(found))
            self.known[found] = tuple(dict.fromkeys(fitting))
        return self.known[found]

    @classmethod
    @cache
    def of(cls, code: str) -> _Words:
        return cls(code)
