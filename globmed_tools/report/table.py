"""One row a language: the mean over the sets of each score, and how many documents stand behind it.

Sets count the same, whatever their size (our choice). A language in which a set is missing is shown with fewer sets, never
filled in: the column `sets` says how many were averaged.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import fmean

from .. import languages
from .results import Row

METRICS = ("acc", "answered", "in_language", "chrf", "rouge_l")


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """Scores of one model in one language, 0 to 1; None where no set gives the metric. n counts documents."""

    model: str
    kind: str
    language: str
    tier: str
    sets: int
    n: int
    scores: dict[str, float | None]

    def as_dict(self) -> dict:
        return asdict(self)


def by_language(rows: list[Row]) -> list[LanguageRow]:
    """Rows of LanguageRow in the table's order of languages, one a model, kind and language."""
    grouped: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        grouped.setdefault((row.model, row.kind, row.language), []).append(row)
    order = {code: number for number, code in enumerate(languages.codes())}
    result = []
    for (model, kind, code), here in sorted(grouped.items(), key=lambda one: (one[0][0], one[0][1], order[one[0][2]])):
        scores = {metric: [row.value for row in here if row.metric == metric] for metric in METRICS}
        counts = {row.task: row.n for row in here}
        result.append(
            LanguageRow(
                model=model,
                kind=kind,
                language=code,
                tier=languages.get(code).tier,
                sets=len({row.set for row in here}),
                n=sum(counts.values()),
                scores={metric: fmean(values) if values else None for metric, values in scores.items()},
            )
        )
    return result


def mixed(rows: list[Row]) -> list[str]:
    """Reasons not to compare the rows with one another: other data sources, the same task of a model twice."""
    reasons = []
    sources = {row.data.split(" ")[2].rstrip(":") for row in rows if row.data.startswith("globmed data: ")} - {
        "nothing"
    }
    if len(sources) > 1:
        reasons.append(f"the results come from different data sources: {', '.join(sorted(sources))}")
    seen: dict[tuple[str, str, str], str] = {}
    for row in rows:
        key = (row.model, row.task, row.metric)
        if seen.setdefault(key, row.file) != row.file:
            reasons.append(f"{row.task} of {row.model} is in {seen[key]} and in {row.file}")
            break
    return reasons
