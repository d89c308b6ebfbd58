"""How fast do the shipped recipes train? Tokens a second, MFU, memory and packing, for each recipe and variant.

    python benchmarks/training/measure.py --axolotl ENV/bin/python --gpu h100 --out results        on a machine with a GPU
    python benchmarks/training/measure.py --axolotl ENV/bin/python --rehearse --out rehearsal      anywhere, tiny models

Each run is `axolotl train` on a model of real size with random weights (`reinit_weights`), a tokenizer of real vocabulary
size and entries as long as the reference data's; nothing is downloaded. A result is one line of OUT/results.jsonl, written when its
run ends, and OUT/results.md is made of these lines: a killed measurement goes on where it stopped. A run that fails is a line too.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import grid
import made
import results
import yaml

from globmed_tools.recipes import gpus, memory, models, recipe

HERE = Path(__file__).resolve().parent


def run(name: str, variant: str, asked: argparse.Namespace) -> dict[str, Any]:
    """One run as a row of results.jsonl."""
    shipped = recipe.read(name).settings
    settings = grid.settings(shipped, variant)
    model = models.get(shipped["base_model"])
    row: dict[str, Any] = {"recipe": name, "variant": variant, "when": time.strftime("%Y-%m-%d")}
    if asked.rehearse:
        on_cpu = grid.rehearsed(settings)
        row["overridden"] = sorted(key for key in {*settings, *on_cpu} if settings.get(key) != on_cpu.get(key))
        settings = on_cpu
    else:
        estimate = memory.estimate(settings, model, 1).gib
        row |= {"estimate_gib": round(estimate, 1), "settings": _told(settings)}
        room = gpus.get(asked.gpu).memory_gib
        if estimate > 1.15 * room:
            return row | {"failed": f"not tried: about {estimate:.0f} GiB of {room:.0f} needed"}
    folder = asked.out / "runs" / f"{name}, {variant}".replace(", ", "-").replace(" ", "_")
    settings = _prepare(settings, shipped["base_model"], folder, asked)
    found, log = _train(settings, folder, asked)
    if found is None:
        return row | {"failed": _reason(log), "log": str(log.relative_to(asked.out))}
    return row | results.figures(found, settings, model, asked.gpu, shrunk=asked.rehearse)


def _told(settings: dict[str, Any]) -> dict[str, Any]:
    keys = (
        "attn_implementation",
        "micro_batch_size",
        "sequence_len",
        "optimizer",
        "gradient_checkpointing",
        "torch_compile",
    )
    return {key: settings.get(key) for key in keys} | {"liger": [key for key in settings if key.startswith("liger_")]}


def _prepare(settings: dict[str, Any], base: str, folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Model folder, data and the settings that name them."""
    steps = asked.steps + asked.warm
    local = asked.out / "models" / base.rpartition("/")[2]
    vocabulary = made.SHRUNK["vocab_size"] if asked.rehearse else models.get(base).vocabulary
    if not (local / "tokenizer.json").is_file():
        made.model(base, local, shrink=asked.rehearse)
    each = settings["micro_batch_size"] * settings["sequence_len"] * settings.get("gradient_accumulation_steps", 1)
    data = asked.out / "data" / f"{steps * each}-{settings['sequence_len']}-{vocabulary}.jsonl"
    if not data.is_file():
        data.parent.mkdir(parents=True, exist_ok=True)
        part = data.with_suffix(".part")
        made.data(
            part, tokens=round(1.3 * steps * each) + 20_000, longest=settings["sequence_len"], vocabulary=vocabulary
        )
        part.rename(data)
    folder.mkdir(parents=True, exist_ok=True)
    return settings | {
        "base_model": str(local),
        "reinit_weights": True,
        "datasets": [{**settings["datasets"][0], "path": str(data)}],
        "dataset_prepared_path": str(asked.out / "prepared"),
        "output_dir": str(folder / "output"),
        "max_steps": steps,
        "logging_steps": 1,
        "save_strategy": "no",
        "plugins": [*settings["plugins"], "globmed_measure.Measure"],
    }


