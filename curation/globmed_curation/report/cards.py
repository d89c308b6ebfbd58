"""Examples as the template shows them: aligned rows of source and entry, evidence marked, all of it escaped.

    groups = build(shown, folder="build")       # [{"stage", "reason", "language", "seen", "cards": [...]}]

One example of every bucket comes before the second of any, until the page has had its fill; what is left out is said.
"""

from __future__ import annotations

import json
import shlex
from typing import Any

from markupsafe import Markup

from globmed_tools import languages
from globmed_tools.entry import Entry

from ..translate import is_pseudo
from .examples import IN_ENTRY, IN_SOURCE, Shown, spans
from .eye import named
from .folders import UNKNOWN
from .marks import html, visible

#: Bytes of HTML that all examples together may take, or a little more.
BUDGET = 2_500_000
#: What the parts of an entry are called, by form where that matters.
_CONTEXT = {"nli": "Premise"}
_QUESTION = {"nli": "Hypothesis"}
#: Characters of a piece of evidence that are shown above the texts; in the texts it is marked whole.
_EVIDENCE = 240
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def build(shown: list[dict[str, Any]], folder: str, budget: int = BUDGET) -> list[dict[str, Any]]:
    """The groups of examples in the order given, each with as many cards as fit."""
    groups = [
        {
            "stage": part["key"][0],
            "reason": part["key"][1],
            "language": part["key"][2],
            "seen": part["seen"],
            "cards": [],
        }
        for part in shown
    ]
    used, rank = 0, 0
    while any(len(part["shown"]) > rank for part in shown):
        for group, part in zip(groups, shown):
            if len(part["shown"]) <= rank or used > budget:
                continue
            made = card(part["shown"][rank], folder)
            used += made.pop("size")
            group["cards"].append(made)
        rank += 1
    return [group for group in groups if group["cards"]]


def card(shown: Shown, folder: str) -> dict[str, Any]:
    """One example: id, facts, badges, columns and rows."""
    one = shown.entry
    rows, missed = _rows(shown) if one else ([], [])
    size = 1500 + sum(150 + len(cell["html"].encode()) for row in rows for cell in row["cells"])
    return {
        "size": size,
        "id": one.id if one else "",
        "explain": f"globmed curate explain {shlex.quote(folder)} {one.id}" if one else "",
        "set": shown.source_set,
        "language": shown.language or UNKNOWN,
        "facts": [("set", shown.source_set), *_facts(one), ("from", shown.locator)],
        "badges": _badges(one) if one else [],
        "evidence": _evidence(shown),
        "missed": missed,
        "columns": _columns(shown),
        "rows": rows,
    }


def _facts(one: Entry | None) -> list[tuple[str, str]]:
    if one is None:
        return []
    facts = [("split", one.split), ("form", one.form), ("licence", one.licence)]
    return facts + ([("translator", one.translator)] if one.translator else [])


def _badges(one: Entry) -> list[tuple[str, str]]:
    """(kind, text) of what must be known before reading: pseudo-text, machine translation, review."""
    badges = []
    if is_pseudo(one.translator):
        badges.append(("stop", "NOT A TRANSLATION: pseudo-text"))
    if one.review:
        told = next((str(one.review[name]) for name in ("outcome", "state", "decision") if name in one.review), "yes")
        badges.append(("fine", f"reviewed: {told}"))
    elif one.translator or one.translated_from:
        badges.append(("look", "not reviewed by clinicians"))
    return badges


def _evidence(shown: Shown) -> list[dict[str, str]]:
    """{name, text, lang, dir} of what the stage says to have seen, spans of a text in that text's direction."""
    evidence, found = shown.evidence, []
    if not isinstance(evidence, dict):
        evidence = {"evidence": evidence}
    for name, value in evidence.items():
        if value in (None, "", [], {}) or (name == "check" and value == shown.reason):
            continue
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if isinstance(value, list):
            text = ", ".join(map(str, value))
        of = shown.source if name in IN_SOURCE else shown.entry if name in IN_ENTRY else None
        tongue = _tongue(of) if of else {"lang": "", "dir": "auto"}
        found.append({"name": name, "text": _short(visible(text)), **tongue})
    return found


def _short(text: str) -> str:
    return text if len(text) <= _EVIDENCE else f"{text[:_EVIDENCE]} … {len(text) - _EVIDENCE} more characters"


def _columns(shown: Shown) -> list[dict[str, str]]:
    both = [("Source", shown.source), ("Translation" if shown.source else "Entry", shown.entry)]
    return [{"title": f"{title}, {named(one.language)}", **_tongue(one)} for title, one in both if one]


def _tongue(one: Entry) -> dict[str, str]:
    """lang and dir for the browser; a language that the table does not know is left to its first letter."""
    known = languages.find(one.language)
    return {"lang": one.language, "dir": known.direction if known else "auto"}


def _rows(shown: Shown) -> tuple[list[dict[str, Any]], list[str]]:
    """The parts of an entry beside those of its source, and the spans of the evidence that stand in none of them."""
    wanted, field = spans(shown), _field(shown.evidence)
    sides = [(shown.source, wanted["source"]), (shown.entry, wanted["entry"])]
    sides = [(one, marks, _parts(one)) for one, marks in sides if one]
    labels = list(dict.fromkeys(name for *_, parts in sides for name in parts))
    known = field in labels or (field == "options" and any(name.startswith("option") for name in labels))
    rows, hits = [], 0
    for name in labels:
        here = not known or name == field or (field == "options" and name.startswith("option"))
        cells = []
        for one, marks, parts in sides:
            body, marked = html(parts.get(name, ""), marks if here else [])
            hits += marked
            cells.append({**_tongue(one), "html": body or Markup("&nbsp;"), "gold": _is_gold(one, name)})
        rows.append({"label": _label(shown.entry, name), "cells": cells, "seen": known and here})
    spoken = [span for _, marks, _ in sides for span in marks]
    return rows, spoken if spoken and not hits and isinstance(shown.evidence, dict) else []


def _field(evidence: Any) -> str:
    if isinstance(evidence, dict):
        field = str(evidence.get("field") or "")
        return "options" if field.startswith("option") and " | " in str(evidence.get("source")) else field
    return str(evidence or "").partition(":")[0]


def _parts(one: Entry) -> dict[str, str]:
    parts = {"context": one.context, "question": one.question}
    parts |= {f"option {number}": option for number, option in enumerate(one.options, 1)}
    parts |= {"label": one.label, "reference": one.reference, "rationale": one.rationale}
    return {name: text for name, text in parts.items() if text}


def _label(one: Entry, name: str) -> str:
    if name.startswith("option "):
        number = int(name.removeprefix("option "))
        return _LETTERS[number - 1] if number <= len(_LETTERS) else str(number)
    if name == "label":
        return "Gold label"
    return {"context": _CONTEXT, "question": _QUESTION}.get(name, {}).get(one.form, name.capitalize())


def _is_gold(one: Entry, name: str) -> bool:
    return name.startswith("option ") and int(name.removeprefix("option ")) - 1 in one.answers
