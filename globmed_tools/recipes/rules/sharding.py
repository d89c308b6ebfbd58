"""FSDP and DeepSpeed: one of them, FSDP in its second version, wrapping the layers that the model has, on more than one GPU.

transformer_layer_cls_to_wrap: LlamaDecoderLayer for Qwen3     error: the layers of Qwen3ForCausalLM are Qwen3DecoderLayer
FSDP on 1xh100                                                 error: there is nothing to shard over
"""

from __future__ import annotations

from collections.abc import Iterator

from ..gpus import Setup
from .case import Case, Finding


def rules(case: Case) -> Iterator[Finding]:
    config = case.get("fsdp_config")
    if case.has("deepspeed") and (config or case.has("fsdp")):
        yield case.error("`deepspeed` and FSDP cannot both be set. Keep one.", "deepspeed")
    if case.has("fsdp_version") and not config:
        yield case.error(
            "`fsdp_version` without `fsdp_config`: nothing would be sharded. Set `fsdp_config`.", "fsdp_version"
        )
    if isinstance(config, dict):
        yield from _fsdp(case, config)


def _fsdp(case: Case, config: dict) -> Iterator[Finding]:
    version = case.get("fsdp_version") or config.get("fsdp_version") or config.get("version")
    if str(version) != "2":
        said = f"is {version}" if version else "is not set, which means 1"
        yield case.error(f"`fsdp_version` {said}: FSDP1 is deprecated. Set `fsdp_version: 2`.", "fsdp_version")
    layer, policy = config.get("transformer_layer_cls_to_wrap"), config.get("auto_wrap_policy")
    real = case.model.layer if case.model else ""
    if policy == "TRANSFORMER_BASED_WRAP" and not layer:
        yield case.error(
            f"`fsdp_config.auto_wrap_policy: {policy}` needs `transformer_layer_cls_to_wrap`"
            + (f": {real}." if real else "."),
            "fsdp_config",
            "auto_wrap_policy",
        )
    if policy is None:
        yield case.warning("`fsdp_config.auto_wrap_policy` is not set. Set TRANSFORMER_BASED_WRAP.", "fsdp_config")
    if layer and real and real not in [one.strip() for one in str(layer).split(",")]:
        yield case.error(
            f"`fsdp_config.transformer_layer_cls_to_wrap` is {layer}, and the layers of {case.model.architecture} are {real}.",
            "fsdp_config",
            "transformer_layer_cls_to_wrap",
        )
    if config.get("activation_checkpointing") and case.get("gradient_checkpointing"):
        yield case.error(
            "`gradient_checkpointing` and `fsdp_config.activation_checkpointing` do the same twice. Keep the latter.",
            "gradient_checkpointing",
        )
    if config.get("cpu_ram_efficient_loading") and case.get("load_in_4bit"):
        yield case.error(
            "`fsdp_config.cpu_ram_efficient_loading` hangs with `load_in_4bit`. Set it to false.",
            "fsdp_config",
            "cpu_ram_efficient_loading",
        )
    if str(case.get("optimizer")) in ("adamw_8bit", "adamw_bnb_8bit", "paged_adamw_8bit"):
        yield case.error(
            f"FSDP2 does not work with `optimizer: {case.get('optimizer')}`. Use adamw_torch_8bit.", "optimizer"
        )


def setup_rules(case: Case, setup: Setup) -> Iterator[Finding]:
    sharded = "fsdp_config" if case.get("fsdp_config") else "fsdp" if case.get("fsdp") else None
    if sharded and setup.gpus < 2:
        where = "a CPU" if not setup.gpus else "one GPU"
        yield case.error(
            f"FSDP on {where}: there is nothing to shard over. Remove `{sharded}`, or take more GPUs.", sharded
        )
    if case.has("deepspeed") and setup.gpus == 0:
        yield case.error("DeepSpeed needs a GPU. Remove `deepspeed`.", "deepspeed")
    elif case.has("deepspeed") and setup.gpus == 1:
        yield case.warning("DeepSpeed on one GPU shards nothing. Remove `deepspeed`.", "deepspeed")
