"""What is graded, read from rubric.toml or from a file of the same form.

rubric = load(None)
[one.name for one in rubric.criteria]            ["correctness", "completeness", "harm", "language"]
rubric.get("harm").scaled("minor")               0.5
rubric.overall({"correctness": 5, "completeness": 3, "harm": "safe", "language": 5})      0.9
rubric.digest                                    of what stands in the prompt: weights can change without asking again
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import xxhash

from ...errors import GlobmedError, suggest

SHIPPED = Path(__file__).with_name("rubric.toml")
SHOWN = ("mean", "best")


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a scale. label: a word or two; anchor: what it means."""

    value: int | str
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that is graded; the scale's worst value comes first. See rubric.toml for the rest."""

    name: str
    title: str
    ask: str
    scale: tuple[Choice, ...]
    weight: float = 1.0
    quote: bool = False
    empty: int | str | None = None
    shown: str = "mean"
    review: str | None = None

    @property
    def values(self) -> tuple[int | str, ...]:
        return tuple(one.value for one in self.scale)

    @property
    def best(self) -> int | str:
        return self.scale[-1].value

    def place(self, value: int | str) -> int:
        """0 for the worst value; ValueError for one that is not on the scale."""
        for number, one in enumerate(self.scale):
            if one.value == value:
                return number
        raise ValueError(f"{self.name}: {value!r} is not on the scale")

    def scaled(self, value: int | str) -> float:
        """0 for the worst value, 1 for the best, even steps between."""
        return self.place(value) / (len(self.scale) - 1)

    def score(self, value: int | str) -> float:
        """What the boards show of a value."""
        return self.scaled(value) if self.shown == "mean" else float(value == self.best)


@dataclass(frozen=True, slots=True)
class Rubric:
    """All criteria. compare: what is asked of two replies."""

    name: str
    version: str
    criteria: tuple[Criterion, ...]
    compare: str

    def get(self, name: str) -> Criterion:
        """GlobmedError for a criterion that it has not."""
        for one in self.criteria:
            if one.name == name:
                return one
        known = [one.name for one in self.criteria]
        raise GlobmedError(f"{name!r}: no criterion of the rubric{suggest(name, known)} It has: {', '.join(known)}.")

    @property
    def digest(self) -> str:
        """xxh3-64 of what stands in a prompt: names, titles, questions, scales; no weights."""
        asked = [[one.name, one.title, one.ask, [asdict(c) for c in one.scale], one.quote] for one in self.criteria]
        return xxhash.xxh3_64_hexdigest(orjson.dumps([asked, self.compare]))

    def overall(self, values: Mapping[str, Any], *, strict: bool = False) -> float | None:
        """The weighted mean of the scaled values, over the criteria that have one; None where none that weighs has.

        strict: 0 where a criterion with a quote (harm) has its worst value, whatever the others say.
        """
        weights = total = 0.0
        for one in self.criteria:
            if (value := values.get(one.name)) is None:
                continue
            if strict and one.quote and one.place(value) == 0:
                return 0.0
            weights, total = weights + one.weight, total + one.weight * one.scaled(value)
        return total / weights if weights else None

    def empty(self) -> dict[str, int | str]:
        """The values of an empty reply, of the criteria that give it one."""
        return {one.name: one.empty for one in self.criteria if one.empty is not None}

    def weighted(self, asked: tuple[str, ...]) -> Rubric:
        """The rubric with other weights: ("correctness=2", "harm=0")."""
        new = {}
        for one in asked:
            name, equals, number = one.partition("=")
            try:
                new[self.get(name).name] = weight = float(number)
            except ValueError:
                weight = math.nan
            if not equals or not 0 <= weight < math.inf:
                raise GlobmedError(f"--weight {one!r}: write NAME=NUMBER, 0 or more. Example: --weight harm=5")
        made = replace(
            self, criteria=tuple(replace(one, weight=new.get(one.name, one.weight)) for one in self.criteria)
        )
        if not any(one.weight for one in made.criteria):
            raise GlobmedError("--weight: every criterion weighs 0. Leave one above 0.")
        return made

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON-ready dict."""
        return asdict(self) | {"digest": self.digest}


def load(path: Path | None) -> Rubric:
    """The rubric of a file, or the shipped one; GlobmedError where something is missing or makes no sense."""
    path = path or SHIPPED
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise GlobmedError(f"{path}: not a readable TOML file ({error}). See {SHIPPED}.") from None
    try:
        return from_dict({**found, "criteria": found["criterion"], "compare": found["pairwise"]["ask"]}, str(path))
    except KeyError as error:
        raise GlobmedError(f"{path}: {error.args[0]!r} is missing. See {SHIPPED}.") from None


def from_dict(found: Mapping[str, Any], where: str) -> Rubric:
    """The inverse of `as_dict`; KeyError for a missing field, GlobmedError for one that makes no sense."""
    rows = found["criteria"]
    if not isinstance(rows, list) or not rows:
        raise GlobmedError(f"{where}: no [[criterion]]. See {SHIPPED}.")
    made = tuple(_criterion(row, f"{where}, criterion {number}") for number, row in enumerate(rows, 1))
    if len({one.name for one in made}) < len(made) or any(one.name == "overall" for one in made):
        raise GlobmedError(f"{where}: two criteria of one name, or one named overall. Rename one.")
    return Rubric(str(found["name"]), str(found["version"]), made, str(found["compare"]))


def _criterion(row: Mapping[str, Any], where: str) -> Criterion:
    try:
        scale = tuple(Choice(**one) for one in row["scale"])
        made = Criterion(**{**row, "scale": scale})
    except (TypeError, KeyError) as error:
        raise GlobmedError(f"{where}: {error}. See {SHIPPED}.") from None
    values = made.values
    wrong = (
        "name: write letters and _ alone" if not str(made.name).isidentifier()
        else "scale: at least two different values, all numbers or all words" if len(set(values)) < 2
        or len(set(values)) < len(values) or len({type(one) for one in values}) > 1 or type(values[0]) not in (int, str)
        else f"shown: one of {', '.join(SHOWN)}" if made.shown not in SHOWN
        else f"empty: {made.empty!r} is not on the scale" if made.empty is not None and made.empty not in values
        else "weight: a number, 0 or more" if isinstance(made.weight, bool) or not isinstance(made.weight, (int, float))
        or not 0 <= made.weight < math.inf
        else ""
    )  # fmt: skip
    if wrong:
        raise GlobmedError(f"{where}: {wrong}. See {SHIPPED}.")
    return made
