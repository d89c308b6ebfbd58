"""Entries on disk: the same bytes every time, and nothing that is half-written is ever read."""

from __future__ import annotations

import json

import pytest

from globmed_tools import manifest, store
from globmed_tools.errors import GlobmedError
from tests.test_entry import made

ENTRIES = [
    made(),
    made(language="sw", question="Ni ipi?", tags={"subject": "moyo"}),
    made(language="sw", split="dev", key="8", question="Nini?", context="µ ² ≥ ± ½ ° ẹ́"),
]


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("format", store.FORMATS)
def test_round_trip(tmp_path, format):
    done = store.write(tmp_path, "medqa", ENTRIES, format=format, dropped=[{"reason": "no_gold", "evidence": "x"}])
    assert list(store.read(tmp_path)) == [ENTRIES[0], ENTRIES[2], ENTRIES[1]]
    assert list(store.read(tmp_path, language="sw", split="test")) == [ENTRIES[1]]
    assert (done.entries, done.dropped) == (3, {"no_gold": 1})
    assert manifest.read(tmp_path) == done


def test_the_same_input_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        store.write(tmp_path / name, "medqa", ENTRIES)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert str(tmp_path).encode() not in b"".join(files(tmp_path / "a").values())


def test_writing_again_leaves_nothing_of_before(tmp_path):
    store.write(tmp_path, "medqa", ENTRIES)
    store.write(tmp_path, "medqa", ENTRIES[:1])
    assert sorted(files(tmp_path)) == ["dropped.jsonl", "en/test.jsonl", "manifest.json"]


def test_nothing_to_write_is_an_error(tmp_path):
    with pytest.raises(GlobmedError, match="nothing to write"):
        store.write(tmp_path, "medqa", [])


def test_a_killed_write_leaves_no_manifest(tmp_path, monkeypatch):
    store.write(tmp_path, "medqa", ENTRIES)

    def killed(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "_write_file", killed)
    with pytest.raises(KeyboardInterrupt):
        store.write(tmp_path, "medqa", ENTRIES)
    with pytest.raises(GlobmedError, match="half-written"):
        list(store.read(tmp_path))


def test_a_full_disk_is_one_line_and_keeps_the_old_file(tmp_path, monkeypatch):
    (tmp_path / "f").write_bytes(b"old")

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(manifest.os, "fsync", full)
    with pytest.raises(GlobmedError, match="No space left on device"):
        manifest.write_bytes(tmp_path / "f", b"new")
    assert files(tmp_path) == {"f": b"old"}


def test_a_file_where_a_folder_should_be_is_one_line(tmp_path):
    (tmp_path / "f").write_bytes(b"old")
    with pytest.raises(GlobmedError, match="could not be written"):
        manifest.write_bytes(tmp_path / "f" / "new", b"new")
    assert files(tmp_path) == {"f": b"old"}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text[: len(text) // 2], "line 1: not valid JSON"),
        (lambda text: "", "0 entries, the manifest says 1"),
        (lambda text: text.replace('"form":"mcq",', ""), "line 1: field form is missing"),
        (lambda text: text.replace('"form"', '"extra":1,"form"'), "line 1: not an entry"),
        (lambda text: "[1]\n", "line 1: a JSON object was expected, list found"),
    ],
)
def test_damaged_files_are_named_with_their_line(tmp_path, damage, message):
    store.write(tmp_path, "medqa", ENTRIES[:1])
    path = tmp_path / "en" / "test.jsonl"
    path.write_text(damage(path.read_text()))
    with pytest.raises(GlobmedError, match=message):
        list(store.read(tmp_path))


def test_missing_files_and_foreign_manifests(tmp_path):
    store.write(tmp_path, "medqa", ENTRIES[:1])
    (tmp_path / "en" / "test.jsonl").unlink()
    with pytest.raises(GlobmedError, match="named in the manifest but missing"):
        list(store.read(tmp_path))
    (tmp_path / "manifest.json").write_text(json.dumps({"format": "other"}))
    with pytest.raises(GlobmedError, match="not a manifest"):
        manifest.read(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps({"format": "globmed-entries", "version": 1}))
    with pytest.raises(GlobmedError, match="damaged, a field is missing or wrong .'set'."):
        manifest.read(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps({"format": "globmed-entries", "version": 99}))
    with pytest.raises(GlobmedError, match="manifest version 99"):
        manifest.read(tmp_path)
