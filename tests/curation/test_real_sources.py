"""The real original files, where they are on this machine: every item is kept or dropped, and the counts are exact."""

from collections import Counter

import pytest
from globmed_curation.ingest import source_files
from globmed_curation.sources import ADAPTERS, load
from globmed_curation.sources.common import Drop, Skipped

from globmed_tools.entry import Entry

REAL = {
    # set: kept by (language, split); dropped by (language, split, reason); skipped
    "medqa": ({("en", "test"): 1273}, {("en", "test", "same_item_fewer_options"): 1273}, {}),
    "medmcqa": ({("en", "dev"): 4162}, {("en", "dev", "duplicate_options"): 21}, {}),
    "headqa": (
        {
            ("es", "train"): 2588,
            ("es", "dev"): 1335,
            ("es", "test"): 2675,
            ("en", "train"): 2585,
            ("en", "dev"): 1334,
            ("en", "test"): 2675,
        },
        {
            ("es", "train", "image_needed"): 68,
            ("es", "train", "duplicate_options"): 1,
            ("es", "dev", "image_needed"): 30,
            ("es", "dev", "duplicate_options"): 1,
            ("es", "test", "image_needed"): 67,
            ("en", "train", "image_needed"): 68,
            ("en", "train", "duplicate_options"): 4,
            ("en", "dev", "image_needed"): 30,
            ("en", "dev", "duplicate_options"): 2,
            ("en", "test", "image_needed"): 67,
        },
        {},
    ),
    "pubmedqa": ({("en", "train"): 500, ("en", "test"): 500}, {}, {}),
    "mmlu_pro": ({("en", "test"): 818}, {}, {"other_category": 11214}),
    "medexpqa": (
        {(code, split): n for code in ("en", "es", "fr") for split, n in (("train", 380), ("dev", 55), ("test", 117))},
        {(code, "train", "duplicate_options"): 1 for code in ("en", "es", "fr")},
        {"unsupported_language": 553},
    ),
    "expertqa_med": ({("en", "test"): 44}, {}, {"other_field": 175}),
    "expertqa_bio": ({("en", "test"): 9}, {}, {"other_field": 210}),
    "mmlu_clinical_african": (
        {("en", "dev"): 84, ("en", "test"): 604, ("zu", "dev"): 84, ("zu", "test"): 593},
        {("zu", "test", "duplicate_options"): 11},
        {"unsupported_language": 10 * (604 + 69 + 15)},
    ),
}
#: Items in the original files, by (language, split).
TOTAL = {
    "medqa": {("en", "test"): 2 * 1273},
    "medmcqa": {("en", "dev"): 4183},
    "headqa": {
        (code, split): n for code in ("es", "en") for split, n in (("train", 2657), ("dev", 1366), ("test", 2742))
    },
    "pubmedqa": {("en", "train"): 500, ("en", "test"): 500},
    "mmlu_pro": {("en", "test"): 818},
    "medexpqa": {
        (code, split): n for code in ("en", "es", "fr") for split, n in (("train", 381), ("dev", 55), ("test", 117))
    },
    "expertqa_med": {("en", "test"): 44},
    "expertqa_bio": {("en", "test"): 9},
    "mmlu_clinical_african": {(code, split): n for code in ("en", "zu") for split, n in (("dev", 84), ("test", 604))},
}
#: Where the files lie, if not under the set's name.
FOLDERS = {"medexpqa": "casimedicos", "expertqa_med": "expertqa", "expertqa_bio": "expertqa"}
#: No original file of these is at hand; their own tests use small files in the set's format.
ABSENT = {"bionli", "mednli", "liveqa"}


def read(name, folder, pick="", **options):
    paths = [path for path in source_files(name, [folder], options) if pick in path.name]
    return list(load(name).read(paths, **{"language": None, "split": None} | options))


def test_every_adapter_is_held_to_real_files_or_known_to_have_none():
    assert set(REAL) == set(TOTAL) == set(ADAPTERS) - ABSENT


@pytest.mark.parametrize("name", REAL)
def test_kept_and_dropped_make_up_the_original(name, real_data):
    kept, dropped, skipped = REAL[name]
    found = read(name, real_data(FOLDERS.get(name, name)))
    assert Counter((one.language, one.split) for one in found if isinstance(one, Entry)) == kept
    assert Counter((one.language, one.split, one.reason) for one in found if isinstance(one, Drop)) == dropped
    passed = Counter()
    for one in found:
        if isinstance(one, Skipped):
            passed[one.reason] += one.count
    assert passed == skipped
    assert Counter((one.language, one.split) for one in found if isinstance(one, (Entry, Drop))) == TOTAL[name]
    groups = [(one.group_id, one.language) for one in found if isinstance(one, Entry)]
    assert len(set(groups)) == len(groups)


def test_medqa_both_versions_group_the_same_stems(real_data):
    four = read("medqa", real_data("medqa"), "phrases")
    five = read("medqa", real_data("medqa"), "test.jsonl")
    five = [one for one in five if not one.locator.startswith("phrases")]
    assert ({len(one.options) for one in four}, {len(one.options) for one in five}) == ({4}, {5})
    assert [one.group_id for one in four] == [one.group_id for one in five]
    golds = [[one.options[one.answers[0]] for one in version] for version in (four, five)]
    assert len(golds[0]) == 1273 and golds[0] == golds[1]


def test_headqa_both_languages_group_the_same_items_with_the_same_gold(real_data):
    found = [one for one in read("headqa", real_data("headqa"), "test") if isinstance(one, Entry)]
    spanish, english = ({e.group_id: e.answers for e in found if e.language == code} for code in ("es", "en"))
    assert len(spanish) == 2675 and spanish == english


def test_the_african_mmlu_is_one_item_in_twelve_languages_and_three_variants(real_data):
    folder = real_data("mmlu_clinical_african")
    found = read("mmlu_clinical_african", folder, other_languages=True)
    items = Counter((one.language, one.split) for one in found)
    codes = "en zu xh af am bm ig nso sn st tn ts".split()
    assert items == {(code, split): n for code in codes for split, n in (("test", 604), ("dev", 69 + 15))}
    assert Counter(one.reason for one in found if isinstance(one, Drop)) == {"duplicate_options": 114}
    golds: dict = {}
    for one in found:
        if isinstance(one, Entry):
            golds.setdefault(one.group_id, set()).add((one.answers, one.split))
    assert len(golds) == 688 and {len(shapes) for shapes in golds.values()} == {1}
    parts = Counter(one.tags["part"] for one in found if isinstance(one, Entry) and one.language == "en")
    assert parts == {"test": 604, "val": 69, "dev": 15}
    for variant, code, dropped in (("mt", "zu", 3), ("bt", "en", 13)):
        other = read("mmlu_clinical_african", folder, variant=variant)
        assert (len(other), sum(isinstance(one, Drop) for one in other)) == (604, dropped)
        assert {one.language for one in other} == {code}
        kept = [one for one in other if isinstance(one, Entry)]
        assert all((one.answers, one.split) in golds[one.group_id] for one in kept)
        assert {one.tags["variant"] for one in kept} == {variant}
