"""An entry as it is shown: beside its source, with what the evidence names marked in both.

shown = Shown.of_drop(stage, shard, row)
add_sources(run, [shown])                                     # finds shown.source in the run's shards
spans(shown)                                                  # {"source": ["5 mg"], "entry": ["50 mg"]}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from globmed_tools import shards, store
from globmed_tools.entry import Entry, from_dict

from .folders import Run, Stage, in_order

#: Names in evidence that hold what was seen in the source, and those that hold what was seen in the entry itself.
IN_SOURCE, IN_ENTRY = ("source",), ("translation", "span", "text")
#: Bytes at the start of a line in which its id and its group_id stand.
_HEAD = 120


@dataclass(slots=True)
class Shown:
    """One example. stage, shard: where its source is looked for ("" of kept entries, whose source is at hand)."""

    entry: Entry | None
    evidence: Any
    locator: str
    source_set: str
    language: str
    reason: str = ""
    stage: Stage | None = None
    shard: str = ""
    source: Entry | None = None

    @classmethod
    def of_drop(cls, stage: Stage, shard: shards.Shard, row: dict[str, Any]) -> Shown:
        entry = from_dict(row["entry"]) if row.get("entry") else None
        return cls(
            entry, row["evidence"], row["locator"] or "", row["set"] or "", row["language"] or "", row["reason"], stage,
            shard.name,
        )  # fmt: skip

    @classmethod
    def of_kept(cls, entry: Entry, source: Entry | None, evidence: Any = "") -> Shown:
        return cls(entry, evidence, entry.locator, entry.source, entry.language, source=source)


def spans(shown: Shown) -> dict[str, list[str]]:
    """The texts that the evidence says to have seen, in the source and in the entry."""
    evidence = shown.evidence
    if not isinstance(evidence, dict):
        text = str(evidence or "")
        tail = text.partition(": ")[2]
        return {"source": [], "entry": [part for part in (text, tail) if len(part) > 1]}
    return {"source": _texts(evidence, IN_SOURCE), "entry": _texts(evidence, IN_ENTRY)}


def _texts(evidence: dict[str, Any], names: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for name in names:
        value = evidence.get(name)
        for one in value if isinstance(value, list) else [value]:
            if one not in (None, "") and not isinstance(one, (bool, dict)):
                found += [part for part in str(one).split(" | ") if part.strip()]
    return found


def original_of(one: Entry, members: Iterable[Entry]) -> Entry | None:
    """The entry of its group that a check compares this one with, where nothing says which one it was translated from:
    the first, by the language table, that nobody translated."""
    others = [other for other in members if is_original(other) and other.language != one.language]
    order = in_order(other.language for other in others)
    return min(others, key=lambda other: order.index(other.language)) if others else None


def is_original(one: Entry) -> bool:
    """Whether nobody translated it, here or before."""
    return one.translator is None and one.translated_from is None


def add_sources(run: Run, shown: list[Shown]) -> None:
    """Give every dropped entry that was compared its source, wherever its stage left that: kept, dropped, or still before
    it. An entry was compared if it is a translation or its evidence names a span of a source."""
    wanted: dict[tuple[str, str], list[Shown]] = {}
    for one in shown:
        compared = isinstance(one.evidence, dict) and "source" in one.evidence
        if one.source is None and one.stage and one.entry and (one.entry.translated_from or compared):
            wanted.setdefault((one.stage.slug, one.shard), []).append(one)
    for (slug, shard), items in wanted.items():
        place = next(number for number, stage in enumerate(run.stages) if stage.slug == slug)
        names = {one.entry.translated_from or one.entry.group_id for one in items}
        found: dict[str, Entry] = {}
        for entries in _places(run, place, shard, names):
            for entry in entries:
                found.setdefault(entry.id, entry)
            for one in items:
                one.source = one.source or _source(one.entry, found)
            if all(one.source for one in items):
                break


def _source(one: Entry, found: dict[str, Entry]) -> Entry | None:
    if one.translated_from:
        return found.get(one.translated_from)
    return original_of(one, (other for other in found.values() if other.group_id == one.group_id))


def _places(run: Run, place: int, shard: str, names: set[str]) -> Iterator[Iterator[Entry]]:
    """Entries with these ids or group ids, place by place: what the stage kept, what it dropped, what the one before kept."""
    stage = run.stages[place]
    record = next(one for one in stage.manifest.shards if one.name == shard)
    yield _kept(stage.folder / record.kept.path, names)
    rows = shards.read_dropped(stage.folder / record.dropped.path)
    yield (from_dict(row["entry"]) for row in rows if names & {row["id"], row["group_id"]} and row["entry"])
    if place:
        before = run.stages[place - 1]
        for one in before.manifest.shards:
            if one.name == shard:
                yield _kept(before.folder / one.kept.path, names)


def _kept(path: Path, names: set[str]) -> Iterator[Entry]:
    """Entries with these ids or group ids; of a JSON line that names none of them at its start nothing is parsed."""
    if path.suffix == ".parquet":
        yield from (one for one in store.read_file(path) if one.id in names or one.group_id in names)
        return
    wanted = [name.encode() for name in names]
    with path.open("rb") as stream:
        for line in stream:
            head = line[:_HEAD]
            if any(name in head for name in wanted):
                yield from_dict(orjson.loads(line))
