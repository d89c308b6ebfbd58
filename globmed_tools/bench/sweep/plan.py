"""The plan of a sweep: for each model what is done, what is to do, what it costs, and what it needs to run.

    plan = make(models, asked, out, Machine(gpus=("0", "1"), memory_gb=80.0))
    plan.jobs[0].requests, plan.jobs[0].tokens_in, plan.jobs[0].dollars     of what is still to do
    plan.jobs[0].gpus          1: how many GPUs hold it; 0 for an API

Tokens in are those of the real prompts. Tokens out cannot be known before: `tokens_out` is an assumption (ASSUMED, or
--reply-tokens), `tokens_out_most` what the limit of new tokens allows.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from ...errors import GlobmedError
from ...llm.calls import Usage
from ...llm.prices import Prices
from . import state, tokens, work
from .roster import CHAT_APIS, Model

#: Tokens of a reply where nobody has measured them: an explained choice, and what reasoning adds. A long-form reply is
#: taken to be as long as its reference.
ASSUMED = {"choice": 150, "reasoning": 1500}
#: Reasoning modes that are counted as reasoning; not knowing is counted too, so that money is not underestimated.
REASONS = ("always", "switched-on", "unknown")
#: Room beside the weights for activations and a modest KV cache: a share of the weights, and GB a GPU.
HEADROOM, BASE_GB = 1.2, 2.0
USABLE = 0.9
PACKAGES = {"vllm": "vllm", "sglang": "sglang", "hf": "transformers", "hf-auto": "transformers"}


@dataclass(frozen=True, slots=True)
class Machine:
    """The GPUs that may be used, by the names that CUDA_VISIBLE_DEVICES takes; none for a run on the CPU."""

    gpus: tuple[str, ...]
    memory_gb: float
    assumed: bool = False


@dataclass
class Job:
    """One model. Counts and money are of what is to do; `obstacle` says why it cannot run here, if so."""

    model: Model
    folder: Path
    state: state.State
    todo: tuple[str, ...]
    unsuited: tuple[str, ...]
    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_out_most: int = 0
    dollars: float | None = None
    memory_gb: float | None = None
    gpus: int = 0
    obstacle: str = ""
    counted_by: str = ""

    @property
    def tasks(self) -> int:
        return len(self.state.done) + len(self.state.failed) + len(self.pending)

    @property
    def pending(self) -> tuple[str, ...]:
        """Neither done nor failed."""
        return tuple(task for task in self.todo if task not in self.state.failed)

    def as_dict(self) -> dict:
        return {
            "name": self.model.name,
            "id": self.model.id,
            "backend": self.model.backend,
            "tasks": self.tasks,
            "done": len(self.state.done),
            "failed": self.state.failed,
            "interrupted": self.state.interrupted and not self.state.running,
            "running": self.state.running,
            "todo": list(self.todo),
            "unsuited": list(self.unsuited),
            "requests": self.requests,
            "tokens_in": self.tokens_in,
            "tokens_out": self.tokens_out,
            "tokens_out_most": self.tokens_out_most,
            "counted_by": self.counted_by,
            "dollars": None if self.dollars is None else round(self.dollars, 4),
            "memory_gb": None if self.memory_gb is None else round(self.memory_gb, 1),
            "gpus": self.gpus,
            "obstacle": self.obstacle,
            "log": str(self.state.log) if self.state.log else None,
        }


@dataclass
class Plan:
    asked: work.Asked
    out: Path
    machine: Machine
    jobs: list[Job] = field(default_factory=list)
    samples: bool = True


@dataclass(frozen=True, slots=True)
class Wish:
    """How to plan, beside the models and tasks."""

    retry_failed: bool = False
    samples: bool = True
    reply_tokens: int | None = None
    prices: Prices = field(default_factory=Prices.shipped)


def machine(gpus: str, memory_gb: float | None) -> Machine:
    """`auto` (CUDA_VISIBLE_DEVICES, else every GPU of the machine), `none`, or a list such as 0,1."""
    found, sizes = _driver()
    if gpus == "none":
        return Machine((), 0.0)
    if gpus == "auto":
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        names = [one for one in visible.split(",") if one] if visible is not None else found
    else:
        names = [one.strip() for one in gpus.split(",") if one.strip()]
        if len(set(names)) != len(names) or not names:
            raise GlobmedError(f"--gpus {gpus!r}: a list of different GPUs such as 0,1, or auto, or none.")
    known = min(sizes) if sizes else None
    return Machine(
        tuple(names), memory_gb or known or 80.0, assumed=memory_gb is None and known is None and bool(names)
    )


def _driver() -> tuple[list[str], list[float]]:
    if not shutil.which("nvidia-smi"):
        return [], []
    command = ["nvidia-smi", "--query-gpu=index,memory.total", "--format=csv,noheader,nounits"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    rows = [line.split(",") for line in done.stdout.splitlines() if line.count(",") == 1] if not done.returncode else []
    return [row[0].strip() for row in rows], [float(row[1]) * 2**20 / 1e9 for row in rows]


def make(models: list[Model], asked: work.Asked, out: Path, here: Machine, wish: Wish | None = None) -> Plan:
    """The plan; reads the data of every task and the state of every model's folder."""
    wish = wish or Wish()
    works = {task: work.read(asked, task) for task in asked.tasks}
    counts = _Counts(works)
    jobs = [_job(model, asked, counts, out, here, wish) for model in models]
    return Plan(asked, out, here, jobs, wish.samples)


