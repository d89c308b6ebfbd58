"""What the page says first: every sentence is borne out by the figures, and none is made without them."""

from __future__ import annotations

import copy

from globmed_tools.report import build as building
from globmed_tools.report import page_first
from tests.report import made

TASKS = {"globmed_medqa_en": [1] * 30, "globmed_medqa_sw": [1] * 30, "globmed_medqa_fr": [1] * 30}


def report(paths, **asked):
    return building.build(
        map(str, paths), building.Asked(items=0, resamples=200, workers=1, **asked), say=print, quiet=True
    )


def lines(found, place=0):
    return page_first.findings(found, found["boards"][place])


def line(found, section, word):
    """The only line on a section that holds a word."""
    [one] = [one for one in lines(found) if one["to"] == section and word in one["text"]]
    return one


def test_a_sure_gap_is_told_with_its_interval_and_who_it_is(tmp_path):
    poor = {**TASKS, "globmed_medqa_sw": [1] * 10 + [0] * 20}
    made.run(tmp_path / "a", "org/good", TASKS)
    made.run(tmp_path / "b", "org/poor", poor)
    found = report([tmp_path])
    gap = line(found, "gaps", "Largest gap")
    assert gap["level"] == "look"
    board = found["boards"][0]
    model, sw = [board["models"].index(i) for i, one in enumerate(found["models"]) if one["name"] == "org/poor"][0], 2
    assert found["languages"][board["languages"][sw]]["code"] == "sw"
    low = board["gaps"]["low"][model][sw]
    assert gap["text"].startswith("Largest gap to English: org/poor in Swahili, −0.667 (−")
    assert f"{-low:.3f} to −" in gap["text"] and "sure (Holm p < 0.001)" in gap["text"]
    assert "1 of 4 gaps are surely below English." in line(found, "gaps", "surely")["text"]
    assert "In every model" not in line(found, "gaps", "surely")["text"]
    assert "Lowest score: org/poor in Swahili, 0.333" in line(found, "languages", "Lowest")["text"]
    assert "First place is sure" in line(found, "leaderboard", "Highest score: org/good, 1.000")["text"]
    assert "org/poor 0.33" in line(found, "disparity", "least equal")["text"]


def test_a_gap_that_may_be_noise_is_not_called_sure(tmp_path):
    made.run(tmp_path / "a", "org/a", {**TASKS, "globmed_medqa_sw": [1] * 27 + [0] * 3})
    found = report([tmp_path])
    gap = line(found, "gaps", "Largest gap")
    assert gap["level"] == "know" and "not sure (Holm p = 0." in gap["text"]
    assert (
        "No gap below English is sure. With this many items a true difference of about 0."
        in line(found, "gaps", "No gap")["text"]
    )


def test_replies_that_keep_no_form_are_not_told_as_ignorance(tmp_path):
    unread = {**TASKS, "globmed_medqa_sw": [(0, 0, 1)] * 20 + [(1, 1, 0)] * 10}
    made.run(tmp_path / "a", "org/a", unread)
    found = report([tmp_path])
    told = line(found, "languages", "an answer was read")
    assert told["level"] == "look"
    assert "In 1 of 3 pairs" in told["text"] and "org/a in Swahili, 33 %" in told["text"]
    assert "where one was read, the score is 1.000" in told["text"] and "matter of form" in told["text"]
    assert "org/a in Swahili, 67 %" in line(found, "languages", "in the language asked")["text"]


def test_what_is_missing_comes_first_and_no_rank_is_made_of_it(tmp_path):
    made.run(tmp_path / "a", "org/a", TASKS)
    made.run(tmp_path / "b", "org/b", {name: TASKS[name] for name in list(TASKS)[:2]})
    found = report([tmp_path])
    assert lines(found)[0] == {
        "level": "look",
        "text": "1 run missing, of org/b: no score over all for these.",
        "to": "runs",
    }
    assert not [one for one in lines(found) if "Highest score" in one["text"]]


def test_chance_is_told_and_ties_for_first_place_too(tmp_path):
    half = [1, 0] * 15
    made.run(tmp_path / "a", "org/a", {"globmed_medqa_en": [1, 0, 0, 0] * 8, "globmed_medqa_sw": [1, 0, 0, 0] * 8})
    made.run(tmp_path / "b", "org/b", {"globmed_medqa_en": [0, 1, 0, 0] * 8, "globmed_medqa_sw": [0, 0, 1, 0] * 8})
    found = report([tmp_path])
    assert "4 of 4 scores are not above chance: org/a (2), org/b (2)." in line(found, "languages", "chance")["text"]
    assert "First place is not sure: org/b may hold it as well." in line(found, "leaderboard", "Highest")["text"]
    made.run(tmp_path / "c", "org/c", {"globmed_medqa_sw": half})
    alone = report([tmp_path / "c"])
    assert line(alone, "gaps", "no English results")["level"] == "know"


def test_where_all_scores_are_equal_nothing_is_compared(tmp_path):
    made.run(tmp_path / "a", "org/a", {name: [(0, 0, 1)] * 5 for name in TASKS})
    found = report([tmp_path])
    assert line(found, "languages", "Every score is 0.000")["level"] == "look"
    assert not [one for one in lines(found) if one["to"] == "gaps" or "Lowest" in one["text"]]


def test_no_board_without_a_figure_makes_a_sentence(tmp_path):
    made.run(tmp_path / "a", "org/a", TASKS)
    found = report([tmp_path])
    empty = copy.deepcopy(found["boards"][0])
    for values in empty["by_language"].values():
        values[:] = [[None] * 3]
    for values in empty["gaps"].values():
        values[:] = [[None] * 3]
    empty["leaderboard"][0]["rank"] = None
    assert page_first.findings(found, empty) == []
