"""Agreement between reviewers: figures that a paper can print, each with its source.

    units = [{"r1": 5, "r2": 4}, {"r1": 3, "r3": 3}, {"r2": 1}]        # one mapping an item: reviewer -> value
    percent_agreement(units)                                           # 0.5
    alpha(units, scale=(1, 2, 3, 4, 5), level="ordinal")
    alpha_interval(units, scale=(1, 2, 3, 4, 5), level="ordinal")      # Interval(low, high, undefined)

Items that one reviewer saw are part of a call where the formula has a use for them, and are left out where it has none; no
value is ever filled in. A figure that the data do not define (every answer the same, no item seen twice) is None, never 0
or 1. Why several figures: with skewed answers kappa and alpha can be near 0 though nearly all answers are equal, because
little disagreement is expected by chance; AC1 was made for that case. Print the three side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

Unit = Mapping[str, Any]
LEVELS = ("nominal", "ordinal", "interval")
WEIGHTS = ("identity", "linear", "quadratic")
RESAMPLES, SEED, SHARE = 1000, 5, 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A bootstrap interval. undefined: resamples in which every answer was the same, so that they have no alpha; they
    count for neither end."""

    low: float
    high: float
    undefined: int


def counts(units: Sequence[Unit], scale: Sequence[Any]):
    """Array items x values: how many reviewers gave this value to that item. ValueError for a value off the scale."""
    import numpy as np

    places = {value: place for place, value in enumerate(scale)}
    table = np.zeros((len(units), len(scale)), dtype=int)
    for row, unit in enumerate(units):
        for reviewer, value in unit.items():
            if value not in places:
                raise ValueError(f"{reviewer}: {value!r} is not on the scale {list(scale)}")
            table[row, places[value]] += 1
    return table


def percent_agreement(units: Sequence[Unit]) -> float | None:
    """The share of agreeing pairs of reviewers of an item, averaged over the items that at least two saw: observed
    agreement as in Fleiss (1971), "Measuring nominal scale agreement among many raters", Psychological Bulletin 76(5).
    With two reviewers: the share of items with equal answers."""
    shares = []
    for unit in units:
        if len(unit) > 1:
            pairs = len(unit) * (len(unit) - 1)
            shares.append(sum(n * (n - 1) for n in Counter(unit.values()).values()) / pairs)
    return sum(shares) / len(shares) if shares else None


def alpha(units: Sequence[Unit], scale: Sequence[Any], level: str) -> float | None:
    """Krippendorff's alpha, 1 - observed / expected disagreement, by the library of that name: Krippendorff (2011),
    "Computing Krippendorff's Alpha-Reliability". level: nominal, ordinal or interval (then the scale holds numbers).
    None where no two reviewers met or all whose answers can be paired gave the same one."""
    return _alpha(_paired(counts(units, scale)), scale, level)


def alpha_interval(
    units: Sequence[Unit],
    scale: Sequence[Any],
    level: str,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    share: float = SHARE,
) -> Interval | None:
    """The percentile bootstrap interval of `alpha`: items are drawn with replacement, an item with all its answers
    together, as Efron and Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13. The same seed gives the same
    interval. None where alpha itself is undefined."""
    import numpy as np

    table = _paired(counts(units, scale))
    if _alpha(table, scale, level) is None:
        return None
    draw = np.random.default_rng(seed)
    made = _alphas(table, draw.multinomial(len(table), np.full(len(table), 1 / len(table)), resamples), scale, level)
    defined = made[~np.isnan(made)]
    if not len(defined):
        return None
    low, high = np.quantile(defined, [(1 - share) / 2, (1 + share) / 2])
    return Interval(float(low), float(high), resamples - len(defined))


def _paired(table):
    return table[table.sum(axis=1) > 1]


def _alpha(table, scale: Sequence[Any], level: str) -> float | None:
    import krippendorff

    if level not in LEVELS:
        raise ValueError(f"level {level!r}; one of {', '.join(LEVELS)}")
    if (table.sum(axis=0) > 0).sum() < 2:
        return None
    domain = list(scale) if level == "interval" else list(range(len(scale)))
    return float(krippendorff.alpha(value_counts=table, value_domain=domain, level_of_measurement=level))


def _alphas(table, times, scale: Sequence[Any], level: str):
    """Alpha of many resamples at once, NaN where it is undefined; the library takes them one by one, which for all
    languages and questions of a review lasts as long as a minute. times: resamples x items, how often each was drawn.

    Coincidences of values k and l, summed over the items drawn: o_kl = n_ik n_il / (m_i - 1), less the pairs of an answer
    with itself; expected are e_kl = n_k n_l / (n - 1), less the same. Distances: nominal 1, interval (k - l)^2, ordinal the
    squared difference of the values' mid-ranks, which is Krippendorff's sum over the values between them.
    """
    import numpy as np

    own = np.eye(table.shape[1])
    pairs = table[:, :, None] * table[:, None, :] - table[:, :, None] * own
    met = np.tensordot(times, pairs / (table.sum(axis=1) - 1)[:, None, None], 1)
    n = met.sum(axis=2)
    expected = (n[:, :, None] * n[:, None, :] - n[:, :, None] * own) / (n.sum(axis=1) - 1)[:, None, None]
    if level == "nominal":
        apart = np.broadcast_to(1 - own, met.shape)
    else:
        places = np.cumsum(n, axis=1) - n / 2 if level == "ordinal" else np.array([scale], dtype=float)
        apart = np.square(places[:, :, None] - places[:, None, :])
    defined = (n > 0).sum(axis=1) > 1
    made = np.full(len(times), np.nan)
    made[defined] = 1 - ((met * apart).sum(axis=(1, 2))[defined] / (expected * apart).sum(axis=(1, 2))[defined])
    return made


