"""Files of a review that their owner alone may read: names of people, accounts, passwords.

    rows(review, FOLDER / "people.json", "people", what="a list of reviewers", advice="Put an older copy back.", make=...)
    write(review, FOLDER / "people.json", content)

The folder is made with mode 0700, the file has 0600. A lost file is an empty list, a damaged one is an error with advice.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import orjson

from globmed_tools import manifest
from globmed_tools.errors import GlobmedError

FOLDER = Path("private")
_Row = TypeVar("_Row")


def rows(
    review: Path, name: Path, key: str, *, what: str, advice: str, make: Callable[[dict[str, Any]], _Row]
) -> list[_Row]:
    """The rows that a file holds under `key`, each through `make`; GlobmedError where one cannot be made."""
    path = review / name
    if not path.is_file():
        return []
    found = manifest.read_object(path, what, advice)
    try:
        return [make(row) for row in found[key]]
    except (KeyError, TypeError) as error:
        raise GlobmedError(f"{path}: damaged, a field is missing or wrong ({error}). {advice}") from None


def write_rows(review: Path, name: Path, key: str, found: list[dict[str, Any]]) -> None:
    """Write the rows under `key`, in one step."""
    write(review, name, orjson.dumps({key: found}, option=orjson.OPT_INDENT_2) + b"\n")


def write(review: Path, name: Path, content: bytes) -> None:
    """Write a file below FOLDER in one step; nobody else may read it or look into the folder."""
    (review / FOLDER).mkdir(parents=True, exist_ok=True)
    (review / FOLDER).chmod(0o700)
    manifest.write_bytes(review / name, content).chmod(0o600)
