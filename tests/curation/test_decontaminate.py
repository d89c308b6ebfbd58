"""Decontaminate: what of a test item stands in training data is found in every script, and nothing else is dropped."""

from __future__ import annotations

import json
import random

import pytest
from globmed_curation.dedup.fold import fold
from globmed_curation.dedup.overlap import Index, shared
from globmed_curation.settings import read
from globmed_curation.stages import known
from globmed_curation.stages.decontaminate import Config, settle, stage, survey

from globmed_tools import languages, shards
from globmed_tools.errors import GlobmedError

from .test_deduplicate import item, mcq, of_sample

PAPER = languages.codes(paper=True)
FILLER = {"zh": "请仔细阅读下面的问题，然后回答。", "ja": "次の問題を読んで答えてください。"}


def folded(text: str) -> str:
    return "".join(map(chr, fold([text])[0].tolist()))


def grams(text: str, n: int) -> set[str]:
    text = folded(text)
    return {text[at : at + n] for at in range(len(text) - n + 1)}


@pytest.mark.parametrize("letters", ["ab ", "αβγ δ", "甲乙丙。", "ẹọ́ à n", "👩‍⚕️1２ﬁ\u0301 "])
def test_shares_are_those_of_sets_of_runs(letters):
    chance = random.Random(letters)
    some = lambda most: "".join(chance.choices(letters, k=chance.randrange(most)))  # noqa: E731
    texts = [some(60) for _ in range(40)] + ["", "\ud800", some(9)]
    items = [some(30) for _ in range(30)] + [texts[3], texts[3], "", "a\ud800b"]
    index = Index(items, n=4, common=10**6)
    found = {(one.text, one.known): one.share for one in index.find(texts, 1e-9)}
    for number, text in enumerate(texts):
        for other, one in enumerate(items):
            runs = grams(one, 4)
            assert index.sizes[other] == len(runs)
            expected = len(runs & grams(text, 4)) / len(runs) if runs else 0
            assert found.get((number, other), 0) == pytest.approx(expected), (text, one)
            if expected:
                stands = "".join(text[start:end] for start, end in shared(text, one, 4))
                assert grams(text, 4) & runs <= grams(stands, 4) | runs


def test_boilerplate_counts_for_nobody_and_one_item_given_twice_is_no_boilerplate():
    stems = [f"Which of the following statements is correct? {name}" for name in "ABCDEFGHIJKL"]
    assert Index(stems, 10, common=10).sizes.tolist() == [1] * 12  # the last letter alone
    assert Index(stems, 10, common=12).find(["which of the following statements is correct"], 0.5)
    assert Index([stems[0]] * 12, 10, common=10).sizes.min() > 20


