"""`globmed bench run ARGS`: lm-eval's own `run`, with only our tasks indexed and the data checked before a model loads.

Three things differ from `lm_eval run ARGS`:
- lm-eval's index of some 14,000 names is not built, which is most of its start-up time;
- the data of every selected task is read first, so that a bad source costs seconds, not a model download;
- a wildcard selects what the data source holds; what it leaves out is named. A task or group asked for by name must be there.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from .. import catalog, resources
from ..errors import GlobmedError, suggest
from ..names import PREFIXES, parts
from . import generate, load, prompts

#: A hint that lm-eval prints for every task with data of its own, useful to authors of tasks only.
_HINT = "Custom kwargs can be passed to `--metadata`"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will evaluate: names to hand to lm-eval, tasks left out by wildcards (with the reason), and documents."""

    names: tuple[str, ...]
    tasks: tuple[str, ...]
    left_out: dict[str, str]
    documents: int


def known() -> tuple[set[str], dict[str, list[str]]]:
    """All task names, and all groups with their tasks."""
    tasks = {name for kind in PREFIXES for name in generate.task_names(kind)}
    return tasks, {name: names for kind in PREFIXES for name, names in generate.groups(kind).items()}


def plan(asked: Iterable[str], data: str | None, *, instructions: str = "native", shots: int = 0) -> Plan:
    """Resolve names, groups and wildcards against the data; GlobmedError where what was named is not there or unusable."""
    data = load.chosen(data)
    load.source_named(data)
    tasks, groups = known()
    names: dict[str, None] = {}
    every: dict[str, None] = {}
    left_out: dict[str, str] = {}
    counts: dict[tuple[str, str], int] = {}
    for pattern in asked:
        if pattern in tasks or pattern in groups:
            members = groups.get(pattern, [pattern])
            for task in members:
                try:
                    _check(task, data, instructions, shots, counts)
                    every[task] = None
                except NotOnTheHub as error:
                    if pattern in tasks:
                        raise
                    left_out[task] = str(error)
            names[pattern] = None
            continue
        matched = sorted(name for name in tasks if fnmatchcase(name, pattern))
        if not matched:
            raise GlobmedError(
                f"no task or group {pattern!r}{suggest(pattern, [*tasks, *groups])} `globmed bench list` shows them all."
            )
        for task in matched:
            try:
                _check(task, data, instructions, shots, counts)
            except Absent as error:
                left_out[task] = str(error)
                continue
            names[task] = every[task] = None
    if not names:
        raise GlobmedError(f"none of the tasks has data: {next(iter(left_out.values()))}")
    total = sum(counts[parts(task)[1:]] for task in every)
    return Plan(tuple(names), tuple(every), left_out, total)


class Absent(GlobmedError):
    """The data source has nothing for a task (as opposed to something unusable)."""


class NotOnTheHub(Absent):
    """A set that the catalog knows not to be on the hub: its tasks in a group run without a score (see task.TaskData)."""


def _check(task: str, data: str, instructions: str, shots: int, counts: dict[tuple[str, str], int]) -> None:
    _kind, name, code = parts(task)
    if (name, code) in counts:
        return
    if data == "hub" and not catalog.get(name).hub:
        raise NotOnTheHub(f"{name} is not on the hub; users bring their own file")
    origin = load.source_named(data)
    if not any(one.language == code for one in origin.find(catalog.get(name))):
        raise Absent(f"{name}: no rows for {code} in {origin.describe(catalog.get(name))}")
    from .task import TaskData

    served = TaskData()._serve(
        globmed_set=name, globmed_language=code, globmed_data=data, globmed_instructions=instructions
    )
    if shots > len(served["dev"]):
        raise GlobmedError(
            f"{task}: --num_fewshot {shots}, but {len(served['dev'])} examples outside the evaluated split. Ask for fewer."
        )
    counts[name, code] = len(served["test"])


