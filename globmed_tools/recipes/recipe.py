"""A recipe file, read strictly: one mapping, no key twice, the line of every key kept for messages.

recipe = recipe.read("qwen3-8b-lora")            a shipped one by name, or any path
recipe.settings["datasets"][0]["path"]           "mix/train.jsonl"
recipe.line("datasets", 0, "path")               23
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import resources
from ..errors import GlobmedError, suggest

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Recipe:
    """`settings` is the YAML as Axolotl reads it; `lines` the 1-based line of each key and list item; `header` the comment
    lines at the top, without their `#`. What a mapping inherits by `<<` is in `settings` and not in `lines`."""

    name: str
    path: Path
    settings: dict[str, Any]
    lines: dict[Place, int]
    header: str

    def line(self, *place: str | int) -> int | None:
        """The line of a key such as ("datasets", 0, "path"), or of the nearest key above it that has one."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place)

    def where(self, *place: str | int) -> str:
        """`recipes/x.yml, line 23` for messages."""
        line = self.line(*place)
        return f"{self.path}, line {line}" if line else str(self.path)


def names() -> list[str]:
    """The shipped recipes."""
    return sorted(path.stem for path in resources.recipes().glob("*.yml"))


def find(name: str | Path) -> Path:
    """The file of a shipped recipe by name, or the path itself. Raises GlobmedError where there is neither."""
    path = Path(name)
    if path.is_file():
        return path
    shipped = resources.recipes() / f"{path.name.removesuffix('.yml')}.yml"
    if len(path.parts) == 1 and shipped.is_file():
        return shipped
    meant = suggest(path.stem, names()) or "."
    raise GlobmedError(f"{name}: no such recipe{meant} `globmed recipes list` shows those shipped.")


def read(name: str | Path) -> Recipe:
    """Read a recipe by name or path. Raises GlobmedError for bad YAML, a key given twice, or anything but a mapping."""
    path = find(name)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GlobmedError(f"{path}: cannot be read ({error}).") from error
    settings, lines = _parse(text, path)
    return Recipe(path.stem, path, settings, lines, _header(text))


def _header(text: str) -> str:
    kept = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        kept.append(line.removeprefix("#").removeprefix(" "))
    return "\n".join(kept)


def _parse(text: str, path: Path) -> tuple[dict[str, Any], dict[Place, int]]:
    import yaml

    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        lines: dict[Place, int] = {}
        if node is not None:
            _walk(node, (), lines, path)
        settings = loader.construct_document(node) if node is not None else None
    except RecursionError as error:
        raise GlobmedError(f"{path}: a value that holds itself. Remove the anchor.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or error
        raise GlobmedError(f"{path}{at}: not valid YAML ({problem}). Mend that line.") from error
    finally:
        loader.dispose()
    if not isinstance(settings, dict):
        raise GlobmedError(f"{path}: a recipe is a mapping of settings, this holds {type(settings).__name__}.")
    return settings, lines


def _walk(node, place: Place, lines: dict[Place, int], path: Path) -> None:
    import yaml

    if isinstance(node, yaml.MappingNode):
        seen: dict[Any, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise GlobmedError(f"{path}, line {line}: a key that is no plain word. Write `name: value`.")
            if key.value in seen:
                raise GlobmedError(
                    f"{path}, line {line}: {key.value!r} stands on line {seen[key.value]} already, and YAML would keep the "
                    "last one in silence. Remove one."
                )
            seen[key.value] = line
            lines[(*place, key.value)] = line
            _walk(value, (*place, key.value), lines, path)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            lines[(*place, number)] = value.start_mark.line + 1
            _walk(value, (*place, number), lines, path)
