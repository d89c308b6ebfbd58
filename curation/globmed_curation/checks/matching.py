"""Which numbers of a source and a translation answer each other, and which stand alone.

    >>> rest = Rest(read("Give 5 mg twice.", get("en")), read("Mpe mg 50 mara mbili.", get("sw")))
    >>> [n.value for n in rest.source], [n.value for n in rest.translation]
    ([5], [50])

Surest first: equal digits; digits that can be read alike (1.099, 3 p.m. and 15:00); digits and number words; words and
words. What is left may be answered by a soft word (half, first, a, a month's name): such digits are kept in `doubtful`, for
if a number of the other side stands alone as well, the soft word was probably none ("six games ... a" against "1").
"""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction

from .digits import Number
from .quantities import Reading


class Rest:
    """source, translation: digits that stand alone; doubtful: digits of the translation that only a soft word answers;
    names: digits of names that stand alone; renamed: (source or none, translation) whose name has other digits there;
    words: number words that stand alone (each as a pair, source first); ordinals: those of the source."""

    def __init__(self, source: Reading, translation: Reading):
        self.of, self.to = source, translation
        self.clock = translation.clock or source.clock
        self.source, self.translation = without_equal(source.digits, translation.digits)
        self.doubtful: tuple[list[Number], list[Number]] = ([], [])
        self.names: tuple[list[Number], list[Number]] = ([], [])
        self.renamed: list[tuple[Number | None, Number]] = []
        self.words: tuple[list[Number], list[Number]] = ([], [])
        self.ordinals: list[Number] = []
        if source.names or translation.names:
            self._match_names()
        if self.source or self.translation:
            self._match_digits()
        elif source.words:
            self._match_words()

    def _match_names(self) -> None:
        """Digits of names have to occur on the other side, as often as it likes; COVID-49 beside COVID-19 has not."""
        stems = {_stem(self.of.text, one): one for one in self.of.names}
        known = {(_stem(self.of.text, one), one.value) for one in self.of.names}
        theirs = []
        for number in self.to.names:
            stem = _stem(self.to.text, number)
            if stem in stems and (stem, number.value) not in known:
                self.renamed.append((stems[stem], number))
            else:
                theirs.append(number)
        for mine, other, loose, place in (
            (self.of.names, self.to, self.translation, 0),
            (theirs, self.of, self.source, 1),
        ):
            values = {one.value for one in other.names}
            if place == 0:
                values |= {one.value for one, _other in self.renamed if one}
            for number in mine:
                if number.value in values:
                    continue
                found = next((one for one in loose if number.value in one.readings), None)
                if found:
                    loose.remove(found)
                    values.add(number.value)
                else:
                    self.names[place].append(number)
        for loose, reading, other in ((self.source, self.of, self.to), (self.translation, self.to, self.of)):
            values = {one.value for one in other.names}
            for number in [one for one in loose if one.value in values and _tied(reading.text, one)]:
                loose.remove(number)
        if self.names[0] and not self.names[1]:  # COVID-19 as كوفيد-79, whose letters make no name of it
            self.names[1].extend(one for one in self.translation if _in_word(self.to.text, one))
            self.translation[:] = [one for one in self.translation if one not in self.names[1]]

    def nameless(self) -> list[Number]:
        """Names of the source whose letters do not stand before digits in the translation."""
        theirs = {_stem(self.to.text, one) for one in (*self.to.names, *self.to.digits)}
        return [one for one in self.of.names if _stem(self.of.text, one) not in theirs]

    def _match_digits(self) -> None:
        _take_away(self.source, self.translation)
        if self.clock:
            self._match_hours()
        if self.source or self.translation:
            self._match_words()

    def _match_hours(self) -> None:
        """sw: nine o'clock is saa 3, the third hour of the day."""
        for mine, other in ((self.source, self.translation), (self.translation, self.source)):
            for number in [one for one in mine if one.hour and not one.parts]:
                found = next((one for one in other if self._later(one, number)), None)
                if found:
                    mine.remove(number)
                    other.remove(found)

    def _match_words(self) -> None:
        sides = ((self.source, self.translation), (self.translation, self.source))
        words = tuple(map(list, without_equal(self.of.words, self.to.words)))
        soft = tuple(map(list, ((*self.of.soft, *self.of.months), (*self.to.soft, *self.to.months))))
        for place, (mine, other) in enumerate(sides):
            for number in list(mine):
                if number.hour and self.clock and not number.parts:
                    hour = next((one for one in words[1 - place] if self._later(one, number)), None)
                    if hour:
                        words[1 - place].remove(hour)
                        mine.remove(number)
                        continue
                if _answered(number, words[1 - place]) or _in_parts(number, other, words[1 - place]):
                    mine.remove(number)
        _cancel(soft)
        for place, (mine, other) in enumerate(sides):
            for number in list(mine):
                if _answered(number, soft[1 - place]):
                    mine.remove(number)
                    self.doubtful[place].append(number)
                elif number.parts and _in_parts(number, other, [*words[1 - place], *soft[1 - place]]):
                    mine.remove(number)
        for place in (0, 1):
            centuries = {value for one in (self.to, self.of)[place].digits for value in one.also}
            words[place][:] = [
                one for one in words[place] if one.value not in centuries and not _answered(one, soft[1 - place])
            ]
        if self.source or self.translation:
            self._match_rare()
        self.words = words
        self.ordinals = [one for one in soft[0] if one.kind == "soft" and 2 < one.value < 100 and not one.others]

    def _later(self, one: Number, hour: Number) -> bool:
        return 0 < one.value < 13 and (one.value - hour.value) % 12 == self.clock

    def _match_rare(self) -> None:
        """Roman numerals, what a decade says of its century, 50 percent as a half."""
        for mine, own, other in ((self.source, self.of, self.to), (self.translation, self.to, self.of)):
            if not mine:
                continue
            values = Counter(_roman(one) for one in _ROMAN.findall(other.text))
            values.update(value for one in other.digits for value in one.also)
            shares = {value for one in other.soft for value in one.readings if value < 1}
            for number in list(mine):
                quantity = own.quantity(number) if shares else None
                if quantity and quantity.unit == "percent" and Fraction(number.value) / 100 in shares:
                    mine.remove(number)
                    continue
                found = next((value for value in number.readings if values[value] > 0), None)
                if found is not None:
                    values[found] -= 1
                    mine.remove(number)


