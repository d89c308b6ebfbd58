"""Of some rows, the columns that matter, as Arrow arrays of strings.

    wanted = Wanted(texts=("text",), values=("id", "language"))
    found = read(piece, wanted)                  # {"text": StringArray, "id": StringArray, ...}, null where a row has null

Arrow reads them without a Python object a row; where it cannot (texts within lists, a broken line, numbers and texts in one
column), they are read row by row, which also says in which line what is wrong. Of a chat, a list of turns, the content of all turns
is the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from globmed_tools.errors import GlobmedError, suggest

from ..sources.rows import Row
from ..stages import known
from .files import Source
from .pieces import Batch, Lines, Piece

#: What a turn of a chat says, in the two common layouts.
_SAYS = ("content", "value")


@dataclass(frozen=True, slots=True)
class Wanted:
    """texts: to be compared; values: short ones (id, language, what is preferred), as text."""

    texts: tuple[str, ...]
    values: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys((*self.texts, *self.values)))


def check(source: Source, wanted: Wanted) -> None:
    """GlobmedError where a column is not there."""
    found = source.names()
    for name in wanted.names:
        if name not in found:
            raise GlobmedError(
                f"{source.path}: no column {name!r}{suggest(name, found)} Found: {', '.join(found) or 'none'}. "
                "Name another one."
            )


def read(piece: Piece, wanted: Wanted) -> dict[str, Any]:
    """The columns of these rows, by name."""
    import pyarrow as pa

    try:
        found = _of_json(piece, wanted) if isinstance(piece, Lines) else _of_table(piece, wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError):
        found = None
    return _by_rows(piece, wanted) if found is None else found


def _of_table(piece: Piece, wanted: Wanted) -> dict[str, Any] | None:
    import pyarrow as pa

    if not isinstance(piece, Batch):
        return None
    found = {}
    for name in wanted.names:
        column = piece.table.column(name).combine_chunks()
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        made = _text(column) if name in wanted.texts else _value(column)
        if made is None:
            return None
        found[name] = made
    return found


def _of_json(piece: Lines, wanted: Wanted) -> dict[str, Any] | None:
    import pyarrow as pa
    import pyarrow.json as pj

    if not len(piece):
        return None
    first = _first(piece)
    types = {name: _type(first.get(name), name in wanted.texts) for name in wanted.names}
    if None in types.values():
        return None
    widest = int((piece.ends - piece.starts).max())
    table = pj.read_json(
        pa.BufferReader(memoryview(piece.data)[int(piece.starts[0]) :]),
        read_options=pj.ReadOptions(block_size=max(1 << 20, 2 * widest + 2)),
        parse_options=pj.ParseOptions(pa.schema(types), unexpected_field_behavior="ignore"),
    )
    found = {}
    for name in wanted.names:
        column = table.column(name).combine_chunks()
        if len(column) != len(piece) or column.null_count:
            return None  # null or not there? Only the rows can tell.
        found[name] = _text(column) if name in wanted.texts else _value(column)
    return None if any(one is None for one in found.values()) else found


def _first(piece: Lines) -> dict[str, Any]:
    import orjson

    try:
        found = orjson.loads(piece.data[piece.starts[0] : piece.ends[0]])
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _type(value: Any, text: bool) -> Any:
    """The Arrow type that a column has if this is one of its values; None where that is not for Arrow to read."""
    import pyarrow as pa

    if isinstance(value, str):
        return pa.string()
    if text and isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        says = next((name for name in _SAYS if isinstance(value[0].get(name), str)), None)
        return says and pa.list_(pa.struct([(says, pa.string())]))
    if text or not isinstance(value, int):
        return None
    return pa.bool_() if isinstance(value, bool) else pa.int64()


def _text(column: Any) -> Any:
    """Texts, and chats as texts; UTF-8 is looked at, which Arrow does not do by itself. None where it is neither."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        column.validate(full=True)
        return column
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)) or not pa.types.is_struct(kind.value_type):
        return None
    says = next((name for name in _SAYS if kind.value_type.get_field_index(name) >= 0), None)
    if says is None or column.null_count:
        return None
    told = column.flatten().field(says)
    if not pa.types.is_string(told.type) or told.null_count:
        return None
    told.validate(full=True)
    offsets = pc.subtract(column.offsets, column.offsets[0])
    make = pa.LargeListArray if pa.types.is_large_list(kind) else pa.ListArray
    return pc.binary_join(make.from_arrays(offsets, told), "\n")


def _value(column: Any) -> Any:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        found = column.cast(pa.string())
        found.validate(full=True)
        return found
    return None


def _by_rows(piece: Piece, wanted: Wanted) -> dict[str, Any]:
    import pyarrow as pa

    found: dict[str, list[str | None]] = {name: [] for name in wanted.names}
    for row in _rows(piece, wanted):
        for name, values in found.items():
            if name not in row.fields:
                raise GlobmedError(f"{row.where}: no column {name!r}. Mend that row, or name another column.")
            values.append(_said(row, name, name in wanted.texts))
            try:
                (values[-1] or "").encode()
            except UnicodeEncodeError:
                raise GlobmedError(f"{row.where}: {name} holds half a character. Mend it in the file.") from None
    return {name: pa.array(values, pa.string()) for name, values in found.items()}


def _rows(piece: Piece, wanted: Wanted) -> list[Row]:
    """The rows; GlobmedError names the one whose text is not UTF-8, which a Parquet file may hold."""
    import pyarrow as pa

    try:
        return piece.rows()
    except UnicodeDecodeError:
        for name in wanted.names:
            column = piece.table.column(name)
            if not pa.types.is_string(column.type) and not pa.types.is_large_string(column.type):
                continue
            for number, value in zip(piece.numbers.tolist(), column.cast(pa.large_binary()).to_pylist()):
                try:
                    (value or b"").decode()
                except UnicodeDecodeError:
                    raise GlobmedError(f"{piece.path}, item {number}: {name} is not UTF-8. Mend that row.") from None
        raise GlobmedError(f"{piece.path}: a text in it is not UTF-8. Write the file again.") from None


def _said(row: Row, name: str, text: bool) -> str | None:
    value = row.fields[name]
    if value is None or isinstance(value, str):
        return value
    if text and isinstance(value, list | dict):
        return "\n".join(_turns(value))
    if not text and isinstance(value, int | float):
        return str(value).lower()
    wanted = "a text" if text else "a text or a number"
    raise GlobmedError(f"{row.where}: {name} should be {wanted}, found {type(value).__name__}. Name another column.")


def _turns(value: Any) -> list[str]:
    """The texts of a list of turns, each what it says: its content or, within that, its parts of text."""
    if isinstance(value, dict):
        says = next((name for name in (*_SAYS, "text") if name in value), None)
        return known.strings(value) if says is None else _turns(value[says])
    return [text for one in value for text in _turns(one)] if isinstance(value, list) else known.strings(value)
