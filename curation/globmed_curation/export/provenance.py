"""What the run that made the entries said of itself: the manifests of its stages, in order.

run_of([Path("build")])            # build/stages/0-ingest, 1-normalize, ... or, for one stage's folder, that one
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from globmed_tools import manifest, shards

from . import reviews

STAGES = "stages"


def run_of(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """The manifest fields of every stage behind these paths, with the figures of a review where one has some
    (reviews.py); [] for plain files, which say nothing."""
    found = []
    for path in map(Path, paths):
        folders = [one.parent for one in (path / STAGES).glob(f"*/{manifest.NAME}")]
        folders.sort(key=lambda one: (_number(one.name), one.name))
        for folder in folders or [path]:
            if not (folder / manifest.NAME).is_file():
                continue
            fields = shards.manifest_fields(folder)
            if fields.get("format") == shards.FORMAT:
                told = reviews.read(folder)
                found.append(fields | ({reviews.KEY: told} if told else {}))
    return found


def _number(name: str) -> int:
    """2 of 2-split."""
    number = name.partition("-")[0]
    return int(number) if number.isdecimal() else 0
