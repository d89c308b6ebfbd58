"""Which translations are reviewed: so many of each set and language, flagged ones first, by a seed.

    >>> found = draw([Path("build")], Plan(), languages=("sw",))
    >>> found.strata[0]
    Stratum(language='sw', source='medqa', form='mcq', there=1273, flagged_there=41, wanted=75, flagged=41, drawn=34)
    >>> found.notes
    ['sw, liveqa: 12 of 67 are there', ...]

What is drawn follows from the ids and the seed alone, not from the order of files: every entry has a hash, and the smallest of
a stratum (a set in a language) are taken, the flagged before the others. A translation is an entry with `translated_from`, or one
that its set ships as a translation beside an original of the same group. Items stand in the order of another hash, so that
neither flagged ones nor calibration items come in a row, and nobody can tell one from the other by its place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import xxhash

from globmed_tools import __version__, catalog, manifest, shards
from globmed_tools import languages as table
from globmed_tools.entry import Entry, to_dict
from globmed_tools.errors import GlobmedError

from .. import settings
from ..checks.registry import CHECKS
from . import model
from .model import Item
from .sample_calibration import copy_with_fault
from .sample_plan import Plan, wanted


@dataclass(frozen=True, slots=True)
class Stratum:
    """One set in one language. there, flagged_there: translations in the build; wanted: by the plan; flagged, drawn: taken."""

    language: str
    source: str
    form: str
    there: int
    flagged_there: int
    wanted: int
    flagged: int
    drawn: int

    @property
    def short(self) -> int:
        return self.wanted - self.flagged - self.drawn


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is remembered of a translation until it is known which are drawn. original: id of its original."""

    id: str
    group_id: str
    language: str
    source: str
    form: str
    flagged: bool
    rank: int
    original: str


@dataclass(slots=True)
class Drawn:
    """Items in the order in which they are reviewed; strata; and what a person should know (short strata and the like)."""

    plan: Plan
    items: list[Item]
    strata: list[Stratum] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, Any]:
        """How many items, reviews (double ones count twice) and calibration items."""
        return {
            "items": len(self.items),
            "reviews": sum(one.reviews for one in self.items),
            "double": sum(one.reviews == 2 and one.calibration is None for one in self.items),
            **{why: sum(one.why == why for one in self.items) for why in model.WHY},
        }

    def to_dict(self) -> dict[str, Any]:
        """All but the items, JSON-ready."""
        strata = [{**asdict(one), "short": one.short} for one in self.strata]
        return {"plan": settings.plain(self.plan), "counts": self.counts(), "strata": strata, "notes": self.notes}


def draw(paths: Iterable[Path], plan: Plan, *, languages: tuple[str, ...] = (), splits: tuple[str, ...] = ()) -> Drawn:
    """Draw from the kept entries behind these paths; GlobmedError where they hold nothing to review."""
    paths, codes = list(paths), [table.get(code).code for code in languages]
    candidates, notes = _candidates(paths, plan.seed, codes, splits)
    found = Drawn(plan, [], notes=notes)
    chosen: dict[str, Candidate] = {}
    copied: dict[str, list[Candidate]] = {}
    for language in _in_order({language for language, _ in candidates}, codes):
        mine = {source: ranked for (code, source), ranked in candidates.items() if code == language}
        taken = _strata(language, mine, found)
        chosen |= {one.id: one for one in taken}
        spare = [one for ranked in mine.values() for one in ranked if one.id not in chosen]
        copied[language] = _to_copy(taken, spare, plan.seed)[: 3 * plan.calibration]
    if not chosen:
        raise GlobmedError("the plan takes nothing of what is there. Raise its numbers (--plan, -s).")
    items = _items(paths, [*chosen.values(), *(one for some in copied.values() for one in some)])
    kept = [items[id] for id in chosen if id in items]
    copies = [copy for code, some in copied.items() for copy in _copies(code, some, items, chosen, found)]
    found.items = sorted(_doubled(kept, plan) + copies, key=lambda one: _place(one, plan.seed))
    return found


