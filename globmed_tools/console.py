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


def table(*columns: str, title: str | None = None):
    """A plain table that is read well in a terminal and in a pasted log."""
    from rich import box
    from rich.table import Table

    return Table(*columns, title=title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
