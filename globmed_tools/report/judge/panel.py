"""Rows of judgements -> replies with their grades, and boards for the report.

    panel = Panel(judged, ["org/a", "org/b"])          judged: folder.read; the models of the report
    panel.board("overall")                             of all judges together: a Board of kind "judged"
    panel.board("harm", judges=[0])                    of one of them

Of several judges a reply's score is their mean (or median), over replies that every one of them judged: a mean over whoever
answered would be higher where a strict judge refused. Axes are those of all replies that were to be judged, so that what no
judge judged is missing and not absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from statistics import fmean, median
from typing import Any

import numpy as np

from ... import catalog, languages
from ..boards import RATES, Board, SetScores
from ..bootstrap import Draws, interval
from ..statistics import CONFIDENCE
from .folder import Judged
from .work import EMPTY, JUDGED, TURNED

OVERALL = "overall"
KIND = "judged"


@dataclass(slots=True)
class Graded:
    """One reply. grades: judge -> values; turned: the same, in the other order; all places are those of the panel's axes."""

    set: str
    model: int
    language: str
    group: str
    characters: int
    review_id: str
    empty: bool
    grades: dict[int, dict[str, Any]] = field(default_factory=dict)
    turned: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def cluster(self) -> tuple[str, str]:
        """What is drawn together."""
        return self.set, self.group


class Panel:
    """The judges' grades of all replies of the report's models."""

    def __init__(self, judged: Judged, models: Sequence[str]):
        self.judged, self.rubric = judged, judged.rubric
        self.judges = [one["name"] for one in judged.told["judges"]]
        self.strict = bool(judged.told["scoring"]["strict"])
        self.combine = {"mean": fmean, "median": median}[judged.told["scoring"]["combine"]]
        self._known: dict[tuple, dict[str, float | None]] = {}
        self.models = [place for place, name in enumerate(models) if name in set(judged.told["models"])]
        self._places = {models[place]: number for number, place in enumerate(self.models)}
        self.replies = self._replies()
        found = {one.language for one in self.replies}
        self.languages = [code for code in languages.codes() if code in found]
        self.sets = [name for name in catalog.table() if any(one.set == name for one in self.replies)]

    def _replies(self) -> list[Graded]:
        found: dict[tuple, Graded] = {}
        judge = {name: place for place, name in enumerate(self.judges)}
        for row in self.judged.grades:
            if row["model"] not in self._places:
                continue
            key = tuple(row[name] for name in ("model", "set", "language", "group", "same"))
            one = found.get(key)
            if one is None:
                empty = row["state"] == EMPTY
                place = (row["set"], self._places[row["model"]], row["language"], row["group"])
                one = found[key] = Graded(*place, row["characters"], row["review_id"], empty)
            if row["state"] in (JUDGED, EMPTY):
                (one.turned if row["order"] == TURNED else one.grades)[judge[row["judge"]]] = row["values"]
        return list(found.values())

    @property
    def metrics(self) -> list[str]:
        """overall, and the criteria."""
        return [OVERALL, *(one.name for one in self.rubric.criteria)]

    def title(self, metric: str) -> str:
        return "Judged, overall" if metric == OVERALL else f"Judged, {self.rubric.get(metric).title.lower()}"

    def score(self, metric: str, values: dict[str, Any]) -> float | None:
        """0 to 1 of one judge's values; None where they have none."""
        given = tuple(values.items())
        if given not in self._known:  # there are some hundred combinations, and replies by the thousand
            scored = {name: self.rubric.get(name).score(value) for name, value in given}
            self._known[given] = scored | {OVERALL: self.rubric.overall(values, strict=self.strict)}
        return self._known[given].get(metric)

    def scores(self, metric: str, judges: Sequence[int] | None = None) -> Iterable[tuple[Graded, float]]:
        """(reply, score) of the replies that all of these judges judged; None: all judges."""
        asked = range(len(self.judges)) if judges is None else judges
        for one in self.replies:
            if any(judge not in one.grades for judge in asked):
                continue
            found = [self.score(metric, one.grades[judge]) for judge in asked]
            if found and None not in found:
                yield one, found[0] if len(found) == 1 else self.combine(found)

    @cached_property
    def _groups(self) -> dict[str, dict[str, int]]:
        by: dict[str, set[str]] = {name: set() for name in self.sets}
        for one in self.replies:
            by[one.set].add(one.group)
        return {name: {group: place for place, group in enumerate(sorted(by[name]))} for name in self.sets}

    def board(self, metric: str, judges: Sequence[int] | None = None) -> Board:
        """The board of a metric; cells that nobody judged are missing."""
        return self.board_of(metric, self.scores(metric, judges))

    def board_of(self, metric: str, scored: Iterable[tuple[Graded, float]]) -> Board:
        """A board of any scores of replies."""
        shape = (len(self.models), len(self.languages))
        sums = {name: np.zeros((len(groups), *shape), np.float32) for name, groups in self._groups.items()}
        counts = {name: np.zeros_like(values) for name, values in sums.items()}
        columns = {code: place for place, code in enumerate(self.languages)}
        for one, score in scored:
            at = self._groups[one.set][one.group], one.model, columns[one.language]
            sums[one.set][at] += score
            counts[one.set][at] += 1
        sets = [
            SetScores(
                name,
                np.array([bytes.fromhex(group) for group in self._groups[name]], "V16"),
                sums[name],
                counts[name],
                np.full(len(self.languages), np.nan),
                {rate: np.full(shape, np.nan) for rate in RATES},
            )
            for name in self.sets
        ]
        return Board(KIND, metric, sets, list(self.models), list(self.languages))

    def counts(self, keep) -> list[list[int]]:
        """[model][language] how many replies `keep` holds for."""
        table = np.zeros((len(self.models), len(self.languages)), int)
        for one in self.replies:
            table[one.model, self.languages.index(one.language)] += bool(keep(one))
        return table.tolist()


def over_all(board: Board, draws: Draws) -> dict[str, np.ndarray]:
    """{"value", "low", "high"} each (M,): the mean over languages of the mean over sets, as on a leaderboard."""
    low, high = interval(draws.means.mean(axis=(1, 3), dtype=np.float64), CONFIDENCE)
    return {"value": board.means.mean(axis=(0, 2)), "low": low, "high": high}
