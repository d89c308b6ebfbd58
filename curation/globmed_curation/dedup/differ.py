"""What forbids to take two texts for one, for many pairs at once: the answers of `wording.differences`, by compiled code.

    >>> texts = Texts.of(["Give 5 mg.", "Give 50 mg!", "Give 5 g."])
    >>> differing(texts, np.array([0, 0]), np.array([1, 2]), ["en", "en"]).tolist()     # bits in the order of DIFFERS
    [1, 2]

Figures, signs and units of every text become two hashes. Where those of a pair agree, the words that only one of both has are
looked up, each word of a language once; only where one of them may tell something, or the words that may come in another order,
both texts are read as the checks of translations read them, in Python.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np

from globmed_tools import languages
from globmed_tools.languages import Language

from . import table
from .sketches import mixed
from .texts import Codes, Texts, codes, letters, room
from .wording import may_tell, read_differently

#: The bits of what forbids, lowest first.
DIFFERS = ("numbers", "units", "negations")
_BITS = {name: 1 << bit for bit, name in enumerate(DIFFERS)}
#: Words of a language whose meaning is remembered.
_MOST = 1 << 20


def differing(texts: Texts, one: np.ndarray, other: np.ndarray, spoken: Sequence[str | None]) -> np.ndarray:
    """For each pair of texts one[i], other[i] of the language spoken[i] what they do not share, as uint8. A language that is not
    known: only figures, signs and units count."""
    found = codes(texts)
    numbers, units = sign_hashes(texts, found)
    told = (numbers[one] != numbers[other]) * np.uint8(1) | (units[one] != units[other]) * np.uint8(2)
    known = {code: languages.find(code) for code in set(spoken) if code}
    left = np.array([pair for pair in np.flatnonzero(told == 0).tolist() if known.get(spoken[pair])], np.int64)
    ours = np.empty(len(left), object)
    ours[:] = [known[spoken[pair]] for pair in left.tolist()]
    for number in _not_the_same(found, one[left], other[left], ours).tolist():
        pair = left[number]
        told[pair] = _read(texts, int(one[pair]), int(other[pair]), ours[number])
    return told


def sign_hashes(texts: Texts, found: Codes) -> tuple[np.ndarray, np.ndarray]:
    """Two hashes a text: of its numbers, signs and labels; of its units."""
    from . import reading

    numbers, units = np.empty(len(texts), np.uint64), np.empty(len(texts), np.uint64)
    known = table.get()
    plain = found.flags & table.COMPAT != 0
    reading.signs(*found[:3], plain.astype(np.uint8), known.bits, known.plain, numbers, units)
    several = np.flatnonzero(plain & (found.flags & table.MULTI != 0))
    if len(several):
        made = (" ".join(texts.string(number).split()) for number in several.tolist())
        again = codes(Texts.of(unicodedata.normalize("NFKC", one) for one in made), verbatim=True)
        ours, theirs = np.empty(len(several), np.uint64), np.empty(len(several), np.uint64)
        reading.signs(*again[:3], np.zeros(len(several), np.uint8), known.bits, known.plain, ours, theirs)
        numbers[several], units[several] = ours, theirs
    return numbers, units


def _not_the_same(found: Codes, one: np.ndarray, other: np.ndarray, spoken: np.ndarray) -> np.ndarray:
    """The pairs whose words may tell different things. spoken: Languages."""
    from . import reading

    if not len(one):
        return one
    small, size = table.get().small, int((found.sizes[one] + found.sizes[other]).sum())
    ordered, pair_of = np.empty(len(one), np.uint8), room("pairs", size, np.int64)
    hashes, begins, ends = room("hashes", size, np.uint64), room("begins", size, np.int64), room("ends", size, np.int64)
    spaced = np.array([language.spaces for language in spoken], np.uint8)
    count = reading.uneven(*found[:3], one, other, spaced, small, ordered, pair_of, hashes, begins, ends)
    pair_of = pair_of[:count].copy()
    tells = _tell(found.codes, hashes[:count], begins[:count], ends[:count], spoken[pair_of])
    told = (found.flags[one] | found.flags[other]) & table.ODD != 0
    told[pair_of[tells]] = True
    # The words that both have equally often come in another order: does the order of those that tell something change?
    moved = np.flatnonzero(~told & (ordered == 0))
    which = np.column_stack((one[moved], other[moved])).ravel()
    bounds, figures = np.empty(len(which) + 1, np.int64), room("figures", size, np.uint8)
    spaced = np.repeat(spaced[moved], 2)
    bits = table.get().bits
    count = reading.tokens(*found[:3], which, spaced, small, bits, hashes, begins, ends, figures, bounds)
    owners = np.repeat(np.repeat(spoken[moved], 2), np.diff(bounds))
    tells = figures[:count] != 0
    rest = np.flatnonzero(~tells)
    tells[rest] = _tell(found.codes, hashes[rest], begins[rest], ends[rest], owners[rest])
    for number, pair in enumerate(moved.tolist()):
        ours, theirs = (slice(bounds[2 * number + side], bounds[2 * number + side + 1]) for side in (0, 1))
        told[pair] = not np.array_equal(hashes[ours][tells[ours]], hashes[theirs][tells[theirs]])
    return np.flatnonzero(told)


_meanings: dict[str, dict[int, bool]] = {}


def _tell(
    letters: np.ndarray, hashes: np.ndarray, begins: np.ndarray, ends: np.ndarray, spoken: np.ndarray
) -> np.ndarray:
    """May these words, by their hashes and where they stand, tell anything? Each of a language is looked up once."""
    told = np.zeros(len(hashes), bool)
    for language in set(spoken.tolist()):
        ours = np.flatnonzero(spoken == language)
        different, first, back = np.unique(hashes[ours], return_index=True, return_inverse=True)
        known = _meanings.setdefault(language.code, {})
        if len(known) > _MOST:
            known.clear()
        meanings = np.empty(len(different), bool)
        for number, (value, place) in enumerate(zip(different.tolist(), ours[first].tolist(), strict=True)):
            meaning = known.get(value)
            if meaning is None:
                word = "".join(map(chr, letters[begins[place] : ends[place]].tolist())).lower()
                meaning = known[value] = may_tell(word, language)
            meanings[number] = meaning
        told[ours] = meanings[back]
    return told


def _read(texts: Texts, one: int, other: int, language: Language) -> int:
    found = read_differently(texts.string(one), texts.string(other), language)
    return sum(_BITS[name] for name in found)


def whole(texts: Texts) -> np.ndarray:
    """One uint64 for each text: equal where folded letters, figures, signs and units are; of texts without a letter or digit,
    where all is but white space."""
    from . import hashing

    plain = codes(texts)
    numbers, units = sign_hashes(texts, plain)
    keys, found = np.empty(len(texts), np.uint64), letters(texts)
    hashing.whole(*plain[:3], keys)
    some = np.flatnonzero(found.sizes)
    folded = np.empty(len(some), np.uint64)
    hashing.whole(found.codes, found.at[some], found.sizes[some], folded)
    keys[some] = mixed(folded + mixed(numbers[some] + mixed(units[some])))
    return keys
