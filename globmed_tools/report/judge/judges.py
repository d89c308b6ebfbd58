"""Who judges: endpoints, what is sent to them, and of which family they are.

    judges:
      - model: Qwen/Qwen3-32B                  # as the endpoint calls it
        base_url: http://localhost:8000/v1
      - model: gpt-5.5
        base_url: https://api.openai.com/v1
        key_variable: OPENAI_API_KEY           # or key_file
        parameters: {temperature: null}        # over the default, temperature 0; null takes one away
        name: gpt                              # in the report; without it, the model's
        family: OpenAI                         # without it, from the roster of models
        concurrency: 16                        # and timeout, requests_per_minute, tokens_per_minute

A family is an organisation of the roster. A model made from another's weights belongs to both families: a fine-tuned Llama is
no stranger to Llama. A family that nothing tells is unknown, which is not the same as another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import GlobmedError, suggest

DEFAULTS = {"temperature": 0}
_LIMITS = {"concurrency": int, "timeout": float, "requests_per_minute": float, "tokens_per_minute": float}
#: First words of models' names that say nothing of who made them.
_ANYBODYS = ("medical", "tiny", "atlas")
_KNOWN = ("model", "base_url", "name", "family", "key_variable", "key_file", "parameters", *_LIMITS)


@dataclass(frozen=True, slots=True)
class Judge:
    """One judge. families: empty where unknown. limits: of the engine's Config, as far as they are given."""

    name: str
    model: str
    base_url: str
    families: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    key_variable: str | None = None
    key_file: Path | None = None
    limits: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """What goes into results: no address, no key."""
        return {"name": self.name, "model": self.model, "families": list(self.families), "parameters": self.parameters}


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a judges.yml."""
    import yaml

    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise GlobmedError(f"{path}: not a readable YAML file ({error}).") from None
    rows = content.get("judges") if isinstance(content, dict) else None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise GlobmedError(
            f"{path}: no list of judges. Write `judges:` and under it `- model: ...` with `base_url: ...`."
        )
    for number, row in enumerate(rows, 1):
        where = f"{path}, judge {number}"
        if unknown := [name for name in row if name not in _KNOWN]:
            raise GlobmedError(
                f"{where}: unknown {unknown[0]!r}{suggest(str(unknown[0]), _KNOWN)} Known: {', '.join(_KNOWN)}."
            )
        if not row.get("model") or not row.get("base_url"):
            raise GlobmedError(f"{where}: {'base_url' if row.get('model') else 'model'} is missing. Write it.")
        if not isinstance(row.get("parameters", {}), dict):
            raise GlobmedError(f"{where}: parameters: write {{temperature: 0}}.")
        for name, kind in _LIMITS.items():
            if isinstance(row.get(name, 1), bool) or not isinstance(row.get(name, 1), (int, kind)):
                raise GlobmedError(f"{where}: {name}: {row[name]!r} is no number.")
    return rows


def paired(models: tuple[str, ...], urls: tuple[str, ...], keys: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows from --model, --base-url and --key-variable: one of the latter serves all models, or each has its own."""
    found = []
    for what, given in (("--base-url", urls), ("--key-variable", keys)):
        if len(given) not in ((1, len(models)) if what == "--base-url" else (0, 1, len(models))):
            raise GlobmedError(
                f"{len(models)} times --model and {len(given)} times {what}. Give {what} once, or once for each."
            )
    for place, model in enumerate(models):
        row = {"model": model, "base_url": urls[place if len(urls) > 1 else 0]}
        if keys:
            row["key_variable"] = keys[place if len(keys) > 1 else 0]
        found.append(row)
    return found


def judges(rows: Iterable[dict[str, Any]], roster: list[dict[str, Any]], defaults: dict[str, Any]) -> list[Judge]:
    """The judges; `defaults` are limits for those who name none, and `parameters` over the usual ones."""
    made: list[Judge] = []
    for row in rows:
        parameters = {**DEFAULTS, **defaults.get("parameters", {}), **(row.get("parameters") or {})}
        limits = {name: row.get(name, defaults.get(name)) for name in _LIMITS}
        told = row.get("family")
        made.append(
            Judge(
                name=str(row.get("name") or row["model"]),
                model=str(row["model"]),
                base_url=str(row["base_url"]),
                families=(str(told),) if told else families(str(row["model"]), roster),
                parameters={name: value for name, value in parameters.items() if value is not None},
                key_variable=row.get("key_variable"),
                key_file=Path(row["key_file"]) if row.get("key_file") else None,
                limits={name: value for name, value in limits.items() if value is not None},
            )
        )
    for one in made:
        same = [other for other in made if other.name == one.name]
        twins = [other for other in made if (other.model, other.parameters) == (one.model, one.parameters)]
        if len(same) > 1 or len(twins) > 1:
            raise GlobmedError(
                f"judge {one.name}: there twice. One model with the same parameters is one judge; of two settings, name each."
            )
    return made


def families(model: str, roster: list[dict[str, Any]]) -> tuple[str, ...]:
    """The organisations behind a model: the roster's, that of its base, and those whose names its own name holds."""
    found = {}
    rows = [row for row in roster if model in (row.get("name"), row.get("id"))]
    for row in rows:
        found |= dict.fromkeys(filter(None, [row.get("organisation")]))
        if (base := row.get("base")) and base != model:
            found |= dict.fromkeys(families(str(base), roster))
    leads = _leads(roster)
    for one in [model, *(str(row["id"]) for row in rows if row.get("id"))]:
        for word in _words(one):
            found |= dict.fromkeys(leads.get(word, ()))
    return tuple(found)


def _words(model: str) -> list[str]:
    """ "meta-llama/Llama-3.1-8B" -> ["llama"]: the runs of letters in the name, longer than two."""
    return [word for word in re.findall(r"[a-z]+", model.rpartition("/")[2].lower()) if len(word) > 2]


def _leads(roster: list[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    """The first word of a model's name -> the organisation that has most models of it: "llama" is Meta's, whoever tuned one."""
    counted: dict[str, dict[str, int]] = {}
    for row in roster:
        words = _words(str(row.get("id") or ""))
        if words and row.get("organisation") and words[0] not in _ANYBODYS:
            own = counted.setdefault(words[0], {})
            own[row["organisation"]] = own.get(row["organisation"], 0) + 1
    return {word: tuple(one for one, n in own.items() if n == max(own.values())) for word, own in counted.items()}


def related(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether two models have a family in common."""
    return bool(set(one) & set(other))
