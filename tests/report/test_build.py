"""`globmed report build` as a user runs it."""

from __future__ import annotations

import csv
import json
import subprocess
import sys

import pytest

from tests.report import made

TASKS = {
    "globmed_medqa_en": [1, 1, 1, 0],
    "globmed_medqa_sw": [1, 0, 0, 0],
    "globmed_liveqa_en": [0.5, 0.5],
    "globmed_liveqa_sw": [0.25, 0.25],
}


@pytest.fixture
def results(tmp_path):
    made.run(tmp_path / "r" / "a", "org/a_b", TASKS, parameters=1_700_000_000)
    made.run(tmp_path / "r" / "b", "org/c", {**TASKS, "globmed_medqa_sw": [1, 1, 1, 0]})
    return tmp_path / "r"


def rows(path):
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_every_form_tells_the_same(command, results, tmp_path):
    ran = command(
        *(
            "globmed",
            "report",
            "build",
            "r",
            "--json",
            "o/r.json",
            "--csv",
            "o",
            "--latex",
            "o",
            "--markdown",
            "o/r.md",
        ),
        *("--base", "org/c"),
    )
    assert ran.code == 0, ran.err
    out = tmp_path / "o"
    report = json.loads((out / "r.json").read_bytes())
    board = report["boards"][0]
    assert [board["leaderboard"][place]["score"]["value"] for place in (0, 1)] == [0.75, 0.5]
    table = rows(out / "gen-acc_leaderboard.csv")
    assert [(row["model"], row["score"], row["worst language"], row["tasks"]) for row in table] == [
        ("org/c", "0.75", "en", "2/2"),
        ("org/a_b", "0.5", "sw", "2/2"),
    ]
    assert table[1]["score_low"] == str(board["leaderboard"][1]["score"]["low"])
    gaps = rows(out / "gen-acc_gap_tests.csv")
    assert [(row["model"], row["language"], row["value"]) for row in gaps] == [
        ("org/c", "sw", "0.0"),
        ("org/a_b", "sw", "-0.5"),
    ]
    sets = rows(out / "gen-acc_set_gap_tests.csv")
    assert [(row["set"], row["model"], row["language"], row["value"], row["worse"]) for row in sets] == [
        ("medqa", "org/c", "sw", "0.0", "0"),
        ("medqa", "org/a_b", "sw", "-0.5", "2"),
    ]
    assert r"medqa & org/a\_b & -0.500 [" in (out / "gen-acc_set_gaps.tex").read_text("utf-8")
    assert [row["ratio"] for row in rows(out / "gen-acc_improvement.csv")][0] == "0.6667"
    assert len(rows(out / "gen-acc_cells.csv")) == 4
    latex = (out / "gen-acc_leaderboard.tex").read_text("utf-8")
    assert r"org/a\_b & 1.700 & 0.500 [" in latex and latex.count(r"\\") == 3 and "2/2" in latex
    assert not (out / "gen-acc_cells.tex").exists()
    text = (out / "r.md").read_text("utf-8")
    assert "## Accuracy, free replies: leaderboard" in text and "| org/c |  | 0.750 [" in text
    assert "## Long form, chrF++: gap to English" in text
    assert "org/a_b" in ran.out and "1.700" in ran.out


def test_choosing_sets_languages_and_what_all_have(command, results):
    def of(*more):
        return json.loads(command("globmed", "report", "build", "r", "--json", "-", *more).out)

    assert [one["name"] for one in of("--sets", "medqa")["sets"]] == ["medqa"]
    assert [one["code"] for one in of("--languages", "sw")["languages"]] == ["sw"]
    assert of("--languages", "sw")["boards"][0]["gaps"] is None
    assert of("--items", "0")["items"] is None
    made.run(results / "d", "org/d", {task: TASKS[task] for task in ("globmed_medqa_en", "globmed_medqa_sw")})
    common = of("--common", "--sets", "medqa", "--sets", "liveqa")
    assert [one["id"] for one in common["boards"]] == ["gen-acc"]
    assert common["notes"] == ["liveqa (gen) is left out: not every model has it in every language"]
    for args, said in {
        ("--sets", "medqaa"): "unknown set 'medqaa'; did you mean medqa?",
        ("--base", "org/x"): "no such model among the results",
        ("--languages", "xx"): "unknown language 'xx'",
    }.items():
        assert said in command("globmed", "report", "build", "r", *args).one_line()


