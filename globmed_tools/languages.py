"""The language table, read from languages.toml.

    >>> get("sw").name, get("jp").code, get("ar").direction
    ('Swahili', 'ja', 'rtl')

Adding a language is one block in languages.toml, then `globmed bench generate`. No other module may hold a dictionary
keyed by language code.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .errors import GlobmedError, suggest

#: Canonical labels of the label forms, in the order in which prompts list them.
LABELS = {"nli": ("entailment", "neutral", "contradiction"), "yesno": ("yes", "no", "maybe")}


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """One row of the table; languages.toml's header says what each field means."""

    code: str
    name: str
    native: str
    aliases: tuple[str, ...]
    script: str
    direction: str
    spaces: bool
    tier: str
    in_paper: bool
    lid: tuple[str, ...]
    decoys: tuple[str, ...]
    letters: str
    digits: str
    markers: tuple[str, ...]
    words: dict[str, str]
    length: dict[str, float]
    abbreviations: tuple[str, ...]
    inflection: dict[str, str | int]
    labels: dict[str, list[str]]
    ask: dict[str, str]
    extract: dict[str, list[str]]
    stopwords: tuple[str, ...]
    negation: dict[str, list[str]]
    comparison: dict[str, list[str]]
    numbers: dict[str, str | int | bool | list[str]]
    units: dict[str, str]

    @classmethod
    def from_row(cls, row: dict) -> "Language":
        fields = dict(row)
        fields["extract"] = dict(fields["extract"])
        fields["stopwords"] = tuple(fields["extract"].pop("stopwords").split())
        fields["abbreviations"] = tuple(fields["abbreviations"].split())
        for name in ("aliases", "lid", "decoys", "markers"):
            fields[name] = tuple(fields[name])
        return cls(**fields)


@cache
def table() -> dict[str, Language]:
    """code -> Language, in the table's order (the paper's twelve first)."""
    rows = tomllib.loads(Path(__file__).with_name("languages.toml").read_text("utf-8"))["language"]
    return {row["code"]: Language.from_row(row) for row in rows}


@cache
def _names() -> dict[str, str]:
    names = {}
    for language in table().values():
        for name in (language.code, *language.aliases):
            names[name.lower()] = language.code
    return names


def find(code: str) -> Language | None:
    """The language with this code or alias (`jp`, `zho`, `pt-BR`), or None."""
    code = _names().get(code.lower().replace("_", "-"))
    return table()[code] if code else None


@cache
def get(code: str) -> Language:
    """As `find`; raises GlobmedError where the table has no such language."""
    language = find(code)
    if language is None:
        raise GlobmedError(
            f"unknown language {code!r}{suggest(code, _names())} Known: {' '.join(table())}. "
            "A new one is one block in globmed_tools/languages.toml."
        )
    return language


def codes(*, paper: bool = False, tier: str | None = None) -> list[str]:
    """Language codes in the table's order, optionally only the paper's or only one tier's."""
    return [one.code for one in table().values() if (one.in_paper or not paper) and (tier is None or one.tier == tier)]
