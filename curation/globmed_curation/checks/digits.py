"""Numbers written in digits, in every script and every convention.

    >>> [(n.value, n.others) for n in scan("1.099 casos, 4,8 %, 3 p.m.", ",")]
    [(1099, (Fraction(1099, 1000),)), (Fraction(24, 5), ()), (3, (15,))]

"1.099" is 1099 where the decimal sign is a comma, and may be 1.099 where a translator left it as it stood: the usual reading
comes first, the other one is kept. Where digits can be read together or apart ("122 653", "2/3", "19:30"), `parts` holds the
readings of each part. Values are whole numbers or fractions, never floats.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from unicodedata import numeric

Value = int | Fraction


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text. kind: digits, name (COVID-19), words (twelve), soft (half, first, a: a number or not), month;
    value: the likeliest reading; others: further ones; parts: the readings of each part, where it may be several numbers;
    also: what it may stand for besides (1930s: the 20th century);
    hour: of a time of day (4.40 may be one: then parts are hour and minute)."""

    start: int
    end: int
    kind: str
    value: Value
    others: tuple[Value, ...] = ()
    parts: tuple[tuple[Value, ...], ...] = ()
    also: tuple[Value, ...] = ()
    hour: bool = False

    @property
    def readings(self) -> tuple[Value, ...]:
        return (self.value, *self.others)


_THIN = "\u00a0\u202f\u2009"
_TOKEN = re.compile(
    rf"""(?P<body>(?<![^\W_])(?<!\d\ )\d{{1,3}}(?:[\ {_THIN}]\d{{3}})+(?!\d)|\d+)
    (?P<rest>(?:[.,·٫٬'’:：/]\d+)*)
    (?P<power>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|\^-?\d+)?
    (?P<vulgar>\ ?[½⅓⅔¼¾⅛⅜⅝⅞])?
    (?P<tail>'?s\b|\ ?[ap]\.?\ ?m\b\.?)?
    |(?P<alone>[½⅓⅔¼¾⅛⅜⅝⅞])""",
    re.X | re.I,
)
#: Found first, since a simple class is searched for many times as fast.
_DIGIT = re.compile(r"[\d½⅓⅔¼¾⅛⅜⅝⅞]")
_SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789", "^")
_POINTS = ".,·٫٬'’"
_NAME = re.compile(r"([A-Za-zΑ-ω]+)[-‑–]?$")
_CURRENCY = "$£€¥₹"


def scan(text: str, decimal: str) -> list[Number]:
    """All numbers in digits, in order. decimal: the language's sign before decimals."""
    found: list[Number] = []
    start = _DIGIT.search(text)
    while start:
        match = _TOKEN.match(text, start.start())
        start = _DIGIT.search(text, match.end())
        if match["alone"]:
            found.append(Number(match.start(), match.end(), "digits", _vulgar(match["alone"])))
        else:
            found.extend(_read(text, match, decimal, found[-1] if found else None))
    return found


def _vulgar(char: str) -> Fraction:
    return Fraction(numeric(char.strip())).limit_denominator(16)


