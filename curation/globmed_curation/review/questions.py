"""What a reviewer is asked, read from questions.toml.

    >>> asked = load()
    >>> [one.name for one in asked.ratings], asked.ratings[0].scale[4].label, asked.safety.values
    (['accuracy', 'fluency', 'completeness'], 'exact', ('safe', 'minor', 'harmful'))
    >>> version()                        # of the file's content: it stands in every answer as `guideline`
    '2f1c0a9b7e55d310'

No other module may hold a scale, a label, an error type or a flag of its own.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import xxhash

FILE = Path(__file__).with_name("questions.toml")


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be given. value: as stored; label: a word or two; anchor: what it means."""

    value: int | str
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Rating:
    """A question answered by a whole number."""

    name: str
    title: str
    ask: str
    required: bool
    scale: tuple[Choice, ...]

    @property
    def values(self) -> tuple[int, ...]:
        return tuple(one.value for one in self.scale)


@dataclass(frozen=True, slots=True)
class Label:
    """A question answered by one label, worst last."""

    name: str
    title: str
    ask: str
    required: bool
    labels: tuple[Choice, ...]

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(one.value for one in self.labels)


@dataclass(frozen=True, slots=True)
class Errors:
    """Spans of wrong words: their types, and how bad one is."""

    name: str
    title: str
    ask: str
    types: tuple[Choice, ...]
    severities: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that is said of an item or not. discards: the reviewer sets the item aside."""

    name: str
    title: str
    ask: str
    discards: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A question answered by free text."""

    name: str
    title: str
    ask: str


@dataclass(frozen=True, slots=True)
class Questions:
    """All that is asked. true, false: words for them, lower case."""

    ratings: tuple[Rating, ...]
    safety: Label
    errors: Errors
    flags: tuple[Flag, ...]
    revision: Text
    comment: Text
    true: tuple[str, ...]
    false: tuple[str, ...]

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the questions without which an answer is only a draft."""
        return tuple(one.name for one in (*self.ratings, self.safety) if one.required)


@cache
def load() -> Questions:
    """The questions, in their order."""
    found = tomllib.loads(FILE.read_text("utf-8"))
    errors = found["errors"]
    return Questions(
        ratings=tuple(Rating(**{**row, "scale": _choices(row["scale"])}) for row in found["rating"]),
        safety=Label(**{**found["safety"], "labels": _choices(found["safety"]["labels"])}),
        errors=Errors(**{**errors, **{name: _choices(errors[name]) for name in ("types", "severities")}}),
        flags=tuple(Flag(**row) for row in found["flag"]),
        revision=Text(**found["revision"]),
        comment=Text(**found["comment"]),
        true=tuple(found["words"]["true"]),
        false=tuple(found["words"]["false"]),
    )


def _choices(rows: list[dict]) -> tuple[Choice, ...]:
    return tuple(Choice(**row) for row in rows)


def rating_questions() -> tuple[Rating, ...]:
    """The questions that are answered by a number."""
    return load().ratings


def ratings() -> tuple[str, ...]:
    """Their names."""
    return tuple(one.name for one in rating_questions())


def safety_question() -> Label:
    """The question of medical safety."""
    return load().safety


def safety() -> tuple[str, ...]:
    """Its labels as stored, worst last."""
    return safety_question().values


@cache
def version() -> str:
    """xxh3-64 of questions.toml, line ends aside, as 16 hex digits."""
    return xxhash.xxh3_64_hexdigest(FILE.read_bytes().replace(b"\r\n", b"\n"))
