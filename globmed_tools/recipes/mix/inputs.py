"""Which files a mix is made of, and which of the same export it must stay clear of.

found = inputs([Path("release")], ("train",))
found.train[0].name, found.held[0].name     "release/chat/medqa/sw/train.jsonl", "release/entries/medqa/sw/test.jsonl"

An input is a folder of `globmed curate export`, a copy of its chat layout (<set>/<language>/<split>.jsonl, as on the hub), or
a file of such rows. Names go without the path of the folder above, so that no manifest tells of a machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ... import manifest, shards
from ...errors import GlobmedError

EXPORT = "globmed-export"
#: Layouts of an export that name an item's group and split, the cheapest to read first.
_LAYOUTS = ("entries", "hub", "parquet", "chat")
#: Files of data folders that hold no items.
_NO_DATA = ("manifest.json", "croissant.json", "licences.json", "dataset_infos.json", "dropped.jsonl")
_SUFFIXES = (".jsonl", ".json", ".parquet")


@dataclass(frozen=True, slots=True)
class Source:
    """One file; xxh3 as its export's manifest states it, "" where nobody does."""

    path: Path
    name: str
    xxh3: str = ""


@dataclass(slots=True)
class Inputs:
    """train: files of rows to mix; held: files of the same exports with splits that are not trained on; licences: what the
    exports read of each set's licence; notes: what people should know."""

    train: list[Source] = field(default_factory=list)
    held: list[Source] = field(default_factory=list)
    licences: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def inputs(paths: Iterable[Path], splits: tuple[str, ...]) -> Inputs:
    """The files behind these paths, sorted by name; GlobmedError where a path has none."""
    found = Inputs()
    for path in map(Path, paths):
        if path.is_file():
            found.train.append(Source(path, path.name))
        elif not path.is_dir():
            raise GlobmedError(f"{path}: no such file or folder. Name an export, a file of its chat layout, or sample.")
        elif (path / manifest.NAME).is_file():
            _from_export(path, splits, found)
        else:
            _from_layout(path, splits, found)
    seen: set[Path] = set()
    for one in found.train:
        if one.path.resolve() in seen:
            raise GlobmedError(f"{one.path}: named twice. Name every input once.")
        seen.add(one.path.resolve())
    found.train.sort(key=lambda one: one.name)
    return found


def _from_export(folder: Path, splits: tuple[str, ...], found: Inputs) -> None:
    fields = shards.manifest_fields(folder)
    if fields.get("format") != EXPORT:
        raise GlobmedError(
            f"{folder}: holds {fields.get('format')!r}, no conversations. Make them: globmed curate export {folder} "
            "--out train --layout entries,chat."
        )
    parts = _parts(fields)
    chat = [one for one in parts if one[0] == "chat" and one[3] in splits]
    if not chat:
        raise GlobmedError(
            f"{folder}: no conversations of split {' '.join(splits)} in this export. Export again with --layout chat."
        )
    found.train += [_source(folder, one[4]) for one in chat]
    found.held += [_source(folder, file) for split, file in _each_part_once(fields) if split not in splits]
    if fields.get("pseudo"):
        found.notes.append(f"{folder.name}: {fields['pseudo']:,} entries are PSEUDO-TRANSLATED: never for a real model")
    if (folder / "licences.json").is_file():
        told = manifest.read_object(folder / "licences.json", "a licence report", "Export again.")
        for one in told.get("sets", []):
            found.licences[one["set"]] = sorted({*found.licences.get(one["set"], []), *_licences(one)})


def _licences(one: dict[str, Any]) -> Iterator[str]:
    yield from one.get("ids") or one.get("classes") or ()


def _parts(fields: dict[str, Any]) -> list[tuple[str, str, str, str, dict[str, Any]]]:
    """(layout, set, language, split, file) of each file of rows in an export's manifest."""
    found = []
    for file in fields["files"]:
        layout, *rest = file["path"].split("/")
        if "rows" in file and len(rest) == 3:
            found.append((layout, rest[0], rest[1], rest[2].rpartition(".")[0], file))
    return found


def _each_part_once(fields: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(split, file) of every set, language and split, from the layout that is cheapest to read."""
    seen = set()
    for _, *part, file in sorted(_parts(fields), key=lambda one: _LAYOUTS.index(one[0])):
        if tuple(part) not in seen:
            seen.add(tuple(part))
            yield part[2], file


def _source(folder: Path, file: dict[str, Any]) -> Source:
    return Source(folder / file["path"], f"{folder.resolve().name}/{file['path']}", file["xxh3"])


def _from_layout(folder: Path, splits: tuple[str, ...], found: Inputs) -> None:
    files = sorted(folder.glob("*/*/*.jsonl"))
    train = [path for path in files if path.stem in splits]
    if not train:
        raise GlobmedError(
            f"{folder}: no {manifest.NAME} and no <set>/<language>/{splits[0]}.jsonl in it. Name a folder that `globmed curate "
            "export --layout chat` wrote."
        )
    name = folder.resolve().name
    made = [Source(path, f"{name}/{path.relative_to(folder).as_posix()}") for path in files]
    found.train += [one for one in made if one.path.stem in splits]
    found.held += [one for one in made if one.path.stem not in splits]


def against(path: Path) -> list[Source]:
    """The files of items behind a path that must not be touched: an export, a run, sets as the benchmark reads them, or a
    file. GlobmedError where there are none."""
    path = Path(path)
    if not path.exists():
        raise GlobmedError(f"{path}: no such file or folder. --against takes a folder of items, or a file of them.")
    files = list(_items(path))
    if not files:
        raise GlobmedError(f"{path}: no {', '.join(_SUFFIXES)} files of items in it. Name the folder above the sets.")
    name = path.resolve().name
    return [Source(one, f"{name}/{one.relative_to(path).as_posix()}" if path.is_dir() else name) for one in files]


def _items(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif (path / manifest.NAME).is_file():
        fields = shards.manifest_fields(path)
        if fields.get("format") == EXPORT:
            yield from (path / file["path"] for _, file in _each_part_once(fields))
        else:
            yield from shards.files(path)
    else:
        for one in sorted(path.iterdir()):
            if one.name.startswith(".") or one.name in _NO_DATA:
                continue
            if one.is_dir():
                yield from _items(one)
            elif one.suffix in _SUFFIXES:
                yield one
