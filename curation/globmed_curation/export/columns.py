"""The columns of the published tables: one list a form, the same in JSON Lines and in Parquet.

    >>> row(entry)["answer_idx"], row(entry)["options"]
    ('B', ['malaria', 'mafua'])

    every form   entry_id group_id set language split | ... | rationale tags locator licence translator prompt_hash
                 translated_from checks review
    mcq          question context options answer_idx answer_indices       nli        premise hypothesis label
    yesno        question context label                                   longform   question context reference

The columns of the released GlobMed_* sets could not be confirmed, so these are this project's own; `globmed bench` reads
them without being told how. answer_idx is the letter of the first gold option, answer_indices counts all of them from 0.
tags, checks and review are JSON text: their names differ from entry to entry, and a table has no room for that.

`datasets` takes a JSON column for points in time where every text of a file is an ISO date (2020-01-01), and no card can
stop it; Parquet keeps such texts as they are.
"""

from __future__ import annotations

from typing import Any

import orjson

from globmed_tools.bench.prompts import LETTERS
from globmed_tools.entry import Entry

_TEXT, _TEXTS, _NUMBERS = "string", "strings", "numbers"
_HEAD = ("entry_id", "group_id", "set", "language", "split")
_BODY = {
    "mcq": ("question", "context", "options", "answer_idx", "answer_indices"),
    "nli": ("premise", "hypothesis", "label"),
    "yesno": ("question", "context", "label"),
    "longform": ("question", "context", "reference"),
}
_TAIL = (
    "rationale",
    "tags",
    "locator",
    "licence",
    "translator",
    "prompt_hash",
    "translated_from",
    "checks",
    "review",
)
_KINDS = {"options": _TEXTS, "answer_indices": _NUMBERS}
#: Columns whose field of Entry has another name.
_FIELDS = {"entry_id": "id", "set": "source", "premise": "context", "hypothesis": "question"}
#: What each column holds, for the card and the Croissant file.
MEANING = {
    "entry_id": "hash of this entry's content as it was first read",
    "group_id": "the same item in every language; splits are made by it",
    "set": "name of the source set",
    "language": "language code, ISO 639-1",
    "split": "train, dev or test",
    "question": "the question",
    "premise": "the premise",
    "hypothesis": "the hypothesis",
    "context": "text that the question is about, if any",
    "options": "the answers to choose from, in order",
    "answer_idx": "letter of the right option (of the first one, where several are right)",
    "answer_indices": "all right options, counted from 0",
    "label": "the right label, in English in every language",
    "reference": "the reference answer",
    "rationale": "why the answer is right, if the source says so",
    "tags": "JSON text: subject, year and the like",
    "locator": "file and line, or key, in the source set",
    "licence": "licence of the source item, as the source states it",
    "translator": "what translated the text; null for an original",
    "prompt_hash": "hash of the prompt that it was translated with, if any",
    "translated_from": "entry_id of the text that it was translated from, if that was done here",
    "checks": "JSON text: what the automatic checks found",
    "review": "JSON text: what a person decided; null until someone has looked",
}


def columns(form: str) -> tuple[str, ...]:
    """The columns of a set of this form, in order."""
    return (*_HEAD, *_BODY[form], *_TAIL)


def row(entry: Entry) -> dict[str, Any]:
    """One row, JSON-ready, in the order of `columns`."""
    return {name: _value(entry, name) for name in columns(entry.form)}


def _value(entry: Entry, name: str) -> Any:
    if name == "answer_idx":
        return LETTERS[entry.answers[0]]
    if name == "answer_indices":
        return list(entry.answers)
    value = getattr(entry, _FIELDS.get(name, name))
    if name == "options":
        return list(value)
    if name in ("tags", "checks", "review"):
        return None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    return value


def kind(name: str) -> str:
    """What a column holds: "string", "strings" or "numbers"."""
    return _KINDS.get(name, _TEXT)


def arrow_schema(form: str):
    """The pyarrow schema of a set of this form."""
    import pyarrow as pa

    kinds = {_TEXT: pa.string(), _TEXTS: pa.list_(pa.string()), _NUMBERS: pa.list_(pa.int32())}
    return pa.schema([pa.field(name, kinds[kind(name)]) for name in columns(form)])


def features(form: str) -> list[dict[str, Any]]:
    """The same as the `dataset_info: features:` of a dataset card. They are needed: a column that is null throughout one
    file would otherwise get another type there than in the next."""
    kinds = {_TEXT: {"dtype": "string"}, _TEXTS: {"list": "string"}, _NUMBERS: {"list": "int32"}}
    return [{"name": name, **kinds[kind(name)]} for name in columns(form)]
