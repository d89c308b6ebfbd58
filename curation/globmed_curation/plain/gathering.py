"""The rows of all files, column by column: in memory, or with their texts on disk, language by language.

    gathered = gather(sources, Plan(("text",)), room=None)
    for part in gathered.parts():                          # one, or one a language
        find(part.columns, kinds=part.kinds, languages=part.languages)

Rows claim to stay in this order: those that are preferred, in the order of the preferences; then by id, the smallest first (as
numbers where all are whole numbers); then by the name of the file and the place in it. So the order in which files are named does
not matter, and with ids neither does the order of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from globmed_tools import languages
from globmed_tools.errors import GlobmedError

from .columns import Wanted, read
from .files import Parquet, Source

_BATCH = 1 << 16
#: Languages that a column may name; with more it is another column.
_MOST = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """Which columns mean what. language: of all rows; prefer: (column, value), the most preferred first."""

    texts: tuple[str, ...]
    id: str | None = None
    language: str | None = None
    language_column: str | None = None
    prefer: tuple[tuple[str, str], ...] = ()

    @property
    def wanted(self) -> Wanted:
        values = (self.id, self.language_column, *(name for name, _ in self.prefer))
        return Wanted(self.texts, tuple(name for name in values if name))

    @property
    def reordered(self) -> bool:
        return bool(self.id or self.prefer)


@dataclass(frozen=True, slots=True)
class Part:
    """Rows (their numbers over all files) in the order of their claim, their texts, the kind of each, the language of each kind."""

    rows: np.ndarray
    columns: list[Any]
    kinds: np.ndarray
    languages: list[str | None]


@dataclass
class Gathered:
    """numbers: for each file where its rows stand; kinds: -1 and less where a row has no text; spoken: the value of the language
    column for each kind; ids: Arrow strings."""

    plan: Plan
    sources: Sequence[Source]
    room: Path | None
    numbers: list[np.ndarray] = field(default_factory=list)
    spoken: list[str | None] = field(default_factory=list)
    kinds: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    ranks: np.ndarray = field(default_factory=lambda: np.empty(0, np.uint8))
    ids: Any = None
    _texts: list[list[Any]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.kinds)

    @cached_property
    def bounds(self) -> np.ndarray:
        """The number of the first row of each file, once all are read."""
        return np.cumsum([0, *map(len, self.numbers)])

    def place(self, row: int) -> str:
        """ "sft.jsonl:204"."""
        file = int(np.searchsorted(self.bounds, row, "right")) - 1
        source = self.sources[file]
        return f"{source.name}{source.mark}{self.numbers[file][row - self.bounds[file]]}"

    def id_of(self, row: int) -> str | None:
        return None if self.ids is None else self.ids[row].as_py()

    @cached_property
    def languages(self) -> list[str | None]:
        """For each kind its code in the language table, None where that has none."""
        found = [languages.find(one) if one else None for one in self.spoken]
        return [one and one.code for one in found]

    def order(self) -> np.ndarray:
        """The numbers of all rows in the order of their claim to stay."""
        keys = [np.arange(len(self))]
        if self.ids is not None:
            keys.append(_ranked(self.ids))
        return np.lexsort((*keys, self.ranks)) if self.plan.reordered else keys[0]

    def parts(self) -> Iterator[Part]:
        order = self.order()
        if self.room is None:
            yield self._whole(order)
            return
        for kind in range(len(self.spoken)):
            rows = order[self.kinds[order] == kind]
            if len(rows):
                columns = self._mapped(kind, rows)
                yield Part(rows, columns, np.zeros(len(rows), np.int64), [self.languages[kind]])

    def _whole(self, order: np.ndarray) -> Part:
        import pyarrow as pa

        columns = [_chunked(some) for some in self._texts]
        kinds = self.kinds
        if self.plan.reordered:
            columns = [pa.chunked_array(list(_in_order(one, order))) for one in columns]
            kinds, self._texts = kinds[order], []
        return Part(order, columns, kinds, self.languages)

    def _mapped(self, kind: int, rows: np.ndarray) -> list[Any]:
        """The texts of one kind in this order, from disk; put into it there."""
        import pyarrow as pa

        table = _opened(self.room / f"{kind}.arrow")
        if self.plan.reordered:
            ascending = np.sort(rows)
            places = np.searchsorted(ascending, rows)
            path = self.room / f"{kind}-ordered.arrow"
            with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as out:
                for some in zip(*(_in_order(column, places) for column in table.columns), strict=True):
                    out.write_batch(pa.record_batch(list(some), schema=table.schema))
            (self.room / f"{kind}.arrow").unlink()
            table = _opened(path)
        return table.columns


def gather(
    sources: Sequence[Source], plan: Plan, room: Path | None, tick: Callable[[int], None] = lambda count: None
) -> Gathered:
    """Read all files. room: an empty folder for texts that are not to stay in memory."""
    import pyarrow as pa

    found = Gathered(plan, sources, room, _texts=[[] for _ in plan.texts])
    known: dict[str | None, int] = {}
    kinds, ranks, ids = [np.empty(0, np.int64)], [np.empty(0, np.uint8)], []
    files = _Files(room, plan.texts)
    total = 0
    try:
        for source in sources:
            numbers = [np.empty(0, np.int64)]
            for piece in source.pieces(plan.wanted.names if isinstance(source, Parquet) else None):
                if not len(piece):
                    continue
                columns = read(piece, plan.wanted)
                kind = _kinds(columns, plan, known, total)
                texts = [columns[name] for name in plan.texts]
                if room is None:
                    for some, one in zip(found._texts, texts):
                        some.append(one)
                else:
                    files.write(texts, kind)
                if plan.id:
                    ids.append(columns[plan.id].cast(pa.large_string()))
                kinds.append(kind)
                ranks.append(_ranks(columns, plan))
                numbers.append(piece.numbers)
                total += len(piece)
                tick(len(piece))
            found.numbers.append(np.concatenate(numbers))
    finally:
        files.close()
    found.spoken, found.kinds, found.ranks = list(known), np.concatenate(kinds), np.concatenate(ranks)
    found.ids = pa.chunked_array(ids, pa.large_string()).combine_chunks() if plan.id else None
    return found


def _kinds(columns: dict[str, Any], plan: Plan, known: dict[str | None, int], total: int) -> np.ndarray:
    """The number of each row's language; -1 and less, each its own, where there is no text."""
    import pyarrow.compute as pc

    rows = len(columns[plan.texts[0]])
    if plan.language_column is None:
        kinds = np.full(rows, known.setdefault(plan.language, len(known)), np.int64)
    else:
        told = columns[plan.language_column].dictionary_encode(null_encoding="encode")
        numbers = [known.setdefault(one, len(known)) for one in told.dictionary.to_pylist()]
        if len(known) > _MOST:
            raise GlobmedError(
                f"{plan.language_column!r} has more than {_MOST} values, so it hardly names languages. Name another."
            )
        kinds = np.array(numbers, np.int64)[told.indices.to_numpy()]
    sizes = [pc.fill_null(pc.binary_length(columns[name]), 0).to_numpy() for name in plan.texts]
    empty = np.flatnonzero(sum(sizes) == 0)
    kinds[empty] = -1 - (total + empty)
    return kinds


