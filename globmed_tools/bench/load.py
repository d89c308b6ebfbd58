"""Where the items come from: `hub`, `sample`, or a folder.

    load("sample", "medqa", "sw", "test")   -> list of Entry
    load("data/", "headqa", "es", "dev")    -> from data/headqa/manifest.json, or from data/GlobMed_HeadQA/es/*.json

This module finds and reads; it does not prompt, score or repair. What it cannot read it refuses with one line. The folder
form takes both what `globmed curate ingest` writes and a copy of the hub's layout (<language>/<split>.json).
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path

from .. import catalog, languages, manifest, resources, store
from ..catalog import SourceSet
from ..entry import Entry, make
from ..errors import GlobmedError

VARIABLE = "GLOBMED_DATA"
SUFFIXES = (".json", ".jsonl", ".parquet", ".csv", ".tsv")
#: Entries, and how the columns of their file were mapped.
Rows = tuple[list[Entry], str]
SPLIT_NAMES = {"validation": "dev", "valid": "dev", "val": "dev"}


@dataclass(frozen=True, slots=True)
class Found:
    """One file (or finished folder part) that holds a split of a set in a language."""

    split: str
    where: str
    language: str | None
    folder: str


class Sample:
    """The bundled sample stands in for every set: each set gets the items of its form and number of options."""

    name = "sample"

    def describe(self, source: SourceSet) -> str:
        return "sample (machine-written, unreviewed, for plumbing only)"

    def find(self, source: SourceSet) -> list[Found]:
        return [
            Found(split, f"{code}.jsonl", code, code)
            for code in sorted(path.stem for path in resources.sample().glob("*.jsonl"))
            for split in ("test", "dev", "train")
        ]

    def read(self, source: SourceSet, found: Found, *, strict: bool = True, first: int | None = None) -> Rows:
        low, high = source.options
        rows = [
            (number, row)
            for number, row in store.json_lines(resources.sample() / found.where)
            if row["split"] == found.split and row["form"] == source.form and low <= len(row["options"]) <= high
        ]
        return [_sample_entry(row, number, found) for number, row in rows], "sample"


def _sample_entry(row: dict, number: int, found: Found) -> Entry:
    content = {
        name: row[name] for name in ("question", "context", "options", "answers", "label", "reference", "rationale")
    }
    return make(
        source="sample",
        split=row["split"],
        form=row["form"],
        language=found.folder,
        key=row["group"],
        locator=f"sample/{found.where}:{number}",
        licence="Apache-2.0",
        tags={"subject": row["subject"], "note": "machine-written, not reviewed by clinicians"},
        **content,
    )


class Folder:
    """A folder of sets: finished ones (manifest.json), or copies of the hub's layout."""

    def __init__(self, root: Path):
        self.root = root
        self.name = str(root)

    def describe(self, source: SourceSet) -> str:
        return f"folder {self.root}"

    def find(self, source: SourceSet) -> list[Found]:
        folder = self._set_folder(source)
        if folder is None:
            return []
        if (folder / manifest.NAME).exists():
            return [
                Found(file.split, f"{folder.name}/{file.path}", file.language, file.language)
                for file in manifest.read(folder).files
            ]
        found = from_layout([path.relative_to(folder).as_posix() for path in sorted(folder.glob("*/*"))])
        if not found or _looks_half_written(folder):
            raise GlobmedError(
                f"{folder}: no {manifest.NAME} and no <language>/<split>.json files: half-written, or no data set. "
                "Run the command that makes it again."
            )
        return [Found(one.split, f"{folder.name}/{one.where}", one.language, one.folder) for one in found]

    def _set_folder(self, source: SourceSet) -> Path | None:
        wanted = {name.lower() for name in catalog.folder_names(source)}
        for path in sorted(self.root.iterdir()):
            if path.is_dir() and path.name.lower() in wanted:
                return path
        return None

    def read(self, source: SourceSet, found: Found, *, strict: bool = True, first: int | None = None) -> Rows:
        from .probe import read_file

        path = self.root / found.where
        folder = path.parent.parent
        if (folder / manifest.NAME).exists():
            rows = store.read(folder, language=found.language, split=found.split)
            return list(islice(rows, first)), "globmed entries"
        language = languages.get(found.folder)
        return read_file(path, source, language, found.split, where=found.where, strict=strict)


def _looks_half_written(folder: Path) -> bool:
    """A folder of ours without its manifest: leftovers of a write, or our list of dropped items."""
    return (folder / store.DROPPED).exists() or any(folder.glob("*/*.part"))


