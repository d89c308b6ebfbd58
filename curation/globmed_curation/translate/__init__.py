"""Translators: from an original to an entry in another language, by name.

    >>> translator = load("pseudo")
    >>> [made] = translator.translate([Job(entry, "sw")], config)
    >>> made.translator, made.translated_from == entry.id, is_pseudo(made.translator)
    ('pseudo', True, True)

A translator is a module with `translate(jobs, config) -> list`: for each job, in their order, the new Entry (made by
entry.translation) or a Dropped that says why there is none, or a Made that also tells how it came about. config is the stage's. One
that needs a network has `prepare` too: it does its asking there, once, before the stage is run (see stages). A new translator is
one line in TRANSLATORS.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import Any

from globmed_tools.entry import Entry
from globmed_tools.errors import GlobmedError, suggest

from ..stages import Dropped

PSEUDO, AGENTS = "pseudo", "agents"
#: name -> module; the name (with a model's, perhaps: "name:model") is what entries say in `translator`.
TRANSLATORS = {PSEUDO: "globmed_curation.translate.pseudo", AGENTS: "globmed_curation.translate.agents"}


@dataclass(frozen=True, slots=True)
class Job:
    """An entry, and the language (a code of the language table) into which it is to be translated."""

    entry: Entry
    language: str


@dataclass(frozen=True, slots=True)
class Made:
    """How a job ended. texts: every step on the way, as `globmed curate explain` shows it; stats: counts for the stage's."""

    end: Entry | Dropped
    texts: dict[str, Any] | None = None
    stats: dict[str, Any] = field(default_factory=dict)


def known(name: str) -> None:
    """GlobmedError unless there is a translator of this name."""
    if name not in TRANSLATORS:
        raise GlobmedError(
            f"translate: unknown translator {name!r}{suggest(name, TRANSLATORS)} Known: {', '.join(TRANSLATORS)}."
        )


def load(name: str) -> ModuleType:
    """The module of this translator, imported on demand."""
    known(name)
    return import_module(TRANSLATORS[name])


def is_pseudo(translator: str | None) -> bool:
    """True for the name of the stand-in, and for any that begins so: its text is no translation and must not be published
    or trained on."""
    return (translator or "").startswith(PSEUDO)
