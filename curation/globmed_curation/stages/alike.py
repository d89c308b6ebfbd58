"""Are two entries one? Their texts side by side, their options as sets, and what no similarity may outvote.

    >>> one, other = content(entry), content(changed)            # "Give 5 mg." and "Give 50 mg."
    >>> compare([(one, other)], Rule())
    [Likeness(similarity=0.86, differs=('numbers',))]

Every text of one entry (question, context, reference) must be like its counterpart. Options have no order: of the shorter list so
many must stand in the other one, equal after folding, their numbers and signs included. Entries that are alike but for their
numbers, units, negations or gold answer are told apart by `differs`: nobody may merge them. Number words, negations and
comparisons are read as the checks of translations read them, from the language table; where the words that only one text has
cannot be any of these, nothing is read, which is most of the time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

import regex

from globmed_tools import languages
from globmed_tools.entry import Entry
from globmed_tools.languages import Language

from ..checks.bounds import bounds
from ..checks.cues import cues
from ..checks.quantities import read
from ..checks.texts import sentences, words
from ..dedup import jaccard, signs

#: Which hash a text gets: the same words as a question and as an option are not the same.
OPTION = 3
#: Characters of a sentence that are read in one go.
_PIECE = 2000


class Content(NamedTuple):
    """What of an entry is compared. parts: question, context, reference, "" where there is none; gold: indices of options,
    or the label alone."""

    language: str
    parts: Sequence[str]
    options: Sequence[str]
    gold: Sequence[Any]

    @property
    def texts(self) -> list[str]:
        return [*self.parts, *self.options]

    @property
    def roles(self) -> list[int]:
        return [*range(len(self.parts)), *[OPTION] * len(self.options)]


@dataclass(frozen=True, slots=True)
class Rule:
    """threshold: least Jaccard similarity of every text; options: least share of the shorter list; n: length of a run."""

    threshold: float = 0.7
    options: float = 0.75
    n: int = 5


class Likeness(NamedTuple):
    """similarity: of the texts that are least alike; differs: what forbids to take the two for one, in alphabetical order."""

    similarity: float
    differs: tuple[str, ...]


def content(entry: Entry) -> Content:
    """What of an entry is compared with others."""
    parts = (entry.question, entry.context or "", entry.reference or "")
    gold = entry.answers if entry.options else (entry.label,) if entry.label else ()
    return Content(entry.language, parts, entry.options, gold)


def compare(pairs: Sequence[tuple[Content, Content]], rule: Rule) -> list[Likeness | None]:
    """How alike both of each pair are; None where they are not. Both must be of one language."""
    owner = [number for number, (one, _) in enumerate(pairs) for _ in one.parts]
    first = [text for one, _ in pairs for text in one.parts]
    second = [text for _, other in pairs for text in other.parts]
    least = [1.0] * len(pairs)
    for number, value in zip(owner, jaccard(first, second, rule.n).tolist(), strict=True):
        least[number] = min(least[number], value)
    return [
        _likeness(one, other, value, rule) if value >= rule.threshold else None
        for (one, other), value in zip(pairs, least, strict=True)
    ]


def _likeness(one: Content, other: Content, similarity: float, rule: Rule) -> Likeness | None:
    ours, theirs = ({_key(text): text for text in side.options} for side in (one, other))
    shared = ours.keys() & theirs.keys()
    if bool(ours) != bool(theirs) or (ours and len(shared) < rule.options * min(len(ours), len(theirs))):
        return None
    differs = {name for pair in zip(one.parts, other.parts) for name in differences(*pair, one.language)}
    rest = ["\n".join(sorted(side[key] for key in side.keys() - shared)) for side in (ours, theirs)]
    if all(rest):
        differs |= differences(*rest, one.language)
    if _gold(one) != _gold(other):
        differs.add("gold")
    return Likeness(round(similarity, 4), tuple(sorted(differs)))


def _gold(side: Content) -> frozenset:
    return frozenset(_key(side.options[place]) for place in side.gold) if side.options else frozenset(side.gold)


_NO_LETTER = regex.compile(r"[^\p{L}\p{M}\p{N}]+")


@lru_cache(maxsize=1 << 16)
def _key(option: str) -> tuple:
    """Equal for two writings of one option."""
    letters = _NO_LETTER.sub("", option.casefold())
    spaced = " ".join(option.split())
    return (letters, signs(spaced)) if letters else (spaced,)


def differences(one: str, other: str, code: str) -> set[str]:
    """Which of numbers, units and negations two texts of this language do not share; where figures or signs differ already,
    words are not looked at."""
    one, other = " ".join(one.split()), " ".join(other.split())
    if one == other:
        return set()
    found = {name for name, ours, theirs in zip(("numbers", "units"), signs(one), signs(other)) if ours != theirs}
    language = languages.find(code)
    if found or language is None:
        return found
    if _tell_the_same(one, other, language):
        return found
    ours, theirs = _unshared(sentences(one, language), sentences(other, language))
    said = zip(("numbers", "units", "negations"), _all_said(ours, code), _all_said(theirs, code))
    return {name for name, ours, theirs in said if ours != theirs}


def _unshared(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[Sequence[str], Sequence[str]]:
    """Both without the sentences that both have; as they are, where these come in another order."""
    both = set(one) & set(other)
    if [text for text in one if text in both] != [text for text in other if text in both]:
        return one, other
    return [text for text in one if text not in both], [text for text in other if text not in both]


def _all_said(sentences: Sequence[str], code: str) -> list[tuple]:
    """What all the sentences say, kind by kind. A sentence without an end is cut: reading takes more than its length."""
    pieces = [text[start : start + _PIECE] for text in sentences for start in range(0, len(text), _PIECE)]
    return [sum(parts, ()) for parts in zip(*(_said(text, code) for text in pieces))] or [(), (), ()]


def _tell_the_same(one: str, other: str, language: Language) -> bool:
    """Are the words (letters, where words are not spaced) that might be read as a number, a unit, a comparison or a negation
    the same, in the same order? A cheap look: it may say no where a reading would say yes, and not the other way."""
    ours, theirs = (side.lower().split() if language.spaces else side.lower() for side in (one, other))
    counts = Counter(ours)
    counts.subtract(theirs)
    uneven = {token for token, count in counts.items() if count}
    tells = _Tells.of(language.code)
    if any(tells[word] for token in uneven for word in (words(token) if language.spaces else token)):
        return False
    return [token for token in ours if token not in uneven] == [token for token in theirs if token not in uneven]


@lru_cache(maxsize=4096)
def _said(text: str, code: str) -> tuple[tuple, tuple, tuple]:
    """The number words (one and a say nothing) with comparisons, units, and negations of a text, each in order."""
    language = languages.get(code)
    reading = read(text, language)
    counted = sorted(
        (one.start, one.value) for one in (*reading.words, *reading.soft) if one.value != 1 or one.kind == "words"
    )
    numbers = (*(value for _, value in counted), *((one.number.value, one.way) for one in bounds(text, language)))
    negations = tuple((kind, *spans) for kind, spans in sorted(cues(text, code).items()))
    return numbers, tuple(one.unit for one in reading.quantities if one.unit), negations


_LITERAL = regex.compile(r"[\p{L}\p{M}]+")


class _Tells(dict):
    """word -> may it tell something? Worked out when it is first met: by the words of the language table's lists, by number
    words within it, by its shape as a negation. A word too many costs a reading and no more. Of what stands in the table only
    as part of an expression, function words tell nothing: "free of" is "free", with or without its "of"."""

    LIMIT = 1 << 18

    def __init__(self, code: str):
        language = languages.get(code)
        self.code, self.spaces = code, language.spaces
        lists = [language.negation, language.comparison, language.numbers, language.units]
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
        tells = any(part in self.known for part in _LITERAL.findall(word))
        if self.spaces and not tells:
            tells = bool(self.within.search(word) or cues(word, self.code))
        self[word] = tells
        return tells


def _parts(value: Any) -> list[str]:
    """The runs of letters in some strings of the language table, in small letters; single Latin ones are of an expression."""
    found = (part for text in _strings(value) for part in _LITERAL.findall(text.lower()))
    return [part for part in found if len(part) > 1 or not part.isascii()]


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [text for one in inner for text in _strings(one)]
