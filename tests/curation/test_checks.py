"""Each check: what it finds, and what it leaves alone.

The sentences in other languages are machine-written and have not been reviewed by native speakers or clinicians.
"""

from __future__ import annotations

import unicodedata

import pytest
import regex
from globmed_curation.checks import Pair, glossary, length
from globmed_curation.checks.cues import SPACED, cues
from globmed_curation.checks.language import _long_enough, check_all
from globmed_curation.checks.options import check as options
from globmed_curation.checks.registry import CHECKS, load
from globmed_curation.checks.texts import ends_with_stop, sentences

from globmed_tools import languages
from globmed_tools.errors import GlobmedError
from globmed_tools.languages import get


def pair(source, translation, language="sw", field="question", of="en"):
    return Pair(field, source, translation, get(of), get(language))


def seen(name, *texts, **more):
    """(score, source span, translation span) of what a check finds."""
    return [(one.score, one.source, one.translation) for one in load(name)(pair(*texts, **more))]


def test_every_check_says_what_it_does():
    for name, check in CHECKS.items():
        assert check.name == name and check.meaning and check.severity in ("drop", "flag", "note")
    with pytest.raises(GlobmedError, match="unknown check 'negaton'; did you mean negation"):
        load("negaton")


@pytest.mark.parametrize("code", languages.codes())
def test_the_table_has_what_the_checks_need(code):
    language = get(code)
    assert set(language.negation) == set(SPACED)
    for entries in language.negation.values():
        assert entries and len(entries) == len(set(entries))
        for entry in entries:
            regex.compile(entry)
            assert unicodedata.is_normalized("NFC", entry)
    assert 0.5 < language.length["ratio"] < 2 and 0 <= language.length["spread"] < 0.3
    assert language.abbreviations


NEGATED = {
    "es": ("No se debe dar aspirina a los niños.", "Se debe dar aspirina a los niños."),
    "fr": ("Il ne faut pas donner d'aspirine aux enfants.", "Il faut donner de l'aspirine aux enfants."),
    "pt": ("Não se deve dar aspirina às crianças.", "Deve-se dar aspirina às crianças."),
    "de": ("Kindern darf kein Aspirin gegeben werden.", "Kindern darf Aspirin gegeben werden."),
    "zh": ("不应给儿童服用阿司匹林。", "应给儿童服用阿司匹林。"),
    "ja": ("子どもにアスピリンを与えてはいけない。", "子どもにアスピリンを与えてよい。"),
    "ko": ("어린이에게 아스피린을 주어서는 안 됩니다.", "어린이에게 아스피린을 주어야 합니다."),
    "sw": ("Watoto hawapaswi kupewa aspirini.", "Watoto wanapaswa kupewa aspirini."),
    "zu": ("Izingane akufanele zinikezwe i-aspirin.", "Izingane kufanele zinikezwe i-aspirin."),
    "yo": ("A kò gbọ́dọ̀ fún àwọn ọmọdé ní aspirin.", "A gbọ́dọ̀ fún àwọn ọmọdé ní aspirin."),
    "wo": ("Waruñu jox xale yi aspirin.", "War nañu jox xale yi aspirin."),
    "ar": ("لا ينبغي إعطاء الأسبرين للأطفال.", "ينبغي إعطاء الأسبرين للأطفال."),
    "hi": ("बच्चों को एस्पिरिन नहीं दी जानी चाहिए।", "बच्चों को एस्पिरिन दी जानी चाहिए।"),
    "bn": ("শিশুদের অ্যাসপিরিন দেওয়া উচিত নয়।", "শিশুদের অ্যাসপিরিন দেওয়া উচিত।"),
    "id": ("Anak-anak tidak boleh diberi aspirin.", "Anak-anak boleh diberi aspirin."),
    "ms": ("Kanak-kanak tidak boleh diberi aspirin.", "Kanak-kanak boleh diberi aspirin."),
}


