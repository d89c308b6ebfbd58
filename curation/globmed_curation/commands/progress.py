"""Progress on stderr: a bar a segment where stderr is a terminal, a line a segment where it is a log."""

from __future__ import annotations

from contextlib import contextmanager

from ..engines import Progress
from ..work import Done


class Bars(Progress):
    """Bars for people: one for each segment of the pipeline, moved on by every shard."""

    def __init__(self, bars):
        self.bars, self.task = bars, None

    def begin(self, label: str, total: int) -> None:
        self.task = self.bars.add_task(label, total=None if total == 0 else total)
        self.seen: set[str] = set()

    def step(self, done: Done) -> None:
        note = "" if done.fresh else " (was there)"
        self.bars.update(self.task, note=f"{done.shard} {done.stage}{note}")
        if done.shard not in self.seen:
            self.seen.add(done.shard)
            self.bars.advance(self.task)

    @contextmanager
    def asking(self, state):
        from globmed_tools.llm import progress

        self.bars.stop()  # one live line at a time
        try:
            with progress.shown(state):
                yield
        finally:
            self.bars.start()


class Lines(Progress):
    """One line a segment, for logs."""

    def begin(self, label: str, total: int) -> None:
        import click

        click.echo(f"{label}: {total} shards", err=True)

    def asking(self, state):
        from globmed_tools.llm import progress

        return progress.shown(state)


@contextmanager
def shown(quiet: bool):
    """A Progress for this terminal, log or silence."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    console = Console(stderr=True)
    if quiet:
        yield Progress()
    elif not console.is_terminal:
        yield Lines()
    else:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
        )
        with RichProgress(*columns, console=console) as bars:
            added = bars.add_task
            bars.add_task = lambda label, **fields: added(label, note="", **fields)
            yield Bars(bars)


@contextmanager
def counting(text: str, hidden: bool):
    """Yields tick(): a running count on stderr, shown only where that is a terminal."""
    import itertools

    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}: {task.completed} items"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=hidden or not console.is_terminal) as bar:
        task = bar.add_task(text, total=None)
        count = itertools.count(1)

        def tick():
            done = next(count)
            if done % 500 == 0:  # redrawing for each item costs as much as reading it
                bar.update(task, completed=done)

        yield tick
