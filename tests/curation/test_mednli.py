"""The MedNLI adapter on small self-written files; nothing here comes from the credentialed set."""

import json

import pytest
from globmed_curation.ingest import ingest
from globmed_curation.sources import mednli
from globmed_curation.sources.common import Drop

from globmed_tools import catalog
from globmed_tools.errors import GlobmedError

FILE = "mli_dev_v1.jsonl"


def pair(key="p1", label="entailment", **changes):
    row = {"pairID": key, "sentence1": "He walks daily.", "sentence2": f"He can walk {key}.", "gold_label": label}
    return row | {"sentence1_parse": "(ROOT)", "sentence2_parse": "(ROOT)"} | changes


def read(*paths, language=None, split=None):
    return list(mednli.read(list(paths), language=language, split=split))


def test_premise_is_the_context_and_hypothesis_the_question(jsonl):
    rows = [pair("p1"), pair("p2", "neutral", sentence1="  Cafe\u0301. "), pair("p3", "contradiction")]
    found = read(jsonl(FILE, rows))
    assert [one.label for one in found] == ["entailment", "neutral", "contradiction"]
    assert (found[0].context, found[0].question) == ("He walks daily.", "He can walk p1.")
    assert (found[1].context, found[1].locator) == ("Caf\u00e9.", f"{FILE}:2")
    assert {(one.form, one.language, one.split, one.options) for one in found} == {("nli", "en", "dev", ())}
    assert {one.licence for one in found} == {catalog.get("mednli").licence}
    assert len({one.group_id for one in found}) == 3


def test_split_is_the_file_name_s_or_the_caller_s(jsonl):
    names = {"mli_train_v1.jsonl": "train", "mli_dev_v1.jsonl": "dev", "mli_test_v1.jsonl": "test"}
    assert set(names) == set(mednli.PATTERNS)
    assert {name: read(jsonl(name, [pair()]))[0].split for name in names} == names
    other = jsonl("mine.jsonl", [pair()])
    with pytest.raises(GlobmedError, match="mine.jsonl: the file's name tells no split. Say --split"):
        read(other)
    assert [(one.split, one.language) for one in read(other, split="test", language="sw")] == [("test", "sw")]


def test_what_cannot_be_used_is_dropped_with_its_evidence(jsonl):
    rows = [
        pair("p1", "-"),
        pair("p2", ""),
        pair("p3", None),
        pair("p4", "maybe"),
        pair("p5", sentence1=" "),
        pair("p6", sentence2=""),
    ]
    found = read(jsonl(FILE, rows))
    assert [(one.reason, one.evidence, one.locator, one.key) for one in found if isinstance(one, Drop)] == [
        ("no_gold", "gold_label '-'", f"{FILE}:1", "p1"),
        ("no_gold", "", f"{FILE}:2", "p2"),
        ("no_gold", "", f"{FILE}:3", "p3"),
        ("unknown_label", "maybe", f"{FILE}:4", "p4"),
        ("empty_context", "", f"{FILE}:5", "p5"),
        ("empty_question", "", f"{FILE}:6", "p6"),
    ]
    assert len(found) == 6


GOOD = json.dumps(pair()).encode() + b"\n"
BAD_FILES = [
    (GOOD + b"\n" + GOOD[:40], r"mli_dev_v1.jsonl, line 3: not valid JSON"),
    (b" \n", r"mli_dev_v1.jsonl: the file is empty"),
    (b"[]", r"mli_dev_v1.jsonl: holds no items"),
    (b"3\n", r"line 1: a JSON object was expected, found 3"),
    (GOOD + GOOD.replace(b'"gold_label"', b'"label"'), r"line 2: no field 'gold_label'; found: pairID, sentence1"),
    (GOOD.replace(b'"pairID"', b'"id"'), r"line 1: no field 'pairID'"),
    (GOOD.replace(b'"p1"', b'""'), r"line 1: pairID is empty"),
    (GOOD.replace(b'"p1"', b"7"), r"line 1: pairID should be text, found 7"),
]


@pytest.mark.parametrize("content, message", BAD_FILES)
def test_a_bad_file_is_named_with_its_line(tmp_path, content, message):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(GlobmedError, match=message):
        read(tmp_path / FILE)


def test_ingest_drops_the_second_item_of_one_pair_id(jsonl, tmp_path):
    folder = jsonl(FILE, [pair("p1"), pair("p1", "neutral"), pair("p2")]).parent
    jsonl("mli_test_v1.jsonl", [pair("p9")])
    jsonl("mednli_bionlp_shared_task.jsonl", [{"pairID": "x"}])
    summary = ingest("mednli", [folder], tmp_path / "out")
    assert summary.kept == {("en", "dev"): 2, ("en", "test"): 1}
    assert summary.dropped == {"repeated_key": 1}
