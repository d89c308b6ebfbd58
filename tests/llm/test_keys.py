"""A planted key is nowhere but in the request's header."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys

import pytest

from globmed_tools.errors import GlobmedError
from globmed_tools.llm import Journal
from globmed_tools.llm.batch import read, write
from globmed_tools.llm.journal import asked as opened
from globmed_tools.llm.keys import NO_KEY, read_key
from tests.llm.conftest import SCHEMA, call
from tests.llm.endpoint import ERRORS, PASSING, Endpoint

PLANTED = "sk-planted/7f3a+91c2=e5"
PROGRAM = """
import asyncio, logging, sys
from pathlib import Path
from globmed_tools import console
from globmed_tools.llm import Call, Config, Engine
from globmed_tools.llm.keys import read_key
from globmed_tools.llm.progress import shown, summary
logging.basicConfig(level=logging.INFO)
async def main(url, folder, *words):
    config = Config(base_url=url, key=read_key(variable="PLANTED"), journal=Path(folder) / "calls.sqlite", attempts=1, timeout=0.3,
                    patience=0.2, breaker_after=99, concurrency=1)
    print(config, repr(config.key), vars(Engine(config)))
    for word in words:
        async with Engine(config, tell=print) as engine:
            with shown(engine.tally, every=0.05):
                async for one in engine.run([Call(word, "m", [{"role": "user", "content": word}])]):
                    print(one)
            console.console().print(summary(engine.tally))
            print(engine.tally.as_dict(), engine.tally)
    raise RuntimeError(f"a bug, with {config}")
asyncio.run(main(*sys.argv[1:]))
"""


def test_a_planted_key_is_in_no_file_and_no_output(tmp_path, monkeypatch):
    monkeypatch.setenv("PLANTED", PLANTED)
    words = [f"meets {fate}" for fate in (*ERRORS, *PASSING, "ok")]
    with Endpoint(key=PLANTED, answer=lambda body: f"your key is {PLANTED}") as server:
        server.script = {word: [word.removeprefix("meets ")] for word in words}
        command = [sys.executable, "-c", PROGRAM, server.url, str(tmp_path), *words]
        done = subprocess.run(command, capture_output=True, text=True)
        assert server.met["ok"] >= 1 and server.met["echo key"] == 1
    said = done.stdout + done.stderr
    assert "RuntimeError: a bug" in said and "You sent Bearer [key]" in said and "your key is [key]" in said
    assert said.count("Failure(") >= len(ERRORS)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    with Journal(tmp_path / "calls.sqlite") as journal:
        assert len(list(journal.rows())) >= len(ERRORS)
        (tmp_path / "rows.txt").write_text("\n".join(f"{row} {opened(row)}" for row in journal.rows()))
    for found in (said.encode(), (tmp_path / "rows.txt").read_bytes(), *(path.read_bytes() for path in files)):
        for form in (PLANTED, "sk-planted", "7f3a", "91c2"):
            assert form.encode() not in found


def test_a_key_in_a_batch_result_is_hidden(tmp_path, monkeypatch):
    monkeypatch.setenv("PLANTED", PLANTED)
    secret = read_key(variable="PLANTED")
    with Journal(tmp_path / "j.sqlite") as journal:
        (asked,) = write([call("q", SCHEMA)], tmp_path / "batch", journal)
        name = json.loads(asked.read_text())["custom_id"]
        bad = {
            "custom_id": name,
            "response": {"status_code": 401, "body": {"error": {"message": f"bad key {PLANTED}"}}},
        }
        (tmp_path / "out.jsonl").write_text(json.dumps(bad))
        assert read([asked], [tmp_path / "out.jsonl"], journal, secret).failed == {"authentication": 1}
        assert journal.get([name])[name].detail == "HTTP 401: bad key [key]"


def test_where_a_key_comes_from(tmp_path, monkeypatch):
    path, warnings = tmp_path / "key", []
    path.write_text(f"{PLANTED}\n")
    path.chmod(0o644)
    key = read_key(file=path, warn=warnings.append)
    assert key.reveal() == PLANTED and len(warnings) == 1 and "chmod 600" in warnings[0] and PLANTED not in warnings[0]
    path.chmod(0o600)
    read_key(file=path, warn=warnings.append)
    assert len(warnings) == 1 and repr(key) == f"Key(from {path})" and not NO_KEY and read_key() is NO_KEY
    assert key.hide("a sk-planted%2F7f3a%2B91c2%3De5 b") == "a [key] b"
    with pytest.raises(TypeError):
        pickle.dumps(key)
    monkeypatch.delenv("NOT_THERE", raising=False)
    for wrong in ({"variable": "NOT_THERE"}, {"file": tmp_path / "none"}, {"variable": "A", "file": path}):
        with pytest.raises(GlobmedError):
            read_key(**wrong)
    path.write_text("two\nlines")
    with pytest.raises(GlobmedError, match="no single line") as error:
        read_key(file=path)
    assert "two" not in str(error.value)
