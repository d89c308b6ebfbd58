"""Loop: words that come again and again, as they do where a model got stuck, and not in the source.

    >>> [finding] = check(Pair("question", "Rest well.", "Pumzika vizuri sana " * 6, get("en"), get("sw")))
    >>> finding.score, finding.detail
    (0.9, "'Pumzika vizuri sana' stands 6 times in a row")

Measured as the share of three-word runs (in zh and ja: of six characters) that repeat an earlier one, less the same share
of the source; words that stand four times without anything between them are a loop in a text of any length.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

import regex

from . import Finding, Pair
from .texts import find_run, words

#: Excess share that scores 0.5, and the fewest repeats that are looked at.
SHARE, FEWEST = 0.2, 3
#: The same one to sixty characters four times or more in a row, a letter among them.
_TANDEM = regex.compile(r"(?=.{0,60}\p{L})(.{1,60}?)\1{3,}", regex.S)
_NOT_WORD = regex.compile(r"[^\p{L}\p{M}\p{N}]+")
_LONGEST, _FOUR = 60, re.compile(r"(.)\1{3}", re.S)
#: Characters below which no text can have FEWEST repeats: words of one letter, and signs of which six make a run.
_SHORTEST = 9


@lru_cache(maxsize=4096)
def repeats(text: str, spaces: bool) -> tuple[int, int]:
    """(runs that repeat an earlier one, all runs)."""
    runs = list(_runs(text, spaces))
    return len(runs) - len(set(runs)), len(runs)


def _runs(text: str, spaces: bool):
    if spaces:
        found = words(text)
        return zip(found, found[1:], found[2:], strict=False)
    bare = _NOT_WORD.sub("", text)
    return [bare[place : place + 6] for place in range(len(bare) - 5)]


def check(pair: Pair) -> list[Finding]:
    """At most one finding, whose span is the run that comes most often."""
    if len(pair.translation) < _SHORTEST:
        return []
    if pair.language.spaces:
        found = words(pair.translation)
        if len(found) - len(set(found)) < FEWEST:  # where hardly a word comes twice, no run does
            return []
    again, runs = repeats(pair.translation, pair.language.spaces)
    if again < FEWEST:
        return []
    if found := _tandem(pair):
        return found
    before, of = repeats(pair.source, pair.source_language.spaces)
    excess = again / runs - (before / of if of else 0.0)
    if excess <= 0.05:
        return []
    (run, times), *_ = Counter(_runs(pair.translation, pair.language.spaces)).most_common(1)
    span = run if isinstance(run, str) else find_run(pair.translation, run)
    detail = f"{again} of {runs} runs of words repeat earlier ones; {span!r} stands {times} times"
    return [Finding("loop", round(min(1.0, 0.5 * excess / SHARE), 3), pair.field, "", span, detail)]


def _tandem(pair: Pair) -> list[Finding]:
    if not _may_loop(pair.translation):
        return []
    match = next((one for one in _TANDEM.finditer(pair.translation) if any(map(str.isalpha, one[1]))), None)
    if match is None or _TANDEM.search(pair.source):
        return []
    times = len(match[0]) // len(match[1])
    return [Finding("loop", 0.9, pair.field, "", match[0], f"{match[1].strip()!r} stands {times} times in a row")]


def _may_loop(text: str) -> bool:
    """False where _TANDEM finds no unit with a letter in it, for a twentieth of its price.

    A unit of n characters that stands four times puts four equal characters in a row into every nth character of the
    text, wherever it begins; from there the repetition is followed to both its ends.
    """
    for size in range(1, min(_LONGEST, len(text) // 4) + 1):
        every, after = text[::size], 0
        while four := _FOUR.search(every, after):
            start = end = four.start() * size
            while start and text[start - 1] == text[start - 1 + size]:
                start -= 1
            while end + size < len(text) and text[end] == text[end + size]:
                end += 1
            if end - start >= 3 * size and any(map(str.isalpha, text[start : start + size])):
                return True
            after = max(four.start() + 1, end // size)
    return False
