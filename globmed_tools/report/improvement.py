"""How much a model gained over its base: as a difference, as a ratio, and both without what guessing gives.

    improvement(board, draws, {1: 0})      model 1 was made from model 0 -> one row for all, high, low and each language

A ratio of scores near chance says little: 0.26 over 0.22 is "18 % better" where four options give 0.25 to a coin. So beside

    relative            (s - b) / b                  ratio            s / b
    stand, with c the mean of 1 / options over the same sets and languages,
    relative_corrected  (s - b) / (b - c)            ratio_corrected  (s - c) / (b - c)
    difference_corrected                             (s - b) / (1 - c)

The correction is the classical one for guessing (Diamond and Evans 1973, Rev. Educ. Res. 43:181). The first two corrected
figures are left out (null) where the base is not above chance with confidence: there is nothing to be relative to. Where one of
the two has no samples, the figures have no intervals: nothing is paired.
"""

from __future__ import annotations

import numpy as np

from .boards import Board
from .bootstrap import Draws, interval
from .measures import scopes
from .statistics import CONFIDENCE


def improvement(board: Board, draws: Draws, bases: dict[int, int]) -> list[dict]:
    """One dict a model and scope; bases maps a model's row on the board to its base's. Missing scores give no row."""
    rows = []
    for name, place in scopes(board).items():
        chance = float(board.chance[:, place].mean())
        scores = board.means[:, :, place].mean(axis=(0, 2))
        drawn = draws.means[:, :, :, place].mean(axis=(1, 3), dtype=np.float64)
        alone = board.alone[:, place].any(axis=1)
        for model, base in bases.items():
            if not np.isnan(scores[[model, base]]).any():
                paired = not alone[[model, base]].any()
                rows.append(_row(name, model, base, scores, drawn, chance, paired))
    return rows


def _row(scope: str, model: int, base: int, scores: np.ndarray, drawn: np.ndarray, chance: float, paired: bool) -> dict:
    now, before = float(scores[model]), float(scores[base])
    low, _high = interval(drawn[:, base], CONFIDENCE)
    nows, befores = (drawn[:, model], drawn[:, base]) if paired else np.full((2, len(drawn)), np.nan)
    row = {"scope": scope, "model": model, "base": base, "score": now, "base_score": before, "chance": chance}
    row["difference"] = _figure(lambda s, b: s - b, now, before, nows, befores)
    defined = before > 0
    row["relative"] = _figure(lambda s, b: (s - b) / b, now, before, nows, befores) if defined else None
    row["ratio"] = _figure(lambda s, b: s / b, now, before, nows, befores) if defined else None
    if np.isnan(chance):
        return row | dict.fromkeys(
            ("difference_corrected", "relative_corrected", "ratio_corrected", "base_above_chance")
        )
    above = bool(low > chance)
    row["base_above_chance"] = above
    row["difference_corrected"] = _figure(lambda s, b: (s - b) / (1 - chance), now, before, nows, befores)
    for name, measure in (
        ("relative_corrected", lambda s, b: (s - b) / (b - chance)),
        ("ratio_corrected", lambda s, b: (s - chance) / (b - chance)),
    ):
        row[name] = _figure(measure, now, before, nows, befores) if above else None
    return row


def _figure(measure, now: float, before: float, nows: np.ndarray, befores: np.ndarray) -> dict[str, float]:
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = measure(nows, befores)
        low, high = interval(drawn, CONFIDENCE) if np.isfinite(drawn).all() else (np.nan, np.nan)
    return {"value": measure(now, before), "low": float(low), "high": float(high)}
