"""Untranslated: the translation is the source, or long stretches of it are.

    >>> [finding] = check(Pair("question", "Give it with food.", "Toa give it with food.", get("en"), get("sw")))
    >>> finding.score, finding.translation
    (1.0, 'give it with food')

Names of drugs and germs, Latin terms, genes and abbreviations are the same in every language: what is copied counts only
where it comes in runs of three words or more with a small word of the source language (the, of, with) and another word in
small letters in it. A short answer that is all names ("Escherichia coli") is no finding.
"""

from __future__ import annotations

from functools import cache, lru_cache

from globmed_tools.languages import get

from . import Finding, Pair
from .texts import find_run, stretch, words

#: Words in a row that are a copy and no chance; share of copied words that scores 0.5.
RUN, SHARE = 3, 0.25
#: Words in a row that are left over in a text of any length, if two or more of them carry meaning.
CLAUSE = 5


@cache
def _small(source: str, language: str) -> frozenset[str]:
    """Frequent words of the source language that are none of the other."""
    return frozenset(get(source).stopwords) - frozenset(get(language).stopwords)


def check(pair: Pair) -> list[Finding]:
    """At most one finding; its span is the longest run that was copied."""
    if pair.source_language.code == pair.language.code:
        return []
    source, translation = words(pair.source), words(pair.translation)
    if len(source) < RUN or len(translation) < RUN:
        return _short(pair, source, translation)
    runs = _copied(_threes(pair.source), translation)
    if not runs:
        return []
    small = _small(pair.source_language.code, pair.language.code)
    counted = [run for run in runs if _is_prose(translation[run[0] : run[1]], small, pair.translation)]
    copied = sum(b - a for a, b in counted)
    if not copied:
        return []
    score = min(1.0, 0.5 * copied / len(translation) / SHARE)
    a, b = max(counted, key=lambda run: run[1] - run[0])
    if b - a >= CLAUSE and _content(translation[a:b], small, pair.translation) > 1:
        score = max(score, 0.6)
    spans = find_run(pair.source, translation[a:b]), stretch(pair.translation, a, b)
    detail = f"{copied} of {len(translation)} words are copied from the source"
    return [Finding("untranslated", round(score, 3), pair.field, *spans, detail)]


def _is_prose(run: tuple[str, ...], small: frozenset[str], text: str) -> bool:
    """Has the run a small word of the source language, and another word in small letters (so that it is no name)?"""
    return not small.isdisjoint(run) and _content(run, small, text) > 0


def _content(run: tuple[str, ...], small: frozenset[str], text: str) -> int:
    """The words that carry meaning and are written in small letters."""
    return sum(len(word) > 3 and word not in small and word.isalpha() and word in text for word in run)


def _short(pair: Pair, source: tuple[str, ...], translation: tuple[str, ...]) -> list[Finding]:
    """One or two words: a copy is a fault only where one of them is a small word of the source language."""
    small = _small(pair.source_language.code, pair.language.code)
    if source == translation and not small.isdisjoint(source):
        text = pair.translation.strip()
        return [Finding("untranslated", 0.6, pair.field, text, text, "the same words as the source")]
    return []


@lru_cache(maxsize=4096)
def _threes(text: str) -> frozenset[tuple[str, ...]]:
    found = words(text)
    return frozenset(zip(found, found[1:], found[2:], strict=False))


def _copied(known: frozenset[tuple[str, ...]], translation: tuple[str, ...]) -> list[tuple[int, int]]:
    """[start, end) of the runs of RUN words or more in the translation whose every RUN words are known."""
    if known.isdisjoint(zip(translation, translation[1:], translation[2:], strict=False)):
        return []
    runs: list[tuple[int, int]] = []
    for place, three in enumerate(zip(translation, translation[1:], translation[2:], strict=False)):
        if three not in known:
            continue
        if runs and runs[-1][1] >= place + 1:
            runs[-1] = (runs[-1][0], place + RUN)
        else:
            runs.append((place, place + RUN))
    return runs
