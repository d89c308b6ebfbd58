"""Result files without samples (no --log_samples): means, and what follows from them alone."""

from __future__ import annotations

import json
from statistics import NormalDist

import numpy as np
import pytest

from globmed_tools.report import statistics
from tests.report import made
from tests.report.test_bad_input import built

VALUES = {"globmed_medqa_en": [1] * 30 + [0] * 10, "globmed_medqa_sw": [1] * 20 + [0] * 20}
FIGURES = ("value", "low", "high")


def without_samples(file, **errors):
    """The run as it is without --log_samples; `errors`: standard errors by metric."""
    for path in file.parent.glob("samples_*"):
        path.unlink()
    fields = json.loads(file.read_text())
    for values in fields["results"].values():
        values.update({f"{name}_stderr,extract": error for name, error in errors.items()})
    file.write_text(json.dumps(fields))
    return file


@pytest.fixture
def both(tmp_path):
    """org/a with samples, org/b with the same scores and none."""
    made.run(tmp_path / "a", "org/a", VALUES)
    without_samples(made.run(tmp_path / "b", "org/b", VALUES))
    return tmp_path


def test_means_and_their_intervals_are_given_and_nothing_that_is_paired(both):
    report, error, said = built(both)
    assert not error and not said
    board = report["boards"][0]
    assert board["by_language"]["score"] == [[0.75, 0.5]] * 2 and board["cells"]["items"] == [[[40, 40]] * 2]
    low, high = statistics.wilson(np.array([30, 20]), np.array([40, 40]))
    for edge, expected in (("low", low), ("high", high)):
        assert board["cells"][edge][0] == [[pytest.approx(one, abs=5e-5) for one in expected]] * 2
    first, second = board["leaderboard"]
    assert first["score"]["value"] == second["score"]["value"] == 0.625 and (first["rank"], second["rank"]) == (1, 1)
    assert second["worst_language"] == "sw" and second["tasks"] == 2
    assert first["spread"]["low"] is not None and second["spread"] == {"value": 0.25, "low": None, "high": None}
    gaps = board["gaps"]
    assert gaps["value"] == [[0, -0.25]] * 2 and gaps["worse"] == [[0, 10], [0, 0]] and gaps["groups"][1] == [0, 0]
    assert gaps["p_holm"][0][1] is not None and gaps["low"][0][1] is not None
    assert [gaps[name][1][1] for name in ("low", "high", "p", "p_holm", "detectable")] == [None] * 5
    pairs = board["pairs"]["scopes"]["all"]
    assert pairs["value"] == [0] and [pairs[name] for name in ("low", "high", "p_holm", "detectable")] == [[None]] * 4
    (note,) = report["notes"]
    assert note.startswith("result files without samples: org/b (2 tasks). Their intervals are from counts")
    assert [run["samples"] for model in report["models"] for run in model["runs"]] == [True, False]


def test_the_interval_over_languages_is_the_widest_that_is_possible(both):
    """As if every language erred alike: the mean of their standard errors."""
    report, _error, _said = built(both)
    row = report["boards"][0]["leaderboard"][1]
    widest = ((0.75 * 0.25 / 40) ** 0.5 + (0.5 * 0.5 / 40) ** 0.5) / 2
    half = NormalDist().inv_cdf(0.975) * widest
    assert row["score"]["high"] - row["score"]["low"] == pytest.approx(2 * half, rel=0.15)  # 200 draws
    narrow = report["boards"][0]["leaderboard"][0]["score"]
    assert 0 < narrow["high"] - narrow["low"] < 2.4 * half


def test_long_form_intervals_are_from_the_standard_error_and_none_without(tmp_path):
    tasks = {"globmed_liveqa_en": [0.25, 0.75]}
    without_samples(made.run(tmp_path / "a", "org/a", tasks), chrf=0.04)
    report, error, _said = built(tmp_path)
    assert not error and report["items"]["items"] == []
    boards = {one["id"]: one["cells"] for one in report["boards"]}
    assert boards["gen-chrf"]["score"] == [[[0.5]]]
    low, high = boards["gen-chrf"]["low"][0][0][0], boards["gen-chrf"]["high"][0][0][0]
    assert high - low == pytest.approx(2 * 1.96 * 0.04, rel=0.2) and low < 0.5 < high
    assert boards["gen-rouge_l"]["low"] == [[[None]]]