def parse(args: list[str]) -> argparse.Namespace:
    """The few of lm-eval's options that matter before it starts; the rest is left to lm-eval."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--tasks", "-t", nargs="*", default=None)
    parser.add_argument("--metadata", default=None)
    parser.add_argument("--num_fewshot", "-f", type=int, default=0)
    parser.add_argument("--limit", "-L", default=None)
    parser.add_argument("--config", "-C", default=None)
    found, _rest = parser.parse_known_args(args)
    if found.config:
        _from_config(found)
    return found


def _from_config(found: argparse.Namespace) -> None:
    import yaml

    path = Path(found.config)
    try:
        config = yaml.safe_load(path.read_text("utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise GlobmedError(f"{path}: not a readable lm-eval config ({error}).")
    if found.tasks is None and config.get("tasks"):
        tasks = config["tasks"]
        found.tasks = tasks.split(",") if isinstance(tasks, str) else list(tasks)
    found.metadata = found.metadata or config.get("metadata")
    found.num_fewshot = found.num_fewshot or config.get("num_fewshot") or 0


def metadata_of(text) -> dict:
    """The --metadata argument as a dict; GlobmedError where it is not JSON."""
    if not text:
        return {}
    if isinstance(text, dict):
        return text
    try:
        fields = json.loads(text)
    except ValueError as error:
        raise GlobmedError(f'--metadata {text!r} is not JSON ({error}). Write it as \'{{"globmed_data": "sample"}}\'.')
    if not isinstance(fields, dict):
        raise GlobmedError(f'--metadata {text!r} is not a JSON object. Write it as \'{{"globmed_data": "sample"}}\'.')
    for key in fields:
        if key.startswith("globmed") and key not in ("globmed_data", "globmed_instructions"):
            raise GlobmedError(
                f"--metadata: unknown key {key!r}{suggest(key, ['globmed_data', 'globmed_instructions'])}"
            )
    instructions = fields.get("globmed_instructions", "native")
    if instructions not in prompts.INSTRUCTIONS:
        raise GlobmedError(f"globmed_instructions {instructions!r}: choose one of {', '.join(prompts.INSTRUCTIONS)}.")
    return fields


def prepared(args: list[str]) -> tuple[list[str], Plan]:
    """The arguments for lm-eval, tasks resolved, and the plan."""
    found = parse(args)
    if not found.tasks:
        raise GlobmedError("no tasks. Say for example --tasks globmed-sw; `globmed bench list` shows them all.")
    fields = metadata_of(found.metadata)
    asked = [one for part in found.tasks for one in part.split(",") if one]
    result = plan(
        asked,
        fields.get("globmed_data"),
        instructions=fields.get("globmed_instructions", "native"),
        shots=found.num_fewshot,
    )
    return [*_without_tasks(args), "--tasks", ",".join(result.names)], result


def _without_tasks(args: list[str]) -> list[str]:
    kept, skipping = [], False
    for arg in args:
        if arg in ("--tasks", "-t"):
            skipping = True
        elif arg.startswith("--tasks="):
            continue
        elif not (skipping and not arg.startswith("-")):
            skipping = False
            kept.append(arg)
    return kept


def task_files(plan: Plan) -> dict[str, Path]:
    """name -> file of every task and group that a plan names."""
    folder, groups = resources.tasks(), known()[1]
    files = {}
    members = [task for name in plan.names for task in groups.get(name, ())]
    for name in (*plan.names, *members):
        found = parts(name)
        files[name] = folder / (f"groups/{name}.yaml" if name in groups else f"leaves/{found[1]}/{name}.yaml")
    return files


def run(args: list[str], plan: Plan) -> None:
    """Hand over to lm-eval in this process, with an index of the plan's tasks (and the user's --include_path) alone.

    lm-eval indexes whole folders; a folder of links to the files of this run spares it the other hundreds.
    """
    gc.disable()  # importing makes many objects and no garbage: looking for it is time lost
    import lm_eval.evaluator
    import lm_eval.tasks
    from lm_eval._cli.harness import HarnessCLI

    gc.freeze()
    gc.enable()
    logging.getLogger("lm_eval.api.task").addFilter(lambda record: _HINT not in record.getMessage())
    original, arguments = lm_eval.tasks.TaskManager, sys.argv
    with tempfile.TemporaryDirectory(prefix="globmed-tasks-") as folder:
        for name, path in task_files(plan).items():
            (Path(folder) / f"{name}.yaml").symlink_to(path)

        class OurTasks(original):
            def __init__(self, include_path=None, include_defaults=False, **kw):
                theirs = [include_path] if isinstance(include_path, (str, Path)) else list(include_path or [])
                super().__init__(include_path=[folder, *theirs], include_defaults=False, **kw)

        lm_eval.tasks.TaskManager = OurTasks
        sys.argv = ["lm_eval", "run", *args]
        try:
            command = HarnessCLI()
            command.execute(command.parse_args())
        finally:
            lm_eval.tasks.TaskManager, sys.argv = original, arguments
