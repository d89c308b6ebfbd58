"""Unknown columns: every shape that is known of is mapped, and nothing is guessed."""

from __future__ import annotations

import json

import pytest

from globmed_tools import catalog, languages
from globmed_tools.bench.probe import read_file, read_rows, rows_of
from globmed_tools.errors import GlobmedError

OPTIONS = ["malaria", "mafua", "surua"]


def mapped(rows, name="medqa", code="sw"):
    return read_rows(rows, catalog.get(name), languages.get(code), "test", where="f.json")


def mcq(**row):
    return {"question": "Ni ugonjwa gani?", **row}


@pytest.mark.parametrize(
    ("rows", "role"),
    [
        ([mcq(options=dict(zip("ABC", OPTIONS)), answer_idx="B", answer="mafua")], "answer_idx (letter)"),
        ([mcq(options=OPTIONS, answer="B")], "answer (letter)"),
        ([mcq(options=OPTIONS, answer="mafua")], "answer (text)"),
        ([mcq(options=OPTIONS, label=1), mcq(options=OPTIONS, label=0)], "label (integer from 0)"),
        ([mcq(options=OPTIONS, cop=2), mcq(options=OPTIONS, cop=3)], "cop (integer from 1)"),
        ([mcq(options=OPTIONS, label="1"), mcq(options=OPTIONS, label="0")], "label (integer from 0)"),
        ([mcq(choices={"text": OPTIONS, "label": list("ABC")}, answer="B")], "answer (letter)"),
        ([mcq(choices=[{"key": "A", "value": one} for one in OPTIONS], answer="B")], "answer (letter)"),
        ([mcq(options=str(dict(zip("ABC", OPTIONS))), answer="B")], "answer (letter)"),
        ([mcq(options=json.dumps(OPTIONS), answer="B")], "answer (letter)"),
        ([mcq(opa=OPTIONS[0], opb=OPTIONS[1], opc=OPTIONS[2], cop=2), mcq(opa="x", opb="y", opc="z", cop=3)],
         "cop (integer from 1)"),
        ([mcq(A=OPTIONS[0], B=OPTIONS[1], C=OPTIONS[2], answer="B")], "answer (letter)"),
        ([{"input": str(mcq(options=dict(zip("ABC", OPTIONS)))), "label": 1},
          {"input": str(mcq(options=dict(zip("ABC", OPTIONS)))), "label": 0}], "label (integer from 0)"),
        ([{"data": mcq(options=OPTIONS, answer="B")}], "answer (letter)"),
    ],
)  # fmt: skip
def test_multiple_choice(rows, role):
    entries, mapping = mapped(rows)
    assert (entries[0].options, entries[0].answers) == (tuple(OPTIONS), (1,))
    assert mapping.roles["gold"] == role
    assert entries[0].locator == "f.json:1"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([mcq(options=OPTIONS, cop=2), mcq(options=OPTIONS, cop=1)], "integers in cop run from 1 to 2.*from 0 or 1"),
        ([mcq(options=OPTIONS, answer="nini")], "neither letter, number nor option text"),
        ([mcq(options=OPTIONS)], "no column for the gold answer .* Found: options, question"),
        (
            [{"swali": "?", "options": OPTIONS, "answer": "A"}],
            "no column for the question .* Found: answer, options, swali",
        ),
        ([mcq(answer="A")], "no column for the options"),
        ([mcq(options=OPTIONS, answer="D")], "row 1: gold out of range .'3 with 3 options'."),
        ([mcq(options=["a", "a"], answer="A")], "row 1: duplicate options"),
        ([mcq(options=["a", ""], answer="A")], "row 1: empty option"),
    ],
)
def test_what_cannot_be_proved_stops(rows, message):
    with pytest.raises(GlobmedError, match=message):
        mapped(rows)


@pytest.mark.parametrize(
    "row",
    [
        {"premise": "p", "hypothesis": "h", "label": "contradiction"},
        {"sentence1": "p", "sentence2": "h", "gold_label": "Contradiction"},
        {"supp_set": "p", "conclusion": "h", "label_cat": "contradiction"},
        {"text": "Premise:\np\n\nHypothesis:\nh", "label": "contradiction"},
        {"text": "前提：\np\n\n假设：\nh", "label": "contradiction"},
    ],
)
def test_nli(row):
    (one,), _ = mapped([row], "bionli")
    assert (one.context, one.question, one.label) == ("p", "h", "contradiction")


def test_labels_in_the_language_itself():
    yes, no = (languages.get("sw").labels[label][0] for label in ("yes", "no"))
    rows = [{"question": "q", "context": ["a", "b"], "final_decision": word} for word in (yes, no)]
    entries, _ = mapped(rows, "pubmedqa")
    assert [one.label for one in entries] == ["yes", "no"] and entries[0].context == "a\nb"


@pytest.mark.parametrize("code", ["sw", "yo", "zu", "en", "ar"])
def test_long_form_in_one_string_with_markers_of_the_language(code):
    ask, answer = languages.get(code).markers
    (one,), _ = mapped([{"text": f"{ask}: homa ni nini?\n{answer}: joto la mwili."}], "liveqa", code)
    assert (one.question, one.reference) == ("homa ni nini?", "joto la mwili.")


def test_long_form_in_columns_and_without_markers():
    (one,), _ = mapped([{"question": "q", "answer": "a"}], "liveqa")
    assert (one.question, one.reference) == ("q", "a")
    with pytest.raises(GlobmedError, match="row 1 lacks the markers Swali and Jibu"):
        mapped([{"text": "homa ni nini?"}], "liveqa")


def test_items_are_paired_across_languages_by_id_or_by_row():
    for extra in ({}, {"id": "q7"}):
        groups = {
            mapped([mcq(options=OPTIONS, answer="B", **extra)], code=code)[0][0].group_id for code in ("sw", "zu")
        }
        assert len(groups) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", '[{"question": "q"}, {"question": "r"}]'),
        ("b.json", '{"question": "q"}\n\n{"question": "r"}\n'),
        ("c.jsonl", '{"question": "q"}\n{"question": "r"}'),
        ("d.csv", "question\nq\nr\n"),
        ("g.csv", 'question,note\nq,"two\nlines"\nr,\n'),
        ("e.json", '{"1": {"question": "q"}, "2": {"question": "r"}}'),
        ("f.json", '{"data": [{"question": "q"}, {"question": "r"}]}'),
    ],
)
def test_file_forms(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    assert [row["question"] for row in rows_of(tmp_path / name, name)] == ["q", "r"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", '[{"question": "q"},\n{"question": ]', "a.json, line 2: not valid JSON"),
        ("b.jsonl", '{"question": "q"}\n{"question": "r', "b.jsonl, line 2: not valid JSON"),
        ("c.json", "", "c.json: the file is empty"),
        ("d.json", "3", "d.json: a list of objects was expected, int found"),
        ("e.parquet", "no parquet", "e.parquet: not a readable Parquet file"),
        ("f.csv", b"question\n\xff\xfe", "f.csv: not a readable table in UTF-8"),
    ],
)
def test_broken_files(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(GlobmedError, match=message):
        read_file(tmp_path / name, catalog.get("medqa"), languages.get("sw"), "test", where=name)
