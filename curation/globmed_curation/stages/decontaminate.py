"""Decontaminate: nothing that is trained on may contain what models are scored on.

    >>> result = stage(entries, Config(against=(Path("mmlu/test.parquet"),)))
    >>> result.dropped[0].reason, result.dropped[0].evidence
    ('contaminated', {'known': 'medqa/en 3f1c...', 'stem': 0.94, 'options': 1.0, 'text': 'A 23-year-old pregnant woman ...'})

Every entry outside the split test is compared with the test entries of the same data and with the items of `against`
(known.py): of the test item's runs of n folded characters, so many stand in the entry, wherever (overlap.py). Stem and options are
judged apart:

    contaminated   `drop` of the stem; where the stem is short (fewer than `short` runs that count) and the item has options, of the
                   options too, for two different questions may open alike. Of a stem of fewer than `least` runs nothing follows
    to look at     `review` of a long stem, `drop` of a short one or of long options: the entry stays and `checks["decontaminate"]` says why

The share of options is that of the runs within each; where they are too short for that, of the options that stand whole in the text.
Where most characters are Han, kana or Hangul, which say as much as two or three Latin letters, runs are half as long and count
three times towards `short` and `least`. These bounds are our choice.

One language that is contaminated takes its item with it in all others (`contaminated_group`). So this stage works before
translation, where a group is small, and again after it, in each language. That dev goes like train is this project's choice: dev is
where examples for prompts and the last choices come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from globmed_tools.entry import Entry, revised
from globmed_tools.errors import GlobmedError

from ..dedup.fold import fold
from ..dedup.overlap import Index, shared
from . import Dropped, Result, count, facts, known
from .known import Known

SCOPE = "all"
CODE = ("dedup", "sources")
NAME = "decontaminate"
#: Characters of evidence; what a run of Han, kana or Hangul counts for.
_SHOWN, _DENSE = 300, 3
_DENSE_LETTER = re.compile("[\u2e80-\u9fff\uac00-\ud7a3]")


@dataclass(frozen=True)
class Config:
    """against: files or folders of test items beside the data's own test. drop, review: shares of the test item. n: characters in a run.
    common: runs in more different test items than this are boilerplate. short: runs from which a stem is enough by itself; least: from
    which it counts at all."""

    against: tuple[Path, ...] = ()
    drop: float = 0.7
    review: float = 0.5
    n: int = 10
    common: int = 10
    short: int = 100
    least: int = 15

    def __post_init__(self):
        if not 0 < self.review <= self.drop <= 1:
            raise GlobmedError(
                f"{NAME}: review {self.review}, drop {self.drop}; both above 0 and up to 1 are needed, review not above drop."
            )
        for name in ("n", "common", "short", "least"):
            if getattr(self, name) < 1:
                raise GlobmedError(f"{NAME}, {name}: {getattr(self, name)} found; give 1 or more.")


class Finding(NamedTuple):
    """known: the test item's name; stem, options: shares, None where it has none; text: what of it stands here; drop: or look."""

    known: str
    stem: float
    options: float | None
    text: str
    drop: bool

    @property
    def evidence(self) -> dict[str, Any]:
        """As it goes into dropped rows and checks."""
        return {"known": self.known, "stem": self.stem, "options": self.options, "text": self.text}


class _Part(NamedTuple):
    """Some of the test items: their numbers, the length of a run, their stems and options."""

    numbers: np.ndarray
    n: int
    stems: Index
    options: Index


