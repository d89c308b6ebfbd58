"""The glossary in memory: what is found in a text, in which language, and what is never taken for a term."""

from __future__ import annotations

import re
from unicodedata import normalize

import pytest
from globmed_curation.checks import glossary as check
from globmed_curation.glossary import Glossary, Hit
from globmed_curation.glossary import table as tables
from globmed_curation.glossary.table import Row, Source
from globmed_curation.glossary.words import Inflection, fold
from hypothesis import given, settings
from hypothesis import strategies as st

from globmed_tools import languages
from globmed_tools.errors import GlobmedError

SOURCES = [Source("first", "CC0 1.0"), Source("second", "CC BY 4.0")]


def of(*pairs: str, source="en", target="sw") -> Glossary:
    """A glossary of terms, each translated as itself in brackets; "term = a | b" says how else."""
    rows = []
    for pair in pairs:
        term, _, targets = pair.partition(" = ")
        rows += [Row(source, term, target, one, 0) for one in (targets.split(" | ") if targets else [f"[{term}]"])]
    return Glossary(tables.make(rows, SOURCES[:1]))


def found(glossary: Glossary, text: str, source="en", target="sw") -> list[tuple[str, str]]:
    hits = glossary.find(text, target, source)
    return [(text[hit.start : hit.end], hit.term) for hit in hits]


def test_a_hit_says_where_and_what():
    glossary = of("acute bronchitis = mkamba mkali", "bronchitis", "quarantine = karantini | kutengwa")
    assert glossary.find("Acute  bronchitis, no quarantine", "sw") == [
        Hit(0, 17, "acute bronchitis", ("mkamba mkali",), ("first",), False),
        Hit(22, 32, "quarantine", ("karantini", "kutengwa"), ("first",), False),
    ]
    assert glossary.pairs == {("en", "sw"): 3}
    assert glossary.find("quarantine", "yo") == glossary.find("quarantine", "sw", "fr") == glossary.find("", "sw") == []


@pytest.mark.parametrize(
    ("terms", "text", "expected"),
    [
        # the longest, from the left; words are whole
        (["lung cancer", "cancer", "cancer cell"], "lung cancer cell", [("lung cancer", "lung cancer")]),
        (["rash"], "crash rashly RASH-like", []),
        (["rash"], "Rash-like", [("Rash", "rash")]),
        # case and accents
        (["Crohn's disease"], "CROHN’S DISEASE", [("CROHN’S DISEASE", "Crohn's disease")]),
        (["Ménière disease"], "Meniere disease", [("Meniere disease", "Ménière disease")]),
        (["meniere disease"], "Me\u0301nie\u0300re disease", [("Me\u0301nie\u0300re disease", "meniere disease")]),
        # where folding makes two terms equal, the exact one is meant
        (["resume", "résumé"], "resume, résumé", [("resume", "resume"), ("résumé", "résumé")]),
        # abbreviations
        (["AIDS", "aids"], "AIDS aids Aids", [("AIDS", "AIDS"), ("aids", "aids"), ("Aids", "aids")]),
        (["AIDS"], "She aids him. It aids.", []),
        (["lead", "arm"], "LEAD study, left arm", [("arm", "arm")]),
        (["lead"], "LEAD POISONING", [("LEAD", "lead")]),
        (["ICU"], "two ICUs, icus", [("ICUs", "ICU")]),
        (["COVID-19"], "Covid-19 and covid 19", [("Covid-19", "COVID-19"), ("covid 19", "COVID-19")]),
        # dashes and spaces between words, signs at the edges
        (["T-cell"], "T cell, T-cells, T\ncell", [("T cell", "T-cell"), ("T-cells", "T-cell"), ("T\ncell", "T-cell")]),
        (["HER2-", "HER2+"], "HER2+ HER2- HER2 HER2-like", [("HER2+", "HER2+"), ("HER2-", "HER2-")]),
        # plurals of English, both ways, inside a term too
        (["biopsy", "virus", "disease"], "biopsies viruses diseases", [("biopsies", "biopsy"), ("viruses", "virus"), ("diseases", "disease")]),
        (["vertebra", "cortex", "diagnosis"], "vertebrae cortices diagnoses", [("vertebrae", "vertebra"), ("cortices", "cortex"), ("diagnoses", "diagnosis")]),
        (["face masks"], "a face mask", [("face mask", "face masks")]),
        (["nurse station"], "nurses stations", [("nurses stations", "nurse station")]),
        (["tumor", "tumors"], "tumor tumors Tumors", [("tumor", "tumor"), ("tumors", "tumors"), ("Tumors", "tumors")]),
        (["colon", "pus", "gas"], "cola pu ga", []),
    ],
)  # fmt: skip
def test_what_is_found_in_english(terms, text, expected):
    assert found(of(*terms), text) == expected


