"""From samples to figures: worked by hand where that can be done, against closed forms where it cannot."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from globmed_tools.report import about, boards, bootstrap, gather, model, runs, statistics
from tests.report import made


def data_of(folder, **asked):
    found, problems = runs.find([("", folder)])
    data, bad = gather.gather(found)
    assert not problems + bad, problems + bad
    return data


def report_of(folder, base=(), **asked):
    data = data_of(folder)
    described = about.describe(data.models, [], [])
    return model.build(data, described, about.bases(data.models, described, base), **{"resamples": 400, **asked})


def board(report, name="gen-acc"):
    (found,) = (one for one in report["boards"] if one["id"] == name)
    return found


def test_means_of_sets_languages_and_tiers(tmp_path):
    made.run(
        tmp_path / "a",
        "org/a",
        {
            "globmed_medqa_en": [1, 1, 1, 0],
            "globmed_bionli_en": [1, 1],
            "globmed_medqa_de": [1, 1, 0, 0],
            "globmed_bionli_de": [1, 0],
            "globmed_medqa_sw": [1, 0, 0, 0],
            "globmed_bionli_sw": [(0, 0, 1), (0, 1, 0)],
        },
    )
    report = report_of(tmp_path)
    found = board(report)
    assert [row["code"] for row in report["languages"]] == ["en", "de", "sw"]
    assert found["by_language"]["score"] == [[0.875, 0.5, 0.125]]
    assert found["by_language"]["answered"] == [[1, 1, 0.75]] and found["by_language"]["in_language"] == [[1, 1, 0.75]]
    assert found["by_language"]["of_answered"] == [[0.875, 0.5, pytest.approx(1 / 6, abs=1e-4)]]
    (row,) = found["leaderboard"]
    assert row["score"]["value"] == 0.5 and row["high"]["value"] == 0.6875 and row["low"]["value"] == 0.125
    assert row["low_to_high"]["value"] == pytest.approx(0.125 / 0.6875, abs=1e-4)
    assert row["worst_language"] == "sw" and row["worst"]["value"] == 0.125 and row["spread"]["value"] == 0.75
    assert row["tasks"] == row["of"] == 6
    assert found["chance"] == [[0.25] * 3, [0.3333] * 3]
    assert found["gaps"]["value"] == [[0, -0.375, -0.75]]
    assert found["gaps"]["worse"][0] == [0, 2, 4] and found["gaps"]["better"][0] == [0, 0, 0]
    assert found["gaps"]["p"][0] == [None, 0.5, 0.125]
    assert found["gaps"]["p_holm"][0] == [None, 0.5, 0.25]


def test_gaps_of_each_set_by_itself(tmp_path):
    tasks = {"globmed_medqa_en": [1] * 8, "globmed_medqa_sw": [0] * 8, "globmed_medqa_zu": [1] * 8}
    tasks |= {"globmed_bionli_en": [1, 1, 0, 0], "globmed_bionli_sw": [1, 0, 0, 0]}
    made.run(tmp_path / "a", "org/a", tasks)
    found = board(report_of(tmp_path))
    assert found["set_gaps"]["value"] == [[[0, -1, 0]], [[0, -0.25, None]]]
    assert found["set_gaps"]["worse"] == [[[0, 8, 0]], [[0, 1, 0]]] and found["set_gaps"]["groups"][1] == [[4, 4, 0]]
    (sure, _one), (_none, unsure, gone) = found["set_gaps"]["p_holm"][0][0][1:], found["set_gaps"]["p_holm"][1][0]
    assert sure == pytest.approx(3 * 2 / 2**8, abs=1e-4) and (unsure, gone) == (1, None)  # three tests in all
    assert found["gaps"]["value"] == [[0, -0.625, None]] and found["gaps"]["worse"] == [[0, 9, 0]]
    low, high = (found["set_gaps"][edge][1][0][1] for edge in ("low", "high"))
    assert low < -0.25 < high <= 0  # paired: no draw can turn the one item round


def test_what_is_missing_is_missing_and_never_a_zero(tmp_path):
    both = {
        "globmed_medqa_en": [1, 0],
        "globmed_medqa_sw": [1, 0],
        "globmed_bionli_en": [1, 1],
        "globmed_bionli_sw": [1, 1],
    }
    made.run(tmp_path / "a", "org/a", both)
    made.run(tmp_path / "b", "org/b", {task: both[task] for task in list(both)[:3]})
    found = board(report_of(tmp_path))
    whole, part = found["leaderboard"]
    assert whole["score"]["value"] == 0.75 and whole["rank"] == 1
    assert part["score"]["value"] is None and part["rank"] is None and part["low"]["value"] is None
    assert (part["tasks"], part["of"]) == (3, 4) and part["worst_language"] is None
    assert found["missing"] == [[1, 1, 1]]
    assert found["by_language"]["score"][1] == [0.75, None] and found["cells"]["score"][1][1] == [1, None]
    assert found["gaps"]["value"][1] == [0, None]
    assert found["pairs"]["scopes"]["all"]["value"] == [None] and found["pairs"]["scopes"]["en"]["value"] == [0]


def test_models_are_tested_on_the_same_items(tmp_path):
    a, b = [1] * 9 + [0] * 3, [1] * 2 + [0] * 10
    made.run(tmp_path / "a", "org/a", {"globmed_medqa_en": a})
    made.run(tmp_path / "b", "org/b", {"globmed_medqa_en": b})
    pairs = board(report_of(tmp_path))["pairs"]
    assert pairs["models"] == [[0, 1]]
    found = pairs["scopes"]["all"]
    assert (found["wins"], found["losses"]) == ([7], [0]) and found["value"] == [pytest.approx(7 / 12, abs=1e-4)]
    assert found["p_holm"] == [pytest.approx(2 / 2**7, abs=1e-4)]
    assert found["low"][0] > 0.2 and found["detectable"][0] > 0


def test_an_item_in_two_languages_is_one_outcome(tmp_path):
    for name, values in (("org/a", [1] * 8), ("org/b", [0] * 8)):
        made.run(tmp_path / name, name, {"globmed_medqa_en": values, "globmed_medqa_de": values})
    scopes = board(report_of(tmp_path))["pairs"]["scopes"]
    assert scopes["all"]["wins"] == scopes["en"]["wins"] == [8]


def test_what_one_language_wins_and_the_other_loses_is_no_win(tmp_path):
    english, german = [1, 1, 1, 0], [0, 0, 0, 0]
    made.run(tmp_path / "a", "org/a", {"globmed_medqa_en": english, "globmed_medqa_de": german})
    made.run(tmp_path / "b", "org/b", {"globmed_medqa_en": german, "globmed_medqa_de": english})
    scopes = board(report_of(tmp_path))["pairs"]["scopes"]
    assert (scopes["all"]["wins"], scopes["all"]["losses"], scopes["all"]["p_holm"]) == ([0], [0], [1])
    assert (scopes["en"]["wins"], scopes["en"]["losses"]) == ([3], [0])


def test_cells_have_wilson_intervals_unless_items_share_a_group(tmp_path):
    made.run(tmp_path / "a", "org/a", {"globmed_medqa_en": [1, 1, 1, 1]})
    keys = ["item 0", "item 0", "item 1", "item 1"]
    made.run(tmp_path / "b", "org/a", {"globmed_bionli_en": [1, 1, 0, 0]}, keys=keys)
    found = board(report_of(tmp_path))
    assert found["clustered"] == [False, True]
    low, high = statistics.wilson(np.array([4]), np.array([4]))
    assert found["cells"]["low"][0] == [[pytest.approx(low[0], abs=5e-5)]] and found["cells"]["high"][0] == [[high[0]]]
    assert (found["cells"]["low"][1], found["cells"]["high"][1]) == ([[0]], [[1]])


def test_intervals_of_disparity_are_corrected_for_bias():
    """Of 1,000 even draws, 300 lie below the value: the percentiles move down by twice that quantile's z."""
    draws = (np.arange(1000) + 0.5)[:, None] / 1000
    low, high = bootstrap.corrected_interval(draws, np.array([0.3]), 0.95)
    normal = NormalDist()
    for edge, at in ((low, 0.025), (high, 0.975)):
        expected = normal.cdf(2 * normal.inv_cdf(0.3) + normal.inv_cdf(at))
        assert edge[0] == pytest.approx(expected, abs=1e-3)
    assert np.isnan(bootstrap.corrected_interval(draws, np.array([2.0]), 0.95)).all()


