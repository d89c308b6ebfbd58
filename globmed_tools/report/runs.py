"""Find lm-eval's runs: each result file, the sample files written with it, and what the run says about itself.

    find([("", Path("results"))]) -> (runs, problems)
    results/ORG__MODEL/results_2026-11-23T22-56-28.400146.json                       one run
    results/ORG__MODEL/samples_globmed_medqa_sw_2026-11-23T22-56-28.400146.jsonl     its samples of one task

The date ties them together. A run without --log_samples has a result file alone: whoever can do with its means asks for it. A
problem is one line about a file that cannot be used as it is; what to do with those is the caller's business. Nothing is
averaged here, and no sample file is opened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .. import names
from ..errors import GlobmedError
from . import results, variants

_DATE = re.compile(r"_(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(?:\.\d+)?)\.json$")
_SAMPLES = re.compile(r"samples_(globmed(?:ll)?_\w+?)_(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(?:\.\d+)?)\.jsonl$")
#: What the results say of the data where a set is known not to be on the hub.
_NOTHING = "globmed data: nothing"


@dataclass(frozen=True, slots=True)
class TaskRun:
    """One task of one run: where its samples lie (None: the result file is all there is), how many there should be, and what it
    was asked with. scores, errors: means and standard errors by metric, as the result file says."""

    task: str
    kind: str
    set: str
    language: str
    samples: Path | None
    n: int
    all: int
    version: str
    data: str
    instructions: str
    shots: int
    scores: dict[str, float]
    limits: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One result file of lm-eval. `without` names tasks that ran without any score, and why; `alone` are tasks without samples.

    `settings` are those that make a model another one (reasoning on or off); `given`: the user named the model.
    """

    file: Path
    model: str
    date: str
    backend: str
    parameters: int | None
    dtype: str | None
    revision: str | None
    lm_eval: str
    chat_template: bool
    tasks: tuple[TaskRun, ...]
    without: dict[str, str]
    settings: dict[str, str]
    given: bool
    alone: tuple[TaskRun, ...] = ()


def named(arguments: Iterable[str]) -> list[tuple[str, Path]]:
    """`PATH` or `NAME=PATH` as (name or "", path); the name replaces what lm-eval calls the model."""
    found = []
    for argument in arguments:
        label, equals, rest = argument.partition("=")
        plain = Path(argument)
        found.append((label, Path(rest)) if equals and label and not plain.exists() else ("", plain))
    return found


def find(
    inputs: Iterable[tuple[str, Path]],
    name_of: Callable[[Path, str], str] = lambda file, model: model,
    wanted: Callable[[str, str], bool] = lambda name, code: True,
    *,
    alone: bool = False,
) -> tuple[list[Run], list[str]]:
    """The runs of our tasks among files and folders, oldest first, and one line for each thing that cannot be used.

    `name_of` gives the name of a model from its file and lm-eval's name; `wanted` says which sets and languages count. `alone`:
    runs without any samples are wanted too (in Run.alone), else each of their tasks is a line.
    """
    runs, problems, seen = [], [], set()
    for label, path in inputs:
        if not path.exists():
            raise GlobmedError(f"{path}: no such file or folder.")
        try:
            files = results.result_files([path])
        except GlobmedError as error:
            problems.append(str(error))
            files = []
        for file in files:
            if file.resolve() in seen:
                continue
            seen.add(file.resolve())
            try:
                run, bad = _run(file, label, name_of, wanted, alone)
            except GlobmedError as error:
                problems.append(str(error))
                continue
            if run.tasks or run.alone or run.without:
                runs.append(run)
            problems += bad
        if path.is_dir():
            problems += _orphans(path)
    runs.sort(key=lambda run: (run.date, str(run.file)))
    return variants.told_apart(runs), problems


