"""Anybody's JSONL or Parquet files, deduplicated and written as they came.

    found = deduplicate([Path("a.jsonl"), Path("b.parquet")], Plan(("text",), language="sw"), Config(), Path("once"))
    found["kept"], found["dropped"], found["like"]          # 9_812, {"near": 41, "folded": 7, "identical": 90}, 12

DIR/kept/a.jsonl          the rows that stay: the same lines; Parquet stays Parquet, with its schema
DIR/dropped/a.jsonl       {"row": "a.jsonl:204", "reason": "duplicate", "evidence": {"kept": "b.parquet#7", "similarity": 0.93,
                          "kind": "near"}, "fields": {...}}; of b.parquet in b.parquet.jsonl
DIR/like/pairs.jsonl      rows that are alike but for a number, a unit or a negation: both stay, for a person to look at
DIR/manifest.json         last: settings, inputs with their hashes, counts

Which row stays is told in gathering.py; which rows are one, in dedup/. Rows of different languages are never compared, rows without
any text neither: they stay. The same rows give the same bytes, in one go or in parts, on any number of threads.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from globmed_tools import __version__, manifest
from globmed_tools.errors import GlobmedError

from .. import settings
from ..stages.deduplicate import Config
from . import columns, files, memory, outcome
from .gathering import Gathered, Plan, gather
from .progress import counting, steps

#: What of the stage's settings is of use for rows that have no options.
SETTINGS = ("threshold", "n", "lanes", "bands")
FORMAT = "globmed-deduplicated"


def prepare(
    paths: Sequence[Path], plan: Plan, config: Config, out: Path | None, max_memory: str | None
) -> dict[str, Any]:
    """What the work will take: {"rows", "text", "whole", "parts", "disk", "allowed", "plan"}, bytes but for rows and plan.
    GlobmedError where a column is not there, or there is too little memory or disk."""
    sources = _sources(paths, out)
    for source in sources:
        columns.check(source, plan.wanted)
    need = memory.estimate(sources, plan.wanted, _shape(config), plan.reordered)
    limit = memory.allowed(max_memory)
    return memory.to_told(need, limit, need.plan(limit, out))


def deduplicate(
    paths: Sequence[Path],
    plan: Plan,
    config: Config,
    out: Path | None,
    *,
    max_memory: str | None = None,
    threads: int | None = None,
    hidden: bool = True,
    told: Callable[[dict[str, Any]], None] = lambda needed: None,
) -> dict[str, Any]:
    """Look through these files and, with `out`, write what was found. told: called with what the work will take (`prepare`)
    before it starts. -> what the manifest says, with "examples", "memory" and "seconds" (of compiling kernels, which happens once)."""
    needed = prepare(paths, plan, config, out, max_memory)
    told(needed)
    compiling = _compiled()
    sources = _sources(paths, out)
    if needed["plan"] == "whole":
        found = _found(sources, plan, config, out, None, threads, hidden)
    else:
        place = memory.existing(out)
        try:
            with TemporaryDirectory(prefix=".parts-", dir=place) as room:
                found = _found(sources, plan, config, out, Path(room), threads, hidden)
        except OSError as error:
            reason = error.strerror or error
            raise GlobmedError(f"{place}: no room for parts ({reason}). Free some or name another --out.") from None
    if out is not None:
        path = out / manifest.NAME
        manifest.write_bytes(path, json.dumps(found["manifest"], ensure_ascii=False, indent=1).encode() + b"\n")
    return {**found["manifest"], "examples": found["examples"], "memory": needed, "compiling": round(compiling, 1)}


def _found(
    sources: Sequence[files.Source],
    plan: Plan,
    config: Config,
    out: Path | None,
    room: Path | None,
    threads: int | None,
    hidden: bool,
) -> dict[str, Any]:
    from ..dedup import find

    with counting("reading", hidden) as tick:
        gathered = gather(sources, plan, room, tick)
    verdict = outcome.Verdict.empty(len(gathered))
    with steps(hidden) as progress, outcome.likes(out) as write:
        for part in gathered.parts():
            found = find(
                part.columns,
                kinds=part.kinds,
                languages=part.languages,
                shape=_shape(config),
                threshold=config.threshold,
                progress=progress,
                threads=threads,
            )
            verdict.add(part, found)
            outcome.write_likes(part, found, gathered, verdict, write)
    with counting("writing", hidden) as tick:
        examples = outcome.write(gathered, verdict, out, tick)
    return {"manifest": _manifest(gathered, verdict, config), "examples": examples}


def _manifest(gathered: Gathered, verdict: outcome.Verdict, config: Config) -> dict[str, Any]:
    plan, told = gathered.plan, settings.plain(config)
    unknown = [one for one, code in zip(gathered.spoken, gathered.languages) if code is None]
    return {
        "format": FORMAT,
        "version": 1,
        "made_by": f"globmed {__version__}",
        "settings": {name: told[name] for name in SETTINGS},
        "text": list(plan.texts),
        "id": plan.id,
        "language": plan.language_column or plan.language,
        "prefer": ["=".join(one) for one in plan.prefer],
        "inputs": [
            {"file": source.name, "rows": len(numbers), "xxh3": manifest.checksum(source.path)}
            for source, numbers in zip(gathered.sources, gathered.numbers)
        ],
        "rows": len(gathered),
        "kept": verdict.kept,
        "dropped": verdict.reasons(),
        "like": verdict.like,
        "without_text": int((gathered.kinds < 0).sum()),
        "unknown_languages": unknown if plan.language_column else [],
        "words_read": any(gathered.languages),
    }


def _sources(paths: Sequence[Path], out: Path | None) -> list[files.Source]:
    """The files by name, so that it does not matter in which order they are given."""
    return files.sources(sorted(paths, key=lambda path: path.name), out)


def _shape(config: Config) -> Any:
    from ..dedup import Shape

    return Shape(config.n, config.lanes, config.bands)


def _compiled() -> float:
    """Seconds until the kernels are there: before their first use, they are compiled."""
    from ..dedup import find

    start = time.perf_counter()
    find([["x 5 mg of it", "x 5 mg of it."]], languages=["en"], threads=1)
    return time.perf_counter() - start


def chosen(sources: Sequence[Path], given: Sequence[str]) -> tuple[str, ...]:
    """The text columns: as given, or the one that is there by a common name."""
    if given:
        return tuple(dict.fromkeys(given))
    names = files.source(sources[0]).names()
    found = next((name for name in ("text", "messages", "conversations") if name in names), None)
    if found is None:
        raise GlobmedError(
            f"{sources[0]}: no column text or messages (found: {', '.join(names)}). Say --text-column.", 2
        )
    return (found,)
