"""One pass over what a run kept and dropped: every figure of the report, and the entries that it shows.

    figures, shown = collect(open_folder(Path("build")), examples=6)

Dropped entries are read of every stage, kept ones of the last. Nothing but counts and the chosen examples stays in memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from math import exp
from typing import Any

from globmed_tools import languages, shards, store
from globmed_tools.entry import Entry
from globmed_tools.errors import GlobmedError

from ..checks.length import expected, size
from .examples import Shown, add_sources, original_of
from .folders import UNKNOWN, Run, Stage, in_order
from .letters import Letters
from .sample import Sample
from .scores import Scores, checks, flags
from .tally import Spread, nested

KEPT, FLAGGED = "kept", "flagged"
#: Characters are drawn on a scale of powers of two, ratios of lengths from half to double what is usual.
SIZES = tuple(2**power for power in range(3, 15))
RATIO_BINS = 24


def text_of(one: Entry) -> str:
    """All that an entry says, a line a part."""
    parts = (one.question, one.context, *one.options, one.reference, one.rationale)
    return "\n".join(part for part in parts if part)


def letters(text: str, language: str) -> int:
    """Length as the check `length` measures it; plain characters in a language that the table does not know."""
    known = languages.find(language)
    return size(text, known) if known else max(len(text), 1)


def usual(source: str, language: str) -> float | None:
    """The ratio of lengths that human translations have; None where a language is not in the table."""
    if languages.find(source) and languages.find(language):
        return round(exp(expected(source, language)[0]), 3)
    return None


def collect(run: Run, examples: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(what is told of stages and entries, JSON-ready; the examples: [{key, seen, shown: [Shown]}])."""
    sample, scores = Sample(examples), Scores()
    drops = [_dropped(stage, sample, scores) for stage in run.stages]
    entries = Entries(sample, scores, run.last.slug)
    for shard in run.last.manifest.shards:
        entries.add_shard(store.read_file(run.last.folder / shard.kept.path))
    stages = [_stage(run, place, reasons) for place, reasons in enumerate(drops)]
    chosen = [{"key": key, "seen": sample.seen[key], "shown": shown} for key, shown in sample.chosen()]
    add_sources(run, [one for part in chosen for one in part["shown"]])
    return {
        "stages": stages,
        **entries.figures(),
        "checks": [row for stage in run.stages for row in checks(stage)],
    }, chosen


