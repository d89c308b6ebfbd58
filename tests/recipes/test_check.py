"""The strict check: each rule with a recipe that breaks it, and the message that comes of it."""

from __future__ import annotations

import json

import pytest

from globmed_tools.errors import GlobmedError
from globmed_tools.recipes import check, gpus, recipe

SILENT = "is no key of Axolotl 0.19.0, which would drop it in silence"
LIGER = "axolotl.integrations.liger.LigerPlugin"
LORA, FULL, TINY = "qwen3-8b-lora", "qwen3-8b-full", "globmed-tiny"


def broken(tmp_path, name, old, new):
    """A shipped recipe in which `old` stands as `new`; `old` "" appends."""
    text = recipe.find(name).read_text("utf-8")
    assert old in text, f"{name} has no {old!r}"
    path = tmp_path / "x.yml"
    path.write_text(text.replace(old, new, 1) if old else text + new, "utf-8")
    return recipe.read(path)


def said(report, severity=None):
    return [one.message for one in report.findings if severity in (None, one.severity)]


ANYWHERE = [
    # Keys, types and names.
    (LORA, "lora_r: 32", "lora_rr: 32", "error", f"`lora_rr` {SILENT}; did you mean `lora_r`?"),
    (LORA, "", "sequence_lenght: 1\n", "error", f"`sequence_lenght` {SILENT}; did you mean `sequence_len`?"),
    (LORA, "", "xyzzy: 1\n", "error", f"`xyzzy` {SILENT}. Remove it."),
    (
        LORA,
        "    split: train",
        "    split: train\n    weight: 2",
        "error",
        f"`weight` in `datasets[0]` {SILENT}; Axolotl does not weight data sets; balance them beforehand with `globmed recipes mix`.",
    ),
    (
        LORA,
        "    split: train",
        "    split: train\n    seed: 2\n    sample_packing: true",
        "error",
        f"`sample_packing` in `datasets[0]` {SILENT}; it belongs to the top level.",
    ),
    (
        LORA,
        f"  - {LIGER}\n",
        "",
        "error",
        f"`liger_rope` {SILENT}; it belongs to the plugin {LIGER}, which is not among `plugins`: add it there.",
    ),
    (LORA, LIGER, LIGER + "s", "error", f"unknown plugin '{LIGER}s'; did you mean {LIGER}?"),
    (LORA, "lora_r: 32", "lora_r: many", "error", "`lora_r` is 'many', and should be a whole number."),
    (LORA, "lora_r: 32", "lora_r: true", "error", "`lora_r` is True, and should be a whole number."),
    (LORA, "bf16: auto", "bf16: autp", "error", "`bf16` is 'autp', and should be auto, or true or false. Did you mean auto?"),
    (LORA, "split: train\n", "split: [train]\n", "error", "`datasets[0].split` is a list, and should be text."),
    (LORA, "train_on_eos: turn", "train_on_eos: turns", "error",
     "`datasets[0].train_on_eos` is 'turns', and should be one of all, turn, last, none. Did you mean turn?"),
    (LORA, "optimizer: adamw_torch_fused", "optimizer: adamw_torch_fuse", "error",
     "`optimizer`: unknown name 'adamw_torch_fuse'; did you mean 'adamw_torch_fused'?"),
    (LORA, "lr_scheduler: cosine", "lr_scheduler: cosin", "error", "`lr_scheduler`: unknown name 'cosin'; did you mean 'cosine'?"),
    (LORA, "eval_strategy: epoch", "eval_strategy: epochs", "error",
     "`eval_strategy`: unknown name 'epochs'; did you mean 'epoch'?"),
    (LORA, "type: chat_template", "type: chat_templat", "error",
     "`datasets[0].type`: unknown name 'chat_templat'; did you mean 'chat_template'?"),
    (LORA, "attn_implementation: sdpa", "attn_implementation: spda", "error",
     "`attn_implementation`: unknown name 'spda'; did you mean 'sdpa'?"),
    (LORA, "chat_template: chatml", "chat_template: chatlm", "error", "Did you mean chatml?"),
    (LORA, "adapter: lora", "adapter: lroa", "error", "`adapter`: unknown name 'lroa'; did you mean 'lora'?"),
    (LORA, "base_model: Qwen/Qwen3-8B-Base\n", "", "error", "`base_model` is missing. Set it."),
    (LORA, "", "relora_prune_ratio: 2.0\n", "error", "`relora_prune_ratio` is 2.0, and should be at most 1.0."),
    (FULL, "  reshard_after_forward", "  fsdp_reshard_after_forward", "error",
     "`fsdp_reshard_after_forward` is an old spelling; write `reshard_after_forward`."),
    (LORA, "", "gc_steps: 1\n", "warning", "`gc_steps` is deprecated in Axolotl 0.19.0: use what replaces it."),
    # Optimiser and schedule.
    (LORA, "learning_rate: 2.0e-4", "learning_rate: fast", "error",
     "`learning_rate` is 'fast', and should be a number between 0 and 0.1."),
    (LORA, "learning_rate: 2.0e-4", "learning_rate: 5.0e-6", "warning",
     "`learning_rate` is 5e-06; LoRA usually takes 2e-05 to 0.001. Change it, or say why in the header."),
    (FULL, "learning_rate: 1.0e-5", "learning_rate: 2e-4", "warning",
     "`learning_rate` is 0.0002; full fine-tuning usually takes 1e-06 to 5e-05. Change it, or say why in the header."),
    (LORA, "warmup_ratio: 0.03", "warmup_ratio: 0.03\nwarmup_steps: 5", "error",
     "`warmup_steps` and `warmup_ratio` cannot both be set. Keep one."),
    (LORA, "warmup_ratio: 0.03", "warmup_ratio: 3", "error", "`warmup_ratio` is 3, and is a share of all steps: 0 to 1."),
    (LORA, "warmup_ratio: 0.03\n", "", "warning", "neither `warmup_ratio` nor `warmup_steps` is set. Set `warmup_ratio: 0.03`."),
    (LORA, "num_epochs: 2", "num_epochs: 2\nmax_steps: 9", "warning",
     "`max_steps: 9` ends the run whatever `num_epochs: 2` says. Keep one."),
    (LORA, "num_epochs: 2", "num_epochs: 40", "warning", "`num_epochs` is 40: fine-tuning mostly memorises after three or so."),
    (LORA, "num_epochs: 2\n", "", "warning",
     "neither `num_epochs` nor `max_steps` is set: Axolotl would train one epoch. Write it down."),
    (LORA, "seed: 42\n", "", "warning", "`seed` is not set: Axolotl would take 42. Write it down, so that the run can be repeated."),
    (LORA, "save_strategy: epoch", "save_strategy: epoch\nsave_steps: 5", "error",
     "`save_steps` needs `save_strategy: steps`, not epoch. Remove one."),
    (LORA, "eval_strategy: epoch", "eval_strategy: epoch\neval_steps: 5", "error",
     "`eval_steps` needs `eval_strategy: steps`, not epoch. Remove one."),
    (LORA, "save_strategy: epoch", "save_strategy: best", "error",
     "`save_strategy: best` needs `metric_for_best_model`, such as eval_loss."),
    (LORA, "eval_strategy: epoch", "eval_strategy: no", "error",
     '`eval_strategy` is False, and should be text. YAML reads no, yes, on and off so; put the word into quotes: "no".'),
    (LORA, "eval_strategy: epoch", 'eval_strategy: "no"', "warning", "`test_datasets` are not used: `eval_strategy` is no."),
    (LORA, "seed: 42", "seed: 42\nval_set_size: 0.1", "error",
     "`val_set_size` and `test_datasets` cannot both be set. Remove `val_set_size`."),
    (LORA, "micro_batch_size: 1", "micro_batch_size: 0", "error", "`micro_batch_size` is 0, and should be at least 1."),
    (LORA, "micro_batch_size: 1", "micro_batch_size: 1\nbatch_size: 8", "error",
     "`batch_size` and `gradient_accumulation_steps` cannot both be set. Keep the latter."),
    (LORA, "seed: 42", "seed: 42\ntrain_on_inputs: true", "warning", "`train_on_inputs: true` trains on the questions too. Remove it."),
    # Adapters.
    (LORA, "lora_r: 32\n", "", "error", "`adapter: lora` needs `lora_r`, such as 32."),
    (LORA, "lora_target_modules: [q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj]\n", "", "error",
     "`adapter: lora` needs `lora_target_modules`, such as [q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj]."),
    (LORA, "q_proj, k_proj", "q_porj, k_proj", "error",
     "`lora_target_modules`: no matrix of Qwen3ForCausalLM is called q_porj; did you mean q_proj?"),
    (LORA, "adapter: lora\n", "", "error", "`lora_r` without an `adapter`: all weights would be trained instead. Set `adapter: lora`."),
    ("qwen3-8b-qlora", "load_in_4bit: true\n", "", "error", "`adapter: qlora` needs `load_in_4bit: true`."),
    (LORA, "adapter: lora\n", "adapter: lora\nload_in_4bit: true\n", "error",
     "`load_in_4bit: true` with `adapter: lora`: that is QLoRA. Set `adapter: qlora`."),
    (FULL, "seed: 42", "seed: 42\nload_in_4bit: true", "error",
     "`load_in_4bit: true` without an `adapter`: quantised weights cannot be trained. Set `adapter: qlora`."),
    # Length and packing.
    (LORA, "sequence_len: 4096", "sequence_len: 40000", "error",
     "`sequence_len` is 40000, and Qwen/Qwen3-8B-Base reads at most 32768. Lower it."),
    (LORA, "sequence_len: 4096\n", "", "error",
     "`sequence_len` is not set: Axolotl would take 512, and leave out what is longer. Set it."),
    (LORA, "excess_length_strategy: raise\n", "", "warning",
     "entries longer than `sequence_len` would be left out in silence. Set `excess_length_strategy: raise`."),
    (LORA, "attn_implementation: sdpa\n", "", "error",
     "`sample_packing` without `attn_implementation`: packed entries would attend to each other. Set `attn_implementation: sdpa` "
     "or flash_attention_2."),
    (LORA, "attn_implementation: sdpa", "attn_implementation: fp8", "error",
     "`attn_implementation: fp8` does not keep packed entries apart. Use sdpa or flash_attention_2, or set `sample_packing: false`."),
    (LORA, "eval_sample_packing: false\n", "", "warning",
     "`eval_sample_packing` is not set: Axolotl packs the evaluation too, and leaves out its last incomplete batch. Set "
     "`eval_sample_packing: false`."),
    (LORA, "dataloader_drop_last: false\n", "", "warning",
     "Axolotl leaves out the last incomplete batch of every evaluation set. Set `dataloader_drop_last: false`."),
    (LORA, "\nsample_packing: true\neval_sample_packing: false", "\neval_sample_packing: true", "error",
     "`eval_sample_packing` without `sample_packing`. Set both, or neither."),
    (LORA, "seed: 42", "seed: 42\ngroup_by_length: true", "error",
     "`group_by_length` and `sample_packing` cannot both be set: packing has its own order. Remove it."),
    # Chat.
    (LORA, '  eos_token: "<|im_end|>"\n', "", "error",
     "<|im_end|>, which ends a turn of Qwen/Qwen3-8B-Base, is not `special_tokens.eos_token`: it would not be trained, and "
     'generation would not stop. Set `eos_token: "<|im_end|>"`.'),
    (LORA, '  eos_token: "<|im_end|>"\n', '  eos_token: "<|endoftext|>"\n', "error",
     "<|endoftext|> is not written by `chat_template: chatml`, so the end of a turn would not be trained. Set "
     "`special_tokens.eos_token` to <|im_end|>."),
    (LORA, 'special_tokens:\n  eos_token: "<|im_end|>"\n', 'eot_tokens: ["<|im_end|>"]\nspecial_tokens:\n', "warning",
     "<|im_end|> is trained, but is not `special_tokens.eos_token`: generation would not stop at it. Set it there too."),
    (LORA, "chat_template: chatml", "chat_template: llama3", "error",
     "`chat_template: llama3` does not write <|im_end|>, which ends a turn of Qwen/Qwen3-8B-Base. Use a template that does."),
    (LORA, "chat_template: chatml", "chat_template: qwen3", "warning",
     "`chat_template: qwen3` opens a <think> block when a reply is asked for, and trains an empty closed one: what is evaluated is "
     "not what was trained. Use chatml."),
    (LORA, "chat_template: chatml\n", "", "error",
     "`chat_template` is not set, and the base model Qwen/Qwen3-8B-Base brings none. Set `chat_template: chatml`."),
    (LORA, "roles_to_train: [assistant]", "roles_to_train: [user]", "error",
     "`roles_to_train` leaves out assistant: the answers would not be learned."),
    (LORA, "roles_to_train: [assistant]", "roles_to_train: [asistant]", "error",
     "`roles_to_train`: unknown role 'asistant'; did you mean assistant?"),
    (LORA, "train_on_eos: turn", "train_on_eos: none", "error",
     "`train_on_eos: none`: the model would never learn to stop. Set it to turn."),
    (LORA, 'pad_token: "<|endoftext|>"', 'pad_token: "<|im_end|>"', "warning",
     "`pad_token` and `eos_token` are both <|im_end|>: padding cannot be told from the end of a turn. Use another pad token."),
    # Sharding.
    (FULL, "fsdp_version: 2\n", "", "error", "`fsdp_version` is not set, which means 1: FSDP1 is deprecated. Set `fsdp_version: 2`."),
    (FULL, "Qwen3DecoderLayer", "LlamaDecoderLayer", "error",
     "`fsdp_config.transformer_layer_cls_to_wrap` is LlamaDecoderLayer, and the layers of Qwen3ForCausalLM are Qwen3DecoderLayer."),
    (FULL, "seed: 42", "seed: 42\ndeepspeed: zero3.json", "error", "`deepspeed` and FSDP cannot both be set. Keep one."),
    (FULL, "seed: 42", "seed: 42\ngradient_checkpointing: true", "error",
     "`gradient_checkpointing` and `fsdp_config.activation_checkpointing` do the same twice. Keep the latter."),
    (FULL, "optimizer: adamw_torch_fused", "optimizer: adamw_8bit", "error",
     "FSDP2 does not work with `optimizer: adamw_8bit`. Use adamw_torch_8bit."),
    (LORA, "# Set-ups: ", "# Meant for: ", "warning",
     "no line `# Set-ups: ...` in the header: say what hardware the recipe is meant for."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "old", "new", "severity", "message"), ANYWHERE, ids=[f"{row[3]}: {row[4][:60]}" for row in ANYWHERE]
)
def test_a_broken_rule_is_said(tmp_path, name, old, new, severity, message):
    report = check.check(broken(tmp_path, name, old, new), ["8xh100"], files=False, folder=tmp_path)
    found = said(report, severity)
    assert message in found or [one for one in found if len(message) < 25 and one.endswith(message)], found
    assert report.ok is (severity != "error")


