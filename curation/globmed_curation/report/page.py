"""The page: figures and examples -> HTML, by the template beside this file.

    html = render(figures, shown)        # one self-contained document; no address is asked for anything

Every text is escaped by the template; a policy in the page's head forbids the network and any script but the page's own.
"""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup, escape

from globmed_tools import catalog, languages

from ..translate import is_pseudo
from . import cards, svg
from .collect import FLAGGED, SIZES
from .eye import named
from .folders import UNKNOWN, in_order
from .marks import visible

HERE = Path(__file__).parent
#: Rows of what a stage counted that are shown; its manifest holds them all.
MOST_STATS = 40


def render(told: dict[str, Any], shown: list[dict[str, Any]]) -> str:
    """The whole document."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"n": _number, "sig": _significant, "percent": _percent, "json": _json, "seen": visible}
    environment.filters["named"] = named
    environment.globals |= {"named": named, "go": go, "lossy": _lossy, "is_pseudo": is_pseudo}
    script = (HERE / "page.js").read_text("utf-8")
    groups = cards.build(shown, told["folder"])
    codes = in_order({code for stage in told["stages"] for code in stage["languages"]})
    return environment.get_template("page.html.jinja").render(
        run=told,
        codes=codes,
        pseudo=any(is_pseudo(name) for by in told["entries"]["translators"].values() for name in by),
        style=Markup((HERE / "page.css").read_text("utf-8")),
        script=Markup(script),
        digest=b64encode(sha256(script.encode()).digest()).decode(),
        sizes=SIZES,
        flow=svg.flow(told["stages"]),
        groups=groups,
        cards=sum(len(group["cards"]) for group in groups),
        there={(group["stage"], group["reason"], group["language"]) for group in groups},
        stats={stage["slug"]: counted(stage["stats"]) for stage in told["stages"]},
        sets=_sets(told),
        lengths=_lengths(told),
        ratios=_ratios(told),
        scripts=_scripts(told),
        checks=_checks(told),
        check_codes=in_order({code for row in told["checks"] for code in row["languages"]}),
        scores=_scores(told),
        chosen={
            name: sorted({group[name] for group in groups}) for name in ("stage", "reason")
        } | {
            "language": in_order(group["language"] for group in groups),
            "set": sorted({card["set"] for group in groups for card in group["cards"]}),
        },
    )  # fmt: skip


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,}"


def _significant(value: float | None) -> str:
    """Three significant digits, without an exponent."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _percent(part: float, whole: float) -> str:
    """ "12 %", "0.3 %", "under 0.1 %"; nothing of nothing."""
    if not whole or not part:
        return ""
    share = 100 * part / whole
    return "under 0.1 %" if share < 0.1 else f"{share:.1f} %" if share < 10 else f"{share:.0f} %"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def go(**chosen: str) -> str:
    """The address of the examples with these filters."""
    return "#filter?" + urlencode(chosen)


def _lossy(codes: list[str], stage: dict[str, Any]) -> list[str]:
    """The languages of which this stage dropped anything: narrow tables leave the others out."""
    return [code for code in codes if stage["languages"].get(code, {}).get("dropped")]


def counted(stats: dict[str, Any]) -> list[dict[str, Any]]:
    """What a stage counted, as tables of names x languages: [{name, codes, rows: [(name, {code: n}, sum)], left}]."""
    tables = []
    for name, value in stats.items():
        if name == "scores" or (isinstance(value, dict) and not value):
            continue
        leaves = list(_leaves(value, ()))
        place = _language_place([path for path, _ in leaves])
        rows: dict[str, dict[str, Any]] = {}
        for path, number in leaves:
            told = " · ".join(part for at, part in enumerate(path) if at != place) or name
            row = rows.setdefault(told, {})
            code = path[place] if place is not None else ""
            row[code] = row.get(code, 0) + number
        codes = in_order({code for row in rows.values() for code in row} - {""})
        listed = [(told, row, sum(row.values())) for told, row in rows.items()]
        tables.append(
            {"name": name, "codes": codes, "rows": listed[:MOST_STATS], "left": max(0, len(listed) - MOST_STATS)}
        )
    return tables


def _leaves(value: Any, path: tuple[str, ...]):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, str(name)))
    else:
        yield path, value


def _language_place(paths: list[tuple[str, ...]]) -> int | None:
    """Which part of every path is a language code, if one is."""
    known = {*languages.codes(), UNKNOWN}
    for place in range(min(map(len, paths), default=0)):
        if all(path[place] in known for path in paths):
            return place
    return None


