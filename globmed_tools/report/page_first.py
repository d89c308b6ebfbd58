"""What a reader of the page should look at first, in words: who is served worst, by how much, and whether that is sure.

    findings(report, board) -> [{"level": "look", "text": "Largest gap to English: org/a in Zulu, ...", "to": "gaps"}, ...]

`look`: what can mislead or is bad; `know`: what the figures say. `to`: the section of the page that shows it. Every sentence
is made from the report's own figures; none is made where its figure is not defined.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from statistics import median
from typing import Any

from . import page_judged

#: A rate of answered or in-language replies under this is told.
LEAST_RATE = 0.9
SURE = 0.05
#: Names in a sentence; the rest are counted.
MOST_NAMES = 4


class Board:
    """A board with the names of its axes, so that a sentence can be written in one line."""

    def __init__(self, report: dict[str, Any], board: dict[str, Any]):
        self.board = board
        self.models = [report["models"][place]["name"] for place in board["models"]]
        self.languages = [report["languages"][place]["name"] for place in board["languages"]]
        self.codes = {one["code"]: one["name"] for one in report["languages"]}
        self.ranked = [row for row in board["leaderboard"] if row["rank"] is not None]

    def cells(self, values: list[list]) -> list[tuple[Any, int, int]]:
        """(value, model, language) of a table by model and language, without what is not there."""
        return [(one, m, k) for m, row in enumerate(values) for k, one in enumerate(row) if one is not None]

    def at(self, m: int, k: int) -> str:
        return f"{self.models[m]} in {self.languages[k]}"


def findings(report: dict[str, Any], board: dict[str, Any]) -> list[dict[str, str]]:
    """The lines, what is worst first."""
    told = Board(report, board)
    judged = page_judged.findings(report, board)
    made = (_missing, _flat, _gap, _worst, _unread, _other_language, _chance, _tiers, _leader)
    return judged + [{"level": level, "text": text, "to": to} for one in made for level, text, to in one(told)]


def _missing(told: Board) -> Iterator[tuple[str, str, str]]:
    gone = Counter(model for model, _, _ in told.board["missing"])
    if gone:
        names = _names([told.models[m] for m in gone])
        yield "look", f"{_many(sum(gone.values()), 'run')} missing, of {names}: no score over all for these.", "runs"


def _flat(told: Board) -> Iterator[tuple[str, str, str]]:
    found = {one for one, _, _ in told.cells(told.board["by_language"]["score"])}
    if len(found) == 1:
        yield (
            "look",
            f"Every score is {found.pop():.3f}: there is nothing to tell models or languages apart by.",
            "languages",
        )


def _gap(told: Board) -> Iterator[tuple[str, str, str]]:
    gaps = told.board["gaps"]
    if gaps is None:
        yield "know", "There are no English results, so no gap to English can be told.", "gaps"
        return
    tested = [(p, m, k) for p, m, k in told.cells(gaps["p_holm"]) if gaps["value"][m][k] is not None]
    if not tested or not any(gaps["value"][m][k] for _, m, k in tested):
        return
    worse = [(m, k) for p, m, k in tested if p < SURE and gaps["value"][m][k] < 0]
    p, m, k = min(tested, key=lambda one: gaps["value"][one[1]][one[2]])
    value = gaps["value"][m][k]
    seen = [one for one, _, _ in told.cells(gaps["detectable"])]
    limit = (
        f" With this many items a true difference of about {median(seen):.3f} is found four times in five, a smaller one less often."
        if seen
        else ""
    )
    if value >= 0:
        yield "know", f"No language scores under English in any model.{limit}", "gaps"
        return
    sure = f"sure (Holm p {_p(p)})" if p < SURE else f"not sure (Holm p {_p(p)})"
    around = _around({"low": gaps["low"][m][k], "high": gaps["high"][m][k]}, signed=True)
    text = f"Largest gap to English: {told.at(m, k)}, {_signed(value)}{around}, {sure}."
    yield "look" if p < SURE else "know", text, "gaps"
    count = f"{len(worse):,} of {len(tested):,} gaps are surely below English."
    every = [k for k, n in Counter(k for _, k in worse).items() if n == len({m for _, m, _ in tested}) > 1]
    if every:
        count += f" In every model: {_names([told.languages[k] for k in every])}."
    yield "know", f"{count if worse else 'No gap below English is sure.'}{limit}", "gaps"


def _worst(told: Board) -> Iterator[tuple[str, str, str]]:
    scores = told.board["by_language"]
    found = told.cells(scores["score"])
    if not found or len({one for one, _, _ in found}) == 1:
        return
    value, m, k = min(found)
    text = f"Lowest score: {told.at(m, k)}, {value:.3f}{_around({e: scores[e][m][k] for e in ('low', 'high')})}."
    unequal = [row["worst_language"] for row in told.ranked if row["spread"]["value"]]
    if len(unequal) > 1:
        counted = [f"{told.codes[code]} for {n}" for code, n in Counter(unequal).most_common(MOST_NAMES)]
        text += f" Worst language: {', '.join(counted)} of {len(unequal)} models."
    yield "know", text, "languages"


def _unread(told: Board) -> Iterator[tuple[str, str, str]]:
    found = told.cells(told.board["by_language"]["answered"])
    few = [one for one in found if one[0] < LEAST_RATE]
    if few:
        value, m, k = min(few)
        among = told.board["by_language"].get("of_answered")
        there = among and among[m][k]
        tail = f"; where one was read, the score is {there:.3f}" if there is not None and value else ""
        text = (
            f"In {len(few):,} of {len(found):,} pairs of model and language an answer was read in under 90 % of the "
            f"replies: least {told.at(m, k)}, {100 * value:.0f} %{tail}. There a low score may be a matter of form, not of knowledge."
        )
        yield "look", text, "languages"


def _other_language(told: Board) -> Iterator[tuple[str, str, str]]:
    found = told.cells(told.board["by_language"]["in_language"])
    few = [one for one in found if one[0] < LEAST_RATE]
    if few:
        value, m, k = min(few)
        text = (
            f"In {len(few):,} of {len(found):,} pairs under 90 % of the replies are in the language asked: least "
            f"{told.at(m, k)}, {100 * value:.0f} %."
        )
        yield "look", text, "languages"


def _chance(told: Board) -> Iterator[tuple[str, str, str]]:
    chances = told.board["chance"]
    if not chances or any(one is None for row in chances for one in row):
        return
    mean = [sum(column) / len(chances) for column in zip(*chances)]
    by = told.board["by_language"]
    found = told.cells(by["score"])
    near = [(m, k) for value, m, k in found if (value if by["low"][m][k] is None else by["low"][m][k]) <= mean[k]]
    if near:
        models = Counter(m for m, _ in near)
        names = _names([f"{told.models[m]} ({n})" for m, n in models.most_common()])
        text = f"{len(near):,} of {len(found):,} scores are not above chance: {names}. Ratios of such scores mislead."
        yield "look", text, "languages"


def _tiers(told: Board) -> Iterator[tuple[str, str, str]]:
    rows = [row for row in told.ranked if (row.get("low_to_high") or {}).get("value") is not None]
    if not rows:
        return
    rows.sort(key=lambda row: row["low_to_high"]["value"])
    parts = [
        f"{told.models[row['model']]} {row['low_to_high']['value']:.2f}{_around(row['low_to_high'], 2)}"
        for row in (rows if len(rows) == 1 else (rows[0], rows[-1]))
    ]
    text = f"Low-resource score as a share of the high-resource score: {parts[0]}"
    text += f" is the least equal, {parts[1]} the most equal." if len(parts) > 1 else "."
    yield "know", text, "disparity"


def _leader(told: Board) -> Iterator[tuple[str, str, str]]:
    if len(told.ranked) < 2:
        return
    best = told.ranked[0]
    text = f"Highest score: {told.models[best['model']]}, {best['score']['value']:.3f}{_around(best['score'])}."
    rivals = [told.models[row["model"]] for row in told.ranked[1:] if row["rank_low"] == 1]
    if rivals:
        text += f" First place is not sure: {_names(rivals)} may hold it as well."
    elif best["rank_high"] == 1:
        text += " First place is sure in 95 % of the draws."
    yield "know", text, "leaderboard"


def _around(figure: dict[str, Any], digits: int = 3, *, signed: bool = False) -> str:
    if figure["low"] is None or figure["high"] is None:
        return ""
    low, high = (_signed(figure[end]) if signed else f"{figure[end]:.{digits}f}" for end in ("low", "high"))
    return f" ({low} to {high})"


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "\u2212")


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"= {value:.3f}"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _names(names: list[str]) -> str:
    shown = ", ".join(names[:MOST_NAMES])
    return shown if len(names) <= MOST_NAMES else f"{shown} and {len(names) - MOST_NAMES:,} more"
