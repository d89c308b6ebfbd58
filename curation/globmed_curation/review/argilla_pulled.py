"""What a dataset was like when it was last pulled: REVIEW/pulled.json.

    {"format": "globmed-pulled", "version": 1, "datasets": [
      {"id": "7c1f...", "name": "trial-sw", "activity": "2026-11-23T14:02:11.653469", "answers": {"submitted": 212, "draft": 3,
       "discarded": 1}, "guidelines": "5b0e...", "held": 216, "problems": 0}]}

Where all of it is as it was, a dataset need not be read again. It holds no name, and may be removed: the next pull then reads
everything, and adds nothing twice.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from globmed_tools import manifest
from globmed_tools.errors import GlobmedError

NAME = "pulled.json"
FORMAT, VERSION = "globmed-pulled", 1


@dataclass(frozen=True, slots=True)
class State:
    """One dataset, known by its id. activity: when anybody last answered in it; answers: by status, as the server counts
    them; guidelines: version of what was shown; held: its answers in the folder; problems: what could not be read."""

    id: str
    name: str
    activity: str
    answers: dict[str, int]
    guidelines: str
    held: int
    problems: int


def read(folder: Path) -> dict[str, State]:
    """Dataset id -> what it was like."""
    path, advice = folder / NAME, "Remove it: the next pull then reads everything, and adds nothing twice."
    if not path.is_file():
        return {}
    found = manifest.read_object(path, "what was pulled", advice)
    if found.get("format") != FORMAT or found.get("version") != VERSION:
        raise GlobmedError(f"{path}: of another kind ({found.get('format')} {found.get('version')}). {advice}")
    try:
        return {row["id"]: State(**row) for row in found["datasets"]}
    except (KeyError, TypeError) as error:
        raise GlobmedError(f"{path}: damaged, a field is missing or wrong ({error}). {advice}") from None


def remember(folder: Path, one: State) -> None:
    """Put a dataset on record, in the place of what was known of it."""
    rows = sorted({**read(folder), one.id: one}.values(), key=lambda each: (each.name, each.id))
    told = {"format": FORMAT, "version": VERSION, "datasets": [asdict(each) for each in rows]}
    manifest.write_bytes(folder / NAME, orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
