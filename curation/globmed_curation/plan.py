"""The plan: a pipeline file, what the command line adds to it, and the checks before anything runs.

    plan = read_plan(Path("curation/globmed.yml"), sources=Path("../data"), sets=["medqa"], languages=["sw"], limit=100)
    plan.steps[0].name, plan.steps[0].folder              # "ingest", "0-ingest"

Everything that the result depends on is in `plan.identity()`, as plain JSON; nothing else is (no path, no number of
workers), so that two machines with the same files make the same bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from globmed_tools import languages, store
from globmed_tools.errors import GlobmedError, suggest

from . import settings, stages
from .code import fingerprint

VARIABLE = "GLOBMED_SOURCES"


@dataclass(frozen=True)
class Source:
    """One source set. paths: files or folders, relative to the folder of sources; optional: may be absent, and is then
    said to be; options: what the adapter needs to know (split, language, gold_base, ...)."""

    set: str
    paths: list[str]
    optional: bool = False
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class File:
    """A pipeline file as it is written."""

    name: str
    sources: list[Source]
    languages: list[str]
    stages: list[Any]
    pivot: str = "en"
    root: str = "."
    format: str = "jsonl"
    shard_groups: int = 1000
    export: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a plan. config is an instance of the stage's Config; settings the same as plain JSON."""

    number: int
    name: str
    config: Any
    settings: dict[str, Any]

    @property
    def folder(self) -> str:
        return f"{self.number}-{self.name}"

    @property
    def code(self) -> str:
        """Fingerprint of the code behind this stage."""
        return fingerprint(self.name)

    def identity(self) -> dict[str, Any]:
        """What the output depends on, besides its input."""
        return {"stage": self.name, "settings": self.settings, "code": self.code}


@dataclass(frozen=True, slots=True)
class Plan:
    """A checked pipeline. root: the folder of sources; missing: optional sets whose files are not there;
    export: the settings of the export that ends the run, or None."""

    name: str
    root: Path
    sources: tuple[Source, ...]
    missing: tuple[str, ...]
    languages: tuple[str, ...]
    pivot: str
    limit: int | None
    steps: tuple[Step, ...]
    format: str
    shard_groups: int
    export: Any

    def identity(self) -> dict[str, Any]:
        """What the result depends on, besides the bytes of the sources."""
        return {
            "name": self.name,
            "sources": [asdict(one) for one in self.sources],
            "missing": list(self.missing),
            "languages": list(self.languages),
            "pivot": self.pivot,
            "limit": self.limit,
            "format": self.format,
            "shard_groups": self.shard_groups,
            "steps": [one.identity() for one in self.steps],
        }


def read_plan(
    path: Path,
    *,
    sources: Path | None = None,
    sets: Iterable[str] = (),
    chosen: Iterable[str] = (),
    limit: int | None = None,
    lid_model: Path | None = None,
) -> Plan:
    """The plan in a pipeline file; GlobmedError for anything in it that cannot be meant.

    sources: where the source files lie, instead of $GLOBMED_SOURCES and the file's own `root`. sets, chosen: only these
    sets and target languages. limit: at most so many items a set, language and split. lid_model: the fastText model
    of every stage that tells languages, instead of the shipped one.
    """
    where = str(path)
    file = settings.read(File, settings.load_yaml(path), where)
    if file.format not in store.FORMATS:
        raise GlobmedError(f"{where}, format: {file.format!r} is none of {', '.join(store.FORMATS)}.")
    if file.shard_groups < 1:
        raise GlobmedError(f"{where}, shard_groups: {file.shard_groups} found, at least 1 expected.")
    root = sources or Path(os.environ.get(VARIABLE) or path.parent / file.root)
    found, missing = _sources(file, Path(root), list(sets), where)
    targets = _languages(file, list(chosen), where)
    return Plan(
        name=file.name,
        root=Path(root),
        sources=found,
        missing=missing,
        languages=targets,
        pivot=languages.get(file.pivot).code,
        limit=limit,
        steps=(Step(0, "ingest", None, {}), *_steps(file, targets, where, lid_model)),
        format=file.format,
        shard_groups=file.shard_groups,
        export=_export(file, where),
    )


