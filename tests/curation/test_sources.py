"""Each adapter on a small self-written file in its set's original format, with the traps that the real files hold."""

import json
import zipfile
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from globmed_curation.sources import load
from globmed_curation.sources.common import Drop, Skipped

from globmed_tools.entry import Entry
from globmed_tools.errors import GlobmedError
from tests.curation.originals import MMLU, answers, headqa, medmcqa, medqa, pubmed


def read(name, *paths, language=None, split=None, **options):
    return list(load(name).read(list(paths), language=language, split=split, **options))


def drops(found):
    return [(one.reason, one.evidence, one.locator) for one in found if isinstance(one, Drop)]


def test_an_unknown_set_is_told_what_there_is():
    with pytest.raises(GlobmedError, match=r"'medqq'; did you mean medqa\? There are: medqa medmcqa"):
        load("medqq")


def test_medqa_keeps_the_version_with_more_options_and_says_which(jsonl):
    five = jsonl("test.jsonl", [medqa(), medqa("  Cafe\u0301? "), medqa("Only five?")])
    four = jsonl(
        "phrases_no_exclude_test.jsonl",
        [medqa(letters="ABCD"), medqa("Caf\u00e9?", "ABCD"), medqa("Only four?", "ABCD")],
    )
    found = read("medqa", four, five)
    kept = [one for one in found if isinstance(one, Entry)]
    assert [(one.locator, one.question, len(one.options)) for one in kept] == [
        ("phrases_no_exclude_test.jsonl:3", "Only four?", 4),
        ("test.jsonl:1", "Which vein?", 5),
        ("test.jsonl:2", "Caf\u00e9?", 5),
        ("test.jsonl:3", "Only five?", 5),
    ]
    assert kept[1].answers == (1,) and kept[1].split == "test" and kept[1].tags == {"exam": "step1"}
    assert drops(found) == [
        ("same_item_fewer_options", "test.jsonl:1", "phrases_no_exclude_test.jsonl:1"),
        ("same_item_fewer_options", "test.jsonl:2", "phrases_no_exclude_test.jsonl:2"),
    ]
    assert [one.group_id for one in read("medqa", four)] == [kept[n].group_id for n in (1, 2, 0)]


def test_medqa_falls_back_on_fewer_options_where_the_longer_row_is_unusable(jsonl):
    doubled = medqa(options={"A": "vein A", "B": "vein B", "C": "x", "D": "x", "E": "y"})
    found = read(
        "medqa", jsonl("test.jsonl", [doubled]), jsonl("phrases_no_exclude_test.jsonl", [medqa(letters="ABCD")])
    )
    assert drops(found) == [("duplicate_options", "x", "test.jsonl:1")]
    assert [one.locator for one in found if isinstance(one, Entry)] == ["phrases_no_exclude_test.jsonl:1"]


def test_medqa_drops_repeats_and_wrong_golds_with_their_evidence(jsonl):
    rows = [
        medqa(),
        medqa(),
        medqa("Artery?", answer="vein C"),
        medqa("Nerve?", answer_idx="Z"),
        medqa("Bone?", answer_idx=None),
    ]
    assert drops(read("medqa", jsonl("dev.jsonl", rows))) == [
        ("repeated_stem", "dev.jsonl:1", "dev.jsonl:2"),
        ("gold_mismatch", "B is 'vein B', the answer 'vein C'", "dev.jsonl:3"),
        ("gold_mismatch", "Z is None, the answer 'vein B'", "dev.jsonl:4"),
        ("no_gold", "", "dev.jsonl:5"),
    ]


def test_medqa_does_not_take_another_country_for_english(jsonl):
    path = jsonl("test.jsonl", [medqa(meta_info="\u7b2c\u4e00\u90e8\u5206")])
    with pytest.raises(GlobmedError, match="test.jsonl, line 1: meta_info .* is no USMLE step.*Say --language"):
        read("medqa", path)


@pytest.mark.parametrize("cops, answers", [((1, 4), [0, 3]), ((0, 3), [0, 3]), ((-1, 1, 4), [0, 3])])
def test_medmcqa_tells_the_base_from_all_values(jsonl, cops, answers):
    found = read("medmcqa", jsonl("dev.json", [medmcqa(f"k{number}", cop) for number, cop in enumerate(cops)]))
    assert [one.answers[0] for one in found if isinstance(one, Entry)] == answers
    assert len(drops(found)) == len(cops) - 2


@pytest.mark.parametrize("cops, seen", [((1, 2, 3), r"neither 0 nor 4 \(only 1, 2, 3\)"), ((0, 4), "both 0 and 4")])
def test_medmcqa_asks_where_the_base_cannot_be_told(jsonl, cops, seen):
    path = jsonl("dev.json", [medmcqa(f"k{cop}", cop) for cop in cops])
    with pytest.raises(GlobmedError, match=f"dev.json: cop holds {seen}.*--gold-base 1"):
        read("medmcqa", path)
    assert read("medmcqa", path, gold_base=1)[-1].answers == (cops[-1] - 1,)