def test_one_seed_one_report(tmp_path):
    values = [1, 0, 0, 1, 1, 0, 1, 1]
    made.run(tmp_path / "a", "org/a", {"globmed_medqa_en": values, "globmed_medqa_sw": values[::-1]})
    made.run(tmp_path / "b", "org/b", {"globmed_medqa_en": values[::-1], "globmed_medqa_sw": values})
    assert report_of(tmp_path, seed=3) == report_of(tmp_path, seed=3) != report_of(tmp_path, seed=4)


def draws_of(folder, **asked):
    (found,) = (one for one in boards.boards(data_of(folder)) if one.id == "gen-acc")
    return found, bootstrap.Draws(found, seed=5, resamples=4000)


def test_the_draws_have_the_standard_error_of_a_mean(tmp_path):
    values = [1] * 70 + [0] * 130
    made.run(tmp_path / "a", "org/a", {"globmed_medqa_en": values})
    _board, draws = draws_of(tmp_path)
    assert draws.means.std() == pytest.approx((0.35 * 0.65 / 200) ** 0.5, rel=0.04)
    assert draws.means.mean() == pytest.approx(0.35, abs=0.002)


def test_gaps_are_paired(tmp_path):
    """English and German right and wrong on the same items: the gap is one item, whatever is drawn."""
    values = [1, 0] * 50
    made.run(tmp_path / "a", "org/a", {"globmed_medqa_en": values, "globmed_medqa_de": [0, *values[1:]]})
    found, draws = draws_of(tmp_path)
    english, german = (draws.means[:, 0, 0, found.languages.index(code)] for code in ("en", "de"))
    assert np.allclose(draws.gaps[:, 0, 0, found.languages.index("de")], german - english, atol=1e-6)
    assert (german - english).std() < english.std() / 4


