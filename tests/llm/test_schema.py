"""A model's words become an object, or the reason why not."""

from __future__ import annotations

import pytest

from globmed_tools.errors import GlobmedError
from globmed_tools.llm import schema
from globmed_tools.llm.causes import of_status, reads_as_refusal
from tests.llm.conftest import SCHEMA

GOOD = '{"text": "5 mg", "sure": true}'


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"Here it is:\n```\n{GOOD}\n```\nDone.",
        f"<think>maybe {{...}}</think>\n{GOOD}",
        f"The object [as asked] is {GOOD} and no more.",
    ],
)
def test_what_can_be_read(text):
    assert schema.read(text, SCHEMA) == {"text": "5 mg", "sure": True}


@pytest.mark.parametrize(
    "text, cause, words",
    [
        (GOOD[:-8], "cut JSON", ""),
        (GOOD[:12], "cut JSON", "Unterminated"),
        ('{"text": {"a": 1}, "su', "cut JSON", ""),
        ("```json\n" + GOOD[:-1], "cut JSON", ""),
        ("no object here", "wrong schema", "no JSON"),
        ('{"text": 5, "sure": true}', "wrong schema", "$.text"),
        ('{"text": "a"}', "wrong schema", "required"),
        ('{"text": "a", "sure": true, "x": 1}', "wrong schema", "x"),
        ("{'text': 'a'}", "wrong schema", "not JSON"),
    ],
)
def test_what_cannot(text, cause, words):
    with pytest.raises(schema.Wrong) as error:
        schema.read(text, SCHEMA)
    assert error.value.cause == cause and words in error.value.detail


def test_strict_mode_is_asked_only_of_a_schema_that_keeps_its_rules():
    loose = {**SCHEMA, "required": ["text"]}
    for asked, strict in ((SCHEMA, True), (loose, False), ({"type": "object", "properties": {"in": loose}}, False)):
        assert (
            schema.request([{"role": "user", "content": "q"}], asked, "json_schema")[1]["json_schema"].get(
                "strict", False
            )
            == strict
        )


def test_the_words_join_a_system_message_that_is_there():
    messages = [{"role": "system", "content": "Be exact."}, {"role": "user", "content": "q"}]
    told, format = schema.request(messages, SCHEMA, "plain")
    assert (
        format is None and len(told) == 2 and told[0]["content"].startswith("Be exact.\n\nReply with one JSON object")
    )
    assert messages[0]["content"] == "Be exact."


def test_a_wrong_schema_of_ours_is_said():
    with pytest.raises(GlobmedError, match="JSON Schema of a call is wrong"):
        schema.read(GOOD, {"type": "objekt"})


@pytest.mark.parametrize(
    "text, is_one",
    [
        ("I'm sorry, but I can't assist with that request.", True),
        ("I cannot provide medical advice.", True),
        ("As an AI, I ...", True),
        ("Samahani, siwezi kusaidia.", False),
        ("The patient said: I'm sorry, but I can't walk.", False),
        ("I am sorry to hear that the dose was wrong.", False),
    ],
)
def test_refusals(text, is_one):
    assert reads_as_refusal(text) is is_one


@pytest.mark.parametrize(
    "status, text, code, cause",
    [
        (429, "You exceeded your current quota", "insufficient_quota", "no credit"),
        (429, "slow down", "rate_limit_exceeded", "rate limited"),
        (403, "Project lacks access", None, "authentication"),
        (400, "maximum context length is 8192", "context_length_exceeded", "context too long"),
        (400, "filtered", "content_filter", "content filter"),
        (400, "The model `x` does not exist", None, "unknown model"),
        (400, "temperature must be 1", None, "bad request"),
        (404, "The model `x` does not exist.", "model_not_found", "unknown model"),
        (404, "Not Found", None, "wrong address"),
        (529, "overloaded", None, "server error"),
        (504, "", None, "timeout"),
    ],
)
def test_statuses(status, text, code, cause):
    assert of_status(status, text, code) == cause
