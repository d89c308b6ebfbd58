"""One model and one task as the arguments of `lm_eval run`, and what of them decides the figures.

    arguments(model, "globmed_medqa_sw", asked, out)
    ["--model", "vllm", "--model_args", '{"pretrained": "Qwen/Qwen3-8B", ...}', "--tasks", "globmed_medqa_sw", ...]

Results are written to OUT/<model's name>/results_*.json and samples_*.jsonl: the names that lm-eval gives to files when the
output path is a JSON file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .roster import CHAT_APIS, COMPLETION_APIS, Model
from .work import Asked, version

#: Model arguments about where and how fast a model runs: they don't make results another run's.
RESOURCES = frozenset(
    "tensor_parallel_size data_parallel_size gpu_memory_utilization parallelize device device_map max_memory_per_gpu "
    "max_cpu_memory offload_folder num_concurrent max_retries timeout base_url batch_size max_batch_size swap_space "
    "trust_remote_code tokenized_requests tokenizer_backend attn_implementation enforce_eager".split()
)


def model_args(model: Model, gpus: int = 0) -> dict[str, Any]:
    """lm-eval's model arguments; `gpus` more than one spread the model over them."""
    fields: dict[str, Any] = {"pretrained" if model.local else "model": model.id, **model.args}
    if gpus > 1 and model.backend == "vllm":
        fields.setdefault("tensor_parallel_size", gpus)
    elif gpus > 1 and model.backend == "sglang":
        fields.setdefault("tp_size", gpus)
    elif gpus > 1 and model.local:
        fields.setdefault("parallelize", True)
    if model.backend in CHAT_APIS and model.backend != "anthropic-chat-completions":
        fields.setdefault("tokenized_requests", False)
    return fields


def metadata(asked: Asked) -> dict[str, str]:
    """What the tasks are told: the data source, and the language of the instructions where it is not the default."""
    extra = {} if asked.instructions == "native" else {"globmed_instructions": asked.instructions}
    return {"globmed_data": asked.data, **extra}


def arguments(
    model: Model,
    task: str,
    asked: Asked,
    folder: Path,
    *,
    gpus: int = 0,
    samples: bool = True,
    device: str | None = None,
) -> list[str]:
    """The arguments of `lm_eval run` for one task; `folder` is the model's own."""
    args = ["--model", model.backend, "--model_args", json.dumps(model_args(model, gpus), ensure_ascii=False)]
    args += ["--tasks", task, "--metadata", json.dumps(metadata(asked), ensure_ascii=False)]
    args += ["--output_path", str(folder / "results.json")]
    if model.batch_size is not None and model.local:
        args += ["--batch_size", str(model.batch_size)]
    if device and model.backend in ("hf", "hf-auto"):
        args += ["--device", device]
    if asked.limit:
        args += ["--limit", str(asked.limit)]
    if asked.shots:
        args += ["--num_fewshot", str(asked.shots)]
    if model.generation and task.startswith("globmed_"):
        args += ["--gen_kwargs", json.dumps(model.generation, ensure_ascii=False)]
    if model.kind == "chat" and model.backend not in COMPLETION_APIS:
        args.append("--apply_chat_template")
    if samples:
        args.append("--log_samples")
    return args


def settings(model: Model, asked: Asked, task: str, served: str) -> dict[str, Any]:
    """What decides the figures, in the words of a user; compare with `settings_of`. `served`: what the data is, as Work says."""
    return {
        "backend": model.backend,
        "id": model.id,
        "model arguments": _comparable(model_args(model)),
        "limit": asked.limit,
        "few-shot examples": asked.shots,
        "data": asked.data,
        "items": served,
        "task version": version(task),
        "instructions": asked.instructions,
        "generation": dict(model.generation) if task.startswith("globmed_") else {},
        "chat template": model.kind == "chat" and model.backend not in COMPLETION_APIS,
    }


def settings_of(fields: dict, task: str) -> dict[str, Any]:
    """The same, read from one of lm-eval's result files."""
    config = fields.get("config", {})
    args = config.get("model_args") or {}
    told = fields.get("configs", {}).get(task, {}).get("metadata") or {}
    limit = config.get("limit")
    return {
        "backend": config.get("model"),
        "id": args.get("pretrained") or args.get("model"),
        "model arguments": _comparable(args),
        "limit": int(limit) if limit is not None and float(limit).is_integer() else limit,
        "few-shot examples": fields.get("n-shot", {}).get(task, 0),
        "data": told.get("globmed_data"),
        "items": str(fields.get("configs", {}).get(task, {}).get("custom_dataset", "")).removeprefix("globmed data: "),
        "task version": fields.get("versions", {}).get(task),
        "instructions": told.get("globmed_instructions", "native"),
        "generation": (config.get("gen_kwargs") or {}) if task.startswith("globmed_") else {},
        "chat template": bool(fields.get("fewshot_as_multiturn")),
    }


def _comparable(args: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sorted(args.items()) if name not in RESOURCES | {"pretrained", "model"}}
