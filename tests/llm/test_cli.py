"""`globmed llm`, before and after it is among the entry points."""

from __future__ import annotations

import json

import click
import pytest
from click.testing import CliRunner

from globmed_tools.errors import GlobmedError
from globmed_tools.llm.cli import llm
from tests.llm.endpoint import Endpoint


def ran(*args, code=0):
    done = CliRunner().invoke(llm, [str(one) for one in args])
    if isinstance(done.exception, GlobmedError):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.stdout


def commands(group, path):
    for name, one in group.commands.items():
        yield from commands(one, f"{path} {name}") if isinstance(one, click.Group) else [(f"{path} {name}", one)]


def test_every_command_has_an_example():
    found = list(commands(llm, "globmed llm"))
    assert len(found) == 4
    for path, one in found:
        assert "Example" in one.help and f"{path} " in one.help
        assert all(isinstance(option, click.Argument) or option.help for option in one.params)


def test_try_stats_show_and_merge(tmp_path):
    journal = tmp_path / "calls.sqlite"
    with Endpoint() as server:
        place = ("--base-url", server.url, "--model", "gpt-4.1", "--journal", journal)
        assert ran("try", "q", *place) == "reply to: q\n"
        assert json.loads(ran("try", "q", *place, "--json"))["from_journal"] and server.asked["q"] == 1
        assert json.loads(ran("try", "q", *place, "--dry-run", "--json"))[0]["calls"] == 1
        server.script["bad"] = ["refusal"]
        with pytest.raises(GlobmedError, match="refusal: I'm sorry"):
            ran("try", "bad", *place)
    rows = json.loads(ran("journal", "stats", journal, "--json"))
    assert [(row["cause"], row["calls"], row["cost"]) for row in rows] == [("", 1, 0.00036), ("refusal", 1, 0.00036)]
    assert "refusal" in ran("journal", "stats", journal)
    (shown,) = map(json.loads, ran("journal", "show", journal, "--cause", "refusal").splitlines())
    assert shown["request"]["messages"] == [{"role": "user", "content": "bad"}]
    said = ran("journal", "merge", tmp_path / "all.sqlite", journal)
    assert said.endswith("2 added, 0 replaced, 0 there already, 0 answered twice differently\n")
    with pytest.raises(GlobmedError, match="no such journal"):
        ran("journal", "stats", tmp_path / "none")
