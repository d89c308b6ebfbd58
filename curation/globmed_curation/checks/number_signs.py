"""Numbers in Chinese, Japanese and Korean, which stand in a text without spaces around them.

    >>> [(n.value, n.kind) for n in combine("约有17.16亿学生，二十多个国家", get("zh"))]
    [(17160000000, 'digits'), (20, 'words')]

Korean syllables are numbers far less often than other words (이 is "this"), so that they are read beside digits (3천만), in
runs that hold a scale (이십), and native ones (열다섯) at the start of a word; all of them are soft.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache

from .digits import Number


@cache
def _signs(own) -> tuple[re.Pattern, dict[str, tuple]]:
    kinds = {form: got for form, got in own.single.items() if got[0] in ("word", "scale", "soft")}
    if own.script == "Kore":
        sino = "일이삼사오육칠팔구"
        scales = "".join(form for form, got in kinds.items() if got[0] == "scale")
        native = sorted((form for form, got in kinds.items() if form not in sino + scales), key=len, reverse=True)
        long = [form for form in native if len(form) > 1]
        short = [form for form in native if len(form) == 1]
        tens = "열|스물|서른|마흔|쉰|예순|일흔|여든|아흔"
        pattern = (
            rf"(?P<run>(?<=\d)\s?[{scales}]+|(?<=[{scales}])\s?[{scales}]+|(?<![가-힣])[{sino}{scales}]*[{scales}][{sino}{scales}]*(?![나고])"
            rf"|(?<=분의)\s?[{sino}])"
            rf"|(?<![가-힣])(?P<native>(?:(?:{tens})\s?(?:하나|한|둘|두|셋|세|넷|네|다섯|여섯|일곱|여덟|아홉))"
            rf"|{'|'.join(long)}|(?:{'|'.join(short)})(?=\s|[개명번달주차살])|두(?=[가-힣]))"
        )
        return re.compile(pattern), kinds
    runs = "".join(form for form, got in kinds.items() if len(form) == 1)
    long = "|".join(sorted((form for form in kinds if len(form) > 1), key=len, reverse=True)) or "(?!)"
    return re.compile(rf"(?P<native>{long})|(?P<run>[{runs}]+)"), kinds


def hits(text: str, own, digits: list[Number]) -> list:
    """What stands in the text, for number_words to put together; fractions (三分之二) are already put together."""
    pattern, kinds = _signs(own)
    table = own.language.numbers
    found = [(n.start, n.end, n.kind, (n.value,), n) for n in digits]
    korean = own.script == "Kore"
    for match in pattern.finditer(text):
        start = match.start()
        if start and text[start - 1] in own.vague and not text[start - 2 : start - 1].isdecimal():
            continue
        ordinal = start and text[start - 1] in table["ordinal"]
        if match["native"]:
            value = _native(match["native"], kinds)
            found.append((start, match.end(), "soft", value, None))
            continue
        signs = match["run"]
        beside = start and text[start - 1].isdecimal() or text[match.end() : match.end() + 1].isdecimal()
        atoms = [kinds[one] for one in signs if one in kinds]
        if len(atoms) > 2 and all(got[0] == "word" for got in atoms):
            value = int("".join(str(got[1][0]) for got in atoms))
            found.append((start, match.end(), "soft", (value,), None))
            continue
        if (
            (ordinal or korean)
            and not beside
            and not text[max(0, start - 1) : start].isdecimal()
            and not _follows(found, start, text)
        ):
            value = _value(signs, kinds, own)
            if value is not None:
                found.append((start, match.end(), "soft", (value,), None))
            continue
        for offset, sign in enumerate(signs):
            got = kinds.get(sign)
            if got:
                found.append((start + offset, start + offset + 1, got[0], got[1], None))
    return found


def _follows(found, start: int, text: str) -> bool:
    """Is this right behind a number in digits or one of its scales (28억 2천만)?"""
    return any(one[1] in (start, start - 1) and one[2] in ("digits", "scale") for one in found[-3:]) or any(
        one[1] == start for one in found if one[2] == "digits"
    )


def _native(word: str, kinds) -> tuple:
    word = word.replace(" ", "")
    if word in kinds:
        return kinds[word][1]
    for size in range(len(word) - 1, 0, -1):
        if word[:size] in kinds and word[size:] in kinds:
            return (kinds[word[:size]][1][0] + kinds[word[size:]][1][0],)
    return (0,)


def _value(signs: str, kinds, own):
    from .number_words import _parse_after

    run = [(place, place + 1, *kinds[sign], None) for place, sign in enumerate(signs) if sign in kinds]
    run = [one for one in run if one[2] != "soft"]
    numbers = _parse_after(run, own) if run else []
    return numbers[0].value if len(numbers) == 1 else None


def fractions(text: str, numbers: list[Number], of: str) -> list[Number]:
    """三分之二 -> 2/3; 百分之五 -> 5 (per cent)."""
    found: list[Number] = []
    for number in numbers:
        before = found[-1] if found else None
        if before and text[before.end : number.start].strip() == of and before.value:
            if before.value == 100:
                found[-1] = Number(number.start, number.end, number.kind, number.value, number.others)
            else:
                kind = "digits" if "digits" in (before.kind, number.kind) else "soft"
                value = Fraction(number.value, before.value)
                parts = ((number.value,), (before.value,))
                found[-1] = Number(before.start, number.end, kind, value, (), parts, (number.value, before.value))
        else:
            found.append(number)
    return found
