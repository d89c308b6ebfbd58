"""Map files whose columns are not known beforehand to Entries, or stop with what was found and what was looked for.

    {"question": "...", "options": {"A": "...", "B": "..."}, "answer_idx": "B"}     letters, dict
    {"input": "{'question': '...', 'options': ['...', '...']}", "label": 1}          one stringified cell, integer gold
    {"text": "Premise:\\n...\\n\\nHypothesis:\\n...", "label": "contradiction"}       one-string NLI
    {"text": "Swali: ... Jibu: ..."}                                                 one-string long-form, localised markers

No column name of the released sets could be confirmed, so nothing here is assumed silently: a role is taken only from a
column that holds what the role needs, integer golds are read as 0- or 1-based only where the values prove it, and
`Mapping` says which column served which role.
"""

from __future__ import annotations

import ast
import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import regex

from ..catalog import SourceSet
from ..entry import Entry, make, problem
from ..errors import GlobmedError
from ..languages import LABELS, Language, table

QUESTION = ("question", "query", "stem", "qtext", "hypothesis", "sentence2", "message", "prompt", "input")
PREMISE = ("premise", "sentence1", "context", "supp_set", "abstract")
HYPOTHESIS = ("hypothesis", "sentence2", "conclusion", "claim")
CONTEXT = ("context", "contexts", "passage", "abstract", "long_context")
OPTIONS = ("options", "choices", "answers", "option", "candidates", "endings")
GOLD = (
    "answer_idx",
    "answer_index",
    "correct_option",
    "correct_answer",
    "gold",
    "gold_label",
    "cop",
    "label",
    "target",
    "answer",
    "output",
)
LABEL = ("label", "gold_label", "final_decision", "label_cat", "answer", "output", "target", "gold")
REFERENCE = ("reference", "answer", "long_answer", "reference_answer", "output", "response", "gold", "target")
IDS = ("id", "qid", "question_id", "pmid", "uid", "group_id", "index")
CELLS = ("data", "text", "input", "question", "content", "prompt", "item", "query")
_LETTERED = regex.compile(r"^(?:op|option|choice|opt|ending|answer)?[_ ]?([a-j]|[0-9]|10)$", regex.I)
_PARAGRAPHS = regex.compile(r"^\s*([^:：\n]{2,40})[:：]\s*(.+?)\n\s*\n?\s*([^:：\n]{2,40})[:：]\s*(.+)$", regex.S)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column served which role, e.g. {"question": "question", "options": "options (dict)", "gold": "answer (letter)"}."""

    roles: dict[str, str]

    def __str__(self) -> str:
        return ", ".join(f"{role} <- {column}" for role, column in self.roles.items())


def read_file(
    path: Path, source: SourceSet, language: Language, split: str, *, where: str, strict: bool = True
) -> tuple[list[Entry], str]:
    """The entries of one file and how its columns were mapped; `where` is what errors and locators call the file.

    Raises GlobmedError where the columns cannot be mapped and, with `strict`, at the first unusable row.
    """
    entries, mapping = read_rows(rows_of(path, where), source, language, split, where=where, strict=strict)
    return entries, str(mapping)


def rows_of(path: Path, where: str) -> list[dict[str, Any]]:
    """The rows of a JSON (array, lines, or object of objects), JSONL, CSV, TSV or Parquet file."""
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return pq.read_table(path).to_pylist()
        except (pa.ArrowInvalid, OSError) as error:
            raise GlobmedError(f"{where}: not a readable Parquet file ({error}). Fetch it again.")
    content = path.read_bytes()
    if suffix in (".csv", ".tsv"):
        try:
            text = io.StringIO(content.decode("utf-8-sig"), newline="")
            return list(csv.DictReader(text, delimiter="\t" if suffix == ".tsv" else ","))
        except (UnicodeDecodeError, csv.Error) as error:
            raise GlobmedError(f"{where}: not a readable table in UTF-8 ({error}). Save it again as UTF-8.")
    return _json_rows(content, where)


def _json_rows(content: bytes, where: str) -> list[dict[str, Any]]:
    stripped = content.lstrip()
    if not stripped:
        raise GlobmedError(f"{where}: the file is empty. Fetch or write it again.")
    try:
        whole = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        if stripped[:1] == b"[":
            line = content.count(b"\n", 0, error.pos) + 1
            raise GlobmedError(
                f"{where}, line {line}: not valid JSON ({error.msg}). Fix that line or fetch the file again."
            )
        return _lines(content, where)
    if isinstance(whole, list) and all(isinstance(row, dict) for row in whole):
        return whole
    if isinstance(whole, dict):
        values = list(whole.values())
        if values and all(isinstance(value, dict) for value in values):
            return [{"id": key, **value} for key, value in whole.items()]
        if values and all(isinstance(value, list) and value and isinstance(value[0], dict) for value in values[:1]):
            return values[0]
        return [whole]
    raise GlobmedError(f"{where}: a list of objects was expected, {type(whole).__name__} found.")


def _lines(content: bytes, where: str) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise GlobmedError(
                f"{where}, line {number}: not valid JSON ({error.msg}). Fix that line or fetch the file again."
            )
        if not isinstance(row, dict):
            raise GlobmedError(f"{where}, line {number}: a JSON object was expected, {type(row).__name__} found.")
        rows.append(row)
    return rows


def read_rows(
    rows: list[dict[str, Any]], source: SourceSet, language: Language, split: str, *, where: str, strict: bool = True
) -> tuple[list[Entry], Mapping]:
    """Map rows to entries. With `strict`, the first unusable entry is an error; else it is returned all the same."""
    if not rows:
        return [], Mapping({})
    flat = [_flatten(row) for row in rows]
    columns = sorted({str(key) for row in flat[:200] for key in row})
    reader = {"mcq": _mcq, "nli": _nli, "yesno": _yesno, "longform": _longform}[source.form]
    try:
        contents, roles = reader(flat, language)
    except LookupError as error:
        raise GlobmedError(
            f"{where}: the columns of this {source.form} set could not be mapped: {error.args[0]}. Found: "
            f"{', '.join(columns)}. Rename them, or bring the file in with `globmed curate ingest`."
        )
    id_column = _column(flat, IDS, lambda value: value not in (None, ""))
    roles["id"] = id_column or "(row number)"
    entries = []
    for number, (row, content) in enumerate(zip(flat, contents, strict=True), 1):
        key = str(row[id_column]) if id_column else f"{split}/{number}"
        one = make(
            source=source.name,
            split=split,
            form=source.form,
            language=language.code,
            key=key,
            locator=f"{where}:{number}",
            licence=source.licence,
            **content,
        )
        if strict and (bad := problem(one)):
            raise GlobmedError(
                f"{where}, row {number}: {bad[0].replace('_', ' ')} ({bad[1]!r}). Fix or remove that row."
            )
        entries.append(one)
    return entries, Mapping(roles)


def _flatten(row: dict[str, Any]) -> dict[str, Any]:
    """Open cells that hold a dict, as JSON or as a Python literal, or a nested dict with a question in it."""
    result = dict(row)
    for name, value in row.items():
        if str(name).lower() in CELLS:
            opened = _literal(value) if isinstance(value, str) else value
            if isinstance(opened, dict) and any(str(key).lower() in QUESTION + PREMISE for key in opened):
                del result[name]
                result = {**result, **opened}
    return result


def _literal(text: str) -> Any:
    """A dict or list written as JSON or as Python, or the text itself."""
    stripped = text.strip()
    if stripped[:1] not in "{[" or stripped[-1:] not in "}]":
        return text
    try:
        return orjson.loads(stripped)
    except orjson.JSONDecodeError:
        pass
    try:
        return ast.literal_eval(stripped)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text


def _column(rows: list[dict], names, holds) -> str | None:
    """The first column, by preference and whatever its case, whose value in every row holds what is needed."""
    spelled = {str(name).lower(): name for name in rows[0]}
    for name in names:
        if (actual := spelled.get(name)) is not None and all(holds(row.get(actual)) for row in rows):
            return actual
    return None


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _need(rows, names, holds, role: str) -> str:
    column = _column(rows, names, holds)
    if column is None:
        raise LookupError(f"no column for the {role} (looked for {', '.join(names)})")
    return column


def _optional_text(rows, names) -> str | None:
    return _column(rows, names, lambda value: value is None or isinstance(value, (str, list)))


def _joined(value: Any) -> str | None:
    if isinstance(value, list):
        return "\n".join(str(one) for one in value)
    return value


# ---- multiple choice


def _options_of(value: Any) -> list[str] | None:
    """Option texts from a list, a dict in key order, a list of {key/label, text/value}, or any of these as a string."""
    if isinstance(value, str):
        value = _literal(value)
    if isinstance(value, dict):
        if set(value) == {"text", "label"}:
            return [str(one) for one in value["text"]]
        return [str(value[key]) for key in sorted(value, key=lambda key: (len(str(key)), str(key)))]
    if isinstance(value, list) and value:
        if all(isinstance(one, dict) for one in value):
            texts = [next((one[k] for k in ("text", "value", "atext", "content") if k in one), None) for one in value]
            return None if None in texts else [str(one) for one in texts]
        return [str(one) for one in value]
    return None


def _mcq(rows, language) -> tuple[list[dict], dict[str, str]]:
    question = _need(rows, QUESTION, _text, "question")
    options, said = _option_lists(rows)
    gold_column = _need(
        rows, [name for name in GOLD if name != said], lambda v: v is not None and v != "", "gold answer"
    )
    indices, kind = _gold(rows, gold_column, options)
    context = _optional_text(rows, CONTEXT)
    contents = [
        dict(
            question=row[question],
            options=opts,
            answers=[index],
            context=_joined(row.get(context)) if context else None,
        )
        for row, opts, index in zip(rows, options, indices, strict=True)
    ]
    return contents, {"question": question, "options": said, "gold": f"{gold_column} ({kind})"}


def _option_lists(rows) -> tuple[list[list[str]], str]:
    column = _column(rows, OPTIONS, lambda value: (found := _options_of(value)) is not None and len(found) > 1)
    if column is not None:
        return [_options_of(row[column]) for row in rows], column
    lettered = sorted((m[1].lower(), name) for name in rows[0] if (m := _LETTERED.match(str(name))))
    if len(lettered) < 2:
        raise LookupError(f"no column for the options (looked for {', '.join(OPTIONS)}, and A, B, C ... columns)")
    names = [name for _, name in lettered]
    lists = [[str(row[name]) for name in names if row.get(name) not in (None, "")] for row in rows]
    return lists, " ".join(map(str, names))


def _gold(rows, column, options) -> tuple[list[int], str]:
    """0-based gold indices and how they were written: letter, integer from 0 or 1, or the option's text."""
    values = [row[column] for row in rows]
    letters = [_as_letter(value) for value in values]
    if None not in letters:
        return letters, "letter"
    numbers = [_as_integer(value) for value in values]
    if None not in numbers:
        return _based(numbers, options, column)
    texts = [
        opts.index(str(value)) if str(value) in opts else None for value, opts in zip(values, options, strict=True)
    ]
    if None not in texts:
        return texts, "text"
    bad = next(number for number, index in enumerate(texts) if index is None)
    raise LookupError(
        f"the gold in {column} is neither letter, number nor option text (row {bad + 1}: {str(values[bad])[:60]!r})"
    )


