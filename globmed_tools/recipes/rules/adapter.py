"""LoRA and QLoRA: what is set without an adapter, what an adapter lacks, and names of matrices that the model does not have.

adapter: qlora without load_in_4bit        error: the weights would be loaded in 16 bits, and Axolotl refuses
lora_target_modules: [q_porj]              error: no matrix of Qwen3ForCausalLM is called q_porj; did you mean q_proj?
"""

from __future__ import annotations

from collections.abc import Iterator

from ..lora import LINEAR
from ..schema import near
from .case import Case, Finding

#: The matrices outside the layers, as transformers names them in the models of models.toml.
OUTSIDE = ("embed_tokens", "lm_head")
TARGETS = ("lora_target_modules", "lora_target_linear", "lora_target_parameters")


def rules(case: Case) -> Iterator[Finding]:
    if case.adapter is None:
        yield from _without(case)
    elif case.adapter in ("lora", "qlora"):
        yield from _low_rank(case)
        yield from _bits(case)
        yield from _names(case)


def _without(case: Case) -> Iterator[Finding]:
    for key in ("load_in_4bit", "load_in_8bit"):
        if case.get(key):
            yield case.error(
                f"`{key}: true` without an `adapter`: quantised weights cannot be trained. Set `adapter: qlora`.", key
            )
    for key in ("lora_r", "lora_alpha", *TARGETS, "lora_modules_to_save"):
        if case.has(key):
            yield case.error(
                f"`{key}` without an `adapter`: all weights would be trained instead. Set `adapter: lora`.", key
            )


def _low_rank(case: Case) -> Iterator[Finding]:
    rank, alpha = case.number("lora_r"), case.number("lora_alpha")
    if rank is None or rank < 1:
        yield case.error(f"`adapter: {case.adapter}` needs `lora_r`, such as 32.", "adapter")
    if not any(case.get(key) for key in TARGETS):
        yield case.error(
            f"`adapter: {case.adapter}` needs `lora_target_modules`, such as [{', '.join(LINEAR)}].", "adapter"
        )
    if alpha is None:
        yield case.warning("`lora_alpha` is not set. Set it, to `lora_r` or twice that.", "adapter")
    elif rank and not 0.25 <= alpha / rank <= 8:
        yield case.warning(
            f"`lora_alpha` is {alpha:g} for a rank of {rank:g}; usual: the rank or twice that.", "lora_alpha"
        )
    if case.get("tokens") and not (case.has("lora_modules_to_save") or case.has("peft_trainable_token_indices")):
        yield case.error(
            "`tokens` adds to the vocabulary, and an adapter does not train embeddings. Set `lora_modules_to_save: "
            "[embed_tokens, lm_head]`.",
            "tokens",
        )


def _bits(case: Case) -> Iterator[Finding]:
    if case.adapter == "qlora" and not case.get("load_in_4bit"):
        yield case.error("`adapter: qlora` needs `load_in_4bit: true`.", "adapter")
    if case.adapter == "qlora" and case.get("load_in_8bit"):
        yield case.error("`adapter: qlora` and `load_in_8bit` cannot both be set. Remove the latter.", "load_in_8bit")
    if case.adapter == "lora" and case.get("load_in_4bit"):
        yield case.error(
            "`load_in_4bit: true` with `adapter: lora`: that is QLoRA. Set `adapter: qlora`.", "load_in_4bit"
        )
    if case.get("load_in_8bit") and any(case.get(f"lora_{part}_kernel") for part in ("mlp", "qkv", "o")):
        yield case.error(
            "the LoRA kernels do not work with `load_in_8bit`. Set `lora_mlp_kernel` and its like to false.",
            "load_in_8bit",
        )


def _names(case: Case) -> Iterator[Finding]:
    """Names of matrices, judged only for architectures whose matrices are known. A regular expression is left to peft."""
    if case.model is None or not case.model.layer:
        return
    for key, known in (("lora_target_modules", (*LINEAR, *OUTSIDE)), ("lora_modules_to_save", OUTSIDE)):
        listed = case.get(key)
        for number, name in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(name, str) and name.isidentifier() and name not in known:
                close = near(name, known)
                meant = f"did you mean {close}?" if close else f"Known: {', '.join(known)}."
                yield case.error(
                    f"`{key}`: no matrix of {case.model.architecture} is called {name}; {meant}", key, number
                )