@pytest.mark.parametrize(
    ("code", "terms", "text", "expected"),
    [
        ("zh", ["糖尿病", "糖尿"], "患者有糖尿病史", [("糖尿病", "糖尿病")]),
        ("zh", ["DNA"], "检测DNA片段，mDNA除外", [("DNA", "DNA")]),
        ("ja", ["肺炎", "か"], "新型肺炎が", [("肺炎", "肺炎")]),
        ("ko", ["독감", "암"], "독감은 암이다, 암모니아", [("독감은", "독감"), ("암이다", "암")]),
        ("de", ["Krankheit"], "der Krankheiten", [("Krankheiten", "Krankheit")]),
        ("es", ["enfermedad respiratoria"], "Enfermedades respiratorias", [("Enfermedades respiratorias", "enfermedad respiratoria")]),
        ("pt", ["infecção"], "infecções", [("infecções", "infecção")]),
        ("sw", ["mgonjwa"], "wagonjwa mgonjwa", [("wagonjwa", "mgonjwa"), ("mgonjwa", "mgonjwa")]),
        ("ar", ["حمى"], "الحمّى", [("الحمّى", "حمى")]),
        ("hi", ["बीमारी"], "बीमारियों", [("बीमारियों", "बीमारी")]),
        ("yo", ["ọkọ", "ọkọ́"], "ọkọ́ ọkọ", [("ọkọ́", "ọkọ́"), ("ọkọ", "ọkọ")]),
    ],
)  # fmt: skip
def test_what_is_found_in_other_languages(code, terms, text, expected):
    assert found(of(*terms, source=code, target="en"), text, code, "en") == expected


@pytest.mark.parametrize("code", languages.codes())
def test_what_the_table_says_of_inflection_can_be_taken_off(code):
    facts = Inflection.of(code)
    for found, instead in (*facts.endings, *facts.beginnings):
        assert found and found != instead and fold(found) == found
    assert facts.least >= 1 and set(languages.get(code).inflection) == {"endings", "beginnings", "least"}


def test_terms_that_the_text_fits_alike_are_marked():
    glossary = of("résumé = wasifu", "resume = endelea")
    [hit] = glossary.find("Resumé", "sw")  # neither: the first in order, both translations, and a mark
    assert (hit.term, hit.targets, hit.conflict) == ("resume", ("endelea", "wasifu"), True)
    assert [hit.conflict for hit in glossary.find("resume, résumé", "sw")] == [False, False]
    [hit] = of("résumé = x", "resume = x").find("Resumé", "sw")
    assert not hit.conflict


def test_sources_that_disagree_are_marked_and_the_first_is_preferred():
    rows = [
        Row("en", "cold", "sw", "baridi", 1),
        Row("en", "cold", "sw", "mafua", 0),
        Row("en", "flu", "sw", "homa", 1),
    ]
    rows += [Row("en", "flu", "sw", "flu", 0), Row("en", "flu", "sw", "Homa", 0)]
    glossary = Glossary(tables.make(rows, SOURCES))
    cold, flu = glossary.find("cold flu", "sw")
    assert (cold.targets, cold.sources, cold.conflict) == (("mafua", "baridi"), ("first", "second"), True)
    assert (flu.targets, flu.conflict) == (("flu", "Homa", "homa"), False)
    [listed] = glossary.conflicts()
    assert listed["term"] == "cold" and [one["source"] for one in listed["translations"]] == ["first", "second"]
    assert glossary.conflicts("yo") == []


def test_two_concepts_of_one_name_are_a_conflict():
    rows = [Row("en", "cold", "sw", "mafua", 0, "C1"), Row("en", "cold", "sw", "baridi", 0, "C2")]
    [hit] = Glossary(tables.make(rows, SOURCES[:1])).find("cold", "sw")
    assert hit.conflict and hit.targets == ("mafua", "baridi")


def test_a_shorter_term_is_taken_where_the_longer_has_no_translation():
    rows = [Row("en", "acute bronchitis", "yo", "a", 0), Row("en", "bronchitis", "sw", "b", 0)]
    glossary = Glossary(tables.make(rows, SOURCES[:1]))
    assert [hit.term for hit in glossary.find("acute bronchitis", "sw")] == ["bronchitis"]
    assert [hit.term for hit in glossary.find("acute bronchitis", "yo")] == ["acute bronchitis"]


