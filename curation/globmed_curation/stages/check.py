"""Check every translation beside its source: what was lost, added or changed.

    >>> result = stage([english, swahili], Config(checks={"negation": Rule(severity="drop")}))
    >>> result.dropped[0].reason, result.dropped[0].evidence["field"], result.dropped[0].evidence["source"]
    ('negation', 'question', 'NOT')
    >>> result.kept[1].checks["check"]
    [{'check': 'length', 'severity': 'flag', 'score': 0.62, 'field': 'option 2', 'source': '', 'translation': '', 'detail': ...}]

A translation is an entry with `translated_from`, or one that its set ships as a translation (HEAD-QA's English) beside an
original of the same group_id; with `parallel: true` also what was published in several languages (casiMedicos) is compared
with the sibling that stands first. What has no source to compare with is kept and counted as `unpaired`. Fields are compared one by one: question, context, options, reference, rationale. An entry that has been checked
carries `checks["check"]`, the list of findings that reached their thresholds, worst first, empty where there were none.
An entry is dropped for its worst finding; the evidence is that finding, and `others` names the rest. A translation whose
source is not among the entries is dropped as `source_missing`: that is a fault of the pipeline and not of the text. One whose
source is itself a translation (HEAD-QA's English) and was dropped here falls with it, as `source_dropped`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from math import floor
from pathlib import Path
from typing import Literal

from globmed_tools import languages
from globmed_tools.entry import Entry, revised
from globmed_tools.errors import GlobmedError, suggest

from ..checks import Finding, Pair, script
from ..checks.registry import CHECKS, SEVERITIES, load
from . import Dropped, Result

CODE = ("checks", "glossary", "lid")
#: Fields that are compared, besides the options.
FIELDS = ("question", "context", "reference", "rationale")
_FINDING = tuple(Finding.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a check does. severity: drop, flag, note or off; threshold: the score from which it acts. null: the default."""

    severity: Literal["drop", "flag", "note", "off", False] | None = None
    threshold: float | None = None

    __pydantic_config__ = {"extra": "forbid"}

    def __post_init__(self):
        if self.severity is False:
            # YAML reads `severity: off` as false.
            object.__setattr__(self, "severity", "off")


@dataclass(frozen=True, slots=True)
class Ratio:
    """How long translations are: characters for one of the source, and the standard deviation of its logarithm."""

    ratio: float
    spread: float

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Config:
    """checks: name -> Rule, where the defaults (checks/registry.py) should not hold. length: "en-zh" -> Ratio, where the
    language table's should not. glossary: a built glossary, or a CSV, TSV or TMX of terms. parallel: also compare entries
    that nobody translated here but that are one item in several languages. lid_model: another fastText model than the
    shipped one, for the check of the language."""

    checks: dict[str, Rule] = field(default_factory=dict)
    length: dict[str, Ratio] = field(default_factory=dict)
    glossary: Path | None = None
    parallel: bool = False
    lid_model: Path | None = None

    def __post_init__(self):
        for name, rule in self.checks.items():
            if name not in CHECKS:
                raise GlobmedError(f"unknown check {name!r}{suggest(name, CHECKS)} Known: {', '.join(CHECKS)}.")
            if rule.threshold is not None and not 0 < rule.threshold <= 1:
                raise GlobmedError(f"check {name!r}: threshold {rule.threshold} found; give one above 0 and up to 1.")
        for name, ratio in self.length.items():
            codes = name.split("-")
            if len(codes) != 2 or not all(map(languages.find, codes)):
                raise GlobmedError(
                    f"length ratio {name!r}: two language codes joined by a hyphen are needed, as en-zh."
                )
            if ratio.ratio <= 0 or ratio.spread < 0:
                raise GlobmedError(f"length ratio {name!r}: ratio above 0 and spread from 0 are needed.")


def rules(config: Config) -> dict[str, tuple[str, float]]:
    """check -> (severity, threshold) of the checks that are run, in their order."""
    found = {}
    for name, check in CHECKS.items():
        rule = config.checks.get(name, Rule())
        severity = rule.severity or check.severity
        threshold = check.threshold if rule.threshold is None else rule.threshold
        if severity != "off" and (name != "glossary" or config.glossary):
            found[name] = (severity, threshold)
    return found


