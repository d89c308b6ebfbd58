"""Entry -> the document that lm-eval serves: every prompt, choice and target computed once, as plain columns.

    >>> document(entry, "gen", "native")["prompt"]          # doctest: +SKIP
    'Lifuatalo ni swali ... ({letters} filled in)\\n\\nSwali: ...\\nA. ...\\nB. ...\\nJibu:'

No template is rendered while a model waits. Columns: id, group_id, set, language, form, prompt, shot (the prompt without
the instruction, for few-shot examples), target, choices (empty where they are but the letters of the
options), gold (index into options), options, reference.

The wording of every prompt, options lettered A, B, C in all languages, and zero-shot without a request for reasoning, are
this project's choices: the paper's prompts are unknown.
"""

from __future__ import annotations

from typing import Any

from .. import languages
from ..entry import Entry
from ..errors import GlobmedError
from ..languages import LABELS, Language

INSTRUCTIONS = ("native", "english")
LETTERS = "ABCDEFGHIJ"
UNAVAILABLE = "unavailable"


def document(entry: Entry, kind: str, instructions: str = "native", *, name: str | None = None) -> dict[str, Any]:
    """The columns of one entry; kind is `gen` (free reply) or `ll` (the choices are scored by likelihood).

    `name` is the task's set where it differs from the entry's (the sample stands in for every set). Raises GlobmedError
    for an unknown choice of instructions or more than ten options.
    """
    if instructions not in INSTRUCTIONS:
        raise GlobmedError(f"globmed_instructions {instructions!r}: choose one of {', '.join(INSTRUCTIONS)}.")
    if len(entry.options) > len(LETTERS):
        raise GlobmedError(f"{entry.locator}: {len(entry.options)} options, at most {len(LETTERS)} can be asked.")
    asked_in = languages.get("en" if instructions == "english" else entry.language)
    choices, gold = choices_and_gold(entry, asked_in)
    shot = _question(entry, asked_in)
    prompt = f"{_ask(entry, asked_in)}\n\n{shot}"
    return {
        "id": entry.id,
        "group_id": entry.group_id,
        "set": name or entry.source,
        "language": entry.language,
        "form": entry.form,
        "prompt": prompt,
        "shot": shot,
        "target": gold if kind == "ll" else (choices[gold] if choices else entry.reference),
        "choices": [] if kind == "gen" and entry.form == "mcq" else choices,
        "gold": gold,
        "options": list(entry.options),
        "reference": entry.reference,
    }


def unavailable(name: str, language: str) -> dict[str, Any]:
    """The document of a task that has no data (see task.TaskData): asked, never scored."""
    empty = dict(id="", group_id="", set=name, language=language, form=UNAVAILABLE, prompt="-", shot="-", target="-")
    return {**empty, "choices": ["-"], "gold": None, "options": [], "reference": None}


def choices_and_gold(entry: Entry, asked_in: Language) -> tuple[list[str], int | None]:
    """What the model may answer, as written in the prompt, and the index of the right one; ([], None) for long form."""
    if entry.form == "mcq":
        return list(LETTERS[: len(entry.options)]), entry.answers[0]
    if entry.form in LABELS:
        labels = LABELS[entry.form]
        return [asked_in.labels[label][0] for label in labels], labels.index(entry.label)
    return [], None


def _ask(entry: Entry, asked_in: Language) -> str:
    text = asked_in.ask[entry.form]
    letters = ", ".join(LETTERS[: len(entry.options)])
    labels = ", ".join(asked_in.labels[label][0] for label in LABELS.get(entry.form, ()))
    return text.replace("{letters}", letters).replace("{labels}", labels)


def _question(entry: Entry, asked_in: Language) -> str:
    words, lines = asked_in.words, []
    if entry.form == "nli":
        lines += [f"{words['premise']}: {entry.context}", f"{words['hypothesis']}: {entry.question}"]
    else:
        if entry.context:
            lines.append(f"{words['context']}: {entry.context}")
        lines.append(f"{words['question']}: {entry.question}")
    lines += [f"{letter}. {option}" for letter, option in zip(LETTERS, entry.options)]
    lines.append(f"{words['answer']}:")
    return "\n".join(lines)
