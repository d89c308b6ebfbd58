"""The figures that travel with a reviewed build: review.json beside the manifest of the stage `review`.

    write(where, found, stats)         # "guidelines": [...], "entries": {"sw": {...}}, "questions": [...]

`globmed curate export` reads them into the card (export/reviews.py, which shows the file). They are those of `globmed review
agreement` with its usual settings, so that card and page never differ; the confusions, the rows of single reviewers and the
ids of items stay behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from globmed_tools import manifest

from ..export import reviews
from .agreement import Config, figures
from .agreement_answers import Answered
from .apply_rules import UNTOUCHED

#: Of a language's row of a question: what is for the page alone.
_NOT_TOLD = ("confusions",)


def write(where: Path, found: Answered, stats: Mapping[str, Mapping[str, int]]) -> Path | None:
    """Write review.json into the folder of the stage; nothing where nobody has answered or decided anything.

    stats: language -> outcome -> entries, as the stage counted them."""
    if not found.counted and not found.decided:
        return None
    content = orjson.dumps(of_review(found, stats), option=orjson.OPT_INDENT_2) + b"\n"
    return manifest.write_bytes(where / reviews.NAME, content)


def of_review(found: Answered, stats: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """The content of review.json. No questions, where a senior reviewer alone has answered."""
    config = Config()
    told = figures(found, config) if found.counted else {"questions": [], "reviewers": [], "calibration": []}
    real = [given for id, given in found.answers.items() if found.items[id].calibration is None]
    seen = [signs for one in told["calibration"] for signs in one["answers"].values()]
    every = [*(one for given in found.answers.values() for one in given), *found.decided.values()]
    return {
        "format": reviews.FORMAT,
        "version": reviews.VERSION,
        "reviewers": len(told["reviewers"]),
        "answers": sum(map(len, real)),
        "most": max(map(len, real), default=0),
        "adjudicated": len(found.decided),
        "guidelines": sorted({one.guideline for one in every if one.guideline}),
        "config": asdict(config),
        "calibration": {"items": len(told["calibration"]), "answers": len(seen), "seen": sum(map(bool, seen))},
        "entries": _outcomes(stats),
        "questions": [_question(one) for one in told["questions"]],
    }


def _outcomes(stats: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """The counts of languages of which anybody looked at an entry."""
    by = {code: {name: n for name, n in counts.items() if name != UNTOUCHED} for code, counts in stats.items()}
    return {code: counts for code, counts in by.items() if counts}


def _question(asked: dict[str, Any]) -> dict[str, Any]:
    rows = [{name: value for name, value in row.items() if name not in _NOT_TOLD} for row in asked["languages"]]
    return {**asked, "languages": rows}
