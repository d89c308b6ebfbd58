"""The whole way on a CPU: sample -> curate export -> mix -> axolotl preprocess, train, merge-lora -> lm_eval, before and after.

Everything from preprocess to merge-lora runs in one process (axolotl_side/commands.py), by Axolotl's own command line.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from globmed_tools import languages
from globmed_tools.entry import to_dict
from globmed_tools.recipes import env, recipe, tiny
from globmed_tools.recipes.mix import mix, sample
from globmed_tools.recipes.mix.options import Options

pytestmark = [pytest.mark.axolotl, pytest.mark.slow]

RECIPES = ("globmed-tiny", "globmed-tiny-lora")
SHORT = ("--max-steps", "6", "--eval-steps", "1000")
#: Held-out items of the sample, in a language of each kind of script and tier.
TASKS = [f"globmed_medqa_{code}" for code in ("en", "zh", "sw", "yo")]


@pytest.fixture(scope="module")
def trained(axolotl_env, tmp_path_factory) -> Path:
    """The folder of all runs."""
    folder = tmp_path_factory.mktemp("train")
    _mixed(folder)
    tiny.base(folder / "tiny-base")
    full, lora = (str(recipe.find(name)) for name in RECIPES)
    python = ("--launcher", "python")
    commands = [
        ["preprocess", full],
        ["train", full, *python],
        ["evaluate", full, *python, "--base-model", "runs/globmed-tiny", "--output-dir", "runs/evaluated"],
        ["train", lora, *python],
        ["merge-lora", lora],
        ["train", full, *python, *SHORT, "--output-dir", "runs/once"],
        ["train", full, *python, *SHORT, "--output-dir", "runs/twice"],
        ["train", full, *python, *SHORT, "--output-dir", "runs/other-seed", "--seed", "7"],
    ]
    done = env.run("commands.py", {"commands": commands}, cwd=folder)["commands"]
    assert [one["command"] for one in done] == commands
    return folder


def _mixed(folder: Path) -> None:
    """The sample through `globmed curate export` and `mix`: train and dev, for train alone has too few choice questions to
    learn from that a question with four options is never answered with F. What lm_eval asks is test."""
    entries = b"".join(orjson.dumps(to_dict(one), option=orjson.OPT_APPEND_NEWLINE) for one in sample.entries())
    (folder / "entries.jsonl").write_bytes(entries)
    command = [sys.executable, "-m", "globmed_tools.cli", "curate", "export", "entries.jsonl", "--out", "release"]
    command += ["--layout", "chat", "--split", "train", "--split", "dev", "--quiet"]
    subprocess.run(command, cwd=folder, check=True)
    paper = tuple(languages.codes(paper=True))
    told = mix([folder / "release"], folder / "mix", Options(splits=("train", "dev"), languages=paper))
    assert told["entries"] == 12 * 17


def history(folder: Path, run: str) -> list[dict]:
    """What the trainer logged, as the plugin keeps it."""
    return json.loads((folder / "runs" / run / "trainer_state.json").read_bytes())["log_history"]


def losses(folder: Path, run: str) -> list[float]:
    return [one["loss"] for one in history(folder, run) if "loss" in one]


@pytest.mark.parametrize("name", RECIPES)
def test_the_loss_falls_and_is_told_for_each_language(trained, name):
    logged = history(trained, name)
    curve = [one["loss"] for one in logged if "loss" in one]
    assert 8.0 < curve[0] < 8.6  # chance of 4,096 tokens is ln(4096) = 8.3
    assert sum(curve[-5:]) / 5 < 0.75 * curve[0]
    expected = {f"eval_{Path(one['path']).stem}_loss" for one in recipe.read(name).settings["test_datasets"]}
    told = [{key for key in one if key.startswith("eval_") and key.endswith("_loss")} for one in logged]
    assert len(expected) == 12 and set().union(*told) == expected | {"eval_loss"}
    by_language = [next(one[key] for one in reversed(logged) if key in one) for key in expected]
    mean = next(one["eval_loss"] for one in reversed(logged) if "eval_loss" in one)
    assert mean == pytest.approx(sum(by_language) / 12, abs=1e-6) and max(by_language) > min(by_language)


def test_the_seeded_run_twice_gives_the_same_curve_and_another_seed_another(trained):
    once, twice, other = (losses(trained, run) for run in ("once", "twice", "other-seed"))
    assert len(once) == 6 and once == twice
    assert once != other


def test_axolotl_evaluate_tells_the_languages_apart_too(trained):
    with (trained / "runs/evaluated/eval_summary.csv").open() as file:
        found = {row["metric"]: row["validation"] for row in csv.DictReader(file)}
    last = history(trained, "globmed-tiny")
    for code in ("en", "wo", "zu"):
        trained_loss = next(one[f"eval_{code}_loss"] for one in reversed(last) if f"eval_{code}_loss" in one)
        assert float(found[f"{code}_loss"]) == pytest.approx(trained_loss, abs=1e-3)


@pytest.fixture(scope="module")
def answered(trained) -> dict[str, dict[str, float]]:
    """Run -> task -> share of held-out items whose reply is read as an answer, by lm_eval."""
    found = {}
    models = {"before": "tiny-base", "full": "runs/globmed-tiny", "lora": "runs/globmed-tiny-lora/merged"}
    for name, model in models.items():
        out = trained / "results" / name
        command = [sys.executable, "-m", "globmed_tools.cli", "bench", "run", "--model", "hf", "--device", "cpu"]
        command += ["--model_args", f"pretrained={trained / model},dtype=float32", "--tasks", ",".join(TASKS)]
        command += ["--apply_chat_template", "--batch_size", "16", "--gen_kwargs", "max_gen_toks=24"]
        command += ["--output_path", str(out), "--metadata", '{"globmed_data": "sample"}']
        settings = {**os.environ, "HF_HUB_OFFLINE": "1"}
        done = subprocess.run(command, cwd=trained, env=settings, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        (file,) = out.rglob("results_*.json")
        results = json.loads(file.read_bytes())["results"]
        found[name] = {task: next(v for k, v in results[task].items() if k.startswith("answered,")) for task in TASKS}
    return found


def test_before_training_hardly_a_reply_is_an_answer(answered):
    assert sum(answered["before"].values()) / len(TASKS) <= 0.1


@pytest.mark.parametrize("run", ["full", "lora"])
def test_after_training_replies_to_held_out_items_are_answers(answered, run):
    assert sum(answered[run].values()) / len(TASKS) >= 0.9, answered[run]


def test_a_source_written_anew_is_not_trained_on_from_the_old_preparation(trained, axolotl_env):
    """Axolotl finds prepared data by the path of its source; the plugin stops the run instead."""
    code = (
        "import globmed_axolotl as p\n"
        "from axolotl.utils.dict import DictDefault as D\n"
        "cfg = D({'dataset_prepared_path': 'stale', 'datasets': [{'path': 'in.jsonl'}]})\n"
        "load = p.PerLanguageEvaluation().load_datasets\n"
        "open('in.jsonl', 'w').write('1'); load(cfg); load(cfg)\n"
        "open('in.jsonl', 'w').write('2'); load(cfg)\n"
    )
    variables = env.environment(axolotl_env)
    done = subprocess.run(
        [axolotl_env, "-c", code], cwd=trained, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "in.jsonl: changed since stale was prepared from it" in done.stderr.strip().splitlines()[-1]
    assert '"<string>", line 6' in done.stderr and '"<string>", line 5' not in done.stderr  # the same data went through