@pytest.mark.parametrize("code", [code for code in languages.codes() if code != "en"])
def test_negation_is_seen_in_every_language(code):
    with_it, without = (unicodedata.normalize("NFC", text) for text in NEGATED[code])
    must, must_not = "Children must be given aspirin.", "Children must not be given aspirin."
    assert seen("negation", must_not, with_it, language=code) == []
    assert seen("negation", must, without, language=code) == []
    assert seen("negation", must_not, without, language=code) == [(0.9, "not", "")]
    [(score, source, translation)] = seen("negation", must, with_it, language=code)
    assert score == 0.8 and source == "" and translation


@pytest.mark.parametrize(
    ("source", "translation", "language", "found"),
    [
        ("All of these are signs EXCEPT:", "Todos estos son signos EXCEPTO:", "es", []),
        ("All of these are signs EXCEPT:", "Todos estos son signos:", "es", [(0.9, "EXCEPT", "")]),
        ("All of these are signs EXCEPT:", "以下各项均为体征，除了：", "zh", []),
        ("Which is LEAST likely?", "¿Cuál es menos probable?", "es", []),
        ("Which is LEAST likely?", "¿Cuál es más probable?", "es", [(0.9, "LEAST", "")]),
        ("Take at least two tablets.", "Tome dos comprimidos o más.", "es", []),
        ("Not only children are at risk.", "También los adultos corren riesgo.", "es", []),
        ("He takes less salt.", "Toma menos sal.", "es", []),
        ("It rarely helps.", "No suele ayudar.", "es", [(0.4, "rarely", "No")]),
        ("It does not help.", "Rara vez ayuda.", "es", [(0.6, "not", "Rara")]),
        ("No fever, no cough.", "Sin fiebre, tos.", "es", [(0.55, "No", "")]),
        ("Le patient n’est pas fébrile.", "The patient is not febrile.", "en", []),
    ],
)
def test_negation_and_its_relatives(source, translation, language, found):
    of = "fr" if language == "en" else "en"
    assert seen("negation", source, translation, language=language, of=of) == found


def test_what_only_looks_like_a_negation_is_none():
    assert cues("At least two, no later than noon, No. 5.", "en") == {}
    assert cues("Not only one, no doubt, has yet to come.", "en") == {"weak": ("Not only", "no doubt", "yet to")}
    assert cues("非常重要，未来是否", "zh") == {}
    assert cues("hali ya hatari", "sw") == {}
    assert cues("Inyanga ezinyangeni", "zu") == {}
    assert cues("必ずしも余儀なくされ、それにもかかわらず", "ja") == {}
    assert cues("미국은 어쩔 수 없이", "ko") == {}


def test_a_name_only_looks_like_a_negation():
    assert cues("Ni orílẹ̀-èdè Kòlómbìà", "yo") == {} == cues("umkhonto wabantu baKwaZulu", "zu")
    assert cues("Wahamba e-Angelou", "zu") == {}
    assert cues("Why It Didn't Go Well", "en") == {"cues": ("didn't",)}
    assert cues("HAWAPASWI kupewa", "sw") == {"cues": ("hawapaswi",)}
    assert cues("Hawapaswi kupewa", "sw") == {"cues": ("hawapaswi",)}


def test_yoruba_without_tone_marks_negates_too():
    for text in ("Ko gbọdọ jẹun", "Maṣe jẹun", "Kii ṣe bẹẹ"):
        assert "cues" in cues(text, "yo"), text
    assert cues("Kokoro arun wọnyi lati ko", "yo") == {}


@pytest.mark.parametrize(
    ("source", "translation", "language"),
    [
        ("It has yet to be shown.", "Todavía no se ha demostrado.", "es"),
        ("The patient declined treatment.", "Le patient n'a pas voulu de traitement.", "fr"),
        ("Only two patients came.", "Seuls deux patients sont venus; il n’y en a que deux.", "fr"),
        ("The drug is only given once.", "لا يعطى الدواء إلا مرة واحدة.", "ar"),
        ("Before the meal.", "Avant qu’il ne mange.", "fr"),
    ],
)
def test_what_a_translation_may_say_with_a_negation(source, translation, language):
    assert all(one[0] < 0.5 for one in seen("negation", source, translation, language=language))


def test_a_negation_that_became_yet_is_seen():
    assert seen("negation", "It has yet been shown.", "No se ha demostrado.", language="es") == [(0.8, "", "No")]


