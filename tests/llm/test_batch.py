"""Calls into batch files, results into the journal."""

from __future__ import annotations

import json

import pytest

from globmed_tools.errors import GlobmedError
from globmed_tools.llm import Journal
from globmed_tools.llm.batch import read, write
from globmed_tools.llm.calls import key
from tests.llm.conftest import SCHEMA, call
from tests.llm.endpoint import Endpoint

GOOD = '{"text": "a", "sure": true}'


def result(one, text="", status=200, finish="stop", **body):
    message = {"choices": [{"message": {"content": text}, "finish_reason": finish}], "usage": {"prompt_tokens": 9}}
    return {"custom_id": key(one), "response": {"status_code": status, "body": body or message}, "error": None}


def lines(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_files_are_split_by_model_and_size_and_hold_each_call_once(tmp_path):
    calls = [call(f"q{n}", model=f"m/{n % 2}") for n in range(10)] * 2
    with Journal(tmp_path / "j") as journal:
        paths = write(calls, tmp_path / "batch", journal, most_calls=2)
        rows = [[json.loads(line) for line in path.read_text().splitlines()] for path in paths]
        assert [len(one) for one in rows] == [2, 2, 2, 2, 1, 1] and len(set(paths)) == 6
        assert all(len({row["body"]["model"] for row in one}) == 1 for one in rows)
        assert {row["custom_id"] for one in rows for row in one} == {key(one) for one in calls}
        assert {(row["method"], row["url"]) for one in rows for row in one} == {("POST", "/v1/chat/completions")}
        small = write(calls, tmp_path / "small", journal, most_bytes=300)
        assert len(small) > 4 and all(path.stat().st_size <= 300 for path in small)


def test_results_are_imported_and_errors_named(tmp_path, ask):
    calls = [call(f"q{n}", SCHEMA, temperature=0) for n in range(8)]
    path = tmp_path / "calls.sqlite"
    with Journal(path) as journal:
        asked = write(calls, tmp_path / "batch", journal)
        out = lines(
            tmp_path / "out.jsonl",
            result(calls[0], GOOD),
            result(calls[1], GOOD[:-3]),
            result(calls[2], "I'm sorry, but I can't help with that."),
            result(calls[3], status=500, error={"message": "broke"}),
            {"custom_id": key(calls[4]), "response": None, "error": {"code": "batch_expired", "message": "expired"}},
            result(calls[5], GOOD[:-3], finish="length"),
            result(calls[0], GOOD),
            {"custom_id": "nobody's"},
        )
        said = read(asked, [out], journal)
        assert said.answered == 1 and said.missing == 2
        assert said.failed == {"cut JSON": 2, "refusal": 1, "server error": 1, "not asked": 1}
        assert [one.split(": ", 1)[0] for one in said.problems] == [f"{out}, line 7", f"{out}, line 8"]
        assert journal.get([key(calls[0])])[key(calls[0])].via == "batch"
    with Endpoint() as server:
        found, _ = ask(server, calls)
        assert all(one.ok for one in found.values()) and found["q0"].from_journal
        assert server.asked.total() == 7 and not server.asked["q0"]
    with Journal(path) as journal, pytest.raises(GlobmedError, match="nothing to write"):
        write(calls, tmp_path / "again", journal)


def test_files_that_are_no_batch_are_refused(tmp_path):
    with Journal(tmp_path / "j") as journal, pytest.raises(GlobmedError, match="line 1: no batch request"):
        read([lines(tmp_path / "x.jsonl", {"a": 1})], [], journal)
