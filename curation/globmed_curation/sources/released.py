"""A released GlobMed_* set as it stands on the hub: a folder a language, a file a split.

    GlobMed_MedQA/en/train.json  GlobMed_MedQA/ko/train.json  GlobMed_MedQA/jp/test.json ...      read with layout: released

No column of these sets could be confirmed: globmed_tools.bench.probe finds out which column serves for what, or stops and
lists what there is; a Note says what it settled on, again where a file differs from those before. A row in which a cell
is empty that is filled in nine of ten others is dropped as empty_cell where it would hide a column's meaning. Folders are discovered; one that is no language of
languages.toml is counted as unsupported_language.

Nothing says which items of two languages are one, and a wrong guess would set a test item of one language beside training
items of another. Our assumption, checked split by split against English (the first language where English is missing):

    id     every language has an id column, no id stands twice, and the ids are (nine in ten) English's
    row    else row i is item i, where a language has as many rows as English and its golds and numbers of options agree
           beyond chance (Cohen's kappa >= 0.8); a row whose own differ from English's is then no part of the group
    none   else every row is an item of its own, and a Note says so

The tag `link` holds which of these an entry was grouped by; "row, unverified" is a set without golds (long answers), of
which only the number of rows could be compared. Rows that are not English are translations, whatever the original set was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from globmed_tools import catalog, languages
from globmed_tools.bench import probe
from globmed_tools.bench.load import SUFFIXES
from globmed_tools.catalog import SourceSet
from globmed_tools.entry import Entry, group_id
from globmed_tools.errors import GlobmedError

from .common import Drop, Note, Skipped, judge, split_of

PATTERNS = ("train*.*", "dev*.*", "val*.*", "test*.*")
NAMED_BY = 2
TRANSLATOR = "GlobMed release (as published)"
PIVOT = "en"
MIN_KAPPA = 0.8
MIN_SHARED_IDS = 0.9
MAX_GAPS = 0.1
_EMPTY = (None, "", [], {})


@dataclass(slots=True)
class Part:
    """The rows of one language and split, in order. gaps: row number -> the columns that are empty in an unusable row."""

    code: str
    split: str
    place: str
    entries: list[Entry]
    has_ids: bool
    gaps: dict[int, str]

    def ids(self) -> list[str]:
        return [one.group_id for number, one in enumerate(self.entries, 1) if number not in self.gaps]


def belongs(path: Path, *, source: str) -> bool:
    """Whether a file found below a folder is a data file of this set: other sets' folders may lie beside it."""
    _released(source)
    names = {one.name: catalog.folder_names(one) for one in catalog.table().values()}
    folder = path.absolute().parent.parent.name.lower()
    other = any(folder == name.lower() for one, found in names.items() if one != source for name in found)
    return path.suffix.lower() in SUFFIXES and not other


def read(
    paths: list[Path], *, source: str, language: str | None, split: str | None
) -> Iterator[Entry | Drop | Skipped | Note]:
    """The items of these files; the folder's name is the language, the file's name the split."""
    kind = _released(source)
    if language:
        raise GlobmedError(f"{source}: the folders settle the languages of this layout. Leave out --language.")
    parts: dict[str, dict[str, Part]] = {}
    seen: set[str] = set()
    for path in paths:
        folder, place = path.absolute().parent.name, "/".join(path.absolute().parts[-2:])
        known = languages.find(folder)
        if known is None:
            yield Skipped("unsupported_language", len(probe.rows_of(path, str(path))), place)
            continue
        found, mapped = _file(path, place, kind, known, split_of(path, split))
        if mapped not in seen:
            yield Note(f"read as {mapped}", place)
            seen.add(mapped)
        here = parts.setdefault(found.split, {}).setdefault(known.code, found)
        if here is found:
            continue
        if here.place.split("/")[0] != folder:
            raise GlobmedError(f"{path}: {here.place} is {known.name} too. Name only one of the two folders.")
        here.gaps |= {number + len(here.entries): said for number, said in found.gaps.items()}
        here.entries += found.entries
        here.has_ids = here.has_ids and found.has_ids
    for one in parts.values():
        yield from _linked(source, one)


def _released(source: str) -> SourceSet:
    kind = catalog.get(source)
    if not kind.hub:
        raise GlobmedError(f"{source}: was not released on the hub. Leave out --layout released.")
    return kind


