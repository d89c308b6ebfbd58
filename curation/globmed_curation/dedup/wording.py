"""What two texts of one language do not share in what they say: numbers, units, negations.

    >>> differences("Give it for two weeks.", "Give it for three weeks.", "en")
    {'numbers'}

Figures and signs are compared as written (guard.py). Number words, negations and comparisons are read as the checks of
translations read them, from the language table; where the words that only one text has cannot be any of these, nothing is read,
which is most of the time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import regex

from globmed_tools import languages
from globmed_tools.languages import Language

from ..checks.bounds import bounds
from ..checks.cues import cues, shape
from ..checks.lexicon import lexicon
from ..checks.number_words import combine
from ..checks.quantities import read
from ..checks.texts import sentences, words
from .guard import SIGNS, signs
from .stretches import Stretch, bare, stretches

#: Characters of a sentence that are read in one go.
_PIECE = 2000
_FIGURE = re.compile(rf"[\d{re.escape(SIGNS)}]")


def differences(one: str, other: str, code: str) -> set[str]:
    """Which of numbers, units and negations two texts of this language do not share; where figures or signs differ already,
    words are not looked at."""
    ours, theirs = (" ".join(text.split()) for text in (one, other))
    if ours == theirs:
        return set()
    found = {name for name, a, b in zip(("numbers", "units"), signs(ours), signs(theirs)) if a != b}
    language = languages.find(code)
    if found or language is None or _tell_the_same(ours, theirs, language):
        return found
    return read_differently(one, other, language)


def read_differently(one: str, other: str, language: Language) -> set[str]:
    """What two texts with the same figures and signs do not share, by a reading of what only one of them has: of its sentences,
    in whatever order the others come, and where words are spaced only of their stretches (stretches.py)."""
    ours, theirs = _left(_sentences(one, language), _sentences(other, language))
    if language.spaces:
        ours, theirs = _unshared(*([part for text in side for part in told(text, language)] for side in (ours, theirs)))
        return _kinds([text for _, text in ours], [text for _, text in theirs], language)
    if len(ours) == len(theirs):
        pairs = ((a, b) for a, b in zip(ours, theirs) if not (a == b or _tell_the_same(a, b, language)))
        found = [kinds for a, b in pairs if (kinds := _kinds([a], [b], language))]
        if len(found) < 2:
            return found[0] if found else set()
    return _kinds(ours, theirs, language)


def _sentences(text: str, language: Language) -> list[str]:
    """The sentences of a text, lines apart, each with single spaces and without quotation marks around it."""
    return [bare(" ".join(one.split())) for one in sentences(text, language)]


def _left(one: Sequence[str], other: Sequence[str]) -> tuple[list[str], list[str]]:
    """Both without the sentences that both have, as often as both have them."""
    both = Counter(one) & Counter(other)
    return _without(one, both), _without(other, both)


def _without(sentences: Sequence[str], both: Counter[str]) -> list[str]:
    left, kept = Counter(both), []
    for one in sentences:
        if left[one]:
            left[one] -= 1
        else:
            kept.append(one)
    return kept


def told(text: str, language: Language) -> list[Stretch]:
    """The stretches of a text in a language with spaces in which something may be told."""
    return stretches(text, _Tokens.of(language.code).__getitem__, _Tells.of(language.code).helps)


def _kinds(ours: Sequence[str], theirs: Sequence[str], language: Language) -> set[str]:
    """What two lists of sentences do not say alike."""
    said = zip(("numbers", "units", "negations"), _all_said(ours, language.code), _all_said(theirs, language.code))
    return {name for name, ours, theirs in said if ours != theirs}


def _unshared(one: Sequence, other: Sequence) -> tuple[Sequence, Sequence]:
    """Both without the parts that both have; where these come in another order, without those at the head and the tail."""
    most = min(len(one), len(other))
    head = next((place for place in range(most) if one[place] != other[place]), most)
    most -= head
    tail = next((place for place in range(most) if one[-1 - place] != other[-1 - place]), most)
    one, other = one[head : len(one) - tail], other[head : len(other) - tail]
    both = set(one) & set(other)
    if [text for text in one if text in both] != [text for text in other if text in both]:
        return one, other
    return [text for text in one if text not in both], [text for text in other if text not in both]


def _all_said(parts: Sequence[str], code: str) -> list[tuple]:
    """What all the parts say, kind by kind. A sentence without an end is cut: reading takes more than its length."""
    pieces = [text[start : start + _PIECE] for text in parts for start in range(0, len(text), _PIECE)]
    return [sum(parts, ()) for parts in zip(*(_said(text, code) for text in pieces))] or [(), (), ()]


def _tell_the_same(one: str, other: str, language: Language) -> bool:
    """Are the words (letters, where words are not spaced) that might be read as a number, a unit, a comparison or a negation
    the same, in the same order, figures among them? A cheap look: it may say no where a reading would say yes."""
    ours, theirs = (side.lower().split() if language.spaces else side.lower() for side in (one, other))
    counts = Counter(ours)
    counts.subtract(theirs)
    uneven = {token for token, count in counts.items() if count}
    if any(may_tell(token, language) for token in uneven):
        return False
    ours, theirs = ([token for token in side if token not in uneven] for side in (ours, theirs))
    return ours == theirs or _telling(ours, language) == _telling(theirs, language)


def _telling(tokens: list[str], language: Language) -> list[str]:
    return [token for token in tokens if _FIGURE.search(token) or may_tell(token, language)]


def may_tell(token: str, language: Language) -> bool:
    """Might these letters between spaces (where words are not spaced: this letter) be read as any of it?"""
    tells = _Tells.of(language.code)
    return any(tells[word] for word in (words(token) if language.spaces else token))


@lru_cache(maxsize=1 << 15)
def _said(text: str, code: str) -> tuple[tuple, tuple, tuple]:
    """The number words (one and a say nothing) with comparisons, units, and negations of a text, each in order."""
    language = languages.get(code)
    negations = tuple((kind, span) for kind, spans in sorted(cues(text, code).items()) for span in spans)
    reading = read(text, language)
    if not (reading.digits or reading.words or reading.soft):  # nothing that could be compared or have a unit
        return (), tuple(one.unit for one in reading.quantities if one.unit), negations
    counted = sorted(
        (one.start, one.value) for one in (*reading.words, *reading.soft) if one.value != 1 or one.kind == "words"
    )
    numbers = (*(value for _, value in counted), *((one.number.value, one.way) for one in bounds(text, language)))
    return numbers, tuple(one.unit for one in reading.quantities if one.unit), negations


class _Tokens(dict):
    """What stands between two spaces -> has it a figure or sign, or may it tell something?"""

    LIMIT = 1 << 18

    def __init__(self, code: str):
        self.language = languages.get(code)

    @classmethod
    @cache
    def of(cls, code: str) -> _Tokens:
        return cls(code)

    def __missing__(self, token: str) -> bool:
        if len(self) >= self.LIMIT:
            self.clear()
        self[token] = tells = bool(_FIGURE.search(token)) or may_tell(token.lower(), self.language)
        return tells


_LITERAL = regex.compile(r"[\p{L}\p{M}]+")


class _Tells(dict):
    """word -> may it tell something? Worked out when it is first met: by the words of the language table's lists, by number
    words within it, by its shape as a negation, by what the number words of the language may look like. A word too many costs a reading and no more. Of what stands in the table only
    as part of an expression, function words tell nothing: "free of" is "free", with or without its "of"."""

    LIMIT = 1 << 18

    def __init__(self, code: str):
        language = languages.get(code)
        self.code, self.spaces, self.language, self.numbers = code, language.spaces, language, lexicon(code)
        lists = [language.negation, language.comparison, language.numbers, language.units]
        self.parts = {part for one in lists for text in _strings(one) for part in _LITERAL.findall(text.lower())}
        self.known = {word for one in lists for word in _parts(one)} - {*language.stopwords, "a", "an"}
        numbers = {word for name in ("words", "scales") for word in _parts(language.numbers.get(name, ""))}
        self.known |= numbers
        if not self.spaces:
            self.known = {letter for word in self.known for letter in word} - set("".join(language.stopwords))
            self.known |= {letter for word in (*numbers, *_parts(language.negation["cues"])) for letter in word}
        within = sorted((word for word in numbers if len(word) > 3), key=len, reverse=True)
        self.within = regex.compile("|".join(map(regex.escape, within)) or "(?!)")

    @classmethod
    @cache
    def of(cls, code: str) -> _Tells:
        return cls(code)

    def __missing__(self, word: str) -> bool:
        if len(self) >= self.LIMIT:
            self.clear()
        plain = word.isalpha()
        tells = word in self.known if plain else any(part in self.known for part in _LITERAL.findall(word))
        if self.spaces and not tells:
            tells = bool(self.within.search(word) or shape(word, self.code)) or self._counts(word, plain)
        self[word] = tells
        return tells

    def helps(self, token: str) -> bool:
        """May it stand in an expression with a word that tells something?"""
        return bare(token).lower() in self.parts

    def _counts(self, word: str, plain: bool) -> bool:
        """May it be read as a number, with whatever accents or endings it has?"""
        if self.language.script == "Kore":
            return bool(combine(word, self.language))
        if plain and self.language.script == "Latn":
            return bool(self.numbers.of(word))
        return any(self.numbers.of(part) for part in self.numbers.word.findall(word))


def _parts(value: Any) -> list[str]:
    """The runs of letters in some strings of the language table, in small letters; single Latin ones are of an expression."""
    found = (part for text in _strings(value) for part in _LITERAL.findall(text.lower()))
    return [part for part in found if len(part) > 1 or not part.isascii()]


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [text for one in inner for text in _strings(one)]
