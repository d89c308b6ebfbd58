"""Any table: CSV, TSV, JSON Lines or a JSON list, XLSX or Parquet, read as a YAML file says (see `mapping`).

    globmed curate ingest table exam.xlsx --mapping exam.yml --out data           writes data/<the mapping's set>
    {set: ward_exam, paths: [exam.xlsx, exam.yml], options: {layout: table}}       the same in a pipeline

The mapping lies among the paths, as the one .yml file, and is recorded with its hash like any input. A column that it names
and a file has not is an error; a row that cannot be used is dropped with its reason; columns that nothing names are told
in a Note. Rows without any content are passed over. A spreadsheet's hidden rows are read like all others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from globmed_tools import languages
from globmed_tools.entry import Entry, make
from globmed_tools.errors import GlobmedError, suggest
from globmed_tools.languages import LABELS

from . import mapping as mappings
from .cells import Unreadable, lettered, long_text, options, sheet, text, word
from .common import SPLIT_NAMES, Drop, Note, Skipped, code_of, judge
from .delimited import delimiter_of, table
from .mapping import ROW_NUMBER, Column, Mapping
from .rows import Row, rows

YAML = (".yml", ".yaml")
TEXT = (".csv", ".tsv")
SUFFIXES = (*TEXT, ".jsonl", ".json", ".xlsx", ".parquet")
PATTERNS = tuple(f"*{suffix}" for suffix in (*SUFFIXES, *YAML))


def set_of(name: str, paths: list[Path]) -> str:
    """The set that the mapping among these paths names; GlobmedError where the caller says another."""
    path = _split(paths)[0]
    said = mappings.load(path).set
    if name not in ("table", said):
        raise GlobmedError(f"{path}, set: {said!r}, but {name!r} was asked for. Say one of the two in both places.")
    return said


def read(
    paths: list[Path], *, source: str, language: str | None, split: str | None, other_languages: bool = False
) -> Iterator[Entry | Drop | Skipped | Note]:
    """The items of these tables; one of the paths is the mapping."""
    if language or split:
        raise GlobmedError("table: the mapping settles language and split. Leave out --language and --split.")
    path, tables = _split(paths)
    set_of(source, paths)
    mapping = mappings.load(path)
    constant = mapping.language if isinstance(mapping.language, str) else None
    if constant and code_of(constant, other_languages) is None:
        languages.get(constant)
    if isinstance(mapping.split, str) and mapping.split not in SPLIT_NAMES:
        raise GlobmedError(
            f"{path}, split: {mapping.split!r} is none of train, dev and test. For a column: {{column: X}}."
        )
    for one in tables:
        yield from _table(one, mapping, other_languages)


def _split(paths: list[Path]) -> tuple[Path, list[Path]]:
    """The mapping, and the tables."""
    found = [path for path in paths if path.suffix.lower() in YAML]
    tables = [path for path in paths if path not in found]
    if len(found) != 1:
        raise GlobmedError(f"table: {len(found)} mappings (.yml) were named, one is needed. Say --mapping FILE.")
    if not tables:
        raise GlobmedError("table: only a mapping was named. Name the table too.")
    for path in tables:
        if path.suffix.lower() not in SUFFIXES:
            raise GlobmedError(f"{path}: no table ({', '.join(SUFFIXES)}). Save it as one of these.")
    return found[0], tables


def _rows(path: Path, mapping: Mapping) -> list[Row]:
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        found = list(sheet(path, mapping.sheet, mapping.header_row))
    elif suffix in TEXT:
        found = list(table(path, mapping.delimiter, mapping.header_row))
    else:
        found = list(rows(path))
    names = dict.fromkeys(name for row in found for name in row.fields)
    for column in mapping.columns():
        if column not in names:
            other = "\t;,|".replace(mapping.delimiter or delimiter_of(path), "")
            marks = [mark for mark in other if len(names) == 1 and suffix in TEXT and mark in next(iter(names))]
            hint = f" Is {marks[0]!r} the delimiter? Say so in the mapping." if marks else ""
            raise GlobmedError(
                f"{path}: no column {column!r}{suggest(column, names)} Found: {', '.join(names) or 'none'}.{hint}"
            )
    filled = [row for row in found if any(value not in (None, "") for value in row.fields.values())]
    if not filled:
        raise GlobmedError(f"{path}: holds no items. Check the file, and sheet and header_row in the mapping.")
    return filled


def _table(path: Path, mapping: Mapping, other_languages: bool) -> Iterator[Entry | Drop | Skipped | Note]:
    found = _rows(path, mapping)
    unread = sorted({name for row in found for name in row.fields} - set(mapping.columns()))
    if unread:
        yield Note(f"columns that the mapping does not name: {', '.join(unread)}", path.name)
    if mapping.key == ROW_NUMBER and isinstance(mapping.language, Column):
        yield Note("no key column, so items are not linked over the languages: each row is an item", path.name)
    unsupported: Counter = Counter()
    for number, row in enumerate(found, 1):
        said = _said(row, mapping.language, "language")
        code = code_of(said, other_languages)
        if code is None:
            unsupported[said] += 1
            continue
        split = _split_of(row, mapping)
        key = f"{path.name}/{number}"
        try:
            if mapping.key != ROW_NUMBER and not (key := text(row.fields.get(mapping.key))):
                raise Unreadable("no_key", mapping.key)
            yield judge(_entry(row, mapping, key, code, split), key)
        except Unreadable as error:
            yield Drop(error.reason, error.evidence, row.locator, code, split, key)
    for said, count in sorted(unsupported.items()):
        yield Skipped("unsupported_language", count, path.name)
        yield Note(f"{count} rows in {said!r}, which is no language of languages.toml, were passed over", path.name)


def _said(row: Row, setting: str | Column, role: str) -> str:
    """A constant, or what the row's cell means; GlobmedError for a cell that is empty or not to be read."""
    if isinstance(setting, str):
        return setting
    try:
        written = word(row.fields.get(setting.column))
    except Unreadable as error:
        raise GlobmedError(f"{row.where}, {setting.column}: {error.evidence}. Mend the cell.") from None
    if not written:
        raise GlobmedError(f"{row.where}, {setting.column}: the {role} is empty. Fill it in.")
    return setting.values.get(written, written)


