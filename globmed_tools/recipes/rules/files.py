"""What a recipe reads and writes: the base model's folder, data files, its output folder. Paths are relative to the working
directory, as Axolotl reads them. Names on the hub are allowed, and not looked up: the check needs no network.

    mix/train.jsonl: no such file           error: write it with `globmed recipes mix EXPORT --out mix`
    runs/x holds checkpoint-12              error: output folder in use
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..recipe import Place
from .case import Case, Finding

#: A name on the hub: one owner and one name, and no ending that only files have.
HUB = re.compile(r"^[\w.-]+/[\w.-]+$")
DATA = (".jsonl", ".json", ".parquet", ".csv", ".arrow", ".txt", ".gz", ".zst")
REMOTE = ("http://", "https://", "s3://", "gs://", "gcs://", "az://", "oci://")
#: Left by the plugin globmed_axolotl in the folder of prepared data: {file: SHA-256}.
STAMP = "globmed-sources.json"
#: What a run that was finished or begun leaves in its output folder.
TRACES = (
    "checkpoint-*",
    "adapter_config.json",
    "adapter_model.safetensors",
    "model*.safetensors",
    "trainer_state.json",
)


def rules(case: Case) -> Iterator[Finding]:
    yield from _base_model(case)
    yield from _data(case)
    for key in ("lora_model_dir", "resume_from_checkpoint"):
        if case.has(key) and not (case.folder / str(case.get(key))).exists():
            yield case.error(f"`{key}`: {case.get(key)}: no such folder. Correct the path, or remove the key.", key)
    if isinstance(case.get("deepspeed"), str) and not (case.folder / case.get("deepspeed")).is_file():
        yield case.error(
            f"`deepspeed`: {case.get('deepspeed')}: no such file. Fetch it: axolotl fetch deepspeed_configs.",
            "deepspeed",
        )
    jinja = str(case.get("chat_template_jinja", ""))
    if jinja and "{" not in jinja and not (case.folder / jinja).is_file():
        yield case.error(
            f"`chat_template_jinja`: {jinja}: no such file, and no template either.", "chat_template_jinja"
        )
    yield from _prepared(case)
    yield from _output(case)


def data_files(entry: dict[str, Any], key: str, number: int) -> Iterator[tuple[str, Place]]:
    """(path, place) of the local files that an entry of `datasets` names; a name on the hub is none."""
    given = entry.get("data_files")
    listed = given if isinstance(given, list) else [given] if given else []
    for one in listed:
        yield str(one), (key, number, "data_files")
    path = entry.get("path")
    if isinstance(path, str) and not listed and entry.get("type") != "_synthetic" and not path.startswith(REMOTE):
        yield path, (key, number, "path")


def is_hub(path: str, folder: Path) -> bool:
    """True for a name that only the hub can have: owner/name, no file's ending, nothing of that name here."""
    return (
        bool(HUB.match(path)) and not path.endswith(DATA) and not path.startswith(".") and not (folder / path).exists()
    )


def _base_model(case: Case) -> Iterator[Finding]:
    base = case.get("base_model")
    if not isinstance(base, str):
        return
    folder = case.folder / base
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            yield case.error(f"`base_model`: {base} holds no config.json. Name the folder that does.", "base_model")
        elif not any(folder.glob("*.safetensors")) and not case.get("reinit_weights"):
            yield case.error(f"`base_model`: {base} holds no weights (*.safetensors).", "base_model")
    elif not is_hub(base, case.folder):
        make = " Make it: globmed recipes tiny " + base + "." if base.endswith("tiny-base") else " Correct the path."
        yield case.error(f"`base_model`: {base}: no such folder.{make}", "base_model")


def _data(case: Case) -> Iterator[Finding]:
    """Files that are missing: those that the mixer writes in one line, any other in one of its own."""
    named = [found for key, number, entry in case.entries() for found in data_files(entry, key, number)]
    missing = [
        (path, place) for path, place in named if not (case.folder / path).exists() and not is_hub(path, case.folder)
    ]
    mixed = [(path, place) for path, place in missing if Path(path).parts[:1] == ("mix",)]
    for path, place in missing:
        if (path, place) not in mixed:
            yield case.error(
                f"{path}: no such file. Correct the path; it is relative to the working directory.", *place
            )
    if not mixed:
        return
    more = f" (and {len(mixed) - 1} more of mix/)" if len(mixed) > 1 else ""
    if (case.folder / "mix" / "manifest.json").is_file():
        advice = "What was mixed does not hold it: mix an export that does, or remove the entry."
    else:
        advice = "Write it: globmed recipes mix EXPORT --out mix."
    yield case.error(f"{mixed[0][0]}{more}: no such file. {advice}", *mixed[0][1])


def _prepared(case: Case) -> Iterator[Finding]:
    """Axolotl takes prepared data up by the path of its source: a source that was written anew is not noticed."""
    prepared = case.get("dataset_prepared_path")
    if not prepared:
        yield case.warning(
            "`dataset_prepared_path` is not set: every run tokenises anew. Set it to a folder of this run's own."
        )
        return
    stamp = case.folder / str(prepared) / STAMP
    if not stamp.is_file():
        return
    before = json.loads(stamp.read_bytes())
    for key, number, entry in case.entries():
        for path, place in data_files(entry, key, number):
            file = case.folder / path
            if path in before and file.is_file() and _sha256(file) != before[path]:
                yield case.error(
                    f"{path} has changed since {prepared} was prepared from it. Remove {prepared}.", *place
                )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _output(case: Case) -> Iterator[Finding]:
    output = case.get("output_dir")
    if output is None:
        yield case.error("`output_dir` is not set: Axolotl would write to ./model-out. Set it.")
        return
    folder = case.folder / str(output)
    if folder.is_file():
        yield case.error(f"`output_dir`: {output} is a file. Name a folder.", "output_dir")
        return
    traces = sorted(path.name for pattern in TRACES for path in folder.glob(pattern))
    goes_on = case.has("resume_from_checkpoint") or case.get("auto_resume_from_checkpoints")
    if traces and not goes_on:
        yield case.error(
            f"output folder in use: {output} holds {traces[0]} of another run. Name another folder, remove it, or go on with "
            "`auto_resume_from_checkpoints: true`.",
            "output_dir",
        )
