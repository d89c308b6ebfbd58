"""How much of each GPU a recipe takes, before one is rented.

    memory.estimate(recipe.settings, models.get("Qwen/Qwen3-8B-Base"), gpus=1).gib    about 20 for LoRA
    .parts    {"weights": ..., "gradients": ..., "optimiser": ..., "activations": ..., "logits": ..., "overhead": ...}

What Axolotl 0.19 really holds, which differs from the textbook's 16 bytes a parameter:

- `bf16: auto`, `true` and `full` all load the weights in bfloat16; there is no float32 master copy. Gradients are made in the
  dtype of the weights, and torch's AdamW makes its two states in it too: 2 + 2 + 4 = 8 bytes a parameter. `full` only turns
  autocast off. DeepSpeed alone keeps float32 masters and states (2 + 2 + 12; Rajbhandari et al. 2020, arXiv 1910.02054, 3.1).
- In full fine-tuning without FSDP, attention `sdpa` or `eager` leaves embeddings, norms and output head in float32, and so the
  residual stream; flash and flex cast them back.
- peft makes the adapters of a bfloat16 model in float32: 4 + 4 + 8 = 16 bytes a trained parameter.
- FSDP2 shards weights, gradients and states; DDP holds everything on every GPU and a second copy of the gradients in buckets.

An estimate, not a promise: tests compare its parts with tensors that torch really keeps on a CPU; kernels' workspaces and
the allocator's fragmentation are the stated allowance in `overhead`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import lora, memory_activations
from .models import Model

GIB = 2**30
#: CUDA context, cuBLAS workspaces and NCCL buffers, an allowance of ours: not known before it is measured.
CONTEXT = int(0.75 * GIB)
#: What the caching allocator holds beyond what is in use, of all the rest: an allowance of ours.
FRAGMENTATION = 0.04
#: nf4 with double quantisation: 4 bits, an 8-bit scale per 64 values, a float32 scale per 256 of those (Dettmers et al. 2023,
#: arXiv 2305.14314, section 3: 0.127 bits a parameter for the scales).
NF4 = 0.5 + 1 / 64 + 4 / (64 * 256)
FLASH_OR_FLEX = (
    "embeddings, norms, output head and residual stream in float32, as Axolotl leaves them in full fine-tuning under sdpa or "
    "eager without FSDP; flash and flex attention take bfloat16"
)


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes on each GPU at the peak of a training step. `parts` add up to `total`; `notes` say what was assumed.

    `trained` counts parameters. `evaluation` is not in the total: the logits of an evaluation batch whose longest entry has
    sequence_len tokens. It takes the place of activations and logits, where a recipe evaluates.
    """

    parts: dict[str, int]
    trained: int
    evaluation: int = 0
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return sum(self.parts.values())

    @property
    def gib(self) -> float:
        return self.total / GIB

    @property
    def lasting(self) -> int:
        """What stays between steps, in evaluation too."""
        return sum(self.parts[part] for part in ("weights", "optimiser", "overhead"))

    @property
    def evaluating(self) -> int:
        """Bytes in evaluation, at its worst."""
        return self.lasting + self.evaluation


@dataclass(frozen=True, slots=True)
class _State:
    """Numbers of parameters by what is kept of them: [(count, bytes of a weight, is it trained, is it an embedding)]."""

    kept: tuple[tuple[int, float, bool, bool], ...]
    notes: tuple[str, ...]


def estimate(settings: dict[str, Any], model: Model, gpus: int) -> Memory:
    """Peak bytes on each of `gpus` GPUs for a recipe's settings; 0 GPUs means a CPU, taken as one device."""
    gpus = max(gpus, 1)
    state = _state(settings, model)
    share = _sharding(settings, gpus)
    weights = sum(count * width for count, width, _, _ in state.kept)
    trained = [(count, width, embedding) for count, width, is_trained, embedding in state.kept if is_trained]
    gradients = sum(count * width for count, width, _ in trained)
    states, notes = _optimiser(settings, trained)
    width, stream = bytes_a_weight(settings), _stream(settings)
    activations, logits = memory_activations.peak(settings, model, width=width, stream=stream)
    parts = {
        "weights": weights / share["weights"],
        "gradients": gradients / share["gradients"],
        "optimiser": states / share["optimiser"],
        "activations": activations,
        "logits": logits,
    }
    working = _working(settings, model, gpus, gradients, share)
    if stream > width:
        working += model.vocabulary * model.hidden * width  # autocast's copy of the float32 head
    parts["overhead"] = CONTEXT + working + FRAGMENTATION * (sum(parts.values()) + working)
    longest = int(settings.get("sequence_len") or 2048)
    return Memory(
        parts={name: int(size) for name, size in parts.items()},
        trained=sum(row[0] for row in trained),
        evaluation=int(memory_activations.evaluation(settings, model, width=width, longest=longest)),
        notes=(*state.notes, *notes),
    )