def refuse_others(plan: Plan) -> None:
    """Raise GlobmedError where a folder holds results of these tasks that other settings made: they must not be mixed."""
    for job in plan.jobs:
        for file, difference in job.state.others.items():
            raise GlobmedError(
                f"{file}: made with {difference}. Name another folder with --out, or take that file away."
            )


class _Counts:
    """Tokens of every task, counted once for each vocabulary: many models share one."""

    def __init__(self, works: dict[str, work.Work]):
        self.works, self.most, self._known = works, work.most_tokens(), {}

    def of(self, model: Model, task: str) -> tuple[float, list[float]]:
        """(tokens of the prompts of all requests, tokens of each reference)."""
        key = tokens.source(model), task
        if key not in self._known:
            one, count = self.works[task], tokens.counter(model)
            times = one.choices or (1,) * one.documents
            prompts = sum(count(prompt, one.language) * n for prompt, n in zip(one.prompts, times))
            self._known[key] = prompts, [count(text, one.language) for text in one.references if one.longform]
        return self._known[key]


def _job(model: Model, asked: work.Asked, counts: _Counts, out: Path, here: Machine, wish: Wish) -> Job:
    works, chat_api = counts.works, model.backend in CHAT_APIS
    thinking = bool(model.args.get("enable_thinking"))
    unsuited = tuple(t for t, one in works.items() if one.kind == "ll" and (chat_api or thinking))
    suited = [task for task in asked.tasks if task not in unsuited]
    own = work.Asked(tuple(suited), asked.left_out, asked.data, asked.limit, asked.shots, asked.instructions)
    served = {task: works[task].served for task in suited}
    found = state.read(out / model.name, model, own, served, samples=wish.samples)
    todo = tuple(t for t in suited if t not in found.done and (wish.retry_failed or t not in found.failed))
    job = Job(model, out / model.name, found, todo, unsuited, counted_by=tokens.source(model))
    _count(job, counts, wish)
    _needs(job, here)
    return job


def _count(job: Job, counts: _Counts, wish: Wish) -> None:
    model = job.model
    limit = int(model.generation.get("max_gen_toks", counts.most))
    extra = ASSUMED["reasoning"] if model.reasoning in REASONS else 0
    tokens_in = out = 0.0
    for task in job.todo:
        one = counts.works[task]
        prompts, references = counts.of(model, task)
        tokens_in += prompts
        job.requests += one.requests
        if one.kind == "ll":
            continue
        job.tokens_out_most += limit * one.requests
        for reply in references or [ASSUMED["choice"]] * one.documents:
            out += min(limit, wish.reply_tokens if wish.reply_tokens is not None else reply + extra)
    job.tokens_in, job.tokens_out = round(tokens_in), round(out)
    named = model.name if model.name in wish.prices.points else model.id
    job.dollars = wish.prices.cost(named, Usage(job.tokens_in, job.tokens_out))


def _needs(job: Job, here: Machine) -> None:
    model = job.model
    package = PACKAGES.get(model.backend)
    if package and find_spec(package) is None:
        job.obstacle = f"{package} is not installed here; install it, or choose another backend: --backend hf"
    variable = model.key_variable
    if variable and not os.environ.get(variable):
        job.obstacle = f"no key: set the environment variable {variable}"
    if not model.local:
        return
    weights = model.weights_gb()
    job.memory_gb = None if weights is None else weights * HEADROOM + BASE_GB
    job.gpus = model.gpus or _gpus(job.memory_gb, here)
    if not here.gpus:
        job.gpus = 0
        if model.backend in ("vllm", "sglang"):
            job.obstacle = job.obstacle or f"{model.backend} needs a GPU; name some with --gpus, or use --backend hf"
    elif job.gpus > len(here.gpus):
        job.obstacle = job.obstacle or (
            f"needs {job.gpus} GPUs of {here.memory_gb:.0f} GB for {job.memory_gb or 0:.0f} GB, {len(here.gpus)} given"
        )


def _gpus(needed: float | None, here: Machine) -> int:
    """The smallest power of two of GPUs that hold it: what tensor parallelism divides heads by."""
    if needed is None or not here.memory_gb:
        return 1
    count = 1
    while needed > count * here.memory_gb * USABLE:
        count *= 2
    return count
