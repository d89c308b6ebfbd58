"""Items as records and back, without a server: what is shown is what was written, and every mark finds its place again."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from globmed_curation.review import argilla_html, argilla_layout, argilla_records, argilla_text, model, questions
from globmed_curation.review.sample_calibration import copy_with_fault
from globmed_curation.review.sheet_values import Unreadable
from hypothesis import given
from hypothesis import strategies as st

from globmed_tools.errors import GlobmedError

from . import made

NASTY = (
    'Dozi 😀 <b>5 mg</b> <script>alert("x")</script> # *kichwa* `c` $$a$$ &amp; {{ record }} </div> $& #TEMPLATE#\n\n'
    "    <!-- 𠮷 -->\n[question]\r\n[[ Option A ]]\u2028mwisho"
)


@pytest.fixture(scope="module")
def items(tmp_path_factory) -> dict[tuple[str, str], model.Item]:
    """(language, form) -> an item."""
    return {(one.language, one.form): one for one in made.items(made.build(tmp_path_factory.mktemp("push") / "b"))}


def having(item: model.Item, **texts) -> model.Item:
    return replace(item, translation={**item.translation, **texts})


class Shown(HTMLParser):
    """The text that a browser shows, and the tags and attributes it meets."""

    def __init__(self, page: str):
        super().__init__(convert_charrefs=True)
        self.tags, self.texts, self.styled = [], [], False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.styled = tag == "style"

    def handle_endtag(self, tag):
        self.styled = False

    def handle_data(self, data):
        if not self.styled:
            self.texts.append(data)


text = st.text(st.characters(exclude_categories=[]), min_size=1, max_size=40)


@given(question=text, options=st.lists(text, min_size=2, max_size=4), at=st.integers(0, 40), to=st.integers(1, 40))
def test_any_text_is_marked_and_mended_without_loss(items, question, options, at, to):
    item = having(items["sw", "mcq"], question=question, options=options, rationale=None)
    shown, _ = argilla_text._shown(item)
    stored = argilla_text.to_mark(item)
    # What a browser makes of the stored text, and whether the server takes a span over all of it.
    assert html.unescape(stored).rstrip(" ") == shown.rstrip(" ")
    assert len(stored) >= len(shown.encode("utf-16-le")) // 2
    for name, one in model.texts(item.translation).items():
        start, end = min(at, len(one) - 1), min(max(to, at + 1), len(one))
        wrong = [{"field": name, "start": start, "end": max(end, start + 1), "type": "style", "severity": "major"}]
        assert argilla_text.errors(item, argilla_text.marks(item, wrong)) == (wrong, [])
    assert argilla_text.revision(item, argilla_text.to_mend(item)) == ({}, [])
    assert "\n\n" not in argilla_html.both(item) and "\r" not in argilla_html.both(item)


def test_spans_count_as_browsers_do_and_errors_as_python_does(items):
    item = having(items["sw", "mcq"], question="😀𠮷 mg", options=["a", "b😀 5"], rationale=None)
    assert argilla_text.to_mark(item).rstrip() == "😀𠮷 mg\nA. a\nB. b😀 5"
    assert argilla_text.errors(item, [{"label": "number", "start": 5, "end": 7}]) == (
        [{"field": "question", "start": 3, "end": 5, "type": "number"}],
        [],
    )
    assert argilla_text.errors(item, [{"label": "style", "start": 20, "end": 21}])[0] == [
        {"field": "option B", "start": 3, "end": 4, "type": "style"}
    ]
    halves = [{"label": "style", "start": 1, "end": 3}]  # half an emoji, half a Chinese sign
    assert argilla_text.errors(item, halves)[0] == [{"field": "question", "start": 0, "end": 2, "type": "style"}]


def test_a_mark_over_two_parts_becomes_two_and_is_told(items):
    item = having(items["sw", "mcq"], question="Nini?", options=["moja", "mbili"], rationale=None)
    found, notes = argilla_text.errors(item, [{"label": "omission", "start": 2, "end": 11}])
    assert found == [
        {"field": "question", "start": 2, "end": 5, "type": "omission"},
        {"field": "option A", "start": 0, "end": 2, "type": "omission"},
    ]
    assert notes == ["a mark 'omission' over 2 parts; taken as 2"]


def test_marks_that_say_nothing_are_told(items):
    item = having(items["sw", "mcq"], question="Nini?", options=["moja", "mbili"], rationale=None)
    marks = [{"label": "style", "start": 6, "end": 8}, {"label": "severity-major", "start": 0, "end": 4}]
    found, notes = argilla_text.errors(item, [*marks, {"label": "typo", "start": 0, "end": 2}])
    assert found == []
    assert notes == [
        "a mark 'typo' that is none of ours",
        "a mark 'style' on no word of the translation; left out",
        "a mark 'severity-major' on words without an error type; left out",
    ]


def test_the_worst_severity_on_the_words_counts(items):
    item = having(items["sw", "mcq"], question="Nini?", options=["moja", "mbili"], rationale=None)
    marks = [{"label": one, "start": 0, "end": 4} for one in ("severity-critical", "number", "severity-minor")]
    assert argilla_text.errors(item, marks)[0][0]["severity"] == "critical"


def test_only_changed_text_is_a_revision(items):
    item = items["ar", "mcq"]
    filled = argilla_text.to_mend(item)
    option = item.translation["options"][0]
    for same in (filled + "\n", filled.replace("\n", "\r\n"), filled.replace("\n\n", "\n\n\n"), f"\n{filled}"):
        assert argilla_text.revision(item, same) == ({}, [])
    assert argilla_text.revision(item, filled.replace(option, option + " س", 1)) == ({"option A": option + " س"}, [])


@pytest.mark.parametrize(
    "line", ["[Option a]", " [ option A ] ", "［option A］", "【option A】", "\u200f[option A]\u200f:"]
)
def test_the_lines_in_brackets_may_be_touched(items, line):
    item = items["sw", "mcq"]
    changed = argilla_text.to_mend(item).replace("[option A]\n", f"{line}\nSana ")
    assert argilla_text.revision(item, changed)[0] == {"option A": "Sana " + item.translation["options"][0]}


@pytest.mark.parametrize(
    "change, what",
    [
        (lambda text: text.replace("[option B]\n", ""), r"the line \[option B\] is missing"),
        (
            lambda text: text.replace("[option B]", "[option A]"),
            r"\[option B\] is missing; .*\[option A\] stands there twice",
        ),
        (lambda text: "Sawa.\n" + text, "words stand before the first such line"),
        (lambda text: "Ni nini?", r"\[question\] is missing"),
    ],
)
def test_a_revision_that_cannot_be_read_is_named_with_its_text(items, change, what):
    item = items["sw", "mcq"]
    changed = change(argilla_text.to_mend(item))
    with pytest.raises(Unreadable, match=what):
        argilla_text.revision(item, changed)
    found = argilla_records.answer_values(item, {"accuracy": {"value": 3}, "revision": {"value": changed}})
    assert found.fields["accuracy"] == 3 and found.fields["revision"] == {}
    assert [one["text"] for one in found.problems] == [changed]


def test_texts_that_look_like_our_lines_are_told_from_them(items):
    item = having(items["sw", "mcq"], question=NASTY)
    filled = argilla_text.to_mend(item)
    assert filled.startswith("[[[question]]]\n") and argilla_text.revision(item, filled) == ({}, [])
    new = argilla_text.revision(item, filled.replace("mwisho", "Mwisho"))[0]
    assert list(new) == ["question"] and new["question"].endswith("Mwisho")


def test_the_parts_of_an_inference_have_their_own_names(items):
    filled = argilla_text.to_mend(items["zh", "nli"])
    assert filled.startswith("[premise]\n") and "\n\n[hypothesis]\n" in filled


def test_an_emptied_part_is_told_and_not_taken_for_a_revision(items):
    item = items["sw", "mcq"]
    emptied = argilla_text.to_mend(item).replace(item.translation["options"][1], "")
    assert argilla_text.revision(item, emptied) == ({}, ["the revision of option B was emptied; taken as unchanged"])


def test_what_is_shown_is_what_was_written(items):
    item = having(items["ar", "mcq"], question=NASTY)
    item = replace(item, original={**item.original, "question": NASTY})
    found = [{"check": "numbers", "field": "question", "what": "<i>5</i>", "source": "5 mg", "translation": "5 mg"}]
    item = replace(item, findings=found)
    page = argilla_html.both(item)
    shown = Shown(page)
    assert {tag for tag, _ in shown.tags} == {"div", "style", "mark"}
    assert not any(name.startswith("on") for _, attributes in shown.tags for name in attributes)
    together = "".join(shown.texts)
    assert together.count(NASTY) == 2
    for options in (item.original["options"], item.translation["options"]):
        assert all(one in shown.texts for one in options)
    assert [one["dir"] for tag, one in shown.tags if one.get("lang") == "ar"] == ["rtl"] * len(
        model.texts(item.translation)
    )
    assert page.count("<mark>5 mg</mark>") == 2
    assert Shown(argilla_html.findings(item)).tags[-1][0] == "bdi"
    assert "Question: <i>5</i> (“5 mg” / “5 mg”)" in "".join(Shown(argilla_html.findings(item)).texts)
    assert together.count("(given as right)") == 1


def test_words_are_marked_as_words(items):
    shown = argilla_html._highlighted("15 mg na 5 mg, 5", ["5", "5 mg"])
    assert shown == "15 mg na <mark>5 mg</mark>, <mark>5</mark>"
    assert argilla_html._highlighted("服用15毫克", ["15"]) == "服用<mark>15</mark>毫克"


def test_nothing_is_filled_in_but_the_revision_and_nothing_tells_a_planted_fault(items):
    for item in items.values():
        copy = copy_with_fault(item)
        if copy is None:
            continue
        told, plain = argilla_records.record(copy), argilla_records.record(replace(item, findings=[]))
        assert list(told["suggestions"]) == ["revision"]
        assert told.keys() == plain.keys() and told["fields"].keys() == plain["fields"].keys()
        assert told["metadata"]["why"] == "drawn" and told["metadata"].keys() == plain["metadata"].keys()
        everything = json.dumps(told, ensure_ascii=False)
        assert "calibration" not in everything and copy.calibration["copy_of"] not in everything


def test_an_answer_comes_back_as_it_was_given(items):
    item = items["sw", "mcq"]
    wrong = [{"field": "option B", "start": 0, "end": 3, "type": "number", "severity": "critical"}]
    values = {
        "accuracy": {"value": 2},
        "safety": {"value": "harmful"},
        "errors": {"value": argilla_text.marks(item, wrong)},
        "flags": {"value": ["not_local", "source_error"]},
        "comment": {"value": " maoni \n"},
        "revision": {"value": argilla_text.to_mend(item)},
        "mood": {"value": "good"},
    }
    found = argilla_records.answer_values(item, values)
    assert found.fields == {
        "accuracy": 2,
        "safety": "harmful",
        "errors": wrong,
        "flags": ["source_error", "not_local"],
        "comment": "maoni",
        "revision": {},
    }
    assert found.notes == ["an answer to 'mood', which is no question of ours"] and not found.problems
    model.Answer(item.id, item.language, "R01", "submitted", **found.fields)
    nothing = argilla_records.answer_values(item, None)
    assert nothing.fields == {"errors": [], "flags": [], "comment": None, "revision": {}}


def test_content_follows_what_is_judged_and_nothing_else(items):
    item = items["sw", "mcq"]
    same = replace(item, findings=[{"check": "x"}], why="flagged", reviews=1)
    assert argilla_records.content(same) == argilla_records.content(item)
    for other in (having(item, question="x"), replace(item, original={**item.original, "answers": [0, 1]})):
        assert argilla_records.content(other) != argilla_records.content(item)


def test_datasets_have_names_of_their_own():
    names = [argilla_layout.dataset_name("t", "sw", reviews=number) for number in (1, 2, 3)]
    names.append(argilla_layout.dataset_name("t", "sw", argilla_layout.ADJUDICATION))
    assert names == ["t-sw", "t-sw-double", "t-sw-3-reviews", "t-sw-adjudication"]
    with pytest.raises(GlobmedError, match="--name"):
        argilla_layout.checked_name("my review")


def test_labels_of_severities_are_no_types():
    asked = questions.load().errors
    labels = [one.value for one in asked.types] + [argilla_text.SEVERITY + one.value for one in asked.severities]
    assert len(set(labels)) == len(labels)


def test_the_senior_reviewer_sees_what_was_mended(items):
    answers = [
        {
            "reviewer": "Reviewer 1",
            "accuracy": 2,
            "fluency": None,
            "completeness": 5,
            "safety": "harmful",
            "comment": "a < b",
        }
        | {"flags": ["not_local"], "errors": [{"field": "option A", "start": 0, "end": 1, "type": "number"}]}
        | {"revision": {"option A": "5 mg kwa siku"}}
    ]
    item = having(items["sw", "mcq"], options=["50 mg kwa siku", "b"])
    why = [{"rule": "ratings", "question": "accuracy", "values": [2, 5]}]
    page = argilla_html.answers(item, {"why": why, "answers": answers})
    shown = "".join(Shown(page).texts)
    assert "<mark>50</mark> mg kwa siku" in page and "<mark>5</mark> mg kwa siku" in page
    assert "Accuracy: 2, 5" in shown and "Medical safety: Harmful · Flags: Not local practice" in shown
    assert "Option A: Number or unit: “5”" in shown.replace(" (given as right)", "") and "a < b" in shown
    chinese = having(items["zh", "mcq"], options=["每日五次", "b"])
    answers[0]["revision"] = {"option A": "每日三次"}
    assert "每日<mark>三</mark>次" in argilla_html.answers(chinese, {"why": why, "answers": answers})