def test_medmcqa_keeps_tags_and_drops_what_has_no_gold(jsonl):
    hidden = medmcqa("k3")
    del hidden["cop"]
    rows = [
        medmcqa("k1", 4, exp=" Because. "),
        medmcqa("k2", 7),
        hidden,
        medmcqa("k4", opb="I "),
        medmcqa("k5", opc=None),
    ]
    found = read("medmcqa", jsonl("train.json", rows))
    assert (found[0].rationale, found[0].tags) == ("Because.", {"choice_type": "single", "subject": "Anatomy"})
    assert drops(found) == [
        ("gold_out_of_range", "6 with 4 options", "train.json:2"),
        ("no_gold", "", "train.json:3"),
        ("duplicate_options", "I", "train.json:4"),
        ("empty_option", "option 3 of 4", "train.json:5"),
    ]


def test_headqa_groups_the_languages_and_drops_image_and_cancelled(document):
    items = [
        (1, {}),
        (2, {"answers": answers(5), "ra": "5"}),
        (3, {"image": "a.png"}),
        (4, {"ra": "0"}),
        (5, {"ra": "6"}),
        (6, {"ra": None}),
    ]
    spanish = read("headqa", document("train_HEAD.json", headqa("es", items)))
    english = read("headqa", document("train_HEAD_EN.json", headqa("en", items)))
    assert [one.answers for one in spanish[:2]] == [(1,), (4,)]
    assert [one.group_id for one in spanish[:2]] == [one.group_id for one in english[:2]]
    assert (spanish[0].translator, english[0].translator) == (None, "Google Translate (as shipped)")
    assert (english[0].language, english[0].split, english[0].tags) == (
        "en",
        "train",
        {"category": "biology", "year": "2013"},
    )
    place = "train_HEAD.json:Cuaderno_2013_1_B/"
    assert drops(spanish) == [
        ("image_needed", "a.png", place + "3"),
        ("no_gold", "ra '0'", place + "4"),
        ("gold_out_of_range", "ra 6 with answers 1 2 3 4", place + "5"),
        ("no_gold", "ra None", place + "6"),
    ]


def test_headqa_never_overrules_the_language_of_the_file(document):
    path = document("dev_HEAD.json", headqa("en", [(1, {})]))
    with pytest.raises(GlobmedError, match="the file says 'en', --language says 'sw'"):
        read("headqa", path, language="sw")
    with pytest.raises(GlobmedError, match="dev_HEAD.json: unknown language 'tlh'"):
        read("headqa", document("dev_HEAD.json", headqa("tlh", [(1, {})])))


def test_pubmedqa_takes_the_split_from_the_test_labels(document):
    items = document(
        "ori_pqal.json", {"11": pubmed(), "12": pubmed("no"), "13": pubmed("maybe"), "14": pubmed("never")}
    )
    truth = document("test_ground_truth.json", {"12": "no", "13": "yes"})
    found = read("pubmedqa", truth, items)
    assert [(one.split, one.label) for one in found if isinstance(one, Entry)] == [("train", "yes"), ("test", "no")]
    assert (found[0].context, found[0].rationale, found[0].tags) == ("One.\nTwo.", "It does.", {"year": "2009"})
    assert drops(found) == [
        ("gold_conflict", "'maybe', test labels 'yes'", "ori_pqal.json:13"),
        ("unknown_label", "never", "ori_pqal.json:14"),
    ]
    assert {one.split for one in read("pubmedqa", items)} == {"test"}
    assert {one.split for one in read("pubmedqa", items, split="dev")} == {"dev"}
    with pytest.raises(GlobmedError, match="settles the splits"):
        read("pubmedqa", items, truth, split="train")
    with pytest.raises(GlobmedError, match="1 PMIDs of the test labels have no question \\(such as 99\\)"):
        read("pubmedqa", items, document("test_ground_truth.json", {"99": "no"}))
    with pytest.raises(GlobmedError, match="only labels were given"):
        read("pubmedqa", truth)


def test_mmlu_pro_takes_fillers_out_and_moves_the_gold(jsonl, document, tmp_path):
    archive, parquet = tmp_path / "model_outputs_x.zip", tmp_path / "validation-00000.parquet"
    with zipfile.ZipFile(archive, "w") as stream:
        stream.writestr("out/x.json", json.dumps(MMLU))
        stream.writestr("__MACOSX/out/x.json", b"\0")
    pq.write_table(pa.Table.from_pylist(MMLU), parquet)
    places = {archive: "/out/x.json#", parquet: "#", document("pro.json", MMLU): "#", jsonl("pro.jsonl", MMLU): ":"}
    for path, mark in places.items():
        found = read("mmlu_pro", path)
        place = path.name + mark
        assert (found[0].options, found[0].answers, found[0].locator) == (("A1", "C"), (1,), place + "1")
        assert (found[0].split, found[0].tags) == ("dev" if path is parquet else "test", {"src": "ori_mmlu-nutrition"})
        assert found[-1] == Skipped("other_category", 2, path.name)
        assert drops(found) == [
            ("gold_mismatch", "answer 'C', answer_index 1 of 3 options", place + "3"),
            ("no_gold", "the answer, B, is N/A", place + "4"),
            ("gold_mismatch", "answer 'D', answer_index 3 of 3 options", place + "5"),
            ("no_gold", "", place + "6"),
            ("duplicate_options", "C", place + "7"),
        ]
        assert Counter(type(one) for one in found) == {Entry: 1, Drop: 5, Skipped: 1}
