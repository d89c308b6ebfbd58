"""What a training run says of itself: the files that Axolotl leaves in its output folder.

    run = read(Path("runs/qwen3-8b-lora"))
    run.steps, run.loss_first, run.loss_last, run.seconds         1200, 1.92, 1.07, 15231.0
    run.languages["sw"]                                           (2.31, 1.44): evaluation loss, first and last

    checkpoint-N/trainer_state.json    steps, epochs, every loss that was logged, tokens, peak memory
    debug.log                          the settings that were really used, the machine, how long it took
    README.md                          versions, and the recipe as it was (written by Axolotl; our own card keeps both)
    prepared/globmed-sources.json      hashes of the data files, by the plugin

What a run did not leave behind is None here and "not recorded" in the card.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import regex

from .. import languages, manifest
from ..errors import GlobmedError

STATE, LOG, README, SOURCES = "trainer_state.json", "debug.log", "README.md", "prepared/globmed-sources.json"
_EVAL = regex.compile(r"eval_(\w+)_loss")
_SECONDS = regex.compile(r"'train_runtime': '?([0-9.e+]+)'?")
_VERSION = regex.compile(r"axolotl version: `([^`]+)`")
_FRAMEWORK = regex.compile(r"^- (Transformers|Pytorch|Datasets|Tokenizers|PEFT) (\S+)$", regex.MULTILINE)
_RECIPE = regex.compile(r"axolotl version: `[^`]+`\n```yaml\n(.*?)\n```", regex.DOTALL)


@dataclass(slots=True)
class Run:
    """Losses are in nats a token; seconds of training without start-up; memory in GiB a GPU; versions by package."""

    folder: Path
    steps: int
    epochs: float | None = None
    loss_first: float | None = None
    loss_last: float | None = None
    eval_first: float | None = None
    eval_last: float | None = None
    languages: dict[str, tuple[float, float]] = field(default_factory=dict)
    seconds: float | None = None
    tokens: int | None = None
    trained_tokens: int | None = None
    memory: float | None = None
    versions: dict[str, str] = field(default_factory=dict)
    used: dict[str, Any] = field(default_factory=dict)
    recipe: str | None = None
    sources: dict[str, str] = field(default_factory=dict)


def read(folder: Path) -> Run:
    """The facts of a run; GlobmedError where the folder holds no state of a trainer."""
    folder = Path(folder)
    states = [
        (_state(path), path) for path in [folder / STATE, *folder.glob(f"checkpoint-*/{STATE}")] if path.is_file()
    ]
    if not states:
        raise GlobmedError(
            f"{folder}: no {STATE} in it or in a checkpoint below it, so nothing was trained here. Name the recipe's output_dir."
        )
    state = max((one for one, _ in states), key=lambda one: one["global_step"])
    run = Run(folder, state["global_step"], state.get("epoch"))
    _from_history(run, state["log_history"])
    _from_log(run, folder / LOG)
    _from_readme(run, folder / README)
    if (folder / SOURCES).is_file():
        run.sources = manifest.read_object(folder / SOURCES, "a list of data files", "Train again.")
    return run


def _state(path: Path) -> dict[str, Any]:
    state = manifest.read_object(path, "the state of a trainer", "Name the folder of a finished run.")
    if not isinstance(state.get("global_step"), int) or not isinstance(state.get("log_history"), list):
        raise GlobmedError(f"{path}: not the state of a trainer. Name the folder of a finished run.")
    return state


def _from_history(run: Run, history: list[dict[str, Any]]) -> None:
    losses = [one["loss"] for one in history if "loss" in one]
    evals = [one["eval_loss"] for one in history if "eval_loss" in one]
    if losses:
        run.loss_first, run.loss_last = losses[0], losses[-1]
    if evals:
        run.eval_first, run.eval_last = evals[0], evals[-1]
    for one in history:
        run.seconds = one.get("train_runtime", run.seconds)
        run.tokens = one.get("tokens/total", run.tokens)
        run.trained_tokens = one.get("tokens/trainable", run.trained_tokens)
        if peak := one.get("memory/max_allocated (GiB)"):
            run.memory = max(peak, run.memory or 0)
        for key, value in one.items():
            found = _EVAL.fullmatch(key)
            if found and found[1] in languages.table():
                run.languages[found[1]] = (run.languages.get(found[1], (value,))[0], value)
    order = languages.codes()
    run.languages = {code: run.languages[code] for code in order if code in run.languages}


def _from_log(run: Run, path: Path) -> None:
    if not path.is_file():
        return
    text = path.read_text("utf-8", "replace")
    _, mark, after = text.rpartition(" config:\n{")
    if mark:
        try:
            run.used = json.JSONDecoder().raw_decode("{" + after)[0]
        except ValueError:
            run.used = {}  # a log that was cut off says nothing of the settings, and the card says so
    if run.seconds is None and (found := _SECONDS.findall(after or text)):
        run.seconds = float(found[-1])


def _from_readme(run: Run, path: Path) -> None:
    if not path.is_file():
        return
    text = path.read_text("utf-8", "replace")
    if found := _VERSION.search(text):
        run.versions["Axolotl"] = found[1]
    run.versions |= dict(_FRAMEWORK.findall(text))
    if found := _RECIPE.search(text):
        run.recipe = found[1]
