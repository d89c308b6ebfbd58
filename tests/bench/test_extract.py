"""Answers are read as a careful reader would read them, in every language; none is invented."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from globmed_tools import languages
from globmed_tools.bench.extract import read
from globmed_tools.bench.folding import visible

CORPUS = Path(__file__).with_name("replies")
HELD_OUT = Path(__file__).with_name("replies_held_out")
CODES = languages.codes()


def replies(code: str, corpus: Path = CORPUS) -> list[dict]:
    return [json.loads(line) for line in (corpus / f"{code}.jsonl").read_text("utf-8").splitlines()]


def misread(corpus: Path) -> tuple[list, int]:
    wrong, total = [], 0
    for code in CODES:
        for row in replies(code, corpus):
            found = read(row["reply"], languages.get(code), row["form"], row["options"])
            total += 1
            if found.index != row["gold"]:
                wrong.append((row["id"], row["gold"], found))
    return wrong, total


def test_the_corpus_is_large_enough():
    assert sorted(path.stem for path in CORPUS.glob("*.jsonl")) == sorted(CODES)
    for code in CODES:
        carrying = Counter(row["gold"] is not None for row in replies(code))
        assert carrying[True] >= 25 and carrying[False] >= 5, code


@pytest.mark.parametrize("code", CODES)
def test_no_answer_is_invented(code):
    for row in replies(code):
        if row["gold"] is None:
            found = read(row["reply"], languages.get(code), row["form"], row["options"])
            assert found.index is None, (row["id"], found)


def test_at_least_99_percent_are_read_right():
    wrong, total = misread(CORPUS)
    assert total >= 17 * 30 and len(wrong) <= 0.01 * total, wrong


def test_held_out_replies_are_read_nearly_as_well():
    wrong, total = misread(HELD_OUT)
    assert total == 17 * 12 and len(wrong) <= 0.03 * total, wrong
    assert not [one for one in wrong if one[1] is None], wrong


OPTIONS = ["aspirin", "warfarin", "heparin", "insulin"]


@pytest.mark.parametrize(
    ("reply", "code", "index"),
    [
        ("**Antwort: A**ntwort: C", "de", 2),
        ("**Answer: C**\n\nExplanation: A is wrong because of bleeding.", "en", 2),
        ("The answer is B... wait, no. The answer is D.", "en", 3),
        ("B\n\nQuestion: What is next?\nA. x\nAnswer: C", "en", 1),
        ("<think>It must be A</think>B", "en", 1),
        ("It must be A</think>\nB", "en", 1),
        ("<think>It must be A", "en", None),
        ("<|channel|>analysis<|message|>A or B<|end|><|start|>assistant<|channel|>final<|message|>B", "en", 1),
        ("Answer: F", "en", None),
        ("B and D", "en", None),
        ("Either A or C.", "en", None),
        ("", "en", None),
        ("答案是Ｃ。", "zh", 2),
        ("正解は【B】です。", "ja", 1),
        ("Jibu ni heparin.", "sw", 2),
        ("A patient with pain. Vitamin C and hepatitis B do not matter here.", "en", None),
        (r"So \boxed{\text{D}}", "en", 3),
        ('{"answer": "C"}', "en", 2),
    ],
)
def test_single_cases(reply, code, index):
    assert read(reply, languages.get(code), "mcq", OPTIONS).index == index


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("<think>a</think> b", "b"),
        ("<THINK>a", ""),
        ("[THINK]a[/THINK]b", "b"),
        ("a</thinking>b", "b"),
        ("b <think>c", "b"),
    ],
)
def test_reasoning_is_no_reply(reply, text):
    assert visible(reply) == text
