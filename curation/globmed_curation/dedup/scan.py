"""Kernels that read UTF-8: to folded letters, and to code points as they are.

Bytes that are no UTF-8 are passed over one by one, as U+FFFD. (Functions that take an array cost more to call than to run, so
decoding stands in each loop.) Text i is data[starts[i] : ends[i]], and its result stands from at[i] on, with sizes[i] numbers.
"""

from __future__ import annotations

import numpy as np

from .compiled import compiled, inlined
from .table import CHANGES, CODE, COMPAT, COMPOSES, MULTI, ODD, PAIR_STEP, PAIRS, SECOND, SPACE, UNKNOWN

_STEP = np.uint64(PAIR_STEP)
#: What is said of a text: nothing; it must be composed; it has pages that the table does not know.
FINE, COMPOSE, LEARN = 0, 1, 2


@inlined
def _decoded(data, place, end):
    """(the code point that stands at this place, how many bytes it takes), the first of them above 0x7F."""
    first = np.int64(data[place])
    second = np.int64(data[place + 1]) if place + 1 < end else 0
    third = np.int64(data[place + 2]) if place + 2 < end else 0
    fourth = np.int64(data[place + 3]) if place + 3 < end else 0
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
def _hangul(one, other):
    """The syllable that NFC puts these two together to; 0 where there is none."""
    if 0x1100 <= one < 0x1113 and 0x1161 <= other < 0x1176:
        return np.int64(0xAC00 + ((one - 0x1100) * 21 + other - 0x1161) * 28)
    if 0xAC00 <= one < 0xD7A4 and (one - 0xAC00) % 28 == 0 and 0x11A8 <= other < 0x11C3:
        return np.int64(one + other - 0x11A7)
    return np.int64(0)


@inlined
def _composes(one, other, pairs):
    """Would NFC put these two together, if nothing stood between them?"""
    if _hangul(one, other):
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
            code, width = _decoded(data, place, end)
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


@inlined
def _sort(marks, classes, count):
    """Put marks in the order of their classes, those of one class as they are."""
    if count <= 32:
        for one in range(1, count):
            mark, own, place = marks[one], classes[one], one
            while place > 0 and classes[place - 1] > own:
                marks[place], classes[place] = marks[place - 1], classes[place - 1]
                place -= 1
            marks[place], classes[place] = mark, own
        return
    had, those, place = marks[:count].copy(), classes[:count].copy(), 0
    for wanted in range(1, 256):
        for one in range(count):
            if those[one] == wanted:
                marks[place], classes[place] = had[one], wanted
                place += 1


@compiled(
    "int64(text, int64, int64, uint32[::1], uint8[::1], uint8[::1], uint64[::1], uint32[::1], uint16[::1], uint32[:, ::1],"
    " uint8[::1], uint8[::1], uint32[::1], int64)"
)
def _composed(data, start, end, rows, composing, ccc, pairs, joined, splits, parts, known, met, out, filled):
    """Folded letters of the text as NFC writes it, from out[filled] on: where they end; -1 where pages were met that are not
    known. All is taken apart, and each starter put together with what follows it, up to the next."""
    marks, classes, count, mixed = np.empty(end - start, np.int64), np.empty(end - start, np.int64), 0, False
    starter, place, unknown, code = np.int64(-1), start, False, np.int64(0)
    while code >= 0:
        code = np.int64(-1)  # what comes behind the text
        if place < end:
            code = np.int64(data[place])
            if code < 0x80:
                place += 1
            else:
                code, width = _decoded(data, place, end)
                place += width
            if not known[code >> 8]:
                met[code >> 8] = 1
                unknown = True
                continue
        row = np.int64(splits[code]) if code >= 0 else 0
        if code >= 0 and row == 0 and starter >= 0 and ccc[code] == 0 and not composing[code] & SECOND:
            if count == 0 and rows[starter] != UNKNOWN:  # two letters side by side, which is most of a text
                out[filled] = rows[starter] & np.uint32(CODE)
                filled += out[filled] != 0
                starter = code
                continue
        for number in range(np.int64(parts[row, 0]) if row else 1):
            part = np.int64(parts[row, number + 1]) if row else code
            own = np.int64(ccc[part]) if part >= 0 else 0
            if own:
                mixed |= count > 0 and classes[count - 1] > own
                marks[count], classes[count] = part, own
                count += 1
                continue
            if mixed:
                _sort(marks, classes, count)
            left, before, whole = 0, np.int64(0), np.int64(0)
            for one in range(count + 1):
                last = one == count
                other, own = (part, before + (left == 0)) if last else (marks[one], classes[one])
                whole = np.int64(0)
                if starter >= 0 and other >= 0 and before < own:
                    whole = _hangul(starter, other)
                    key = np.uint64(starter) << np.uint64(21) | np.uint64(other)
                    slot = (key * _STEP) >> np.uint64(51)
                    while pairs[slot] != 0:
                        if pairs[slot] == key:
                            whole = np.int64(joined[slot])
                            break
                        slot = (slot + np.uint64(1)) & np.uint64(PAIRS - 1)
                if whole:
                    starter = whole
                elif not last:
                    marks[left], before = other, own
                    left += 1
            count, mixed = 0, False
            if whole:
                continue
            for one in range(-1, left):
                told = starter if one < 0 else marks[one]
                if told >= 0:
                    if rows[told] == UNKNOWN:
                        met[told >> 8] = 1
                        unknown = True
                    out[filled] = rows[told] & np.uint32(CODE)
                    filled += out[filled] != 0
            starter = part
    return -1 if unknown else filled


