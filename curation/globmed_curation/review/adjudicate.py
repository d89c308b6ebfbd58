"""Where reviewers disagree, by a stated rule, and what the senior reviewer who decides is shown.

    {"id": "0c1f...", "language": "sw", ..., "original": {...}, "translation": {...},
     "why": [{"rule": "ratings", "question": "accuracy", "values": [2, 5]}],
     "answers": [{"reviewer": "Reviewer 1", "accuracy": 5, ...}, {"reviewer": "Reviewer 2", "accuracy": 2, ...}]}

One such line an item in REVIEW/adjudication.jsonl. Answers bear no name, time or place, and their order is drawn from a hash
of item and reviewer, so that a reviewer is not "Reviewer 1" throughout. Items with planted faults are not adjudicated: what
is wrong with them is known. The decision comes back as an answer like any other, in REVIEW/adjudicated.jsonl or in
answers.jsonl under a name that --adjudicator gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import xxhash

from globmed_tools import manifest
from globmed_tools.errors import GlobmedError

from . import model, questions
from .agreement_answers import Answered

NAME = "adjudication.jsonl"
HARMFUL = "harmful"


@dataclass(frozen=True, slots=True)
class Rule:
    """What counts as a disagreement. ratings: two ratings of one question that lie so far apart or farther (null: none
    does); safety: two different judgements of safety; revisions: two different new texts for one field (a field that
    one reviewer mended and the other left alone is none); harmful: one such judgement, whoever else saw the item."""

    ratings: int | None = 2
    safety: bool = True
    revisions: bool = True
    harmful: bool = True

    def __post_init__(self):
        if self.ratings is not None and self.ratings < 1:
            raise GlobmedError(
                f"ratings: {self.ratings} would call equal ratings a disagreement. Give 1 or more, or null."
            )


def disagreements(answers: Sequence[model.Answer], rule: Rule) -> list[dict[str, Any]]:
    """What these answers to one item disagree in: [{"rule", "question" or "field", "values"}]; [] where in nothing."""
    return [*_ratings(answers, rule), *_safety(answers, rule), *_revisions(answers, rule)]


def _ratings(answers, rule: Rule):
    for name in [one.name for one in questions.load().ratings] if rule.ratings is not None else ():
        values = sorted(value for one in answers if (value := getattr(one, name)) is not None)
        if values and values[-1] - values[0] >= rule.ratings:
            yield {"rule": "ratings", "question": name, "values": values}


def _safety(answers, rule: Rule):
    order = questions.load().safety.values
    values = sorted((one.safety for one in answers if one.safety is not None), key=order.index)
    if rule.safety and len(set(values)) > 1:
        yield {"rule": "safety", "question": "safety", "values": values}
    elif rule.harmful and HARMFUL in values:
        yield {"rule": HARMFUL, "question": "safety", "values": values}


def _revisions(answers, rule: Rule):
    for name in sorted({name for one in answers for name in one.revision}) if rule.revisions else ():
        texts = {one.revision[name].strip() for one in answers if name in one.revision}
        if len(texts) > 1:
            yield {"rule": "revisions", "field": name, "values": sorted(texts)}


def disputed(found: Answered, rule: Rule) -> dict[str, list[dict[str, Any]]]:
    """item id -> its disagreements, in the order of the items; items with planted faults left out."""
    told = {}
    for id, item in found.items.items():
        if item.calibration is None and (why := disagreements(found.answers.get(id, ()), rule)):
            told[id] = why
    return told


def rows(found: Answered, rule: Rule) -> list[dict[str, Any]]:
    """The lines of adjudication.jsonl."""
    made = []
    for id, why in disputed(found, rule).items():
        item = model.to_dict(found.items[id])
        shown = {name: value for name, value in item.items() if name not in ("calibration", "why", "reviews")}
        made.append({**shown, "why": why, "answers": _anonymous(id, found.answers[id])})
    return made


def _anonymous(item: str, answers: Sequence[model.Answer]) -> list[dict[str, Any]]:
    drawn = sorted(answers, key=lambda one: xxhash.xxh3_128_hexdigest(f"{item}\n{one.reviewer}".encode()))
    hidden = ("item", "language", "reviewer", "status", "seconds", "at", "via", "dataset", "record", "guideline")
    return [
        {"reviewer": f"Reviewer {n}", **{k: v for k, v in model.to_dict(one).items() if k not in hidden}}
        for n, one in enumerate(drawn, 1)
    ]


def write(folder: Path, found: Answered, rule: Rule) -> dict[str, Any]:
    """Write REVIEW/adjudication.jsonl and say what is in it, JSON-ready: {"items", "reviewed", "decided", "rules"
    (items by rule), "languages" (by language), "file"}. The same answers give the same bytes."""
    made = rows(found, rule)
    path = Path(folder) / NAME
    manifest.write_bytes(path, b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in made))
    rules = Counter(name for one in made for name in {why["rule"] for why in one["why"]})
    return {
        "items": len(made),
        "reviewed": sum(found.items[id].calibration is None for id in found.answers),
        "decided": sum(one["id"] in found.decided for one in made),
        "rules": dict(sorted(rules.items())),
        "languages": dict(sorted(Counter(one["language"] for one in made).items())),
        "file": str(path),
    }
