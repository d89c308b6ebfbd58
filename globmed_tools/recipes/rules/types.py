"""Types of the schema: whether a value is of one, and how one is said.

fits("2e-4", "float")                                  True, as pydantic reads text that YAML 1.1 made of a number
fits(True, "int")                                      False: pydantic would take it for 1, which nobody means
described({"union": [{"choices": ["auto"]}, "bool"]})  "auto, or true or false"
"""

from __future__ import annotations

from typing import Any

TRUTH = ("true", "false", "yes", "no", "on", "off", "y", "n", "t", "f", "1", "0")
WORDS = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false"}


def fits(value: Any, word: str) -> bool:
    """Whether pydantic would take the value for a word such as "int"."""
    if word == "any":
        return True
    if word == "none":
        return value is None
    if word == "str":
        return isinstance(value, str)
    if word == "bool":
        return isinstance(value, bool) or str(value).lower() in TRUTH
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return False
    try:
        return word == "float" and float(value) is not None or float(value) == int(float(value))
    except (ValueError, OverflowError):
        return False


def described(kind: Any) -> str:
    """A type in words: "one of epoch, no, steps"."""
    if isinstance(kind, str):
        return WORDS.get(kind, kind)
    if "choices" in kind:
        choices = [str(one) for one in kind["choices"]]
        return choices[0] if len(choices) == 1 else f"one of {', '.join(choices)}"
    if "union" in kind:
        return ", or ".join(dict.fromkeys(described(one) for one in kind["union"] if one != "none"))
    if "list" in kind:
        return "a list that is not empty" if kind.get("min_length") else "a list"
    if "dict" in kind or "model" in kind:
        return "a mapping"
    if "tuple" in kind:
        return f"a list of {len(kind['tuple'])}"
    return f"text like {kind['pattern']}" if "pattern" in kind else described(kind.get("is", "any"))
