"""Which answers count: the submitted ones, one a reviewer and item, and none on an item that the folder does not hold.

    found = load(Path("review"))
    found.items["0c1f..."].language, [one.reviewer for one in found.answers["0c1f..."]]      # "sw", ["r1", "r2"]

Three commands read answers (agreement, adjudicate, apply); they read them here, so that they count alike. Where one reviewer
submitted twice for an item (in Argilla and in a sheet, say), the later one counts, by its time or, without times, by its line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from globmed_tools.errors import GlobmedError

from . import model

#: Beside answers.jsonl: the answers of the senior reviewer.
ADJUDICATED = "adjudicated.jsonl"
SUBMITTED = "submitted"


@dataclass(slots=True)
class Answered:
    """The items of a review folder and what counts of its answers: by item, sorted by reviewer. decided: the senior
    reviewer's answer of an item. left_out: answers that do not count, by why (draft, discarded, superseded)."""

    items: dict[str, model.Item]
    answers: dict[str, list[model.Answer]] = field(default_factory=dict)
    decided: dict[str, model.Answer] = field(default_factory=dict)
    left_out: Counter = field(default_factory=Counter)

    @property
    def counted(self) -> int:
        return sum(map(len, self.answers.values()))


def load(folder: Path, adjudicators: Iterable[str] = ()) -> Answered:
    """Read REVIEW/items.jsonl, answers.jsonl and, where there is one, adjudicated.jsonl (answers of a senior reviewer).

    adjudicators: reviewers whose lines in answers.jsonl are decisions too, and no reviews. GlobmedError where a file is
    missing, an answer is on an item that is not in items.jsonl, an adjudicator is not in the answers, or two
    adjudicators decided the same item.
    """
    folder, seniors = Path(folder), set(adjudicators)
    items = {one.id: one for one in model.open_review(folder)}
    path = folder / model.ANSWERS
    given = model.read_answers(path)
    if missing := seniors - {one.reviewer for one in given}:
        raise GlobmedError(f"{path}: no answer by {', '.join(sorted(missing))}. Check --adjudicator.")
    found = Answered(items)
    decided = folder / ADJUDICATED
    decisions = [(one, decided) for one in model.read_answers(decided)]
    decisions += [(one, path) for one in given if one.reviewer in seniors]
    reviews = [(one, path) for one in given if one.reviewer not in seniors]
    for latest in _latest(reviews, found).values():
        found.answers.setdefault(latest.item, []).append(latest)
    for one in found.answers.values():
        one.sort(key=lambda answer: answer.reviewer)
    for latest in _latest(decisions, found).values():
        if other := found.decided.get(latest.item):
            raise GlobmedError(
                f"{decided}: item {latest.item} is decided by {other.reviewer} and by {latest.reviewer}. Keep one of the two."
            )
        found.decided[latest.item] = latest
    return found


def _latest(given: list[tuple[model.Answer, Path]], found: Answered) -> dict[tuple[str, str], model.Answer]:
    """(item, reviewer) -> the submitted answer that counts; the others are added to found.left_out."""
    kept: dict[tuple[str, str], model.Answer] = {}
    for one, path in given:
        if one.item not in found.items:
            raise GlobmedError(
                f"{path}: {one.reviewer} answered item {one.item}, which {model.ITEMS} does not hold. "
                "Do answers and items belong to the same sample?"
            )
        if one.status != SUBMITTED:
            found.left_out[one.status] += 1
            continue
        before = kept.get((one.item, one.reviewer))
        if before is not None:
            found.left_out["superseded"] += 1
        if before is None or not _later(before, one):
            kept[one.item, one.reviewer] = one
    return kept


def _later(one: model.Answer, other: model.Answer) -> bool:
    """Whether `one` was certainly given after `other`."""
    return bool(one.at and other.at) and datetime.fromisoformat(one.at) > datetime.fromisoformat(other.at)
