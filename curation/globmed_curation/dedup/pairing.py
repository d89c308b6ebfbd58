"""Kernels that put records into pairs, and choose who of a pair stays."""

from __future__ import annotations

import numpy as np

from .compiled import compiled
from .hashing import MIX, scrambled

_MIX, _U1 = np.uint64(MIX), np.uint64(1)


@compiled("void(uint16[:, ::1], uint64[::1], int64[::1], int64, int64, int64, uint64[:, ::1])")
def bands(lanes, salts, who, start, width, bits, out):
    """For every record who[i] the keys of some bands, each of `width` lanes and the first from lane `start`: out[band, i], whose
    last `bits` bits are i. Several at a time, since a record's lanes come from memory together."""
    low = (_U1 << np.uint64(bits)) - _U1
    for number in range(len(who)):
        record = who[number]
        for one in range(len(out)):
            key, lane = salts[number], start + one * width
            for step in range(width):
                key = key * _MIX + np.uint64(lanes[record, lane + step])
            out[one, number] = scrambled(key) & ~low | np.uint64(number)


@compiled("UniTuple(int64, 3)(uint64[::1], int64, int64, int64, int64, int64[::1], int64)")
def pairs(keys, bits, following, place, head, out, filled):
    """Pairs of numbers with one key, as first << 32 | second: each with its next ones and the first of all, which is at `head`.
    From `place` on, to out[filled] and further; (place and head to go on from, how far out is filled)."""
    shift = np.uint64(bits)
    low = (_U1 << shift) - _U1
    while place < len(keys) and filled + following < len(out):
        key, one = keys[place] >> shift, np.int64(keys[place] & low)
        if keys[head] >> shift != key:
            head = place
        ahead = place + 1
        while ahead < len(keys) and ahead <= place + following and keys[ahead] >> shift == key:
            other = np.int64(keys[ahead] & low)
            out[filled] = min(one, other) << 32 | max(one, other)
            filled += 1
            ahead += 1
        if place - head > following:
            other = np.int64(keys[head] & low)
            out[filled] = min(one, other) << 32 | max(one, other)
            filled += 1
        place += 1
    return place, head, filled


@compiled("int64(int64[::1], uint16[:, ::1], int64[::1], int64)")
def agreeing(pairs, lanes, who, least):
    """Of pairs in order, those that agree in `least` lanes, each once, are put first; how many they are. In order, since lanes
    that lie far apart take ten times as long to get as to compare."""
    filled, before = 0, np.int64(-1)
    width, flat = lanes.shape[1], lanes.reshape(lanes.size)
    for pair in pairs:
        if pair == before:
            continue
        before = pair
        ours, theirs = np.uint64(who[pair >> 32] * width), np.uint64(who[pair & 0xFFFFFFFF] * width)
        same = 0
        for lane in range(np.uint64(width)):  # with indices that may be negative it is not done many lanes at a time
            same += flat[ours + lane] == flat[theirs + lane]
        if same >= least:
            pairs[filled] = pair
            filled += 1
    return filled


@compiled("void(text, int64[::1], int64[::1], int64[::1], int64[::1], int64, uint8[::1])")
def equal(data, starts, ends, one, other, width, out):
    """Are all `width` texts of records one[i] and other[i] the same, byte by byte?"""
    for pair in range(len(one)):
        same = True
        for column in range(width):
            ours, theirs = one[pair] * width + column, other[pair] * width + column
            start, shift = starts[ours], starts[theirs] - starts[ours]
            same = same and ends[ours] + shift == ends[theirs]
            place = start
            while same and place < ends[ours]:
                same = data[place] == data[place + shift]
                place += 1
        out[pair] = same


@compiled("void(int64[::1], int64[::1], float64[::1], int64[::1], float64[::1])")
def stays(first, second, value, of, similarity):
    """Of similar pairs, in the order of second, then first: whoever is like one that stays goes."""
    for pair in range(len(first)):
        if of[second[pair]] < 0 and of[first[pair]] < 0:
            of[second[pair]], similarity[second[pair]] = first[pair], value[pair]
