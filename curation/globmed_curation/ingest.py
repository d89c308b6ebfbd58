"""Original files -> OUT/<set>/<language>/<split>.jsonl, with dropped.jsonl and manifest.json beside them.

    summary = ingest("headqa", [Path("head-qa/")], Path("data"))
    summary.kept["es", "test"], summary.dropped["image_needed"]            # 2675, 330

Everything is read before anything is written, so a bad file leaves an older result as it was. The same files give the
same bytes, whatever the order or the folder in which they were named: no path of this machine enters the output.

A pipeline reads without writing, in two steps that share one dict of options (layout, language, split, gold_base,
variant, ...: what the set's adapter takes, all optional):

    files = source_files("medmcqa", [Path("medmcqa/")], {"split": "test"})
    found = collect("medmcqa", files, split="test")          # found.kept, .dropped, .skipped, .notes, .inputs
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

from globmed_tools import languages, manifest, store
from globmed_tools.entry import Entry
from globmed_tools.errors import GlobmedError

from . import sources
from .sources.common import Drop, Note, Skipped, split_in_name

SPLITS = ("train", "dev", "test")
#: Options of adapters that are not text.
_KINDS = {"gold_base": int, "other_languages": bool}
_SAID = {int: "0 or 1", bool: "true or false", str: "text"}


@dataclass(frozen=True, slots=True)
class Summary:
    """What one ingest found: kept and lost entries by (language, split), the reasons, and where the result lies.

    skipped counts rows that are no part of the set (other_category) or beyond `limit` (over_limit); no file lists them.
    notes are what a person should know of a file. folder is None after a dry run.
    """

    set: str
    folder: Path | None
    inputs: tuple[dict[str, Any], ...]
    kept: Counter
    lost: Counter
    dropped: Counter
    skipped: Counter
    notes: tuple[str, ...]

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
            "notes": list(self.notes),
            "inputs": list(self.inputs),
        }


@dataclass(frozen=True, slots=True)
class Collected:
    """What the files of a set hold: entries, unusable items, rows that are no part of it, what a person should know,
    and the files with hashes."""

    kept: list[Entry]
    dropped: list[Drop]
    skipped: list[Skipped]
    notes: list[Note]
    inputs: tuple[dict[str, Any], ...]


def ingest(
    name: str,
    paths: Iterable[Path],
    out: Path,
    *,
    format: str = "jsonl",
    limit: int | None = None,
    overwrite: bool = False,
    dry_run: bool = False,
    tick: Callable[[], None] = lambda: None,
    **options: Any,
) -> Summary:
    """Read the files of the set `name` and write its entries into out/<name>.

    paths: files, or folders that are searched for the names the adapter knows. options: what the files leave open, as
    in `source_files`; None counts as not given. limit: at most so many entries a language and split. tick is called once
    an item. Raises GlobmedError for input that cannot be read and for an out/<name> that holds anything, unless
    overwrite is set.
    """
    options = {key: value for key, value in options.items() if value is not None}
    files = source_files(name, paths, options)
    set_name = set_of(name, files, options)
    folder = Path(out) / set_name
    if not dry_run:
        _may_write(folder, overwrite)
    for file in files:
        if folder.resolve() in file.resolve().parents:
            raise GlobmedError(f"{file}: this input lies inside the output folder {folder}. Choose another --out.")
    found = collect(name, files, **options, limit=limit, tick=tick)
    kept, dropped, skipped = found.kept, found.dropped, found.skipped
    if not dry_run:
        store.write(folder, set_name, kept, dropped=map(asdict, dropped), inputs=found.inputs, format=format)
    totals: Counter = Counter()
    for one in skipped:
        totals[one.reason] += one.count
    return Summary(
        set=set_name,
        folder=None if dry_run else folder,
        inputs=found.inputs,
        kept=Counter((one.language, one.split) for one in kept),
        lost=Counter((one.language, one.split) for one in dropped),
        dropped=Counter(one.reason for one in dropped),
        skipped=totals,
        notes=tuple(f"{one.locator}: {one.text}" for one in found.notes),
    )


def find(
    paths: Iterable[Path],
    patterns: tuple[str, ...],
    *,
    named_by: int = 1,
    belongs: Callable[[Path], bool] = lambda path: True,
) -> list[Path]:
    """The files named, and those below the folders named whose names match and that belong; each once, sorted by name.

    named_by: how many parts of its path tell a file (1: its name, 2: also its folder). GlobmedError for a path that is
    not there, a folder without any such file, and two files of one name (locators could not tell them apart).
    """
    found: dict[Path, Path] = {}
    for path in map(Path, paths):
        if not path.exists():
            raise GlobmedError(f"{path}: no such file or folder. Check the path.")
        below = [path]
        if path.is_dir():
            below = [one for pattern in patterns for one in path.rglob(pattern) if one.is_file() and belongs(one)]
        if not below:
            names = " or ".join(patterns)
            raise GlobmedError(f"{path}: no file here or below is named {names}. Name the files themselves.")
        for one in below:  # a link is a file of its own: hub caches link equal files to one blob
            found.setdefault(one.parent.resolve() / one.name, one)
    if not found:
        raise GlobmedError("no file was named. Name the set's original files or the folder that holds them.")
    files = sorted(found.values(), key=lambda file: place(file, named_by))
    for one, other in pairwise(files):
        if place(one, named_by) == place(other, named_by):
            raise GlobmedError(f"{one} and {other} have one name, so a locator could not tell them apart. Rename one.")
    return files


def _adapter(name: str, options: dict[str, Any]) -> tuple[ModuleType, dict[str, Any]]:
    """The set's adapter in the layout that the options say, and the options for its `read`."""
    adapter = sources.load(name, options.get("layout", sources.ORIGINAL))
    told = {key: value for key, value in options.items() if key != "layout"}
    known = [key for key in inspect.signature(adapter.read).parameters if key not in ("paths", "source")]
    for option in told:
        if option not in known:
            raise GlobmedError(
                f"{name}: {option} has no meaning for this set. Leave it out; it takes: {', '.join(known)}."
            )
        kind = _KINDS.get(option, str)
        if type(told[option]) is not kind:
            raise GlobmedError(f"{name}: {option} should be {_SAID[kind]}, found {told[option]!r}. Correct it.")
    return adapter, told


