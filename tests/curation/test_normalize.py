"""Normalize: what is cleaned, what medicine needs is kept, and nothing is done twice."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import product
from unicodedata import is_normalized

import pytest
from globmed_curation.ingest import find
from globmed_curation.settings import read
from globmed_curation.sources import load
from globmed_curation.stages.clean import _RULES, clean, is_clean
from globmed_curation.stages.labels import strip_labels
from globmed_curation.stages.normalize import Config, stage
from globmed_curation.stages.suspects import suspects

from globmed_tools.entry import Entry, make
from globmed_tools.errors import GlobmedError

CLEANED = {
    # markup
    "Hb&nbsp;&lt;7 g/dL,<br/>WBC 4 x 10<sup>9</sup>/L": "Hb <7 g/dL,\nWBC 4 x 10⁹/L",
    "<p>pCO<sub>2</sub> &ge; 45 mmHg</p>": "pCO₂ ≥ 45 mmHg",
    "10<SUP>-9</SUP> M, Ca<sup>2+</sup>, HbA<sub>1c</sub>": "10⁻⁹ M, Ca²⁺, HbA1c",
    "10<sup><b>9</b></sup>/L": "10⁹/L",
    "10<sup>9/L": "10^9/L",
    "10<sup>9 cells</sup>": "10^9 cells",
    "99<sup>th</sup> percentile": "99th percentile",
    '<span class="x">one</span> <a href=y>two</a>': "one two",
    "<ul><li>one</li><li>two</li></ul>": "one\n\ntwo",
    "<td>5</td><td>6</td>": "5 6",
    "a<!-- <b> -->b": "ab",
    "the &epsiv;-amino &amp;lt; 5": "the ϵ-amino < 5",
    "&notit; R&D; &#8203;&#x3bc;g": "&notit; R&D; μg",
    # invisible characters and white space
    "values \u200b\u200bof TSH": "values of TSH",
    "\ufeffsoft\u00adhyphen\r\nnew\rline\u2028end ": "softhyphen\nnew\nline\nend",
    "a\x00b\x1fc\x7fd": "ab cd",
    " Na  140 \n\n\n\n K\t4 ": "Na 140\n\nK 4",
    "12\u00a0500 et 1\u202f234\u2009567 U": "12\u202f500 et 1\u202f234\u202f567 U",
    "5\u00a0mg\u202f: 2013\u00a0100 patients, 3\u00a03000": "5 mg : 2013 100 patients, 3 3000",
    "体温\u3000三十九度": "体温 三十九度",
    # direction marks and joiners: with their scripts only
    "COVID\u200d-19 \u200e(US\u200f) \u202a5\u202c": "COVID-19 (US) 5",
    "می\u200cشود (Covid\u200c)": "می\u200cشود (Covid)",
    # composed form
    "cafe\u0301 \u1112\u1161\u11ab\u1100\u1173\u11af": "café 한글",
    "o\u0323\u0300 e\u0323\u0301": "\u1ecd\u0300 \u1eb9\u0301",
}
KEPT = [
    "p<0.05, Hb <7 g/dL and >3 x 10⁹/L, Na+ <-3SD, a<b and c>d",
    "patients with<or =5 lesions relative to patients with>5 lesions (<or=3cm vs>3cm)",
    "HbA2 < HbC < HbS; Vit D3 —> Cholecalciferol; 3´->5.",
    "50 µg, 3 μm, kg/m², 1½, ±2, ≥5, 37.5 °C, ×10⁹, CO₂, Å, ﬁ, Ⅳ, №, ㎎, ™, 5′, Ａ",
    "ọmọ ẹgbẹ́ kan sọ pé kò dùn",
    "kala-azar; R & D; AT&T; <https://example.org/a?b=1&c=2>; <i>x",
    "line\nline\n\nline",
    "\u200fضغط الدم \u200e120/80\u200e",
    "می\u200cشود",
    "क्\u200dष র\u200dয",
    "👩\u200d⚕️",
    "",
]


@pytest.mark.parametrize(("raw", "wanted"), CLEANED.items())
def test_cleaned(raw, wanted):
    found, rules = clean(raw)
    assert found == wanted and rules
    assert clean(found) == (found, [])


@pytest.mark.parametrize("text", KEPT)
def test_kept(text):
    assert clean(text) == (text, [])


def test_rules_are_named():
    assert clean("a&nbsp;<b>b</b>\x01\u200b  cafe\u0301")[1] == [*_RULES]
    assert clean("5\n mg", one_line=True) == ("5 mg", ["spaces"])


FRAGMENTS = [
    *("&am", "p;", "lt;", "&lt;", "<", "b", ">", "</b>", "<sup>", "</sup>", "9", "1", "\u200b", "\u200d", "\u00a0"),
    *(" ", "\n", "\r", "\t", "e", "\u0301", "ي", "\u200f", "क", "\x92", "\ue000", "\ud800", "#39;", "000", "Ã", "©"),
]


def test_whatever_is_put_together_is_clean_after_one_cleaning():
    texts = ["".join(parts) for parts in product(FRAGMENTS, repeat=3)]
    texts += ["".join(parts) for parts in product(["<", "b", ">", "/", "sup", "&lt;", "2", "\u200b"], repeat=5)]
    changed = 0
    for text in texts:
        once, rules = clean(text)
        assert clean(once) == (once, []), text
        assert (once != text) == bool(rules), text
        assert is_normalized("NFC", once) and once.strip(" \n") == once and "  " not in once, text
        line = clean(text, one_line=True)[0]
        assert "\n" not in line and clean(line, one_line=True) == (line, []), text
        if is_clean(text):
            assert all(rule(text) == text for rule in _RULES.values()), text
        changed += once != text
    assert len(texts) == len(FRAGMENTS) ** 3 + 8**5 and changed > 20_000


def test_suspects():
    damaged = {
        "37 Â°C": "mojibake",
        "donâ€™t": "mojibake",
        "å¿ƒè„": "mojibake",
        "don\x92t": "c1_control",
        "70 \uf06dg/dl": "private_use",
        "p \ufffd 5": "replacement",
        'see <img src="1.png">': "image",
    }
    assert {text: [*suspects(text)] for text in damaged} == {text: [kind] for text, kind in damaged.items()}
    sound = ["«MAÇÃ»", "„Spaß“ café” naïve", "Ânimo à l’été", "心脏", "10 µg ±2 °C", "Ẹ̀dọ̀", "p<0.05"]
    assert [suspects(text) for text in sound] == [{}] * len(sound)


def test_labels():
    stripped = {
        ("A) Aspirin", "B) Ibuprofen"): ["Aspirin", "Ibuprofen"],
        ("(a) 5 mg", "(b) 1.5 mg", "(c) A. baumannii"): ["5 mg", "1.5 mg", "A. baumannii"],
        ("1. one", "2. two", "3. three"): ["one", "two", "three"],
        ("A.Aspirin", "B.Codeine", "C.None", "D.Zinc"): ["Aspirin", "Codeine", "None", "Zinc"],
        ("I. stage", "II. phase", "III. grade"): ["stage", "phase", "grade"],
        ("①甲状腺", "②腎臓"): ["甲状腺", "腎臓"],
        ("Ａ．肝臓", "Ｂ．腎臓", "Ｃ．心臓"): ["肝臓", "腎臓", "心臓"],
    }
    for options, wanted in stripped.items():
        assert strip_labels(options, "ja") == wanted
    native = {
        "zh": ("甲、肝", "乙、肾", ["肝", "肾"]),
        "ja": ("ア．肝臓", "イ．腎臓", ["肝臓", "腎臓"]),
        "ar": ("أ) الكبد", "ب) الكلية", ["الكبد", "الكلية"]),
        "hi": ("(क) यकृत", "(ख) गुर्दा", ["यकृत", "गुर्दा"]),
        "ko": ("가. 간염", "나. 신장염 만성", ["간염", "신장염 만성"]),
        "bn": ("১) যকৃৎ", "২) বৃক্ক", ["যকৃৎ", "বৃক্ক"]),
    }
    for code, (first, second, wanted) in native.items():
        options = (first, second, "丙、心") if code == "zh" else (first, second)
        assert strip_labels(options, code) == ([*wanted, "心"] if code == "zh" else wanted), code


@pytest.mark.parametrize(
    "options",
    [
        ("1.5 mg", "2.5 mg", "3.5 mg"),
        ("1:04", "2:03", "3:02"),
        ("1-2 μm", "2-3 μm", "3-4 μm"),
        ("1 - 2", "3 - 4"),
        ("A. baumannii", "B. fragilis"),
        ("A. baumannii", "E. coli", "C. difficile", "D. radiodurans"),
        ("1. Woche", "2. Woche", "3. Woche"),
        ("A.", "B.", "C."),
        ("A) one", "B) two", "none"),
        ("A) one", "C) two"),
        ("B) one", "C) two"),
        ("A) one", "B. two"),
        ("Vitamin A", "Vitamin B"),
        ("IL-1", "IL-2"),
    ],
)
def test_no_labels(options):
    assert strip_labels(options, "en") is None


def item(
    language="en", key="1", options=("5 mg", "50 mg", "1 g"), answers=(0,), question="Which dose?", **more
) -> Entry:
    return make(
        source="medqa",
        split="test",
        form="mcq",
        language=language,
        key=key,
        question=question,
        options=options,
        answers=answers,
        locator=f"x.jsonl:{key}",
        licence="MIT",
        **more,
    )


def test_an_entry_without_need_is_the_same_object_and_ids_stay():
    sound = item(question="Hb <7 g/dL ≥ 5 µg?", rationale="Two\nlines.")
    messy = item(question="Which&nbsp;dose? ", options=["A) 5 mg", "B) 50\nmg", "C) 1  g"], context="\u200b")
    result = stage([sound, messy], Config())
    assert result.kept[0] is sound and not result.dropped
    assert result.kept[1] == replace(
        messy, question="Which dose?", options=("5 mg", "50 mg", "1 g"), context=None, id=messy.id
    )
    rules = {"entities": 1, "invisible": 1, "labels": 1, "spaces": 1}
    assert result.stats == {"changed": {"en": 1}, "rules": {r: {"en": n} for r, n in rules.items()}, "suspects": {}}
    again = stage(result.kept, Config())
    assert again.kept == result.kept and again.stats == {"changed": {}, "rules": {}, "suspects": {}}


def test_fillers_go_from_every_language_of_the_item_and_gold_moves():
    group = [
        item("en", options=("a drug", "N/A", "x-ray", "nan"), answers=[2]),
        item("es", options=("un fármaco", "n/a", "radiografía", ""), answers=[2]),
        item("fr", options=("un médicament", "N/A.", "radio"), answers=[2]),
    ]
    result = stage(group, Config())
    assert [one.options for one in result.kept] == [
        ("a drug", "x-ray"),
        ("un fármaco", "radiografía"),
        ("un médicament", "radio"),
    ]
    assert [one.answers for one in result.kept] == [(1,)] * 3
    assert result.stats["rules"]["fillers"] == {"en": 1, "es": 1, "fr": 1}


def test_a_filler_that_is_words_elsewhere_stays_and_is_noted():
    group = [item("en", options=("a", "b", "N/A")), item("es", options=("a", "b", "ninguna"))]
    result = stage(group, Config())
    assert [one.options for one in result.kept] == [one.options for one in group]
    assert [one.checks for one in result.kept] == [{"normalize": {"filler": "option 3: N/A"}}, {}]
    assert result.stats["rules"] == {"filler_kept": {"en": 1}}
    assert stage(result.kept, Config()).kept == result.kept


@pytest.mark.parametrize(("code", "both"), [("en", "Both A and C"), ("de", "A und C"), ("ar", "أ و ج"), ("fr", "A, C")])
def test_a_filler_stays_where_options_name_each_other_by_letter(code, both):
    entry = item(code, options=("a", "N/A", "c", both), answers=[3])
    assert stage([entry], Config()).kept[0].options == entry.options
    last = item(code, options=("a", "b", both, "N/A"), answers=[2])
    assert stage([last], Config()).kept[0].options == ("a", "b", both)


def test_fillers_are_no_chemistry_and_no_answer():
    entry = item(options=("Na", "None", "-", "NaN3"))
    assert stage([entry], Config()).kept == [entry]


def test_dropped_with_reason_and_as_it_came():
    gold = item(key="1", options=("a", "b", "n/a"), answers=[2])
    same = item(key="2", options=("A) 5 mg", "B) 5\u00a0mg", "C) 6 mg"))
    ordinal = item(key="3", options=("1. Woche", "2. Woche"))
    alone = item(key="4", options=("a", "nan"))
    blank = item(key="5", question=" <br> ")
    result = stage([gold, same, ordinal, alone, blank], Config())
    assert [(one.entry, one.reason, one.evidence) for one in result.dropped] == [
        (gold, "no_gold", "option 3 was the answer: n/a"),
        (same, "duplicate_options", "5 mg"),
        (alone, "too_few_options", "1"),
        (blank, "empty_question", ""),
    ]
    assert result.kept == [ordinal]


def test_damage_is_noted_and_mended_only_on_demand(monkeypatch):
    entry = item(question="70 \uf06dg/dl at 37 Â°C?", options=("5 \uf06dg", "6 g"))
    kept = stage([entry], Config()).kept[0]
    assert kept.question == entry.question
    assert kept.checks["normalize"] == {
        "private_use": "question: 70 \uf06dg/dl at 37 Â°C?",
        "mojibake": "question: 70 \uf06dg/dl at 37 Â°C?",
    }
    symbols = stage([kept], Config(mend_symbols=True)).kept[0]
    assert symbols.question == "70 μg/dl at 37 Â°C?" and symbols.options == ("5 μg", "6 g")
    assert [*symbols.checks["normalize"]] == ["mojibake"]
    monkeypatch.setitem(sys.modules, "ftfy", None)
    with pytest.raises(GlobmedError, match="ftfy is not installed. Run `pip install ftfy`"):
        stage([entry], Config(mend_mojibake=True))


def test_mojibake_is_mended_by_ftfy():
    pytest.importorskip("ftfy", reason="the optional package ftfy is not installed: pip install ftfy")
    result = stage([item(question="37 Â°C, donâ€™t, p<0.05 ½ 10⁹ µg")], Config(mend_mojibake=True))
    assert result.kept[0].question == "37 °C, don’t, p<0.05 ½ 10⁹ µg" and not result.kept[0].checks
    assert result.stats["rules"] == {"mended": {"en": 1}}


def test_settings_are_strict():
    assert read(Config, {"labels": False}, "x") == Config(labels=False)
    with pytest.raises(GlobmedError, match="unknown setting 'mend_symbol'; did you mean mend_symbols?"):
        read(Config, {"mend_symbol": True}, "x")


def test_real_sources(real_data):
    entries = []
    for name in ("medmcqa", "headqa", "pubmedqa"):
        adapter = load(name)
        options = {"gold_base": 1} if name == "medmcqa" else {}
        paths = find([real_data(name)], adapter.PATTERNS)
        entries += [one for one in adapter.read(paths, language=None, split=None, **options) if isinstance(one, Entry)]
    assert len(entries) == 4162 + 13192 + 1000
    result = stage(entries, Config())
    assert result.dropped == [] and [one.id for one in result.kept] == [one.id for one in entries]
    assert result.stats["rules"]["labels"] == {"en": 2}
    assert result.stats["suspects"] == {"private_use": {"en": 24, "es": 26}}
    digits = [[c for c in one.question + "".join(one.options) if c.isdigit()] for one in (*entries, *result.kept)]
    assert digits[: len(entries)] == digits[len(entries) :]
    assert stage(result.kept, Config()).kept == result.kept


def test_letters_of_another_alphabet_inside_a_word_are_noted():
    assert suspects("А 43-уеаr-оld mаn") == {"look_alike": "А 43-уеаr-оld mаn"}
    assert suspects("p\u03bfint") == {"look_alike": "p\u03bfint"}
    for text in ("TNFα and β-blockers, 5 µg/dl, γδ T cells, Δ9-THC, Fcγ, IgGκ", "Пациент, the Russian word", "NF-κB"):
        assert suspects(text) == {}, text
