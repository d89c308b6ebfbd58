"""Is this data usable? One line a set and language: found, mapped how, rows per split, what is wrong with them.

It is the command that a user with network runs first: the hub's columns could not be confirmed, so it shows which column
served which role, and stops nowhere: what cannot be read becomes a line of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from .. import catalog, languages
from ..catalog import SourceSet
from ..entry import Entry, problem
from ..errors import GlobmedError
from . import load
from .prompts import LETTERS

USABLE, BAD, ABSENT, UNKNOWN = "usable", "bad", "absent", "unknown language"


@dataclass(slots=True)
class Finding:
    """What was found of one set in one language. `problems` counts unusable rows by reason code.

    parallel: share of items whose gold equals the English item's of the same group, None where they cannot be compared.
    """

    set: str
    language: str
    status: str
    mapped: str = ""
    splits: dict[str, int] = field(default_factory=dict)
    evaluated: str = ""
    options: str = ""
    problems: dict[str, int] = field(default_factory=dict)
    parallel: float | None = None
    detail: str = ""

    def as_dict(self) -> dict:
        return asdict(self)


def examine(data: str, names: list[str], codes: list[str]) -> Iterator[Finding]:
    """Findings for the given sets and languages, English first in each set. Raises GlobmedError for an unknown source."""
    origin = load.source_named(data)
    for name in names:
        source = catalog.get(name)
        try:
            found = origin.find(source)
        except GlobmedError as error:
            yield Finding(name, "*", ABSENT if not (source.hub or data != "hub") else BAD, detail=str(error))
            continue
        if not found:
            yield Finding(name, "*", ABSENT, detail=f"no folder {' or '.join(catalog.folder_names(source))}")
            continue
        yield from _languages(origin, source, found, codes)
        for folder in sorted({one.folder for one in found if one.language is None}):
            yield Finding(name, folder, UNKNOWN, detail="not in languages.toml; add a block to use it")


def _languages(origin, source: SourceSet, found: list[load.Found], codes: list[str]) -> Iterator[Finding]:
    english: dict[str, tuple] = {}
    for code in sorted(codes, key=lambda code: code != "en"):
        here = [one for one in found if one.language == code]
        if not here:
            yield Finding(source.name, code, ABSENT, detail="no files for this language")
            continue
        finding, rows = _one(origin, source, code, here)
        golds = {row.group_id: (row.answers, row.label) for row in rows}
        if code == "en":
            english = golds
        elif shared := [group for group in golds if group in english]:
            finding.parallel = sum(golds[group] == english[group] for group in shared) / len(shared)
        yield finding


def _one(origin, source: SourceSet, code: str, here: list[load.Found]) -> tuple[Finding, list[Entry]]:
    finding = Finding(source.name, code, USABLE)
    rows: list[Entry] = []
    mappings = []
    for one in here:
        try:
            part, mapped = origin.read(source, one, strict=False)
        except GlobmedError as error:
            finding.status, finding.detail = BAD, str(error)
            continue
        rows += part
        if part:
            finding.splits[one.split] = finding.splits.get(one.split, 0) + len(part)
            mappings.append(mapped)
    finding.mapped = "; ".join(dict.fromkeys(mappings))
    reasons = Counter(bad[0] for row in rows if (bad := _problem(row)))
    finding.problems = dict(sorted(reasons.items()))
    counts = {len(row.options) for row in rows if row.options}
    finding.options = f"{min(counts)}-{max(counts)}" if counts else ""
    if reasons and finding.status == USABLE:
        finding.status, finding.detail = BAD, ", ".join(f"{n} x {reason}" for reason, n in finding.problems.items())
    if not rows and finding.status == USABLE:
        finding.status, finding.detail = BAD, "no rows"
    if finding.status == USABLE:
        try:
            finding.evaluated = load.evaluation_split(finding.splits, f"{source.name}, {code}")
        except GlobmedError as error:
            finding.status, finding.detail = BAD, str(error)
    return finding, rows


def _problem(row: Entry) -> tuple[str, str] | None:
    if len(row.options) > len(LETTERS):
        return "too_many_options", str(len(row.options))
    return problem(row)


def verdict(findings: list[Finding], *, asked: bool) -> int:
    """Exit status: 0 where something is usable and nothing found is bad; what was asked for by name must be there."""
    statuses = {one.status for one in findings}
    if BAD in statuses or USABLE not in statuses or (asked and ABSENT in statuses):
        return 1
    return 0


def everything() -> tuple[list[str], list[str]]:
    """The benchmark's set names and all language codes of the tables."""
    return [one.name for one in catalog.table().values() if one.bench], languages.codes()
