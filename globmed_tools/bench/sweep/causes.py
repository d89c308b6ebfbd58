"""Why a model or a task failed, in one line, from what its log says.

    of("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB ...")
    Cause("out of GPU memory", "more GPUs for it (gpus:), a smaller batch_size or max_model_len")

The first rule that matches the text decides; where none does, the last line of the error is the cause.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """What it was and what to do. `fatal`: the model's other tasks would fail in the same way."""

    title: str
    remedy: str
    fatal: bool = False

    def __str__(self) -> str:
        return f"{self.title}: {self.remedy}" if self.remedy else self.title


def _http(code: str) -> str:
    """How aiohttp, requests and the vendors' clients write a status: a bare number may be anything."""
    return rf"(?<!\d){code}, message=|(?<!\d){code} (?:Client|Server) Error|(?:status(?: code)?|Error code)[ =:]+{code}"


#: (what the text says, cause), asked in this order.
RULES: tuple[tuple[re.Pattern, Cause], ...] = tuple(
    (re.compile(pattern, re.I), Cause(title, remedy, fatal))
    for pattern, title, remedy, fatal in (
        (
            r"CUDA out of memory|OutOfMemoryError|No available memory for the cache blocks|"
            r"Free memory on device.{0,80}less than desired|larger than the available KV cache",
            "out of GPU memory",
            "give it more GPUs (gpus:), a smaller batch_size or a smaller max_model_len",
            False,
        ),
        (r"No space left on device|Disk quota exceeded", "disk full", "free some space and run again", True),
        (
            r"gated repo|GatedRepo|access to model .{0,120} is restricted|awaiting a review",
            "gated model",
            "ask for access on its page and set HF_TOKEN",
            True,
        ),
        (
            r"API key not found|api_key.{0,40}(must be set|missing)|no key: ",
            "no key",
            "set the environment variable that `globmed bench models` names",
            True,
        ),
        (
            _http("401") + r"|invalid_api_key|Incorrect API key|AuthenticationError",
            "key refused",
            "check the key, its account and the address",
            True,
        ),
        (
            _http("402") + r"|insufficient_quota|exceeded your current quota",
            "no credit at the API",
            "see the account's billing",
            True,
        ),
        (
            r"RepositoryNotFound|not a local folder and is not a valid model identifier|model_not_found|"
            r"Repo id must be|The model .{0,80} does not exist|" + _http("404"),
            "wrong id",
            "check the id's spelling, and HF_TOKEN for a private model",
            True,
        ),
        (
            r"tokenizer.{0,30}chat_template is not set|no chat template|does not have a chat template",
            "no chat template",
            "kind: base in the roster, or args: {chat_template: ...}",
            True,
        ),
        (
            r"Can't load tokenizer|Couldn't instantiate the backend tokenizer|Unable to load vocabulary|tokenizer\.model.{0,40}not found",
            "tokenizer missing",
            "name one with args: {tokenizer: ID}",
            True,
        ),
        (
            r"Can't load the model|no file named (model|pytorch_model)|does not appear to have a file named|"
            r"Unrecognized model in|SafetensorError|is not a valid JSON file",
            "not a whole model",
            "the folder or repository lacks its config or weights; fetch it again",
            True,
        ),
        (
            r"does not recognize this architecture|model type .{0,60}not (recognized|supported)|Model architectures .{0,80}not supported",
            "unknown architecture",
            "a newer transformers or vllm, or another backend",
            True,
        ),
        (
            r"trust_remote_code",
            "needs code of its own",
            "args: {trust_remote_code: true}, if you trust its authors",
            True,
        ),
        (
            r"No module named '?(vllm|sglang|anthropic|tiktoken|accelerate)|please install (vllm|sglang)|`(vllm|sglang|anthropic)` is not installed|Please install vllm",
            "backend not installed",
            "install it, or choose another with --backend",
            True,
        ),
        (
            r"Torch not compiled with CUDA|No CUDA GPUs are available|Found no NVIDIA driver|no CUDA-capable device",
            "no GPU",
            "run where there is one, or with --gpus none",
            True,
        ),
        (
            r"CUDA error|device-side assert|EngineDead|Engine core .{0,40}fail",
            "the GPU's process broke",
            "see the log",
            True,
        ),
        (
            r"OfflineModeIsEnabled|LocalEntryNotFound|couldn't connect to|Cannot find the requested files in the (disk|local) cache",
            "not downloaded, and the hub is out of reach",
            "check the network and HF_HUB_OFFLINE",
            True,
        ),
        (
            _http("429") + r"|rate.?limit",
            "too many requests for the API",
            "a smaller num_concurrent, then --retry-failed",
            False,
        ),
        (
            r"maximum context length|max_model_len|context_length_exceeded|prompt is too long",
            "context too short for the prompts",
            "a larger max_model_len or max_length, or fewer few-shot examples",
            False,
        ),
        (
            r"Connection refused|Cannot connect to host|Name or service not known|Temporary failure in name resolution|ServerDisconnected",
            "server out of reach",
            "start it or mend base_url, then --retry-failed",
            True,
        ),
        (
            r"TimeoutError|Read timed out|took longer than --timeout|" + _http("504"),
            "timed out",
            "a larger timeout, then --retry-failed",
            False,
        ),
        (
            _http(r"5\d\d") + r"|Internal Server Error",
            "the API broke",
            "then --retry-failed",
            False,
        ),
        (
            r"MemoryError|killed by signal 9",
            "out of memory on this machine",
            "fewer jobs at once, a smaller model",
            True,
        ),
    )
)


def of(text: str) -> Cause:
    """The cause that an error's text or the end of a log shows."""
    for pattern, cause in RULES:
        if pattern.search(text):
            return cause
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return Cause(lines[-1][:300] if lines else "no reason given", "")
