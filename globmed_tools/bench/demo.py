"""The demo: a real transformer through lm-eval's hf backend over the whole sample, then the table by language.

Both kinds of tasks are run: the generative ones, which a model of random weights cannot answer, and their loglikelihood
twins, where it scores about chance.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import click

from .. import languages
from ..errors import GlobmedError
from ..names import PREFIXES
from . import tiny

#: The command line in a process of its own.
GLOBMED = (sys.executable, "-m", "globmed_tools.cli")


def run_demo(out: Path, *, all_languages: bool = False) -> Path:
    """Run both kinds of tasks into `out`, print the tables and where the results lie; returns the results folder."""
    out.mkdir(parents=True, exist_ok=True)
    results, log = out / "results", out / "lm_eval.log"
    shutil.rmtree(results, ignore_errors=True)
    click.echo(f"making a tiny Qwen3-architecture model from a fixed seed in {out / 'model'}", err=True)
    tiny.make(out / "model")
    groups = [f"{prefix}-{code}" for prefix in PREFIXES.values() for code in languages.codes(paper=not all_languages)]
    click.echo(f"evaluating it on the bundled sample: {len(groups)} groups (log: {log})", err=True)
    started = time.monotonic()
    _evaluate(out / "model", results, log, groups)
    click.echo(f"done in {time.monotonic() - started:.0f} s", err=True)
    subprocess.run([*GLOBMED, "report", "table", str(results)], check=True)
    click.echo("The weights are random: these figures show that every part works, and nothing about any model.")
    click.echo(f"results and samples: {results}")
    return results


def _evaluate(model: Path, results: Path, log: Path, groups: list[str]) -> None:
    command = [
        *(*GLOBMED, "bench", "run", "--model", "hf", "--device", "cpu"),
        *("--model_args", f"pretrained={model},dtype=float32", "--batch_size", "32", "--apply_chat_template"),
        *("--gen_kwargs", "max_gen_toks=16", "--output_path", str(results), "--log_samples"),
        *("--metadata", json.dumps({"globmed_data": "sample"}), "--tasks", ",".join(groups)),
    ]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    with log.open("w") as stream:
        code = subprocess.run(command, stdout=stream, stderr=subprocess.STDOUT, env=environment, check=False).returncode
    if code:
        tail = log.read_text("utf-8", "replace").strip().splitlines()[-1:]
        raise GlobmedError(f"lm-eval ended with status {code}: {' '.join(tail)} (see {log})")
