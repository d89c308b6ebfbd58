"""What the checks found: scores by language, kept beside dropped, and how often each finding occurs.

    checks(stage)                       # of the stage `check`: every score it gave, from its stats, with its thresholds
    scores = Scores()
    scores.kept(entry)                  # entry.checks: {"identify_language": {"score": 0.98, ...}, "check": [findings]}
    scores.dropped("identify_language", row)                      # evidence: {"score": 0.31, ...}

Numbers that stages note become spreads; of words only the ones in `WORDS` are told apart, others are counted by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from globmed_tools.entry import Entry

from ..checks.registry import CHECKS, SEVERITIES
from .folders import UNKNOWN, Stage, in_order
from .tally import Spread

WORDS = ("severity", "field", "language", "label", "kind", "outcome", "reason", "assigned")
#: Different words of one name that are told apart; all further ones count as OTHER.
VALUES, OTHER = 24, "(other)"
BINS = 20


def numbers(found: Any) -> Iterator[tuple[str, float]]:
    """(name, value) of the numbers in a finding, one level deep."""
    if isinstance(found, list):
        return
    for name, value in found.items() if isinstance(found, dict) else (("score", found),):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield name, value


def flags(found: Any) -> Iterator[dict[str, Any]]:
    """The findings that ask for a person's eye: of a list of findings, or the finding itself."""
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, dict) and one.get("severity") == "flag":
            yield one


def checks(stage: Stage) -> list[dict[str, Any]]:
    """[{check, meaning, severity, threshold, languages: {code: {"bins": [10 counts], "acting": n}}}] of a stage that
    counts its scores in tenths, worst severity first; empty of any other stage."""
    scores, acting = stage.manifest.stats.get("scores"), stage.manifest.stats.get("findings", {})
    if not isinstance(scores, dict) or not scores:
        return []
    rules, made = stage.manifest.config.get("checks") or {}, []
    for name in sorted({name for part in scores.values() for name in part}):
        known, rule = CHECKS.get(name), rules.get(name) or {}
        rows = {}
        for code in in_order(scores):
            found = scores[code].get(name, {})
            bins = [found.get(f"{tenth / 10}", 0) for tenth in range(10)]
            rows[code] = {"bins": bins, "acting": sum(acting.get(code, {}).get(name, {}).values())}
        made.append(
            {
                "stage": stage.slug,
                "check": name,
                "meaning": known.meaning if known else "",
                "severity": rule.get("severity") or (known.severity if known else "note"),
                "threshold": rule.get("threshold") or (known.threshold if known else None),
                "languages": rows,
            }
        )
    order = list(SEVERITIES)
    return sorted(made, key=lambda row: (order.index(row["severity"]), row["check"]))


class Scores:
    """Spreads by (check, name, language), for kept and dropped entries; counts by (check, finding, language)."""

    def __init__(self) -> None:
        self.spreads: dict[tuple[str, str, str], dict[str, Spread]] = {}
        self.found: dict[tuple[str, str], Counter[str]] = {}
        self.flags: dict[str, Counter[str]] = {}

    def kept(self, one: Entry) -> None:
        """Count the checks of an entry."""
        for check, found in one.checks.items():
            for name in {flag.get("check", check) for flag in flags(found)}:
                self.flags.setdefault(name, Counter())[one.language] += 1
            self._numbers(check, one.language, found, "kept")
            if isinstance(found, dict):
                for name, value in found.items():
                    self._word(check, name, value, one.language)

    def dropped(self, stage: str, row: dict[str, Any]) -> None:
        """Count the numbers in the evidence of a dropped entry, under the check it names or its stage."""
        evidence = row["evidence"]
        if isinstance(evidence, dict) and "check" not in evidence:
            self._numbers(str(stage), row["language"] or UNKNOWN, evidence, "dropped")

    def _numbers(self, check: str, language: str, found: Any, kind: str) -> None:
        for name, value in numbers(found):
            both = self.spreads.setdefault((check, name, language), {"kept": Spread(), "dropped": Spread()})
            both[kind].add(value)

    def _word(self, check: str, name: str, value: Any, language: str) -> None:
        if isinstance(value, bool) or (name in WORDS and isinstance(value, str)):
            told = f"{name}: {value}".lower() if isinstance(value, bool) else f"{name}: {value}"
            if (check, told) not in self.found and self._kinds(check, name) >= VALUES:
                told = f"{name}: {OTHER}"
        elif isinstance(value, str):
            told = name
        else:
            return
        self.found.setdefault((check, told), Counter())[language] += 1

    def _kinds(self, check: str, name: str) -> int:
        return sum(1 for of, told in self.found if of == check and told.startswith(f"{name}: "))

    def figures(self) -> list[dict[str, Any]]:
        """[{check, name, low, high, languages: {code: {kept: quantiles, dropped: quantiles, bins: {kept, dropped}}}}]."""
        made = []
        for check, name in sorted({key[:2] for key in self.spreads}):
            mine = {key[2]: both for key, both in self.spreads.items() if key[:2] == (check, name)}
            values = [value for both in mine.values() for spread in both.values() for value in spread.counts]
            low, high = min(values), max(values)
            if low >= 0 and high <= 1:
                low, high = 0, 1
            rows = {code: self._row(mine[code], low, high) for code in in_order(mine)}
            made.append({"check": check, "name": name, "low": low, "high": high, "languages": rows})
        return made

    def _row(self, both: dict[str, Spread], low: float, high: float) -> dict[str, Any]:
        found = {kind: spread.quantiles() for kind, spread in both.items()}
        return {**found, "bins": {kind: spread.bins(low, high, BINS) for kind, spread in both.items()}}

    def findings(self) -> dict[str, dict[str, dict[str, int]]]:
        """check -> finding -> language -> entries, of kept entries."""
        made: dict[str, dict[str, dict[str, int]]] = {}
        for (check, told), counts in sorted(self.found.items()):
            made.setdefault(check, {})[told] = {code: counts[code] for code in in_order(counts)}
        return made
