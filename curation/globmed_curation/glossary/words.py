"""Text in pieces, and what a word is matched as: small letters, no accents, inflection taken off.

    >>> pieces("Type-2 Diabetes, 糖尿病")
    ['Type', '-', '2', ' ', 'Diabetes', ',', ' ', '糖', '尿', '病']
    >>> fold("Fièvre"), fold("ΜΕΘΟΔΟΣ"), fold("السُّكَّري")
    ('fievre', 'μεθοδοσ', 'السكري')
    >>> list(Inflection.of("en").bases("biopsies"))
    ['biopsy', 'biopsi', 'biopsie', 'biopsiis']

The pieces of a text are all of it, so their lengths are the places of what they are in it. A word is letters, marks and digits
that stand together; in scripts that are written without spaces (Han, kana, Thai, Lao, Khmer, Burmese) each character is a
piece. Folding never makes two terms one by itself: `matcher` asks what the text says exactly before it takes a folded one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from unicodedata import normalize

import regex

from globmed_tools import languages

_ASCII_PIECE = re.compile(r"[a-zA-Z0-9]+|\s+|[^a-zA-Z0-9\s]")
#: What stands in no text of Latin and Greek letters with their usual signs. Such a text needs no classes of Unicode, which `re`
#: does not have; it is three times as fast as `regex`.
_BEYOND = re.compile("[^\x00-\xac\xae-\u02ff\u0370-\u03ff\u2010-\u2027\u2030-\u205f\u2070-\u20cf\u2100-\u2bff]")
_LATIN_PIECE = re.compile(r"[^\W_]+|\s+|.", re.DOTALL)
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_PIECE = regex.compile(
    rf"[{_UNSPACED}]\p{{M}}*|[[\p{{L}}\p{{M}}\p{{N}}\u00ad\u200b-\u200d\u2060]--[{_UNSPACED}]]+|\s+|.",
    regex.VERSION1 | regex.DOTALL,
)
#: Accents of Latin, Greek and Cyrillic letters; Arabic vowel signs, hamza and tatweel; joiners and direction marks. The marks of
#: Indic and Thai writing, and the voicing marks of kana, are letters as good as any other and stay.
_MARKS = re.compile("[\u0300-\u036f\u0640\u064b-\u065f\u0670\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_ALIKE = str.maketrans("ى’‘ʼ‐‑‒–—−", "ي'''------")
#: Letters with a dot, a stroke or a slash between them, all of them capitals: HIV, HIV/AIDS, U.S.
_ABBREVIATION = regex.compile(r"\p{Lu}[\p{Lu}\p{M}]*(?:[./&-]?\p{Lu}\p{M}*)+\.?")
#: A word of capitals up to this many letters is an abbreviation; a longer one is emphasis.
_LONGEST_ABBREVIATION = 5


def pieces(text: str) -> list[str]:
    """The words, signs and spaces of a text, in order and without anything left out."""
    if text.isascii():
        return _ASCII_PIECE.findall(text)
    return (_PIECE if _BEYOND.search(text) else _LATIN_PIECE).findall(text)


@lru_cache(maxsize=65536)
def fold(piece: str) -> str:
    """A piece in small letters, without accents and with one form for dashes and apostrophes."""
    if piece.isascii():
        return piece.lower()
    bare = _MARKS.sub("", normalize("NFKD", piece)).translate(_ALIKE)
    return normalize("NFC", bare).casefold()


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """A whole text as matching sees it: folded, with one space for every run of spaces and for a dash between words."""
    return " ".join("".join(map(fold, pieces(text))).replace("-", " ").split())


def is_abbreviation(term: str) -> bool:
    """A term that only its capitals tell from a word: "AIDS", "HIV/AIDS"; not "COVID-19" and "H1N1", which nothing else is."""
    return _ABBREVIATION.fullmatch(term) is not None


def reads_as_abbreviation(text: str, start: int, end: int) -> bool:
    """Is text[start:end] one short word of capitals in a line that is not all capitals?"""
    word = text[start:end]
    if not (1 < len(word) <= _LONGEST_ABBREVIATION and word.isalpha() and word.isupper()):
        return False
    line = text[text.rfind("\n", 0, start) + 1 :].partition("\n")[0]
    return not line.isupper() or line.strip() == word


@dataclass(frozen=True, slots=True)
class Inflection:
    """What may be taken off a word of one language (languages.toml): pairs of what is found and what stands for it."""

    endings: tuple[tuple[str, str], ...]
    beginnings: tuple[tuple[str, str], ...]
    least: int

    @classmethod
    @cache
    def of(cls, code: str) -> "Inflection":
        """The table's facts for this language, folded as words are."""
        facts = languages.get(code).inflection
        endings, beginnings = (
            tuple(tuple(map(fold, rule.partition(">")[::2])) for rule in facts[name].split())
            for name in ("endings", "beginnings")
        )
        return cls(endings, beginnings, facts["least"])

    def bases(self, word: str) -> Iterator[str]:
        """What a folded word may be a form of, likeliest first, never itself. Most are no words at all: only those that
        stand in the glossary count."""
        if not self.beginnings:
            yield from self._ends(word)
            return
        for whole in (word, *self._begins(word)):
            if whole != word:
                yield whole
            yield from self._ends(whole)

    def _ends(self, word: str) -> Iterator[str]:
        for found, instead in self.endings:
            if word.endswith(found) and len(word) - len(found) + len(instead) >= self.least:
                yield word[: len(word) - len(found)] + instead

    def _begins(self, word: str) -> Iterator[str]:
        for found, instead in self.beginnings:
            if word.startswith(found) and len(word) - len(found) + len(instead) >= self.least:
                yield instead + word[len(found) :]
