"""Truncation: a translation that breaks off.

    >>> source = "Take the tablets with food, and drink plenty of water."
    >>> [finding] = check(Pair("question", source, "Kunywa tembe pamoja na", get("en"), get("sw")))
    >>> finding.score, finding.translation
    (0.9, 'Kunywa tembe pamoja na')

The source ends with a stop and the translation does not; the more is missing by length, the surer. Where the source has
no stop at its end (a heading), and in options, whose stops come and go, only a translation that ends in a comma, hyphen or open bracket is suspect, or one
that is far too short.
"""

from __future__ import annotations

from . import Finding, Pair
from .length import deviation, size
from .texts import CLOSERS, STOPS

#: Characters that no text ends with.
_OPEN = frozenset(",;:-–—([{（「『،、，；：/&+=")
#: Score of a missing stop in a text of usual length, and what each standard deviation of missing length adds.
#: (Chinese and Japanese lengths say less, and their texts hardly ever go without a stop.)
BASE, BASE_UNSPACED, PER_DEVIATION = 0.45, 0.6, 0.2
#: Standard deviations of missing length that are suspect where neither side ends with a stop.
SHORT = 3.2
_SHOWN = 40


def check(pair: Pair) -> list[Finding]:
    """At most one finding; its spans are the ends of both texts."""
    source, translation = pair.source.rstrip(CLOSERS), pair.translation.rstrip(CLOSERS)
    if not source or not translation:
        return []
    end = translation[-1]
    if end in STOPS:
        return []
    of, into = pair.source_language, pair.language
    short = -deviation(size(pair.source, of), size(pair.translation, into), of, into)
    if source[-1] in STOPS and not pair.field.startswith("option"):
        if source.endswith(("..", "…")):
            return []
        base = BASE if into.spaces else BASE_UNSPACED
        score = 0.9 if end in _OPEN else min(0.9, max(0.3, base + PER_DEVIATION * short))
        detail = f"the source ends with {source[-1]!r}, the translation does not"
    elif end in _OPEN and source[-1] not in _OPEN:
        score, detail = 0.7, f"the translation ends with {end!r}"
    elif short > SHORT:
        score, detail = min(0.9, 0.5 * short / SHORT), "the translation is far too short"
    else:
        return []
    shown = (pair.source[-_SHOWN:], pair.translation[-_SHOWN:])
    return [Finding("truncation", round(score, 3), pair.field, *shown, detail)]
