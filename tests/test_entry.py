"""Entry: its ids, and what makes it unusable."""

from __future__ import annotations

import pytest

from globmed_tools import entry

BASE = dict(
    source="medqa", split="test", form="mcq", language="en", key="7", question="Which one?", options=["a", "b"],
    answers=[1], locator="test.jsonl:7", licence="MIT",
)  # fmt: skip


def made(**changes) -> entry.Entry:
    return entry.make(**{**BASE, **changes})


def test_ids_are_stable_across_machines_and_runs():
    assert made().id == "f0b7fdb7dbcecbfe8b12592e4612ecbd"
    assert made().id == made(split="dev", locator="x", licence="y", source="other", tags={"year": 2020}).id
    assert made().group_id == made(language="sw", question="Lipi?").group_id


@pytest.mark.parametrize(
    "change",
    [{"question": "Which two?"}, {"options": ["b", "a"]}, {"answers": [0]}, {"language": "sw"}, {"context": "c"}],
)
def test_other_content_has_another_id(change):
    assert made(**change).id != made().id


def test_the_boundary_between_fields_counts():
    assert made(options=["ab", "c"]).id != made(options=["a", "bc"]).id


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"question": " "}, "empty_question"),
        ({"options": ["a"]}, "too_few_options"),
        ({"options": ["a", ""]}, "empty_option"),
        ({"options": ["a", "a "]}, "duplicate_options"),
        ({"answers": []}, "no_gold"),
        ({"answers": [2]}, "gold_out_of_range"),
        ({"answers": [-1]}, "gold_out_of_range"),
        ({"form": "essay"}, "unknown_form"),
        ({"form": "yesno", "options": [], "answers": [], "context": "c"}, "no_gold"),
        ({"form": "yesno", "options": [], "answers": [], "context": "c", "label": "entailment"}, "unknown_label"),
        ({"form": "nli", "options": [], "answers": [], "label": "neutral"}, "empty_context"),
        ({"form": "longform", "options": [], "answers": []}, "empty_reference"),
    ],
)
def test_unusable_entries_say_why(change, reason):
    assert entry.problem(made(**change))[0] == reason


def test_usable_entries_have_no_problem():
    assert entry.problem(made()) is None
    assert entry.problem(made(form="nli", options=[], answers=[], context="p", label="neutral")) is None


def test_a_translation_is_an_entry_of_its_own_that_knows_its_original():
    one = made()
    swahili = entry.translation(one, "sw", translator="t", question="Swali?", options=["a", "b"])
    assert swahili.id == made(language="sw", question="Swali?", options=["a", "b"]).id != one.id
    assert (swahili.translated_from, swahili.group_id, swahili.answers) == (one.id, one.group_id, one.answers)
    with pytest.raises(ValueError, match="2 options expected, 1 given"):
        entry.translation(one, "sw", translator="t", question="Swali?", options=["a"])
    with pytest.raises(ValueError, match="options, question expected, question given"):
        entry.translation(one, "sw", translator="t", question="Swali?")


def test_dict_round_trip():
    one = made(tags={"year": 2020, "empty": ""})
    assert entry.from_dict(entry.to_dict(one)) == one and one.tags == {"year": "2020"}
    older = {key: value for key, value in entry.to_dict(one).items() if key != "translated_from"}
    assert entry.from_dict(older) == one
    with pytest.raises(KeyError, match="group_id"):
        entry.from_dict({key: value for key, value in entry.to_dict(one).items() if key != "group_id"})
