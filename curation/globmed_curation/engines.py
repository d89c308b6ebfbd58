"""Engines: how many tasks are done at once, and where. Results are logged as they come, in any order.

    with Engine("local", workers=2) as engine:
        engine.all("ingest", function, tasks, out)

An engine keeps its workers from one call to the next. A task that fails stops it; what was finished stays on disk. Results
never depend on the engine or on its workers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from globmed_tools.errors import GlobmedError, suggest

from . import folder
from .work import Done


class Progress:
    """What a run tells while it works; this one says nothing. asked: what the last asking took, for reports."""

    asked: dict[str, Any] | None = None

    def begin(self, label: str, total: int) -> None:
        """total shards (or sets) of work begin."""

    def step(self, done: Done) -> None:
        """One stage of one shard is done."""

    @contextmanager
    def asking(self, state: Any) -> Iterator[None]:
        """A stage asks elsewhere while the block runs; state.line() says how far it is, state.notices what happened."""
        yield


class Engine:
    """How the work is done: which engine, how many workers, who is told. Hold it open with `with`."""

    def __init__(self, name: str = "local", workers: int = 1, progress: Progress | None = None):
        self.name, self.workers, self.progress = name, workers, progress or Progress()

    def __enter__(self) -> "Engine":
        """GlobmedError where there is no engine of this name or it cannot start."""
        if self.name not in ENGINES:
            raise GlobmedError(
                f"unknown engine {self.name!r}{suggest(self.name, ENGINES)} Known: {', '.join(ENGINES)}."
            )
        self._engine = ENGINES[self.name](self.workers)
        return self

    def __exit__(self, *failure) -> None:
        self._engine.close()

    def all(self, label: str, function: Callable, tasks: list[Any], where: Path) -> None:
        """function(task) -> list of Done, for every task; each is logged in `where` as it comes."""
        self.progress.begin(label, len(tasks))
        for results in self._engine.map(function, tasks):
            for done in results:
                if done.fresh:
                    folder.log(where, done)
                self.progress.step(done)


def default_workers() -> int:
    """As many as there are cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Local:
    """This process for one worker, else a pool of processes on this machine, started with the first tasks."""

    def __init__(self, workers: int):
        self.workers, self.pool = workers, None

    def map(self, function: Callable, tasks: Sequence[Any]) -> Iterator[Any]:
        if self.workers <= 1 or len(tasks) <= 1:
            yield from map(function, tasks)
            return
        from concurrent.futures import ProcessPoolExecutor, as_completed
        from concurrent.futures.process import BrokenProcessPool
        from multiprocessing import get_context

        if self.pool is None:
            context = get_context("spawn")
            self.pool = ProcessPoolExecutor(
                self.workers, mp_context=context, initializer=_follow, initargs=(os.getpid(),)
            )
        try:
            with _uninterrupted():
                given = [self.pool.submit(function, task) for task in tasks]
            for future in as_completed(given):
                yield future.result()
        except BrokenProcessPool:
            raise GlobmedError(
                "a worker process was killed, most often for lack of memory. Nothing finished is lost: run the same "
                f"command again, with fewer --workers than {self.workers}."
            ) from None

    def close(self) -> None:
        if self.pool is not None:
            self.pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until this is left: a worker whose start was cut off would print a traceback."""
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(came[0])


def _follow(parent: int) -> None:
    """End this worker soon after its parent is gone: a killed run must leave nobody who still writes."""
    import signal
    import threading
    import time

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle

    def watch():
        while os.getppid() == parent:
            time.sleep(0.2)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class Ray:
    """Ray Data, on the cluster that $RAY_ADDRESS names or on one started here; files must lie on a disk all can reach."""

    def __init__(self, workers: int):
        try:
            import ray
        except ImportError:
            raise GlobmedError("--engine ray needs Ray: pip install 'globmed[dist]'. Or leave --engine out.") from None
        import logging

        self.ray, self.started = ray, not ray.is_initialized()
        if self.started:
            address = os.environ.get("RAY_ADDRESS")
            cores = None if address else workers
            try:
                ray.init(address=address, num_cpus=cores, include_dashboard=False, logging_level=logging.ERROR)
            except Exception as error:  # Ray has no base class for what may go wrong here
                said = " ".join(str(error).split())[:300]
                raise GlobmedError(
                    f"Ray did not start ({said}). Try again when the machine is less busy, or leave --engine out: the bytes are "
                    "the same."
                ) from None
        logging.getLogger("ray.data._internal.execution.streaming_executor").setLevel(logging.ERROR)
        ray.data.DataContext.get_current().enable_progress_bars = False

    def map(self, function: Callable, tasks: Sequence[Any]) -> Iterator[Any]:
        import pickle

        rows = self.ray.data.from_items([{"number": n} for n in range(len(tasks))], override_num_blocks=len(tasks))
        told = {"function": function, "held": self.ray.put(list(tasks))}
        for row in rows.map(_on_ray, fn_kwargs=told, num_cpus=1).iter_rows():
            if row["error"]:
                raise GlobmedError(row["error"])
            yield pickle.loads(row["result"])

    def close(self) -> None:
        if self.started:
            self.ray.shutdown()


def _on_ray(row: dict[str, Any], function: Callable, held: Any) -> dict[str, Any]:
    import pickle

    import ray

    tasks = held if isinstance(held, list) else ray.get(held)
    try:
        return {"result": pickle.dumps(function(tasks[row["number"]])), "error": ""}
    except GlobmedError as error:  # as a row: an exception would come back wrapped in a long report
        return {"result": b"", "error": str(error)}


ENGINES = {"local": Local, "ray": Ray}
