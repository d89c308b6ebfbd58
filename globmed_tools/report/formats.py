"""Tables -> CSV, LaTeX and Markdown.

csv(tables, folder)         one file a table; an interval is three columns: score, score_low, score_high
latex(tables, folder)       one file a table for \\input, with booktabs; the long tables are left to CSV
markdown(report, tables)    one text: reasons, notes, tables
"""

from __future__ import annotations

import csv as _csv
import io
from pathlib import Path
from typing import Any

from .. import manifest
from .tables import Interval, Table

_LATEX = {"&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}"}
_LATEX |= {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}


def csv(tables: list[Table], folder: Path) -> list[Path]:
    """Write every table into `folder` (made if need be); the files written."""
    return [manifest.write_bytes(folder / f"{table.name}.csv", _csv_of(table).encode()) for table in tables]


def _csv_of(table: Table) -> str:
    wide = [any(isinstance(row[place], Interval) for row in table.rows) for place in range(len(table.columns))]
    marked = any(isinstance(cell, Interval) and cell.mark for row in table.rows for cell in row)
    parts = ("", "_low", "_high", "_mark") if marked else ("", "_low", "_high")
    stream = io.StringIO()
    writer = _csv.writer(stream, lineterminator="\n")
    writer.writerow([f"{name}{part}" for name, many in zip(table.columns, wide) for part in (parts if many else ("",))])
    for row in table.rows:
        found: list[Any] = []
        for cell, many in zip(row, wide):
            found += (list(cell or (None,) * 4)[: len(parts)]) if many else [cell]
        writer.writerow(["" if one is None else one for one in found])
    return stream.getvalue()


def latex(tables: list[Table], folder: Path) -> list[Path]:
    """Write every table that a reader can take in into `folder`; the files written. They need \\usepackage{booktabs}."""
    return [
        manifest.write_bytes(folder / f"{table.name}.tex", _latex_of(table).encode())
        for table in tables
        if not table.long
    ]


def _latex_of(table: Table) -> str:
    left = [any(isinstance(row[place], str) for row in table.rows) for place in range(len(table.columns))]
    lines = [f"% {table.title}", *([f"% {table.note}"] if table.note else [])]
    lines += [rf"\begin{{tabular}}{{{''.join('l' if one else 'r' for one in left)}}}", r"\toprule"]
    lines += [" & ".join(_escaped(name) for name in table.columns) + r" \\", r"\midrule"]
    lines += [" & ".join(_escaped(shown(cell)) for cell in row) + r" \\" for row in table.rows]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])


def _escaped(text: str) -> str:
    return "".join(_LATEX.get(char, char) for char in text)


def markdown(report: dict[str, Any], tables: list[Table]) -> str:
    """The tables that a reader can take in, and above them all that must be known about them."""
    made = report["made"]
    lines = ["# GlobMed report", ""]
    lines += [f"- **Not to be compared:** {one}" for one in report["reasons"]]
    lines += [f"- Left out: {one}" for one in report["skipped"]] + [f"- {one}" for one in report["notes"]]
    lines += [
        f"- globmed {made['version']}, {made['files']:,} tasks read, {made['resamples']:,} draws from seed {made['seed']}",
        "",
    ]
    for table in tables:
        if table.long or not table.rows:
            continue
        lines += [f"## {table.title}", ""]
        lines += [_line(table.columns), "|" + " --- |" * len(table.columns)]
        lines += [_line([shown(cell) for cell in row]) for row in table.rows]
        lines += ["", *([table.note, ""] if table.note else [])]
    lines += ["## Formulas", "", *(f"- {name}: {text}" for name, text in report["formulas"].items()), ""]
    return "\n".join(lines)


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def shown(cell: Any) -> str:
    """A cell as a reader sees it: three decimals, "0.412 [0.385, 0.439]*", nothing where nothing is there."""
    if cell is None:
        return ""
    if isinstance(cell, Interval):
        if cell.value is None:
            return ""
        around = "" if cell.low is None else f" [{cell.low:.3f}, {cell.high:.3f}]"
        return f"{cell.value:.3f}{around}{cell.mark}"
    if isinstance(cell, float):
        return f"{cell:.3f}" if abs(cell) >= 0.0005 or not cell else f"{cell:.2g}"
    return str(cell)
