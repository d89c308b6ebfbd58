"""Every call ends once, as an answer or with its cause, whatever the endpoint does."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time

import pytest
from pydantic import BaseModel

from globmed_tools.errors import GlobmedError
from globmed_tools.llm import Call, Config, Engine, Journal
from globmed_tools.llm.calls import key
from globmed_tools.llm.causes import CAUSES
from tests.llm.conftest import SCHEMA, call
from tests.llm.endpoint import PASSING, Endpoint


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_is_borne(ask, fault):
    with Endpoint() as server:
        server.slow, server.script["q"] = 0.05, [fault]
        found, engine = ask(server, [call("q")], timeout=0.4 if fault == "hang" else 5.0)
        assert found["q"].text == "reply to: q"
        assert (server.asked["q"], server.answered["q"]) == ((1, 1) if fault == "slow" else (2, 1))
        assert engine.tally.faults.total() == (fault != "slow")


CASES = {
    "500": "server error",
    "closed": "connection",
    "hang": "hang",
    "cut response": "cut response",
    "empty": "empty",
    "429": "rate limited",
    "cut json": "cut JSON",
    "wrong schema": "wrong schema",
    "refusal": "refusal",
    "refusal field": "refusal",
    "content filter": "content filter",
    "length": "cut JSON",
    "400 context": "context too long",
    "400 filter": "content filter",
    "400 parameter": "bad request",
    "401": "authentication",
    "402": "no credit",
    "404 model": "unknown model",
    "404": "wrong address",
}


@pytest.mark.parametrize("fault, cause", CASES.items())
def test_a_fault_that_stays_is_named(ask, fault, cause):
    with Endpoint() as server:
        server.script["q"] = [fault] * 200
        found, engine = ask(server, [call("q", SCHEMA)], attempts=2, patience=0.3, timeout=0.2, breaker_after=99)
        assert (found["q"].cause, found["q"].ok) == (cause, False)
        assert found["q"].detail and "\n" not in found["q"].detail
        assert server.answered.total() == 0
        assert bool(engine.tally.stopped) == (CAUSES[cause].then == "stop")


def test_a_response_that_breaks_off_in_time_is_a_timeout_and_no_hang(ask):
    async def half(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        await asyncio.sleep(2)

    async def go():
        server = await asyncio.start_server(half, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        async with Engine(Config(base_url=url, timeout=0.2, attempts=1)) as engine:
            return await engine.ask(call("q"))

    assert asyncio.run(go()).cause == "timeout"


def test_nothing_listens(ask):
    with Endpoint() as server:
        url = server.url

    class Gone:
        pass

    Gone.url = url
    found, engine = ask(Gone, [call(str(n)) for n in range(20)], patience=0.3, breaker_seconds=0.1, attempts=9)
    assert {one.cause for one in found.values()} <= {"connection", "not asked"}
    assert "down" in engine.tally.stopped


def test_what_was_paid_is_not_asked_again(ask):
    words = [f"q{n}" for n in range(40)]
    with Endpoint() as server:
        server.script["q7"] = ["refusal"]
        first, _ = ask(server, [call(one, SCHEMA) for one in words])
        second, engine = ask(server, [call(one, SCHEMA) for one in words])
        assert set(server.asked.values()) == {1}
        assert all(one.from_journal for one in second.values()) and engine.tally.requests == 0
        assert second["q3"].parsed == first["q3"].parsed == {"text": "reply to: q3", "sure": True}
        assert (second["q7"].cause, second["q7"].from_journal) == ("refusal", True)
        third, engine = ask(server, [call(one, SCHEMA) for one in words], retry_failed=True)
        assert third["q7"].ok and engine.tally.requests == 1


def test_a_passing_failure_is_asked_again_in_the_next_run(ask):
    with Endpoint() as server:
        server.script["q"] = ["500", "500"]
        assert ask(server, [call("q")], attempts=2)[0]["q"].cause == "server error"
        assert ask(server, [call("q")], attempts=2)[0]["q"].ok


def test_the_same_call_twice_is_asked_once(ask):
    with Endpoint(delay=0.05) as server:
        calls = [Call(f"id{n}", "m", [{"role": "user", "content": "q"}]) for n in range(5)]
        found, _ = ask(server, calls)
        assert server.asked["q"] == 1 and {one.text for one in found.values()} == {"reply to: q"}
        assert sorted(one.from_journal for one in found.values()) == [False, True, True, True, True]


def test_a_call_that_comes_again_later_is_asked_once(ask):
    with Endpoint() as server:
        calls = [Call(f"{turn} {n}", "m", [{"role": "user", "content": f"q{n}"}]) for turn in "abc" for n in range(60)]
        found, _ = ask(server, calls, concurrency=2)
        assert len(found) == 180 and all(one.ok for one in found.values())
        assert set(server.asked.values()) == {1} and len(server.asked) == 60


def test_a_chain_of_asks_is_stopped_by_ctrl_c(tmp_path):
    async def go(url):
        async with Engine(Config(base_url=url, journal=tmp_path / "j", concurrency=4, grace=0.1)) as engine:

            async def chain(n):
                first = await engine.ask(call(f"draft {n}"))
                return first, await engine.ask(call(f"revise {n}: {first.text if first.ok else ''}"))

            with engine.interruptible():
                asyncio.get_running_loop().call_later(0.5, os.kill, os.getpid(), signal.SIGINT)
                return await asyncio.gather(*(chain(n) for n in range(100)))

    with Endpoint(delay=0.05) as server:
        found = [one for pair in asyncio.run(go(server.url)) for one in pair]
        assert len(found) == 200 and {one.cause for one in found if not one.ok} == {"not asked"}
        assert 0 < sum(one.ok for one in found) < 200


def test_repair_shows_the_error_and_happens_once(ask):
    with Endpoint() as server:
        server.bodies, server.script["q"] = [], ["wrong schema"]
        found, engine = ask(server, [call("q", SCHEMA)])
        assert found["q"].parsed["text"] == "reply to: q" and engine.tally.repaired == 1
        assert found["q"].usage.input == 200  # both requests are paid
        repair = server.bodies[1]["messages"]
        assert [one["role"] for one in repair] == ["user", "assistant", "user"]
        assert "'nothing' was unexpected" in repair[2]["content"] or "required property" in repair[2]["content"]
        server.script["r"] = ["wrong schema"] * 9
        assert ask(server, [call("r", SCHEMA)])[0]["r"].cause == "wrong schema" and server.asked["r"] == 2
        server.script["s"] = ["cut json"] * 9
        assert ask(server, [call("s", SCHEMA)], repair=False)[0]["s"].cause == "cut JSON" and server.asked["s"] == 1


@pytest.mark.parametrize("formats", [("json_object", "text"), ("text",)])
def test_an_endpoint_without_json_schema_is_asked_in_words(ask, formats):
    with Endpoint() as server:
        server.formats = formats
        found, engine = ask(server, [call(f"q{n}", SCHEMA) for n in range(30)], concurrency=2)
        assert all(one.parsed["sure"] is True for one in found.values()) and len(found) == 30
        assert server.met["400 format"] <= 2 * 2 and len(engine.tally.notices) == 3 - len(formats)


def test_a_pydantic_class_is_a_schema(ask):
    class Verdict(BaseModel):
        text: str
        score: int

    with Endpoint() as server:
        found, _ = ask(server, [call("q", Verdict)])
        assert found["q"].parsed == Verdict(text="reply to: q", score=1)


def test_an_unknown_model_stops_its_own_calls_alone(ask):
    with Endpoint() as server:
        server.script = {f"bad{n}": ["404 model"] for n in range(50)}
        calls = [call(f"{kind}{n}", model=kind) for n in range(50) for kind in ("good", "bad")]
        found, _ = ask(server, calls, concurrency=2)
        assert all(one.ok == name.startswith("good") for name, one in found.items())
        assert server.met["404 model"] <= 2


def test_max_cost_stops_cleanly(ask):
    with Endpoint(delay=0.01) as server:
        calls = [call(f"q{n}") for n in range(500)]  # 100 tokens in, 20 out: US$ 0.00036 each
        found, engine = ask(server, calls, max_cost=0.02)
        assert 0.015 < engine.tally.cost <= 0.02 and "max_cost" in engine.tally.stopped
        assert engine.tally.answered == server.answered.total() == len(Journal(tmp(engine)))
        assert {one.cause for one in found.values() if not one.ok} == {"not asked"}
        with pytest.raises(GlobmedError, match="price is unknown"):
            ask(server, [call("q", model="nobody/knows")], max_cost=1.0)


def tmp(engine):
    return engine.config.journal


def test_an_unknown_price_is_never_nothing(ask):
    with Endpoint() as server:
        found, engine = ask(server, [call("q", model="nobody/knows")])
        assert found["q"].cost is None and engine.tally.as_dict()["cost"] is None
        assert "unknown price" in engine.tally.line()


def test_ctrl_c_lets_what_is_under_way_end(ask):
    with Endpoint(delay=0.3) as server:
        server.script["q0"] = ["hang"]
        calls = [call(f"q{n}") for n in range(100)]

        def later(_engine):
            asyncio.get_running_loop().call_later(0.4, os.kill, os.getpid(), signal.SIGINT)

        start = time.monotonic()
        found, engine = ask(server, calls, before=later)
        assert time.monotonic() - start < 3
        assert engine.tally.stopped == "interrupted"
        answered = {name for name, one in found.items() if one.ok}
        assert len(answered) == server.answered.total() >= 7 and found["q0"].cause == "not asked"
        with Journal(tmp(engine)) as journal:
            assert {row.key for row in journal.rows()} == {found[name].key for name in answered}


def test_a_full_disk_is_one_line_and_what_was_written_is_there(ask):
    with Endpoint() as server:

        def small(engine):
            pages = engine.writer.journal.db.execute("PRAGMA page_count").fetchone()[0]
            engine.writer.journal.db.execute(f"PRAGMA max_page_count = {pages + 8}")

        with pytest.raises(GlobmedError, match="the disk is full; what was written before is safe"):
            ask(server, [call(f"q{n}") for n in range(400)], before=small)
        found, _ = ask(server, [call(f"q{n}") for n in range(400)])
        kept = sum(one.from_journal for one in found.values())
        assert 0 < kept < 400 and server.answered.total() <= 400 + 2 * 8


def test_a_consumer_that_leaves_early_leaves_nothing_behind():
    async def go(url):
        async with Engine(Config(base_url=url, concurrency=4)) as engine:
            outcomes = engine.run([call(f"q{n}") for n in range(100)])
            async for _ in outcomes:
                break
            await outcomes.aclose()
            return len(asyncio.all_tasks())

    with Endpoint(delay=0.01) as server:
        assert asyncio.run(go(server.url)) == 1
        assert server.asked.total() < 60


def test_a_key_says_what_the_answer_depends_on():
    base = call("q", temperature=0)
    assert key(base) == key(call("q", temperature=0.0))
    others = [
        call("q"),
        call("q", SCHEMA, temperature=0),
        call("q", model="m", temperature=0),
        call("r", temperature=0),
    ]
    others.append(Call("q", "gpt-4.1", [{"role": "user", "content": "q"}], {"temperature": 0}, sample=1))
    assert len({key(one) for one in (base, *others)}) == 6
    for wrong in ({"stream": True}, {"n": 2}, {"extra_headers": {}}):
        with pytest.raises(GlobmedError):
            key(call("q", **wrong))


def test_the_tally_counts_what_happened(ask):
    with Endpoint() as server:
        server.script = {"q1": ["429", "ok"], "q2": ["refusal"]}
        _, engine = ask(server, [call(f"q{n}") for n in range(10)])
        said = json.loads(json.dumps(engine.tally.as_dict()))
        assert (said["total"], said["answered"], said["failed"], said["requests"]) == (10, 9, {"refusal": 1}, 11)
        assert said["faults"] == {"rate limited": 1}
        assert said["cost"] == pytest.approx(10 * (100 * 2 + 20 * 8) / 1e6)