SETUPS = [
    (LORA, "", "", "cpu", "`bf16: auto` on a CPU: Axolotl would take float16 instead. Set `bf16: false`."),
    (LORA, "", "", "cpu", "`liger_rope` needs a GPU: Liger's kernels are Triton. Remove the liger settings."),
    (LORA, "", "", "cpu", "the LoRA kernels need a GPU, and Axolotl turns them on by itself. Set `lora_mlp_kernel: false`, "
     "`lora_qkv_kernel: false`, `lora_o_kernel: false`."),
    (LORA, "attn_implementation: sdpa", "attn_implementation: flash_attention_2", "cpu",
     "`attn_implementation: flash_attention_2` needs a GPU. Use sdpa."),
    (LORA, "seed: 42", "seed: 42\nfp8: true", "cpu", "`fp8: true` needs a GPU. Remove it."),
    (LORA, "adamw_torch_fused", "paged_adamw_8bit", "cpu", "`optimizer: paged_adamw_8bit` needs a GPU. Use adamw_torch."),
    (LORA, "seed: 42", "seed: 42\nfp8: true", "1xa100",
     "`fp8: true` needs compute capability sm_89, and NVIDIA A100 80GB SXM has sm_80. Remove it."),
    (LORA, "attn_implementation: sdpa", "attn_implementation: flash_attention_3", "1x24gb",
     "`attn_implementation: flash_attention_3` needs compute capability sm_90, and NVIDIA GeForce RTX 4090 has sm_89. Use "
     "flash_attention_2 or sdpa."),
    (FULL, "", "", "1xh100", "FSDP on one GPU: there is nothing to shard over. Remove `fsdp_config`, or take more GPUs."),
    (FULL, "", "", "cpu", "FSDP on a CPU: there is nothing to shard over. Remove `fsdp_config`, or take more GPUs."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "old", "new", "setup", "message"), SETUPS, ids=[f"{row[3]}: {row[4][:60]}" for row in SETUPS]
)
def test_what_a_set_up_cannot_do_is_said(tmp_path, name, old, new, setup, message):
    report = check.check(broken(tmp_path, name, old, new), [setup], files=False, folder=tmp_path)
    found = [one.message for one in report.setups[0].findings if one.severity == "error"]
    assert message in found
    assert not report.ok


