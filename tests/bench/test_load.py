"""Data sources: folders of ours, folders in the hub's layout, the hub itself, and everything that can be wrong with them."""

from __future__ import annotations

import json

import pytest

from globmed_tools import store
from globmed_tools.bench import load
from globmed_tools.errors import GlobmedError
from tests.test_entry import made

ROW = {"question": "q", "options": {"A": "a", "B": "b"}, "answer_idx": "B"}


@pytest.fixture(autouse=True)
def fresh():
    load.available.cache_clear()
    load.load.cache_clear()
    load._hub_files.cache_clear()


def layout(folder, name="GlobMed_MedQA", **files):
    for path, rows in files.items():
        file = folder / name / path.replace("__", "/").replace("_json", ".json")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(rows if isinstance(rows, str) else json.dumps(rows))
    return str(folder)


def test_a_folder_that_ingest_wrote(tmp_path):
    store.write(tmp_path / "medqa", "medqa", [made(), made(split="train", key="8", question="r")])
    assert [one.question for one in load.load(str(tmp_path), "medqa", "en", "test")] == ["Which one?"]
    assert sorted(load.available(str(tmp_path), "medqa", "en")) == ["test", "train"]


def test_a_copy_of_the_hub_s_layout_with_jp_and_unknown_folders(tmp_path):
    data = layout(tmp_path, jp__test_json=[ROW], xx__test_json=[ROW], en__validation_json=[ROW])
    assert load.load(data, "medqa", "ja", "test")[0].language == "ja"
    assert list(load.available(data, "medqa", "en")) == ["dev"]
    with pytest.raises(GlobmedError, match="medqa: no rows for sw .* it has en jp xx"):
        load.load(data, "medqa", "sw", "test")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda d: str(d / "absent"), "No such folder. Use hub, sample"),
        (lambda d: layout(d, "other", en__test_json=[ROW]), "medqa: not in folder .*looked for a folder medqa or GlobMed_MedQA"),
        (lambda d: layout(d, "medqa", en__test_json='{"question": "q"}\n{"ques'), "medqa/en/test.json, line 2: not valid JSON"),
        (lambda d: layout(d, "medqa", en__test_json=[{**ROW, "answer_idx": "C"}]), "row 1: gold out of range"),
        (lambda d: layout(d, "medqa", en__test_json=[]), "holds no rows"),
        (lambda d: layout(d, "medqa", en__test_json=[ROW], dropped_json="") and (d / "medqa/dropped.jsonl").touch() or str(d),
         "half-written"),
    ],
)  # fmt: skip
def test_bad_sources_are_one_line(tmp_path, make, message):
    with pytest.raises(GlobmedError, match=message) as caught:
        load.load(make(tmp_path), "medqa", "en", "test")
    assert "\n" not in str(caught.value)


def test_a_write_that_was_killed_midway_is_never_evaluated(tmp_path, monkeypatch):
    real, done = store._write_file, []

    def killed(*args):
        if done:
            raise KeyboardInterrupt
        done.append(args)
        return real(*args)

    monkeypatch.setattr(store, "_write_file", killed)
    label = dict(form="yesno", options=[], answers=[], context="c", label="no")
    with pytest.raises(KeyboardInterrupt):
        store.write(tmp_path / "pubmedqa", "pubmedqa", [made(**label), made(**label, language="sw")])
    assert (tmp_path / "pubmedqa" / "en" / "test.jsonl").exists()
    with pytest.raises(GlobmedError, match="half-written"):
        load.load(str(tmp_path), "pubmedqa", "en", "test")


def test_a_file_instead_of_a_folder(tmp_path):
    (tmp_path / "f").touch()
    with pytest.raises(GlobmedError, match="It is a file; name its folder"):
        load.source_named(str(tmp_path / "f"))


def test_which_split_is_evaluated_and_where_examples_come_from():
    assert load.evaluation_split({"test": [], "train": []}, "x") == "test"
    assert load.evaluation_split({"train": []}, "x") == "train"
    assert load.evaluation_split({"dev": [], "train": []}, "x") == "dev"
    with pytest.raises(GlobmedError, match="no test split; found a b"):
        load.evaluation_split({"a": [], "b": []}, "x")
    assert load.fewshot_split({"test": [], "train": [], "dev": []}, "test") == "dev"
    assert load.fewshot_split({"test": [], "train": []}, "test") == "train"
    assert load.fewshot_split({"train": []}, "train") is None


def test_the_source_asked_for(monkeypatch):
    monkeypatch.setenv(load.VARIABLE, "sample")
    assert load.chosen(None) == "sample" and load.chosen("hub") == "hub"
    monkeypatch.delenv(load.VARIABLE)
    assert load.chosen(None) == "hub"


class Hub:
    """Stands where the hub's client stands: lists and hands out files of a local folder."""

    def __init__(self, folder):
        self.folder, self.fetched = folder, []

    def list_repo_files(self, repo, repo_type):
        assert (repo, repo_type) == ("ruiyang-medinfo/GlobMed_MedQA", "dataset")
        return [path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()]

    def hf_hub_download(self, repo, name, repo_type):
        self.fetched.append(name)
        return str(self.folder / name)


def test_the_hub_is_discovered_and_only_what_is_needed_is_fetched(tmp_path, monkeypatch):
    huggingface_hub = pytest.importorskip("huggingface_hub")
    layout(tmp_path, "GlobMed_MedQA", ko__train_json=[ROW], ko__test_json=[ROW], jp__test_json=[ROW], README_json="{}")
    hub = Hub(tmp_path / "GlobMed_MedQA")
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: hub)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", hub.hf_hub_download)
    assert sorted(load.available("hub", "medqa", "ko")) == ["test", "train"] and hub.fetched == []
    assert len(load.load("hub", "medqa", "ko", "test")) == 1 and hub.fetched == ["ko/test.json"]
    assert load.load("hub", "medqa", "ja", "test")[0].locator == "ruiyang-medinfo/GlobMed_MedQA/jp/test.json:1"


def test_an_unreachable_hub_and_a_set_that_is_not_there(monkeypatch):
    huggingface_hub = pytest.importorskip("huggingface_hub")

    class Down:
        def list_repo_files(self, *args, **kw):
            raise ConnectionError("no route")

    monkeypatch.setattr(huggingface_hub, "HfApi", Down)
    with pytest.raises(GlobmedError, match="GlobMed_MedQA: the hub could not be read .ConnectionError."):
        load.load("hub", "medqa", "sw", "test")
    with pytest.raises(GlobmedError, match="mednli is not on the hub"):
        load.load("hub", "mednli", "sw", "test")
