"""A file that is not what it should be: the message names file and line, and nothing is written."""

import json

import pytest
from globmed_curation.ingest import ingest

from globmed_tools.errors import GlobmedError
from tests.curation.originals import medmcqa, medqa, pubmed

GOOD = json.dumps(medqa()).encode() + b"\n"
BAD_FILES = [
    ("medqa", "test.jsonl", GOOD + b"\n" + GOOD[:40], r"test.jsonl, line 3: not valid JSON"),
    ("medqa", "test.jsonl", b" \n", r"test.jsonl: the file is empty"),
    ("medqa", "test.jsonl", b"[]", r"test.jsonl: holds no items"),
    ("medqa", "test.jsonl", b"[1]", r"test.jsonl, item 1: a JSON object was expected, found 1"),
    (
        "medqa",
        "test.jsonl",
        GOOD.replace(b'"question"', b'"stem"'),
        r"line 1: no field 'question'; found: stem, answer, options",
    ),
    ("medqa", "test.jsonl", GOOD.replace(b'"Which vein?"', b"true"), r"line 1: question should be text, found true"),
    ("medqa", "other.jsonl", GOOD, r"other.jsonl: the file's name tells no split. Say --split"),
    (
        "medmcqa",
        "dev.json",
        json.dumps(medmcqa(cop="x")).encode(),
        r"line 1: cop should be a whole number, found \"x\"",
    ),
    ("headqa", "dev_HEAD.json", b'{"language": "en",\n "exams": {"a"', r"dev_HEAD.json, line 2: not valid JSON"),
    (
        "headqa",
        "dev_HEAD.json",
        b'{"language": "en", "exams": {"E": 3}}',
        r"exam E: a JSON object was expected, found 3",
    ),
    ("headqa", "dev_HEAD.json", b"\xff\xfe{", r"dev_HEAD.json: not UTF-8 at byte"),
    ("pubmedqa", "ori_pqal.json", b'{"7": {"QUESTION": "?"},\n "7": {}}', r"ori_pqal.json: the key '7' stands twice"),
    ("pubmedqa", "ori_pqal.json", b"[]", r"one JSON object was expected, found an empty list"),
    ("pubmedqa", "ori_pqal.json", b'{"7": ["?"]}', r"PMID 7 holds neither a question nor a label"),
    ("mmlu_pro", "a.zip", b"PK\x03\x04 cut", r"a.zip: not a readable zip archive"),
    ("mmlu_pro", "a.parquet", b"PAR1 cut", r"a.parquet: not a readable Parquet file"),
]


@pytest.mark.parametrize("name, file, content, message", BAD_FILES)
def test_a_bad_file_is_named_with_its_line_and_nothing_is_written(tmp_path, name, file, content, message):
    (tmp_path / file).write_bytes(content)
    with pytest.raises(GlobmedError, match=message):
        ingest(name, [tmp_path / file], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_half_a_surrogate_pair_is_an_error_not_a_crash(tmp_path):
    (tmp_path / "ori_pqal.json").write_text(json.dumps({"1": pubmed() | {"QUESTION": "\ud83d?"}}))
    with pytest.raises(GlobmedError, match=r"PMID 1: broken character '\\ud83d'"):
        ingest("pubmedqa", [tmp_path], tmp_path / "out")
