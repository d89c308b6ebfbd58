"""Entries as conversations to train on: the benchmark's own prompt, and a reply that the benchmark reads as the gold.

    {"messages": [{"role": "user", "content": "Lifuatalo ni swali ...\\nJibu:"},
                  {"role": "assistant", "content": "B. malaria"}],
     "id": "...", "group_id": "...", "set": "medqa", "language": "sw", "split": "train", "reply": "letter and text"}

The user's turn is bench.prompts.document(entry)["prompt"], to the character what lm-eval sends. Every reply to a question
with choices is read back by bench.extract before it is written; where it would be misread (an option or a rationale that
says "the answer is A"), the next shorter kind of reply is tried, and `reply` says which was taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from globmed_tools import languages
from globmed_tools.bench import extract, prompts
from globmed_tools.entry import Entry
from globmed_tools.errors import GlobmedError

#: The columns of a row and what the card says of them.
MEANING = {
    "messages": "role and content of each turn: the user's is the benchmark's prompt, the assistant's the right answer",
    "id": "id of the entry",
    "group_id": "the same item in every language",
    "set": "name of the source set",
    "language": "language code, ISO 639-1",
    "split": "train unless another split was asked for",
    "reply": "how the assistant's turn is made: letter and text, letter, label, reference, or one of these after a rationale",
}
FEATURES = [
    {"name": "messages", "list": [{"name": "role", "dtype": "string"}, {"name": "content", "dtype": "string"}]},
    *({"name": name, "dtype": "string"} for name in MEANING if name != "messages"),
]


def row(entry: Entry, *, rationale: bool = False) -> dict[str, Any]:
    """One conversation, JSON-ready; with `rationale`, the reply gives the entry's reasons before the answer.

    Raises GlobmedError where no reply is read back as the gold.
    """
    asked = prompts.document(entry, "gen")
    reply, kind = _reply(entry, asked, rationale)
    return {
        "messages": [{"role": "user", "content": asked["prompt"]}, {"role": "assistant", "content": reply}],
        "id": entry.id,
        "group_id": entry.group_id,
        "set": entry.source,
        "language": entry.language,
        "split": entry.split,
        "reply": kind,
    }


def _reply(entry: Entry, asked: dict[str, Any], rationale: bool) -> tuple[str, str]:
    language = languages.get(entry.language)
    if entry.form == "longform":
        return entry.reference, "reference"
    for kind, reply in _candidates(entry, asked["target"], language.words["answer"], rationale):
        if extract.read(reply, language, entry.form, asked["options"]).index == asked["gold"]:
            return reply, kind
    raise GlobmedError(
        f"{entry.locator} ({entry.language}): not even {asked['target']!r} alone is read as the answer. "
        "Report this item, and leave the layout chat out until it is mended."
    )


def _candidates(entry: Entry, target: str, answer: str, rationale: bool) -> Iterator[tuple[str, str]]:
    """(kind, reply), the fullest first. The last line states the answer, as the prompt asks."""
    full = [("label", target)]
    if entry.form == "mcq":
        full = [("letter and text", f"{target}. {entry.options[entry.answers[0]]}"), ("letter", target)]
    if rationale and entry.rationale:
        for kind, reply in full:
            yield f"rationale, {kind}", f"{entry.rationale}\n\n{answer}: {reply}"
    yield from full
