"""2,000 calls at a fifth of faults, killed three times: every call ends once, and little is paid twice."""

from __future__ import annotations

import json
import subprocess
import sys
import time

from globmed_tools.llm import Journal
from globmed_tools.llm.causes import CAUSES
from tests.llm.endpoint import Endpoint

CALLS, PLACES = 2000, 32
PROGRAM = """
import asyncio, json, sys
from pathlib import Path
from globmed_tools.llm import Call, Config, Engine
async def main(url, journal, count, places):
    config = Config(base_url=url, journal=Path(journal), concurrency=int(places), timeout=0.7, backoff=0.02, attempts=3)
    calls = (Call(str(n), "gpt-4.1", [{"role": "user", "content": f"q{n}"}], {}, {"type": "object",
             "properties": {"a": {"type": "string"}}, "required": ["a"]}) for n in range(int(count)))
    async with Engine(config) as engine:
        async for one in engine.run(calls):
            print(json.dumps([one.id, one.ok, "" if one.ok else one.cause, one.from_journal]), flush=True)
asyncio.run(main(*sys.argv[1:]))
"""


def test_killed_three_times(tmp_path):
    journal, open_at_kills, seen = tmp_path / "calls.sqlite", 0, set()
    with Endpoint(faults=0.2, delay=0.01) as server:
        server.slow = 0.1
        command = [sys.executable, "-c", PROGRAM, server.url, str(journal), str(CALLS), str(PLACES)]
        for part in (1, 2, 3):
            with (tmp_path / "out").open("w+") as out:
                run = subprocess.Popen(command, stdout=out)
                while server.answered.total() < part * CALLS // 5:
                    assert run.poll() is None
                    time.sleep(0.005)
                run.kill()
                run.wait()
                open_at_kills += PLACES
                out.seek(0)
                # The last line may be cut: what was handed out before the kill is what counts.
                seen |= {json.loads(line)[0] for line in out if line.endswith("\n") and json.loads(line)[1]}
        assert 0 < len(seen) < CALLS
        last = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    ended = [json.loads(line) for line in last.stdout.splitlines()]
    assert sorted(int(one[0]) for one in ended) == list(range(CALLS))
    assert (
        all(cause in CAUSES for _, ok, cause, _ in ended if not ok) and sum(ok for _, ok, _, _ in ended) > 0.9 * CALLS
    )
    # What a killed run had handed out as answered comes from the journal now.
    assert all(from_journal for name, _, _, from_journal in ended if name in seen)
    repeated = sum(count - 1 for count in server.answered.values())
    print(
        f"{repeated} of {server.answered.total()} answers were given twice; {open_at_kills} places at the kills; {server.met}"
    )
    assert repeated <= open_at_kills
    with Journal(journal) as kept:
        assert len(kept) >= sum(ok for _, ok, _, _ in ended) and kept.vacuum()
