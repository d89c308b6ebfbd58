"""Settings of the optimiser and the schedule that do not go together, or that a run is known to fail or to diverge with.

warmup_ratio and warmup_steps         both; save_steps with save_strategy: epoch; val_set_size beside test_datasets
learning_rate: 2.0e-4                 for full fine-tuning of a model of a billion parameters
"""

from __future__ import annotations

from collections.abc import Iterator

from .case import Case, Finding

#: Usual learning rates with AdamW by method, from reports of fine-tuning: our bounds for a warning, not a law.
USUAL = {"full": (1e-6, 5e-5), "lora": (2e-5, 1e-3), "qlora": (2e-5, 1e-3), "llama-adapter": (1e-4, 1e-2)}
#: Models under this many parameters are toys, which take a far higher learning rate.
TOY = 50_000_000
#: Tokens an optimiser step beyond which the warning asks whether the multiplication is meant.
LARGE_STEP = 4_000_000


def rules(case: Case) -> Iterator[Finding]:
    yield from _learning_rate(case)
    yield from _warmup(case)
    yield from _length(case)
    yield from _saving(case)
    yield from _evaluating(case)
    yield from _batch(case)
    if not case.has("seed"):
        yield case.warning("`seed` is not set: Axolotl would take 42. Write it down, so that the run can be repeated.")
    if case.get("train_on_inputs"):
        yield case.warning("`train_on_inputs: true` trains on the questions too. Remove it.", "train_on_inputs")


def _learning_rate(case: Case) -> Iterator[Finding]:
    if not case.has("learning_rate"):
        return
    rate, written = case.number("learning_rate"), case.get("learning_rate")
    if rate is None or not 0 < rate < 0.1:
        yield case.error(f"`learning_rate` is {written!r}, and should be a number between 0 and 0.1.", "learning_rate")
        return
    method = case.adapter or "full"
    if method not in USUAL or case.model is None or case.model.parameters() < TOY:
        return
    low, high = USUAL[method]
    if not low <= rate <= high:
        named = {"full": "full fine-tuning", "lora": "LoRA", "qlora": "QLoRA"}.get(method, method)
        yield case.warning(
            f"`learning_rate` is {rate:g}; {named} usually takes {low:g} to {high:g}. Change it, or say why in the header.",
            "learning_rate",
        )


def _warmup(case: Case) -> Iterator[Finding]:
    ratio = case.number("warmup_ratio")
    if case.get("warmup_ratio") and case.get("warmup_steps"):
        yield case.error("`warmup_steps` and `warmup_ratio` cannot both be set. Keep one.", "warmup_steps")
    elif not case.has("warmup_ratio") and not case.has("warmup_steps"):
        yield case.warning("neither `warmup_ratio` nor `warmup_steps` is set. Set `warmup_ratio: 0.03`.")
    if ratio is not None and not 0 <= ratio < 1:
        yield case.error(f"`warmup_ratio` is {ratio:g}, and is a share of all steps: 0 to 1.", "warmup_ratio")
    elif ratio is not None and ratio > 0.3:
        yield case.warning(
            f"`warmup_ratio` is {ratio:g}: the rate rises for most of the run. Usual: 0.03 to 0.1.", "warmup_ratio"
        )


def _length(case: Case) -> Iterator[Finding]:
    epochs, steps = case.number("num_epochs"), case.number("max_steps")
    if case.has("num_epochs") and case.has("max_steps"):
        yield case.warning(
            f"`max_steps: {steps:g}` ends the run whatever `num_epochs: {epochs:g}` says. Keep one.", "max_steps"
        )
    if not case.has("num_epochs") and not case.has("max_steps"):
        yield case.warning("neither `num_epochs` nor `max_steps` is set: Axolotl would train one epoch. Write it down.")
    if epochs is not None and epochs <= 0:
        yield case.error(f"`num_epochs` is {epochs:g}: nothing would be trained.", "num_epochs")
    elif epochs is not None and epochs > 10 and not (case.model and case.model.parameters() < TOY):
        yield case.warning(f"`num_epochs` is {epochs:g}: fine-tuning mostly memorises after three or so.", "num_epochs")


def _saving(case: Case) -> Iterator[Finding]:
    strategy = case.get("save_strategy")
    if strategy and strategy != "steps" and case.has("save_steps"):
        yield case.error(f"`save_steps` needs `save_strategy: steps`, not {strategy}. Remove one.", "save_steps")
    if case.has("saves_per_epoch") and case.has("save_steps"):
        yield case.error("`saves_per_epoch` and `save_steps` cannot both be set. Keep one.", "saves_per_epoch")
    if strategy == "best" and not case.has("metric_for_best_model"):
        yield case.error("`save_strategy: best` needs `metric_for_best_model`, such as eval_loss.", "save_strategy")
    if strategy == "no" and case.get("load_best_model_at_end"):
        yield case.error(
            "`load_best_model_at_end` needs checkpoints, and `save_strategy` is no.", "load_best_model_at_end"
        )
    if case.get("load_best_model_at_end") and case.get("eval_strategy", strategy) != strategy:
        yield case.error(
            f"`load_best_model_at_end` needs `eval_strategy` and `save_strategy` to be the same, not "
            f"{case.get('eval_strategy')} and {strategy}.",
            "load_best_model_at_end",
        )


def _evaluating(case: Case) -> Iterator[Finding]:
    strategy, share = case.get("eval_strategy"), case.number("val_set_size")
    asked = strategy not in (None, "no") or case.has("eval_steps") or case.has("evals_per_epoch")
    if strategy and strategy != "steps" and case.has("eval_steps"):
        yield case.error(f"`eval_steps` needs `eval_strategy: steps`, not {strategy}. Remove one.", "eval_steps")
    if case.has("evals_per_epoch") and case.has("eval_steps"):
        yield case.error("`evals_per_epoch` and `eval_steps` cannot both be set. Keep one.", "evals_per_epoch")
    if share and case.get("test_datasets"):
        yield case.error(
            "`val_set_size` and `test_datasets` cannot both be set. Remove `val_set_size`.", "val_set_size"
        )
    elif share:
        yield case.warning(
            "`val_set_size` splits at random, so that an item is trained on in one language and evaluated in another. Use "
            "`test_datasets` with the files that `globmed recipes mix` writes.",
            "val_set_size",
        )
    if asked and not share and not case.get("test_datasets"):
        yield case.error(
            "evaluation is asked for, and there is nothing to evaluate on. Set `test_datasets`.", "eval_strategy"
        )
    if case.get("test_datasets") and strategy == "no":
        yield case.warning("`test_datasets` are not used: `eval_strategy` is no.", "eval_strategy")


def _batch(case: Case) -> Iterator[Finding]:
    if case.has("batch_size") and case.has("gradient_accumulation_steps"):
        yield case.error(
            "`batch_size` and `gradient_accumulation_steps` cannot both be set. Keep the latter.", "batch_size"
        )
    for key in ("micro_batch_size", "gradient_accumulation_steps", "eval_batch_size", "sequence_len"):
        value = case.number(key)
        if value is not None and value < 1:
            yield case.error(f"`{key}` is {value:g}, and should be at least 1.", key)


def tokens_a_step(case: Case, gpus: int) -> int | None:
    """Tokens of one optimiser step on that many GPUs with full sequences, None where a part of it is not set."""
    parts = [case.number(key) for key in ("micro_batch_size", "sequence_len")]
    accumulation = case.number("gradient_accumulation_steps") or 1
    if None in parts:
        return None
    return int(parts[0] * parts[1] * accumulation * max(gpus, 1))
