"""What a training run takes, before it is started: tokens, steps, operations, memory, hours, energy, money.

    made = plan.make(recipe.read("qwen3-8b-lora"), gpus.setup("1xh100"))
    made.hours, made.kwh, made.memory.gib

hours = operations of the model / (GPUs x peak TFLOP/s x MFU). MFU is an assumption until it is measured
(benchmarks/training); flops.py says what it counts. Energy is board power for that time, times the building's PUE.
"""

from __future__ import annotations

import functools
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import GlobmedError
from . import flops, memory, memory_activations, models, packing, plan_data
from .gpus import Setup
from .recipe import Recipe

MFU = 0.4
ASSUMED = "MFU is an assumption until measured: benchmarks/training"


@dataclass(frozen=True)
class Plan:
    """Figures of one recipe on one set-up. Tokens and steps are those of all epochs unless they say otherwise."""

    recipe: str
    setup: str
    gpus: int
    data: str
    counted: bool
    entries: int
    tokens_by_language: dict[str, int]
    tokens_an_epoch: int
    trained_an_epoch: int
    longest: int
    too_long: int
    packing: float
    epochs: float
    steps_an_epoch: int
    steps: int
    tokens: int
    model_flops: float
    hardware_flops: float
    mfu: float
    memory: memory.Memory
    memory_gib: float
    evaluation_gib: float
    hours: float | None
    kwh: float | None
    money: float | None
    warnings: tuple[str, ...]

    @property
    def fits(self) -> bool:
        return max(self.memory.gib, self.evaluation_gib) <= self.memory_gib

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "fits": self.fits}


def make(
    recipe: Recipe,
    setup: Setup,
    *,
    data: Path | None = None,
    tokenizer: Path | None = None,
    mfu: float | None = None,
    pue: float = 1.0,
    price: float | None = None,
) -> Plan:
    """Plan a recipe. Raises GlobmedError for an unknown base model, a bad data file or a sequence_len that is missing."""
    settings = recipe.settings
    if "sequence_len" not in settings:
        raise GlobmedError(f"{recipe.path}: sequence_len is missing, and nothing can be planned without it. Set it.")
    model = models.get(str(settings.get("base_model")))
    lengths, assumed = _lengths(settings, model, data, tokenizer)
    kept, too_long = _fitting(lengths, int(settings["sequence_len"]))
    micro, packed = _rows(lengths, settings)
    rows = micro * lengths.weight
    gpu_count = max(setup.gpus, 1)
    steps = max(1, math.ceil(rows / (gpu_count * int(settings.get("gradient_accumulation_steps") or 1))))
    epochs = float(settings.get("num_epochs") or 1)
    total_steps = int(settings.get("max_steps") or 0) or math.ceil(steps * epochs)
    epochs = total_steps / steps
    tokens = sum(kept) * lengths.weight
    processed = packed.slots * lengths.weight if _is_padded(settings) else tokens
    work = flops.per_token(settings, model, mean_square=sum(length * length for length in kept) / sum(kept))
    assumption = MFU if mfu is None else mfu
    needed = memory.estimate(settings, model, setup.gpus)
    room = setup.gpu.memory_gib if setup.gpu else math.inf
    evaluating = _evaluation(settings, model, needed, min(max(lengths.all), int(settings["sequence_len"])))
    hours = kwh = None
    if setup.gpu:
        hours = work.model * processed * epochs / (gpu_count * setup.gpu.tflops * 1e12 * assumption) / 3600
        kwh = hours * gpu_count * setup.gpu.watts / 1000 * pue
    return Plan(
        recipe=recipe.name,
        setup=setup.name,
        gpus=setup.gpus,
        data=lengths.what,
        counted=lengths.counted,
        entries=len(lengths.all) * lengths.weight,
        tokens_by_language={code: sum(part) * lengths.weight for code, part in lengths.by_language.items()},
        tokens_an_epoch=tokens,
        trained_an_epoch=round(lengths.trained),
        longest=max(lengths.all),
        too_long=too_long * lengths.weight,
        packing=packed.efficiency,
        epochs=epochs,
        steps_an_epoch=steps,
        steps=total_steps,
        tokens=round(tokens * epochs),
        model_flops=work.model * processed * epochs,
        hardware_flops=work.hardware * processed * epochs,
        mfu=assumption,
        memory=needed,
        memory_gib=room,
        evaluation_gib=evaluating,
        hours=hours,
        kwh=kwh,
        money=None if price is None or hours is None else hours * gpu_count * price,
        warnings=(
            *assumed,
            *lengths.notes,
            *needed.notes,
            *_warnings(settings, too_long * lengths.weight, mfu, lengths, evaluating, room),
        ),
    )


