"""An Axolotl plugin: the evaluation loss of each language by itself, and no stale data.

    plugins:
      - globmed_axolotl.PerLanguageEvaluation
    test_datasets:
      - path: mix/eval/sw.jsonl        ->  eval_sw_loss in the console and in output_dir/trainer_state.json
      - path: mix/eval/yo.jsonl        ->  eval_yo_loss
                                           eval_loss is the mean over languages: each counts the same

Axolotl joins all of test_datasets into one set with one loss, in which a language that is not learned is not seen. Here each
file is a set of its own, named by the file's stem; `axolotl train` and `axolotl evaluate` both report them.

Axolotl also takes prepared data up again by the path of its source: a source that was written anew is not noticed. Here
the run stops instead.

The folder of this package is put on the environment's path by `globmed recipes env`. It imports nothing of globmed.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from axolotl.core.trainers.base import AxolotlTrainer
from axolotl.integrations.base import BasePlugin
from axolotl.utils.dict import DictDefault
from axolotl.utils.logging import get_logger
from transformers import TrainerCallback

LOG = get_logger(__name__)
STAMP = "globmed-sources.json"


class PerLanguageTrainer(AxolotlTrainer):
    """Axolotl's trainer; where its evaluation set is a dict by language, `eval_loss` is the mean over the languages."""

    joined = None  # the one set that Axolotl made of all test_datasets

    def get_eval_dataloader(self, eval_dataset=None):
        if self.args.eval_sample_packing is not False:
            return super().get_eval_dataloader(eval_dataset)
        # Beside packed training Axolotl drops the last, incomplete batch of an unpacked evaluation: up to a batch of every
        # language, or all of a small one. Here all entries are evaluated; processes that have fewer repeat some, and the
        # repeated ones are cut off again when losses are gathered.
        before = self.args.dataloader_drop_last, self.accelerator.even_batches
        self.args.dataloader_drop_last, self.accelerator.even_batches = False, True
        try:
            return super().get_eval_dataloader(eval_dataset)
        finally:
            self.args.dataloader_drop_last, self.accelerator.even_batches = before

    def tell_apart(self, cfg):
        """Replace the joined evaluation set by one set a language."""
        sets = by_language(cfg.test_datasets or [])
        if not sets:
            LOG.warning("no test_datasets: no evaluation loss by language")
            return
        self.joined, self.eval_dataset = self.eval_dataset, _load(cfg, self.processing_class, sets)
        for language, data in self.eval_dataset.items():
            # Packed evaluation hands each process whole batches and drops the rest: a small set can be left with none.
            if not len(self.get_eval_dataloader(language)):
                raise ValueError(
                    f"test_datasets: {language} has {len(data)} entries, fewer packed batches than there are processes, so "
                    "it would not be evaluated. Set `eval_sample_packing: false`, or evaluate on more entries."
                )
        counts = ", ".join(f"{language} {len(data)}" for language, data in self.eval_dataset.items())
        LOG.info(f"evaluation by language, entries: {counts}")

    def evaluate(self, eval_dataset=None, ignore_keys=None, metric_key_prefix="eval"):
        if eval_dataset is not None and metric_key_prefix == "eval":
            # `axolotl evaluate` hands the joined set over, and never calls post_trainer_create.
            if self.joined is None and eval_dataset is self.eval_dataset:
                self.tell_apart(self.axolotl_cfg)
            if eval_dataset is self.joined:
                eval_dataset = None
        metrics = super().evaluate(eval_dataset, ignore_keys, metric_key_prefix)
        if eval_dataset is None and isinstance(self.eval_dataset, dict):
            losses = [metrics[f"{metric_key_prefix}_{language}_loss"] for language in self.eval_dataset]
            mean = {f"{metric_key_prefix}_loss": sum(losses) / len(losses)}
            self.log(dict(mean))
            metrics.update(mean)
            # The callbacks have seen one language at a time so far; early stopping and the best checkpoint go by the mean.
            self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


class KeepHistory(TrainerCallback):
    """Writes what was logged to output_dir/trainer_state.json at the end, whatever is kept of the checkpoints."""

    def on_train_end(self, args, state, control, **_):
        if state.is_world_process_zero:
            state.save_to_json(str(Path(args.output_dir) / "trainer_state.json"))


class PerLanguageEvaluation(BasePlugin):
    """Makes `trainer.eval_dataset` a dict by language, and refuses prepared data of other sources."""

    def load_datasets(self, cfg, preprocess=False):
        _refuse_stale(cfg)  # and None: Axolotl loads them

    def get_trainer_cls(self, cfg):
        return None if cfg.rl or cfg.reward_model or cfg.process_reward_model else PerLanguageTrainer

    def add_callbacks_post_trainer(self, cfg, trainer):
        return [KeepHistory()]

    def post_trainer_create(self, cfg, trainer):
        if isinstance(trainer, PerLanguageTrainer):
            trainer.tell_apart(cfg)


def by_language(entries) -> dict[str, list]:
    """test_datasets by language, in their order. A language's files may be several; their stems name it."""
    sets: dict[str, list] = {}
    for entry in entries:
        files = entry.get("data_files") or entry.get("path")
        first = files[0] if isinstance(files, (list, tuple)) else files
        sets.setdefault(Path(str(first)).stem, []).append(entry)
    return sets


def _load(cfg, tokenizer, sets):
    """Each language's set, made as Axolotl makes the joined one but not saved: every process tokenises it for itself.

    Saving starts a new Python each time, ten seconds a language; the sets are small.
    """
    from axolotl.utils.data import sft, shared
    from axolotl.utils.data.utils import handle_long_seq_in_dataset
    from axolotl.utils.trainer import process_datasets_for_packing

    loaded = {}
    for language, entries in sets.items():
        parts = [
            sft._load_and_process_single_dataset(entry, cfg, tokenizer, split="test", seed=cfg.seed)[0]
            for entry in shared.datasets_with_name_generator(entries)
        ]
        data = shared.merge_datasets(parts, DictDefault({**cfg, "shuffle_merged_datasets": False}))
        data = handle_long_seq_in_dataset(data, cfg.eval_sequence_len or cfg.sequence_len, cfg)
        if cfg.eval_sample_packing:
            data, _ = process_datasets_for_packing(cfg, data, None)
        loaded[language] = data
    return loaded


def _refuse_stale(cfg) -> None:
    """Raise ValueError where the folder of prepared data was filled from sources that have changed since."""
    if not cfg.dataset_prepared_path:
        return
    folder = Path(cfg.dataset_prepared_path)
    now = {}
    for entry in [*(cfg.datasets or []), *(cfg.test_datasets or [])]:
        path = Path(str(entry.get("path")))
        if path.is_file():
            with path.open("rb") as file:
                now[str(path)] = hashlib.file_digest(file, "sha256").hexdigest()
    stamp = folder / STAMP
    before = json.loads(stamp.read_text("utf-8")) if stamp.is_file() else {}
    changed = sorted(path for path in now.keys() & before.keys() if now[path] != before[path])
    if changed:
        raise ValueError(
            f"{', '.join(changed)}: changed since {folder} was prepared from it, and Axolotl would train on the old data. "
            f"Remove {folder}, or name another dataset_prepared_path."
        )
    folder.mkdir(parents=True, exist_ok=True)
    partial = stamp.with_suffix(f".{os.getpid()}")  # each process of a run writes the same
    partial.write_text(json.dumps({**before, **now}, indent=1, sort_keys=True), "utf-8")
    partial.replace(stamp)
