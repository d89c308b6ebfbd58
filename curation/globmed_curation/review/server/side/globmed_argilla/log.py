"""The server's log never grows past a limit: what it said before stands in server.log.1, and what it said before that is gone.

    watch(Path("server.log"))          # a thread that looks every few seconds

Everything that the process writes goes there, tracebacks of libraries too, so the file behind stdout and stderr is exchanged, not
a handler of one logger. No line is lost on the way: the old file is renamed, and both descriptors move to the new one at once.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

#: Bytes; with the file before it, the log takes up to twice as much, and what is written between two looks.
LIMIT = 10_000_000
EVERY = 5.0


def watch(path: Path, limit: int = LIMIT, every: float = EVERY) -> threading.Thread:
    """Keep the log that stdout and stderr write small, until the process ends. It is looked at once before this returns."""
    roll(path, limit)

    def look() -> None:
        while True:
            time.sleep(every)
            try:
                roll(path, limit)
            except OSError as error:  # a full disk: the server goes on, and says so where it can
                print(f"{path}: cannot be begun anew ({error.strerror})", file=sys.stderr)

    made = threading.Thread(target=look, name="log", daemon=True)
    made.start()
    return made


def roll(path: Path, limit: int) -> bool:
    """Whether the log was over the limit and was begun anew."""
    if not path.is_file() or path.stat().st_size <= limit:
        return False
    os.replace(path, path.with_name(f"{path.name}.1"))
    new = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(new, stream.fileno())
    os.close(new)
    return True