def _sets(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Each set with its splits by language."""
    made = []
    for name, by in told["entries"]["sets"].items():
        codes = in_order(by)
        splits = sorted({split for part in by.values() for split in part}, key=_split_order)
        known = catalog.table().get(name)
        made.append(
            {
                "set": name,
                "title": known.title if known else name,
                "form": told["entries"]["forms"][name],
                "licences": told["entries"]["licences"][name],
                "codes": codes,
                "splits": {split: {code: by[code].get(split, 0) for code in codes} for split in splits},
                "sums": {code: sum(by[code].values()) for code in codes},
            }
        )
    return made


def _split_order(name: str) -> tuple[int, str]:
    known = ("train", "dev", "test")
    return (known.index(name) if name in known else len(known), name)


def _lengths(told: dict[str, Any]) -> list[dict[str, Any]]:
    made = []
    for code, row in told["lengths"].items():
        label = f"{named(code)}: {row['all']['n']:,} entries, median {row['all']['p50']:g} characters"
        made.append({"code": code, **row["all"], "sets": row["sets"], "picture": svg.bars(row["bins"], label=label)})
    return made


def _ratios(told: dict[str, Any]) -> list[dict[str, Any]]:
    made = []
    for row in told["ratios"]:
        label = f"{row['source']} to {row['language']}: median ratio {row['p50']:g}"
        lines = [(row["usual"] / row["high"], "usual")] if row["usual"] else []
        made.append({**row, "picture": svg.bars(row["bins"], label=label, lines=lines)})
    return made


def _scripts(told: dict[str, Any]) -> list[dict[str, Any]]:
    made = []
    for code, row in told["scripts"].items():
        total = row["letters"] or 1
        parts = []
        for name, count in row["scripts"].items():
            kind = "in" if name in row["own"] else "latin" if name in ("Latin", "Greek", "Common") else "out"
            parts.append((f"{name} {count / total:.2%}", count / total, kind))
        label = f"{named(code)}: " + ", ".join(name for name, *_ in parts[:4])
        worst = [{**one, "html": _odd(one["text"], one["odd"])} for one in row["worst"]]
        made.append({"code": code, **row, "worst": worst, "picture": svg.share(parts, label=label)})
    return made


def _odd(text: str, odd: str) -> Markup:
    """The text with these letters marked."""
    pieces = (Markup("<mark>{}</mark>").format(one) if one in odd else escape(visible(one)) for one in text)
    return Markup("").join(pieces)


def _checks(told: dict[str, Any]) -> list[dict[str, Any]]:
    made, last = [], told["stages"][-1]["slug"]
    for row in told["checks"]:
        cells = {}
        for code, found in row["languages"].items():
            some = sum(found["bins"])
            label = f"{row['check']}, {code}: {some:,} scored above 0, {found['acting']:,} at the threshold or over"
            lines = [(row["threshold"], "limit")] if row["threshold"] else []
            picture = svg.bars(found["bins"], label=label, lines=lines, width=50, height=18) if some else ""
            cells[code] = {**found, "some": some, "picture": picture}
        # Entries that it flagged are shown as kept by the last stage; those that it dropped under its own name.
        flagged = row["severity"] == "flag"
        where = {"stage": last, "reason": f"{FLAGGED}: {row['check']}"} if flagged else {"reason": row["check"]}
        made.append({**row, **where, "cells": cells, "sum": sum(cell["acting"] for cell in cells.values())})
    return made


def _scores(told: dict[str, Any]) -> list[dict[str, Any]]:
    made = []
    limits = {stage["stage"]: stage["settings"] for stage in told["stages"]}
    for row in told["scores"]:
        settings = limits.get(row["check"], {})
        limit = next((v for k, v in settings.items() if "threshold" in k and isinstance(v, (int, float))), None)
        width = row["high"] - row["low"]
        lines = [((limit - row["low"]) / width, "limit")] if limit is not None and width else []
        rows = []
        for code, found in row["languages"].items():
            kept, gone = found["kept"], found["dropped"]
            label = f"{row['check']} {row['name']}, {code}: {kept['n']:,} kept, {gone['n']:,} dropped"
            picture = svg.bars(found["bins"]["kept"], second=found["bins"]["dropped"], label=label, lines=lines)
            rows.append({"code": code, "kept": kept, "dropped": gone, "picture": picture})
        made.append({**row, "limit": limit, "rows": rows})
    return made
