"""What the card has to say about the entries, counted while they stream by.

    tally = Tally()
    for entry in entries:
        tally.add(entry)
    tally.sets["medqa"].parts["sw", "test"]                     # 1273

It keeps no text: one short tuple an entry, to see that no item stands in two splits and none twice.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import regex

from globmed_tools.entry import Entry
from globmed_tools.errors import GlobmedError

from ..translate import is_pseudo

#: Different values of one finding of a check that are told apart; all further ones count as OTHER.
VALUES = 12
OTHER = "(other)"
#: A finding that is a word of a vocabulary (flag, not_language) is counted by that word, running text only as TEXT.
_CODE = regex.compile(r"[\w.-]{1,24}")
TEXT = "(text)"
UNREVIEWED = "not reviewed"


@dataclass(slots=True)
class SetTally:
    """The counts of one set. Keys: parts (language, split); translators (language, translator or None); prompts
    (translator, prompt hash); reviews (language, outcome); checks (check, finding) -> value."""

    name: str
    form: str
    parts: Counter = field(default_factory=Counter)
    translators: Counter = field(default_factory=Counter)
    prompts: Counter = field(default_factory=Counter)
    reviews: Counter = field(default_factory=Counter)
    licences: Counter = field(default_factory=Counter)
    rationales: Counter = field(default_factory=Counter)
    checks: dict[tuple[str, str], Counter] = field(default_factory=dict)
    checked: Counter = field(default_factory=Counter)
    groups: int = 0

    def languages(self) -> list[str]:
        return sorted({language for language, _ in self.parts})

    def splits(self) -> list[str]:
        return sorted({split for _, split in self.parts}, key=split_order)

    def entries(self, language: str | None = None) -> int:
        return sum(count for (code, _), count in self.parts.items() if language in (None, code))

    def translated(self, language: str | None = None) -> int:
        return sum(n for (code, by), n in self.translators.items() if by is not None and language in (None, code))


def split_order(name: str) -> tuple[int, str]:
    """train, dev, test, then any other."""
    known = ("train", "dev", "test")
    return (known.index(name) if name in known else len(known), name)


class Tally:
    """Counts by set, and what may not be: an item in two splits, an item twice in a language.

    dropped: by reason; passed_over: entries that were not asked for; pseudo: pseudo-translated ones among those counted.
    """

    def __init__(self):
        self.sets: dict[str, SetTally] = {}
        self.dropped: Counter = Counter()
        self.passed_over = 0
        self.pseudo = 0
        self._split: dict[tuple[str, str], str] = {}
        self._where: dict[tuple[str, str], tuple[str, str]] = {}
        self.leaks: list[str] = []
        self.leaked = 0
        self.same_text = 0

    @property
    def entries(self) -> int:
        return sum(one.entries() for one in self.sets.values())

    def counts(self) -> dict[tuple[str, str, str], int]:
        """Entries by (set, language, split), sorted."""
        return {(s, *part): n for s in sorted(self.sets) for part, n in sorted(self.sets[s].parts.items())}

    def repeated(self, entry: Entry) -> bool:
        """Whether this very item was already added (same set, id and group)."""
        return self._where.get((entry.source, entry.id), ("",))[0] == entry.group_id

    def add(self, entry: Entry) -> None:
        """Count one entry. GlobmedError where its set already has entries of another form."""
        one = self.sets.get(entry.source)
        if one is None:
            one = self.sets[entry.source] = SetTally(entry.source, entry.form)
        if one.form != entry.form:
            raise GlobmedError(
                f"{entry.locator}: {entry.source} holds both {one.form} and {entry.form}. A published set has one form: "
                "give the entries of each form a set of their own."
            )
        self._group(one, entry)
        self.pseudo += is_pseudo(entry.translator)
        language = entry.language
        one.parts[language, entry.split] += 1
        one.translators[language, entry.translator] += 1
        if entry.translator is not None:
            one.prompts[entry.translator, entry.prompt_hash] += 1
        one.reviews[language, _outcome(entry.review)] += 1
        one.licences[entry.licence] += 1
        one.rationales[language] += entry.rationale is not None
        for check, found in entry.checks.items():
            one.checked[check] += 1
            for name, value in found.items() if isinstance(found, dict) else [("value", found)]:
                if isinstance(value, (bool, str)):
                    values = one.checks.setdefault((check, name), Counter())
                    value = str(value) if isinstance(value, bool) or _CODE.fullmatch(value) else TEXT
                    values[value if value in values or len(values) < VALUES else OTHER] += 1

    def _group(self, one: SetTally, entry: Entry) -> None:
        key = (entry.source, entry.group_id)
        first = self._split.get(key)
        if first is None:
            self._split[key] = entry.split
            one.groups += 1
        elif first != entry.split:
            self.leaked += 1
            if len(self.leaks) < 3:
                self.leaks.append(f"{entry.locator} ({entry.language}) is {entry.split}, elsewhere {first}")
        seen = self._where.setdefault((entry.source, entry.id), (entry.group_id, entry.split))
        self.same_text += seen[1] != entry.split

    def refuse_leaks(self) -> None:
        """GlobmedError where an item stands in two splits: what is test in one language would be trained on in another."""
        if self.leaked:
            raise GlobmedError(
                f"{self.leaked} entries stand in another split than the same item in another language: "
                f"{'; '.join(self.leaks)}{'; ...' if self.leaked > len(self.leaks) else ''}. "
                "Run the stage split, which splits by item."
            )


def _outcome(review: Any) -> str:
    if review is None:
        return UNREVIEWED
    if isinstance(review, dict):
        return next((str(review[name]) for name in ("outcome", "state", "decision") if name in review), "reviewed")
    return str(review)


def findings(one: SetTally) -> list[dict[str, Any]]:
    """What the checks of a set found: [{"check": "numbers", "entries": 9, "found": {"severity=flag": 3}}]."""
    result = []
    for check in sorted(one.checked):
        found = {
            f"{name}={value}": count
            for (of, name), values in sorted(one.checks.items())
            if of == check
            for value, count in sorted(values.items(), key=lambda item: (-item[1], item[0]))
        }
        result.append({"check": check, "entries": one.checked[check], "found": found})
    return result
