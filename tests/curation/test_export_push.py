"""The way to the hub: said first, done only with yes, and never with what may not leave; and the command itself."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from globmed_curation.export import Config, export, push

from globmed_tools import store
from globmed_tools.errors import GlobmedError
from tests.curation.test_export import files, sample


@pytest.fixture
def out(tmp_path):
    export(sample(("medqa", "bionli"), ("en", "sw")), tmp_path / "out")
    return tmp_path / "out"


class Hub:
    """Stands where the hub's client stands: keeps what it is told and given."""

    def __init__(self, public=(), fails=None):
        self.public, self.fails, self.made, self.got = set(public), fails, [], {}

    def create_repo(self, repo, *, repo_type, private, exist_ok):
        if self.fails:
            raise self.fails
        assert repo_type == "dataset" and exist_ok
        self.made.append((repo, private))
        return f"hub/{repo}"

    def repo_info(self, repo, *, repo_type):
        return SimpleNamespace(private=repo not in self.public)

    def upload_folder(self, *, repo_id, repo_type, folder_path, allow_patterns, commit_message):
        from pathlib import Path

        from huggingface_hub.utils import filter_repo_objects

        there = files(Path(folder_path))
        self.got[repo_id] = set(filter_repo_objects(there, allow_patterns=allow_patterns))


@pytest.fixture
def hub(monkeypatch):
    client = Hub()
    monkeypatch.setattr(pytest.importorskip("huggingface_hub"), "HfApi", lambda: client)
    return client


def test_one_repository_a_set_or_one_for_all(out):
    parts = push.plan(out, "me/GlobMed_{set}")
    assert [(one.repo, one.sets, one.private) for one in parts] == [
        ("me/GlobMed_bionli", ("bionli",), True),
        ("me/GlobMed_medqa", ("medqa",), True),
    ]
    for one in parts:
        there = {name: len(content) for name, content in files(out / "hub" / one.sets[0]).items()}
        assert dict(one.files) == there and "README.md" in there and "sw/test.json" in there
    (whole,) = push.plan(out, "me/GlobMed", layout="parquet", public=True)
    assert not whole.private and dict(whole.files).keys() == files(out / "parquet").keys()


def test_yes_uploads_what_was_said_and_nothing_else(out, hub):
    parts = push.plan(out, "me/GlobMed_{set}")
    (out / "hub" / "medqa" / "secret.txt").write_text("mine")
    assert push.push(parts) == ["hub/me/GlobMed_bionli", "hub/me/GlobMed_medqa"]
    assert hub.made == [("me/GlobMed_bionli", True), ("me/GlobMed_medqa", True)]
    assert hub.got == {one.repo: {path for path, _ in one.files} for one in parts}
    assert "secret.txt" not in hub.got["me/GlobMed_medqa"]


def test_a_public_repository_is_never_filled_unasked(out, hub):
    hub.public = {"me/GlobMed"}
    with pytest.raises(GlobmedError, match="me/GlobMed: exists and is public, nothing was uploaded. Say --public"):
        push.push(push.plan(out, "me/GlobMed"))
    assert hub.got == {}
    push.push(push.plan(out, "me/GlobMed", public=True))
    assert hub.made[-1] == ("me/GlobMed", False) and set(hub.got) == {"me/GlobMed"}


