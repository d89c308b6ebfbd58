"""A board and its draws -> the figures of the report, as arrays and plain dictionaries of them.

    by_language(board, draws)     score of a model in a language: the mean of its sets, each counting the same
    leaderboard(board, draws)     mean of the languages, ranks, tiers, worst language, disparity
    gaps(board, draws)            a language against English: difference, interval, exact test, what could be seen
    set_gaps(board, draws)        the same in each set
    pairs(board, draws)           a model against a model, over all languages, a tier, or one language

A mean is given only where nothing that enters it is missing: a model without one of the sets in one of the languages has
no score there, nor over all. Every figure comes with the interval of the same figure under the draws. A model without samples has
means and their intervals; what is paired has none, and no test.
"""

from __future__ import annotations

import numpy as np

from . import statistics
from .boards import BINARY, RATES, Board
from .bootstrap import Draws, corrected_interval, interval, observed_gaps
from .statistics import CONFIDENCE

TIERS = ("high", "low")


def _with_interval(value: np.ndarray, draws: np.ndarray) -> dict[str, np.ndarray]:
    low, high = interval(draws, CONFIDENCE)
    return {"value": np.asarray(value, float), "low": low, "high": high}


def cells(board: Board, draws: Draws) -> dict[str, np.ndarray]:
    """(S, M, L): items, score, interval. Wilson's for shares of single items, the draws' where items share a group."""
    low, high = interval(draws.means, CONFIDENCE)
    for place, one in enumerate(board.sets):
        if board.metric in BINARY and not one.clustered:
            low[place], high[place] = statistics.wilson(one.means * one.items, one.items)
    result = {"items": np.stack([one.items for one in board.sets]), "score": board.means, "low": low, "high": high}
    return result | {name: np.stack([one.rates[name] for one in board.sets]) for name in RATES}


def by_language(board: Board, draws: Draws) -> dict[str, np.ndarray]:
    """(M, L): score, interval, sets and items behind it, answered, in_language, and the score of what was answered."""
    scores = _with_interval(board.means.mean(axis=0), draws.means.mean(axis=1))
    found = {"score": scores["value"], "low": scores["low"], "high": scores["high"]}
    found["sets"] = (~np.isnan(board.means)).sum(axis=0)
    found["items"] = sum(one.items for one in board.sets)
    for name in RATES:
        found[name] = np.mean([one.rates[name] for one in board.sets], axis=0)
    if board.metric in BINARY and not np.isnan(found["answered"]).all():
        with np.errstate(invalid="ignore", divide="ignore"):
            found["of_answered"] = np.where(found["answered"] > 0, found["score"] / found["answered"], np.nan)
    return found


def leaderboard(board: Board, draws: Draws) -> dict:
    """name -> (M,) arrays, or {value, low, high} of (M,): the mean over languages, ranks, tiers, disparity."""
    scores, drawn = board.means.mean(axis=0), draws.means.mean(axis=1)
    found = {"score": _with_interval(scores.mean(axis=1), drawn.mean(axis=2))}
    found |= _ranks(found["score"]["value"], drawn.mean(axis=2))
    found["tasks"] = (~np.isnan(board.means)).sum(axis=(0, 2))
    found["of"] = np.full(len(board.models), board.means.shape[0] * board.means.shape[2])
    for tier in TIERS:
        if place := board.tier(tier):
            found[tier] = _with_interval(scores[:, place].mean(axis=1), drawn[:, :, place].mean(axis=2))
    drawn = np.where(board.alone.any(axis=1)[:, None], np.nan, drawn)  # how languages differ needs items in both
    whole = ~np.isnan(scores).any(axis=1)
    filled = np.where(whole[:, None], scores, 0.0)
    found["worst_language"] = [board.languages[i] if ok else None for i, ok in zip(filled.argmin(axis=1), whole)]
    found["best_language"] = [board.languages[i] if ok else None for i, ok in zip(filled.argmax(axis=1), whole)]
    for name, measure in DISPARITY.items():
        if name not in ("low_to_high", "high_minus_low") or (board.tier("high") and board.tier("low")):
            value = np.asarray(measure(board, scores), float)
            if name != "worst" and len(board.languages) < 2:  # nothing to differ from
                value = np.full_like(value, np.nan)
            low, high = corrected_interval(measure(board, drawn), value, CONFIDENCE)
            found[name] = {"value": value, "low": low, "high": high}
    return found


def _ranks(scores: np.ndarray, drawn: np.ndarray) -> dict[str, np.ndarray]:
    """Rank 1 for the best; the range that the middle 95 % of the draws give (Goldstein and Spiegelhalter 1996, J. R. Stat. Soc.
    A 159:385). NaN for models without a score; a score of unknown error is taken as it stands."""

    def rank(values):
        known = np.where(np.isnan(values), -np.inf, values)
        return (known[..., None, :] > known[..., :, None]).sum(axis=-1) + 1.0

    ranks = np.stack([rank(row) for row in np.where(np.isnan(drawn), scores, drawn)])
    low, high = np.quantile(ranks, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0, method="nearest")
    gone = np.isnan(scores)
    return {
        name: np.where(gone, np.nan, v) for name, v in (("rank", rank(scores)), ("rank_low", low), ("rank_high", high))
    }


