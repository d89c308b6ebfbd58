"""Split: exact shares by hash, official splits pinned, one split for all languages of an item."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest
from globmed_curation.ingest import find
from globmed_curation.settings import read
from globmed_curation.sources import load
from globmed_curation.stages.split import Config, apportion, settle, stage, survey

from globmed_tools.entry import Entry, make, translation
from globmed_tools.errors import GlobmedError

BY_HASH = Config(pin={"*": "by_hash"})


def item(number: int, split="train", language="en", source="medmcqa", **tags) -> Entry:
    return make(
        source=source,
        split=split,
        form="longform",
        language=language,
        key=str(number),
        question=f"Question {number}?",
        reference="Yes.",
        locator=f"{language}.jsonl:{number}",
        licence="MIT",
        tags=tags,
    )


def splits(result) -> dict[tuple[str, str], str]:
    return {(one.group_id, one.language): one.split for one in result.kept}


def test_official_splits_are_pinned_by_default():
    entries = [item(n, split) for n, split in enumerate(("train", "dev", "test"))]
    result = stage(entries, Config())
    assert all(one is other for one, other in zip(result.kept, entries, strict=True)) and not result.dropped
    assert result.stats == {"splits": {"medmcqa": {"train": 1, "dev": 1, "test": 1}}, "moved": {}}
    assert survey(entries, Config()) == {}


def test_an_item_of_two_official_splits_belongs_to_the_stricter_one():
    entries = [item(1, "train"), item(1, "test", "es"), item(2, "dev"), item(2, "train"), item(3, "train")]
    entries.append(translation(entries[0], "sw", translator="x", question="Swali?", reference="Ndiyo."))
    result = stage(entries, Config())
    assert [(one.entry, one.reason, one.evidence) for one in result.dropped] == [
        (entries[0], "group_in_test", {"split": "train", "also": "test", "locator": "es.jsonl:1"}),
        (entries[3], "group_in_dev", {"split": "train", "also": "dev", "locator": "en.jsonl:2"}),
        (entries[5], "group_in_test", {"split": "train", "also": "test", "locator": "es.jsonl:1"}),
    ]
    assert result.kept == [entries[1], entries[2], entries[4]]


def test_shares_are_exact_within_every_stratum():
    entries = [item(n, subject="ab"[n % 5 == 0]) for n in range(200)]
    result = stage(entries, BY_HASH)
    counts = Counter((one.tags["subject"], one.split) for one in result.kept)
    assert counts == {
        **{("a", "train"): 128, ("a", "dev"): 16, ("a", "test"): 16},
        **{("b", "train"): 32, ("b", "dev"): 4, ("b", "test"): 4},
    }
    assert [one.id for one in result.kept] == [one.id for one in entries]
    assert result.stats["moved"] == {"medmcqa": 40}


def test_neither_order_nor_shards_matter():
    entries = [item(n, subject=f"s{n % 7}") for n in range(300)]
    whole = splits(stage(entries, BY_HASH))
    assert splits(stage(entries[::-1], BY_HASH)) == whole
    # the surveys travel as JSON
    shards = [entries[n : n + 100] for n in (200, 0, 100)]
    plan = settle([json.loads(json.dumps(survey(shard, BY_HASH))) for shard in shards], BY_HASH)
    assert {key: split for shard in shards for key, split in splits(stage(shard, BY_HASH, plan)).items()} == whole


def test_all_languages_get_the_split_of_the_item():
    entries = []
    for n in range(50):
        original = item(n, subject="eye")
        spanish = replace(item(n, "test", "es", subject="ojo"), translator="as shipped")
        swahili = translation(original, "sw", translator="x", question=f"Swali {n}?", reference="Ndiyo.")
        entries += [swahili, spanish, original]
    for config in (BY_HASH, replace(BY_HASH, exact=False)):
        found = splits(stage(entries, config))
        assert len(found) == 150 and all(found[g, "en"] == found[g, "es"] == found[g, "sw"] for g, _ in found)
    # the tags of the untranslated original make the stratum, in whatever order the entries come
    assert [*survey(entries, BY_HASH)["medmcqa"]] == ["subject=eye, category="]


def test_small_strata_are_thrown_together():
    entries = [item(n, subject=f"s{n}") for n in range(100)]
    assert Counter(one.split for one in stage(entries, BY_HASH).kept) == {"train": 80, "dev": 10, "test": 10}


def test_largest_remainder():
    shares = {"test": 0.1, "dev": 0.1, "train": 0.8}
    assert [apportion(n, shares) for n in (0, 1, 5, 10, 14, 15)] == [
        {"test": t, "dev": d, "train": n}
        for t, d, n in ((0, 0, 0), (0, 0, 1), (1, 0, 4), (1, 1, 8), (2, 1, 11), (2, 1, 12))
    ]
    assert all(sum(apportion(n, shares).values()) == n for n in range(500))


def test_items_that_are_added_move_only_those_near_a_cut():
    entries = [item(n, subject="a") for n in range(2000)]
    before, after = splits(stage(entries[:1900], BY_HASH)), splits(stage(entries, BY_HASH))
    moved = Counter((before[key], after[key]) for key in before if before[key] != after[key])
    assert 0 < sum(moved.values()) < 40 and not {("train", "test"), ("test", "train")} & set(moved)
    fixed = replace(BY_HASH, exact=False)
    before, after = splits(stage(entries[:1900], fixed)), splits(stage(entries, fixed))
    assert before.items() <= after.items()
    counts = Counter(after.values())
    assert abs(counts["train"] - 1600) < 60 and abs(counts["test"] - 200) < 45


def test_pins_and_sets_of_their_own():
    values = {
        "pin": {"medqa": "by_hash", "headqa": "test"},
        "sets": {"medqa": {"fractions": {"train": 0.5, "test": 0.5}, "stratify_by": []}},
    }
    entries = [item(n, "train", source=source) for source in ("medqa", "headqa", "pubmedqa") for n in range(10)]
    result = stage(entries, read(Config, values, "x"))
    assert result.stats["splits"] == {
        "medqa": {"train": 5, "test": 5},
        "headqa": {"test": 10},
        "pubmedqa": {"train": 10},
    }
    salted = stage(entries, read(Config, {**values, "salt": "other"}, "x"))
    assert splits(salted) != splits(result) and salted.stats["splits"] == result.stats["splits"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"pin": {"medqu": "by_hash"}}, "unknown set 'medqu'; did you mean medqa?"),
        ({"pin": {"medqa": "hash"}}, "pin, medqa: 'hash'; did you mean by_hash\\? Known: official, by_hash"),
        ({"fractions": {"train": 0.8, "test": 0.1}}, "add up to 0.9, not to 1"),
        ({"fractions": {"train": 1.5, "test": -0.5}}, "train: 1.5 found, 0 to 1 expected"),
        ({"fractions": {"train": 0.8, "tests": 0.2}}, "unknown split 'tests'; did you mean test?"),
        ({"sets": {"medqa": {"fractions": {"train": 0.5}}}}, "fractions of medqa: .* add up to 0.5"),
        ({"sets": {"medqa": {"fraction": {"train": 1}}}}, "sets.medqa.fraction: "),
    ],
)
def test_settings_that_cannot_be_meant(values, message):
    with pytest.raises(GlobmedError, match=message):
        read(Config, values, "globmed.yml, split")


def test_an_official_split_of_another_name():
    with pytest.raises(GlobmedError, match="en.jsonl:1: the official split of this entry of medmcqa is 'validation'"):
        stage([item(1, "validation")], Config())


def test_real_sources(real_data):
    adapter = load("headqa")
    paths = find([real_data("headqa")], adapter.PATTERNS)
    entries = [one for one in adapter.read(paths, language=None, split=None) if isinstance(one, Entry)]
    pinned = stage(entries, Config())
    assert pinned.kept == entries and not pinned.dropped
    divided = stage(entries, BY_HASH)
    groups = {one.group_id: one.split for one in divided.kept}
    assert len(divided.kept) == 13192 and all(groups[one.group_id] == one.split for one in divided.kept)
    counts = Counter(groups.values())
    total = sum(counts.values())
    subjects = {one.group_id: one.tags["category"] for one in entries if one.language == "es"}
    assert len(set(subjects.values())) == 6
    assert abs(counts["test"] - total / 10) <= 6 and abs(counts["dev"] - total / 10) <= 6
    for subject, n in Counter(subjects.values()).items():
        share = Counter(groups[group] for group in subjects if subjects[group] == subject)
        assert abs(share["train"] - 0.8 * n) < 3, subject
