"""Prices, tokens and the estimate before anything is sent."""

from __future__ import annotations

import json

import pytest

from globmed_tools import console
from globmed_tools.errors import GlobmedError
from globmed_tools.languages import table as languages
from globmed_tools.llm import Call, Journal, Usage
from globmed_tools.llm.calls import key
from globmed_tools.llm.estimate import estimate, table
from globmed_tools.llm.journal import Row
from globmed_tools.llm.prices import Price, Prices
from globmed_tools.llm.tokens import count, of_messages, of_reply

POINT = Price(2.0, 8.0, "page", "2026-11-24", cached=0.5, batch_input=1.0, batch_output=4.0)


def test_costs_by_hand():
    prices = Prices({"m": POINT, "plain": Price(2.0, 8.0, "page", "day")})
    used = Usage(1_000_000, 500_000, 400_000)
    assert prices.cost("m", used) == pytest.approx(0.6 * 2 + 0.4 * 0.5 + 0.5 * 8)
    assert prices.cost("plain", used) == pytest.approx(2 + 4)
    assert prices.cost("m", used, batch=True) == pytest.approx(1 + 2)
    assert prices.cost("plain", used, batch=True) is None and prices.cost("unknown", used) is None
    assert prices.of("m-2025-04-14") is POINT and prices.of("m-mini") is None


def test_the_shipped_points_are_whole():
    points = Prices.shipped().points
    assert len(points) >= 20
    for model, point in points.items():
        assert 0 < point.input < point.output and point.source.startswith("https://") and len(point.seen) == 10, model
        assert point.cached is None or point.cached < point.input
        assert point.batch_input is None or point.batch_input < point.input


def test_a_file_of_ones_own_goes_first(tmp_path):
    path = tmp_path / "p.toml"
    path.write_text('["gpt-4.1"]\ninput = 1\noutput = 2\nsource = "contract"\nseen = 2026-01-02\n')
    prices = Prices.read(path)
    assert prices.of("gpt-4.1") == Price(1, 2, "contract", "2026-01-02") and prices.of("gpt-4.1-mini")
    for text, words in {
        "x": "not valid TOML",
        '["m"]\ninput = 1': "output is missing",
        '["m"]\ninput = -1\noutput=1\nsource="a"\nseen="b"': "input = -1",
        '["m"]\ninput = 1\noutput=1\nsource="a"\nseen="b"\nprice=2': "unknown price",
    }.items():
        path.write_text(text)
        with pytest.raises(GlobmedError, match=words):
            Prices.read(path)
    with pytest.raises(GlobmedError, match="could not be read"):
        Prices.read(tmp_path / "none")


def test_every_language_can_be_counted():
    for code in languages():
        assert count("x" * 1000, code, "Qwen/Qwen3-8B") > 200
    assert count("Homa ya mwili", "sw", "Qwen/Qwen3-8B") == 6  # 13 / 2.571, rounded up
    with pytest.raises(GlobmedError, match="no measured tokens"):
        count("x", "tlh", "m")


def calls():
    for n in range(4):
        for language in ("sw", "yo"):
            text = [{"role": "user", "content": f"{language} {n} " + "word " * 100}]
            yield Call(f"{n}{language}", "gpt-4.1", text, {"max_tokens": 400}, reply_language=language)
    yield Call("x", "home", [{"role": "user", "content": "q"}], expect=50, reply_language="sw")


def test_a_reply_is_estimated_by_language_and_bounded():
    sw, yo, *_ = calls()
    assert of_reply(sw) == pytest.approx(of_messages(sw) * 1.9, rel=0.2) and of_reply(yo) > of_reply(sw)
    assert of_reply(Call("x", "m", sw.messages, {"max_tokens": 7}, reply_language="yo")) == 7


def test_the_estimate_leaves_out_what_is_answered(tmp_path):
    done = list(calls())[0]
    with Journal(tmp_path / "j") as journal:
        journal.put([Row(key(done), "gpt-4.1", "answered")])
        rows = estimate(calls(), Prices.shipped(), journal)
    assert [(row.model, row.language, row.calls, row.answered) for row in rows] == [
        ("gpt-4.1", "sw", 4, 1),
        ("gpt-4.1", "yo", 4, 0),
        ("home", "sw", 1, 0),
    ]
    sw, yo, home = rows
    assert sw.input == pytest.approx(yo.input * 3 / 4, rel=0.01)
    assert yo.cost == pytest.approx((yo.input * 2 + yo.output * 8) / 1e6) and yo.batch_cost == pytest.approx(
        yo.cost / 2
    )
    assert home.cost is None and home.output == 50 and json.dumps([row.as_dict() for row in rows])
    screen = console.console()
    with screen.capture() as shown:
        screen.print(table(rows))
    assert "+ ?" in shown.get() and "unknown" in shown.get()
