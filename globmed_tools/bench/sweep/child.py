"""The process of one model: python -m globmed_tools.bench.sweep.child < SPEC

SPEC is one line of JSON on standard input: {"runs": [["globmed_medqa_sw", ["--model", "hf", ...]], ...]}. The model is loaded
once; then every run is a whole `lm_eval run` with result files of its own, so that a kill costs one task at most. The
standard input stays open as long as the parent lives: at its end this process ends itself and all that it started. What
happened is told in lines of JSON on the file descriptor that the last argument names; everything else is the log.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback

#: So many failures of tasks in a row are taken for a failure of the model.
PATIENCE = 3


def main() -> None:
    """Run everything in the spec; the exit status is 0 where every run was started."""
    os.set_inheritable(int(sys.argv[1]), False)
    events = os.fdopen(int(sys.argv[1]), "w", buffering=1)
    spec = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    loaded = _load_once()
    streak = 0
    for task, args in spec["runs"]:
        _tell(events, start=task)
        try:
            _run(task, list(args))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # lm-eval ends itself with SystemExit too
            traceback.print_exc()
            streak += 1
            whole = not loaded or streak >= PATIENCE
            _tell(events, failed=task, error=_text(error), whole=whole)
            if whole:
                break
            continue
        streak = 0
        _tell(events, done=task)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # engines leave threads and processes behind that would keep this one from ending


def _run(task: str, args: list[str]) -> None:
    from .. import run

    run.run(args, run.Plan((task,), (task,), {}, 0))


def _load_once() -> list:
    """lm-eval makes a model for every run; let it make one, and hand it out again. Returns the list it will stand in."""
    import lm_eval.api.registry as registry

    original, made = registry.get_model, []

    class Once:
        def __init__(self, name: str):
            self.name = name

        def create_from_arg_obj(self, *args, **kw):
            if not made:
                made.append(original(self.name).create_from_arg_obj(*args, **kw))
            return made[0]

    registry.get_model = Once
    return made


def _text(error: BaseException) -> str:
    """The error and what caused it, the innermost last, without the frames."""
    parts = []
    while error is not None:
        parts.append(f"{type(error).__name__}: {error}")
        error = error.__cause__ or error.__context__
    return "\n".join(reversed(parts))


def _tell(events, **fields) -> None:
    print(json.dumps(fields, ensure_ascii=False), file=events)


def _end_with_parent() -> None:
    while sys.stdin.read(1):
        pass
    if os.getpgid(0) == os.getpid():  # the runner gave it a group of its own
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main()
