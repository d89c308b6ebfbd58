"""What became of it: the state of a run, the life of one entry, the difference between two builds.

explain(Path("build"), "f0b7fdb7dbcecbfe8b12592e4612ecbd")["life"]
# [{"stage": "ingest", "event": "read", "locator": "test.jsonl:7"}, {"stage": "normalize", "event": "changed",
#   "fields": {"question": ["What  is", "What is"]}}, ..., {"stage": "check", "event": "dropped", "reason": "numbers", ...}]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import xxhash

from globmed_tools import manifest, shards, store
from globmed_tools.entry import Entry, from_dict, to_dict
from globmed_tools.errors import GlobmedError

from . import folder, lock, pipeline


def status(out: Path) -> dict[str, Any]:
    """`pipeline.summary` and, for each stage of the run, its state: complete, begun (with shards done) or to do."""
    path = out / folder.RUN
    if not path.is_file():
        raise GlobmedError(f"{out}: no {folder.RUN}, so no run was begun here. Name the --out folder of a run.")
    told = folder.told_of(out)
    found = pipeline.summary(out)
    complete = {row["folder"]: row for row in found["stages"]}
    rows = []
    for number, step in enumerate(told["steps"]):
        name = f"{number}-{step['stage']}"
        where = out / pipeline.STAGES / name
        done = len(list((where / shards.RECORDS).glob("*.json")))
        state = "complete" if name in complete else "begun" if done else "to do"
        rows.append({"stage": step["stage"], "folder": name, "state": state, "shards": done, **complete.get(name, {})})
    return {**found, "running": lock.is_held(out / folder.LOCK), "stages": rows}


def explain(out: Path, id: str) -> dict[str, Any]:
    """Every event in the life of the entry with this id (or the start of one, at least 6 characters): {"id", "life",
    "source": the same for the entry that it was translated from, "translations", "ends"}. An entry that a reviewer
    mended has an id before and one after; both tell the same life. GlobmedError where no stage has met it, or several
    entries begin so."""
    if len(id) < 6:
        raise GlobmedError(f"{id!r}: too short. Give at least the first 6 characters of an id.")
    folders = _stage_folders(out)
    whole, life, before = None, [], {}
    translations: dict[str, dict[str, Any]] = {}
    for where in folders:
        stage = where.name.partition("-")[2] or where.name
        met: dict[tuple[str, str], Entry] = {}
        for one in _with(where / shards.KEPT, id):
            if one.translated_from and one.translated_from.startswith(id) and not one.id.startswith(id):
                for older in _ids(None, one.review):
                    translations.pop(older, None)
                translations[one.id] = {"id": one.id, "language": one.language, "last": stage, "ended": "kept"}
            elif name := _named(one.id, one.review, id):
                whole = _same(whole, name, id)
                met[one.source, one.locator] = one
        for key, one in met.items():
            event = _event(stage, before.get(key), one)
            if key not in before and (steps := _steps(where, one.id)):
                event |= {"event": "translated", "steps": steps}
            life.append(event)
        for row in _drops_with(where / shards.DROPPED, id):
            entry = row["entry"] or {}
            if name := _named(row["id"], entry.get("review"), id):
                whole = _same(whole, name, id)
                life.append(
                    {
                        "stage": stage,
                        "event": "dropped",
                        **{k: row[k] for k in ("reason", "evidence", "language", "set", "locator")},
                        **({"steps": steps} if (steps := _steps(where, row["id"])) else {}),
                    }
                )
            elif (entry.get("translated_from") or "").startswith(id):
                translations[row["id"]] = {
                    "id": row["id"],
                    "language": row["language"],
                    "last": stage,
                    "ended": f"dropped: {row['reason']}",
                }
        before = met or before
    if whole is None:
        raise GlobmedError(
            f"{out}: no stage has met an entry with the id {id}. Check the id; `status` lists the stages."
        )
    for one in before.values():
        *_, first = _ids(one.id, one.review)
        if first != whole:
            return {**explain(out, first), "id": whole}
    ends = life[-1]
    source = life[0].get("translated_from")
    return {
        "id": whole,
        "source": explain(out, source) if source and source != whole and _met(folders, source) else None,
        "life": life,
        "translations": sorted(translations.values(), key=lambda row: row["language"]),
        "ends": "dropped" if ends["event"] == "dropped" else "kept",
    }


def _met(folders: list[Path], id: str) -> bool:
    """Whether any of the folders holds the entry itself, and not only translations of it."""
    kept = (one.id == id for where in folders for one in _with(where / shards.KEPT, id))
    return any(kept) or any(row["id"] == id for where in folders for row in _drops_with(where / shards.DROPPED, id))


def _stage_folders(out: Path) -> list[Path]:
    found = sorted((out / pipeline.STAGES).glob("*-*"), key=lambda one: int(one.name.partition("-")[0]))
    if not found and (out / shards.KEPT).is_dir():
        found = [out]
    if not found:
        raise GlobmedError(f"{out}: holds no stages. Name the --out folder of a run.")
    return found


def _ids(id: str | None, review: Any) -> Iterator[str]:
    """An entry's id, then those of its versions that reviewers replaced, the first version last."""
    if id:
        yield id
    while isinstance(review, dict):
        if "replaces" in review:
            yield review["replaces"]
        review = review.get("earlier")


