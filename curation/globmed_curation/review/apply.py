"""What reviewers decided becomes entries: mended ones are new versions, harmful ones are dropped, the rest stays as it was.

    told = apply(Path("review"), Path("build"), Path("reviewed"))
    told["kept"], told["reasons"], told["stats"]
    # 5230, {"harmful": 2}, {"sw": {"harmful": 2, "reviewed": 60, "revised": 14, "unresolved": 3, "untouched": 381}, ...}

`reviewed` is a run like `build` with one stage more, N-review: the earlier stages are linked into it, so that `globmed curate
explain`, `report` and `export` work on it as on any run. Every entry of `build` is kept, in its old or its new version, or
is dropped with its reason; entries that nobody reviewed, or on which reviewers disagree, come out as they went in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
import xxhash

from globmed_tools import manifest, shards, store
from globmed_tools.entry import Entry
from globmed_tools.errors import GlobmedError

from .. import stages
from ..folder import locked
from ..work import MADE_BY
from . import apply_figures
from . import apply_folder as folders
from .adjudicate import Rule
from .agreement_answers import ADJUDICATED, Answered, load
from .apply_rules import HARMFUL, UNRESOLVED, UNTOUCHED, Decision, decisions, version
from .model import ANSWERS, ITEMS


def apply(
    review: Path,
    build: Path,
    out: Path,
    rule: Rule | None = None,
    *,
    adjudicators: Iterable[str] = (),
    overwrite: bool = False,
) -> dict[str, Any]:
    """Write `build` with the decisions of `review` into `out` and return the fields of the new stage's manifest, with
    "unresolved": [{"item", "language", "why"}] and "missing": the ids of decided items that `build` does not hold.

    build: the folder of a run or of one stage. GlobmedError where `out` is not empty (unless overwrite, and then only
    what `apply` wrote is replaced), lies in `build` or is being written by another process, where build is unfinished, or
    where it holds none of the items.
    """
    review, build, out, rule = Path(review), Path(build), Path(out), rule or Rule()
    found = load(review, adjudicators)
    decided = decisions(found, rule)
    source = folders.read(build)
    missing = _missing(decided, source, review)
    names = [name for name in (ITEMS, ANSWERS, ADJUDICATED) if (review / name).is_file()]
    settings = {**asdict(rule), "adjudicators": sorted(adjudicators)}
    config = {**settings, "review": {name: manifest.checksum(review / name) for name in names}}
    folders.may_write(out, build, overwrite)
    with locked(out):
        # Again: whoever held the folder a moment ago may have written into it.
        folders.may_write(out, build, overwrite)
        folders.clear(out)
        where = folders.begin(source, out, {"stage": folders.STAGE, "settings": config})
        records = [_shard(source, one, where, decided, config) for one in source.last.shards]
        _finish(source, where, records, config, found)
        folders.publish(source, out, where, records, config)
    return {
        **shards.manifest_fields(where),
        "unresolved": [
            {"item": one.item, "language": one.language, "why": one.why}
            for one in decided.values()
            if one.outcome == UNRESOLVED
        ],
        "missing": missing,
    }


def _missing(decided: dict[tuple[str, str], Decision], source: folders.Source, review: Path) -> list[str]:
    """The ids of decided items that the source does not hold; GlobmedError where it holds none of them."""
    paths = [source.folder / one.kept.path for one in source.last.shards] if decided else []
    there = {(one.id, one.group_id) for path in paths for one in store.read_file(path)}
    missing = [id for id, group in decided if (id, group) not in there]
    if decided and len(missing) == len(decided):
        raise GlobmedError(
            f"{source.build}: holds none of the {len(decided):,} items reviewed in {review}. Name the build that they were "
            "sampled from, or one made from it."
        )
    return missing


def _shard(source: folders.Source, one: shards.Shard, where: Path, decided, config) -> shards.Shard:
    kept: list[Entry] = []
    dropped: list[dict[str, Any]] = []
    stats: dict[str, Counter] = {}
    for entry in store.read_file(source.folder / one.kept.path):
        decision = decided.get((entry.id, entry.group_id))
        stats.setdefault(entry.language, Counter())[decision.outcome if decision else UNTOUCHED] += 1
        if decision is None or decision.outcome == UNRESOLVED:
            kept.append(entry)
        elif decision.outcome == HARMFUL:
            dropped.append(shards.drop_row(folders.STAGE, entry, HARMFUL, decision.evidence))
        else:
            kept.append(version(entry, decision))
    if len(kept) + len(dropped) != one.kept.rows:
        raise RuntimeError(f"{one.name}: {one.kept.rows} entries came in, {len(kept)} + {len(dropped)} went out")
    key = xxhash.xxh3_64_hexdigest(orjson.dumps([MADE_BY, config, one.kept.xxh3], option=orjson.OPT_SORT_KEYS))
    form = Path(one.kept.path).suffix.lstrip(".")
    told = stages.add_up([{code: dict(counts) for code, counts in stats.items()}])
    return shards.write_shard(where, one.name, kept, dropped, key=key, format=form, stats=told)


def _finish(source: folders.Source, where: Path, records: list[shards.Shard], config, found: Answered) -> None:
    done = shards.ShardManifest(
        stage=folders.STAGE,
        config=config,
        inputs=tuple({"shard": one.name, "rows": one.kept.rows, "xxh3": one.kept.xxh3} for one in source.last.shards),
        shards=tuple(records),
        stats=stages.add_up(one.stats for one in records),
        made_by=MADE_BY,
    )
    if not done.kept and source.last.kept:
        raise GlobmedError(
            f"the review drops all of the {source.last.kept:,} entries of {source.build}. See {where / shards.DROPPED}."
        )
    apply_figures.write(where, found, done.stats)
    shards.write_manifest(where, done)
