"""Run a plan: as many models at once as the GPUs hold, one process each, and nothing left behind.

    outcome = run(plan, api_jobs=4, timeout=None, say=print)
    outcome.failed     {"gemma-3-4b": {"*": "gated model: ..."}}

A model that fails takes no other along. Ctrl-C and SIGTERM end the children, mark their logs, and raise KeyboardInterrupt.
"""

from __future__ import annotations

import queue
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from . import state
from .attempt import INTERRUPTED, Attempt, Busy
from .plan import Job, Plan


@dataclass
class Outcome:
    """What came of a run, by model: tasks done, failures with their causes, and models that were not started."""

    done: dict[str, list[str]] = field(default_factory=dict)
    failed: dict[str, dict[str, str]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)


def run(
    plan: Plan, *, api_jobs: int = 4, timeout: float | None = None, say: Callable[[str, bool], None] | None = None
) -> Outcome:
    """Run every job that can run here. `say(line, task_ended)` hears what happens; `timeout` is in seconds a task."""
    outcome, told = Outcome(), queue.Queue()
    say = say or (lambda line, ended: None)
    waiting = _ready(plan, outcome, say)
    slots = list(plan.machine.gpus) or ["cpu"]
    free, running, apis = list(slots), [], 0
    before = _on_terminate()
    try:
        while waiting or running:
            for job in list(waiting):
                if not _fits(job, free, apis, api_jobs, bool(plan.machine.gpus)):
                    continue
                waiting.remove(job)
                taken = _take(job, free, bool(plan.machine.gpus))
                attempt = Attempt(job, plan, tuple(one for one in taken if one != "cpu"), told.put)
                if _started(attempt, outcome, say):
                    running.append((attempt, taken))
                    apis += not taken
                else:
                    free += taken
            if running:
                _hear(told, running, timeout, say)
                for attempt, taken in [pair for pair in running if pair[0].ended]:
                    running.remove((attempt, taken))
                    free += taken
                    apis -= not taken
                    _record(attempt, outcome)
                    if again := _rest(attempt):
                        waiting.append(again)
    except BaseException:
        for attempt, _taken in running:
            attempt.kill(INTERRUPTED)
        for attempt, _taken in running:
            attempt.join()
        raise
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)
    return outcome


def _ready(plan: Plan, outcome: Outcome, say) -> list[Job]:
    """The jobs to start, the largest first so that they don't wait for the end; the others are named."""
    ready = []
    for job in plan.jobs:
        if not job.todo:
            continue
        if job.obstacle:
            outcome.skipped[job.model.name] = job.obstacle
            say(f"{job.model.name}: not started: {job.obstacle}", False)
            continue
        for path in state.put_aside(job.state):
            say(f"{job.model.name}: half written, put aside: {path.name}", False)
        ready.append(job)
    return sorted(ready, key=lambda job: -job.gpus)


def _fits(job: Job, free: list[str], apis: int, api_jobs: int, gpus: bool) -> bool:
    if not job.model.local:
        return apis < api_jobs
    return len(free) >= (job.gpus if gpus else 1)


def _take(job: Job, free: list[str], gpus: bool) -> list[str]:
    count = 0 if not job.model.local else job.gpus if gpus else 1
    taken, free[:] = free[:count], free[count:]
    return taken


def _started(attempt: Attempt, outcome: Outcome, say) -> bool:
    name = attempt.job.model.name
    try:
        attempt.start()
    except Busy as error:
        outcome.skipped[name] = str(error)
        say(str(error), False)
        return False
    where = f" on GPU {','.join(attempt.gpus)}" if attempt.gpus else ""
    say(f"{name}: {len(attempt.job.todo)} tasks{where}, log {attempt.path}", False)
    return True


def _hear(told: queue.Queue, running: list, timeout: float | None, say) -> None:
    for attempt, _taken in running:
        if timeout and attempt.task and time.monotonic() - attempt.since > timeout:
            attempt.kill(
                f"timed out: {attempt.task} took longer than --timeout allows; give it more, then --retry-failed"
            )
    try:
        attempt, event = told.get(timeout=1.0)
    except queue.Empty:
        return
    name = attempt.job.model.name
    if "done" in event:
        say(f"{name}: {event['done']} done in {event['seconds']:.0f} s", True)
    elif "failed" in event:
        task = event["failed"]
        say(f"{name}: {task} failed: {attempt.failed.get(task) or attempt.failed.get('*')}", True)
    elif "ended" in event:
        attempt.ended = True


def _rest(attempt: Attempt) -> Job | None:
    """The job again with what a crash or a timeout left, where the attempt got somewhere: it cannot go on for ever."""
    left = tuple(task for task in attempt.job.todo if task not in attempt.done and task not in attempt.failed)
    if not left or not attempt.done or "*" in attempt.failed:
        return None
    return replace(attempt.job, todo=left)


def _record(attempt: Attempt, outcome: Outcome) -> None:
    name = attempt.job.model.name
    outcome.done.setdefault(name, []).extend(attempt.done)
    if attempt.failed:
        outcome.failed.setdefault(name, {}).update(attempt.failed)


def _on_terminate():
    """SIGTERM (a scheduler's way to ask) ends a sweep as Ctrl-C does; returns what stood there, None outside the main thread."""
    if threading.current_thread() is not threading.main_thread():
        return None

    def interrupt(_number, _frame):
        raise KeyboardInterrupt

    return signal.signal(signal.SIGTERM, interrupt)