def kappa(one: Sequence[Any], other: Sequence[Any], scale: Sequence[Any], weights: str) -> float | None:
    """Cohen's kappa of two reviewers over the same items, by scikit-learn: Cohen (1960), "A coefficient of agreement for
    nominal scales"; with linear or quadratic weights Cohen (1968), "Weighted kappa". None where both gave one and the
    same value throughout."""
    from sklearn.metrics import cohen_kappa_score

    places = {value: place for place, value in enumerate(scale)}
    first, second = [places[value] for value in one], [places[value] for value in other]
    if len({*first, *second}) < 2:
        return None
    given = None if weights == "identity" else weights
    return float(cohen_kappa_score(first, second, labels=list(range(len(scale))), weights=given))


@dataclass(frozen=True, slots=True)
class MeanKappa:
    """The mean of the kappas of some pairs of reviewers, each weighted by the items that the two shared."""

    value: float
    pairs: int
    items: int


def mean_kappa(units: Sequence[Unit], scale: Sequence[Any], weights: str, *, least: int = 2) -> MeanKappa | None:
    """`kappa` over every pair of reviewers who share at least `least` items and for whom it is defined, averaged as
    Light (1971), "Measures of response agreement for qualitative data", weighted by shared items. With two reviewers it
    is their kappa. None where there is no such pair."""
    shared: dict[tuple[str, str], list[tuple[Any, Any]]] = {}
    for unit in units:
        for a, b in combinations(sorted(unit), 2):
            shared.setdefault((a, b), []).append((unit[a], unit[b]))
    found = []
    for pairs in shared.values():
        if len(pairs) >= least and (value := kappa(*zip(*pairs), scale, weights)) is not None:
            found.append((value, len(pairs)))
    if not found:
        return None
    items = sum(n for _, n in found)
    return MeanKappa(sum(value * n for value, n in found) / items, len(found), items)


def gwet(units: Sequence[Unit], scale: Sequence[Any], weights: str = "identity") -> float | None:
    """Gwet's AC1 (identity weights) or AC2 (linear or quadratic) for any number of reviewers and missing answers.

    Gwet (2008), "Computing inter-rater reliability and its variance in the presence of high agreement", British Journal of
    Mathematical and Statistical Psychology 61; with weights Gwet (2014), "Handbook of Inter-Rater Reliability", 4th ed. With r_ik of the r_i
    reviewers of item i choosing value k of q, and w_kl the weights:

        p_a = mean over items with r_i >= 2 of   sum_k r_ik (sum_l w_kl r_il - 1) / (r_i (r_i - 1))
        pi_k = mean over items with r_i >= 1 of  r_ik / r_i
        p_e = sum_kl w_kl / (q (q - 1)) * sum_k pi_k (1 - pi_k)
        AC = (p_a - p_e) / (1 - p_e)

    q is the number of values on the scale, not of those that somebody used. None where no item was seen twice.
    """
    import numpy as np

    table, w = counts(units, scale), _weights(len(scale), weights)
    table = table[table.sum(axis=1) > 0]
    raters = table.sum(axis=1, keepdims=True)
    paired = table[raters[:, 0] > 1]
    if not len(paired):
        return None
    n = paired.sum(axis=1)
    observed = float(np.mean((paired * (paired @ w - 1)).sum(axis=1) / (n * (n - 1))))
    pi = (table / raters).mean(axis=0)
    q = len(scale)
    expected = float(w.sum() / (q * (q - 1)) * (pi * (1 - pi)).sum())
    return (observed - expected) / (1 - expected)


def _weights(q: int, kind: str):
    """Agreement weights: 1 on the diagonal, falling to 0 between the ends of the scale."""
    import numpy as np

    if kind not in WEIGHTS:
        raise ValueError(f"weights {kind!r}; one of {', '.join(WEIGHTS)}")
    if kind == "identity":
        return np.eye(q)
    apart = np.abs(np.subtract.outer(np.arange(q), np.arange(q))) / (q - 1)
    return 1 - apart ** (1 if kind == "linear" else 2)


def confusions(units: Sequence[Unit], scale: Sequence[Any]) -> list[tuple[Any, Any, int]]:
    """(lower value, higher value, times): the pairs of different answers to one item, the commonest first."""
    places = {value: place for place, value in enumerate(scale)}
    met: Counter = Counter()
    for unit in units:
        for a, b in combinations(unit.values(), 2):
            if a != b:
                met[tuple(sorted((a, b), key=places.__getitem__))] += 1
    return [
        (a, b, n) for (a, b), n in sorted(met.items(), key=lambda one: (-one[1], places[one[0][0]], places[one[0][1]]))
    ]
