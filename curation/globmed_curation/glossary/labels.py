"""Names of concepts by language, as Wikidata and other knowledge bases are exported.

    {"id": "Q38933", "labels": {"en": {"value": "fever"}, "sw": {"value": "homa"}}, "aliases": {"en": [{"value": "pyrexia"}]}}
    item,language,label                                       CSV or TSV; a column `kind` says label or alias

JSON Lines with a concept a line (a Wikidata dump, which is a list with one a line, too), a JSON list of them, or the JSON of a
SPARQL query whose variables are called as the columns. A label may be plain text instead of an object. The label of a language
is preferred to its aliases. Of the names, those in languages that the table does not have are left out and counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from globmed_tools.errors import GlobmedError

from ..sources.delimited import delimiter_of, records
from .units import LeftOut, Unit, language_of, unknown

#: What a column (or a variable of a query) may be called.
_COLUMNS = {
    "concept": ("item", "concept", "id", "qid"),
    "language": ("language", "lang"),
    "term": ("label", "term", "name", "value", "itemLabel"),
    "kind": ("kind", "type"),
}


def read(path: Path, options) -> Iterator[Unit | LeftOut]:
    """One unit a concept; GlobmedError where a line is no such object, or a column is missing."""
    if path.suffix.lower() in (".csv", ".tsv"):
        found = records(path, options.delimiter or delimiter_of(path))
        header = next(found, (1, []))[1]
        rows = ((line, dict(zip(map(str.strip, header), cells))) for line, cells in found)
        yield from _of_rows(path, rows, options, [cell.strip() for cell in header])
        return
    for line, value in _json(path):
        if isinstance(value.get("results"), dict):  # of a SPARQL query
            header = value.get("head", {}).get("vars", [])
            bindings = value["results"].get("bindings", [])
            rows = ((number, _bound(row, header, options)) for number, row in enumerate(bindings, 1))
            yield from _of_rows(path, rows, options, [*header, "language"])
        else:
            yield from _concept(path, line, value, options)


def _json(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line, object); a file whose lines are no objects each is read as a whole."""
    import orjson

    try:
        with path.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                text = line.strip().rstrip(b",")
                if text in (b"", b"[", b"]"):
                    continue
                try:
                    value = orjson.loads(text)
                except orjson.JSONDecodeError as error:
                    if number > 1 and not text.startswith((b"{", b"[")) or number > 2:
                        raise GlobmedError(f"{path}, line {number}: not valid JSON ({error}). Mend the line.") from None
                    break
                yield from ((number, one) for one in _objects(path, number, value))
            else:
                return
        value = orjson.loads(path.read_bytes())
    except OSError as error:
        raise GlobmedError(f"{path}: cannot be read ({error.strerror}). Check the path.") from None
    except orjson.JSONDecodeError as error:
        raise GlobmedError(f"{path}: not valid JSON, nor JSON Lines ({error}). Mend the file.") from None
    yield from ((1, one) for one in _objects(path, 1, value))


def _objects(path: Path, line: int, value: Any) -> list[dict[str, Any]]:
    found = value if isinstance(value, list) else [value]
    if strange := [one for one in found if not isinstance(one, dict)]:
        raise GlobmedError(f"{path}, line {line}: an object was expected, found {type(strange[0]).__name__}. Mend it.")
    return found


def _concept(path: Path, line: int, value: dict[str, Any], options) -> Iterator[Unit | LeftOut]:
    labels, aliases = value.get("labels"), value.get("aliases") or {}
    if not isinstance(labels, dict) or not isinstance(aliases, dict):
        raise GlobmedError(
            f"{path}, line {line}: no object `labels` by language. See `globmed curate glossary build --help`."
        )
    names = [(language, _text(path, line, one)) for language, one in labels.items()]
    for language, many in aliases.items():
        names += [(language, _text(path, line, one)) for one in (many if isinstance(many, list) else [many])]
    yield from _unit(line, str(value.get("id", "")), names, options)


def _text(path: Path, line: int, value: Any) -> str:
    text = value.get("value") if isinstance(value, dict) else value
    if not isinstance(text, str):
        raise GlobmedError(f"{path}, line {line}: a label is {value!r}; text was expected. Mend the line.")
    return text


def _bound(row: dict[str, Any], header: list[str], options) -> dict[str, str]:
    """A result of a query as a row; the language of a label stands beside its text, where no variable has it."""
    found = {name: one.get("value", "") for name, one in row.items() if isinstance(one, dict)}
    tags = [one["xml:lang"] for one in row.values() if isinstance(one, dict) and "xml:lang" in one]
    return {**({"language": tags[0]} if tags and "language" not in found else {}), **found}


def _of_rows(path: Path, rows: Iterable[tuple[int, dict[str, str]]], options, header: list[str]):
    """Rows of one name each, gathered by concept, in the order in which the concepts come."""
    columns = {role: _column(path, role, header, options.columns) for role in _COLUMNS}
    names: dict[str, list[tuple[bool, str, str]]] = {}
    first: dict[str, int] = {}
    for line, row in rows:
        concept = row.get(columns["concept"], "").rpartition("/")[2].strip()
        alias = row.get(columns["kind"], "").lower().startswith("al")
        first.setdefault(concept, line)
        names.setdefault(concept, []).append((alias, row.get(columns["language"], ""), row.get(columns["term"], "")))
    for concept, found in names.items():
        found.sort(key=lambda one: one[0])
        yield from _unit(first[concept], concept, [one[1:] for one in found], options)


def _column(path: Path, role: str, header: list[str], given: dict[str, str]) -> str:
    wanted = (given[role],) if role in given else _COLUMNS[role]
    name = next((name for name in wanted if name in header), "")
    if not name and role != "kind":
        raise GlobmedError(
            f"{path}: no column {' or '.join(wanted)}; there are {', '.join(header)}. Say which: --column {role}=NAME."
        )
    return name


def _unit(line: int, concept: str, names: list[tuple[str, str]], options) -> Iterator[Unit | LeftOut]:
    terms = []
    for name, text in names:
        code = language_of(name, options.languages)
        if code is None:
            yield LeftOut(line, unknown(name))
        elif text.strip():
            terms.append((code, text))
    if len({code for code, _ in terms}) > 1:
        yield Unit(line, tuple(dict.fromkeys(terms)), concept)
    else:
        yield LeftOut(line, "no translation")