def test_what_is_known_of_the_models(command, results, tmp_path):
    roster = tmp_path / "models.yml"
    roster.write_text(
        "models:\n- {name: a, id: org/a_b, parameters: 8.2, licence: MIT, base: c}\n- {name: c, id: org/c, parameters: 70}\n"
    )
    report = json.loads(command("globmed", "report", "build", "r", "--json", "-", "--models", "models.yml").out)
    first, second = report["models"]
    assert (first["name"], first["id"], first["parameters"], first["licence"]) == ("a", "org/a_b", 8.2, "MIT")
    assert (second["name"], second["parameters"], second["size_from"]) == ("org/c", 70, "roster")
    for text, said in {
        "models: 7": "no list of models",
        "models: [{name: a, parameters: big}]": "a: parameters 'big' is no number of billions",
        "models: [": "not a readable YAML file",
    }.items():
        roster.write_text(text)
        assert said in command("globmed", "report", "build", "r", "--models", "models.yml").one_line()


def test_one_model_under_two_settings_is_two_models(command, tmp_path):
    def models(*paths):
        ran = command("globmed", "report", "build", *paths, "--json", "-", "--models", "none.yml")
        assert ran.code == 0, ran.err
        found = json.loads(ran.out)
        return {
            row["name"]: found["boards"][0]["by_language"]["score"][place] for place, row in enumerate(found["models"])
        }

    (tmp_path / "none.yml").write_text("models: []")
    later = made.DATE.replace("08", "09")
    made.run(tmp_path / "s" / "q", "org/q", {"globmed_medqa_en": [0, 0]}, args={"enable_thinking": False})
    made.run(tmp_path / "s" / "q-thinking", "org/q", {"globmed_medqa_en": [1, 1]}, args={"enable_thinking": True})
    assert models("s") == {"q": [0], "q-thinking": [1]}
    made.run(tmp_path / "one", "org/q", {"globmed_medqa_en": [0, 0]}, args={"enable_thinking": False})
    made.run(tmp_path / "one", "org/q", {"globmed_medqa_en": [1, 1]}, args={"enable_thinking": True}, date=later)
    assert models("one") == {"org/q (enable_thinking=False)": [0], "org/q (enable_thinking=True)": [1]}
    made.run(
        tmp_path / "faster", "org/q", {"globmed_medqa_sw": [1, 0]}, args={"enable_thinking": False, "batch_size": 8}
    )
    assert models("s/q", "faster") == {"org/q": [0, 0.5]}
    assert models("a=s/q", "b=s/q-thinking") == {"a": [0], "b": [1]}


def test_many_tasks_are_read_by_several_processes_alike(results, monkeypatch):
    from globmed_tools.report import gather, runs

    found, _problems = runs.find([("", results)])
    alone, _bad = gather.gather(found, workers=1)
    monkeypatch.setattr(gather, "_SMALL", 0)
    together, bad = gather.gather(found, workers=2)
    assert not bad and list(together.tasks) == list(alone.tasks)
    for task, scores in alone.tasks.items():
        assert (together.tasks[task].places == scores.places).all()
        assert all((together.tasks[task].scores[name] == values).all() for name, values in scores.scores.items())


def test_without_numpy_it_says_what_to_install(results):
    code = (
        "import sys; sys.modules['numpy'] = None\n"
        f"sys.argv = ['globmed', 'report', 'build', {str(results)!r}]\n"
        "from globmed_tools.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1 and "pip install 'globmed[report]'" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_real_run_from_lm_eval_to_the_report(command, tmp_path):
    pytest.importorskip("lm_eval")
    ran = command(
        *("globmed", "bench", "run", "--model", "dummy", "--tasks", "globmed-en,globmed-sw,globmedll_medqa_en"),
        *("--metadata", '{"globmed_data": "sample"}', "--output_path", "out", "--log_samples"),
    )
    assert ran.code == 0, ran.err[-2000:]
    ran = command("globmed", "report", "build", "out", "--json", "-")
    assert ran.code == 0, ran.err
    report = json.loads(ran.out)
    assert [one["id"] for one in report["boards"]] == ["gen-acc", "gen-chrf", "gen-rouge_l", "ll-acc", "ll-acc_norm"]
    (file,) = (tmp_path / "out").rglob("results_*.json")
    told = json.loads(file.read_text("utf-8"))["results"]
    board, names = report["boards"][1], [one["name"] for one in report["sets"]]
    for place, name in enumerate(board["sets"]):
        for column, code in enumerate(("en", "sw")):
            found = board["cells"]["score"][place][0][column]
            assert found == pytest.approx(told[f"globmed_{names[name]}_{code}"]["chrf,extract"], abs=5e-5)
    assert {one["replies"]["en"][0][0] for one in report["items"]["items"]} == {"lol"}
