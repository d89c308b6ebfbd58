"""The runner with real processes that behave badly: they crash, hang, print keys, leave children behind.

A script of some lines stands in for the process that loads a model; tests/bench/test_sweep_run.py has the real one.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from globmed_tools.bench.sweep import attempt, plan, runner, state
from tests.bench.test_sweep import asked, model

SCRIPT = """
import json, os, signal, subprocess, sys, time
events = os.fdopen(int(sys.argv[1]), "w", buffering=1)
tell = lambda **fields: print(json.dumps(fields), file=events)
for number, (task, args) in enumerate(json.loads(sys.stdin.readline())["runs"]):
    how = json.loads(args[args.index("--model_args") + 1])
    tell(start=task)
    print("using", os.environ.get("MY_KEY"), "\\r50%", flush=True)
    begun = time.monotonic()
    if how.get("meet"):  # wait for the process on the other GPU, which must run at the same time
        mine = os.environ["CUDA_VISIBLE_DEVICES"]
        open(how["journal"] + mine, "w").close()
        while not all(os.path.exists(how["journal"] + gpu) for gpu in how["meet"]):
            time.sleep(0.01)
            time.monotonic() - begun < 60 or sys.exit("the other did not come")
    if how.get("journal") and not how.get("at_the_second"):
        with open(how["journal"], "a") as journal:
            print(os.environ["CUDA_VISIBLE_DEVICES"], begun, time.monotonic(), file=journal)
    if number == 1 and how.get("at_the_second") == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if number == 1 and how.get("at_the_second") == "hang":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        open(how["journal"], "w").write(str(left.pid))
        time.sleep(600)
    if how.get("says"):
        tell(failed=task, error=how["says"], whole=False)
    else:
        tell(done=task)
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """run(models, gpus=...) -> (outcome, lines said), with the stand-in; three tasks a model."""
    script = tmp_path / "child.py"
    script.write_text(SCRIPT)
    monkeypatch.setattr(attempt, "CHILD", (sys.executable, str(script)))
    monkeypatch.setattr(attempt, "GRACE", 0.3)
    monkeypatch.setattr(plan, "find_spec", lambda name: object())
    monkeypatch.setenv("MY_KEY", "planted-0123456789")

    def run(*models, gpus=(), retry_failed=False, **more):
        tasks = asked(languages_=("sw", "yo", "zu"), limit=1)
        made = plan.make(
            list(models), tasks, tmp_path / "out", plan.Machine(gpus, 80.0), plan.Wish(retry_failed, samples=False)
        )
        said = []
        return runner.run(made, say=lambda line, _ended: said.append(line), **more), said

    return run


def logs(folder: Path, name: str = "m") -> list[str]:
    return [path.read_text() for path in sorted((folder / "out" / name / "logs").glob("*.log"))]


def test_a_crash_fails_its_task_and_the_rest_goes_on_in_a_new_process(run, tmp_path):
    outcome, _said = run(model(args={"at_the_second": "crash"}))
    first, second, third = "globmed_medqa_sw", "globmed_medqa_yo", "globmed_medqa_zu"
    assert outcome.done == {"m": [first, third]} and set(outcome.failed["m"]) == {second}
    one, two = logs(tmp_path)
    assert f"globmed sweep: failed {second}: killed by signal 11" in one and two.rstrip().endswith(
        "globmed sweep: finished"
    )
    assert "planted" not in one and "using [MY_KEY]" in one


def test_a_task_that_hangs_is_ended_with_all_that_it_started(run, tmp_path):
    journal = tmp_path / "pid"
    outcome, _said = run(model(args={"at_the_second": "hang", "journal": str(journal)}), timeout=3.0)
    assert outcome.done["m"] == ["globmed_medqa_sw", "globmed_medqa_zu"]
    assert outcome.failed["m"]["globmed_medqa_yo"].startswith("timed out: globmed_medqa_yo took longer than --timeout")
    left = int(journal.read_text())
    time.sleep(0.1)
    status = Path(f"/proc/{left}/stat")
    assert not status.exists() or status.read_text().split()[2] == "Z"


