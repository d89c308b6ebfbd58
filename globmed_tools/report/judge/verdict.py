"""The form of a judge's answer: what the engine validates, and has repaired once where it is wrong.

    form = Form(grades(rubric), reply="Take ten tablets a day.")
    form.model_validate({"harm": {"reason": "...", "quote": "ten  tablets", "value": "harmful"}, ...})
    values(found)      {"correctness": 2, "harm": "harmful", ...};    quotes(found) -> {"harm": {"text": ..., "start": 5, "end": 15}}

The reason comes before the value, so that the value can follow from it. A quote must stand in the reply: what a judge only
claims to have read is no evidence. Runs of white space count as one space, and marks of quotation around the quote as none.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationInfo, create_model, model_validator

from .rubric import Rubric

_AROUND = " \t\n\"'“”„‟«»‹›「」『』…."
SIDES = ("A", "B")
TIE = "tie"
#: How an engine's detail begins where a quote is the fault.
NOT_THERE = "the quote is not in the answer"


class Strict(BaseModel):
    """No field but those that are asked for."""

    model_config = ConfigDict(extra="forbid")


class Grades(Strict):
    """Grades by some rubric; the fields are its criteria."""

    _spans: dict[str, dict[str, Any]] = PrivateAttr(default_factory=dict)


class Comparison(Strict):
    """The verdict on two replies: the better side, or a tie."""

    reason: str
    verdict: Literal["A", "B", "tie"]


def grades(rubric: Rubric) -> type[BaseModel]:
    """The class of a judge's grades by this rubric."""
    parts: dict[str, Any] = {}
    for one in rubric.criteria:
        quote = {"quote": (str, ...)} if one.quote else {}
        value = {"value": (Literal[one.values], ...)}
        name = f"{one.name.title().replace('_', '')}Grade"
        parts[one.name] = (create_model(name, __base__=Strict, reason=(str, ...), **quote, **value), ...)

    def check(self, info: ValidationInfo):
        reply = (info.context or {}).get("reply", "")
        for one in rubric.criteria:
            graded = getattr(self, one.name)
            if one.quote and graded.value != one.best:
                if (span := find(graded.quote, reply)) is None:
                    raise ValueError(f"{one.name}: {NOT_THERE}; copy the words of the answer letter by letter")
                self._spans[one.name] = {"text": reply[slice(*span)], "start": span[0], "end": span[1]}
        return self

    return create_model(
        "Grades", __base__=Grades, __validators__={"check": model_validator(mode="after")(check)}, **parts
    )


class Form:
    """A schema for `Call`: a class and the reply that quotes are looked for in."""

    def __init__(self, model: type[BaseModel], reply: str = ""):
        self.model, self.reply = model, reply

    def model_json_schema(self) -> dict[str, Any]:
        return schema_of(self.model)

    def model_validate(self, found: Any) -> BaseModel:
        return self.model.model_validate(found, context={"reply": self.reply})


_schemas: dict[type[BaseModel], dict[str, Any]] = {}


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a class, made once."""
    if model not in _schemas:
        _schemas[model] = model.model_json_schema()
    return _schemas[model]


def find(quote: str, reply: str) -> tuple[int, int] | None:
    """Where a quote stands in the reply, as (start, end) in characters; None where it does not, or says nothing."""
    words = quote.strip(_AROUND).split()
    if not words:
        return None
    place = reply.find(quote.strip())
    if place >= 0:
        return place, place + len(quote.strip())
    found = re.search(r"\s+".join(map(re.escape, words)), reply)
    return found.span() if found else None


def values(found: BaseModel) -> dict[str, int | str]:
    """criterion -> value."""
    return {name: getattr(found, name).value for name in type(found).model_fields}


def reasons(found: BaseModel) -> dict[str, str]:
    """criterion -> the judge's reason."""
    return {name: " ".join(getattr(found, name).reason.split()) for name in type(found).model_fields}


def quotes(found: BaseModel) -> dict[str, dict[str, Any]]:
    """criterion -> {"text", "start", "end"}: the reply's own words, as the check found them."""
    return found._spans
