"""An Axolotl plugin that times training steps. It imports nothing of globmed; measure.py puts it on the path.

    GLOBMED_MEASURE=out.json GLOBMED_WARM=3 axolotl train recipe.yml      with  plugins: [globmed_measure.Measure]

out.json, written when training ends: seconds, tokens and row tokens of each step after the first GLOBMED_WARM, peak memory, the
loss of each step, and what it ran on. Nothing is saved: the final model of such a run is of no use.
"""

from __future__ import annotations

import json
import os
import platform
import time
from importlib import metadata
from pathlib import Path

import torch
from axolotl.integrations.base import BasePlugin
from transformers import TrainerCallback

PACKAGES = ("axolotl", "torch", "transformers", "peft", "liger_kernel", "bitsandbytes", "flash_attn", "triton")


class Measure(BasePlugin):
    """Counts the tokens that reach the model and hands the trainer a Clock."""

    def post_trainer_create(self, cfg, trainer):
        clock = Clock(int(os.environ.get("GLOBMED_WARM", "3")), int(cfg.sequence_len), int(cfg.micro_batch_size))
        pad = trainer.processing_class.pad_token_id if trainer.processing_class else None
        step = trainer.training_step

        def counted(model, inputs, *rest, **more):
            ids = inputs["input_ids"]
            clock.tokens += int((ids != pad).sum()) if pad is not None else ids.numel()
            clock.micro += 1
            return step(model, inputs, *rest, **more)

        trainer.training_step = counted
        trainer.save_model = trainer.model.save_pretrained = lambda *_args, **_more: None
        trainer.add_callback(clock)


class Clock(TrainerCallback):
    """Times steps; the device is waited for at the end of each, and not inside."""

    def __init__(self, warm: int, width: int, rows: int):
        self.warm, self.width, self.rows = warm, width, rows
        self.tokens = self.micro = 0
        self.steps: list[dict] = []
        self.losses: list[float] = []

    def on_step_begin(self, args, state, control, **more):
        self.before = (self._now(), self.tokens, self.micro)

    def on_step_end(self, args, state, control, **more):
        started, tokens, micro = self.before
        room = (self.micro - micro) * self.rows * self.width
        self.steps.append({"seconds": self._now() - started, "tokens": self.tokens - tokens, "room": room})

    def on_log(self, args, state, control, logs=None, **more):
        if logs and "loss" in logs:
            self.losses.append(float(logs["loss"]))

    def on_train_end(self, args, state, control, **more):
        found = {
            "steps": self.steps[self.warm :],
            "losses": self.losses,
            "peak_allocated": torch.cuda.max_memory_allocated() if torch.cuda.is_available() else None,
            "peak_reserved": torch.cuda.max_memory_reserved() if torch.cuda.is_available() else None,
            "device": torch.cuda.get_device_name() if torch.cuda.is_available() else platform.machine(),
            "gpus": int(os.environ.get("WORLD_SIZE", "1")),
            "versions": {name: _version(name) for name in PACKAGES},
            "python": platform.python_version(),
        }
        if state.is_world_process_zero:
            Path(os.environ["GLOBMED_MEASURE"]).write_text(json.dumps(found), "utf-8")

    @staticmethod
    def _now() -> float:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        return time.perf_counter()


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
