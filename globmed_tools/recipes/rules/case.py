"""What every rule is given, and what it gives back.

    for finding in rule(case): ...      Finding("error", ("datasets", 0, "path"), 23, "mix/train.jsonl: no such file. ...")

A rule is a function Case -> findings, one subject a module; a rule about hardware is given a set-up as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import schema
from ..models import Model
from ..recipe import Place, Recipe

ERROR, WARNING, NOTE = "error", "warning", "note"


@dataclass(frozen=True)
class Finding:
    """`place` is the way to the key; `line` its line in the file; `message` says what was found and what to do.

    `setup` names the set-up that a finding holds for, None where it holds anywhere.
    """

    severity: str
    place: Place
    line: int | None
    message: str
    setup: str | None = None


@dataclass(frozen=True)
class Case:
    """A recipe to be checked: `model` is its base model where that is known, `folder` what its paths are relative to."""

    recipe: Recipe
    model: Model | None
    folder: Path

    def get(self, key: str, default: Any = None) -> Any:
        """A setting by Axolotl's name or an alias of it; an explicit null counts as not set."""
        for name in (key, *schema.load().models[schema.ROOT].get(key, {}).get("aliases", ())):
            if self.recipe.settings.get(name) is not None:
                return self.recipe.settings[name]
        return default

    def has(self, key: str) -> bool:
        """True where the key is set to anything but null."""
        return self.get(key) is not None

    @property
    def adapter(self) -> str | None:
        return self.get("adapter")

    @property
    def plugins(self) -> tuple[str, ...]:
        found = self.get("plugins")
        return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()

    def number(self, key: str) -> float | None:
        """A setting as a number, also where YAML 1.1 read 2e-4 as text; None where it is none."""
        value = self.get(key)
        try:
            return None if isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            return None

    def entries(self, *keys: str) -> Iterator[tuple[str, int, dict[str, Any]]]:
        """(key, number, entry) of every mapping listed under `datasets` and `test_datasets`, or the keys given."""
        for key in keys or ("datasets", "test_datasets"):
            listed = self.get(key)
            for number, entry in enumerate(listed if isinstance(listed, list) else ()):
                if isinstance(entry, dict):
                    yield key, number, entry

    def error(self, message: str, *place: str | int) -> Finding:
        return self._finding(ERROR, message, place)

    def warning(self, message: str, *place: str | int) -> Finding:
        return self._finding(WARNING, message, place)

    def note(self, message: str, *place: str | int) -> Finding:
        return self._finding(NOTE, message, place)

    def _finding(self, severity: str, message: str, place: Place) -> Finding:
        return Finding(severity, place, self.recipe.line(*place) if place else None, message)