def test_memory_speaks_against_full_fine_tuning_of_8b_on_one_consumer_gpu(tmp_path):
    report = check.check(recipe.read(FULL), ["1x24gb"], files=False, folder=tmp_path)
    (found,) = [one.message for one in report.setups[0].findings if " GiB on each GPU " in one.message]
    assert found.startswith("needs about ")
    assert found.endswith(
        "and NVIDIA GeForce RTX 4090 has 24. Use LoRA, a larger GPU, or shard the model over several with FSDP2."
    )


def test_a_long_batch_is_told_from_a_large_model(tmp_path):
    made = broken(tmp_path, LORA, "micro_batch_size: 1", "micro_batch_size: 64")
    report = check.check(made, ["1x24gb"], files=False, folder=tmp_path)
    (found,) = [one.message for one in report.setups[0].findings if one.severity == "error"]
    assert "(most of it activations)" in found
    assert found.endswith("Lower `micro_batch_size` or `sequence_len`.")


def test_an_evaluation_batch_makes_whole_logits(tmp_path):
    made = broken(tmp_path, LORA, "eval_batch_size: 1", "eval_batch_size: 8")
    report = check.check(made, ["1x24gb"], files=False, folder=tmp_path)
    (found,) = [one.message for one in report.setups[0].findings if one.severity == "error"]
    assert found.startswith("an evaluation batch of 8 with entries of sequence_len tokens needs about ")
    assert found.endswith("and NVIDIA GeForce RTX 4090 has 24. Lower `eval_batch_size`.")
    made = broken(tmp_path, LORA, "sequence_len: 4096", "sequence_len: 8192")
    report = check.check(made, ["1x24gb"], files=False, folder=tmp_path)
    assert any("It fits only while no entry is that long" in one.message for one in report.setups[0].findings)


