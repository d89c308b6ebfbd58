"""Licences: read from what sources state, and refused where they may not stand together."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from globmed_curation.export import Config, export, licences

from globmed_tools import catalog
from globmed_tools.errors import GlobmedError
from tests.curation.test_export import sample


@pytest.mark.parametrize(
    ("text", "names", "classes"),
    [
        ("jind11/MedQA, MIT", ["MIT"], ["attribution"]),
        ("aghie/head-qa, MIT; its English is machine translation", ["MIT"], ["attribution"]),
        ("TIGER-AI-Lab/MMLU-Pro, repository Apache-2.0, data card MIT", ["MIT", "Apache 2.0"], ["attribution"]),
        ("built on Antidote CasiMedicos, CC BY 4.0", ["CC BY 4.0"], ["attribution"]),
        ("CC-BY-NC-SA 3.0", ["CC BY-NC-SA 3.0"], ["non-commercial", "share-alike"]),
        ("cc-by-sa-4.0", ["CC BY-SA 4.0"], ["share-alike"]),
        ("https://creativecommons.org/licenses/by-nd/4.0/", ["CC BY-ND"], ["no-derivatives"]),
        ("CC BY-NC 4.0 and MIT", ["CC BY-NC 4.0", "MIT"], ["non-commercial", "attribution"]),
        ("for non-commercial use", ["CC BY-NC"], ["non-commercial"]),
        ("CC0 1.0", ["CC0 1.0"], ["public-domain"]),
        ("GPLv3", ["GNU GPL family"], ["share-alike"]),
        ("BioNLI, licence unknown", ["unknown"], ["unknown"]),
        ("MIT on the hub, of the original unknown", ["MIT", "unknown"], ["unknown", "attribution"]),
        ("", ["unknown"], ["unknown"]),
        ("permitted by the submitter, committed", ["unknown"], ["unknown"]),
        ("All rights reserved", ["unknown"], ["unknown"]),
        ("PhysioNet credentialed health data licence", ["credentialed access (data use agreement)"], ["credentialed"]),
    ],
)  # fmt: skip
def test_what_sources_state_is_read_and_nothing_is_guessed(text, names, classes):
    found = licences.classify(text)
    assert (list(found.names), list(found.classes)) == (names, classes)


def test_versions_go_into_the_hub_s_identifier_and_are_not_invented():
    assert licences.classify("CC BY-SA 3.0").ids == ("cc-by-sa-3.0",)
    assert licences.classify("CC BY").ids == ("cc",)
    assert licences.classify("MIT").ids == ("mit",)


def test_every_set_of_the_catalog_has_a_class_and_mednli_alone_is_credentialed():
    found = {name: licences.classify(one.origin).classes for name, one in catalog.table().items()}
    assert {name for name, classes in found.items() if "credentialed" in classes} == {"mednli"}
    assert {name for name, classes in found.items() if "unknown" in classes} == {"bionli", "liveqa"}
    assert len(found) >= 11 and all(found.values())


def test_the_table_names_only_its_own_classes():
    table = licences.table()
    known = set(table["class"])
    assert known == {
        "public-domain",
        "attribution",
        "share-alike",
        "non-commercial",
        "no-derivatives",
        "credentialed",
        "unknown",
    }
    assert all(one["class"] in known and one.get("also", one["class"]) in known for one in table["licence"])
    assert all(part in {*known, "*"} for rule in table["conflict"] for part in rule["pair"])


@pytest.mark.parametrize(
    ("stated", "pair"),
    [
        ({"a": ["CC BY-SA 4.0"], "b": ["MIT"]}, ("share-alike", "attribution")),
        ({"a": ["CC BY-SA 4.0"], "b": ["CC0 1.0"]}, ("share-alike", "public-domain")),
        ({"a": ["CC BY-SA 4.0"], "b": ["CC BY-NC 4.0"]}, ("share-alike", "non-commercial")),
        ({"a": ["CC BY-SA 4.0"], "b": ["CC BY-SA 3.0"]}, ("share-alike", "share-alike")),
        ({"a": ["CC BY-SA 4.0", "MIT"]}, ("share-alike", "attribution")),
        ({"a": ["CC BY-ND 4.0"], "b": ["MIT"]}, ("no-derivatives", "*")),
        ({"a": ["licence unknown"], "b": ["MIT"]}, ("unknown", "*")),
        ({"a": ["CC BY-SA 4.0"], "b": ["CC BY-SA 4.0"]}, None),
        ({"a": ["CC BY 4.0"], "b": ["MIT"], "c": ["CC0 1.0"]}, None),
        ({"a": ["CC BY-NC 4.0"], "b": ["MIT"]}, None),
        ({"a": ["licence unknown"]}, None),
    ],
)
def test_what_may_not_stand_under_one_licence(stated, pair):
    found = licences.judge(stated)
    assert [one.classes for one in found.conflicts] == ([pair] if pair else [])
    if pair:
        assert set(found.conflicts[0].sets) == set(stated)


def test_the_licence_of_the_whole():
    assert licences.judge({"a": ["MIT"], "b": ["x, MIT"]}).licence == "mit"
    both = licences.judge({"a": ["MIT"], "b": ["CC BY-NC 4.0"]})
    assert (both.licence, both.strictest) == ("other", "non-commercial")


def _export(tmp_path, licence: dict[str, str], **config):
    few = [replace(one, licence=licence[one.source]) for one in sample(tuple(licence), ("en",))]
    return export(few, tmp_path / "out", Config(**{"layouts": ("hub",), **config}))


def test_an_unknown_licence_needs_leave_and_the_sets_are_named(tmp_path):
    stated = {"bionli": "BioNLI, licence unknown", "medqa": "MIT"}
    with pytest.raises(
        GlobmedError, match=r"licence unknown .*: bionli \(BioNLI, licence unknown\)\. .*--allow-licence unknown"
    ):
        _export(tmp_path, stated)
    with pytest.raises(GlobmedError, match="licence unknown"):
        _export(tmp_path, stated, mix=True)
    assert not (tmp_path / "out").exists()
    _export(tmp_path, stated, allow_licence=("unknown",))
    report = json.loads((tmp_path / "out" / "licences.json").read_bytes())
    assert report["allowed"] == ["unknown"] and "no legal advice" in report["notice"]
    assert [(one["set"], one["classes"]) for one in report["sets"]] == [
        ("bionli", ["unknown"]),
        ("medqa", ["attribution"]),
    ]
    text = (tmp_path / "out" / "LICENCES.md").read_text("utf-8")
    assert "no legal advice" in text and "| bionli | BioNLI, licence unknown | unknown | unknown |" in text


def test_share_alike_beside_another_licence_needs_mix_and_is_then_told(tmp_path):
    stated = {"bionli": "CC BY-SA 4.0", "medqa": "MIT"}
    with pytest.raises(GlobmedError, match="share-alike with attribution .*bionli .CC BY-SA 4.0., medqa .MIT.*--mix"):
        _export(tmp_path, stated)
    summary = _export(tmp_path, stated, mix=True)
    assert summary.warnings == [
        "licences of bionli, medqa may not stand under one: each set keeps its own (LICENCES.md)."
    ]
    assert "**each set keeps its own licence**" in (tmp_path / "out" / "hub" / "LICENCES.md").read_text("utf-8")
    assert "\nlicense: other\nlicense_name: per-set licences\n" in (tmp_path / "out/hub/README.md").read_text("utf-8")
    for name, wanted in (("bionli", "cc-by-sa-4.0"), ("medqa", "mit")):
        assert f"\nlicense: {wanted}\n" in (tmp_path / f"out/hub/{name}/README.md").read_text("utf-8")


def test_no_derivatives_forbids_translations_only(tmp_path):
    english = [replace(one, licence="CC BY-ND 4.0") for one in sample(("medqa",), ("en",))]
    export(english, tmp_path / "en", Config(layouts=("hub",)))
    swahili = [replace(one, translator="model") for one in sample(("medqa",), ("sw",))]
    swahili = [replace(one, licence="CC BY-ND 4.0") for one in swahili]
    with pytest.raises(GlobmedError, match="licence no-derivatives .*: medqa"):
        export([*english, *swahili], tmp_path / "sw", Config(layouts=("hub",)))


def test_mednli_is_credentialed_whatever_its_entries_state(tmp_path):
    few = [replace(one, source="mednli", licence="MIT") for one in sample(("bionli",), ("en",))]
    with pytest.raises(GlobmedError, match="licence credentialed .*mednli"):
        export(few, tmp_path / "out", Config(layouts=("hub",)))
    few = [replace(one, licence=catalog.get("mednli").licence) for one in few]
    summary = export(few, tmp_path / "out", Config(layouts=("hub",), allow_licence=("credentialed",)))
    assert summary.warnings == [
        "mednli: under a data use agreement; keep this folder to yourself. It cannot be pushed."
    ]