def _read(text: str, match: re.Match, decimal: str, before: Number | None) -> list[Number]:
    start, end = match.span()
    body, rest, tail = match["body"], match["rest"], (match["tail"] or "").lower()
    kind = "name" if _in_name(text, start) else "digits"
    if tail.startswith(("'s", "s")):
        value = _int(body)
        if 1000 < value < 2100 and not rest:
            return [Number(start, end, kind, value, (value % 100,), (), (value // 100 + 1,))]
        if value < 100 and not rest:
            return [Number(start, end, kind, value, (1900 + value,), (), (20,))]
    if tail.strip()[:1] in ("a", "p") and tail:
        apart = re.split(r"[.:：]", body + rest)
        if all(one.isdecimal() for one in apart):  # "79,332 a" is no time
            return _clock(start, end, apart, True)
    if ":" in rest or "：" in rest:
        apart = re.split("[:：]", body + rest)
        if len(apart) <= 3 and len(apart[0]) < 3 and int(apart[0]) <= 24 and all(len(one) == 2 for one in apart[1:]):
            return _clock(start, end, apart, False)
        return _several(start, body + rest, ":：", decimal, kind)
    if "/" in rest:
        return _slashed(start, end, body + rest, decimal, kind)
    value, others, parts = _decimal(body, rest, decimal)
    if value is None:
        return _several(start, body + rest, _POINTS, decimal, kind)
    if match["power"] and value == 10:
        exponent = int(match["power"].translate(_SUPERSCRIPTS).strip("-") or 0) * (
            -1 if "-" in match["power"].translate(_SUPERSCRIPTS) else 1
        )
        value = _whole(Fraction(10) ** exponent)
    if match["vulgar"]:
        fraction = _vulgar(match["vulgar"])
        value, parts = value + fraction, ((value,), (fraction,))
    if (
        text[end : end + 1] in ("m", "M")
        and not text[end + 1 : end + 2].isalpha()
        and text[start - 1 : start] in _CURRENCY
    ):
        value, others, end = value * 1_000_000, (value,), end + 1
    if before and before.end + 1 == start and text[start - 1] in "-–—/" and len(body) == 2 and not rest:
        if 1000 < before.value < 2100:  # 2019-20
            others = (before.value // 100 * 100 + value,)
    return [
        Number(start, end, kind, value, others, parts, hour=rest[:1] == "." and len(parts) == 2 and len(parts[0]) == 2)
    ]


def _in_name(text: str, start: int) -> bool:
    """Digits behind capitals, as in COVID-19, IL-6, H1N1, CD4; not behind a concord as in "Angama-15"."""
    if not start or not (text[start - 1].isalpha() or text[start - 1] in "-‑–"):
        return False
    match = _NAME.search(text, max(0, start - 16), start)
    if not match:
        return False
    run = match[1]
    return any(char.isupper() for char in run) and (len(run) <= 2 or any(char.isupper() for char in run[1:]))


def _clock(start: int, end: int, apart: list[str], halves: bool) -> list[Number]:
    """An hour (3 p.m. may be written 15, and 15:00 may be written 3) and its minutes, unless these are 00."""
    hour = int(apart[0])
    other = hour - 12 if hour >= 12 else hour + 12
    found = [
        Number(start, start + len(apart[0]), "digits", hour, (other, *((12,) if hour in (0, 24) else ())), hour=True)
    ]
    place = start + len(apart[0]) + 1
    for one in apart[1:]:
        if int(one):
            found.append(Number(place, place + len(one), "digits", int(one)))
        place += len(one) + 1
    return found


def _several(start: int, whole: str, signs: str, decimal: str, kind: str) -> list[Number]:
    """Each of the numbers between these signs."""
    found = []
    for one in re.finditer(rf"[^{signs}]+", whole):
        inner = _TOKEN.match(one[0])
        place = start + one.start()
        value, others, parts = _decimal(inner["body"], inner["rest"], decimal) if inner else (None, (), ())
        if value is not None:
            found.append(Number(place, place + len(one[0]), kind, value, others, parts))
        elif inner:
            for part in re.finditer(r"\d+", one[0]):
                found.append(Number(place + part.start(), place + part.end(), kind, _int(part[0])))
    return found


def _slashed(start: int, end: int, whole: str, decimal: str, kind: str) -> list[Number]:
    """2/3 is a fraction or two numbers; 120/80 and 1/2/2020 are several."""
    apart = whole.split("/")
    if len(apart) == 2 and all(one.isdecimal() for one in apart) and 0 < _int(apart[0]) < _int(apart[1]) <= 12:
        left, right = map(int, apart)
        return [Number(start, end, kind, Fraction(left, right), (), ((left,), (right,)))]
    return _several(start, whole, "/", decimal, kind)


def _int(digits: str) -> int:
    """Python refuses to read more than 4,300 digits; nobody means such a number, its end will do to compare it."""
    return int(digits[-4000:])


def _whole(value: Fraction) -> Value:
    return value.numerator if value.denominator == 1 else value


def _point(whole: str, decimals: str) -> Value:
    """ "2", "50" -> 2.5, without a float."""
    return _whole(Fraction(_int(whole + decimals), 10 ** len(decimals)))


def _decimal(body: str, rest: str, decimal: str) -> tuple[Value | None, tuple, tuple]:
    """value, others, parts of digits with points, commas, spaces; no value where they are several numbers (1.4.2020)."""
    if not rest:
        if body.isdecimal():
            return _int(body), (), ()
        groups = re.split(rf"[ {_THIN}]", body)
        return _int("".join(groups)), (), tuple((int(one),) for one in groups) if " " in body else ()
    body = re.sub(rf"[ {_THIN}]", "", body)
    signs = [char for char in rest if char in _POINTS]
    groups = [body, *re.split(f"[{_POINTS}]", rest)[1:]]
    if len(signs) == 1:
        return _one_sign(signs[0], groups, decimal)
    thousands = all(len(one) in (2, 3) for one in groups[1:-1]) and len(groups[0]) <= 3
    if len(set(signs)) == 1:
        if thousands and len(groups[-1]) == 3:
            return _int("".join(groups)), (), ()
        return None, (), ()
    if len(set(signs[:-1])) == 1 and signs[-1] not in signs[:-1] and thousands:
        return _point("".join(groups[:-1]), groups[-1]), (), ()
    return None, (), ()


def _one_sign(sign: str, groups: list[str], decimal: str) -> tuple[Value, tuple, tuple]:
    together, apart = _int("".join(groups)), _point(*groups)
    parts = tuple((int(one),) for one in groups) if sign == "," else ()
    if sign in "'’٬":
        return together, (), ()
    if sign in "·٫":
        return apart, (), ()
    if sign == "." and len(groups[1]) == 2 and _int(groups[0]) < 24 and _int(groups[1]) < 60:
        hour = _int(groups[0])  # 4.40 a.m.
        parts = ((hour, hour - 12 if hour >= 12 else hour + 12), (_int(groups[1]),))
        return apart, (), parts
    if len(groups[1]) != 3 or len(groups[0]) > 3 or groups[0][0] == "0" or int(groups[0]) == 0:
        return apart, (), parts
    return (apart, (together,), parts) if sign == decimal else (together, (apart,), parts)
