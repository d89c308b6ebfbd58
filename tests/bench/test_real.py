"""Real medical questions, from original files to lm-eval's results: skipped by name where the files are absent."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("lm_eval")

from globmed_tools.bench import tiny  # noqa: E402

SETS = ("headqa", "medqa", "pubmedqa", "mmlu_pro", "medmcqa")
TASKS = "globmed_headqa_es,globmed_headqa_en,globmed_medqa_en,globmed_pubmedqa_en,globmed_mmlu_pro_en"


@pytest.mark.slow
@pytest.mark.wheel
def test_from_original_files_to_results(command, tmp_path, real_data):
    for name in SETS:
        ran = command("globmed", "curate", "ingest", name, real_data(name), "--out", "data", "--quiet")
        assert ran.code == 0, ran.err
    ran = command("globmed", "bench", "doctor", "--data", "data", "--json")
    assert ran.code == 0
    usable = {
        (one["set"], one["language"]): one for one in json.loads(ran.out)["findings"] if one["status"] == "usable"
    }
    assert set(usable) == {("headqa", "en"), ("headqa", "es"), *((name, "en") for name in SETS[1:])}
    assert usable["headqa", "es"]["splits"] == {"train": 2588, "dev": 1335, "test": 2675}
    assert usable["headqa", "es"]["parallel"] == 1.0
    assert usable["medmcqa", "en"]["evaluated"] == "dev"

    model = tiny.make(tmp_path / "tiny")
    ran = command(
        "lm_eval", "run", "--model", "hf", "--model_args", f"pretrained={model},dtype=float32,max_length=2048",
        "--device", "cpu", "--batch_size", "16", "--tasks", TASKS, "--limit", "50", "--gen_kwargs", "max_gen_toks=8",
        "--metadata", json.dumps({"globmed_data": "data"}), "--output_path", "out", "--log_samples", timeout=500,
    )  # fmt: skip
    assert ran.code == 0, ran.err[-2000:]
    (file,) = (tmp_path / "out").rglob("results_*.json")
    found = json.loads(file.read_text("utf-8"))
    groups = {}
    for task in TASKS.split(","):
        assert found["n-samples"][task]["effective"] == 50
        assert "globmed data: folder data; split test" in found["configs"][task]["custom_dataset"]
        (path,) = (tmp_path / "out").rglob(f"samples_{task}_*.jsonl")
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        assert len(rows) == 50 and all(row["doc"]["options"] or row["doc"]["form"] == "yesno" for row in rows)
        groups[task] = {row["doc"]["group_id"] for row in rows}
    assert len(groups["globmed_headqa_es"] & groups["globmed_headqa_en"]) >= 45