def test_length():
    source = "The patient was given two tablets a day for a week and was then seen again at the hospital. " * 2
    assert (
        seen("length", source, "El paciente recibió dos comprimidos al día durante una semana. " * 3, language="es")
        == []
    )
    [(score, *_)] = seen("length", source, "El paciente recibió.", language="es")
    assert score == 1.0
    [(short, *_)] = seen("length", "Yes.", "Sí.", language="es") or [(0, "", "")]
    assert short < 0.5
    # 20 signs count as 60 letters
    assert length.size("疼" * 20, get("zh")) == 60 and length.size("abc", get("sw")) == 3


def test_script():
    assert seen("script", "It hurts.", "Болит сильно.") == [(1.0, "", "Болит")]
    assert seen("script", "Interleukin-6 (IL-6)", "白细胞介素-6 (IL-6)", language="zh") == []
    assert seen("script", "Give TNF-α, 5 µg.", "Mpe TNF-α, 5 µg.") == []
    [(score, *_)] = seen("script", "How does it hurt today?", "How does it hurt today?", language="zh")
    assert score >= 0.5
    chinese = "这位病人今天早上开始感到头痛并且发烧需要住院治疗"
    [(score, *_)] = seen("script", "This patient has a headache.", chinese, language="ja")
    assert score >= 0.5


@pytest.mark.parametrize("language", ["sw", "zh", "ar", "es"])
def test_a_copy_of_the_source_is_untranslated(language):
    text = "The patient has had a fever and a cough for three days."
    assert seen("untranslated", text, text, language=language)[0][0] == 1.0


def test_names_are_no_copy():
    names = "Streptococcus pneumoniae, Haemophilus influenzae, Moraxella catarrhalis"
    assert seen("untranslated", names, names) == []
    assert seen("untranslated", "Aspirin", "Aspirin", language="de") == []
    source = "He was seen at the Centers for Disease Control and Prevention."
    assert seen("untranslated", source, "Alionekana kwenye Centers for Disease Control and Prevention.") == []
    [(score, _, span)] = seen("untranslated", "Give it with food.", "Toa give it with food.")
    assert score >= 0.5 and span == "give it with food"


def test_loop():
    source = "Rest well, drink water and come back tomorrow."
    good = "Pumzika vizuri, kunywa maji na urudi kesho."
    assert seen("loop", source, good) == []
    [(score, _, span)] = seen("loop", source, good + " na urudi kesho" * 5)
    assert score >= 0.5 and "na urudi kesho" in span
    assert seen("loop", source * 4, good * 4) == []
    [(score, *_)] = seen("loop", source, "好好休息，多喝水，明天再来。" + "明天再来" * 6, language="zh")
    assert score >= 0.5


def test_truncation():
    source = "Take the tablets with food, and drink plenty of water."
    assert seen("truncation", source, "Kunywa tembe pamoja na chakula, na unywe maji mengi.") == []
    assert seen("truncation", source, "随餐服用药片，并多喝水。", language="zh") == []
    [(score, _, span)] = seen("truncation", source, "Kunywa tembe pamoja na")
    assert score >= 0.5 and span == "Kunywa tembe pamoja na"
    assert seen("truncation", "Aspirin 100 mg", "Aspirini mg 100", field="option 1") == []
    assert seen("truncation", 'He said: "It hurts."', "Er sagte: „Es tut weh.“", language="de") == []