def source_files(name: str, paths: Iterable[Path], options: dict[str, Any]) -> list[Path]:
    """The files of a set behind these paths, in the order in which they are read; GlobmedError as `find` and for options
    that the set's adapter does not know or that do not fit the files.

    options: `layout` (original, released, table) and the keywords of the adapter's `read`, such as language and split.
    """
    adapter, told = _adapter(name, options)
    rule: Callable[..., bool] = getattr(adapter, "belongs", lambda path: True)
    wanted = {key: value for key, value in told.items() if key in inspect.signature(rule).parameters}
    if "source" in inspect.signature(rule).parameters:
        wanted["source"] = name
    files = find(paths, adapter.PATTERNS, named_by=_named_by(adapter), belongs=partial(rule, **wanted))
    split = told.get("split")
    if split not in (None, *SPLITS):
        raise GlobmedError(f"unknown split {split!r}; choose one of: {', '.join(SPLITS)}.")
    named = {split_in_name(file) for file in files} - {None}
    if split and len(named) > 1:
        joined = " and ".join(sorted(named))
        raise GlobmedError(f"{name}: --split {split} would join files of {joined}. Name only one split's files.")
    return files


def set_of(name: str, files: list[Path], options: dict[str, Any]) -> str:
    """The set that these files are: `name`, and for a table what its mapping says; GlobmedError where the two differ."""
    adapter, _ = _adapter(name, options)
    return adapter.set_of(name, files) if hasattr(adapter, "set_of") else name


def place(file: Path, named_by: int) -> str:
    """What a file is called in locators and manifests: its name, or its folder's and its own."""
    return "/".join(file.absolute().parts[-named_by:])


def _named_by(adapter: ModuleType) -> int:
    return getattr(adapter, "NAMED_BY", 1)


def checksums(name: str, files: Iterable[Path], options: dict[str, Any]) -> dict[str, str]:
    """The files' names as `Collected.inputs` has them -> xxh3."""
    adapter, _ = _adapter(name, options)
    return {place(file, _named_by(adapter)): manifest.checksum(file) for file in files}


def collect(
    name: str,
    files: list[Path],
    *,
    limit: int | None = None,
    tick: Callable[[], None] = lambda: None,
    **options: Any,
) -> Collected:
    """Read the files of the set `name` (see `source_files`) and sort what they hold; nothing is written.

    options: as in `source_files`.
    """
    adapter, told = _adapter(name, options)
    language = told.pop("language", None)
    told |= {"language": language and languages.get(language).code, "split": told.pop("split", None)}
    if "source" in inspect.signature(adapter.read).parameters:
        told["source"] = name
    kept, dropped, skipped, notes = _sort(adapter.read(files, **told), limit, tick)
    inputs = tuple(_input(file, place(file, _named_by(adapter)), skipped, notes) for file in files)
    return Collected(kept, dropped, skipped, notes, inputs)


def _may_write(folder: Path, overwrite: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise GlobmedError(f"{folder}: is a file. Choose another --out.")
    if folder.is_dir() and any(folder.iterdir()) and not overwrite:
        whole = (folder / manifest.NAME).is_file()
        state = "already holds this set" if whole else f"is not empty and has no {manifest.NAME}"
        raise GlobmedError(f"{folder}: {state}. Say --overwrite to replace it, or choose another --out.")


def _sort(
    found: Iterable[Entry | Drop | Skipped | Note], limit: int | None, tick: Callable[[], None]
) -> tuple[list[Entry], list[Drop], list[Skipped], list[Note]]:
    """Kept, dropped, skipped and noted. A second item with the key of a kept one in its language and split is dropped as
    repeated_key, with the group_id for the key: group_id must be one item a language."""
    kept: list[Entry] = []
    dropped: list[Drop] = []
    skipped: list[Skipped] = []
    notes: list[Note] = []
    first: dict[tuple[str, str, str], str] = {}
    room: Counter = Counter()
    for one in found:
        tick()
        if isinstance(one, Skipped):
            skipped.append(one)
        elif isinstance(one, Note):
            notes.append(one)
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
    return kept, dropped, skipped, notes


def _input(file: Path, name: str, skipped: list[Skipped], notes: list[Note]) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": name, "bytes": file.stat().st_size, "xxh3": manifest.checksum(file)}

    def mine(locator: str) -> bool:
        return locator == name or locator.startswith(tuple(name + mark for mark in ":#/"))

    counts: Counter = Counter()
    for one in skipped:
        if mine(one.locator):
            counts[one.reason] += one.count
    if counts:
        facts["skipped"] = dict(sorted(counts.items()))
    if said := [one.text for one in notes if mine(one.locator)]:
        facts["notes"] = said
    return facts