def write(folder: Path, found: Drawn, *, inputs: list[dict[str, Any]], overwrite: bool = False) -> None:
    """Write items.jsonl and, last, manifest.json; GlobmedError where the folder holds another sample."""
    path, content = folder / model.ITEMS, model.lines(found.items)
    if path.is_file() and path.read_bytes() != content:
        if (folder / model.ANSWERS).is_file():
            raise GlobmedError(f"{folder}: holds answers to another sample. Choose another --out: no work may be lost.")
        if not overwrite:
            raise GlobmedError(f"{folder}: holds another sample. Choose another --out, or --overwrite it.")
    (folder / manifest.NAME).unlink(missing_ok=True)
    manifest.write_bytes(path, content)
    file = {"path": path.name, "rows": len(found.items), "bytes": len(content), "xxh3": manifest.checksum(path)}
    told = {"made_by": f"globmed {__version__}", "seed": found.plan.seed, "inputs": inputs, "file": file}
    model.write_manifest(folder, {**told, **found.to_dict()})


def inputs_of(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """The files that a sample was drawn from: name and xxh3-64, no path of this machine."""
    return [{"path": file.name, "xxh3": manifest.checksum(file)} for path in paths for file in shards.files(path)]


def _in_order(found: set[str], codes: list[str]) -> list[str]:
    """The languages in the table's order; GlobmedError for one that was asked for and is not there."""
    if missing := [code for code in codes if code not in found]:
        known = ", ".join(sorted(found)) or "none"
        raise GlobmedError(f"no translations into {', '.join(missing)} are there (found: {known}). Check --language.")
    return [code for code in table.codes() if code in found] + sorted(found - set(table.codes()))


def _candidates(paths, seed, codes, splits) -> tuple[dict[tuple[str, str], list[Candidate]], list[str]]:
    """(language, set) -> the translations that have an original, smallest hash first; and what was left out."""
    ids, originals, waiting = set(), {}, []
    for entry in shards.entries(paths):
        ids.add(entry.id)
        if not _is_translation(entry):
            originals.setdefault(entry.group_id, (entry.id, entry.language))
        elif (not codes or entry.language in codes) and (not splits or entry.split in splits):
            place = (entry.id, entry.group_id, entry.language, entry.source, entry.form)
            made_from = entry.translated_from or ""
            waiting.append(Candidate(*place, is_flagged(entry), rank(seed, "draw", entry.id), made_from))
    found, left = defaultdict(dict), Counter()
    for one in waiting:
        key, (sibling, language) = (one.language, one.source), originals.get(one.group_id, ("", one.language))
        if not one.original and language != one.language:
            one = replace(one, original=sibling)
        if one.original not in ids:
            left[f"{key[0]}, {key[1]}: translations without their original, left out"] += 1
        elif any(one.id in rows for (code, _), rows in found.items() if code == one.language):
            left[f"{key[0]}, {key[1]}: translations with the same text as another, reviewed once"] += 1
        else:
            found[key][one.id] = one
    told = [f"{text}: {count}" for text, count in sorted(left.items())]
    if not found:
        why = "; ".join(told) or "no entry is a translation of the languages and splits asked for"
        raise GlobmedError(
            f"{', '.join(map(str, paths))}: nothing to review ({why}). Name a build with translations and originals."
        )
    return {key: sorted(rows.values(), key=lambda one: (one.rank, one.id)) for key, rows in found.items()}, told


def _is_translation(entry: Entry) -> bool:
    return entry.translated_from is not None or entry.translator is not None


def findings(entry: Entry) -> list[dict[str, Any]]:
    """What the checks found in the entry, worst first, with fields named as in `model.texts`; empty where it was not checked or
    nothing was found. what: the check's own sentence, or its meaning where it has none."""
    told = []
    for one in entry.checks.get("check") or ():
        what = one.get("detail") or (CHECKS[one["check"]].meaning if one["check"] in CHECKS else one["check"])
        spans = {name: one[name] for name in ("source", "translation") if one.get(name)}
        place = {"field": model.field_of(one["field"]), "what": what}
        told.append({"check": one["check"], "severity": one["severity"], "score": one["score"], **place, **spans})
    return told


def is_flagged(entry: Entry) -> bool:
    """Whether a check has flagged the entry for review."""
    return any(one["severity"] == "flag" for one in entry.checks.get("check") or ())


def rank(seed: int, *parts: str) -> int:
    """The place of a thing in the draw: a hash of the seed and of what it is."""
    return xxhash.xxh3_64_intdigest("\x1f".join((str(seed), *parts)).encode())


def _place(item: Item, seed: int) -> tuple:
    codes = table.codes()
    order = codes.index(item.language) if item.language in codes else len(codes)
    return order, item.language, rank(seed, "order", item.id), item.id


def _strata(language: str, mine: dict[str, list[Candidate]], found: Drawn) -> list[Candidate]:
    """Take from every set of a language what the plan wants, and note what is short or absent."""
    plan, taken = found.plan, []
    numbers = wanted(plan, {source: (ranked[0].form, len(ranked)) for source, ranked in mine.items()})
    for source in sorted(
        mine, key=lambda name: (list(catalog.table()).index(name) if name in catalog.table() else 99, name)
    ):
        ranked = mine[source]
        part = _take(ranked, numbers[source], plan.flagged)
        flagged = sum(one.flagged for one in part)
        there = sum(one.flagged for one in ranked)
        stratum = Stratum(
            language, source, ranked[0].form, len(ranked), there, numbers[source], flagged, len(part) - flagged
        )
        found.strata.append(stratum)
        if stratum.short:
            found.notes.append(f"{language}, {source}: {len(part)} of {stratum.wanted} are there")
        taken += part
    absent = [one.name for one in catalog.table().values() if one.bench and one.name not in mine and _asked(plan, one)]
    if absent:
        found.notes.append(f"{language}: nothing there of {', '.join(absent)}")
    return taken


def _asked(plan: Plan, source: catalog.SourceSet) -> bool:
    quota = getattr(plan, source.form)
    return bool(plan.sets.get(source.name, quota.each or quota.total))


def _take(ranked: list[Candidate], number: int, share: float) -> list[Candidate]:
    """The first `number`: up to `share` of them from the flagged, then the others; flagged ones again where those run out."""
    flagged = [one for one in ranked if one.flagged]
    first = flagged[: round(number * share)]
    rest = [one for one in ranked if not one.flagged] + flagged[len(first) :]
    return first + rest[: number - len(first)]


def _doubled(items: list[Item], plan: Plan) -> list[Item]:
    """The items, a share of every stratum marked for two reviewers; over a language the share is exact."""
    by_language: dict[str, dict[str, list[Item]]] = defaultdict(lambda: defaultdict(list))
    for one in items:
        by_language[one.language][one.source].append(one)
    twice: set[str] = set()
    for sets in by_language.values():
        seen = 0
        for _, mine in sorted(sets.items()):
            due = round((seen + len(mine)) * plan.double) - round(seen * plan.double)
            seen += len(mine)
            twice |= {one.id for one in sorted(mine, key=lambda one: rank(plan.seed, "double", one.id))[:due]}
    return [replace(one, reviews=2) if one.id in twice else one for one in items]


def _items(paths: list[Path], wanted: list[Candidate]) -> dict[str, Item]:
    """id -> Item of these candidates, read again with their originals."""
    ids = {one.id for one in wanted} | {one.original for one in wanted}
    by_id: dict[str, Entry] = {}
    by_group: dict[tuple[str, str], Entry] = {}
    for entry in shards.entries(paths):
        if entry.id in ids:
            by_id.setdefault(entry.id, entry)
            by_group.setdefault((entry.group_id, entry.id), entry)
    made = {}
    for one in wanted:
        entry = by_group[one.group_id, one.id]
        # An original of the same text but of another group tells another locator; its own comes first.
        original = by_group.get((one.group_id, one.original)) or by_id[one.original]
        place = (one.id, one.group_id, one.source, one.language, one.form, entry.split)
        why = "flagged" if one.flagged else "drawn"
        made[one.id] = Item(*place, to_dict(original), to_dict(entry), findings(entry), why, 1, None)
    return made


def _to_copy(taken: list[Candidate], spare: list[Candidate], seed: int) -> list[Candidate]:
    """Candidates for calibration items: clean ones that are not reviewed as themselves come first."""
    drawn = {one.id for one in taken}
    both = [one for one in (*spare, *taken) if not one.flagged]
    return sorted(both, key=lambda one: (one.id in drawn, rank(seed, "calibration", one.id)))


def _copies(language, some: list[Candidate], items: dict[str, Item], chosen, found: Drawn) -> list[Item]:
    """The calibration items of one language; notes say where they are too few or may be recognised."""
    made: dict[str, Item] = {}
    again = 0
    for one in some:
        if len(made) == found.plan.calibration:
            break
        copy = copy_with_fault(items[one.id])
        if copy is not None and copy.id not in items and copy.id not in made:
            made[copy.id] = copy
            again += one.id in chosen
    if len(made) < found.plan.calibration:
        found.notes.append(f"{language}: {len(made)} of {found.plan.calibration} calibration items could be made")
    if again:
        found.notes.append(
            f"{language}: {again} of {len(made)} calibration items are copies of translations that are reviewed as well, so "
            "reviewers may notice"
        )
    return list(made.values())
