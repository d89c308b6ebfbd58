"""What was pushed where: REVIEW/pushed.json.

    {"format": "globmed-pushed", "version": 1, "datasets": [
      {"name": "trial-sw", "id": "7c1f...", "workspace": "globmed", "language": "sw", "round": "review", "reviews": 1,
       "server": "http://127.0.0.1:6900", "records": 216, "questions": "2f1c...", "guidelines": "5b0e...",
       "contents": {"5e0c...": "9a1f..."}}]}

A dataset is known by its id; the server's address may change. contents: of each item, `argilla_records.content` as it was
pushed, so that a pull can tell whether an answer is to the text that the review folder holds. No key and no name stands here.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from globmed_tools import manifest
from globmed_tools.errors import GlobmedError

NAME = "pushed.json"
FORMAT, VERSION = "globmed-pushed", 1


@dataclass(frozen=True, slots=True)
class Pushed:
    """One dataset on a server. round: review | adjudication; reviews: answers wanted a record; questions, guidelines:
    versions of what reviewers were asked and read; contents: item id -> content."""

    name: str
    id: str
    workspace: str
    language: str
    round: str
    reviews: int
    server: str
    records: int
    questions: str
    guidelines: str
    contents: dict[str, str]


def read(folder: Path) -> list[Pushed]:
    """The datasets that this review was pushed to; none where it was not yet."""
    path, advice = folder / NAME, "Put it back, or push again: that adds nothing twice."
    if not path.is_file():
        return []
    found = manifest.read_object(path, "a list of datasets", advice)
    if found.get("format") != FORMAT or found.get("version") != VERSION:
        raise GlobmedError(f"{path}: of another kind ({found.get('format')} {found.get('version')}). {advice}")
    try:
        return [Pushed(**row) for row in found["datasets"]]
    except (KeyError, TypeError) as error:
        raise GlobmedError(f"{path}: damaged, a field is missing or wrong ({error}). {advice}") from None


def remember(folder: Path, one: Pushed) -> None:
    """Put a dataset among those of the folder, in the place of what was known of it."""
    rows = [asdict(each) for each in read(folder) if each.id != one.id] + [asdict(one)]
    rows.sort(key=lambda row: (row["name"], row["id"]))
    told = {"format": FORMAT, "version": VERSION, "datasets": rows}
    manifest.write_bytes(folder / NAME, orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
