"""The light check of a reply's language, on the sample's own texts."""

from __future__ import annotations

import json

import pytest

from globmed_tools import languages, resources
from globmed_tools.bench.speech import in_language

CODES = languages.codes()


def texts(code: str) -> list[str]:
    rows = [json.loads(line) for line in (resources.sample() / f"{code}.jsonl").read_text("utf-8").splitlines()]
    return [row[name] for row in rows for name in ("reference", "context") if row[name]]


@pytest.mark.parametrize("code", CODES)
def test_texts_of_a_language_are_taken_for_it(code):
    accepted = [in_language(text, languages.get(code)) for text in texts(code)]
    assert len(accepted) >= 15 and sum(accepted) / len(accepted) >= 0.95


@pytest.mark.parametrize("code", [code for code in CODES if code != "en"])
def test_english_replies_are_not(code):
    wrong = [text for text in texts("en") if in_language(text, languages.get(code))]
    assert len(wrong) <= 0.05 * len(texts("en"))


@pytest.mark.parametrize(
    ("one", "other"), [("sw", "zu"), ("es", "pt"), ("wo", "fr"), ("yo", "sw"), ("zh", "ja"), ("hi", "bn"), ("de", "fr")]
)
def test_neighbours_are_told_apart(one, other):
    for a, b in ((one, other), (other, one)):
        wrong = [text for text in texts(a) if in_language(text, languages.get(b))]
        assert len(wrong) <= 0.1 * len(texts(a)), (a, b, wrong[:2])


@pytest.mark.parametrize("reply", ["B", "(C)", "", "3", "Insulin", "::::"])
def test_too_little_to_tell_is_not_held_against_a_reply(reply):
    assert all(in_language(reply, languages.get(code)) == 1.0 for code in CODES)


def test_quoted_options_do_not_count():
    sw = languages.get("sw")
    option = "inhibition of the renin angiotensin system in the kidney"
    assert in_language(f"B. {option}", sw, ignore=[option]) == 1.0
    assert in_language(f"B. {option} is what the patient needs", sw) == 0.0