def _dropped(stage: Stage, sample: Sample, scores: Scores) -> Counter[tuple[str, str, str]]:
    """(reason, language, set) -> entries that this stage dropped, by what its files hold; the same as its manifest says."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for shard in stage.manifest.shards:
        for row in shards.read_dropped(stage.folder / shard.dropped.path):
            language = row["language"] or UNKNOWN
            counts[row["reason"], language, row["set"] or UNKNOWN] += 1
            scores.dropped(stage.name, row)
            sample.offer(
                (stage.slug, row["reason"], language),
                row["id"] or "",
                row["locator"] or "",
                lambda row=row, shard=shard: Shown.of_drop(stage, shard, row),
            )
    found: Counter[str] = Counter()
    for (reason, _, _), count in counts.items():
        found[reason] += count
    if dict(found) != stage.manifest.reasons:
        raise GlobmedError(
            f"{stage.folder}: its dropped files hold {dict(found)}, its manifest says {stage.manifest.reasons}. "
            "Make this stage again with --from."
        )
    return counts


def _by_language(stage: Stage, kind: str) -> Counter[str]:
    total: Counter[str] = Counter()
    for shard in stage.manifest.shards:
        for code, count in shard.counts.get(kind, {}).items():
            total[UNKNOWN if code in (None, "null", "None", "") else code] += count
    return total


def _stage(run: Run, place: int, reasons: Counter[tuple[str, str, str]]) -> dict[str, Any]:
    stage = run.stages[place]
    kept = _by_language(stage, shards.KEPT)
    dropped: Counter[str] = Counter()
    for (_, code, _), count in reasons.items():
        dropped[code] += count
    before = _by_language(run.stages[place - 1], shards.KEPT) if place else kept + dropped
    came = sum(one.get("rows", 0) for one in stage.manifest.inputs) if run.single else before.total()
    codes = in_order({*kept, *dropped, *before})
    by_reason: Counter[tuple[str, ...]] = Counter()
    by_set: Counter[tuple[str, ...]] = Counter()
    for (reason, code, name), count in reasons.items():
        by_reason[reason, code] += count
        by_set[reason, name] += count
    return {
        "number": stage.number,
        "stage": stage.name,
        "slug": stage.slug,
        "settings": stage.manifest.config,
        "shards": len(stage.manifest.shards),
        "came": came,
        "kept": stage.manifest.kept,
        "dropped": stage.manifest.dropped,
        "added": stage.manifest.kept + stage.manifest.dropped - came,
        "languages": {code: {"kept": kept[code], "dropped": dropped[code]} for code in codes},
        "reasons": dict(sorted(nested(by_reason).items(), key=lambda item: (-sum(item[1].values()), item[0]))),
        "sets": dict(sorted(nested(by_set).items())),
        "stats": stage.manifest.stats,
    }


class Entries:
    """The kept entries of the last stage, counted group by group."""

    def __init__(self, sample: Sample, scores: Scores, slug: str):
        self.sample, self.scores, self.slug, self.letters = sample, scores, slug, Letters()
        self.parts: Counter[tuple[str, str, str]] = Counter()
        self.licences: Counter[tuple[str, str]] = Counter()
        self.translators: Counter[tuple[str, str]] = Counter()
        self.reviewed: Counter[str] = Counter()
        self.forms: dict[str, str] = {}
        self.sizes: dict[tuple[str, str], Spread] = {}
        self.ratios: dict[tuple[str, str], Spread] = {}
        self.alone: Counter[str] = Counter()

    def add_shard(self, entries: Iterator[Entry]) -> None:
        """Count one shard, group by group."""
        for _, group in groupby(entries, key=lambda one: one.group_id):
            items = list(group)
            members, sizes = {one.id: one for one in items}, {}
            for one in items:
                text = text_of(one)
                sizes[one.id] = letters(text, one.language)
                self._count(one, text)
            for one in items:
                self._pair(one, members, sizes)

    def _pair(self, one: Entry, members: dict[str, Entry], sizes: dict[str, int]) -> None:
        """Compare an entry with its source, as the checks do: what it was made from, or its untranslated sibling."""
        source = None
        if one.translated_from:
            source = members.get(one.translated_from)
            self.alone[one.language] += source is None
        elif one.translator or one.checks.get("check"):
            source = original_of(one, members.values())
        if source:
            pair = (source.language, one.language)
            self.ratios.setdefault(pair, Spread()).add(sizes[one.id] / sizes[source.id])
        self._show(one, source)

    def _count(self, one: Entry, text: str) -> None:
        language, name = one.language, one.source
        self.parts[name, language, one.split] += 1
        self.licences[name, one.licence] += 1
        self.forms[name] = one.form
        if one.translator is not None:
            self.translators[language, one.translator] += 1
        if one.review is not None:
            self.reviewed[language] += 1
        self.sizes.setdefault((language, name), Spread()).add(len(text))
        self.letters.add(one, text)
        if one.checks:
            self.scores.kept(one)

    def _show(self, one: Entry, source: Entry | None) -> None:
        place = (one.id, one.locator)
        self.sample.offer((self.slug, KEPT, one.language), *place, lambda: Shown.of_kept(one, source))
        asked: dict[str, Any] = {}
        for check, found in one.checks.items():
            for flag in flags(found):
                asked.setdefault(flag.get("check", check), flag)
        for name, flag in asked.items():
            key = (self.slug, f"{FLAGGED}: {name}", one.language)
            self.sample.offer(key, *place, lambda flag=flag: Shown.of_kept(one, source, flag))

    def figures(self) -> dict[str, Any]:
        """What `collect` tells of entries."""
        parts = sorted(self.parts.items())
        return {
            "entries": {
                "sets": nested(Counter(dict(parts))),
                "forms": dict(sorted(self.forms.items())),
                "licences": nested(Counter(dict(sorted(self.licences.items())))),
                "translators": self._translators(),
                "reviewed": dict(sorted(self.reviewed.items())),
                "without_source": {code: self.alone[code] for code in in_order(+self.alone)},
            },
            "lengths": self._lengths(),
            "ratios": [self._ratio_row(*key) for key in self._pairs()],
            "scripts": self.letters.figures(),
            "scores": self.scores.figures(),
            "findings": self.scores.findings(),
            "flags": {check: dict(counts) for check, counts in sorted(self.scores.flags.items())},
        }

    def _translators(self) -> dict[str, dict[str, int]]:
        found = nested(Counter(dict(sorted(self.translators.items()))))
        return {code: found[code] for code in in_order(found)}

    def _lengths(self) -> dict[str, Any]:
        """language -> {"all": quantiles, "bins": by SIZES, "sets": {set: quantiles}}."""
        made = {}
        for code in in_order(language for language, _ in self.sizes):
            mine = {name: spread for (language, name), spread in sorted(self.sizes.items()) if language == code}
            whole = Spread()
            for spread in mine.values():
                whole.counts.update(spread.counts)
            sets = {name: spread.quantiles() for name, spread in mine.items()}
            made[code] = {"all": whole.quantiles(), "bins": _by_size(whole), "sets": sets}
        return made

    def _pairs(self) -> list[tuple[str, str]]:
        order = in_order({code for pair in self.ratios for code in pair})
        return sorted(self.ratios, key=lambda pair: (order.index(pair[0]), order.index(pair[1])))

    def _ratio_row(self, source: str, language: str) -> dict[str, Any]:
        spread, ratio = self.ratios[source, language], usual(source, language)
        low, high = 0.0, round(2.5 * (ratio or 1.0), 3)
        found = {"source": source, "language": language, "usual": ratio, **spread.quantiles()}
        return {**found, "low": low, "high": high, "bins": spread.bins(low, high, RATIO_BINS)}


def _by_size(spread: Spread) -> list[int]:
    """Entries below each of SIZES and not below the one before it; the last part holds all that are longer."""
    made = [0] * (len(SIZES) + 1)
    for value, count in spread.counts.items():
        made[next((place for place, size in enumerate(SIZES) if value < size), len(SIZES))] += count
    return made
