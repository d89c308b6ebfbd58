"""What becomes of a reviewed item, by a stated rule.

1.  The adjudicator's answer, where there is one, decides alone.
2.  Else one `harmful` is enough: the entry is dropped. A wrong drop costs one entry, a wrong release may cost more;
    whoever thinks otherwise lets an adjudicator decide.
3.  Else, where reviewers disagree (adjudicate.Rule; two different new texts for one field always count), the item is
    unresolved: its entry stays as it was, unreviewed, and is told.
4.  Else what the reviewers wrote is taken: a new text that one of them wrote and the others wrote too or left alone.

Ratings alone decide nothing: an entry that was rated 1 and that nobody mended is `reviewed`, with its ratings in it.
A revision that would leave an entry that cannot be used (an empty option, two equal ones) is unresolved as well. Items with
planted faults are no entries of the data set and are passed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from globmed_tools.entry import Entry, content_id, from_dict, problem, revised, to_dict
from globmed_tools.errors import GlobmedError

from . import model, questions
from .adjudicate import Rule, disagreements
from .agreement_answers import Answered

REVIEWED, REVISED, HARMFUL, UNRESOLVED = "reviewed", "revised", "harmful", "unresolved"
#: What is counted beside these outcomes: entries on which nobody decided anything.
UNTOUCHED = "untouched"


@dataclass(frozen=True, slots=True)
class Decision:
    """outcome: REVIEWED (kept as it was), REVISED, HARMFUL or UNRESOLVED. texts: field -> new text; review: what goes into
    the entry; evidence: of HARMFUL; why: of UNRESOLVED, as `disagreements` tells it."""

    item: str
    language: str
    outcome: str
    texts: dict[str, str] = field(default_factory=dict)
    review: dict[str, Any] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)
    why: list[dict[str, Any]] = field(default_factory=list)


def decisions(found: Answered, rule: Rule) -> dict[tuple[str, str], Decision]:
    """(entry id, group id) -> what becomes of it, for every item that somebody answered or decided."""
    made = {}
    for id, item in found.items.items():
        answers, senior = found.answers.get(id, []), found.decided.get(id)
        if item.calibration is None and (answers or senior):
            made[item.id, item.group_id] = _decide(item, answers, senior, rule)
    return made


def _decide(item: model.Item, answers: list[model.Answer], senior: model.Answer | None, rule: Rule) -> Decision:
    deciding = [senior] if senior else answers
    _known(item, deciding)
    facts = _facts(answers, senior)
    made = Decision(item.id, item.language, REVIEWED, review=facts)
    if any(one.safety == HARMFUL for one in deciding):
        comments = {one.reviewer: one.comment for one in deciding if one.comment}
        return replace(made, outcome=HARMFUL, review={}, evidence=facts | {"comments": comments})
    strict = replace(rule, revisions=True)
    if not senior and (why := disagreements(answers, strict)):
        return replace(made, outcome=UNRESOLVED, review={}, why=why)
    texts = {name: text for one in deciding for name, text in one.revision.items()}
    if not texts:
        return made
    made = replace(made, outcome=REVISED, texts=texts)
    if bad := problem(version(from_dict(item.translation), made)):
        why = [{"rule": "unusable", "field": ", ".join(sorted(texts)), "values": list(bad)}]
        return replace(made, outcome=UNRESOLVED, texts={}, review={}, why=why)
    return made


def _facts(answers: Sequence[model.Answer], senior: model.Answer | None) -> dict[str, Any]:
    """Who said what, without comments: ratings and safety in the order of the reviewers, the adjudicator's apart."""
    every = [*answers, *([senior] if senior else [])]
    by = "adjudicator" if senior else "reviewer" if len(answers) == 1 else "reviewers"
    told: dict[str, Any] = {"by": by, "reviewers": [one.reviewer for one in answers]}
    names = (*(one.name for one in questions.load().ratings), "safety")
    told |= {name: [getattr(one, name) for one in answers] for name in names}
    if senior:
        told["adjudicator"] = {"reviewer": senior.reviewer, **{name: getattr(senior, name) for name in names}}
    told["guideline"] = sorted({one.guideline for one in every if one.guideline})
    told["at"] = max((one.at for one in every if one.at), default=None)
    return told


def version(entry: Entry, decision: Decision) -> Entry:
    """The entry with the decision in it: `review` says who decided what, and of a mended text which fields are new, which
    id it replaces and what the checks had found in the old text (they say nothing of the new one). An earlier review of
    the same entry is kept within the new one."""
    old = model.texts(entry)
    texts = {name: text for name, text in decision.texts.items() if text != old.get(name, "")}
    review = {"outcome": REVISED if texts else REVIEWED, **decision.review}
    if entry.review is not None:
        review["earlier"] = entry.review
    if not texts:
        return revised(entry, review=review)
    made = with_texts(entry, texts)
    review["fields"] = sorted(texts)
    if made.id != entry.id:
        review["replaces"] = entry.id
    if entry.checks:
        review["checks_before"] = entry.checks
    return revised(made, checks={}, review=review)


def with_texts(entry: Entry, texts: dict[str, str]) -> Entry:
    """The entry with these texts, by field as `model.texts` names them, and the id of its new content."""
    made = model.with_texts(entry, texts)
    made = revised(made, rationale=made.rationale or None)
    return revised(made, id=content_id(**to_dict(made)))


def _known(item: model.Item, answers: Sequence[model.Answer]) -> None:
    """GlobmedError where an answer revises a field that its item does not have."""
    fields = model.texts(item.translation)
    for one in answers:
        for name in one.revision:
            if name not in fields:
                raise GlobmedError(
                    f"item {item.id}, answer by {one.reviewer}: revises {name!r}, which the item does not have "
                    f"({', '.join(fields)}). Mend or remove that line."
                )