def test_a_step_of_millions_of_tokens_is_asked_about(tmp_path):
    made = broken(tmp_path, LORA, "gradient_accumulation_steps: 16", "gradient_accumulation_steps: 256")
    report = check.check(made, ["8xh100"], files=False, folder=tmp_path)
    assert [one.message for one in report.setups[0].findings] == [
        "8 x `micro_batch_size` x `gradient_accumulation_steps` x `sequence_len` is 8,388,608 tokens a step. Lower "
        "`gradient_accumulation_steps`."
    ]


def test_own_set_ups_count_and_all_shows_the_others(tmp_path):
    good = recipe.read(LORA)
    report = check.check(good, ["all"], files=False, folder=tmp_path)
    assert [(one.setup.name, one.own, one.ok) for one in report.setups] == [
        ("cpu", False, False),
        ("1x24gb", True, True),
        ("1xh100", True, True),
        ("8xh100", False, True),
    ]
    assert report.ok
    assert not check.check(good, ["cpu"], files=False, folder=tmp_path).ok
    assert [one.setup.name for one in check.check(good, files=False, folder=tmp_path).setups] == ["1x24gb", "1xh100"]


def test_capabilities_are_those_of_the_gpu():
    assert check.capabilities(gpus.setup("8xh100")) == {
        "bf16": True, "tf32": True, "fp8": True, "n_gpu": 8, "n_node": 1, "compute_capability": "sm_90",
    }  # fmt: skip
    assert check.capabilities(gpus.setup("4xa100"))["fp8"] is False
    assert check.capabilities(gpus.setup("cpu"))["compute_capability"] is None


