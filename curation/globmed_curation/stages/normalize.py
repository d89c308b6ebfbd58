"""Normalize: the same characters for the same text, options without labels and fillers; what medicine needs is kept.

    Question  "Which&nbsp;dose <b>now</b>? "                     ->  "Which dose now?"
    Options   ["A) 5 mg", "B) 50 µg", "C) N/A"], answers [1]     ->  ["5 mg", "50 µg"], answers [1]

Texts are cleaned as `clean` says. Labels in front of options are stripped as `labels` says; gold counts options and stays.
A filler ("N/A", "nan", nothing) that stands at the same place in every language of the item is taken out of all of them
and gold moves with its option; where another language has words there, or where options name each other by letter ("A
and C") and would lose their places, it stays and is noted. What looks damaged (`suspects`) is noted in
checks["normalize"] and stays, unless the settings say that it be mended. The ids stay: an entry can be followed to its source.

Dropped: `no_gold` where the answer was a filler, and what cannot be used after cleaning (the codes of entry.problem,
such as duplicate_options).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from globmed_tools import languages
from globmed_tools.entry import Entry, problem, revised

from . import Dropped, Result
from .clean import clean, is_clean
from .labels import strip_labels
from .suspects import mend_mojibake, mend_symbols, suspects

NAME = "normalize"
_TEXTS = ("question", "context", "reference", "rationale")


@dataclass(frozen=True)
class Config:
    """labels, fillers: what is taken from options (fillers are compared whole, in lower case, without a full stop; "none",
    "Na" and "-" are answers). mend_symbols: Symbol-font characters to Greek letters and signs. mend_mojibake: by ftfy."""

    labels: bool = True
    fillers: list[str] = field(default_factory=lambda: ["", "n/a", "n.a", "nan"])
    mend_symbols: bool = False
    mend_mojibake: bool = False


def stage(entries: Iterable[Entry], config: Config) -> Result:
    """Clean every entry; stats: {"changed": {language: n}, "rules": {rule: {language: n}}, "suspects": {kind: {...}}}."""
    entries = list(entries)
    counts = _Counts()
    cleaned = [_clean(entry, config, counts) for entry in entries]
    fillers = frozenset(config.fillers)
    groups: dict[str, list[int]] = {}
    longest = max(map(len, fillers), default=-1) + 1
    for entry in cleaned:
        for option in entry.options:
            if len(option) <= longest and _bare(option) in fillers:
                groups[entry.group_id] = []
    for place, entry in enumerate(cleaned if groups else ()):
        if entry.group_id in groups and entry.options:
            groups[entry.group_id].append(place)
    lost: dict[int, str] = {}
    for places in groups.values():
        _take_fillers(cleaned, places, fillers, counts, lost)
    result = Result([])
    for place, (before, after) in enumerate(zip(entries, cleaned)):
        if place in lost:
            result.dropped.append(Dropped(before, "no_gold", lost[place]))
        elif found := problem(after):
            result.dropped.append(Dropped(before, *found))
        else:
            result.kept.append(after)
            if after is not before and after != before:
                counts.add("changed", after.language)
    result.stats = counts.found
    return result


class _Counts:
    """What the stats are made of."""

    def __init__(self):
        self.found: dict[str, dict[str, Any]] = {"changed": {}, "rules": {}, "suspects": {}}

    def add(self, *names: str) -> None:
        """One more under these names, the last of which is a language."""
        part = self.found
        for name in names[:-1]:
            part = part.setdefault(name, {})
        part[names[-1]] = part.get(names[-1], 0) + 1


def _bare(option: str) -> str:
    return option.lower().removesuffix(".")


def _clean(entry: Entry, config: Config, counts: _Counts) -> Entry:
    """The entry with clean texts and options without labels; the very same object where there is nothing to do."""
    changes: dict[str, Any] = {}
    rules: dict[str, None] = {}
    notes: dict[str, str] = {}
    for name in _TEXTS:
        text = getattr(entry, name)
        if text:
            after = _text(text, name, config, rules, notes, one_line=False)
            if after is not text:
                changes[name] = after if after or name == "question" else None
    if entry.options:
        options = _options(entry, config, rules, notes)
        if options is not entry.options:
            changes["options"] = options
    old = entry.checks.get(NAME)
    if notes or old:
        for kind in notes:
            counts.add("suspects", kind, entry.language)
        if notes != old:
            changes["checks"] = {name: value for name, value in entry.checks.items() if name != NAME}
            if notes:
                changes["checks"][NAME] = notes
    for rule in rules:
        counts.add("rules", rule, entry.language)
    return revised(entry, **changes) if changes else entry


def _options(entry: Entry, config: Config, rules: dict[str, None], notes: dict[str, str]) -> tuple[str, ...]:
    options = entry.options
    # One look at all of them together is cheaper than one at each; a space at an end shows as two beside the bars.
    joined = " | ".join(options)
    if "\n" in joined or not is_clean(joined) or suspects(joined):
        options = tuple(
            _text(option, f"option {number}", config, rules, notes, one_line=True)
            for number, option in enumerate(options, 1)
        )
        if options == entry.options:
            options = entry.options
    if config.labels:
        stripped = strip_labels(options, entry.language)
        if stripped is not None:
            rules["labels"] = None
            options = tuple(stripped)
    return options


def _text(
    text: str, where: str, config: Config, rules: dict[str, None], notes: dict[str, str], *, one_line: bool
) -> str:
    after, changed = clean(text, one_line=one_line)
    if not after.isascii() or "<" in after:
        found = suspects(after)
        if found and (config.mend_mojibake or config.mend_symbols):
            mended = _mend(after, found, config)
            if mended != after:
                rules["mended"] = None
                after, more = clean(mended, one_line=one_line)
                changed = [*changed, *more]
                found = suspects(after)
        for kind, span in found.items():
            notes.setdefault(kind, f"{where}: {span}")
    rules.update(dict.fromkeys(changed))
    return text if after == text else after


def _mend(text: str, found: dict[str, str], config: Config) -> str:
    if config.mend_symbols and "private_use" in found:
        text = mend_symbols(text)
    if config.mend_mojibake and ("mojibake" in found or "c1_control" in found):
        text = mend_mojibake(text)
    return text


def _refers(entry: Entry) -> bool:
    """True where an option names others by their letters, as in "Both A and C"."""
    pattern = _lettered(entry.language)
    return any(pattern.search(option) for option in entry.options)


@cache
def _lettered(code: str) -> re.Pattern:
    language = languages.get(code)
    letter = f"[A-J{language.letters}]"
    joins = "|".join(map(re.escape, ("&", ",", "、", "،", *language.extract["joins"])))
    return re.compile(rf"(?<![^\W_]){letter}\s*(?:{joins})\s*{letter}(?![^\W_])")


def _take_fillers(
    cleaned: list[Entry], places: list[int], fillers: frozenset[str], counts: _Counts, lost: dict[int, str]
) -> None:
    """Take the fillers out of all languages of one item, in place; note those that must stay."""
    members = [cleaned[place] for place in places]
    longest = max(len(one.options) for one in members)
    out = {
        number
        for number in range(longest)
        if all(_bare(one.options[number]) in fillers for one in members if number < len(one.options))
    }
    kept = [number for number in range(longest) if number not in out]
    if out and kept and min(out) < max(kept) and any(map(_refers, members)):
        out = set()
    for place, entry in zip(places, members):
        mine = [number for number, option in enumerate(entry.options) if _bare(option) in fillers]
        if stay := [number for number in mine if number not in out]:
            counts.add("rules", "filler_kept", entry.language)
            note = {**entry.checks.get(NAME, {}), "filler": f"option {stay[0] + 1}: {entry.options[stay[0]]}"}
            entry = cleaned[place] = revised(entry, checks={**entry.checks, NAME: note})
        if gone := [answer for answer in entry.answers if answer in out]:
            lost[place] = f"option {gone[0] + 1} was the answer: {entry.options[gone[0]]}"
        elif any(number < len(entry.options) for number in out):
            left = [number for number in range(len(entry.options)) if number not in out]
            moved = {old: new for new, old in enumerate(left)}
            counts.add("rules", "fillers", entry.language)
            cleaned[place] = revised(
                entry,
                options=tuple(entry.options[number] for number in left),
                answers=tuple(moved.get(answer, answer) for answer in entry.answers),
            )
