"""The bundled sample: parallel in every language of the table, all forms, and what makes medicine hard."""

from __future__ import annotations

import json
from collections import Counter

import pytest
import regex

from globmed_tools import languages, resources
from globmed_tools.bench import load
from globmed_tools.entry import problem

CODES = languages.codes()
COPIED = ("group", "split", "form", "answers", "label", "subject")


def rows(code: str) -> list[dict]:
    return [json.loads(line) for line in (resources.sample() / f"{code}.jsonl").read_text("utf-8").splitlines()]


def test_there_is_one_file_a_language():
    assert sorted(path.stem for path in resources.sample().glob("*.jsonl")) == sorted(CODES)


def test_groups_splits_and_forms():
    english = rows("en")
    assert len({row["group"] for row in english}) == len(english) == 42
    assert Counter(row["split"] for row in english) == {"test": 24, "dev": 10, "train": 8}
    assert {row["form"] for row in english} == {"mcq", "nli", "yesno", "longform"}
    assert {len(row["options"]) for row in english if row["form"] == "mcq"} == {4, 5, 10}
    assert sum(row["context"] is not None for row in english if row["form"] == "mcq") >= 2
    for form, labels in languages.LABELS.items():
        assert {row["label"] for row in english if row["form"] == form} == set(labels)


@pytest.mark.parametrize("code", CODES)
def test_parallel_and_usable(code):
    for ours, english in zip(rows(code), rows("en"), strict=True):
        assert {name: ours[name] for name in COPIED} == {name: english[name] for name in COPIED}
        assert len(ours["options"]) == len(english["options"]) == len(set(ours["options"]))
        for name in ("question", "context", "reference", "rationale"):
            assert bool(ours[name]) == bool(english[name])
            if code != "en" and ours[name]:
                assert ours[name] != english[name], (ours["group"], name)


@pytest.mark.parametrize("code", CODES)
def test_no_number_was_changed_by_translation(code):
    def numbers(row):
        text = " ".join(str(row[name] or "") for name in ("question", "context", "options", "reference", "rationale"))
        return Counter(found.replace(",", ".") for found in regex.findall(r"\d+(?:[.,]\d+)*", text))

    for ours, english in zip(rows(code), rows("en"), strict=True):
        assert numbers(ours) == numbers(english), ours["group"]


def test_units_and_negations_are_there():
    texts = [" ".join([row["question"], row["context"] or "", *row["options"]]) for row in rows("en")]
    units = r"\d\s?(?:mg|mL|°C|mmHg|kg|%|µg|mmol/L|hours)"
    assert sum(bool(regex.search(units, text)) for text in texts) >= 14
    assert sum(bool(regex.search(r"\b(?:not|NOT|no|without|never)\b", text)) for text in texts) >= 8


@pytest.mark.parametrize("name", ["medqa", "mmlu_pro", "pubmedqa", "bionli", "mednli", "liveqa"])
def test_it_stands_in_for_every_set_in_every_language(name):
    groups = set()
    for code in CODES:
        parts = load.available("sample", name, code)
        assert {"test", "dev"} <= set(parts)
        entries = [one for split in parts for one in load.load("sample", name, code, split)]
        assert not [problem(one) for one in entries if problem(one)]
        assert all("machine-written" in one.tags["note"] for one in entries)
        groups.add(tuple(one.group_id for one in entries))
    assert len(groups) == 1