# Files. ------------------------------------------------------------------------------------------------------------------

PAPER = ["en", "zh", "ja", "ko", "de", "fr", "es", "pt", "sw", "wo", "yo", "zu"]


def row(number, group=None, **changed):
    turns = [{"role": "user", "content": f"Question {number}"}, {"role": "assistant", "content": "B. malaria"}]
    return {"messages": turns, "id": f"{number}", "group_id": group or f"g{number}", "split": "train", **changed}


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in rows), "utf-8")


@pytest.fixture
def folder(tmp_path):
    """A working directory in which globmed-tiny passes: its base model's folder, and a mix of 300 rows."""
    base = tmp_path / "tiny-base"
    base.mkdir()
    shape = {
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "vocab_size": 512,
    }
    config = {"architectures": ["Qwen3ForCausalLM"], "max_position_embeddings": 4096, "num_key_value_heads": 2, **shape}
    (base / "config.json").write_text(json.dumps(config), "utf-8")
    (base / "model.safetensors").write_bytes(b"")
    write(tmp_path / "mix" / "train.jsonl", [row(number) for number in range(300)])
    for number, code in enumerate(PAPER):
        write(tmp_path / "mix" / "eval" / f"{code}.jsonl", [row(1000 + number, split="validation")])
    return tmp_path


