"""Glossary: a term of the source that the translation does not render as the glossary says.

    >>> terms = read(Path("f_en-sw_KE.csv"))
    >>> [finding] = check(Pair("question", "Is quarantine needed?", "Je, kutengwa kunahitajika?", en, sw), terms)
    >>> finding.source, finding.detail
    ('quarantine', "the glossary has 'karantini'")

The file is a CSV or TSV with the columns sourceLang, targetLang, sourceString and targetString (others are ignored), as
those of TICO-19; several lines for a term are alternatives, and a line without a
translation (TICO-19 has them) says nothing. A word counts as present when its stem is: the first letters
without the last two (inflection), anywhere in a word (the prefixes of Zulu and Swahili).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from globmed_tools import languages
from globmed_tools.errors import GlobmedError

from . import Finding, Pair
from .texts import words

_COLUMNS = ("sourceLang", "targetLang", "sourceString", "targetString")
#: Score of a term that is missing; of one of several words, of which some are there.
MISSING, PARTLY = 0.6, 0.3
#: (source code, language code) -> first word of a term -> [(words of the term, its translations)]
Terms = Mapping[tuple[str, str], Mapping[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]]


@lru_cache(maxsize=8)
def read(path: Path) -> Terms:
    """The terms of a file; GlobmedError where it cannot be read or lacks a column."""
    path = Path(path)
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise GlobmedError(f"{path}: the glossary cannot be read ({reason}). Check the path.") from None
    lines = text.splitlines()
    rows = csv.DictReader(lines, delimiter="\t" if lines and "\t" in lines[0] else ",")
    if missing := [name for name in _COLUMNS if name not in (rows.fieldnames or ())]:
        raise GlobmedError(f"{path}, line 1: columns {', '.join(missing)} are missing. Name them in the header.")
    found: dict[tuple[str, str], dict[tuple[str, ...], list[str]]] = {}
    for row in rows:
        source, target = ((row[name] or "").strip() for name in _COLUMNS[2:])
        if not source or not target:
            continue
        pair = tuple(_language(row[name], path, rows.line_num) for name in _COLUMNS[:2])
        found.setdefault(pair, {}).setdefault(words(source), []).append(target)
    return {pair: _by_first_word(terms) for pair, terms in found.items()}


def _by_first_word(terms: dict[tuple[str, ...], list[str]]):
    """Longer terms first, so that "acute bronchitis" is asked before "bronchitis"."""
    found: dict[str, list] = {}
    for term in sorted(terms, key=lambda one: (-len(one), one)):
        if term:
            found.setdefault(term[0], []).append((term, tuple(terms[term])))
    return found


def _language(code: str, path: Path, line: int) -> str:
    for name in (code or "", (code or "").replace("_", "-").split("-")[0]):
        if language := languages.find(name):
            return language.code
    raise GlobmedError(f"{path}, line {line}: unknown language {code!r}. Use a code of the language table.")


def check(pair: Pair, terms: Terms) -> list[Finding]:
    """One finding for each term of the source that the translation does not render."""
    known = terms.get((pair.source_language.code, pair.language.code))
    if not known:
        return []
    source, found, place = words(pair.source), [], 0
    text = pair.translation.lower()
    while place < len(source):
        hit = next((one for one in known.get(source[place], ()) if source[place : place + len(one[0])] == one[0]), None)
        if hit is None:
            place += 1
            continue
        term, targets = hit
        if finding := _missing(pair, " ".join(term), targets, text):
            found.append(finding)
        place += len(term)
    return found


def _missing(pair: Pair, term: str, targets: tuple[str, ...], text: str) -> Finding | None:
    if term in text:
        return None
    best = 0.0
    for target in targets:
        stems = _stems(target, pair.language.spaces)
        best = max(best, sum(stem in text for stem in stems) / len(stems))
        if best == 1.0:
            return None
    score = PARTLY if best >= 0.5 else MISSING
    detail = f"the glossary has {' or '.join(map(repr, targets))}"
    return Finding("glossary", score, pair.field, term, "", detail)


@lru_cache(maxsize=8192)
def _stems(term: str, spaces: bool) -> tuple[str, ...]:
    """What of each word has to be there; of short words all."""
    found = words(term) or (term.lower(),)
    if not spaces:
        return found
    content = [word for word in found if len(word) > 3] or found
    return tuple(word[: max(4, len(word) - 2)] for word in content)
