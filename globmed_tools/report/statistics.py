"""The formulas of the report, on numpy arrays; each says where it comes from. Nothing here knows about languages or models.

>>> wilson(np.array([41]), np.array([100]))              # (low, high) of a proportion
(array([0.31868...]), array([0.50798...]))
>>> sign_test(np.array([12]), np.array([3]))             # exact, two-sided
array([0.03515625])
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

CONFIDENCE = 0.95
POWER = 0.8


def z(confidence: float = CONFIDENCE) -> float:
    """The normal quantile of a two-sided interval: 1.96 for 0.95."""
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def wilson(successes: np.ndarray, n: np.ndarray, confidence: float = CONFIDENCE) -> tuple[np.ndarray, np.ndarray]:
    """The score interval of a proportion (Wilson 1927, J. Am. Stat. Assoc. 22:209), without continuity correction.

    It holds its level at small n and at 0 or 1, where the Wald interval has no width (Newcombe 1998, Stat. Med. 17:857). NaN
    where n is 0.
    """
    n = np.asarray(n, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        share, square = successes / n, z(confidence) ** 2
        middle = (share + square / (2 * n)) / (1 + square / n)
        half = z(confidence) * np.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def sign_test(b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Exact two-sided p of b against c discordant pairs: twice the lower binomial(b + c, 1/2) tail, at most 1.

    On pairs of right and wrong this is McNemar's test (McNemar 1947, Psychometrika 12:153) in its exact form (Fagerland et al.
    2013, BMC Med. Res. Methodol. 13:91); on differences of groups of items it is the sign test over groups, which holds
    where the items of a group are not independent.
    """
    b, c = np.broadcast_arrays(np.asarray(b, np.int64), np.asarray(c, np.int64))
    n, least = (b + c).ravel(), np.minimum(b, c).ravel()
    if not n.size:
        return np.ones(b.shape)
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n.max() + 1)))])  # log k!
    p = np.ones(n.size)
    for many in np.unique(n):
        rows = np.flatnonzero(n == many)
        up_to = np.arange(least[rows].max() + 1)
        tail = np.cumsum(np.exp(logs[many] - logs[up_to] - logs[many - up_to] - many * np.log(2)))
        p[rows] = np.minimum(1.0, 2 * tail[least[rows]])
    return p.reshape(b.shape)


def holm(p: np.ndarray) -> np.ndarray:
    """p values adjusted for their number, step down (Holm 1979, Scand. J. Stat. 6:65). NaN entries are no tests and stay."""
    flat = np.asarray(p, float).ravel()
    adjusted, tests = np.full(flat.size, np.nan), np.flatnonzero(~np.isnan(flat))
    order = tests[np.argsort(flat[tests], kind="stable")]
    factors = np.arange(order.size, 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(flat[order] * factors))
    return adjusted.reshape(np.shape(p))


def detectable(error: np.ndarray, confidence: float = CONFIDENCE, power: float = POWER) -> np.ndarray:
    """The least true difference that a test at this level finds with this power: (z_{1-α/2} + z_power) x standard error.

    Bloom 1995, Evaluation Review 19:547; for language models Card et al. 2020, With Little Power Comes Great
    Responsibility, EMNLP. 2.80 standard errors at 0.05 and 0.8.
    """
    return (z(confidence) + NormalDist().inv_cdf(power)) * np.asarray(error)


def gini(values: np.ndarray, axis: int = -1) -> np.ndarray:
    """Gini coefficient: mean absolute difference of all pairs over twice the mean (Gini 1912); 0 equal, (n-1)/n one has all.

    Sorted form: sum_i (2i - n - 1) x_i / (n sum x), i from 1. NaN where the values sum to 0.
    """
    x = np.sort(np.moveaxis(np.asarray(values, float), axis, -1), axis=-1)
    n = x.shape[-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        total = x.sum(axis=-1)
        return np.where(total > 0, (x * (2 * np.arange(1, n + 1) - n - 1)).sum(axis=-1) / (n * total), np.nan)


def atkinson(values: np.ndarray, axis: int = -1) -> np.ndarray:
    """Atkinson index with aversion 1: 1 - geometric mean / arithmetic mean (Atkinson 1970, J. Econ. Theory 2:244).

    The share of the mean score that could be given up for the same welfare if all were served alike. 1 where any value is 0
    and not all are; NaN where all are.
    """
    x = np.asarray(values, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = x.mean(axis=axis)
        return np.where(mean > 0, np.maximum(0, 1 - np.exp(np.log(x).mean(axis=axis)) / mean), np.nan)


def spearman(x: np.ndarray, y: np.ndarray) -> float:
    """Rank correlation (Spearman 1904, Am. J. Psychol. 15:72), ties by mean ranks; NaN where it is undefined."""

    def ranks(values):
        _unique, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
        return (np.cumsum(counts) - (counts - 1) / 2)[inverse]

    a, b = ranks(np.asarray(x)), ranks(np.asarray(y))
    if a.size < 3 or a.std() == 0 or b.std() == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])
