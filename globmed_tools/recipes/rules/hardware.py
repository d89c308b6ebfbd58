"""What a set-up cannot do, and whether the recipe fits into its memory. Nothing is probed: the set-up is pretended.

bf16: auto on cpu                 error: Axolotl would take float16, which a CPU does not train in
qwen3-8b-full on 1x24gb           error: needs about 93 GiB on each GPU, and the GPU has 24
"""

from __future__ import annotations

from collections.abc import Iterator

from ..gpus import Gpu, Setup
from ..memory import GIB, Memory, estimate
from . import training
from .case import Case, Finding

KERNELS = ("lora_mlp_kernel", "lora_qkv_kernel", "lora_o_kernel")
LIGER = "axolotl.integrations.liger.LigerPlugin"
#: Attention -> the compute capability that it needs.
ATTENTION = {"flash_attention_2": 80, "sage": 80, "flash_attention_3": 90, "fp8": 90, "flash_attention_4": 90}
#: Of a GPU's memory, the share beyond which an estimate is too close to trust.
NEAR = 0.93


def rules(case: Case, setup: Setup) -> Iterator[Finding]:
    if setup.gpu is None:
        yield from _cpu(case)
        return
    yield from _capability(case, setup.gpu)
    yield from _memory(case, setup)
    tokens = training.tokens_a_step(case, setup.gpus)
    if tokens and tokens > training.LARGE_STEP:
        yield case.warning(
            f"{setup.gpus} x `micro_batch_size` x `gradient_accumulation_steps` x `sequence_len` is {tokens:,} tokens a step. "
            "Lower `gradient_accumulation_steps`.",
            "gradient_accumulation_steps",
        )


def _cpu(case: Case) -> Iterator[Finding]:
    precision = case.get("bf16", "auto")
    if precision is not False:
        why = "Axolotl would take float16 instead" if precision == "auto" else "Axolotl refuses"
        yield case.error(f"`bf16: {str(precision).lower()}` on a CPU: {why}. Set `bf16: false`.", "bf16")
    for key in ("fp16", "tf32", "fp8", "load_in_4bit", "load_in_8bit", "flash_attention", "xformers_attention"):
        if case.get(key) is True:
            yield case.error(f"`{key}: true` needs a GPU. Remove it.", key)
    attention = str(case.get("attn_implementation", "sdpa"))
    if attention not in ("sdpa", "eager"):
        yield case.error(f"`attn_implementation: {attention}` needs a GPU. Use sdpa.", "attn_implementation")
    liger = [key for key, value in case.recipe.settings.items() if str(key).startswith("liger_") and value]
    if LIGER in case.plugins and liger:
        yield case.error(f"`{liger[0]}` needs a GPU: Liger's kernels are Triton. Remove the liger settings.", liger[0])
    if case.adapter in ("lora", "qlora"):
        on = [key for key in KERNELS if case.get(key) is not False]
        if on:
            yield case.error(
                f"the LoRA kernels need a GPU, and Axolotl turns them on by itself. Set {', '.join(f'`{key}: false`' for key in on)}.",
                on[0],
            )
    optimizer = str(case.get("optimizer", ""))
    if "8bit" in optimizer or "4bit" in optimizer or optimizer.startswith("paged"):
        yield case.error(f"`optimizer: {optimizer}` needs a GPU. Use adamw_torch.", "optimizer")


def _capability(case: Case, gpu: Gpu) -> Iterator[Finding]:
    capability = int(gpu.capability.removeprefix("sm_"))
    if case.get("bf16") is True and capability < 80:
        yield case.error(
            f"`bf16: true` needs compute capability sm_80, and {gpu.title} has {gpu.capability}. Use fp16.", "bf16"
        )
    if case.get("fp8") and capability < 89:
        yield case.error(
            f"`fp8: true` needs compute capability sm_89, and {gpu.title} has {gpu.capability}. Remove it.", "fp8"
        )
    attention = str(case.get("attn_implementation", ""))
    needed = ATTENTION.get(attention, 0)
    if capability < needed:
        yield case.error(
            f"`attn_implementation: {attention}` needs compute capability sm_{needed}, and {gpu.title} has {gpu.capability}. "
            "Use flash_attention_2 or sdpa.",
            "attn_implementation",
        )
    if case.get("bf16", "auto") is False and not case.get("fp16"):
        yield case.warning(
            "`bf16: false` trains in float32: twice the memory, a fraction of the speed. Set `bf16: auto`.", "bf16"
        )


def needs(case: Case, setup: Setup) -> Memory | None:
    """The memory that the recipe takes on each GPU of the set-up, None where the model or a size is not known."""
    sizes = ("micro_batch_size", "sequence_len")
    if case.model is None or any((case.number(key) or 0) < 1 for key in sizes):
        return None
    try:
        return estimate(case.recipe.settings, case.model, setup.gpus)
    except (TypeError, ValueError, AttributeError):  # a value of another type: the rule about types has said so
        return None


def _memory(case: Case, setup: Setup) -> Iterator[Finding]:
    memory = needs(case, setup)
    if memory is None:
        if case.model is None:
            yield case.note("the base model's shape is not known here, so its memory is not estimated.", "base_model")
        return
    room = setup.gpu.memory_gib
    most = max(memory.parts, key=memory.parts.get)
    said = f"needs about {memory.gib:.1f} GiB on each GPU (most of it {most}), and {setup.gpu.title} has {room:g}"
    if memory.total > room * GIB:
        yield case.error(
            f"{said}. {_smaller(case, most)}", "micro_batch_size" if most in ("activations", "logits") else "base_model"
        )
    elif memory.total > NEAR * room * GIB:
        yield case.warning(f"{said}: too close to be sure. {_smaller(case, most)}", "micro_batch_size")
    if case.get("test_datasets") or case.get("val_set_size"):
        yield from _evaluation(case, memory, setup)


def _evaluation(case: Case, memory: Memory, setup: Setup) -> Iterator[Finding]:
    """The loss is fused in training only: an evaluation of the longest entry makes whole logits."""
    needed, room = memory.evaluating / GIB, setup.gpu.memory_gib
    if needed <= room:
        return
    rows = case.get("eval_batch_size") or case.get("micro_batch_size")
    said = (
        f"an evaluation batch of {rows} with entries of sequence_len tokens needs about {needed:.1f} GiB on each GPU, and "
        f"{setup.gpu.title} has {room:g}"
    )
    key = "eval_batch_size" if case.get("eval_batch_size") else "micro_batch_size"
    if isinstance(rows, int) and rows > 1:
        yield case.error(f"{said}. Lower `eval_batch_size`.", key)
    else:
        yield case.warning(f"{said}. It fits only while no entry is that long; lower `sequence_len` to be sure.", key)


def _smaller(case: Case, most: str) -> str:
    if most in ("activations", "logits"):
        if not case.get("gradient_checkpointing") and not case.get("fsdp_config"):
            return "Set `gradient_checkpointing: true`."
        return "Lower `micro_batch_size` or `sequence_len`."
    if case.adapter == "qlora":
        return "Take a larger GPU or a smaller model."
    if case.adapter == "lora":
        return "Use QLoRA, or a larger GPU."
    return "Use LoRA, a larger GPU, or shard the model over several with FSDP2."
