"""What tokens cost: points of prices.toml, or of the user's own file, in US$ per million tokens.

    prices = Prices.shipped()                    or Prices.read(Path("my-prices.toml")), which goes before the shipped ones
    prices.cost("gpt-4.1", Usage(1_000_000, 100_000))        2.8
    prices.cost("Qwen/Qwen3-8B", usage)                      None: unknown, and never taken for 0

    ["my-vllm-model"]
    input = 0.0
    output = 0.0
    source = "own GPUs"
    seen = "2026-11-24"

cached is the price of input tokens that the provider had in its cache (else they cost like others); batch_input and
batch_output those of the batch interface (else None: no batch price known). A dated name ("gpt-4.1-2025-04-14") takes the point
of its undated one.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import GlobmedError
from .calls import Usage

SHIPPED = Path(__file__).with_name("prices.toml")
_DATED = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8})$")
_NUMBERS = ("input", "output", "cached", "batch_input", "batch_output")


@dataclass(frozen=True, slots=True)
class Price:
    """US$ per million tokens, where they were read, and when."""

    input: float
    output: float
    source: str
    seen: str
    cached: float | None = None
    batch_input: float | None = None
    batch_output: float | None = None


@dataclass(frozen=True, slots=True)
class Prices:
    """Price points by model."""

    points: dict[str, Price] = field(default_factory=dict)

    @classmethod
    def shipped(cls) -> Prices:
        return cls(_read(SHIPPED))

    @classmethod
    def read(cls, path: Path) -> Prices:
        """The points of a user's file, and the shipped ones for the models that it does not name."""
        return cls({**_read(SHIPPED), **_read(path)})

    def of(self, model: str) -> Price | None:
        """The point of a model; None where there is none."""
        return self.points.get(model) or self.points.get(_DATED.sub("", model))

    def cost(self, model: str, usage: Usage, *, batch: bool = False) -> float | None:
        """US$, or None where the price is unknown."""
        price = self.of(model)
        if price is None:
            return None
        if batch:
            if price.batch_input is None or price.batch_output is None:
                return None
            return (usage.input * price.batch_input + usage.output * price.batch_output) / 1e6
        cached = price.input if price.cached is None else price.cached
        fresh = usage.input - usage.cached
        return (fresh * price.input + usage.cached * cached + usage.output * price.output) / 1e6


def _read(path: Path) -> dict[str, Price]:
    try:
        rows = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise GlobmedError(f"{path}: could not be read ({error.strerror}). Name a file of prices.")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise GlobmedError(f"{path}: not valid TOML ({error}). See {SHIPPED}.")
    return {model: _point(path, model, row) for model, row in rows.items()}


def _point(path: Path, model: str, row) -> Price:
    where = f"{path}, [{model}]"
    if not isinstance(row, dict):
        raise GlobmedError(f'{where}: a table was expected. Write ["{model}"] and its prices below.')
    if unknown := set(row) - set(Price.__slots__):
        raise GlobmedError(f"{where}: unknown {', '.join(sorted(unknown))}; known: {', '.join(Price.__slots__)}.")
    for name in ("input", "output", "source", "seen"):
        if name not in row:
            raise GlobmedError(f"{where}: {name} is missing. Write it; source and seen say where and when it was read.")
    for name in _NUMBERS:
        value = row.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
            raise GlobmedError(f"{where}: {name} = {value!r}. Write US$ per million tokens, 0 or more.")
    return Price(**{**row, "source": str(row["source"]), "seen": str(row["seen"])})
