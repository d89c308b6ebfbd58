"""Lost negations: "no debe" -> "debe" in the translation, or "must not" -> "must" in the source beside an untouched translation.

Planted only where it is clear: the source has one negation and no other negative word, the translation has one that
words.toml can take out and no further negative word after that. The second way works in every language alike.
"""

from __future__ import annotations

from random import Random

import regex

from . import Planted, Text, compiled, fault, words


def matches(line: str, rules: list[list[str]]) -> list[tuple[regex.Match, str]]:
    """(match, replacement) of every rule that fits, without those that lie in an earlier rule's match."""
    found: list[tuple[regex.Match, str]] = []
    for pattern, new in rules:
        for match in compiled(pattern, regex.I).finditer(line):
            if not any(match.start() < m.end() and m.start() < match.end() for m, _new in found):
                found.append((match, match.expand(new)))
    return found


def without(line: str, code: str) -> tuple[str, str] | None:
    """(the line without its one negation, what was done), or None where it has none, several, or an unclear one."""
    row = words(code)
    found = matches(line, row.get("negation", []))
    if len(found) != 1:
        return None
    match, new = found[0]
    made = line[: match.start()] + new + line[match.end() :]
    if match.start() == 0 and new[:1].islower() != line[:1].islower():
        made = made[:1].upper() + made[1:]
    if compiled(row["also"], regex.I).search(made):
        return None
    return made, f"{match[0].strip()!r} -> {new.strip()!r}"


@fault("negation lost in the translation", checks=("negation",))
def lost_in_translation(text: Text, random: Random) -> Planted | None:
    """no puede -> puede."""
    if without(text.source, "en") is None:
        return None
    found = without(text.translation, text.language)
    return found and Planted(text.source, *found)


@fault("negation lost in the source", checks=("negation",))
def lost_in_source(text: Text, random: Random) -> Planted | None:
    """must not -> must, the translation keeps its "not": seen from the translation, one was added."""
    found = without(text.source, "en")
    return found and Planted(found[0], text.translation, found[1])
