"""Numbers written in words, and digits with a scale word beside them, read by the language table's word lists.

    >>> [(n.value, n.kind) for n in combine("two hundred and five of 1.5 million", get("en"))]
    [(205, 'words'), (1500000, 'digits')]

What a word means depends on its neighbours: scales multiply what stands before them (five thousand; sw and zu and yo: after
them, elfu tano), smaller words are added to larger ones (twenty five). Words of the list `soft` (half, first, a, decade) are
read one by one and only ever answer a number of the other side; nobody has to answer them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from globmed_tools.languages import Language

from .digits import Number, Value, scan
from .lexicon import Lexicon, lexicon

#: A hit: start, end, kind (word, scale, soft, month, digits), values, the Number of digits.
Hit = tuple[int, int, str, tuple, Number | None]


def _room(last: Value, more: Value) -> bool:
    """May `more` be added to `last` (twenty + five)?"""
    if more <= 0 or last <= 0 or last % 1:
        return False
    if more < 10:
        return last % 10 == 0
    if more < 100:
        return last % 100 == 0
    return more < 1000 and last % 1000 == 0


def combine(text: str, language: Language) -> list[Number]:
    """All numbers of a text, in order."""
    own = lexicon(language.code)
    digits = scan(text, own.decimal)
    if not own.spaces or own.script == "Kore":
        from .number_signs import fractions, hits

        found = sorted(hits(text, own, digits), key=lambda one: one[0])
        return fractions(text, _runs(text, found, own), own.language.numbers["of"]) if found else []
    else:
        found = _hits(text, own)
        found += [(n.start, n.end, "digits" if n.kind == "digits" else "name", (n.value,), n) for n in digits]
    if not found:
        return []
    found.sort(key=lambda one: one[0])
    return _runs(text, found, own)


def _hits(text: str, own: Lexicon) -> list[Hit]:
    """The number words of a text; most of its words are none, which takes one look into a dict each."""
    found: list[Hit] = []
    memo, end = own.memo, 0
    for match in own.word.finditer(text):
        token = match[0]
        try:
            got = memo[token]
        except KeyError:
            got = own.of(token)
        if got is None or match.start() < end:
            continue
        single, forms = got
        for rest, kind, values in forms:
            end = rest_ends(text, match.end(), rest, own)
            if end:
                found.append((match.start(), end, kind, values, None))
                break
        else:
            end = match.end()
            if single:
                found.append((match.start(), end, single[0], single[1], None))
    return found


_BONDS = frozenset((" ", "-", "‑", "'", "’", "\u00a0", ""))


def rest_ends(text: str, place: int, rest: tuple[str, ...], own: Lexicon) -> int:
    """Where the further words of a form end, if they follow; else 0."""
    for word in rest:
        match = own.word.search(text, place, place + 40)
        if match is None or text[place : match.start()] not in _BONDS or own.fold(match[0]) != word:
            return 0
        place = match.end()
    return place


_GAP = re.compile(r"[\s\-‑]*[$£€¥₹]?\s*")
_CONCORD = re.compile(r"\s*(?:[^\W\d]{3,}\s+(?=[^\W\d]{1,9}-))?(?:[^\W\d]{1,9}-?)?(?:[A-Z]{0,3}[$£€])?")


def _adjacent(text: str, left: Hit, right: Hit, own: Lexicon) -> bool:
    gap = text[left[1] : right[0]]
    if len(gap) > 30:
        return False
    if not gap or _GAP.fullmatch(gap):
        return "\n" not in gap
    if left[2] == "digits" and right[2] == "scale" and gap in own.vague:
        return True
    if own.joins and own.fold(gap.strip(" -")) in own.joins:
        return True
    return own.before and left[2] == "scale" and right[2] == "digits" and bool(_CONCORD.fullmatch(gap))


def _runs(text: str, found: list[Hit], own: Lexicon) -> list[Number]:
    numbers: list[Number] = []
    run: list[Hit] = []
    for hit in found:
        if hit[2] in ("soft", "month", "name"):
            if run:
                numbers += _parse(run, own)
                run = []
            numbers.append(hit[4] or Number(hit[0], hit[1], hit[2], hit[3][0], hit[3][1:]))
            continue
        if run and not _adjacent(text, run[-1], hit, own):
            numbers += _parse(run, own)
            run = []
        run.append(hit)
    if run:
        numbers += _parse(run, own)
    return _ordinals(text, numbers)


def _ordinals(text: str, numbers: list[Number]) -> list[Number]:
    """thirty-fourth, الرابعة والثلاثين: tens beside a smaller ordinal."""
    found: list[Number] = []
    for number in numbers:
        before = found[-1] if found else None
        if (
            before
            and {before.kind, number.kind} == {"soft", "words"}
            and _GAP.fullmatch(text, before.end, number.start)
        ):
            tens, ones = (before, number) if before.kind == "words" else (number, before)
            if 20 <= tens.value < 100 and tens.value % 10 == 0 and 0 < ones.value < 10:
                found[-1] = Number(before.start, number.end, "soft", tens.value + ones.value)
                continue
        found.append(number)
    return found


def _parse(run: list[Hit], own: Lexicon) -> list[Number]:
    if len(run) == 1:
        start, end, kind, values, number = run[0]
        if number:
            return [number]
        return [Number(start, end, "soft" if kind == "scale" or values[0] == 1 else "words", values[0], values[1:])]
    return (_parse_before if own.before else _parse_after)(run, own)


class _Sum:
    """A number that is being read: total (closed by a big scale), part (closed by a small one), last."""

    __slots__ = ("start", "end", "total", "part", "last", "least", "number", "words", "bare")

    def __init__(self, hit: Hit, last, bare: bool = False):
        self.start, self.end = hit[0], hit[1]
        self.total, self.part, self.last, self.least = 0, 0, last, 0
        self.number, self.words, self.bare = hit[4], hit[4] is None, bare

    def number_of(self) -> Number:
        value = self.total + self.part + (self.last or 0)
        if self.number is None:
            kind = "soft" if value == 1 or self.bare else "words"
            return Number(self.start, self.end, kind, value)
        if not self.least:
            return self.number
        # A scale word leaves no doubt about the decimal sign: "1,716 milhões" is not 1716 million.
        return replace(self.number, end=self.end, start=self.start, value=_plain(value), others=(), parts=())


def _plain(value: Value) -> Value:
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


def _parse_after(run: list[Hit], own: Lexicon) -> list[Number]:
    numbers: list[Number] = []
    now: _Sum | None = None
    myriad = own.small == 10_000
    for hit in run:
        kind, value = hit[2], hit[3][0]
        if kind == "digits":
            if now and myriad and now.least > value and now.last is None:
                now.last = value
                now.number = now.number or hit[4]
            else:
                if now:
                    numbers.append(now.number_of())
                now = _Sum(hit, value)
                continue
        elif kind == "word":
            if now and now.words and now.last is None and value == 0:
                pass  # 三百零二
            elif now and now.words and now.last is None and value < now.least:
                now.last = value
            elif now and now.last is not None and now.words and _room(now.last, value):
                now.last += value
            else:
                if now:
                    numbers.append(now.number_of())
                now = _Sum(hit, value)
                continue
            now.bare = False
        elif now is None:
            now = _Sum(hit, value, bare=True)
            now.part, now.last, now.least = (value, None, value)
            if value >= own.small:
                now.total, now.part = value, 0
        else:
            _scale(now, value, own.small)
        now.end = hit[1]
    numbers.append(now.number_of())
    return numbers


def _scale(now: _Sum, value: Value, small: int) -> None:
    if value < small:
        if now.last is None:
            now.part = now.part * value if now.part and now.part < value else now.part + value
        else:
            now.part += now.last * value
    else:
        group = now.part + (now.last or 0)
        now.total = now.total + group * value if group else now.total * value
        now.part = 0
    now.last, now.least = None, value


def _parse_before(run: list[Hit], own: Lexicon) -> list[Number]:
    """elfu tano mia mbili (5 x 1000 + 2 x 100), milioni 1.5, kumi na mbili (10 + 2)."""
    numbers: list[Number] = []
    now: _Sum | None = None
    pending = 0
    for hit in run:
        kind, value = hit[2], hit[3][0]
        if kind == "scale":
            if now and now.number:
                if not pending and not now.least:
                    now.number = replace(now.number, others=(*now.number.others, _plain(now.number.value * value)))
                numbers.append(_closed(now, pending))
                now, pending = None, 0
            if now is None:
                now = _Sum((hit[0], hit[1], kind, hit[3], None), 0, bare=True)
                pending = value
            elif pending:
                pending = pending * value if value < pending else value * pending
            else:
                pending = value
        elif pending and now and (kind == "word" or not now.total):
            now.total += pending * value
            now.number = now.number or hit[4]
            now.least, pending, now.bare = 1, 0, False
        elif (
            kind == "word"
            and now
            and now.words
            and now.number is None
            and (_room(now.total + now.last, value) or (now.total and value < 100 and now.total % 100 == 0))
        ):
            now.last += value
        else:
            if now:
                numbers.append(_closed(now, pending))
            now, pending = _Sum(hit, value), 0
            continue
        now.end = hit[1]
    if now:
        numbers.append(_closed(now, pending))
    return numbers


def _closed(now: _Sum, pending: Value) -> Number:
    now.total += pending
    return now.number_of()
