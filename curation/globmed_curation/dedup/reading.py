"""Kernels that compare what figures, signs and words of two texts say: guard.py and the cheap look of wording.py, compiled.

Text i is codes[at[i] : at[i] + sizes[i]], code points as `scan.codes` gives them.
"""

from __future__ import annotations

import numpy as np

from .compiled import compiled, inlined
from .table import ALNUM, DIGIT, LOWER, SIGN, SPACE

_BASE, _MIX, _U32 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xFF51AFD7ED558CCD), np.uint64(32)
_END = np.uint64(0x110001)
_DOT, _COMMA, _COLON, _SLASH, _MIDDLE, _DECIMAL, _THOUSANDS, _FRACTION = 46, 44, 58, 47, 0xB7, 0x66B, 0x66C, 0x2044
_HYPHEN, _MINUS, _DASH, _SPACE, _PERCENT, _MILLE, _DEGREE, _LINE = 45, 0x2212, 0x2013, 32, 37, 0x2030, 0xB0, 95
_MICRO, _MU, _QUOTE, _QUOTED = 0xB5, 0x3BC, 39, 0x2019


@inlined
def _is(bits, code, kind):
    return bits[code] & kind != 0


@inlined
def _latin(code):
    """May it be part of a unit?"""
    return 97 <= code <= 122 or 65 <= code <= 90 or code == _MICRO or code == _MU


@inlined
def _hashed(value, code):
    return value * _BASE + np.uint64(code)


@inlined
def _joins(code):
    """May it stand within a number?"""
    return (
        code == _DOT
        or code == _COMMA
        or code == _COLON
        or code == _SLASH
        or code == _MIDDLE
        or code == _DECIMAL
        or code == _THOUSANDS
        or code == _FRACTION
    )


@inlined
def _number(text, size, start, bits):
    """Where the number that begins with this digit ends."""
    place = start + 1
    while place < size and _is(bits, text[place], DIGIT):
        place += 1
    while place + 1 < size and _joins(text[place]) and _is(bits, text[place + 1], DIGIT):
        place += 2
        while place < size and _is(bits, text[place], DIGIT):
            place += 1
    return place


@inlined
def _letters(text, size, place):
    """How many letters of a unit stand here; 5 for more than 4."""
    count = 0
    while count < 5 and place + count < size and _latin(text[place + count]):
        count += 1
    return count


@inlined
def _free(text, size, place, bits):
    """May a unit end before this place?"""
    if place >= size:
        return True
    code = text[place]
    return not (_latin(code) or 0xC0 <= code <= 0x24F or _is(bits, code, DIGIT))


@inlined
def _unit(text, size, start, bits):
    """Where the unit that begins here ends; start itself where none does."""
    if start >= size:
        return start
    if text[start] == _PERCENT or text[start] == _MILLE or text[start] == _DEGREE:
        return start + 1 if _free(text, size, start + 1, bits) else start
    count = _letters(text, size, start)
    if count == 0 or count == 5:
        return start
    place = start + count
    if place < size and text[place] == _SLASH:
        below = place + 1
        while below < size and _is(bits, text[below], DIGIT):
            below += 1
        count = _letters(text, size, below)
        if 0 < count < 5:
            end = below + count
            if end < size and _is(bits, text[end], DIGIT) and _free(text, size, end + 1, bits):
                return end + 1
            if _free(text, size, end, bits):
                return end
    if place < size and _is(bits, text[place], DIGIT):
        return place + 1 if _free(text, size, place + 1, bits) else start
    return place if _free(text, size, place, bits) else start


@inlined
def _stands(text, size, place, bits):
    """Does the sign at this place say something without being part of a number?"""
    code = text[place]
    if code != _HYPHEN and code != _MINUS and code != _DASH:
        return True
    if place + 1 < size and _is(bits, text[place + 1], DIGIT):
        return True
    if code == _DASH or place == 0 or not _is(bits, text[place - 1], ALNUM) or _counts(bits, text[place - 1]):
        return False
    if place + 1 >= size:
        return True
    after = text[place + 1]
    return not (_is(bits, after, ALNUM) or _is(bits, after, SPACE) or after == _LINE or after == _HYPHEN)


@inlined
def _counts(bits, code):
    return _is(bits, code, DIGIT)


@inlined
def _label(text, size, start):
    """Where a label (II, B) that begins with this capital ends, as far as its letters go; 0 where these are too many."""
    place = start + 1
    while place < size and place < start + 6 and (text[place] == 73 or text[place] == 86 or text[place] == 88):
        place += 1
    return place if place <= start + 5 else 0


@inlined
def _tells(text, start, end, bits):
    """Is the label at this place one, rather than a word or part of one?"""
    if start > 0 and _is(bits, text[start - 1], ALNUM):
        return False
    first = text[start]
    if end - start > 1:
        return first == 73 or first == 86 or first == 88
    if first == 73 or start < 2:
        return False
    return _is(bits, text[start - 2], LOWER) and (text[start - 1] == _SPACE or text[start - 1] == _HYPHEN)


