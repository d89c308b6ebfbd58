"""Data -> boards: what is comparable by construction, one metric of one kind of task, as arrays.

    for board in boards(data):      # gen-acc, gen-chrf, gen-rouge_l, ll-acc, ll-acc_norm; those that have scores
        board.means                 # (sets, models, languages) float64, NaN where a model has no run

What a result file alone says (a run without samples) stands beside the groups, in SetScores.alone: it has means, but no items
that could be paired.

Axes are named by one letter throughout: G groups of a set, S sets, M models, L languages, R resamples. A group is an item in
all its languages; where a set has several items of a group in one language, they stand in the group's sums together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .. import catalog, languages
from .gather import Data
from .samples import TaskScores

METRICS = {"gen": ("acc", "chrf", "rouge_l"), "ll": ("acc", "acc_norm")}
RATES = ("answered", "in_language")
#: Metrics that are 0 or 1 an item.
BINARY = ("acc", "acc_norm")
REFERENCE = "en"


@dataclass
class Alone:
    """(M, L) of the runs without samples: mean, standard error (NaN: unknown) and number of items; NaN, NaN, 0 for all others."""

    means: np.ndarray
    errors: np.ndarray
    items: np.ndarray

    @property
    def there(self) -> np.ndarray:
        """(M, L) whether a run has a mean alone."""
        return self.items > 0


@dataclass
class SetScores:
    """One set on one board.

    sums, counts (G, M, L) float32: summed scores and number of items of a group;   chance (L,): mean of 1 / options, NaN for
    long form;   rates: name -> (M, L);   clustered: a group has several items in some language
    """

    name: str
    groups: np.ndarray
    sums: np.ndarray
    counts: np.ndarray
    chance: np.ndarray
    rates: dict[str, np.ndarray]
    alone: Alone | None = None

    @cached_property
    def items(self) -> np.ndarray:
        return self.counts.sum(axis=0, dtype=np.float64) + (self.alone.items if self.alone else 0)

    @cached_property
    def means(self) -> np.ndarray:
        """(M, L) mean over items, NaN where there are none."""
        with np.errstate(invalid="ignore", divide="ignore"):
            means = self.sums.sum(axis=0, dtype=np.float64) / self.items
        return np.where(self.alone.there, self.alone.means, means) if self.alone else means

    @property
    def clustered(self) -> bool:
        return bool(self.counts.size and self.counts.max() > 1)


@dataclass
class Board:
    """One metric of one kind over the sets, models and languages that have it. `models` are indices into data.models."""

    kind: str
    metric: str
    sets: list[SetScores]
    models: list[int]
    languages: list[str]

    @property
    def id(self) -> str:
        return f"{self.kind}-{self.metric}"

    @cached_property
    def means(self) -> np.ndarray:
        """(S, M, L) mean over items, NaN where there are none."""
        return np.stack([one.means for one in self.sets])

    @cached_property
    def alone(self) -> np.ndarray:
        """(M, L) where any set of a model's score is known by its mean alone, so that nothing can be paired."""
        found = [one.alone.there for one in self.sets if one.alone]
        return np.any(found, axis=0) if found else np.zeros((len(self.models), len(self.languages)), bool)

    @cached_property
    def chance(self) -> np.ndarray:
        """(S, L) mean of 1 / options, NaN where answers are not chosen among options."""
        return np.stack([one.chance for one in self.sets])

    @property
    def reference(self) -> int | None:
        return self.languages.index(REFERENCE) if REFERENCE in self.languages else None

    def tier(self, name: str) -> list[int]:
        """Indices of the languages of a tier (`high`, `low`), or of all for `all`."""
        return [i for i, code in enumerate(self.languages) if name in ("all", languages.get(code).tier)]


def boards(data: Data) -> list[Board]:
    """The boards that have scores, in a fixed order."""
    return [board for kind in METRICS for metric in METRICS[kind] if (board := _board(data, kind, metric))]


def _board(data: Data, kind: str, metric: str) -> Board | None:
    by_set: dict[str, dict[str, TaskScores]] = {}
    for task, scores in data.tasks.items():
        one = next(iter(data.used[task].values()))[1]
        if one.kind == kind and scores.measures(metric):
            by_set.setdefault(one.set, {})[one.language] = scores
    if not by_set:
        return None
    present = {model for by in by_set.values() for scores in by.values() for model in scores.models}
    found = {code for by in by_set.values() for code in by}
    codes = [code for code in languages.codes() if code in found]
    models = sorted(present)
    sets = [_set(name, by_set[name], metric, models, codes) for name in catalog.table() if name in by_set]
    return Board(kind, metric, sets, models, codes)


def _set(name: str, by: dict[str, TaskScores], metric: str, models: list[int], codes: list[str]) -> SetScores:
    """The arrays of one set: items of each language put in the place of their group."""
    keys = np.concatenate([scores.groups for scores in by.values()]).view("V16").ravel()
    groups, places = np.unique(keys, return_inverse=True)
    shape = (len(groups), len(models), len(codes))
    sums, counts = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    chance = np.full(len(codes), np.nan)
    rates = {rate: np.full(shape[1:], np.nan) for rate in RATES}
    start = 0
    for code, scores in by.items():
        where, column = places[start : start + len(scores.groups)], codes.index(code)
        start += len(scores.groups)
        if metric not in scores.scores:
            continue
        rows = [models.index(model) for model in scores.runs]
        values = scores.scores[metric]
        known = ~np.isnan(values)
        for row, value, there in zip(rows, values, known):
            sums[:, row, column] = np.bincount(where[there], value[there], len(groups))
            counts[:, row, column] = np.bincount(where[there], minlength=len(groups))
            for rate in rates:
                if rate in scores.scores:
                    rates[rate][row, column] = np.nanmean(scores.scores[rate][rows.index(row)])
        if scores.options.all():
            chance[column] = (1 / scores.options).mean()
    alone = _alone(by, metric, models, codes, rates)
    found = SetScores(name, groups, sums, counts, chance, rates, alone)
    if alone and found.clustered:  # the errors of means take items to be independent
        alone.errors[:] = np.nan
    return found


def _alone(by: dict[str, TaskScores], metric: str, models: list[int], codes: list[str], rates: dict) -> Alone | None:
    """What result files alone say of a set; their rates are put into `rates`."""
    shape = (len(models), len(codes))
    found = Alone(np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape))
    for code, scores in by.items():
        column = codes.index(code)
        for model, one in scores.alone.items():
            if metric not in one.scores:
                continue
            row, mean = models.index(model), one.scores[metric]
            error = (mean * (1 - mean) / one.n) ** 0.5 if metric in BINARY else one.errors.get(metric, np.nan)
            found.means[row, column], found.errors[row, column], found.items[row, column] = mean, error, one.n
            for rate in RATES:
                rates[rate][row, column] = one.scores.get(rate, np.nan)
    return found if found.there.any() else None
