"""`globmed bench sweep`, once it is asked for: from the options to a plan, and to what is done with it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import click

from ... import console as screen
from ...errors import GlobmedError
from ...llm.prices import Prices
from . import plan as plans
from . import roster as rosters
from . import runner, show, slurm, work


@dataclass(frozen=True)
class Given:
    """The options of the command, as its --help says."""

    roster: Path | None
    out: Path
    only: tuple[str, ...]
    tags: tuple[str, ...]
    tasks: tuple[str, ...]
    sets: tuple[str, ...]
    codes: tuple[str, ...]
    kind: str
    data: str | None
    instructions: str
    shots: int
    limit: int | None
    samples: bool
    backend: str | None
    gpus: str
    gpu_memory: float | None
    api_jobs: int
    timeout: float | None
    prices: Path | None
    reply_tokens: int | None
    retry_failed: bool
    dry_run: bool
    only_status: bool
    slurm: Path | None
    slurm_options: tuple[str, ...]
    as_json: bool


def main(given: Given) -> None:
    """Plan, then show, write scripts, or run."""
    path = given.roster or rosters.SHIPPED
    models = [_with_backend(one, given.backend) for one in rosters.chosen(rosters.read(path), given.only, given.tags)]
    asked = work.select(
        data=given.data,
        tasks=given.tasks,
        sets=given.sets,
        languages_=given.codes,
        kinds=("gen", "ll") if given.kind == "both" else (given.kind,),
        limit=given.limit,
        shots=given.shots,
        instructions=given.instructions,
    )
    prices = Prices.read(given.prices) if given.prices else Prices.shipped()
    wish = plans.Wish(given.retry_failed, given.samples, given.reply_tokens, prices)
    here = _machine(given)
    made = plans.make(models, asked, given.out, here, wish)
    if given.only_status:
        _show_status(made, given.as_json)
        raise click.exceptions.Exit(0 if all(show.state_of(job) == "done" for job in made.jobs) else 1)
    plans.refuse_others(made)
    if given.dry_run:
        _show_plan(made, given.as_json)
    elif given.slurm:
        _write_scripts(made, given, path)
    else:
        _run(made, given)


def _machine(given: Given) -> plans.Machine:
    here = plans.machine(given.gpus, given.gpu_memory)
    if given.slurm and not here.gpus and given.gpus == "auto":  # the machine that sends jobs often has no GPU itself
        return plans.Machine(tuple(map(str, range(8))), given.gpu_memory or 80.0, assumed=given.gpu_memory is None)
    return here


def _with_backend(model: rosters.Model, backend: str | None) -> rosters.Model:
    if not backend or not model.local or model.backend == backend:
        return model
    if backend not in rosters.LOCAL:
        raise GlobmedError(f"--backend {backend!r}: one of {', '.join(rosters.LOCAL)}.")
    shared = {"dtype", "revision", "trust_remote_code", "tokenizer", "enable_thinking", "think_end_token"}
    args = {name: value for name, value in model.args.items() if name in shared}
    return model.model_copy(update={"backend": backend, "args": args})


def _show_plan(made: plans.Plan, as_json: bool) -> None:
    if not as_json:
        show.plan(made)
        return
    totals = {
        name: sum(getattr(job, name) for job in made.jobs)
        for name in ("requests", "tokens_in", "tokens_out", "tokens_out_most")
    }
    dollars = [job.dollars for job in made.jobs if job.dollars is not None]
    fields = {
        "tasks": list(made.asked.tasks),
        "left_out": made.asked.left_out,
        "data": made.asked.data,
        "gpus": list(made.machine.gpus),
        "jobs": [job.as_dict() for job in made.jobs],
        "runs": sum(len(job.todo) for job in made.jobs),
        **totals,
        "dollars": round(sum(dollars), 4) if dollars else None,
        "notes": show.notes(made),
    }
    click.echo(json.dumps(fields, ensure_ascii=False, indent=1))


def _show_status(made: plans.Plan, as_json: bool) -> None:
    if not as_json:
        show.status(made)
        return
    rows = [{**job.as_dict(), "state": show.state_of(job), "why": show.why(job)} for job in made.jobs]
    click.echo(json.dumps({"out": str(made.out), "models": rows}, ensure_ascii=False, indent=1))


def _write_scripts(made: plans.Plan, given: Given, path: Path) -> None:
    written = slurm.write(made, given.slurm, _base(given, path, made), given.slurm_options)
    if given.as_json:
        click.echo(json.dumps({"scripts": [str(one) for one in written]}, indent=1))
        return
    for one in written:
        click.echo(f"sbatch {one}")


def _base(given: Given, path: Path, made: plans.Plan) -> list[str]:
    """This command again, without the choice of models."""
    args = [str(path.resolve()), "--out", str(given.out.resolve()), "--data", made.asked.data, "--kind", given.kind]
    for name, values in (("--tasks", given.tasks), ("--set", given.sets), ("--language", given.codes)):
        args += [part for value in values for part in (name, value)]
    for name, value in (
        ("--limit", given.limit),
        ("--backend", given.backend),
        ("--gpu-memory", given.gpu_memory),
        ("--timeout", given.timeout),
    ):
        args += [name, str(value)] if value is not None else []
    args += ["--num-fewshot", str(given.shots)] if given.shots else []
    args += ["--instructions", given.instructions] if given.instructions != "native" else []
    args += [] if given.samples else ["--no-log-samples"]
    args += ["--retry-failed"] if given.retry_failed else []
    return [*args, "--gpus", "none" if given.gpus == "none" else "auto"]


def _run(made: plans.Plan, given: Given) -> None:
    if find_spec("lm_eval") is None:
        raise GlobmedError("lm-eval is not installed. Run: pip install 'globmed[bench]'")
    total = sum(len(job.todo) for job in made.jobs)
    if not given.as_json:
        for line in show.notes(made):
            click.echo(f"globmed: {line}", err=True)
    with _Bar(total, quiet=given.as_json) as bar:
        timeout = given.timeout * 60 if given.timeout else None
        outcome = runner.run(made, api_jobs=given.api_jobs, timeout=timeout, say=bar.say)
    again = plans.make(
        [job.model for job in made.jobs], made.asked, made.out, made.machine, plans.Wish(samples=made.samples)
    )
    _show_status(again, given.as_json)
    missing = [job.model.name for job in again.jobs if show.state_of(job) != "done"]
    if missing:
        failed = sorted({*outcome.failed, *(job.model.name for job in again.jobs if job.state.failed)})
        hint = f" Failed: {' '.join(failed)}; --retry-failed tries them again." if failed else ""
        raise GlobmedError(f"{len(missing)} of {len(again.jobs)} models are not done: {' '.join(missing)}.{hint}")


class _Bar:
    """Lines of what happens; in a terminal a bar over all runs below them."""

    def __init__(self, total: int, *, quiet: bool):
        self.total, self.quiet, self.ended, self.since = total, quiet, 0, time.monotonic()
        self.progress = None

    def __enter__(self) -> _Bar:
        console = screen.console(stderr=True)
        if console.is_terminal and self.total and not self.quiet:
            from rich.progress import Progress

            self.progress = Progress(console=console)
            self.progress.start()
            self.bar = self.progress.add_task("runs", total=self.total)
        return self

    def __exit__(self, *_error) -> None:
        if self.progress:
            self.progress.stop()

    def say(self, line: str, ended: bool) -> None:
        """One line; `ended` where it is the end of a run."""
        self.ended += ended
        if self.progress:
            self.progress.update(self.bar, completed=self.ended)
            self.progress.console.print(line, highlight=False, markup=False)
        elif not self.quiet:
            click.echo(f"globmed: {f'{self.ended}/{self.total} ' if ended else ''}{line}", err=True)
