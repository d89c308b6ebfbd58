"""The only runner: source files -> shards -> stage after stage -> DIR/kept, DIR/dropped, DIR/manifest.json.

    run(read_plan(Path("curation/globmed.yml")), Path("build"))          # killed? the same call goes on where it stopped
    apply(step, [Path("build")], Path("checked"))                        # one stage over entries that are there

    DIR/stages/0-ingest/  1-normalize/  ...    each with kept/ dropped/ shards/ manifest.json (globmed_tools.shards)
    DIR/kept/ DIR/dropped/ DIR/manifest.json   the last stage's entries, and all that any stage dropped
    DIR/export/                                what `export` in the pipeline file asks for
    DIR/run.json DIR/log.jsonl                 see folder.py

Stages are run shard by shard, as many of them in one go as do not need to see other shards; where one does (splits,
duplicates), every shard is surveyed first and the surveys are settled here. The same sources and settings give the same
bytes, whatever the engine, the number of workers and the number of stops on the way.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from globmed_tools import manifest, shards
from globmed_tools.errors import GlobmedError, suggest

from . import folder, gather, stages, work
from .engines import Engine
from .gather import Input, input_of, inputs_of
from .plan import Plan, Step
from .work import MADE_BY, Task, Work

STAGES = "stages"


def run(
    plan: Plan,
    out: Path,
    engine: Engine | None = None,
    *,
    only: str | None = None,
    start: str | None = None,
    until: str | None = None,
) -> dict[str, Any]:
    """Build what the plan says in `out` and return `summary(out)`.

    only: a stage's name, to run this one alone (those before it must be complete); start: a stage's name, to redo it and
    all after it; until: to stop when this one is complete. GlobmedError: sources that cannot be read or that changed, a folder begun with other settings or in use,
    a shard that is gone, a full disk, a stage that keeps nothing.
    """
    engine = engine or Engine()
    names = [step.folder for step in plan.steps]
    first = _number(plan, start) if start else None
    last = _number(plan, only) if only else None
    with folder.locked(out), engine:
        folder.agree(out, plan.identity(), names, None if first is None else names[first])
        if first is not None:
            (out / manifest.NAME).unlink(missing_ok=True)
            for step in plan.steps[first:]:
                folder.remove(out / STAGES / step.folder)
        if last is not None:
            return _only(plan, out, engine, last)
        inputs = gather.ingest(plan, out, out / STAGES / plan.steps[0].folder, engine)
        for segment in _segments(plan.steps[1 : None if until is None else _number(plan, until) + 1]):
            inputs = _segment(segment, inputs, out, engine, plan.format)
        if until is not None:
            return summary(out)
        _publish(plan, out, inputs)
        if plan.export is not None:
            _export(plan, out)
    return summary(out)


def _only(plan: Plan, out: Path, engine: Engine, number: int) -> dict[str, Any]:
    step = plan.steps[number]
    if number == 0:
        gather.ingest(plan, out, out / STAGES / step.folder, engine)
        return summary(out)
    before = out / STAGES / plan.steps[number - 1].folder
    (out / manifest.NAME).unlink(missing_ok=True)
    _segment([step], inputs_of(before), out, engine, plan.format)
    return summary(out)


def apply(
    step: Step,
    paths: list[Path],
    out: Path,
    engine: Engine | None = None,
    *,
    format: str = "jsonl",
    groups: int = 1000,
    limit: int | None = None,
) -> dict[str, Any]:
    """Run one stage over entries (a folder of shards, set folders, JSONL or Parquet files) and write a folder of shards. limit:
    only the first so many items."""
    engine = engine or Engine()
    for path in paths:
        if Path(path).resolve() == out.resolve():
            raise GlobmedError(f"{out}: is both input and output. Choose another --out.")
    files = [file for path in paths for file in shards.files(path)]
    told = {
        "steps": [step.identity()],
        "format": format,
        **({"limit": limit} if limit else {}),
        "inputs": [{"name": one.name, "bytes": one.stat().st_size, "xxh3": manifest.checksum(one)} for one in files],
    }
    with folder.locked(out), engine:
        folder.agree(out, told, [step.folder], None, redo=False)
        if limit is None and len(paths) == 1 and is_shards(paths[0]):
            inputs = inputs_of(paths[0])
        else:
            inputs = gather.collect(files, out / "input", engine, groups=groups, where=out, limit=limit)
        _segment([step], inputs, out, engine, format, here=out)
        folder.remove(out / "input")
    return shards.manifest_fields(out)


def is_shards(path: Path) -> bool:
    """Whether a folder holds shards that a stage wrote."""
    return (path / manifest.NAME).is_file() and shards.manifest_fields(path).get("format") == shards.FORMAT


def _number(plan: Plan, name: str) -> int:
    for step in plan.steps:
        if name in (step.name, step.folder):
            return step.number
    known = [step.name for step in plan.steps]
    raise GlobmedError(f"this pipeline has no stage {name!r}{suggest(name, known)} It has: {', '.join(known)}.")


def _scope(step: Step) -> str:
    return getattr(stages.load(step.name), "SCOPE", "shard")


def _prepares(step: Step) -> bool:
    return step.number > 0 and getattr(stages.load(step.name), "prepares", lambda config: False)(step.config)


def _segments(steps: Iterable[Step]) -> list[list[Step]]:
    """Stages that can be run on a shard in one go: a new segment begins where a stage must see other shards first, or ask."""
    parts: list[list[Step]] = []
    for step in steps:
        if not parts or _scope(step) != "shard" or _prepares(step):
            parts.append([])
        parts[-1].append(step)
    return parts


def _segment(
    steps: list[Step], inputs: list[Input], out: Path, engine: Engine, format: str, here: Path | None = None
) -> list[Input]:
    """Run some stages over all shards and write their manifests; the last one's shards."""
    folders = [here or out / STAGES / step.folder for step in steps]
    plans = _settle(steps[0], folders[0], inputs, out, engine)
    tasks = []
    for one in inputs:
        works = [
            Work(step, where, plans.get(one.shard) if n == 0 else None)
            for n, (step, where) in enumerate(zip(steps, folders))
        ]
        tasks.append(Task(one.shard, one.file, one.checksum, tuple(works), format))
    if any(shards.read_record(works.folder, task.shard) is None for task in tasks for works in task.works):
        (out / manifest.NAME).unlink(missing_ok=True)
    if _prepares(steps[0]):
        left = [task for task in tasks if not _done(task.works[0], task)]
        stages.load(steps[0].name).prepare([task.source for task in left], steps[0].config, engine.progress)
    engine.all(" > ".join(step.name for step in steps), work.run, tasks, out)
    for step, where in zip(steps, folders):
        inputs = _finish(step, where, inputs)
    return inputs