@compiled(
    "void(text, int64[::1], int64[::1], int64[::1], uint32[::1], uint8[::1], uint8[::1], uint8[::1], uint64[::1],"
    " uint32[::1], uint16[::1], uint32[:, ::1], uint8[::1], uint8[::1], uint32[::1], int64[::1], uint8[::1])"
)
def letters(
    data, starts, ends, at, rows, composing, ccc, last, pairs, joined, splits, parts, known, met, out, sizes, state
):
    """Folded letters of every text whose state is not FINE, which becomes FINE if nothing hinders."""
    for text in range(len(starts)):
        if state[text] == FINE:
            continue
        place, end, filled = starts[text], ends[text], at[text]
        stable, told = False, FINE
        while place < end:
            code = np.int64(data[place])
            if code < 0x80:
                place += 1
            else:
                code, width = _decoded(data, place, end)
                place += width
            row = rows[code]
            if row >= COMPOSES:
                if row == UNKNOWN:
                    met[code >> 8] = 1
                    told = LEARN
                elif not stable and told == FINE:
                    told = _stable(data, starts[text], end, composing, ccc, last, pairs, known, met)
                    if told == COMPOSE:
                        break
                    stable = told == FINE
                row = row & np.uint32(CODE)
            out[filled] = row  # what is dropped is written over: a branch would be taken for every sixth letter or so
            filled += row != 0
        if told == COMPOSE:
            filled = _composed(
                data, starts[text], end, rows, composing, ccc, pairs, joined, splits, parts, known, met, out, at[text]
            )
            told = LEARN if filled < 0 else FINE
        state[text] = told
        sizes[text] = filled - at[text]


@compiled(
    "void(text, int64[::1], int64[::1], int64[::1], boolean, uint8[::1], uint8[::1], uint8[::1], uint32[::1], int64[::1],"
    " uint8[::1], uint8[::1])"
)
def codes(data, starts, ends, at, verbatim, bits, known, met, out, sizes, flags, state):
    """Code points of every text whose state is not FINE, white space made one space and cut at both ends, but not where
    `verbatim`. flags: which of COMPAT, MULTI and ODD are true of any."""
    for text in range(len(starts)):
        if state[text] == FINE:
            continue
        place, end, filled, had, told, waits = starts[text], ends[text], at[text], 0, FINE, False
        while place < end:
            code = np.int64(data[place])
            if code < 0x80:
                place += 1
            else:
                code, width = _decoded(data, place, end)
                place += width
            if not known[code >> 8]:
                met[code >> 8] = 1
                told = LEARN
            bit = bits[code]
            had |= bit
            if bit & SPACE and not verbatim:
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
