"""How many tokens a text has for a model, without its tokenizer: from characters, by language and vocabulary family.

    counter(model)("Homa ya mwili", "sw")    5.06 for Qwen3: 13 characters, 2.571 a token of its vocabulary in Swahili

A model in a local folder is counted with its own tokenizer.json, exactly. Chat templates add some tokens to every request;
they are not counted.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from ...errors import GlobmedError
from .roster import Model

#: Measured by benchmarks/training/fertility.py; the figures stand once, with the recipes.
FERTILITY = Path(__file__).resolve().parents[2] / "recipes" / "fertility.toml"
Counter = Callable[[str, str], float]


@cache
def _table() -> dict[str, dict[str, dict[str, float]]]:
    return tomllib.loads(FERTILITY.read_text("utf-8"))


def family(model: Model) -> str:
    """The vocabulary family whose figures stand in: said by the roster, else read from the id, else the largest one."""
    if model.vocabulary:
        return model.vocabulary
    name = model.id.lower()
    if "qwen" in name:
        return "qwen"
    return "llama3" if "llama" in name else "gemma"


def source(model: Model) -> str:
    """Where the counts of this model come from, in words."""
    return f"its own {_own(model)}" if _own(model) else f"characters, as {family(model)}'s vocabulary"


def _own(model: Model) -> Path | None:
    path = Path(model.id) / "tokenizer.json"
    return path if model.local and path.is_file() else None


def counter(model: Model) -> Counter:
    """The function that counts the tokens of a text in a language."""
    if own := _own(model):
        return _exact(own)
    figures = _table()[family(model)]

    def count(text: str, language: str) -> float:
        if language not in figures:
            raise GlobmedError(
                f"{language}: no measured tokens in {FERTILITY.name}. Run benchmarks/training/fertility.py."
            )
        return len(text) / figures[language]["characters"]

    return count


@cache
def _exact(path: Path) -> Counter:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    return lambda text, _language: len(tokenizer.encode(text, add_special_tokens=False).ids)
