"""From the files of a user to one glossary: sources in order of preference, each with its licence.

    build([Wanted("TICO-19", "CC0 1.0", (Path("f_en-sw_KE.csv"),)), Wanted("ours", "all rights reserved", (Path("own.csv"),))])

Of every unit that a reader gives, each term in a source language is paired with each term in the other languages. What gives
no pair is counted by its reason. A term that two sources translate differently keeps both, that of the first source first,
and is marked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from globmed_tools import manifest
from globmed_tools.errors import GlobmedError

from . import table as tables
from .table import File, Row, Source
from .units import UNKNOWN_LANGUAGE, LeftOut, Unit

#: format -> the module that reads it
READERS = {"csv": "delimited", "tmx": "tmx", "labels": "labels", "umls": "umls"}
_SUFFIXES = {".csv": "csv", ".tsv": "csv", ".tmx": "tmx", ".json": "labels", ".jsonl": "labels", ".rrf": "umls"}
PIVOT = "en"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One source: its name and licence, its files, and how they are read (see the readers). languages: what names of
    languages in the files are in the table; vocabularies: of UMLS, only these (SAB)."""

    name: str
    licence: str
    paths: tuple[Path, ...]
    format: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    delimiter: str | None = None
    separator: str | None = None
    languages: dict[str, str] = field(default_factory=dict)
    vocabularies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """Which pairs are made. sources: languages of the terms, empty: what a file translates from, and English where it does
    not say; targets: languages of the translations, empty: all; words: terms of more words are sentences and left out."""

    sources: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    words: int = 10


def build(wanted: list[Wanted], limits: Limits = Limits(), tick: Callable[[], None] = lambda: None):
    """The Arrow table of these sources, the first trusted most; built glossaries (.parquet) keep theirs. GlobmedError where a
    source gives no pair at all, and where two have one name."""
    rows: list[Row] = []
    sources: list[Source] = []
    for one in wanted:
        built = [path for path in one.paths if path.suffix.lower() == ".parquet"]
        for path in built:
            _add_built(path, rows, sources)
        if others := [path for path in one.paths if path not in built]:
            files = tuple(_read(one, path, len(sources), rows, limits, tick) for path in others)
            sources.append(Source(one.name, one.licence, files))
            if not any(file.rows for file in files):
                told = ", ".join(f"{count} {reason}" for reason, count in sources[-1].left_out.items()) or "no lines"
                raise GlobmedError(f"{others[0]}: gives no pair of terms ({told}). Leave it out, or mend it.")
    names = [one.name for one in sources]
    if twice := [name for name in names if names.count(name) > 1]:
        raise GlobmedError(f"two sources are called {twice[0]!r}. Give each a name of its own (--name).")
    return tables.make(rows, sources)


def of_file(path: Path):
    """The table of one CSV, TSV or TMX file as it is, its licence unknown; a language that the table does not have is an
    error here, where nobody would read a count."""
    table = build([Wanted(path.stem, tables.UNKNOWN_LICENCE, (path,))])
    for reason, count in tables.sources_of(table)[0].left_out.items():
        if reason.startswith(UNKNOWN_LANGUAGE):
            raise GlobmedError(
                f"{path}: {reason} ({count} lines). Use a code of the language table, or `globmed curate glossary build`."
            )
    return table


def _add_built(path: Path, rows: list[Row], sources: list[Source]) -> None:
    """A glossary that was built before: its rows and sources, numbered anew."""
    table = tables.read(path)
    first = len(sources)
    columns = [table[name].to_pylist() for name in Row._fields]
    rows += (row._replace(source=row.source + first) for row in map(Row._make, zip(*columns)))
    sources += tables.sources_of(table)


def _read(one: Wanted, path: Path, number: int, rows: list[Row], limits: Limits, tick) -> File:
    """Add the rows of a file; what was read, what it gave and what it did not."""
    reader = import_module(f"{__package__}.{READERS[_format(one, path)]}")
    left_out: Counter[str] = Counter()
    lines, before = 0, len(rows)
    for unit in reader.read(path, one):
        lines += 1
        tick()
        if isinstance(unit, LeftOut):
            left_out[unit.reason] += 1
        else:
            reason = _add_pairs(unit, number, rows, limits)
            left_out.update([reason] if reason else [])
    return File(path.name, manifest.checksum(path), lines, len(rows) - before, dict(sorted(left_out.items())))


def _format(one: Wanted, path: Path) -> str:
    if one.format:
        return one.format
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() not in (".zip", ".gz")]
    found = _SUFFIXES.get(suffixes[-1] if suffixes else "")
    if found is None:
        raise GlobmedError(f"{path}: the name does not tell the format. Say --format {'|'.join(READERS)}.")
    return found


def _add_pairs(unit: Unit, number: int, rows: list[Row], limits: Limits) -> str | None:
    """Each term beside each translation; why there are none, where there are none."""
    terms = [(code, tables.tidy(text)) for code, text in unit.terms]
    usable = [(code, text) for code, text in terms if any(map(str.isalpha, text))]
    if len(usable) < len(terms) and len({code for code, _ in usable}) < 2:
        return "no letters"
    pivots = limits.sources or (unit.source or PIVOT,)
    pairs = [
        Row(source, term, code, target, number, unit.concept)
        for source, term in usable
        for code, target in usable
        if source in pivots and code != source and (not limits.targets or code in limits.targets)
    ]
    if not pairs:
        return "no pair of the languages asked for"
    short = [
        row for row in pairs if len(row.term.split()) <= limits.words and len(row.target.split()) <= 2 * limits.words
    ]
    rows += short
    return None if short else f"more than {limits.words} words"
