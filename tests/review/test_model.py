"""The files of a review: what is written is read, what is damaged is named, and every question is whole."""

from __future__ import annotations

import pytest
from globmed_curation.review import model, people, questions
from globmed_curation.review.model import Answer

from globmed_tools.entry import from_dict
from globmed_tools.errors import GlobmedError


def test_items_are_read_as_written_and_damage_is_named(review):
    folder = review(languages=("sw",))
    items = model.open_review(folder)
    assert len(items) == 42 and items == model.read_items(folder / model.ITEMS)
    path = folder / model.ITEMS
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(GlobmedError, match="items.jsonl: changed since it was written"):
        model.open_review(folder)
    path.write_bytes(b'{"id": "x"}\n')
    with pytest.raises(GlobmedError, match="items.jsonl, line 1: no item of a review .*missing"):
        model.read_items(path)
    (folder / "manifest.json").unlink()
    with pytest.raises(GlobmedError, match="no manifest.json, so this folder is unfinished"):
        model.open_review(folder)


def test_texts_by_field_can_be_replaced(review):
    entry = from_dict(
        next(one for one in model.open_review(review(languages=("zh",))) if one.form == "mcq").translation
    )
    assert list(model.texts(entry))[:3] == ["question", "option A", "option B"]
    new = model.with_texts(entry, {"option B": "新", "question": "问"})
    assert new.options == (entry.options[0], "新", *entry.options[2:])
    assert (new.question, new.id) == ("问", entry.id)
    with pytest.raises(KeyError, match="option Z"):
        model.with_texts(entry, {"option Z": "?"})
    assert (model.field_of("option 2"), model.field_of("options"), model.field_of("question")) == (
        "option B",
        "options",
        "question",
    )


def test_merging_adds_replaces_and_leaves_alone(tmp_path):
    one, other = Answer("i1", "sw", "R01", "submitted", accuracy=4), Answer("i1", "sw", "R02", "submitted", accuracy=2)
    assert {kind: len(some) for kind, some in model.merge_answers(tmp_path, [one, other]).items()} == {
        "added": 2,
        "changed": 0,
        "same": 0,
    }
    later = Answer("i1", "sw", "R01", "submitted", accuracy=4, at="2026-01-01T00:00:00+00:00")
    before = (tmp_path / model.ANSWERS).read_bytes()
    assert model.merge_answers(tmp_path, [later])["same"] == [later]  # only the time differs: nothing is new
    assert (tmp_path / model.ANSWERS).read_bytes() == before
    changed = Answer("i1", "sw", "R01", "submitted", accuracy=5)
    assert model.merge_answers(tmp_path, [changed])["changed"] == [changed]
    assert model.read_answers(tmp_path / model.ANSWERS) == [changed, other]


def test_every_question_is_whole():
    asked = questions.load()
    assert [one.name for one in asked.ratings] == ["accuracy", "fluency", "completeness"]
    assert all(one.values == (1, 2, 3, 4, 5) and one.required for one in asked.ratings)
    assert asked.safety.values == ("safe", "minor", "harmful")
    steps = [step for one in asked.ratings for step in one.scale]
    steps += [*asked.safety.labels, *asked.errors.types, *asked.errors.severities]
    assert len(steps) == 30 and all(step.label and step.anchor.endswith(".") for step in steps)
    assert [one.name for one in asked.flags if one.discards] == ["cannot_judge"]
    assert "MACHINE-WRITTEN" in questions.FILE.read_text("utf-8")
    assert not set(asked.true) & set(asked.false)
    assert set(asked.required) | {"errors", "flags", "revision", "comment"} <= set(Answer.__dataclass_fields__)


def test_people_have_one_pseudonym_each_and_names_stay_private(tmp_path):
    assert people.pseudonym(tmp_path, "Amina  Diallo") == "R01"
    assert people.pseudonym(tmp_path, "Baraka") == "R02"
    assert people.pseudonym(tmp_path, " amina diallo ") == people.pseudonym(tmp_path, "R01") == "R01"
    assert people.read(tmp_path) == {"R01": "Amina Diallo", "R02": "Baraka"}
    assert (tmp_path / people.FILE).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / people.FILE).parent.stat().st_mode & 0o777 == 0o700
    with pytest.raises(GlobmedError, match="R07: a pseudonym that nobody has"):
        people.pseudonym(tmp_path, "R07")
