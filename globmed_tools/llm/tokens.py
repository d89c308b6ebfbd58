"""How many tokens a text has for a model, without its tokenizer: an estimate for plans and for tokens-a-minute limits.

    count("Homa ya mwili", "sw", "Qwen/Qwen3-8B")          6: 13 characters, 2.571 a token of Qwen's vocabulary in Swahili
    figures("sw", "qwen")["characters"]                    2.571
    of_messages(call)                                      the messages of a call, with what a chat template adds
    of_reply(call)                                         what the call expects, else what its limit or its input suggests

The figures are those of recipes/fertility.toml, measured on human translations. Models whose vocabulary was not measured take
the one that their name suggests, else the largest: an assumption, and `family` says which.
"""

from __future__ import annotations

import json
import math
import tomllib
from functools import cache
from pathlib import Path

from ..errors import GlobmedError
from .calls import Call, json_schema

#: Measured by benchmarks/training/fertility.py; the figures stand once, with the recipes.
FERTILITY = Path(__file__).resolve().parents[1] / "recipes" / "fertility.toml"
#: Tokens that chat templates add to a message: markers and the role.
TURN = 5
LIMITS = ("max_completion_tokens", "max_tokens")


@cache
def _table() -> dict[str, dict[str, dict[str, float]]]:
    return tomllib.loads(FERTILITY.read_text("utf-8"))


def family(model: str) -> str:
    """The measured vocabulary that stands in for a model's own."""
    name = model.lower()
    return "qwen" if "qwen" in name else "llama3" if "llama" in name else "gemma"


def figures(language: str, vocabulary: str) -> dict[str, float]:
    """What was measured of a language: `characters` a token, and tokens `against_english`. GlobmedError where nothing was."""
    measured = _table()[vocabulary]
    if language not in measured:
        raise GlobmedError(f"{language}: no measured tokens in {FERTILITY.name}. Run benchmarks/training/fertility.py.")
    return measured[language]


def count(text: str, language: str, model: str) -> int:
    """Tokens of a text, rounded up. Raises GlobmedError for a language that was not measured."""
    return math.ceil(len(text) / figures(language, family(model))["characters"])


def of_messages(call: Call) -> int:
    """Tokens of all messages and of the schema, which endpoints count as input too."""
    texts = [one["content"] if isinstance(one["content"], str) else json.dumps(one["content"]) for one in call.messages]
    total = sum(count(text, call.language, call.model) + TURN for text in texts)
    if call.schema is not None:
        total += count(json.dumps(json_schema(call.schema)), "en", call.model)
    return total


def of_reply(call: Call) -> int:
    """Tokens of the reply, as far as they can be known before: `expect`; else those of the last message carried over to the
    reply's language; never more than the call's own limit."""
    if call.expect is None:
        last = call.messages[-1]["content"]
        text = last if isinstance(last, str) else json.dumps(last)
        ratio = figures(call.reply_language or call.language, family(call.model))["against_english"]
        ratio /= figures(call.language, family(call.model))["against_english"]
        expected = math.ceil(count(text, call.language, call.model) * ratio)
    else:
        expected = call.expect
    limits = [call.parameters[name] for name in LIMITS if call.parameters.get(name)]
    return min([expected, *limits])
