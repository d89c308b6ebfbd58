"""Numbers: a value that one side has and the other has not.

    >>> pair = Pair("question", "Give 5 mg, not more.", "Mpe mg 50, si zaidi.", get("en"), get("sw"))
    >>> [finding] = check(pair)
    >>> finding.score, finding.source, finding.translation
    (1.0, '5', '50')

What stands in digits on one side has to stand on the other, in digits or in words, in any order, as often (matching.py). Digits
that are answered by other digits are a changed number; digits with nothing left on the other side are lost or added; number
words with nothing are weak evidence, since "one", "both", "couple", "first" come and go. 5 miles against 8 km is left to
`units`.
"""

from __future__ import annotations

from collections import Counter

from . import Finding, Pair
from .conversions import converted
from .digits import Number
from .matching import Rest
from .quantities import Reading, read

#: Scores: digits against other digits, or against a number word that says something else; digits lost or added.
CHANGED, CHANGED_WORD, LOST, ADDED = 1.0, 0.8, 0.9, 0.9
#: One number word against one other; the same digits less or more often; digits of a name, a 1 or a decade alone; a word alone.
WORDS, COUNT, SLIGHT, WORD = 0.6, 0.4, 0.4, 0.2


def check(pair: Pair) -> list[Finding]:
    """Findings, worst first: one for each number (or pair of numbers) that stands alone."""
    source, translation = read(pair.source, pair.source_language), read(pair.translation, pair.language)
    if not (source.digits or translation.digits or source.names or translation.names or source.words):
        return []
    rest = Rest(source, translation)
    found: list[Finding] = []

    def add(score: float, one: Number | None, other: Number | None, detail: str) -> None:
        spans = (source.span(one) if one else "", translation.span(other) if other else "")
        found.append(Finding("numbers", score, pair.field, *spans, detail))

    _digits(rest, add)
    _names(rest, add)
    if any(rest.words):
        _words(rest, add)
    return sorted(found, key=lambda one: -one.score) if len(found) > 1 else found


def _digits(rest: Rest, add) -> None:
    source, translation = list(rest.source), list(rest.translation)
    if source or translation:
        for one, _other, side in converted(rest.of, rest.to, source, translation):
            (source if side == "source" else translation).remove(one.number)
    while source and translation:
        one = source.pop(0)
        other = translation.pop(_likest(one, translation))
        add(CHANGED, one, other, f"{one.value} in the source, {other.value} in the translation")
    _digits_and_words(rest, source, translation, add)
    for one in source:
        add(_weight(one, rest.of, rest.to, LOST), one, None, f"{one.value} is not in the translation")
    for other in translation:
        add(_weight(other, rest.to, rest.of, ADDED), None, other, f"{other.value} is not in the source")


def _digits_and_words(rest: Rest, source: list[Number], translation: list[Number], add) -> None:
    """Digits (alone, or answered by a soft word only) against a number of the other side that stands alone."""
    words, doubtful = rest.words, rest.doubtful
    for digits, doubts, spare, theirs in (
        (translation, doubtful[1], source, words[0]),
        (source, doubtful[0], translation, words[1]),
    ):
        for number in [*digits, *doubts]:
            doubted = number in doubts
            lists = [theirs]
            if doubted:
                lists.append(spare)
                if digits is translation and number.value == 1:  # sixth, 1位
                    lists.append(rest.ordinals)
            alone = next((one for one in lists if one), None)
            if alone is None:
                continue
            partner = alone.pop(0)
            if not doubted:
                digits.remove(number)
            one, other = (partner, number) if digits is translation else (number, partner)
            score = SLIGHT if other.kind == "words" and rest.to.spelled else CHANGED_WORD
            add(score, one, other, f"{one.value} in the source, {other.value} in the translation")


def _weight(number: Number, mine: Reading, other: Reading, full: float) -> float:
    if any(number.value in one.readings for one in other.digits):
        return COUNT
    if other.spelled and full == LOST:
        return SLIGHT
    if number.value in (0, 1) or number.also:
        return SLIGHT
    if number.value == 100:  # "100 percent sure"; "16 percent" as 16 of 100
        quantities = (mine.quantity(number), *other.quantities)
        return SLIGHT if any(one and one.unit == "percent" for one in quantities) else full
    return full


def _names(rest: Rest, add) -> None:
    for one, other in rest.renamed:
        add(CHANGED, one, other, f"{one.value} in a name of the source, {other.value} in the translation")
    source, translation = rest.names
    if translation and not source:  # ACE2, ECA3: the letters are translated, so that only the digits tell
        source = rest.nameless()[: len(translation)]
    pairs = min(len(source), len(translation))
    for one, other in zip(source[:pairs], translation):
        add(CHANGED, one, other, f"{one.value} in a name of the source, {other.value} in the translation")
    for one in source[pairs:]:
        add(SLIGHT, one, None, f"{one.value}, part of a name, is not in the translation")
    for other in translation[pairs:]:
        add(SLIGHT, None, other, f"{other.value}, part of a name, is not in the source")


def _words(rest: Rest, add) -> None:
    source, translation = rest.words
    if len(source) == 1 == len(translation):
        one, other = source[0], translation[0]
        add(WORDS, one, other, f"{one.value} in words in the source, {other.value} in the translation")
        return
    for one in source:
        add(WORD, one, None, f"{one.value}, in words, is not in the translation")
    for other in translation:
        add(WORD, None, other, f"{other.value}, in words, is not in the source")


def _likest(number: Number, others: list[Number]) -> int:
    """The place of the number that this one was most likely made from: most digits in common, else the nearest in length."""
    digits = Counter(str(number.value))

    def distance(place: int) -> tuple:
        other = str(others[place].value)
        return -(digits & Counter(other)).total(), abs(len(other) - digits.total()), place

    return min(range(len(others)), key=distance)
