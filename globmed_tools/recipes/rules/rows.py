"""What the rows of the data files hold: conversations with the fields that the recipe names, and no item on both sides.

    mix/train.jsonl, line 1: a row of alpaca (instruction, output), not a conversation
    mix/eval/sw.jsonl: 12 items are also trained on, such as 3f2a...

Every line is read for the ids of items; the fields of a conversation are looked at in the first line and in about sixty
spread over the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .case import Case, Finding
from .chat import role_names
from .files import data_files

SAMPLED = 64
GROUP = re.compile(rb'"group_id":\s*"([^"]+)"')
TEST = re.compile(rb'"split":\s*"test"')
#: The fields that tell other kinds of rows, and what to do with them.
KINDS = (
    (("question", "options"), "GlobMed entries", "Export them as conversations: globmed curate export --layout chat"),
    (("instruction", "output"), "rows of alpaca", "Set `type: alpaca`"),
    (("conversations",), "ShareGPT rows", "Set `field_messages: conversations` and `message_property_mappings: {role: from, content: value}`"),
    (("prompt", "chosen", "rejected"), "preference pairs", "They need `rl: dpo`"),
    (("text",), "plain text", "Set `type: completion`"),
    (("prompt", "completion"), "prompt and completion", "Turn them into messages with a user's and an assistant's turn"),
)  # fmt: skip


@dataclass
class Scan:
    """A data file: its sampled lines with their numbers, the items it holds, and how many rows are marked as test."""

    lines: int = 0
    sampled: dict[int, bytes] = field(default_factory=dict)
    groups: set[bytes] = field(default_factory=set)
    test: int = 0


def rules(case: Case) -> Iterator[Finding]:
    scans: dict[Path, Scan] = {}
    trained: set[bytes] = set()
    for key, number, entry in case.entries("datasets", "test_datasets"):
        for path, place in data_files(entry, key, number):
            file = case.folder / path
            if not file.is_file() or file.suffix not in (".jsonl", ".json"):
                if file.exists():
                    yield case.note(f"{path}: not looked into, only files of JSON lines are.", *place)
                continue
            found = scans.setdefault(file, scan(file))
            if key == "datasets":
                trained |= found.groups
            yield from (case.error(message, *place) for message in _file(path, entry, found))
            if key == "datasets" and found.test:
                yield case.error(
                    f"{path}: {found.test} rows are of the split test, and would be trained on. Leave them out.", *place
                )
            shared = found.groups & trained if key == "test_datasets" else set()
            if shared:
                yield case.error(
                    f"{path}: {len(shared)} {'item is' if len(shared) == 1 else 'items are'} also trained on, such as "
                    f"{min(shared).decode()}. Write both with `globmed recipes mix`, which keeps them apart.",
                    *place,
                )


def scan(path: Path) -> Scan:
    """Read a JSONL file once."""
    found, stride = Scan(), 1
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            found.lines += 1
            if number % stride == 0 or number == 1:
                found.sampled[number] = line
                if len(found.sampled) > SAMPLED:
                    stride *= 2
                    found.sampled = {at: kept for at, kept in found.sampled.items() if at % stride == 0 or at == 1}
            found.groups.update(GROUP.findall(line))
            found.test += TEST.search(line) is not None
    return found


def _file(path: str, entry: dict[str, Any], found: Scan) -> Iterator[str]:
    """One message a file: the first row that is wrong."""
    if not found.lines:
        yield f"{path}: empty. Write it again."
        return
    for number, line in found.sampled.items():
        wrong = _line(line, entry)
        if wrong:
            yield f"{path}, line {number}: {wrong}"
            return


def _line(line: bytes, entry: dict[str, Any]) -> str | None:
    try:
        row = json.loads(line.rstrip())
    except ValueError as error:
        return f"not valid JSON ({error}). Mend or remove the line."
    if not isinstance(row, dict):
        return f"a {type(row).__name__}, not an object. One JSON object a line."
    if str(entry.get("type", "")).split(".")[0] != "chat_template":
        return None
    return _conversation(row, entry)


def _conversation(row: dict[str, Any], entry: dict[str, Any]) -> str | None:
    """What keeps a row from being a conversation as the entry of `datasets` describes it."""
    name = entry.get("field_messages") or "messages"
    if name not in row:
        return _other(row, name)
    messages = row[name]
    if not isinstance(messages, list) or not messages:
        return f"`{name}` is no list of turns. It should be [{{role, content}}, ...]."
    mapping = entry.get("message_property_mappings") or {"role": "role", "content": "content"}
    named, roles = role_names(entry), []
    for turn in messages:
        for meaning in ("role", "content"):
            given = mapping.get(meaning, meaning) if isinstance(mapping, dict) else meaning
            if not isinstance(turn, dict) or given not in turn:
                keys = ", ".join(turn) if isinstance(turn, dict) else type(turn).__name__
                return f"a turn without `{given}` (it holds {keys}). Set `message_property_mappings`."
        role, content = turn[mapping.get("role", "role")], turn[mapping.get("content", "content")]
        if role not in named:
            return f"unknown role {role!r} (known: {', '.join(named)}). Set `roles`."
        if content in (None, "", []):
            return f"an empty turn of {role}. Leave the row out."
        roles.append(named[role])
    wanted = {named.get(role, role) for role in entry.get("roles_to_train") or ["assistant"]}
    if not wanted & set(roles):
        return f"no turn of {' or '.join(sorted(wanted))}, so nothing would be learned from it. Leave the row out."
    if roles[-1] not in wanted:
        return f"the last turn is of {roles[-1]}, which is not trained on. End with the assistant's turn."
    return None


def _other(row: dict[str, Any], name: str) -> str:
    for fields, kind, advice in KINDS:
        if all(one in row for one in fields):
            return f"{kind} ({', '.join(fields)}), not conversations under `{name}`. {advice}."
    if "messages" in row:
        return f"no field `{name}`, but there is `messages`. Set `field_messages: messages`."
    return f"no field `{name}`; the row holds {', '.join(list(row)[:8])}. Set `field_messages`."
