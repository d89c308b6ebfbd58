"""The checks by name: what each looks for, what it does by default, and where it stands.

    >>> load("numbers")(pair)
    [Finding(check='numbers', score=1.0, ...)]
    >>> CHECKS["negation"].severity, CHECKS["negation"].threshold
    ('flag', 0.5)

A finding at or over the threshold acts with the severity: `drop` takes the translation out, `flag` marks it for review,
`note` only records it, `off` means that the check is not run. A check of scope `field` is a function (Pair) -> findings;
`options` sees the options of an entry together, `language` all fields of a shard at once, and `glossary` is given its terms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from globmed_tools.errors import GlobmedError, suggest

from . import Finding, Pair

SEVERITIES = ("drop", "flag", "note", "off")


@dataclass(frozen=True, slots=True)
class Check:
    """One check. where: module (in this package) and function; meaning: one line for reports."""

    name: str
    severity: str
    meaning: str
    threshold: float = 0.5
    scope: str = "field"
    where: str = ""


_ALL = (
    Check("empty", "drop", "nothing stands where the source has a text"),
    Check("language", "drop", "the text is in another language", 0.65, "shard"),
    Check("script", "drop", "letters of a script that the language does not use"),
    Check("untranslated", "drop", "all or long stretches of it are copied from the source"),
    Check("loop", "drop", "the same words come again and again"),
    Check("options", "drop", "options lost, made alike, or in another order", scope="options"),
    Check("leak", "drop", "the answer given away, or a translator's remarks and markup"),
    Check("length", "flag", "far shorter or longer than usual"),
    Check("truncation", "flag", "breaks off before the end"),
    Check("sentences", "flag", "a sentence left out or added"),
    Check("negation", "flag", "a negation lost or added"),
    Check("numbers", "drop", "a number lost, added or changed"),
    Check("units", "drop", "a unit changed"),
    Check("doses", "flag", "a dose moved to another drug"),
    Check("comparison", "flag", "a comparison turned round (≥, <, at least)"),
    Check("dates", "flag", "a date changed"),
    Check("glossary", "note", "a term not rendered as the glossary says", scope="glossary"),
)
CHECKS = {check.name: check for check in _ALL}


def load(name: str) -> Callable[[Pair], list[Finding]]:
    """The function of this check; GlobmedError where there is none."""
    if name not in CHECKS:
        raise GlobmedError(f"unknown check {name!r}{suggest(name, CHECKS)} Known: {', '.join(CHECKS)}.")
    module, _, function = (CHECKS[name].where or f"{name}:check").partition(":")
    return getattr(import_module(f"{__package__}.{module}"), function)
