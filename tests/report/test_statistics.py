"""The formulas, against worked examples of their sources, exact fractions and (where it is installed) scipy."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest

from globmed_tools.report import statistics


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_intervals_of_newcombe_1998(successes, n, low, high):
    found = statistics.wilson(np.array([successes]), np.array([n]))
    assert [round(float(edge[0]), 4) for edge in found] == [low, high]


def test_wilson_of_nothing_is_nothing():
    assert np.isnan(statistics.wilson(np.array([0]), np.array([0]))).all()


def test_the_sign_test_is_the_exact_binomial():
    pairs = [(b, c) for b in range(9) for c in range(9)] + [(40, 70), (500, 430)]
    found = statistics.sign_test(*np.array(pairs).T)
    for (b, c), p in zip(pairs, found):
        n, least = b + c, min(b, c)
        exact = min(Fraction(1), 2 * Fraction(sum(comb(n, k) for k in range(least + 1)), 2**n))
        assert p == pytest.approx(float(exact), rel=1e-9), (b, c)


def test_holm_steps_down_and_never_back():
    p = np.array([[0.01, 0.04], [np.nan, 0.03]])
    found = statistics.holm(p)
    assert found[0].tolist() == pytest.approx([0.03, 0.06]) and found[1, 1] == pytest.approx(0.06)
    assert np.isnan(found[1, 0])
    assert statistics.holm(np.array([0.5, 0.9])).tolist() == [1.0, 1.0]


def test_gini_is_the_mean_difference_of_all_pairs():
    values = np.array([[0.2, 0.4, 0.9], [0.5, 0.5, 0.5], [0, 0, 1.0]])
    brute = [np.abs(row[:, None] - row).sum() / (2 * 9 * row.mean()) for row in values]
    assert statistics.gini(values).tolist() == pytest.approx(brute)
    assert statistics.gini(values)[1:].tolist() == pytest.approx([0, 2 / 3])
    assert np.isnan(statistics.gini(np.zeros(3)))


def test_atkinson_is_one_less_the_ratio_of_means():
    assert float(statistics.atkinson(np.array([0.2, 0.8]))) == pytest.approx(1 - 0.4 / 0.5)
    assert float(statistics.atkinson(np.array([0.5, 0.5]))) == pytest.approx(0)
    assert float(statistics.atkinson(np.array([0.0, 0.5]))) == 1
    assert np.isnan(statistics.atkinson(np.zeros(2)))


def test_what_can_be_seen_is_2_80_standard_errors():
    assert float(statistics.detectable(np.array(0.01))) == pytest.approx(0.0280, abs=5e-5)


def test_against_scipy():
    stats = pytest.importorskip("scipy.stats")
    random = np.random.default_rng(3)
    b, c = random.integers(0, 400, (2, 60))
    theirs = [stats.binomtest(int(x), int(x + y)).pvalue if x + y else 1.0 for x, y in zip(b, c)]
    assert statistics.sign_test(b, c).tolist() == pytest.approx(theirs, rel=1e-8)
    x, y = random.integers(0, 9, (2, 40))
    assert statistics.spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic)
    for successes, n in ((3, 40), (200, 201)):
        interval = stats.binomtest(successes, n).proportion_ci(method="wilson")
        found = statistics.wilson(np.array([successes]), np.array([n]))
        assert [float(edge[0]) for edge in found] == pytest.approx([interval.low, interval.high])
    assert statistics.holm(np.array([0.01, 0.02, 0.03])).tolist() == pytest.approx([0.03, 0.04, 0.04])