def run(folder, name=TINY, old="", new=""):
    return check.check(broken(folder, name, old, new), folder=folder)


def test_files_in_order_pass(folder):
    report = run(folder)
    assert said(report) == []
    assert report.ok


def test_missing_files_of_the_mix_are_one_line(folder):
    (folder / "mix" / "train.jsonl").unlink()
    (folder / "mix" / "eval" / "sw.jsonl").unlink()
    assert said(run(folder)) == [
        "mix/train.jsonl (and 1 more of mix/): no such file. Write it: globmed recipes mix EXPORT --out mix."
    ]
    (folder / "mix" / "manifest.json").write_text("{}", "utf-8")
    assert said(run(folder))[0].endswith(
        "What was mixed does not hold it: mix an export that does, or remove the entry."
    )


def test_another_missing_file_is_named_and_a_name_on_the_hub_is_not_looked_up(folder):
    assert said(run(folder, old="mix/eval/sw.jsonl", new="data/sw.jsonl")) == [
        "data/sw.jsonl: no such file. Correct the path; it is relative to the working directory."
    ]
    assert said(run(folder, old="path: mix/eval/sw.jsonl", new="path: tgao/globmed")) == []


def test_base_model_folder(folder):
    (folder / "tiny-base" / "model.safetensors").unlink()
    assert said(run(folder)) == ["`base_model`: tiny-base holds no weights (*.safetensors)."]
    (folder / "tiny-base" / "config.json").unlink()
    assert said(run(folder)) == ["`base_model`: tiny-base holds no config.json. Name the folder that does."]
    (folder / "tiny-base").rmdir()
    assert said(run(folder)) == ["`base_model`: tiny-base: no such folder. Make it: globmed recipes tiny tiny-base."]


def test_output_folder_in_use(folder):
    (folder / "runs" / TINY / "checkpoint-12").mkdir(parents=True)
    assert said(run(folder)) == [
        f"output folder in use: runs/{TINY} holds checkpoint-12 of another run. Name another folder, remove it, or go on with "
        "`auto_resume_from_checkpoints: true`."
    ]
    assert said(run(folder, new="auto_resume_from_checkpoints: true\n")) == []


def test_prepared_data_of_a_file_that_has_changed(folder):
    prepared = folder / "runs" / TINY / "prepared"
    prepared.mkdir(parents=True)
    (prepared / "globmed-sources.json").write_text(json.dumps({"mix/train.jsonl": "0" * 64}), "utf-8")
    assert said(run(folder)) == [
        f"mix/train.jsonl has changed since runs/{TINY}/prepared was prepared from it. Remove runs/{TINY}/prepared."
    ]


