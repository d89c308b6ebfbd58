"""Plans: worked by hand, as the command prints them, and the headers of the shipped recipes."""

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from globmed_tools import languages, resources
from globmed_tools.errors import GlobmedError
from globmed_tools.recipes import flops, gpus, memory, models, plan, plan_data, plan_stamp, recipe
from globmed_tools.recipes.commands.plan import plan as command

SMALL = models.Model("small", "Qwen3ForCausalLM", "Qwen3DecoderLayer", 2, 64, 128, 4, 2, 16, 1000, True, 512)
LLAMA = models.get("meta-llama/Llama-3.1-8B")
H100 = gpus.setup("1xh100")


def call(*arguments):
    return CliRunner().invoke(command, [str(one) for one in arguments])


def write(path: Path, rows) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def turns(user, assistant, language="en"):
    messages = [{"role": "user", "content": user}, {"role": "assistant", "content": assistant}]
    return {"messages": messages, "language": language}


# FLOPs


def test_full_fine_tuning_takes_six_operations_a_matrix_parameter():
    matrices = 2 * (64 * 16 * (2 * 4 + 2 * 2) + 3 * 64 * 128)
    work = flops.per_token({}, SMALL, mean_square=100.0)
    # Attention: 2 layers x 64 wide x 100 tokens, 2 operations forward (half of 4, causal) and twice that backward.
    assert work.model == 6 * (matrices + 64000) + 3 * 2 * 2 * 64 * 100
    assert work.hardware == work.model
    again = flops.per_token({"gradient_checkpointing": True}, SMALL, mean_square=100.0)
    assert again.model == work.model
    assert again.hardware == work.model + 2 * matrices + 2 * 2 * 64 * 100


def test_an_adapter_takes_four_and_six_for_its_own():
    settings = {"adapter": "lora", "lora_r": 8, "lora_target_modules": ["q_proj"]}
    matrices = 2 * (64 * 16 * 12 + 3 * 64 * 128)
    assert flops.per_token(settings, SMALL, mean_square=0).model == 4 * (matrices + 64000) + 6 * 2 * 8 * (64 + 64)


def test_published_figures_come_out():
    # NeMo AutoModel's summary: Llama 3 8B, LoRA, one H100: 12,473 tokens a second, 402 TFLOP/s.
    settings = {"adapter": "lora", "lora_r": 16, "lora_target_linear": True}
    work = flops.per_token(settings, LLAMA, mean_square=4096).model
    assert flops.utilisation(12_473, work, 1, 989.4) == pytest.approx(0.41, abs=0.02)


# Lengths


def test_reference_data_is_half_a_million_entries_in_the_papers_languages():
    found = plan_data.reference("qwen")
    assert list(found.by_language) == [code for code, one in languages.table().items() if one.in_paper]
    assert len(found.all) * found.weight == pytest.approx(plan_data.ENTRIES, rel=0.001)
    means = {code: sum(part) / len(part) for code, part in found.by_language.items()}
    frame = 2 * plan_data.TURN
    for code in ("zh", "yo"):
        ratio = plan_data.fertility("qwen", code)["against_english"]
        assert (means[code] - frame) / (means["en"] - frame) == pytest.approx(ratio, rel=0.01)


def test_every_language_was_measured_in_every_family():
    for name in ("qwen", "llama3", "gemma"):
        for code in languages.table():
            row = plan_data.fertility(name, code)
            assert row["characters"] > 0.5 and row["against_english"] > 0.9
    with pytest.raises(GlobmedError, match="no measured tokens"):
        plan_data.fertility("qwen", "xx")


def test_a_file_is_estimated_from_characters(tmp_path):
    path = write(tmp_path / "train.jsonl", [turns("a" * 1000, "b" * 100), turns("c" * 500, "d", "sw")])
    found = plan_data.from_file(path, "qwen")
    english, swahili = (plan_data.fertility("qwen", code)["characters"] for code in ("en", "sw"))
    assert found.by_language == {"en": [round(1100 / english + 10)], "sw": [round(501 / swahili + 10)]}
    assert found.trained == pytest.approx(100 / english + 1 + 1 / swahili + 1)
    assert not found.counted


