"""Checks: what a translation lost, added or changed, seen by comparing it with its source.

    >>> pair = Pair("question", "Give 5 mg, not more.", "Mpe mg 50, si zaidi.", get("en"), get("sw"))
    >>> [finding] = registry.load("numbers")(pair)
    >>> finding.score, finding.source, finding.translation
    (1.0, '5', '50')

A check is a function from a Pair (one field of an entry beside the same field of its translation) to findings; it knows
nothing of entries, thresholds or severities, which are `stages/check.py`'s. Per-language words stand in languages.toml.
"""

from __future__ import annotations

from dataclasses import dataclass

from globmed_tools.languages import Language


@dataclass(frozen=True, slots=True)
class Pair:
    """One field in two languages. field: question, context, option 1 (counted from 1), reference or rationale."""

    field: str
    source: str
    translation: str
    source_language: Language
    language: Language


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check saw. score: 0 (nothing wrong) to 1 (certainly wrong); source and translation: the spans that were
    seen, verbatim ("" where one side has none); detail: a short English sentence for the reviewer."""

    check: str
    score: float
    field: str
    source: str = ""
    translation: str = ""
    detail: str = ""
