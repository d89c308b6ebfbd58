"""How far it is, on stderr, where that is a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def counting(text: str, hidden: bool) -> Iterator[Callable[[int], None]]:
    """tick(n): n rows more."""
    with _bars(hidden) as bars:
        task = bars.add_task(text, total=None)
        yield lambda count: bars.advance(task, count)


@contextmanager
def steps(hidden: bool) -> Iterator[Callable[[str, int, int], None]]:
    """told(what, done, total): a bar for each thing that is being done."""
    with _bars(hidden) as bars:
        tasks: dict[str, int] = {}

        def told(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield told


def _bars(hidden: bool):
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    screen = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=screen, transient=True, disable=hidden or not screen.is_terminal)
