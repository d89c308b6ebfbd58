"""Split: train, dev or test for a whole item, in all its languages.

    split:
      pin: {"*": official, medmcqa: by_hash}       medmcqa's source has one split only: divide it
      fractions: {train: 0.8, dev: 0.1, test: 0.1}
      sets: {pubmedqa: {fractions: {train: 0.5, test: 0.5}, stratify_by: []}}

A pinned set keeps the splits of its source (`official`) or goes into one split whole (`train`, `dev`, `test`). Where one
item stands in two splits of its source, in whatever languages, the stricter one has it (test before dev before train), and
its entries in the other are dropped as `group_in_test` or `group_in_dev`.

A set that is divided `by_hash` is divided stratum by stratum: items with the same values of the tags in `stratify_by` are
sorted by xxh3 of salt and group_id, and cut where the fractions say; what is left over by rounding goes to the largest
remainder. Strata too small to give every split one item are thrown together. Neither order nor shards matter.

When items are added later: pinned sets never move. Those divided `by_hash` stay sorted as they were, and the cuts move
with the counts, so that only items near a cut change sides, from test to dev or from dev to train and back, but hardly ever
from train to test; a value of a tag that is new, or that grows out of the small strata, moves more. `exact: false` gives up
exact shares and strata for splits that never move: each item goes by its own hash alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import xxhash

from globmed_tools import catalog
from globmed_tools.entry import Entry, revised
from globmed_tools.errors import GlobmedError, suggest

from . import Dropped, Result

SCOPE = "set"
#: The stricter first: an item of two official splits belongs to the first of them.
SPLITS = ("test", "dev", "train")
PINS = ("official", "by_hash", *SPLITS)
_SMALL = "(small strata)"


def _fractions() -> dict[str, float]:
    return {"train": 0.8, "dev": 0.1, "test": 0.1}


@dataclass(frozen=True)
class SetConfig:
    """What one set does differently; what is not given is as for all sets."""

    fractions: dict[str, float] | None = None
    stratify_by: list[str] | None = None
    salt: str | None = None

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Config:
    """pin: set (or "*") -> official, by_hash, train, dev or test. The rest is for sets divided by_hash: the share of each
    split, the tags whose values make a stratum, and a salt; another salt gives another division."""

    fractions: dict[str, float] = field(default_factory=_fractions)
    pin: dict[str, str] = field(default_factory=lambda: {"*": "official"})
    stratify_by: list[str] = field(default_factory=lambda: ["subject", "category"])
    sets: dict[str, SetConfig] = field(default_factory=dict)
    salt: str = "globmed"
    exact: bool = True

    def __post_init__(self):
        for name, pin in self.pin.items():
            _known(name, "pin")
            if pin not in PINS:
                raise GlobmedError(f"split, pin, {name}: {pin!r}{suggest(pin, PINS)} Known: {', '.join(PINS)}.")
        for name in self.sets:
            _known(name, "sets")
        for where, shares in [
            ("", self.fractions),
            *((f" of {name}", one.fractions) for name, one in self.sets.items()),
        ]:
            if shares is not None:
                _sound(shares, f"split, fractions{where}")


def _known(name: str, where: str) -> None:
    """A set of the user's own may have any name; one that is nearly a set of the catalog is a slip."""
    if name != "*" and name not in catalog.table() and (hint := suggest(name, catalog.table())):
        raise GlobmedError(f"split, {where}: unknown set {name!r}{hint}")


def _sound(shares: Mapping[str, float], where: str) -> None:
    for name, share in shares.items():
        if name not in SPLITS:
            raise GlobmedError(f"{where}: unknown split {name!r}{suggest(name, SPLITS)} Known: {', '.join(SPLITS)}.")
        if not 0 <= share <= 1:
            raise GlobmedError(f"{where}, {name}: {share} found, 0 to 1 expected.")
    if not math.isclose(total := math.fsum(shares.values()), 1, abs_tol=1e-9):
        raise GlobmedError(f"{where}: {dict(shares)} add up to {total:g}, not to 1.")


def survey(entries: Iterable[Entry], config: Config) -> dict[str, dict[str, list[str]]]:
    """set -> stratum -> group ids, of the sets whose division needs to see them all."""
    first: dict[tuple[str, str], tuple] = {}
    divided: dict[str, bool] = {}
    for entry in entries:
        source = entry.source
        if source not in divided:
            divided[source] = config.exact and _pin(source, config) == "by_hash"
        if divided[source]:
            # tags may be translated: one member speaks for the item, whichever way the entries came
            rank = (entry.translated_from is not None, entry.translator is not None, entry.language, entry.id)
            known = first.get((source, entry.group_id))
            if known is None or rank < known[0]:
                first[source, entry.group_id] = (rank, entry.tags)
    facts: dict[str, dict[str, list[str]]] = {}
    for (source, group), (_, tags) in first.items():
        names = _setting(source, "stratify_by", config)
        stratum = ", ".join(f"{name}={tags.get(name, '')}" for name in names)
        facts.setdefault(source, {}).setdefault(stratum, []).append(group)
    return facts


