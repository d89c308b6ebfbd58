"""Work shared out over processes, as results come in.

    for found in each(read_task, jobs, workers=2): ...

One process does the work here: no start-up, and errors keep their traceback.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from ..errors import GlobmedError


def each(work: Callable, jobs: list[tuple], workers: int = 0) -> Iterator[Any]:
    """work(*job) of every job, in the order in which they end; `workers` 0 is one a core."""
    workers = min(workers or os.cpu_count() or 1, len(jobs))
    if workers < 2:
        yield from (work(*job) for job in jobs)
        return
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    try:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            for future in as_completed([pool.submit(work, *job) for job in jobs]):
                yield future.result()
    except BrokenProcessPool:
        raise GlobmedError(
            "a process that read samples was ended, most likely for want of memory. Use --workers 1, or name fewer runs."
        ) from None
