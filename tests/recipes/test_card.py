"""Model cards: every figure is one of the run's, the mix's or the results'; what is missing is said; strangers are refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import yaml

from globmed_tools import languages
from globmed_tools.errors import GlobmedError
from globmed_tools.recipes import card_run
from globmed_tools.recipes.card import card
from globmed_tools.recipes.mix import mix
from globmed_tools.recipes.mix.options import Options

RECIPE = """\
# A recipe for tests.
#
# Our choice: everything.

base_model: Qwen/Qwen3-1.7B-Base
adapter: lora
lora_r: 16
datasets:
  - path: mix/train.jsonl
    type: chat_template
learning_rate: 2.0e-4
num_epochs: 3
output_dir: runs/tried
"""
#: As Axolotl 0.19.0 leaves them, shortened.
HISTORY = [
    {"step": 0, "eval_sw_loss": 8.5, "eval_en_loss": 7.25, "eval_loss": 7.875},
    {"step": 1, "loss": 8.25, "grad_norm": 1.0, "tokens/total": 1000, "tokens/trainable": 90},
    {"step": 21, "loss": 6.5, "memory/max_allocated (GiB)": 3.5, "tokens/total": 84762, "tokens/trainable": 7842},
    {"step": 21, "eval_sw_loss": 7.5, "eval_en_loss": 7.0, "eval_sw_runtime": 0.1, "eval_loss": 7.25, "epoch": 3.0},
]
LOG = """\
[2026-11-23 17:02:16,975] [INFO] [axolotl.cli.config.load_cfg:345] [PID:963] config:
{{
  "adapter": "lora",
  "learning_rate": {rate},
  "lora_r": 16,
  "num_epochs": 3.0,
  "world_size": 2
}}
{{'train_runtime': '7200', 'train_samples_per_second': '0.3', 'train_loss': '7.1', 'epoch': '3'}}
"""
AXOLOTL = """\
<!-- This model card has been generated automatically according to the information the Trainer had access to. -->
axolotl version: `0.19.0`
```yaml
{recipe}
```