def _as_letter(value: Any) -> int | None:
    text = value.strip().strip("().:").upper() if isinstance(value, str) else ""
    return ord(text) - 65 if len(text) == 1 and "A" <= text <= "Z" else None


def _as_integer(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal():
        return int(value)
    return value if isinstance(value, int) else None


def _based(numbers: list[int], options, column) -> tuple[list[int], str]:
    if min(numbers) == 0:
        return numbers, "integer from 0"
    if any(number == len(opts) for number, opts in zip(numbers, options, strict=True)):
        return [number - 1 for number in numbers], "integer from 1"
    raise LookupError(
        f"integers in {column} run from {min(numbers)} to {max(numbers)}, which does not tell whether they count from 0 or 1"
    )


# ---- label forms


def _label_of(value: Any, form: str) -> str | None:
    """The canonical label of a word in any language of the table, else None."""
    word = str(value).strip().strip(".").lower()
    if word in LABELS[form]:
        return word
    for language in table().values():
        for label in LABELS[form]:
            if word in (written.lower() for written in language.labels[label]):
                return label
    return None


def _labels(rows, form: str) -> tuple[str, list[str]]:
    column = _need(
        rows, LABEL, lambda value: isinstance(value, str) and _label_of(value, form) is not None, f"{form} label"
    )
    return column, [_label_of(row[column], form) for row in rows]


def _nli(rows, language) -> tuple[list[dict], dict[str, str]]:
    label_column, labels = _labels(rows, "nli")
    premise = _column(rows, PREMISE, _text)
    hypothesis = _column(rows, HYPOTHESIS, _text)
    if premise and hypothesis:
        pairs = [(row[premise], row[hypothesis]) for row in rows]
        roles = {"premise": premise, "hypothesis": hypothesis}
    else:
        cell = _need(rows, (*CELLS, *QUESTION), _text, "premise and hypothesis")
        pairs = [_two_parts(row[cell], number) for number, row in enumerate(rows, 1)]
        roles = {"premise": f"{cell} (first part)", "hypothesis": f"{cell} (second part)"}
    contents = [dict(context=p, question=h, label=label) for (p, h), label in zip(pairs, labels, strict=True)]
    return contents, {**roles, "label": label_column}


def _two_parts(text: str, number: int) -> tuple[str, str]:
    match = _PARAGRAPHS.match(text)
    if match is None:
        raise LookupError(f"row {number} has no two paragraphs 'Premise: ...' and 'Hypothesis: ...'")
    return match[2].strip(), match[4].strip()


def _yesno(rows, language) -> tuple[list[dict], dict[str, str]]:
    label_column, labels = _labels(rows, "yesno")
    question = _need(rows, QUESTION, _text, "question")
    context = _need(rows, CONTEXT, lambda value: isinstance(value, list) or _text(value), "context")
    contents = [
        dict(question=row[question], context=_joined(row[context]), label=label)
        for row, label in zip(rows, labels, strict=True)
    ]
    return contents, {"question": question, "context": context, "label": label_column}


# ---- long form


def _longform(rows, language) -> tuple[list[dict], dict[str, str]]:
    question = _column(rows, QUESTION, _text)
    reference = _column(rows, REFERENCE, _text)
    if question and reference:
        contents = [dict(question=row[question], reference=row[reference]) for row in rows]
        return contents, {"question": question, "reference": reference}
    cell = _need(rows, CELLS, _text, "question and answer")
    contents = [_marked(row[cell], language, number) for number, row in enumerate(rows, 1)]
    return contents, {"question": f"{cell} (to the answer marker)", "reference": f"{cell} (after it)"}


def _marked(text: str, language: Language, number: int) -> dict[str, str]:
    """Split "Swali: ... Jibu: ..." at the language's markers, or at the English ones."""
    for ask, answer in (language.markers, table()["en"].markers):
        pattern = rf"^\s*{regex.escape(ask)}\s*[:：]\s*(.+?)\s*\b{regex.escape(answer)}\s*[:：]\s*(.+)$"
        if match := regex.match(pattern, text, regex.S | regex.I):
            return dict(question=match[1].strip(), reference=match[2].strip())
    raise LookupError(f"row {number} lacks the markers {' and '.join(language.markers)}")
