"""Shards of entries: what is written is read, and what is missing or changed is said."""

from __future__ import annotations

import json

import pytest

from globmed_tools import entry, manifest, shards, store
from globmed_tools.errors import GlobmedError

BASE = dict(
    source="medqa", split="test", form="mcq", key="7", question="Which one?", options=["a", "b"], answers=[1],
    locator="test.jsonl:7", licence="MIT",
)  # fmt: skip


def made(language="en", **changes) -> entry.Entry:
    return entry.make(**{**BASE, "language": language, **changes})


def folder(path, format="jsonl", **changes):
    kept, lost = [made("en"), made("sw", tags={"year": "2020"})], made("zu", question="µ ≥ 5 ½")
    rows = [shards.drop_row("check", lost, "numbers", {"source": "5", "translation": "50"})]
    shard = shards.write_shard(path, "medqa-0000", kept, rows, key="k", format=format, stats={"seen": {"en": 1}})
    done = shards.ShardManifest("check", {"a": 1}, ({"shard": "x"},), (shard,), {"seen": {"en": 1}}, "globmed test")
    shards.write_manifest(path, done)
    return kept, lost, shard


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_what_is_written_is_read(tmp_path, format):
    kept, lost, shard = folder(tmp_path, format)
    assert list(shards.entries([tmp_path])) == kept
    [row] = shards.read_dropped(tmp_path / shard.dropped.path)
    assert (row["stage"], row["reason"], row["evidence"]) == ("check", "numbers", {"source": "5", "translation": "50"})
    assert entry.from_dict(row["entry"]) == lost and row["id"] == lost.id
    done = shards.read_manifest(tmp_path)
    assert (done.kept, done.dropped, done.reasons) == (2, 1, {"numbers": 1})
    assert done.shards[0].counts == {"kept": {"en": 1, "sw": 1}, "dropped": {"zu": 1}}
    assert shards.read_record(tmp_path, "medqa-0000") == done.shards[0] == shard


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_the_same_entries_give_the_same_bytes(tmp_path, format):
    for name in ("one", "other"):
        folder(tmp_path / name, format)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert len(files) == 4
    assert all((tmp_path / "one" / path).read_bytes() == (tmp_path / "other" / path).read_bytes() for path in files)


def test_files_are_found_in_shards_sets_folders_of_sets_and_alone(tmp_path):
    kept, *_ = folder(tmp_path / "shards")
    store.write(tmp_path / "data" / "medqa", "medqa", kept)
    alone = next((tmp_path / "shards" / "kept").iterdir())
    for path in (tmp_path / "shards", tmp_path / "data", tmp_path / "data" / "medqa", alone):
        assert sorted(one.id for one in shards.entries([path])) == sorted(one.id for one in kept)


def test_what_is_amiss_is_said_in_one_line(tmp_path):
    *_, shard = folder(tmp_path / "a")
    file = tmp_path / "a" / shard.kept.path
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"Which one", b"Which two"))
    with pytest.raises(GlobmedError, match="medqa-0000.jsonl: changed since it was written"):
        shards.files(tmp_path / "a")
    file.unlink()
    with pytest.raises(GlobmedError, match="medqa-0000.jsonl: this shard was written but is gone"):
        shards.files(tmp_path / "a")
    file.write_bytes(whole)
    assert shards.files(tmp_path / "a") == [file]
    record = tmp_path / "a" / "shards" / "medqa-0000.json"
    record.write_text("{")
    with pytest.raises(GlobmedError, match="medqa-0000.json: damaged"):
        shards.read_record(tmp_path / "a", "medqa-0000")
    record.unlink()
    assert shards.read_record(tmp_path / "a", "medqa-0000") is None


def test_folders_without_a_manifest_of_ours_are_refused(tmp_path):
    folder(tmp_path)
    path = tmp_path / manifest.NAME
    fields = json.loads(path.read_text())
    for text, message in [
        ("[]", "not a manifest"),
        ("{", "not valid JSON"),
        (json.dumps({**fields, "version": 9}), "version 9"),
        (json.dumps({**fields, "shards": [{}]}), "damaged"),
    ]:
        path.write_text(text)
        with pytest.raises(GlobmedError, match=message):
            shards.read_manifest(tmp_path)
    path.unlink()
    with pytest.raises(GlobmedError, match="no manifest.json"):
        shards.files(tmp_path)
    with pytest.raises(GlobmedError, match="no such file or folder"):
        shards.files(tmp_path / "nowhere")
    (tmp_path / "table.csv").write_text("a,b")
    with pytest.raises(GlobmedError, match="entries are read from"):
        shards.files(tmp_path / "table.csv")
