"""What must not stand side by side in silence: reasons to refuse (unless forced), and notes that are always shown.

reasons, notes = compare(data)
["globmed_medqa_sw: org/b lacks 900 of the 1,000 items that other models were asked"]
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .gather import Data


def compare(data: Data) -> tuple[list[str], list[str]]:
    """(reasons, notes), each one line."""
    reasons = [*_sources(data), *_settings(data), *_items(data), *_parts(data)]
    return reasons, [*_languages(data), *_limits(data), *_versions(data), *_without(data), *_alone(data)]


def source_of(told: str) -> str:
    """`hub`, `sample`, `folder` or `unknown` out of what a task says of its data ("globmed data: hub org/set; ...")."""
    return told.split(" ")[2].rstrip(":") if told.startswith("globmed data: ") else "unknown"


def _each(data: Data):
    for task, by in data.used.items():
        if task in data.tasks:
            for model in data.tasks[task].models:
                yield task, model, *by[model]


def _sources(data: Data) -> Iterable[str]:
    sources = {source_of(one.data) for _task, _model, _run, one in _each(data)}
    if len(sources) > 1:
        yield f"the results come from different data sources: {', '.join(sorted(sources))}"


def _settings(data: Data) -> Iterable[str]:
    """Task versions, languages of the instructions and numbers of examples must be one in a set."""
    for name, of in (
        ("task versions", lambda one: one.version),
        ("languages of instructions", lambda one: one.instructions),
        ("numbers of few-shot examples", lambda one: str(one.shots)),
    ):
        found: dict[tuple[str, str], dict[str, str]] = {}
        for _task, model, _run, one in _each(data):
            found.setdefault((one.kind, one.set), {}).setdefault(of(one), f"{one.task} of {data.models[model]}")
        bad = [values for values in found.values() if len(values) > 1]
        if bad:
            told = ", ".join(f"{value} ({where})" for value, where in sorted(bad[0].items()))
            more = f", and in {len(bad) - 1} more sets" if len(bad) > 1 else ""
            yield f"different {name}: {told}{more}"


def _items(data: Data) -> Iterable[str]:
    """Models that were not asked the same items of a task, or asked them with another prompt."""
    for task, scores in data.tasks.items():
        most = scores.places.shape[1] or max(one.n for one in scores.alone.values())
        for model, one in scores.alone.items():
            if one.n != most:
                yield f"{task}: {data.models[model]} was asked {one.n:,} items, other models {most:,}"
        lacking = (scores.places < 0).sum(axis=1)
        for row in np.flatnonzero(lacking):
            yield (
                f"{task}: {data.models[scores.runs[row]]} lacks {lacking[row]:,} of the {scores.places.shape[1]:,} items that "
                "other models were asked"
            )
        for model, count in scores.other_prompts.items():
            yield f"{task}: {data.models[model]} was asked {count:,} items with another prompt than other models"


def _parts(data: Data) -> Iterable[str]:
    """Sets of which some languages ran in full and others in part (--limit)."""
    found: dict[tuple[str, str], dict[bool, str]] = {}
    for task, _model, _run, one in _each(data):
        found.setdefault((one.kind, one.set), {}).setdefault(one.n < one.all, task)
    for values in found.values():
        if len(values) > 1:
            yield f"{values[True]} ran over a part of its items (--limit), {values[False]} over all"


def _languages(data: Data) -> Iterable[str]:
    """Sets whose languages do not hold the same items."""
    found: dict[tuple[str, str], dict[str, set[bytes]]] = {}
    for task, by in data.used.items():
        if task in data.tasks and data.tasks[task].runs:
            one = next(iter(by.values()))[1]
            found.setdefault((one.kind, one.set), {})[one.language] = {row.tobytes() for row in data.tasks[task].groups}
    for (kind, name), by in sorted(found.items()):
        shared, every = set.intersection(*by.values()), set.union(*by.values())
        if len(shared) < len(every):
            counts = ", ".join(f"{code} {len(groups):,}" for code, groups in by.items())
            yield (
                f"{name} ({kind}): languages hold different items ({counts}; {len(shared):,} in all of them); scores are over "
                "each language's own, gaps to English over those that both have"
            )


def _limits(data: Data) -> Iterable[str]:
    found: dict[str, dict[str, set[str]]] = {}
    for _task, model, _run, one in _each(data):
        for name, value in one.limits.items():
            found.setdefault(name, {}).setdefault(str(value), set()).add(data.models[model])
    for name, values in sorted(found.items()):
        if len(values) > 1:
            told = "; ".join(f"{value}: {', '.join(sorted(models))}" for value, models in sorted(values.items()))
            yield f"different {name} ({told})"


def _versions(data: Data) -> Iterable[str]:
    """Runs of different releases of lm-eval: our tasks are the same in all, what a release changes beside them is not known here."""
    found: dict[str, set[str]] = {}
    for _task, model, run, _one in _each(data):
        found.setdefault(run.lm_eval, set()).add(data.models[model])
    if len(found) > 1:
        told = "; ".join(f"{version}: {', '.join(sorted(models))}" for version, models in sorted(found.items()))
        yield f"different releases of lm-eval ({told})"


def _alone(data: Data) -> Iterable[str]:
    """Models of which nothing but means is known."""
    counts: dict[int, int] = {}
    for scores in data.tasks.values():
        for model in scores.alone:
            counts[model] = counts.get(model, 0) + 1
    if counts:
        told = ", ".join(f"{data.models[model]} ({count:,} tasks)" for model, count in sorted(counts.items()))
        yield (
            f"result files without samples: {told}. Their intervals are from counts and standard errors, their items taken to be "
            "independent, and over several languages the widest that is possible; no paired test against English or another "
            "model can be made, and nobody can see whether their items and prompts were those of the others"
        )


def _without(data: Data) -> Iterable[str]:
    reasons: dict[str, list[str]] = {}
    for task, by in sorted(data.without.items()):
        for why in set(by.values()):
            reasons.setdefault(why, []).append(task)
    for why, tasks in reasons.items():
        yield f"{why} ({', '.join(tasks[:3])}{', ...' if len(tasks) > 3 else ''}: {len(tasks)} tasks)"
