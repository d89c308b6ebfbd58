"""Structured output: what is asked of the endpoint, how its words become an object, and what a repair is told.

FORMS                                     json_schema, json_object, plain: the next one where an endpoint refuses one
request(messages, schema, "json_object")  (messages with the schema in words, {"type": "json_object"})
read('```json\\n{"dose": 5}\\n```', schema)  {"dose": 5}; raises Wrong("wrong schema", "$.dose: 5 is not of type 'string'")
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson

from .calls import json_schema

FORMS = ("json_schema", "json_object", "plain")
_THOUGHT = re.compile(r"^.*</think>", re.S)
_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)```", re.S)
#: The rest of a text that stops within a JSON value: nothing, a sign, or the start of a word or number.
_OPEN = re.compile(r"[{}\[\],:]?\s*[\w.+-]*")
_WORDS = "Reply with one JSON object and nothing else: no explanation, no code fence. It must match this JSON Schema:\n"


class Wrong(Exception):
    """A reply that is not what the schema asks for."""

    def __init__(self, cause: str, detail: str):
        super().__init__(cause, detail)
        self.cause, self.detail = cause, detail


def request(messages: Sequence, schema: Any, form: str) -> tuple[list, dict | None]:
    """The messages and the response_format for a schema in one of the FORMS."""
    asked = json_schema(schema)
    if form == "json_schema":
        body = {"name": re.sub(r"\W", "_", str(asked.get("title", "reply")))[:60], "schema": asked}
        if _strict(asked):
            body["strict"] = True
        return list(messages), {"type": "json_schema", "json_schema": body}
    words = _WORDS + json.dumps(asked, ensure_ascii=False)
    head, rest = (messages[0], messages[1:]) if messages[0].get("role") == "system" else (None, messages)
    text = f"{head['content']}\n\n{words}" if head and isinstance(head["content"], str) else words
    told = [{"role": "system", "content": text}, *rest]
    return told, {"type": "json_object"} if form == "json_object" else None


def _strict(schema: Any) -> bool:
    """True where the schema keeps the rules of strict mode: every object closed, every property required."""
    if isinstance(schema, list):
        return all(map(_strict, schema))
    if not isinstance(schema, dict):
        return True
    if "properties" in schema and isinstance(schema["properties"], dict):
        if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != set(
            schema["properties"]
        ):
            return False
    return all(_strict(value) for value in schema.values())


def read(text: str, schema: Any) -> Any:
    """The object in a reply, checked; an instance where the schema is a pydantic class. Raises Wrong."""
    found = extract(text)
    if not isinstance(schema, dict):
        from pydantic import ValidationError

        try:
            return schema.model_validate(found)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(["$", *map(str, first["loc"])])
            raise Wrong("wrong schema", f"{where}: {first['msg']}") from None
    from jsonschema.exceptions import best_match

    if error := best_match(_validator(orjson.dumps(schema)).iter_errors(found)):
        raise Wrong("wrong schema", f"{error.json_path}: {error.message[:200]}")
    return found


@lru_cache(maxsize=64)
def _validator(schema: bytes):
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for

    from ..errors import GlobmedError

    loaded = orjson.loads(schema)
    kind = validator_for(loaded)
    try:
        kind.check_schema(loaded)
    except SchemaError as error:
        raise GlobmedError(f"the JSON Schema of a call is wrong: {error.json_path}: {error.message}. Mend the schema.")
    return kind(loaded)


def extract(text: str) -> Any:
    """The JSON value in a reply: all of it, in a code fence, or the first object or list that can be read.

    Raises Wrong: "cut JSON" where one begins and does not end, "wrong schema" where there is none.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    text = _THOUGHT.sub("", text).strip()
    for candidate in (text, *_FENCE.findall(text)):
        try:
            return orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
    return _first(text)


def _first(text: str) -> Any:
    decoder, first = json.JSONDecoder(), None
    for place in list(re.finditer(r"[{\[]", text))[:50]:
        try:
            return decoder.raw_decode(text, place.start())[0]
        except json.JSONDecodeError as error:
            what = f"not JSON: {error.msg} at character {error.pos} of {len(text)}"
            # The decoder reports an open string at its opening quote, all else where it stopped.
            if _OPEN.fullmatch(text, error.pos) or error.msg.startswith("Unterminated string"):
                raise Wrong("cut JSON", what) from None
            first = first or what
    raise Wrong("wrong schema", first or f"no JSON in the reply: {text[:100]!r}")


def repair(messages: Sequence, said: str, wrong: Wrong) -> list:
    """The messages of the one call that asks for a mended reply."""
    ask = f"That reply cannot be used: {wrong.detail}. Send the whole reply again, mended, as one JSON object and nothing else."
    return [*messages, {"role": "assistant", "content": said}, {"role": "user", "content": ask}]
