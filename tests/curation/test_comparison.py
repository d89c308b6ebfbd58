"""Comparisons in words: seen in every language, and told only where both sides say clearly different things.

The sentences in other languages are machine-written and have not been reviewed by native speakers or clinicians.
"""

from __future__ import annotations

import unicodedata

import pytest
import regex
from globmed_curation.checks import Pair
from globmed_curation.checks.bounds import WAYS, bounds
from globmed_curation.checks.registry import load

from globmed_tools import languages
from globmed_tools.languages import get


def found(source, translation, language, of="en"):
    """(score, source span, translation span) of each comparison that is another one."""
    pair = Pair("question", source, unicodedata.normalize("NFC", translation), get(of), get(language))
    return [(one.score, one.source, one.translation) for one in load("comparison")(pair)]


@pytest.mark.parametrize("code", languages.codes())
def test_the_table_has_each_way_for_every_language(code):
    table = get(code).comparison
    assert set(table) == set(WAYS)
    for kind, entries in table.items():
        assert entries and len(entries) == len(set(entries)), kind
        for entry in entries:
            assert entry.startswith("_") != entry.endswith("_"), "the number stands at one end"
            regex.compile(entry.strip("_"))
            assert unicodedata.is_normalized("NFC", entry)


#: at least 5 days, at most 5 days; more than 20 patients, fewer than 20 patients
COMPARED = {
    "es": ("durante al menos 5 días", "durante 5 días como máximo", "en más de 20 pacientes", "en menos de 20 pacientes"),
    "fr": ("pendant au moins 5 jours", "pendant 5 jours au maximum", "chez plus de 20 patients", "chez moins de 20 patients"),
    "pt": ("por pelo menos 5 dias", "por no máximo 5 dias", "em mais de 20 pacientes", "em menos de 20 pacientes"),
    "de": ("mindestens 5 Tage lang", "höchstens 5 Tage lang", "bei mehr als 20 Patienten", "bei weniger als 20 Patienten"),
    "zh": ("至少5天", "最多5天", "超过20名患者", "少于20名患者"),
    "ja": ("少なくとも5日間", "最大5日間", "20人を超える患者", "20人未満の患者"),
    "ko": ("최소 5일 동안", "최대 5일 동안", "20명이 넘는 환자", "20명 미만의 환자"),
    "sw": ("kwa angalau siku 5", "kwa hadi siku 5", "kwa zaidi ya wagonjwa 20", "kwa chini ya wagonjwa 20"),
    "zu": ("okungenani izinsuku ezi-5", "kuze kufike izinsuku ezi-5", "ezigulini ezingaphezu kuka-20", "ezigulini ezingaphansi kuka-20"),
    "yo": ("fún ó kéré tán ọjọ́ 5", "títí dé ọjọ́ 5", "ju aláìsàn 20 lọ", "dín ní aláìsàn 20"),
    "wo": ("lu gëna néew 5 fan", "lu weesuwul 5 fan", "lu ëpp 20 malaad", "lu yées 20 malaad"),
    "ar": ("لمدة 5 أيام على الأقل", "لمدة 5 أيام على الأكثر", "في أكثر من 20 مريضا", "في أقل من 20 مريضا"),
    "hi": ("कम से कम 5 दिन", "अधिकतम 5 दिन", "20 से अधिक रोगियों में", "20 से कम रोगियों में"),
    "bn": ("কমপক্ষে 5 দিন", "সর্বোচ্চ 5 দিন", "20 জনের বেশি রোগী", "20 জনের কম রোগী"),
    "id": ("setidaknya 5 hari", "paling lama 5 hari", "pada lebih dari 20 pasien", "pada kurang dari 20 pasien"),
    "ms": ("sekurang-kurangnya 5 hari", "selewat-lewatnya 5 hari", "pada lebih daripada 20 pesakit", "pada kurang daripada 20 pesakit"),
}  # fmt: skip


@pytest.mark.parametrize("code", [code for code in languages.codes() if code != "en"])
def test_a_comparison_in_words_that_turned_is_found_in_every_language(code):
    english = "for at least 5 days", "for at most 5 days", "in more than 20 patients", "in fewer than 20 patients"
    assert set(COMPARED) == set(languages.codes()) - {"en"}
    for source, theirs in zip(english, COMPARED[code]):
        assert found(source, theirs, code) == []
    least, most, more, fewer = COMPARED[code]
    for source, theirs in zip(english, (most, least, fewer, more)):
        [(score, ours, span)] = found(source, theirs, code)
        assert (
            score == 0.9
            and ours in source
            and unicodedata.normalize("NFC", span) in unicodedata.normalize("NFC", theirs)
        )


@pytest.mark.parametrize(
    ("source", "translation", "language", "expected"),
    [
        ("for more than 5 days", "durante 5 días", "es", []),  # one side says nothing
        ("not more than 5 mg", "no menos de 5 mg", "es", [(0.9, "not more than 5", "no menos de 5")]),
        ("not more than 5 mg", "hasta 5 mg", "es", []),
        ("never over 5 mg", "hasta 5 mg", "es", []),
        ("patients under 65", "pacientes > 65", "es", [(0.9, "under 65", "> 65")]),
        ("patients < 19 years", "pacientes menores de 19 años", "es", []),
        ("5 mg or more", "5 mg o menos", "es", [(0.9, "5 mg or more", "5 mg o menos")]),
        ("aged 65 years or older", "65歳以上", "ja", []),
        ("aged 65 years or older", "65歳未満", "ja", [(0.9, "65 years or older", "65歳未満")]),
        ("more than half of them", "menos de la mitad", "es", [(0.9, "more than half", "menos de la mitad")]),
        ("more than 5 and less than 10", "más de 5 y menos de 10", "es", []),
        ("more than 5, then less than 5", "menos de 5, luego más de 5", "es", []),  # both ways on both sides
        ("in more than a dozen", "en menos de 13", "es", [(0.6, "more than a dozen", "menos de 13")]),
        ("under the influence. 5 mg", "más de 5 mg", "es", []),  # a sentence ends between the words and the number
    ],
)
def test_a_comparison_in_words(source, translation, language, expected):
    assert found(source, translation, language) == expected


def test_accents_do_not_matter_but_the_span_keeps_them():
    assert [(one.way, one.span) for one in bounds("mas de 5, MÁS DE 6", get("es"))] == [
        (1, "mas de 5"),
        (1, "MÁS DE 6"),
    ]
    text = unicodedata.normalize("NFC", "ẹ̀ṣẹ̀, ó kéré tán ọjọ́ 5")
    assert [one.span for one in bounds(text, get("yo"))] == [unicodedata.normalize("NFC", "ó kéré tán ọjọ́ 5")]
