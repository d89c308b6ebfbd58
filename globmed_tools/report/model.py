"""What `globmed report build --json` writes, and all that the page, the CSV, LaTeX and Markdown files are made from.

    {
      "globmed_report": 1,
      "made": {"version": "0.1.0", "seed": 20260105, "resamples": 2000, "confidence": 0.95, "files": 672},
      "reasons": [...],  "notes": [...],  "skipped": [...]        lines to show: see below
      "formulas": {"gini": "sum of |x_i - x_j| ...", ...},
      "languages": [{"code": "sw", "name": "Swahili", "native": "Kiswahili", "tier": "low", "direction": "ltr", "script": "Latn"}],
      "sets":      [{"name": "medqa", "title": "MedQA (USMLE)", "form": "mcq", "in_paper": true}],
      "models":    [{"name": "org/a", "id": ..., "organisation", "parameters", "active", "licence", "kind", "reasoning", "base",
                     "size_from": "roster" | "run" | null,
                     "runs": [{"kinds": ["gen"], "tasks": 108, "date", "backend", "dtype", "revision", "lm_eval",
                               "data": ["hub"], "shots": [0], "instructions": ["native"], "chat_template": true, "samples": true}]}],
      "boards":    [BOARD, ...],
      "judged":    JUDGED | null,
      "items":     BROWSER
    }

`languages`, `sets` and `models` are those that occur. A board has axes of its own, which point into these lists (`models`,
`sets`, `languages`); everywhere else in a board, a model, set or language is its place (0, 1, ...) on the board's axis, and
`worst_language`, `best_language` and `scope` hold a language's code. All scores are 0 to 1. `low` and `high` of a
FIGURE are its 95 % interval, null where the value is or where no draw differed. null is "not there": a run that
is missing, or a figure that is not defined. reasons: why results should not stand side by side (only there with --force);
notes: what a reader must know; skipped: files left out (only there with --skip-bad).

BOARD, one metric of one kind (gen-acc, gen-chrf, gen-rouge_l, ll-acc, ll-acc_norm; of judgements judged-overall and one a
criterion of the rubric). FIGURE is {"value", "low", "high"}, or
in tables three arrays of these names. M, S and L count this board's models, sets and languages.

    id, kind ("gen" | "ll"), metric, title
    models, sets, languages           places in the lists above: the axes of all that follows
    chance       [S][L]               mean of 1 / options, null for long form
    clustered    [S]                  true where several items of the set share a group
    missing      [[model, set, language], ...]     of this board's axes: no run
    cells        {"items", "score", "low", "high", "answered", "in_language"}      each [S][M][L]
    sets_by_language  [S][L]          mean over the models, null where any of them lacks it
    by_language  {"score", "low", "high", "sets", "items", "answered", "in_language", "of_answered"}   each [M][L]
    leaderboard  [M]   {"model", "score": FIGURE, "rank", "rank_low", "rank_high", "tasks", "of", "high": FIGURE, "low": FIGURE,
                       "worst_language", "best_language", and FIGUREs low_to_high, high_minus_low, worst, worst_to_best, spread,
                       deviation, gini, atkinson}     sorted by score, models without one last; high, low and what is made
                       of both are absent where a tier is
    gaps         null without English; else {"value", "low", "high", "better", "worse", "groups", "p", "p_holm", "detectable"} each
                 [M][L]; a difference stands where p_holm < 0.05
    set_gaps     the same of every set by itself, each [S][M][L]
    pairs        {"models": [[i, j], ...], "scopes": {"all" | "high" | "low" | CODE: {"value", "low", "high", "wins", "losses",
                 "p_holm", "detectable"}}}, arrays over the pairs; value is i's score minus j's
    improvement  [{"scope", "model", "base", "score", "base_score", "chance", "difference": FIGURE, "relative": FIGURE | null,
                 "ratio", "difference_corrected", "relative_corrected", "ratio_corrected", "base_above_chance": bool | null}]
    size         {"points": [[model, billions, score], ...], "spearman": number | null}

JUDGED: what stands beside the boards of judgements (kind "judged"): who judged, and how far to trust it. See judge/figures.py.

BROWSER: a few items in all languages; `reply_fields` names the places of a reply's array.

    {"reply_fields": ["reply", "characters", "answer", "how", "score", "in_language"], "left_out": 8940, "problems": [],
     "items": [{"kind", "metric", "set": "medqa", "group": "2bbb...", "why": "gap" | "unanswered" | "missed" | "reversed" | "random",
                "texts":   {"sw": {"text": "Swali: ...", "target": "B"}},
                "replies": {"sw": [["Jibu ni B.", 10, "B", "stated", 1.0, 1.0], null, ...]}}]}     one a model of `models`

A reply longer than 400 characters is cut in its middle (" […] "); `characters` is its whole length. `answer` null: none found.
`left_out` counts the items of the sets that are not shown.
For `ll`, reply is "" and `answer` the choice of highest likelihood.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import __version__, catalog, languages
from . import browse, measures, statistics
from .boards import Board, boards
from .bootstrap import RESAMPLES, Draws
from .compare import source_of
from .gather import Data
from .improvement import improvement

SCHEMA = 1
SEED = 20260105
#: Bytes of JSON that the sample browser may take of the page.
BUDGET = 6_000_000
TITLES = {
    "gen-acc": "Accuracy, free replies",
    "gen-chrf": "Long form, chrF++",
    "gen-rouge_l": "Long form, ROUGE-L",
    "ll-acc": "Accuracy by likelihood",
    "ll-acc_norm": "Accuracy by likelihood per byte",
}


def build(
    data: Data,
    described: list[dict[str, Any]],
    bases: dict[int, int],
    *,
    seed: int = SEED,
    resamples: int = RESAMPLES,
    reasons: list[str] = (),
    notes: list[str] = (),
    skipped: list[str] = (),
    items: int = browse.MOST,
    done=lambda n: None,
    judgements=None,
    families: list[tuple[str, ...]] = (),
) -> dict[str, Any]:
    """The report as plain values; the same data and seed give the same report. `done` is told of every board.

    judgements: a judge.figures.Judgements; families: of its models.
    """
    found = boards(data)
    every = [*found, *(judgements.boards if judgements else ())]
    titles = TITLES | (judgements.titles() if judgements else {})
    codes = [code for code in languages.codes() if any(code in board.languages for board in every)]
    names = [name for name in catalog.table() if any(name == one.name for board in every for one in board.sets)]
    filled = []
    for board in every:
        filled.append(_board(board, Draws(board, seed, resamples), names, codes, described, bases, titles))
        done(1)
    browser = browse.finish(browse.items(data, found, seed=seed, budget=BUDGET, most=items)) if items else None
    return {
        "globmed_report": SCHEMA,
        "made": {
            "version": __version__,
            "seed": seed,
            "resamples": resamples,
            "confidence": statistics.CONFIDENCE,
            "files": sum(len(by) for by in data.used.values()),
        },
        "reasons": list(reasons),
        "notes": [*(judgements.notes() if judgements else ()), *notes],
        "skipped": list(skipped),
        "formulas": measures.FORMULAS,
        "languages": [_language(code) for code in codes],
        "sets": [_set(name) for name in names],
        "models": [row | {"runs": _runs(data, place)} for place, row in enumerate(described)],
        "boards": filled,
        "judged": _settled(judgements.told(list(families), seed, resamples)) if judgements else None,
        "items": browser,
    }


def _language(code: str) -> dict[str, Any]:
    one = languages.get(code)
    return {name: getattr(one, name) for name in ("code", "name", "native", "tier", "direction", "script")}


def _set(name: str) -> dict[str, Any]:
    one = catalog.get(name)
    return {field: getattr(one, field) for field in ("name", "title", "form", "in_paper")}


def _runs(data: Data, model: int) -> list[dict[str, Any]]:
    """One row a setting, however many result files hold its tasks."""
    found: dict[tuple, dict[str, Any]] = {}
    for by in data.used.values():
        if model not in by:
            continue
        run, one = by[model]
        key = (run.backend, run.dtype, run.revision, run.lm_eval, run.chat_template, one.samples is not None)
        row = found.setdefault(
            key, {name: set() for name in ("kinds", "dates", "data", "shots", "instructions")} | {"tasks": 0}
        )
        row["tasks"] += 1
        values = (one.kind, run.date, source_of(one.data), one.shots, one.instructions)
        for name, value in zip(("kinds", "dates", "data", "shots", "instructions"), values):
            row[name].add(value)
    return [
        dict(zip(("backend", "dtype", "revision", "lm_eval", "chat_template", "samples"), key))
        | {"date": max(row["dates"]), "tasks": row["tasks"]}
        | {name: sorted(row[name]) for name in ("kinds", "data", "shots", "instructions")}
        for key, row in found.items()
    ]


def _board(board: Board, draws: Draws, names, codes, described, bases: dict[int, int], titles) -> dict[str, Any]:
    gone = np.argwhere(np.isnan(board.means).transpose(1, 0, 2))
    places = {model: place for place, model in enumerate(board.models)}
    known = {places[model]: places[base] for model, base in bases.items() if model in places and base in places}
    leaders = measures.leaderboard(board, draws)
    gaps, set_gaps = measures.gaps(board, draws), measures.set_gaps(board, draws)
    i, j = np.triu_indices(len(board.models), 1)
    return {
        "id": board.id,
        "kind": board.kind,
        "metric": board.metric,
        "title": titles[board.id],
        "models": board.models,
        "sets": [names.index(one.name) for one in board.sets],
        "languages": [codes.index(code) for code in board.languages],
        "chance": plain(board.chance),
        "clustered": [one.clustered for one in board.sets],
        "missing": gone.tolist(),
        "cells": {name: plain(values) for name, values in measures.cells(board, draws).items()},
        "sets_by_language": plain(board.means.mean(axis=1)),
        "by_language": {name: plain(values) for name, values in measures.by_language(board, draws).items()},
        "leaderboard": _leaders(leaders, len(board.models)),
        "gaps": gaps and {name: plain(values) for name, values in gaps.items()},
        "set_gaps": set_gaps and {name: plain(values) for name, values in set_gaps.items()},
        "pairs": {
            "models": np.stack([i, j], axis=1).tolist(),
            "scopes": {
                scope: {name: plain(values) for name, values in found.items() if name != "p"}
                for scope, found in measures.pairs(board, draws).items()
            },
        },
        "improvement": [_plain_row(row) for row in improvement(board, draws, known)],
        "size": _sizes(board, leaders["score"]["value"], described),
    }


def _leaders(found: dict, count: int) -> list[dict[str, Any]]:
    rows = []
    for model in range(count):
        row: dict[str, Any] = {"model": model}
        for name, values in found.items():
            if isinstance(values, dict):
                row[name] = {part: plain(array[model]) for part, array in values.items()}
            else:
                row[name] = values[model] if isinstance(values, list) else plain(values[model])
        rows.append(row)
    return sorted(rows, key=lambda row: (row["rank"] is None, row["rank"] or 0, row["model"]))


def _sizes(board: Board, scores: np.ndarray, described: list[dict[str, Any]]) -> dict[str, Any]:
    points = [
        (place, described[model]["parameters"], scores[place])
        for place, model in enumerate(board.models)
        if described[model]["parameters"] and not np.isnan(scores[place])
    ]
    correlation = statistics.spearman([one[1] for one in points], [one[2] for one in points]) if points else np.nan
    return {"points": [[place, size, plain(score)] for place, size, score in points], "spearman": plain(correlation)}


def plain(values: Any) -> Any:
    """Numbers for JSON: four decimals (six significant digits below 0.001), NaN as None, integers as they are."""
    array = np.asarray(values)
    if array.ndim:
        return [plain(one) for one in array.tolist()] if array.dtype == object or array.ndim > 1 else _row_of(array)
    return _row_of(array[None])[0]


def _row_of(array: np.ndarray) -> list:
    if array.dtype.kind in "iub":
        return array.tolist()
    rounded = np.round(array.astype(float), 4)
    return [
        None
        if value != value
        else int(value)
        if value == whole and abs(value) >= 1
        else near
        if abs(value) >= 1e-3 or not value
        else float(f"{value:.3g}")
        for value, near, whole in zip(array.tolist(), rounded.tolist(), np.round(array.astype(float)).tolist())
    ]


def _settled(value: Any) -> Any:
    """Arrays, numbers and what holds them, as JSON has them."""
    if isinstance(value, dict):
        return {name: _settled(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_settled(one) for one in value]
    return plain(value) if isinstance(value, (np.ndarray, np.generic, float)) else value


def _plain_row(row: dict) -> dict:
    return {
        name: {part: plain(one) for part, one in value.items()}
        if isinstance(value, dict)
        else plain(value)
        if isinstance(value, float)
        else value
        for name, value in row.items()
    }
