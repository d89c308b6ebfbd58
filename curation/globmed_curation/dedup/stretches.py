"""The stretches of a text in which something may be told: words that may be a number, unit, comparison or negation, and what
stands between such words where they are close.

    >>> [text for _, text in stretches("He took it for two full weeks and, so they said, it did not help.", tells)]
    ['for two full weeks', 'not']

To read the few words of a stretch costs a tenth of what reading its sentence does, and the same stretch comes in many texts.
A stretch has a key, in which every word between that tells nothing is one and the same sign: two texts with the same keys
tell the same. Quotation marks around a word do not enter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

#: Words that tell nothing, up to which two words belong together: so many stand between a number and its comparison at most.
GAP = 3
#: Words of a stretch, after which another begins.
LONGEST = 40
_EDGES = "\"“”„‟«»‹›'‘’‚‛"
_SILENT = "·"

Stretch = tuple[tuple[str, ...], str]


def stretches(text: str, tells: Callable[[str], bool], helps: Callable[[str], bool]) -> list[Stretch]:
    """(key, text to read) of each, in order. tells(word as it stands between spaces) says whether it may tell something;
    helps(word), whether it may be part of an expression with one that does."""
    words = text.split()
    told = [place for place, word in enumerate(words) if tells(word)]
    found: list[Stretch] = []
    start = 0
    for number, place in enumerate(told):
        last = number + 1 == len(told) or told[number + 1] - place > GAP + 1 or number - start + 1 == LONGEST
        if last:
            found.append(_stretch(words, told[start : number + 1], helps))
            start = number + 1
    return found


def _stretch(words: Sequence[str], told: Sequence[int], helps: Callable[[str], bool]) -> Stretch:
    key, place = [], told[0]
    for one in told:
        key += [_SILENT] * (one - place)
        key.append(bare(words[one]))
        place = one + 1
    first = told[0]
    while first and helps(words[first - 1]):
        first -= 1
    while place < len(words) and helps(words[place]):
        place += 1
    # Whether a word with a capital is a name shows in what stands before it; a unit stands behind its number.
    first -= first > 0 and bare(words[first])[:1].isupper()
    return tuple(key), " ".join(map(bare, words[first : place + 1]))


@lru_cache(maxsize=1 << 17)
def bare(word: str) -> str:
    """Without quotation marks around it."""
    return word.strip(_EDGES)