def test_a_score_of_unknown_error_keeps_its_rank(tmp_path):
    made.run(tmp_path / "a", "org/a", {"globmed_liveqa_en": [0.2, 0.3]})
    without_samples(made.run(tmp_path / "b", "org/b", {"globmed_liveqa_en": [0.9, 0.9]}))
    first, second = next(one for one in built(tmp_path)[0]["boards"] if one["id"] == "gen-chrf")["leaderboard"]
    assert (first["model"], first["rank"], first["rank_low"], first["rank_high"]) == (1, 1, 1, 1)
    assert (second["rank_low"], second["rank_high"]) == (2, 2) and first["score"]["low"] is None


def test_where_items_share_a_group_their_number_says_nothing_of_the_error(tmp_path):
    keys = ["item 0", "item 0", "item 1", "item 1"]
    made.run(tmp_path / "a", "org/a", {"globmed_bionli_en": [1, 1, 0, 0]}, keys=keys)
    without_samples(made.run(tmp_path / "b", "org/b", {"globmed_bionli_en": [1, 0, 1, 0]}, keys=keys))
    board = built(tmp_path)[0]["boards"][0]
    assert board["clustered"] == [True] and board["cells"]["score"] == [[[0.5], [0.5]]]
    assert board["cells"]["low"] == [[[0], [None]]] and board["leaderboard"][1]["score"]["low"] is None


def test_improvement_over_a_base_without_samples_has_no_interval(both):
    board = built(both, base=("org/b",))[0]["boards"][0]
    row = next(one for one in board["improvement"] if one["scope"] == "en")
    assert row["ratio"] == {"value": 1, "low": None, "high": None} and row["base_above_chance"] is True
    assert row["ratio_corrected"]["value"] == 1


def test_without_any_samples_there_is_a_report_and_a_page(command, tmp_path):
    for name in ("a", "b"):
        without_samples(made.run(tmp_path / "r" / name, f"org/{name}", {**VALUES, "globmedll_medqa_en": [1, 0]}))
    ran = command("globmed", "report", "build", "r", "-o", "r.html", "--json", "r.json", "--markdown", "r.md")
    assert ran.code == 0, ran.err
    assert "result files without samples: org/a (3 tasks), org/b (3 tasks)" in ran.err
    report = json.loads((tmp_path / "r.json").read_text())
    assert [one["id"] for one in report["boards"]] == ["gen-acc", "ll-acc", "ll-acc_norm"]
    assert report["boards"][0]["chance"] == [[None, None]] and report["boards"][0]["missing"] == []
    assert "result files without samples" in (tmp_path / "r.html").read_text("utf-8")
    ran = command("globmed", "report", "rescore", "r", "--out", "new")
    assert "6 of the files cannot be used" in ran.one_line() and "Run it again with --log_samples" in ran.err


def fewer(file, fields):
    fields["n-samples"]["globmed_medqa_sw"]["effective"] = 30


def uncounted(file, fields):
    del fields["n-samples"]["globmed_medqa_sw"]


def in_percent(file, fields):
    fields["results"]["globmed_medqa_sw"]["acc,extract"] = 50.0


def not_a_number(file, fields):
    fields["results"]["globmed_medqa_sw"]["acc,extract"] = float("nan")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (fewer, "globmed_medqa_sw: org/b was asked 30 items, other models 40"),
        (uncounted, "globmed_medqa_sw has neither samples nor a count of its items"),
        (in_percent, "globmed_medqa_sw has a score outside 0 to 1"),
        (not_a_number, "globmed_medqa_sw has a score outside 0 to 1"),
    ],
)
def test_a_mean_that_cannot_be_trusted_is_named(both, spoil, said):
    (file,) = (both / "b").glob("results_*")
    fields = json.loads(file.read_text())
    spoil(file, fields)
    file.write_text(json.dumps(fields))
    report, error, lines = built(both)
    assert report is None and said in " ".join([error, *lines])


def test_the_newer_of_two_runs_counts_with_samples_or_without(both):
    later = made.DATE.replace("08", "09")
    without_samples(made.run(both / "c", "org/a", {"globmed_medqa_sw": [1] * 40}, date=later))
    report, error, said = built(both)
    assert report is None and "globmed_medqa_sw of org/a, which are also in" in said[0]
    report, _error, _said = built(both, skip_bad=True)
    assert report["boards"][0]["by_language"]["score"] == [[0.75, 1], [0.75, 0.5]]
    gaps = report["boards"][0]["gaps"]
    assert gaps["value"][0][1] == 0.25 and gaps["p"][0][1] is None  # English with samples, Swahili without