def test_blocks_and_order_make_no_difference():
    texts = [one.question for code in PAPER for one in of_sample(code)]
    index = Index(texts[::3], 10, 10)
    whole = index.find(texts, 0.3)
    apart = [hit._replace(text=number) for number, text in enumerate(texts) for hit in index.find([text], 0.3)]
    padded = index.find([part for text in texts for part in (text, "x" * 20_000)], 0.3)
    assert len(whole) >= len(texts) // 4
    assert apart == whole == [hit._replace(text=hit.text // 2) for hit in padded]


# --- the stage ------------------------------------------------------------------------------------------------------


def around(code: str, text: str) -> str:
    filler = FILLER.get(code, "Soma swali lifuatalo, halafu ujibu. ")
    return filler + text + filler


def capitals(text: str) -> str:
    return "".join(one.upper() if len(one.upper()) == 1 else one for one in text)  # ß stays


def edited(text: str, share: float, chance: random.Random) -> str:
    """So many words (characters where words are not spaced) exchanged for others."""
    parts = text.split(" ") if text.count(" ") > 5 else list(text)
    parts = [one[::-1] + "x" if chance.random() < share and not one.isdigit() else one for one in parts]
    return (" " if text.count(" ") > 5 else "").join(parts)


@pytest.mark.parametrize("code", PAPER)
def test_a_test_item_is_found_within_training_data_and_nothing_else_goes(code):
    test = [
        one for one in of_sample(code) if one.split == "test" and len(folded(one.question)) >= 30 and one.form != "nli"
    ]
    assert len(test) >= 2
    planted = [
        item(
            around(code, capitals(one.question).replace(".", " ;")),
            language=code,
            reference="\n".join(one.options) or "x",
        )
        for one in test
    ]
    others = [one for one in of_sample(code) if one.split == "train"]
    result = stage([*test, *planted, *others], Config())
    assert {one.entry.id for one in result.dropped} == {one.id for one in planted}
    assert {one.entry.id: one.evidence["known"] for one in result.dropped} == {
        new.id: f"sample/{code} {one.id}" for one, new in zip(test, planted)
    }
    for dropped in result.dropped:
        assert dropped.reason == "contaminated" and dropped.evidence["stem"] >= 0.95
        assert folded(dropped.evidence["text"])[:20] in folded(dropped.entry.question)
    assert [one for one in result.kept if one.split == "test"] == test


def test_edits_move_an_item_from_dropped_to_review_to_nothing():
    text = " ".join(one.question for one in of_sample("sw")[:3])
    test = item(text, language="sw", split="test")
    fates = []
    for share in (0.0, 0.02, 0.12, 0.6):
        changed = item(edited(text, share, random.Random(5)), language="sw", reference=None, key=str(share))
        result = stage([test, changed], Config())
        flagged = [one for one in result.kept if "decontaminate" in one.checks]
        fates.append("dropped" if result.dropped else "review" if flagged else "nothing")
    assert fates == ["dropped", "dropped", "review", "nothing"]


def test_a_short_stem_needs_its_options_and_long_options_alone_are_looked_at():
    options = ["a beta blocker by mouth", "amiodarone into a vein", "adenosine, a fast bolus", "magnesium sulphate"]
    stem = "Which drug is given first in torsades?"
    test = mcq(options, stem, split="test")
    other = mcq(["four", "five", "six"], stem)
    same = mcq(options[::-1], stem, locator="file:2", source="headqa")
    result = stage([test, other, same], Config(short=30))
    assert [one.entry.id for one in result.dropped] == [same.id]
    kept = {one.id: one.checks.get("decontaminate") for one in result.kept}
    assert kept[other.id]["stem"] == 1 and kept[other.id]["options"] == 0 and kept[test.id] is None
    elsewhere = mcq(options, "Name what a nurse would never draw up without asking somebody first.")
    [_, look] = stage([test, elsewhere], Config(short=30)).kept
    assert look.checks["decontaminate"]["options"] == 1 and look.checks["decontaminate"]["stem"] == 0


def test_one_language_takes_its_item_with_it_in_all():
    words = "Which vitamin is given to a newborn child against bleeding, and into which muscle?"
    test = item(words, split="test")
    group = [
        item(words + " Answer.", key="7", source="b"),
        item("Ni vitamini gani?", key="7", source="b", language="sw"),
    ]
    result = stage([test, *group, item("Ni dawa gani?", key="8", language="sw")], Config())
    assert {(one.entry.language, one.reason) for one in result.dropped} == {
        ("en", "contaminated"),
        ("sw", "contaminated_group"),
    }
    assert len(result.kept) == 2 and result.dropped[1].evidence["id"] == group[0].id
    assert result.stats["contaminated"] == {"en": 1, "sw": 1} and result.stats["entries"] == {"en": 2, "sw": 2}


def test_shards_and_their_order_make_no_difference():
    entries = [one for code in ("en", "yo", "zh") for one in of_sample(code)]
    test = [one for one in entries if one.split == "test" and one.form == "longform" and len(one.question) > 60]
    assert len(test) >= 4
    entries += [item(one.question, key=one.id, language=one.language) for one in test]
    parts = [entries[start::3] for start in range(3)]
    plans = [settle([survey(part, Config()) for part in order], Config()) for order in (parts, parts[::-1])]
    assert plans[0] == plans[1]
    whole = stage(entries, Config())
    apart = [one.entry.id for part in parts for one in stage(part, Config(), plans[0]).dropped]
    assert sorted(apart) == sorted(one.entry.id for one in whole.dropped) and len(apart) >= len(test)


def test_odd_texts_are_taken():
    odd = ["", "x", "1", "\ud800", "é" * 9, "a" * 1_000_000, "\u0301" * 50]
    entries = [item(text, key=str(n), reference=None, split=("train", "test")[n % 2]) for n, text in enumerate(odd)]
    result = stage(entries, Config())
    assert len(result.kept) + len(result.dropped) == len(odd)
    assert stage([], Config()).kept == []


@pytest.mark.parametrize("settings", [{"drop": 0}, {"drop": 0.4}, {"review": 2}, {"n": 0}, {"agains": ["x"]}])
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(GlobmedError) as error:
        read(Config, settings, "globmed.yml, stages.decontaminate")
    assert next(iter(settings)) in str(error.value) and "\n" not in str(error.value)


# --- the command ----------------------------------------------------------------------------------------------------

QUESTION = "A woman of 30 has had a fever of 39 degrees for three days since she came back from Kisumu. "
QUESTION += "She has not taken any medicine against malaria, and she is seven weeks pregnant. What is done first?"


def lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


@pytest.mark.parametrize(
    "row, stem, options",
    [
        ({"Question": "Why?", "choices": {"text": ["a", "b"]}}, "Why?", ("a", "b")),
        ({"passage": "Before.", "query": "Why?", "A": "x", "B": "y", "answer": "A"}, "Why?", ("x", "y")),
        ({"messages": [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]}, "Why?", ()),
        ({"premise": "It rains.", "hypothesis": "It is wet."}, "It rains.\nIt is wet.", ()),
    ],
)
def test_columns_of_benchmarks_are_found(tmp_path, row, stem, options):
    assert known.read([lines(tmp_path / "b.jsonl", [row])]) == [known.Known("b.jsonl:1", stem, options)]


def test_rows_of_any_file(command, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    lines(tmp_path / "bench.jsonl", [{"question": QUESTION, "options": ["A blood film", "Rest"]}])
    rows = [
        {"id": 1, "messages": [{"role": "user", "content": "Q: " + QUESTION.lower()}], "score": 0.5},
        {"id": 2, "messages": [{"role": "user", "content": "Nini husababisha homa?"}], "score": None},
        {"id": 3, "messages": [{"role": "user", "content": QUESTION[: 6 * len(QUESTION) // 10]}], "score": 1.0},
    ]
    lines(tmp_path / "sft.jsonl", rows)
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "sft.parquet")
    call = ("globmed", "curate", "decontaminate", "sft.jsonl", "--against", "bench.jsonl")
    ran = command(*call, "--dry-run", "--json")
    told = json.loads(ran.out)
    assert (told["kept"], told["dropped"], told["review"], told["known"], told["never_found"]) == (2, 1, 1, 1, 0)
    assert told["examples"][0]["row"] == "sft.jsonl:1" and not (tmp_path / "clean").exists()
    ran = command(*call, "sft.parquet", "--out", "clean")
    assert ran.code == 0 and "4 rows kept (2 of them to look at), 2 dropped" in ran.out
    kept = [json.loads(line) for line in (tmp_path / "clean/kept/sft.jsonl").read_text().splitlines()]
    assert kept == rows[1:] == pq.read_table(tmp_path / "clean/kept/sft.parquet").to_pylist()
    assert pq.read_schema(tmp_path / "clean/kept/sft.parquet").equals(pq.read_schema(tmp_path / "sft.parquet"))
    [dropped] = [json.loads(line) for line in (tmp_path / "clean/dropped/sft.jsonl").read_text().splitlines()]
    assert dropped["fields"] == rows[0] and dropped["evidence"]["text"].startswith(QUESTION.lower()[:30])
    [look] = [json.loads(line) for line in (tmp_path / "clean/review/sft.jsonl").read_text().splitlines()]
    assert look["fields"] == rows[2] and 0.5 <= look["evidence"]["stem"] < 0.7
    for part in ("dropped", "review"):  # each input has files of its own
        other = (tmp_path / "clean" / part / "sft.parquet.jsonl").read_text()
        assert json.loads(other)["row"] == {"dropped": "sft.parquet#1", "review": "sft.parquet#3"}[part]
    assert json.loads((tmp_path / "clean/manifest.json").read_text())["kept"] == 4
    only = json.loads(command(*call, "--dry-run", "--json", "--text", "id").out)
    assert only["dropped"] == 0


def test_entries_and_their_translations(command, tmp_path):
    swahili = item("Ni nini hufanywa kwanza?", language="sw", key="9", source="b")
    entries = [item(QUESTION, key="9", source="b"), swahili, item("Nini husababisha homa?", key="10")]
    record = shards.write_shard(tmp_path / "in", "x-0000", entries, [], key="k")
    shards.write_manifest(tmp_path / "in", shards.ShardManifest("made", {}, (), (record,), {}, "test"))
    lines(tmp_path / "bench.jsonl", [{"question": QUESTION}])
    call = ("globmed", "curate", "decontaminate", "in", "--against", "bench.jsonl", "--workers", "1")
    ran = command(*call, "--out", "out", "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["reasons"] == {"contaminated": 1, "contaminated_group": 1}
    again = command("globmed", "curate", "decontaminate", "out", "--against", "bench.jsonl", "--out", "o2", "--json")
    assert json.loads(again.out)["dropped"] == 0
    # a folder of folders of entries can be compared against too
    test = shards.write_shard(tmp_path / "sets/medqa", "x-0000", [item(QUESTION, split="test")], [], key="k")
    shards.write_manifest(tmp_path / "sets/medqa", shards.ShardManifest("made", {}, (), (test,), {}, "test"))
    ran = command("globmed", "curate", "decontaminate", "in", "--against", "sets", "--out", "o3", "--json")
    assert ran.code == 0 and json.loads(ran.out)["dropped"] == 2, ran.err
    # what is compared against is part of the result's identity
    lines(tmp_path / "bench.jsonl", [{"question": QUESTION + " And then?"}])
    assert "against" in command(*call, "--out", "out").one_line()


@pytest.mark.parametrize(
    "args, said",
    [
        (["no.jsonl", "--against", "b.jsonl"], "no.jsonl: no such file"),
        (["s.jsonl"], "--against PATH is missing"),
        (["s.jsonl", "--against", "no.jsonl"], "no.jsonl: no such file"),
        (["s.jsonl", "--against", "odd.jsonl"], "odd.jsonl, line 1: no column that could be the question (found: a)"),
        (["s.jsonl", "--against", "cut.jsonl"], "cut.jsonl"),
        (["cut.jsonl", "--against", "b.jsonl"], "cut.jsonl"),
        (["s.jsonl", "--against", "b.jsonl", "--text", "txt"], "no column 'txt'; did you mean text?"),
        (["s.jsonl", "s.jsonl", "--against", "b.jsonl"], "two files of one name"),
    ],
)
def test_bad_input_is_one_line(command, tmp_path, args, said):
    lines(tmp_path / "s.jsonl", [{"text": "x"}])
    lines(tmp_path / "b.jsonl", [{"question": QUESTION}])
    lines(tmp_path / "odd.jsonl", [{"a": 1}])
    (tmp_path / "cut.jsonl").write_text('{"text": "x"')
    for extra in (["--dry-run"], ["--out", "out"]):
        assert said in command("globmed", "curate", "decontaminate", *args, *extra).one_line()
        assert not (tmp_path / "out" / "manifest.json").exists()
