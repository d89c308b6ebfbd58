"""What people write in a cell -> what is meant; Unreadable, with what to do, where that cannot be told.

    >>> rating("4,0", one), rating("４", one), rating("4 - good", one), rating("4/5", one), rating(None, one)
    (4, 4, 4, 4, None)
    >>> rating("3-4", one)
    Unreadable: '3-4' is no whole number from 1 to 5. Write one of 1, 2, 3, 4, 5.

Nothing is rounded, and nothing unknown is taken for "no".
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Any

from globmed_tools import languages

from . import questions
from .questions import Choice, Rating

#: A number, perhaps with decimals that say nothing, perhaps "of 5", perhaps with words behind it.
_NUMBER = re.compile(r"(\d+)(?:[.,٫]0+)?(?:\s*/\s*(\d+))?(?:\s*[-–—:=.)(]*\s*(?P<words>[^\W\d_].*?))?[\s)]*\Z")
#: What programs take for a date ("1/2", "3-4"), and what they make of it ("01-Feb", "2026-02-01").
_SHORT_DATE = re.compile(r"\d{1,4}\s*[-/.]\s*\d{1,4}(?:[-/.]\d{1,4})?\Z")
_LONG_DATE = re.compile(
    r"(?:\d{1,2}[-. /]{1,2}[^\W\d_]{3,9}\.?(?:[-. /]\d{2,4})?|[^\W\d_]{3,9}\.?[- ]\d{1,4}|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*)\Z"
)
_DASHES = "-–—−‐‑"
_BROKEN = re.compile(r"#(?:NAME\?|REF!|VALUE!|DIV/0!|N/A|NUM!|NULL!|SPILL!|CALC!)\Z")
_BLANKS = re.compile(r"[ \t\u00a0\u2007\u202f\u3000]+")


class Unreadable(ValueError):
    """The text says what was found and what to write instead."""


def rating(value: Any, asked: Rating) -> int | None:
    """A whole number of the scale; None for an empty cell or a dash."""
    expected = f"Write one of {', '.join(map(str, asked.values))}."
    if _no_answer(value):
        return None
    wrong = Unreadable(f"{_shown(value)} is no whole number from {asked.values[0]} to {asked.values[-1]}. {expected}")
    if isinstance(value, bool) or isinstance(value, date | time | timedelta):
        raise wrong
    if isinstance(value, int | float):
        number, words = value, None
    else:
        text = _plain(value)
        labels = {one.label.casefold(): one.value for one in asked.scale}
        if text in labels:
            return labels[text]
        found = _NUMBER.match(text)
        if not found or found[2] not in (None, str(asked.values[-1])):
            raise wrong
        number, words = int(found[1]), found["words"]
        if words and words not in labels:  # "4 minus", "4 or so": not simply 4
            raise wrong
        if words and labels[words] != number:
            raise Unreadable(f"{_shown(value)}: the number and the word say different things. {expected}")
    if number not in asked.values:
        raise wrong
    return int(number)


def label(value: Any, choices: tuple[Choice, ...]) -> str | None:
    """The value of a choice, given by value or label, perhaps with words behind it; None for an empty cell or a dash."""
    if _no_answer(value):
        return None
    text = _plain(value) if isinstance(value, str) else ""
    names = {name.casefold(): one.value for one in choices for name in (one.value, one.label)}
    if text in names:
        return names[text]
    first = {names[name] for name in names if re.match(rf"{re.escape(name)}\s*[-–—:=(]", text)}
    if len(first) == 1:
        return first.pop()
    raise Unreadable(f"{_shown(value)} is none of the answers. Write one of {', '.join(one.value for one in choices)}.")


def flag(value: Any, language: str) -> bool:
    """True for yes in English, in the reviewer's language or as a mark; False for no or an empty cell."""
    if isinstance(value, bool):
        return value
    if _empty(value):
        return False
    text = _plain(str(int(value)) if isinstance(value, float) and value.is_integer() else str(value))
    asked = questions.load()
    words = [languages.get("en").labels, languages.get(language).labels]
    for meaning, own in ((True, asked.true), (False, asked.false)):
        known = {word for one in words for word in one["yes" if meaning else "no"]} | set(own)
        if text in {_plain(word) for word in known}:
            return meaning
    raise Unreadable(f"{_shown(value)} is neither yes nor no. Write yes, or leave the cell empty.")


def text(value: Any) -> str:
    """Free text with LF for line ends and no blanks at its ends; a number as it is shown. "" for an empty cell."""
    if value is None:
        return ""
    if isinstance(value, bool) or isinstance(value, date | time | timedelta):
        kind = "true or false" if isinstance(value, bool) else "a date or time"
        raise Unreadable(
            f"the program has made {kind} of the text ({_shown(value)}). Set the cell's format to text and write it again."
        )
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    found = str(value).replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n")
    found = "\n".join(line.rstrip(" \t\u00a0") for line in found.split("\n")).strip()
    if _BROKEN.match(found):
        raise Unreadable(f"the program has made a formula of the text ({found}). Put an apostrophe before it: '=...")
    return found


def revision(value: Any, translation: str) -> str | None:
    """The mended text, or None where it is the translation but for line ends, blanks and the like, or nothing stands there.

    What a program made of an option such as "0.50" or "1/2" (a number, a date) is the translation where it shows so; where it
    may not be, Unreadable.
    """
    if _empty(value):
        return None
    if isinstance(value, bool) and str(value).casefold() == translation.strip().casefold():
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        if _as_number(translation) == value:
            return None
        raise Unreadable(
            f"the program has made a number of the text ({_shown(value)}). Set the cell's format to text and write it again."
        )
    found = text(value)
    if same(found, translation) or _reformatted(found, translation):
        return None
    if _SHORT_DATE.match(translation.strip()) and _LONG_DATE.match(found):
        raise Unreadable(
            f"the program seems to have made a date of {translation!r} ({_shown(found)}). Write the text that is meant."
        )
    if not re.search("[\u00a0\u202f]", translation):
        found = found.replace("\u00a0", " ").replace("\u202f", " ")
    return unicodedata.normalize("NFC", found) if unicodedata.is_normalized("NFC", translation) else found


def same(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but blanks, line ends, how letters are composed, or a leading apostrophe."""
    return _bare(one) == _bare(other)


def _bare(value: str) -> str:
    lines = unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\r", "\n").strip().removeprefix("'")
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in lines.split("\n")).strip()


def _reformatted(one: str, other: str) -> bool:
    """Whether both are the same number with the same decimal sign: "0.5" for "0.50" is a program's doing."""
    numbers = _as_number(one), _as_number(other)
    return None not in numbers and numbers[0] == numbers[1] and ("," in one) == ("," in other)


def _as_number(value: str) -> float | None:
    plain = unicodedata.normalize("NFKC", value).strip()
    try:
        return float(plain if "." in plain else plain.replace(",", "."))
    except ValueError:
        return None


def _plain(value: str) -> str:
    """One line in one case: full-width and native digits as ASCII, blanks single, no apostrophe or quotes around it."""
    folded = unicodedata.normalize("NFKC", value).casefold()
    digits = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in folded)
    return " ".join(digits.split()).strip("'\"“”„«»").strip()


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip(" \t\r\n\u00a0\u200b\u3000'"))


def _no_answer(value: Any) -> bool:
    return _empty(value) or (isinstance(value, str) and not value.strip().strip(_DASHES))


def _shown(value: Any) -> str:
    if isinstance(value, datetime | date):
        return f"the date {value:%Y-%m-%d}"
    shown = str(value)
    return repr(shown if len(shown) <= 60 else shown[:57] + "...")
