"""Items -> what a record of them holds; what the server holds of a response -> fields of an Answer.

>>> made = record(item)
>>> made["external_id"], list(made["fields"]), made["suggestions"]
('5e0c...', ['texts', 'findings', 'translation'], {'revision': '[question]\\n...'})
>>> found = answer_values(item, {"accuracy": {"value": 4}, "safety": {"value": "safe"}, "revision": {"value": "..."}})
>>> Answer(item.id, item.language, "R01", "submitted", **found.fields)
>>> found.problems, found.notes        # what cannot be read, with the text it is about; what a person should know
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
import xxhash

from . import argilla_html, argilla_text, model, questions
from .model import Item
from .sheet_values import Unreadable


@dataclass(slots=True)
class Values:
    """fields: keyword arguments of an Answer; problems: {"question", "what", "text"} of what cannot be read and so is not in
    fields; notes: what a person should know."""

    fields: dict[str, Any] = field(default_factory=dict)
    problems: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def record(item: Item, row: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the record of an item holds: {"external_id", "fields", "metadata", "suggestions"}. row: the item's line of
    adjudication.jsonl, where the record is for the senior reviewer."""
    fields = {"texts": argilla_html.both(item)}
    if row is not None:
        fields["answers"] = argilla_html.answers(item, row)
    if item.findings:
        fields["findings"] = argilla_html.findings(item)
    fields["translation"] = argilla_text.to_mark(item)
    return {
        "external_id": item.id,
        "fields": fields,
        "metadata": {
            "set": item.source,
            "form": item.form,
            "split": item.split,
            # Nobody may tell a copy with a planted fault from the others.
            "why": "drawn" if item.why == "calibration" else item.why,
            "reviews": 1 if row is not None else item.reviews,
            "content": content(item, row),
        },
        "suggestions": {"revision": argilla_text.to_mend(item)},
    }


def content(item: Item, row: dict[str, Any] | None = None) -> str:
    """xxh3-64 of what is judged: both texts, the right answer and, in adjudication, what the reviewers said."""
    told = (
        model.texts(item.original),
        model.texts(item.translation),
        model.gold(item.original),
        row and [row["why"], row["answers"]],
    )
    return xxhash.xxh3_64_hexdigest(orjson.dumps(told))


def answer_values(item: Item, values: dict[str, dict[str, Any]] | None) -> Values:
    """The values of one response, as the server gives them ({"accuracy": {"value": 4}, ...}; None where there are none)."""
    given = {name: one["value"] for name, one in (values or {}).items() if one["value"] not in (None, "", [])}
    asked, found = questions.load(), Values()
    for name in (*questions.ratings(), "safety"):
        if name in given:
            found.fields[name] = given[name]
    found.fields["errors"], notes = argilla_text.errors(item, given.get("errors", []))
    found.notes += notes
    found.fields["flags"] = [one.name for one in asked.flags if one.name in given.get("flags", [])]
    found.fields["comment"] = given.get("comment", "").strip() or None
    found.fields["revision"] = {}
    if "revision" in given:
        try:
            found.fields["revision"], notes = argilla_text.revision(item, given["revision"])
            found.notes += notes
        except Unreadable as error:
            found.problems.append({"question": "revision", "what": str(error), "text": given["revision"]})
    unknown = set(given) - {*questions.ratings(), "safety", "errors", "flags", "comment", "revision"}
    found.notes += [f"an answer to {name!r}, which is no question of ours" for name in sorted(unknown)]
    return found
