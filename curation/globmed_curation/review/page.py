"""The agreement page: the figures of agreement.py -> one HTML document that asks no address for anything.

    html = render(figures, "review")

It holds pseudonyms and counts, no text of an item and no comment, so that it can go beside a paper. Its style is that of the
curation report; it has no script, and a policy in its head forbids any.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from markupsafe import Markup

from ..report import svg
from ..report.eye import named

HERE = Path(__file__).parent
STYLE = HERE.parent / "report" / "page.css"
#: Confusions of a question and language that are shown; the JSON holds all.
MOST = 3
#: Left and right end of the pictures of alpha.
LOW, HIGH = -0.2, 1.0


def render(told: dict[str, Any], name: str) -> str:
    """The whole document. name: what the review is called in its title."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"number": number, "n": lambda value: f"{value:,}"}
    questions = [_question(one) for one in told["questions"]]
    return environment.get_template("page.html.jinja").render(
        told=told,
        name=name,
        questions=questions,
        style=Markup(STYLE.read_text("utf-8")),
        ratings=[one for one in questions if one["mean"]],
        named=named,
        left=", ".join(f"{count:,} {what}" for what, count in told["left_out"].items()),
        double=sum(row["double"] for row in questions[0]["rows"] if row["language"] != "all"),
    )


def number(value: float | None, *, signed: bool = False) -> str:
    """Two decimals with a true minus sign; "–" for what is not defined."""
    if value is None:
        return "–"
    text = f"{value:+.2f}" if signed else f"{value:.2f}"
    return {"-0.00": "0.00", "+0.00": "0.00"}.get(text, text).replace("-", "\u2212")


def _question(asked: dict[str, Any]) -> dict[str, Any]:
    """The question with its rows; mean: whether its table has such a column."""
    rows = [_row(row) for row in asked["languages"]]
    return {**asked, "rows": rows, "mean": any(row["mean"] is not None for row in rows)}


def _row(row: dict[str, Any]) -> dict[str, Any]:
    all_ = row["language"] == "all"
    name = "all languages" if all_ else named(row["language"])
    shown = ", ".join(f"{value} {count:,}" for value, count in row["values"])
    return {
        **row,
        "name": name,
        "all": all_,
        "bars": svg.bars([n for _, n in row["values"]], label=f"{name}: {shown}", width=70, height=22),
        "alphas": interval(row["alpha"], row["alpha_low"], row["alpha_high"], name),
        "shown": [f"{a} and {b}: {n:,}" for a, b, n in row["confusions"][:MOST]],
        "more": sum(n for _, _, n in row["confusions"][MOST:]),
    }


def interval(value: float | None, low: float | None, high: float | None, name: str) -> Markup:
    """Alpha as a dot and its interval as a bar, between LOW and 1, with lines at 0 and at .667 and .8 (Krippendorff's own
    marks for tentative and for sound conclusions); nothing where there is no alpha."""
    if value is None or low is None or high is None:
        return Markup("")
    width, height = 150, 16

    def place(one: float) -> float:
        return width * (min(max(one, LOW), HIGH) - LOW) / (HIGH - LOW)

    marks = "".join(f'<path class="mark" d="M{place(one):.1f} 0V{height}"/>' for one in (0, 2 / 3, 0.8))
    label = f"{name}: alpha {number(value)}, from {number(low)} to {number(high)}"
    return Markup(
        '<svg class="interval" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{label}">{marks}'
        '<path class="range" d="M{a:.1f} 8H{b:.1f}"/><circle cx="{x:.1f}" cy="8" r="4"/></svg>'
    ).format(w=width, h=height, label=label, marks=Markup(marks), a=place(low), b=place(high), x=place(value))
