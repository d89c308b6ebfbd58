"""Argilla's background jobs as tasks of the server's own event loop: no Redis, no worker process.

    install()                      before anything of argilla_server is imported
    job = some_job.delay(...)      as with rq: job.id, job.get_status()
    jobs.fetch(id)                 what GET /api/v1/jobs/{id} answers from

Argilla has three kinds: recount the records' status after the distribution changed, import from and export to the Hugging
Face hub, call a webhook. A job that the server's end cuts off is not taken up again; setup.py recounts at the next start.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import uuid
from collections import OrderedDict

#: As in Argilla's own settings of rq.
ATTEMPTS = 4
#: Finished jobs that are still known by their id.
REMEMBERED = 1000

_jobs: OrderedDict[str, Job] = OrderedDict()


class Job:
    """One call of a job's function; the part of rq's Job that Argilla uses."""

    def __init__(self, function, args, kwargs):
        self.id = str(uuid.uuid4())
        self.failed = False
        self._task = asyncio.get_running_loop().create_task(self._run(function, args, kwargs))
        _jobs[self.id] = self
        for old in [key for key, job in _jobs.items() if job._task.done()][: max(0, len(_jobs) - REMEMBERED)]:
            del _jobs[old]

    async def _run(self, function, args, kwargs):
        for attempt in range(1, ATTEMPTS + 1):
            try:
                result = function(*args, **kwargs)
                return await result if inspect.isawaitable(result) else result
            except Exception:
                logging.getLogger("argilla").exception("job %s, attempt %d", function.__name__, attempt)
                await asyncio.sleep(attempt)
        self.failed = True

    def get_status(self, refresh: bool = True) -> str:
        if self.failed:
            return "failed"
        return "finished" if self._task.done() else "started"


class in_process_job:
    """Takes the place of rq.decorators.job."""

    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, function):
        function.delay = lambda *args, **kwargs: Job(function, args, kwargs)
        return function


def install() -> None:
    """Make rq's decorator this one."""
    import rq.decorators

    rq.decorators.job = in_process_job


def fetch(job_id: str) -> Job:
    """The job of that id; the error that Argilla answers 404 to where it is not known."""
    from argilla_server.errors.future import NotFoundError

    if job_id not in _jobs:
        raise NotFoundError(f"Job with id `{job_id}` not found")
    return _jobs[job_id]
