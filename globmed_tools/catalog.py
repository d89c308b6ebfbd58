"""The table of source sets, read from catalog.toml.

>>> get("medqa").form, get("mednli").hub
('mcq', '')
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .errors import GlobmedError, suggest

FORMS = ("mcq", "nli", "yesno", "longform")


@dataclass(frozen=True, slots=True)
class SourceSet:
    """One row of the catalog; catalog.toml's header says what each field means."""

    name: str
    title: str
    form: str
    options: tuple[int, int]
    hub: str
    hub_splits: tuple[str, ...]
    rows: str
    in_paper: bool
    licence: str
    origin: str
    citation: str
    sure: dict[str, str]
    bench: bool = True


@cache
def table() -> dict[str, SourceSet]:
    """name -> SourceSet, in the table's order."""
    rows = tomllib.loads(Path(__file__).with_name("catalog.toml").read_text("utf-8"))["set"]
    tuples = ("options", "hub_splits")
    return {row["name"]: SourceSet(**{k: tuple(v) if k in tuples else v for k, v in row.items()}) for row in rows}


def get(name: str) -> SourceSet:
    """The set with this name; raises GlobmedError where the catalog has none."""
    try:
        return table()[name]
    except KeyError:
        raise GlobmedError(f"unknown set {name!r}{suggest(name, table())} Known: {' '.join(table())}.") from None


def folder_names(source: SourceSet) -> tuple[str, ...]:
    """Names under which a folder of this set is found on disk: ours, and the last part of its hub id."""
    return (source.name, source.hub.rpartition("/")[2]) if source.hub else (source.name,)
