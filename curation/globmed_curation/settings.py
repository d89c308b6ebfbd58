"""Settings: a mapping (from YAML or the command line) -> a frozen dataclass, strictly.

    >>> read(Config, {"threshold": "0.7"}, "globmed.yml, stages.identify_language")
    Config(threshold=0.7, ...)

A name that the dataclass does not know, a value of the wrong kind or a missing one raises GlobmedError, one line, saying
where it stands and what would fit. Values are converted only where nothing is guessed ("0.7" -> 0.7; never 1 -> "1").
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from globmed_tools import manifest
from globmed_tools.errors import GlobmedError, suggest

T = TypeVar("T")


def read(kind: type[T], values: Any, where: str) -> T:
    """An instance of the dataclass `kind` made from `values`."""
    from pydantic import TypeAdapter, ValidationError

    if values is None:
        values = {}
    if not isinstance(values, dict):
        raise GlobmedError(f"{where}: settings by name were expected, found {type(values).__name__} {values!r}.")
    names = [field.name for field in fields(kind)]
    for name in values:
        if name not in names:
            hint = suggest(str(name), names)
            raise GlobmedError(f"{where}: unknown setting {name!r}{hint} Known: {', '.join(names) or 'none'}.")
    try:
        return TypeAdapter(kind).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise GlobmedError(f"{where}, {place}: {first['msg']} (found {first.get('input')!r}).") from None


def load_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file; a key that stands twice is an error, as is anything but a mapping."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise GlobmedError(f"{path}: cannot be read ({reason}). Check the path.") from None
    try:
        found = yaml.load(text, Loader=_Strict)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise GlobmedError(f"{path}{line}: not valid YAML ({getattr(error, 'problem', error)}). Mend it.") from None
    if not isinstance(found, dict):
        raise GlobmedError(f"{path}: a YAML mapping was expected, found {type(found).__name__}. Mend it.")
    return found


def value(text: str) -> Any:
    """What a value on the command line means, read as in a file; text that is no YAML is itself."""
    try:
        return yaml.load(text, Loader=_Strict)
    except yaml.YAMLError:
        return text


class _Strict(yaml.SafeLoader):
    """YAML in which no key may stand twice and only true and false are truth values: `off` is a severity here, and `no`
    a language."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool"]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Strict.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def _mapping(loader: _Strict, node: yaml.MappingNode, deep: bool = True) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in made:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} stands twice", key_node.start_mark)
        made[key] = loader.construct_object(value_node, deep=True)
    return made


_Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def plain(config: Any) -> dict[str, Any]:
    """The settings of a dataclass instance as JSON-ready values, in the order of its fields; of a file that a setting
    names (a Path, or some), its name and what it holds, so that the same file gives the same settings on every machine.
    Fields marked `aside` (an address, a budget) change no result and are left out."""
    import json

    from pydantic_core import to_jsonable_python

    return json.loads(json.dumps(to_jsonable_python(_named(config))))


def _named(value: Any) -> Any:
    if is_dataclass(value):
        names = [field.name for field in fields(value) if not field.metadata.get("aside")]
        return {name: _named(getattr(value, name)) for name in names}
    if isinstance(value, tuple):
        return [_named(one) for one in value]
    if not isinstance(value, Path):
        return value
    if (
        value.is_dir()
    ):  # the manifest of a folder of entries holds what each of its files holds; or a folder of such folders
        inner = sorted(value.glob(f"*/{manifest.NAME}"))
        if (value / manifest.NAME).is_file() or not inner:
            return _named(value / manifest.NAME)
        return [f"{one.parent.name}/{_named(one)}" for one in inner]
    if not value.is_file():
        raise GlobmedError(f"{value}: no such file. Check the setting that names it.")
    return f"{value.name}#{manifest.checksum(value)}"
