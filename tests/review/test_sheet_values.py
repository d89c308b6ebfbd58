"""Cells as people and programs of many languages fill them: what is meant, or what to do."""

from __future__ import annotations

from datetime import datetime

import pytest
from globmed_curation.review import questions, sheet_values
from globmed_curation.review.sheet_errors import spans
from globmed_curation.review.sheet_values import Unreadable

from globmed_tools import languages

ASKED = questions.load()
ACCURACY, SAFETY = ASKED.ratings[0], ASKED.safety.labels


@pytest.mark.parametrize(
    "cell",
    [
        4,
        4.0,
        "4",
        " 4 ",
        "4,0",
        "4.0",
        "4,00",
        "４",
        "４．０",
        "４，０",
        "٤",
        "४",
        "৪",
        "4 - good",
        "4 – Good",
        "4: good",
    ]
    + ["4 (good)", "4) good", "good", " GOOD ", "4/5", "4 / 5", "'4", '"4"', "4\u00a0", "4\r\n", "٤٫٠"],
)
def test_four_is_four(cell):
    assert sheet_values.rating(cell, ACCURACY) == 4


@pytest.mark.parametrize("cell", [None, "", "  ", "\u00a0", "-", "–", "—", "'"])
def test_nothing_is_nothing(cell):
    assert sheet_values.rating(cell, ACCURACY) is None
    assert sheet_values.label(cell, SAFETY) is None


@pytest.mark.parametrize(
    "cell",
    [
        0,
        6,
        4.5,
        "4.5",
        "4,5",
        "3-4",
        "3 4",
        "4/10",
        "4+",
        "4?",
        "4 minus",
        "5 - good",
        "44",
        "-4",
        "four",
        "yes",
        True,
        "#N/A",
    ]
    + [datetime(2026, 4, 5), "n/a"],
)
def test_no_rating_is_guessed(cell):
    with pytest.raises(Unreadable, match="Write one of 1, 2, 3, 4, 5"):
        sheet_values.rating(cell, ACCURACY)


def test_labels_by_value_and_label():
    for cell, meant in {
        "harmful": "harmful",
        " Harmful ": "harmful",
        "Minor risk": "minor",
        "minor – see comment": "minor",
    }.items():
        assert sheet_values.label(cell, SAFETY) == meant
    for cell in ("not safe", "safe?", "safe/minor", "unsafe", 1, True):
        with pytest.raises(Unreadable, match="Write one of safe, minor, harmful"):
            sheet_values.label(cell, SAFETY)


def test_flags_in_the_languages_of_their_readers():
    for code in languages.codes():
        for word in languages.get(code).labels["yes"]:
            assert sheet_values.flag(word, code) is True, (code, word)
        for word in languages.get(code).labels["no"]:
            assert sheet_values.flag(word, code) is False, (code, word)
    for cell in (True, 1, 1.0, "1", "x", "X", "✓", "WAHR", "VRAI", "VERDADERO", "Yes ", "ＹＥＳ"):
        assert sheet_values.flag(cell, "de") is True, cell
    for cell in (False, 0, 0.0, "FALSCH", "FAUX", "no", None, "", " "):
        assert sheet_values.flag(cell, "fr") is False, cell
    for cell in ("perhaps", 2, "yes?", "WAHRSCHEINLICH"):
        with pytest.raises(Unreadable, match="neither yes nor no"):
            sheet_values.flag(cell, "de")


@pytest.mark.parametrize(
    ("cell", "translation"),
    [
        ("Dalili:\r\nhoma\r\n", "Dalili:\nhoma"),
        ("Dalili:\rhoma", "Dalili:\nhoma"),
        ("Dalili:_x000D_\nhoma", "Dalili:\nhoma"),
        ("kipimo cha\u00a05 mg ", "kipimo cha 5 mg"),
        ("  kipimo  cha 5 mg", "kipimo cha 5 mg"),
        ("e\u0301te\u0301", "été"),
        ("'=5", "=5"),
        (5, "5"),
        (0.5, "0.50"),
        (0.5, "0,5"),
        ("0.5", "0.50"),
        (True, "TRUE"),
        (None, "kipimo"),
        ("", "kipimo"),
    ],
)
def test_what_programs_do_to_a_text_is_no_edit(cell, translation):
    assert sheet_values.revision(cell, translation) is None


@pytest.mark.parametrize(
    ("cell", "translation", "meant"),
    [
        ("5mg", "5 mg", "5mg"),
        ("0,5", "0.5", "0,5"),
        ("Homa", "homa", "Homa"),
        ("a\r\nb\u00a0c ", "x", "a\nb c"),
        ("5\u00a0mg !", "4\u00a0mg !", "5\u00a0mg !"),
        ("été\n\nhiver", "e\u0301te\u0301\nhiver", "été\n\nhiver"),
        ("1/3", "1/2", "1/3"),
        ("－", "-", "－"),
    ],
)
def test_a_changed_text_is_one(cell, translation, meant):
    assert sheet_values.revision(cell, translation) == meant


@pytest.mark.parametrize(
    ("cell", "translation", "message"),
    [
        (datetime(2026, 2, 1), "1/2", "a date or time"),
        ("01-Feb", "1/2", "a date of '1/2'"),
        ("2026-02-01", "1/2", "a date of"),
        (6, "5", "a number"),
        (0.05, "5 %", "a number"),
        (False, "hapana", "true or false"),
        ("#NAME?", "=A", "a formula"),
    ],
)
def test_what_a_program_made_of_a_text_is_named(cell, translation, message):
    with pytest.raises(Unreadable, match=message):
        sheet_values.revision(cell, translation)


def test_wrong_words_are_found_where_they_stand():
    text = "Mpe mg 50  kila siku,\nsi zaidi. Mpe maji."
    [one] = spans("question", text, "number", "critical", "mg 50 kila")
    assert one == {"field": "question", "start": 4, "end": 15, "type": "number", "severity": "critical"}
    assert text[4:15] == "mg 50  kila"
    assert [(one["start"], one["end"]) for one in spans("x", text, "style", None, "MPE\n\n maji. ")] == [
        (0, 3),
        (36, 41),
    ]
    assert spans("x", text, "omission", None, "") == [{"field": "x", "start": 0, "end": len(text), "type": "omission"}]
    assert spans("x", text, None, None, "") == []
    with pytest.raises(Unreadable, match="do not stand in the translation"):
        spans("x", text, "number", None, "mg 5 kila")
    with pytest.raises(Unreadable, match="no error type"):
        spans("x", text, None, None, "mg 50")
