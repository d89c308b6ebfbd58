"""The check stage: what happens to an entry for what the checks say of it.

The Swahili is machine-written and has not been reviewed by native speakers or clinicians.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from globmed_curation import settings, stages
from globmed_curation.checks.registry import CHECKS
from globmed_curation.ingest import source_files
from globmed_curation.sources import load
from globmed_curation.stages.check import Config, Rule, stage

from globmed_tools.entry import Entry, make, translation
from globmed_tools.errors import GlobmedError

ENGLISH = make(
    source="medqa",
    split="test",
    form="mcq",
    language="en",
    key="1",
    question="Which of these drugs must NOT be given to a pregnant woman?",
    options=["warfarin", "insulin", "heparin"],
    answers=[0],
    locator="test.jsonl:1",
    licence="MIT",
)
RIGHT = "Ni dawa gani kati ya hizi haipaswi kupewa mwanamke mjamzito?"
LOST = "Ni dawa gani kati ya hizi inapaswa kupewa mwanamke mjamzito?"
OPTIONS = ["warfarin", "insulini", "heparini"]


def swahili(question=RIGHT, options=OPTIONS, of=ENGLISH):
    return translation(of, "sw", translator="t", question=question, options=options)


def only(*names, **rules) -> Config:
    """All checks off but these."""
    on = {name: Rule() for name in names} | {name: Rule(**rule) for name, rule in rules.items()}
    return Config(checks={name: on.get(name, Rule(severity="off")) for name in CHECKS})


CHECKED = (
    "empty",
    "script",
    "untranslated",
    "loop",
    "options",
    "leak",
    "length",
    "truncation",
    "sentences",
    "negation",
)


def test_a_good_translation_is_kept_and_says_that_it_was_checked():
    result = stage([ENGLISH, swahili()], only(*CHECKED))
    assert [one.id for one in result.kept] == [ENGLISH.id, swahili().id]
    assert result.kept[0] is ENGLISH
    assert result.kept[1].checks == {"check": []}
    assert result.dropped == []
    assert result.stats["entries"] == {"en": {"originals": 1}, "sw": {"clean": 1}}


def test_what_is_flagged_is_kept_with_the_finding():
    entry = replace(swahili(LOST), checks={"lid": 0.9})
    [_, kept] = stage([ENGLISH, entry], only(*CHECKED)).kept
    assert kept.id == entry.id and kept.checks["lid"] == 0.9
    [finding] = kept.checks["check"]
    assert finding.pop("detail")
    assert finding == {
        "check": "negation",
        "severity": "flag",
        "score": 0.9,
        "field": "question",
        "source": "NOT",
        "translation": "",
    }


def test_what_is_dropped_carries_the_worst_finding_and_names_the_rest():
    entry = swahili(LOST, ["insulini", "warfarin", "heparini"])
    result = stage([ENGLISH, entry], only(*CHECKED))
    assert result.kept == [ENGLISH]
    [dropped] = result.dropped
    assert dropped.entry is entry and dropped.reason == "options"
    detail = "option 1 of the source is option 2 of the translation"
    assert dropped.evidence == {
        "check": "options",
        "score": 0.9,
        "field": "option 1",
        "source": "warfarin",
        "translation": "insulini",
        "detail": detail,
        "others": ["negation"],
    }
    assert result.stats["entries"]["sw"] == {"dropped": 1}
    assert result.stats["findings"]["sw"] == {"options": {"drop": 2}, "negation": {"flag": 1}}
    assert result.stats["scores"]["sw"] == {"options": {"0.9": 2}, "negation": {"0.9": 1}}


@pytest.mark.parametrize(
    ("rule", "outcome"),
    [
        ({"severity": "drop"}, "dropped"),
        ({"severity": "note"}, "noted"),
        ({"severity": "off"}, "clean"),
        ({"threshold": 0.95}, "clean"),
    ],
)
def test_severity_and_threshold_come_from_the_settings(rule, outcome):
    result = stage([ENGLISH, swahili(LOST)], only(negation=rule))
    assert result.stats["entries"]["sw"] == {outcome: 1}
    assert len(result.dropped) == (outcome == "dropped")


def test_a_score_below_the_threshold_is_counted_and_not_recorded():
    result = stage([ENGLISH, swahili(LOST)], only(negation={"threshold": 0.95}))
    assert result.kept[1].checks["check"] == []
    assert result.stats["scores"]["sw"]["negation"] == {"0.9": 1}
    assert result.stats["findings"] == {}


def test_an_empty_field_is_one_finding_and_no_more():
    result = stage([ENGLISH, swahili(" ")], only(*CHECKED))
    [dropped] = result.dropped
    assert (dropped.reason, dropped.evidence["field"], dropped.evidence["others"]) == ("empty", "question", [])


def test_a_translation_without_its_source_is_an_error_of_the_pipeline():
    [dropped] = stage([swahili()], only("negation")).dropped
    assert dropped.reason == "source_missing"
    assert dropped.evidence == {"translated_from": ENGLISH.id, "translator": "t"}


def test_a_translation_that_a_set_ships_is_compared_with_the_original():
    shipped = replace(swahili(LOST), translated_from=None)
    result = stage([ENGLISH, shipped], only("negation"))
    assert result.stats["entries"]["sw"] == {"flagged": 1}
    alone = stage([shipped], only("negation"))
    assert alone.kept == [shipped] and alone.stats["entries"]["sw"] == {"unpaired": 1}


def test_parallel_originals_are_compared_only_when_asked_for():
    official = replace(swahili(LOST), translated_from=None, translator=None)
    config = only("negation")
    assert stage([ENGLISH, official], config).kept == [ENGLISH, official]
    result = stage([ENGLISH, official], replace(config, parallel=True))
    assert result.stats["entries"] == {"en": {"originals": 1}, "sw": {"flagged": 1}}


def test_two_items_with_the_same_text_are_two_items():
    twin = make(**{**_fields(ENGLISH), "key": "2"})
    result = stage([ENGLISH, swahili(LOST), twin, swahili(LOST, of=twin)], only("negation"))
    assert result.stats["entries"]["sw"] == {"flagged": 2}
    assert [len(one.checks.get("check", ())) for one in result.kept] == [0, 1, 0, 1]


def test_the_source_may_come_after_its_translation():
    assert stage([swahili(LOST), ENGLISH], only("negation")).stats["entries"]["sw"] == {"flagged": 1}


def test_statistics_of_shards_add_up_to_those_of_the_whole():
    second = make(**{**_fields(ENGLISH), "key": "2", "question": ENGLISH.question + " Choose one."})
    entries = [ENGLISH, swahili(LOST), second, swahili(RIGHT + " Chagua moja.", of=second)]
    whole = stages.add_up([stage(entries, only(*CHECKED)).stats])
    parts = stages.add_up([stage(entries[:2], only(*CHECKED)).stats, stage(entries[2:], only(*CHECKED)).stats])
    assert whole == parts
    assert whole["length_ratio"]["sw"] == {"1.0": 2}
    letters = sum(map(str.isalpha, RIGHT + LOST + "Chagua moja" + "".join(OPTIONS * 2))) - sum(
        map(str.isalpha, RIGHT + LOST)
    )
    assert whole["script"]["sw"]["latin"] == whole["script"]["sw"]["other"] == 0
    assert whole["script"]["sw"]["own"] == letters + sum(map(str.isalpha, LOST + RIGHT))


def _fields(entry):
    names = ("source", "split", "form", "language", "question", "options", "answers", "locator", "licence")
    return {name: getattr(entry, name) for name in names}


def test_the_length_ratio_of_a_pair_can_be_set():
    config = only("length")
    assert stage([ENGLISH, swahili()], config).stats["scores"] == {}
    given = settings.read(Config, {"length": {"en-sw": {"ratio": 4.0, "spread": 0.01}}}, "here")
    result = stage([ENGLISH, swahili()], replace(config, length=given.length))
    assert result.kept[1].checks["check"][0]["check"] == "length"


def test_a_glossary_is_noted_where_the_settings_name_one(tmp_path):
    path = tmp_path / "terms.csv"
    path.write_text("id,sourceLang,targetLang,sourceString,targetString\n1,en,sw_KE,pregnant,mwenye mimba\n", "utf-8")
    assert stage([ENGLISH, swahili()], only("glossary")).kept[1].checks == {"check": []}
    [_, kept] = stage([ENGLISH, swahili()], replace(only("glossary"), glossary=path)).kept
    assert [(one["check"], one["severity"], one["source"]) for one in kept.checks["check"]] == [
        ("glossary", "note", "pregnant")
    ]


def test_the_machine_translation_of_head_qa_mostly_passes(real_data):
    files = source_files("headqa", [real_data("headqa")], {})
    entries = [one for one in load("headqa").read(files, language=None, split=None) if isinstance(one, Entry)]
    entries = sorted(
        (one for one in entries if one.split == "dev"), key=lambda one: (one.group_id, one.language != "es")
    )
    result = stage(entries, only("language", *CHECKED))
    outcome = result.stats["entries"]["en"]
    assert result.stats["entries"]["es"] == {"originals": 1335} and sum(outcome.values()) == 1334
    assert outcome["clean"] > 0.95 * 1334 and outcome.get("dropped", 0) < 0.01 * 1334


def test_yaml_s_off_is_off(tmp_path):
    path = tmp_path / "checks.yml"
    path.write_text("checks:\n  negation: {severity: off}\n  length: {threshold: 0.7}\n")
    config = settings.read(Config, settings.load_yaml(path), "here")
    assert config.checks["negation"].severity == "off"
    assert config.checks["length"].threshold == 0.7


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({"checks": {"negatoin": {}}}, "unknown check 'negatoin'; did you mean negation"),
        ({"checks": {"negation": {"severity": "dorp"}}}, "checks.negation.severity"),
        ({"checks": {"negation": {"level": "drop"}}}, "checks.negation.level"),
        ({"checks": {"negation": {"threshold": 0}}}, "threshold 0.0 found"),
        ({"length": {"en-xx": {"ratio": 1, "spread": 0.1}}}, "length ratio 'en-xx'"),
        ({"length": {"en-sw": {"ratio": 0, "spread": 0.1}}}, "length ratio 'en-sw'"),
    ],
)
def test_settings_that_make_no_sense_are_errors(found, message):
    with pytest.raises(GlobmedError, match=message):
        settings.read(Config, found, "here")


def test_what_was_translated_from_a_text_that_falls_falls_with_it():
    spanish = replace(ENGLISH, id="0" * 32, language="es", question="¿Qué fármaco NO debe darse?", translated_from=None)
    english = replace(ENGLISH, translator="as published")
    good, other = swahili(of=english), replace(ENGLISH, group_id="f" * 32)
    config = only("options", negation={"severity": "drop"})
    wrong = replace(english, question="Which of these drugs may be given to a pregnant woman?")
    result = stage([good, other, wrong, spanish], config)
    assert [(one.entry.id, one.reason) for one in result.dropped] == [
        (wrong.id, "negation"),
        (good.id, "source_dropped"),
    ]
    assert result.dropped[1].evidence == {"translated_from": wrong.id, "reason": "negation"}
    assert result.kept == [other, spanish]
    assert stage([good, other, english, spanish], config).dropped == []
