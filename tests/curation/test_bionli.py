"""The BioNLI adapter on small self-written files in the columns that a third party's reader asks for."""

import csv
import json

import pytest
from globmed_curation.ingest import ingest
from globmed_curation.sources import bionli
from globmed_curation.sources.common import Drop

from globmed_tools import catalog
from globmed_tools.entry import Entry, group_id
from globmed_tools.errors import GlobmedError

HEADER = ("pmid", "supp_set", "conclusion", "label_cat")
ROWS = [
    ("11", 'We gave "A",\nthen B rose.', "A raises B.", "pos"),
    ("12", "C fell.", "C falls.", "pos"),
    ("11", 'We gave "A",\nthen B rose.', "A lowers B.", "neg"),
]


def row(pmid=11, premise="B rose.", hypothesis="A raises B.", label="pos"):
    return dict(zip(HEADER, (pmid, premise, hypothesis, label)))


def table(path, rows=ROWS, header=HEADER):
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream, delimiter="\t" if path.suffix == ".tsv" else ",").writerows([header, *rows])
    return path


def read(*paths, language=None, split=None):
    return list(bionli.read(list(paths), language=language, split=split))


def test_the_three_kinds_of_file_give_the_same_items(tmp_path, jsonl):
    objects = [dict(zip(HEADER, (int(cells[0]), *cells[1:]))) for cells in ROWS]
    tables = [(table(tmp_path / name), (2, 4, 5)) for name in ("train.csv", "train.tsv")]
    for path, starts in [*tables, (jsonl("train.jsonl", objects), (1, 2, 3))]:
        found = read(path)
        assert [one.locator for one in found] == [f"{path.name}:{start}" for start in starts]
        assert [one.label for one in found] == ["entailment", "entailment", "contradiction"]
        assert [one.group_id for one in found] == [group_id("bionli", key) for key in ("11/1", "12/1", "11/2")]
        assert (found[0].context, found[0].question) == ('We gave "A",\nthen B rose.', "A raises B.")
        assert (found[2].form, found[2].language, found[2].split) == ("nli", "en", "train")
        assert found[2].licence == catalog.get("bionli").origin


def test_further_columns_are_ignored_and_the_caller_s_word_counts(tmp_path):
    path = table(tmp_path / "x.csv", [("0", "neutral", "A?", "B.", "7")], ("", *reversed(HEADER)))
    with pytest.raises(GlobmedError, match="x.csv: the file's name tells no split. Say --split"):
        read(path)
    assert [one.label + one.split + one.language for one in read(path, split="dev", language="sw")] == ["neutraldevsw"]


def test_each_file_may_have_its_own_vocabulary(jsonl):
    words = [row(n, label=label) for n, label in enumerate(("entailment", "neutral", "contradiction"))]
    found = read(jsonl("test.jsonl", words), jsonl("train.jsonl", [row(), row(12, label="neg")]))
    assert [one.label[0] for one in found] == ["e", "n", "c", "e", "c"]


@pytest.mark.parametrize("labels", [("pos", "neg", "entailment"), ("Pos",), ("0", "1"), ("pos", "PDL")])
def test_labels_beyond_one_vocabulary_are_listed_not_guessed(jsonl, labels):
    path = jsonl("test.jsonl", [row(n, label=label) for n, label in enumerate(labels)])
    with pytest.raises(GlobmedError, match=f"test.jsonl: label_cat holds {str(sorted(labels))[1:-1]}; .* or pos/neg"):
        read(path)
    with pytest.raises(GlobmedError, match="'s119' and 5 more; all must be"):
        read(jsonl("test.jsonl", [row(label=f"s{n}") for n in range(100, 125)]))


def test_what_cannot_be_used_is_dropped_and_counted_in_the_key(jsonl):
    rows = [row(label=""), row(premise=" ", label="neg"), row(hypothesis=None), row(12), row(12)]
    rows += [row(13, label="pos"), row(13, label="neg"), row(11, "D fell.")]
    found = read(jsonl("dev.jsonl", rows))
    assert [(one.reason, one.evidence, one.locator, one.key) for one in found if isinstance(one, Drop)] == [
        ("no_gold", "", "dev.jsonl:1", "11/1"),
        ("empty_context", "", "dev.jsonl:2", "11/2"),
        ("empty_question", "", "dev.jsonl:3", "11/3"),
        ("repeated_pair", "dev.jsonl:4", "dev.jsonl:5", "12/2"),
        ("gold_conflict", "'neg', 'pos'", "dev.jsonl:6", "13/1"),
        ("gold_conflict", "'neg', 'pos'", "dev.jsonl:7", "13/2"),
    ]
    kept = {one.group_id for one in found if isinstance(one, Entry)}
    assert kept == {group_id("bionli", "12/1"), group_id("bionli", "11/4")}


HEAD = b"pmid,supp_set,conclusion,label_cat\n"
GOOD = json.dumps(row()).encode() + b"\n"
BAD_FILES = [
    ("test.csv", b"", r"test.csv: the file is empty"),
    ("test.csv", HEAD + b"\n", r"test.csv: holds no items"),
    ("test.csv", b"pmid,supp_set,label_cat\n1,a,pos\n", r"line 2: no field 'conclusion'; found: pmid, supp_set"),
    ("test.csv", HEAD.replace(b"supp_set", b"pmid") + b"1,2,b,pos\n", r"line 2: 4 cells under 3 different columns"),
    ("test.csv", HEAD + b'1,"a\nb",c,pos\n\n2,a,b\n', r"test.csv, line 5: 3 cells under 4 different columns"),
    ("test.csv", HEAD + b'1,a,b,pos\n2,"a,b,pos\n', r"test.csv, line 3: not valid CSV"),
    ("test.csv", HEAD + b"1,\xff,b,pos\n", r"test.csv: not UTF-8 at byte"),
    ("test.csv", HEAD + b",a,b,pos\n", r"line 2: pmid is empty"),
    ("test.csv", HEAD + b"PMC7,a,b,pos\n", r"line 2: pmid should be a whole number, found \"PMC7\""),
    ("test.jsonl", b"\n", r"test.jsonl: the file is empty"),
    ("test.jsonl", GOOD + GOOD[:30], r"test.jsonl, line 2: not valid JSON"),
    ("test.jsonl", GOOD.replace(b"label_cat", b"label"), r"line 1: no field 'label_cat'; found: pmid, supp_set"),
]


@pytest.mark.parametrize("file, content, message", BAD_FILES)
def test_a_bad_file_is_named_with_its_line(tmp_path, file, content, message):
    (tmp_path / file).write_bytes(content)
    with pytest.raises(GlobmedError, match=message):
        read(tmp_path / file)


def test_ingest_finds_the_files_of_a_folder(tmp_path):
    (tmp_path / "in").mkdir()
    table(tmp_path / "in" / "train.csv")
    table(tmp_path / "in" / "test.tsv")
    assert ingest("bionli", [tmp_path / "in"], tmp_path / "out").kept == {("en", "test"): 3, ("en", "train"): 3}
