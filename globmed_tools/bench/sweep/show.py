"""The tables of a sweep: the plan, what came of it, and the roster."""

from __future__ import annotations

from ... import console as screen
from .plan import ASSUMED, Job, Plan
from .roster import Model


def plan(made: Plan) -> None:
    """The plan with its totals and what they rest on."""
    table = screen.table(
        "model", "backend", "done", "failed", "to do", "requests", "tokens in", "out", "out at most", "US$", "GPU GB", "GPUs",
        title=f"{len(made.asked.tasks)} tasks, data {made.asked.data}, into {made.out}",
    )  # fmt: skip
    for job in made.jobs:
        table.add_row(
            job.model.name, job.model.backend, str(len(job.state.done)), str(len(job.state.failed)), str(len(job.todo)),
            _thousands(job.requests), _short(job.tokens_in), _short(job.tokens_out), _short(job.tokens_out_most),
            "" if job.dollars is None else f"{job.dollars:,.2f}", "" if job.memory_gb is None else f"{job.memory_gb:.0f}",
            str(job.gpus) if job.model.local else "",
        )  # fmt: skip
    console = screen.console()
    console.print(table)
    for line in notes(made):
        console.print(line, highlight=False)


def notes(made: Plan) -> list[str]:
    """What the figures are, in sentences."""
    jobs = made.jobs
    lines = [
        f"to do: {sum(len(job.todo) for job in jobs)} runs, {_thousands(sum(job.requests for job in jobs))} requests, "
        f"{_short(sum(job.tokens_in for job in jobs))} tokens in, {_short(sum(job.tokens_out for job in jobs))} out "
        f"(at most {_short(sum(job.tokens_out_most for job in jobs))})"
    ]
    priced = [job for job in jobs if job.dollars is not None]
    unpriced = [job.model.name for job in jobs if job.dollars is None and not job.model.local and job.todo]
    if priced:
        lines.append(f"money: US$ {sum(job.dollars for job in priced):,.2f} for {len(priced)} priced models")
    if unpriced:
        lines.append(f"no price for {' '.join(unpriced)}: name a file with --prices")
    lines.append(
        f"tokens out are assumed ({ASSUMED['choice']} a choice, {ASSUMED['reasoning']:,} more where a model reasons, a "
        "long-form reply as long as its reference; --reply-tokens sets another figure); tokens in are those of the prompts "
        "without chat templates"
    )
    if made.machine.gpus:
        size = f"{made.machine.memory_gb:.0f} GB each{' (assumed: --gpu-memory)' if made.machine.assumed else ''}"
        lines.append(f"GPUs: {','.join(made.machine.gpus)}, {size}; need: weights x 1.2 + 2 GB")
    else:
        lines.append("no GPU: local models run on the CPU, one at a time")
    if left := made.asked.left_out:
        lines.append(f"left out, without data: {' '.join(left)}")
    unsuited = {job.model.name: len(job.unsuited) for job in jobs if job.unsuited}
    if unsuited:
        shown = ", ".join(f"{name} {count}" for name, count in unsuited.items())
        lines.append(f"left out, loglikelihood tasks that a chat API or a thinking model cannot do: {shown}")
    obstacles: dict[str, list[str]] = {}
    for job in jobs:
        if job.obstacle and job.todo:
            obstacles.setdefault(job.obstacle, []).append(job.model.name)
    for obstacle, names in obstacles.items():
        shown = " ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        lines.append(f"cannot run here: {shown}: {obstacle}")
    failed = [job.model.name for job in jobs if job.state.failed and not set(job.state.failed) & set(job.todo)]
    if failed:
        lines.append(f"failed before and left alone: {' '.join(failed)} (--retry-failed tries them again)")
    return lines


def status(made: Plan) -> None:
    """One line a model: how far it is, and why not further."""
    table = screen.table("model", "done", "of", "failed", "state", "why, or the last log")
    for job in made.jobs:
        table.add_row(
            job.model.name,
            str(len(job.state.done)),
            str(job.tasks),
            str(len(job.state.failed)),
            state_of(job),
            why(job),
        )
    screen.console().print(table)
    done = sum(state_of(job) == "done" for job in made.jobs)
    screen.console().print(f"{done} of {len(made.jobs)} models done, {sum(len(j.state.done) for j in made.jobs)} runs")


def state_of(job: Job) -> str:
    """done, running, failed, partly failed, interrupted, begun or waiting."""
    if len(job.state.done) == job.tasks:
        return "done"
    if job.state.running:
        return "running"
    if job.state.failed:
        return "failed" if len(job.state.failed) == job.tasks else "partly failed"
    if job.state.interrupted:
        return "interrupted"
    return "begun" if job.state.done else "waiting"


def why(job: Job) -> str:
    """The causes of the failures, each once; else the obstacle; else the log."""
    for file, difference in job.state.others.items():
        return f"{file.name}: made with {difference}"
    causes = dict.fromkeys(job.state.failed.values())
    if causes:
        return f"{'; '.join(causes)} ({job.state.log})"
    return (job.obstacle if job.todo else "") or str(job.state.log or "")


def models(rows: list[Model]) -> None:
    """The roster."""
    table = screen.table("name", "id", "B", "licence", "kind", "reasoning", "backend", "tags", "confirmed")
    for one in rows:
        size = f"{_number(one.parameters)}{f' ({one.active:g})' if one.active else ''}"
        table.add_row(
            one.name,
            one.id,
            size,
            one.licence,
            one.kind,
            one.reasoning,
            one.backend,
            " ".join(one.tags),
            "yes" if one.is_confirmed else "no",
        )
    console = screen.console()
    console.print(table)
    confirmed = sum(one.is_confirmed for one in rows)
    console.print(
        f"{len(rows)} models, {confirmed} with a confirmed id; B: billions of parameters (active); how an id was confirmed: --json"
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _thousands(value: int) -> str:
    return f"{value:,}"


def _short(value: int) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= size:
            return f"{value / (1e3 if letter == 'k' else size):.1f} {letter}"
    return str(value)
