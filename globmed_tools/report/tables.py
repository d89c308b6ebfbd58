"""The report as tables, for files that are read elsewhere: CSV, LaTeX, Markdown.

    tables(report) -> [Table("gen-acc_leaderboard", "Accuracy, free replies: leaderboard", ["model", ...], [[...], ...]), ...]

A cell is text, a number, None (not there), or Interval(0.41, 0.38, 0.44). `long` tables have a row a cell: for programs.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

SIGNIFICANT = 0.05
#: A table with more rows than this is for programs.
MOST_ROWS = 60
_GAP = ("value", "low", "high", "p", "p_holm", "detectable", "better", "worse", "groups")
_DISPARITY = ("low_to_high", "high_minus_low", "worst", "worst_to_best", "spread", "deviation", "gini", "atkinson")
_IMPROVEMENT = ("difference", "relative", "ratio", "difference_corrected", "relative_corrected", "ratio_corrected")


class Interval(NamedTuple):
    """A figure with its interval; `mark` stands behind it where a difference holds after adjustment."""

    value: float | None
    low: float | None
    high: float | None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; `name` is a file name without its ending, `note` one sentence under the table."""

    name: str
    title: str
    columns: list[str]
    rows: list[list[Any]]
    note: str = ""
    long: bool = False


def tables(report: dict[str, Any]) -> list[Table]:
    """All tables of all boards, the models, and of judgements, where there are some."""
    from .judge import tables as judged

    found = [_models(report)]
    for board in report["boards"]:
        names = [report["models"][place]["name"] for place in board["models"]]
        codes = [report["languages"][place]["code"] for place in board["languages"]]
        sets = [report["sets"][place]["name"] for place in board["sets"]]
        found += [
            _leaderboard(report, board, names),
            _disparity(board, names),
            _by_language(board, names, codes),
            *_rates(board, names, codes),
            _sets(board, sets, codes),
            *_gaps(board, names, codes),
            *_set_gaps(board, names, sets, codes),
            *_improvement(board, names),
            _pairs(board, names),
            _cells(board, names, sets, codes),
        ]
    return [*found, *judged.tables(report)]


def _models(report: dict) -> Table:
    columns = [
        "name",
        "id",
        "organisation",
        "parameters",
        "active",
        "licence",
        "kind",
        "reasoning",
        "base",
        "size_from",
    ]
    rows = [[row[name] for name in columns] for row in report["models"]]
    return Table("models", "Models", columns, rows, note="parameters and active are billions", long=True)


def _figure(one: dict | None) -> Interval | None:
    return Interval(one["value"], one["low"], one["high"]) if one else None


def _leaderboard(report: dict, board: dict, names: list[str]) -> Table:
    tiers = [tier for tier in ("high", "low") if any(tier in row for row in board["leaderboard"])]
    rows = []
    for row in board["leaderboard"]:
        size = report["models"][board["models"][row["model"]]]["parameters"]
        ranks = None if row["rank"] is None else f"{row['rank']} ({row['rank_low']}-{row['rank_high']})"
        found = [ranks, names[row["model"]], size, _figure(row["score"]), *(_figure(row.get(tier)) for tier in tiers)]
        rows.append([*found, row["worst_language"], row["worst"]["value"], f"{row['tasks']}/{row['of']}"])
    columns = ["rank", "model", "billions", "score", *tiers, "worst language", "worst", "tasks"]
    note = "score: mean of the languages; in brackets 95 % intervals, and the ranks that they allow; empty: runs are missing"
    return Table(f"{board['id']}_leaderboard", f"{board['title']}: leaderboard", columns, rows, note)


def _disparity(board: dict, names: list[str]) -> Table:
    used = [name for name in _DISPARITY if any(name in row for row in board["leaderboard"])]
    rows = [[names[row["model"]], *(_figure(row[name]) for name in used)] for row in board["leaderboard"]]
    return Table(f"{board['id']}_disparity", f"{board['title']}: disparity between languages", ["model", *used], rows)


def _order(board: dict) -> list[int]:
    return [row["model"] for row in board["leaderboard"]]


def _by_language(board: dict, names: list[str], codes: list[str]) -> Table:
    found = board["by_language"]
    rows = [
        [
            names[m],
            *(Interval(found["score"][m][i], found["low"][m][i], found["high"][m][i]) for i in range(len(codes))),
        ]
        for m in _order(board)
    ]
    return Table(f"{board['id']}_languages", f"{board['title']}: by language", ["model", *codes], rows)