def _share(over: np.ndarray, under: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(under > 0, over / under, np.nan)


#: name -> function of (board, scores with languages last). Formulas are told in FORMULAS.
DISPARITY = {
    "low_to_high": lambda board, x: _share(x[..., board.tier("low")].mean(-1), x[..., board.tier("high")].mean(-1)),
    "high_minus_low": lambda board, x: x[..., board.tier("high")].mean(-1) - x[..., board.tier("low")].mean(-1),
    "worst": lambda board, x: x.min(-1),
    "worst_to_best": lambda board, x: _share(x.min(-1), x.max(-1)),
    "spread": lambda board, x: x.max(-1) - x.min(-1),
    "deviation": lambda board, x: x.std(-1),
    "gini": lambda board, x: statistics.gini(x),
    "atkinson": lambda board, x: statistics.atkinson(x),
}
FORMULAS = {
    "score": "mean over languages of the mean over sets of the mean over items; every set and every language counts the same",
    "high": "mean of the scores of the high-resource languages",
    "low": "mean of the scores of the low-resource languages",
    "low_to_high": "low / high; 1 is equal service",
    "high_minus_low": "high - low",
    "worst": "the lowest score of a language",
    "worst_to_best": "lowest / highest score of a language",
    "spread": "highest - lowest score of a language",
    "deviation": "standard deviation of the scores of the languages, over their number",
    "gini": "sum of |x_i - x_j| over all pairs of languages / (2 n^2 mean); 0 is equal (Gini 1912)",
    "atkinson": "1 - geometric mean / arithmetic mean of the scores of the languages (Atkinson 1970, aversion 1); 0 is equal",
    "of_answered": "score / answered: the score among the items that were answered",
    "intervals": "95 % percentiles over draws of whole groups of items; of the disparity figures corrected for bias (Efron 1987)",
    "p": "exact two-sided sign test over groups of items, which is McNemar's where a group is one item; adjusted after Holm",
    "detectable": "2.80 standard errors: the least true difference found at level 0.05 with power 0.8",
}


def gaps(board: Board, draws: Draws) -> dict[str, np.ndarray] | None:
    """(M, L): a language minus English, paired on groups; None where English is not on the board.

    better, worse: groups in which the language's mean is above and below English's. p_holm is adjusted over all models and
    languages of the board.
    """
    if board.reference is None:
        return None
    gap, shared = observed_gaps(board)
    outcomes = [counted.sum(axis=0) for counted in _outcomes(board)]
    paired = ~(board.alone | board.alone[:, board.reference, None])
    return _gaps(board, gap.mean(axis=0), draws.gaps.mean(axis=1), outcomes, shared.sum(axis=0), paired)


def set_gaps(board: Board, draws: Draws) -> dict[str, np.ndarray] | None:
    """As `gaps`, (S, M, L): of each set by itself. p_holm is adjusted over all sets, models and languages of the board."""
    if board.reference is None:
        return None
    gap, shared = observed_gaps(board)
    return _gaps(board, gap, draws.gaps, _outcomes(board), shared, shared > 0)


def _outcomes(board: Board) -> np.ndarray:
    """(2, S, M, L): groups in which a language's mean is above, and below, the reference's."""
    found = []
    for one in board.sets:
        with np.errstate(invalid="ignore"):
            means = one.sums / one.counts
            ours = means[:, :, board.reference, None]
            found.append([(means > ours).sum(axis=0), (means < ours).sum(axis=0)])
    return np.stack(found, axis=1)


def _gaps(board: Board, value: np.ndarray, drawn: np.ndarray, outcomes, groups: np.ndarray, paired: np.ndarray) -> dict:
    found = _with_interval(value, drawn)
    known = ~np.isnan(value) & paired
    known[..., board.reference] = False
    p = np.where(known, statistics.sign_test(*outcomes), np.nan)
    return found | {
        "better": outcomes[0],
        "worse": outcomes[1],
        "groups": groups,
        "p": p,
        "p_holm": statistics.holm(p),
        "detectable": _detectable(drawn.std(axis=0, ddof=1)),
    }


def scopes(board: Board) -> dict[str, list[int]]:
    """What models are compared over: all languages, a tier, one language; name -> indices of languages."""
    found = {"all": board.tier("all")} | {tier: board.tier(tier) for tier in TIERS}
    found |= {code: [place] for place, code in enumerate(board.languages)}
    return {name: place for name, place in found.items() if place}


def pairs(board: Board, draws: Draws) -> dict[str, dict[str, np.ndarray]]:
    """scope -> arrays over the pairs of models (i < j, row by row): i's score minus j's.

    Over several languages the test takes one outcome a group (its sum in all of them), since an item in two languages is no
    two items. p_holm is adjusted over the pairs of its scope.
    """
    i, j = np.triu_indices(len(board.models), 1)
    return {name: _scope(board, draws, place, i, j) for name, place in scopes(board).items()}


def _scope(board: Board, draws: Draws, place: list[int], i: np.ndarray, j: np.ndarray) -> dict[str, np.ndarray]:
    scores = board.means[:, :, place].mean(axis=(0, 2))
    drawn = draws.means[:, :, :, place].mean(axis=(1, 3))
    alone = board.alone[:, place].any(axis=1)
    unpaired = alone[i] | alone[j]
    differences = np.where(unpaired, np.nan, drawn[:, i] - drawn[:, j])
    found = _with_interval(scores[i] - scores[j], differences)
    wins = np.zeros((len(board.models),) * 2, np.int64)
    for one in board.sets:
        sums = one.sums[:, :, place].sum(axis=2, dtype=np.float64)
        same = (one.counts[:, :, place] > 0).any(axis=2)
        for row in range(len(board.models)):
            wins[row] += ((sums[:, row, None] > sums) & same[:, row, None] & same).sum(axis=0)
    p = np.where(np.isnan(found["value"]) | unpaired, np.nan, statistics.sign_test(wins[i, j], wins[j, i]))
    return found | {
        "wins": wins[i, j],
        "losses": wins[j, i],
        "p": p,
        "p_holm": statistics.holm(p),
        "detectable": _detectable(differences.std(axis=0, ddof=1)),
    }


def _detectable(error: np.ndarray) -> np.ndarray:
    return np.where(error > 0, statistics.detectable(error), np.nan)
