"""A call, and the two ways it can end.

    call = Call(id="7:sw:draft", model="gpt-4.1", messages=[{"role": "user", "content": "..."}], parameters={"temperature": 0})
    key(call)       "5b0c...": 32 hex digits, the same on every machine and for every endpoint that serves the model

The key covers what the answer depends on: model, parameters, messages, schema and the number of the sample. `id`, languages
and `expect` are the caller's and do not enter it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import xxhash

from ..errors import GlobmedError

#: What a call may not set: the engine does, or it would change the shape of the answer.
RESERVED = (
    "messages",
    "model",
    "stream",
    "stream_options",
    "response_format",
    "extra_headers",
    "extra_query",
    "timeout",
)


@dataclass(frozen=True, slots=True)
class Call:
    """One question to one model.

    parameters go into the request as they are (`extra_body` is merged into it). schema: a JSON Schema, or a pydantic class;
    the reply is then parsed and checked. sample: to ask the same thing several times, 0, 1, 2 ... For estimates alone:
    language of the messages, reply_language, and expect, the tokens of a usual reply.
    """

    id: str
    model: str
    messages: Sequence[Mapping[str, Any]]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    schema: Any = None
    sample: int = 0
    language: str = "en"
    reply_language: str | None = None
    expect: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the endpoint counted them; all requests of a call together. cached is a part of input."""

    input: int = 0
    output: int = 0
    cached: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.input + other.input, self.output + other.output, self.cached + other.cached)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. parsed is what the schema asked for; cost in US$, None where the price is unknown.

    seconds is the time of the request that was answered. A reply from the journal cost its money earlier.
    """

    id: str
    key: str
    text: str
    parsed: Any
    usage: Usage
    cost: float | None
    seconds: float
    from_journal: bool
    ok = True


@dataclass(frozen=True, slots=True)
class Failure:
    """No answer. cause is one of causes.CAUSES; detail is one line; text is what the model said, if it said something."""

    id: str
    key: str
    cause: str
    detail: str
    text: str = ""
    usage: Usage = Usage()
    cost: float | None = 0.0
    from_journal: bool = False
    ok = False


def json_schema(schema: Any) -> dict[str, Any] | None:
    """The JSON Schema that a call's schema stands for."""
    if schema is None or isinstance(schema, dict):
        return schema
    return schema.model_json_schema()


def key(call: Call) -> str:
    """xxh3-128 of the canonical JSON. Raises GlobmedError for a call that cannot be asked."""
    if wrong := [name for name in RESERVED if name in call.parameters]:
        raise GlobmedError(f"call {call.id}: {', '.join(wrong)} cannot be a parameter. Leave it out.")
    if call.parameters.get("n", 1) != 1:
        raise GlobmedError(f"call {call.id}: n={call.parameters['n']}. Ask several calls with sample=0, 1, 2 instead.")
    if not call.messages:
        raise GlobmedError(f"call {call.id}: no messages. Give at least one.")
    parts = [call.model, _plain(call.parameters), [dict(one) for one in call.messages], json_schema(call.schema)]
    if call.sample:
        parts.append(call.sample)
    try:
        text = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        raise GlobmedError(f"call {call.id}: not plain JSON ({error}). Use texts, numbers, lists and dicts.")
    return xxhash.xxh3_128_hexdigest(text)


def _plain(value: Any) -> Any:
    """0.0 is 0: the same temperature, the same key."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value
