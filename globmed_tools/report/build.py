"""From paths to the report: find runs, read samples, refuse what should not stand side by side, compute.

    report = build(["results", "other=results2"], Asked(skip_bad=True), say=print)

Everything that cannot be used is said, one line each, before anything is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import catalog, languages
from ..errors import GlobmedError, suggest


@dataclass(frozen=True, slots=True)
class Asked:
    """The choices of a report. sets and languages: empty for all that are there; items: most in the sample browser."""

    base: tuple[str, ...] = ()
    models: Path | None = None
    sets: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    common: bool = False
    seed: int = 20260105
    resamples: int = 2000
    items: int = 200
    skip_bad: bool = False
    force: bool = False
    workers: int = 0


def build(paths: Iterable[str], asked: Asked, *, say: Callable[[str], None], quiet: bool = False) -> dict[str, Any]:
    """The report (see model.py). `say` is given lines for people. Raises GlobmedError where there is nothing to report."""
    needs_numpy()
    from . import about, compare, gather, model, runs

    roster = about.read(asked.models)
    paths, judged = _judged(paths)
    found, problems = runs.find(
        runs.named(paths), lambda file, name: about.name_of(file, name, roster), _wanted(asked), alone=True
    )
    with progress("samples", sum(len(run.tasks) + len(run.alone) for run in found), quiet) as step:
        data, bad = gather.gather(found, workers=asked.workers, done=step)
    problems += bad
    if judged and (changed := _judged_others(judged, data)):
        problems, judged = problems + changed, None
    said(problems, asked.skip_bad, say)
    notes = _only_common(data) if asked.common else []
    if not data.tasks:
        raise GlobmedError("no scores of globmed tasks are left to report. Name the folders given to --output_path.")
    reasons, more = compare.compare(data)
    if reasons and not asked.force:
        for one in reasons:
            say(one)
        also = f" ({len(reasons) - 1} more reasons above)" if len(reasons) > 1 else ""
        raise GlobmedError(
            f"{reasons[0]}{also}. Name fewer results, or add --force to report them side by side all the same."
        )
    described = about.describe(data.models, found, roster)
    judgements = _judgements(judged, data.models, asked) if judged else None
    bases = about.bases(data.models, described, asked.base)
    with progress("boards", None, quiet) as step:
        return model.build(
            data,
            described,
            bases,
            seed=asked.seed,
            resamples=asked.resamples,
            reasons=reasons,
            notes=[*notes, *more],
            skipped=problems,
            items=asked.items,
            done=step,
            judgements=judgements,
            families=_families(judgements, described, roster),
        )


def _judged(paths: Iterable[str]):
    """(the paths of results, the folder of judgements among them or None)."""
    from .judge import folder

    paths = list(paths)
    found = [path for path in paths if folder.is_one(Path(path))]
    if len(found) > 1:
        raise GlobmedError(
            f"{' and '.join(found)}: two folders of judgements. Name one: `globmed report judge` takes several judges."
        )
    rest = [path for path in paths if path not in found]
    if found and not rest:
        raise GlobmedError(f"{found[0]}: judgements without results. Name the results that were judged as well.")
    return rest, folder.read(Path(found[0])) if found else None


def _judged_others(judged, data) -> list[str]:
    """A line for each sample file that changed since it was judged."""
    from .. import manifest
    from .judge import figures

    wanted = {(one["model"], one["task"]) for one in judged.told["samples"]}
    samples = {
        (data.models[model], task): manifest.checksum(one.samples)
        for task, by in data.used.items()
        for model, (_run, one) in by.items()
        if (data.models[model], task) in wanted and one.samples
    }
    return figures.changed(judged, samples)


def _judgements(judged, models: list[str], asked: Asked):
    from .judge import figures

    codes = tuple(languages.get(code).code for code in asked.languages)
    return figures.Judgements(judged, models, codes=codes, sets=asked.sets)


def _families(judgements, described, roster) -> list[tuple[str, ...]]:
    """Of each model that was judged."""
    from .judge import judges

    models = judgements.panel.models if judgements else []
    names = [(described[model]["name"], described[model]["id"]) for model in models]
    return [tuple(dict.fromkeys(judges.families(one, roster) + judges.families(other, roster))) for one, other in names]


def needs_numpy() -> None:
    """GlobmedError where numpy is not installed."""
    try:
        import numpy  # noqa: F401
    except ImportError:
        raise GlobmedError("this command needs numpy. Run: pip install 'globmed[report]'") from None


def _wanted(asked: Asked) -> Callable[[str, str], bool]:
    """Which sets and languages count; GlobmedError for a name that no table has."""
    codes = {languages.get(code).code for code in asked.languages}
    for name in asked.sets:
        if name not in catalog.table():
            raise GlobmedError(f"--sets: unknown set {name!r}{suggest(name, catalog.table())}")
    return lambda name, code: (not asked.sets or name in asked.sets) and (not codes or code in codes)


def said(problems: list[str], skip: bool, say: Callable[[str], None]) -> None:
    """Tell of each problem; GlobmedError where they are not to be skipped."""
    for one in problems:
        say(f"{'left out' if skip else 'cannot be used'}: {one}")
    if problems and not skip:
        things = "1 thing" if len(problems) == 1 else f"{len(problems):,} things"
        raise GlobmedError(f"{things} cannot be used (named above). Mend them, or leave them out with --skip-bad.")


def _only_common(data) -> list[str]:
    """Take away the sets that some model lacks in some language; a note on each."""
    about = {task: next(iter(by.values()))[1] for task, by in data.used.items() if task in data.tasks}
    notes = []
    for kind in dict.fromkeys(one.kind for one in about.values()):
        tasks = {task: one for task, one in about.items() if one.kind == kind}
        models = {model for task in tasks for model in data.tasks[task].models}
        codes = {one.language for one in tasks.values()}
        for name in dict.fromkeys(one.set for one in tasks.values()):
            here = {one.language: task for task, one in tasks.items() if one.set == name}
            if set(here) == codes and all(len(data.tasks[task].models) == len(models) for task in here.values()):
                continue
            notes.append(f"{name} ({kind}) is left out: not every model has it in every language")
            for task in here.values():
                del data.tasks[task]
    return notes


class progress:
    """A progress bar on stderr where that is a terminal; nothing elsewhere."""

    def __init__(self, title: str, total: int | None, quiet: bool):
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        from .. import console

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        screen = console.console(stderr=True)
        self.bars = Progress(*columns, console=screen, disable=quiet or not screen.is_terminal, transient=True)
        self.task = self.bars.add_task(title, total=total)

    def __enter__(self) -> Callable[[int], None]:
        self.bars.start()
        return lambda n: self.bars.advance(self.task, n)

    def __exit__(self, *_error) -> None:
        self.bars.stop()