def test_what_the_hub_says_is_one_line(out, hub):
    hub.fails = ConnectionError("no route\nto host")
    with pytest.raises(
        GlobmedError, match="me/x: the upload failed .ConnectionError: no route to host.. Check the network"
    ) as caught:
        push.push(push.plan(out, "me/x"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("repo", "layout", "message"),
    [
        ("GlobMed", None, "no name of a repository. Write OWNER/NAME"),
        ("a/b/c", None, "no name of a repository"),
        ("me/x", "tables", "holds no layout tables; it has hub parquet entries chat"),
    ],
)
def test_bad_names_are_one_line(out, repo, layout, message):
    with pytest.raises(GlobmedError, match=message):
        push.plan(out, repo, layout=layout)


def test_only_a_finished_and_unchanged_export_goes_up(out, tmp_path):
    (out / "hub" / "medqa" / "README.md").write_text("edited")
    with pytest.raises(GlobmedError, match="README.md: gone or changed since the export. Export again"):
        push.plan(out, "me/x")
    (out / "manifest.json").unlink()
    with pytest.raises(GlobmedError, match="no manifest.json, so no finished export"):
        push.plan(out, "me/x")
    store.write(tmp_path / "medqa", "medqa", sample(("medqa",), ("en",)))
    with pytest.raises(GlobmedError, match="not the manifest of an export"):
        push.plan(tmp_path / "medqa", "me/x")


def test_credentialed_data_is_never_pushed(tmp_path):
    few = [replace(one, source="mednli") for one in sample(("bionli",), ("en",))]
    both = [*few, *sample(("medqa",), ("en",))]
    export(both, tmp_path / "out", Config(layouts=("hub",), allow_licence=("credentialed",), mix=True))
    for repo in ("me/x", "me/x_{set}"):
        with pytest.raises(GlobmedError, match="mednli: under a data use agreement, never uploaded"):
            push.plan(tmp_path / "out", repo)


# ---- the command


@pytest.fixture
def data(tmp_path):
    for name in ("medqa", "bionli"):
        store.write(tmp_path / "data" / name, name, sample((name,), ("en", "sw")))
    return tmp_path / "data"


def test_the_command_exports_says_what_it_would_upload_and_uploads_nothing(command, data, tmp_path):
    ran = command("globmed", "curate", "export", "data", "--out", "out", "--layout", "hub,chat", "--push", "me/G_{set}")
    assert ran.code == 0, ran.err
    assert (
        "44 entries are in out" in ran.out.replace("\n", " ") and "Nothing was uploaded. Say --yes to do it." in ran.out
    )
    assert "me/G_medqa (private)" in ran.out and "sw/test.json" in ran.out and ran.err == ""
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "LICENCES.md", "chat", "dropped.jsonl", "hub", "licences.json", "manifest.json",
    ]  # fmt: skip
    ran = command("globmed", "bench", "doctor", "--data", "out/hub", "--set", "medqa", "--language", "sw", "--json")
    assert ran.code == 0 and json.loads(ran.out)["findings"][0]["splits"] == {"dev": 4, "test": 8, "train": 3}
    again = command("globmed", "curate", "export", "data", "--out", "out")
    assert "out: already holds an export. Say --overwrite" in again.one_line()
    quiet = command("globmed", "curate", "export", "data", "--out", "out", "--overwrite", "--quiet", "--layout", "hub")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


def test_the_command_s_json_is_one_object(command, data):
    arguments = ["data", "--out", "out", "--set", "medqa", "--language", "sw", "--split", "test", "--json"]
    ran = command("globmed", "curate", "export", *arguments, "--push", "me/x")
    told = json.loads(ran.out)
    assert told["parts"] == [{"set": "medqa", "language": "sw", "split": "test", "entries": 8}]
    assert told["passed_over"] == 36 and told["push"]["uploaded"] is False
    assert told["push"]["repositories"][0]["private"] is True
    dry = json.loads(command("globmed", "curate", "export", *arguments, "--dry-run", "--overwrite").out)
    assert dry["folder"] is None and dry["parts"] == told["parts"] and "push" not in dry


def test_an_export_that_is_there_is_pushed_as_it_is(command, data, tmp_path):
    command("globmed", "curate", "export", "data", "--out", "out", "--layout", "hub")
    before = files(tmp_path / "out")
    ran = command("globmed", "curate", "export", "--out", "out", "--push", "me/G", "--json")
    assert [len(one["files"]) for one in json.loads(ran.out)["push"]["repositories"]] == [len(before) - 4]
    assert files(tmp_path / "out") == before
    offline = command("globmed", "curate", "export", "--out", "out", "--push", "me/G", "--yes")
    assert "me/G: the upload failed (OfflineModeIsEnabled" in offline.one_line()
    ran = command("globmed", "curate", "export", "--out", "out")
    assert ran.code == 2 and "Name the entries to export" in ran.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent"], "absent: no such file or folder"),
        (["data", "--layout", "hub,parkett"], "unknown layout 'parkett'"),
        (["data", "--language", "de"], "nothing to export: 44 entries were not asked for"),
        (["data", "--allow-licence", "all"], "unknown class of licences 'all'"),
        (["data", "--push", "x", "--layout", "hub"], "no name of a repository"),
    ],
)
def test_bad_input_is_one_line(command, data, arguments, message):
    assert message in command("globmed", "curate", "export", *arguments, "--out", "out").one_line()


def test_input_and_output_may_not_lie_in_each_other(command, data):
    for out in ("data/out", "."):
        line = command("globmed", "curate", "export", "data", "--out", out).one_line()
        assert "lie in each other" in line or "which no export wrote" in line or "is not empty" in line


def test_yes_without_push_is_a_usage_error(command, data):
    ran = command("globmed", "curate", "export", "data", "--out", "out", "--yes")
    assert ran.code == 2 and "belong to --push REPO" in ran.err and not ran.out
