"""Folding: what two writings of one text have in common, as code points.

    >>> codes, bounds = fold(["Na+ <5!", "ＮＡ 5"])
    >>> "".join(map(chr, codes)), bounds.tolist()
    ('na5na5', [0, 3, 6])

Letters, marks and digits of any script are kept: composed (NFC), with compatibility forms such as full-width letters made plain
(NFKC), in small letters. What NFKC or case folding would make into several characters stays as it is (ß, ﬁ, Ⅳ). All else
goes: spaces, punctuation, symbols, ㎎ among them. guard.py looks at what is lost here.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np

_UNKNOWN, _COMPOSES, _CODE = 0xFFFFFFFF, 0x80000000, 0x7FFFFFFF


@cache
def _table() -> np.ndarray:
    """Code point -> folded code point, 0 for what is dropped, _COMPOSES added where NFC may change it; filled as code points
    are met."""
    return np.full(0x110000, _UNKNOWN, np.uint32)


def folded(character: str) -> int:
    """The folded code point of one character, 0 where it is no letter, mark or digit."""
    if unicodedata.category(character)[0] not in "LMN":
        return 0
    plain = unicodedata.normalize("NFKC", character)
    small = (plain if len(plain) == 1 else character).casefold()
    return ord(small) if len(small) == 1 else ord(plain if len(plain) == 1 else character)


@cache
def _seconds() -> frozenset[str]:
    """Characters that compose with the one before them: the last of a canonical decomposition, vowels and finals of Hangul."""
    told = (unicodedata.decomposition(chr(code)).split() for code in range(0xA0, 0x20000))
    last = {chr(int(parts[-1], 16)) for parts in told if len(parts) == 2 and parts[0][0] != "<"}
    return frozenset(last | {chr(code) for code in range(0x1160, 0x1200)})


def _row(code: int) -> int:
    character = chr(code)
    composes = character in _seconds() or not unicodedata.is_normalized("NFC", character)
    return folded(character) | (_COMPOSES if composes else 0)


def fold(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """(code points of all texts as uint32, bounds: text i is codes[bounds[i] : bounds[i + 1]])."""
    ends, codes = _looked_up(texts)
    if (changing := np.flatnonzero(codes >= _COMPOSES)).size:
        texts = list(texts)
        for number in np.unique(np.searchsorted(ends, changing, "right") - 1).tolist():
            texts[number] = unicodedata.normalize("NFC", texts[number])
        ends, codes = _looked_up(texts)
        codes &= np.uint32(_CODE)
    kept = codes != 0
    before = np.zeros(len(codes) + 1, np.int64)
    np.cumsum(kept, out=before[1:])
    return codes[kept], before[ends]


def _looked_up(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """(where each text begins, and the end; the table's row for every code point)."""
    ends = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)), out=ends[1:])
    raw = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    table = _table()
    codes = table[raw]
    if (new := codes == _UNKNOWN).any():
        for code in np.unique(raw[new]).tolist():
            table[code] = _row(code)
        codes = table[raw]
    return ends, codes
