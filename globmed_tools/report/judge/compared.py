"""Comparisons of two replies, each asked in both orders -> who won, and how often the order decided.

    pairs(panel, seed, resamples) -> {"base": "org/base", "rows": [{"judge": 0, "model": 3, "wins", "losses", "ties", "flips", "unjudged",
                                      "rate": FIGURE, "by_language": {"value", "low", "high"}}], "first": [{"judge", "share", "n"}]}

A verdict counts where both orders give it; where they differ it is a tie and a flip. rate: wins and half the ties, over all
that were judged; 0.5 is as good as the base.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from .. import measures
from ..bootstrap import Draws
from .panel import Graded, Panel, over_all
from .work import EMPTY, JUDGED, SAME

SCORE = {"model": 1.0, "tie": 0.5, "base": 0.0}


def pairs(panel: Panel, seed: int, resamples: int) -> dict[str, Any] | None:
    """None where no comparisons were asked."""
    base = panel.judged.told["pairwise"]
    if not panel.judged.pairs:
        return None
    met: dict[tuple, list[dict[str, Any]]] = defaultdict(list)
    for row in panel.judged.pairs:
        if row["model"] in panel._places:
            met[tuple(row[name] for name in ("judge", "model", "set", "language", "group", "same"))].append(row)
    found = {"base": base, "rows": [], "first": []}
    for judge, name in enumerate(panel.judges):
        own = [rows for key, rows in met.items() if key[0] == name]
        found["rows"] += _rows(panel, judge, own, seed, resamples)
        asked = [row for rows in own for row in rows if row["state"] == JUDGED and row["better"] != "tie"]
        first = sum((row["better"] == "model") == (row["side"] == "A") for row in asked)
        both = [rows for rows in own if all(row["state"] == JUDGED for row in rows)]
        flips = sum(verdict(rows)[1] for rows in both)
        found["first"].append(
            {
                "judge": judge,
                "n": len(asked),
                "share": first / len(asked) if asked else None,
                "asked_twice": len(both),
                "flips": flips,
                "flip_rate": flips / len(both) if both else None,
            }
        )
    return found


def verdict(rows: list[dict[str, Any]]) -> tuple[str | None, bool]:
    """(better, whether the order decided) of the two orders of a pair; (None, False) where one of them is not judged."""
    if len(rows) != 2 or any(row["state"] not in (JUDGED, EMPTY, SAME) for row in rows):
        return None, False
    one, other = (row["better"] for row in rows)
    return (one, False) if one == other else ("tie", True)


def _rows(panel: Panel, judge: int, own: list[list[dict[str, Any]]], seed: int, resamples: int) -> list[dict[str, Any]]:
    counted: dict[int, Counter] = defaultdict(Counter)
    scored = []
    for rows in own:
        about = rows[0]
        better, flipped = verdict(rows)
        model = panel._places[about["model"]]
        counted[model][better or "unjudged"] += 1
        counted[model]["flips"] += flipped
        if better:
            place = Graded(about["set"], model, about["language"], about["group"], 0, "", False)
            scored.append((place, SCORE[better]))
    board = panel.board_of("wins", scored)
    draws = Draws(board, seed, resamples)
    by, whole = measures.by_language(board, draws), over_all(board, draws)
    return [
        {
            "judge": judge,
            "model": panel.models[model],
            "wins": n["model"],
            "losses": n["base"],
            "ties": n["tie"],
            "flips": n["flips"],
            "unjudged": n["unjudged"],
            "rate": {name: float(whole[name][model]) for name in ("value", "low", "high")},
            "by_language": {to: by[name][model] for name, to in (("score", "value"), ("low", "low"), ("high", "high"))},
        }
        for model, n in sorted(counted.items())
    ]