def test_a_file_is_counted_with_a_tokenizer(tmp_path):
    from tokenizers import Tokenizer
    from tokenizers import models as kinds
    from tokenizers.pre_tokenizers import ByteLevel

    raw = Tokenizer(kinds.BPE({char: n for n, char in enumerate(sorted(ByteLevel.alphabet()))}, []))
    raw.pre_tokenizer = ByteLevel(add_prefix_space=False)
    raw.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    raw.save(str(tmp_path / "tokenizer.json"))
    path = write(tmp_path / "train.jsonl", [turns("abc", "de")])
    found = plan_data.from_file(path, "qwen", tokenizer=tmp_path)
    # A byte a token: <|im_start|> user \n abc <|im_end|> \n, and the same with assistant and de.
    assert found.by_language == {"en": [(1 + 4 + 1 + 3 + 1 + 1) + (1 + 9 + 1 + 2 + 1 + 1)]}
    assert found.counted


@pytest.mark.parametrize(
    "row", [{"language": "en"}, {"messages": [{"role": "user"}], "language": "en"}, {"messages": []}]
)
def test_a_row_that_is_no_conversation_is_named(tmp_path, row):
    path = write(tmp_path / "train.jsonl", [turns("a", "b"), row])
    with pytest.raises(GlobmedError, match="line 2: needs `messages`"):
        plan_data.from_file(path, "qwen")


# The plan


def made(tmp_path, changes="", **more):
    text = (
        "# Set-ups: 1xh100\nbase_model: Qwen/Qwen3-8B-Base\nsequence_len: 100\nmicro_batch_size: 2\n"
        "gradient_accumulation_steps: 3\nnum_epochs: 2\nbf16: auto\nsample_packing: true\n"
        f"attn_implementation: flash_attention_2\n{changes}"
    )
    (tmp_path / "mine.yml").write_text(text, "utf-8")
    return plan.make(recipe.read(tmp_path / "mine.yml"), more.pop("setup", H100), **more)


def fifty(tmp_path):
    """Fifty entries of 50 tokens: 2 x 5 around the turns, 40 in them."""
    characters = round(20 * plan_data.fertility("qwen", "en")["characters"])
    return write(tmp_path / "train.jsonl", [turns("a" * characters, "b" * characters)] * 50)


def test_a_plan_by_hand(tmp_path):
    found = made(tmp_path, data=fifty(tmp_path), mfu=0.5, price=2.0)
    assert found.tokens_an_epoch == 50 * 50
    # Four entries fill a row of 2 x 100: 13 rows, 3 a step: 5 steps, twice.
    assert (found.steps_an_epoch, found.steps, found.tokens) == (5, 10, 5000)
    assert found.packing == pytest.approx(2500 / 2600)
    work = flops.per_token(
        recipe.read(tmp_path / "mine.yml").settings, models.get("Qwen/Qwen3-8B-Base"), mean_square=50
    )
    assert found.model_flops == pytest.approx(5000 * work.model)
    assert found.hours == pytest.approx(5000 * work.model / (989.4e12 * 0.5) / 3600)
    assert found.kwh == pytest.approx(found.hours * 0.7)
    assert found.money == pytest.approx(found.hours * 2)


def test_more_gpus_take_less_time_and_the_same_energy(tmp_path):
    data = fifty(tmp_path)
    one, eight = (made(tmp_path, data=data, setup=gpus.setup(name)) for name in ("1xh100", "8xh100"))
    assert eight.hours == pytest.approx(one.hours / 8)
    assert eight.kwh == pytest.approx(one.kwh)
    assert eight.steps_an_epoch == 1
    assert made(tmp_path, data=data, pue=1.5).kwh == pytest.approx(1.5 * one.kwh)


def test_padding_costs_time(tmp_path):
    data = fifty(tmp_path)
    assert made(tmp_path, "pad_to_sequence_len: true\n", data=data).hours > made(tmp_path, data=data).hours