SENTENCES = (
    "Wash your hands often with soap and water for at least twenty seconds, and dry them well. Do not touch your face. "
    "Stay at home and call your doctor if you have a fever and a cough, or if you feel unwell in any other way."
)


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        (
            "sw",
            (
                "Nawa mikono yako mara kwa mara kwa sabuni na maji kwa angalau sekunde ishirini, kisha uikaushe vizuri. ",
                "Usiguse uso wako. ",
                "Kaa nyumbani na umpigie daktari wako simu ikiwa una homa na kikohozi, au ukihisi vibaya kwa njia nyingine yoyote.",
            ),
        ),
        (
            "zh",
            (
                "经常用肥皂和水洗手至少二十秒，然后彻底擦干双手。",
                "不要触摸自己的脸部。",
                "如果您有发烧和咳嗽，或者有任何其他不舒服的感觉，请待在家中并给您的医生打电话。",
            ),
        ),
        (
            "hi",
            (
                "अपने हाथ बार-बार साबुन और पानी से कम से कम बीस सेकंड तक धोएं और उन्हें अच्छी तरह सुखाएं। ",
                "अपने चेहरे को न छुएं। ",
                "यदि आपको बुखार और खांसी है, या किसी और तरह से अस्वस्थ महसूस करते हैं, तो घर पर रहें और अपने डॉक्टर को फोन करें।",
            ),
        ),
    ],
)
def test_a_sentence_left_out(language, parts):
    assert seen("sentences", SENTENCES, "".join(parts), language=language) == []
    [(score, source, translation)] = seen("sentences", SENTENCES, parts[1] + parts[2], language=language)
    assert (score >= 0.5, source, translation) == (True, SENTENCES.split(" Do not")[0], "")


def test_spans_are_verbatim():
    [(_, source, translation)] = seen("untranslated", "Give it (now) with food.", "Toa it (now) with food.")
    assert (source, translation) == ("it (now) with food", "it (now) with food")
    [(_, source, _)] = seen("negation", "Which is NOT given?", "Ni ipi inayotolewa?")
    assert source == "NOT"


def test_a_sentence_added():
    source = "Wash your hands often. Stay at home and call your doctor if you have a fever and a cough."
    added = "Kunywa maji mengi kila siku na ule matunda na mboga za majani."
    translation = (
        f"Nawa mikono yako mara nyingi. {added} Kaa nyumbani na umpigie daktari wako simu ikiwa una homa na kikohozi."
    )
    [(score, *spans)] = seen("sentences", source, translation)
    assert score >= 0.5 and spans == ["", added]


def test_a_sentence_becomes_two_in_japanese_more_often_than_elsewhere():
    source = "The patient was given two tablets of the drug and came back a week later."
    split = "患者には薬が二錠投与された。そして一週間後に再び来院した。"
    assert seen("sentences", source, split, language="ja") == []


def test_two_sentences_may_become_one():
    source = "The patient is 45 years old. She has a fever of 39 degrees."
    assert all(
        one[0] < 0.5 for one in seen("sentences", source, "Mgonjwa ana umri wa miaka 45 na ana homa ya digrii 39.")
    )


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [
        ("Dr. Smith gave 0.5 mg, e.g. at noon. Then he left.", "en", 2),
        ("Am 3. Mai kam er. Er hatte z. B. Fieber.", "de", 2),
        ("他发烧。他咳嗽！为什么？", "zh", 3),
        ("उसे बुखार है। उसे खांसी है।", "hi", 2),
        ("1. Wash your hands.", "en", 1),
        ("「痛い。」と彼は言った。彼は帰った。", "ja", 2),
        ("痛みますか?はい。", "ja", 2),
        ("「痛い。」彼は帰った。", "ja", 2),
        ("", "en", 0),
    ],
)
def test_sentences_are_told_apart(text, language, count):
    found = sentences(text, get(language))
    assert len(found) == count
    assert "".join("".join(found).split()) == "".join(text.split())


def test_a_stop_may_be_followed_by_quotation_marks():
    assert (
        ends_with_stop("« Rentrez chez vous.\u00a0»")
        and ends_with_stop("他说：“好。”")
        and not ends_with_stop("Stop it")
    )


def test_options():
    en, sw = get("en"), get("sw")

    def fields(source, translation):
        return [(one.field, one.score) for one in options(source, translation, en, sw)]

    assert fields(["5 mg", "10 mg", "20 mg"], ["mg 5", "mg 10", "mg 20"]) == []
    assert fields(["5 mg", "10 mg", "20 mg"], ["mg 10", "mg 5", "mg 20"]) == [("option 1", 1.0), ("option 2", 1.0)]
    assert fields(["1.5", "2.5"], ["1,5", "2,5"]) == []
    assert fields(["5", "6"], ["٥", "٦"]) == []
    assert fields(["aspirin", "warfarin"], ["warfarini", "aspirini"]) == [("option 1", 0.9), ("option 2", 0.9)]
    assert fields(["heart", "kidney"], ["moyo", "moyo"]) == [("option 2", 1.0)]
    assert fields(["heart", "kidney"], ["moyo", "figo", "ini"]) == [("options", 1.0)]