class Hub:
    """The released GlobMed_* data sets on the Hugging Face hub. Only the files that a task needs are fetched."""

    name = "hub"

    def describe(self, source: SourceSet) -> str:
        return f"hub {source.hub}"

    def find(self, source: SourceSet) -> list[Found]:
        if not source.hub:
            raise GlobmedError(
                f"{source.name} is not on the hub ({source.licence}). Give your own folder instead: "
                f"""--metadata '{{"globmed_data": "DIR"}}' with DIR/{source.name} in it."""
            )
        return from_layout(_hub_files(source.hub))

    def read(self, source: SourceSet, found: Found, *, strict: bool = True, first: int | None = None) -> Rows:
        from huggingface_hub import hf_hub_download

        from .probe import read_file

        try:
            path = hf_hub_download(source.hub, found.where, repo_type="dataset")
        except Exception as error:
            raise GlobmedError(_unreachable(f"{source.hub}/{found.where}", error)) from error
        where, language = f"{source.hub}/{found.where}", languages.get(found.folder)
        return read_file(Path(path), source, language, found.split, where=where, strict=strict)


@cache
def _hub_files(repo: str) -> tuple[str, ...]:
    from huggingface_hub import HfApi

    try:
        return tuple(HfApi().list_repo_files(repo, repo_type="dataset"))
    except Exception as error:
        raise GlobmedError(_unreachable(repo, error)) from error


def _unreachable(what: str, error: Exception) -> str:
    return (
        f"{what}: the hub could not be read ({type(error).__name__}). Check the network, HF_HUB_OFFLINE and HF_TOKEN, "
        f"or use {VARIABLE}=sample or {VARIABLE}=DIR."
    )


def from_layout(paths) -> list[Found]:
    """The data files among `<language>/<split>.<suffix>` paths; folders that are no known language keep language None."""
    found = []
    for path in sorted(paths):
        folder, _, file = path.rpartition("/")
        name, dot, suffix = file.rpartition(".")
        if not folder or "/" in folder or not name or f".{suffix}" not in SUFFIXES:
            continue
        known = languages.find(folder)
        found.append(Found(SPLIT_NAMES.get(name, name), path, known.code if known else None, folder))
    return found


def source_named(data: str) -> Sample | Folder | Hub:
    """The source for `hub`, `sample` or a folder's path; GlobmedError for anything else."""
    if data == "sample":
        return Sample()
    if data == "hub":
        return Hub()
    path = Path(data).expanduser()
    if path.is_dir():
        return Folder(path)
    hint = (
        "It is a file; name its folder." if path.exists() else "No such folder. Use hub, sample, or a folder of sets."
    )
    raise GlobmedError(f"globmed_data {data!r}: {hint}")


def chosen(data: str | None) -> str:
    """The data source asked for: the argument, else $GLOBMED_DATA, else the hub."""
    return str(data or os.environ.get(VARIABLE) or "hub")


@cache
def available(data: str, name: str, language: str) -> dict[str, list[Found]]:
    """{split: where it is} of a set in a language, nothing read yet; GlobmedError where there is nothing."""
    source = catalog.get(name)
    origin = source_named(data)
    found = origin.find(source)
    result: dict[str, list[Found]] = {}
    for one in found:
        if one.language == language:
            result.setdefault(one.split, []).append(one)
    if not result:
        raise GlobmedError(_nothing(origin, source, language, found))
    return result


def _nothing(origin, source: SourceSet, language: str, found: list[Found]) -> str:
    there = sorted({one.folder for one in found})
    if there:
        return (
            f"{source.name}: no rows for {language} in {origin.describe(source)}; it has {' '.join(there)}. "
            f"Choose another task, or `globmed bench run`, whose wildcards leave out what is not there."
        )
    names = " or ".join(catalog.folder_names(source))
    return f"{source.name}: not in {origin.describe(source)} (looked for a folder {names}). See `globmed bench doctor`."


def evaluation_split(names: Collection[str], where: str) -> str:
    """Which split is evaluated: test; else the only one there is; else dev. GlobmedError where none fits."""
    if "test" in names:
        return "test"
    if len(names) == 1:
        return next(iter(names))
    if "dev" in names:
        return "dev"
    raise GlobmedError(f"{where}: no test split; found {' '.join(sorted(names))}. Rename the one to evaluate to test.")


def fewshot_split(names: Collection[str], evaluated: str) -> str | None:
    """Where few-shot examples come from: dev, else train, never the evaluated split; None where there is neither."""
    return next((name for name in ("dev", "train") if name in names and name != evaluated), None)


@lru_cache(maxsize=64)
def load(data: str, name: str, language: str, split: str, first: int | None = None) -> list[Entry]:
    """The entries of one split, or its `first` ones; see the module's docstring. GlobmedError where there are none."""
    names = available(data, name, language)
    if split not in names:
        raise GlobmedError(f"{name}, {language}: no split {split}; found {' '.join(sorted(names))}.")
    origin, source = source_named(data), catalog.get(name)
    rows = [row for found in names[split] for row in origin.read(source, found, first=first)[0]][:first]
    if not rows:
        raise GlobmedError(f"{name}, {language}: split {split} in {origin.describe(source)} holds no rows.")
    return rows
