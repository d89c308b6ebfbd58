"""Train several configurations one after another, as `axolotl train` does, in one process: importing takes longer than training.

    PYTHON-OF-AXOLOTL rehearse.py '{"recipes": [{"name": "qwen3-8b-full", "settings": {...}}]}'
    {"recipes": [{"name": "qwen3-8b-full", "losses": [8.3, 8.1], "eval": {"eval_sw_loss": 8.2, ...}, "seconds": 6.1}]}

A configuration that fails gets "error", its traceback on stderr; the others go on. Relative paths are those of the working
directory. Runs in Axolotl's environment and imports nothing of globmed.
"""

import gc
import json
import os
import sys
import time
import traceback

os.environ.setdefault("AXOLOTL_DO_NOT_TRACK", "1")


def train(settings):
    """One run, as axolotl.cli.train.do_train has it; returns what the trainer logged."""
    from axolotl.cli.config import load_cfg
    from axolotl.common.datasets import load_datasets
    from axolotl.integrations.base import PluginManager
    from axolotl.train import train as run
    from axolotl.utils.dict import DictDefault

    PluginManager.get_instance().plugins.clear()  # a singleton: another recipe's plugins must not linger
    cfg = load_cfg(DictDefault(settings))
    model, _tokenizer, trainer = run(cfg=cfg, dataset_meta=load_datasets(cfg=cfg))
    history = trainer.state.log_history
    measured = {
        "losses": [one["loss"] for one in history if "loss" in one],
        "eval": {key: one[key] for one in history for key in one if key.startswith("eval_") and key.endswith("_loss")},
        "steps": trainer.state.global_step,
        "model": type(model).__name__,
        "parameters": sum(each.numel() for each in model.parameters()),
        "trained_parameters": sum(each.numel() for each in model.parameters() if each.requires_grad),
        "four_bit_layers": sum(type(each).__module__.startswith("bitsandbytes") for each in model.modules()),
    }
    PluginManager.get_instance().post_train_unload(cfg)
    return measured


def main():
    payload = json.loads(sys.argv[1])
    # Libraries print on stdout; the answer alone belongs there.
    answer, sys.stdout = sys.stdout, sys.stderr
    results = []
    for recipe in payload["recipes"]:
        started = time.monotonic()
        try:
            result = train(recipe["settings"])
        except Exception as error:
            traceback.print_exc()
            result = {"error": " ".join(f"{type(error).__name__}: {error}".split())[:600]}
        gc.collect()
        results.append({"name": recipe["name"], **result, "seconds": round(time.monotonic() - started, 1)})
        print(f"rehearsed {recipe['name']}: {results[-1]}", file=sys.stderr, flush=True)
    print(json.dumps({"recipes": results}), file=answer, flush=True)


if __name__ == "__main__":  # saving prepared data starts Pythons that import this file
    main()
