"""Translate with the stand-in: numbers, options and length stay, nobody takes it for a translation, faults can be planted."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest
from globmed_curation.ingest import find
from globmed_curation.settings import read
from globmed_curation.sources import load as adapter
from globmed_curation.stages import load as load_stage
from globmed_curation.translate import Job, is_pseudo, load
from globmed_curation.translate.faults import KINDS, faults_of
from globmed_curation.translate.stage import Config, stage

from globmed_tools import languages
from globmed_tools.entry import Entry, make, problem
from globmed_tools.errors import GlobmedError

QUESTION = (
    "A 45-year-old man with an INR of 3.5 takes 5 mg of warfarin.\nWhich dose (in mg/day) is BEST for 12 14 days?"
)


def item(
    key="1", language="en", question=QUESTION, options=("0.5-1 kg", "Iron", "Zinc", "IL-2 (≥10⁹/L)"), **more
) -> Entry:
    return make(
        source="medqa",
        split="test",
        form="mcq",
        language=language,
        key=key,
        question=question,
        options=options,
        answers=[1],
        locator=f"x.jsonl:{key}",
        licence="MIT",
        **more,
    )


def pseudo(entry: Entry, *codes: str, faults=0.0) -> list[Entry]:
    return load("pseudo").translate([Job(entry, code) for code in codes], Config(faults=faults))


def test_swahili_and_chinese():
    swahili, chinese = pseudo(item(), "sw", "zh")
    assert swahili.question.startswith("⟦sw⟧ A 45-year-old ɱå") and "öƒ 3.5 ţåķéš" in swahili.question
    assert swahili.options[0] == "⟦sw⟧ 0.5-1 kg" and swahili.options[3] == "⟦sw⟧ IL-2 (≥10⁹/L)"
    assert " 45-year-old " in chinese.question and " INR " in chinese.question and " 12 14 " in chinese.question
    assert re.fullmatch(r"⟦zh⟧ \w+", chinese.options[1]) and chinese.options[1] != chinese.options[2]
    assert not re.search("[b-z]{3}", chinese.question.replace("year-old", "").replace("mg/day", ""))


@pytest.mark.parametrize("code", [code for code in languages.codes() if code != "en"])
def test_every_language(code):
    entry = item(context="Blood.", rationale="Because of 7 g/dL.")
    [made] = pseudo(entry, code)
    assert (made.translator, made.translated_from, made.group_id) == ("pseudo", entry.id, entry.group_id)
    assert (made.split, made.answers, made.language) == ("test", (1,), code)
    assert is_pseudo(made.translator) and not is_pseudo(entry.translator) and problem(made) is None
    for name in ("question", "context", "rationale"):
        before, after = getattr(entry, name), getattr(made, name)
        assert after.startswith(f"⟦{code}⟧ ") and after.count("\n") == before.count("\n")
        assert re.findall(r"[0-9]+|[.?]", after) == re.findall(r"[0-9]+|[.?]", before)
        assert after.endswith(before[-1])
    assert "5 mg" in made.question and "INR" in made.question and "7 g/dL" in made.rationale
    assert made == pseudo(entry, code)[0]


def test_length_is_the_languages_own():
    words = (
        "patient treatment of the disease was given after blood pressure and fever in a hospital with severe pain " * 40
    ).strip()
    entry = item(question=words + ".")
    check = pytest.importorskip("globmed_curation.checks.length")
    for made in pseudo(entry, *languages.codes()[1:]):
        into = languages.get(made.language)
        ratio = check.size(made.question, into) / len(entry.question)
        assert abs(ratio / into.length["ratio"] - 1) < 0.25, (made.language, ratio)


def test_options_that_differ_stay_different():
    entry = item(options=[f"{word}" for word in ("a b", "in", "on", "at", "to", "of", "by", "up", "so", "no")])
    for made in pseudo(entry, *languages.codes()[1:]):
        assert len({option.lower() for option in made.options}) == 10, made.language


def test_every_language_of_an_item_is_made_once():
    english, spanish = item(), item(language="es", question="¿Cuál?")
    config = Config(languages=["en", "es", "sw", "jp"])
    result = stage([english, spanish], config)
    assert [(one.language, one.translated_from) for one in result.kept] == [
        ("en", None),
        ("es", None),
        ("sw", english.id),
        ("ja", english.id),
    ]
    assert result.kept[:2] == [english, spanish] and not result.dropped
    assert result.stats == {
        "translated": {"sw": 1, "ja": 1},
        "published": {"en": 1, "es": 1},
        "from": {"en": 1},
    }
    assert stage(result.kept, config).kept == result.kept


def test_without_the_pivot_the_original_is_translated():
    french = replace(item(language="fr", question="Laquelle ?"), translator="as shipped")
    spanish = item(language="es", question="¿Cuál?")
    result = stage([french, spanish], Config(languages=["en", "sw"]))
    assert [(one.language, one.translated_from) for one in result.kept[2:]] == [("en", spanish.id), ("sw", spanish.id)]
    alone = stage([french], Config(languages=["sw"]))
    assert alone.kept[1].translated_from == french.id and alone.stats["from"] == {"fr": 1}
    pivot = stage([french, spanish], Config(languages=["sw"], pivot="fr"))
    assert pivot.kept[2].translated_from == french.id


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"translator": "pseudp"}, "unknown translator 'pseudp'; did you mean pseudo\\? Known: pseudo"),
        ({"languages": ["xx"]}, "unknown language 'xx'"),
        ({"faults": 2}, "faults: 2.0 found, 0 to 1 expected"),
    ],
)
def test_settings_that_cannot_be_meant(values, message):
    with pytest.raises(GlobmedError, match=message):
        read(Config, values, "globmed.yml, translate")


def test_no_target_language():
    with pytest.raises(GlobmedError, match="languages: none. Name the target languages"):
        stage([item()], Config())


def test_faults_are_planted_and_recomputed():
    entries = [
        item(str(n), question=f"Is {n} the dose, or {n + 5} mg a day, in grams or in litres?") for n in range(120)
    ]
    entries += [item(f"x{n}", question="Which metal do they take?", options=("Iron", f"Zinc {n}")) for n in range(60)]
    clean = stage(entries, Config(languages=["sw", "ja", "yo"]))
    config = Config(languages=["sw", "ja", "yo"], faults=0.5)
    planted = stage(entries, config)
    kinds: Counter = Counter()
    for before, after in zip(clean.kept, planted.kept, strict=True):
        found = faults_of(after, config)
        assert (after != before) == bool(found), (found, before, after)
        assert faults_of(before, Config()) == () and after.checks == {} and after.tags == before.tags
        kinds.update(found)
        if found == ("number",):
            old, new = (re.findall("[0-9]", one.question) for one in (before, after))
            assert sum(a != b for a, b in zip(old, new, strict=True)) == 1
        if found == ("options_swapped",):
            assert sorted(after.options) == sorted(before.options) and after.answers == before.answers
    assert set(kinds) == set(KINDS) and abs(sum(kinds.values()) - 270) < 40
    assert faults_of(entries[0], config) == ()


def test_checks_find_planted_faults_and_nothing_else():
    """Those checks that do not ask whether it is the language."""
    check = load_stage("check")
    entries = [
        item(str(n), question=f"Is {n} the dose or not, for an adult? Give the best of these.") for n in range(40)
    ]
    off = check.Rule(severity="off")
    rules = {name: off for name in check.CHECKS if name not in ("options", "length", "loop", "leak", "empty")}
    clean = check.stage(stage(entries, Config(languages=["sw", "zh", "ar"])).kept, check.Config(checks=rules))
    assert clean.dropped == [] and len(clean.kept) == 160
    config = Config(languages=["sw", "zh", "ar"], faults=1.0)
    result = check.stage(stage(entries, config).kept, check.Config(checks=rules))
    dropped = Counter(faults_of(one.entry, config) for one in result.dropped)
    kept = Counter(faults_of(one, config) for one in result.kept if one.translated_from)
    assert dropped[("option_repeated",)] >= 5 and ("option_repeated",) not in kept
    assert {one.reason for one in result.dropped} == {"options"}


def test_real_sources(real_data):
    module = adapter("medmcqa")
    paths = find([real_data("medmcqa")], module.PATTERNS)
    found = module.read(paths, language=None, split=None, gold_base=1)
    entries = [one for one in found if isinstance(one, Entry)][:800]
    result = stage(entries, Config(languages=languages.codes(paper=True)))
    assert len(result.kept) == 800 * 12 and all(problem(one) is None for one in result.kept)
    assert len({one.id for one in result.kept}) == len(result.kept)
    by_id = {one.id: one for one in entries}
    for one in result.kept:
        if source := by_id.get(one.translated_from):
            assert re.findall("[0-9]", one.question) == re.findall("[0-9]", source.question)
