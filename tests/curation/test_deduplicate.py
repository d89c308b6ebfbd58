"""Deduplicate: planted copies found in every language, numbers never merged, whatever the order and the shards."""

from __future__ import annotations

import json
import math
import random
import re
import unicodedata
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from globmed_curation.dedup import HOW, Shape, agreement, candidates, choose, curve, find, jaccard, signs, sketch
from globmed_curation.dedup.differ import DIFFERS, differing, sign_hashes, whole
from globmed_curation.dedup.fold import fold
from globmed_curation.dedup.subjects import other_subject
from globmed_curation.dedup.texts import Texts, codes
from globmed_curation.settings import read
from globmed_curation.stages import load
from globmed_curation.stages.alike import differences
from globmed_curation.stages.deduplicate import Config, settle, stage, survey

from globmed_tools import languages, resources
from globmed_tools.entry import Entry, make, revised, translation
from globmed_tools.errors import GlobmedError

PAPER = languages.codes(paper=True)


def item(question="Which drug is given first to an adult in anaphylaxis?", **changes) -> Entry:
    fields = dict(
        source="medqa",
        split="train",
        form="longform",
        language="en",
        key=question,
        question=question,
        reference="Adrenaline into the muscle of the thigh.",
        locator="file:1",
        licence="MIT",
    )
    return make(**{**fields, **changes})


def mcq(options, question="Which of the following is true?", **changes) -> Entry:
    return item(question, form="mcq", options=options, answers=[0], reference=None, key=str(options), **changes)


def of_sample(code: str) -> list[Entry]:
    rows = map(json.loads, (resources.sample() / f"{code}.jsonl").read_text("utf-8").splitlines())
    names = ("split", "form", "question", "context", "options", "answers", "label", "reference")
    return [
        make(
            source="sample",
            language=code,
            key=row["group"],
            locator=row["group"],
            licence="MIT",
            **{name: row[name] or () if name in ("options", "answers") else row[name] for name in names},
        )
        for row in rows
    ]


def again(entry: Entry, change=lambda text: text, options=lambda found: found, **changes) -> Entry:
    """The entry as another set might have it, split train, every text changed."""
    texts = {
        name: change(text) if (text := getattr(entry, name)) else None for name in ("question", "context", "reference")
    }
    chosen = options(list(enumerate(map(change, entry.options))))
    return make(
        source="copied",
        split="train",
        form=entry.form,
        language=entry.language,
        key=f"copy of {entry.group_id}",
        options=[text for _, text in chosen],
        answers=[place for place, (old, _) in enumerate(chosen) if old in entry.answers],
        label=entry.label,
        locator=f"copy of {entry.locator}",
        licence="MIT",
        **{**texts, **changes},
    )


def plain(text: str) -> str:
    """An independent folding, character by character."""
    kept = (c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c)[0] in "LMN")
    return "".join(c.casefold() if len(c.casefold()) == 1 else c for c in kept)


def overlap(one: str, other: str) -> float:
    """An independent Jaccard similarity of runs of 5."""
    ours, theirs = ({t[i : i + 5] for i in range(max(1, len(t) - 4))} - {""} for t in (plain(one), plain(other)))
    return len(ours & theirs) / len(ours | theirs) if ours | theirs else 1.0


def ids(result) -> tuple[set, dict]:
    return {one.locator for one in result.kept}, {one.entry.locator: one.evidence for one in result.dropped}


def spaced(text: str) -> str:
    """The text as another editor sets it: spaces, quotes, the first letter, the last stop."""
    return "\u201c" + (text[0].swapcase() + text[1:]).replace(" ", "  ").rstrip("?？.。") + " \u201d"


def vignettes(code: str) -> list[Entry]:
    """Texts as long as case reports: three of the sample's, one after another."""
    texts = ["\n".join(part for part in (one.context, one.question, one.reference) if part) for one in of_sample(code)]
    rounds = [" ".join(texts[(place + step) % len(texts)] for step in (0, 11, 25)) for place in range(len(texts))]
    return [item(text, language=code, split="test", locator=str(place)) for place, text in enumerate(rounds)]


