"""The fixed structure: what of an entry is translated, and the JSON Schemas of the replies.

    >>> texts_of(entry)
    {"question": "Which vitamin ...?", "options": {"A": "A1", "B": "C"}, "rationale": "..."}
    >>> schema(entry)["properties"]["options"]["required"]
    ["A", "B"]
    >>> fields_of(like(reply, texts))      # back again, as entry.translation wants it
    {"question": "...", "options": ("...", "..."), "rationale": "..."}

Options stand under their letters, not in a list: every form of structured output then holds their number, and a model has no
reason to reorder them. A field that the entry does not have is not in its schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from globmed_tools.entry import Entry

FIELDS = ("context", "question", "options", "reference", "rationale")
KINDS = ("semantic", "structural", "terminological", "dose", "negation")
SEVERITIES = ("minor", "major", "critical")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def letter(place: int) -> str:
    """A, B, ..., Z, then 27, 28, ..."""
    return _LETTERS[place] if place < len(_LETTERS) else str(place + 1)


def texts_of(entry: Entry) -> dict[str, Any]:
    """The texts of an entry, in the order in which they are read; options by letter."""
    found = {name: value for name in FIELDS if (value := getattr(entry, name))}
    if "options" in found:
        found["options"] = {letter(place): text for place, text in enumerate(found["options"])}
    return found


def like(reply: Mapping[str, Any], texts: Mapping[str, Any]) -> dict[str, Any]:
    """A reply in the order of the texts that it translates: JSON objects have none."""
    return {
        name: {key: reply[name][key] for key in value} if name == "options" else reply[name]
        for name, value in texts.items()
    }


def fields_of(texts: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of `texts_of`."""
    return {name: tuple(value.values()) if name == "options" else value for name, value in texts.items()}


def flat(texts: Mapping[str, Any]) -> dict[str, str]:
    """Field -> text; the options are "option A", "option B", ..."""
    found = {}
    for name, value in texts.items():
        found |= {f"option {key}": text for key, text in value.items()} if name == "options" else {name: value}
    return found


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def schema(entry: Entry) -> dict[str, Any]:
    """The JSON Schema of a translation of this entry."""
    return _translation(tuple(name for name in FIELDS if getattr(entry, name)), len(entry.options))


@lru_cache(maxsize=512)
def _translation(names: tuple[str, ...], options: int) -> dict[str, Any]:
    text = {"type": "string"}
    letters = {letter(place): text for place in range(options)}
    properties = {name: _object(letters) if name == "options" else text for name in names}
    return {"title": "translation", **_object(properties)}


def critique(entry: Entry) -> dict[str, Any]:
    """The JSON Schema of a critique of a translation of this entry."""
    return _critique(tuple(flat(texts_of(entry))))


@lru_cache(maxsize=512)
def _critique(names: tuple[str, ...]) -> dict[str, Any]:
    text = {"type": "string"}
    finding = {
        "kind": {"type": "string", "enum": list(KINDS)},
        "severity": {"type": "string", "enum": list(SEVERITIES)},
        "field": {"type": "string", "enum": list(names)},
        "source": text,
        "span": text,
        "problem": text,
        "proposal": text,
    }
    return {"title": "critique", **_object({"findings": {"type": "array", "items": _object(finding)}})}


TERMS = {"title": "terms", **_object({"terms": {"type": "array", "items": {"type": "string"}}})}
