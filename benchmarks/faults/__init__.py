"""Faults planted in human translations: what a checker of translations has to find.

    >>> text = Text("sw", "own", "own", 1, "Give 5 mg, not more.", "Mpe mg 5, si zaidi.")
    >>> plant("number changed", text)
    Planted(source='Give 5 mg, not more.', translation='Mpe mg 8, si zaidi.', what='5 -> 8')

A fault is a function (text, random) -> Planted, or None where it cannot be planted there. The random numbers come from a
hash of the fault's name and the text, so that a fault planted twice is the same. The words that a plant needs stand in
words.toml, not in the project's language table: a check is not tried on its own word list.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import normalize

import regex


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence, or several joined ones, in English and in another language. pieces: its sentences (pairs of source and
    translation); elsewhere: the same text in other languages (code -> text), the neighbours' NTREX codes among them;
    following: the pair that comes next in the document, or none."""

    language: str
    corpus: str
    document: str
    number: int
    source: str
    translation: str
    pieces: tuple[tuple[str, str], ...] = ()
    elsewhere: dict[str, str] = field(default_factory=dict)
    following: tuple[str, str] | None = None

    @property
    def key(self) -> str:
        return f"{self.corpus}/{self.document}/{self.number}/{len(self.pieces)}"


@dataclass(frozen=True, slots=True)
class Planted:
    """A text with a fault in it: both sides as they are now, and what was done, for people."""

    source: str
    translation: str
    what: str


@dataclass(frozen=True, slots=True)
class Fault:
    """name; where: single, joined or both kinds of text; goal: the recall wanted (None where none was set);
    checks: those that are made for it (a catch by another one counts too, and is told apart); unseen: planted only in
    documents that the language model was not trained on."""

    name: str
    where: tuple[str, ...]
    goal: float | None
    checks: tuple[str, ...]
    plant: Callable[[Text, random.Random], Planted | None]
    unseen: bool = False


FAULTS: dict[str, Fault] = {}


def fault(name: str, *, where=("single",), goal: float | None = None, checks=(), unseen: bool = False):
    """Put a planting function on the list of FAULTS."""

    def put(function):
        FAULTS[name] = Fault(name, tuple(where), goal, tuple(checks), function, unseen)
        return function

    return put


def plant(name: str, text: Text) -> Planted | None:
    """The text with this fault in it, the same at every call; None where it cannot be planted."""
    found = FAULTS[name].plant(text, random.Random(f"{name}\n{text.language}\n{text.source}\n{text.translation}"))
    if found and (found.source, found.translation) == (text.source, text.translation):
        return None
    return found


@cache
def words(code: str) -> dict[str, Any]:
    """What words.toml has on a language; {} where it has nothing."""
    return _table().get(code, {})


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(normalize("NFC", Path(__file__).with_name("words.toml").read_text("utf-8")))


def languages() -> list[str]:
    """The languages with human translations to plant in, in the order of words.toml."""
    return [code for code, row in _table().items() if "files" in row]


@cache
def compiled(pattern: str, flags: int = 0) -> regex.Pattern:
    return regex.compile(pattern, flags)


from . import negation, numbers, turned, units, whole  # noqa: E402, F401  (they put their faults on the list)
