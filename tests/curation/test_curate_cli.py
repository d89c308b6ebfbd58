"""What `globmed curate` prints."""

import json

from click.testing import CliRunner
from globmed_curation.cli import curate

from tests.curation.originals import medmcqa


def run(*words):
    return CliRunner().invoke(curate, [str(word) for word in words], catch_exceptions=False)


def test_the_command_tells_counts_and_the_next_step(jsonl, tmp_path):
    path = jsonl("dev.json", [medmcqa("a", 1), medmcqa("b", 4), medmcqa("c", 2, opb="I")])
    found = json.loads(run("ingest", "medmcqa", path, "--out", tmp_path, "--split", "test", "--json").stdout)
    assert found["splits"] == [{"language": "en", "split": "test", "kept": 2, "dropped": 1}]
    assert (found["entries"], found["dropped"], found["folder"]) == (
        2,
        {"duplicate_options": 1},
        str(tmp_path / "medmcqa"),
    )
    shown = run("ingest", "medmcqa", path, "--out", tmp_path, "--overwrite")
    assert "dropped: 1 duplicate_options" in shown.stdout and shown.stderr == ""
    assert f"Next: globmed bench doctor --data {tmp_path}" in shown.stdout
    assert run("ingest", "medmcqa", path, "--out", tmp_path, "--overwrite", "--quiet").output == ""
    assert "nothing was written" in run("ingest", "medmcqa", path, "--out", tmp_path / "new", "--dry-run").stdout
    assert not (tmp_path / "new").exists()


def test_the_list_of_sources_names_every_adapter():
    found = json.loads(run("sources", "--json").stdout)["sources"]
    assert [(one["set"], one["form"]) for one in found] == [
        ("medqa", "mcq"),
        ("medmcqa", "mcq"),
        ("headqa", "mcq"),
        ("mmlu_pro", "mcq"),
        ("medexpqa", "mcq"),
        ("pubmedqa", "yesno"),
        ("bionli", "nli"),
        ("mednli", "nli"),
        ("liveqa", "longform"),
        ("expertqa_med", "longform"),
        ("expertqa_bio", "longform"),
        ("mmlu_clinical_african", "mcq"),
    ]
    assert all(one["licence"] and one["files"] for one in found)
    assert "ori_pqal.json" in run("sources").stdout
