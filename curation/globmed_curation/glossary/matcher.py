"""Every place where a term of one language stands in a text: an Aho-Corasick automaton over words.

    >>> matcher = Matcher("en", ["acute bronchitis", "bronchitis", "AIDS"])
    >>> [(text[start:end], terms) for start, end, terms in matcher.scan(text := "Acute  bronchitis with AIDS")]
    [('Acute  bronchitis', [0]), ('bronchitis', [1]), ('AIDS', [2])]

Each class of words ("tumor", "tumors", "Tumor") is given one character, a text becomes a string of them, and the automaton
runs over that: matches begin and end at words by construction, an inflected word matches inside a longer term, and there are
fewer steps and nodes than over letters. ahocorasick_rs does it in Rust; benchmarks/glossary.py has it beside others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from unicodedata import category, normalize

from globmed_tools.errors import GlobmedError

from .words import Inflection, fold, folded, is_abbreviation, pieces, reads_as_abbreviation

SPACE, UNKNOWN = " ", "\x01"
_FIRST_CODE, _SURROGATES, _LAST_CODE = 0x21, range(0xD800, 0xE000), 0x10FFFF
#: Pieces whose class is remembered; a corpus has many more words than a glossary.
_REMEMBERED = 200_000
#: How near what the text says is to the term; the nearest terms win.
EXACT, CASE, FOLDED, INFLECTED = range(4)


#: Where a stretch of text begins and ends, and the numbers of the terms that may stand there.
Place = tuple[int, int, list[int]]


class Matcher:
    """The terms of one language (gone through twice, and not kept); a term is spoken of by its place among them."""

    def __init__(self, code: str, terms: Iterable[str]):
        import ahocorasick_rs

        self._classes = _Classes(code, terms)
        patterns = ("".join(map(self._classes.known, map(fold, pieces(term)))) for term in terms)
        self._automaton = ahocorasick_rs.AhoCorasick(
            patterns, store_patterns=False, implementation=ahocorasick_rs.Implementation.ContiguousNFA
        )

    def scan(self, text: str) -> list[Place]:
        """All places, overlapping ones too, by start, longest first."""
        parts = pieces(text)
        codes = "".join(map(self._classes.__getitem__, parts))
        places: dict[tuple[int, int], list[int]] = {}
        for term, start, end in self._automaton.find_matches_as_indexes(codes, overlapping=True):
            places.setdefault((start, -end), []).append(term)
        if not places:
            return []
        at = list(accumulate(map(len, parts), initial=0))
        return [(at[start], at[-end], terms) for (start, end), terms in sorted(places.items())]


def nearness(term: str, text: str, start: int, end: int) -> int | None:
    """How near text[start:end] is to a composed term that has the same classes of words; None where it is another term after all:
    "aids" is not AIDS, nor "LEAD" lead, nor "HER2-positive" HER2-."""
    span = text[start:end]
    if span == term:
        if term[-1].isalnum():
            return EXACT
        return None if _cut(term, text, end) else EXACT
    if (_is_sign(term[0]) or _is_sign(term[-1])) and not _same_edges(term, text, start, end):
        return None
    if not span.isascii():
        span = normalize("NFC", span)
        if span == term:
            return EXACT
    if term.isupper() and is_abbreviation(term):
        return INFLECTED if span.startswith(term) and span[len(term) :] in ("s", "es") else None
    if span.isupper() and reads_as_abbreviation(text, start, end):
        return None
    if span.casefold() == term.casefold():
        return CASE
    return FOLDED if folded(span) == folded(term) else INFLECTED


def _is_sign(char: str) -> bool:
    return not char.isalnum() and category(char)[0] in "PS"


def _cut(term: str, text: str, end: int) -> bool:
    """A term that ends with a dash, where the dash joins it to what follows."""
    return fold(term[-1]) == "-" and text[end : end + 1].isalnum()


def _same_edges(term: str, text: str, start: int, end: int) -> bool:
    """A dash matches a space between words, but "HER2-" is not "HER2 "."""
    first, last = text[start], text[end - 1]
    return fold(first) == fold(term[0]) and fold(last) == fold(term[-1]) and not _cut(term, text, end)


class _Classes(dict):
    """Piece of a text, as it stands there -> the character of its class; filled as pieces are met."""

    def __init__(self, code: str, terms: Iterable[str]):
        super().__init__()
        self._code, self._inflection = code, Inflection.of(code)
        words: Counter[str] = Counter()
        for term in terms:
            for piece in pieces(term):
                words[fold(piece)] += 1
        self._known: dict[str, str] = {}
        self._bases: dict[str, str] = {}
        self._learn(words)
        self.known = self._known.__getitem__

    def _learn(self, words: Counter[str]) -> None:
        """Give the words of the glossary their classes: forms of one another share one, the commonest get short codes."""
        parent: dict[str, str] = {}

        def root(word: str) -> str:
            while (above := parent.get(word, word)) != word:
                word = above
            return word

        absent: dict[str, str] = {}
        for word in sorted(words):
            for base in self._inflection.bases(word):
                if base in words:
                    if (mine := root(word)) != (other := root(base)):
                        parent[max(mine, other)] = min(mine, other)
                else:
                    absent.setdefault(base, word)
        count: Counter[str] = Counter()
        for word, number in words.items():
            count[root(word)] += number
        codes = dict(zip((word for word, _ in count.most_common()), self._codes(len(count))))
        self._known.update((word, _gap(word) or codes[root(word)]) for word in words)
        self._bases = {base: self._known[word] for base, word in absent.items()}

    def _codes(self, number: int) -> list[str]:
        if number > _LAST_CODE - _FIRST_CODE - len(_SURROGATES):
            raise GlobmedError(f"the glossary has {number:,} different words of {self._code!r}. Divide it by subject.")
        codes = (code for code in range(_FIRST_CODE, _LAST_CODE + 1) if code not in _SURROGATES)
        return [chr(code) for _, code in zip(range(number), codes)]

    def __missing__(self, piece: str) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        self[piece] = found = self._class(piece)
        return found

    def _class(self, piece: str) -> str:
        word = fold(piece)
        if found := _gap(word) or self._known.get(word) or self._bases.get(word):
            return found
        return next((self._known[base] for base in self._inflection.bases(word) if base in self._known), UNKNOWN)


def _gap(piece: str) -> str:
    """Spaces and dashes are one class: T-cell, T cell."""
    return SPACE if piece == "-" or piece.isspace() else ""