def stage(entries: Iterable[Entry], config: Config = Config()) -> Result:
    """Entries in, entries out: originals untouched, translations with their findings or dropped."""
    entries = list(entries)
    sources = _sources(entries, config.parallel)
    active = rules(config)
    pairs = {place: _pairs(source, entries[place]) for place, source in sources.items() if source is not None}
    found, letters = _findings(entries, sources, pairs, active, config)
    result = Result(kept=[], stats={"entries": {}, "findings": {}, "scores": {}, "length_ratio": {}, "script": {}})
    kept_places, fallen = [], {}
    # What was translated from is judged first: where it falls, its translations fall with it.
    for place in sorted(range(len(entries)), key=lambda place: entries[place].translated_from is not None):
        entry, before = entries[place], len(result.dropped)
        if place in pairs and (entry.group_id, entry.translated_from) in fallen:
            evidence = {
                "translated_from": entry.translated_from,
                "reason": fallen[entry.group_id, entry.translated_from],
            }
            _drop(entry, "source_dropped", evidence, result)
        elif place in pairs:
            _count_texts(result.stats, entry.language, pairs[place], letters[place])
            _settle(entry, found[place], active, result)
        elif place in sources:
            evidence = {"translated_from": entry.translated_from, "translator": entry.translator}
            _drop(entry, "source_missing", evidence, result)
        else:
            kind = "originals" if entry.translator is None else "unpaired"
            _count(result.stats["entries"], 1, entry.language, kind)
            result.kept.append(entry)
        if len(result.dropped) > before:
            fallen[entry.group_id, entry.id] = result.dropped[-1].reason
        else:
            kept_places.append(place)
    result.kept = [one for _, one in sorted(zip(kept_places, result.kept), key=lambda found: found[0])]
    return result


def compare(source: Entry, entry: Entry, config: Config = Config()) -> list[dict]:
    """One translation beside its source: the findings that reached their thresholds, worst first, severities as configured."""
    active = rules(config)
    found, _ = _findings([entry], {0: source}, {0: _pairs(source, entry)}, active, config)
    return _acting(found[0], active)


def _drop(entry: Entry, reason: str, evidence: dict, result: Result) -> None:
    _count(result.stats["entries"], 1, entry.language, reason)
    result.dropped.append(Dropped(entry, reason, evidence))


def _sources(entries: list[Entry], parallel: bool) -> dict[int, Entry | None]:
    """Place of each translation -> its source, or None where that is missing. (Ids are no key here: two items may have the
    same text.)"""
    by_id = {entry.id: entry for entry in entries}
    originals: dict[str, Entry] = {}
    for entry in entries:
        if entry.translator is None and entry.translated_from is None:
            originals.setdefault(entry.group_id, entry)
    found: dict[int, Entry | None] = {}
    for place, entry in enumerate(entries):
        sibling = originals.get(entry.group_id)
        if entry.translated_from is not None:
            found[place] = by_id.get(entry.translated_from)
        elif sibling is not None and sibling.language != entry.language and (parallel or entry.translator is not None):
            found[place] = sibling
    return found


def _pairs(source: Entry, entry: Entry) -> list[Pair]:
    """The fields that the source has, beside those of its translation; options one by one."""
    of, into = languages.get(source.language), languages.get(entry.language)
    pairs = [
        Pair(name, text, getattr(entry, name) or "", of, into) for name in FIELDS if (text := getattr(source, name))
    ]
    both = zip(source.options, entry.options, strict=False)
    pairs += [Pair(f"option {place}", a, b, of, into) for place, (a, b) in enumerate(both, 1)]
    return pairs


def _findings(entries, sources, pairs, active, config: Config) -> tuple[dict[int, list[Finding]], dict[int, list[int]]]:
    """Place -> everything that the checks saw, of any score; place -> its letters by script, as script.shares has them
    (counted here, where a text is still remembered from its check)."""
    checks = [
        _ready(name, config) for name in active if CHECKS[name].scope in ("field", "glossary") and name != "empty"
    ]
    found: dict[int, list[Finding]] = {place: [] for place in pairs}
    letters: dict[int, list[int]] = {}
    empty = load("empty") if "empty" in active else None
    options = load("options") if "options" in active else None
    for place, fields in pairs.items():
        mine, entry, source = found[place], entries[place], sources[place]
        for pair in fields:
            if not pair.translation.strip():
                mine += empty(pair) if empty else ()
                continue
            for check in checks:
                mine += check(pair)
        counted = [script.shares(pair.translation, pair.language.script) for pair in fields]
        letters[place] = [sum(one) for one in zip(*counted)] if counted else [0, 0, 0]
        if options and (source.options or entry.options):
            of, into = languages.get(source.language), languages.get(entry.language)
            mine += options(source.options, entry.options, of, into)
    if "language" in active:
        _identify(pairs, found, config.lid_model)
    return found, letters


