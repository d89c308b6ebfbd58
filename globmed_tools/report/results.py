"""Find and read lm-eval's result files.

    rows(Path("results")) -> [Row(model="...", task="globmed_medqa_sw", set="medqa", language="sw", metric="acc", ...)]

Only tasks of ours are read; a file without any is an error that says so. Nothing is averaged here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .. import names
from ..errors import GlobmedError


@dataclass(frozen=True, slots=True)
class Row:
    """One metric of one task of one run: value and standard error in the metric's own unit (0 to 1), n documents."""

    model: str
    task: str
    kind: str
    set: str
    language: str
    metric: str
    value: float
    stderr: float | None
    n: int
    data: str
    file: str


def result_files(paths: Iterable[Path]) -> list[Path]:
    """The results_*.json files among the paths and below the folders; GlobmedError where a path is absent or has none."""
    found: list[Path] = []
    for path in paths:
        if path.is_file():
            found.append(path)
        elif path.is_dir():
            here = sorted(path.rglob("results_*.json"))
            if not here:
                raise GlobmedError(f"{path}: no results_*.json below it. Name the folder given to --output_path.")
            found += here
        else:
            raise GlobmedError(f"{path}: no such file or folder.")
    return found


def load(path: Path) -> dict:
    """The content of one result file; GlobmedError where it is not lm-eval's."""
    try:
        fields = json.loads(path.read_bytes())
        fields["results"] = dict(fields["results"])
        dict(fields.get("configs", {}))
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise GlobmedError(f"{path}: not a result file of lm-eval ({error}). Name files called results_*.json.")
    return fields


def rows(path: Path) -> list[Row]:
    """The rows of one result file; GlobmedError where it is not lm-eval's or holds no task of ours."""
    fields = load(path)
    results, configs = fields["results"], dict(fields.get("configs", {}))
    model = str(fields.get("model_name") or fields.get("config", {}).get("model") or path.parent.name)
    found = []
    for task, values in results.items():
        if (found_parts := names.parts(task)) is None:
            continue
        kind, name, code = found_parts
        data = str(configs.get(task, {}).get("custom_dataset", "unknown"))
        for key, value in values.items():
            metric, comma, filtered = key.partition(",")
            if not comma or metric.endswith("_stderr") or not isinstance(value, (int, float)):
                continue
            stderr = values.get(f"{metric}_stderr,{filtered}")
            known = isinstance(stderr, (int, float)) and not math.isnan(stderr)
            n = fields.get("n-samples", {}).get(task, {}).get("effective", 0)
            found.append(
                Row(
                    model,
                    task,
                    kind,
                    name,
                    code,
                    metric,
                    float(value),
                    float(stderr) if known else None,
                    n,
                    data,
                    path.name,
                )
            )
    if not found:
        raise GlobmedError(f"{path}: no scores of globmed tasks in it.")
    return found
