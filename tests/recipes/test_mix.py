"""Mixes: shares worked by hand, what is held out, the same bytes whatever the order, and all that is refused."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from globmed_tools import languages
from globmed_tools.bench import tiny
from globmed_tools.entry import group_id
from globmed_tools.errors import GlobmedError
from globmed_tools.recipes.mix import balance, indexing, mix, sample
from globmed_tools.recipes.mix.options import Options, share

REPLIES = {"medqa": "letter and text", "bionli": "label", "liveqa": "reference"}


def row(number, language="sw", name="medqa", split="train", **fields):
    made = {
        "messages": [
            {"role": "user", "content": f"{name} {language} {number}?"},
            {"role": "assistant", "content": "B. malaria"},
        ],
        "id": f"{name}-{language}-{number}",
        "group_id": f"{name}-{number}",
        "set": name,
        "language": language,
        "split": split,
        "reply": REPLIES[name],
    }
    return made | fields


def written(path: Path, rows) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows), "utf-8")
    return path


def read(path: Path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def files(folder: Path):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def by(told, key="languages"):
    return {one[key.removesuffix("s")]: one for one in told[key]}


NO_EVAL = dict(eval_per_language=0)


# --- shares ---------------------------------------------------------------------------------------------------------


def test_shares_by_hand():
    counts = {"en": 10000, "sw": 100, "yo": 0}
    assert balance.shares(counts, 2) == {"en": Fraction(10, 11), "sw": Fraction(1, 11), "yo": 0}
    assert balance.shares(counts, 1) == {"en": Fraction(100, 101), "sw": Fraction(1, 101), "yo": 0}
    assert balance.shares(counts, float("inf")) == {"en": Fraction(1, 2), "sw": Fraction(1, 2), "yo": 0}
    assert balance.shares({"en": 8, "sw": 1}, 3) == {"en": Fraction(2, 3), "sw": Fraction(1, 3)}


def test_what_is_over_a_limit_goes_to_the_others():
    assert balance.allot(100, {"en": 1, "sw": 1}, {"en": 90, "sw": 20}) == {"en": 80, "sw": 20}
    # 90 to three: c is full with 10, b with 20 of the 40 then due to it, a takes the rest
    assert balance.allot(90, {"a": 1, "b": 1, "c": 1}, {"a": 99, "b": 20, "c": 10}) == {"a": 60, "b": 20, "c": 10}
    assert balance.allot(90, {"a": 3, "b": 1, "c": 0}, {"a": 99, "b": 99, "c": 99}) == {"a": 68, "b": 22, "c": 0}
    assert balance.allot(1, {"b": 1, "a": 1}, {"a": 1, "b": 1}) == {"a": 1, "b": 0}
    assert balance.allot(9, {"a": 1, "b": 1}, {"a": 3, "b": 4}) == {"a": 3, "b": 4}


@pytest.mark.parametrize("seed", range(40))
def test_allotments_are_whole_within_limits_and_in_proportion(seed):
    dice = random.Random(seed)
    names = [f"l{number}" for number in range(dice.randint(1, 9))]
    weights = {name: Fraction(dice.randint(0, 30), 7) for name in names}
    limits = {name: dice.randint(0, 60) for name in names}
    room = sum(limits[name] for name in names if weights[name])
    total = dice.randint(0, 250)
    given = balance.allot(total, weights, limits)
    assert sum(given.values()) == min(total, room)
    assert all(0 <= given[name] <= limits[name] for name in names)
    free = [name for name in names if weights[name] and given[name] < limits[name]]
    for one in free:
        for other in names:  # nobody that still has room is behind anybody by more than rounding
            if weights[other]:
                assert (given[one] + 1) / weights[one] >= (given[other] - 1) / weights[other]


def test_a_mix_by_hand(tmp_path):
    """64 English and 1 Swahili entries at T = 2: 8 to 1, so of 63 Swahili wants 7, gets 4 x 1, and English the rest."""
    source = written(tmp_path / "in.jsonl", [row(n, "en") for n in range(64)] + [row(0, "sw")])
    told = mix([source], tmp_path / "mix", Options(temperature=2, entries=63, **NO_EVAL))
    english, swahili = by(told)["en"], by(told)["sw"]
    assert (english["available"], english["drawn"], english["unique"], english["repeats"]) == (64, 59, 59, 1)
    assert (swahili["available"], swahili["drawn"], swahili["unique"], swahili["repeats"]) == (1, 4, 1, 4)
    assert (english["p_before"], english["p_target"], english["p"]) == (0.984615, 0.888889, 0.936508)
    drawn = Counter(one["id"] for one in read(tmp_path / "mix/train.jsonl"))
    assert drawn["medqa-sw-0"] == 4 and len(drawn) == 60 and drawn.total() == 63
    assert any("cap of 4" in note and note.endswith("sw") for note in told["notes"])
    assert told["entries"] == 63 and told["unique"] == 60
    assert swahili["characters"] == 4 * (len("medqa sw 0?") + len("B. malaria")) == swahili["bytes"]


def test_temperature_one_is_the_data_itself_and_infinity_is_equal(tmp_path):
    rows = [row(n, "en") for n in range(30)] + [row(n, "sw") for n in range(10)]
    source = written(tmp_path / "in.jsonl", rows)
    told = mix([source], tmp_path / "same", Options(temperature=1, **NO_EVAL))
    mixed = read(tmp_path / "same/train.jsonl")
    assert sorted(one["id"] for one in mixed) == sorted(one["id"] for one in rows)
    assert [one["id"] for one in mixed] != [one["id"] for one in rows]
    assert told["options"]["temperature"] == 1
    told = mix([source], tmp_path / "equal", Options(temperature=float("inf"), **NO_EVAL))
    assert {code: one["drawn"] for code, one in by(told).items()} == {"en": 20, "sw": 20}
    drawn = Counter(one["id"] for one in read(tmp_path / "equal/train.jsonl") if one["language"] == "sw")
    assert set(drawn.values()) == {2} and len(drawn) == 10
    assert json.loads((tmp_path / "equal/manifest.json").read_bytes())["options"]["temperature"] == "inf"


def test_shares_of_sets_and_forms(tmp_path):
    rows = [row(n, code, name) for code in ("en", "sw") for name in ("medqa", "bionli") for n in range(40)]
    rows += [row(n, "en", "liveqa") for n in range(20)]  # none in Swahili
    source = written(tmp_path / "in.jsonl", rows)
    told = mix(
        [source], tmp_path / "a", Options(temperature=1, entries=90, forms={"longform": Fraction("0.2")}, **NO_EVAL)
    )
    # English has 100 of 180, so 50: 10 longform, 20 and 20; Swahili's 40 are halved
    cells = Counter((one["language"], one["set"]) for one in read(tmp_path / "a/train.jsonl"))
    assert cells == {
        ("en", "liveqa"): 10,
        ("en", "medqa"): 20,
        ("en", "bionli"): 20,
        ("sw", "medqa"): 20,
        ("sw", "bionli"): 20,
    }
    assert {one["form"]: one["drawn"] for one in told["forms"]} == {"longform": 10, "mcq": 40, "nli": 40}
    shares = {"medqa": Fraction("0.75"), "bionli": Fraction("0.25")}
    told = mix([source], tmp_path / "b", Options(temperature=1, entries=80, sets=shares, **NO_EVAL))
    cells = Counter((one["language"], one["set"]) for one in read(tmp_path / "b/train.jsonl"))
    assert cells == {("en", "medqa"): 30, ("en", "bionli"): 10, ("sw", "medqa"): 30, ("sw", "bionli"): 10}
    assert "left out, as the shares say: liveqa" in told["notes"]
    assert by(told, "sets")["liveqa"]["drawn"] == 0 and by(told, "sets")["liveqa"]["available"] == 20


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (dict(sets={"medqa": Fraction(1, 2)}), "no set for the 0.5"),
        (dict(sets={"medqa": Fraction(3, 4), "bionli": Fraction(1, 2)}), "sum to 1.25"),
        (dict(sets={"medqa": Fraction(1, 2)}, forms={"mcq": Fraction(1, 4)}), "form mcq: 0.25 less than nothing"),
        (dict(sets={"medqaa": Fraction(1, 2)}), "did you mean medqa?"),
        (dict(forms={"yesno": Fraction(1, 2)}), "--form yesno: not in the input"),
        (dict(forms={"mcqs": Fraction(1, 2)}), "did you mean mcq?"),
        (dict(temperature=0.5), "choose 1 or more"),
        (dict(temperature=float("nan")), "choose 1 or more"),
        (dict(entries=41), "the data gives 40"),
        (dict(entries=4, tokens=4), "Name one"),
        (dict(tokens=4), "--tokenizer"),
        (dict(languages=("xx",)), "unknown language 'xx'"),
        (dict(languages=("de",)), "no rows in de; the input has sw"),
        (dict(eval_per_language=10), "10 evaluation groups of 10 would leave nothing"),
        (dict(splits=("train", "test")), "never trained on"),
    ],
    ids=str,
)
def test_settings_that_cannot_be_meant(tmp_path, given, said):
    source = written(tmp_path / "in.jsonl", [row(n) for n in range(10)])
    with pytest.raises(GlobmedError, match=said.replace("?", r"\?")):
        mix([source], tmp_path / "mix", Options(**(NO_EVAL | given)))
    assert not (tmp_path / "mix").exists()


@pytest.mark.parametrize(
    "text", ["medqa", "medqa=", "medqa=x", "medqa=1.5", "medqa=-0.1", "=0.5", "medqa=120%", "medqa=1/0"]
)
def test_a_share_is_a_name_and_a_number_up_to_one(text):
    with pytest.raises(GlobmedError, match="--set"):
        share(text, "--set")
    assert share("medqa=30%", "--set") == share("medqa=0.3", "--set") == ("medqa", Fraction(3, 10))


# --- determinism ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_files_and_lines_changes_nothing(tmp_path, seed):
    dice = random.Random(seed)
    codes, names = ["en", "sw", "yo", "zu"], ["medqa", "bionli", "liveqa"]
    rows = [row(n, c, s) for c in codes for s in names for n in range(dice.randint(3, 40))]
    options = Options(temperature=2.5, seed=seed, eval_per_language=2, entries=150)
    mix([written(tmp_path / "one.jsonl", rows)], tmp_path / "a", options)
    dice.shuffle(rows)
    cut = dice.randint(1, len(rows) - 1)
    parts = [written(tmp_path / f"{name}.jsonl", part) for name, part in (("x", rows[:cut]), ("y", rows[cut:]))]
    mix(parts, tmp_path / "b", options)
    mix(parts[::-1], tmp_path / "c", options)
    a, b, c = (files(tmp_path / name) for name in "abc")
    assert b == c and len(a) == 2 + len(codes)
    assert {name: content for name, content in a.items() if name != "manifest.json"} == {
        name: content for name, content in b.items() if name != "manifest.json"
    }
    assert read(tmp_path / "a/train.jsonl") != sorted(read(tmp_path / "a/train.jsonl"), key=lambda one: one["id"])


def test_another_seed_is_another_mix_and_a_smaller_mix_is_part_of_a_larger(tmp_path):
    source = written(tmp_path / "in.jsonl", [row(n) for n in range(200)])
    ids = {}
    for name, options in {
        "small": Options(entries=20, **NO_EVAL),
        "large": Options(entries=80, **NO_EVAL),
        "other": Options(entries=20, seed=1, **NO_EVAL),
    }.items():
        mix([source], tmp_path / name, options)
        ids[name] = [one["id"] for one in read(tmp_path / name / "train.jsonl")]
    assert set(ids["small"]) < set(ids["large"]) and set(ids["small"]) != set(ids["other"])


def test_rows_come_out_as_they_went_in_with_fields_in_order(tmp_path):
    odd = row(1, messages=[{"content": 'Swali:\u2028 "ñ" 😀', "role": "user"}, {"role": "assistant", "content": "B"}])
    source = written(tmp_path / "in.jsonl", [dict(reversed(odd.items()))])
    mix([source], tmp_path / "mix", Options(**NO_EVAL))
    line = (tmp_path / "mix/train.jsonl").read_bytes()
    assert json.loads(line) == odd and list(json.loads(line)) == list(row(1)) and line.count(b"\n") == 1


def test_copies_of_an_entry_do_not_stand_together(tmp_path):
    source = written(tmp_path / "in.jsonl", [row(n) for n in range(200)])
    mix([source], tmp_path / "mix", Options(entries=800, **NO_EVAL))
    ids = [one["id"] for one in read(tmp_path / "mix/train.jsonl")]
    assert set(Counter(ids).values()) == {4}
    assert sum(one == other for one, other in zip(ids, ids[1:])) < 20


def test_long_rows_many_files_and_a_last_line_without_an_end(tmp_path, monkeypatch):
    monkeypatch.setattr(indexing, "_OPEN_FILES", 2)
    rows = [
        row(n, messages=[{"role": "user", "content": "ọ" * size}, {"role": "assistant", "content": "B"}])
        for n, size in enumerate((1, 2700, 2731, 8000, 50_000, 3))
    ]
    sources = [written(tmp_path / f"{one['id']}.jsonl", [one, row(100 + n)]) for n, one in enumerate(rows)]
    for path in sources:
        path.write_bytes(path.read_bytes().removesuffix(b"\n"))
    told = mix(sources, tmp_path / "mix", Options(**NO_EVAL))
    found = {one["id"]: one for one in read(tmp_path / "mix/train.jsonl")}
    assert [found[one["id"]] for one in rows] == rows and len(found) == 12
    assert told["inputs"][0]["rows"] == 2 and told["inputs"][0]["bytes"] == sources[0].stat().st_size


# --- what is held out -----------------------------------------------------------------------------------------------


def test_an_item_that_evaluates_one_language_trains_in_none(tmp_path):
    rows = [row(n, code) for code, count in (("en", 400), ("sw", 400), ("yo", 60)) for n in range(count)]
    source = written(tmp_path / "in.jsonl", rows)
    told = mix([source], tmp_path / "mix", Options(eval_per_language=20, temperature=1))
    held = {code: {one["group_id"] for one in read(tmp_path / f"mix/eval/{code}.jsonl")} for code in ("en", "sw", "yo")}
    trained = {one["group_id"] for one in read(tmp_path / "mix/train.jsonl")}
    assert {code: len(groups) for code, groups in held.items()} == {"en": 20, "sw": 20, "yo": 20}
    assert held["en"] == held["sw"] != held["yo"] and not trained & set().union(*held.values())
    everything = len(held["en"] | held["yo"])
    assert by(told)["en"]["held_out"] == everything and by(told)["en"]["available"] == 400 - everything
    orders = [[one["group_id"] for one in read(tmp_path / f"mix/eval/{code}.jsonl")] for code in ("en", "sw")]
    assert orders[0] == orders[1]


def test_by_default_a_tenth_is_held_out_and_at_most_a_hundred(tmp_path):
    rows = [row(n, "en") for n in range(2000)] + [row(n, "sw") for n in range(50)] + [row(n, "yo") for n in range(1)]
    told = mix([written(tmp_path / "in.jsonl", rows)], tmp_path / "mix", Options())
    assert {one["language"]: one["groups"] for one in told["eval"]} == {"en": 100, "sw": 5}
    assert "nothing held out to evaluate yo" in told["notes"]
    assert not (tmp_path / "mix/eval/yo.jsonl").exists()


def test_the_sample_from_end_to_end(tmp_path):
    told = mix(["sample"], tmp_path / "mix", Options(languages=tuple(languages.codes(paper=True)), eval_per_language=2))
    assert {one["set"]: one["form"] for one in told["sets"]} == {
        f"sample_{form}": form for form in ("longform", "mcq", "nli", "yesno")
    }
    assert all(one["licences"] == ["apache-2.0"] for one in told["sets"])
    rows = read(tmp_path / "mix/train.jsonl")
    assert len(rows) == told["entries"] == 12 * 6 and {one["split"] for one in rows} == {"train"}
    assert len(list((tmp_path / "mix/eval").glob("*.jsonl"))) == 12
    tests = {one.group_id for one in sample.entries() if one.split == "test"}
    assert len(tests) == 24 and group_id("sample", "mcq4-test-01") in tests
    assert not tests & {one["group_id"] for one in rows}
    assert told["against"][0]["items"] == 34 * 17  # test and dev of the same export
    assert not any("only the bundled sample" in note for note in told["notes"])
    listed = {one["path"]: one["rows"] for one in told["files"]}
    assert listed == {
        path.relative_to(tmp_path / "mix").as_posix(): len(read(path)) for path in (tmp_path / "mix").rglob("*.jsonl")
    }


# --- what may not be trained on -------------------------------------------------------------------------------------


def refused(paths, out, options=None, **more) -> str:
    before = files(out) if out.is_dir() else None
    with pytest.raises(GlobmedError) as caught:
        mix(paths, out, options or Options(**NO_EVAL), **more)
    assert (files(out) if out.is_dir() else None) == before
    return str(caught.value)


def test_rows_of_another_split_are_refused(tmp_path):
    source = written(tmp_path / "in.jsonl", [row(0), row(1, split="test"), row(2, split="dev"), row(3, split="test")])
    said = refused([source], tmp_path / "mix")
    assert f"{source}, line 2: 3 rows" in said and "medqa-sw-1 (split test), medqa-sw-2 (split dev)" in said
    source = written(tmp_path / "in.jsonl", [row(0), row(1, split="dev")])
    assert mix([source], tmp_path / "mix", Options(splits=("train", "dev"), **NO_EVAL))["entries"] == 2


@pytest.mark.parametrize("language", ["sw", "en"])
@pytest.mark.parametrize("kind", ["file", "hub", "entries", "parquet"])
def test_a_group_that_is_tested_in_any_language_is_refused(tmp_path, kind, language):
    source = written(tmp_path / "in.jsonl", [row(n) for n in range(5)])
    items = [row(n, language, split="test") for n in (3, 77)] + [row(0, language, split="train")]
    kept = [{"entry_id": one["id"], "group_id": one["group_id"], "split": one["split"]} for one in items]
    path = tmp_path / "tests" / "medqa" / language / "test.json"
    if kind == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        path.parent.mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(kept), path.with_suffix(".parquet"))
    else:
        written(path, kept if kind == "hub" else [{"group_id": one["group_id"]} for one in items[:2]])
    against = path if kind == "file" else tmp_path / "tests"
    said = refused([source], tmp_path / "mix", against=[against])
    assert f"{source}, line 4: 1 rows" in said and "medqa-sw-3 (held out by " in said


def test_an_id_that_is_tested_is_refused_even_in_another_group(tmp_path):
    source = written(tmp_path / "in.jsonl", [row(n) for n in range(5)])
    tests = written(tmp_path / "test.jsonl", [row(2, split="test", group_id="regrouped")])
    assert "line 3: 1 rows" in refused([source], tmp_path / "mix", against=[tests])


def test_the_bundled_sample_is_always_held_out(tmp_path):
    leak = row(1, group_id=group_id("sample", "mcq4-test-01"))
    said = refused([written(tmp_path / "in.jsonl", [row(0), leak])], tmp_path / "mix")
    assert "medqa-sw-1 (held out by the bundled sample)" in said


def test_test_items_of_the_same_export_are_held_out(tmp_path):
    train, test = tmp_path / "chat/medqa/sw/train.jsonl", tmp_path / "chat/medqa/en/test.jsonl"
    written(train, [row(n) for n in range(5)])
    written(test, [row(n, "en", split="test") for n in (90, 91)])
    assert mix([tmp_path / "chat"], tmp_path / "mix", Options(**NO_EVAL))["entries"] == 5
    written(test, [row(n, "en", split="test") for n in (90, 4)])
    assert "chat/medqa/en/test.jsonl" in refused([tmp_path / "chat"], tmp_path / "other")


def test_test_items_that_cannot_be_told_apart_are_an_error(tmp_path):
    source = written(tmp_path / "in.jsonl", [row(0)])
    tests = written(tmp_path / "test.jsonl", [{"question": "?"}])
    assert f"{tests}, line 1: no group_id" in refused([source], tmp_path / "mix", against=[tests])
    tests = written(tmp_path / "test.jsonl", [row(5)])
    assert "holds nothing out" in refused([source], tmp_path / "mix", against=[tests])
    assert "no such file" in refused([source], tmp_path / "mix", against=[tmp_path / "nowhere"])
    (tmp_path / "empty").mkdir()
    assert "files of items" in refused([source], tmp_path / "mix", against=[tmp_path / "empty"])


# --- damaged input --------------------------------------------------------------------------------------------------

TURNS = row(0)["messages"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not valid JSON"),
        ("[1]", "a JSON object was expected, list found"),
        ({k: v for k, v in row(1).items() if k not in ("reply", "group_id")}, "no field group_id, reply"),
        ({"question": "?", "answer": "B"}, "no field messages"),
        (row(1, weight=2), "field weight is none of the chat layout"),
        (row(1, id=7), "id is 7"),
        (row(1, set=""), "set is ''"),
        (row(1, "xx"), "language 'xx': unknown"),
        (row(1, "jp"), "language 'jp': write ja"),
        (row(1, messages="?"), "messages is no list"),
        (row(1, messages=[]), "messages is no list"),
        (row(1, messages=TURNS[:1]), "the last turn is user's"),
        (row(1, messages=[TURNS[0], {"role": "assistant", "content": " \n"}]), "the assistant turn (turn 2) is empty"),
        (row(1, messages=[{"role": "human", "content": "?"}, TURNS[1]]), "turn 1 has the role 'human'"),
        (row(1, messages=[{"from": "human", "value": "?"}, TURNS[1]]), "turn 1 of messages is not a role"),
        (row(0, messages=[TURNS[0], {"role": "assistant", "content": "C"}]), "id medqa-sw-0 stands at"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_row_that_is_no_conversation_is_named_by_file_and_line(tmp_path, line, said):
    source = tmp_path / "in.jsonl"
    text = line if isinstance(line, str) else json.dumps(line)
    source.write_text(json.dumps(row(0)) + "\n\n" + text + "\n", "utf-8")
    message = refused([source], tmp_path / "mix")
    assert message.startswith(f"{source}, line 3: ") and said in message


def test_the_same_row_twice_is_taken_once(tmp_path):
    one = written(tmp_path / "a.jsonl", [row(0), row(1)])
    two = written(tmp_path / "b.jsonl", [dict(reversed(row(1).items())), row(2)])
    told = mix([one, two], tmp_path / "mix", Options(**NO_EVAL))
    assert told["entries"] == 3 and any(
        note.startswith("1 rows stand in the input more than once") for note in told["notes"]
    )
    assert "named twice" in refused([one, tmp_path / "." / "a.jsonl"], tmp_path / "other")


def test_one_text_under_two_groups_is_one_item_in_every_language(tmp_path):
    rows = [row(n, code) for code in ("en", "sw") for n in range(40)]
    rows += [row(n, "en", group_id=f"medqa-{n + 1}") for n in range(0, 40, 2)]  # 0 and 1, 2 and 3 ... are one item
    dice, orders = random.Random(5), []
    for name in "ab":
        told = mix(
            [written(tmp_path / f"{name}.jsonl", rows)], tmp_path / name, Options(eval_per_language=5, entries=50)
        )
        orders.append((tmp_path / name / "train.jsonl").read_bytes())
        dice.shuffle(rows)
    assert orders[0] == orders[1]
    assert "20 groups have a text of another group, and were joined with it" in told["notes"]
    for code in ("en", "sw"):
        numbers = [int(one["id"].rpartition("-")[2]) for one in read(tmp_path / f"a/eval/{code}.jsonl")]
        assert len(numbers) == 10 and {n ^ 1 for n in numbers} == set(numbers)


def test_what_is_held_out_can_be_left_out_and_is_listed(tmp_path):
    rows = [row(n, code) for code in ("en", "sw") for n in range(20)]
    tests = [row(3, "en", split="test"), row(7, "en", split="test", group_id="of its own")]
    source, tests = written(tmp_path / "in.jsonl", rows), written(tmp_path / "test.jsonl", tests)
    assert "4 rows may not" not in (said := refused([source], tmp_path / "x", against=[tests]))
    assert "3 rows may not" in said and "--drop-held-out" in said
    told = mix([source], tmp_path / "mix", Options(drop_held_out=True, **NO_EVAL), against=[tests])
    listed = {one["id"]: one["reason"] for one in read(tmp_path / "mix/left_out.jsonl")}
    assert listed == {
        "medqa-en-3": "held out by test.jsonl",
        "medqa-sw-3": "held out by test.jsonl",
        "medqa-en-7": "held out by test.jsonl",
        "medqa-sw-7": "another row of this item is held out",
    }
    trained = {one["id"] for one in read(tmp_path / "mix/train.jsonl")}
    assert len(trained) == 36 == told["entries"] and not trained & set(listed)
    source = written(tmp_path / "in.jsonl", [*rows, row(0, split="test")])
    assert "(split test)" in refused([source], tmp_path / "x", Options(drop_held_out=True, **NO_EVAL))


def test_a_set_has_one_form(tmp_path):
    rows = [row(0, set="ward"), row(1, set="ward", reply="reference")]
    said = refused([written(tmp_path / "in.jsonl", rows)], tmp_path / "mix")
    assert "line 2: set ward is mcq in rows before, longform here" in said


def test_an_export_that_was_changed_or_holds_no_conversations(tmp_path):
    with sample.exported() as made:
        export = Path(shutil.copytree(made, tmp_path / "export"))
    file = next(export.glob("chat/*/sw/train.jsonl"))
    file.write_bytes(file.read_bytes() * 2)
    assert f"{file}: is not the file that its export wrote" in refused([export], tmp_path / "mix")
    assert "--layout entries,chat" in refused([next(export.glob("entries/*"))], tmp_path / "mix")
    assert "no such file or folder" in refused([tmp_path / "nowhere"], tmp_path / "mix")
    assert "<set>/<language>/train.jsonl" in refused([export / "entries/sample_mcq/sw"], tmp_path / "mix")
    assert "lie in each other" in refused([export], export / "mix")


# --- the folder -----------------------------------------------------------------------------------------------------


def test_only_a_mix_is_replaced_and_only_when_told(tmp_path):
    source, out = written(tmp_path / "in.jsonl", [row(n) for n in range(20)]), tmp_path / "mix"
    mix([source], out, Options(entries=5))
    first = files(out)
    assert "already holds a mix" in refused([source], out)
    mix([source], out, Options(entries=5), force=True)
    assert files(out) == first
    mix([source], out, Options(entries=6, **NO_EVAL), force=True)
    assert set(files(out)) == {"train.jsonl", "manifest.json"}
    (out / ".part").mkdir()
    assert "another mix writes here" in refused([source], out)
    mix([source], out, Options(entries=5), force=True)
    assert files(out) == first
    (out / "notes.txt").write_text("mine")
    assert "notes.txt, which no mix wrote" in refused([source], out, force=True)
    assert "is a file" in refused([source], source)
    other = tmp_path / "other"
    written(other / "manifest.json", [{"format": "globmed-export"}])
    assert "manifest.json of something else" in refused([source], other, force=True)


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path):
    source = written(tmp_path / "in.jsonl", [row(n) for n in range(20)])
    dry = mix([source], tmp_path / "mix", Options(), dry_run=True)
    assert not (tmp_path / "mix").exists()
    told = mix([source], tmp_path / "mix", Options())
    assert told.pop("files") and told == dry
    assert json.loads((tmp_path / "mix/manifest.json").read_bytes()) | {"files": []} == told | {"files": []}


# --- tokens ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return tiny.make(tmp_path_factory.mktemp("model"))


def lengths(model, path):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    texts = (tokenizer.apply_chat_template(one["messages"], tokenize=False) for one in read(path))
    return [len(tokenizer(text, add_special_tokens=False).input_ids) for text in texts]


def test_tokens_are_those_of_transformers_with_the_template(tmp_path, model, monkeypatch):
    monkeypatch.setattr(indexing, "_BATCH", 7)
    told = mix(["sample"], tmp_path / "mix", Options(), tokenizer=Path(model))
    counted = lengths(model, tmp_path / "mix/train.jsonl")
    assert told["tokens"] == sum(counted) == sum(one["tokens"] for one in told["languages"])
    assert told["longest"] == max(counted)
    assert told["tokenizer"]["chat_template"] and len(told["tokenizer"]["xxh3"]) == 16
    assert sum(one["tokens"] for one in told["eval"]) == sum(
        sum(lengths(model, path)) for path in (tmp_path / "mix/eval").glob("*.jsonl")
    )


def test_a_budget_of_tokens_is_used_and_never_exceeded(tmp_path, model):
    source = written(tmp_path / "in.jsonl", [row(n, c) for c in ("en", "sw", "yo") for n in range(50)])
    options = Options(tokens=2000, temperature=2, **NO_EVAL)
    told = mix([source], tmp_path / "mix", options, tokenizer=Path(model))
    counted = lengths(model, tmp_path / "mix/train.jsonl")
    assert sum(counted) == told["tokens"] <= 2000 < told["tokens"] + 2 * max(counted)
    more = Options(tokens=10**9, **NO_EVAL)
    assert "Ask for less" in refused([source], tmp_path / "x", more, tokenizer=Path(model))
    assert "less than one entry" in refused(
        [source], tmp_path / "x", Options(tokens=1, **NO_EVAL), tokenizer=Path(model)
    )
    assert "no tokenizer.json" in refused([source], tmp_path / "x", tokenizer=tmp_path)


def words(folder: Path, template: str | None = None, **config) -> Path:
    """A tokenizer whose tokens are words, and which by itself puts <s> before every text."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    made = Tokenizer(models.WordLevel({"<unk>": 0, "<s>": 1}, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    made.enable_truncation(2)
    folder.mkdir()
    made.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    if template:
        (folder / "chat_template.jinja").write_text(template)
    return folder