def _ready(name: str, config: Config):
    """A check of one pair, with what it needs from the settings."""
    if name == "glossary":
        from ..checks import glossary

        return partial(glossary.check, terms=glossary.read(config.glossary))
    return _length(config) if name == "length" and config.length else load(name)


def _length(config: Config):
    """The length check with the ratios of the settings."""
    check = load("length")
    given = {tuple(languages.get(code).code for code in name.split("-")): one for name, one in config.length.items()}

    def of_pair(pair: Pair) -> list[Finding]:
        own = given.get((pair.source_language.code, pair.language.code))
        return check(pair, (own.ratio, own.spread) if own else None)

    return of_pair


def _identify(pairs: dict[int, list[Pair]], found: dict[int, list[Finding]], model: Path | None) -> None:
    """The language of all fields of all entries, asked in one call; options are short and are asked together."""
    asked: list[tuple[int, Pair]] = []
    for place, fields in pairs.items():
        options = [pair for pair in fields if pair.field.startswith("option")]
        asked += [(place, pair) for pair in fields if not pair.field.startswith("option")]
        if options:
            texts = ("\n".join(pair.source for pair in options), "\n".join(pair.translation for pair in options))
            asked.append((place, replace(options[0], field="options", source=texts[0], translation=texts[1])))
    from ..checks.language import check_all

    for (place, _), findings in zip(asked, check_all([pair for _, pair in asked], model), strict=True):
        found[place] += findings


def _settle(entry: Entry, findings: list[Finding], active: dict[str, tuple[str, float]], result: Result) -> None:
    """Keep or drop one translation, and count what was found. What others than the checks have flagged (a translator's own
    critique) stays flagged."""
    for one in findings:
        _count(result.stats["scores"], 1, entry.language, one.check, str(min(9, floor(one.score * 10)) / 10))
    acting = _acting(findings, active)
    for one in acting:
        _count(result.stats["findings"], 1, entry.language, one["check"], one["severity"])
    acting += [one for one in entry.checks.get("check") or () if one["check"] not in CHECKS]
    acting.sort(key=lambda one: SEVERITIES.index(one["severity"]))
    dropped = bool(acting) and acting[0]["severity"] == "drop"
    _count(result.stats["entries"], 1, entry.language, _outcome(acting))
    if dropped:
        worst, *others = acting
        evidence = {name: value for name, value in worst.items() if name != "severity"}
        evidence["others"] = sorted({one["check"] for one in others} - {worst["check"]})
        result.dropped.append(Dropped(entry, worst["check"], evidence))
    else:
        result.kept.append(revised(entry, checks={**entry.checks, "check": acting}))


def _acting(findings: Iterable[Finding], active: dict[str, tuple[str, float]]) -> list[dict]:
    """Those that reached their thresholds, with their severities, worst first."""
    acting = []
    for one in findings:
        severity, threshold = active[one.check]
        if one.score >= threshold:
            acting.append({"check": one.check, "severity": severity, **_told(one)})
    order = list(active)
    acting.sort(key=lambda one: (SEVERITIES.index(one["severity"]), -one["score"], order.index(one["check"])))
    return acting


def _told(finding: Finding) -> dict:
    """As `dataclasses.asdict`, which copies deeply and is slow."""
    return {name: getattr(finding, name) for name in _FINDING}


def _outcome(acting: list[dict]) -> str:
    """How the entry counts in the stats: by its worst finding."""
    return {"drop": "dropped", "flag": "flagged", "note": "noted"}[acting[0]["severity"]] if acting else "clean"


def _count_texts(stats: dict, language: str, pairs: Iterable[Pair], totals: list[int]) -> None:
    """Length ratios of the longer texts (bins of a tenth), and letters by script."""
    for pair in pairs:
        if len(pair.source) >= 40:
            ratio = min(5.0, len(pair.translation) / len(pair.source))
            _count(stats["length_ratio"], 1, language, f"{floor(ratio * 10) / 10:.1f}")
    for name, letters in zip(("own", "latin", "other"), totals, strict=True):
        _count(stats["script"], letters, language, name)


def _count(stats: dict, number: int, *names: str) -> None:
    *path, last = names
    for name in path:
        stats = stats.setdefault(name, {})
    stats[last] = stats.get(last, 0) + number
