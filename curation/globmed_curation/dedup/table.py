"""The table of code points: what folding, composing and the guard must know of each, worked out page by page as they are met.

    >>> table = get(); table.learn([0]); chr(table.rows[ord("K")]), table.bits[ord("7")] & DIGIT
    ('k', 1)

rows: the folded code point, 0 for what is dropped; bit 31 set where NFC may change a text that contains it; UNKNOWN where the
page of 256 code points was not met yet. bits: the classes below. plain: the code point that NFKC makes of it; small: that lower()
makes of it. ccc and last: the combining class of a code point and of the last one it decomposes to. pairs: a hash table of the
pairs of code points that compose, and in joined what each composes to. splits: the row of `parts` that says how many code points
NFD makes of it, and which; 0 where it leaves it alone.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np

from .guard import COMPATIBLE, SIGNS

UNKNOWN, COMPOSES, CODE = 0xFFFFFFFF, 0x80000000, 0x1FFFFF
#: \d, isalnum, islower, white space, what may begin a sign, what calls for NFKC, what NFKC makes more or less of than one
#: character, what lower() does not make one character whatever stands around it.
DIGIT, ALNUM, LOWER, SPACE, SIGN, COMPAT, MULTI, ODD = (1 << bit for bit in range(8))
#: Bits of `composing`: NFC changes it wherever it stands; it may compose with what stands before it.
CHANGES, SECOND = 1, 2
_SIZE, _PAGE, _ROOM = 0x110000, 256, 1 << 12
PAIRS, PAIR_STEP = 1 << 13, 0x9E3779B97F4A7C15


class Table:
    """See above; one a process."""

    def __init__(self):
        self.rows = np.full(_SIZE, UNKNOWN, np.uint32)
        self.bits, self.composing = np.zeros(_SIZE, np.uint8), np.zeros(_SIZE, np.uint8)
        self.plain, self.small = np.zeros(_SIZE, np.uint32), np.zeros(_SIZE, np.uint32)
        self.ccc, self.last = np.zeros(_SIZE, np.uint8), np.zeros(_SIZE, np.uint8)
        self.known = np.zeros(_SIZE // _PAGE, np.uint8)
        self.splits, self.parts, self._filled = np.zeros(_SIZE, np.uint16), np.zeros((_ROOM, 5), np.uint32), 1
        self.pairs, self.joined = np.zeros(PAIRS, np.uint64), np.zeros(PAIRS, np.uint32)
        for one, other in _halves():
            joined = unicodedata.normalize("NFC", chr(one) + chr(other))
            if len(joined) == 1:
                self._keep(one << 21 | other, ord(joined))
        self.seconds = {other for _, other in _halves()} | set(range(0x1160, 0x1200))

    def _keep(self, pair: int, joined: int) -> None:
        slot = (pair * PAIR_STEP % (1 << 64)) >> 51
        while self.pairs[slot]:
            slot = (slot + 1) % PAIRS
        self.pairs[slot], self.joined[slot] = pair, joined

    def _split(self, code: int, parts: str) -> None:
        if self._filled == len(self.parts):  # kernels at work keep the array that they were given
            self.parts = np.concatenate((self.parts, np.zeros_like(self.parts)))
        self.parts[self._filled, : len(parts) + 1] = len(parts), *map(ord, parts)
        self.splits[code] = self._filled
        self._filled += 1

    def learn(self, pages) -> None:
        """Fill these pages, and those that their characters lead to."""
        queue = [page for page in pages if not self.known[page]]
        while queue:
            page = queue.pop()
            if not self.known[page]:
                self._fill(page)
                start = page * _PAGE
                parts = self.parts[self.splits[start : start + _PAGE], 1:].ravel()
                leads = np.concatenate((self.plain[start : start + _PAGE], self.small[start : start + _PAGE], parts))
                queue += [one for one in np.unique(leads // _PAGE).tolist() if not self.known[one]]
                self.known[page] = 1

    def _fill(self, page: int) -> None:
        for code in range(page * _PAGE, (page + 1) * _PAGE):
            character = chr(code)
            second = code in self.seconds
            changes, last, plain = False, character, character
            if unicodedata.decomposition(character):
                changes = not unicodedata.is_normalized("NFC", character)
                parts = unicodedata.normalize("NFD", character)
                last = parts[-1]
                if parts != character:
                    self._split(code, parts)
                plain = unicodedata.normalize("NFKC", character)
            small = character.lower()
            self.composing[code] = CHANGES * changes | SECOND * second
            self.ccc[code], self.last[code] = unicodedata.combining(character), unicodedata.combining(last)
            self.plain[code] = ord(plain) if len(plain) == 1 else code
            self.small[code] = ord(small) if len(small) == 1 else code
            self.bits[code] = (
                DIGIT * character.isdecimal()
                | ALNUM * character.isalnum()
                | LOWER * character.islower()
                | SPACE * character.isspace()
                | SIGN * (character in SIGNS or character.isdecimal())
                | COMPAT * bool(COMPATIBLE.match(character))
                | MULTI * (len(plain) != 1 or changes or second)
                | ODD * (len(small) != 1 or character == "Σ")
            )
            may_change = changes or second or self.ccc[code]
            self.rows[code] = folded(character, plain) | (COMPOSES if may_change else 0)


def folded(character: str, plain: str) -> int:
    """The folded code point of one character, which NFKC makes `plain`; 0 where it is no letter, mark or digit."""
    if unicodedata.category(character)[0] not in "LMN":
        return 0
    small = (plain if len(plain) == 1 else character).casefold()
    return ord(small) if len(small) == 1 else ord(plain if len(plain) == 1 else character)


@cache
def _halves() -> frozenset[tuple[int, int]]:
    """The two halves of every canonical decomposition, those that NFC does not put together again included; Hangul, which goes
    by rule, is not among them."""
    told = (unicodedata.decomposition(chr(code)).split() for code in range(0xA0, 0x20000))
    return frozenset((int(p[0], 16), int(p[1], 16)) for p in told if len(p) == 2 and p[0][0] != "<")


@cache
def get() -> Table:
    return Table()
