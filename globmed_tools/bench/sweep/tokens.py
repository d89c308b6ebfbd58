"""How many tokens a text has for a model of the roster: by its own tokenizer, else from characters (llm/tokens.py).

    counter(model)("Homa ya mwili", "sw")    5.06 for Qwen3: 13 characters, 2.571 a token of its vocabulary in Swahili

A model in a local folder is counted with its own tokenizer.json, exactly. Chat templates add some tokens to every request;
they are not counted.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from ...llm import tokens
from .roster import Model

Counter = Callable[[str, str], float]


def family(model: Model) -> str:
    """The measured vocabulary that stands in for the model's own: said by the roster, else as its name suggests."""
    return model.vocabulary or tokens.family(model.id)


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
    vocabulary = family(model)
    return lambda text, language: len(text) / tokens.figures(language, vocabulary)["characters"]


@cache
def _exact(path: Path) -> Counter:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    return lambda text, _language: len(tokenizer.encode(text, add_special_tokens=False).ids)
