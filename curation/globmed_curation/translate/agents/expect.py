"""Tokens of usual replies, as far as they follow from the entry: what estimates and tokens-a-minute limits go by.

of_texts(texts, "en", "sw", "Qwen/Qwen3-8B")       a translation: the source's tokens times what Swahili takes for the same
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from globmed_tools.llm import Call, tokens

from .config import Assumed
from .schemas import flat

#: Tokens of JSON around a field; of a finding; of an empty list of findings.
KEY, FINDING, NONE = 6, 75, 8
#: A model names about so many terms in a hundred characters, each of so many tokens.
TERMS, TERM = 2.0, 5


def of_texts(texts: Mapping[str, Any], source: str, target: str, model: str) -> int:
    """A translation of these texts, as JSON."""
    fields = flat(texts).values()
    said = Call("", model, [{"content": "\n".join(fields)}], language=source, reply_language=target)
    return tokens.of_reply(said) + KEY * len(fields)


def of_critique(assumed: Assumed) -> int:
    """A critique with as many findings as are assumed of the mean draft."""
    return math.ceil(NONE + FINDING * assumed.findings * assumed.drafts_with_findings)


def of_terms(texts: Mapping[str, Any]) -> int:
    """The names of the terms in these texts."""
    return math.ceil(NONE + sum(map(len, flat(texts).values())) / 100 * TERMS * TERM)