def _run(file: Path, label: str, name_of, wanted, alone: bool) -> tuple[Run, list[str]]:
    fields = results.load(file)
    config = _dict(fields.get("config"))
    tasks, bare, without, problems = [], [], {}, []
    logged = any(file.parent.glob(f"samples_*_{_date(file)}.jsonl"))
    ours = [task for task in fields["results"] if names.parts(task)]
    if not ours:
        raise GlobmedError(f"{file}: no scores of globmed tasks in it. Leave this file out.")
    for task in (task for task in ours if wanted(*names.parts(task)[1:])):
        one = _task(file, fields, task)
        if one.data.startswith(_NOTHING):
            without[task] = one.data.removeprefix(_NOTHING).lstrip(": ")
        elif not one.scores:
            problems.append(f"{file}: {task} has no score in it. Run that task again.")
        elif one.samples.is_file():
            tasks.append(one)
        elif logged:
            problems.append(
                f"{file}: no {one.samples.name} beside it, where other tasks of the run have theirs: cut off while it wrote "
                "them, or files that were moved apart. Run that task again."
            )
        elif not alone:
            problems.append(f"{file}: no {one.samples.name} beside it. Run it again with --log_samples.")
        elif not one.n:
            problems.append(
                f"{file}: {task} has neither samples nor a count of its items. Run it again with --log_samples."
            )
        elif not all(0 <= value <= 1 for value in one.scores.values()):
            problems.append(f"{file}: {task} has a score outside 0 to 1. Run that task again.")
        else:
            bare.append(replace(one, samples=None))
    return (
        Run(
            file=file,
            model=label or name_of(file, str(fields.get("model_name") or config.get("model") or file.parent.name)),
            date=_date(file),
            backend=str(config.get("model") or "unknown"),
            parameters=config.get("model_num_parameters") or None,
            dtype=_text(config.get("model_dtype")),
            revision=_text(config.get("model_sha") or config.get("model_revision")),
            lm_eval=str(fields.get("lm_eval_version") or "unknown"),
            chat_template=bool(fields.get("chat_template")),
            tasks=tuple(tasks),
            without=without,
            settings=_settings(fields, config, any(one.kind == "gen" for one in (*tasks, *bare))),
            given=bool(label),
            alone=tuple(bare),
        ),
        problems,
    )


def _task(file: Path, fields: dict, task: str) -> TaskRun:
    kind, name, code = names.parts(task)
    config = _dict(_dict(fields.get("configs")).get(task))
    metadata, counts = _dict(config.get("metadata")), _dict(_dict(fields.get("n-samples")).get(task))
    values = _dict(fields["results"][task])
    found, errors = {}, {}
    for key, value in values.items():
        metric, comma, _filter = key.partition(",")
        if comma and isinstance(value, (int, float)):
            (errors if metric.endswith("_stderr") else found)[metric.removesuffix("_stderr")] = float(value)
    generation = _dict(config.get("generation_kwargs"))
    return TaskRun(
        task=task,
        kind=kind,
        set=name,
        language=code,
        samples=file.with_name(f"samples_{task}_{_date(file)}.jsonl"),
        n=int(counts.get("effective") or 0),
        all=int(counts.get("original") or 0),
        version=str(_dict(fields.get("versions")).get(task, metadata.get("version", "unknown"))),
        data=str(config.get("custom_dataset", "unknown")),
        instructions=str(metadata.get("globmed_instructions") or "native"),
        shots=int(config.get("num_fewshot") or 0),
        scores=found,
        limits={name: generation[name] for name in ("max_gen_toks", "temperature") if name in generation},
        errors=errors,
    )


def _settings(fields: dict, config: dict, generative: bool) -> dict[str, str]:
    """What of a run's settings makes its model another one; where and how fast it ran does not."""
    from ..bench.sweep.command import RESOURCES

    args = config.get("model_args") or {}
    if isinstance(args, str):
        args = dict(one.partition("=")[::2] for one in args.split(",") if one)
    found = {name: value for name, value in args.items() if name not in RESOURCES | {"pretrained", "model"}}
    found |= _dict(config.get("gen_kwargs")) if generative else {}
    found |= {"chat_template": bool(fields.get("chat_template") or fields.get("fewshot_as_multiturn"))}
    found |= {"system_instruction": fields["system_instruction"]} if fields.get("system_instruction") else {}
    return {name: str(value) for name, value in sorted(found.items())}


def _orphans(folder: Path) -> list[str]:
    """Sample files of ours whose result file is not there: a run that ended before it wrote its results, or was moved."""
    found: dict[tuple[Path, str], list[Path]] = {}
    dates: dict[Path, set[str]] = {}
    for path in sorted(folder.rglob("samples_globmed*.jsonl")):
        if path.parent not in dates:
            dates[path.parent] = {_date(file) for file in path.parent.glob("*.json")}
        match = _SAMPLES.search(path.name)
        if match and match[2] not in dates[path.parent]:
            found.setdefault((path.parent, match[2]), []).append(path)
    return [
        f"{paths[0]}{f' and {len(paths) - 1} more' if len(paths) > 1 else ''}: samples without a result file of {date}: "
        "a run that was cut off, or files that were moved apart. Run it again."
        for (_folder, date), paths in found.items()
    ]


def _date(file: Path) -> str:
    match = _DATE.search(file.name)
    return match[1] if match else "unknown"


def _dict(value: Any) -> dict:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return str(value) if value else None
