"""Run a recipe for two real steps on a CPU, its model shrunk and nothing else changed but what a CPU cannot do.

    changed, overrides = on_cpu(recipe.settings)        [Override("bf16", "auto", False, "a CPU has none"), ...]
    run([recipe], Path("rehearsal"), steps=2)           [{"recipe": "qwen3-8b-full", "losses": [...], ...}]

Every key of the recipe that is not in the list of overrides goes to Axolotl as it stands, and its paths too: the
rehearsal works in a folder that has its own mix/, that of the bundled sample unless one is given.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import GlobmedError
from . import env, models, tiny
from .mix import mix as write_mix
from .recipe import Recipe

GONE = "(removed)"
#: Languages evaluated in a rehearsal.
EVALUATED = 2


@dataclass(frozen=True, slots=True)
class Override:
    """A setting that the rehearsal changed: what it was, what it became, and why."""

    key: str
    was: Any
    now: Any
    why: str


#: (key, is this value one a CPU cannot run?, what it becomes, why). A key that a recipe lacks is left out.
_CPU: list[tuple[str, Callable[[Any], bool], Any, str]] = [
    ("bf16", bool, False, "Axolotl refuses bf16 on a CPU"),
    ("fp16", bool, False, "a CPU trains in float32"),
    ("tf32", bool, False, "only GPUs have tf32"),
    ("fp8", bool, False, "only GPUs have fp8"),
    ("attn_implementation", lambda value: value not in ("sdpa", "eager"), "sdpa", "the kernel is for GPUs"),
    ("flash_attention", bool, GONE, "the kernel is for GPUs"),
    ("torch_compile", bool, False, "compiling takes longer than the two steps"),
    ("optimizer", lambda value: value.endswith(("8bit", "4bit")), "adamw_torch", "its kernels are for GPUs"),
    ("lora_mlp_kernel", bool, False, "a Triton kernel"),
    ("lora_qkv_kernel", bool, False, "a Triton kernel"),
    ("lora_o_kernel", bool, False, "a Triton kernel"),
    ("lora_embedding_kernel", bool, False, "a Triton kernel"),
    ("fsdp_version", bool, GONE, "one process, nothing to shard over"),
    ("fsdp_config", bool, GONE, "one process, nothing to shard over"),
    ("deepspeed", bool, GONE, "one process, nothing to shard over"),
]
#: Plugins that only patch in GPU kernels, and the prefix of their settings.
_KERNELS = {
    "axolotl.integrations.liger.LigerPlugin": "liger_",
    "axolotl.integrations.cut_cross_entropy.CutCrossEntropyPlugin": "cut_cross_entropy",
}


def on_cpu(settings: dict[str, Any]) -> tuple[dict[str, Any], list[Override]]:
    """The settings as a CPU can run them, and the list of what was changed."""
    changed, overrides = copy.deepcopy(settings), []

    def change(key: str, now: Any, why: str) -> None:
        overrides.append(Override(key, changed.get(key), now, why))
        if now == GONE:
            changed.pop(key, None)
        else:
            changed[key] = now

    for key, cannot, now, why in _CPU:
        if changed.get(key) is not None and cannot(changed[key]):
            change(key, now, why)
    for plugin, prefix in _KERNELS.items():
        if plugin in (changed.get("plugins") or []):
            change(
                "plugins", [name for name in changed["plugins"] if name != plugin], f"{plugin} has Triton kernels only"
            )
            for key in [key for key in changed if key.startswith(prefix)]:
                change(key, GONE, "a setting of that plugin")
    return changed, overrides


def shrink(recipe: Recipe, base: str, steps: int) -> tuple[dict[str, Any], list[Override]]:
    """`on_cpu`, with the model replaced by the stand-in in the folder `base` and only `steps` steps run."""
    changed, overrides = on_cpu(recipe.settings)
    small = {
        "base_model": (base, "the same architecture and special tokens, two layers, random weights"),
        "max_steps": (steps, "a rehearsal"),
        "gradient_accumulation_steps": (1, "the sample has too few entries for more"),
        "logging_steps": (1, "to see the loss of every step"),
        "dataset_num_proc": (1, "starting processes takes longer than the work"),
        "dataset_prepared_path": (f"prepared-{Path(base).name}", "shared by the recipes of a rehearsal"),
        "output_dir": (f"runs/{recipe.name}", "in the rehearsal's folder"),
    }
    if isinstance(changed.get("test_datasets"), list) and len(changed["test_datasets"]) > EVALUATED:
        small["test_datasets"] = (
            changed["test_datasets"][:EVALUATED],
            f"{EVALUATED} languages show that they are told apart",
        )
    for key, (now, why) in small.items():
        if changed.get(key) != now:
            overrides.append(Override(key, changed.get(key), now, why))
            changed[key] = now
    return changed, overrides


def run(
    recipes: list[Recipe], folder: Path, *, steps: int = 2, mix: Path | None = None, home=None
) -> list[dict[str, Any]]:
    """Rehearse the recipes in one process of Axolotl's environment. One result a recipe: overrides, losses by step, evaluation
    losses by language, seconds, or `error`. Raises GlobmedError before anything runs where a recipe's model has no stand-in.
    """
    env.require(home)
    if folder.exists() and any(folder.iterdir()):
        raise GlobmedError(f"{folder}: not empty. Name another folder with --out, or remove it.")
    wanted = {recipe.name: models.get(base(recipe)).architecture for recipe in recipes}
    folder.mkdir(parents=True, exist_ok=True)
    for architecture in sorted(set(wanted.values())):
        tiny.stand_in(architecture, folder / "base" / architecture)
    if mix:
        shutil.copytree(mix, folder / "mix")
    else:
        write_mix(["sample"], folder / "mix")
    jobs, overrides = [], {}
    for recipe in recipes:
        changed, overrides[recipe.name] = shrink(recipe, f"base/{wanted[recipe.name]}", steps)
        jobs.append({"name": recipe.name, "settings": changed})
    answer = env.run("rehearse.py", {"recipes": jobs}, home=home, cwd=folder)
    results = [
        {"recipe": one["name"], "overrides": [asdict(each) for each in overrides[one["name"]]], **one}
        for one in answer["recipes"]
    ]
    return results


def base(recipe: Recipe) -> str:
    """The base model's name; globmed-tiny's own folder need not exist, its stand-in has Qwen3's architecture."""
    name = str(recipe.settings.get("base_model"))
    if name == "tiny-base" and not Path(name).exists():
        return "Qwen/Qwen3-1.7B-Base"
    return name
