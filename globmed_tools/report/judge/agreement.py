"""How far two or more raters agree, with intervals over groups of items. Maths alone.

    kappas(tables)         (R,) from (R, Q, Q) counts of (one's value, the other's value)
    alphas(tables)         (R,) from (R, Q, Q) coincidences
    figure(kappas, by_group, draws) -> {"value", "low", "high"}

A figure that the data do not define (everybody gave one value throughout) is NaN, never 0 or 1. Whole groups are drawn, each with
its replies in all languages and by all models, as everywhere in the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..bootstrap import interval
from ..statistics import CONFIDENCE

SEED = 20260105
GROUPS = 10


def kappas(tables: np.ndarray) -> np.ndarray:
    """Cohen's kappa with quadratic weights (Cohen 1968, Psychological Bulletin 70:213) of each table: 1 - sum w o / sum w e, with
    w the squared distance of two places, o the shares met and e the product of their margins."""
    tables = np.asarray(tables, float)
    places = np.arange(tables.shape[-1])
    apart = np.square(places[:, None] - places[None, :])
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = tables / tables.sum(axis=(-2, -1), keepdims=True)
        chance = shares.sum(axis=-1)[..., :, None] * shares.sum(axis=-2)[..., None, :]
        expected = (apart * chance).sum(axis=(-2, -1))
        return np.where(expected > 0, 1 - (apart * shares).sum(axis=(-2, -1)) / expected, np.nan)


def alphas(tables: np.ndarray) -> np.ndarray:
    """Krippendorff's alpha for ordered values (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability) of each table of
    coincidences; the distance of two values is the squared difference of their mid-ranks."""
    tables = np.asarray(tables, float)
    n = tables.sum(axis=-1)
    expected = n[..., :, None] * n[..., None, :] - n[..., :, None] * np.eye(n.shape[-1])
    ranks = np.cumsum(n, axis=-1) - n / 2
    apart = np.square(ranks[..., :, None] - ranks[..., None, :])
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = (expected * apart).sum(axis=(-2, -1)) / (n.sum(axis=-1) - 1)
        return np.where(expected > 0, 1 - (tables * apart).sum(axis=(-2, -1)) / expected, np.nan)


def crossed(pairs: Iterable[tuple[Any, int, int]], size: int) -> np.ndarray:
    """(groups, Q, Q) counts of (group, one's place, the other's place)."""
    by: dict[Any, np.ndarray] = {}
    for group, one, other in pairs:
        if group not in by:
            by[group] = np.zeros((size, size))
        by[group][one, other] += 1
    return np.stack([by[group] for group in sorted(by)]) if by else np.zeros((0, size, size))


def coincidences(units: Iterable[tuple[Any, Sequence[int]]], size: int) -> np.ndarray:
    """(groups, Q, Q) coincidences of (group, the places that the raters of one reply gave); a lone rater has none."""
    by: dict[Any, np.ndarray] = {}
    for group, places in units:
        if len(places) < 2:
            continue
        n = np.bincount(places, minlength=size).astype(float)
        if group not in by:
            by[group] = np.zeros((size, size))
        by[group] += (np.outer(n, n) - np.diag(n)) / (len(places) - 1)
    return np.stack([by[group] for group in sorted(by)]) if by else np.zeros((0, size, size))


class Draws:
    """How often each of so many groups is drawn: the same for every figure over that many groups."""

    def __init__(self, seed: int = SEED, resamples: int = 2000):
        self.seed, self.resamples = seed, resamples
        self._made: dict[int, np.ndarray] = {}

    def of(self, groups: int) -> np.ndarray:
        """(resamples, groups)."""
        if groups not in self._made:
            random = np.random.default_rng([self.seed, groups])
            self._made[groups] = random.multinomial(groups, np.full(groups, 1 / groups), self.resamples).astype(float)
        return self._made[groups]


def figure(measure: Callable[[np.ndarray], np.ndarray], by_group: np.ndarray, draws: Draws) -> dict[str, float]:
    """A measure of summed tables, and its percentile interval over draws of groups (Efron and Tibshirani 1993, chapter 13). Draws
    in which it is not defined count for neither end; there is no interval where more than a tenth are such, nor from fewer
    than GROUPS groups: resampling so few would promise too much."""
    empty = {"value": np.nan, "low": np.nan, "high": np.nan}
    if not len(by_group):
        return empty
    value = float(measure(by_group.sum(axis=0)[None])[0])
    flat = by_group.reshape(len(by_group), -1)
    drawn = measure((draws.of(len(flat)) @ flat).reshape(-1, *by_group.shape[1:]))
    drawn = drawn[np.isfinite(drawn)]
    if np.isnan(value) or len(by_group) < GROUPS or len(drawn) < 0.9 * draws.resamples:
        return empty | {"value": value}
    low, high = interval(drawn, CONFIDENCE)
    return {"value": value, "low": float(low), "high": float(high)}


def means(sums: np.ndarray) -> np.ndarray:
    """(R,) from (R, 2) sums and counts."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums[:, 0] / sums[:, 1]


def correlations(sums: np.ndarray) -> np.ndarray:
    """(R,) Pearson's correlation from (R, 6): n, x, y, xx, yy, xy."""
    n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(np.maximum(xx - x * x / n, 0) * np.maximum(yy - y * y / n, 0))
        return np.where(spread > 1e-9, (xy - x * y / n) / spread, np.nan)


def summed(rows: Iterable[tuple[Any, Sequence[float]]], size: int) -> np.ndarray:
    """(groups, size) sums of (group, numbers)."""
    by: Mapping[Any, np.ndarray] = {}
    for group, numbers in rows:
        if group not in by:
            by[group] = np.zeros(size)
        by[group] += numbers
    return np.stack([by[group] for group in sorted(by)]) if by else np.zeros((0, size))
