"""A run on stderr: a live line where that is a terminal, a line every half minute where it is a log; then a summary.

with shown(engine.tally, quiet=False):
    async for outcome in engine.run(calls): ...
show(summary(engine.tally))                  # failures by cause, with what to do
"""

from __future__ import annotations

import threading
from contextlib import contextmanager

from .. import console
from .causes import CAUSES
from .tally import Tally

EVERY = 30.0


@contextmanager
def shown(tally: Tally, quiet: bool = False, every: float = EVERY):
    """Show the tally's line while the block runs; notices come out as lines of their own. At the end the last line stays."""
    if quiet:
        yield
        return
    screen = console.console(stderr=True)
    ended, said = threading.Event(), 0

    def notices() -> None:
        nonlocal said
        for line in tally.notices[said:]:
            screen.print(line, markup=False, highlight=False, soft_wrap=True)
            said += 1

    def loop(step, seconds: float) -> None:
        while not ended.wait(seconds):
            notices()
            step()

    def log() -> None:
        screen.print(tally.line(), markup=False, highlight=False, soft_wrap=True)

    if screen.is_terminal:
        from rich.live import Live
        from rich.text import Text

        with Live(get_renderable=lambda: Text(tally.line()), console=screen, refresh_per_second=4, transient=True):
            with _thread(loop, ended, lambda: None, 0.25):
                yield
    else:
        with _thread(loop, ended, log, every):
            yield
    notices()
    log()


@contextmanager
def _thread(loop, ended, *what):
    thread = threading.Thread(target=loop, args=what, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def summary(tally: Tally):
    """A rich table: failures by cause, how many, and what to do; None where nothing failed."""
    if not tally.failed:
        return None
    made = console.table("failed", "calls", "what to do")
    for cause, count in tally.failed.most_common():
        made.add_row(cause, f"{count:,}", CAUSES[cause].remedy)
    return made
