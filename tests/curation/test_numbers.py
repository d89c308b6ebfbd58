"""Numbers of a source and a translation: what is read, what answers what, and how sure a finding is.

The sentences in languages other than English are machine-written; no native speaker or clinician has reviewed them.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
from globmed_curation.checks import Pair
from globmed_curation.checks.lexicon import lexicon
from globmed_curation.checks.number_words import combine
from globmed_curation.checks.registry import load

from globmed_tools import languages
from globmed_tools.languages import get


def values(code, text, kinds=("digits", "words")):
    return [number.value for number in combine(text, get(code)) if number.kind in kinds]


def worst(check, source, translation, code):
    """The highest score, 0 where nothing was found."""
    found = load(check)(Pair("question", source, translation, get("en"), get(code)))
    return max((one.score for one in found), default=0)


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("en", "1,234.5 of 1,00,000 at 2.5 mg", [Fraction(2469, 2), 100_000, Fraction(5, 2)]),
        ("es", "1.099 casos; 122\u202f653; 4,8", [1099, 122_653, Fraction(24, 5)]),
        ("de", "2,8 Milliarden, 1.000.000 und 3’500", [2_800_000_000, 1_000_000, 3500]),
        ("ar", "١٬٠٩٩ حالة و٤٫٨", [1099, Fraction(24, 5)]),
        ("bn", "২৮১টি এবং ২.৫", [281, Fraction(5, 2)]),
        ("ja", "１２mgを２回", [12, 2]),
        ("en", "10^5, 4 ×10⁹/L, ½, 1½", [100_000, 4, 10**9, Fraction(1, 2), Fraction(3, 2)]),
        ("zh", "17.16亿学生，52 万人，20多万", [1_716_000_000, 520_000, 200_000]),
        ("ko", "1억 2500만, 3백만", [125_000_000, 3_000_000]),
        ("sw", "milioni 1.5 na elfu 10", [1_500_000, 10_000]),
        ("zu", "izigidi ezingu-5, abafundi abayizigidi ezingu-US$125", [5_000_000, 125_000_000]),
        ("pt", "1,716 milhões, 520 mil", [1_716_000, 520_000]),
    ],
)
def test_digits_are_read_as_the_language_writes_them(code, text, expected):
    assert values(code, text, ("digits",)) == expected


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("en", "two hundred and five, twenty-five, three million", [205, 25, 3_000_000]),
        ("fr", "quatre-vingt-dix-sept, soixante et onze, deux cents", [97, 71, 200]),
        ("es", "dos mil quinientos veinticinco, treinta y dos", [2525, 32]),
        ("pt", "duzentos e cinquenta mil", [250_000]),
        ("de", "dreiundzwanzig, zweihundert, fünfundsiebzig", [23, 200, 75]),
        ("zh", "二十五名，三百零二，两万", [25, 302, 20_000]),
        ("ja", "三百二十人", [320]),
        ("sw", "kumi na mbili, elfu tano mia mbili, watu wawili", [12, 5200, 2]),
        ("zu", "izinyanga ezimbili, amashumi amabili", [2, 20]),
        ("yo", "mẹ́tàdínlógójì, méjìléláàádọ́ta, ẹgbẹ̀rún mẹ́ta", [37, 52, 3000]),
        ("wo", "juróom ñaar, fukk ak benn, ñaar fukk", [7, 11, 20]),
        ("hi", "पच्चीस, तीन सौ, दो लाख", [25, 300, 200_000]),
        ("bn", "তিনজন, পঁচিশ, দুই লাখ", [3, 25, 200_000]),
        ("ar", "اثنا عشر, ثلاثين, خمسة", [12, 30, 5]),
        ("id", "dua puluh lima ribu, dua belas", [25_000, 12]),
        ("ms", "lapan belas, tiga ratus", [18, 300]),
    ],
)
def test_number_words_are_put_together(code, text, expected):
    assert values(code, text) == expected


def test_native_korean_numbers_answer_but_need_no_answer():
    assert values("ko", "돼지 열다섯 마리, 두 교회", ("soft",)) == [15, 2]


def test_names_ordinals_and_articles_are_no_quantities():
    kinds = {
        text: {one.kind for one in combine(text, get("en"))} for text in ("COVID-19", "H1N1", "a dose", "the first")
    }
    assert kinds == {"COVID-19": {"name"}, "H1N1": {"name"}, "a dose": {"soft"}, "the first": {"soft"}}


CLEAN = [
    ("sw", "Give 1,250 mg of COVID-19 drugs.", "Mpe mg 1,250 za dawa za COVID-19."),
    ("es", "1,099 cases, 4.8 %", "1.099 casos, 4,8 %"),
    ("fr", "10 countries", "dix pays"),
    ("fr", "eight inmates", "8 détenus"),
    ("zh", "more than 380,000 people in March 2020", "2020年3月，38万多人"),
    ("zh", "two thirds of 50 percent", "50%的三分之二"),
    ("ja", "£125m, three years ago", "3年前に1億2,500万ポンド"),
    ("de", "at 3 p.m.", "um 15:00 Uhr"),
    ("sw", "at 3 p.m.", "saa 9 mchana"),
    ("fr", "in the 1930s", "dans les années 30"),
    ("fr", "the 19th century", "le XIXe siècle"),
    ("zh", "the 2019–20 pandemic", "2019-2020年的大流行"),
    ("ar", "his 34th start", "للمرة الرابعة والثلاثين"),
    ("ar", "the 19th century", "القرن التاسع عشر"),
    ("ar", "in the 1980s", "في ثمانينيات القرن العشرين"),
    ("wo", "Six staff", "Jiroom ben nit"),
    ("pt", "half of them", "50% deles"),
    ("es", "one patient, a second dose", "un paciente, otra dosis"),
]


@pytest.mark.parametrize(("code", "source", "translation"), CLEAN)
def test_what_says_the_same_is_not_reported(code, source, translation):
    assert max(worst(check, source, translation, code) for check in ("numbers", "units", "doses", "dates")) < 0.5


FAULTS = [
    ("sw", "Give 5 mg, not more.", "Mpe mg 50, si zaidi.", 1.0),
    ("es", "1,250 mg", "1.520 mg", 1.0),
    ("es", "2.5 mg", "25 mg", 1.0),
    ("fr", "US$50 million", "50 milliards USD", 1.0),
    ("zh", "380,000 people", "38亿人", 1.0),
    ("pt", "1.716 billion learners", "1,716 milhões de alunos", 1.0),
    ("es", "six games", "1 partido", 0.8),
    ("fr", "Six officers were hurt; one left.", "7 agents blessés ; un est parti.", 0.8),
    ("es", "four compounds", "tres compuestos", 0.6),
    ("fr", "a dose of 40 mg", "une dose", 0.9),
    ("fr", "a dose", "une dose de 40 mg", 0.9),
    ("es", "COVID-19 and COVID-19", "COVID-19 y COVID-49", 1.0),
    ("es", "SARS-CoV-2 binds ACE2", "el SARS-CoV-2 se une a la ECA3", 1.0),
    ("ar", "14 cases of COVID-19", "14 حالة كوفيد-14", 1.0),
]


@pytest.mark.parametrize(("code", "source", "translation", "score"), FAULTS)
def test_a_changed_number_is_found(code, source, translation, score):
    assert worst("numbers", source, translation, code) == score


def test_what_was_seen_is_told_verbatim():
    pair = Pair("option 2", "Give 5 mg, not more.", "Mpe mg 50, si zaidi.", get("en"), get("sw"))
    [finding] = load("numbers")(pair)
    assert (finding.check, finding.field, finding.source, finding.translation) == ("numbers", "option 2", "5", "50")
    assert finding.detail == "5 in the source, 50 in the translation"


def test_weak_evidence_stays_under_the_usual_threshold():
    assert worst("numbers", "The two of them left.", "Se fueron.", "es") == 0.2
    assert worst("numbers", "5 mg now, 5 mg later", "5 mg ahora y más tarde", "es") == 0.4
    assert worst("numbers", "100 percent sure", "totalmente seguro", "es") == 0.4


def test_very_long_and_odd_numbers_do_no_harm():
    for text in ("9" * 5000, "1.2.3.4", "1:1,000", "24/7/365", "...5", "5/", "1/", "½½", "0.0.0", "²", "10^"):
        assert worst("numbers", text, text, "es") == 0


@pytest.mark.parametrize("code", languages.codes())
def test_the_word_lists_of_a_language_are_whole(code):
    table, own = get(code).numbers, lexicon(code)
    assert {"decimal", "words", "scales", "soft", "joins", "place", "ranges", "months"} <= set(table)
    assert len(table["months"]) == 12 and table["decimal"] in ".," and table["place"] in ("before", "after")
    cardinals = {Fraction(row.split()[0]) for row in table["words"]}
    assert set(range(1, 10)) <= cardinals and all(len(row.split()) > 1 for row in (*table["words"], *table["soft"]))
    assert own.single and set(get(code).units) == set(get("en").units) and all(get(code).units.values())
