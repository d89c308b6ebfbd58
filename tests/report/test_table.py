"""From result files to rows by language."""

from __future__ import annotations

import json

import pytest

from globmed_tools.errors import GlobmedError
from globmed_tools.report import results, table


def result_file(folder, name="results_1.json", data="sample", **tasks):
    fields = {
        "model_name": "m",
        "results": {
            task: {"alias": task, "acc,extract": acc, "acc_stderr,extract": "N/A"} for task, acc in tasks.items()
        },
        "configs": {task: {"custom_dataset": f"globmed data: {data} (x, y); split test"} for task in tasks},
        "n-samples": {task: {"effective": 10} for task in tasks},
    }
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(fields))
    return folder / name


def test_sets_count_the_same_and_missing_ones_are_not_filled_in(tmp_path):
    file = result_file(tmp_path, globmed_medqa_sw=0.2, globmed_bionli_sw=0.6, globmed_medqa_en=0.8, mmlu=0.9)
    rows = table.by_language(results.rows(file))
    assert [(row.language, row.sets, row.n, row.scores["acc"]) for row in rows] == [
        ("en", 1, 10, 0.8),
        ("sw", 2, 20, 0.4),
    ]
    assert rows[0].scores["chrf"] is None


def test_what_should_not_be_compared_is_refused(command, tmp_path):
    result_file(tmp_path / "r", "results_1.json", globmed_medqa_sw=0.2)
    result_file(tmp_path / "r", "results_2.json", data="hub", globmed_medqa_en=0.2)
    assert "different data sources: hub, sample" in command("globmed", "report", "table", "r").one_line()
    result_file(tmp_path / "r", "results_2.json", globmed_medqa_sw=0.3)
    assert (
        "globmed_medqa_sw of m is in results_1.json and in results_2.json"
        in command("globmed", "report", "table", "r").one_line()
    )
    shown = command("globmed", "report", "table", "r/results_1.json", "--json")
    assert json.loads(shown.out)["rows"][0]["scores"]["acc"] == 0.2


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"results": [1]}', '{"results": {"mmlu": {"acc,none": 1}}}'])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "results_x.json").write_text(content)
    with pytest.raises(GlobmedError, match="results_x.json: n"):
        results.rows(tmp_path / "results_x.json")


def test_empty_and_absent_folders(tmp_path):
    with pytest.raises(GlobmedError, match="no results_"):
        results.result_files([tmp_path])
    with pytest.raises(GlobmedError, match="no such file"):
        results.result_files([tmp_path / "absent"])