def _ranks(columns: dict[str, Any], plan: Plan) -> np.ndarray:
    import pyarrow.compute as pc

    ranks = np.full(len(columns[plan.texts[0]]), len(plan.prefer), np.uint8)
    for rank, (name, value) in reversed(list(enumerate(plan.prefer))):
        ranks[pc.fill_null(pc.equal(columns[name], value), False).to_numpy(zero_copy_only=False)] = rank
    return ranks


def _ranked(ids: Any) -> np.ndarray:
    """The place of each id among all, the same for the same; null comes last."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        ids = ids.cast(pa.int64())
    except pa.ArrowInvalid:
        pass
    return pc.rank(ids, tiebreaker="min").to_numpy()


def _chunked(some: list[Any]) -> Any:
    import pyarrow as pa

    if len({one.type for one in some}) != 1:
        some = [one.cast(pa.large_string()) for one in some]
    return pa.chunked_array(some, some[0].type if some else pa.large_string())


def _in_order(column: Any, order: np.ndarray) -> Iterator[Any]:
    return (taken(column, order[start : start + _BATCH]) for start in range(0, len(order), _BATCH))


def taken(column: Any, rows: np.ndarray) -> Any:
    """Some texts of a column in chunks, as one array. (Arrow's own `take` first copies all chunks into one.)"""
    import pyarrow as pa

    chunks = column.chunks
    bounds = np.cumsum([0, *map(len, chunks)])
    where = np.searchsorted(bounds, rows, "right") - 1
    order = np.argsort(where, kind="stable")
    numbers, first = np.unique(where[order], return_index=True)
    parts = []
    for number, some in zip(numbers.tolist(), np.split(order, first[1:]), strict=True):
        part = chunks[number].take(pa.array(rows[some] - bounds[number]))
        parts.append(part.cast(pa.large_string()))
    back = np.empty(len(rows), np.int64)
    back[order] = np.arange(len(rows))
    return pa.concat_arrays(parts).take(pa.array(back)) if parts else pa.array([], pa.large_string())


class _Files:
    """One Arrow file for each kind."""

    def __init__(self, room: Path | None, names: Sequence[str]):
        self.room, self.names, self.open = room, [str(place) for place in range(len(names))], {}

    def write(self, texts: list[Any], kinds: np.ndarray) -> None:
        import pyarrow as pa

        table = pa.Table.from_arrays([one.cast(pa.large_string()) for one in texts], self.names)
        for kind in np.unique(kinds[kinds >= 0]).tolist():
            if kind not in self.open:
                sink = pa.OSFile(str(self.room / f"{kind}.arrow"), "wb")
                self.open[kind] = pa.ipc.new_file(sink, table.schema), sink
            try:
                self.open[kind][0].write_table(table.filter(pa.array(kinds == kind)))
            except OSError as error:
                raise GlobmedError(f"{self.room}: could not be written ({error}). Free some space.") from None

    def close(self) -> None:
        for made, sink in self.open.values():
            made.close()
            sink.close()


def _opened(path: Path) -> Any:
    import pyarrow as pa

    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()
