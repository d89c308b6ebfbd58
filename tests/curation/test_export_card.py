"""The card and the Croissant file: true to the entries, and read by the parsers that matter."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
import yaml
from globmed_curation.export import Config, croissant, export
from globmed_curation.export.provenance import run_of

from globmed_tools import languages, shards
from globmed_tools.errors import GlobmedError
from tests.curation.test_export import CODES, SETS, sample

RUN = [
    {
        "stage": "ingest",
        "config": {},
        "kept": 228,
        "dropped": 3,
        "reasons": {"image_needed": 3},
        "shards": ["not told"],
    },
    {"stage": "check", "config": {"numbers": {"severity": "drop", "threshold": 0.5}}, "kept": 228, "dropped": 0},
]


def told(entries):
    """Entries as a real run leaves them: translated, checked, some reviewed."""
    for one in entries:
        if one.language != "en":
            one = replace(one, translator="m|x", prompt_hash="ab12", translated_from="0" * 32)
            one = replace(
                one, checks={"numbers": {"severity": "flag", "score": 1.0, "seen": "5 mg → 50 mg", "ok": False}}
            )
        if one.language == "sw":
            one = replace(one, review={"outcome": "accepted"})
        yield one


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("card") / "out"
    lacking = [
        one for one in sample() if not (one.language == "ja" and one.source == "pubmedqa" and one.split == "dev")
    ]
    export(told(lacking), folder, Config(published="2026-11-23", url="https://example.org/globmed"), run=RUN)
    return folder


def matter(path):
    head, _, body = path.read_text("utf-8").removeprefix("---\n").partition("\n---\n")
    return yaml.safe_load(head), body


def test_the_front_matter_is_the_hub_s_own(out):
    hub = pytest.importorskip("huggingface_hub")
    seen = 0
    for path in sorted(out.rglob("README.md")):
        card = hub.DatasetCard.load(path)
        assert isinstance(card.data, hub.DatasetCardData) and card.data.language and card.data.configs
        assert card.data.to_dict()["size_categories"] == ["n<1K"] and card.text.strip().startswith("# GlobMed")
        seen += 1
    assert seen == 3 * (1 + len(SETS))
    data = hub.DatasetCard.load(out / "hub" / "medqa" / "README.md").data
    assert set(data.language) == set(CODES) and data.license == "mit"
    assert (data.task_categories, data.task_ids) == (["multiple-choice"], ["multiple-choice-qa"])
    whole = hub.DatasetCard.load(out / "hub" / "README.md").data
    assert whole.license == "other" and whole.to_dict()["license_link"] == "LICENCES.md"


def test_every_configuration_names_files_that_are_there_and_no_others(out):
    for layout in ("hub", "parquet", "chat"):
        for path in (out / layout).rglob("README.md"):
            head, _ = matter(path)
            named = []
            for config in head["configs"]:
                for part in config["data_files"]:
                    named += [part["path"]] if isinstance(part["path"], str) else part["path"]
            there = {one.relative_to(path.parent).as_posix() for one in path.parent.rglob("*") if len(one.suffix) > 3}
            there -= {name for name in there if name.endswith("croissant.json")}
            assert sorted(named) == sorted(there) and named
            assert [one["config_name"] for one in head["dataset_info"]] == [
                one["config_name"] for one in head["configs"]
            ]


def test_the_figures_of_the_card_are_those_of_the_entries(out):
    _, text = matter(out / "hub" / "README.md")
    assert "| MedQA (USMLE) (`medqa`) | mcq | 60 | 15 | ar en ja sw | train 12, dev 16, test 32 | 60 | MIT |" in text
    sw = languages.get("sw").name
    assert f"| {sw} (`sw`) | 57 | 0 | 57 | 57 |" in text and "| English (`en`) | 57 | 57 | 0 | 0 |" in text
    assert "| m\\|x | `ab12` | 169 |" in text
    assert "- accepted: 57 entries\n- not reviewed: 169 entries\n" in text
    assert "1. **ingest**: 228 entries kept, 3 dropped\n   dropped because of: image_needed 3\n" in text
    assert "   - `numbers.threshold` = `0.5`" in text
    assert "| medqa | numbers | 45 | ok=False 45, seen=(text) 45, severity=flag 45 |" in text
    assert "Jin et al. 2021, What Disease does this Patient Have?" in text and "arXiv:2601.02186" in text


def test_the_gaps_are_told(out):
    _, text = matter(out / "hub" / "README.md")
    gaps = text.partition("## Known gaps")[2].partition("## Licences")[0]
    assert "of the 12 languages of the paper: Chinese (zh), Korean (ko)," in gaps and "Zulu (zu)." in gaps
    assert "pubmedqa: of its 8 items these are missing in a language: ja 2." in gaps
    assert "169 of 226 entries are machine translation; people have looked at 57 entries in all." in gaps
    assert "No manifest of a run" not in gaps
    _, chat = matter(out / "chat" / "README.md")
    assert "The native words of the prompts are machine-written" in chat


def test_a_card_without_a_run_says_so(tmp_path):
    export(
        [replace(o, translator="m") for o in sample(("medqa",), ("sw",))], tmp_path / "out", Config(layouts=("hub",))
    )
    _, text = matter(tmp_path / "out" / "hub" / "README.md")
    assert "No manifest of a run came with these entries: which stages" in text
    assert "No automatic check of the translations is recorded." in text


def test_a_set_that_the_catalog_does_not_know(tmp_path):
    few = [replace(one, source="my_exam", licence="CC BY 4.0") for one in sample(("medqa",), ("en",))]
    export(few, tmp_path / "out", Config(name="Mine"))
    head, text = matter(tmp_path / "out" / "hub" / "my_exam" / "README.md")
    assert head["pretty_name"] == "Mine my_exam" and head["license"] == "cc-by-4.0"
    assert "my_exam: not a set of the project's catalog" in text and "ask whoever gave them" in text


def test_the_manifests_of_a_run_are_found_in_order(tmp_path):
    for number, stage in ((0, "ingest"), (2, "split"), (10, "check"), (1, "normalize")):
        done = shards.ShardManifest(stage, {"x": number}, (), (), {}, "globmed")
        shards.write_manifest(tmp_path / "run" / "stages" / f"{number}-{stage}", done)
    shards.write_manifest(tmp_path / "run", shards.ShardManifest("run", {}, (), (), {}, "globmed"))
    assert [one["stage"] for one in run_of([tmp_path / "run"])] == ["ingest", "normalize", "split", "check"]
    assert [one["stage"] for one in run_of([tmp_path / "run" / "stages" / "2-split"])] == ["split"]
    assert run_of([tmp_path / "file.jsonl"]) == []


# ---- Croissant


def test_mlcroissant_reads_every_file_without_error_and_finds_the_rows(out):
    mlcroissant = pytest.importorskip("mlcroissant")
    paths = sorted(out.rglob(croissant.NAME))
    assert len(paths) == 2 * (1 + len(SETS))
    for path in paths:
        assert croissant.validate(path) == []
    found = mlcroissant.Dataset(jsonld=str(out / "parquet" / "medqa" / croissant.NAME))
    rows = list(found.records("medqa"))
    assert len(rows) == 60 and {row["medqa/language"].decode() for row in rows} == set(CODES)
    by_id = {one.id: one for one in sample(("medqa",))}
    for row in rows:
        one = by_id[row["medqa/entry_id"].decode()]
        assert row["medqa/question"].decode() == one.question
        assert tuple(option.decode() for option in row["medqa/options"]) == one.options
    assert len(list(mlcroissant.Dataset(jsonld=str(out / "hub" / croissant.NAME)).records("bionli"))) == 28
    assert found.metadata.data_biases and found.metadata.personal_sensitive_information
    assert found.metadata.machine_annotation_tools == ["translation: m|x", "check: numbers"]


def test_the_responsible_ai_fields_say_what_is_known_and_files_have_their_hash(out):
    made = json.loads((out / "hub" / croissant.NAME).read_text("utf-8"))
    assert made["conformsTo"] == ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"]
    assert {name for name in made if name.startswith("rai:")} >= {
        "rai:dataCollection", "rai:dataCollectionMissingData", "rai:dataPreprocessingProtocol", "rai:dataBiases",
        "rai:dataLimitations", "rai:dataUseCases", "rai:dataSocialImpact", "rai:personalSensitiveInformation",
        "rai:annotatorDemographics", "rai:dataReleaseMaintenancePlan",
    }  # fmt: skip
    assert made["rai:annotatorDemographics"] == made["rai:dataReleaseMaintenancePlan"] == "unknown"
    assert "check: numbers.severity=drop, numbers.threshold=0.5" in made["rai:dataPreprocessingProtocol"]
    assert "57 of 226 entries" in made["rai:dataAnnotationProtocol"]
    listed = [one for one in made["distribution"] if one["@type"] == "cr:FileObject"]
    assert len(listed) == len(SETS) * len(CODES) * 3 - 1
    for one in listed:
        assert one["sha256"] == hashlib.sha256((out / "hub" / one["contentUrl"]).read_bytes()).hexdigest()
    assert "https://spdx.org/licenses/MIT.html" in made["license"]


def test_a_broken_croissant_file_and_a_missing_validator_are_one_line(tmp_path, monkeypatch):
    path = tmp_path / croissant.NAME
    if pytest.importorskip("mlcroissant"):
        path.write_text('{"@context": {}, "@type": "sc:Dataset"}')
        with pytest.raises(GlobmedError, match="not valid Croissant"):
            croissant.validate(path)
    monkeypatch.setitem(__import__("sys").modules, "mlcroissant", None)
    with pytest.raises(GlobmedError, match="mlcroissant is not installed, so nothing was validated. Run: pip install"):
        croissant.validate(path)
