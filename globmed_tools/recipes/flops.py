"""Floating-point operations of training, as the literature counts them.

    work = flops.per_token(recipe.settings, model, mean_square=310.0)
    work.model       what the mathematics needs: the numerator of MFU
    work.hardware    that and what gradient checkpointing computes a second time: the numerator of HFU

A matrix of n parameters takes 2 n operations a token forward and 4 n backward, half of those for the gradient of its input and
half for its own (Kaplan et al. 2020, arXiv 2001.08361, section 2.1). A frozen matrix needs only the first half: 4 n in all, so
LoRA costs 4 N and 6 n for its own n. Embeddings are looked up and cost nothing; the output head is a matrix as any other.

Attention over a causal document of s tokens multiplies queries by keys and weights by values: 2 x 2 x (heads x head_dim) x s^2 / 2
operations a layer forward, twice that backward. Packed documents do not see each other, so what counts is the sum of squares
of the documents' lengths: `mean_square` = (sum of s^2) / (sum of s). Windows of Gemma's local layers are not subtracted.

MFU and HFU are those of Chowdhery et al. 2022, arXiv 2204.02311, appendix B (which does not halve attention for causality):
operations of the tokens a second, over the peak of the hardware; recomputation counts for HFU alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import lora, memory_activations
from .models import Model


@dataclass(frozen=True, slots=True)
class Work:
    """Operations for one token of training."""

    model: float
    hardware: float


def per_token(settings: dict[str, Any], model: Model, *, mean_square: float) -> Work:
    """Operations of one token, forward and backward, in a document as long as `mean_square` says."""
    matrices = model.layers * model.layer_matrices()
    head = model.vocabulary * model.hidden
    attention = 2 * model.layers * model.heads * model.head_dim * mean_square
    if settings.get("adapter"):
        names = lora.text_targets(settings, model)
        shapes = lora.matrices(model)
        own = int(settings.get("lora_r") or 0) * model.layers * sum(sum(shapes[name]) for name in names)
        saved = settings.get("lora_modules_to_save") or []
        trained_head = "lm_head" in saved or (
            model.tied and bool(settings.get("peft_ensure_weight_tying")) and bool(saved)
        )
        needed = 4 * matrices + 6 * own + (6 if trained_head else 4) * head
        again = 2 * (matrices + own)
    else:
        needed = 6 * (matrices + head)
        again = 2 * matrices
    needed += 3 * attention
    once_more = again + attention if memory_activations.is_checkpointed(settings) else 0
    return Work(needed, needed + once_more)


def utilisation(tokens_a_second: float, work: float, gpus: int, tflops: float) -> float:
    """MFU (given Work.model) or HFU (given Work.hardware) of a measured speed over all GPUs."""
    return tokens_a_second * work / (gpus * tflops * 1e12)