def _done(one: Work, task: Task) -> bool:
    record = shards.read_record(one.folder, task.shard)
    return record is not None and record.key == work.key_of(one.step, task.checksum, one.plan)


def _settle(step: Step, where: Path, inputs: list[Input], out: Path, engine: Engine) -> dict[str, Any]:
    """shard -> the plan of a stage that must see other shards; nothing for other stages."""
    scope = _scope(step)
    if scope == "shard":
        return {}
    survey = Work(step, where)
    tasks = [Task(one.shard, one.file, one.checksum, (), "", survey) for one in inputs]
    engine.all(f"{step.name}, survey", work.run, tasks, out)
    parts: dict[str, list[str]] = {}
    for one in inputs:
        parts.setdefault(one.shard.rpartition("-")[0] if scope == "set" else "", []).append(one.shard)
    plans: dict[str, Any] = {}
    for names in parts.values():
        facts = [work.read_survey(where, name)["facts"] for name in names]
        settled = stages.load(step.name).settle(facts, step.config)
        plans |= dict.fromkeys(names, settled)
    return plans


def _finish(step: Step, where: Path, inputs: list[Input]) -> list[Input]:
    """Write a stage's manifest, unless it kept nothing of something; its shards."""
    records = [shards.read_record(where, one.shard) for one in inputs]
    missing = [one.shard for one, record in zip(inputs, records) if record is None]
    if missing:
        raise RuntimeError(f"{where}: no record of {missing[:3]}")
    done = shards.ShardManifest(
        stage=step.name,
        config=step.settings,
        inputs=tuple({"shard": one.shard, "rows": one.rows, "xxh3": one.checksum} for one in inputs),
        shards=tuple(records),
        stats=stages.add_up(record.stats for record in records),
        made_by=f"{MADE_BY}, code {step.code}",
    )
    if not done.kept and sum(one.rows for one in inputs):
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in done.reasons.items())
        raise GlobmedError(
            f"stage {step.name} kept nothing of {sum(one.rows for one in inputs):,} entries ({reasons}). "
            f"See {where / shards.DROPPED} and change its settings."
        )
    shards.write_manifest(where, done)
    return [input_of(where, one) for one in records]


