"""Options: lost, made alike, or in another order.

    >>> check(english, swahili)[0]       # options 5 mg | 10 mg | 20 mg against mg 10 | mg 5 | mg 20
    Finding(check='options', score=1.0, field='option 1', source='5 mg', translation='mg 10', detail="option 1 ('5 mg') ...")

This check sees the options of one entry together. An option is known again by its numbers and by words that both
languages write alike (names of drugs and germs), whatever prefix or ending they have there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import regex

from globmed_tools.languages import Language

from . import Finding

_NUMBER = regex.compile(r"\p{Nd}+")
_MARKS = regex.compile(r"\p{Mn}+")
_LATIN = regex.compile(r"[a-z]{4,}")
#: Letters of a word by which it is known again in another language (aspirin, aspirina, Aspirin, i-aspirin).
_STEM = 5
#: Score of one option alone that shares a name with another's place: as often as not it shares it by chance.
LONELY = 0.4


@lru_cache(maxsize=16384)
def _numbers(text: str) -> tuple[int, ...]:
    """The runs of digits, in any script's digits, without thousands or decimals told apart."""
    return tuple(map(int, _NUMBER.findall(text)))


@lru_cache(maxsize=16384)
def _stems(text: str) -> frozenset[str]:
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFD", text))
    return frozenset(word[:_STEM] for word in _LATIN.findall(text.lower()))


def check(source: Sequence[str], translation: Sequence[str], of: Language, into: Language) -> list[Finding]:
    """Findings on the options of one entry and of its translation."""
    if len(source) != len(translation):
        detail = f"{len(source)} options in the source, {len(translation)} in the translation"
        return [Finding("options", 1.0, "options", "", "", detail)]
    return [*_alike(source, translation), *_order(source, translation)]


def _alike(source: Sequence[str], translation: Sequence[str]) -> list[Finding]:
    """Pairs of options that differ in the source and are the same in the translation."""
    plain = [" ".join(text.lower().split()).rstrip(".。।") for text in translation]
    if len(set(plain)) == len(plain):
        return []
    found = []
    for later, text in enumerate(plain):
        first = plain.index(text)
        if first < later and source[first].strip() != source[later].strip():
            detail = f"options {first + 1} and {later + 1} are the same in the translation"
            both = f"{source[first]} | {source[later]}"
            found.append(Finding("options", 1.0, f"option {later + 1}", both, translation[later], detail))
    return found


def _order(source: Sequence[str], translation: Sequence[str]) -> list[Finding]:
    """Options that stand in another place: by their numbers, else by the names in them."""
    numbers, others = [_numbers(text) for text in source], [_numbers(text) for text in translation]
    if numbers != others and all(numbers) and len(set(numbers)) == len(numbers) and sorted(numbers) == sorted(others):
        return _moved(source, translation, {i: others.index(one) for i, one in enumerate(numbers)}, 1.0)
    stems, places = [_stems(text) for text in source], {}
    here = [_stems(text) for text in translation]
    for i, mine in enumerate(stems):
        own = mine.difference(*(other for j, other in enumerate(stems) if j != i))
        if not own or own & here[i]:
            continue
        elsewhere = [j for j, other in enumerate(here) if own & other]
        if len(elsewhere) == 1:
            places[i] = elsewhere[0]
    return _moved(source, translation, places, 0.9 if len(places) > 1 else LONELY)


def _moved(source, translation, places: dict[int, int], score: float) -> list[Finding]:
    found = []
    for i, j in places.items():
        if i != j:
            detail = f"option {i + 1} of the source is option {j + 1} of the translation"
            found.append(Finding("options", score, f"option {i + 1}", source[i], translation[i], detail))
    return found
