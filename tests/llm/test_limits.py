"""Limits: what the endpoint says is understood, what it does not say is learnt."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

import pytest

from globmed_tools.llm.breaker import Breaker
from globmed_tools.llm.limits import Meter, backoff, duration, retry_after
from tests.llm.conftest import call
from tests.llm.endpoint import Endpoint

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "headers, seconds",
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "Tue, 24 Nov 2026 12:00:09 GMT"}, 9.0),
        ({"retry-after": "Tue, 24 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m2s"}, 62.0),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "120ms"}, 0.12),
        ({"x-ratelimit-remaining-tokens": "9", "x-ratelimit-reset-tokens": "120ms"}, None),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "23h"}, None),
        ({}, None),
    ],
)
def test_what_a_response_asks(headers, seconds):
    assert retry_after(headers, NOW) == (None if seconds is None else pytest.approx(seconds))


def test_durations():
    assert [duration(text) for text in ("6m0s", "1h2m3s", "2.5", "1.5s", "x", "", "3s!")] == [
        360,
        3723,
        2.5,
        1.5,
        None,
        None,
        None,
    ]


def test_a_meter_spaces_what_it_lets_out():
    meter = Meter(600)
    assert [meter.reserve(units, 0.0) for units in (1, 1, 5, 1)] == pytest.approx([0.0, 0.1, 0.2, 0.7])
    meter.correct(10)
    assert meter.reserve(1, 0.0) == pytest.approx(1.8)
    assert Meter(None).reserve(1e9, 3.0) == 3.0


def test_backoff_doubles_within_bounds():
    for failures, most in ((1, 0.5), (2, 1.0), (3, 2.0), (40, 8.0)):
        waits = [backoff(failures, 0.5, 8.0) for _ in range(200)]
        assert most / 2 <= min(waits) and max(waits) <= most and len(set(waits)) > 100


def test_requests_a_minute_are_kept(ask):
    with Endpoint() as server:
        start = time.monotonic()
        ask(server, [call(f"q{n}") for n in range(21)], requests_per_minute=1200)
        assert time.monotonic() - start >= 1.0


def test_tokens_a_minute_are_kept_by_what_was_used(ask):
    with Endpoint() as server:  # 120 tokens a call, whatever was expected
        start = time.monotonic()
        ask(server, [call(f"q{n}") for n in range(11)], tokens_per_minute=72_000, concurrency=1)
        assert time.monotonic() - start >= 0.9


def test_a_429_without_a_word_teaches_the_pace(ask):
    with Endpoint() as server:
        server.per_second = 40
        found, engine = ask(
            server, [call(f"q{n}") for n in range(160)], concurrency=16, attempts=2, backoff=0.1, backoff_most=2.0
        )
        assert all(one.ok for one in found.values())
        assert server.met["429"] >= 1 and 60 <= engine.limits.learnt <= 1.1 * 40 * 60  # a minute


def test_retry_after_holds_all_calls(ask):
    with Endpoint(delay=0.01) as server:
        server.retry_after, server.script["q0"] = "0.6", ["429 after"]
        start = time.monotonic()
        _, engine = ask(server, [call(f"q{n}") for n in range(40)], concurrency=4)
        assert time.monotonic() - start >= 0.6 and server.asked.total() == 41


def test_a_wait_longer_than_patience_is_not_waited(ask):
    with Endpoint() as server:
        server.retry_after, server.script["q"] = "3600", ["429 after"]
        found, engine = ask(server, [call("q"), *(call(f"q{n}") for n in range(50))], patience=2.0, concurrency=1)
        assert "asks to wait 3600 s" in engine.tally.stopped and found["q49"].cause == "not asked"
        assert found["q"].cause == "rate limited" and "asks to wait 3600 s" in found["q"].detail


def test_an_empty_budget_in_a_good_answer_is_heeded(ask):
    spent = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "200ms"}
    with Endpoint(headers=spent) as server:
        start = time.monotonic()
        ask(server, [call(f"q{n}") for n in range(4)], concurrency=1)
        assert time.monotonic() - start >= 0.6 and not server.met["429"]


def test_an_endpoint_that_goes_down_and_comes_back_costs_no_call(ask):
    with Endpoint(delay=0.005) as server:

        def fall(engine):
            loop = asyncio.get_running_loop()
            loop.call_later(0.2, setattr, server, "down", True)
            loop.call_later(1.2, setattr, server, "down", False)

        calls = [call(f"q{n}") for n in range(600)]
        found, engine = ask(server, calls, before=fall, breaker_seconds=0.2, concurrency=4)
        assert all(one.ok for one in found.values())
        assert "failed in a row" in engine.tally.notices[0] and "answers again" in engine.tally.notices[-1]
        assert engine.tally.faults["connection"] < 60


def test_the_breaker_lets_one_probe_through():
    async def go():
        lines = []
        breaker = Breaker(3, 0.05, 10.0, lines.append)
        for _ in range(3):
            breaker.bad("no")
        waiting = [asyncio.create_task(breaker.pass_()) for _ in range(5)]
        await asyncio.sleep(0.2)
        assert [one.result() for one in waiting if one.done()] == [True]
        breaker.bad("no", probe=True)
        await asyncio.sleep(0.05)
        assert sum(one.done() for one in waiting) == 1
        await asyncio.sleep(0.15)
        assert sum(one.done() for one in waiting) == 2
        breaker.good()
        await asyncio.wait_for(asyncio.gather(*waiting), 1)
        return lines

    lines = asyncio.run(go())
    assert len(lines) == 2 and lines[0].startswith("3 requests failed in a row")
