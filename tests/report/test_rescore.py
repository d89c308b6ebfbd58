"""`globmed report rescore`: old replies under the present extraction."""

from __future__ import annotations

import json
import statistics

import pytest

pytest.importorskip("lm_eval")

from tests.report import made  # noqa: E402

SW = f"samples_globmed_medqa_sw_{made.DATE}.jsonl"


@pytest.fixture
def results(tmp_path):
    """A run read by an older extraction: two of four Swahili replies that state an answer were read as none, one as another."""
    tasks = {"globmed_medqa_en": [1, 0], "globmedll_medqa_sw": [1, 0], "globmed_liveqa_sw": [0.5]}
    file = made.run(tmp_path / "r" / "m", "org/m", {**tasks, "globmed_medqa_sw": [(0, 0, 1), (0, 0, 1), 0, 1]})
    path = file.with_name(SW)
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for row, reply in zip(rows, ("Jibu ni B.", "Jibu: C", "Jibu sahihi ni B.", "Answer: B")):
        row["resps"] = [[reply]]
        row["doc"]["language"] = "sw"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    fields = json.loads(file.read_text("utf-8"))
    fields["groups"], fields["group_subtasks"] = {"globmed-sw": {"acc,extract": 0.25}}, {"globmed-sw": []}
    fields["results"]["globmed-sw"] = fields["groups"]["globmed-sw"]
    file.write_text(json.dumps(fields), "utf-8")
    return tmp_path / "r"


def test_what_changed_is_counted_and_shown(command, results, tmp_path):
    before = {path: path.read_bytes() for path in results.rglob("*") if path.is_file()}
    ran = command("globmed", "report", "rescore", "r", "--out", "new", "--json")
    assert ran.code == 0, ran.err
    changes = {one["task"]: one for one in json.loads(ran.out)["changes"]}
    assert set(changes) == {"globmed_medqa_en", "globmed_medqa_sw", "globmedll_medqa_sw", "globmed_liveqa_sw"}
    found = changes["globmed_medqa_sw"]
    assert (found["newly_answered"], found["no_longer_answered"], found["other_answer"]) == (2, 0, 1)
    assert (found["wrong_to_right"], found["right_to_wrong"]) == (2, 0)
    assert (found["before"]["acc"], found["after"]["acc"]) == (0.25, 0.75)
    first = found["examples"][0]
    assert first["before"] == {"answer": None, "how": "none"} and first["after"]["answer"] == "B"
    assert first["reply_end"] == "Jibu ni B." and first["target"] == "B"
    assert not changes["globmed_medqa_en"]["examples"]
    assert {path: path.read_bytes() for path in results.rglob("*") if path.is_file()} == before


def test_the_files_are_lm_evals_and_are_reported(command, results, tmp_path):
    ran = command("globmed", "report", "rescore", "r", "--out", "new")
    assert "globmed_medqa_sw" in ran.out and "globmed_medqa_en" not in ran.out
    assert "4 tasks, 9 samples: the reading changed in 1 tasks" in ran.out
    fields = json.loads((tmp_path / "new" / "m" / f"results_{made.DATE}.json").read_text("utf-8"))
    values = fields["results"]["globmed_medqa_sw"]
    assert values["acc,extract"] == 0.75 and values["answered,extract"] == 1
    assert values["acc_stderr,extract"] == pytest.approx(statistics.stdev([1, 0, 1, 1]) / 2)
    assert "groups" not in fields and "globmed-sw" not in fields["results"]
    assert fields["globmed_rescored"]["tasks"] == sorted(task for task in fields["results"])
    for path in (results / "m").glob("samples_*"):
        again = (tmp_path / "new" / "m" / path.name).read_bytes()
        assert (again == path.read_bytes()) == (path.name != SW), path.name
    report = json.loads(command("globmed", "report", "build", "new", "--json", "-").out)
    assert report["boards"][0]["by_language"]["score"] == [[0.5, 0.75]]


def test_nothing_is_overwritten_and_bad_lines_are_named(command, results, tmp_path):
    assert command("globmed", "report", "rescore", "r", "--out", "new").code == 0
    assert (
        "already there. Nothing is overwritten"
        in command("globmed", "report", "rescore", "r", "--out", "new").one_line()
    )
    path = results / "m" / SW
    path.write_bytes(path.read_bytes()[:-50])
    ran = command("globmed", "report", "rescore", "r", "--out", "other")
    assert (
        "1 of the files cannot be used" in ran.one_line() and f"{SW}, line 4: not a line that lm-eval writes" in ran.err
    )
    assert not [path for path in (tmp_path / "other").rglob("*") if path.is_file()]
    ran = command("globmed", "report", "rescore", "r", "--out", "other", "--skip-bad")
    assert ran.code == 0 and f"left out: r/m/{SW}, line 4" in ran.err
    report = json.loads(command("globmed", "report", "build", "other", "--json", "-").out)
    assert [one["code"] for one in report["languages"]] == ["en", "sw"]
    assert [board["id"] for board in report["boards"]] == [
        "gen-acc",
        "gen-chrf",
        "gen-rouge_l",
        "ll-acc",
        "ll-acc_norm",
    ]
    assert report["boards"][0]["by_language"]["score"] == [[0.5]]
