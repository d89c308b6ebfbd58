"""The two tables are complete: every field of every row is filled, and no fact contradicts another."""

from __future__ import annotations

import dataclasses

import pytest

from globmed_tools import catalog, languages
from globmed_tools.errors import GlobmedError

PAPER = "en zh ja ko de fr es pt sw wo yo zu".split()
HUB = "ar bn hi id ms".split()
SETS = "medqa medmcqa headqa mmlu_pro medexpqa pubmedqa bionli mednli liveqa expertqa_med expertqa_bio".split()
CURATED_ONLY = ["mmlu_clinical_african"]


def test_the_languages_are_the_paper_s_and_the_hub_s():
    assert languages.codes() == PAPER + HUB
    assert languages.codes(paper=True) == PAPER
    assert languages.codes(tier="low") == ["sw", "wo", "yo", "zu"]


@pytest.mark.parametrize("code", PAPER + HUB)
def test_every_field_of_a_language_is_filled(code):
    language = languages.get(code)
    may_be_empty = {"letters", "digits"} if language.script in ("Latn", "Kore") else set()
    may_be_empty |= {"decoys"} if language.script in ("Jpan", "Kore") else set()
    for field in dataclasses.fields(language):
        value = getattr(language, field.name)
        assert value not in ("", (), {}, None) or field.name in may_be_empty, field.name
    assert language.direction == ("rtl" if language.script == "Arab" else "ltr")
    assert len(language.digits) in (0, 10) and len(language.letters) in (0, 10)
    assert set(language.words) == {"question", "context", "premise", "hypothesis", "options", "answer"}
    assert set(language.ask) == set(catalog.FORMS)
    assert "{letters}" in language.ask["mcq"] and all("{labels}" in language.ask[form] for form in ("nli", "yesno"))
    assert len(language.markers) == 2 and len(language.extract["ordinals"]) == 10
    assert set(language.extract) == set(languages.get("en").extract) and all(language.extract.values())
    assert len(language.stopwords) >= 15


@pytest.mark.parametrize("code", PAPER + HUB)
def test_a_label_word_belongs_to_one_label(code):
    labels = languages.get(code).labels
    for form in languages.LABELS.values():
        words = [word.lower() for label in form for word in labels[label]]
        assert len(words) == len(set(words))


def test_codes_met_in_the_wild_are_known():
    assert [languages.get(code).code for code in ("jp", "zho", "PT-br", "swh", "EN")] == ["ja", "zh", "pt", "sw", "en"]
    with pytest.raises(GlobmedError, match="unknown language 'xx'"):
        languages.get("xx")


def test_aliases_name_one_language_each():
    names = [name for one in languages.table().values() for name in (one.code, *one.aliases)]
    assert len(names) == len(set(names))


def test_the_sets_and_what_is_known_of_them():
    assert [one.name for one in catalog.table().values() if one.bench] == SETS
    assert [one.name for one in catalog.table().values() if not one.bench] == CURATED_ONLY
    facts = {"hub", "options", "hub_splits", "rows", "in_paper", "licence", "origin"}
    for source in catalog.table().values():
        assert source.form in catalog.FORMS and source.citation and source.title and source.licence and source.origin
        assert set(source.sure) == facts and set(source.sure.values()) <= set("VRI?")
        assert (source.options == (0, 0)) == (source.form != "mcq")
    assert [one.name for one in catalog.table().values() if not one.hub] == ["mednli", *CURATED_ONLY]
    assert sum(one.in_paper for one in catalog.table().values()) == 9
    with pytest.raises(GlobmedError, match="did you mean medqa"):
        catalog.get("medqaa")
