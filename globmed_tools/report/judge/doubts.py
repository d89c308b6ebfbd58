"""What there is to doubt in judgements: do judges agree with one another, with people, with themselves in the other order; do
they favour length, or their own family?

    judges_agree(panel, draws)       a row a criterion and pair of judges, and alpha over all of them
    people_agree(panel, draws)       a row a judge, criterion and language: kappa with the clinicians; None where there are none
    position(panel, draws)           a row a judge and criterion: graded again with reply and reference in the other order
    length(panel, draws)             a row a judge and metric: rank correlation of score and length
    own_family(panel, draws, ...)    models with a judge of their own family: the score with it and without; and its preference

Kappa is Cohen's with quadratic weights, alpha Krippendorff's for ordered values. Values are compared as they were given. Empty
replies were sent to nobody and enter none of this.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import Any

import numpy as np

from ..bootstrap import Draws as BoardDraws
from . import agreement
from .agreement import Draws
from .judges import related
from .panel import OVERALL, Graded, Panel, over_all

#: Replies below which no figure is given, only how many there were.
LEAST = 10
ALL = "all"


def _sent(panel: Panel) -> list[Graded]:
    return [one for one in panel.replies if not one.empty]


def _pair(triples: list[tuple[Any, int, int]], size: int, draws: Draws) -> dict[str, Any]:
    """n replies of so many groups, the share of equal values, the mean of one's minus the other's (scaled 0 to 1), kappa."""
    told = {
        "n": len(triples),
        "groups": len({group for group, *_ in triples}),
        "same": None,
        "difference": None,
        "kappa": None,
    }
    if len(triples) < LEAST:
        return told
    apart = [(one - other) / (size - 1) for _group, one, other in triples]
    by_group = agreement.summed(((t[0], (d, 1.0)) for t, d in zip(triples, apart)), 2)
    return told | {
        "same": float(np.mean([one == other for _group, one, other in triples])),
        "difference": agreement.figure(agreement.means, by_group, draws),
        "kappa": agreement.figure(agreement.kappas, agreement.crossed(triples, size), draws),
    }


def judges_agree(panel: Panel, draws: Draws) -> list[dict[str, Any]]:
    """Rows of pairs have `judges` of two; with three judges or more a row over all has alpha in place of kappa."""
    rows, replies = [], _sent(panel)
    everyone = range(len(panel.judges))
    for one in panel.rubric.criteria:
        for i, j in combinations(everyone, 2):
            both = [r for r in replies if i in r.grades and j in r.grades]
            triples = [(r.cluster, *(one.place(r.grades[k][one.name]) for k in (i, j))) for r in both]
            rows.append({"criterion": one.name, "judges": [i, j], **_pair(triples, len(one.scale), draws)})
        if len(panel.judges) > 2:
            units = [
                (r.cluster, [one.place(g[one.name]) for g in r.grades.values()]) for r in replies if len(r.grades) > 1
            ]
            table = agreement.coincidences(units, len(one.scale))
            alpha = agreement.figure(agreement.alphas, table, draws) if len(units) >= LEAST else None
            rows.append({"criterion": one.name, "judges": list(everyone), "n": len(units), "alpha": alpha})
    return rows


def people_agree(panel: Panel, draws: Draws) -> dict[str, Any] | None:
    """{"reviewers", "replies", "rows", "among"}: a row a judge, criterion and language; `among`: clinicians with one another.

    All answers of all reviewers are taken together: kappa over (judge's value, a reviewer's value). Among reviewers it is over all
    pairs of two reviewers of a reply, each in both orders, so that the two can be held side by side.
    """
    rated: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    for row in panel.judged.people:
        rated[row["review_id"]].append((row["reviewer"], row["values"]))
    # The same words by two models are one reply to a reviewer.
    by_id = {one.review_id: one for one in reversed(_sent(panel)) if one.review_id in rated}
    if not by_id:
        return None
    rows, among = [], []
    codes = [code for code in panel.languages if any(one.language == code for one in by_id.values())]
    for one in panel.rubric.criteria:
        if not one.review:
            continue
        given = {
            id: [one.place(values[one.name]) for _reviewer, values in rated[id] if one.name in values] for id in by_id
        }
        for code in [ALL, *(codes if len(codes) > 1 else ())]:
            here = {id: reply for id, reply in by_id.items() if code in (ALL, reply.language) and given[id]}
            twice = [
                (reply.cluster, a, b)
                for id, reply in here.items()
                for x, y in combinations(given[id], 2)
                for a, b in ((x, y), (y, x))
            ]
            pairs = _pair(twice, len(one.scale), draws) | {"n": len(twice) // 2, "difference": None}
            if pairs["n"] < LEAST:
                pairs |= {"same": None, "kappa": None}
            among.append({"criterion": one.name, "language": code, **pairs})
            for judge in range(len(panel.judges)):
                triples = [
                    (reply.cluster, one.place(reply.grades[judge][one.name]), value)
                    for id, reply in here.items()
                    if judge in reply.grades
                    for value in given[id]
                ]
                rows.append(
                    {"judge": judge, "criterion": one.name, "language": code, **_pair(triples, len(one.scale), draws)}
                )
    reviewers = {reviewer for id in by_id for reviewer, _values in rated[id]}
    return {"reviewers": len(reviewers), "replies": len(by_id), "rows": rows, "among": among}


def position(panel: Panel, draws: Draws) -> list[dict[str, Any]]:
    """difference: the reply first minus the reference first."""
    rows = []
    for judge in range(len(panel.judges)):
        both = [one for one in _sent(panel) if judge in one.grades and judge in one.turned]
        for one in panel.rubric.criteria:
            triples = [
                (r.cluster, one.place(r.turned[judge][one.name]), one.place(r.grades[judge][one.name])) for r in both
            ]
            rows.append({"judge": judge, "criterion": one.name, **_pair(triples, len(one.scale), draws)})
    return rows


def length(panel: Panel, draws: Draws) -> list[dict[str, Any]]:
    """Ranks are taken within a set and language, since scripts differ in how many characters say the same: Spearman's
    correlation, pooled over these. The interval keeps the ranks and draws groups."""
    rows = []
    for judge in range(len(panel.judges)):
        for metric in panel.metrics:
            scored = [(one, score) for one, score in panel.scores(metric, [judge]) if not one.empty]
            by: dict[tuple[str, str], list[tuple[Graded, float]]] = defaultdict(list)
            for one, score in scored:
                by[one.set, one.language].append((one, score))
            numbers = []
            for here in by.values():
                if len(here) > 2:
                    x = _ranks([one.characters for one, _score in here])
                    y = _ranks([score for _one, score in here])
                    numbers += [(one.cluster, (1, a, b, a * a, b * b, a * b)) for (one, _s), a, b in zip(here, x, y)]
            found = (
                agreement.figure(agreement.correlations, agreement.summed(numbers, 6), draws)
                if len(numbers) >= LEAST
                else None
            )
            groups = len({group for group, _numbers in numbers})
            rows.append({"judge": judge, "metric": metric, "n": len(numbers), "groups": groups, "correlation": found})
    return rows


def _ranks(values: list[float]) -> np.ndarray:
    """Mid-ranks around 0, from -0.5 to 0.5."""
    _unique, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    return (ranks[inverse] - (len(values) + 1) / 2) / len(values)


def own_family(
    panel: Panel, draws: Draws, families: list[tuple[str, ...]], seed: int, resamples: int
) -> dict[str, list[dict[str, Any]]]:
    """{"models": [{"model", "judges", "with", "without"}], "preference": [{"judge", "n", "value", "low", "high"}]}.

    families: of the panel's models. preference: how much higher a judge scores its family than the other judges do, less how much
    higher it scores all others than they do; 0 is none. It needs another judge and a model of another family.
    """
    own = [tuple(one["families"]) for one in panel.judged.told["judges"]]
    kin = [[j for j, judge in enumerate(own) if related(judge, families[m])] for m in range(len(panel.models))]
    rows = []
    whole = _overall(panel, None, seed, resamples) if any(kin) else None
    for m, judges in enumerate(kin):
        if judges:
            others = [j for j in range(len(own)) if j not in judges]
            without = _overall(panel, others, seed, resamples)[m] if others else None
            rows.append({"model": panel.models[m], "judges": judges, "with": whole[m], "without": without})
    return {"models": rows, "preference": [row for j in range(len(own)) if (row := _preference(panel, j, kin, draws))]}


def _overall(panel: Panel, judges, seed: int, resamples: int) -> list[dict[str, float]]:
    board = panel.board(OVERALL, judges)
    found = over_all(board, BoardDraws(board, seed, resamples))
    return [{name: float(found[name][m]) for name in ("value", "low", "high")} for m in range(len(panel.models))]


def _preference(panel: Panel, judge: int, kin: list[list[int]], draws: Draws) -> dict[str, Any] | None:
    rows, n = [], 0
    for one in _sent(panel):
        strangers = [j for j in one.grades if j not in kin[one.model] and j != judge]
        if judge not in one.grades or not strangers:
            continue
        mine = panel.score(OVERALL, one.grades[judge])
        theirs = float(np.mean([panel.score(OVERALL, one.grades[j]) for j in strangers]))
        family = judge in kin[one.model]
        n += family
        apart = mine - theirs
        rows.append((one.cluster, (apart * family, family, apart * (not family), not family)))
    table = agreement.summed(rows, 4)
    if n < LEAST or len(rows) - n < LEAST:
        return None

    def measure(sums):
        with np.errstate(invalid="ignore", divide="ignore"):
            return sums[:, 0] / sums[:, 1] - sums[:, 2] / sums[:, 3]

    return {"judge": judge, "n": n, "others": len(rows) - n, **agreement.figure(measure, table, draws)}