def without_equal(source: tuple[Number, ...], translation: tuple[Number, ...]) -> tuple[list[Number], list[Number]]:
    """What is left when equal values are paired off."""
    if not source or not translation:
        return list(source), list(translation)
    values = Counter([one.value for one in translation])
    left = []
    for one in source:
        if values[one.value] > 0:
            values[one.value] -= 1
        else:
            left.append(one)
    spare = []
    if any(values.values()):
        for one in reversed(translation):
            if values[one.value] > 0:
                values[one.value] -= 1
                spare.append(one)
        spare.reverse()
    return left, spare


def _take_away(source: list[Number], translation: list[Number]) -> None:
    """Pairs of which any readings agree, or the parts of one with several of the other."""
    for one in list(source):
        other = next((other for other in translation if not set(one.readings).isdisjoint(other.readings)), None)
        if other:
            source.remove(one)
            translation.remove(other)
    for mine, other in ((source, translation), (translation, source)):
        for number in [one for one in mine if one.parts]:
            if number in mine and _in_parts(number, other, []):
                mine.remove(number)


def _cancel(soft: tuple[list[Number], list[Number]]) -> None:
    """Soft words that answer each other (second, segundo) have nothing left for digits; "a" and "one" always have."""
    for one in [one for one in soft[0] if one.value != 1]:
        readings = set(one.readings)
        other = next((two for two in soft[1] if two.value != 1 and not readings.isdisjoint(two.readings)), None)
        if other:
            soft[0].remove(one)
            soft[1].remove(other)


def _answered(number: Number, offers: list[Number]) -> bool:
    """Whether a word has one of the readings; that word is used up."""
    readings = number.readings
    for one in offers:
        if one.value in readings or (one.others and not set(one.others).isdisjoint(readings)):
            offers.remove(one)
            return True
    return False


def _in_parts(number: Number, digits: list[Number], words: list[Number]) -> bool:
    """Whether all parts of a number stand on the other side (122 653 as 122 and 653); they are used up."""
    if not number.parts:
        return False
    used: list[Number] = []
    for readings in number.parts:
        found = next((one for one in (*digits, *words) if one not in used and one.value in readings), None)
        if found is None or (number.hour and not used and not found.hour):
            return False
        used.append(found)
    for one in used:
        (digits if one in digits else words).remove(one)
    return True


def _tied(text: str, number: Number) -> bool:
    """Behind a letter or a hyphen, as the digits of a name stand (Covid-19)."""
    return number.start > 0 and (text[number.start - 1].isalpha() or text[number.start - 1] in "-‑–")


_WORD_BEFORE = re.compile(r"[^\W\d_][-‑–]?$")


def _in_word(text: str, number: Number) -> bool:
    """Tied to a word in front."""
    return bool(_WORD_BEFORE.search(text, max(0, number.start - 2), number.start))


_LETTERS = re.compile(r"[^\W\d_]+[-‑–]?$")


def _stem(text: str, number: Number) -> str:
    """The letters in front of the digits of a name: covid, h, il."""
    match = _LETTERS.search(text, max(0, number.start - 20), number.start)
    return match[0].rstrip("-‑–").lower() if match else ""


_ROMAN = re.compile(r"(?<![^\W_])([IVXLC]{1,7})(?=[eèº°ª]|\b)")
_ROMANS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def _roman(text: str) -> int:
    values = [_ROMANS[char] for char in text]
    return sum(-one if one < max(values[place:]) else one for place, one in enumerate(values))
