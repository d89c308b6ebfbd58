"""CSV and TSV, one translation a line or one language a column.

    id,sourceLang,targetLang,sourceString,targetString        as TICO-19's terminologies: nothing need be said
    2,en,sw_KE,acute bronchitis,mkamba mkali

    English;Kiswahili                                          columns: {en: English, sw: Kiswahili}
    en,sw,yo                                                   columns called by their languages: nothing need be said

`columns` says which column is what: term, target, source_language, language (a column, or a code where no column has that
name) and concept; or a language's code for each column of terms. `separator` divides alternatives within a cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from globmed_tools import languages
from globmed_tools.errors import GlobmedError, suggest

from ..sources.delimited import delimiter_of, records
from .units import LeftOut, Unit, language_of, unknown

#: What the columns are called where nothing is said.
DEFAULT = {
    "source_language": "sourceLang",
    "language": "targetLang",
    "term": "sourceString",
    "target": "targetString",
}
ROLES = (*DEFAULT, "concept")


def read(path: Path, options) -> Iterator[Unit | LeftOut]:
    """The lines of a CSV or TSV file; GlobmedError where a column is missing or a record does not fit the header."""
    found = records(path, options.delimiter or delimiter_of(path))
    start, header = next(found)
    header = [cell.strip() for cell in header]
    columns, wide = _columns(path, start, header, options.columns)
    places = {name: number for number, name in enumerate(header)}
    for line, cells in found:
        if len(cells) != len(header):
            raise GlobmedError(f"{path}, line {line}: {len(cells)} cells under {len(header)} columns. Mend the line.")
        row = {role: cells[places[name]] if name in places else name for role, name in columns.items()}
        yield from _wide(line, row, options) if wide else _pair(line, row, options)


def _columns(path: Path, line: int, header: list[str], given: dict[str, str]) -> tuple[dict[str, str], bool]:
    """role or language code -> column, and whether each language has a column."""
    if not given:
        codes = {language.code: name for name in header if (language := languages.find(name))}
        if len(codes) > 1 and not set(DEFAULT.values()) & set(header):
            return codes, True
    wide = bool(given) and not {"term", "target"} & set(given)
    columns = {**({} if wide else DEFAULT), **given}
    if wide:
        for code in set(columns) - {"concept"}:
            languages.get(code)
    elif strange := [role for role in columns if role not in ROLES]:
        raise GlobmedError(f"columns: unknown {strange[0]!r}{suggest(strange[0], ROLES)} Known: {', '.join(ROLES)}.")
    missing = [
        name
        for role, name in columns.items()
        if name not in header and not (role in ("source_language", "language") and languages.find(name))
    ]
    if missing:
        raise GlobmedError(
            f"{path}, line {line}: columns {', '.join(missing)} are missing; there are {', '.join(header)}. "
            "Name them in the header, or say which column is what: --column term=English --column target=Kiswahili."
        )
    return columns, wide


def _pair(line: int, row: dict[str, str], options) -> Iterator[Unit | LeftOut]:
    term, targets = _cell(row["term"], options.separator), _cell(row["target"], options.separator)
    if not (term and targets):
        yield LeftOut(line, "no translation" if term else "no term")
        return
    codes = []
    for name in (row["source_language"], row["language"]):
        codes.append(language_of(name, options.languages))
        if codes[-1] is None:
            yield LeftOut(line, unknown(name))
            return
    source, language = codes
    terms = (*((source, one) for one in term), *((language, one) for one in targets))
    yield Unit(line, terms, row.get("concept", "").strip(), source)


def _wide(line: int, row: dict[str, str], options) -> Iterator[Unit | LeftOut]:
    concept = row.pop("concept", "").strip()
    terms = [(languages.get(code).code, one) for code, cell in row.items() for one in _cell(cell, options.separator)]
    if len({code for code, _ in terms}) < 2:
        yield LeftOut(line, "no translation" if terms else "no term")
    else:
        yield Unit(line, tuple(terms), concept)


def _cell(text: str, separator: str | None) -> list[str]:
    return [part.strip() for part in (text.split(separator) if separator else [text]) if part.strip()]
