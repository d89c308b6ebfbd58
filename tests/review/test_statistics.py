"""Agreement figures: published worked examples, figures worked out by hand beside the test, and the libraries."""

from __future__ import annotations

import math

import krippendorff
import numpy as np
import pytest
from globmed_curation.review import statistics as stats

FIVE = (1, 2, 3, 4, 5)
#: Krippendorff (2011), section C: four observers, twelve units, values missing (0 here).
OBSERVERS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3),
    (0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0),
)
UNITS = [{f"r{n}": row[unit] for n, row in enumerate(OBSERVERS) if row[unit]} for unit in range(12)]


def two(cells: dict[tuple, int]) -> list[dict]:
    """Units of two reviewers from the cells of their table."""
    return [{"a": a, "b": b} for (a, b), n in cells.items() for _ in range(n)]


@pytest.mark.parametrize("level, figure", [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_is_that_of_krippendorffs_own_example(level, figure):
    assert round(stats.alpha(UNITS, FIVE, level), 3) == figure


def test_alpha_of_labels_goes_by_their_order_on_the_scale():
    words = ("nothing", "little", "some", "much", "all")
    named = [{reviewer: words[value - 1] for reviewer, value in unit.items()} for unit in UNITS]
    assert stats.alpha(named, words, "ordinal") == stats.alpha(UNITS, FIVE, "ordinal")
    shuffled = ("all", "little", "nothing", "much", "some")
    assert stats.alpha(named, shuffled, "ordinal") != stats.alpha(named, words, "ordinal")
    assert stats.alpha(named, shuffled, "nominal") == pytest.approx(stats.alpha(named, words, "nominal"))


@pytest.mark.parametrize("level", stats.LEVELS)
def test_alpha_of_many_resamples_is_that_of_the_library_for_each(level):
    draw = np.random.default_rng(2)
    table = draw.multinomial(3, [0.1, 0.1, 0.2, 0.3, 0.3], 30)
    table[:10] = draw.multinomial(2, [0.6, 0.1, 0.1, 0.1, 0.1], 10)
    times = draw.multinomial(30, np.full(30, 1 / 30), 50)
    times[0] = 0
    times[0, np.flatnonzero((table == 2).any(axis=1) & (table.sum(axis=1) == 2))[0]] = (
        30  # one item, one value: undefined
    )
    found = stats._alphas(table, times, FIVE, level)
    for one, drawn in zip(found[1:], times[1:]):
        again = np.repeat(table, drawn, axis=0)
        domain = {"value_domain": list(FIVE), "level_of_measurement": level}
        assert one == pytest.approx(krippendorff.alpha(value_counts=again, **domain), abs=1e-12)
    assert np.isnan(found[0]) and not np.isnan(found[1:]).any()


def test_alpha_by_hand():
    # Two reviewers, items (1,1) (1,2) (2,2). Coincidences: o11 = 2, o12 = o21 = 1, o22 = 2; n1 = n2 = 3, n = 6.
    # Observed disagreement 2/6; expected (3*3 + 3*3) / (6*5) = 18/30. alpha = 1 - (1/3) / (3/5) = 4/9.
    units = two({(1, 1): 1, (1, 2): 1, (2, 2): 1})
    for level in stats.LEVELS:  # of two values only the order does not matter
        assert stats.alpha(units, (1, 2), level) == pytest.approx(4 / 9)


def test_an_item_that_one_reviewer_saw_does_not_move_alpha_but_moves_ac1():
    more = [*UNITS, *({"r1": 5} for _ in range(9))]
    assert stats.alpha(more, FIVE, "ordinal") == stats.alpha(UNITS, FIVE, "ordinal")
    assert stats.alpha_interval(more, FIVE, "ordinal") == stats.alpha_interval(UNITS, FIVE, "ordinal")
    assert stats.percent_agreement(more) == stats.percent_agreement(UNITS)
    assert stats.gwet(more, FIVE) != stats.gwet(UNITS, FIVE)  # chance agreement is judged by all answers


def test_ac1_with_skewed_answers():
    # Gwet (2008): 118 times both +, 5 and 2 times one of them, never both -. p_a = 118/125 = .944.
    # pi+ = (123 + 120) / 250 = .972; p_e = 2 * .972 * .028 = .054432; AC1 = (.944 - .054432) / (1 - .054432) = .9408.
    # Cohen: p_e = .984 * .96 + .016 * .04 = .94528; kappa = (.944 - .94528) / (1 - .94528) = -.0234.
    units = two({("+", "+"): 118, ("+", "-"): 5, ("-", "+"): 2})
    assert round(stats.gwet(units, "+-"), 4) == 0.9408
    assert round(stats.mean_kappa(units, "+-", "identity").value, 4) == -0.0234
    assert stats.percent_agreement(units) == pytest.approx(0.944)


def test_ac1_of_four_reviewers_with_missing_answers():
    # Observed agreement by hand: eleven units have two answers or more (the twelfth has one). Equal throughout in 1, 3, 4,
    # 5, 7, 9, 10, 11; unit 2 has 2 2 3 2: 6/12; unit 6 has 1 2 3 4: 0; unit 8 has 1 1 2 1: 6/12. (8 + .5 + 0 + .5) / 11.
    assert stats.percent_agreement(UNITS) == pytest.approx(9 / 11)
    # pi over all twelve: 1: (1 + 1/4 + 3/4 + 1)/12, 2: (3/4 + 1 + 1/4 + 1/4 + 1)/12, 3: (1/4 + 2 + 1/4 + 1)/12,
    # 4: (1/4 + 1)/12, 5: 1/12, that is 3, 3.25, 3.5, 1.25, 1 of 12.
    pi = [part / 12 for part in (3, 3.25, 3.5, 1.25, 1)]
    expected = sum(one * (1 - one) for one in pi) / 4
    assert stats.gwet(UNITS, FIVE) == pytest.approx((9 / 11 - expected) / (1 - expected))
    assert round(stats.gwet(UNITS, FIVE), 3) == 0.775


def test_ac1_counts_the_values_of_the_scale_that_nobody_used():
    units = two({(4, 4): 1, (4, 5): 1, (5, 5): 1})
    # p_a = 2/3, pi4 = pi5 = 1/2. On a scale of two p_e = (1/4 + 1/4) / 1, on one of five (1/4 + 1/4) / 4.
    assert stats.gwet(units, (4, 5)) == pytest.approx((2 / 3 - 1 / 2) / (1 - 1 / 2))
    assert stats.gwet(units, FIVE) == pytest.approx((2 / 3 - 1 / 8) / (1 - 1 / 8))


def test_ac2_by_hand():
    # Scale 1..3, linear weights 1, .5, 0. Items (1,1) (1,2) (1,3): p_a = (1 + .5 + 0) / 3 = .5. pi = 4/6, 1/6, 1/6.
    # Sum of pi (1 - pi) = 2/9 + 5/36 + 5/36 = 1/2. Sum of weights 3 + 4 * .5 = 5; p_e = 5/6 * 1/2 = 5/12.
    units = two({(1, 1): 1, (1, 2): 1, (1, 3): 1})
    assert stats.gwet(units, (1, 2, 3), "linear") == pytest.approx((1 / 2 - 5 / 12) / (1 - 5 / 12))
    # Quadratic weights 1, .75, 0: p_a = 1.75/3, sum of weights 3 + 4 * .75 = 6, p_e = 1/2.
    assert stats.gwet(units, (1, 2, 3), "quadratic") == pytest.approx((1.75 / 3 - 1 / 2) / (1 - 1 / 2))


def test_kappa_by_hand():
    # 20 both yes, 15 both no, 5 and 10 apart: p_o = .7, p_e = .5 * .6 + .5 * .4 = .5, kappa = .4.
    units = two({("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15})
    assert stats.mean_kappa(units, ("yes", "no"), "identity") == stats.MeanKappa(pytest.approx(0.4), 1, 50)


@pytest.mark.parametrize(
    "weights, figure", [("linear", 1 - (3 / 4) / (14 / 16)), ("quadratic", 1 - (5 / 4) / (20 / 16))]
)
def test_weighted_kappa_by_hand(weights, figure):
    # Four items: (1,1) (1,3) (2,2) (3,2); observed distance linear (0 + 2 + 0 + 1) / 4 = 3/4, quadratic 5/4.
    # First: 1 1 2 3, second: 1 3 2 2. Expected linear: sum over all 16 pairs: 1 (twice): 0 + 2 + 1 + 1 = 4 each, 2: 1 + 1 = 2,
    # 3: 2 + 0 + 1 + 1 = 4; 14/16. Quadratic: 1: 0 + 4 + 1 + 1 = 6 each, 2: 1 + 1 = 2, 3: 4 + 0 + 1 + 1 = 6; 20/16.
    units = two({(1, 1): 1, (1, 3): 1, (2, 2): 1, (3, 2): 1})
    assert stats.mean_kappa(units, (1, 2, 3), weights).value == pytest.approx(figure)


def test_the_mean_kappa_goes_by_shared_items_and_passes_over_pairs_that_share_few():
    same = [{"a": 1, "b": 1}, {"a": 2, "b": 2}] * 3  # kappa 1 over 6 items
    apart = [{"b": 1, "c": 2}, {"b": 2, "c": 1}]  # kappa -1 over 2 items
    assert stats.mean_kappa([*same, *apart], (1, 2), "identity") == stats.MeanKappa(pytest.approx(4 / 8), 2, 8)
    assert stats.mean_kappa([*same, *apart], (1, 2), "identity", least=3) == stats.MeanKappa(1.0, 1, 6)
    assert stats.mean_kappa([*same, *apart], (1, 2), "identity", least=7) is None


def test_agreement_of_fourteen_raters_by_hand():
    # One item on which 7 chose one value and 7 another: (7*6 + 7*6) / (14*13) = 84/182; one on which all agree: 1.
    split = {f"r{n}": n % 2 for n in range(14)}
    assert stats.percent_agreement([split, dict.fromkeys(split, 1)]) == pytest.approx((84 / 182 + 1) / 2)


def test_what_the_data_do_not_define_is_none():
    alone, same = [{"a": 3}, {"b": 4}], two({(5, 5): 4})
    assert stats.percent_agreement(alone) is stats.percent_agreement([]) is None
    assert stats.gwet(alone, FIVE) is stats.gwet([], FIVE) is stats.alpha(alone, FIVE, "ordinal") is None
    assert stats.alpha(same, FIVE, "ordinal") is stats.alpha_interval(same, FIVE, "ordinal") is None
    assert stats.mean_kappa(same, FIVE, "linear") is None and stats.gwet(same, FIVE) == 1
    with pytest.raises(ValueError, match="r9: 6 is not on the scale"):
        stats.gwet([{"r9": 6}], FIVE)


def test_the_interval_is_seeded_holds_the_figure_and_says_what_it_left_out():
    found = stats.alpha_interval(UNITS, FIVE, "ordinal")
    assert found == stats.alpha_interval(UNITS, FIVE, "ordinal") != stats.alpha_interval(UNITS, FIVE, "ordinal", seed=6)
    assert -1 <= found.low < stats.alpha(UNITS, FIVE, "ordinal") < found.high <= 1 and found.undefined == 0
    # Of n items one differs: a resample without it, (1 - 1/n)^n of all, has no alpha.
    rare = two({(5, 5): 19, (5, 4): 1})
    share = stats.alpha_interval(rare, FIVE, "ordinal", resamples=4000).undefined / 4000
    assert share == pytest.approx((19 / 20) ** 20, abs=4 * math.sqrt(0.25 / 4000))
    wide = stats.alpha_interval(UNITS, FIVE, "ordinal", share=0.99)
    assert wide.low < found.low and wide.high >= found.high


def test_the_interval_covers_the_true_alpha():
    # Reviewers who copy a random value of two with chance c and guess else: expected disagreement 1/2, observed
    # (1 - c^2)/2, so alpha = c^2. Out of 100 studies of 60 items, about 95 intervals hold it.
    draw, c = np.random.default_rng(1), 0.8
    held = 0
    for _ in range(100):
        truth = draw.integers(0, 2, 60)
        answers = [np.where(draw.random(60) < c, truth, draw.integers(0, 2, 60)) for _ in range(2)]
        units = [{"a": int(a), "b": int(b)} for a, b in zip(*answers)]
        found = stats.alpha_interval(units, (0, 1), "nominal", resamples=200)
        held += found.low <= c * c <= found.high
    assert 88 <= held <= 99


def test_confusions_take_a_pair_whatever_the_order():
    units = [{"a": 5, "b": 4}, {"a": 4, "b": 5}, {"a": 1, "b": 1}, {"a": 1, "b": 5, "c": 5}, {"a": 3}]
    assert stats.confusions(units, FIVE) == [(1, 5, 2), (4, 5, 2)]
