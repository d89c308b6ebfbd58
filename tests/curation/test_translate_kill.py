"""60 entries into two languages at a fifth of faults, killed while asking and while writing: as if nothing had happened.

`benchmarks/translate.py survive` does the same with 10,000 entries of the real source sets.
"""

from __future__ import annotations

from collections import Counter

from globmed_tools import shards

from .faulty import IN_TEXT, PASSING, STAYING, Faulty, command_of, content, ends_of, survive, told_of, variants, writing

CODES, PLACES, GROUPS = ("sw", "yo"), 16, 6


def test_killed_twice_it_ends_as_a_run_that_was_not(tmp_path):
    entries = variants(60)
    corpus = tmp_path / "corpus"
    done = [
        shards.write_shard(corpus, f"part-{start:04}", entries[start : start + GROUPS], [], key="test")
        for start in range(0, len(entries), GROUPS)
    ]
    shards.write_manifest(corpus, shards.ShardManifest("corpus", {}, (), tuple(done), {}, "test"))
    (tmp_path / "whole").mkdir(), (tmp_path / "killed").mkdir()
    with Faulty(slow=0.1) as server:
        command = command_of(server, [corpus], tmp_path / "whole", codes=CODES, concurrency=PLACES)
        survive(command, server, (), tmp_path / "whole")
        calls, met = server.paid, Counter(server.faults)
    with Faulty(slow=0.1) as server:
        command = command_of(server, [corpus], tmp_path / "killed", codes=CODES, concurrency=PLACES)
        moments = (lambda: server.paid > calls // 2, writing(tmp_path / "killed" / "out"))
        spent = survive(command, server, moments, tmp_path / "killed")
        assert server.launches == 3 and server.paid == calls
        assert server.repeated() <= spent.kills[0] <= PLACES and sum(spent.kills[1:]) == 0
    assert met.keys() >= {*PASSING, *STAYING} and met.keys() & {*IN_TEXT} and 0.12 * calls < met.total() < 0.3 * calls
    out = tmp_path / "killed" / "out"
    wanted = {(one.id, code) for one in entries for code in CODES}
    ends = ends_of(out)
    assert ends.keys() == wanted and all(len(one) == 1 for one in ends.values())
    assert sorted(told_of(out)) == sorted(wanted)
    counts = Counter(end[0][0] for end in ends.values())
    assert counts.keys() == {"clean", "flagged", "dropped"} and counts["dropped"] < 10
    assert all(causes for [(how, causes)] in ends.values() if how != "clean")
    assert content(out) == content(tmp_path / "whole" / "out")
