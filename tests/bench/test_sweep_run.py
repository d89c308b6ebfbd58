"""A sweep with the real lm-eval: two tiny transformers, a folder that is no model, and a server that speaks the chat protocol."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

pytest.importorskip("lm_eval")

from globmed_tools.bench import tiny  # noqa: E402
from globmed_tools.bench.sweep import work  # noqa: E402
from tests.bench.test_chat_api import REPLY, ChatServer  # noqa: E402

KEY = "planted-key-0123456789"
FIRST = ("--only", "one", "--only", "broken", "--only", "served")
TASKS = {"globmed_medqa_sw", "globmed_medqa_zu"}
ARGS = tuple("--set medqa --language sw --language zu --data sample --limit 2 --gpus none --out out".split())
GPUS = ("--gpus", "0,1")  # names: without such GPUs lm-eval falls back to the CPU


class Moody(ChatServer):
    """Refuses the first request with an error that lm-eval logs with all its headers."""

    def __init__(self, reply: str):
        super().__init__(reply)
        handler, seen = self.http.RequestHandlerClass, []
        answer = handler.do_POST

        def do_POST(self):
            seen.append(self.headers["Authorization"])
            if len(seen) == 1:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_error(503)
            else:
                answer(self)

        handler.do_POST, self.keys = do_POST, seen


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with the roster, and the server that it names."""
    folder, server = tmp_path_factory.mktemp("sweep"), Moody(REPLY)
    tiny.make(folder / "tiny")
    (folder / "broken").mkdir()
    (folder / "broken" / "config.json").write_text("{}")
    same = {
        "organisation": "us",
        "licence": "Apache-2.0",
        "reasoning": "none",
        "confirmed": "made here",
        "kind": "chat",
    }
    local = {**same, "backend": "hf", "id": str(folder / "tiny"), "parameters": 0.0003}
    rows = [
        {**local, "name": "one"},
        {**local, "name": "two", "kind": "base"},
        {**local, "name": "broken", "id": str(folder / "broken")},
        {**same, "name": "served", "id": "m", "backend": "local-chat-completions", "key": "PLANTED_KEY",
         "args": {"base_url": server.url, "num_concurrent": 2}},
    ]  # fmt: skip
    defaults = {"hf": {"args": {"dtype": "float32"}, "batch_size": 2, "generation": {"max_gen_toks": 4}}}
    (folder / "models.yml").write_text(yaml.safe_dump({"defaults": defaults, "models": rows}))
    yield folder, server
    server.http.shutdown()


def start(folder: Path, *args: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "globmed_tools.cli", "bench", "sweep", "models.yml", *ARGS, *args],
        cwd=folder, env={**os.environ, "HF_HUB_OFFLINE": "1", "PLANTED_KEY": KEY}, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def children(pid: int) -> list[int]:
    done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(one) for one in done.stdout.split()]


def wait_for(what, seconds: float = 300):
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)
    return found


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except OSError:
        return True


def statuses(ran) -> dict[str, dict]:
    return {one["name"]: one for one in json.loads(ran.out)["models"]}


