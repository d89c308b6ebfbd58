"""The recipes that are shipped: each complete in itself, right for the hardware it names, and with no key that can be misspelt."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
import yaml

from globmed_tools import languages
from globmed_tools.recipes import check, gpus, models, recipe, schema
from globmed_tools.recipes.rules import keys

NAMES = recipe.names()


def read(name):
    return recipe.read(name)


def test_these_are_shipped():
    qwen = [f"qwen3-{size}-{method}" for size in ("1.7b", "4b", "8b") for method in ("full", "lora", "qlora")]
    assert sorted(NAMES) == sorted(["gemma-3-4b-lora", "globmed-tiny", "globmed-tiny-lora", "llama-3.1-8b-lora", *qwen])


@pytest.mark.parametrize("name", NAMES)
def test_passes_its_own_check(name, tmp_path):
    report = check.check(read(name), files=False, folder=tmp_path)
    assert report.setups, "the header names no set-up"
    assert [finding.message for finding in report.findings] == []
    assert [(one.setup.name, finding.message) for one in report.setups for finding in one.findings] == []


@pytest.mark.parametrize("name", NAMES)
def test_header_says_how_to_run_it_and_what_is_our_choice(name):
    header = read(name).header.splitlines()
    assert any(line.strip().startswith(f"axolotl train recipes/{name}.yml") for line in header)
    assert any(line.startswith("Our choice: ") for line in header)
    assert header.count("-- plan") == header.count("-- end") == 1
    sharded = any(gpus.setup(one).gpus > 1 for one in check.own_setups(read(name)))
    assert any("--launcher torchrun -- --nproc_per_node=8" in line for line in header) is sharded


def test_list_shows_what_each_needs(command):
    told = json.loads(command("globmed", "recipes", "list", "--json").out)
    assert [one["name"] for one in told] == NAMES
    one = next(row for row in told if row["name"] == "qwen3-8b-full")
    assert (one["base_model"], one["method"]) == ("Qwen/Qwen3-8B-Base", "full")
    assert [(setup["name"], setup["tokens_a_step"]) for setup in one["setups"]] == [("8xh100", 8 * 2 * 2 * 4096)]
    assert all(
        setup["memory_bytes"] < setup["gpu_bytes"] for row in told for setup in row["setups"] if setup["gpu_bytes"]
    )


def test_path_is_the_file_that_axolotl_is_given(command):
    ran = command("globmed", "recipes", "path", "globmed-tiny")
    given = Path(ran.out.strip())  # the installed command gives its own copy
    assert given.name == "globmed-tiny.yml" and given.read_bytes() == recipe.find("globmed-tiny").read_bytes()
    assert "did you mean globmed-tiny?" in command("globmed", "recipes", "path", "globmed-tyni").one_line()


@pytest.mark.parametrize("name", NAMES)
def test_evaluates_the_papers_languages_each_by_itself(name):
    settings = read(name).settings
    paths = [entry["path"] for entry in settings["test_datasets"]]
    assert paths == [f"mix/eval/{code}.jsonl" for code in languages.codes(paper=True)]
    assert "globmed_axolotl.PerLanguageEvaluation" in settings["plugins"]
    assert {frozenset({**entry, "path": ""}.items()) for entry in _hashable(settings["test_datasets"])} == {
        frozenset({**entry, "path": ""}.items()) for entry in _hashable(settings["datasets"])
    }


def _hashable(entries):
    return [{key: str(value) for key, value in entry.items()} for entry in entries]


@pytest.mark.parametrize("name", NAMES)
def test_turn_terminator_is_trained_and_ends_generation(name):
    settings = read(name).settings
    base = models.table().get(settings["base_model"])
    terminator = base.turn_end if base else "<|im_end|>"
    assert settings["special_tokens"]["eos_token"] == terminator
    assert terminator in schema.load().templates[settings["chat_template"]]
    assert settings["special_tokens"]["pad_token"] != terminator
    assert settings["datasets"][0]["train_on_eos"] == "turn"
    assert settings["datasets"][0]["roles_to_train"] == ["assistant"]


@pytest.mark.parametrize("name", NAMES)
def test_folders_are_the_runs_own(name):
    settings = read(name).settings
    assert settings["output_dir"] == f"runs/{name}"
    assert settings["dataset_prepared_path"] == f"runs/{name}/prepared"
    assert settings["seed"] == 42


def misspellings(key):
    """A letter doubled, one left out, two exchanged: what remains of a key of three letters and more is still near it."""
    middle = max(1, len(key) // 2)
    yield key[:middle] + key[middle - 1] + key[middle:]
    if len(key) > 4:
        yield key[:middle] + key[middle + 1 :]
        if key[middle] != key[middle - 1]:
            yield key[: middle - 1] + key[middle] + key[middle - 1] + key[middle + 1 :]


def places():
    """Every key of every recipe at its place, each place of a kind once: (recipe, place)."""
    kinds = {}
    for name in NAMES:
        for place in read(name).lines:
            if isinstance(place[-1], str) and "<<" not in place:
                kinds.setdefault(tuple(part for part in place if isinstance(part, str)), (name, place))
    return sorted(kinds.values(), key=str)


def test_every_key_misspelt_is_an_error_that_names_the_right_one(tmp_path):
    texts = {name: read(name).path.read_text("utf-8").splitlines() for name in NAMES}
    tried = 0
    for name, place in places():
        lines, key = texts[name], place[-1]
        at = read(name).lines[place] - 1
        for wrong in misspellings(key):
            changed = re.sub(rf"\b{re.escape(key)}:", f"{wrong}:", lines[at], count=1)
            assert changed != lines[at], place
            path = tmp_path / "x.yml"
            path.write_text("\n".join([*lines[:at], changed, *lines[at + 1 :]]), "utf-8")
            said = [one for one in keys.known(check.case(recipe.read(path), tmp_path)) if wrong in one.message]
            assert [(one.severity, one.line) for one in said] == [("error", at + 1)], (place, wrong, said)
            assert re.search(rf"did you mean [`']{re.escape(key)}[`']\?", said[0].message), said[0].message
            tried += 1
    assert len(places()) > 65
    assert tried > 180


def test_recipes_are_plain_yaml_that_axolotl_reads_the_same_way():
    for name in NAMES:
        found = read(name)
        assert found.settings == yaml.safe_load(found.path.read_text("utf-8"))


@pytest.mark.axolotl
@pytest.mark.slow
def test_axolotl_itself_accepts_every_recipe_and_drops_no_key(axolotl_env, tmp_path):
    reports = [check.check(read(name), files=False, folder=tmp_path) for name in NAMES]
    said = check.deep(reports)
    assert len(said) == len(NAMES)
    for path, setups in said.items():
        assert setups, path
        assert all(answer == {"refused": None, "dropped": []} for answer in setups.values()), (path, setups)


@pytest.mark.axolotl
@pytest.mark.slow
def test_axolotl_itself_is_asked(axolotl_env, tmp_path):
    """What it refuses is passed on, and so is a key that it drops."""
    good = read("qwen3-8b-lora")
    both = dataclasses.replace(good, path=tmp_path / "both.yml", settings={**good.settings, "warmup_steps": 5})
    odd = dataclasses.replace(good, path=tmp_path / "odd.yml", settings={**good.settings, "learning_ratee": 1})
    said = check.deep([check.check(one, ["1xh100"], files=False, folder=tmp_path) for one in (both, odd)])
    refused = said[str(both.path)]["1xh100"]["refused"]
    assert "warmup_steps and warmup_ratio are mutually exclusive" in refused
    assert said[str(odd.path)]["1xh100"] == {"refused": None, "dropped": ["learning_ratee"]}
