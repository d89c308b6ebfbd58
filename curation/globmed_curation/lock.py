"""One writer a folder: a file held by the process that works there; the system lets go of it when the process dies.

with held(out / ".lock"): ...      # Busy, with the number of the process that holds it, where another does
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Busy(Exception):
    """Another process holds the file; the text is that process's number, or "unknown"."""


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the file, made where it is not there, until the end of the block; OSError where it cannot be written."""
    import fcntl

    with path.open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            stream.seek(0)
            raise Busy(stream.read().strip() or "unknown") from None
        stream.truncate(0)
        stream.write(str(os.getpid()))
        stream.flush()
        yield


def is_held(path: Path) -> bool:
    """Whether some process holds the file."""
    import fcntl

    if not path.is_file():
        return False
    with path.open() as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False
