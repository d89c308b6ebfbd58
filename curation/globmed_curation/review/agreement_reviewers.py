"""What each reviewer did: how strict, how long, and whether planted faults were seen.

    {"reviewer": "r1", "languages": ["sw"], "answers": 40, "severity": {"accuracy": {"items": 10, "mean": -0.4}},
     "seconds": 71.0, "timed": 38, "revised": 12, "harmful": 1, "calibration": {"items": 3, "seen": 2}}

Severity: the mean, over items that somebody else rated too, of a reviewer's rating less the mean of the others' ratings of
that item. Below 0: stricter than the others. It says nothing of who is right.

A planted fault counts as seen where the reviewer, of the item that holds it, rated accuracy 3 or lower, or judged safety
other than safe, or marked an error that overlaps the fault, or changed the field in which it stands. A comment or a flag alone
does not count. This rule is the project's own.
"""

from __future__ import annotations

from statistics import mean, median
from typing import Any

from . import model, questions
from .agreement_answers import Answered

SAFE = "safe"
#: Accuracy at or below which a planted fault counts as seen.
LOW = 3


def rows(found: Answered) -> list[dict[str, Any]]:
    """One row a reviewer, in the order of their names."""
    by: dict[str, list[model.Answer]] = {}
    for answers in found.answers.values():
        for one in answers:
            by.setdefault(one.reviewer, []).append(one)
    return [_row(name, given, found) for name, given in sorted(by.items())]


def _row(name: str, given: list[model.Answer], found: Answered) -> dict[str, Any]:
    planted = [one for one in given if found.items[one.item].calibration is not None]
    real = [one for one in given if found.items[one.item].calibration is None]
    timed = [one.seconds for one in given if one.seconds is not None]
    return {
        "reviewer": name,
        "languages": sorted({found.items[one.item].language for one in given}),
        "answers": len(given),
        "severity": {one: _severity(one, real, found) for one in [rating.name for rating in questions.load().ratings]},
        "seconds": float(median(timed)) if timed else None,
        "timed": len(timed),
        "revised": sum(bool(one.revision) for one in real),
        "harmful": sum(one.safety == "harmful" for one in real),
        "calibration": {
            "items": len(planted),
            "seen": sum(bool(how(one, found.items[one.item])) for one in planted),
        },
    }


def _severity(question: str, given: list[model.Answer], found: Answered) -> dict[str, Any]:
    apart = []
    for one in given:
        others = [
            value
            for other in found.answers[one.item]
            if other.reviewer != one.reviewer and (value := getattr(other, question)) is not None
        ]
        if others and getattr(one, question) is not None:
            apart.append(getattr(one, question) - mean(others))
    return {"items": len(apart), "mean": float(mean(apart)) if apart else None}


def calibration(found: Answered) -> list[dict[str, Any]]:
    """One row an item with a planted fault that somebody reviewed: {"item", "language", "fault", "field", "answers":
    {reviewer: ["accuracy", "span", ...]}}; an empty list says that this reviewer did not see it."""
    told = []
    for id, answers in found.answers.items():
        item = found.items[id]
        if item.calibration is not None:
            seen = {one.reviewer: how(one, item) for one in answers}
            facts = {name: item.calibration[name] for name in ("fault", "field")}
            told.append({"item": id, "language": item.language, **facts, "answers": seen})
    return told


def how(answer: model.Answer, item: model.Item) -> list[str]:
    """By which signs a reviewer saw the planted fault: of accuracy, safety, span, revision; [] where by none."""
    spans = fault_spans(item)
    signs = {
        "accuracy": answer.accuracy is not None and answer.accuracy <= LOW,
        "safety": answer.safety is not None and answer.safety != SAFE,
        "span": any(one["field"] in spans and _overlap(one, spans[one["field"]]) for one in answer.errors),
        "revision": any(name in spans for name in answer.revision),
    }
    return [name for name, found in signs.items() if found]


def fault_spans(item: model.Item) -> dict[str, tuple[int, int]]:
    """field -> (start, end) of what the planted fault changed there, in characters of the text that the reviewer saw; of a
    place where something is missing, the characters on both sides of the gap."""
    texts, spans = model.texts(item.translation), {}
    for name, before in item.calibration["changed"].items():
        now = texts.get(name, "")
        most = min(len(now), len(before))
        start = next((n for n in range(most) if now[n] != before[n]), most)
        tail = next((n for n in range(most - start) if now[-1 - n] != before[-1 - n]), most - start)
        end = len(now) - tail
        spans[name] = (start, end) if end > start else (max(0, start - 1), start + 1)
    return spans


def _overlap(error: dict[str, Any], span: tuple[int, int]) -> bool:
    return error["start"] < span[1] and error["end"] > span[0]
