"""Units, doses, dates and comparison signs of a translation.

The sentences in languages other than English are machine-written; no native speaker or clinician has reviewed them.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
from globmed_curation.checks import Pair
from globmed_curation.checks.conversions import plausible
from globmed_curation.checks.quantities import read
from globmed_curation.checks.registry import load

from globmed_tools.languages import get


def found(check, source, translation, code):
    return load(check)(Pair("question", source, translation, get("en"), get(code)))


def scores(check, source, translation, code):
    return [one.score for one in found(check, source, translation, code)]


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("en", "5-10 mg for two weeks", ["milligram", "milligram", "week"]),
        ("en", "24, 48 and 72 hours", ["hour", "hour", "hour"]),
        ("en", "14 consecutive days, day 7, the 25th minute", ["day", "day", "minute"]),
        (
            "en",
            "37.5 °C, 120 mmHg, 4 µg, 4 μg, 4 mcg, 10 IU",
            ["celsius", "mmhg", "microgram", "microgram", "microgram", "unit"],
        ),
        ("en", "122,653 U.S. cases", [""]),
        ("en", "the first four to seven years, 4 or more hours", ["year", "year", "hour"]),
        ("en", "1-, 3-, and 5-year survival, 31 +/- 6 years", ["year", "year", "year", "year", "year"]),
        ("en", "aged 60, ages 5 to 17, 65 or older, over 60", ["year", "year", "year", "year", ""]),
        ("en", "aged 2 to 15 months, a mean age of the patients of 56", ["month", "month", "year"]),
        ("en", "300 daily cases, 3 times daily for 5 days", ["", "", "day"]),
        ("en", "HR 0.82 at week 12", ["", "week"]),
        ("en", "at 9 o'clock, the 6-foot-6 forward", ["hour", "foot", ""]),
        ("en", "in 24 hours 183 cases, on day 14", ["hour", "", "day"]),
        ("pt", "(Apêndice Multimídia 1)", [""]),
        ("de", "ungefähr 40.000 neue Fälle", [""]),
        ("id", "menang 2-0 pada hari Sabtu, 40 poin persentase", ["", "", "percent"]),
        ("ar", "بنتيجة 2-0 يوم السبت، 5 أيام", ["", "", "day"]),
        ("zu", "oneminyaka engu 44, abavamile abangu-100", ["year", ""]),
        ("zh", "得5.6分，15分钟", ["", "minute"]),
        ("sw", "mg 5 kwa siku 14, asilimia 20", ["milligram", "day", "percent"]),
        ("zu", "izinsuku ezingu-14, oneminyaka engu-56", ["day", "year"]),
        ("zh", "5毫克，3个月，50%的人，14天", ["milligram", "month", "percent", "day"]),
        ("ja", "500ミリグラム、3か月、2時間", ["milligram", "month", "hour"]),
        ("ko", "5밀리그램 14일 3개월 35만 달러", ["milligram", "day", "month", ""]),
        ("de", "17-jährige, 5 Milligramm, 50 Prozentpunkte", ["year", "milligram", "percent"]),
        ("ar", "5 ملغ لمدة 14 يومًا", ["milligram", "day"]),
        ("bn", "১৪ দিনের, ৪০ কিলোমিটারের", ["day", "kilometre"]),
        ("es", "5 miligramos cada 8 horas", ["milligram", "hour"]),
        ("en", "5 mg/kg/day, 7 mg/dL", ["milligram/kilogram/day", "milligram/decilitre"]),
        ("es", "5 mg/kg/día", ["milligram/kilogram/day"]),
        ("zh", "7毫克/分升", ["milligram/?"]),
    ],
)
def test_the_unit_beside_a_number_is_read(code, text, expected):
    assert [one.unit for one in read(text, get(code)).quantities] == expected


@pytest.mark.parametrize(
    ("code", "source", "translation"),
    [
        ("es", "5 mg", "5 g"),
        ("fr", "5 mg", "5 µg"),
        ("es", "for 14 days", "durante 14 semanas"),
        ("zh", "14 days", "14周"),
        ("ko", "the 25th minute", "25년"),
        ("zu", "14 days", "izinyanga ezingu-14"),
        ("sw", "20 percent", "siku 20"),
        ("de", "38 °C", "38 °F"),
        ("pt", "two weeks", "dois meses"),
        ("fr", "7 mg/dL", "7 mg/L"),
        ("es", "5 mg/kg/day", "5 mg/kg/hora"),
        ("es", "people aged 60", "personas de 60 meses"),
        ("hi", "0.5 metres", "0.5 मील"),
    ],
)
def test_a_changed_unit_is_found(code, source, translation):
    assert scores("units", source, translation, code) == [1.0]


def test_a_sign_that_may_stand_for_two_units_stands_for_one_at_a_time():
    assert scores("units", "85 mph, 385 miles away", "385 mph, 85 batu jauhnya", "ms") == [1.0, 1.0]
    assert scores("units", "85 mph, 385 miles away", "85 batu sejam, 385 batu jauhnya", "ms") == []


def test_a_lost_symbol_weighs_more_than_a_lost_word():
    assert scores("units", "20 % of them", "20 de ellos", "es") == [0.7]
    assert scores("units", "for 20 days", "los 20 primeros", "es") == [0.2]
    assert scores("units", "5 mg/kg", "5 mg por kg", "es") == [0.4]


@pytest.mark.parametrize(
    ("code", "source", "translation"),
    [
        ("fr", "550 pounds", "250 kg"),
        ("es", "40 miles away", "a 64 km"),
        ("de", "80 degrees Fahrenheit", "27 °C"),
        ("fr", "up to 10 inches", "jusqu’à 25 cm"),
        ("es", "30 yards away", "a 30 metros"),
    ],
)
def test_a_conversion_is_told_below_the_threshold_and_is_no_changed_number(code, source, translation):
    assert set(scores("units", source, translation, code)) == {0.45}
    assert scores("numbers", source, translation, code) == []


def test_a_unit_that_the_source_never_names_is_found():
    assert scores("units", "2 full school days", "2 heures d’école", "fr") == [0.6]
    assert scores("units", "people over 60 came", "llegaron personas de 60 meses", "es") == [0.6]
    assert scores("units", "10 died in 2014", "10 murieron hace 2014 años", "es") == [0.6]
    assert scores("units", "10 died in 2014", "2014年有10人死亡", "zh") == [0.2]
    assert scores("units", "the hour long course", "1分間のコース", "ja") == [0.6]
    assert scores("units", "on 20 September 2018", "在2018年9月20日", "zh").count(0.6) == 0
    assert scores("units", "on 20 September 2018", "在20年9月2018日", "zh").count(0.6) == 1
    assert scores("units", "at 7.55am", "午前7時55分", "ja").count(0.6) == 0
    assert scores("units", "children below the age of 3, a day", "enfants de moins de 3 ans, un jour", "fr") == []


def test_a_wrong_conversion_is_a_changed_number():
    assert scores("numbers", "550 pounds", "520 kg", "fr") == [1.0]
    assert not plausible(550, "pound", 520, "kilogram") and plausible(550, "pound", 250, "kilogram")
    assert not plausible(5, "milligram", 5000, "microgram")  # metric on both sides: nobody converts these
    half = Fraction(1, 2)
    assert plausible(half, "inch", Fraction(13, 10), "centimetre") and not plausible(half, "metre", half, "mile")
    assert plausible(38, "celsius", 100, "fahrenheit") and not plausible(100, "celsius", 38, "fahrenheit")


@pytest.mark.parametrize(
    ("code", "source", "translation", "score"),
    [
        ("es", "5 mg for 14 days", "14 mg durante 5 días", 0.9),
        ("sw", "2 weeks, 3 cases", "wiki 3, visa 2", 0.9),
        ("es", "5 mg of amoxicillin and 10 mg of ibuprofen", "10 mg de amoxicilina y 5 mg de ibuprofeno", 0.7),
        ("zh", "5 mg of A and 10 mg of B", "10毫克A和5毫克B", 0.5),
        ("id", "a 44-year-old woman at 7.55 am", "wanita 7.55 tahun pada pukul 44", 0.9),
        ("hi", "358 of 457 patients", "358 में से 457 मरीज़", 0.5),
        ("sw", "358 of 457 patients", "wagonjwa 457 kati ya 358", 0.5),
        ("pt", "people over 60 and 12 others", "pessoas de mais de 12 anos e 60 outras", 0.5),
        ("hi", "a 3-day cough and 14 days of fever", "14 दिन की खांसी और 3 का बुखार", 0.5),
        ("bn", "aged 65, ages 5 to 18 and 65", "৬৫ বছর, ১৮ থেকে ৫ এবং ৬৫", 0.5),
    ],
)
def test_a_dose_that_moved_is_found(code, source, translation, score):
    assert set(scores("doses", source, translation, code)) == {score}


def test_what_may_change_places_is_left_alone():
    assert found("doses", "358 of 457 patients", "在457名患者中有358名", "zh") == []
    assert found("doses", "40,000 cases in 2018", "En 2018, 40 000 casos", "es") == []
    assert found("doses", "358 of 457 patients", "457 में से 358 मरीज़", "hi") == []
    assert found("doses", "183 cases over 24 hours", "in 24 Stunden 183 Fälle", "de") == []


def test_another_month_is_found():
    assert scores("dates", "on 3 March 2020", "2020年5月3日", "zh") == [0.9]
    assert scores("dates", "on 3 March 2020", "el 3 de mayo de 2020", "es") == [0.9]
    assert scores("dates", "on 3 March 2020", "2020年3月3日", "zh") == []
    assert scores("dates", "It may march on.", "Puede seguir.", "es") == []


def test_a_number_that_took_the_place_of_the_year_is_found():
    source = "As of March 28, 2020, a total of 571,678 cases"
    assert scores("dates", source, "截至 571,678 年 3 月 28 日，共 2020 例", "zh") == [0.7]
    assert scores("dates", source, "截至 2020 年 3 月 28 日，共 571,678 例", "zh") == []


@pytest.mark.parametrize(
    ("source", "translation", "score"),
    [
        ("SpO2 < 90 %", "SpO2 > 90 %", [1.0]),
        ("age ≥ 65", "umri > 65", [0.8]),
        ("5 ± 2", "5 < 2", [0.6]),
        ("age < 19 years", "chini ya miaka 19", []),
        ("age < 19 years", "miaka 19", [0.2]),
        ("age >= 65", "umri ≥ 65", []),
    ],
)
def test_a_comparison_that_turned_is_found(source, translation, score):
    assert scores("comparison", source, translation, "sw") == score


def test_per_cent_may_be_of_a_hundred():
    assert scores("units", "70 percent of them", "70 yoo jël ci temeer bi", "wo") == [0.2]
    assert scores("numbers", "16 percent voted", "16 rek ci 100 boo jël", "wo") == [0.4]


def test_a_unit_that_a_number_borrows_need_not_be_written():
    assert scores("units", "Limits of 140 and 90 mmHg.", "140와 90 mmHg의 한계.", "ko") == [0.2]
    assert scores("units", "A limit of 140 mmHg.", "140의 한계.", "ko") == [0.7]
