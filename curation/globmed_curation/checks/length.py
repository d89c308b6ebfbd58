"""Length: a translation far shorter or longer than translations into this language are.

    >>> [finding] = check(Pair("question", "word " * 40, "neno", get("en"), get("sw")))
    >>> finding.score, finding.detail
    (1.0, '4 letters for 200 where 216 are usual (ratio 0.02, z -38.7)')

The ratio of lengths is lognormal, wider for short texts: variance = spread² + NOISE / length. Mean ratio and spread of
each language against English stand in languages.toml; of two other languages they are combined. A sign of Chinese,
Japanese or Korean counts as three letters (its bytes in UTF-8), since texts in these mix signs with Latin names.
"""

from __future__ import annotations

import re
from functools import cache
from math import exp, log, sqrt

from globmed_tools.languages import Language

from . import Finding, Pair

#: Variance of log ratio times characters of English; one value fits human translations into all sixteen languages.
NOISE = 1.4
#: z at which the score is 0.5; of clean human translations about 1 in 1,000 lies beyond.
LIMIT = 4.5


#: Scripts whose signs are whole syllables or words.
_SIGNS = frozenset(("Hans", "Jpan", "Kore"))


_MARKS = re.compile("[\u0300-\u036f]")


def size(text: str, language: Language) -> int:
    """Length in letters; at least 1. Tone marks and dots set below a letter do not count: much Yoruba is written without."""
    if text.isascii():
        return len(text) or 1
    if language.script in _SIGNS:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) - len(_MARKS.findall(text))


@cache
def expected(source: str, language: str, given: tuple[float, float] | None = None) -> tuple[float, float]:
    """(log of the ratio, variance of it without the noise of short texts) for a pair of language codes."""
    from globmed_tools.languages import get

    if given:
        return log(given[0]), given[1] ** 2
    a, b = get(source).length, get(language).length
    return log(b["ratio"] / a["ratio"]), a["spread"] ** 2 + b["spread"] ** 2


def z(source: int, translation: int, mean: float, variance: float, source_ratio: float) -> float:
    """How many standard deviations the ratio of two lengths lies from what is usual."""
    english = source / source_ratio
    return (log(translation / source) - mean) / sqrt(variance + NOISE / english)


def deviation(source: int, translation: int, of: Language, into: Language, given=None) -> float:
    """`z` for texts of so many characters; a length of 0 counts as 1."""
    mean, variance = expected(of.code, into.code, given)
    return z(max(source, 1), max(translation, 1), mean, variance, of.length["ratio"])


def check(pair: Pair, given: tuple[float, float] | None = None) -> list[Finding]:
    """given: (ratio, spread) of this pair of languages, where the settings say so."""
    source, translation = size(pair.source, pair.source_language), size(pair.translation, pair.language)
    found = deviation(source, translation, pair.source_language, pair.language, given)
    if -2 < found < 2:
        return []
    score = min(1.0, abs(found) / (2 * LIMIT))
    usual = source * exp(expected(pair.source_language.code, pair.language.code, given)[0])
    ratio = translation / max(source, 1)
    detail = f"{translation} letters for {source} where {usual:.0f} are usual (ratio {ratio:.2f}, z {found:.1f})"
    return [Finding("length", round(score, 3), pair.field, "", "", detail)]
