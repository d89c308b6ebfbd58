"""In which scripts the letters of each language stand, and the entries where that is odd.

    letters = Letters()
    letters.add(entry, "Болит сильно")
    letters.figures()["sw"]["scripts"]                          # {"Cyrillic": 11}

Every character is counted once by `Counter.update`; which script a character belongs to is asked only once a character.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

from globmed_tools import languages
from globmed_tools.entry import Entry

from ..checks.script import SCRIPTS
from .folders import in_order

#: Scripts that are told apart; letters of any other count as OTHER.
NAMED = (
    "Latin", "Arabic", "Han", "Hiragana", "Katakana", "Hangul", "Devanagari", "Bengali", "Greek", "Cyrillic", "Hebrew",
    "Thai", "Tamil", "Telugu", "Gujarati", "Gurmukhi", "Ethiopic", "Georgian", "Armenian", "Common", "Inherited",
)  # fmt: skip
OTHER = "other"
#: Letters of these scripts stand in medical texts of every language (drug names, alpha, units).
EVERYWHERE = ("Latin", "Greek", "Common", "Inherited")
#: How many odd entries a language names, and the fewest odd letters that make one.
WORST, FEWEST = 3, 4


@cache
def _patterns():
    import regex

    named = [f"(?P<{name}>\\p{{Script={name}}})" for name in NAMED]
    return regex.compile(r"\p{L}"), regex.compile("|".join(named))


@cache
def script_of(character: str) -> str:
    """The Unicode script of a letter; "" for what is no letter."""
    letter, scripts = _patterns()
    if not letter.match(character):
        return ""
    found = scripts.match(character)
    return found.lastgroup if found else OTHER


@cache
def own_scripts(code: str) -> tuple[str, ...]:
    """The scripts that a language is written in; () of a language that the table does not know."""
    known = languages.find(code)
    return SCRIPTS[known.script] if known else ()


class Letters:
    """Characters by language, and the entries with the largest share of letters that do not belong there."""

    def __init__(self) -> None:
        self.characters: dict[str, Counter[str]] = {}
        self._fine: dict[str, set[str]] = {}
        self._worst: dict[str, list[tuple[float, str, str, str]]] = {}
        self._entries: Counter[str] = Counter()

    def add(self, one: Entry, text: str) -> None:
        """Count the text of an entry."""
        self.characters.setdefault(one.language, Counter()).update(text)
        fine = self._fine.setdefault(one.language, set())
        new = set(text) - fine
        if new:
            belongs = {"", *EVERYWHERE, *own_scripts(one.language)}
            odd = {character for character in new if script_of(character) not in belongs}
            fine |= new - odd
            if odd:
                self._odd(one, text, odd)

    def _odd(self, one: Entry, text: str, odd: set[str]) -> None:
        letters = sum(map(str.isalpha, text))
        count = sum(text.count(character) for character in odd)
        if count < FEWEST:
            return
        self._entries[one.language] += 1
        at = min(text.index(character) for character in odd)
        worst = self._worst.setdefault(one.language, [])
        worst.append((-count / letters, one.id, text[at : at + 48], "".join(sorted(odd))))
        worst.sort()
        del worst[WORST:]

    def figures(self) -> dict[str, dict[str, Any]]:
        """language -> letters, scripts (name -> letters), own, examples of odd scripts' letters, how many entries hold
        `FEWEST` or more letters that belong nowhere, and the worst of these."""
        return {code: self._of(code) for code in in_order(self.characters)}

    def _of(self, code: str) -> dict[str, Any]:
        scripts: Counter[str] = Counter()
        letters: dict[str, list[tuple[int, str]]] = {}
        for character, count in self.characters[code].items():
            if name := script_of(character):
                scripts[name] += count
                letters.setdefault(name, []).append((-count, character))
        own = own_scripts(code)
        return {
            "letters": sum(scripts.values()),
            "own": list(own),
            "scripts": dict(sorted(scripts.items(), key=lambda item: (-item[1], item[0]))),
            "odd": {
                name: "".join(character for _, character in sorted(found)[:8])
                for name, found in sorted(letters.items())
                if name not in own and name not in ("Common", "Inherited")
            },
            "odd_entries": self._entries[code],
            "worst": [
                {"id": id, "share": round(-share, 3), "text": text, "odd": odd}
                for share, id, text, odd in self._worst.get(code, ())
            ],
        }