def _rates(board: dict, names: list[str], codes: list[str]) -> list[Table]:
    titles = {
        "answered": "replies with an answer",
        "in_language": "replies in the language",
        "of_answered": "score among the answered",
    }
    found = []
    for rate, title in titles.items():
        values = board["by_language"].get(rate)
        if values and any(one is not None for row in values for one in row):
            rows = [[names[m], *values[m]] for m in _order(board)]
            found.append(Table(f"{board['id']}_{rate}", f"{board['title']}: {title}", ["model", *codes], rows))
    return found


def _sets(board: dict, sets: list[str], codes: list[str]) -> Table:
    rows = [[name, *values] for name, values in zip(sets, board["sets_by_language"])]
    note = "means over all models; empty where a model is missing"
    return Table(f"{board['id']}_sets", f"{board['title']}: sets by language", ["set", *codes], rows, note)


def _gaps(board: dict, names: list[str], codes: list[str]) -> list[Table]:
    found = board["gaps"]
    if not found:
        return []
    others = [i for i, code in enumerate(codes) if code != "en"]
    wide = [[names[m], *(_gap(found, m, i) for i in others)] for m in _order(board)]
    rows = [[names[m], codes[i], *(found[part][m][i] for part in _GAP)] for m in _order(board) for i in others]
    note = "language minus English, paired on items; *: p < 0.05 after Holm, over all models and languages of the table"
    return [
        Table(
            f"{board['id']}_gaps",
            f"{board['title']}: gap to English",
            ["model", *(codes[i] for i in others)],
            wide,
            note,
        ),
        Table(
            f"{board['id']}_gap_tests", f"{board['title']}: tests", ["model", "language", *_GAP], rows, note, long=True
        ),
    ]


def _gap(found: dict, *place: int) -> Interval:
    """One cell of a table of gaps, with a star where it holds."""
    value, low, high, p = (_at(found[part], place) for part in ("value", "low", "high", "p_holm"))
    return Interval(value, low, high, "*" if p is not None and p < SIGNIFICANT else "")


def _at(values: list, place: tuple[int, ...]) -> Any:
    for one in place:
        values = values[one]
    return values


def _set_gaps(board: dict, names: list[str], sets: list[str], codes: list[str]) -> list[Table]:
    found = board["set_gaps"]
    if not found:
        return []
    others = [i for i, code in enumerate(codes) if code != "en"]
    places = list(product(range(len(sets)), _order(board)))
    wide = [[sets[s], names[m], *(_gap(found, s, m, i) for i in others)] for s, m in places]
    rows = [
        [sets[s], names[m], codes[i], *(_at(found[part], (s, m, i)) for part in _GAP)]
        for s, m in places
        for i in others
    ]
    title, columns = f"{board['title']}: gap to English in each set", ["set", "model", *(codes[i] for i in others)]
    note = "language minus English in one set, paired on items; *: p < 0.05 after Holm, over all sets, models and languages of the table"
    long = len(wide) > MOST_ROWS
    return [
        Table(f"{board['id']}_set_gaps", title, columns, wide, note, long=long),
        Table(
            f"{board['id']}_set_gap_tests",
            f"{title}: tests",
            ["set", "model", "language", *_GAP],
            rows,
            note,
            long=True,
        ),
    ]


def _improvement(board: dict, names: list[str]) -> list[Table]:
    if not board["improvement"]:
        return []
    columns = ["scope", "model", "base", "base_score", "score", "chance", *_IMPROVEMENT]
    rows = [
        [row["scope"], names[row["model"]], names[row["base"]], row["base_score"], row["score"], row["chance"]]
        + [_figure(row[name]) for name in _IMPROVEMENT]
        for row in board["improvement"]
    ]
    note = "corrected: less what guessing gives; empty where the base is not above chance"
    return [Table(f"{board['id']}_improvement", f"{board['title']}: improvement over the base", columns, rows, note)]


def _pairs(board: dict, names: list[str]) -> Table:
    parts = ("value", "low", "high", "wins", "losses", "p_holm", "detectable")
    rows = [
        [scope, names[i], names[j], *(found[part][place] for part in parts)]
        for scope, found in board["pairs"]["scopes"].items()
        for place, (i, j) in enumerate(board["pairs"]["models"])
    ]
    return Table(
        f"{board['id']}_pairs", f"{board['title']}: models", ["scope", "model", "other", *parts], rows, long=True
    )


def _cells(board: dict, names: list[str], sets: list[str], codes: list[str]) -> Table:
    parts = ("items", "score", "low", "high", "answered", "in_language")
    rows = [
        [names[m], sets[s], codes[i], *(board["cells"][part][s][m][i] for part in parts)]
        for m, s, i in product(_order(board), range(len(sets)), range(len(codes)))
    ]
    columns = ["model", "set", "language", *parts]
    return Table(f"{board['id']}_cells", f"{board['title']}: model, set and language", columns, rows, long=True)
