"""A folder of judgements -> what the report shows of it: boards like all others, and "judged" beside them.

    found = Judgements([folder.read(Path("judged"))], data.models)
    found.boards                               Boards of kind "judged": overall, and one a criterion
    found.told(described, seed, resamples)     "judged" of the report's JSON; see model.py

Nothing here is averaged with accuracy, nor with the scores against the reference. JUDGED, as it stands in the JSON: `models` are
places in the report's list, `languages` codes; M, L and J (judges) count these. A judge is a place; a model is one of `models`
in arrays and of the report's list in rows.

    folder, complete, rubric, prompts, scoring, asked, journal, groups, made_by, turned      as in the folder's judged.json
    judges       [{"name", "model", "families", "parameters", "input", "output", "cost", "stopped", and "grades", "turned", "pairs":
                 {"judged", "empty", "same", "failed": {cause: n}, "not_asked"}}]
    metrics      [{"name", "title"}]: overall, and the criteria
    counts       {"replies", "empty", "by_all"} each [M][L], "by_judge" [J][M][L]: replies, not grades
    by_judge     metric -> [J] {"all": {"value", "low", "high"} each [M], "value", "low", "high" each [M][L]}
    values       criterion -> [J][M][V] how often each value was given, worst first
    agreement    [{"criterion", "judges": [j, j], "n", "groups", "same", "difference": FIGURE, "kappa": FIGURE}], and of three judges or more
                 [{"criterion", "judges": [all], "n", "alpha": FIGURE}]; null under ten replies;
                 no interval from under ten groups of items
    clinicians   null (the judges are not validated) | {"reviewers", "replies", "rows": [{"judge", "criterion", "language" | "all",
                 "n", "groups", "same", "difference", "kappa"}], "among": [the same of clinicians with one another]}
    position     [{"judge", "criterion", "n", "groups", "same", "difference", "kappa"}]: the reply first against the reference first
    length       [{"judge", "metric", "n", "groups", "correlation": FIGURE}]
    own_family   {"models": [{"model", "judges": [j], "with": FIGURE, "without": FIGURE | null}], "preference": [{"judge", "n", "others",
                 "value", "low", "high"}]}
    pairs        null | {"base", "rows": [{"judge", "model", "wins", "losses", "ties", "flips", "unjudged", "rate": FIGURE, "by_language":
                 {"value", "low", "high"} each [L]}], "first": [{"judge", "n", "share", "asked_twice", "flips", "flip_rate"}]}
    quotes       {"all": 312, "shown": [{"criterion", "value", "judge", "model", "set", "language", "group", "text", "reason"}]}
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...errors import GlobmedError
from .. import measures
from ..boards import Board
from ..bootstrap import Draws
from . import agreement, compared, doubts, folder
from .panel import Panel, over_all
from .work import EMPTY

#: Quotes shown on the page, the worst values first.
QUOTES = 60


class Judgements:
    """The judgements of a report; made once, read by model.build."""

    def __init__(
        self, judged: folder.Judged, models: list[str], *, codes: tuple[str, ...] = (), sets: tuple[str, ...] = ()
    ):
        keep = lambda row: (not codes or row["language"] in codes) and (not sets or row["set"] in sets)  # noqa: E731
        for name in ("grades", "pairs"):
            setattr(judged, name, [row for row in getattr(judged, name) if keep(row)])
        self.judged, self.panel = judged, Panel(judged, models)
        self.unknown = [name for name in judged.told["models"] if name not in models]
        if not self.panel.replies:
            raise GlobmedError(
                f"{judged.folder}: judgements of {', '.join(judged.told['models'])}, none of which is among these results. "
                "Name the results that were judged, under the same names."
            )

    @property
    def boards(self) -> list[Board]:
        """Those in which some reply has a score."""
        made = [self.panel.board(metric) for metric in self.panel.metrics]
        return [board for board in made if not np.isnan(board.means).all()]

    def notes(self) -> list[str]:
        """What a reader must know before anything else, a line each."""
        told, found = self.judged.told, [self._trust()]
        if self.unknown:
            found.append(
                f"judged replies of {', '.join(self.unknown)} are left out: these models are not among the results"
            )
        if not told["complete"]:
            found.append(f"judging was stopped ({next(filter(None, (one['stopped'] for one in told['judges'])))})")
        parts = [
            f"{name}: {one['judged']:,} of {one['there']:,}"
            for name, one in told["groups"].items()
            if one["judged"] < one["there"]
        ]
        if parts:
            found.append(f"judged is a part of the items ({'; '.join(parts)}), the same for all models and languages")
        for one in told["judges"]:
            grades = one["grades"]
            lost = sum(grades["failed"].values()) + grades["not_asked"]
            if lost:
                causes = ", ".join(f"{cause} {n:,}" for cause, n in grades["failed"].items())
                more = [causes] * bool(causes) + [f"not asked {grades['not_asked']:,}"] * bool(grades["not_asked"])
                every = lost + grades["judged"] + grades["empty"]
                found.append(
                    f"{lost:,} of {every:,} grades by the judge {one['name']} are not there ({'; '.join(more)}); nothing stands in their place"
                )
        return found

    def _trust(self) -> str:
        told, ids = self.judged.told, {one.review_id for one in self.panel.replies}
        rated = [row for row in self.judged.people if row["review_id"] in ids]
        names, rubric = ", ".join(self.panel.judges), f"{told['rubric']['name']} {told['rubric']['version']}"
        line = f"judged boards are opinions of language models ({names}; rubric {rubric}) and enter no other score; "
        if not rated:
            return line + "no clinician rated these replies: the judges are not validated"
        reviewers, replies = (len({row[name] for row in rated}) for name in ("reviewer", "review_id"))
        return (
            line
            + f"{reviewers:,} clinician{'' if reviewers == 1 else 's'} rated {replies:,} of the replies: see the agreement before you trust them"
        )

    def titles(self) -> dict[str, str]:
        """Board id -> title."""
        return {f"judged-{metric}": self.panel.title(metric) for metric in self.panel.metrics}

    def told(self, families: list[tuple[str, ...]], seed: int, resamples: int) -> dict[str, Any]:
        """All figures but the boards', as arrays and plain values; families: of the panel's models."""
        panel, told = self.panel, self.judged.told
        draws = agreement.Draws(seed, resamples)
        kept = ("complete", "rubric", "prompts", "scoring", "asked", "journal", "groups", "made_by", "turned")
        return {
            **{name: told[name] for name in kept},
            "folder": Path(self.judged.folder).name,
            "judges": told["judges"],
            "models": panel.models,
            "languages": panel.languages,
            "metrics": [{"name": metric, "title": panel.title(metric)} for metric in panel.metrics],
            "counts": self._counts(),
            "by_judge": {metric: self._by_judge(metric, seed, resamples) for metric in panel.metrics},
            "values": {one.name: self._values(one) for one in panel.rubric.criteria},
            "agreement": doubts.judges_agree(panel, draws),
            "clinicians": doubts.people_agree(panel, draws),
            "position": doubts.position(panel, draws),
            "length": doubts.length(panel, draws),
            "own_family": doubts.own_family(panel, draws, families, seed, resamples),
            "pairs": compared.pairs(panel, seed, resamples),
            "quotes": self._quotes(),
        }

    def _counts(self) -> dict[str, Any]:
        """[model][language]: replies, empty ones, judged by all; and [judge][model][language]: judged by each."""
        panel, judges = self.panel, range(len(self.panel.judges))
        return {
            "replies": panel.counts(lambda one: True),
            "empty": panel.counts(lambda one: one.empty),
            "by_all": panel.counts(lambda one: not one.empty and len(one.grades) == len(judges)),
            "by_judge": [panel.counts(lambda one, j=j: not one.empty and j in one.grades) for j in judges],
        }

    def _by_judge(self, metric: str, seed: int, resamples: int) -> list[dict[str, Any]]:
        """One judge's score of a model over all languages, and in each."""
        rows = []
        for judge in range(len(self.panel.judges)):
            board = self.panel.board(metric, [judge])
            draws = Draws(board, seed, resamples)
            by, whole = measures.by_language(board, draws), over_all(board, draws)
            rows.append({"all": whole, "value": by["score"], "low": by["low"], "high": by["high"]})
        return rows

    def _values(self, criterion) -> list[list[list[int]]]:
        """[judge][model][value]: how often each value was given; empty replies are not among them."""
        panel = self.panel
        table = np.zeros((len(panel.judges), len(panel.models), len(criterion.scale)), int)
        for one in panel.replies:
            for judge, values in one.grades.items():
                if not one.empty:
                    table[judge, one.model, criterion.place(values[criterion.name])] += 1
        return table.tolist()

    def _quotes(self) -> dict[str, Any]:
        """The reply's own words where a judge saw a fault that needs them: some, the worst first, and how many there are."""
        panel, found = self.panel, []
        for row in self.judged.grades:
            if row["model"] not in panel._places or row["state"] == EMPTY or row["order"] != "reference first":
                continue
            for name, quote in row.get("quotes", {}).items():
                one = panel.rubric.get(name)
                found.append(
                    {
                        "criterion": name,
                        "value": row["values"][name],
                        "judge": panel.judges.index(row["judge"]),
                        "model": panel.models[panel._places[row["model"]]],
                        "set": row["set"],
                        "language": row["language"],
                        "group": row["group"],
                        "text": quote["text"],
                        "reason": row["reasons"][name],
                        "_order": (one.place(row["values"][name]), row["group"], row["model"], row["language"]),
                    }
                )
        found.sort(key=lambda one: one.pop("_order"))
        return {"all": len(found), "shown": found[:QUOTES]}


def changed(judged: folder.Judged, samples: dict[tuple[str, str], str]) -> list[str]:
    """A line for each sample file that is not the one that was judged; samples: (model, task) -> xxh3 of the report's."""
    lines = []
    for one in judged.told["samples"]:
        now = samples.get((one["model"], one["task"]))
        if now is not None and now != one["xxh3"]:
            lines.append(
                f"{judged.folder}: {one['task']} of {one['model']} was judged from other samples than these. "
                "Judge them again: replies that did not change are in the journal."
            )
    return lines
