"""How many parameters an adapter trains, counted as peft counts them.

    lora.trained({"lora_r": 16, "lora_target_linear": True}, models.get("Qwen/Qwen3-8B-Base"))    43646976

LoRA replaces a frozen matrix of shape out x in by that matrix plus B A, with A of r x in and B of out x r: r (in + out)
trained parameters a matrix (Hu et al. 2021, arXiv 2106.09685, section 4.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .models import Model

#: The matrices of a layer of the text model by the end of their module's name.
LINEAR = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


def matrices(model: Model) -> dict[str, tuple[int, int]]:
    """(in, out) of each matrix of one layer of the text model."""
    query, key = model.heads * model.head_dim, model.kv_heads * model.head_dim
    return {
        "q_proj": (model.hidden, query),
        "k_proj": (model.hidden, key),
        "v_proj": (model.hidden, key),
        "o_proj": (query, model.hidden),
        "gate_proj": (model.hidden, model.intermediate),
        "up_proj": (model.hidden, model.intermediate),
        "down_proj": (model.intermediate, model.hidden),
    }


def trained(settings: dict[str, Any], model: Model) -> int:
    """Parameters in the matrices A and B of every target. `lora_modules_to_save` is not among them: `saved` counts it."""
    rank = int(settings.get("lora_r") or 0)
    return sum(rank * (fan_in + fan_out) for fan_in, fan_out in targets(settings, model))


def saved(settings: dict[str, Any], model: Model) -> int:
    """Parameters of whole modules trained beside the adapter (`lora_modules_to_save`): embeddings and output head."""
    names = {"embed_tokens", "lm_head"} & set(settings.get("lora_modules_to_save") or [])
    copies = 1 if model.tied and settings.get("peft_ensure_weight_tying") else len(names)
    return copies * model.vocabulary * model.hidden if names else 0


def targets(settings: dict[str, Any], model: Model) -> Iterator[tuple[int, int]]:
    """(in, out) of every adapted matrix of the whole model.

    peft takes a list as ends of module names and a string as a regular expression of the whole name. A list therefore also
    meets the matrices of the same name in a vision tower, and so does `lora_target_linear`, which Axolotl turns into the
    list of the names of all linear layers but the output head.
    """
    for name, shape in _modules(model):
        if _is_target(name, settings):
            yield shape
    asked = settings.get("lora_target_modules") or []
    if not isinstance(asked, str) and "lm_head" in asked:
        yield model.hidden, model.vocabulary


def text_targets(settings: dict[str, Any], model: Model) -> list[str]:
    """The adapted matrices of one layer of the text model, by the end of their name."""
    prefix = _prefix(model)
    return [name for name in LINEAR if _is_target(f"{prefix}.0.{_part(name)}.{name}", settings)]


def _prefix(model: Model) -> str:
    return "model.language_model.layers" if model.tower_layers else "model.layers"


def _part(name: str) -> str:
    return "self_attn" if name in LINEAR[:4] else "mlp"


def _modules(model: Model) -> Iterator[tuple[str, tuple[int, int]]]:
    for layer in range(model.layers):
        for name, shape in matrices(model).items():
            yield f"{_prefix(model)}.{layer}.{_part(name)}.{name}", shape
    inner, wide = model.tower_hidden, model.tower_intermediate
    for layer in range(model.tower_layers):
        prefix = f"model.vision_tower.encoder.layers.{layer}"
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            yield f"{prefix}.self_attn.{name}", (inner, inner)
        yield f"{prefix}.mlp.fc1", (inner, wide)
        yield f"{prefix}.mlp.fc2", (wide, inner)


def _is_target(name: str, settings: dict[str, Any]) -> bool:
    asked = settings.get("lora_target_modules") or []
    if isinstance(asked, str):
        if asked == "all-linear" or re.fullmatch(asked, name):
            return True
        asked = []
    if settings.get("lora_target_linear"):
        return True
    return any(name == word or name.endswith(f".{word}") for word in asked)
