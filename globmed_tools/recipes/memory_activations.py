"""What a training step keeps for its backward pass, and the logits: bytes on one GPU.

    activations, logits = memory_activations.peak(settings, model, width=2, stream=2)

`width` is the size of a number in matrix products (2 for bf16), `stream` that of the residual stream: 4 where embeddings and
norms were left in float32, which then flows through every layer. A micro batch is micro_batch_size x sequence_len tokens:
packed rows are full, padded rows are at most that.

The terms of `saved_by_layer` are the tensors that torch's autograd saves, one by one; a test counts those of the real models.
Those of Liger's and Axolotl's own kernels run on a GPU only: their terms are read from the `save_for_backward` in their code.
"""

from __future__ import annotations

from typing import Any

from . import lora
from .models import Model


def tokens(settings: dict[str, Any]) -> int:
    """Tokens of one micro batch on one GPU, at most."""
    count = int(settings.get("micro_batch_size") or 1) * int(settings.get("sequence_len") or 2048)
    return -(-count // int(settings.get("context_parallel_size") or 1))


def has_liger(settings: dict[str, Any], *flags: str) -> bool:
    """Is one of those kernels of Liger on? Its flags count for nothing where its plugin is not listed."""
    listed = any("liger" in str(plugin).lower() for plugin in settings.get("plugins") or [])
    return listed and any(settings.get(flag) for flag in flags)


def is_checkpointed(settings: dict[str, Any]) -> bool:
    """Are activations computed again in the backward pass, by transformers or by FSDP?"""
    inner = (settings.get("fsdp_config") or {}).get("activation_checkpointing")
    return bool(settings.get("gradient_checkpointing") or inner)


def peak(settings: dict[str, Any], model: Model, *, width: int, stream: int) -> tuple[float, float]:
    """(activations, logits). The layer at work counts as far as it outgrows the logits, which are gone by then."""
    count = tokens(settings)
    saved = saved_by_layer(settings, model, width=width, stream=stream)
    working = count * 3 * width * model.intermediate  # the gradients inside the MLP, the widest place of a layer
    kept = model.layers * count * saved
    if is_checkpointed(settings):
        offloaded = settings.get("activation_offloading") or settings.get("gradient_checkpointing") == "offload"
        kept = 0 if offloaded else model.layers * count * model.hidden * stream
        working += count * saved
    worst = logits(settings, model, width=width)
    return kept + max(0.0, working - worst), worst


def saved_by_layer(settings: dict[str, Any], model: Model, *, width: int, stream: int) -> float:
    """Bytes a token that one layer keeps for its backward pass."""
    norms = _norms(settings, model, width, stream)
    query, key = model.heads * model.head_dim, model.kv_heads * model.head_dim
    attention = width * (2 * query + 2 * key) + 4 * model.heads  # query, key, value, output, and the log of the sums
    if _attention(settings) == "eager":
        attention += (
            int(settings.get("sequence_len") or 2048) * model.heads * (4 + width)
        )  # softmax, and its dropped copy
    return norms + attention + _mlp(settings, model, width) + _adapter(settings, model, width)


def _attention(settings: dict[str, Any]) -> str:
    return "eager" if settings.get("attn_implementation") == "eager" or settings.get("eager_attention") else "fused"


def _norms(settings: dict[str, Any], model: Model, width: int, stream: int) -> float:
    """Norms, and the normalised input of the matrices behind them."""
    hidden, heads = model.hidden, (model.heads + model.kv_heads) * model.head_dim
    frozen = bool(settings.get("adapter"))
    gemma, has_head_norm = model.layer.startswith("Gemma"), model.layer != "LlamaDecoderLayer"
    if has_liger(settings, "liger_rms_norm"):
        each, head = stream, width  # the input; the output is computed again
    elif gemma:
        each = 4 if frozen else 8  # the input in float32 and, for the gradient of the weight, the normalised one
        head = each
    else:
        scaled = 0 if frozen else 1
        each, head = 4 + scaled * stream, 4 + scaled * width
    statistics = 4 * (2 + (model.heads + model.kv_heads if has_head_norm else 0) + (2 if gemma else 0))
    # Autocast casts the float32 input of query, key, value, gate and up for each by itself; in bfloat16 they share two.
    inputs = (5 if stream > width else 2) * hidden * width
    return (4 if gemma else 2) * hidden * each + inputs + has_head_norm * heads * head + statistics


def _mlp(settings: dict[str, Any], model: Model, width: int) -> float:
    """Gate, up, the activated gate and their product; Liger does without the third, Axolotl's LoRA kernel without two."""
    kept = 4
    if settings.get("adapter") and settings.get("lora_mlp_kernel"):
        kept = 2
    elif has_liger(settings, "liger_glu_activation", "liger_swiglu"):
        kept = 3
    return kept * width * model.intermediate


def _adapter(settings: dict[str, Any], model: Model, width: int) -> float:
    """What adapters keep beside that: peft casts the input of every adapted matrix by itself, Axolotl's kernels share it."""
    if not settings.get("adapter"):
        return 0
    names = lora.text_targets(settings, model)
    shapes, rank = lora.matrices(model), int(settings.get("lora_r") or 0)
    groups = {"q_proj": "qkv", "k_proj": "qkv", "v_proj": "qkv", "o_proj": "o"}
    size = 0.0
    for name in names:
        size += rank * width
        if not settings.get(f"lora_{groups.get(name, 'mlp')}_kernel"):
            dropped = 1 if settings.get("lora_dropout") else 0
            size += shapes[name][0] * (width + dropped)
    if not settings.get("lora_qkv_kernel") and {"q_proj", "k_proj", "v_proj"} & set(names):
        size -= model.hidden * width  # the shared input, counted with the norms, is not kept beside the copies
    if not settings.get("lora_mlp_kernel"):
        if {"gate_proj", "up_proj"} & set(names):
            size -= model.hidden * width
        if "down_proj" in names:
            size -= model.intermediate * width
    return size


def logits(settings: dict[str, Any], model: Model, *, width: int) -> float:
    """Bytes at the worst moment of the loss: three float32 numbers a logit (log-softmax, its gradient, the loss's gradient).

    Gemma's multimodal class holds the logits, their float32 form, a shifted copy and the log-softmax at once.
    """
    count = tokens(settings)
    if has_liger(settings, "liger_fused_linear_cross_entropy") or settings.get("cut_cross_entropy"):
        # Liger cuts the tokens so that chunk x vocabulary is near tokens x hidden; it keeps the gradient of the hidden
        # states and, for a trained head, that of its matrix, which the gradients hold already.
        parts = -(-model.vocabulary // model.hidden)
        chunk = min(count, 1 << (-(-count // parts) - 1).bit_length())
        return chunk * model.vocabulary * width + count * model.hidden * width
    if settings.get("chunked_cross_entropy"):
        parts = int(settings.get("chunked_cross_entropy_num_chunks") or 8)
        return count * model.vocabulary * (2 * width + 12 / parts)
    each = width + 12 if model.architecture == "Gemma3ForConditionalGeneration" else 12
    return count * model.vocabulary * each


def evaluation(settings: dict[str, Any], model: Model, *, width: int, longest: int) -> float:
    """Bytes of the logits of one evaluation batch padded to `longest` tokens.

    Liger fuses the loss in training only: an evaluation makes whole logits, in `width`, in float32 and their log-softmax.
    """
    rows = int(settings.get("eval_batch_size") or settings.get("micro_batch_size") or 1)
    return rows * longest * model.vocabulary * (width + 8)