def _train(settings: dict[str, Any], folder: Path, asked: argparse.Namespace) -> tuple[dict[str, Any] | None, Path]:
    config, found, log = folder / "recipe.yml", folder / "measured.json", folder / "log.txt"
    config.write_text(yaml.safe_dump(settings, sort_keys=False), "utf-8")
    found.unlink(missing_ok=True)
    start = "from axolotl.cli.main import main; main()"
    with log.open("w") as out:
        subprocess.run(
            [asked.axolotl, "-c", start, "train", str(config), "--launcher", "python"],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")])),
                "GLOBMED_MEASURE": str(found),
                "GLOBMED_WARM": str(asked.warm),
                "AXOLOTL_DO_NOT_TRACK": "1",
                "HF_HUB_OFFLINE": "1",
            },
            stdout=out,
            stderr=subprocess.STDOUT,
            timeout=asked.timeout,
            check=False,
        )
    return (json.loads(found.read_bytes()) if found.is_file() else None), log


def _reason(log: Path) -> str:
    """The last line of a log that names an error."""
    lines = [line.strip() for line in log.read_text("utf-8", errors="replace").splitlines() if line.strip()]
    return next((line for line in reversed(lines) if "Error" in line), lines[-1] if lines else "no output")[:300]


def main() -> None:
    asked = arguments()
    asked.out = asked.out.resolve()
    asked.out.mkdir(parents=True, exist_ok=True)
    path = asked.out / "results.jsonl"
    rows = _rows(path)
    done = {(row["recipe"], row["variant"]) for row in rows}
    seen: set[str] = set()
    for name in asked.recipes:
        for variant in asked.variants:
            if (name, variant) in done:
                continue
            if asked.rehearse:  # many variants are one on a CPU
                same = json.dumps(
                    [name, grid.rehearsed(grid.settings(recipe.read(name).settings, variant))], sort_keys=True
                )
                if same in seen:
                    print(f"{name}, {variant}: on a CPU the same as one before", flush=True)
                    continue
                seen.add(same)
            print(f"{name}, {variant} ...", flush=True)
            try:
                row = run(name, variant, asked)
            except subprocess.TimeoutExpired:
                row = {"recipe": name, "variant": variant, "failed": f"over {asked.timeout} s"}
            rows.append(row)
            with path.open("a", encoding="utf-8") as out:
                out.write(json.dumps(row) + "\n")
            (asked.out / "results.md").write_text(results.markdown(rows), "utf-8")
    print((asked.out / "results.md").read_text("utf-8"))
    if any("failed" in row and not row["failed"].startswith("not tried") for row in rows):
        sys.exit(1)


def _rows(path: Path) -> list[dict[str, Any]]:
    """The results so far. A last line without its end was being written when the measurement was killed: it is cut off."""
    text = path.read_text("utf-8") if path.is_file() else ""
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        path.write_text(whole, "utf-8")
    return [json.loads(line) for line in whole.splitlines()]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--axolotl", default=sys.executable, help="the Python of Axolotl's environment (default: this one)"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for results, models, data and logs")
    parser.add_argument("--gpu", help="the GPU's name in gpus.toml: its peak is the denominator of MFU")
    parser.add_argument("--recipes", nargs="+", default=grid.RECIPES, choices=recipe.names(), metavar="NAME")
    parser.add_argument(
        "--variants", nargs="+", default=list(grid.VARIANTS), choices=list(grid.VARIANTS), metavar="NAME"
    )
    parser.add_argument("--steps", type=int, default=12, help="steps that are timed (default: %(default)s)")
    parser.add_argument("--warm", type=int, default=4, help="steps before them (default: %(default)s)")
    parser.add_argument("--timeout", type=int, default=1200, help="seconds for one run (default: %(default)s)")
    parser.add_argument("--rehearse", action="store_true", help="tiny models, two steps, on the CPU")
    asked = parser.parse_args()
    if asked.rehearse:
        asked.steps, asked.warm = 2, 0
    elif not asked.gpu or asked.gpu not in gpus.names():
        parser.error(f"--gpu: one of {', '.join(gpus.names())}, or --rehearse")
    return asked


if __name__ == "__main__":
    print(f"{platform.platform()}, {os.cpu_count()} cores", flush=True)
    main()
