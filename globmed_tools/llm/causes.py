"""Why a call failed, in a fixed set of words, and what follows from it.

    of_status(429, "Rate limit reached", None)       ("rate limited", ...)
    CAUSES["rate limited"].then                      "wait": the limits slow down, the call goes on

then: `wait` and `again` are tried again; `answer` was paid for and is final, and the journal keeps it; `call` cannot work for
this call; `model` for no call to this model; `stop` for no call at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """What follows, and what a person can do."""

    then: str
    remedy: str


CAUSES: dict[str, Cause] = {
    "rate limited": Cause("wait", "lower the requests or tokens a minute, or give it more time"),
    "server error": Cause("again", "run again later"),
    "timeout": Cause("again", "allow more seconds, or shorter replies"),
    "hang": Cause("again", "the endpoint took the request and said nothing: see its log"),
    "connection": Cause("again", "start the endpoint or mend its address"),
    "cut response": Cause("again", "the response broke off on its way: see proxies between"),
    "empty": Cause("again", "another prompt, or more max_tokens where the model reasons"),
    "cut text": Cause("answer", "more max_tokens"),
    "cut JSON": Cause("answer", "more max_tokens"),
    "wrong schema": Cause("answer", "another model, or a simpler schema"),
    "refusal": Cause("answer", "another prompt or model"),
    "content filter": Cause("answer", "another endpoint, or a person"),
    "context too long": Cause("call", "a model with more context, or shorter messages"),
    "bad request": Cause("call", "see the detail: a parameter that this endpoint does not take?"),
    "unknown model": Cause("model", "check the model's name at this endpoint"),
    "authentication": Cause("stop", "check the key and what it may do"),
    "no credit": Cause("stop", "see the account's billing"),
    "wrong address": Cause("stop", "check base_url; it mostly ends in /v1"),
    "not asked": Cause("call", "run again: what was answered stays answered"),
}
#: Final although it may be tried again within a run: the model's word was paid for.
PAID = tuple(name for name, cause in CAUSES.items() if cause.then == "answer") + ("empty",)

_CONTEXT = re.compile(
    r"context.{0,12}(length|window)|maximum.{0,20}(tokens|length)|max_model_len|prompt is too long|too many (input )?tokens|"
    r"longer than the maximum|exceeds? the (available )?context",
    re.I,
)
_FILTER = re.compile(
    r"content.?(filter|management|policy)|responsible.?ai|safety (system|filter)|prohibited.?content", re.I
)
_MODEL = re.compile(
    r"model.{0,90}(not.?found|does not exist|not exist|unknown|not supported|invalid)|(unknown|invalid|no such) model",
    re.I,
)
_CREDIT = re.compile(r"insufficient.?quota|exceeded your current quota|billing|out of credits?|payment required", re.I)
_FORMAT = re.compile(
    r"response_format|json_schema|json_object|guided|structured.?output|grammar|schema.{0,40}(not supported|invalid)",
    re.I,
)
_REFUSAL = re.compile(
    r"\W{0,3}(i['’]m |i am )?(very |really |so )?(sorry|unable|afraid)\b.{0,40}\b(can(['’]t|not)|unable|won['’]t|not able)\b|"
    r"\W{0,3}(i|we) (can(['’]t|not)|won['’]t|am unable to|am not able to) (help|assist|comply|provide|translate|fulfil|do that)|"
    r"\W{0,3}as an ai\b",
    re.I,
)


def of_status(status: int, text: str, code: str | None) -> str:
    """The cause that an HTTP status and its body show."""
    said = f"{code or ''} {text}"
    if status == 402 or (status in (403, 429) and _CREDIT.search(said)):
        return "no credit"
    if status in (401, 403):
        return "authentication"
    if status == 429:
        return "rate limited"
    if status in (408, 504, 524):
        return "timeout"
    if status >= 500 or status == 409:
        return "server error"
    if status == 404:
        return "unknown model" if "model" in said.lower() else "wrong address"
    for pattern, cause in ((_CONTEXT, "context too long"), (_FILTER, "content filter"), (_MODEL, "unknown model")):
        if pattern.search(said):
            return cause
    return "bad request"


def about_format(status: int, text: str) -> bool:
    """True where the endpoint does not take the response_format that was asked of it."""
    return status in (400, 404, 415, 422, 501) and bool(_FORMAT.search(text))


def reads_as_refusal(text: str) -> bool:
    """True for a short English reply that opens by declining. Translations and judgements do not."""
    return len(text) < 600 and bool(_REFUSAL.match(text.strip()))
