"""Sentences: one that has no counterpart, left out or added.

    >>> source = "Drink a glass of water with every tablet. Stop at once and call us if your skin itches or turns red."
    >>> [finding] = check(Pair("context", source, "Kunywa glasi ya maji kwa kila tembe.", get("en"), get("sw")))
    >>> finding.source, finding.translation
    ('Stop at once and call us if your skin itches or turns red.', '')

Sentences of both sides are aligned (`align.py`), once with and once without leaving any out; the score says how much
better the text is explained by a missing sentence. Which of two sentences of equal length is missing may be guessed
wrong.
"""

from __future__ import annotations

from math import exp, log

from . import Finding, Pair
from .align import align
from .length import deviation, size
from .texts import sentences

#: Longer texts than this are not aligned; their count alone is compared.
MOST = 80
#: z of the length of the whole text from which a sentence may be missing although their number is right.
LOPSIDED = 1.0


def check(pair: Pair) -> list[Finding]:
    """At most one finding: the first sentence without a counterpart."""
    source = sentences(pair.source, pair.source_language)
    translation = sentences(pair.translation, pair.language)
    if (len(source) < 2 and len(translation) < 2) or not source or not translation:
        return []
    if len(source) > MOST or len(translation) > MOST:
        return _count(pair, len(source), len(translation))
    if len(source) == len(translation) and not _lopsided(pair):
        return []
    best, without, missing = align(pair, source, translation)
    if missing is None:
        return []
    score = 1 / (1 + exp(min(50.0, best - without)))
    a, b = missing
    span, other = (source[a], "") if b is None else ("", translation[b])
    what = "a sentence of the source" if b is None else "an added sentence"
    detail = f"{what} has no counterpart: {len(source)} sentences in the source, {len(translation)} in the translation"
    return [Finding("sentences", round(score, 3), pair.field, span, other, detail)]


def _count(pair: Pair, source: int, translation: int) -> list[Finding]:
    change = abs(log(translation / source))
    if change < 0.1:
        return []
    detail = f"{source} sentences in the source, {translation} in the translation"
    return [Finding("sentences", round(min(1.0, change), 3), pair.field, "", "", detail)]


def _lopsided(pair: Pair) -> bool:
    """Is the whole translation so short or long that a sentence may be missing although their number is right?"""
    of, into = pair.source_language, pair.language
    return abs(deviation(size(pair.source, of), size(pair.translation, into), of, into)) > LOPSIDED
