"""Every shipped recipe runs two real steps on a CPU, and what was changed for that is said in full."""

from __future__ import annotations

import pytest

from globmed_tools.errors import GlobmedError
from globmed_tools.recipes import recipe, rehearse

#: What a rehearsal may override, and nothing else: the model and the size of the run, and what only GPUs have.
SIZE = {"base_model", "max_steps", "gradient_accumulation_steps", "logging_steps", "dataset_num_proc"}
SIZE |= {"dataset_prepared_path", "output_dir", "test_datasets"}
GPU = {"bf16", "tf32", "plugins", "fsdp_version", "fsdp_config", "lora_mlp_kernel", "lora_qkv_kernel", "lora_o_kernel"}


def made(text, tmp_path):
    path = tmp_path / "x.yml"
    path.write_text(text)
    return recipe.read(path)


def test_only_what_a_cpu_lacks_is_overridden_and_everything_that_differs_is_listed():
    for name in recipe.names():
        one = recipe.read(name)
        changed, overrides = rehearse.shrink(one, "base/X", 2)
        listed = {each.key for each in overrides}
        differ = {key for key in one.settings.keys() | changed.keys() if one.settings.get(key) != changed.get(key)}
        assert differ == listed, name
        assert all(key in SIZE | GPU or key.startswith("liger_") for key in listed), (name, listed - SIZE - GPU)
        for each in overrides:
            assert each.was == one.settings.get(each.key) and each.why
            assert changed.get(each.key) == (None if each.now == rehearse.GONE else each.now)
    assert len(recipe.names()) == len(KINDS + OTHERS) == 13


def test_gpu_settings_go_and_the_others_stay(tmp_path):
    text = (
        "base_model: m\nbf16: auto\nattn_implementation: flash_attention_2\noptimizer: adamw_bnb_8bit\nload_in_4bit: true\n"
        "fsdp_config: {a: 1}\nliger_rope: true\nlearning_rate: 0.1\nplugins: [axolotl.integrations.liger.LigerPlugin, a.B]\n"
    )
    changed, overrides = rehearse.on_cpu(made(text, tmp_path).settings)
    assert changed == {
        "base_model": "m",
        "bf16": False,
        "attn_implementation": "sdpa",
        "optimizer": "adamw_torch",
        "load_in_4bit": True,  # bitsandbytes has 4-bit layers for CPUs
        "learning_rate": 0.1,
        "plugins": ["a.B"],
    }
    assert [
        each.key for each in overrides
    ] == "bf16 attn_implementation optimizer fsdp_config plugins liger_rope".split()


def test_a_model_without_a_stand_in_and_a_folder_in_use_are_told_before_anything_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(rehearse.env, "require", lambda home=None: None)
    with pytest.raises(GlobmedError, match="base_model 'nobody/knows': neither a folder"):
        rehearse.run([made("base_model: nobody/knows", tmp_path)], tmp_path / "out")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/file").touch()
    with pytest.raises(GlobmedError, match="full: not empty"):
        rehearse.run([made("base_model: nobody/knows", tmp_path)], tmp_path / "full")


#: A recipe of each method and family. The others take minutes: `make test-all`.
KINDS = ["qwen3-8b-full", "qwen3-4b-qlora", "llama-3.1-8b-lora", "gemma-3-4b-lora"]
OTHERS = [name for name in recipe.names() if name not in KINDS]


@pytest.mark.axolotl
@pytest.mark.slow
@pytest.mark.parametrize("names", [KINDS, pytest.param(OTHERS, marks=pytest.mark.everything)], ids=["kinds", "others"])
def test_recipes_train_for_two_steps(axolotl_env, tmp_path, names):
    results = {one["recipe"]: one for one in rehearse.run([*map(recipe.read, names)], tmp_path / "out")}
    assert results.keys() == set(names)
    assert {name: one["error"] for name, one in results.items() if "error" in one} == {}
    for name, one in results.items():
        settings = recipe.read(name).settings
        assert one["steps"] == 2 and len(one["losses"]) == 2, one
        # ln(2048) = 7.6 is chance for the stand-in's 2,048 tokens
        assert all(7.0 < loss < 8.3 for loss in [*one["losses"], *one["eval"].values()]), one
        first_two = {f"eval_{settings['test_datasets'][at]['path'][-8:-6]}_loss" for at in (0, 1)}
        assert one["eval"].keys() == first_two | {"eval_loss"}
        adapter = settings.get("adapter")
        assert (one["trained_parameters"] < one["parameters"]) == bool(adapter)
        assert one["model"].startswith("Peft") == bool(adapter)
        # two layers of seven projections: with QLoRA all of them stay 4-bit on the CPU too
        assert one["four_bit_layers"] == (14 if adapter == "qlora" else 0)
        saved = tmp_path / "out/runs" / name / ("adapter_model.safetensors" if adapter else "model.safetensors")
        assert saved.stat().st_size > 10_000