def _sources(file: File, root: Path, sets: list[str], where: str) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    known = [one.set for one in file.sources]
    if len(known) > len(set(known)):
        twice = next(name for name in known if known.count(name) > 1)
        raise GlobmedError(f"{where}, sources: the set {twice!r} stands twice. Give one entry all of its paths.")
    for name in sets:
        if name not in known:
            raise GlobmedError(f"{where} has no set {name!r}{suggest(name, known)} It has: {', '.join(known)}.")
    found, missing = [], []
    for one in file.sources:
        if sets and one.set not in sets:
            continue
        if not one.paths:
            raise GlobmedError(f"{where}, sources, {one.set}: no paths. Name its files or folders.")
        absent = [path for path in one.paths if not (root / path).exists()]
        if not absent:
            found.append(one)
        elif one.optional:
            missing.append(one.set)
        else:
            raise GlobmedError(
                f"{root / absent[0]}: no such file or folder; {where} needs it for {one.set}. Say where the sources lie "
                f"with --sources DIR or ${VARIABLE}, leave the set out with --set, or mark it `optional: true`."
            )
    if not found:
        raise GlobmedError(
            f"{root}: none of the sets of {where} is there ({', '.join(missing)}). "
            f"Say where the sources lie with --sources DIR or ${VARIABLE}."
        )
    return tuple(found), tuple(missing)


def _languages(file: File, chosen: list[str], where: str) -> tuple[str, ...]:
    named: list[str] = []
    for code in file.languages:
        if code in ("paper", "all"):
            named += languages.codes(paper=code == "paper")
        else:
            named.append(languages.get(code).code)
    named = [code for code in languages.codes() if code in named]
    if not named:
        raise GlobmedError(f"{where}, languages: none. Say `paper`, `all` or codes such as sw.")
    for code in chosen:
        if languages.get(code).code not in named:
            raise GlobmedError(f"{where} does not build {code!r}; its languages are {', '.join(named)}.")
    wanted = [languages.get(code).code for code in chosen]
    return tuple(code for code in named if not wanted or code in wanted)


def _steps(file: File, targets: tuple[str, ...], where: str, lid_model: Path | None) -> list[Step]:
    steps = []
    for number, item in enumerate(file.stages, 1):
        place = f"{where}, stages, item {number}"
        if isinstance(item, str):
            name, values = item, {}
        elif isinstance(item, dict) and len(item) == 1:
            [(name, values)] = item.items()
        else:
            raise GlobmedError(f"{place}: a stage's name, or `name: {{settings}}`, was expected, found {item!r}.")
        told = {"languages": list(targets), "pivot": file.pivot, "lid_model": lid_model}
        steps.append(make_step(number, str(name), values or {}, place, told))
    if not steps:
        raise GlobmedError(f"{where}, stages: none. Name at least one of: {', '.join(stages.STAGES)}.")
    return steps


def _export(file: File, where: str) -> Any:
    if not file.export:
        return None
    from .export.config import Config

    return settings.read(Config, file.export, f"{where}, export").checked()


def make_step(number: int, name: str, values: dict[str, Any], where: str, told: dict[str, Any] | None = None) -> Step:
    """One step with its settings checked. told: what the plan says of all stages (languages, pivot, lid_model); a stage
    that has such a setting gets it where its own settings are silent."""
    module = stages.load(name)
    names = module.Config.__dataclass_fields__
    values = {**{key: value for key, value in (told or {}).items() if key in names and value}, **values}
    config = settings.read(module.Config, values, f"{where}, {name}")
    return Step(number, name, config, settings.plain(config))
