"""Findings: what the critique said, as far as it can be placed, and what the checks saw, in words for the reviser.

>>> placed([{"field": "question", "span": "mg 50", "source": "5 mg", ...}], source, draft)
([{...}], [])                          # kept, and those whose words stand nowhere
>>> in_words([{"check": "numbers", "field": "question", "source": "5", "translation": "50", ...}])
[{"field": "question", "problem": "a number lost, added or changed", "source": "5", "span": "50"}]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...checks.registry import CHECKS
from .schemas import SEVERITIES, flat, letter

#: What the reviser is told of the other fields where one is in a wrong language.
_ALSO = "another field of this item is in a wrong language: is this one in the right one?"
#: Findings of the chain's own, beside those of the checks: they flag the entry for review.
CRITIQUE, FAILED, BACK = "critique", "step", "back-translation"
Finding = dict[str, Any]


def placed(findings: list[Finding], source: Mapping, draft: Mapping) -> tuple[list[Finding], list[Finding]]:
    """Findings whose span stands in their field of the draft (or, for what was left out, whose words stand in the source);
    and the others."""
    before, after = flat(source), flat(draft)
    kept, lost = [], []
    for one in findings:
        field = one["field"]
        there = one["span"] in after[field] if one["span"] else one["source"] and one["source"] in before[field]
        (kept if there else lost).append(one)
    return kept, lost


def severe(findings: list[Finding], least: str) -> list[Finding]:
    """Those of this severity or a worse one."""
    return [one for one in findings if SEVERITIES.index(one["severity"]) >= SEVERITIES.index(least)]


def unmended(findings: list[Finding], before: Mapping, after: Mapping) -> list[Finding]:
    """Findings, other than minor ones, that the revisions have left as they were: as flags."""
    old, new = flat(before), flat(after)
    left = [one for one in severe(findings, "major") if _stands(one, old[one["field"]], new[one["field"]])]
    return [
        flag(
            CRITIQUE,
            f"{one['kind']}: {one['problem']}",
            field=field_of(one["field"]),
            score=1.0 if one["severity"] == "critical" else 0.75,
            source=one["source"],
            translation=one["span"],
        )
        for one in left
    ]


def _stands(one: Finding, old: str, new: str) -> bool:
    if old == new:
        return True
    if one["proposal"] and one["proposal"] in new and one["proposal"] not in old:
        return False
    return bool(one["span"]) and new.count(one["span"]) >= old.count(one["span"])


def failing(checked: list[Finding]) -> list[Finding]:
    """What the checks do not let pass: severities drop and flag."""
    return [one for one in checked if one["severity"] in ("drop", "flag")]


def weight(checked: list[Finding]) -> tuple[int, int, float]:
    """How bad a text is by its checks, to choose the better of two."""
    bad = failing(checked)
    return sum(one["severity"] == "drop" for one in bad), len(bad), sum(one["score"] for one in bad)


def in_words(checked: list[Finding], fields: Sequence[str] = ()) -> list[Finding]:
    """What the checks saw, as the reviser is told it; options under their letters. Where one field is in a wrong language, the
    others of `fields` are to be looked at too: those too short to tell are likely no better."""
    told = []
    for one in failing(checked):
        known = CHECKS.get(one["check"])
        problem = ": ".join(part for part in (known.meaning if known else one["check"], one["detail"]) if part)
        spans = {"source": one["source"], "span": one["translation"]}
        told.append(
            {"field": _field(one["field"]), "problem": problem, **{key: text for key, text in spans.items() if text}}
        )
    if any(one["check"] == "language" for one in failing(checked)):
        named = {one["field"] for one in told}
        told += [{"field": name, "problem": _ALSO} for name in fields if name not in named]
    return told


def _field(name: str) -> str:
    word, _, number = name.partition(" ")
    return f"option {letter(int(number) - 1)}" if word == "option" and number.isdigit() else name


def flag(check: str, detail: str, *, field: str = "question", score: float = 1.0, source="", translation="") -> Finding:
    """A finding that sends the entry to review, in the form of those of the checks."""
    spans = {"source": source, "translation": translation}
    return {"check": check, "severity": "flag", "score": score, "field": field, **spans, "detail": detail}


def field_of(name: str) -> str:
    """The field of a critique's finding, as the checks name it: "option B" -> "option 2"."""
    word, _, key = name.partition(" ")
    if word != "option":
        return name
    return f"option {int(key) if key.isdigit() else 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.index(key) + 1}"