def _publish(plan: Plan, out: Path, inputs: list[Input]) -> None:
    """The run's own kept/ and dropped/: links to the last stage's shards, and the drops of all stages by shard."""
    told = {"plan": plan.identity()}
    if (out / manifest.NAME).is_file() and (there := shards.read_manifest(out)).config == told:
        for one in there.shards:
            shards.verify(out, one)
        return
    folders = [out / STAGES / step.folder for step in plan.steps]
    done = [shards.read_manifest(where) for where in folders]
    dropped = [{one.name: where / one.dropped.path for one in stage.shards} for where, stage in zip(folders, done)]
    published = [_publish_shard(out, one, [files[one.shard] for files in dropped], plan.format) for one in inputs]
    for kind in (shards.KEPT, shards.DROPPED):
        for stray in {*(out / kind).iterdir()} - {out / getattr(one, kind).path for one in published}:
            stray.unlink()
    shards.write_manifest(
        out,
        shards.ShardManifest(
            stage="run",
            config=told,
            inputs=done[0].inputs,
            shards=tuple(published),
            stats={},
            made_by=MADE_BY,
        ),
    )


def _export(plan: Plan, out: Path) -> None:
    """What the pipeline file's `export` asks for, in DIR/export."""
    from .export.build import export
    from .export.provenance import run_of

    export(shards.entries([out]), out / "export", plan.export, run=run_of([out]), overwrite=True)


def _publish_shard(out: Path, one: Input, drops: list[Path], format: str) -> shards.Shard:
    kept = out / shards.KEPT / one.file.name
    _link(one.file, kept)
    rows = [row for path in drops for row in shards.read_dropped(path)]
    return shards.Shard(
        name=one.shard,
        key="",
        kept=shards.ShardFile(f"{shards.KEPT}/{kept.name}", one.rows, kept.stat().st_size, one.checksum),
        dropped=shards.write_rows(out, shards.DROPPED, one.shard, rows, format),
        reasons=shards.reasons(rows),
    )


def _link(source: Path, target: Path) -> None:
    """A hard link where the disk knows them, else a copy; an older file gives way."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = manifest.draft_of(target)
    draft.unlink(missing_ok=True)
    try:
        os.link(source, draft)
    except OSError:
        manifest.write_bytes(target, source.read_bytes())
        return
    os.replace(draft, target)


def summary(out: Path) -> dict[str, Any]:
    """What a run's folder holds: {"complete", "kept", "dropped", "stages": [{stage, shards, kept, dropped, reasons,
    seconds, cpu, peak_mb}]}; JSON-ready."""
    costs = folder.costs(out)
    rows = []
    for where in sorted((out / STAGES).glob("*-*"), key=lambda one: int(one.name.partition("-")[0])):
        if not (where / manifest.NAME).is_file():
            continue
        done = shards.read_manifest(where)
        cost = costs.get(where.name, {})
        rows.append(
            {
                "stage": done.stage,
                "folder": where.name,
                "shards": len(done.shards),
                "kept": done.kept,
                "dropped": done.dropped,
                "reasons": done.reasons,
                **{name: round(cost.get(name, 0.0), 1) for name in ("seconds", "cpu", "peak_mb")},
            }
        )
    complete = (out / manifest.NAME).is_file()
    last = shards.read_manifest(out) if complete else None
    return {
        "folder": str(out),
        "complete": complete,
        "kept": last.kept if last else None,
        "dropped": last.dropped if last else None,
        "stages": rows,
    }


def dry(plan: Plan, out: Path) -> dict[str, Any]:
    """What `run` would do, without reading the sources or writing anything: files and bytes a set, stages, what is there; of a
    stage that asks, once those before it are complete, what that would take ("estimate")."""
    rows = []
    for source in plan.sources:
        files = gather.source_files(plan, source)
        rows.append({"set": source.set, "files": len(files), "bytes": sum(file.stat().st_size for file in files)})
    there = [step.folder for step in plan.steps if (out / STAGES / step.folder / manifest.NAME).is_file()]
    return {
        "out": str(out),
        "sources": rows,
        "missing": list(plan.missing),
        "languages": list(plan.languages),
        "limit": plan.limit,
        "steps": [
            {
                "stage": step.name,
                "settings": step.settings,
                "complete": step.folder in there,
                **({"asks": True, "estimate": _estimate(plan, step, out)} if _prepares(step) else {}),
            }
            for step in plan.steps
        ],
    }


def _estimate(plan: Plan, step: Step, out: Path) -> dict[str, Any] | None:
    """What the asking of this stage would take; None where its input is not there yet."""
    before = out / STAGES / plan.steps[step.number - 1].folder
    if not (before / manifest.NAME).is_file():
        return None
    return stages.load(step.name).estimate([one.file for one in inputs_of(before)], step.config)