- Transformers 5.16.1
- Pytorch 2.13.0+cpu
"""


@pytest.fixture
def tried(tmp_path):
    """A run of RECIPE with all that a run leaves; returns its folder."""
    (tmp_path / "my.yml").write_text(RECIPE)
    run = tmp_path / "runs/tried"
    for step, history in ((7, HISTORY[:2]), (21, HISTORY)):
        state = run / f"checkpoint-{step}/trainer_state.json"
        state.parent.mkdir(parents=True)
        state.write_text(json.dumps({"global_step": step, "epoch": step / 7, "log_history": history}))
    (run / "debug.log").write_text(LOG.format(rate=2e-4))
    (run / "README.md").write_text(AXOLOTL.format(recipe=RECIPE.rstrip()))
    return run


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mixed") / "mix"
    told = mix(["sample"], folder, Options(languages=("en", "sw"), eval_per_language=2))
    return folder, told


def trained_on(run: Path, file: Path) -> None:
    (run / "prepared").mkdir()
    found = {"mix/train.jsonl": hashlib.sha256(file.read_bytes()).hexdigest(), "mix/eval/en.jsonl": "0" * 64}
    (run / "prepared/globmed-sources.json").write_text(json.dumps(found))


def front(text: str) -> dict:
    assert text.startswith("---\n")
    return yaml.safe_load(text.split("---\n")[1])


def row(text: str, name: str) -> list[str]:
    found = [line for line in text.splitlines() if line.startswith(f"| {name} ")]
    assert len(found) == 1, found
    return [cell.strip() for cell in found[0].strip("|").split("|")][1:]


def test_a_run_is_read_from_its_last_checkpoint(tried):
    run = card_run.read(tried)
    assert (run.steps, run.epochs, run.tokens, run.trained_tokens) == (21, 3.0, 84762, 7842)
    assert (run.loss_first, run.loss_last, run.eval_first, run.eval_last) == (8.25, 6.5, 7.875, 7.25)
    assert list(run.languages.items()) == [("en", (7.25, 7.0)), ("sw", (8.5, 7.5))]
    assert (run.seconds, run.memory) == (7200.0, 3.5)
    assert run.versions == {"Axolotl": "0.19.0", "Transformers": "5.16.1", "Pytorch": "2.13.0+cpu"}
    assert run.recipe == RECIPE.rstrip()


def test_a_card_of_everything(tried, mixed, tmp_path):
    folder, told = mixed
    trained_on(tried, folder / "train.jsonl")
    text = card(
        tried, str(tmp_path / "my.yml"), mix=folder, licence="apache-2.0", datasets=["me/data"], title="Daktari"
    )
    head = front(text)
    assert head["language"] == ["en", "sw"] and head["base_model"] == "Qwen/Qwen3-1.7B-Base"
    assert (head["license"], head["datasets"], head["library_name"]) == ("apache-2.0", ["me/data"], "peft")
    assert "lora" in head["tags"] and head["base_model_relation"] == "adapter"
    swahili = next(one for one in told["languages"] if one["language"] == "sw")
    assert row(text, "Swahili (`sw`) | 8") == ["8", "6", "6", "1", "0.5000", f"{swahili['bytes']:,}", "2"]
    assert row(text, "Swahili (`sw`) | 8.5000") == ["8.5000", "7.5000", "-1.0000"]
    assert row(text, "optimiser steps") == ["21"] and row(text, "time") == ["2.0 hours"]
    assert row(text, "GPUs") == ["2"] and row(text, "most memory allocated") == ["3.5 GiB a GPU"]
    assert row(text, "`learning_rate`") == ["0.0002"] and row(text, "method") == ["LoRA"]
    assert "# Daktari" in text and "Our choice: everything." in text and "licence: Apache-2.0" in text
    assert "The run's log names the same settings." in text and "edited since the run" not in text
    assert "the run recorded that it was trained on this file" in text and RECIPE.rstrip() in text
    assert f"`{next(one['xxh3'] for one in told['files'] if one['path'] == 'train.jsonl')}`" in text
    assert row(text, "sample_mcq (`sample_mcq`)")[-1] == "apache-2.0"
    assert "Not a medical device" in text and "Not evaluated" in text
    assert str(tmp_path) not in text and text.endswith("from the files of the run.\n")


def test_what_is_missing_is_said_and_nothing_is_invented(tried, tmp_path):
    for name in ("debug.log", "README.md"):
        (tried / name).unlink()
    text = card(tried, str(tmp_path / "my.yml"))
    assert set(front(text)).isdisjoint({"language", "license", "datasets"})
    assert row(text, "time") == row(text, "GPUs") == ["not recorded"]
    assert "axolotl version: `not recorded`" in text and "Versions of the packages: not recorded." in text
    assert "no mix was named" in text and "The run left no log" in text and "Not evaluated" in text
    assert "Licence of this model: not stated yet" in text


def test_a_model_that_is_not_in_the_table_has_no_licence_here(tried, tmp_path):
    (tmp_path / "my.yml").write_text(RECIPE.replace("Qwen/Qwen3-1.7B-Base", str(tmp_path / "secret/model")))
    text = card(tried, str(tmp_path / "my.yml"))
    assert "`model`: not in this project's table" in text and front(text)["base_model"] == "model"


def test_settings_that_differ_and_a_recipe_that_was_edited(tried, tmp_path):
    (tried / "debug.log").write_text(LOG.format(rate=1e-3))
    (tmp_path / "my.yml").write_text(RECIPE + "# later\n")
    text = card(tried, str(tmp_path / "my.yml"))
    assert "The run used other settings than the recipe" in text
    assert [one for one in text.splitlines() if one.startswith("| `learning_rate`")][
        -1
    ] == "| `learning_rate` | 0.0002 | 0.001 |"
    assert "edited since the run" in text and "# later" not in text


def test_a_card_made_again_from_its_own_says_the_same(command, tried, tmp_path):
    arguments = ("recipes", "card", tried, "--recipe", tmp_path / "my.yml", "-o", tried / "README.md")
    assert command("globmed", *arguments).code == 0
    first = (tried / "README.md").read_text()
    assert "Pytorch 2.13.0+cpu" in first
    assert command("globmed", *arguments).code == 0
    assert (tried / "README.md").read_text() == first
    (tried / "README.md").write_text("mine")
    assert "Say --force" in command("globmed", *arguments).one_line()
    assert (tried / "README.md").read_text() == "mine"
    assert command("globmed", *arguments, "--force").code == 0
    ran = command("globmed", *arguments[:-2], "--json")
    assert json.loads(ran.out)["file"] is None and json.loads(ran.out)["card"].startswith("---")


def test_scores_are_shown_by_language_and_model(tried, tmp_path):
    for model, value in (("base", 0.25), ("/home/somebody/trained", 0.75)):
        found = {
            "model_name": model,
            "results": {
                f"globmed_medqa_{code}": {"acc,extract": value, "acc_stderr,extract": 0.1} for code in ("sw", "en")
            },
            "configs": {},
            "n-samples": {f"globmed_medqa_{code}": {"effective": 40} for code in ("sw", "en")},
        }
        file = tmp_path / f"results/{Path(model).name}/results_1.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(found))
    text = card(tried, str(tmp_path / "my.yml"), results=[tmp_path / "results"])
    assert row(text, "Swahili (`sw`) | low | 1 | 40 | 0.250")[-1] == "0.250"
    assert row(text, "Swahili (`sw`) | low | 1 | 40 | 0.750")[-1] == "0.750"
    assert "\nbase, generative:" in text and "\ntrained, generative:" in text and "somebody" not in text
    assert "Not evaluated" not in text


@pytest.mark.parametrize("broken", ["no state", "state", "mix", "mix changed", "other mix", "recipe", "results"])
def test_parts_that_are_not_what_they_should_be(tried, mixed, tmp_path, broken):
    recipe, told, results = str(tmp_path / "my.yml"), mixed[0], []
    if broken == "no state":
        for path in tried.glob("*/trainer_state.json"):
            path.unlink()
        said = "nothing was trained here"
    elif broken == "state":
        (tried / "trainer_state.json").write_text('{"global_step": "x"}')
        said = "not the state of a trainer"
    elif broken == "mix":
        told, said = tried, "no manifest.json"
    elif broken == "mix changed":
        told = tmp_path / "mix"
        mix(["sample"], told, Options(languages=("sw",)))
        (told / "train.jsonl").write_bytes(b"\n" + (told / "train.jsonl").read_bytes())
        said = "changed since it was written"
    elif broken == "other mix":
        trained_on(tried, tmp_path / "my.yml")
        said = "was not trained on"
    elif broken == "recipe":
        recipe, said = "qwen3-8b-loraa", "did you mean"
    else:
        results, said = [tmp_path / "runs"], "no results_"
    with pytest.raises(GlobmedError, match=said):
        card(tried, recipe, mix=told, results=results)


def test_the_languages_of_the_loss_table_are_those_of_the_project(tried, tmp_path):
    state = tried / "checkpoint-21/trainer_state.json"
    state.write_text(json.dumps({"global_step": 21, "log_history": [{"eval_xx_loss": 1.0, "eval_zu_loss": 2.0}]}))
    assert "xx" not in languages.table()
    assert list(card_run.read(tried).languages) == ["zu"]