def _split_of(row: Row, mapping: Mapping) -> str:
    said = _said(row, mapping.split, "split")
    if said.lower() not in SPLIT_NAMES:
        raise GlobmedError(
            f"{row.where}: the split {said!r} is none of train, dev and test. Map it in the mapping: split.values."
        )
    return SPLIT_NAMES[said.lower()]


def _entry(row: Row, mapping: Mapping, key: str, language: str, split: str) -> Entry:
    def cell(column: str | None, reader=text) -> str | None:
        if column is None:
            return None
        try:
            return reader(row.fields.get(column))
        except Unreadable as error:
            raise Unreadable(error.reason, f"{column}: {error.evidence}") from None

    content: dict = {}
    if mapping.form == "mcq":
        found = _options(row, mapping, cell)
        content = {"options": found.values(), "answers": _golds(cell(mapping.answer.column), found, mapping.answer)}
    elif mapping.form in LABELS:
        column = mapping.label if isinstance(mapping.label, Column) else Column(mapping.label)
        written = cell(column.column, word)
        label = column.values.get(written, written.lower())
        content = {"label": label or None}
    return make(
        source=mapping.set,
        split=split,
        form=mapping.form,
        language=language,
        key=key,
        question=cell(mapping.question),
        context=cell(mapping.context, long_text),
        reference=cell(mapping.reference, long_text),
        rationale=cell(mapping.rationale, long_text),
        tags={name: cell(name, word) for name in mapping.tags},
        translator=mapping.translator,
        locator=row.locator,
        licence=mapping.licence,
        **content,
    )


def _options(row: Row, mapping: Mapping, cell) -> dict[str, str]:
    if not isinstance(mapping.options, list):
        return cell(mapping.options.column, partial(options, separator=mapping.options.separator))
    texts = [cell(column) for column in mapping.options]
    while texts and not texts[-1]:  # an item may have fewer options than the table has columns
        texts.pop()
    return lettered(texts)


def _golds(written: str, found: dict[str, str], answer: mappings.Answer) -> list[int]:
    """0-based indices; empty where nothing is written. Raises Unreadable for what means no option."""
    parts = written.split(answer.separator) if answer.separator else [written]
    return [_gold(part.strip(), found, answer.base) for part in parts if part.strip()]


def _gold(written: str, found: dict[str, str], base: str | int) -> int:
    if base == "text":
        if (texts := list(found.values())).count(written) == 1:
            return texts.index(written)
        raise Unreadable("gold_not_an_option", written[:80])
    if base == "letter":
        letter = written.strip("().: ").upper()
        if letter in found:
            return list(found).index(letter)
        if re.fullmatch("[A-Z]", letter):
            raise Unreadable("gold_out_of_range", f"{letter} with options {' '.join(found)}")
    elif re.fullmatch(r"-?[0-9]{1,6}(\.0+)?", written):
        return int(float(written)) - base
    raise Unreadable("unreadable_gold", f"{written[:80]!r}, base {base}")
