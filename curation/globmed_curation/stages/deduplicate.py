"""Deduplicate: of entries that say the same, in whatever set or shard, one stays.

    >>> result = stage([entry, shouted, other_dose], Config())
    >>> result.dropped[0].reason, result.dropped[0].evidence
    ('duplicate', {'kept': '3f1c...', 'set': 'medqa', 'split': 'test', 'similarity': 1.0, 'kind': 'folded'})
    >>> result.kept[1].checks["deduplicate"]
    {'like': '3f1c...', 'set': 'medqa', 'split': 'test', 'similarity': 0.98, 'differs': 'numbers', 'others': 0}

Entries of one language and form are compared, across sets: question, context and reference each with its counterpart, options
as sets (alike.py), so that a question under which other options stand is another question, as is a hypothesis of another
premise. kind says how alike: `identical` (the same id), `folded` (but for case, spaces and signs), `near`.

The one that stays: test before dev before train, then reviewed before not, then the smallest id. Neither the order of entries
nor the shards matter, and nobody is dropped who is not like the one that stays. Entries alike but for numbers, units, negations
or the gold answer are never taken for one: both stay, and `checks["deduplicate"]` names the one that is most alike, for a
person to look at.

A translation made here is not compared: it follows its source (`source_dropped`). So this stage comes before `translate`.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from globmed_tools.entry import Entry, revised
from globmed_tools.errors import GlobmedError

from ..dedup import FAR, Shape, candidates, choose
from ..dedup.texts import blocks
from . import Dropped, Result, count, facts
from .alike import Rule, compare, names

SCOPE = "all"
CODE = ("dedup", "checks")
#: Bytes of text that are compared in one go.
_BYTES = 1 << 21


@dataclass(frozen=True)
class Config:
    """threshold: the Jaccard similarity of n-letter runs from which texts are one; options: the share of the shorter list of
    options that must be in the other. n, lanes, bands: the sketch; `globmed_curation.dedup.curve` gives the probability that
    a pair of some similarity is looked at (with these: 0.5: 87 %, 0.6: 98.8 %, 0.7: 99.98 %)."""

    threshold: float = 0.7
    options: float = 0.75
    n: int = 5
    lanes: int = 128
    bands: int = 32

    def __post_init__(self):
        for name in ("threshold", "options"):
            if not 0 < getattr(self, name) <= 1:
                raise GlobmedError(f"deduplicate, {name}: {getattr(self, name)} found; give one above 0 and up to 1.")
        try:
            _shape(self)
        except ValueError as error:
            raise GlobmedError(f"deduplicate: {error}.") from None


def _shape(config: Config) -> Shape:
    return Shape(config.n, config.lanes, config.bands)


def survey(entries: Iterable[Entry], config: Config) -> dict[str, Any]:
    """What other shards must know of these entries (see facts.py)."""
    entries = list(entries)
    sources = _by_id(entries)
    return facts.of((one for one in entries if not _follows(one, sources)), _shape(config))


def _by_id(entries: Iterable[Entry]) -> dict[tuple[str, str], Entry]:
    """(group, id) -> entry, to find what a translation was made from: an id alone may stand in two groups."""
    return {(one.group_id, one.id): one for one in entries}


def _follows(one: Entry, sources: Mapping[tuple[str, str], Entry]) -> bool:
    return one.translated_from is not None and (one.group_id, one.translated_from) in sources


def settle(surveys: Iterable[Mapping[str, Any]], config: Config) -> dict[str, str]:
    """Who is dropped for whom, and who is like whom but for a number. Packed, since it goes to every shard."""
    # Hundreds of thousands of texts and pairs hold no cycles, and looking for some takes longer than all else.
    before = gc.isenabled()
    gc.disable()
    try:
        return _settle(facts.Every(surveys, _shape(config)), config)
    finally:
        if before:
            gc.enable()


def _settle(every: facts.Every, config: Config) -> dict[str, str]:
    heads = _identical(every)
    left = np.flatnonzero(heads == np.arange(len(every)))
    look = _Look(every, left, config)
    choice = choose(len(left), look.all(), look)
    number_of = {place: number for number, place in enumerate(left.tolist())}
    dropped = {}
    for place, head in enumerate(heads.tolist()):
        number = number_of[head]
        kept, similarity, kind = choice.of[number], choice.similarity[number], "near"
        if kept < 0:
            if place == head:
                continue
            kept, kind = number, "identical"
        elif every.sketches.exact[head] == every.sketches.exact[left[kept]]:
            kind = "folded"
        told = every.told(left[kept])
        dropped[f"{every.keys[place]:016x}"] = [told["id"], told["set"], told["split"], similarity, kind]
    return {"told": facts.pack({"dropped": dropped, "flagged": look.flagged(choice.of)})}


def _identical(every: facts.Every) -> np.ndarray:
    """For every entry the first one with its id."""
    if not len(every):
        return np.empty(0, np.int64)
    order = np.argsort(every.ids, kind="stable")
    new = np.concatenate(([True], every.ids[order[1:]] != every.ids[order[:-1]]))
    heads = np.empty(len(every), np.int64)
    heads[order] = np.minimum.reduceat(order, np.flatnonzero(new))[np.cumsum(new) - 1]
    return heads


class _Look:
    """Looks at pairs among those entries that are left, numbered in the order of their claim to stay, and remembers the pairs
    that are alike but must not be merged."""

    def __init__(self, every: facts.Every, left: np.ndarray, config: Config):
        self.every, self.left, self.config = every, left, config
        self.apart: dict[tuple[int, int], tuple[float, int]] = {}
        made = every.sketches if len(left) == len(every) else every.sketches.of(left)
        first, second = candidates(made, every.kinds[left], _shape(config), config.threshold - FAR)
        self.pairs = list(zip(first.tolist(), second.tolist(), strict=True))
        #: Whoever is compared later on, as a duplicate's duplicate, is in one of these pairs.
        self.used = np.unique(np.concatenate((first, second)))
        self.contents = every.contents(left[self.used])

    def all(self) -> list[tuple[int, int, float]]:
        """Every pair of two that may be taken for one: (first, second, similarity)."""
        values = zip(self.pairs, self(self.pairs), strict=True)
        return [(*pair, value) for pair, value in values if value is not None]

    def __call__(self, pairs: list[tuple[int, int]]) -> list[float | None]:
        rule, found = Rule(self.config.threshold, self.config.options, self.config.n), []
        both = np.searchsorted(self.used, np.array(pairs, np.int64).reshape(-1, 2))
        for chunk in blocks(self.contents.sizes()[both].sum(1), _BYTES):
            some = pairs[chunk]
            one, other = both[chunk].T
            spoken = self.every.spoken(self.left[self.used[one]])
            values, differs = compare(self.contents, one, other, spoken, rule)
            for pair, value, told in zip(some, values.tolist(), differs.tolist(), strict=True):
                value = round(value, 4)
                if value >= 0 and told:
                    self.apart[pair] = value, told
                found.append(None if value < 0 or told else value)
        return found

    def flagged(self, of: list[int]) -> dict[str, list]:
        """key -> what `checks` will say: of those that stay beside one they are like, the one that is most alike."""
        likes: dict[int, list[tuple[float, int]]] = {}
        for (one, other), (similarity, _) in self.apart.items():
            if of[one] < 0 and of[other] < 0:
                likes.setdefault(one, []).append((-similarity, other))
                likes.setdefault(other, []).append((-similarity, one))
        told = {}
        for one, others in sorted(likes.items()):
            _, other = min(others)
            similarity, differs = self.apart[min(one, other), max(one, other)]
            told[f"{self.every.keys[self.left[one]]:016x}"] = {
                "like": (kept := self.every.told(self.left[other]))["id"],
                "set": kept["set"],
                "split": kept["split"],
                "similarity": similarity,
                "differs": ", ".join(names(differs)),
                "others": len(others) - 1,
            }
        return told


def stage(entries: Iterable[Entry], config: Config, plan: Mapping[str, str] | None = None) -> Result:
    """Drop duplicates as `duplicate`, flag what is like another but for a number. stats: {"entries", "duplicates", "flagged"}:
    {language: n}, {language: {kind: n}} and {language: {what differs: n}}, and "between": {"set > set of the kept": n}."""
    entries = list(entries)
    if plan is None:
        plan = settle([survey(entries, config)], config)
    told, sources = _told(plan["told"]), _by_id(entries)
    result = Result([], stats={"entries": {}, "duplicates": {}, "flagged": {}, "between": {}})
    seen: set[int] = set()
    for entry in entries:
        count(result.stats["entries"], entry.language)
        key = facts.key(entry)
        root = entry
        while _follows(root, sources) and sources[root.group_id, root.translated_from] is not root:
            root = sources[root.group_id, root.translated_from]
        verdict = told["dropped"].get(f"{facts.key(root):016x}")
        if verdict is None and key in seen:
            verdict, root = [entry.id, entry.source, entry.split, 1.0, "identical"], entry
        seen.add(key)
        if verdict is None:
            result.kept.append(_flagged(entry, told["flagged"].get(f"{key:016x}"), result.stats))
        elif root is not entry:
            count(result.stats["duplicates"], entry.language, "source_dropped")
            evidence = {"translated_from": entry.translated_from, "reason": "duplicate"}
            result.dropped.append(Dropped(entry, "source_dropped", evidence))
        else:
            count(result.stats["duplicates"], entry.language, verdict[-1])
            count(result.stats["between"], f"{entry.source} > {verdict[1]}")
            evidence = dict(zip(("kept", "set", "split", "similarity", "kind"), verdict, strict=True))
            result.dropped.append(Dropped(entry, "duplicate", evidence))
    return result


#: A worker gets the same plan for shard after shard.
_told = lru_cache(maxsize=1)(facts.unpack)


def _flagged(entry: Entry, told: dict[str, Any] | None, stats: dict[str, Any]) -> Entry:
    if told is None:
        return entry
    count(stats["flagged"], entry.language, told["differs"])
    return revised(entry, checks={**entry.checks, "deduplicate": dict(told)})