@compiled("void(uint32[::1], int64[::1], int64[::1], uint8[::1], uint8[::1], uint32[::1], uint64[::1], uint64[::1])")
def signs(codes, at, sizes, mapped, bits, plain, numbers, units):
    """Hashes of what guard.signs finds in every text; where `mapped`, each code point stands for its compatible one."""
    for one in range(len(at)):
        text, size = codes[at[one] : at[one] + sizes[one]], sizes[one]
        if mapped[one]:
            text = text.copy()
            for place in range(size):
                text[place] = plain[text[place]]
        number, unit, label = np.uint64(1), np.uint64(1), np.uint64(1)
        place = 0
        while place < size:
            code = text[place]
            if not bits[code] & SIGN:
                place += 1
            elif bits[code] & DIGIT:
                end = _number(text, size, place, bits)
                for digit in range(place, end):
                    number = _hashed(number, text[digit])
                number = _hashed(number, _END)
                start = end + (end < size and (text[end] == _SPACE or text[end] == _HYPHEN))
                place = _unit(text, size, start, bits)
                if place == start:
                    place = end
                else:
                    for letter in range(start, place):
                        code = text[letter]
                        code = _MICRO if code == _MU else code + 32 if 65 <= code <= 90 else code
                        unit = _hashed(unit, code)
                    unit = _hashed(unit, _END)
            else:
                if _stands(text, size, place, bits):
                    dash = code == _MINUS or code == _DASH
                    number = _hashed(_hashed(number, _HYPHEN if dash else code), _END)
                place += 1
        place = 0
        while place < size:
            if not 65 <= text[place] <= 90:
                place += 1
                continue
            end = _label(text, size, place)
            if end < size and end > 0:
                code = text[end]
                if _is(bits, code, ALNUM) or code == _LINE or code == _QUOTE or code == _QUOTED:
                    end = 0
            if end == 0:
                place += 1
                continue
            if _tells(text, place, end, bits):
                for letter in range(place, end):
                    label = _hashed(label, text[letter])
                label = _hashed(label, _END)
            place = end
        numbers[one], units[one] = number ^ (label * _MIX), unit


@inlined
def _tokens(text, spaced, small, hashes, begins, ends):
    """How many tokens the text has: words, or letters where words are not spaced. Their hashes, in small letters, and where
    they stand."""
    count, place = 0, 0
    while place < len(text):
        begin, value = place, np.uint64(7)
        if spaced:
            while place < len(text) and text[place] != _SPACE:
                value = _hashed(value, small[text[place]])
                place += 1
        else:
            value = _hashed(value, small[text[place]])
            place += 1
        if place > begin:
            value *= _MIX
            hashes[count], begins[count], ends[count] = value if value != 0 else np.uint64(1), begin, place
            count += 1
        if spaced:
            place += 1
    return count


@compiled(
    "int64(uint32[::1], int64[::1], int64[::1], int64[::1], int64[::1], uint8[::1], uint32[::1], uint8[::1], int64[::1],"
    " uint64[::1], int64[::1], int64[::1])"
)
def uneven(codes, at, sizes, one, other, spaced, small, ordered, pair_of, hashes, begins, ends):
    """Tokens that the two texts of a pair have not equally often: of pair pair_of[k] the token hashes[k], to be found at
    codes[begins[k] : ends[k]]. ordered[i]: have the texts of pair i all others in the same order? How many tokens were found."""
    filled, most = 0, 0
    for pair in range(len(one)):
        most = max(most, sizes[one[pair]] + sizes[other[pair]])
    room = 16
    while room < 2 * most:
        room *= 2
    found, starts, stops = np.empty((2, most), np.uint64), np.empty((2, most), np.int64), np.empty((2, most), np.int64)
    slots = np.empty((2, most), np.int64)
    table, counts = np.empty(room, np.uint64), np.empty(room, np.int64)
    told, number = np.empty(room, np.uint8), np.zeros(2, np.int64)
    for pair in range(len(one)):
        for side in range(2):
            text = one[pair] if side == 0 else other[pair]
            view = codes[at[text] : at[text] + sizes[text]]
            number[side] = _tokens(view, spaced[pair] != 0, small, found[side], starts[side], stops[side])
        room = 16
        while room < 2 * (number[0] + number[1]):
            room *= 2
        mask = room - 1
        table[:room] = 0
        counts[:room] = 0
        told[:room] = 0
        for side in range(2):
            for token in range(number[side]):
                value = found[side, token]
                slot = np.int64((value * _MIX) >> _U32) & mask
                while table[slot] != value and table[slot] != 0:
                    slot = (slot + 1) & mask
                table[slot] = value
                counts[slot] += 1 - 2 * side
                slots[side, token] = slot
        for side in range(2):
            text = one[pair] if side == 0 else other[pair]
            left = 0
            for token in range(number[side]):
                slot = slots[side, token]
                if counts[slot] == 0:
                    found[side, left] = found[side, token]
                    left += 1
                elif not told[slot]:
                    told[slot] = 1
                    pair_of[filled], hashes[filled] = pair, found[side, token]
                    begins[filled], ends[filled] = at[text] + starts[side, token], at[text] + stops[side, token]
                    filled += 1
            number[side] = left
        same = number[0] == number[1]
        for token in range(number[0]):
            if not same:
                break
            same = found[0, token] == found[1, token]
        ordered[pair] = same
    return filled


@compiled(
    "int64(uint32[::1], int64[::1], int64[::1], int64[::1], uint8[::1], uint32[::1], uint8[::1], uint64[::1], int64[::1],"
    " int64[::1], uint8[::1], int64[::1])"
)
def tokens(codes, at, sizes, which, spaced, small, bits, hashes, begins, ends, figures, bounds):
    """All tokens of some texts, those of which[i] from bounds[i] to bounds[i + 1], as `uneven` gives them; figures: has the
    token a digit or sign in it? How many they are."""
    filled = 0
    bounds[0] = 0
    for number in range(len(which)):
        text = which[number]
        view = codes[at[text] : at[text] + sizes[text]]
        count = _tokens(view, spaced[number] != 0, small, hashes[filled:], begins[filled:], ends[filled:])
        for token in range(filled, filled + count):
            had = 0
            for place in range(begins[token], ends[token]):
                had |= bits[view[place]]
            figures[token] = had & SIGN != 0
            begins[token] += at[text]
            ends[token] += at[text]
        filled += count
        bounds[number + 1] = filled
    return filled
