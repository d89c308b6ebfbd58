"""Glossary: a term of the source that the translation does not render as the glossary says.

    >>> terms = read(Path("f_en-sw_KE.csv"))
    >>> [finding] = check(Pair("question", "Is quarantine needed?", "Je, kutengwa kunahitajika?", en, sw), terms)
    >>> finding.source, finding.detail
    ('quarantine', "the glossary has 'karantini'")

The file is a glossary that `globmed curate glossary build` made, or a CSV, TSV or TMX of terms as it is (globmed_curation.glossary
reads it and finds the terms); several translations of a term are alternatives. A word counts as present when its stem is: the
first letters without the last two (inflection), anywhere in a word (the prefixes of Zulu and Swahili).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ..glossary import Glossary
from . import Finding, Pair
from .texts import words

#: Score of a term that is missing; of one of several words, of which some are there.
MISSING, PARTLY = 0.6, 0.3


@lru_cache(maxsize=8)
def read(path: Path) -> Glossary:
    """The glossary in a file; GlobmedError where it cannot be read or lacks a column."""
    return Glossary.open(path)


def check(pair: Pair, terms: Glossary) -> list[Finding]:
    """One finding for each term of the source that the translation does not render."""
    hits = terms.find(pair.source, pair.language.code, pair.source_language.code)
    text = pair.translation.lower() if hits else ""
    findings = (_missing(pair, pair.source[hit.start : hit.end], hit.targets, text) for hit in hits)
    return [finding for finding in findings if finding]


def _missing(pair: Pair, term: str, targets: tuple[str, ...], text: str) -> Finding | None:
    if term.lower() in text:
        return None
    best = 0.0
    for target in targets:
        stems = _stems(target, pair.language.spaces)
        best = max(best, sum(stem in text for stem in stems) / len(stems))
        if best == 1.0:
            return None
    score = PARTLY if best >= 0.5 else MISSING
    detail = f"the glossary has {' or '.join(map(repr, targets))}"
    return Finding("glossary", score, pair.field, term, "", detail)


@lru_cache(maxsize=8192)
def _stems(term: str, spaces: bool) -> tuple[str, ...]:
    """What of each word has to be there; of short words all."""
    found = words(term) or (term.lower(),)
    if not spaces:
        return found
    content = [word for word in found if len(word) > 3] or found
    return tuple(word[: max(4, len(word) - 2)] for word in content)
