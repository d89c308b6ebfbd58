"""Old replies read anew by the present extraction: what changes, and result and sample files with the new scores.

    rescore([("", Path("results"))], Path("rescored"), say=print) -> [Change(task="globmed_medqa_sw", newly_answered=3, ...)]

The model is not run again: its replies stand in the sample files. Only `filtered_resps` and the scores of a line change. Files
keep their names and places below the folder that was named; nothing there is overwritten. Likelihood tasks have no
replies to read: their sample files are copied. Averages over groups of tasks would be the old ones: they are left out, and
`globmed_rescored` in the result file says which version read the replies.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from .. import __version__, manifest
from ..errors import GlobmedError
from . import pool, results, runs
from .runs import Run, TaskRun

EXAMPLES = 5
_SHOWN = 300
#: Below this many replies a process of its own costs more than it saves.
_MANY = 20_000


@dataclass
class Change:
    """One task of one run. `examples` are lines whose reading changed: the first ones in the file."""

    model: str
    task: str
    language: str
    items: int
    newly_answered: int = 0
    no_longer_answered: int = 0
    other_answer: int = 0
    wrong_to_right: int = 0
    right_to_wrong: int = 0
    language_changed: int = 0
    text_changed: int = 0
    before: dict[str, float] = field(default_factory=dict)
    after: dict[str, float] = field(default_factory=dict)
    errors: dict[str, float | str] = field(default_factory=dict)
    examples: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def rescore(
    inputs: Iterable[tuple[str, Path]],
    out: Path,
    *,
    skip_bad: bool = False,
    workers: int = 0,
    say: Callable[[str], None] = lambda line: None,
    done: Callable[[int], None] = lambda n: None,
) -> list[Change]:
    """Write rescored files below `out`; what changed, by run and task. GlobmedError before anything would be overwritten."""
    _needs_the_reader()
    inputs = list(inputs)
    found, problems = runs.find(inputs)
    for one in problems:
        say(f"{'left out' if skip_bad else 'cannot be used'}: {one}")
    if problems and not skip_bad:
        raise GlobmedError(
            f"{len(problems)} of the files cannot be used (named above). Add --skip-bad to leave them out."
        )
    if not found:
        raise GlobmedError("no runs of globmed tasks to rescore. Name the folders given to --output_path.")
    places = {run.file: _place(run.file, inputs, out) for run in found}
    _nothing_overwritten(found, places)
    jobs = [(run.model, one, places[run.file].parent / one.samples.name) for run in found for one in run.tasks]
    changes: dict[tuple[str, Path], Change] = {}
    bad: list[str] = []
    many = sum(one.n for _model, one, _target in jobs) > _MANY
    for change, target, problem in pool.each(_rescore_task, jobs, workers if many else 1):
        if problem:
            bad.append(problem)
            say(f"{'left out' if skip_bad else 'cannot be used'}: {problem}")
        else:
            changes[change.task, target] = change
        done(1)
    if bad and not skip_bad:
        for _task, target in changes:
            target.unlink()
        raise GlobmedError(f"{len(bad)} of the files cannot be used (named above). Add --skip-bad to leave them out.")
    for run in found:
        folder = places[run.file].parent
        own = {one.task: changes.get((one.task, folder / one.samples.name)) for one in run.tasks}
        _write_results(run, places[run.file], own)
    return sorted(changes.values(), key=lambda one: (one.model, one.task))


def _needs_the_reader() -> None:
    try:
        import lm_eval.api.filter  # noqa: F401
        import rouge_score  # noqa: F401
        import sacrebleu  # noqa: F401
    except ImportError as error:
        raise GlobmedError(
            f"reading replies needs the package {error.name}. Run: pip install 'globmed[bench]'"
        ) from None


def _place(file: Path, inputs: list[tuple[str, Path]], out: Path) -> Path:
    """Where a result file goes: the same path below `out` as below the folder that was named."""
    for _label, path in inputs:
        if path.is_dir() and file.is_relative_to(path):
            return out / file.relative_to(path)
    return out / file.parent.name / file.name


def _nothing_overwritten(found: list[Run], places: dict[Path, Path]) -> None:
    targets: dict[Path, Path] = {}
    for run in found:
        for target in (places[run.file], *(places[run.file].parent / one.samples.name for one in run.tasks)):
            if target.exists():
                raise GlobmedError(f"{target}: already there. Nothing is overwritten: name an empty folder.")
            if target in targets:
                raise GlobmedError(
                    f"{run.file} and {targets[target]} would both be written to {target}. Rescore them apart."
                )
            targets[target] = run.file


def _rescore_task(model: str, one: TaskRun, target: Path) -> tuple[Change, Path, str]:
    """What changed, where the new samples were written, and why they were not, where they were not."""
    change = Change(model, one.task, one.language, 0)
    columns: dict[str, list[float]] = {}
    old: dict[str, list[float]] = {}
    lines = []
    with one.samples.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            try:
                row = orjson.loads(line)
                if one.kind == "gen" and row["filter"] == "extract":
                    line = _again(row, change, columns, old)
            except (ValueError, KeyError, TypeError, IndexError) as error:
                why = f"not a line that lm-eval writes for our tasks ({error}). Run the task again."
                return change, target, f"{one.samples}, line {number}: {why}"
            change.items += 1
            lines.append(line)
    if change.items != one.n:
        why = f"{change.items:,} samples where the result file counts {one.n:,}. Run the task again."
        return change, target, f"{one.samples}: {why}"
    change.before = {name: math.fsum(values) / len(values) for name, values in old.items()}
    change.after = {name: math.fsum(values) / len(values) for name, values in columns.items()}
    manifest.write_bytes(target, b"".join(lines))
    change.errors = {name: _standard_error(values) for name, values in columns.items()}
    return change, target, ""


def _again(row: dict[str, Any], change: Change, columns: dict, old: dict) -> bytes:
    """The line with its reply read anew."""
    from ..bench import filters, metrics

    doc, reply = row["doc"], row["resps"][0][0]
    before, after = orjson.loads(row["filtered_resps"][0]), filters.reading(reply, doc)
    long = doc["form"] == "longform"
    if long and before.get("text") == after.get("text"):  # the costly scores are those of the same text
        scores = {name: row[name] for name in ("chrf", "rouge_l", "answered")}
        scores["in_language"] = float(bool(after["text"]) and after["in_language"])
    else:
        scores = (metrics.longform if long else metrics.choice)(doc, [after])
    _count(change, row, before, after, scores, long)
    for name, value in scores.items():
        columns.setdefault(name, []).append(value)
        old.setdefault(name, []).append(row[name])
    row["filtered_resps"] = [str(after)]
    row |= scores
    return (json.dumps(row, ensure_ascii=False) + "\n").encode()


def _count(change: Change, row: dict, before: dict, after: dict, scores: dict[str, float], long: bool) -> None:
    change.newly_answered += scores["answered"] > row["answered"]
    change.no_longer_answered += scores["answered"] < row["answered"]
    change.language_changed += scores["in_language"] != row["in_language"]
    if long:
        different = before.get("text") != after.get("text")
        change.text_changed += different
    else:
        change.other_answer += None not in (before["answer"], after["answer"]) and before["answer"] != after["answer"]
        change.wrong_to_right += scores["acc"] > row["acc"]
        change.right_to_wrong += scores["acc"] < row["acc"]
        different = before["answer"] != after["answer"]
    if different and len(change.examples) < EXAMPLES:
        reply = row["resps"][0][0]
        change.examples.append(
            {
                "doc_id": row["doc_id"],
                "id": row["doc"]["id"],
                "target": row["target"][:_SHOWN],
                "before": {"answer": before["letter"], "how": before["how"]},
                "after": {"answer": after["letter"], "how": after["how"]},
                "reply_end": reply[-_SHOWN:],
                "reply_characters": len(reply),
            }
        )


def _standard_error(values: list[float]) -> float | str:
    """The standard error of a mean as lm-eval gives it: sample deviation over the root of n; "N/A" of one value."""
    n = len(values)
    if n < 2:
        return "N/A"
    mean = math.fsum(values) / n
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1) / n)


def _write_results(run: Run, target: Path, changes: dict[str, Change | None]) -> None:
    """The result file with the new means; a task whose samples could not be read (None) is left out of it."""
    fields = results.load(run.file)
    groups = set(fields.get("groups") or {})
    for name in ("groups", "group_subtasks"):
        fields.pop(name, None)
    fields["results"] = {task: values for task, values in fields["results"].items() if task not in groups}
    for task, change in changes.items():
        if change is None:
            del fields["results"][task]
            continue
        values = fields["results"][task]
        for metric, mean in change.after.items():
            values[f"{metric},extract"] = mean
            values[f"{metric}_stderr,extract"] = change.errors[metric]
    fields["globmed_rescored"] = {"version": __version__, "from": str(run.file), "tasks": sorted(fields["results"])}
    manifest.write_bytes(target, (json.dumps(fields, indent=2, ensure_ascii=False) + "\n").encode())
