"""From named paths to a finished folder: what is found, refused, recorded and left behind."""

import json
import os
import signal
import subprocess
import sys

import pytest
from globmed_curation.ingest import ingest

from globmed_tools import manifest, store
from globmed_tools.errors import GlobmedError
from tests.curation.originals import MMLU, headqa, medqa, pubmed


def test_a_folder_is_searched_and_the_result_is_whole(document, tmp_path):
    source = document("deep_train_HEAD.json", headqa("en", [(9, {})])).parent  # not a name of the set: passed over
    document("train_HEAD_EN.json", headqa("en", [(1, {}), (2, {}), (2, {"qtext": "other"}), (3, {"image": "a.png"})]))
    document("test_HEAD_EN.json", headqa("en", [(1, {})], exam="Cuaderno_2016_1_B"))
    summary = ingest("headqa", [source, source / "test_HEAD_EN.json"], tmp_path / "out")
    assert summary.kept == {("en", "train"): 2, ("en", "test"): 1}
    assert summary.lost == {("en", "train"): 2}
    assert summary.dropped == {"repeated_key": 1, "image_needed": 1}
    folder = tmp_path / "out" / "headqa"
    done = manifest.read(folder)
    assert [(file.path, file.rows) for file in done.files] == [("en/test.jsonl", 1), ("en/train.jsonl", 2)]
    assert [(one["name"], sorted(one)) for one in done.inputs] == [
        ("test_HEAD_EN.json", ["bytes", "name", "xxh3"]),
        ("train_HEAD_EN.json", ["bytes", "name", "xxh3"]),
    ]
    rows = [json.loads(line) for line in (folder / "dropped.jsonl").read_text().splitlines()]
    place = "train_HEAD_EN.json:Cuaderno_2013_1_B/"
    assert [(row["reason"], row["evidence"], row["locator"]) for row in rows] == [
        ("repeated_key", place + "2", place + "2"),
        ("image_needed", "a.png", place + "3"),
    ]
    assert rows[1]["key"] == "Cuaderno_2013_1_B/3"
    assert len(list(store.read(folder, split="train"))) == 2


def test_the_same_files_give_the_same_bytes_and_no_path_enters_them(document, tmp_path):
    items, truth = (
        document("ori_pqal.json", {"1": pubmed(), "2": pubmed()}),
        document("test_ground_truth.json", {"2": "yes"}),
    )
    ingest("pubmedqa", [items, truth], tmp_path / "a")
    ingest("pubmedqa", [truth.parent / ".." / "in"], tmp_path / "b")
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    assert [str(one) for one in files] == [
        f"pubmedqa/{n}" for n in ("dropped.jsonl", "en/test.jsonl", "en/train.jsonl", "manifest.json")
    ]
    for one in files:
        content = (tmp_path / "a" / one).read_bytes()
        assert content == (tmp_path / "b" / one).read_bytes()
        assert str(tmp_path).encode() not in content


def test_parquet_holds_the_same_entries(jsonl, tmp_path):
    path = jsonl("test.jsonl", [medqa(), medqa("Artery?")])
    ingest("medqa", [path], tmp_path / "a")
    ingest("medqa", [path], tmp_path / "b", format="parquet")
    assert list(store.read(tmp_path / "a" / "medqa")) == list(store.read(tmp_path / "b" / "medqa"))


def test_other_categories_and_the_limit_are_counted_in_the_manifest(document, tmp_path):
    path = document("pro.json", [*MMLU, *({**MMLU[0], "question_id": 20 + n} for n in range(3))])
    summary = ingest("mmlu_pro", [path], tmp_path, limit=2)
    assert (summary.kept, summary.skipped) == ({("en", "test"): 2}, {"other_category": 2, "over_limit": 2})
    assert manifest.read(tmp_path / "mmlu_pro").inputs[0]["skipped"] == {"other_category": 2, "over_limit": 2}


