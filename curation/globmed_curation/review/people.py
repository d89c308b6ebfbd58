"""Names of reviewers <-> pseudonyms. Only pseudonyms stand in anything that is handed on.

    >>> pseudonym(Path("review"), "Amina Diallo")
    'R01'
    review/private/people.json     {"people": [{"pseudonym": "R01", "name": "Amina Diallo"}]}, readable by its owner alone

A pseudonym says no more than that somebody was the first, second, ... to be named. Leave private/ out when the folder is shared.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from globmed_tools.errors import GlobmedError

from . import private

FILE = private.FOLDER / "people.json"
PSEUDONYM = re.compile(r"R[0-9]{2,}\Z")


def read(folder: Path) -> dict[str, str]:
    """pseudonym -> name, in the order in which they were given."""
    return dict(
        private.rows(
            folder,
            FILE,
            "people",
            what="a list of reviewers",
            advice="Put an older copy back: without it nobody knows whose answers are whose.",
            make=lambda row: (row["pseudonym"], row["name"]),
        )
    )


def pseudonym(folder: Path, name: str, *, dry: bool = False) -> str:
    """The pseudonym of a person, a new one for a new name. A pseudonym that was given already stands for itself. dry: say what
    it would be, and remember nothing."""
    known, wanted = read(folder), _plain(name)
    if not wanted:
        raise GlobmedError("a reviewer's name is empty. Give a name, or a pseudonym such as R01.")
    for one, other in known.items():
        if wanted in (one.casefold(), _plain(other)):
            return one
    if PSEUDONYM.match(name.strip()):
        told = ", ".join(known) or "none"
        raise GlobmedError(f"{name.strip()}: a pseudonym that nobody has (given: {told}). Give the person's name.")
    made = f"R{len(known) + 1:02d}"
    if not dry:
        people = {**known, made: " ".join(name.split())}
        rows = [{"pseudonym": one, "name": name} for one, name in people.items()]
        private.write_rows(folder, FILE, "people", rows)
    return made


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()
