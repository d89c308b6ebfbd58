"""One attempt at one model: its process, its log without keys, its end.

    attempt = Attempt(job, plan, gpus=("0",), tell=queue.put)
    attempt.start()          tell() is called with (attempt, event) from threads of its own; the last event is {"ended": status}
    attempt.kill("interrupted")

The log is DIR/<model>/logs/<time>.log: lm-eval's output, and lines that start with "globmed sweep:" (see state.py).
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from ...errors import GlobmedError
from . import causes, command, state
from .plan import Job, Plan
from .redact import Redactor
from .roster import DEFAULT_KEY, KEY_VARIABLES

CHILD = (sys.executable, "-m", "globmed_tools.bench.sweep.child")
#: Seconds that a process has to end after SIGTERM.
GRACE = 5.0
INTERRUPTED = "interrupted"
_FULL = "{}: cannot be written ({}). Free some space, or name another folder with --out; what is done is kept."


class Busy(GlobmedError):
    """Another sweep is at this model."""


class Attempt:
    """See the module's docstring."""

    def __init__(self, job: Job, plan: Plan, gpus: tuple[str, ...], tell: Callable[[tuple], None]):
        self.job, self.plan, self.gpus, self.tell = job, plan, gpus, tell
        self.task: str | None = None
        self.since = time.monotonic()
        self.failed: dict[str, str] = {}
        self.done: list[str] = []
        self.ended = False
        self._why = ""
        self._threads: list[threading.Thread] = []
        self._writing = threading.Lock()

    def start(self) -> None:
        """Lock the model's folder, open the log and start the process. Raises Busy, or GlobmedError where nothing can be written."""
        logs = self.job.folder / state.LOGS
        try:
            logs.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(logs, os.O_RDONLY)
            self._take_lock()
            self.path = logs / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S.%f}.log"
            self._log = self.path.open("wb", buffering=0)
        except OSError as error:
            raise GlobmedError(_FULL.format(self.job.folder, error.strerror)) from error
        environment = self._environment()
        self.redact = Redactor({**environment, **os.environ})
        self._mark(f"attempt: {' '.join(self.job.todo)}")
        runs = [[task, self._arguments(task)] for task in self.job.todo]
        where = f"CUDA_VISIBLE_DEVICES={','.join(self.gpus)} " if self.job.model.local else ""
        self._note(f"by hand: {where}globmed bench run {shlex.join(runs[0][1])}")
        self._spawn(environment, json.dumps({"runs": runs}))

    def _take_lock(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise Busy(f"{self.job.model.name}: another sweep is at it; left to that one.") from None
        except OSError:
            pass  # a file system without locks

    def _arguments(self, task: str) -> list[str]:
        return command.arguments(
            self.job.model,
            task,
            self.plan.asked,
            self.job.folder.resolve(),
            gpus=len(self.gpus),
            samples=self.plan.samples,
            device=None if self.gpus else "cpu",
        )

    def _environment(self) -> dict[str, str]:
        model = self.job.model
        extra = {"TOKENIZERS_PARALLELISM": "false", "PYTHONUNBUFFERED": "1"}
        if model.local:
            extra["CUDA_VISIBLE_DEVICES"] = ",".join(self.gpus)
        if model.key and model.key in os.environ:
            extra[KEY_VARIABLES.get(model.backend, DEFAULT_KEY)] = os.environ[model.key]
        elif model.backend.startswith("local-"):
            extra[DEFAULT_KEY] = "none"  # else lm-eval would send OpenAI's key to whatever server this is
        return extra

    def _spawn(self, environment: dict[str, str], spec: str) -> None:
        reading, writing = os.pipe()
        self.process = subprocess.Popen(
            [*CHILD, str(writing)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(writing,),
            env={**os.environ, **environment},
            start_new_session=True,
        )
        os.close(writing)
        with contextlib.suppress(BrokenPipeError):  # it died at once; its end is told by _wait
            self.process.stdin.write(spec.encode() + b"\n")
            self.process.stdin.flush()
        for work in (self._pump, lambda: self._listen(reading), self._wait):
            self._threads.append(threading.Thread(target=work, daemon=True))
        for thread in self._threads:
            thread.start()

    def _pump(self) -> None:
        """Copy the child's output into the log, line by line, without keys."""
        rest, stream = b"", self.process.stdout.fileno()
        while chunk := os.read(stream, 1 << 16):
            rest += chunk
            cut = max(rest.rfind(b"\n"), rest.rfind(b"\r")) + 1
            if cut:
                self._write(self.redact(rest[:cut]))
                rest = rest[cut:]
        self._write(self.redact(rest))

    def _write(self, content: bytes) -> None:
        with self._writing:
            try:
                self._log.write(content)
            except OSError as error:  # a full disk: the child must go on or fail by itself, not hang on a full pipe
                self._why = self._why or f"the log cannot be written ({error.strerror})"

    def _note(self, text: str) -> None:
        self._write(f"{self.redact(text)}\n".encode())

    def _mark(self, text: str) -> None:
        self._write(f"\n{state.MARK}{self.redact(text)}\n".encode())

    def _listen(self, stream: int) -> None:
        with os.fdopen(stream, encoding="utf-8") as lines:
            for line in lines:
                self._heard(json.loads(line))

    def _heard(self, event: dict) -> None:
        if "start" in event:
            self.task, self.since = event["start"], time.monotonic()
        elif "done" in event:
            task, self.task = event["done"], None
            event["seconds"] = time.monotonic() - self.since
            if self.plan.samples and not state.is_done(self.job.folder, task):
                self._fail(task, "lm-eval could not write its results (a full disk?): see the log")
                event = {"failed": task}
            else:
                self.done.append(task)
        elif "failed" in event:
            task, self.task = event["failed"], None
            cause = causes.of(self.redact(event["error"]))
            whole = event["whole"] or cause.fatal
            self._fail("*" if whole else task, str(cause))
            if cause.fatal:
                self.kill("")
        self.tell((self, event))

    def _fail(self, task: str, cause: str) -> None:
        line = " ".join(cause.split())
        self.failed[task] = line
        self._mark(f"failed {task}: {line}")

    def _wait(self) -> None:
        status = self.process.wait()
        self._kill_group(signal.SIGKILL)  # what an engine left behind
        for thread in self._threads[:2]:
            thread.join(timeout=10)
        self._mark_end(status)
        self._log.close()
        os.close(self._lock)
        self.tell((self, {"ended": status}))

    def _mark_end(self, status: int) -> None:
        if self._why == INTERRUPTED:
            self._mark(INTERRUPTED)
        elif self._why:
            self._fail(self.task or "*", self._why)
        elif "*" in self.failed:
            pass
        elif status:
            self._fail(self.task or "*", self._cause(status))
        else:
            self._mark("finished")

    def _cause(self, status: int) -> str:
        end = self.path.read_bytes()[-8000:].decode("utf-8", "replace")
        if status < 0:
            return str(causes.of(f"killed by signal {-status}"))
        return str(causes.of(end))

    def kill(self, why: str) -> None:
        """End the process and all that it started: SIGTERM, then SIGKILL. `why` stands in the log; "interrupted" is no failure."""
        self._why = self._why or why
        self._kill_group(signal.SIGTERM)
        timer = threading.Timer(GRACE, lambda: self.process.poll() is None and self._kill_group(signal.SIGKILL))
        timer.daemon = True
        timer.start()

    def _kill_group(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)

    def join(self) -> None:
        """Wait until the process is gone and its log closed."""
        for thread in self._threads:
            thread.join()
