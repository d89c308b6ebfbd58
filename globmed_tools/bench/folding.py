"""Replies and options made comparable: reasoning taken off, widths, emphasis, accents and case evened out.

>>> fold("**Réponse** : Ｂ")
'Reponse : B'
>>> visible("<think>A or B</think> B")
'B'
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache

import regex

_NAMES = "think|thinking|thought|thoughts|reasoning|analysis|scratchpad"
_OPEN = regex.compile(rf"<(?:{_NAMES})>|\[THINK\]", regex.I)
_CLOSE = regex.compile(rf"</(?:{_NAMES})>|\[/THINK\]", regex.I)
_CLOSED = regex.compile(rf"(?:{_OPEN.pattern}).*?(?:{_CLOSE.pattern})", regex.S | regex.I)
_FINAL_CHANNEL = "<|channel|>final<|message|>"
#: A word in Latin or Arabic script with at least one character beyond a-z.
_WORD = regex.compile(r"[A-Za-z]*(?:[[\p{Latin}\p{Arabic}\p{M}]--[A-Za-z]][A-Za-z]*)+", regex.V1)
_MARKS = regex.compile(r"\p{Mn}+")
_EMPHASIS = regex.compile(r"[*`]+|(?<!\w)_+|_+(?!\w)")
_BLANKS = regex.compile(r"[^\S\n ]+ *| {2,}")
_SKELETON = regex.compile(r"[\p{M}\p{P}\s]")
#: Letters that replies write for one another and that have no combining mark to take off.
_ALIKE = str.maketrans(
    {"œ": "oe", "Œ": "Oe", "æ": "ae", "ß": "ss", "ŋ": "n", "Ŋ": "N", "ø": "o", "ة": "ه", "ى": "ي", "İ": "I"}
)
_UNSEEN = dict.fromkeys(map(ord, "\N{ZERO WIDTH SPACE}\N{ARABIC TATWEEL}\N{RIGHT-TO-LEFT MARK}\N{LEFT-TO-RIGHT MARK}"))
#: Circled numbers label options; as letters they are read by the same rules.
_CIRCLED = {ord("①") + number: chr(ord("A") + number) for number in range(10)}
_EVEN = _UNSEEN | _CIRCLED
_UNEVEN = regex.compile("[" + "".join(map(chr, _EVEN)) + "]")


def visible(reply: str) -> str:
    """The reply without its reasoning; empty where reasoning was opened and never closed."""
    if _FINAL_CHANNEL in reply:
        reply = reply.rpartition(_FINAL_CHANNEL)[2]
    if "<" not in reply and "[" not in reply:
        return reply.strip()
    text = _CLOSED.sub("\n", reply)
    if closes := list(_CLOSE.finditer(text)):
        text = text[closes[-1].end() :]
    if opened := _OPEN.search(text):
        text = text[: opened.start()]
    return text.strip()


def is_unfinished(reply: str) -> bool:
    """Does the reply open reasoning anywhere?"""
    return bool(_OPEN.search(reply))


def fold(text: str) -> str:
    """Full-width to half-width, markdown emphasis away, accents off words of two letters or more (so É stays no E)."""
    if not text.isascii():
        if _UNEVEN.search(text):
            text = text.translate(_EVEN)
        text = unicodedata.normalize("NFKC", text)
        text = _WORD.sub(_bare_match, text)
    return _BLANKS.sub(" ", _EMPHASIS.sub("", text))


def _bare_match(match) -> str:
    stripped = bare(match[0])
    return stripped if sum(map(str.isalpha, stripped)) > 1 else match[0]


@lru_cache(maxsize=1 << 16)
def bare(word: str) -> str:
    """A word without its combining marks."""
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", word.translate(_ALIKE))))


_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


class Options:
    """A document's options as replies write them, all folded at once when they are first asked for."""

    def __init__(self, texts: Sequence[str]):
        self.texts = texts

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def folded(self) -> list[str]:
        """Each option as `fold` makes it, without a final full stop."""
        joined = fold("\n".join(" ".join(text.split()) for text in self.texts))
        return [text.strip().rstrip(".。।") for text in joined.split("\n")]

    def spelt(self, index: int) -> list[str]:
        """The spellings of one option, the folded one first: with ä as ae, without a noun-class prefix (I-enalapril)."""
        found, text = [self.folded[index]], self.texts[index]
        if not text.isascii() and (other := text.translate(_UMLAUTS)) != text:
            found.append(fold(other).strip().rstrip("."))
        if text[1:2] == "-" and text[0] in "IUiu":
            found.append(fold(text[2:]).strip().rstrip("."))
        return found

    def fitting(self, length: int) -> Iterator[int]:
        """The options that a text of this length can hold; folding shortens a text to a third at the very most."""
        return (index for index, text in enumerate(self.texts) if len(text) <= 3 * length)


def skeleton(text: str) -> str:
    """A text without vowel signs, other marks, punctuation and spaces, to compare spellings in scripts with such marks."""
    return _SKELETON.sub("", text.replace("ৎ", "ত"))
