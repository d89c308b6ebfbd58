"""Per-document scores."""

from __future__ import annotations

import pytest

from globmed_tools.bench import metrics, prompts

pytest.importorskip("sacrebleu")


def test_choice_tells_a_format_failure_from_a_wrong_answer():
    doc = {"form": "mcq", "gold": 1}
    score = [metrics.choice(doc, [{"answer": answer, "in_language": 1.0}]) for answer in (1, 0, None)]
    assert [(one["acc"], one["answered"]) for one in score] == [(1, 1), (0, 1), (0, 0)]


def test_likelihood_raw_and_per_byte():
    doc = {"form": "nli", "gold": 1, "choices": ["no", "contradiction"]}
    assert metrics.likelihood(doc, [(-2.0, False), (-6.0, False)]) == {"acc": 0.0, "acc_norm": 1.0}


def test_a_document_without_data_gets_no_score():
    doc = prompts.unavailable("mednli", "sw")
    assert metrics.choice(doc, [{}]) == metrics.likelihood(doc, []) == {}


def test_long_form_perfect_empty_and_partial():
    doc = {"reference": "Drink clean water often."}

    def scores(text):
        return metrics.longform(doc, [{"text": text, "in_language": 1.0}])

    assert scores(doc["reference"]) == pytest.approx({"chrf": 1, "rouge_l": 1, "answered": 1, "in_language": 1})
    assert scores("") == {"chrf": 0, "rouge_l": 0, "answered": 0, "in_language": 0}
    # 2 of 4 reference words in order, 2 of 3 of the reply: P 2/3, R 1/2, F1 4/7
    assert scores("drink some water")["rouge_l"] == pytest.approx(4 / 7)


def test_words_are_characters_where_they_are_not_spaced():
    assert metrics.tokens("喝干净的水ABC") == ["喝", "干", "净", "的", "水", "abc"]
    assert metrics.tokens("お水を飲む") == list("お水を飲む")
    assert metrics.tokens("ดื่มน้ำ")[0] == "ด"
    assert metrics.tokens("Mu omi tó mọ́") == ["mu", "omi", "tó", "mọ́"]
    assert metrics.tokens("पानी पिएँ") == ["पानी", "पिएँ"]
    # 3 of 4 characters kept, all of the reply: P 1, R 3/4
    assert metrics.rouge_l("多喝水", "多喝热水") == pytest.approx(6 / 7)


def test_chrf_is_sacrebleu_s_chrf_plus_plus():
    from sacrebleu.metrics import CHRF

    text, reference = "Kunywa maji safi kila siku.", "Kunywa maji safi mara kwa mara."
    assert metrics.chrf(text, reference) == pytest.approx(
        CHRF(word_order=2).sentence_score(text, [reference]).score / 100
    )
