"""What code a stage's result depends on, as one fingerprint, so that a run that is taken up again after an edit says so.

    fingerprint("check")    "5a0f...": the stage's own folder, the folders that it names in CODE, and the tables and nouns

Only text counts, by content: a checkout and an installed wheel of the same version agree.
"""

from __future__ import annotations

import functools
from pathlib import Path

import globmed_tools

from . import stages

_HERE = Path(__file__).resolve().parent
#: What reading the original files depends on.
_INGEST = ("sources", "ingest.py", "gather.py")


@functools.cache
def fingerprint(name: str) -> str:
    """xxh3-64 over the files behind this stage (or "ingest"), their names included."""
    import xxhash

    digest = xxhash.xxh3_64()
    for path in _files(name):
        digest.update(f"{path.parent.name}/{path.name}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(name: str) -> list[Path]:
    if name == "ingest":
        parts = _INGEST
    else:
        module = stages.load(name)
        parts = (module.__name__.split(".")[1], *getattr(module, "CODE", ()))
    found = [_HERE / part for part in parts] + [Path(globmed_tools.__file__).parent]
    return [file for one in found for file in ([one] if one.is_file() else _texts(one))]


def _texts(folder: Path) -> list[Path]:
    """The files of a folder that are code or data; its subfolders hold commands and samples, which no stage reads."""
    return sorted(path for path in folder.iterdir() if path.is_file() and path.suffix not in (".pyc", ".md"))