ROWS = [
    (["{"], "line 1: not valid JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1)). Mend or "
     "remove the line."),
    (["[]"], "line 1: a list, not an object. One JSON object a line."),
    ([{"instruction": "a", "output": "b"}],
     "line 1: rows of alpaca (instruction, output), not conversations under `messages`. Set `type: alpaca`."),
    ([{"question": "a", "options": []}], "line 1: GlobMed entries (question, options), not conversations under `messages`. Export "
     "them as conversations: globmed curate export --layout chat."),
    ([{"conversations": []}], "line 1: ShareGPT rows (conversations), not conversations under `messages`. Set `field_messages: "
     "conversations` and `message_property_mappings: {role: from, content: value}`."),
    ([{"a": 1, "b": 2}], "line 1: no field `messages`; the row holds a, b. Set `field_messages`."),
    ([{"messages": []}], "line 1: `messages` is no list of turns. It should be [{role, content}, ...]."),
    ([{"messages": [{"from": "user", "value": "x"}]}],
     "line 1: a turn without `role` (it holds from, value). Set `message_property_mappings`."),
    ([{"messages": [{"role": "doctor", "content": "x"}]}],
     "line 1: unknown role 'doctor' (known: human, user, assistant, gpt, system, tool). Set `roles`."),
    ([row(1), {"messages": [{"role": "user", "content": "x"}]}], None),
    ([{"messages": [{"role": "user", "content": "x"}]}],
     "line 1: no turn of assistant, so nothing would be learned from it. Leave the row out."),
    ([{"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": ""}]}],
     "line 1: an empty turn of assistant. Leave the row out."),
    ([{"messages": [{"role": "assistant", "content": "x"}, {"role": "user", "content": "x"}]}],
     "line 1: the last turn is of user, which is not trained on. End with the assistant's turn."),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "message"), ROWS, ids=[str(one[1])[:50] for one in ROWS])
def test_rows_that_are_no_conversations(folder, rows, message):
    write(folder / "mix" / "train.jsonl", rows)
    if message is None:
        message = "line 2: no turn of assistant, so nothing would be learned from it. Leave the row out."
    assert said(run(folder)) == [f"mix/train.jsonl, {message}"]


def test_fields_that_the_recipe_names_are_the_ones_looked_for(folder):
    rows = [{"talk": [{"from": "human", "value": "x"}, {"from": "gpt", "value": "y"}], "group_id": "g1"}]
    write(folder / "mix" / "train.jsonl", rows)
    fields = "field_messages: talk\n    message_property_mappings: {role: from, content: value}"
    report = check.check(broken(folder, TINY, "field_messages: messages", fields), folder=folder)
    assert [one for one in said(report) if "train.jsonl" in one] == []


def test_a_file_that_is_not_looked_into_is_noted(folder):
    (folder / "mix" / "train.parquet").write_bytes(b"PAR1")
    report = run(folder, old="path: mix/train.jsonl", new="path: mix/train.parquet")
    assert said(report, "note") == ["mix/train.parquet: not looked into, only files of JSON lines are."]
    assert report.ok


def test_an_unknown_model_of_the_hub_is_not_guessed_about(tmp_path):
    made = broken(
        tmp_path, LORA, "base_model: Qwen/Qwen3-8B-Base\nchat_template: chatml\n", "base_model: someone/else-7b\n"
    )
    report = check.check(made, ["1xh100"], files=False, folder=tmp_path)
    assert said(report) == []
    assert [one.message for one in report.setups[0].findings] == [
        "the base model's shape is not known here, so its memory is not estimated."
    ]


def test_an_empty_file(folder):
    write(folder / "mix" / "eval" / "yo.jsonl", [])
    assert said(run(folder)) == ["mix/eval/yo.jsonl: empty. Write it again."]


def test_rows_far_down_are_sampled_too(folder):
    write(
        folder / "mix" / "train.jsonl",
        [row(number) for number in range(255)] + ["broken"] + [row(number) for number in range(300, 500)],
    )
    (found,) = said(run(folder))
    assert found.startswith("mix/train.jsonl, line 256: not valid JSON")


def test_an_item_that_is_trained_and_evaluated_on(folder):
    write(folder / "mix" / "eval" / "sw.jsonl", [row(1, group="g7"), row(2, group="g11"), row(3, group="new")])
    report = run(folder)
    assert said(report) == [
        "mix/eval/sw.jsonl: 2 items are also trained on, such as g11. Write both with `globmed recipes mix`, which keeps them apart."
    ]
    assert report.findings[0].line == report.recipe.line("test_datasets", 8, "path")


def test_rows_of_the_test_split_are_not_trained_on(folder):
    write(folder / "mix" / "train.jsonl", [row(1), row(2, split="test")])
    assert said(run(folder)) == [
        "mix/train.jsonl: 1 rows are of the split test, and would be trained on. Leave them out."
    ]