def _named(id: str | None, review: Any, start: str) -> str | None:
    """The one of these ids that begins so."""
    return next((one for one in _ids(id, review) if one.startswith(start)), None)


def _same(known: str | None, found: str, id: str) -> str:
    if known not in (None, found):
        raise GlobmedError(f"{id}: several ids begin so, among them {known} and {found}. Give more of it.")
    return found


def _with(folder_: Path, text: str) -> Iterator[Entry]:
    """The entries of a folder whose line holds this text; lines without it are not parsed."""
    for path in sorted(folder_.glob("*")):
        if path.suffix == ".parquet":
            for one in store.read_file(path):
                if text in (one.translated_from or "") or _named(one.id, one.review, text):
                    yield one
        elif path.suffix == ".jsonl":
            for row in _rows_with(path, text):
                yield from_dict(row)


def _drops_with(folder_: Path, text: str) -> Iterator[dict[str, Any]]:
    for path in sorted(folder_.glob("*")):
        if path.suffix == ".parquet":
            yield from (
                row for row in shards.read_dropped(path) if text in (row["id"] or "") or text in str(row["entry"])
            )
        elif path.suffix == ".jsonl":
            yield from _rows_with(path, text)


def _rows_with(path: Path, text: str) -> Iterator[dict[str, Any]]:
    wanted = text.encode()
    with path.open("rb") as stream:
        for line in stream:
            if wanted in line:
                yield orjson.loads(line)


def _steps(where: Path, id: str | None) -> list[dict[str, Any]]:
    """What a translator told of its way to the entry of this id, or to none; see translate/agents."""
    for path in sorted((where / "texts").glob("*.jsonl")):
        for row in _rows_with(path, id or "-"):
            if row["id"] == id:
                return row["steps"]
    return []


def _event(stage: str, before: Entry | None, now: Entry) -> dict[str, Any]:
    if before is None:
        event = "translated" if now.translated_from and stage == "translate" else "read"
        kept = ("set", "language", "split", "locator", "licence", "translator", "translated_from")
        facts = {"set": now.source, **{name: getattr(now, name) for name in kept if name != "set"}}
        return {"stage": stage, "event": event, **{name: value for name, value in facts.items() if value}}
    old, new = to_dict(before), to_dict(now)
    fields = {name: [old[name], new[name]] for name in new if old[name] != new[name]}
    event = "revised" if before.id != now.id else "changed" if fields else "kept"
    return {"stage": stage, "event": event, **({"fields": fields} if fields else {})}


def diff(one: Path, other: Path) -> dict[str, Any]:
    """What differs between the kept entries of two folders: counts by (set, language), and the ids, of entries only in
    the one, only in the other, and in both with other content; and the dropped entries by reason."""
    first, second = _digest(one), _digest(other)
    gone = [key for key in first if key not in second]
    come = [key for key in second if key not in first]
    changed = [key for key in first if key in second and first[key][0] != second[key][0]]
    return {
        "one": str(one),
        "other": str(other),
        "entries": [len(first), len(second)],
        "only_in_one": _listed(gone, first),
        "only_in_other": _listed(come, second),
        "changed": _listed(changed, second),
        "reasons": _reasons(one, other),
        "equal": not (gone or come or changed),
    }


def _digest(path: Path) -> dict[tuple[str, str], tuple[int, str, str]]:
    """(id, locator) -> (hash of the entry, set, language)."""
    found = {}
    for entry in shards.entries([path]):
        told = xxhash.xxh3_64_intdigest(orjson.dumps(entry, option=orjson.OPT_SORT_KEYS))
        found[entry.id, entry.locator] = (told, entry.source, entry.language)
    return found


def _listed(keys: list[tuple[str, str]], entries: dict[tuple[str, str], tuple[int, str, str]]) -> dict[str, Any]:
    counts = Counter(f"{entries[key][1]} {entries[key][2]}" for key in keys)
    return {"entries": len(keys), "by": dict(sorted(counts.items())), "ids": [id for id, _ in keys]}


def _reasons(one: Path, other: Path) -> dict[str, list[int]]:
    found = []
    for path in (one, other):
        fields = shards.manifest_fields(path) if (path / manifest.NAME).is_file() else {}
        found.append(fields.get("reasons") or fields.get("dropped") or {})
    parts = [part if isinstance(part, dict) else {} for part in found]
    names = sorted({*parts[0], *parts[1]})
    return {name: [part.get(name, 0) for part in parts] for name in names}
