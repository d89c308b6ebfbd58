"""Resampling groups: one draw of groups stands for all models and languages at once, so that every difference is paired.

    draws = Draws(board, seed=7, resamples=2000)
    draws.means      (R, S, M, L) float32: the scores had other groups been drawn, NaN where a model has no run
    draws.gaps       (R, S, M, L): score minus the English one, over the groups that both have

The cluster bootstrap (Davison and Hinkley 1997, section 3.8; Field and Welsh 2007, J. R. Stat. Soc. B 69:369): whole groups
are drawn with replacement, each with all its items in all its languages and by all models, within each set. Intervals are
percentiles (Efron and Tibshirani 1993, chapter 13). The same seed gives the same draws, whatever else is on the report.

A model without samples has no groups to draw. Its means are drawn from the normal distribution around them (Efron and Tibshirani
1993, chapter 6), each set by itself and all languages of a set with one deviation: they hold the same items, and nobody knows how
alike the answers are. So its intervals over several languages are the widest that their errors allow; gaps have none.
"""

from __future__ import annotations

import numpy as np
import xxhash

from .boards import Board, SetScores

RESAMPLES = 2000
#: Weights are made in blocks of at most this many numbers.
_BLOCK = 4_000_000


class Draws:
    """The scores of a board under resampled groups; see the module's docstring."""

    def __init__(self, board: Board, seed: int, resamples: int = RESAMPLES):
        shape = (resamples, len(board.sets), len(board.models), len(board.languages))
        self.means = np.full(shape, np.nan, np.float32)
        self.gaps = None if board.reference is None else np.full(shape, np.nan, np.float32)
        for place, one in enumerate(board.sets):
            self._draw(
                one, place, board.reference, np.random.default_rng([seed, xxhash.xxh32_intdigest(one.name.encode())])
            )

    def _draw(self, one: SetScores, place: int, reference: int | None, random: np.random.Generator) -> None:
        if len(one.groups):
            self._groups(one, place, reference, random)
        if one.alone:
            deviations = random.standard_normal((len(self.means), len(one.alone.means), 1), np.float32)
            drawn = np.clip(one.alone.means + one.alone.errors * deviations, 0, 1)
            self.means[:, place] = np.where(one.alone.there, drawn, self.means[:, place])

    def _groups(self, one: SetScores, place: int, reference: int | None, random: np.random.Generator) -> None:
        groups = len(one.groups)
        step = max(1, _BLOCK // groups)
        pair = None if reference is None else _pairs(one, reference)
        for start in range(0, len(self.means), step):
            rows = slice(start, min(start + step, len(self.means)))
            weights = _weights(random, rows.stop - start, groups)
            self.means[rows, place] = _weighted(weights, one.sums, one.counts)
            if reference is None:
                continue
            if pair is None:
                means = self.means[rows, place]
                self.gaps[rows, place] = means - means[:, :, reference, None]
            else:
                theirs, ours = pair
                self.gaps[rows, place] = _weighted(weights, *theirs) - _weighted(weights, *ours)


def _weights(random: np.random.Generator, draws: int, groups: int) -> np.ndarray:
    """(draws, groups) float32: how often each group was drawn."""
    drawn = random.integers(0, groups, (draws, groups), dtype=np.int32).astype(np.int64)
    drawn += np.arange(draws)[:, None] * groups
    return np.bincount(drawn.ravel(), minlength=draws * groups).reshape(draws, groups).astype(np.float32)


def _weighted(weights: np.ndarray, sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """(draws, M, L): the ratio of weighted sums and counts."""
    shape = (len(weights), *sums.shape[1:])
    with np.errstate(invalid="ignore", divide="ignore"):
        return ((weights @ sums.reshape(len(sums), -1)) / (weights @ counts.reshape(len(counts), -1))).reshape(shape)


def _pairs(one: SetScores, reference: int):
    """Sums and counts of the groups that a language shares with the reference, of both; None where all are shared."""
    there = one.counts > 0
    both = there & there[:, :, reference, None]
    if np.array_equal(both, there) and np.array_equal(both, np.broadcast_to(there[:, :, reference, None], both.shape)):
        return None
    ours = [np.where(both, array[:, :, reference, None], 0) for array in (one.sums, one.counts)]
    return [np.where(both, array, 0) for array in (one.sums, one.counts)], ours


def interval(draws: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """(low, high) percentiles over the first axis; NaN where any draw is, or where all draws are the same.

    Where nothing varies (all right, all wrong) resampling knows no uncertainty, which is not to say that there is none.
    """
    low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    still = draws.min(axis=0) == draws.max(axis=0)
    return np.where(still, np.nan, low), np.where(still, np.nan, high)


def observed_gaps(board: Board) -> tuple[np.ndarray, np.ndarray]:
    """(S, M, L) score minus the reference's over the groups that both have, and (S, M, L) how many those are.

    Where either is a mean alone the gap is that of the means, and no group is shared.
    """
    gaps, shared = [], []
    for one in board.sets:
        pair = _pairs(one, board.reference)
        there = one.counts > 0
        shared.append((there & there[:, :, board.reference, None]).sum(axis=0))
        ones = np.ones((1, len(one.groups)), np.float32)
        gap = one.means - one.means[:, board.reference, None]
        if pair is not None:
            paired = (_weighted(ones, *pair[0]) - _weighted(ones, *pair[1]))[0]
            alone = one.alone.there if one.alone else np.zeros(gap.shape, bool)
            gap = np.where(alone | alone[:, board.reference, None], gap, paired)
        gaps.append(gap)
    return np.stack(gaps), np.stack(shared)


def corrected_interval(draws: np.ndarray, value: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """(low, high) percentiles over the first axis, corrected for bias (BC: Efron 1987, J. Am. Stat. Assoc. 82:171).

    For figures that noise drives one way: the lowest of many scores comes out lower under resampling, a spread wider. The
    percentiles are shifted by how much of the draws lies below the value. NaN as in `interval`, and where no draw lies on one
    side of the value.
    """
    from statistics import NormalDist

    normal = NormalDist()
    flat, values = draws.reshape(len(draws), -1), np.ravel(value)
    found = np.full((2, values.size), np.nan)
    for column, one in enumerate(values):
        drawn = flat[:, column]
        below = (drawn < one).mean() + (drawn == one).mean() / 2
        if np.isnan(one) or np.isnan(drawn).any() or not 0 < below < 1 or drawn.min() == drawn.max():
            continue
        shift = 2 * normal.inv_cdf(below)
        edges = [normal.cdf(shift + normal.inv_cdf(edge)) for edge in ((1 - confidence) / 2, (1 + confidence) / 2)]
        found[:, column] = np.quantile(drawn, edges)
    return found[0].reshape(np.shape(value)), found[1].reshape(np.shape(value))
