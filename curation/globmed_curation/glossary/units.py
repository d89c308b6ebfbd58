"""What every reader gives: units, each one thing said in several languages, or the reason why a line gave none.

    Unit(line=2, terms=(("en", "fever"), ("sw", "homa")), concept="", source="en")
    LeftOut(line=3, reason="no translation")

Terms of one language stand in order of preference. `source` is the language that the file translates from, "" where it only
lists names of one concept.
"""

from __future__ import annotations

from typing import NamedTuple

from globmed_tools import languages

UNKNOWN_LANGUAGE = "language"


class Unit(NamedTuple):
    """One line, translation unit or concept: (language code, term) in order, and the source's own id of what is meant."""

    line: int
    terms: tuple[tuple[str, str], ...]
    concept: str = ""
    source: str = ""


class LeftOut(NamedTuple):
    """A line, or a part of one, that gave nothing, and why."""

    line: int
    reason: str


def language_of(name: str, given: dict[str, str]) -> str | None:
    """The table's code for what a file calls a language (en_US, pt_XX, SPA), None where the table has none. `given` says what
    the user wants certain names to be.

    A region that the table does not know is passed over, but not in Chinese: zh_TW is another script.
    """
    if name in given:
        return given[name]
    plain = name.strip().replace("_", "-")
    if found := languages.find(plain):
        return found.code
    base, _, rest = plain.partition("-")
    found = languages.find(base)
    if found is None or found.script == "Hans" or len(rest) == 4:
        return None
    return found.code


def unknown(name: str) -> str:
    """The reason for a language that the table does not have."""
    return f"{UNKNOWN_LANGUAGE} {name.strip() or '(none)'} is not in the table"
