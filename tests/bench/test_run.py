"""What a run will evaluate, against a hub that holds the sample."""

from __future__ import annotations

import pytest

from globmed_tools import languages
from globmed_tools.bench import load, run
from globmed_tools.errors import GlobmedError


@pytest.fixture
def hub(monkeypatch):
    """A hub with every set but mednli, in every language, holding the sample's items."""
    load.available.cache_clear()
    load.load.cache_clear()
    parts = [load.Found(split, f"{code}.jsonl", code, code) for code in languages.codes() for split in ("test", "dev")]
    monkeypatch.setattr(load.Hub, "find", lambda self, source: parts)
    monkeypatch.setattr(load.Hub, "read", lambda self, source, found, **kw: load.Sample().read(source, found))
    yield
    load.available.cache_clear()
    load.load.cache_clear()


def test_a_group_runs_without_the_set_that_is_not_on_the_hub(hub):
    plan = run.plan(["globmed"], "hub")
    assert plan.names == ("globmed",) and len(plan.tasks) == 8 * 12
    assert set(plan.left_out) == {f"globmed_mednli_{code}" for code in languages.codes(paper=True)}
    files = run.task_files(plan)
    assert len(files) == 1 + 9 * 12 and all(path.is_file() for path in files.values())


def test_that_set_asked_for_by_name_is_an_error(hub):
    with pytest.raises(GlobmedError, match="mednli is not on the hub"):
        run.plan(["globmed_mednli_sw"], "hub")
