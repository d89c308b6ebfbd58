"""The report as one HTML page that asks nothing of the network.

    write(report, Path("report.html"))       # report: what model.build returned

The page holds the report's JSON and draws from it; its scripts and style stand beside this file in page_parts/. A policy in
its head forbids the network and any script but its own. Every text of a model or a set goes into the page as text.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from .. import manifest
from .page_first import findings

HERE = Path(__file__).parent
#: In this order: each uses what the ones before it define; runs.js starts the page.
SCRIPTS = "base state table heat leaderboard heats profile pairs judges items runs".split()
#: Between the others where replies were judged.
JUDGED = (
    "judges",
    "Judges, and how far to trust them",
    "Judgements are opinions of language models. They stand on boards of their own (“Judged …” in the filter) and enter no other score.",
)
SECTIONS = (
    ("leaderboard", "Leaderboard", ""),
    ("languages", "Model by language", ""),
    ("profiles", "Language profiles", ""),
    ("gaps", "Gap to English", ""),
    ("disparity", "Equal service", ""),
    ("sets", "Set by language", ""),
    ("size", "Score against size", ""),
    ("pairs", "Model against model", ""),
    ("improvement", "Improvement over a base", ""),
    ("runs", "Models, runs, what is missing", ""),
    ("items", "Items and replies", "A few items, chosen for looking and not for counting. Long replies are cut in the middle."),
)  # fmt: skip


def write(report: dict[str, Any], path: Path) -> Path:
    """Write the page; GlobmedError where the disk does not take it."""
    return manifest.write_bytes(path, render(report).encode())


def render(report: dict[str, Any]) -> str:
    """The whole document."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"n": lambda value: f"{value:,}", "seen": visible}
    script = script_text()
    items = report["items"]
    axes = {name: report[name] for name in ("languages", "sets", "models", "formulas")}
    judged = report.get("judged")
    sections = [*SECTIONS[:-2], *([JUDGED] if judged else []), *SECTIONS[-2:]]
    light = {"judged": judged} if judged else {}
    light |= {
        "boards": [{"id": one["id"], "title": one["title"]} for one in report["boards"]],
        "has_items": bool(items),
    }
    return environment.get_template("page.html.jinja").render(
        axes
        | {name: report[name] for name in ("made", "reasons", "notes", "skipped")}
        | {
            "title": _title(report),
            "sample": _sample(report),
            "problems": (items or {}).get("problems", []),
            "boards": [one | {"first": findings(report, one), "data": embedded(one)} for one in report["boards"]],
            "sections": sections,
            "data": embedded(axes | light),
            "items": embedded(items) if items else "",
            "style": Markup((HERE / "page_parts" / "page.css").read_text("utf-8")),
            "script": Markup(script),
            "digest": b64encode(sha256(script.encode()).digest()).decode(),
        }
    )


def script_text() -> str:
    """The scripts of page_parts as one, in a scope of its own."""
    parts = ((HERE / "page_parts" / f"{name}.js").read_text("utf-8") for name in SCRIPTS)
    return '"use strict";\n(function () {\n' + "\n".join(parts) + "})();\n"


def embedded(value: Any):
    """JSON for a script element: no "<" is left that could end it or open a comment."""
    from markupsafe import Markup

    return Markup(orjson.dumps(value).decode().replace("<", "\\u003c"))


def visible(text: str) -> str:
    """The text with letters that turn its direction, or have no form, shown by their number."""
    return "".join(f"⟦U+{ord(one):04X}⟧" if _hidden(one) else one for one in str(text))


def _hidden(letter: str) -> bool:
    return letter in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x7f" or (
        letter < " " and letter not in "\t\n"
    )


def _title(report: dict[str, Any]) -> str:
    """ "6 models, 12 languages, 9 sets"; one model by its name."""
    counted = ((len(report[name]), name) for name in ("models", "languages", "sets"))
    told = [f"{many} {name if many != 1 else name[:-1]}" for many, name in counted]
    if len(report["models"]) == 1:
        told[0] = report["models"][0]["name"]
    return ", ".join(told)


def _sample(report: dict[str, Any]) -> str:
    """ "all" or "some" of the runs used the sample that ships with the package; "" for none."""
    used = [{name.split()[0] for name in run["data"] if name} for one in report["models"] for run in one["runs"]]
    if not any("sample" in names for names in used):
        return ""
    return "all" if all(names == {"sample"} for names in used) else "some"
