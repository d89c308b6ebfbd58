"""One conversation of the chat layout, checked field by field.

    {"messages": [{"role": "user", "content": "..."}, {"role": "assistant", "content": "B. malaria"}],
     "id": "...", "group_id": "...", "set": "medqa", "language": "sw", "split": "train", "reply": "letter and text"}

`checked` says what is wrong with a row in words that fit behind "FILE, line 7: ".
"""

from __future__ import annotations

from typing import Any

from ... import catalog, languages

FIELDS = ("messages", "id", "group_id", "set", "language", "split", "reply")
UNKNOWN = "unknown"
_ROLES = ("system", "user", "assistant")
_HELP = "Make the rows with `globmed curate export --layout chat`."


def problem(row: Any) -> str | None:
    """What keeps a row from being trained on, and what to do; None where it is in order."""
    if not isinstance(row, dict):
        return f"a JSON object was expected, {type(row).__name__} found. {_HELP}"
    if row.keys() != set(FIELDS):
        if missing := [name for name in FIELDS if name not in row]:
            return f"no field {', '.join(missing)}. {_HELP}"
        extra = sorted(set(row) - set(FIELDS))
        return f"field {', '.join(extra)} is none of the chat layout, and every row must have the same. Remove it."
    for name in FIELDS[1:]:
        if not isinstance(row[name], str) or not row[name]:
            return f"{name} is {row[name]!r}, a text was expected. {_HELP}"
    known = languages.find(row["language"])
    if known is None or known.code != row["language"]:
        return f"language {row['language']!r}: {_language_advice(known)}"
    return _messages_problem(row["messages"])


def _language_advice(known: languages.Language | None) -> str:
    if known:
        return f"write {known.code}."
    return f"unknown. Known: {' '.join(languages.table())}; a new one is one block in languages.toml."


def _messages_problem(messages: Any) -> str | None:
    if not isinstance(messages, list) or not messages:
        return f"messages is no list of turns. {_HELP}"
    for number, turn in enumerate(messages, 1):
        if not isinstance(turn, dict) or turn.keys() != {"role", "content"} or not isinstance(turn["content"], str):
            return f"turn {number} of messages is not a role and a content. {_HELP}"
        if turn["role"] not in _ROLES:
            return f"turn {number} has the role {turn['role']!r}, not one of {', '.join(_ROLES)}."
        if not turn["content"].strip():
            return f"the {turn['role']} turn (turn {number}) is empty. Remove this row, or mend its entry."
    if messages[-1]["role"] != "assistant":
        return f"the last turn is {messages[-1]['role']}'s, so that nothing would be learned. {_HELP}"
    return None


def form(row: dict[str, Any]) -> str:
    """The form of a row's set: from the catalogue; of a set that is not there, from how its reply is made. UNKNOWN where
    neither tells."""
    if row["set"] in catalog.table():
        return catalog.get(row["set"]).form
    kind = row["reply"].removeprefix("rationale, ")
    if kind in ("letter and text", "letter"):
        return "mcq"
    if kind == "reference":
        return "longform"
    if kind == "label":
        last = row["messages"][-1]["content"].rpartition("\n")[2]
        said = languages.get(row["language"]).labels
        for name, labels in languages.LABELS.items():
            if any(last == said[label][0] or last.endswith(f": {said[label][0]}") for label in labels):
                return name
    return UNKNOWN


def canonical(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its fields in the layout's order, so that equal rows are equal bytes."""
    made = {name: row[name] for name in FIELDS}
    made["messages"] = [{"role": turn["role"], "content": turn["content"]} for turn in row["messages"]]
    return made
