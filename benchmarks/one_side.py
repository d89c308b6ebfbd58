"""One side of speed.py in a process of its own: python one_side.py JOB.json

    JOB: {"index": "tasks", "metadata": {"globmed_data": "DIR"}, "tasks": ["globmed_mmlu_pro_en", ...],
          "shots": 0, "replies": "lol", "limit": null, "out": "ours.json", "profile": null}

Both sides run exactly this: import lm_eval, build a TaskManager without lm-eval's own tasks, and `simple_evaluate` with
log_samples. CPU time is user plus system time of this process and its children; the peak is this process's own.
"""

from __future__ import annotations

import cProfile
import json
import resource
import sys
from pathlib import Path


def cpu() -> float:
    """CPU seconds used so far by this process and the children it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def peak_mib() -> float:
    """Peak resident memory in MiB. VmHWM begins at exec, where ru_maxrss would carry the parent's peak over."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("no VmHWM in /proc/self/status: this benchmark needs Linux")


def model(replies: str):
    """lm-eval's dummy model; with `long`, one that gives a reply of some 150 words that ends in a letter instead of "lol"."""
    from lm_eval.models.dummy import DummyLM

    if replies == "lol":
        return DummyLM()

    class Talkative(DummyLM):
        def generate_until(self, requests, disable_tqdm=False):
            return [long_reply(number, request.arguments[0]) for number, request in enumerate(requests)]

    return Talkative()


def long_reply(number: int, prompt: str) -> str:
    """Words of the prompt, as a model's reasoning repeats them, and an answer at its end."""
    letter = "ABCDEFGHIJ"[number % 10]
    return f"{prompt[-900:-100]}\nAnswer: ({letter})"


def unscored(doc: dict, results: list) -> dict[str, float]:
    """process_results of the tasks that measure lm-eval alone."""
    return {"acc": 0.0}


def main(job: dict) -> dict:
    """Run the job; returns CPU seconds by phase, peak memory, and what shows that all documents were scored."""
    marks = [cpu()]
    import lm_eval.evaluator
    import lm_eval.models.dummy
    import torch  # noqa: F401  lm-eval imports it and transformers inside simple_evaluate, whatever the task
    import transformers  # noqa: F401
    from lm_eval.tasks import TaskManager

    marks.append(cpu())
    manager = TaskManager(include_path=job["index"], include_defaults=False, metadata=job["metadata"] or None)
    marks.append(cpu())
    results = lm_eval.evaluator.simple_evaluate(
        model=model(job["replies"]),
        tasks=job["tasks"],
        num_fewshot=job["shots"],
        limit=job["limit"],
        task_manager=manager,
        log_samples=True,
    )
    marks.append(cpu())
    samples = [sample for rows in results["samples"].values() for sample in rows]
    return {
        **{
            name: end - start
            for name, start, end in zip(("import", "index", "evaluate"), marks, marks[1:], strict=False)
        },
        "peak_mib": peak_mib(),
        "tasks": len(results["samples"]),
        "documents": len(samples),
        "prompt_letters": sum(len(str(sample["arguments"])) for sample in samples),
        "modules": len(sys.modules),
    }


if __name__ == "__main__":
    asked = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    profiler = cProfile.Profile() if asked["profile"] else None
    found = profiler.runcall(main, asked) if profiler else main(asked)
    if profiler:
        profiler.dump_stats(asked["profile"])
    Path(asked["out"]).write_text(json.dumps(found), "utf-8")