def with_typos(text: str, rng: random.Random) -> str:
    """One letter in sixty doubled, wherever it stands."""
    letters = list(text)
    places = [n for n in range(1, len(text) - 1) if text[n - 1 : n + 2].isalpha()]
    for place in rng.sample(places, max(1, len(letters) // 60)):
        letters[place] *= 2
    return "".join(letters)


def with_remarks(text: str, rng: random.Random) -> str:
    """Words put in between sentences, that no language knows and that say nothing of numbers or negation."""
    ends = [found.end() for found in re.finditer(r"[.?!।](?=\s)|[。？]", text)]
    for place in sorted(rng.sample(ends, min(2, len(ends))), reverse=True):
        text = text[:place] + " Xexgex. " + text[place:]
    return "Xexgex. " + text


# --- planted copies


@pytest.mark.parametrize("code", PAPER)
@pytest.mark.parametrize("how", ["same", "shuffled", "spaced"])
def test_every_copy_is_found_and_the_official_test_stays(code, how):
    originals = [one for one in of_sample(code) if one.options or how != "shuffled"]
    change = {"same": {}, "shuffled": {"options": lambda found: found[::-1]}, "spaced": {"change": spaced}}[how]
    copies = [again(one, **change) for one in originals]
    kept, dropped = ids(stage([*copies, *originals], Config()))
    gone = Counter(locator.removeprefix("copy of ") for locator in dropped)
    assert gone == Counter(one.locator for one in originals) and len(kept) == len(originals)
    # of two of the train split the smaller id stays, whichever it is; else the copies, all of train, go
    assert {one.locator for one in originals if one.split != "train"} <= kept
    kinds = {evidence["kind"] for evidence in dropped.values()}
    assert kinds == {"same": {"identical"}, "shuffled": {"folded"}, "spaced": {"folded"}}[how]


@pytest.mark.parametrize("code", PAPER)
@pytest.mark.parametrize("how", [with_remarks, with_typos])
def test_near_copies_are_found(code, how):
    originals, rng = vignettes(code), random.Random(code)
    copies = [again(one, lambda text: how(text, rng), reference=one.reference) for one in originals]
    similar = [overlap(one.question, copy.question) for one, copy in zip(originals, copies, strict=True)]
    assert min(similar) >= 0.7 and np.mean(similar) < 0.95
    result = stage([*copies, *originals], Config())
    kept, dropped = ids(result)
    flagged = {one.locator: one.checks["deduplicate"] for one in result.kept if one.checks}
    for copy, similarity in zip(copies, similar, strict=True):
        # a typo in the word for milligrams or in "not" is for a person to look at
        found = dropped.get(copy.locator) or (flagged[copy.locator] if how is with_typos else None)
        assert found and found["similarity"] == pytest.approx(similarity, abs=0.02)
    assert kept >= {one.locator for one in originals}
    assert {evidence["kind"] for evidence in dropped.values()} == {"near"}


# --- what must never be merged


def one_more(text: str) -> str:
    """The text with its first whole number under 100 changed."""
    return re.sub(r"(?<![\dA-Za-z.,/])\d{1,2}(?![\dA-Za-z.,/])", lambda found: str(int(found[0]) + 10), text, count=1)


@pytest.mark.parametrize("code", PAPER)
def test_variants_in_numbers_only_are_flagged_and_never_merged(code):
    originals = [one for one in vignettes(code) if one_more(one.question) != one.question]
    assert len(originals) > 20
    copies = [again(one, one_more) for one in originals]
    result = stage([*originals, *copies], Config())
    assert not result.dropped
    told = {one.locator: one.checks["deduplicate"] for one in result.kept}
    assert all("numbers" in one["differs"] and one["similarity"] > 0.85 for one in told.values())
    by_id = {one.id: one.locator for one in result.kept}
    assert all(by_id[told[copy.locator]["like"]] == copy.locator.removeprefix("copy of ") for copy in copies)
    assert sum(result.stats["flagged"][code].values()) == 2 * len(originals) == result.stats["entries"][code]


@pytest.mark.parametrize(
    ("code", "one", "other", "differs"),
    [
        ("en", "Give 5 mg of it.", "Give 50 mg of it.", {"numbers"}),
        ("en", "Give 1.5 mg of it.", "Give 15 mg of it.", {"numbers"}),
        ("en", "Give 5 mg of it.", "Give 5 g of it.", {"units"}),
        ("en", "Give 5 µg of it.", "Give 5 mg of it.", {"units"}),
        ("en", "Give it for two weeks.", "Give it for three weeks.", {"numbers"}),
        ("en", "Give it for two weeks.", "Give it for two days.", {"units"}),
        ("en", "if sodium < 130", "if sodium > 130", {"numbers"}),
        ("en", "at least 5 mg", "at most 5 mg", {"numbers"}),
        ("en", "Which is caused by a virus?", "Which is NOT caused by a virus?", {"negations"}),
        ("en", "Type I diabetes", "Type II diabetes", {"numbers"}),
        ("en", "too little vitamin B", "too little vitamin C", {"numbers"}),
        ("en", "10⁶ cells", "10⁵ cells", {"numbers"}),
        ("en", "blood group A+ in him", "blood group A- in him", {"numbers"}),
        ("en", "two, five tablets each", "five two tablets each", {"numbers"}),
        ("en", "It is not so, but it was", "It is so, but it was not", set()),
        ("de", "zwei Tabletten", "drei Tabletten", {"numbers"}),
        ("sw", "Ni dawa gani inayotolewa?", "Ni dawa gani isiyotolewa?", {"negations"}),
        ("zh", "服用两周", "服用三周", {"numbers"}),
        ("zh", "哪种药可以服用？", "哪种药不可以服用？", {"negations"}),
        ("ja", "１日５ mgを投与する", "１日５０ mgを投与する", {"numbers"}),
        ("ja", "5 ㎎を投与する", "5 ㎖を投与する", {"units"}),
        ("ar", "٥ ملغ", "٦ ملغ", {"numbers"}),
        ("en", "Give  5 mg of it.", "Give 5 mg of it", set()),
        ("en", "A tablet, and rest.", "The tablet and a rest", set()),
        ("xx", "Bla 5 mg bla", "Blo 5 mg blo", set()),
    ],
)
def test_what_two_texts_do_not_share(code, one, other, differs):
    assert differences(one, other, code) >= differs
    assert bool(differences(one, other, code)) == bool(differs)
    assert differences(other, one, code) == differences(one, other, code)
    assert differences(one, one, code) == set()


def test_a_stem_that_fits_everywhere_makes_no_duplicates():
    entries = [mcq([f"{word} {n}" for word in "alpha beta gamma delta".split()], locator=str(n)) for n in range(1, 200)]
    result = stage(entries, Config())
    assert result.kept == entries and not result.dropped


def test_options_are_sets_and_four_are_in_five():
    five = mcq(["Aspirin", "Heparin", "Warfarin", "Alteplase", "Insulin"], locator="five", split="test")
    four = mcq(["alteplase.", "Heparin", "Aspirin", "Warfarin"], locator="four")
    four = replace(four, answers=(2,))
    other_gold = replace(four, id="0" * 32, answers=(0,), locator="other gold")
    half = mcq(["Aspirin", "Heparin", "Digoxin", "Morphine"], locator="half")
    result = stage([half, four, five, other_gold], Config())
    kept, dropped = ids(result)
    assert kept == {"five", "half", "other gold"} and set(dropped) == {"four"}
    assert result.kept[2].checks["deduplicate"]["differs"] == "gold"
    doses = [mcq(["Rest", "Sleep", "Water", f"{dose} mg of aspirin"], locator=dose) for dose in ("50", "500")]
    assert [one.checks["deduplicate"]["differs"] for one in stage(doses, Config()).kept] == ["numbers", "numbers"]


def test_nli_is_compared_by_pair():
    premise = "The patient was admitted with chest pain that radiated to the left arm, and with shortness of breath."
    pair = dict(form="nli", context=premise, label="entailment", reference=None)
    one, other = item("The man is ill.", **pair), item("He slept well at home.", **pair)
    turned = item(premise, **{**pair, "context": "The man is ill."})
    contrary = item("The man is ill!", **{**pair, "label": "contradiction", "source": "x"})
    result = stage([one, other, turned, contrary], Config())
    assert not result.dropped
    assert [one.checks.get("deduplicate", {}).get("differs") for one in result.kept] == ["gold", None, None, "gold"]


def test_languages_and_forms_are_apart():
    entries = [item(language="en"), item(language="id"), item(form="yesno", label="yes", context="So.", reference=None)]
    assert stage(entries, Config()).kept == entries


# --- who stays


def test_test_stays_then_what_was_reviewed_then_the_smallest_id():
    ending = ["", ".", "!", " ?", " ;"]
    low, *others = sorted((item(f"Which drug comes first{mark}") for mark in ending), key=lambda one: one.id)
    reviewed = revised(others[0], review={"by": "someone"})
    test = revised(others[1], split="test")
    for entries, winner in (([low, *others], low), ([low, reviewed], reviewed), ([low, reviewed, test], test)):
        for order in (entries, entries[::-1]):
            result = stage(order, Config())
            assert result.kept == [winner]
            assert all(one.evidence["kept"] == winner.id and one.reason == "duplicate" for one in result.dropped)


def test_one_id_in_two_places_stays_once():
    one = item()
    elsewhere, twin = replace(one, source="headqa", split="test", locator="b:2"), replace(one)
    result = stage([one, twin, elsewhere], Config())
    assert result.kept == [elsewhere]
    assert {(d.evidence["set"], d.evidence["split"], d.evidence["kind"]) for d in result.dropped} == {
        ("headqa", "test", "identical")
    }
    assert result.stats["between"] == {"medqa > headqa": 2}
    assert stage([one, twin], Config()).kept == [one]


def test_a_translation_follows_its_source():
    test, train = item(split="test"), item(split="train", source="headqa", key="other")
    entries = []
    for one in (train, test):
        entries += [one, translation(one, "sw", translator="x", question="Ni dawa gani?", reference="Adrenalini.")]
    result = stage(entries, Config())
    assert result.kept == entries[2:]
    assert [(one.reason, one.entry.language) for one in result.dropped] == [
        ("duplicate", "en"),
        ("source_dropped", "sw"),
    ]


def test_chains_are_not_followed():
    near = {(0, 1): 0.8, (1, 2): 0.8}
    asked = []

    def look(pairs):
        asked.extend(pairs)
        return [None] * len(pairs)

    choice = choose(4, [(*pair, value) for pair, value in near.items()], look)
    assert choice.of == [-1, 0, -1, -1] and asked == [(0, 2)]
    assert choose(3, [(0, 1, 0.8), (1, 2, 0.8)], lambda pairs: [0.75] * len(pairs)).of == [-1, 0, 0]


# --- order, shards, odd texts


def mixed() -> list[Entry]:
    entries, rng = [], random.Random(2)
    for code in ("en", "zh", "yo"):
        originals = of_sample(code)
        entries += [*originals, *map(again, originals[::3])]
        entries += [again(one, spaced) for one in originals[1::3]]
        cases = vignettes(code)
        entries += [*cases, *(again(one, lambda text: with_typos(text, rng)) for one in cases)]
        entries += [again(one, one_more, reference=one.reference) for one in cases[::2]]
    return entries


def outcome(results) -> tuple[dict, dict]:
    """locator -> what became of it, whatever the order."""
    kept = {(one.locator, one.id): one.checks for result in results for one in result.kept}
    dropped = {(one.entry.locator, one.entry.id): one.evidence for result in results for one in result.dropped}
    return kept, dropped


def test_neither_order_nor_shards_matter():
    entries, config, rng = mixed(), Config(), random.Random(1)
    expected = outcome([stage(entries, config)])
    assert len(expected[1]) > 100 and sum(map(bool, expected[0].values())) > 20
    for shards in (1, 2, 7):
        rng.shuffle(entries)
        parts = [entries[number::shards] for number in range(shards)]
        facts = [json.loads(json.dumps(survey(part, config))) for part in parts]
        plan = settle(facts, config)
        assert outcome([stage(part, config, plan) for part in parts]) == expected


def test_a_second_run_drops_nothing():
    once = stage(mixed(), Config())
    twice = stage(once.kept, Config())
    assert twice.kept == once.kept and not twice.dropped


ODD = ["", " ", "!", "é", "e\u0301", "\ud800", "\x00", "٣", "ß", "ﬁ", "\u200f", "à̖", "각", "𝒜", "नि", "๓", "a" * 300]


@pytest.mark.parametrize("seed", range(20))
def test_any_text_is_taken_and_the_sketch_holds_what_it_promises(seed):
    rng = random.Random(seed)

    def text():
        parts = [
            rng.choice(ODD) if rng.random() < 0.3 else chr(rng.randrange(1, 0x11FFF)) for _ in range(rng.randrange(40))
        ]
        return "".join(parts)

    texts = [text() for _ in range(60)]
    codes, bounds = fold(texts)
    alone = [fold([one])[0] for one in texts]
    assert all(np.array_equal(codes[bounds[n] : bounds[n + 1]], one) for n, one in enumerate(alone))
    assert [len(one) for one in alone] == [len(fold([unicodedata.normalize("NFD", one)])[0]) for one in texts]
    made = sketch([[one] for one in texts], Shape())
    order = rng.sample(range(60), 60)
    again_made = sketch([[texts[n]] for n in order], Shape())
    assert np.array_equal(again_made.lanes, made.lanes[order]) and np.array_equal(again_made.exact, made.exact[order])
    others = [texts[n] for n in order]
    values = jaccard(texts, others, 5)
    assert ((values >= 0) & (values <= 1)).all() and np.array_equal(values, jaccard(others, texts, 5))
    assert (jaccard(texts, texts, 5) == 1).all()
    entries = [item(one or "?", locator=str(n)) for n, one in enumerate(texts)]
    result = stage(entries, Config())
    assert len(result.kept) + len(result.dropped) == 60


def test_a_record_of_a_megabyte():
    texts = [one.question for one in of_sample("ja")]
    long = "".join(text + str(n) for n in range(600) for text in texts)[:1_000_000]
    assert len(long) == 1_000_000
    result = stage([item(long, locator="a"), item(long + "終", locator="b"), item()], Config())
    assert len(result.kept) == 2 and result.dropped[0].evidence["similarity"] > 0.99


def test_no_entries():
    assert stage([], Config()).kept == [] and survey([], Config())["ids"] == []


# --- the library's figures


def test_sketches_estimate_the_similarity():
    rng = random.Random(5)
    ours = ["".join(rng.choices("abcdefghijkl ", k=200)) for _ in range(400)]
    theirs = ["".join(c if rng.random() > 0.04 else "z" for c in one) for one in ours]
    exact = jaccard(ours, theirs, 5)
    assert exact[:20] == pytest.approx([overlap(*pair) for pair in zip(ours[:20], theirs[:20], strict=True)])
    made = sketch([[one] for one in [*ours, *theirs]], Shape())
    error = agreement(made, np.arange(400), np.arange(400, 800)) - exact
    assert abs(error.mean()) < 0.01 and error.std() < 1.2 * math.sqrt(0.7 * 0.3 / 128)


def test_candidates_come_as_often_as_the_curve_says():
    told = {row["similarity"]: row["found"] for row in curve(Shape())}
    assert told[0.5] == round(1 - (1 - 0.5**4) ** 32, 3) and told[0.7] > 0.999 and told[1.0] == 1
    rng = random.Random(6)
    ours = ["".join(rng.choices("abcdefghijkl ", k=300)) for _ in range(600)]
    theirs = ["".join(c if rng.random() > 0.085 else "z" for c in one) for one in ours]
    similarity = jaccard(ours, theirs, 5)
    expected = np.mean(1 - (1 - similarity**4) ** 32)
    made = sketch([[one] for one in [*ours, *theirs]], Shape())
    first, second = candidates(made, np.zeros(1200, np.uint64), Shape())
    found = np.sum((second - first == 600) & (first < 600)) / 600
    assert 0.5 < expected < 0.98 and abs(found - expected) < 0.06


def test_very_many_alike_are_paired_with_the_first():
    made = sketch([["one form letter"]] * 1000, Shape())
    first, second = candidates(made, np.zeros(1000, np.uint64), Shape())
    assert set(second[first == 0].tolist()) == set(range(1, 1000)) and len(first) < 18 * 1000


def test_signs_are_read_in_order():
    assert signs("Na+ < 2.5 mg/dL in type II") == (("+", "<", "2.5", "II"), ("mg/dl",))
    assert signs("5\u201310 ㎎ by mouth, I said") == (("5", "-", "10"), ("mg",))


# --- compiled code against what it stands for

FIGURES = "0123٣５<>≤=±+×-−–.,:/·٫⁄%‰°mgµμLkIVXAB é²½㎎①ｍ⁶ñ_'’ \n\u3000\u00a0…"


def figures(rng: random.Random) -> str:
    return "".join(rng.choice(FIGURES) for _ in range(rng.randrange(14)))


def bijection(ours, theirs) -> bool:
    return len(set(zip(ours, theirs))) == len(set(ours)) == len(set(theirs))


def test_compiled_signs_are_those_of_the_expressions():
    rng = random.Random(3)
    texts = [figures(rng) for _ in range(20_000)] + [one.question for code in PAPER for one in of_sample(code)]
    some = Texts.of(texts)
    expected = [signs(" ".join(text.split())) for text in texts]
    for hashes, told in zip(sign_hashes(some, codes(some)), zip(*expected), strict=True):
        assert bijection(hashes.tolist(), told) and len(set(told)) > 500


@pytest.mark.parametrize("code", PAPER)
def test_many_pairs_differ_in_what_each_differs_in(code):
    rng, texts = random.Random(code), [one.question for one in vignettes(code)]
    words = "".join(texts).split(" ") if languages.get(code).spaces else list("".join(texts))
    joint = " " if languages.get(code).spaces else ""

    def edited(text: str) -> str:
        pieces = text.split(" ") if joint else list(text)
        for _ in range(rng.randrange(1, 6)):
            place = rng.randrange(len(pieces))
            pieces[place : place + rng.randrange(2)] = rng.sample(words, rng.randrange(2))
        return joint.join(pieces)

    others = [edited(text) for text in texts]
    numbers = np.arange(len(texts))
    found = differing(Texts.of(texts + others), numbers, numbers + len(texts), [code] * len(texts))
    expected = [differences(*pair, code) for pair in zip(texts, others, strict=True)]
    assert [{name for bit, name in enumerate(DIFFERS) if one >> bit & 1} for one in found.tolist()] == expected
    assert len(set(map(frozenset, expected))) > 2


def test_what_composes_is_folded_as_one():
    rng = random.Random(4)
    starters = "aeouAEiẹọêéǘऩनकােআ가각가5 x"
    marks = "\u0300\u0301\u0302\u0303\u0304\u0308\u030a\u0323\u0328\u0331\u093c\u09be\u0653\u11a8\u1161"
    texts = [
        "".join(rng.choice(starters if rng.random() < 0.5 else marks) for _ in range(rng.randrange(2, 9)))
        for _ in range(20_000)
    ]
    texts = [text for text in texts if set(text) & set(marks)]
    composed = [unicodedata.normalize("NFC", text) for text in texts]
    assert sum(one != other for one, other in zip(texts, composed, strict=True)) > 5_000
    for ours, theirs in zip(fold(texts), fold(composed), strict=True):
        assert np.array_equal(ours, theirs)


def test_options_have_one_key_in_two_writings():
    texts = ["Vitamin B", " vitamin  b.", "5 mg", "5 MG!", "50 mg", "< 5 mg", "+", " + ", "-", "e\u0301", "é", ""]
    keys = whole(Texts.of(texts)).tolist()
    same = {(one, other) for one in range(12) for other in range(one) if keys[one] == keys[other]}
    assert same == {(3, 2), (7, 6), (10, 9)}  # vitamin B is a label, vitamin b is none


# --- one call for columns


def columns() -> tuple[list[str], np.ndarray, list[str]]:
    texts, kinds = [], []
    for kind, code in enumerate(("en", "zh", "yo")):
        cases, rng = [one.question for one in vignettes(code)], random.Random(code)
        copies = [*map(spaced, cases[::3]), *(with_typos(text, rng) for text in cases), *map(one_more, cases), cases[0]]
        texts += [*cases, *copies, "", "", "!", "x", "X"]
        kinds += [kind] * (len(texts) - len(kinds))
    return texts, np.array(kinds), ["en", "zh", "yo"]


def rows(found) -> list:
    return [*zip(*(one.tolist() for one in found[:3])), *zip(*(one.tolist() for one in found.apart))]


def test_columns_of_any_kind_and_any_number_of_threads_give_the_same():
    import pyarrow as pa

    texts, kinds, spoken = columns()
    found = find([texts], kinds=kinds, languages=spoken)
    assert Counter(HOW[one] for one in found.how.tolist()).keys() == set(HOW) and len(found.apart.first) > 100
    chunked = pa.chunked_array([texts[:50], texts[50:51], [], texts[51:]])
    padded = pa.array([None, *texts, "rest"], pa.large_string()).slice(1, len(texts))
    for column in (chunked, padded, chunked.cast(pa.binary()), chunked.dictionary_encode()):
        for threads in (1, 3):
            assert rows(find([column], kinds=kinds, languages=spoken, threads=threads)) == rows(found)
    stays = found.of < 0
    again = find([[text for text, stay in zip(texts, stays) if stay]], kinds=kinds[stays], languages=spoken)
    assert (again.of < 0).all()


def test_every_column_must_be_alike():
    stems = ["Which of these drugs is given first to an adult in anaphylaxis?"] * 4
    answers = ["Adrenaline into the thigh", "adrenaline into the thigh!", "Water by mouth", None]
    found = find([stems, answers])
    assert found.of.tolist() == [-1, 0, -1, -1] and HOW[found.how[1]] == "folded"
    assert find([stems]).of.tolist() == [-1, 0, 0, 0]
    assert (find([[], []]).of == []).all() and find([[]]).apart.first.tolist() == []
    with pytest.raises(ValueError, match="one length"):
        find([stems, answers[:2]])


def test_bytes_that_are_no_text_are_taken():
    rng = random.Random(8)
    good = "Which drug is given first to an adult with 5 mg in anaphylaxis? 🩺 Ìtàn 患者".encode()
    odd = [good[:cut] for cut in range(len(good))] + [rng.randbytes(rng.randrange(60)) for _ in range(500)]
    odd += [good.replace(b"5", bytes([byte])) for byte in range(256)]
    found = find([[good, *odd]], languages=["en"])
    assert len(found.of) == 1 + len(odd) and (found.of < np.arange(1 + len(odd))).all()
    assert fold([one.decode("utf-8", "replace") for one in odd])[1].tolist() == fold_bytes(odd)


def fold_bytes(odd: list[bytes]) -> list[int]:
    from globmed_curation.dedup.columns import Columns
    from globmed_curation.dedup.texts import letters, packed

    return packed(letters(Columns([odd]).take(np.arange(len(odd)))))[1].tolist()


def test_variants_in_numbers_are_one_only_where_that_is_asked_for():
    stem = (
        "A man of 60 has had chest pain for two days, and his wife says that he has had a cough as well, mostly when "
    )
    stem += "he gets up in the morning; which dose of it is given first?"
    texts = [f"{stem} 5 mg", f"{stem} 50 mg", stem.replace("two", "three") + " 5 mg"]
    found = find([texts], languages=["en"])
    assert (found.of == -1).all()
    assert [found.apart.names(pair) for pair in range(3)] == ["numbers", "numbers", "numbers"]
    assert find([texts]).of.tolist() == [-1, -1, 0]
    assert find([texts], guard=False).of.tolist() == [-1, 0, 0]


# --- settings and the command


@pytest.mark.parametrize(
    "settings", [{"threshold": 0}, {"options": 1.5}, {"lanes": 100}, {"bands": 33}, {"n": 0}, {"treshold": 0.8}]
)
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(GlobmedError) as error:
        read(Config, settings, "globmed.yml, stages.deduplicate")
    assert next(iter(settings)) in str(error.value) and "\n" not in str(error.value)


def test_the_command(command, tmp_path):
    from globmed_tools import shards

    entries = [item(locator="a"), item("Which drug is given first to an adult in anaphylaxis", locator="b")]
    record = shards.write_shard(tmp_path / "in", "x-0000", entries, [], key="k")
    shards.write_manifest(tmp_path / "in", shards.ShardManifest("made", {}, (), (record,), {}, "test"))
    ran = command(
        "globmed", "curate", "deduplicate", tmp_path / "in", "--out", tmp_path / "out", "--json", "--workers", "1"
    )
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["reasons"] == {"duplicate": 1}
    assert load("deduplicate").SCOPE == "all"


LONG = "A man of fifty has had a cough for two weeks, with fever and night sweats, and has lost weight; he is seen at the clinic. "


@pytest.mark.parametrize(
    ("one", "other", "code", "differs"),
    [
        ("What are the treatments for PDGFRA-associated leukemia?", "... for PDGFRB-associated leukemia?", "en", True),
        ("What causes mucopolysaccharidosis type IIIB?", "What causes mucopolysaccharidosis type IIID?", "en", True),
        ("What causes infantile lipofuscinosis?", "What causes late-infantile lipofuscinosis?", "en", True),
        ("What causes malaria?", "what CAUSES Malaria", "en", False),
        ("What is the cause of malaria?", "What is a cause of malaria?", "en", False),
        (2 * LONG + "What is it?", 2 * LONG + "What would it most likely be?", "en", False),
        ("鼻咽癌的病因是什么", "口咽癌的病因是什么", "zh", True),
        ("鼻咽癌的病因?", "鼻咽癌的病因。", "zh", False),
    ],
)
def test_a_short_question_about_something_else_is_another_question(one, other, code, differs):
    assert other_subject(one, other, languages.get(code)) is other_subject(other, one, languages.get(code)) is differs


def test_diseases_with_one_boilerplate_answer_stay_apart_and_are_flagged():
    made_up = (
        "People with this disease are best treated in a centre that knows it, by several disciplines at once. " * 3
    )
    names = ("nasopharyngeal cancer", "oropharyngeal cancer", "Nasopharyngeal Cancer")
    entries = [
        make(
            source="medquad", split="train", form="longform", language="en", key=name, locator=name, licence="x",
            question=f"What are the treatments for {name}?", reference=made_up,
        )
        for name in names
    ]  # fmt: skip
    result = stage(entries, Config())
    assert len(result.kept) == 2 and len(result.dropped) == 1
    assert [one.checks["deduplicate"]["differs"] for one in result.kept] == ["subject", "subject"]