def _file(path: Path, place: str, kind: SourceSet, known: languages.Language, split: str) -> tuple[Part, str]:
    rows = probe.rows_of(path, str(path))
    if not rows:
        raise GlobmedError(f"{path}: holds no items. Fetch it again.")
    gaps: dict[int, str] = {}
    try:
        entries, mapping = probe.read_rows(rows, kind, known, split, where=str(path), strict=False)
    except GlobmedError:
        gaps = _gaps(rows)
        if not gaps or len(gaps) == len(rows):
            raise
        whole = [row for number, row in enumerate(rows, 1) if number not in gaps]
        entries, mapping = probe.read_rows(whole, kind, known, split, where=str(path), strict=False)
        found = iter(entries)
        entries = [entries[0] if number in gaps else next(found) for number in range(1, len(rows) + 1)]
    translator = None if known.code == PIVOT else TRANSLATOR
    entries = [
        replace(one, locator=f"{place}#{number}", translator=translator) for number, one in enumerate(entries, 1)
    ]
    return Part(known.code, split, place, entries, mapping.roles["id"] != "(row number)", gaps), str(mapping)


def _gaps(rows: list[dict]) -> dict[int, str]:
    """row number -> columns that are empty there and filled in most rows: one such row hides a column's meaning from the
    probe, which takes only columns that serve in every row."""
    names = {name for row in rows for name in row}
    empty = {name: [number for number, row in enumerate(rows, 1) if row.get(name) in _EMPTY] for name in sorted(names)}
    found: dict[int, list[str]] = {}
    for name, numbers in empty.items():
        if len(numbers) <= MAX_GAPS * len(rows):
            for number in numbers:
                found.setdefault(number, []).append(name)
    return {number: ", ".join(columns) for number, columns in found.items()}


def _linked(source: str, parts: dict[str, Part]) -> Iterator[Entry | Drop | Note]:
    """The parts of one split with their groups settled."""
    order = [code for code in languages.codes() if code in parts]
    pivot = parts[PIVOT if PIVOT in parts else order[0]]
    by_id = all(_shares_ids(part, pivot) for part in parts.values())
    usable = [one for number, one in enumerate(pivot.entries, 1) if number not in pivot.gaps]
    originals = {one.group_id: one for one in usable} if by_id else {}
    for code in order:
        part = parts[code]
        link, why = ("id", "") if by_id else _by_row(part, pivot)
        if why:
            yield Note(why, part.place)
        alone = 0
        for number, one in enumerate(part.entries, 1):
            key, said = f"{part.split}/{number}", link
            if number in part.gaps:
                yield Drop("empty_cell", part.gaps[number], one.locator, code, part.split, key)
                continue
            if link == "id":
                group = f"{part.split}/id/{one.group_id}"
                alone += _differs(one, originals.get(one.group_id, one))
            elif link == "none" or (number not in pivot.gaps and _differs(one, pivot.entries[number - 1])):
                group, said = f"{code}/{key}", "none"
                alone += link != "none"
            else:
                group = key
            grouped = replace(one, group_id=group_id(source, group), tags={**one.tags, "link": said})
            yield judge(grouped, key)
        if alone:
            done = "They keep their group." if link == "id" else "Each is an item of its own here."
            yield Note(f"{alone} rows have another gold or number of options than in {pivot.code}. {done}", part.place)


def _shape(one: Entry) -> tuple:
    return len(one.options), one.answers, one.label


def _differs(one: Entry, other: Entry) -> bool:
    return _shape(one) != _shape(other)


def _shares_ids(part: Part, pivot: Part) -> bool:
    ids = part.ids()
    shared = len(set(ids) & set(pivot.ids()))
    return part.has_ids and len(set(ids)) == len(ids) and shared >= MIN_SHARED_IDS * len(ids)


def _by_row(part: Part, pivot: Part) -> tuple[str, str]:
    """How rows are linked to the pivot's, and why not, or why not surely."""
    if part is pivot:
        return "row", ""
    lonely = (
        "so rows cannot be linked over languages; each is an item of its own. Keep the released splits as they are."
    )
    if len(part.entries) != len(pivot.entries):
        return "none", f"{len(part.entries)} rows, {pivot.code} has {len(pivot.entries)}, {lonely}"
    whole = [number for number in range(len(part.entries)) if number + 1 not in {*part.gaps, *pivot.gaps}]
    agreement = kappa([_shape(part.entries[n]) for n in whole], [_shape(pivot.entries[n]) for n in whole])
    if agreement is None:
        return "row, unverified", f"linked to {pivot.code} by row number alone: there is no gold to verify it by"
    if agreement < MIN_KAPPA:
        return "none", f"golds agree with {pivot.code} by row no more than kappa {agreement:.2f}, {lonely}"
    return "row", ""


def kappa(one: list, other: list) -> float | None:
    """Cohen's kappa of two equally long lists of labels; None where all are one label or there are none,
    so that agreement says nothing."""
    total = len(one)
    if not total:
        return None
    seen = sum(a == b for a, b in zip(one, other, strict=True)) / total
    counts = Counter(other)
    chance = sum(count * counts[label] for label, count in Counter(one).items()) / total**2
    return None if chance == 1 else (seen - chance) / (1 - chance)
