"""What is trained: the assistant's turns and their terminators and nothing else, in every language, under every template."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from globmed_tools import languages
from globmed_tools.errors import GlobmedError
from globmed_tools.recipes import mask, recipe

#: One shipped recipe a chat template; globmed-tiny's settings stand for those that a mistake is made in.
TEMPLATES = {"qwen3-8b-lora": "<|im_end|>", "llama-3.1-8b-lora": "<|eot_id|>", "gemma-3-4b-lora": "<end_of_turn>"}


def broken(name, change):
    """globmed-tiny with its first data set (and with it the settings) changed."""
    one = recipe.read("globmed-tiny")
    settings = {**one.settings, "datasets": [dict(one.settings["datasets"][0])]}
    change(settings)
    return replace(one, name=name, settings=settings)


def unend(settings):
    settings["special_tokens"]["eos_token"] = "<|endoftext|>"


BROKEN = {
    "all roles": broken("all roles", lambda s: s["datasets"][0].update(roles_to_train=["assistant", "user"])),
    "no end": broken("no end", lambda s: s["datasets"][0].update(train_on_eos="none")),
    "short": broken("short", lambda s: s.update(sequence_len=64)),
    "thinking": broken("thinking", lambda s: s.update(chat_template="qwen3")),
}


@pytest.fixture(scope="module")
def seen(axolotl_env, sample_mix):
    """Every row of the sample's mix under each template, and under recipes with a mistake in them; one process."""
    recipes = [*map(recipe.read, TEMPLATES), *BROKEN.values()]
    return {one.recipe: one for one in mask.look(recipes, data=sample_mix / "train.jsonl", each=0, stand_in=True)}


@pytest.mark.axolotl
@pytest.mark.slow
@pytest.mark.parametrize("name", TEMPLATES)
def test_the_reply_and_its_terminator_are_trained_and_nothing_else(seen, name, sample_mix, rows):
    one, read = seen[name], rows(sample_mix / "train.jsonl")
    assert one.problems() == [] and one.terminator == TEMPLATES[name]
    assert set(one.summary()) == set(languages.codes()) and len(languages.codes()) == 17
    assert len(one.examples) == len(read) == 17 * 7
    shown = {example["id"]: example for example in one.examples if "segments" in example}
    assert len(shown) == 17 * 2
    for row in read:
        if row["id"] in shown:
            segments = shown[row["id"]]["segments"]
            reply = row["messages"][1]["content"]
            assert [text for text, trained in segments if trained] == [reply + TEMPLATES[name]]
            # outside: the prompt before, and at most the line break that the template puts behind the turn
            before, after = segments[0], segments[2:]
            assert row["messages"][0]["content"].strip() in before[0] and not before[1]
            assert after in ([], [["\n", False]])


@pytest.mark.axolotl
@pytest.mark.slow
@pytest.mark.parametrize("name", TEMPLATES)
def test_packed_every_entry_is_there_once_and_trained_as_it_is_unpacked(seen, name):
    packed = seen[name].packed
    assert packed["problems"] == [] and packed["entries"] == 17 * 7
    assert 2 <= packed["bins"] <= 30 and packed["efficiency"] > 0.9


@pytest.mark.axolotl
@pytest.mark.slow
@pytest.mark.parametrize(
    "name, said",
    [
        ("all roles", "2 stretches are trained, and the assistant has 1 turns"),
        ("no end", "the terminator <|im_end|> is not trained"),
        ("short", "more than sequence_len 64: Axolotl would raise it"),
        ("thinking", "before the reply stands"),
    ],
)
def test_mistakes_are_found_in_every_row(seen, name, said):
    one = seen[name]
    assert all(any(said in problem for problem in example["problems"]) for example in one.examples), one.problems()[:3]
    assert sum(row["problems"] for row in one.summary().values()) == len(one.examples) == 17 * 7


@pytest.mark.axolotl
@pytest.mark.slow
def test_the_command_marks_what_is_trained(axolotl_env, command, sample_mix):
    args = ("globmed", "recipes", "mask", "llama-3.1-8b-lora", "--stand-in", "--data", sample_mix / "train.jsonl")
    done = command(*args, "--language", "sw", "-n", "1", GLOBMED_AXOLOTL=str(axolotl_env.parent.parent))
    assert done.code == 0, done.err
    assert done.out.count("⟦") == done.out.count("<|eot_id|>⟧") == 1 and "1 of 1" in done.out


def test_rows_are_chosen_by_language_in_their_order(tmp_path):
    source = tmp_path / "in.jsonl"
    rows = [{"language": code, "id": number} for number, code in enumerate(["sw", "en", "sw", "sw", "en"])]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    chosen = mask._choose(source, tmp_path / "out", 2, ["sw"]).read_text().splitlines()
    assert [json.loads(line)["id"] for line in chosen] == [0, 2]
    assert len(mask._choose(source, tmp_path / "out", 0, []).read_text().splitlines()) == 5
    with pytest.raises(GlobmedError, match="no rows of yo"):
        mask._choose(source, tmp_path / "out", 2, ["sw", "yo"])
    source.write_text('{"text": "x"}\n')
    with pytest.raises(GlobmedError, match="in.jsonl, line 1: no language"):
        mask._choose(source, tmp_path / "out", 2, [])
    with pytest.raises(GlobmedError, match="none.jsonl: no such file"):
        mask._choose(tmp_path / "none.jsonl", tmp_path / "out", 2, [])
