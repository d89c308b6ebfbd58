"""What the tests of the engine share."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from globmed_tools.llm import Call, Config, Engine

SCHEMA = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "sure": {"type": "boolean"}},
    "required": ["text", "sure"],
    "additionalProperties": False,
}


def call(words: str, schema=None, model: str = "gpt-4.1", **parameters) -> Call:
    return Call(words, model, [{"role": "user", "content": words}], parameters, schema)


@pytest.fixture
def ask(tmp_path):
    """ask(server, calls, **config) -> ({id: outcome}, engine); the journal is calls.sqlite in tmp_path."""

    def run(server, calls, *, journal: Path | None = tmp_path / "calls.sqlite", before=None, **settings):
        defaults = dict(concurrency=8, timeout=5.0, backoff=0.01, backoff_most=0.05, grace=0.5)

        async def go():
            async with Engine(Config(base_url=server.url, journal=journal, **{**defaults, **settings})) as engine:
                if before:
                    before(engine)
                found = [outcome async for outcome in engine.run(calls)]
                assert len(found) == len({one.id for one in found})
                return {one.id: one for one in found}, engine

        return asyncio.run(go())

    return run
