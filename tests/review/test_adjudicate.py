"""adjudicate: disagreements by the rule, shown without names."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from globmed_curation.review import adjudicate
from globmed_curation.review.adjudicate import Rule, disagreements
from globmed_curation.review.agreement_answers import load
from globmed_curation.review.cli import review as command

from globmed_tools import store
from globmed_tools.errors import GlobmedError

from .made import answer, build, items, planted, review


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return items(build(tmp_path_factory.mktemp("made") / "build", languages=("sw", "ar")))


def lines(folder):
    return [row for _, row in store.json_lines(folder / adjudicate.NAME)]


@pytest.mark.parametrize(
    "rule, answers, found",
    [
        ({}, [{}, {}], []),
        ({}, [{"accuracy": 4}, {"accuracy": 5}], []),
        ({}, [{"fluency": 1}, {"fluency": 3}], [("ratings", [1, 3])]),
        ({"ratings": 3}, [{"fluency": 1}, {"fluency": 3}], []),
        ({"ratings": None}, [{"fluency": 1}, {"fluency": 5}], []),
        ({}, [{"accuracy": 5}, {"accuracy": 4}, {"accuracy": 3}], [("ratings", [3, 4, 5])]),
        ({}, [{"accuracy": 1}, {"accuracy": None}], []),
        ({}, [{"safety": "minor"}, {"safety": "safe"}], [("safety", ["safe", "minor"])]),
        ({"safety": False}, [{"safety": "minor"}, {"safety": "safe"}], []),
        ({}, [{"safety": "harmful"}], [("harmful", ["harmful"])]),
        ({}, [{"safety": "harmful"}, {"safety": "safe"}], [("safety", ["safe", "harmful"])]),
        ({"safety": False}, [{"safety": "harmful"}, {"safety": "safe"}], [("harmful", ["safe", "harmful"])]),
        ({"harmful": False}, [{"safety": "harmful"}], []),
        ({}, [{"revision": {"question": "a"}}, {}], []),
        ({}, [{"revision": {"question": "a"}}, {"revision": {"question": "b"}}], [("revisions", ["a", "b"])]),
        ({}, [{"revision": {"question": "a"}}, {"revision": {"question": "a\n"}}], []),
        ({}, [{"revision": {"question": "a"}}, {"revision": {"option A": "b"}}], []),
        ({"revisions": False}, [{"revision": {"question": "a"}}, {"revision": {"question": "b"}}], []),
    ],
)
def test_the_rule(drawn, rule, answers, found):
    given = [answer(drawn[0], f"r{n}", **one) for n, one in enumerate(answers)]
    assert [(one["rule"], one["values"]) for one in disagreements(given, Rule(**rule))] == found


def test_a_line_holds_what_is_needed_and_no_trace_of_who(drawn, tmp_path):
    item = drawn[0]
    told = {"seconds": 61.0, "at": "2026-11-20T10:00:00Z", "dataset": "globmed-sw", "record": "7", "guideline": "g1"}
    given = [
        answer(item, "anna", accuracy=1, comment="a", **told),
        answer(item, "bela", revision={"question": "x"}, **told),
    ]
    folder = review(tmp_path / "review", drawn, given)
    adjudicate.write(folder, load(folder), Rule())
    [line] = lines(folder)
    assert (
        line["id"] == item.id
        and line["original"]["language"] == "en"
        and line["translation"]["language"] == item.language
    )
    assert line["why"] == [{"rule": "ratings", "question": "accuracy", "values": [1, 5]}]
    assert [one["reviewer"] for one in line["answers"]] == ["Reviewer 1", "Reviewer 2"]
    assert {(one["accuracy"], one["comment"], len(one["revision"])) for one in line["answers"]} == {
        (1, "a", 0),
        (5, None, 1),
    }
    for text in ("anna", "bela", "61.0", "2026", "globmed-sw", "g1", "calibration"):
        assert text not in json.dumps(line)


def test_position_tells_nothing_of_the_reviewer(drawn, tmp_path):
    given = [answer(item, name, accuracy=value) for item in drawn for name, value in (("r1", 1), ("r2", 5))]
    folder = review(tmp_path / "review", drawn, given)
    adjudicate.write(folder, load(folder), Rule())
    firsts = [line["answers"][0]["accuracy"] for line in lines(folder)]
    assert len(firsts) == 48 and 15 <= firsts.count(1) <= 33
    before = (folder / adjudicate.NAME).read_bytes()
    review(folder, drawn, given[::-1])  # the order of lines is the items'
    adjudicate.write(folder, load(folder), Rule())
    assert (folder / adjudicate.NAME).read_bytes() == before


def test_planted_faults_and_decisions(drawn, tmp_path):
    one, other = drawn[:2]
    fault = planted(drawn[2], "question", "?")
    given = [
        answer(item, name, accuracy=value) for item in (one, other, fault) for name, value in (("r1", 1), ("r2", 5))
    ]
    folder = review(tmp_path / "review", [*drawn, fault], given, decided=[answer(one, "s1")])
    told = adjudicate.write(folder, load(folder), Rule())
    assert (told["items"], told["reviewed"], told["decided"]) == (2, 2, 1)
    assert [line["id"] for line in lines(folder)] == [one.id, other.id]


def test_the_later_of_two_answers_by_one_reviewer_counts(drawn, tmp_path):
    item = drawn[0]
    times = ("2026-11-20T10:00:00Z", "2026-11-20T11:30:00+01:00")  # the second is half an hour later
    early, late = (
        answer(item, "r1", accuracy=n, at=at, via=via) for n, at, via in zip((2, 4), times, ("sheet", "argilla"))
    )
    for given in ((early, late), (late, early)):
        found = load(review(tmp_path / "review", drawn, list(given)))
        assert [one.accuracy for one in found.answers[item.id]] == [4] and found.left_out == {"superseded": 1}
    untimed = [answer(item, "r1", accuracy=n) for n in (2, 4)]
    assert load(review(tmp_path / "review", drawn, untimed)).answers[item.id][0].accuracy == 4


def test_two_decisions_on_one_item_are_refused(drawn, tmp_path):
    folder = review(tmp_path / "review", drawn, [], [answer(drawn[0], "s1"), answer(drawn[0], "s2")])
    with pytest.raises(GlobmedError, match="is decided by s1 and by s2"):
        load(folder)


def test_the_command_line(drawn, tmp_path):
    given = [answer(drawn[0], "r1", accuracy=3), answer(drawn[0], "r2"), answer(drawn[1], "r1", safety="harmful")]
    folder = review(tmp_path / "review", drawn, given)
    (tmp_path / "rule.yml").write_text("ratings: 3\n")
    told = [
        CliRunner().invoke(command, ["adjudicate", str(folder), *options, "--json"])
        for options in ([], ["--config", str(tmp_path / "rule.yml")], ["-s", "harmful=false"])
    ]
    assert [json.loads(one.output)["rules"] for one in told] == [
        {"harmful": 1, "ratings": 1},
        {"harmful": 1},
        {"ratings": 1},
    ]
    shown = CliRunner().invoke(command, ["adjudicate", str(folder)])
    assert shown.exit_code == 0 and "2 of 2 reviewed items are disputed, 0 of them decided" in shown.output
    for setting, match in (
        ("rating=3", "unknown setting 'rating'; did you mean ratings?"),
        ("ratings=0", "Give 1 or more"),
    ):
        with pytest.raises(GlobmedError, match=match):
            CliRunner().invoke(command, ["adjudicate", str(folder), "-s", setting], catch_exceptions=False)
