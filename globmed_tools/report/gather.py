"""All samples of all runs -> Data: one TaskScores a task, its rows the models.

    data, problems = gather(runs)
    data.models                                  ["org/a", "org/b"]
    data.tasks["globmed_medqa_sw"].scores["acc"] (models with a run, items) float32

Tasks are shared out over processes: a task holds the same items for every model, so that a process needs to know nothing
of the others. `problems` are files that cannot be used, one line each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import pool
from .runs import Run, TaskRun
from .samples import Alone, Source, TaskScores, read_task

#: Below this many bytes a process of its own costs more than it saves.
_SMALL = 50_000_000


@dataclass
class Data:
    """Everything read. TaskScores.runs and .alone hold indices into `models`; `used[task][model]` says which run gave a row."""

    models: list[str]
    tasks: dict[str, TaskScores]
    used: dict[str, dict[int, tuple[Run, TaskRun]]]
    without: dict[str, dict[int, str]]


def gather(runs: list[Run], *, workers: int = 0, done: Callable[[int], None] = lambda n: None):
    """(Data, problems). `done` is told of every task that was read. Runs are oldest first: the newest counts."""
    models = list(dict.fromkeys(run.model for run in sorted(runs, key=lambda run: run.model)))
    used, problems = _chosen(runs, models)
    jobs = [
        (
            task,
            next(iter(by.values()))[1].kind,
            [Source(m, one.samples, one.n, one.scores) for m, (_r, one) in by.items() if one.samples],
        )
        for task, by in used.items()
    ]
    tasks: dict[str, TaskScores] = {}
    for found in _read_all(jobs, workers):
        problems += found.problems
        bare = {m: one for m, (_r, one) in used[found.task].items() if not one.samples}
        found.alone = {m: Alone(one.n, one.scores, one.errors) for m, one in bare.items()}
        if found.models:
            tasks[found.task] = found
        done(max(1, len(found.models)))
    tasks = {task: tasks[task] for task in used if task in tasks}
    without = {}
    for run in runs:
        for task, why in run.without.items():
            without.setdefault(task, {})[models.index(run.model)] = why
    return Data(models, tasks, used, without), problems


def _chosen(runs: list[Run], models: list[str]):
    """task -> {model: (run, task run)}: the newest of each, and a line for every older one."""
    used: dict[str, dict[int, tuple[Run, TaskRun]]] = {}
    twice: dict[tuple[str, str, str], list[str]] = {}
    for run in runs:
        for one in (*run.tasks, *run.alone):
            place, model = used.setdefault(one.task, {}), models.index(run.model)
            if model in place:
                twice.setdefault((run.model, str(place[model][0].file), str(run.file)), []).append(one.task)
            place[model] = (run, one)
    problems = [
        f"{older}: {tasks[0]}{f' and {len(tasks) - 1} more tasks' if len(tasks) > 1 else ''} of {model}, which are also in "
        f"{newer}, the newer run. Leave one out, or name the models apart: NAME={older}."
        for (model, older, newer), tasks in twice.items()
    ]
    return dict(sorted(used.items())), problems


def _read_all(jobs: list, workers: int):
    """The TaskScores of every job, in no order."""
    size = sum(source.path.stat().st_size for _task, _kind, sources in jobs for source in sources)
    # The largest first, so that no process is left alone with one at the end.
    jobs = sorted(jobs, key=lambda job: -sum(source.n for source in job[2]))
    yield from pool.each(read_task, jobs, 1 if size < _SMALL else workers)
