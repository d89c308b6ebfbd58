"""Text as the language model reads it: one line, lower case, letters only, and only those of its main script.

    >>> fold("Take 500 mg of Paracetamol (PCM) — twice a day!")
    Folded(script='Latn', text='take mg of paracetamol pcm twice a day', letters=31)
    >>> fold("患者服用 Metformin 500 mg 后出现腹泻。")
    Folded(script='Hani', text='患 者 服 用 后 出 现 腹 泻', letters=27)

Training and prediction both go through here, else the model would read what it never learned. Digits and punctuation say
nothing about a language. Drug names in Latin letters inside another script are left out: they are no sign of English. A
Han, kana or Hangul character says as much as three Latin letters and counts as three; in scripts without spaces each
character becomes a word.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple
from unicodedata import normalize


class Folded(NamedTuple):
    """script: ISO 15924 of most letters ("Jpan" where kana stand between Han characters), "" where there are none.

    letters: how much there is to go by, in Latin letters' worth.
    """

    script: str
    text: str
    letters: int


#: Ranges of letters by script: those of the languages in languages.toml, then those that tell a stranger at once.
RANGES = {
    "Latn": "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u1e00-\u1eff\u2c60-\u2c7f\ua720-\ua7ff\uff21-\uff3a\uff41-\uff5a",
    "Hani": "\u2e80-\u2fd5\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",
    "Kana": "\u3041-\u309f\u30a0-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f",
    "Hang": "\u1100-\u11ff\u3131-\u318e\ua960-\ua97c\uac00-\ud7fb",
    "Arab": "\u0620-\u065f\u066e-\u06d3\u06d5-\u06dc\u06df-\u06e8\u06ea-\u06ef\u06fa-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc",
    "Beng": "\u0980-\u09e3\u09f0-\u09f1\u09fc",
    "Deva": "\u0900-\u0963\u0971-\u097f\ua8e0-\ua8ff",
    "Grek": "\u0370-\u0373\u0376-\u03ff\u1f00-\u1fff",
    "Cyrl": "\u0400-\u052f\u1c80-\u1c8f\u2de0-\u2dff\ua640-\ua69f",
    "Armn": "\u0531-\u0556\u0560-\u0588",
    "Hebr": "\u0591-\u05f4\ufb1d-\ufb4f",
    "Ethi": "\u1200-\u137f\u1380-\u139f\u2d80-\u2ddf\uab00-\uab2f",
    "Geor": "\u10a0-\u10ff\u1c90-\u1cbf\u2d00-\u2d2f",
    "Thai": "\u0e01-\u0e4e",
    "Zzzz": "\u0700-\u074f\u0780-\u08ff\u0a00-\u0df4\u0e81-\u10ff\u1400-\u1cff\u2c00-\u2c5f\u2c80-\u2cff\u2d30-\u2d7f\ua000-\ua4cf\ua500-\ua63f\ua6a0-\ua71f\ua800-\ua8df\ua900-\uaaff\uab30-\uabff\U00010000-\U0001efff",
}
#: Scripts written without spaces; the model reads each character as a word.
UNSPACED = ("Hani", "Jpan")
_WEIGHTS = {"Hani": 3, "Jpan": 3, "Kana": 3, "Hang": 3}
#: What a letter counts where scripts are mixed: foreign drug names are long, and Latin letters stand in every script's text.
_PULL = {"Latn": 1, "Hani": 6, "Kana": 6, "Hang": 6}
_MARKS = "\u0300-\u036f\u02b9-\u02ff\u200c\u200d"  # accents, half-rings and clicks, joiners: part of the word
_RUN = re.compile("|".join(f"(?P<{name}>[{ranges}]+)" for name, ranges in RANGES.items()))
_LATIN_ONLY = re.compile("[^\x00-\u02ff\u0300-\u036f\u1e00-\u1eff\u2000-\u2bff\ufe00-\ufe0f\U0001f000-\U0001faff]")
#: What is neither in Latin-1 nor common punctuation. Texts without it are composed as they are, and bytes are the fast way
#: through them: a fifth of the price.
_BEYOND_LATIN_1 = re.compile("[^\x00-\xff\u2010-\u2027\u2030-\u205e]")
_LATIN_1 = bytes(
    ord(char.lower()) if re.match(f"[{RANGES['Latn']}']", char) else ord(" ") for char in map(chr, range(256))
)

#: Common signs, none of them in RANGES.
_SIGNS = (
    "\x00-@\\[-`{-\xa9\xab-\xb9\xbb-\xbf\xd7\xf7\u02b0-\u036f\u060c\u061b\u061f\u0660-\u066d\u06d4\u0964-\u0970\u09e4-\u09ef"
    "\u2000-\u2bff\u3000-\u3004\u3008-\u3020\u30fb\uff00-\uff20\uff3b-\uff40\uff5b-\uff65"
)
#: Scripts that are met together, by each of them. Not by "Zzzz", whose range holds parts of others: there, the run decides.
_BESIDE = {name: ("Latn", name) for name in RANGES if name not in ("Latn", "Zzzz")}
_BESIDE["Hani"] = _BESIDE["Kana"] = ("Latn", "Hani", "Kana")


class _Scripts(dict):
    """Character -> its script in RANGES, "" for those in none; filled as characters are met."""

    def __missing__(self, char: str) -> str:
        found = _RUN.match(char)
        self[char] = name = (found.lastgroup or "") if found else ""
        return name


_script_of = _Scripts().__getitem__


# Patterns are made when they are first needed: to make one takes half a millisecond.
@cache
def _words(script: str) -> re.Pattern[str]:
    if script == "Jpan":
        return re.compile(f"[{RANGES['Hani']}{RANGES['Kana']}]+")
    return re.compile(f"[{RANGES[script]}{_MARKS}']+")


@cache
def _none_but(*scripts: str) -> re.Pattern[str]:
    """What does not stand in a text of signs and these scripts."""
    return re.compile(f"[^{_SIGNS}{''.join(RANGES[name] for name in scripts)}]")


@cache
def _run(script: str) -> re.Pattern[str]:
    return re.compile(f"[{RANGES[script]}]+")


def fold(text: str) -> Folded:
    """The text as the model reads it; "" where it holds no letter."""
    if text.isascii():
        raw = text.encode()
    elif _BEYOND_LATIN_1.search(text) is None:
        raw = text.replace("’", "'").encode("latin-1", "replace")
    else:
        return _fold(normalize("NFC", text))
    folded = " ".join(raw.translate(_LATIN_1).decode("latin-1").split()).strip(" '")
    return Folded("Latn" if folded else "", folded, len(folded) - folded.count(" "))


def _fold(text: str) -> Folded:
    """Any composed text."""
    script = "Latn" if _LATIN_ONLY.search(text) is None else main_script(text)
    if not script:
        return Folded("", "", 0)
    words = _words(script).findall(text.replace("’", "'").lower())
    if script in UNSPACED:
        folded = "".join(words).strip("'")
        letters = len(folded)
        folded = " ".join(folded)
    else:
        folded = " ".join(words).strip(" '")
        letters = len(folded) - folded.count(" ")
    return Folded(script, folded, letters * _WEIGHTS.get(script, 1)) if folded else Folded("", "", 0)


def main_script(text: str) -> str:
    """The script that most of the letters belong to, by their pull; "" where there is no letter."""
    for name in map(_script_of, text):
        if name and name != "Latn":
            break
    else:
        return "Latn" if _run("Latn").search(text) else ""
    if name in _BESIDE:  # nearly always, and a fifth of the price of looking at each run
        if _none_but(name).search(text) is None:
            return "Jpan" if name == "Kana" else name
        if _none_but(*_BESIDE[name]).search(text) is None:
            letters = {one: len(text) - len(_run(one).sub("", text)) for one in _BESIDE[name]}
            return _strongest({one: count * _PULL.get(one, 2) for one, count in letters.items()})
    return _strongest(_pulls(text))


def _pulls(text: str) -> dict[str, int]:
    """Run by run: script -> the pull of all its letters."""
    count: dict[str, int] = {}
    for run in _RUN.finditer(text):
        name = run.lastgroup or ""
        count[name] = count.get(name, 0) + (run.end() - run.start()) * _PULL.get(name, 2)
    return count


def _strongest(count: dict[str, int]) -> str:
    kana, han = count.pop("Kana", 0), count.get("Hani", 0)
    if kana * 20 >= kana + han and kana:  # one kana in twenty: a の or two in Chinese text are decoration
        count["Jpan"] = kana + count.pop("Hani", 0)
    return max(count, key=lambda name: (count[name], name)) if count else ""