ALL = "{{ bos_token }}{% for one in messages %} [{{ one.role }}] {{ one.content }}{% endfor %}"


@pytest.mark.parametrize(
    ("template", "config", "expected"),
    [
        (None, {}, 5),  # medqa sw 0? / B. malaria, and not cut off at two
        (ALL, {"bos_token": {"content": "<s>"}}, 8),
        (None, {"chat_template": ALL}, 7),
        (None, {"chat_template": [{"name": "tool_use", "template": "x"}, {"name": "default", "template": ALL}]}, 7),
        (ALL, {"chat_template": "another"}, 7),
    ],
)
def test_the_template_is_found_where_transformers_finds_it(tmp_path, template, config, expected):
    source = written(tmp_path / "in.jsonl", [row(0)])
    told = mix([source], tmp_path / "mix", Options(**NO_EVAL), tokenizer=words(tmp_path / "tok", template, **config))
    assert told["tokens"] == told["longest"] == expected
    assert told["tokenizer"]["name"] == "tok" and told["tokenizer"]["chat_template"] is (expected != 5)


def test_a_template_that_cannot_be_used_is_one_line(tmp_path):
    source = written(tmp_path / "in.jsonl", [row(0)])
    for number, (template, said) in enumerate(
        [
            ("{{ raise_exception('no user turn') }}", "refuses a conversation (no user turn)"),
            ("{% if %}", "cannot be read"),
        ]
    ):
        folder = words(tmp_path / f"tok{number}", template)
        assert said in refused([source], tmp_path / "mix", tokenizer=folder)
    (folder / "tokenizer.json").write_text("{}")
    assert "not a tokenizer" in refused([source], tmp_path / "mix", tokenizer=folder)


# --- the command ----------------------------------------------------------------------------------------------------


def test_the_command(command, tmp_path):
    written(tmp_path / "in.jsonl", [row(n, c) for c in ("en", "sw") for n in range(20)])
    ran = command("globmed", "recipes", "mix", "in.jsonl", "--out", "mix", "--temperature", "inf", "--dry-run")
    assert ran.code == 0 and "Swahili" in ran.out and "Dry run" in ran.out and not (tmp_path / "mix").exists()
    none = command("globmed", "recipes", "mix", "in.jsonl", "--out", "mix", "--temperature", "0")
    assert "temperature 0" in none.one_line()  # a zero is said, not taken for nothing given
    ran = command("globmed", "recipes", "mix", "in.jsonl", "--out", "mix", "--set", "medqa=1", "--json")
    assert ran.code == 0 and json.loads(ran.out)["entries"] == 36
    assert "already holds a mix" in command("globmed", "recipes", "mix", "in.jsonl", "--out", "mix").one_line()
    written(tmp_path / "bad.jsonl", [row(0, split="test")])
    said = command("globmed", "recipes", "mix", "bad.jsonl", "--out", "x").one_line()
    assert said.startswith("globmed: bad.jsonl, line 1: 1 rows may not be trained on")