def test_max_steps_end_a_run(tmp_path):
    found = made(tmp_path, "max_steps: 4\n", data=fifty(tmp_path))
    assert (found.steps, found.epochs, found.tokens) == (4, 0.8, 2000)


def test_entries_that_are_too_long_are_said(tmp_path):
    data = fifty(tmp_path)
    with data.open("a") as out:
        out.write(json.dumps(turns("a" * 1000, "b")) + "\n")
    found = made(tmp_path, "excess_length_strategy: raise\n", data=data)
    assert found.too_long == 1
    assert "1 entries are longer than sequence_len 100 (Axolotl will raise)" in found.warnings
    assert plan.ASSUMED in found.warnings
    assert plan.ASSUMED not in made(tmp_path, data=data, mfu=0.4).warnings


def test_a_recipe_without_length_is_refused(tmp_path):
    (tmp_path / "x.yml").write_text("base_model: Qwen/Qwen3-8B-Base\n", "utf-8")
    with pytest.raises(GlobmedError, match="sequence_len is missing"):
        plan.make(recipe.read(tmp_path / "x.yml"), H100)


# The command


def test_the_command_prints_a_table_or_json():
    shown = call("qwen3-8b-lora", "--setup", "1xh100")
    assert shown.exit_code == 0 and "hours" in shown.output and plan.ASSUMED in shown.output
    told = json.loads(call("qwen3-8b-lora", "--setup", "1xh100", "--json").output)
    assert [one["setup"] for one in told] == ["1xh100"]
    assert set(told[0]["memory"]["parts"]) == {"weights", "gradients", "optimiser", "activations", "logits", "overhead"}


def test_the_sweep_says_what_fits():
    told = json.loads(call("qwen3-4b-full", "--gpu", "h100", "--sweep", "--json").output)
    fits = {(row["sequence_len"], row["micro_batch_size"]): row["fits"] for row in told}
    assert fits[1024, 1] and not fits[8192, 16]
    read = recipe.read("qwen3-4b-full")
    settings = read.settings | {"sequence_len": 2048, "micro_batch_size": 4}
    gib = memory.estimate(settings, models.get("Qwen/Qwen3-4B-Base"), 1).gib
    assert next(row for row in told if (row["sequence_len"], row["micro_batch_size"]) == (2048, 4))["gib"] == round(
        gib, 1
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name a recipe"),
        (["qwen3-8b-lora", "--stamp"], "takes no recipe"),
        (["qwen3-8b-lora", "--check"], "goes with --stamp"),
        (["qwen3-8b-lora", "--gpu", "h100", "--setup", "1xh100"], "exclude"),
    ],
)
def test_wrong_use_is_said(arguments, message):
    found = call(*arguments)
    assert found.exit_code == 2 and message in found.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["qwen3-8b-lorra"], "did you mean qwen3-8b-lora"),
        (["qwen3-8b-lora", "--gpu", "h1000"], "unknown GPU"),
        (["qwen3-8b-lora", "--data", "nowhere.jsonl"], "no such file"),
    ],
)
def test_bad_input_is_one_line(arguments, message):
    assert re.search(message, str(call(*arguments).exception))


# Headers


def test_the_headers_of_the_shipped_recipes_are_as_planned():
    assert plan_stamp.drift() == []
    assert len(recipe.names()) == 13


def test_a_drifted_header_is_found_and_mended(tmp_path):
    name = "qwen3-8b-lora"
    for path in resources.recipes().glob("*.yml"):
        shutil.copy(path, tmp_path)
    path = tmp_path / f"{name}.yml"
    whole = path.read_text("utf-8")
    path.write_text(re.sub(r"(# 1xh100: )\d+", r"\g<1>1", whole), "utf-8")
    assert plan_stamp.drift(tmp_path) == [path]
    plan_stamp.drift(tmp_path, write=True)
    assert path.read_text("utf-8") == whole
    path.write_text(whole.replace("# -- end\n", ""), "utf-8")
    with pytest.raises(GlobmedError, match="needs one line '# -- plan'"):
        plan_stamp.drift(tmp_path)
