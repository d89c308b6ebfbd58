"""The one way to talk to an OpenAI-compatible endpoint: vLLM, SGLang, and the APIs. Translation and judging use it.

    config = Config(base_url="http://localhost:8000/v1", journal=Path("out/calls.sqlite"), concurrency=64)
    calls = (Call(id=entry.id, model="Qwen/Qwen3-8B", messages=[{"role": "user", "content": prompt(entry)}]) for entry in entries)
    async with Engine(config) as engine:
        async for outcome in engine.run(calls):           # in the order in which they end
            print(outcome.id, outcome.text if outcome.ok else outcome.cause)

Every call that was taken ends as a Reply or as a Failure with its cause. What was answered is in the journal before it is
handed out, and is never asked again: not in this run, not in the next, not on another machine with the merged journal.

    calls.py      Call, Reply, Failure, and the key of a call      causes.py    why a call failed, and what follows from it
    journal.py    what was answered, in SQLite                     merge.py     the journals of several machines made one
    engine.py     many calls: retries, repair, stopping            client.py    one request over AsyncOpenAI
    limits.py     requests and tokens a minute, 429                breaker.py   waits while an endpoint is down
    schema.py     structured output: formats, checks, repair       keys.py      where the key comes from, and that it stays there
    prices.py     money                                            tokens.py    tokens without a tokenizer
    estimate.py   calls, tokens, money before anything is sent     batch.py     the batch-file format
    progress.py   the live line and the summary                    tally.py     what they count
"""

from __future__ import annotations

from .calls import Call, Failure, Reply, Usage
from .config import Config
from .engine import Engine
from .journal import Journal

__all__ = ["Call", "Config", "Engine", "Failure", "Journal", "Reply", "Usage"]
