"""Labels in front of options: "A) Aspirin", "(b) ...", "1. ...", "①...", 甲、..., أ) ...

    >>> strip_labels(["A) Aspirin", "B) Ibuprofen"], "en")
    ['Aspirin', 'Ibuprofen']
    >>> strip_labels(["1.5 mg", "2.5 mg"], "en"), strip_labels(["A. baumannii", "B. fragilis"], "en")
    (None, None)

Only where all options are labelled, in order, from the first label on, with the same sign behind it, is it a label and
not a part of the answer: genera (A. baumannii), ordinals (1. Woche), doses (1.5 mg) and ratios (1:4) stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from globmed_tools import languages

_LABEL = re.compile(
    r"(?:(?P<open>[(\[（【])\s?(?P<inside>[^\W_]{1,4})\s?[)\]）】][.:：]?"
    r"|(?P<word>[^\W_]{1,4})\s?(?P<sign>[.)\]:：、．）\-–])"
    r"|(?P<circled>[①-⑳Ⓐ-Ⓩⓐ-ⓩ]))(?P<gap>\s*)(?P<rest>.+)",
    re.S,
)
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_FULL = str.maketrans({chr(0xFEE0 + code): chr(code) for code in range(0x21, 0x7F)})
_CIRCLED = [[chr(first + n) for n in range(20)] for first in (0x2460, 0x24B6, 0x24D0)]


def strip_labels(options: Sequence[str], language: str) -> list[str] | None:
    """The options without their labels, or None where they carry none (then nothing needs to be changed)."""
    first = _LABEL.match(options[0]) if len(options) > 1 else None
    if first is None:
        return None
    found = [first, *(_LABEL.match(option) for option in options[1:])]
    if None in found or len({(one["open"], one["sign"]) for one in found}) > 1:
        return None
    labels = [(one["inside"] or one["word"] or one["circled"]).translate(_FULL) for one in found]
    if not any(list(series[: len(labels)]) == labels for series in _series(language)):
        return None
    if not all(_is_label(one, labels[0], len(found)) for one in found):
        return None
    rest = [one["rest"].strip() for one in found]
    # "1. Woche", "2. Woche": an ordinal that makes the options differ is no label
    ordinals = found[0]["sign"] == "." and len(set(rest)) < len(set(options))
    return rest if all(rest) and not ordinals else None


def _is_label(one: re.Match, label: str, count: int) -> bool:
    sign, gap, rest = one["sign"], one["gap"], one["rest"]
    if sign is None:
        return True
    if sign in "-–":
        return bool(gap)
    if sign in ".:：．" and not gap and (rest[0].isdigit() or sign in ".:" and count < 3):
        return False
    # Two or three options "A. israelii", "B. fragilis" may well be species; four in the order of the alphabet are labels.
    return not (sign == "." and label == "A" and count < 4 and rest.isalpha() and rest.islower())


@cache
def _series(code: str) -> list[Sequence[str]]:
    language = languages.get(code)
    digits = [str(n) for n in range(1, 21)]
    native = [
        "".join(language.digits[int(digit)] for digit in one) for one in digits if language.digits and len(one) == 1
    ]
    romans = [list(_ROMAN), [one.upper() for one in _ROMAN]]
    series = [list(_LOWER), list(_LOWER.upper()), digits, *romans, list(language.letters), native, *_CIRCLED]
    return [one for one in series if one]
