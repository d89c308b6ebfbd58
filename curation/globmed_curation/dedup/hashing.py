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
def _mixed(value):
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
                out[filled] = _mixed(value)
                filled += 1
        bounds[text + 1] = filled


@compiled("void(uint32[::1], int64[::1], int64[::1], uint64[::1])")
def whole(codes, at, sizes, out):
    """One hash for each text as a whole."""
    for text in range(len(at)):
        value = np.uint64(sizes[text])
        for place in range(at[text], at[text] + sizes[text]):
            value = value * _BASE + np.uint64(codes[place])
        out[text] = _mixed(value)


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
            start, size, salt = at[text], sizes[text], np.uint64(roles[text]) * _STEP
            value, begin = _begin(size, n)
            for place in range(start, start + size):
                value = value * _BASE + np.uint64(letters[place])
                if place - start >= n:
                    value -= power * np.uint64(letters[place - n])
                if place - start >= begin:
                    mixed = _mixed(value + salt)
                    lane = mixed >> shift
                    least[lane] = min(least[lane], np.uint32(mixed))
                    total += mixed
                    count += 1
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


@compiled("void(uint16[:, ::1], uint64[::1], int64[::1], int64, int64, int64, uint64[::1])")
def band(lanes, salts, who, start, end, bits, out):
    """For every record who[i] the key of its lanes start .. end - 1, the last `bits` bits of it its number i."""
    low = (_U1 << np.uint64(bits)) - _U1
    for number in range(len(who)):
        key = salts[number]
        for lane in range(start, end):
            key = key * _MIX + np.uint64(lanes[who[number], lane])
        out[number] = _mixed(key) & ~low | np.uint64(number)


@compiled("UniTuple(int64, 3)(uint64[::1], int64, uint16[:, ::1], int64[::1], int64, int64, int64, int64, int64[::1])")
def pairs(keys, bits, lanes, who, following, least, place, head, out):
    """Pairs of numbers with one key, as first << 32 | second, that agree in `least` lanes: each with its next ones and the first
    of all, which is at `head`. From `place` on; (place and head to go on from, how many were found)."""
    shift, filled = np.uint64(bits), 0
    low = (_U1 << shift) - _U1
    while place < len(keys) and filled + following < len(out):
        key, one = keys[place] >> shift, np.int64(keys[place] & low)
        if keys[head] >> shift != key:
            head = place
        for step in range(following + 1):
            ahead = place + 1 + step
            if step == following:
                if place - head <= following:
                    break
                ahead = head
            elif ahead >= len(keys) or keys[ahead] >> shift != key:
                continue
            other, same = np.int64(keys[ahead] & low), 0
            for lane in range(lanes.shape[1]):
                same += lanes[who[one], lane] == lanes[who[other], lane]
            if same >= least:
                out[filled] = min(one, other) << 32 | max(one, other)
                filled += 1
        place += 1
    return place, head, filled