class Judge:
    """Test items, and which of them stand in a text."""

    def __init__(self, items: Sequence[Known], config: Config):
        self.items, self.config = items, config
        dense = np.array([_is_dense(one.stem) for one in items], bool)
        self.parts = [
            self._part(np.flatnonzero(~dense), config.n),
            self._part(np.flatnonzero(dense), -(-config.n // 2)),
        ]
        stems, options = np.zeros(len(items), np.int64), np.zeros(len(items), np.int64)
        for part, weight in zip(self.parts, (1, _DENSE)):
            stems[part.numbers], options[part.numbers] = part.stems.sizes * weight, part.options.sizes * weight
        self.long_stem, self.counts = stems >= config.short, stems >= config.least
        self.long_options = options >= config.short
        self.short_options = np.array([len(one.options) > 0 for one in items], bool) & (options < config.least)

    def _part(self, numbers: np.ndarray, n: int) -> _Part:
        some = [self.items[number] for number in numbers.tolist()]
        stems = Index([one.stem for one in some], n, self.config.common)
        return _Part(numbers, n, stems, Index([one.options for one in some], n, self.config.common))

    def blind(self) -> int:
        """How many test items are too short, or too much like others, to be found."""
        return int((~self.counts & ~self.long_options).sum())

    def __call__(self, texts: Sequence[str]) -> list[Finding | None]:
        """The worst finding of each text."""
        plain, dense = self.parts
        shares = self._shares(plain, texts, list(range(len(texts))))
        if len(dense.numbers):
            places = [place for place, text in enumerate(texts) if _DENSE_LETTER.search(text)]
            shares |= self._shares(dense, [texts[place] for place in places], places)
        worst: dict[int, tuple] = {}
        for (text, number), (stem, options) in shares.items():
            if stem and self.short_options[number]:
                options = _standing(texts[text], self.items[number].options)
            verdict = self._verdict(number, stem, options)
            if verdict is not None:
                claim = (verdict, stem, options, -number)
                worst[text] = max(worst.get(text, claim), claim)
        return [self._finding(texts[at], *worst[at]) if at in worst else None for at in range(len(texts))]

    def _shares(self, part: _Part, texts: Sequence[str], places: list[int]) -> dict[tuple[int, int], list[float]]:
        """(place of the text, number of the item) -> shares of stem and options, where either may matter."""
        found: dict[tuple[int, int], list[float]] = {}
        size = max(len(part.numbers), 1)
        text, number, share = part.stems.shares(texts)
        stems = text * size + number
        alike = share >= self.config.review
        for key, value in zip(stems[alike].tolist(), share[alike].tolist()):
            found[key] = [value, 0.0]
        text, number, share = part.options.shares(texts)
        options = text * size + number
        alike_too = (share >= self.config.drop) | np.isin(options, stems[alike])
        for key, value in zip(options[alike_too].tolist(), share[alike_too].tolist()):
            found.setdefault(key, [0.0, 0.0])[1] = value
        return {(places[key // size], int(part.numbers[key % size])): both for key, both in found.items()}

    def _verdict(self, number: int, stem: float, options: float) -> bool | None:
        """True: drop; False: look; None: neither."""
        config = self.config
        if not self.counts[number]:
            stem = 0.0
        enough = self.long_stem[number] or not len(self.items[number].options) or options >= config.drop
        if stem >= config.drop and enough:
            return True
        like = stem >= (config.review if self.long_stem[number] else config.drop)
        return False if like or (options >= config.drop and self.long_options[number]) else None

    def _finding(self, text: str, drop: bool, stem: float, options: float, number: int) -> Finding:
        item = self.items[-number]
        n = self.parts[_is_dense(item.stem)].n
        spans = shared(text, item.stem if stem else "\n".join(item.options), n)
        overlap = " ... ".join(text[start:end] for start, end in spans)
        said = overlap if len(overlap) <= _SHOWN else overlap[:_SHOWN] + " ..."
        return Finding(item.name, round(stem, 3), round(options, 3) if item.options else None, said, drop)


def _standing(text: str, options: Sequence[str]) -> float:
    """The share of options that stand in the text, but for case, spaces and signs."""
    codes, bounds = fold([text, *options])
    whole, *parts = (codes[start:end].tobytes() for start, end in zip(bounds, bounds[1:]))
    return sum(part in whole for part in parts) / len(parts)


def _is_dense(text: str) -> bool:
    return 2 * len(_DENSE_LETTER.findall(text)) > len(text)


def survey(entries: Iterable[Entry], config: Config) -> dict[str, Any]:
    """The test items of a shard, packed."""
    return {"known": facts.pack([tuple(known.of(one)) for one in entries if one.split == "test"])}


def settle(surveys: Iterable[Mapping[str, Any]], config: Config) -> dict[str, str]:
    """Every test item, those of `against` first; the order of shards does not matter."""
    own = {name: (name, stem, options) for one in surveys for name, stem, options in facts.unpack(one["known"])}
    return {"known": facts.pack([*map(tuple, known.read(config.against)), *(own[name] for name in sorted(own))])}


def stage(entries: Iterable[Entry], config: Config, plan: Mapping[str, str] | None = None) -> Result:
    """Drop what contains a test item, and its translations. stats: {"entries", "contaminated", "review"}: {language: n}."""
    entries = list(entries)
    if plan is None:
        plan = settle([survey(entries, config)], config)
    judge = _judge(plan["known"], config)
    trained = [one for one in entries if one.split != "test"]
    found = {id(one): finding for one, finding in zip(trained, judge([_text(one) for one in trained])) if finding}
    groups: dict[str, tuple[Entry, Finding]] = {}
    for one in trained:
        if (finding := found.get(id(one))) and finding.drop:
            groups.setdefault(one.group_id, (one, finding))
    result = Result([], stats={"entries": {}, "contaminated": {}, "review": {}})
    for one in entries:
        count(result.stats["entries"], one.language)
        finding = found.get(id(one))
        if finding and finding.drop:
            count(result.stats["contaminated"], one.language)
            result.dropped.append(Dropped(one, "contaminated", finding.evidence))
        elif one.split != "test" and one.group_id in groups:
            first, why = groups[one.group_id]
            count(result.stats["contaminated"], one.language)
            evidence = {"language": first.language, "id": first.id, "known": why.known, "stem": why.stem}
            result.dropped.append(Dropped(one, "contaminated_group", evidence))
        elif finding:
            count(result.stats["review"], one.language)
            result.kept.append(revised(one, checks={**one.checks, NAME: finding.evidence}))
        else:
            result.kept.append(one)
    return result


def _text(entry: Entry) -> str:
    parts = (entry.context, entry.question, *entry.options, entry.reference, entry.rationale)
    return "\n".join(part for part in parts if part)


@lru_cache(maxsize=1)
def _judge(packed: str, config: Config) -> Judge:
    """A worker gets the same plan for shard after shard."""
    return Judge([Known(*row) for row in facts.unpack(packed)], config)