def settle(surveys: Iterable[Mapping[str, Mapping[str, Sequence[str]]]], config: Config) -> dict[str, str]:
    """group_id -> split, for every group of the surveys."""
    whole: dict[str, dict[str, set[str]]] = {}
    for facts in surveys:
        for source, strata in facts.items():
            for stratum, groups in strata.items():
                whole.setdefault(source, {}).setdefault(stratum, set()).update(groups)
    plan: dict[str, str] = {}
    for source, strata in sorted(whole.items()):
        shares = {name: share for name in SPLITS if (share := _setting(source, "fractions", config).get(name, 0))}
        least = math.ceil(1 / min(shares.values()) - 1e-9)
        small = {name for name, groups in strata.items() if len(groups) < least}
        if len(small) > 1:
            strata[_SMALL] = set().union(*(strata.pop(name) for name in small))
        salt = _setting(source, "salt", config)
        for _, groups in sorted(strata.items()):
            plan |= _divide(groups, shares, salt)
    return plan


def _divide(groups: Iterable[str], shares: Mapping[str, float], salt: str) -> dict[str, str]:
    ranked = sorted(groups, key=lambda group: (_hash(salt, group), group))
    counts = apportion(len(ranked), shares)
    names = [name for name in shares for _ in range(counts[name])]
    return dict(zip(ranked, names, strict=True))


def apportion(total: int, shares: Mapping[str, float]) -> dict[str, int]:
    """`total` divided by the shares (which add up to 1), each rounded down, the rest to the largest remainders (Hare)."""
    exact = {name: total * share for name, share in shares.items()}
    counts = {name: math.floor(value + 1e-9) for name, value in exact.items()}
    by_remainder = sorted(shares, key=lambda name: (counts[name] - exact[name], -shares[name]))
    for name in by_remainder[: total - sum(counts.values())]:
        counts[name] += 1
    return counts


def _hash(salt: str, group: str) -> int:
    return xxhash.xxh3_64_intdigest(f"{salt}\x1f{group}".encode("utf-8", "surrogatepass"))


def _pin(source: str, config: Config) -> str:
    return config.pin.get(source) or config.pin.get("*", "official")


def _setting(source: str, name: str, config: Config) -> Any:
    own = getattr(config.sets[source], name) if source in config.sets else None
    return getattr(config, name) if own is None else own


def stage(entries: Iterable[Entry], config: Config, plan: Mapping[str, str] | None = None) -> Result:
    """Give every entry its split; stats: {"splits": {set: {split: n}}, "moved": {set: n}}, n counting entries."""
    entries = list(entries)
    if plan is None:
        plan = settle([survey(entries, config)], config)
    pins: dict[str, str] = {}
    official: dict[tuple[str, str], tuple[int, str]] = {}  # the strictest split of each item, and where it was found
    for entry in entries:
        source = entry.source
        if source not in pins:
            pins[source] = _pin(source, config)
        if pins[source] == "official":
            if entry.split not in SPLITS:
                raise GlobmedError(
                    f"{entry.locator}: the official split of this entry of {source} is {entry.split!r}, none of "
                    f"{', '.join(SPLITS)}. Pin the set to one of these, or divide it by_hash."
                )
            rank = SPLITS.index(entry.split)
            known = official.get((source, entry.group_id))
            if known is None or (rank, entry.locator) < known:
                official[source, entry.group_id] = (rank, entry.locator)
    return _assign(entries, config, plan, pins, official)


def _assign(
    entries: list[Entry],
    config: Config,
    plan: Mapping[str, str],
    pins: Mapping[str, str],
    official: Mapping[tuple[str, str], tuple[int, str]],
) -> Result:
    result = Result([], stats={"splits": {}, "moved": {}})
    for entry in entries:
        source = entry.source
        pin = pins[source]
        if pin == "official":
            rank, locator = official[source, entry.group_id]
            split = SPLITS[rank]
            if split != entry.split:
                evidence = {"split": entry.split, "also": split, "locator": locator}
                result.dropped.append(Dropped(entry, f"group_in_{split}", evidence))
                continue
        elif pin == "by_hash":
            split = plan[entry.group_id] if config.exact else _by_hash(entry, config)
        else:
            split = pin
        if split != entry.split:
            entry = revised(entry, split=split)
            result.stats["moved"][source] = result.stats["moved"].get(source, 0) + 1
        counts = result.stats["splits"].setdefault(source, {})
        counts[split] = counts.get(split, 0) + 1
        result.kept.append(entry)
    return result


def _by_hash(entry: Entry, config: Config) -> str:
    """The split of the part of 0..1 into which the hash falls."""
    place = _hash(_setting(entry.source, "salt", config), entry.group_id) / 2**64
    shares = _setting(entry.source, "fractions", config)
    names = [name for name in SPLITS if shares.get(name)]
    for name in names[:-1]:
        place -= shares[name]
        if place < 0:
            return name
    return names[-1]
