"""Script: letters that the language is not written in.

    >>> [finding] = check(Pair("question", "It hurts.", "Болит сильно.", get("en"), get("sw")))
    >>> finding.score, finding.translation
    (1.0, 'Болит')

Names of drugs, genes and units stay in Latin letters everywhere, so that these count only beyond a share, and only beyond
what the source has of them; Greek letters are nobody's fault. Japanese without any kana is Chinese.
"""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import groupby

import regex

from . import Finding, Pair

#: ISO 15924 -> the Unicode scripts that it is written in.
SCRIPTS = {
    "Latn": ("Latin",),
    "Hans": ("Han",),
    "Jpan": ("Han", "Hiragana", "Katakana"),
    "Kore": ("Hangul", "Han"),
    "Arab": ("Arabic",),
    "Beng": ("Bengali",),
    "Deva": ("Devanagari",),
}
#: Share of Latin letters that a text in another script may have, and the fewest letters that are judged at all.
LATIN, FEWEST = 0.8, 4
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_HAN = regex.compile(r"\p{Han}")
_LATIN = regex.compile(r"\p{Latin}")
#: Letters that belong to no language alone: Greek ones (α, µ), signs such as ª and ー.
_ANYWHERE = regex.compile(r"[\p{Greek}\p{Common}\p{Inherited}]")


class _Kinds(dict):
    """character -> "o" for a letter of the script, "l" for a Latin one elsewhere, "x" for a letter of another script, ""."""

    def __init__(self, script: str):
        own = "".join(rf"\p{{{name}}}" for name in SCRIPTS[script])
        self.own = regex.compile(rf"[{own}]")

    def __missing__(self, char: str) -> str:
        self[char] = kind = self.kind(char)
        return kind

    def kind(self, char: str) -> str:
        if not char.isalpha() or _ANYWHERE.match(char):
            return ""
        return "o" if self.own.match(char) else "l" if _LATIN.match(char) else "x"


@cache
def _kinds(script: str) -> _Kinds:
    return _Kinds(script)


#: Characters from which a look into a table of all of them pays, and what the table holds beside 0.
_LONG, _OWN, _LATINS, _OTHER, _SURROGATE = 48, 1, 2, 3, 4


@cache
def _table(script: str):
    """For each of the 65,536 characters of the basic plane the place of its kind in _MARKS, as a numpy array."""
    import numpy as np

    every = "".join(map(chr, (*range(0xD800), *range(0xE000, 1 << 16))))
    found = (
        filter(str.isalpha, every),
        _LATIN.findall(every),
        _kinds(script).own.findall(every),
        _ANYWHERE.findall(every),
    )
    letters, latin, own, anywhere = ({ord(char) for char in chars} for chars in found)
    table = np.zeros(1 << 16, np.uint8)
    for kind, codes in (
        (_OTHER, letters - anywhere),
        (_LATINS, (latin & letters) - anywhere),
        (_OWN, (own & letters) - anywhere),
    ):
        table[list(codes)] = kind
    table[0xD800:0xE000] = _SURROGATE
    return table


def _counted(text: str, script: str) -> tuple[int, int, int] | None:
    """As `shares`, for a long text; None where it holds characters beyond the basic plane."""
    import numpy as np

    codes = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
    _, own, latin, others, beyond = np.bincount(_table(script)[codes], minlength=5).tolist()
    return None if beyond else (own, latin, others)


#: Bytes of ASCII that are no letters.
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())


@lru_cache(maxsize=8192)
def shares(text: str, script: str) -> tuple[int, int, int]:
    """(letters of the script, Latin letters where that is another, letters of any other script)."""
    if text.isascii():
        letters = len(text.encode().translate(None, _NO_LETTERS))
        return (letters, 0, 0) if script == "Latn" else (0, letters, 0)
    if len(text) >= _LONG and (found := _counted(text, script)):
        return found
    kinds = "".join(map(_kinds(script).__getitem__, text))
    return kinds.count("o"), kinds.count("l"), kinds.count("x")


def _runs(text: str, script: str) -> list[str]:
    """Letters of other scripts, run by run."""
    kinds = _kinds(script)
    return ["".join(run) for wrong, run in groupby(text, lambda char: kinds[char] == "x") if wrong]


def check(pair: Pair) -> list[Finding]:
    """Up to one finding: the score is the share of letters in a wrong script, scaled so that a fifth scores 0.5."""
    text, script = pair.translation, pair.language.script
    if script == "Latn" and text.isascii():
        return []
    own, latin, others = shares(text, script)
    letters = own + latin + others
    runs = [run for run in _runs(text, script) if run not in pair.source] if others else []
    if runs:
        span, others = runs[0], sum(map(len, runs))
        score = min(1.0, 2.5 * others / letters)
        detail = f"{others} of {letters} letters are not {pair.language.name} script"
        return [Finding("script", round(score, 3), pair.field, "", span, detail)]
    if letters < FEWEST:
        return []
    if script == "Jpan" and own >= 8 and not _KANA.search(text) and len(_HAN.findall(text)) >= 12:
        return [Finding("script", 0.9, pair.field, "", "", f"{own} letters of Japanese without any kana")]
    return _too_latin(pair, latin / letters, letters) if latin else []


def _too_latin(pair: Pair, share: float, letters: int) -> list[Finding]:
    """Latin letters beyond the limit, unless the source itself is a name or code (no small words in it)."""
    if share <= LATIN / 2 or letters < 12:
        return []
    score = min(1.0, 0.5 * share / LATIN)
    return [Finding("script", round(score, 3), pair.field, "", "", f"{share:.0%} of the letters are Latin")]
