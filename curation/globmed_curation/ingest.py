"""Original files -> OUT/<set>/<language>/<split>.jsonl, with dropped.jsonl and manifest.json beside them.

    summary = ingest("headqa", [Path("head-qa/")], Path("data"))
    summary.kept["es", "test"], summary.dropped["image_needed"]            # 2675, 330

Everything is read before anything is written, so a bad file leaves an older result as it was. The same files give the
same bytes, whatever the order or the folder in which they were named: no path of this machine enters the output.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from globmed_tools import languages, manifest, store
from globmed_tools.entry import Entry
from globmed_tools.errors import GlobmedError

from . import sources
from .sources.common import Drop, Skipped, split_in_name

SPLITS = ("train", "dev", "test")


@dataclass(frozen=True, slots=True)
class Summary:
    """What one ingest found: kept and lost entries by (language, split), the reasons, and where the result lies.

    skipped counts rows that are no part of the set (other_category) or beyond `limit` (over_limit); no file lists them.
    folder is None after a dry run.
    """

    set: str
    folder: Path | None
    inputs: tuple[dict[str, Any], ...]
    kept: Counter
    lost: Counter
    dropped: Counter
    skipped: Counter

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, with one row a language and split."""
        parts = sorted({*self.kept, *self.lost})
        rows = [dict(language=p[0], split=p[1], kept=self.kept[p], dropped=self.lost[p]) for p in parts]
        return {
            "set": self.set,
            "folder": None if self.folder is None else str(self.folder),
            "entries": self.kept.total(),
            "splits": rows,
            "dropped": dict(sorted(self.dropped.items())),
            "skipped": dict(sorted(self.skipped.items())),
            "inputs": list(self.inputs),
        }


def ingest(
    name: str,
    paths: Iterable[Path],
    out: Path,
    *,
    language: str | None = None,
    split: str | None = None,
    gold_base: int | None = None,
    format: str = "jsonl",
    limit: int | None = None,
    overwrite: bool = False,
    dry_run: bool = False,
    tick: Callable[[], None] = lambda: None,
) -> Summary:
    """Read the original files of the set `name` and write its entries into out/<name>.

    paths: files, or folders that are searched for the names the adapter knows. language, split and gold_base settle
    what the files leave open. limit: at most so many entries a language and split. tick is called once an item. Raises
    GlobmedError for input that cannot be read and for an out/<name> that holds anything, unless overwrite is set.
    """
    adapter = sources.load(name)
    folder = Path(out) / name
    if not dry_run:
        _may_write(folder, overwrite)
    files = find(paths, adapter.PATTERNS)
    _may_read(name, files, folder, split)
    options: dict[str, Any] = {"language": language and languages.get(language).code, "split": split}
    if gold_base is not None:
        if "gold_base" not in inspect.signature(adapter.read).parameters:
            raise GlobmedError(f"{name}: --gold-base has no meaning for this set. Leave it out.")
        options["gold_base"] = gold_base

    kept, dropped, skipped = _sort(adapter.read(files, **options), limit, tick)
    inputs = tuple(_input(file, skipped) for file in files)
    if not dry_run:
        store.write(folder, name, kept, dropped=map(asdict, dropped), inputs=inputs, format=format)
    totals: Counter = Counter()
    for one in skipped:
        totals[one.reason] += one.count
    return Summary(
        set=name,
        folder=None if dry_run else folder,
        inputs=inputs,
        kept=Counter((one.language, one.split) for one in kept),
        lost=Counter((one.language, one.split) for one in dropped),
        dropped=Counter(one.reason for one in dropped),
        skipped=totals,
    )


def find(paths: Iterable[Path], patterns: tuple[str, ...]) -> list[Path]:
    """The files named, and those below the folders named whose names match; each once, sorted by name.

    GlobmedError for a path that is not there, a folder without any such file, and two files of one name (locators are
    file names and could not tell them apart).
    """
    found: dict[Path, Path] = {}
    for path in map(Path, paths):
        if not path.exists():
            raise GlobmedError(f"{path}: no such file or folder. Check the path.")
        below = [path]
        if path.is_dir():
            below = [one for pattern in patterns for one in path.rglob(pattern) if one.is_file()]
        if not below:
            names = " or ".join(patterns)
            raise GlobmedError(f"{path}: no file here or below is named {names}. Name the files themselves.")
        for one in below:
            found.setdefault(one.resolve(), one)
    if not found:
        raise GlobmedError("no file was named. Name the set's original files or the folder that holds them.")
    files = sorted(found.values(), key=lambda file: file.name)
    for one, other in pairwise(files):
        if one.name == other.name:
            raise GlobmedError(f"{one} and {other} have one name, so a locator could not tell them apart. Rename one.")
    return files


def _may_write(folder: Path, overwrite: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise GlobmedError(f"{folder}: is a file. Choose another --out.")
    if folder.is_dir() and any(folder.iterdir()) and not overwrite:
        whole = (folder / manifest.NAME).is_file()
        state = "already holds this set" if whole else f"is not empty and has no {manifest.NAME}"
        raise GlobmedError(f"{folder}: {state}. Say --overwrite to replace it, or choose another --out.")


def _may_read(name: str, files: list[Path], folder: Path, split: str | None) -> None:
    if split not in (None, *SPLITS):
        raise GlobmedError(f"unknown split {split!r}; choose one of: {', '.join(SPLITS)}.")
    named = {split_in_name(file) for file in files} - {None}
    if split and len(named) > 1:
        joined = " and ".join(sorted(named))
        raise GlobmedError(f"{name}: --split {split} would join files of {joined}. Name only one split's files.")
    for file in files:
        if folder.resolve() in file.resolve().parents:
            raise GlobmedError(f"{file}: this input lies inside the output folder {folder}. Choose another --out.")


def _sort(
    found: Iterable[Entry | Drop | Skipped], limit: int | None, tick: Callable[[], None]
) -> tuple[list[Entry], list[Drop], list[Skipped]]:
    """Kept, dropped and skipped. A second item with the key of a kept one in its language and split is dropped as
    repeated_key, with the group_id for the key: group_id must be one item a language."""
    kept: list[Entry] = []
    dropped: list[Drop] = []
    skipped: list[Skipped] = []
    first: dict[tuple[str, str, str], str] = {}
    room: Counter = Counter()
    for one in found:
        tick()
        if isinstance(one, Skipped):
            skipped.append(one)
        elif isinstance(one, Drop):
            dropped.append(one)
        elif met := first.get((one.language, one.split, one.group_id)):
            dropped.append(Drop("repeated_key", met, one.locator, one.language, one.split, one.group_id))
        elif limit is not None and room[one.language, one.split] >= limit:
            skipped.append(Skipped("over_limit", 1, one.locator))
        else:
            first[one.language, one.split, one.group_id] = one.locator
            room[one.language, one.split] += 1
            kept.append(one)
    return kept, dropped, skipped


def _input(file: Path, skipped: list[Skipped]) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": file.name, "bytes": file.stat().st_size, "xxh3": manifest.checksum(file)}
    counts: Counter = Counter()
    for one in skipped:
        if one.locator == file.name or one.locator.startswith(tuple(file.name + mark for mark in ":#/")):
            counts[one.reason] += one.count
    return facts | ({"skipped": dict(sorted(counts.items()))} if counts else {})
