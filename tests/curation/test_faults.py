"""The planting of faults: every plant changes what it says, the same way each time, and nothing else.

The texts are the project's own, machine-written and reviewed by nobody.
"""

from __future__ import annotations

import pytest
from globmed_curation.stages.check import Config

from benchmarks.faults import FAULTS, Text, corpora, languages, negation, plant, words
from benchmarks.faults.baselines import Lengths, digits_differ
from benchmarks.faults.measure import Bench, judge, judge_items
from benchmarks.faults.options import OPTION_FAULTS, Item, own_items, plant_option
from globmed_tools.languages import codes


def text(code: str, source: str, translation: str, **more) -> Text:
    return Text(code, "own", "own", 1, source, translation, ((source, translation),), **more)


PARTS = (
    ("Wash your hands often.", "Lávese las manos a menudo."),
    ("Drink 2 litres of water a day.", "Beba 2 litros de agua al día."),
    ("Stay at home if you feel unwell.", "Quédese en casa si se siente mal."),
)
JOINED = Text(
    "es",
    "own",
    "own",
    1,
    " ".join(source for source, _ in PARTS),
    " ".join(translation for _, translation in PARTS),
    PARTS,
    {"fr": "Lavez-vous souvent les mains.", "glg": "Lave as mans a miúdo."},
    ("Ask your doctor.", "Pregunte a su médico."),
)

#: fault -> a text that it can be planted in, and one that it cannot.
CASES = {
    "number changed": (text("sw", "Take 250 mg.", "Kunywa mg 250."), text("es", "Twice.", "Dos veces.")),
    "digits transposed": (text("hi", "In 25 days.", "२५ दिनों में।"), text("es", "Take 5 or 44.", "Tome 5 o 44.")),
    "ten times as much": (text("fr", "Take 2.5 mg.", "Prenez 2,5 mg."), text("fr", "0 cases", "0 cas")),
    "number in a name changed": (
        text("es", "COVID-19 spreads.", "La COVID-19 se propaga."),
        text("es", "In 19 days.", "En 19 días."),
    ),
    "number word changed": (
        text("pt", "Two tablets a day.", "Dois comprimidos por dia."),
        text("pt", "A few tablets.", "Dois comprimidos."),
    ),
    "magnitude changed": (text("zh", "30,000 people", "3万人"), text("zh", "Many people", "很多人")),
    "unit changed": (text("de", "Give 5 mg.", "Geben Sie 5 mg."), text("de", "Give mg.", "Geben Sie mg.")),
    "numbers exchanged, units differ": (
        text("es", "5 mg for 14 days", "5 mg durante 14 días"),
        text("es", "5 mg or 10 mg", "5 mg o 10 mg"),
    ),
    "numbers exchanged, nouns differ": (
        text("id", "12 women and 30 men", "12 perempuan dan 30 laki-laki"),
        text("id", "sections 12 and 30", "bagian 12 dan 30"),
    ),
    "negation lost in the translation": (
        text("es", "You should not smoke.", "No debe fumar."),
        text("es", "You should not smoke.", "No debe fumar ni beber."),
    ),
    "negation lost in the source": (
        text("yo", "You must not smoke.", "O kò gbọdọ̀ mu sìgá."),
        text("yo", "Do not smoke, and never drink.", "Má mu sìgá, má sì mu ọtí."),
    ),
    "comparison sign turned round": (
        text("fr", "Aged ≥65", "Âgés de ≥65 ans"),
        text("fr", "<b>Aged</b>", "<b>Âgés</b>"),
    ),
    "comparison turned round in the source": (
        text("wo", "At least 5 days", "Lu mu néew 5 fan"),
        text("wo", "It is over.", "Jeex na."),
    ),
    "month changed in the source": (
        text("ja", "On 5 March 2020", "2020年3月5日"),
        text("ja", "They may go.", "行ける。"),
    ),
    "sentence deleted": (JOINED, None),
    "sentence added": (JOINED, text("es", "Yes.", "Sí.")),
    "one sentence left in English": (JOINED, None),
    "left in English": (JOINED, text("es", "Aspirin", "Aspirin")),
    "half left in English": (JOINED, text("es", "Wash your hands often.", "Lávese las manos a menudo.")),
    "wrong language": (JOINED, text("es", "Yes.", "Sí.")),
    "wrong language, a neighbour": (JOINED, text("es", "Yes.", "Sí.")),
    "loop": (text("ja", "Drink water.", "水をたくさん飲んでください。"), None),
    "truncation": (JOINED, text("es", "Yes.", "Sí.")),
}


