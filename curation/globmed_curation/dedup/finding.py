"""Duplicates among records of one or several columns of text, in one call: see `find`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from .choice import choose
from .columns import Columns
from .differ import DIFFERS, differing
from .lsh import candidates
from .measure import similarity
from .sketches import Shape, Sketches, mixed, sketch_texts
from .texts import blocks, letters

#: What `Found.how` counts: how a record is like the one that stays.
HOW = ("", "identical", "folded", "near")
#: Sketches that agree so much less than the threshold rule a pair out: seven standard deviations of 128 lanes.
FAR = 0.3
#: Bytes of text that are sketched, and compared, in one go.
_BYTES = 1 << 21


class Apart(NamedTuple):
    """Pairs that are alike but for numbers, units or negations, and so never taken for one. first < second: int64, in
    ascending order of (first, second); similarity: float64; differs: uint8, bits in the order of DIFFERS."""

    first: np.ndarray
    second: np.ndarray
    similarity: np.ndarray
    differs: np.ndarray

    def names(self, pair: int) -> str:
        """What the pair with this number differs in: "numbers, units"."""
        return ", ".join(name for bit, name in enumerate(DIFFERS) if self.differs[pair] >> bit & 1)


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
    guard: False takes for one what differs in numbers, units or negations only.
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


class _Run:
    """One call of `find`."""

    def __init__(self, records, kinds, languages, shape, threshold, guard, progress, spread):
        self.records, self.kinds, self.languages, self.shape = records, kinds, languages, shape
        self.threshold, self.guard, self.progress, self.map = threshold, guard, progress, spread
        self.sizes = records.sizes() + 1
        self.apart: list[tuple[np.ndarray, ...]] = []

    def found(self) -> Found:
        made = self.sketches()
        heads = self.identical(made)
        own = heads == np.arange(len(heads))
        self.left = np.flatnonzero(own)
        some = made if own.all() else made.of(self.left)
        first, second = candidates(some, self.kinds[self.left], self.shape, self.threshold - FAR)
        pairs = list(zip(first.tolist(), second.tolist(), strict=True))
        similar = [(*pair, value) for pair, value in zip(pairs, self.look(pairs), strict=True) if value is not None]
        choice = choose(len(self.left), similar, self.look)
        of, value = np.array(choice.of, np.int64), np.array(choice.similarity)
        exact = made.exact[self.left]
        how = np.where(of < 0, 0, np.where(exact[of] == exact, 2, 3)) if len(of) else of
        return self.told(heads, own, of, value, how)

    def told(self, heads, own, of, value, how) -> Found:
        """What was found of those that are left, told of all."""
        place = np.searchsorted(self.left, heads)
        goes = of[place] >= 0
        found = np.where(goes, self.left[of[place]], np.where(own, -1, heads)) if len(heads) else heads
        how = np.where(goes, how[place], np.where(own, 0, 1)).astype(np.uint8)
        columns = [np.concatenate(one) for one in zip(*self.apart)] or [np.empty(0)] * 4
        first, second, similar, differs = columns
        order = np.lexsort((second, first))
        first, second = (self.left[one[order].astype(np.int64)] for one in (first, second))
        return Found(
            found,
            np.where(goes, value[place], 1.0),
            how,
            Apart(first, second, similar[order], differs[order].astype(np.uint8)),
        )

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

    def identical(self, made: Sketches) -> np.ndarray:
        """For every record the first one with its kind and bytes."""
        heads = np.arange(len(made.exact))
        keys = made.exact + mixed(self.kinds.astype(np.uint64) + np.uint64(1))
        order = np.argsort(keys, kind="stable")
        same = keys[order[1:]] == keys[order[:-1]]
        grouped = np.zeros(len(order), bool)
        grouped[1:] |= same
        grouped[:-1] |= same
        alike = np.sort(order[grouped])
        known: dict[tuple, int] = {}
        width = self.records.width
        for some in blocks(self.sizes[alike], _BYTES):
            rows = alike[some]
            texts = self.records.take(rows)
            parts = [texts.data[a:b].tobytes() for a, b in zip(texts.starts.tolist(), texts.ends.tolist(), strict=True)]
            for number, row in enumerate(rows.tolist()):
                told = (int(self.kinds[row]), *parts[number * width : (number + 1) * width])
                heads[row] = known.setdefault(told, row)
        return heads

    def look(self, pairs: list[tuple[int, int]]) -> list[float | None]:
        """The similarity of pairs of those left, None where they must not be taken for one."""
        told = np.array(pairs, np.int64).reshape(-1, 2)
        found: list[float | None] = []
        chunks = [told[some] for some in blocks(self.sizes[self.left[told]].sum(1), _BYTES)]
        for chunk, (values, differs) in zip(chunks, self.map(self.compared, chunks), strict=True):
            alike = values >= self.threshold
            kept = alike & (differs == 0)
            values = [round(value, 4) for value in values.tolist()]
            found += [value if keep else None for value, keep in zip(values, kept.tolist(), strict=True)]
            off = alike & ~kept
            if off.any():
                self.apart.append((chunk[off, 0], chunk[off, 1], np.array(values)[off], differs[off]))
            self.progress("comparing", len(found), len(told))
        return found

    def compared(self, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(similarity, what forbids to take them for one) of each pair."""
        rows, inside = np.unique(pairs, return_inverse=True)
        one, other = inside.reshape(-1, 2).T
        texts, width = self.records.take(self.left[rows]), self.records.width
        known = letters(texts)
        values = np.ones(len(pairs))
        for column in range(width):
            values = np.minimum(values, similarity(known, one * width + column, other * width + column, self.shape.n))
        differs = np.zeros(len(pairs), np.uint8)
        alike = np.flatnonzero(values >= self.threshold)
        if self.guard and len(alike):
            used, inside = np.unique(np.concatenate((one[alike], other[alike])), return_inverse=True)
            one, other = inside[: len(alike)], inside[len(alike) :]
            texts = texts.take((used[:, None] * width + np.arange(width)).ravel())
            spoken = [self.spoken(kind) for kind in self.kinds[self.left[pairs[alike, 0]]].tolist()]
            for column in range(width):
                differs[alike] |= differing(texts, one * width + column, other * width + column, spoken)
        return values, differs

    def spoken(self, kind: int) -> str | None:
        return None if self.languages is None else self.languages[kind]
