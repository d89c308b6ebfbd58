"""The plan as SLURM job arrays: one script for each number of GPUs, one line a model beside it.

    write(plan, folder, base, options=("--partition=gpu", "--time=24:00:00"))
    folder/sweep-1gpu.sbatch     #SBATCH --array=0-41, runs line SLURM_ARRAY_TASK_ID of the file beside it
    folder/sweep-1gpu.jobs       42 lines: globmed bench sweep models.yml --out DIR --only NAME ...

Every line is the same command, narrowed to one model, so a job that was cut off goes on when the array is sent again, and
any line can be run by hand.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from ...errors import GlobmedError
from .plan import Job, Plan

_SCRIPT = """#!/bin/bash
# written by `globmed bench sweep --slurm`; send it with: sbatch {name}.sbatch
# Keys of APIs and HF_TOKEN are taken from the environment that sbatch is called in.
#SBATCH --job-name=globmed-{name}
#SBATCH --array=0-{last}
#SBATCH --output={logs}/%x-%A-%a.out
{lines}set -euo pipefail
line=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" {jobs})
test -n "$line" || {{ echo "{name}: no line $SLURM_ARRAY_TASK_ID in its jobs file" >&2; exit 2; }}
eval "exec $line"
"""


def write(plan: Plan, folder: Path, base: list[str], options: tuple[str, ...] = ()) -> list[Path]:
    """Write the scripts of everything that is to do; `base` is the command's arguments without a choice of models."""
    for option in options:
        if not option.startswith("--") or "\n" in option:
            raise GlobmedError(f"--slurm-option {option!r}: write it as sbatch takes it, such as --partition=gpu.")
    by_gpus: dict[int, list[Job]] = {}
    for job in plan.jobs:
        if job.todo:
            by_gpus.setdefault(job.gpus if job.model.local else 0, []).append(job)
    if not by_gpus:
        raise GlobmedError(f"{plan.out}: everything is done; there is nothing to write a script for.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_one(folder.resolve(), gpus, jobs, base, options) for gpus, jobs in sorted(by_gpus.items())]
    except OSError as error:
        raise GlobmedError(
            f"{folder}: cannot be written ({error.strerror}). Name another folder with --slurm."
        ) from error


def _one(folder: Path, gpus: int, jobs: list[Job], base: list[str], options: tuple[str, ...]) -> Path:
    name = f"sweep-{gpus}gpu"
    lines = [
        shlex.join([sys.executable, "-m", "globmed_tools.cli", "bench", "sweep", *base, "--only", job.model.name])
        for job in jobs
    ]
    (folder / f"{name}.jobs").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    asked = [*([f"--gpus={gpus}"] if gpus else []), *options]
    script = _SCRIPT.format(
        name=name,
        last=len(jobs) - 1,
        logs=folder,
        lines="".join(f"#SBATCH {one}\n" for one in asked),
        jobs=shlex.quote(str(folder / f"{name}.jobs")),
    )
    path = folder / f"{name}.sbatch"
    path.write_text(script, "utf-8")
    return path
