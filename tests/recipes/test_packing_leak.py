"""Packing does not leak: what a packed entry predicts is what it predicts alone, to the rounding of float32."""

from __future__ import annotations

import pytest

from globmed_tools.recipes import env, recipe, rehearse, tiny

FAMILIES = {
    "qwen3-8b-full": "Qwen3ForCausalLM",
    "llama-3.1-8b-lora": "LlamaForCausalLM",
    "gemma-3-4b-lora": "Gemma3ForConditionalGeneration",
}


@pytest.fixture(scope="module")
def found(axolotl_env, sample_mix, tmp_path_factory, rows_of_sample):
    folder, jobs = tmp_path_factory.mktemp("leak"), []
    (folder / "rows.jsonl").write_text(rows_of_sample, "utf-8")
    for name, architecture in FAMILIES.items():
        tiny.stand_in(architecture, folder / architecture)
        settings, _ = rehearse.shrink(recipe.read(name), str(folder / architecture), 2)
        for key in (
            "test_datasets",
            "eval_strategy",
            "adapter",
            "plugins",
            "lora_modules_to_save",
            "peft_ensure_weight_tying",
        ):
            settings.pop(key, None)  # the model itself is compared; the adapter starts as zero
        first = {**settings["datasets"][0], "path": str(folder / "rows.jsonl")}
        jobs.append({"name": name, "settings": {**settings, "datasets": [first], "sequence_len": 2048}})
    return {one["name"]: one for one in env.run("leak.py", {"jobs": jobs}, cwd=folder)["jobs"]}


@pytest.fixture(scope="module")
def rows_of_sample(sample_mix):
    """Two rows a language: 34 entries, packed into a few sequences of 2,048."""
    import json

    lines, taken = [], {}
    for line in (sample_mix / "train.jsonl").read_text("utf-8").splitlines():
        code = json.loads(line)["language"]
        taken[code] = taken.get(code, 0) + 1
        lines += [line] if taken[code] <= 2 else []
    assert len(lines) == 34
    return "\n".join(lines) + "\n"


@pytest.mark.axolotl
@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_packed_logits_are_those_of_the_entry_alone(found, name):
    one = found[name]
    assert one["model"] == FAMILIES[name]
    assert one["sequences"] >= 4 and one["shared"] == one["sequences"]  # several entries in each
    assert one["entries"] > 25 and one["scale"] > 1
    assert one["packed"] < 1e-3 * one["scale"], one
    # The control: with the boundaries taken away the same comparison sees the leak.
    assert one["joined"] > 0.1 * one["scale"], one
