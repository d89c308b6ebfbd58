"""Responses of a dataset -> Answers, and what cannot be read of them.

    >>> found = answers(reading, items, "trial-sw", who, guideline="5b0e...", before="2f1c...")
    >>> found.answers[0].reviewer, found.answers[0].at, found.answers[0].record
    ('R01', '2026-11-23T14:02:11+00:00', '550f7bf3-...')
    >>> found.problems
    [{"item": "5e0c...", "reviewer": "R02", "question": "revision", "what": "the revision cannot be read: ..."}]

seconds: from the reviewer's previous answer in the dataset, first stored, to this one; None for the first, after a break, and for
answers that were given in one go: Argilla does not measure how long a record was looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from . import argilla_text, questions
from .argilla_records import answer_values
from .argilla_responses import Reading, Response
from .model import Answer, Item

#: Seconds between two answers: less is one stroke over several records, more is a break.
LEAST, MOST = 1.0, 1800.0


@dataclass(slots=True)
class Found:
    """told: notes on single answers, by item and reviewer; notes: on the dataset; problems: as in argilla_pull.Pulled."""

    answers: list[Answer] = field(default_factory=list)
    problems: list[dict[str, str]] = field(default_factory=list)
    told: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def answers(
    reading: Reading,
    items: dict[str, Item],
    dataset: str,
    who: Callable[[str], str],
    guideline: str,
    before: str | None,
) -> Found:
    """who: user id -> pseudonym; guideline: of what is shown now; before: of what was shown at the last pull."""
    found, seconds = Found(), _seconds(reading.responses)
    foreign: Counter = Counter()
    for one in reading.responses:
        reviewer, item = who(one.user), items.get(one.external_id or "")
        if item is None:
            foreign[reviewer] += 1
        elif one.shown is not None and one.shown != argilla_text.to_mark(item):
            what = "the translation has changed since it was pushed, so that the answer is to another text; left out"
            found.problems.append({"item": item.id, "reviewer": reviewer, "question": "", "what": what})
        else:
            # What was last stored before the guidelines changed was said under the old ones.
            old = before and before != guideline and one.at < reading.look.updated
            made = _answer(one, item, reviewer, found, dataset, before if old else guideline, seconds[id(one)])
            found.answers.append(made)
    for reviewer, count in sorted(foreign.items()):
        found.notes.append(
            f"{dataset}: {count:,} answers by {reviewer} to records that are no items of this review; left out"
        )
    return found


def _answer(
    one: Response, item: Item, reviewer: str, found: Found, dataset: str, guideline: str | None, seconds: float | None
) -> Answer:
    read = answer_values(item, one.values)
    values, status, notes = read.fields, one.status, list(read.notes)
    asked = questions.load()
    missing = [name for name in asked.required if values.get(name) is None]
    if status == "submitted" and any(flag.discards and flag.name in values["flags"] for flag in asked.flags):
        status = "discarded"
        notes.append("submitted with the flag that it cannot be judged; taken as discarded")
    elif status == "submitted" and missing:
        status = "draft"
        notes.append(f"submitted without {', '.join(missing)}; taken as a draft")
    for problem in read.problems:
        # Without this text the rest would say that the reviewer had left the translation as it is.
        status = "draft" if status == "submitted" else status
        kept = f"[{problem['question']} that could not be read]\n{problem['text']}"
        values["comment"] = f"{values['comment']}\n\n{kept}" if values.get("comment") else kept
        what = f"{problem['what']} Until then it counts as a draft, with the text in its comment."
        found.problems.append({"item": item.id, "reviewer": reviewer, "question": problem["question"], "what": what})
    if notes:
        found.told[item.id, reviewer] = [f"{dataset}: {item.id}, {reviewer}: {note}" for note in notes]
    return Answer(
        item.id,
        item.language,
        reviewer,
        status,
        **values,
        seconds=seconds,
        at=one.at.isoformat(timespec="seconds"),
        via="argilla",
        dataset=dataset,
        record=one.record,
        guideline=guideline,
    )


def _seconds(responses: Iterable[Response]) -> dict[int, float | None]:
    """id() of a response -> seconds from the same user's response before it."""
    last: dict[str, datetime] = {}
    found: dict[int, float | None] = {}
    for one in sorted(responses, key=lambda each: each.made):
        gap = (one.made - last[one.user]).total_seconds() if one.user in last else None
        found[id(one)] = round(gap, 1) if gap is not None and LEAST <= gap <= MOST else None
        last[one.user] = one.made
    return found
