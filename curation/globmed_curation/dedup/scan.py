"""Kernels that read UTF-8: to folded letters, and to code points as they are.

Bytes that are no UTF-8 are passed over one by one, as U+FFFD. (Functions that take an array cost more to call than to run, so decoding stands in each loop.) Texts lie in `data`, or in `side` where `moved` says so (what had
to be composed first); text i from starts[i] to ends[i], and its result from at[i] on, with sizes[i] numbers.
"""

from __future__ import annotations

import numpy as np

from .compiled import compiled, inlined
from .table import CHANGES, CODE, COMPAT, COMPOSES, MULTI, ODD, PAIR_STEP, PAIRS, SECOND, SPACE, UNKNOWN

_STEP = np.uint64(PAIR_STEP)
#: What `letters` and `codes` say of a text: nothing; it must be composed; it has pages that the table does not know.
FINE, COMPOSE, LEARN = 0, 1, 2


@inlined
def _decoded(first, second, third, fourth):
    """(the code point that these bytes begin with, how many of them it takes), the first above 0x7F."""
    if second & 0xC0 == 0x80 and first >= 0xC2:
        if first < 0xE0:
            return (first & 0x1F) << 6 | second & 0x3F, 2
        if third & 0xC0 == 0x80:
            code = (first & 0xF) << 12 | (second & 0x3F) << 6 | third & 0x3F
            if first < 0xF0 and code >= 0x800:
                return code, 3
            code = (code & 0x7FFF) << 6 | fourth & 0x3F
            if first >= 0xF0 and first < 0xF5 and fourth & 0xC0 == 0x80 and 0x10000 <= code < 0x110000:
                return code, 4
    return 0xFFFD, 1


@inlined
def _composes(one, other, pairs):
    """Would NFC put these two together, if it could?"""
    if 0x1100 <= one < 0x1113 and 0x1161 <= other < 0x1176:
        return True
    if 0xAC00 <= one < 0xD7A4 and (one - 0xAC00) % 28 == 0 and 0x11A8 <= other < 0x11C3:
        return True
    key = np.uint64(one) << np.uint64(21) | np.uint64(other)
    slot = (key * _STEP) >> np.uint64(51)
    while pairs[slot] != 0:
        if pairs[slot] == key:
            return True
        slot = (slot + np.uint64(1)) & np.uint64(PAIRS - 1)
    return False


@compiled("int64(text, int64, int64, uint8[::1], uint8[::1], uint8[::1], uint64[::1], uint8[::1], uint8[::1])")
def _stable(data, start, end, composing, ccc, last, pairs, known, met):
    """FINE where NFC surely leaves the text as it is, else COMPOSE; LEARN where pages were met that are not known."""
    starter, before, place, unknown = np.int64(0), 0, start, False
    while place < end:
        code = np.int64(data[place])
        if code < 0x80:
            place += 1
        else:
            second = np.int64(data[place + 1]) if place + 1 < end else 0
            third = np.int64(data[place + 2]) if place + 2 < end else 0
            fourth = np.int64(data[place + 3]) if place + 3 < end else 0
            code, width = _decoded(code, second, third, fourth)
            place += width
        if not known[code >> 8]:
            met[code >> 8] = 1
            unknown = True
        kind, own = composing[code], ccc[code]
        if kind & CHANGES or (own and before > own) or (kind & SECOND and _composes(starter, code, pairs)):
            return LEARN if unknown else COMPOSE
        if own == 0:
            starter = code
        before = last[code]
    return LEARN if unknown else FINE


@compiled(
    "void(text, text, int64[::1], int64[::1], uint8[::1], int64[::1], uint32[::1], uint8[::1], uint8[::1], uint8[::1],"
    " uint64[::1], uint8[::1], uint8[::1], uint32[::1], int64[::1], uint8[::1])"
)
def letters(data, side, starts, ends, moved, at, rows, composing, ccc, last, pairs, known, met, out, sizes, state):
    """Folded letters of every text whose state is not FINE, which becomes FINE if nothing hinders."""
    for text in range(len(starts)):
        if state[text] == FINE:
            continue
        source = side if moved[text] else data
        place, end, filled = starts[text], ends[text], at[text]
        stable, told = moved[text] != 0, FINE
        while place < end:
            code = np.int64(source[place])
            if code < 0x80:
                place += 1
            else:
                second = np.int64(source[place + 1]) if place + 1 < end else 0
                third = np.int64(source[place + 2]) if place + 2 < end else 0
                fourth = np.int64(source[place + 3]) if place + 3 < end else 0
                code, width = _decoded(code, second, third, fourth)
                place += width
            row = rows[code]
            if row >= COMPOSES:
                if row == UNKNOWN:
                    met[code >> 8] = 1
                    told = LEARN
                elif not stable and told == FINE:
                    told = _stable(source, starts[text], end, composing, ccc, last, pairs, known, met)
                    stable = told == FINE
                row = row & np.uint32(CODE)
            out[filled] = row  # what is dropped is written over: a branch would be taken for every sixth letter or so
            filled += row != 0
        state[text] = told
        sizes[text] = filled - at[text]


@compiled(
    "void(text, text, int64[::1], int64[::1], uint8[::1], int64[::1], uint8[::1], uint8[::1], uint8[::1], uint32[::1],"
    " int64[::1], uint8[::1], uint8[::1])"
)
def codes(data, side, starts, ends, moved, at, bits, known, met, out, sizes, flags, state):
    """Code points of every text whose state is not FINE, white space made one space and cut at both ends; but of those in
    `side` as they are. flags: which of COMPAT, MULTI and ODD are true of any."""
    for text in range(len(starts)):
        if state[text] == FINE:
            continue
        whole = moved[text] != 0
        source = side if whole else data
        place, end, filled, had, told, waits = starts[text], ends[text], at[text], 0, FINE, False
        while place < end:
            code = np.int64(source[place])
            if code < 0x80:
                place += 1
            else:
                second = np.int64(source[place + 1]) if place + 1 < end else 0
                third = np.int64(source[place + 2]) if place + 2 < end else 0
                fourth = np.int64(source[place + 3]) if place + 3 < end else 0
                code, width = _decoded(code, second, third, fourth)
                place += width
            if not known[code >> 8]:
                met[code >> 8] = 1
                told = LEARN
            bit = bits[code]
            had |= bit
            if bit & SPACE and not whole:
                waits = filled > at[text]
                continue
            if waits:
                out[filled] = 32
                filled += 1
                waits = False
            out[filled] = code
            filled += 1
        state[text] = told
        sizes[text] = filled - at[text]
        flags[text] = had & (COMPAT | MULTI | ODD)


@compiled("void(text, int64[::1], int64[::1], int64[::1], uint8[::1])")
def gather(data, starts, ends, at, out):
    """Copy each data[starts[i] : ends[i]] to out[at[i]:]."""
    for text in range(len(starts)):
        place = at[text]
        for byte in range(starts[text], ends[text]):
            out[place] = data[byte]
            place += 1
