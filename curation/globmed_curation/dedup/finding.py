"""Duplicates among records of one or several columns of text, in one call: see `find`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from globmed_tools import languages

from .choice import chosen
from .columns import Columns
from .differ import DIFFERS, differing
from .lsh import SIDE, candidates
from .measure import similarity
from .sketches import Shape, Sketches, mixed, sketch_texts
from .subjects import SHORT, other_subject
from .texts import Texts, blocks, letters

#: What `Found.how` counts: how a record is like the one that stays.
HOW = ("", "identical", "folded", "near")
#: The bits of what forbids to take two for one, lowest first.
FORBIDS = (*DIFFERS, "subject")
#: Sketches that agree so much less than the threshold rule a pair out: seven standard deviations of 128 lanes.
FAR = 0.3
#: Bytes that a pair takes while it is looked at.
PAIR = 160
#: Bytes of text that are sketched, and compared, in one go.
_BYTES = 1 << 21


class Apart(NamedTuple):
    """Pairs that are alike but for numbers, units or negations, or for the subject of a short text, and so never taken for one.
    first < second: int64, in ascending order of (first, second); similarity: float64; differs: uint8, bits in the order of
    FORBIDS."""

    first: np.ndarray
    second: np.ndarray
    similarity: np.ndarray
    differs: np.ndarray

    def names(self, pair: int) -> str:
        """What the pair with this number differs in: "numbers, units"."""
        return ", ".join(name for bit, name in enumerate(FORBIDS) if self.differs[pair] >> bit & 1)


class Found(NamedTuple):
    """One number a record. of: int64, the record that it duplicates, -1 where it stays; similarity: float64, to that one, 1
    where it stays; how: uint8, an index into HOW. apart: for a person to look at."""

    of: np.ndarray
    similarity: np.ndarray
    how: np.ndarray
    apart: Apart


def find(
    columns: Sequence[Any],
    *,
    kinds: np.ndarray | None = None,
    languages: Sequence[str | None] | None = None,
    shape: Shape | None = None,
    threshold: float = 0.7,
    guard: bool = True,
    progress: Callable[[str, int, int], None] | None = None,
    threads: int | None = None,
) -> Found:
    """The duplicates among records, whose texts stand column by column.

        >>> stem = "A man of 60 has had chest pain for two days; which dose of it is given first?"
        >>> texts = pa.array([f"{stem} 5 mg", f"  {stem.upper()} - 5 mg", f"{stem} 50 mg"])
        >>> found = find([texts], languages=["en"])
        >>> found.of.tolist(), [HOW[one] for one in found.how]
        ([-1, 0, -1], ['', 'folded', ''])
        >>> found.apart.first.tolist(), found.apart.second.tolist(), found.apart.names(0)
        ([0], [2], 'numbers')

    columns: each a pyarrow Array or ChunkedArray of strings (or binary: UTF-8 is then hoped for, and bytes that are none are
    passed over), or a list of str; all of one length, None is "". A column is a role: every text of a record must be like its
    counterpart, and what stands in one column is not looked for in another.
    The order of records is the order of their claim to stay; nothing else matters to the result, the number of threads neither.
    Nobody is dropped who is not like the one that stays. Equal bytes are `identical`; what has no letter or digit is compared
    by its bytes alone.
    kinds: integers, one a record; only records of one kind are compared. languages: a code of the language table (or None) for
    each kind from 0 on, or for all records if there are no kinds: their number words and negations count; where nothing is
    given, figures, signs and units do.
    guard: False takes for one what differs in numbers, units or negations only, or in the subject of a short text (subjects.py).
    progress: called now and then with (what is being done, how much of it is done, out of how much). threads: as many as this
    process may use cores."""
    shape, records = shape or Shape(), Columns(columns)
    kinds = np.zeros(len(records), np.int64) if kinds is None else np.asarray(kinds, np.int64)
    if len(kinds) != len(records):
        raise ValueError(f"a kind for each of {len(records)} records is needed; {len(kinds)} found")
    threads = threads or len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(threads) as pool:
        spread = pool.map if threads > 1 else map
        run = _Run(records, kinds, languages, shape, threshold, guard, progress or (lambda *told: None), spread)
        return run.found()


def weight(shape: Shape) -> int:
    """How many bytes `find` takes for a record beside its text: the sketch with its two numbers, the keys of some bands, and
    eight numbers of 8 bytes while pairs are looked for (`candidates` is where most of it lies); and then a pair, taken to be one
    a record, though form letters may have seventeen."""
    return 2 * shape.lanes + 16 + 8 * SIDE + 64 + PAIR


class _Run:
    """One call of `find`."""

    def __init__(self, records, kinds, languages, shape, threshold, guard, progress, spread):
        self.records, self.kinds, self.languages, self.shape = records, kinds, languages, shape
        self.threshold, self.guard, self.progress, self.map = threshold, guard, progress, spread
        self.sizes = records.sizes() + 1
        self.apart: list[tuple[np.ndarray, ...]] = []

    def found(self) -> Found:
        made = self.sketches()
        heads = self.identical(made.exact)
        own = heads == np.arange(len(heads))
        first, second = candidates(made, self.kinds, self.shape, self.threshold - FAR, np.flatnonzero(own))
        exact = made.exact
        del made  # a quarter of a kilobyte a record
        of, value = chosen(len(heads), first, second, self.look(first, second), self.look)
        how = np.where(exact[of] == exact, HOW.index("folded"), HOW.index("near"))
        goes = of[heads] >= 0
        return Found(
            np.where(goes, of[heads], np.where(own, -1, heads)),
            value[heads],
            np.where(goes, how[heads], np.where(own, 0, HOW.index("identical"))).astype(np.uint8),
            self.told_apart(),
        )

    def told_apart(self) -> Apart:
        columns = [np.concatenate(one) for one in zip(*self.apart)] or [np.empty(0, np.int64)] * 4
        order = np.lexsort((columns[1], columns[0]))
        kinds = (np.int64, np.int64, np.float64, np.uint8)
        return Apart(*(one[order].astype(kind) for one, kind in zip(columns, kinds, strict=True)))

    def sketches(self) -> Sketches:
        count, width, done = len(self.records), self.records.width, 0
        made = Sketches.empty(count, self.shape)

        def one(rows: slice) -> int:
            texts = self.records.take(np.arange(rows.start, rows.stop))
            first = np.arange(0, len(texts) + 1, width)
            roles = np.tile(np.arange(width, dtype=np.uint8), len(first) - 1)
            sketch_texts(texts, first, roles, self.shape, made.of(rows))
            return rows.stop - rows.start

        for size in self.map(one, self.records.slices(_BYTES)):
            done += size
            self.progress("sketching", done, count)
        return made

    def identical(self, exact: np.ndarray) -> np.ndarray:
        """For every record the first one with its kind and bytes."""
        from . import hashing, pairing

        keys, width = exact + mixed(self.kinds.astype(np.uint64) + np.uint64(1)), self.records.width
        alike = _repeated(keys)
        marks = np.empty(len(alike), np.uint64)
        for some in blocks(self.sizes[alike], _BYTES):
            texts = self.records.take(alike[some])
            hashing.raw(texts.data, texts.starts, texts.ends, width, marks[some])
        keys = keys[alike]
        order = np.lexsort((marks, keys))
        new = np.ones(len(order), bool)
        new[1:] = (keys[order[1:]] != keys[order[:-1]]) | (marks[order[1:]] != marks[order[:-1]])
        first = np.empty(len(order), np.int64)
        first[order] = alike[order[np.flatnonzero(new)[np.cumsum(new) - 1]]]
        heads = np.arange(len(exact))
        pairs = np.column_stack((first, alike))[first != alike]
        for some in blocks(self.sizes[pairs].sum(1), _BYTES):
            texts, one, other = self.both(pairs[some])
            same = np.empty(len(one), np.uint8)
            pairing.equal(texts.data, texts.starts, texts.ends, one, other, width, same)
            kept = pairs[some][same != 0]
            heads[kept[:, 1]] = kept[:, 0]
        return heads

    def both(self, pairs: np.ndarray) -> tuple[Texts, np.ndarray, np.ndarray]:
        """(texts of the records that are in these pairs, the number of the first of each pair among them, of the second)."""
        rows, inside = np.unique(pairs, return_inverse=True)
        one, other = np.ascontiguousarray(inside.reshape(-1, 2).T)
        return self.records.take(rows), one, other

    def look(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """The similarity of each pair, -1 where they must not be taken for one."""
        pairs, done = np.column_stack((first, second)), 0
        found = np.full(len(pairs), -1.0)
        chunks = [pairs[some] for some in blocks(self.sizes[first] + self.sizes[second], _BYTES)]
        for chunk, (values, differs) in zip(chunks, self.map(self.compared, chunks), strict=True):
            alike = np.flatnonzero(values >= self.threshold)
            values = np.array([round(value, 4) for value in values[alike].tolist()])
            kept = differs[alike] == 0
            found[done + alike[kept]] = values[kept]
            off = alike[~kept]
            self.apart.append((chunk[off, 0], chunk[off, 1], values[~kept], differs[off]))
            done += len(chunk)
            self.progress("comparing", done, len(pairs))
        return found

    def compared(self, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(similarity, what forbids to take them for one) of each pair."""
        texts, one, other = self.both(pairs)
        width, known = self.records.width, letters(texts)
        values = np.ones(len(pairs))
        for column in range(width):
            values = np.minimum(values, similarity(known, one * width + column, other * width + column, self.shape.n))
        differs = np.zeros(len(pairs), np.uint8)
        alike = np.flatnonzero(values >= self.threshold)
        if self.guard and len(alike):
            used, inside = np.unique(np.concatenate((one[alike], other[alike])), return_inverse=True)
            one, other = inside[: len(alike)], inside[len(alike) :]
            texts = texts.take((used[:, None] * width + np.arange(width)).ravel())
            spoken = [self.spoken(kind) for kind in self.kinds[pairs[alike, 0]].tolist()]
            for column in range(width):
                ours, theirs = one * width + column, other * width + column
                size = known.sizes[used * width + column]
                short = np.minimum(size[one], size[other]) <= SHORT
                differs[alike] |= _forbids(texts, ours, theirs, spoken, short)
        return values, differs

    def spoken(self, kind: int) -> str | None:
        return None if self.languages is None else self.languages[kind]


def _forbids(
    texts: Texts, one: np.ndarray, other: np.ndarray, spoken: list[str | None], short: np.ndarray
) -> np.ndarray:
    """What forbids to take texts one[i] and other[i] for one. short: may either be short enough to have a subject?"""
    told = differing(texts, one, other, spoken)
    for pair in np.flatnonzero((told == 0) & short).tolist():
        language = languages.find(spoken[pair]) if spoken[pair] else None
        if other_subject(texts.string(int(one[pair])), texts.string(int(other[pair])), language):
            told[pair] = 1 << FORBIDS.index("subject")
    return told


def _repeated(keys: np.ndarray) -> np.ndarray:
    """Where keys stand that are there more than once, in ascending order."""
    order = np.argsort(keys)
    same = keys[order[1:]] == keys[order[:-1]]
    grouped = np.zeros(len(order), bool)
    grouped[1:] |= same
    grouped[:-1] |= same
    return np.sort(order[grouped])
