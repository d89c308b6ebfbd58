"""The journal: what is put is there, two processes at once, merging in any order."""

from __future__ import annotations

import itertools
import sqlite3
import subprocess
import sys

import pytest

from globmed_tools.errors import GlobmedError
from globmed_tools.llm.journal import ANSWERED, FAILED, Journal, Row, asked, packed
from globmed_tools.llm.merge import merge


def row(key, text="a", at=5.0, state=ANSWERED, **more):
    return Row(key, "m", state, text=text, at=at, **more)


def content(path):
    with Journal(path) as journal:
        return list(journal.rows())


def test_rows_come_back_as_they_were(tmp_path):
    one = Row("k", "m", FAILED, "refusal", "I ṣoro", "ẹ\n", 3, 4, 1, 0.5, 2, "batch", 7.0, packed({"model": "m"}))
    with Journal(tmp_path / "deep" / "j.sqlite") as journal:
        journal.put([one, row("other")])
        assert journal.get(["k", "nothing"])["k"].text == "ẹ\n"
        assert len(journal) == 2 and len(journal.get([f"{n}" for n in range(3000)])) == 0
        assert [made["calls"] for made in journal.stats()] == [1, 1]
    assert content(tmp_path / "deep" / "j.sqlite")[0] == one and asked(one) == {"model": "m"}


def test_the_better_row_stays(tmp_path):
    rows = [
        row("k", "late answer", 9.0),
        row("k", "first answer", 3.0),
        row("k", "", 1.0, FAILED, cause="refusal"),
        row("k", "", 20.0, FAILED, cause="timeout"),
    ]
    for number, order in enumerate(itertools.permutations(rows)):
        with Journal(tmp_path / f"{number}.sqlite") as journal:
            for one in order:
                journal.put([one])
            assert journal.get(["k"])["k"].text == "first answer"
    with Journal(tmp_path / "failed.sqlite") as journal:
        journal.put([rows[3], rows[2]])
        assert journal.get(["k"])["k"].cause == "timeout"


def test_merging_in_any_order_gives_the_same(tmp_path):
    for name, rows in {
        "a": [row("1", "x", 1.0), row("2", "y", 5.0), row("3", "", 2.0, FAILED)],
        "b": [row("2", "z", 4.0), row("3", "answered", 9.0)],
        "c": [row("2", "w", 4.0), row("4")],
    }.items():
        with Journal(tmp_path / name) as journal:
            journal.put(rows)
    found = []
    for number, order in enumerate(itertools.permutations("abc")):
        into = tmp_path / f"all{number}"
        said = merge(into, [tmp_path / name for name in order])
        assert said.added == 4 and said.added + said.replaced + said.same == 7 and said.conflicts == 2
        found.append(content(into))
    assert all(one == found[0] for one in found)
    assert [(one.key, one.text) for one in found[0]] == [("1", "x"), ("2", "w"), ("3", "answered"), ("4", "a")]
    again = merge(tmp_path / "all0", [tmp_path / "a"])
    assert (again.added, again.replaced, again.same) == (0, 0, 3)
    with pytest.raises(GlobmedError, match="into itself"):
        merge(tmp_path / "a", [tmp_path / "a"])
    with pytest.raises(GlobmedError, match="no such journal"):
        merge(tmp_path / "a", [tmp_path / "nowhere"])


def test_two_processes_write_at_once(tmp_path):
    program = """
import sys
from pathlib import Path
from globmed_tools.llm.journal import Journal, Row
with Journal(Path(sys.argv[1])) as journal:
    for n in range(150):
        journal.put([Row(f"{sys.argv[2]}{n}", "m", "answered", text="x" * 500), Row(f"both{n}", "m", "answered", text=sys.argv[2])])
"""
    path = str(tmp_path / "j.sqlite")
    runs = [subprocess.Popen([sys.executable, "-c", program, path, name]) for name in "ab"]
    assert [run.wait() for run in runs] == [0, 0]
    assert len(content(tmp_path / "j.sqlite")) == 450


def test_other_files_are_refused(tmp_path):
    (tmp_path / "text").write_text("no database, and long enough to be read as one " * 50)
    with pytest.raises(GlobmedError, match="no journal, or a damaged one"):
        Journal(tmp_path / "text")
    with sqlite3.connect(tmp_path / "other") as db:
        db.execute("CREATE TABLE mine (x)")
    with pytest.raises(GlobmedError, match="no journal of calls"):
        Journal(tmp_path / "other")
    with Journal(tmp_path / "new") as journal:
        journal.db.execute("PRAGMA user_version = 9")
    with pytest.raises(GlobmedError, match="version 9"):
        Journal(tmp_path / "new")
    with pytest.raises(GlobmedError, match="could not be opened|cannot be written"):
        Journal(tmp_path / "text" / "below")


def test_a_full_disk_keeps_all_or_nothing(tmp_path):
    with Journal(tmp_path / "j") as journal:
        journal.put([row(f"a{n}") for n in range(10)])
        pages = journal.db.execute("PRAGMA page_count").fetchone()[0]
        journal.db.execute(f"PRAGMA max_page_count = {pages + 5}")
        with pytest.raises(GlobmedError, match="disk is full"):
            journal.put([row(f"b{n}", "x" * 1000) for n in range(100)])
        assert len(journal) == 10
        journal.put([row("c")])
    assert len(content(tmp_path / "j")) == 11