def test_the_digest_is_of_what_is_found(tmp_path):
    rows = [Row("en", "cold", "sw", "mafua", 0), Row("en", "flu", "sw", "homa", 0)]
    digest = Glossary(tables.make(rows, SOURCES[:1])).digest
    assert re.fullmatch("[0-9a-f]{32}", digest)
    assert Glossary(tables.make(rows[::-1], SOURCES[:1])).digest == digest
    assert Glossary(tables.make(rows[:1], SOURCES[:1])).digest != digest
    assert Glossary(tables.make(rows, SOURCES[1:])).digest != digest
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for path in paths:
        tables.write(path, tables.make(rows, SOURCES[:1]))
    assert Glossary.open(paths[0]).digest == digest and paths[0].read_bytes() == paths[1].read_bytes()


def test_files_that_are_no_glossary(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "a.parquet"
    with pytest.raises(GlobmedError, match="no such file"):
        Glossary.open(path)
    path.write_bytes(b"PAR1 no")
    with pytest.raises(GlobmedError, match="not a readable Parquet file"):
        Glossary.open(path)
    pq.write_table(pa.table({"a": [1]}), path)
    with pytest.raises(GlobmedError, match="but no glossary"):
        Glossary.open(path)


def test_the_check_takes_a_built_file_as_it_takes_a_csv(tmp_path):
    from globmed_curation.checks import Pair

    from globmed_tools.languages import get

    csv = tmp_path / "terms.csv"
    csv.write_text("sourceLang,targetLang,sourceString,targetString\nen,sw,face mask,barakoa\n", "utf-8")
    tables.write(tmp_path / "terms.parquet", Glossary.open(csv).table)
    pair = Pair("question", "Wear face masks", "Vaa nguo", get("en"), get("sw"))
    for path in (csv, tmp_path / "terms.parquet"):
        [finding] = check.check(pair, check.read(path))
        assert (finding.source, finding.detail) == ("face masks", "the glossary has 'barakoa'")


WORDS = ["ab", "ba", "a", "Ab", "e", "é", "ẹ́", "e\u0301", "x1", "糖", "尿", "病"]
GAPS = [" ", "  ", "-", ", ", "\n"]


@st.composite
def joined(draw, gaps, least=1, most=4):
    words = draw(st.lists(st.sampled_from(WORDS), min_size=least, max_size=most))
    return "".join(word + draw(st.sampled_from(gaps)) for word in words[:-1]) + words[-1]


def plain(text: str) -> str:
    """What folding has to make equal, said in another way."""
    bare = "".join(char for char in normalize("NFD", text) if not "\u0300" <= char <= "\u036f")
    return re.sub(r"[\s-]+", " ", bare.casefold())


def whole(text: str, start: int, end: int) -> bool:
    """Does no word of Latin letters go over an edge of text[start:end]?"""

    def inside(place: int) -> bool:
        before, after = text[place - 1 : place] if place else "", text[place : place + 1]
        if "\u0300" <= after <= "\u036f":
            return True
        return all(
            char and (char.isalnum() or "\u0300" <= char <= "\u036f") and char < "\u2e80" for char in (before, after)
        )

    return not inside(start) and not inside(end)


def naively(terms: list[str], text: str) -> list[tuple[int, int]]:
    places, start = [], 0
    while start < len(text):
        ends = [
            end
            for end in range(len(text), start, -1)
            if whole(text, start, end)
            and not re.match(r"[\s,-]", text[start])
            and not re.match(r"[\s,-]", text[end - 1])
            and any(plain(text[start:end]) == plain(term) for term in terms)
        ]
        if ends:
            places.append((start, ends[0]))
        start = ends[0] if ends else start + 1
    return places


@settings(max_examples=300, deadline=None)
@given(st.lists(joined([" ", "-"]), min_size=1, max_size=6), joined(GAPS, 1, 14))
def test_random_texts_give_what_a_naive_search_gives(terms, text):
    glossary = of(*dict.fromkeys(map(tables.tidy, terms)), source="yo", target="en")  # Yoruba takes no endings off
    hits = glossary.find(text, "en", "yo")
    assert [(hit.start, hit.end) for hit in hits] == naively(terms, text)
    assert all(one.end <= other.start for one, other in zip(hits, hits[1:]))
    for hit in hits:
        span = text[hit.start : hit.end]
        assert plain(span) == plain(hit.term)
        exact = [term for term in map(tables.tidy, terms) if term == normalize("NFC", span)]
        assert not exact or hit.term == exact[0]
