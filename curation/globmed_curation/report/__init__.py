"""The report of a curation run: one HTML page that needs nothing but a browser.

    report(Path("build"))                         # -> build/report.html
    figures(Path("build"))["stages"][0]["kept"]   # the same figures, JSON-ready

The page holds its own CSS, script and pictures, asks nothing of the network, and is the same, byte for byte, of the same
folder. Shards are read one after another; memory and page size do not grow with the number of entries.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from globmed_tools.errors import GlobmedError

if TYPE_CHECKING:
    from .folders import Run

NAME = "report.html"


def report(folder: Path, out: Path | None = None, examples: int = 6) -> Path:
    """Write the page of a run (or of one stage's folder) to `out`, by default FOLDER/report.html, and return where.

    examples: at most so many of a stage, reason and language. GlobmedError where the folder is no run, nothing of it is
    complete, a shard is gone or changed, or the page cannot be written.
    """
    from globmed_tools import manifest

    from .folders import open_folder
    from .page import render

    run = open_folder(Path(folder))
    place = _place(Path(out or run.folder / NAME))
    told, shown = _collected(run, examples)
    return manifest.write_bytes(place, render(told, shown).encode("utf-8"))


def figures(folder: Path) -> dict[str, Any]:
    """What the page tells, without its examples; errors as of `report`."""
    from .folders import open_folder

    return _collected(open_folder(Path(folder)), 0)[0]


def _place(path: Path) -> Path:
    """The path, whose folder is there now; GlobmedError before any counting where no file can stand there."""
    if path.is_dir():
        raise GlobmedError(f"{path}: is a folder. Name a file with --out, such as {path / NAME}.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GlobmedError(f"{path.parent}: cannot be written ({error.strerror}). Choose another --out.") from None
    return path


def _collected(run: Run, examples: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    from .. import folder as runs
    from .collect import collect
    from .eye import remarks

    found, shown = collect(run, examples)
    costs = runs.costs(run.folder)
    for stage in found["stages"]:
        stage["cost"] = _cost(costs, stage["slug"])
    told = {
        "name": run.told.get("name") or run.folder.resolve().name,
        "folder": run.folder.resolve().name,
        "made_by": run.last.manifest.made_by,
        "complete": run.complete,
        "single": run.single,
        "planned": list(run.planned),
        "languages": run.told.get("languages", []),
        "pivot": run.told.get("pivot"),
        "limit": run.told.get("limit"),
        "missing": run.told.get("missing", []),
        "inputs": _inputs(run),
        "total": run.last.manifest.kept,
        "translates": any(stage["added"] > 0 for stage in found["stages"]),
        **found,
    }
    return {**told, "eye": remarks(told)}, shown


def _cost(costs: dict[str, dict[str, float]], slug: str) -> dict[str, float] | None:
    """seconds and cpu of a stage with its survey, and the larger peak; None where the log tells nothing."""
    parts = [costs[name] for name in (slug, f"{slug} survey") if name in costs]
    if not parts:
        return None
    sums = {name: round(sum(part[name] for part in parts), 1) for name in ("seconds", "cpu")}
    return {**sums, "peak_mb": round(max(part["peak_mb"] for part in parts), 1)}


def _inputs(run: Run) -> list[dict[str, Any]]:
    """The files that all this was made of: set (where known), name, bytes, xxh3."""
    first = run.stages[0].manifest.inputs if run.stages[0].name == "ingest" else run.told.get("inputs", ())
    return [
        {"set": one.get("set", ""), **{name: one.get(name) for name in ("name", "bytes", "xxh3")}}
        for one in first
        if "name" in one
    ]