def test_a_refused_key_fails_the_model_at_once_and_a_long_prompt_only_its_task(run, tmp_path):
    outcome, _said = run(
        model(args={"says": "401, message='Unauthorized'"}), model(name="n", args={"says": "maximum context length"})
    )
    assert set(outcome.failed["m"]) == {"*"} and outcome.failed["m"]["*"].startswith("key refused: ")
    assert set(outcome.failed["n"]) == {"globmed_medqa_sw", "globmed_medqa_yo", "globmed_medqa_zu"}
    found = state.read(tmp_path / "out" / "m", model(), asked(), {"globmed_medqa_sw": "", "globmed_medqa_zu": ""})
    assert all(cause.startswith("key refused") for cause in found.failed.values()) and len(found.failed) == 2


def test_a_retry_that_comes_through_ends_the_failure(run, tmp_path):
    served = {"globmed_medqa_sw": "", "globmed_medqa_zu": ""}
    run(model(args={"at_the_second": "crash"}))
    broken = state.read(
        tmp_path / "out" / "m", model(), asked(languages_=("sw", "yo")), {**served, "globmed_medqa_yo": ""}
    )
    assert set(broken.failed) == {"globmed_medqa_yo"}
    outcome, _said = run(model(), retry_failed=True)
    assert outcome.done == {"m": ["globmed_medqa_sw", "globmed_medqa_yo", "globmed_medqa_zu"]} and not outcome.failed
    mended = state.read(
        tmp_path / "out" / "m", model(), asked(languages_=("sw", "yo")), {**served, "globmed_medqa_yo": ""}
    )
    assert not mended.failed and not mended.interrupted


def test_models_share_the_gpus_and_none_is_used_twice_at_once(run, tmp_path):
    journal = tmp_path / "journal"
    same = {"journal": str(journal)}
    small = [model(name=f"s{n}", args={**same, "meet": "47"}) for n in range(3)]
    outcome, _said = run(*small, model(name="big", args=same, gpus=2), gpus=("4", "7"))
    assert {name: len(tasks) for name, tasks in outcome.done.items()} == {"s0": 3, "s1": 3, "s2": 3, "big": 3}
    uses = [line.split() for line in journal.read_text().splitlines()]
    assert sum(gpus == "4,7" for gpus, *_times in uses) == 3
    for gpu in ("4", "7"):
        spans = sorted((float(begun), float(ended)) for gpus, begun, ended in uses if gpu in gpus.split(","))
        assert all(ended <= begun for (_b, ended), (begun, _e) in zip(spans, spans[1:]))


def test_a_model_that_another_sweep_is_at_is_left_to_it(run, tmp_path):
    folder = tmp_path / "out" / "m" / "logs"
    folder.mkdir(parents=True)
    holder = os.open(folder, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    outcome, said = run(model(), model(name="n"))
    (folder / "0.log").write_text("\nglobmed sweep: attempt: globmed_medqa_sw\n")
    found = state.read(folder.parent, model(), asked(), {"globmed_medqa_sw": "", "globmed_medqa_zu": ""})
    os.close(holder)
    assert found.running
    assert outcome.skipped == {"m": "m: another sweep is at it; left to that one."} and len(outcome.done["n"]) == 3
    assert "m: another sweep is at it; left to that one." in said


def test_a_folder_that_cannot_be_written_is_one_line(run, tmp_path):
    (tmp_path / "out").write_text("a file")
    from globmed_tools.errors import GlobmedError

    with pytest.raises(GlobmedError, match="cannot be written .* name another folder with --out"):
        run(model())


def test_the_process_of_a_model_ends_when_its_parent_is_gone():
    """The real child: at the end of its standard input it ends itself."""
    reading, writing = os.pipe()
    child = subprocess.Popen(
        [*attempt.CHILD, str(writing)], stdin=subprocess.PIPE, pass_fds=(writing,), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    child.stdin.write(b'{"runs": [["globmed_medqa_sw", ["--model", "dummy", "--tasks", "globmed_medqa_sw"]]]}\n')
    child.stdin.close()
    assert child.wait(timeout=60) == -9
    os.close(reading)
    os.close(writing)
