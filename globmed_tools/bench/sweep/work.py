"""What is to be run: tasks, the documents behind them, and the requests that lm-eval will make of them.

    asked = select(sets=["medqa"], languages=["sw"], data="sample")
    asked.tasks                       ("globmed_medqa_sw",)
    read(asked, "globmed_medqa_sw").requests     8: one a document; loglikelihood twins make one a choice

The prompts are the real ones: the documents that lm-eval will be served, with their few-shot examples.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from ... import catalog, languages, names, resources
from ...errors import GlobmedError
from .. import generate, load, run
from ..task import TaskData

_MOST = re.compile(r"^\s*max_gen_toks:\s*(\d+)", re.M)


_VERSION = re.compile(r"^\s*version:\s*([\d.]+)", re.M)


@dataclass(frozen=True, slots=True)
class Asked:
    """The tasks of a sweep and how they are to be run; what was left out, with the reason."""

    tasks: tuple[str, ...]
    left_out: dict[str, str]
    data: str
    limit: int | None = None
    shots: int = 0
    instructions: str = "native"


@dataclass(frozen=True)
class Work:
    """One task: its prompts (limit and few-shot examples applied), its requests, and the reference texts."""

    task: str
    set: str
    language: str
    kind: str
    served: str
    prompts: tuple[str, ...]
    requests: int
    choices: tuple[int, ...]
    references: tuple[str, ...]

    @property
    def documents(self) -> int:
        return len(self.prompts)

    @cached_property
    def longform(self) -> bool:
        return catalog.get(self.set).form == "longform"


def select(
    *,
    data: str | None,
    tasks: tuple[str, ...] = (),
    sets: tuple[str, ...] = (),
    languages_: tuple[str, ...] = (),
    kinds: tuple[str, ...] = ("gen",),
    limit: int | None = None,
    shots: int = 0,
    instructions: str = "native",
) -> Asked:
    """Resolve what was asked for against the data; without tasks, sets and languages it is the group of the paper."""
    where = load.chosen(data)
    if where not in ("hub", "sample") and (folder := Path(where).expanduser()).is_dir():
        where = str(folder.resolve())  # the children may start elsewhere
    wanted_sets = {catalog.get(name).name for name in sets}
    wanted = {languages.get(code).code for code in languages_}
    patterns = [one for part in tasks for one in part.split(",") if one]
    if not patterns:
        patterns = _patterns(wanted_sets, wanted, kinds)
    plan = run.plan(patterns, where, instructions=instructions, shots=shots)
    found = [
        task
        for task in plan.tasks
        if (not wanted_sets or names.parts(task)[1] in wanted_sets)
        and (not wanted or names.parts(task)[2] in wanted)
        and (tasks or names.parts(task)[0] in kinds)
    ]
    if not found:
        raise GlobmedError("--tasks, --set and --language together leave no task. `globmed bench list` shows them all.")
    return Asked(tuple(found), plan.left_out, where, limit, shots, instructions)


def _patterns(sets: set[str], codes: set[str], kinds: tuple[str, ...]) -> list[str]:
    """Wildcards, so that what the data does not hold is left out and named, not an error."""
    if not sets and not codes:
        return [names.PREFIXES[kind] for kind in kinds]
    every = [one.name for one in catalog.table().values() if one.bench and one.in_paper]
    patterns = []
    for kind in kinds:
        known = {one.name for one in generate.sets(kind)}
        for name in sorted(sets) or every:
            for code in sorted(codes) or languages.codes(paper=True):
                if name in known:  # the brackets make a wildcard of a full name
                    patterns.append(f"{names.task_name(kind, name, code)[:-1]}[{code[-1]}]")
    if not patterns:
        raise GlobmedError(f"{' '.join(sorted(sets))}: no such tasks of this kind. Long-form sets have no twins.")
    return patterns


def most_tokens() -> int:
    """The tasks' own limit of new tokens, as their base file says it."""
    return int(_MOST.search(_base("_gen_choice"))[1])


def version(task: str) -> float:
    """The version of a task, as its base file says it."""
    kind, name, _code = names.parts(task)
    form = "longform" if catalog.get(name).form == "longform" else "choice"
    return float(_VERSION.search(_base(f"_{kind}_{form}"))[1])


@cache
def _base(name: str) -> str:
    return (resources.tasks() / f"{name}.yaml").read_text("utf-8")


def read(asked: Asked, task: str) -> Work:
    """The work of one task. Raises GlobmedError where its data cannot be read."""
    kind, name, code = names.parts(task)
    source = TaskData()
    served = source(
        globmed_set=name,
        globmed_language=code,
        globmed_kind=kind,
        globmed_data=asked.data,
        globmed_instructions=asked.instructions,
    )
    documents = served["test"][: asked.limit]
    shots = "".join(f"{one['shot']} {_target(one)}\n\n" for one in served["dev"][: asked.shots])
    choices = tuple(len(one["choices"]) for one in documents) if kind == "ll" else ()
    return Work(
        task,
        name,
        code,
        kind,
        source.served,
        tuple(shots + one["prompt"] for one in documents),
        sum(choices) if kind == "ll" else len(documents),
        choices,
        tuple(one["reference"] or "" for one in documents),
    )


def _target(document: dict) -> str:
    target = document["target"]
    return document["choices"][target] if isinstance(target, int) else str(target or "")