def test_an_older_result_is_replaced_only_on_demand(jsonl, tmp_path):
    path = jsonl("test.jsonl", [medqa()])
    ingest("medqa", [path], tmp_path)
    before = (tmp_path / "medqa" / "manifest.json").read_bytes()
    with pytest.raises(GlobmedError, match="medqa: already holds this set. Say --overwrite"):
        ingest("medqa", [path], tmp_path)
    bad = jsonl("dev.jsonl", [medqa(), {"question": "?"}])
    with pytest.raises(GlobmedError, match="dev.jsonl, line 2: no field 'meta_info'; found: question"):
        ingest("medqa", [bad], tmp_path, overwrite=True)
    assert (tmp_path / "medqa" / "manifest.json").read_bytes() == before
    ingest("medqa", [jsonl("dev.jsonl", [medqa()])], tmp_path, overwrite=True)
    assert sorted(one.name for one in (tmp_path / "medqa" / "en").iterdir()) == ["dev.jsonl"]


def test_a_dry_run_writes_nothing(jsonl, tmp_path):
    summary = ingest("medqa", [jsonl("test.jsonl", [medqa()])], tmp_path / "out", dry_run=True)
    assert summary.folder is None and summary.kept == {("en", "test"): 1} and not (tmp_path / "out").exists()


def test_a_killed_run_leaves_no_manifest(document, tmp_path):
    document("train_HEAD_EN.json", headqa("en", [(1, {})]))
    source = document("test_HEAD_EN.json", headqa("en", [(1, {})])).parent
    program = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom globmed_tools import store\n"
        "from globmed_curation.ingest import ingest\n"
        "write = store._write_file\n"
        "def once(*given):\n    write(*given)\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        "store._write_file = once\n"
        "ingest('headqa', [Path(sys.argv[1])], Path(sys.argv[2]), overwrite=True)\n"
    )
    ingest("headqa", [source], tmp_path)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    ran = subprocess.run([sys.executable, "-c", program, source, tmp_path], env=environment)
    assert ran.returncode == -signal.SIGKILL
    with pytest.raises(GlobmedError, match="half-written"):
        list(store.read(tmp_path / "headqa"))
    with pytest.raises(GlobmedError, match="is not empty and has no manifest.json. Say --overwrite"):
        ingest("headqa", [source], tmp_path)
    ingest("headqa", [source], tmp_path, overwrite=True)
    assert len(list(store.read(tmp_path / "headqa"))) == 2


def test_paths_that_cannot_be_right_are_refused(jsonl, tmp_path):
    path = jsonl("test.jsonl", [medqa()])
    other = tmp_path / "in" / "sub" / "test.jsonl"
    other.parent.mkdir()
    other.write_bytes(path.read_bytes())
    out = tmp_path / "out"
    for paths, options, message in [
        ([tmp_path / "no"], {}, "no: no such file or folder"),
        ([], {}, "no file was named"),
        ([tmp_path / "in"], {}, "have one name, so a locator could not tell them apart"),
        ([path, jsonl("train.jsonl", [medqa()])], {"split": "test"}, "would join files of test and train"),
        ([path], {"split": "validation"}, "unknown split 'validation'; choose one of: train, dev, test"),
        ([path], {"language": "xx"}, "unknown language 'xx'"),
        ([path], {"gold_base": 1}, "gold_base has no meaning for this set"),
        ([path], {"format": "csv"}, "unknown format 'csv'"),
        ([jsonl("dev.jsonl", [medqa(answer="x")])], {}, r"nothing to write \(1 items were dropped\)"),
    ]:
        with pytest.raises(GlobmedError, match=message):
            ingest("medqa", paths, out, **options)
    with pytest.raises(GlobmedError, match=r"no file here or below is named ori_pqal.json or test_ground_truth.json"):
        ingest("pubmedqa", [tmp_path / "in"], out)
    inside = tmp_path / "medqa" / "test.jsonl"
    inside.parent.mkdir()
    inside.write_bytes(path.read_bytes())
    with pytest.raises(GlobmedError, match="lies inside the output folder"):
        ingest("medqa", [inside], tmp_path, overwrite=True)
