"""One way to print tables: fitted to a terminal, uncut in a pipe or a file."""

from __future__ import annotations

import os


def console(*, stderr: bool = False):
    """A rich Console; where it is no terminal and $COLUMNS is unset, wide enough that nothing is cut."""
    from rich.console import Console

    made = Console(stderr=stderr)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made = Console(stderr=stderr, width=160)
    return made


def save_svg(renderables, path, *, title: str, width: int = 96) -> None:
    """Draw what a terminal would show as an SVG picture that needs no font from the network."""
    import io
    import re

    from rich._export_format import CONSOLE_SVG_FORMAT
    from rich.console import Console

    drawn = Console(record=True, file=io.StringIO(), width=width, force_terminal=True)
    for one in renderables:
        drawn.print(one)
    plain = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.S)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(drawn.export_svg(title=title, code_format=plain, unique_id="globmed"), "utf-8")


def table(*columns: str, title: str | None = None):
    """A plain table that is read well in a terminal and in a pasted log."""
    from rich import box
    from rich.table import Table

    return Table(*columns, title=title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
