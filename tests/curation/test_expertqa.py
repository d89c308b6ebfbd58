"""ExpertQA's two sets on a small self-written file in the original format, and on the real files."""

from collections import Counter

import pytest
from globmed_curation.ingest import find
from globmed_curation.sources import expertqa_bio, expertqa_med
from globmed_curation.sources.common import Drop, Skipped

from globmed_tools.entry import Entry
from globmed_tools.errors import GlobmedError


def answer(text, usefulness="Useful"):
    return {"answer_string": "raw", "claims": [], "revised_answer_string": text, "usefulness": usefulness}


def item(question, answers, field="Medicine"):
    metadata = {"question_type": "x", "field": field, "specific_field": "eye"}
    return {"question": question, "annotator_id": "7", "answers": answers, "metadata": metadata}


def read(adapter, *paths, **options):
    return list(adapter.read(list(paths), **{"language": None, "split": None} | options))


def test_the_answer_is_chosen_by_usefulness_then_name_and_fields_are_told_apart(jsonl):
    bare = {"revised_answer_string": "Bare."}
    rows = [
        item(
            " Best? ",
            {"a": answer(" "), "d": answer("D. [1]"), "c": answer(" C. "), "b": answer("B.", "Partially useful")},
        ),
        item("Unrated?", {"b": bare, "a": answer("No.", None), "c": answer("C.", "Not useful at all")}),
        item("Blank?", {"a": answer(None), "b": answer("")}, "Healthcare / Medicine"),
        item("None?", {}),
        item("Cell?", {"a": bare}, "Biology"),
        item("Law?", {"a": bare}, "Law"),
    ]
    path = jsonl("rand_test.jsonl", rows)
    best, unrated, blank, none, other = read(expertqa_med, path)
    assert (best.question, best.reference, best.form, best.split) == ("Best?", "C.", "longform", "test")
    assert best.tags == {"field": "Medicine", "specific_field": "eye", "model": "c", "usefulness": "Useful"}
    assert (unrated.reference, unrated.tags["model"]) == ("C.", "c")
    assert (blank.reason, blank.evidence) == ("no_reference", "no revised answer among 2")
    assert (none.reason, none.locator) == ("no_reference", "rand_test.jsonl:4")
    assert other == Skipped("other_field", 2, "rand_test.jsonl")
    cell, rest = read(expertqa_bio, path, split="dev")
    assert (cell.source, cell.split, cell.reference, rest.count) == ("expertqa_bio", "dev", "Bare.", 5)
    assert "usefulness" not in cell.tags


def test_another_format_is_an_error(jsonl):
    with pytest.raises(GlobmedError, match="line 1: answers should be an object, found an empty list"):
        read(expertqa_med, jsonl("rand_test.jsonl", [item("Q?", [])]))
    with pytest.raises(GlobmedError, match="line 1: no field 'metadata'"):
        read(expertqa_med, jsonl("rand_test.jsonl", [{"question": "Q?"}]))


@pytest.mark.parametrize("adapter, kept, bare", [(expertqa_med, 44, 458 + 155), (expertqa_bio, 9, 95)])
def test_the_real_files(adapter, kept, bare, real_data):
    folder = real_data("expertqa")
    found = read(adapter, *find([folder], adapter.PATTERNS))
    assert Counter(type(one) for one in found) == {Entry: kept, Skipped: 1} and found[-1].count == 219 - kept
    assert len({one.group_id for one in found[:-1]}) == kept
    found = read(adapter, folder / "data" / "r1_data_anon.jsonl")
    assert Counter(one.reason for one in found if isinstance(one, Drop)) == {"no_reference": bare}
    assert found[-1] == Skipped("other_field", 2507 - bare, "r1_data_anon.jsonl") and len(found) == bare + 1
