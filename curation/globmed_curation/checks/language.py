"""Language: the translation is not in the language it should be in.

    >>> zulu = "Unesikhathi esingakanani unalobu buhlungu?"
    >>> check_all([Pair("question", "How long have you had this pain?", zulu, get("en"), get("sw"))])
    [[Finding(check='language', score=1.0, field='question', source='', translation='', detail=...)]]

All texts of a call are identified at once. A text with too few letters to tell is left alone, and so are short ones and
options whose source is not known for its own language either: a name is a name in any language. The score is how sure the
identifier is that the language is another; a text in no language that it knows scores by its length, since short texts
full of names are taken for that too. Where the right language came close (Malay for Indonesian, Xhosa for Zulu), only strong
evidence for the other one scores high.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING

import regex

from . import Finding, Pair

if TYPE_CHECKING:
    from ..lid.kernel import Judged

#: Letters below which a text is not judged (alphabets; scripts that write a syllable or a word a sign), and words.
FEWEST, FEWEST_SIGNS, FEWEST_WORDS = 14, 5, 3
#: Words from which a text that is no option is taken for more than names.
SENTENCE = 5
#: What is taken off the score of a text shorter than so many characters (in signs: a third).
DOUBT, SHORT = 0.25, 36
#: Characters of a text in no known language that score 1 (0.9 at most).
UNKNOWN_LENGTH = 200
#: The odds (their logarithm) that another language needs over the right one, where that one came close, to score 0.5.
CLOSE = 5.0
_ENOUGH, _ENOUGH_SIGNS = (regex.compile(rf"(?:\P{{L}}*+\p{{L}}){{{fewest}}}") for fewest in (FEWEST, FEWEST_SIGNS))


def check_all(pairs: Sequence[Pair], model: Path | None = None) -> list[list[Finding]]:
    """The findings of each pair, in order; model: another fastText model than the shipped one."""
    from ..lid import NO_LETTERS, identify, load
    from ..lid.kernel import MIN_SCORE

    judged = [place for place, pair in enumerate(pairs) if _long_enough(pair)]
    claimed = [pairs[place].language.code for place in judged]
    guesses = load(model).judge([pairs[place].translation for place in judged], claimed)
    wrong = [
        (place, guess)
        for place, code, guess in zip(judged, claimed, guesses, strict=True)
        if guess.code != NO_LETTERS and (guess.code != code or guess.score < MIN_SCORE)
    ]
    # Names and Latin terms are taken for many languages; where the source is not known for its own either, nothing is
    # said of anything short.
    short = [place for place, _ in wrong if not _is_sentence(pairs[place])]
    sources = dict(zip(short, identify([pairs[place].source for place in short], model), strict=True))
    found: list[list[Finding]] = [[] for _ in pairs]
    for place, guess in wrong:
        pair = pairs[place]
        if place not in sources or sources[place].code == pair.source_language.code:
            found[place].append(_finding(pair, guess))
    return found


def _is_sentence(pair: Pair) -> bool:
    return not pair.field.startswith("option") and len(pair.translation.split()) >= SENTENCE


def _finding(pair: Pair, guess: Judged) -> Finding:
    from ..lid.kernel import MIN_SCORE

    score, detail = guess.score * guess.share, f"identified as {guess.code}, not {pair.language.code}"
    if guess.score < MIN_SCORE:
        score, detail = min(0.9, len(pair.translation) / UNKNOWN_LENGTH), "in no language that is known"
    else:
        if pair.language.code in guess.scores:
            # share is the logistic of those odds
            score = guess.score / (1 + exp(CLOSE) * (1 - guess.share) / guess.share)
        if len(pair.translation) < (SHORT if pair.language.spaces else SHORT // 3):
            score -= DOUBT
    return Finding("language", round(max(0.0, score), 3), pair.field, "", "", detail)


def _long_enough(pair: Pair) -> bool:
    text = pair.translation
    if not pair.language.spaces or pair.language.script == "Kore":
        return _ENOUGH_SIGNS.match(text) is not None
    # Options, a line each, are judged where they are phrases and not just names.
    return _ENOUGH.match(text) is not None and len(text.split()) >= FEWEST_WORDS * (1 + text.count("\n"))


def check(pair: Pair) -> list[Finding]:
    """`check_all` for one pair."""
    return check_all([pair])[0]
