"""The plan of a sample: how many of which set, in every language.

    mcq: {each: 75}            # of every multiple-choice set
    yesno: {each: 75}          # of every yes/no set: a question with answers to choose from, as multiple choice is
    nli: {total: 150}          # of all entailment sets together, as evenly as they allow
    longform: {total: 200}
    sets: {liveqa: 40}         # a set's own number, besides its form's
    double: 0.2                # the share that two reviewers judge
    flagged: 1.0               # the largest share of a set that flagged translations may take, as long as there are others
    calibration: 0             # copies with a planted fault, a language
    seed: 1

These are the defaults. The numbers for mcq, nli and longform follow the expert review described for the paper; what yes/no falls
under is this project's choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from globmed_tools import catalog
from globmed_tools.catalog import FORMS
from globmed_tools.errors import GlobmedError

from .. import settings


@dataclass(frozen=True, slots=True)
class Quota:
    """How many in a language: `each` of every set of the form, or `total` of all of them together."""

    each: int | None = None
    total: int | None = None

    __pydantic_config__ = {"extra": "forbid"}

    def __post_init__(self):
        given = [number for number in (self.each, self.total) if number is not None]
        if len(given) != 1 or given[0] < 0:
            raise GlobmedError("plan: a form needs either each or total, a number from 0.")


@dataclass(frozen=True, slots=True)
class Plan:
    """The settings of a plan; the module says what each means."""

    mcq: Quota = Quota(each=75)
    yesno: Quota = Quota(each=75)
    nli: Quota = Quota(total=150)
    longform: Quota = Quota(total=200)
    sets: dict[str, int] = field(default_factory=dict)
    double: float = 0.2
    flagged: float = 1.0
    calibration: int = 0
    seed: int = 1

    def __post_init__(self):
        for name in ("double", "flagged"):
            if not 0 <= getattr(self, name) <= 1:
                raise GlobmedError(f"plan, {name}: {getattr(self, name)} found; give a share from 0 to 1.")
        for name, number in self.sets.items():
            catalog.get(name)
            if number < 0:
                raise GlobmedError(f"plan, sets.{name}: {number} found; give a number from 0.")
        if self.calibration < 0:
            raise GlobmedError(f"plan, calibration: {self.calibration} found; give a number from 0.")


def read_plan(path: Path | None = None, changes: Iterable[str] = ()) -> Plan:
    """The plan of a YAML file (or the default) with changes such as "mcq.each=20", "sets.medqa=0" or "seed=7"."""
    values: dict[str, Any] = settings.load_yaml(path) if path else {}
    for change in changes:
        name, sign, text = change.partition("=")
        if not sign:
            raise GlobmedError(f"-s {change}: NAME=VALUE was expected, as -s mcq.each=20.", 2)
        name, _, part = name.strip().partition(".")
        value = settings.value(text)
        if part and name in FORMS:  # each and total exclude each other: the later one holds
            values[name] = {part: value}
        elif part:
            held = values.get(name)
            values[name] = {**(held if isinstance(held, dict) else {}), part: value}
        else:
            values[name] = value
    return settings.read(Plan, values, str(path or "-s"))


def wanted(plan: Plan, there: Mapping[str, tuple[str, int]]) -> dict[str, int]:
    """How many of each set, for one language. there: set -> (form, translations that are there).

    A total is divided evenly; what a set lacks falls to the others of its form, and only what none of them has is short.
    """
    found = {source: plan.sets[source] for source in there if source in plan.sets}
    for form in FORMS:
        quota: Quota = getattr(plan, form)
        mine = {
            source: count for source, (kind, count) in sorted(there.items()) if kind == form and source not in found
        }
        if quota.each is not None:
            found |= dict.fromkeys(mine, quota.each)
        elif mine:
            found |= _spread(quota.total, mine)
    return found


def _spread(total: int, there: dict[str, int]) -> dict[str, int]:
    """`total` over the sets, evenly, none beyond what it has unless all are exhausted."""
    shares = dict.fromkeys(there, 0)
    left = min(total, sum(there.values()))
    while left:
        open_sets = [source for source in there if shares[source] < there[source]]
        part, more = divmod(left, len(open_sets))
        for place, source in enumerate(open_sets):
            taken = min(part + (place < more), there[source] - shares[source])
            shares[source] += taken
            left -= taken
    # What no set has is short; it is said of the largest.
    shares[max(there, key=lambda source: (there[source], source))] += total - sum(shares.values())
    return shares
