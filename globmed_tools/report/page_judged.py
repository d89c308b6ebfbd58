"""What a reader of a board of judgements should know first: that a model judged, and what speaks against trusting it.

findings(report, board) -> [{"level": "look", "text": "Judged by a, b: language models. No clinician ...", "to": "judges"}, ...]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

#: A correlation with length, and a share of verdicts that turn with the order, from which on they are told.
LENGTH, FLIPS = 0.3, 0.1
#: Groups of items from which on there are intervals.
GROUPS = 10
MINUS = "\u2212"


def findings(report: dict[str, Any], board: dict[str, Any]) -> list[dict[str, str]]:
    """The lines of a board of kind "judged"; none for others."""
    if board["kind"] != "judged":
        return []
    found, metric = report["judged"], board["metric"]
    names = [one["name"] for one in found["judges"]]
    lines = [_people(found, metric, names), *_lost(found), *_family(report, found, names, metric)]
    lines += [*_order(found, names, metric), *_length(found, names, metric)]
    return [{"level": level, "text": text, "to": "judges"} for level, text in lines]


def _around(figure: dict[str, Any], digits: int = 2) -> str:
    shown = f"{figure['value']:.{digits}f}"
    if figure["low"] is not None:
        shown += f" ({figure['low']:.{digits}f} to {figure['high']:.{digits}f})"
    return shown.replace("-", MINUS)


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", MINUS)


def _people(found: dict[str, Any], metric: str, names: list[str]) -> tuple[str, str]:
    who = f"Judged by {', '.join(names)}: {'a language model' if len(names) == 1 else 'language models'}, not people."
    people = found["clinicians"]
    if people is None:
        return "look", f"{who} No clinician rated these replies: the {_judges(names)} not validated."
    rows = [
        row
        for row in people["rows"]
        if row["language"] == "all" and metric in ("overall", row["criterion"]) and row["kappa"]
    ]
    rows = [row for row in rows if row["kappa"]["value"] is not None]
    told = f"{people['reviewers']} clinician{'' if people['reviewers'] == 1 else 's'} rated {people['replies']:,} of the replies"
    if not rows:
        return (
            "look",
            f"{who} {told}: too few, or too much alike, to say how far they agree with the {_judges(names)[:-4]}.",
        )
    least = min(rows, key=lambda row: row["kappa"]["value"])
    text = f"{who} {told}. Least agreement: {names[least['judge']]} on {least['criterion']}, kappa {_around(least['kappa'])}."
    return "look" if least["kappa"]["value"] < 0.6 else "know", text


def _judges(names: list[str]) -> str:
    return "judge is" if len(names) == 1 else "judges are"


def _lost(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    every = sum(map(sum, found["counts"]["replies"]))
    there = sum(map(sum, found["counts"]["by_all"])) + sum(map(sum, found["counts"]["empty"]))
    if there < every:
        yield "look", f"{every - there:,} of {every:,} replies have no score here: not every judge judged them."


def _family(report, found, names, metric) -> Iterator[tuple[str, str]]:
    kin = found["own_family"]["models"]
    if not kin or metric != "overall":
        return
    for row in kin[:3]:
        own = ", ".join(names[judge] for judge in row["judges"])
        without = row["without"]
        if row["with"]["value"] is None:
            continue
        tail = (
            f"with it {row['with']['value']:.3f}, without it {without['value']:.3f}"
            if without and without["value"] is not None
            else "no judge of another family is there to compare with"
        )
        yield "look", f"{report['models'][row['model']]['name']} is judged by its own family ({own}): {tail}."


def _order(found, names, metric) -> Iterator[tuple[str, str]]:
    for row in found["position"]:
        figure = row["difference"]
        if row["criterion"] == metric and figure and figure["value"] and _sure(row, figure):
            text = f"{names[row['judge']]} grades by the order of the prompt: {_signed(figure['value'])} where the reply comes first."
            yield "look", text
    if metric == "overall" and found["pairs"]:
        for row in found["pairs"]["first"]:
            if row["flip_rate"] is not None and row["flip_rate"] > FLIPS:
                share = f"{100 * row['flip_rate']:.0f} %"
                yield (
                    "look",
                    f"{names[row['judge']]} gives another verdict in the other order in {share} of the pairs; these are ties.",
                )


def _length(found, names, metric) -> Iterator[tuple[str, str]]:
    for row in found["length"]:
        figure = row["correlation"]
        if (
            row["metric"] == metric
            and figure
            and figure["value"] is not None
            and abs(figure["value"]) >= LENGTH
            and _sure(row, figure)
        ):
            longer = "longer" if figure["value"] > 0 else "shorter"
            yield (
                "look",
                f"{names[row['judge']]} scores {longer} replies higher: rank correlation with length {_around(figure)}.",
            )


def _sure(row: dict[str, Any], figure: dict[str, Any]) -> bool:
    """Whether the interval leaves 0 out; where there are groups enough and no draw differed, the value is all there is."""
    if figure["low"] is None:
        return row["groups"] >= GROUPS
    return figure["low"] > 0 or figure["high"] < 0
