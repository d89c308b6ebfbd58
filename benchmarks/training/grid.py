"""What is tried on a GPU: recipes, and variants of each as overrides of its settings.

grid.settings(recipe, "no liger")      the recipe's settings with that variant's changes
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

RECIPES = (
    "qwen3-1.7b-full",
    "qwen3-4b-full",
    "qwen3-8b-lora",
    "qwen3-1.7b-lora",
    "qwen3-4b-lora",
    "qwen3-8b-qlora",
)
LIGER = "axolotl.integrations.liger.LigerPlugin"
#: Variant -> settings that it changes; None removes one, and a function of the settings makes one.
VARIANTS: dict[str, dict[str, Any]] = {
    "as shipped": {},
    "flash attention 2": {"attn_implementation": "flash_attention_2"},
    "flex attention": {"attn_implementation": "flex_attention"},
    "no liger": {"liger": False},
    "compiled": {"torch_compile": True},
    "no liger, compiled": {"liger": False, "torch_compile": True},
    "adamw, not fused": {"optimizer": "adamw_torch"},
    "adamw, 8 bit": {"optimizer": "adamw_8bit"},
    "no checkpointing": {"gradient_checkpointing": None, "gradient_checkpointing_kwargs": None},
    "half the rows": {"micro_batch_size": lambda was: max(1, was["micro_batch_size"] // 2)},
    "twice the rows": {"micro_batch_size": lambda was: was["micro_batch_size"] * 2},
    "four times the rows": {"micro_batch_size": lambda was: was["micro_batch_size"] * 4},
    "rows twice as long": {"sequence_len": lambda was: was["sequence_len"] * 2},
    "rows twice as long, no checkpointing": {
        "sequence_len": lambda was: was["sequence_len"] * 2,
        "gradient_checkpointing": None,
        "gradient_checkpointing_kwargs": None,
    },
    "padded rows": {"pad_to_sequence_len": True},
}
#: Evaluation, saving and the project's own plugin play no part in the speed of a step.
DROPPED = ("test_datasets", "eval_strategy", "eval_batch_size", "eval_sample_packing", "save_total_limit", "num_epochs")
#: What a CPU cannot do, for the rehearsal.
CPU = {
    "bf16": False,
    "tf32": False,
    "attn_implementation": "sdpa",
    "optimizer": "adamw_torch",
    "torch_compile": None,
    "lora_mlp_kernel": False,
    "lora_qkv_kernel": False,
    "lora_o_kernel": False,
    "liger": False,
    "sequence_len": 512,
    "micro_batch_size": 2,
    "gradient_accumulation_steps": 1,
}


def settings(shipped: dict[str, Any], variant: str) -> dict[str, Any]:
    """A recipe's settings under a variant, without evaluation and saving."""
    made = {key: value for key, value in deepcopy(shipped).items() if key not in DROPPED}
    made["plugins"] = [LIGER] if LIGER in made.get("plugins", []) else []
    return override(made, VARIANTS[variant])


def override(was: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """`was` with these changes; adapters' kernels are only switched where there is an adapter."""
    made = dict(was)
    for key, value in changes.items():
        value = value(was) if callable(value) else value
        if key == "liger":
            made = {name: one for name, one in made.items() if not name.startswith("liger_")}
            made["plugins"] = [one for one in made["plugins"] if one != LIGER]
        elif key.startswith("lora_") and not was.get("adapter"):
            continue
        elif value is None:
            made.pop(key, None)
        else:
            made[key] = value
    return made


def rehearsed(made: dict[str, Any]) -> dict[str, Any]:
    """The settings as far as a CPU can run them. QLoRA becomes LoRA: 4 bits need a GPU."""
    on_cpu = override(made, CPU)
    if on_cpu.get("adapter") == "qlora":
        on_cpu = {**on_cpu, "adapter": "lora"}
        on_cpu.pop("load_in_4bit")
    return on_cpu