def bytes_a_weight(settings: dict[str, Any]) -> int:
    """Bytes of a weight as Axolotl's `resolve_dtype` sets them on a GPU: 2 for bf16 or fp16, else 4."""
    return 2 if any(settings.get(key) for key in ("bf16", "bfloat16", "fp16", "float16")) else 4


def _stream(settings: dict[str, Any]) -> int:
    """Bytes of a number of embeddings, norms and residual stream: Axolotl casts these modules to float32 on loading, and back
    for FSDP, adapters and every attention but sdpa and eager (loaders/model.py, _configure_embedding_dtypes)."""
    back = settings.get("adapter") or is_fsdp(settings) or attention(settings) not in ("sdpa", "eager")
    return bytes_a_weight(settings) if back or settings.get("cut_cross_entropy") else 4


def is_fsdp(settings: dict[str, Any]) -> bool:
    return bool(settings.get("fsdp_config") or settings.get("fsdp"))


def attention(settings: dict[str, Any]) -> str:
    """The attention kernel under today's key or one of its older names; "sdpa" is what transformers takes where none is set."""
    if settings.get("attn_implementation"):
        return settings["attn_implementation"]
    for key, name in (
        ("flash_attention", "flash_attention_2"),
        ("flex_attention", "flex_attention"),
        ("xformers_attention", "xformers"),
        ("eager_attention", "eager"),
        ("sdp_attention", "sdpa"),
    ):
        if settings.get(key):
            return name
    return "sdpa"


def _state(settings: dict[str, Any], model: Model) -> _State:
    """What is loaded and what is trained, from Axolotl's loaders/model.py and peft's prepare_model_for_kbit_training."""
    width = bytes_a_weight(settings)
    tables = model.vocabulary * model.hidden
    tables_count = tables if model.tied else 2 * tables
    matrices = model.layers * model.layer_matrices()
    linear_tower = model.tower_layers * model.tower_matrices()
    rest = model.other_parameters - linear_tower
    adapter = settings.get("adapter")
    if adapter:
        base = width
        if settings.get("load_in_4bit"):
            base = NF4
        elif settings.get("load_in_8bit"):
            base = 1.0
        trained_width = 4 if settings.get("peft_autocast_adapter_dtype") is not False else width
        whole = lora.saved(settings, model)
        kept = [
            (matrices + linear_tower, base, False, False),
            (tables_count + rest, width, False, True),
            (lora.trained(settings, model), trained_width, True, False),
            (whole, width, True, True),
        ]
        return _State(tuple(row for row in kept if row[0]), ())
    wide = _stream(settings)
    notes = (FLASH_OR_FLEX,) if wide != width else ()
    kept = [
        (matrices, width, True, False),
        (tables_count, wide, True, True),
        (model.other_parameters, width, True, False),
    ]
    return _State(tuple(row for row in kept if row[0]), notes)


def deepspeed_stage(settings: dict[str, Any]) -> int:
    """The ZeRO stage of a DeepSpeed file: read where it is at hand, else taken from its name; 0 without DeepSpeed."""
    asked = settings.get("deepspeed")
    if not asked:
        return 0
    if isinstance(asked, dict):
        return int((asked.get("zero_optimization") or {}).get("stage", 0))
    path = Path(str(asked))
    if path.is_file():
        import json

        return int((json.loads(path.read_bytes()).get("zero_optimization") or {}).get("stage", 0))
    return next((stage for stage in (3, 2, 1) if f"zero{stage}" in path.name), 0)


