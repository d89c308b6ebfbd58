"""Sequence length and packing. Packing several entries into one sequence needs an attention that keeps them apart.

sample_packing: true without attn_implementation     error: entries would see each other
sequence_len: 40000 for a context of 32768           error
excess_length_strategy not set                       warning: entries that are too long vanish in silence
"""

from __future__ import annotations

from collections.abc import Iterator

from .. import schema
from .case import Case, Finding

LEGACY = (
    "flash_attention",
    "flex_attention",
    "xformers_attention",
    "sage_attention",
    "sdp_attention",
    "eager_attention",
)


def rules(case: Case) -> Iterator[Finding]:
    yield from _length(case)
    if case.get("sample_packing"):
        yield from _packed(case)
    elif case.get("eval_sample_packing"):
        yield case.error("`eval_sample_packing` without `sample_packing`. Set both, or neither.", "eval_sample_packing")


def _length(case: Case) -> Iterator[Finding]:
    length, context = case.number("sequence_len"), case.model.context if case.model else 0
    if length is None:
        yield case.error("`sequence_len` is not set: Axolotl would take 512, and leave out what is longer. Set it.")
    elif context and length > context:
        yield case.error(
            f"`sequence_len` is {length:g}, and {case.model.id} reads at most {context}. Lower it.", "sequence_len"
        )
    strategy = str(case.get("excess_length_strategy", "drop"))
    if strategy != "raise":
        how = {"drop": "left out", "truncate": "cut off, mostly before the answer"}.get(strategy, strategy)
        yield case.warning(
            f"entries longer than `sequence_len` would be {how} in silence. Set `excess_length_strategy: raise`.",
            "excess_length_strategy",
        )


def _packed(case: Case) -> Iterator[Finding]:
    attention = case.get("attn_implementation")
    packs = schema.load().values["attention_packs"]
    if attention is None and not any(case.get(key) for key in LEGACY):
        yield case.error(
            "`sample_packing` without `attn_implementation`: packed entries would attend to each other. Set "
            "`attn_implementation: sdpa` or flash_attention_2.",
            "sample_packing",
        )
    elif attention is not None and str(attention).split(":")[0].split("@")[0] not in packs:
        yield case.error(
            f"`attn_implementation: {attention}` does not keep packed entries apart. Use sdpa or flash_attention_2, or set "
            "`sample_packing: false`.",
            "attn_implementation",
        )
    if not case.has("eval_sample_packing") and (case.get("test_datasets") or case.get("val_set_size")):
        yield case.warning(
            "`eval_sample_packing` is not set: Axolotl packs the evaluation too, and leaves out its last incomplete batch. "
            "Set `eval_sample_packing: false`.",
            "sample_packing",
        )
    elif case.get("eval_sample_packing") is False and case.get("dataloader_drop_last", True):
        yield case.warning(
            "Axolotl leaves out the last incomplete batch of every evaluation set. Set `dataloader_drop_last: false`.",
            "eval_sample_packing",
        )
    for key, why in (
        ("group_by_length", "packing has its own order"),
        ("batch_flattening", "packing does this already"),
    ):
        if case.get(key) and case.get(key) != "auto":
            yield case.error(f"`{key}` and `sample_packing` cannot both be set: {why}. Remove it.", key)
    if case.get("rl"):
        yield case.error(
            f"`sample_packing` does not work with `rl: {case.get('rl')}`. Set it to false.", "sample_packing"
        )
