"""Folding: what two writings of one text have in common, as code points.

    >>> codes, bounds = fold(["Na+ <5!", "ＮＡ 5"])
    >>> "".join(map(chr, codes)), bounds.tolist()
    ('na5na5', [0, 3, 6])

Letters, marks and digits of any script are kept: composed (NFC), with compatibility forms such as full-width letters made plain
(NFKC), in small letters. What NFKC or case folding would make into several characters stays as it is (ß, ﬁ, Ⅳ). All else
goes: spaces, punctuation, symbols, ㎎ among them. guard.py looks at what is lost here. table.py has the rules letter by letter.
"""

from __future__ import annotations

import numpy as np

from .texts import Texts, letters, packed


def fold(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """(code points of all texts as uint32, bounds: text i is codes[bounds[i] : bounds[i + 1]])."""
    return packed(letters(Texts.of(texts)))