def _lengths(settings, model, data: Path | None, tokenizer: Path | None) -> tuple[plan_data.Lengths, tuple[str, ...]]:
    family, assumed = plan_data.family(model)
    if data is None:
        return plan_data.reference(family), assumed
    own = Path(str(settings.get("base_model"))) / "tokenizer.json"
    tokenizer = tokenizer or (own if own.is_file() else None)
    template = str(settings.get("chat_template") or "chatml")
    read = plan_data.from_file(data, family, tokenizer=tokenizer, template=template)
    return read, () if read.counted else assumed


def _fitting(lengths: plan_data.Lengths, limit: int) -> tuple[list[int], int]:
    """Lengths up to the limit, and how many are over it: those are not packed, whatever the recipe does with them."""
    kept = [length for length in lengths.all if length <= limit]
    if not kept:
        raise GlobmedError(f"{lengths.what}: every entry is longer than sequence_len ({limit:,} tokens). Raise it.")
    return kept, len(lengths.all) - len(kept)


def _rows(lengths: plan_data.Lengths, settings: dict[str, Any]) -> tuple[int, packing.Packed]:
    """(micro batches, how full), looked up where another recipe packed the reference data alike."""
    if lengths.family is None:
        return packing.micro_batches(_fitting(lengths, int(settings["sequence_len"]))[0], settings)
    shape = tuple((key, settings[key]) for key in packing.SETTINGS if key in settings)
    return _reference_rows(lengths.family, (*shape, ("multipack_real_batches", not packing.one_row(settings))))


@functools.cache
def _reference_rows(family: str, shape: tuple[tuple[str, Any], ...]) -> tuple[int, packing.Packed]:
    settings = dict(shape)
    return packing.micro_batches(_fitting(plan_data.reference(family), int(settings["sequence_len"]))[0], settings)


def _is_padded(settings: dict[str, Any]) -> bool:
    return bool(settings.get("pad_to_sequence_len")) or not settings.get("sample_packing")


def _evaluation(settings, model, needed: memory.Memory, longest: int) -> float:
    """GiB of an evaluation batch: what stays between steps, and its logits. 0 where a recipe does not evaluate."""
    if not (settings.get("test_datasets") or settings.get("val_set_size")):
        return 0.0
    width = memory.bytes_a_weight(settings)
    return (needed.lasting + memory_activations.evaluation(settings, model, width=width, longest=longest)) / memory.GIB


def _warnings(
    settings, too_long: int, mfu: float | None, lengths: plan_data.Lengths, evaluating: float, room: float
) -> list[str]:
    said = []
    if mfu is None and math.isfinite(room):
        said.append(ASSUMED)
    if not lengths.counted:
        said.append("tokens are estimated from human translations, not counted: give --data and --tokenizer")
    if evaluating > room:
        rows = settings.get("eval_batch_size") or settings.get("micro_batch_size") or 1
        said.append(
            f"an evaluation batch of {rows} with the longest entry takes {evaluating:.0f} GiB of {room:.0f} (the loss is fused in "
            "training only): lower eval_batch_size"
        )
    if too_long:
        does = settings.get("excess_length_strategy") or "drop"
        said.append(
            f"{too_long:,} entries are longer than sequence_len {settings['sequence_len']:,} (Axolotl will {does})"
        )
    return said