@pytest.mark.slow
@pytest.mark.xdist_group("sweep")
def test_a_killed_sweep_goes_on_and_failures_stay_apart(command, place):
    folder, server = place
    out = folder / "out"
    killed = start(folder, "--only", "one")
    wait_for(lambda: list(out.glob("one/samples_globmed_medqa_sw_*")))
    (child,) = children(killed.pid)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    wait_for(lambda: gone(child), 10)
    ran = command("globmed", "bench", "sweep", "models.yml", *ARGS, "--only", "one", "--status", "--json", cwd=folder)
    assert ran.code == 1 and statuses(ran)["one"]["done"] == 1 and statuses(ran)["one"]["interrupted"]
    (half,) = out.glob("one/samples_globmed_medqa_sw_*")  # as if the kill had come while it was written
    half.write_text(half.read_text("utf-8")[:-9], "utf-8")

    ran = command(
        "globmed", "bench", "sweep", "models.yml", *ARGS, *GPUS, *FIRST, "--json", cwd=folder, PLANTED_KEY=KEY
    )
    found = statuses(ran)
    assert "1 of 3 models are not done: broken. Failed: broken; --retry-failed tries them again." in ran.one_line()
    assert found["one"]["done"] == found["served"]["done"] == 2
    assert set(found["broken"]["failed"]) == TASKS and found["broken"]["why"].startswith("not a whole model: ")
    logs = [sorted(out.glob(f"{name}/logs/*.log"))[-1].read_text("utf-8") for name in ("one", "broken")]
    assert {line.split()[2] for log in logs for line in log.splitlines() if line.startswith("by hand: ")} == {
        "CUDA_VISIBLE_DEVICES=0",
        "CUDA_VISIBLE_DEVICES=1",
    }
    assert [path.name for path in out.glob("one/half_samples*")] == [f"half_{half.name}"]
    for name in ("one", "served"):
        results = [json.loads(path.read_text("utf-8")) for path in sorted(out.glob(f"{name}/results_*.json"))]
        assert {task for one in results for task in one["results"]} == TASKS and len(results) == 2
        assert len(list(out.glob(f"{name}/samples_*.jsonl"))) == 2
    assert results[0]["results"]["globmed_medqa_sw"]["answered,extract"] == 1

    assert set(server.keys) == {f"Bearer {KEY}"} and len(server.keys) == 5  # 4 documents, one asked twice
    (log,) = out.glob("served/logs/*.log")
    assert "Bearer [PLANTED_KEY]" in log.read_text("utf-8")
    holding = [path for path in folder.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    assert holding == []

    again = command("globmed", "bench", "sweep", "models.yml", *ARGS, *FIRST, cwd=folder, PLANTED_KEY=KEY)
    assert again.code == 1 and "to do: 0 runs, 0 requests" in again.err and len(server.keys) == 5
    other = command("globmed", "bench", "sweep", "models.yml", *ARGS, "--limit", "3", "--only", "one", cwd=folder)
    assert "made with limit 2 instead of 3. Name another folder with --out" in other.one_line()


@pytest.mark.slow
@pytest.mark.xdist_group("sweep")
def test_an_index_of_the_array_runs_its_model_and_ctrl_c_leaves_nothing_behind(command, place):
    folder, _server = place
    args = (*ARGS, "--num-fewshot", "1", "--only", "two")
    ran = command("globmed", "bench", "sweep", "models.yml", *args, "--slurm", "jobs", cwd=folder)
    script = folder / "jobs" / "sweep-0gpu.sbatch"
    assert ran.out.strip() == f"sbatch {script}" and subprocess.run(["bash", "-n", script], check=False).returncode == 0
    job = subprocess.Popen(
        ["bash", script], cwd="/", env={**os.environ, "HF_HUB_OFFLINE": "1", "SLURM_ARRAY_TASK_ID": "0"},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    out = folder / "out" / "two"
    wait_for(lambda: list(out.glob("samples_globmed_medqa_sw_*")))
    (child,) = children(job.pid)  # the script became the sweep: bash's exec
    job.send_signal(signal.SIGINT)
    _out, err = job.communicate(timeout=30)
    assert job.returncode == 130 and err.strip().endswith("globmed: interrupted") and gone(child)
    (log,) = out.glob("logs/*.log")
    assert log.read_text("utf-8").rstrip().endswith("globmed sweep: interrupted")
    ran = command("globmed", "bench", "sweep", "models.yml", *args, "--status", "--json", cwd=folder)
    assert statuses(ran)["two"]["done"] == 1 and not statuses(ran)["two"]["failed"]
    (path,) = out.glob("samples_globmed_medqa_sw_*")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    asked = work.select(data="sample", sets=("medqa",), languages_=("sw",), limit=2, shots=1)
    counted = work.read(asked, "globmed_medqa_sw").prompts  # what the plan counts is what lm-eval sent
    assert tuple(row["arguments"]["gen_args_0"]["arg_0"] for row in rows) == counted


def test_the_dry_run_of_local_models_counts_with_their_own_tokenizer(command, place):
    from tokenizers import Tokenizer

    from globmed_tools.bench import load, prompts

    folder, _server = place
    before = sorted(folder.rglob("*"))
    args = ("models.yml", *ARGS[:-1], "elsewhere", "--dry-run", "--json")
    fields = json.loads(command("globmed", "bench", "sweep", *args, cwd=folder).out)
    assert sorted(folder.rglob("*")) == before
    tokenizer = Tokenizer.from_file(str(folder / "tiny" / "tokenizer.json"))
    texts = [
        prompts.document(one, "gen")["prompt"]
        for code in ("sw", "zu")
        for one in load.load("sample", "medqa", code, "test")[:2]
    ]
    counted = sum(len(tokenizer.encode(text, add_special_tokens=False).ids) for text in texts)
    jobs = {one["name"]: one for one in fields["jobs"]}
    assert jobs["one"]["tokens_in"] == jobs["two"]["tokens_in"] == counted
    assert {one["requests"] for one in jobs.values()} == {4} and fields["requests"] == 16
    assert jobs["one"]["tokens_out"] == 16 and jobs["one"]["tokens_out_most"] == 16
    assert jobs["served"]["obstacle"] == "no key: set the environment variable PLANTED_KEY"