def _sharding(settings: dict[str, Any], gpus: int) -> dict[str, int]:
    """By how many GPUs weights, gradients and states are divided."""
    if is_fsdp(settings):
        return dict.fromkeys(("weights", "gradients", "optimiser"), gpus)
    stage = deepspeed_stage(settings)
    return {
        "weights": gpus if stage >= 3 else 1,
        "gradients": gpus if stage >= 2 else 1,
        "optimiser": gpus if stage >= 1 else 1,
    }


#: Bytes of state a trained parameter; (None, n) stands for n states in the dtype of the weight.
#: torch and transformers' names; bitsandbytes' 8-bit states carry a float32 scale per 256 values; torchao's the same.
_STATES: dict[str, tuple[float | None, float]] = {
    **dict.fromkeys(("adamw_torch", "adamw_torch_fused", "adamw_torch_xla", "adopt_adamw", "adamc"), (None, 2)),
    **dict.fromkeys(("adamw_8bit", "adamw_bnb_8bit", "paged_adamw_8bit"), (2 + 8 / 256, 0)),
    **dict.fromkeys(("adamw_torch_8bit", "ao_adamw_8bit", "ao_adamw_fp8"), (2 + 8 / 256, 0)),
    **dict.fromkeys(("adamw_torch_4bit", "ao_adamw_4bit"), (1 + 8 / 128, 0)),
    **dict.fromkeys(("paged_adamw_32bit",), (8, 0)),
    **dict.fromkeys(("lion_8bit", "paged_lion_8bit"), (1 + 4 / 256, 0)),
    **dict.fromkeys(("lion_32bit", "paged_lion_32bit"), (4, 0)),
    "optimi_adamw": (None, 3),  # a Kahan sum beside the two states wherever the weights are bfloat16
    "muon": (None, 1),
    "adafactor": (0.02, 0),  # one row and one column of float32 a matrix, far under a hundredth of it
    "sgd": (0, 0),
}
_BITSANDBYTES_8BIT = ("adamw_8bit", "adamw_bnb_8bit", "paged_adamw_8bit", "lion_8bit", "paged_lion_8bit")


def _optimiser(settings: dict[str, Any], trained: list[tuple[int, float, bool]]) -> tuple[float, tuple[str, ...]]:
    """Bytes of optimiser state, and a note where the optimiser is not in the table (then two float32 states are taken)."""
    name = str(settings.get("optimizer") or "adamw_torch_fused")
    if deepspeed_stage(settings):
        return sum(count * 12.0 for count, _, _ in trained), ("DeepSpeed: float32 master weights and states",)
    if name not in _STATES:
        return sum(count * 8.0 for count, _, _ in trained), (
            f"optimiser {name}: not in our table, two float32 states taken",
        )
    fixed, copies = _STATES[name]
    size = 0.0
    for count, width, embedding in trained:
        each = copies * width if fixed is None else fixed
        if embedding and name in _BITSANDBYTES_8BIT:
            each = 8 if "adamw" in name else 4  # transformers' Trainer asks for 32-bit states of embeddings
        if embedding and name == "muon":
            each = 2 * width  # only matrices of hidden layers go by Muon, the rest by AdamW
        size += count * each
    return size, ()


def _working(settings: dict[str, Any], model: Model, gpus: int, gradients: float, share: dict[str, int]) -> float:
    """What is held only at times: layers gathered by FSDP, DDP's buckets, a dequantised matrix, the optimiser's temporaries."""
    width = bytes_a_weight(settings)
    size = 0.0
    if settings.get("load_in_4bit") or settings.get("load_in_8bit"):
        size += 2 * width * max(fan_in * fan_out for fan_in, fan_out in lora.matrices(model).values())
    if share["weights"] > 1:
        tables = model.vocabulary * model.hidden * (1 if model.tied else 2)
        # This layer and the next one gathered, embeddings and head gathered from forward to backward, and the whole
        # gradient of each before it is scattered.
        held = 2 * model.layer_matrices() + tables
        size += width * held * (1 if settings.get("adapter") else 2)
    elif gpus > 1 and not deepspeed_stage(settings):
        size += gradients
    return size
