"""What a review by people found, as the card tells it: review.json beside the manifest of a stage `review`.

    {"format": "globmed-review-figures", "version": 1, "reviewers": 3, "answers": 84, "adjudicated": 5, "most": 2,
     "guidelines": ["2f1c0a9b7e55d310"], "config": {"least": 10, "resamples": 1000, ...},
     "calibration": {"items": 4, "answers": 8, "seen": 7},
     "entries": {"sw": {"harmful": 2, "reviewed": 60, "revised": 14, "unresolved": 3}},
     "questions": [{"question": "accuracy", "title": "Accuracy", "level": "ordinal", "values": [1, 2, 3, 4, 5],
                    "languages": [{"language": "sw", "answers": 120, "items": 79, "double": 41, "mean": 4.1, "alpha": 0.71, ...}]}]}

`globmed review apply` writes it (`questions` are those of its agreement figures, but for the confusions); here it is read. It
holds counts and no text, no name, no pseudonym and no id of an item, so that it can be published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from globmed_tools import languages, manifest
from globmed_tools.errors import GlobmedError

NAME = "review.json"
FORMAT, VERSION = "globmed-review-figures", 1
#: The key of these figures among what a stage says of itself.
KEY = "review"
SAFETY = "safety"
#: What became of entries that people looked at, in the order of the card's columns.
OUTCOMES = ("reviewed", "revised", "harmful", "unresolved")


def read(folder: Path) -> dict[str, Any] | None:
    """The figures beside a stage's manifest; None where there are none. GlobmedError where they are damaged."""
    path = folder / NAME
    if not path.is_file():
        return None
    advice = "Run `globmed review apply` again."
    found = manifest.read_object(path, "figures of a review", advice)
    if found.get("format") != FORMAT or found.get("version") != VERSION:
        raise GlobmedError(
            f"{path}: holds {found.get('format')!r} version {found.get('version')}, not {FORMAT} version {VERSION}. {advice}"
        )
    return found


def of_run(run: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The figures of every review that the entries passed, in order."""
    return [one[KEY] for one in run if one.get(KEY)]


def for_card(run: Iterable[Mapping[str, Any]], codes: Iterable[str]) -> list[dict[str, Any]]:
    """The figures of each review for a card that holds these languages; reviews of other languages alone are left out."""
    wanted = set(codes)
    made = []
    for told in of_run(run):
        here = [code for code in told["entries"] if code in wanted]
        if here:
            made.append({**told, "rows": [_row(told, code) for code in here], "agreement": _agreement(told, here)})
    return made


def _row(told: dict[str, Any], code: str) -> dict[str, Any]:
    """Counts of one language: entries by outcome, items that two or more answered, and how often each safety was given."""
    counts = told["entries"][code]
    asked = {one["question"]: _of(one, code) for one in told["questions"]}
    found = {name: counts.get(name, 0) for name in OUTCOMES}
    answered = asked.get(SAFETY) or {"double": 0, "answers": 0, "values": []}
    return {
        "name": _named(code),
        "entries": sum(found.values()),
        **found,
        "double": answered["double"],
        "answers": answered["answers"],
        SAFETY: answered["values"],
    }


def _agreement(told: dict[str, Any], codes: list[str]) -> list[dict[str, Any]]:
    """One row a question and language that somebody answered."""
    rows = []
    for asked in told["questions"]:
        for code in codes:
            if (row := _of(asked, code)) and row["answers"]:
                rows.append({**row, "title": asked["title"], "name": _named(code)})
    return rows


def _of(asked: dict[str, Any], code: str) -> dict[str, Any] | None:
    return next((row for row in asked["languages"] if row["language"] == code), None)


def _named(code: str) -> str:
    return f"{languages.get(code).name} (`{code}`)"


def number(value: float | None) -> str:
    """Two decimals with a true minus sign; a dash for what the answers do not define."""
    return "–" if value is None else f"{value:.2f}".replace("-0.00", "0.00").replace("-", "\u2212")


def in_words(run: Iterable[Mapping[str, Any]]) -> list[str]:
    """One sentence a review and language, for metadata that has no tables."""
    lines = []
    for told in of_run(run):
        for code, counts in told["entries"].items():
            looked = sum(counts.get(name, 0) for name in OUTCOMES)
            alphas = [
                f"{asked['title']} {number(row['alpha'])} ({number(row['alpha_low'])} to {number(row['alpha_high'])})"
                for asked in told["questions"]
                if asked["level"] == "ordinal" and (row := _of(asked, code)) and row["alpha"] is not None
            ]
            means = [
                f"{asked['title']} {row['mean']:.2f}"
                for asked in told["questions"]
                if (row := _of(asked, code)) and row["mean"] is not None
            ]
            line = f"{languages.get(code).name}: {looked} entries reviewed, {counts.get('revised', 0)} revised, "
            line += f"{counts.get('harmful', 0)} dropped as harmful"
            line += f"; mean ratings {', '.join(means)}" if means else ""
            line += f"; Krippendorff's alpha {', '.join(alphas)}" if alphas else "; too few items seen twice for alpha"
            lines.append(line + ".")
    return lines