# The command. ------------------------------------------------------------------------------------------------------------


def test_command_shows_passes_and_failures(command, folder):
    good = command("globmed", "recipes", "check", TINY, cwd=folder)
    assert good.code == 0, good.out + good.err
    assert "1 recipes, 0 errors, 0 set-ups that do not pass." in good.out
    bad = broken(folder, TINY, "num_epochs", "num_epoch")
    ran = command("globmed", "recipes", "check", bad.path, "--setup", "all", cwd=folder)
    assert ran.code == 1
    assert "did you mean `num_epochs`?" in ran.out


def test_command_says_that_axolotl_was_not_asked(command, tmp_path):
    ran = command(
        "globmed",
        "recipes",
        "check",
        LORA,
        "--ignore-files",
        "--deep",
        GLOBMED_AXOLOTL="",
        XDG_CACHE_HOME=str(tmp_path),
    )
    assert ran.code == 0
    assert "Axolotl's environment is not there, so it was not asked itself. Make it: globmed recipes env" in ran.out


def test_command_as_json(command, folder):
    ran = command("globmed", "recipes", "check", TINY, LORA, "--ignore-files", "--setup", "cpu", "--json", cwd=folder)
    told = json.loads(ran.out)
    assert ran.code == 1
    assert [(one["recipe"], one["ok"]) for one in told["recipes"]] == [(TINY, True), (LORA, False)]
    assert {one["place"] for one in told["recipes"][1]["setups"][0]["findings"]} == {
        "bf16",
        "liger_rope",
        "lora_mlp_kernel",
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["qwen3-8b-lorra"], "qwen3-8b-lorra: no such recipe; did you mean qwen3-8b-lora? `globmed recipes list` shows those shipped."),
        ([LORA, "--setup", "9xb900"], "unknown set-up '9xb900'. Known: cpu, 1x24gb, 1xh100, 8xh100, or a count and a GPU such as "
         "4xa100 (rtx4090, rtx3090, a100, l40s, h100, h200)."),
    ],
)  # fmt: skip
def test_command_on_unknown_names(command, arguments, message):
    assert command("globmed", "recipes", "check", *arguments).one_line() == f"globmed: {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a: 1\na: 2\n",
            "x.yml, line 2: 'a' stands on line 1 already, and YAML would keep the last one in silence. Remove one.",
        ),
        ("a: [1\n", "x.yml, line 2: not valid YAML (expected ',' or ']', but got '<stream end>'). Mend that line."),
        ("- a\n", "x.yml: a recipe is a mapping of settings, this holds list."),
        ("", "x.yml: a recipe is a mapping of settings, this holds NoneType."),
        ("? [a, b]\n: 1\n", "x.yml, line 1: a key that is no plain word. Write `name: value`."),
        ("a: &x [*x]\n", "x.yml: a value that holds itself. Remove the anchor."),
    ],
)
def test_yaml_that_is_no_recipe(tmp_path, monkeypatch, text, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yml").write_text(text, "utf-8")
    with pytest.raises(GlobmedError) as raised:
        recipe.read("x.yml")
    assert str(raised.value) == message


def test_a_recipe_of_nonsense_gives_findings_and_no_traceback(tmp_path):
    """Every value replaced by one of a wrong kind: the rules may not trip over each other."""
    settings = recipe.read(FULL).settings
    for wrong in ("x", 3, [], {}, [1], {"a": 1}, None, True, -1.5):
        path = tmp_path / "x.yml"
        path.write_text("\n".join(f"{key}: {json.dumps(wrong)}" for key in settings), "utf-8")
        report = check.check(recipe.read(path), ["cpu", "8xh100"], folder=tmp_path)
        assert not report.ok


@pytest.mark.parametrize("key", sorted(recipe.read(FULL).settings))
def test_one_value_of_a_wrong_kind_is_an_error(tmp_path, key):
    import yaml

    settings = dict(recipe.read(FULL).settings)
    for wrong in ([[1]], {"a": {"b": 1}}):
        path = tmp_path / "x.yml"
        path.write_text(yaml.safe_dump({**settings, key: wrong}), "utf-8")
        assert not check.check(recipe.read(path), ["8xh100"], files=False, folder=tmp_path).ok