def test_there_is_a_case_for_every_fault():
    assert set(CASES) == set(FAULTS)


@pytest.mark.parametrize("name", FAULTS)
def test_a_plant_changes_the_text_and_is_the_same_each_time(name):
    good, bad = CASES[name]
    planted = plant(name, good)
    assert planted == plant(name, good)
    assert planted.what
    changed = (planted.source != good.source, planted.translation != good.translation)
    assert changed == ((True, False) if name.endswith("in the source") else (False, True))
    assert bad is None or plant(name, bad) is None


def test_a_plant_says_what_it_changed():
    said = 0
    for name, (good, _bad) in CASES.items():
        planted = plant(name, good)
        if " -> " not in planted.what:
            continue
        said += 1
        old, new = (side.strip("'") for side in planted.what.split(" -> "))
        side = "source" if planted.source != good.source else "translation"
        assert old.lower() in getattr(good, side).lower() and new in getattr(planted, side)
    assert said == 12


def exact(name, code, source, translation):
    return plant(name, text(code, source, translation)).translation


def test_digits_keep_their_script_and_numbers_their_length():
    assert exact("digits transposed", "hi", "In 25 days.", "२५ दिनों में।") == "५२ दिनों में।"
    assert exact("ten times as much", "bn", "5 mg", "৫ mg") == "৫০ mg"
    assert exact("ten times as much", "fr", "2.5 mg", "2,5 mg") == "25 mg"
    changed = exact("number changed", "ar", "14 days", "١٤ يومًا")
    assert len(changed) == len("١٤ يومًا") and changed[0] != "٠" and changed.endswith(" يومًا")


def test_a_name_with_digits_is_no_number():
    assert plant("number changed", text("es", "COVID-19 and SARS-CoV-2", "COVID-19 y SARS-CoV-2")) is None


def test_a_range_is_not_turned_round():
    assert plant("numbers exchanged, units differ", text("es", "2-14 days", "2-14 días")) is None


def test_units_stand_before_the_number_in_some_languages():
    assert exact("unit changed", "sw", "for 14 days", "kwa siku 14") in {
        f"kwa {unit} 14" for unit in ("dakika", "saa", "masaa", "wiki", "mwezi", "miezi", "mwaka", "miaka")
    }
    assert exact("unit changed", "zu", "for 14 days", "izinsuku ezingu-14") == "izinyanga ezingu-14"
    assert plant("unit changed", text("zh", "in 2019", "2019年")) is None


@pytest.mark.parametrize(
    "code, source, translation, without",
    [
        ("es", "It does not help.", "Eso no ayuda.", "Eso ayuda."),
        ("fr", "It does not help.", "Cela n’aide pas.", "Cela aide."),
        ("de", "There is no danger.", "Es besteht keine Gefahr.", "Es besteht eine Gefahr."),
        ("zh", "It will not help.", "这不会有用。", "这会有用。"),
        ("ja", "It is not a cold.", "風邪ではありません。", "風邪です。"),
        ("sw", "There is no cure.", "Hakuna tiba.", "Kuna tiba."),
        ("sw", "We have no medicine.", "Sisi hatuna dawa.", "Sisi tuna dawa."),
        ("zu", "There is no cure.", "Manje akukho khambi.", "Manje kukhona khambi."),
        ("id", "Take it without food.", "Minum tanpa makanan.", "Minum dengan makanan."),
    ],
)
def test_the_not_is_taken_out(code, source, translation, without):
    planted = plant("negation lost in the translation", text(code, source, translation))
    assert (planted and planted.translation) == without


def test_a_negation_is_only_taken_out_where_it_is_the_only_one():
    assert negation.without("It is not clear.", "en") == ("It is clear.", "'is not' -> 'is'")
    assert negation.without("It is not clear and not safe.", "en") is None
    assert negation.without("It is not only clear.", "en") is None


