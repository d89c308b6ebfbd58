"""Kernels that hash runs of n folded letters: to sketches, to plain lists, and to the exact similarity of two texts.

Text i is letters[at[i] : at[i] + sizes[i]]. A run's hash is a polynomial of its code points, rolled from one to the next.
"""

from __future__ import annotations

import numpy as np

from .compiled import compiled, inlined

BASE, MIX, STEP = 0x9E3779B97F4A7C15, 0xFF51AFD7ED558CCD, 0xC2B2AE3D27D4EB4F
_BASE, _MIX, _STEP = np.uint64(BASE), np.uint64(MIX), np.uint64(STEP)
EMPTY = np.uint32(0xFFFFFFFF)
_U29, _U32, _U1 = np.uint64(29), np.uint64(32), np.uint64(1)


@inlined
def scrambled(value):
    """A hash whose every bit depends on every bit."""
    value ^= value >> _U32
    value *= _MIX
    value ^= value >> _U29
    value *= _STEP
    value ^= value >> _U32
    return value


@inlined
def _power(n):
    """What the letter that leaves a run of n was multiplied by."""
    power = _U1
    for _ in range(n):
        power *= _BASE
    return power


@inlined
def _begin(size, n):
    """(what a polynomial begins with, the place of the first letter that ends a run). A text shorter than n is one run, unlike
    any of n letters."""
    if size < n:
        return np.uint64(size), size - 1
    return np.uint64(0), n - 1


@compiled("void(uint32[::1], int64[::1], int64[::1], int64, uint64[::1], int64[::1])")
def runs(letters, at, sizes, n, out, bounds):
    """All runs of every text, in order; those of text i at out[bounds[i] : bounds[i + 1]]."""
    power, filled = _power(n), 0
    bounds[0] = 0
    for text in range(len(at)):
        start, size = at[text], sizes[text]
        value, least = _begin(size, n)
        for place in range(start, start + size):
            value = value * _BASE + np.uint64(letters[place])
            if place - start >= n:
                value -= power * np.uint64(letters[place - n])
            if place - start >= least:
                out[filled] = scrambled(value)
                filled += 1
        bounds[text + 1] = filled


@compiled("void(uint32[::1], int64[::1], int64[::1], uint64[::1])")
def whole(codes, at, sizes, out):
    """One hash for each text as a whole."""
    for text in range(len(at)):
        value = np.uint64(sizes[text])
        for place in range(at[text], at[text] + sizes[text]):
            value = value * _BASE + np.uint64(codes[place])
        out[text] = scrambled(value)


@compiled("void(text, int64[::1], int64[::1], int64, uint64[::1])")
def raw(data, starts, ends, width, out):
    """One hash for each `width` texts, of their bytes."""
    for record in range(len(out)):
        value = np.uint64(0)
        for text in range(record * width, (record + 1) * width):
            for place in range(starts[text], ends[text]):
                value = value * _BASE + np.uint64(data[place])
            value = scrambled(value + np.uint64(ends[text] - starts[text]))
        out[record] = value


@compiled(
    "void(uint32[::1], int64[::1], int64[::1], uint8[::1], int64[::1], int64, int64[:, ::1], uint16[:, ::1], uint64[::1],"
    " int64[::1])"
)
def sketch(letters, at, sizes, roles, first, n, orders, lanes, exact, counts):
    """lanes, exact and counts of every record: those texts from first[i] on. orders[attempt, lane]: where an empty lane looks."""
    width, bits = lanes.shape[1], 0
    while 1 << bits < width:
        bits += 1
    shift = np.uint64(64 - bits)
    power, least = _power(n), np.empty(width, np.uint32)
    for record in range(len(first) - 1):
        least[:] = EMPTY
        total, count = np.uint64(0), 0
        for text in range(first[record], first[record + 1]):
            if sizes[text] == 0:
                continue
            size, salt = np.uint64(sizes[text]), np.uint64(roles[text]) * _STEP
            length, value = np.uint64(n), np.uint64(0)
            if size < length:
                length, value = size, size
            place, end = np.uint64(at[text]), np.uint64(at[text]) + size
            for ahead in range(length):
                value = value * _BASE + np.uint64(letters[place + ahead])
            place += length
            while True:
                mixed = scrambled(value + salt)
                lane = mixed >> shift
                least[lane] = min(least[lane], np.uint32(mixed))
                total += mixed
                if place >= end:
                    break
                value = value * _BASE + (np.uint64(letters[place]) - power * np.uint64(letters[place - length]))
                place += _U1
            count += np.int64(size - length) + 1
        exact[record], counts[record] = total, count
        if count:
            for lane in range(width):
                attempt, found = 0, least[lane]
                while found == EMPTY and attempt < width:
                    found = least[orders[attempt, lane]]
                    attempt += 1
                lanes[record, lane] = np.uint16(found)


@compiled("void(uint32[::1], int64[::1], int64[::1], int64[::1], int64[::1], int64, float64[::1])")
def jaccard(letters, at, sizes, one, other, n, out):
    """The similarity of texts one[i] and other[i]."""
    most = 0
    for pair in range(len(one)):
        most = max(most, sizes[one[pair]] + sizes[other[pair]])
    room = 16
    while room < 2 * most:
        room *= 2
    table, whose = np.empty(room, np.uint64), np.empty(room, np.uint8)
    power = _power(n)
    for pair in range(len(one)):
        both = sizes[one[pair]] + sizes[other[pair]]
        room = 16
        while room < 2 * both:
            room *= 2
        mask = room - 1
        table[:room] = 0
        whose[:room] = 0
        union, shared = 0, 0
        for side in range(1, 3):
            text = one[pair] if side == 1 else other[pair]
            start, size = at[text], sizes[text]
            value, begin = _begin(size, n)
            for place in range(start, start + size):
                value = value * _BASE + np.uint64(letters[place])
                if place - start >= n:
                    value -= power * np.uint64(letters[place - n])
                if place - start < begin:
                    continue
                key = value if value != 0 else _U1
                slot = np.int64((key * _MIX) >> _U32) & mask
                while table[slot] != key and table[slot] != 0:
                    slot = (slot + 1) & mask
                before = whose[slot]
                table[slot] = key
                whose[slot] = before | side
                union += before == 0
                shared += before == 1 and side == 2
        out[pair] = shared / union if union else 1.0