@pytest.mark.parametrize(
    ("source", "translation", "field", "leaks"),
    [
        ("Which drug is best?", "Dawa gani ni bora? Jibu sahihi ni B", "question", True),
        ("Which drug is best?", "Dawa gani ni bora? The correct answer is (C).", "question", True),
        ("Which drug is best?", "Here is the translation: Dawa gani ni bora?", "question", True),
        ("Which drug is best?", "**Dawa gani ni bora?**", "question", True),
        ("Which drug is best?", "Dawa gani ni bora?", "question", False),
        ("Vitamin A", "Vitamini A", "option 1", False),
        ("aspirin", "B) aspirini", "option 2", True),
        ("aspirin", "aspirini (correct)", "option 2", True),
        ("B. pertussis", "B. pertussis", "option 2", False),
    ],
)
def test_leak(source, translation, field, leaks):
    assert bool(seen("leak", source, translation, field=field)) is leaks


def test_glossary(tmp_path):
    path = tmp_path / "terms.tsv"
    rows = ["sourceLang\ttargetLang\tsourceString\ttargetString", "en\tsw_KE\tquarantine\tkarantini"]
    rows += ["en\tsw\tacute bronchitis\tmkamba mkali", "en\tfr_XX\tquarantine\tquarantaine", "en\tsw\tflu\t"]
    path.write_text("\n".join(rows) + "\n", "utf-8")
    terms = glossary.read(path)

    def missing(source, translation):
        return [(one.source, one.score) for one in glossary.check(pair(source, translation), terms)]

    assert missing("Is quarantine needed?", "Je, kutengwa kunahitajika?") == [("quarantine", 0.6)]
    assert missing("Is quarantine needed?", "Je, wamewekwa karantinini?") == []
    assert missing("Acute bronchitis or flu", "Mkamba au homa") == [("Acute bronchitis", 0.3)]
    path.write_text("source,target\na,b\n")
    with pytest.raises(GlobmedError, match="columns sourceLang, targetLang"):
        glossary.read.__wrapped__(path)
    with pytest.raises(GlobmedError, match="cannot be read"):
        glossary.read(tmp_path / "none.csv")


def test_language_needs_enough_letters():
    assert seen("language", "HIV", "HIV") == []
    [(score, *_)] = seen(
        "language", "How long have you had this pain?", "Seit wann haben Sie diese Schmerzen im Rücken?"
    )
    assert score >= 0.5
    assert seen("language", "How long have you had it?", "Umekuwa na maumivu haya ya mgongo kwa muda gani?") == []


@pytest.mark.parametrize(
    ("text", "code", "enough"),
    [
        ("1. Drei graue Tiere", "de", True),  # 14 letters and three words
        ("1. Drei grau(e) Tier 2 3 4", "de", False),
        ("Dreigraue Tieren", "de", False),
        ("Drei graue\nTiere und andere", "de", False),
        ("患者有头痛", "zh", True),
        ("(患)(者)(有)(头)", "zh", False),
        ("두통이 있다", "ko", True),
        ("", "de", False),
    ],
)
def test_what_is_long_enough_to_tell_the_language(text, code, enough):
    assert _long_enough(pair("", text, code)) is enough


def test_the_language_of_many_texts_is_that_of_each():
    """Names whose source is none either are let pass, sentences are not; each source is weighed with its own translation."""
    german = "Seit wann haben Sie diese Schmerzen im Rücken?"
    texts = [
        pair("How long have you had this pain?", german),
        pair("xq zk vw", "Seit wann haben Schmerzen"),
        pair("How long have you had it?", "Umekuwa na maumivu haya ya mgongo kwa muda gani?"),
        pair("Since when have you had pain?", "Seit wann haben Schmerzen"),
        pair("xq zk vw", german),
        pair("HIV", "HIV"),
    ]
    together = check_all(texts)
    assert [len(found) for found in together] == [1, 0, 0, 1, 1, 0]
    assert together == [check_all([one])[0] for one in texts]
