"""The journals of several machines made one.

    merge(Path("all.sqlite"), [Path("a/calls.sqlite"), Path("b/calls.sqlite")])
    Merged(into=..., added=8120, replaced=3, same=411, conflicts=2)

Where two have the same key, the row that `Journal.put` would keep stays (answered before failed, then the earlier one), so the
order of the files does not matter. conflicts: keys that were answered twice with different words. The others are only read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import GlobmedError
from .journal import BETTER, COLUMNS, INSERT, Journal


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did: keys that were new, rows that gave way, rows that were there already, and doubtful ones."""

    into: Path
    added: int
    replaced: int
    same: int
    conflicts: int


_JOIN = "FROM other.calls AS excluded JOIN main.calls AS calls USING (key)"


def merge(into: Path, others: Sequence[Path]) -> Merged:
    """Put the rows of the others into one journal, made where there is none; one transaction for each."""
    for path in others:
        if path.resolve() == into.resolve():
            raise GlobmedError(f"{path}: cannot be merged into itself. Name another journal.")
        Journal(path, must_exist=True).close()  # says what is wrong with it before anything is written
    added = replaced = same = conflicts = 0
    with Journal(into) as journal, journal.told():
        db = journal.db

        def count(query: str) -> int:
            return db.execute(f"SELECT count(*) {query}").fetchone()[0]

        for path in others:
            db.execute("ATTACH ? AS other", (str(path),))
            db.execute("BEGIN IMMEDIATE")
            try:
                both = count(_JOIN)
                better = count(f"{_JOIN} WHERE {BETTER}")
                conflicts += count(
                    f"{_JOIN} WHERE calls.state = 'answered' AND excluded.state = 'answered' AND calls.text <> excluded.text"
                )
                added += count("FROM other.calls") - both
                replaced += better
                same += both - better
                db.execute(INSERT.format(source=f"SELECT {COLUMNS} FROM other.calls WHERE true"))
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
            db.execute("DETACH other")
    return Merged(into, added, replaced, same, conflicts)