def test_a_text_of_one_language_is_put_in_another():
    assert plant("wrong language", JOINED).what == "in fr"
    assert plant("wrong language, a neighbour", JOINED).what == "in glg"


def test_a_deleted_sentence_leaves_the_others_as_they_were():
    left = plant("sentence deleted", JOINED).translation
    assert left in {" ".join(PARTS[j][1] for j in range(3) if j != i) for i in range(3)}


def test_every_language_has_words_and_they_fit_together():
    assert len(languages()) == 16 and set(languages()) == set(codes()) - {"en"}
    for code in languages():
        row = words(code)
        assert row["neighbours"] and row["negation"] and row["numbers"] and row["units"]
        assert len(row["magnitudes"]) >= 2
        for pattern, new in row["negation"]:
            assert pattern != new


ITEM = Item("sw", "own", "Which dose?", "Dozi gani?", ("5 mg", "10 mg", "20 mg"), ("mg 5", "mg 10", "mg 20"), 1)


@pytest.mark.parametrize("name", OPTION_FAULTS)
def test_options_are_changed_and_the_source_is_not(name):
    made = plant_option(name, ITEM)
    assert made == plant_option(name, ITEM) and made != ITEM
    assert (made.source, made.source_options, made.answer) == (ITEM.source, ITEM.source_options, ITEM.answer)


def test_what_each_option_fault_does():
    assert sorted(plant_option("options permuted", ITEM).options) == sorted(ITEM.options)
    assert all(a != b for a, b in zip(plant_option("options permuted", ITEM).options, ITEM.options))
    assert plant_option("two options exchanged", ITEM).options[1] != "mg 10"
    assert len(set(plant_option("two options made equal", ITEM).options)) == 2
    assert len(plant_option("option lost", ITEM).options) == 2
    assert "B" in plant_option("answer given away", ITEM).translation
    assert plant_option("options permuted", Item("sw", "own", "?", "?", ("a", "b"), ("c", "C"), 0)) is None


def test_the_sample_has_items_in_every_language():
    assert {len(own_items(code)) for code in languages()} == {21}


def test_the_baselines():
    assert digits_differ("Give 5 mg.", "Mpe mg 50.") and not digits_differ("1,000 in 5", "5 katika 1.000")
    assert not digits_differ("5 mg", "৫ mg")
    usual = Lengths.of([text("es", "word " * n, "palabra " * n) for n in range(1, 200)])
    assert usual.unusual("word " * 10, "palabra") and not usual.unusual("word " * 10, "palabra " * 10)


def test_the_real_stage_judges():
    source, good = "Take one tablet a day for 14 days.", "Kunywa tembe moja kwa siku kwa muda wa siku 14."
    clean, planted, english = judge(
        "sw", [(source, good), (source, good.replace("14", "41")), (source, source)], Config()
    )
    assert not clean and "numbers" in planted and "untranslated" in english
    assert judge_items([ITEM, plant_option("option lost", ITEM)], Config())[1].keys() >= {"options"}


def test_the_parts_do_not_overlap_and_are_whole(real_data):
    data = real_data("tico19").parent
    real_data("ntrex128")
    for code, counts in (("sw", (971, 2100)), ("de", (0, 0))):
        parts = {part: corpora.pool(code, part, data) for part in corpora.PARTS}
        places = {
            part: {(one.corpus, one.number) for one in texts if one.corpus == "ntrex128"}
            for part, texts in parts.items()
        }
        assert not places["dev"] & places["held-out"] and len(places["dev"] | places["held-out"]) <= 1997
        tico = [sum(one.corpus == "tico19" for one in parts[part]) for part in ("dev", "held-out")]
        assert all(found <= whole for found, whole in zip(tico, counts)) and sum(tico) >= 0.98 * sum(counts)
        shared = {one.source for one in parts["dev"]} & {one.source for one in parts["held-out"]}
        assert len(shared) < 0.01 * len(parts["dev"])


def test_a_run_on_real_texts_counts_what_it_tried(real_data):
    data = real_data("tico19").parent
    bench = Bench("sw", "dev", data, Config(), 5)
    clean, found = bench.clean("single"), bench.fault("left in English", "joined")
    assert clean.tried == 25 and found.tried == 5
    assert found.owed <= 5 and found.caught <= found.owed and found.meant <= found.caught