def test_items_of_one_group_are_drawn_together(tmp_path):
    """Every item twice in its group says nothing new: the draws stay what they were."""
    values, keys = [1, 0, 0, 1, 0, 1], [f"item {n}" for n in range(6)]
    made.run(tmp_path / "one" / "a", "org/a", {"globmed_medqa_en": values})
    twice = made.run(tmp_path / "two" / "a", "org/a", {"globmed_medqa_en": values + values}, keys=keys + keys)
    alone, once = draws_of(tmp_path / "one")
    grouped, again = draws_of(twice.parent.parent)
    assert grouped.sets[0].clustered and not alone.sets[0].clustered
    assert np.array_equal(np.sort(once.means.ravel()), np.sort(again.means.ravel()))
    assert report_of(tmp_path / "two")["boards"][0]["cells"]["items"] == [[[12]]]


def test_gaps_are_over_the_items_that_both_languages_have(tmp_path):
    made.run(tmp_path / "a", "org/a", {"globmed_medqa_en": [1, 1, 0, 0]})
    made.run(
        tmp_path / "a",
        "org/a",
        {"globmed_medqa_sw": [0, 1]},
        keys=["item 0", "item 1"],
        date=made.DATE.replace("08", "09"),
    )
    found = board(report_of(tmp_path))
    assert found["by_language"]["score"] == [[0.5, 0.5]]
    assert found["gaps"]["value"] == [[0, -0.5]] and found["gaps"]["groups"] == [[4, 2]]


