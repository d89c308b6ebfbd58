"""One model under two settings is two models: reasoning on and off, another precision, another limit of tokens.

    results/qwen3-8b/results_*.json            enable_thinking: False  ->  "qwen3-8b"
    results/qwen3-8b-thinking/results_*.json   enable_thinking: True   ->  "qwen3-8b-thinking"

lm-eval calls both by the same id. They are told apart by their folders, or by what differs where a folder holds both:
"Qwen/Qwen3-8B (enable_thinking=True)". Names that the user gave are left alone. Settings are compared among runs of the
same kind: likelihood tasks run without a chat template beside free replies with one are still one model.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .runs import Run


def told_apart(runs: list[Run]) -> list[Run]:
    """The runs, those of one name and several settings renamed."""
    names: dict[str, list[Run]] = {}
    for run in runs:
        if not run.given:
            names.setdefault(run.model, []).append(run)
    renamed = {id(run): name for own in names.values() if _mixed(own) for run, name in _named(own)}
    return [replace(run, model=renamed[id(run)]) if id(run) in renamed else run for run in runs]


def _mixed(runs: list[Run]) -> bool:
    kinds: dict[str, list[dict[str, str]]] = {}
    for run in runs:
        for kind in {one.kind for one in (*run.tasks, *run.alone)}:
            kinds.setdefault(kind, []).append(run.settings)
    return any(one != settings[0] for settings in kinds.values() for one in settings)


def _named(runs: list[Run]):
    """(run, name) of runs of one model: the folder's name where a folder holds one setting, else what differs."""
    folders: dict = {}
    for run in runs:
        folders.setdefault(run.file.parent, []).append(run)
    apart = not any(_mixed(own) for own in folders.values()) and len({path.name for path in folders}) == len(folders)
    if apart:
        yield from ((run, run.file.parent.name) for run in runs)
        return
    differing = sorted(
        {
            name
            for run in runs
            for other in runs
            for name in {*run.settings}
            if run.settings[name] != other.settings.get(name)
        }
    )
    for run in runs:
        told = ", ".join(f"{name}={run.settings[name]}" for name in differing if name in run.settings)
        yield run, f"{run.model} ({told or 'without ' + ', '.join(differing)})"
