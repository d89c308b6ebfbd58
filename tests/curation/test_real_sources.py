"""The real original files, where they are on this machine: every item is kept or dropped, and the counts are exact."""

from collections import Counter

import pytest
from globmed_curation.ingest import find
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
}


def read(name, folder, pick=""):
    adapter = load(name)
    paths = [path for path in find([folder], adapter.PATTERNS) if pick in path.name]
    return list(adapter.read(paths, language=None, split=None))


@pytest.mark.parametrize("name", ADAPTERS)
def test_kept_and_dropped_make_up_the_original(name, real_data):
    kept, dropped, skipped = REAL[name]
    found = read(name, real_data(name))
    assert Counter((one.language, one.split) for one in found if isinstance(one, Entry)) == kept
    assert Counter((one.language, one.split, one.reason) for one in found if isinstance(one, Drop)) == dropped
    assert {one.reason: one.count for one in found if isinstance(one, Skipped)} == skipped
    assert Counter((one.language, one.split) for one in found if not isinstance(one, Skipped)) == TOTAL[name]
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