def test_improvement_over_a_base_and_over_chance(tmp_path):
    made.run(tmp_path / "a", "base", {"globmed_medqa_en": [1] * 50 + [0] * 50, "globmed_medqa_sw": [1] * 26 + [0] * 74})
    made.run(
        tmp_path / "b", "tuned", {"globmed_medqa_en": [1] * 75 + [0] * 25, "globmed_medqa_sw": [1] * 52 + [0] * 48}
    )
    rows = {row["scope"]: row for row in board(report_of(tmp_path, base=("base",)))["improvement"]}
    assert set(rows) == {"all", "high", "low", "en", "sw"}
    english, swahili = rows["en"], rows["sw"]
    assert english["relative"]["value"] == 0.5 and english["ratio"]["value"] == 1.5
    assert english["relative_corrected"]["value"] == 1 and english["ratio_corrected"]["value"] == 2
    assert english["difference_corrected"]["value"] == pytest.approx(0.25 / 0.75, abs=1e-4)
    assert english["base_above_chance"] is True
    assert swahili["ratio"]["value"] == 2 and swahili["base_above_chance"] is False
    assert swahili["ratio_corrected"] is None and swahili["relative_corrected"] is None
    assert rows["all"]["relative"]["value"] == pytest.approx(0.635 / 0.38 - 1, abs=1e-4)
    low, high = english["ratio"]["low"], english["ratio"]["high"]
    assert low < 1.5 < high


def test_long_form_and_likelihood_have_boards_of_their_own(tmp_path):
    tasks = {"globmed_liveqa_en": [0.25, 0.75], "globmedll_medqa_en": [1, 0], "globmed_medqa_en": [1, 1]}
    made.run(tmp_path / "a", "org/a", tasks)
    report = report_of(tmp_path)
    assert [one["id"] for one in report["boards"]] == ["gen-acc", "gen-chrf", "gen-rouge_l", "ll-acc", "ll-acc_norm"]
    scores = {one["id"]: one["leaderboard"][0]["score"]["value"] for one in report["boards"]}
    assert scores == {"gen-acc": 1, "gen-chrf": 0.5, "gen-rouge_l": 0.25, "ll-acc": 0.5, "ll-acc_norm": 0.5}
    assert board(report, "gen-chrf")["chance"] == [[None]]


def test_one_language_has_no_disparity(tmp_path):
    made.run(tmp_path / "a", "org/a", {"globmed_medqa_sw": [1, 0]})
    (row,) = board(report_of(tmp_path))["leaderboard"]
    assert row["worst"]["value"] == row["score"]["value"] == row["low"]["value"] == 0.5
    for name in ("spread", "deviation", "gini", "atkinson", "worst_to_best"):
        assert row[name] == {"value": None, "low": None, "high": None}, name
    assert "high" not in row and "low_to_high" not in row


def test_size_against_score(tmp_path):
    for place, size in enumerate((5e8, 2e9, 8e9)):
        values = [1] * (place + 1) + [0] * 3
        made.run(tmp_path / f"m{place}", f"m{place}", {"globmed_medqa_en": values[:4]}, parameters=int(size))
    found, _problems = runs.find([("", tmp_path)])
    data, _bad = gather.gather(found)
    report = model.build(data, about.describe(data.models, found, []), {}, resamples=200)
    assert board(report)["size"] == {"points": [[0, 0.5, 0.25], [1, 2, 0.5], [2, 8, 0.75]], "spearman": 1}


def test_the_browser_shows_the_telling_items_with_every_reply(tmp_path):
    english, swahili = [1, 1, 0, 1], [1, (0, 0, 1), 1, 1]
    for name in ("org/a", "org/b"):
        made.run(tmp_path / name, name, {"globmed_medqa_en": english, "globmed_medqa_sw": swahili})
    made.run(tmp_path / "c", "org/c", {"globmed_medqa_en": english})
    shown = report_of(tmp_path)["items"]
    assert [one["why"] for one in shown["items"]][:2] == ["gap", "reversed"] and len(shown["items"]) == 4
    first = shown["items"][0]
    assert list(first["texts"]) == ["en", "sw"] and "Which one, item 1?" in first["texts"]["sw"]["text"]
    assert first["texts"]["en"]["target"] == "B"
    assert first["replies"]["en"][0] == ["Answer: B", 9, "B", "stated", 1.0, 1.0]
    assert first["replies"]["sw"] == [["I cannot say.", 13, None, "none", 0.0, 1.0]] * 2 + [None]
    assert shown["left_out"] == 0 and not shown["problems"]
