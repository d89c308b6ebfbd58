"""The released layout on small self-written files in the shapes that are known or reported; no released file is at hand."""

import json

import pytest
from globmed_curation.ingest import checksums, collect, ingest, source_files
from globmed_curation.sources.released import TRANSLATOR, kappa

from globmed_tools import catalog, manifest, store
from globmed_tools.errors import GlobmedError

RELEASED = {"layout": "released"}
LETTERS = "ABCD"


def mcq(code, golds, **more):
    return [
        {"question": f"{code} {n}?", "options": {one: f"{one}{n}" for one in LETTERS}, "answer_idx": gold} | more
        for n, gold in enumerate(golds)
    ]


@pytest.fixture
def hub(tmp_path):
    """hub("GlobMed_MedQA", {"en/test": rows}) -> the folder of the set."""

    def write(name, files):
        for place, rows in files.items():
            path = tmp_path / "hub" / name / f"{place}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
        return tmp_path / "hub" / name

    return write


def read(name, folder):
    return collect(name, source_files(name, [folder], RELEASED), **RELEASED)


def links(found):
    return {(one.language, one.split): one.tags["link"] for one in found.kept}


def groups(found, code, split="test"):
    return [one.group_id for one in found.kept if (one.language, one.split) == (code, split)]


def test_rows_are_linked_by_their_place_where_golds_agree(hub, tmp_path):
    golds = "ABCDABCDAB"
    files = {f"{code}/{split}": mcq(code, golds) for code in ("en", "ko", "jp") for split in ("train", "test")}
    folder = hub("GlobMed_MedQA", files | {"xx/test": mcq("xx", golds)})
    hub("GlobMed_HeadQA", {"en/train": mcq("other", golds)})
    for path in (folder, folder.parent):
        summary = ingest("medqa", [path], tmp_path / "out", layout="released", overwrite=True)
        assert summary.kept == {(code, split): 10 for code in ("en", "ja", "ko") for split in ("train", "test")}
        assert summary.skipped == {"unsupported_language": 10}
        assert summary.notes == ("en/test.json: read as question <- question, options <- options, "
                                 "gold <- answer_idx (letter), id <- (row number)",)  # fmt: skip
    entries = list(store.read(tmp_path / "out" / "medqa"))
    assert len({one.group_id for one in entries}) == 20
    third = [one for one in entries if one.locator.endswith("test.json#3")]
    assert [(one.locator, one.language, one.question) for one in third] == [
        ("en/test.json#3", "en", "en 2?"),
        ("jp/test.json#3", "ja", "jp 2?"),
        ("ko/test.json#3", "ko", "ko 2?"),
    ]
    assert len({one.group_id for one in third}) == 1 and {one.answers for one in third} == {(2,)}
    assert [one.translator for one in third] == [None, TRANSLATOR, TRANSLATOR]
    assert {one.licence for one in entries} == {catalog.get("medqa").licence}
    assert {one.tags["link"] for one in entries} == {"row"}
    inputs = manifest.read(tmp_path / "out" / "medqa").inputs
    assert [one["name"] for one in inputs][:3] == ["en/test.json", "en/train.json", "jp/test.json"]
    assert next(one for one in inputs if one["name"] == "xx/test.json")["skipped"] == {"unsupported_language": 10}


def test_a_language_that_is_not_parallel_is_told_and_never_grouped(hub):
    golds = "ABCDABCDABCDABCDABCD"
    odd = golds[:5] + "D" + golds[6:]
    found = read("medqa", hub("GlobMed_MedQA", {
        "en/test": mcq("en", golds), "de/test": mcq("de", golds[1:] + "A"), "fr/test": mcq("fr", golds[:-1]),
        "sw/test": mcq("sw", odd),
    }))  # fmt: skip
    assert links(found) == {
        ("en", "test"): "row",
        ("de", "test"): "none",
        ("fr", "test"): "none",
        ("sw", "test"): "row",
    }
    english, german, french, swahili = (groups(found, code) for code in ("en", "de", "fr", "sw"))
    assert not set(english) & {*german, *french} and len({*german, *french}) == 39
    assert [one == other for one, other in zip(english, swahili)] == [n != 5 for n in range(20)]
    assert next(one for one in found.kept if one.locator == "sw/test.json#6").tags["link"] == "none"
    told = {one.locator: one.text for one in found.notes if not one.text.startswith("read as")}
    assert sorted(told) == ["de/test.json", "fr/test.json", "sw/test.json"]
    assert told["de/test.json"].startswith("golds agree with en by row no more than kappa -0.3")
    assert told["fr/test.json"].startswith("19 rows, en has 20, so rows cannot be linked over languages")
    assert told["sw/test.json"].startswith("1 rows have another gold or number of options than in en. Each is an item")


def test_ids_link_rows_in_any_order_and_are_not_shared_over_splits(hub):
    rows = {code: [{"id": n, **row} for n, row in enumerate(mcq(code, "ABCDA"))] for code in ("en", "sw")}
    rows["sw"] = rows["sw"][::-1]
    files = {f"{code}/{split}": found for code, found in rows.items() for split in ("train", "test")}
    found = read("medqa", hub("GlobMed_MedQA", files))
    assert set(links(found).values()) == {"id"}
    assert groups(found, "en") == groups(found, "sw")[::-1]
    assert not set(groups(found, "en")) & set(groups(found, "en", "train"))
    rows["sw"] = [row | {"id": f"sw-{row['id']}"} for row in rows["sw"][::-1]]
    found = read("medqa", hub("GlobMed_MedQA", {f"{code}/test": found for code, found in rows.items()}))
    assert links(found)["sw", "test"] == "row" and groups(found, "en") == groups(found, "sw")


#: A row of each released set in a shape that was seen, with what becomes of it.
CELL = {"input": "{'question': 'Which?', 'options': ['I', 'II', 'III', 'IV']}"}
NLI = {"text": "Premise:\nA fell.\n\nHypothesis:\nA rose."}
SHAPES = {
    "medqa": [CELL | {"label": 0}, CELL | {"label": 3}],
    "medmcqa": [CELL | {"label": 0}, CELL | {"label": 3}],
    "headqa": [{"question": "Which?", "A": "I", "B": "II", "C": "III", "D": "IV", "answer": gold} for gold in "AD"],
    "mmlu_pro": [{"question": "Which?", "options": ["I", "II", "III", "IV"], "answer": gold} for gold in "AD"],
    "medexpqa": [{"question": "Which?", "choices": ["I", "II", "III", "IV"], "label": gold} for gold in (0, 3)],
    "pubmedqa": [{"question": "Is it?", "context": "It is.", "answer": label} for label in ("yes", "no")],
    "bionli": [NLI | {"label": label} for label in ("contradiction", "entailment")],
    "liveqa": [{"text": "Question: Why? Answer: Because."}] * 2,
    "expertqa_med": [{"question": "Why?", "answer": "Because."}] * 2,
    "expertqa_bio": [{"question": "Why?", "reference": "Because."}] * 2,
}


def test_every_released_set_is_among_the_shapes():
    assert set(SHAPES) == {one.name for one in catalog.table().values() if one.hub}


@pytest.mark.parametrize("name", SHAPES)
def test_every_released_set_can_be_read(hub, name):
    folder = hub(catalog.get(name).hub.partition("/")[2], {f"{code}/test": SHAPES[name] for code in ("en", "sw")})
    found = read(name, folder)
    assert [(one.language, one.split, one.source, one.form) for one in found.kept] == [
        (code, "test", name, catalog.get(name).form) for code in ("en", "en", "sw", "sw")
    ]
    assert found.kept[0].group_id == found.kept[2].group_id != found.kept[1].group_id
    gold = found.kept[1]
    assert gold.answers == (3,) or gold.label in ("no", "entailment") or gold.reference == "Because."
    assert {one.licence for one in found.kept} == {catalog.get(name).licence}
    sure = "row, unverified" if gold.form == "longform" else "row"
    assert links(found) == {("en", "test"): "row", ("sw", "test"): sure}


def test_unusable_rows_are_dropped_and_move_no_other(hub):
    rows = {code: mcq(code, "ABCDA") for code in ("en", "sw")}
    rows["sw"][1]["options"] = dict.fromkeys(LETTERS, "same")
    found = read("medqa", hub("GlobMed_MedQA", {f"{code}/test": one for code, one in rows.items()}))
    assert [(one.reason, one.locator, one.key, one.language) for one in found.dropped] == [
        ("duplicate_options", "sw/test.json#2", "test/2", "sw")
    ]
    assert groups(found, "sw") == [one for n, one in enumerate(groups(found, "en")) if n != 1]


def test_a_row_with_an_empty_cell_hides_no_column_and_moves_no_other(hub):
    rows = {code: mcq(code, "ABCD" * 5) for code in ("en", "ko", "sw")}
    rows["en"][3]["question"] = ""
    rows["sw"][1]["answer_idx"] = None
    del rows["sw"][2]["options"]
    found = read("medqa", hub("GlobMed_MedQA", {f"{code}/test": one for code, one in rows.items()}))
    assert [(one.reason, one.evidence, one.locator, one.key) for one in found.dropped] == [
        ("empty_cell", "question", "en/test.json#4", "test/4"),
        ("empty_cell", "answer_idx", "sw/test.json#2", "test/2"),
        ("empty_cell", "options", "sw/test.json#3", "test/3"),
    ]
    assert set(links(found).values()) == {"row"}
    korean = groups(found, "ko")
    assert groups(found, "en") == korean[:3] + korean[4:] and groups(found, "sw") == korean[:1] + korean[3:]


def test_equal_files_behind_links_are_files_of_their_own(hub, tmp_path):
    folder = hub("GlobMed_MedQA", {"en/test": mcq("x", "ABCD")})
    (folder / "sw").mkdir()
    (folder / "sw" / "test.json").symlink_to(folder / "en" / "test.json")
    files = source_files("medqa", [folder], RELEASED)
    assert list(checksums("medqa", files, RELEASED)) == ["en/test.json", "sw/test.json"]
    assert len(read("medqa", folder).kept) == 8


def test_what_cannot_be_right_is_refused(hub, tmp_path):
    good = mcq("x", "ABCD")
    both = hub("GlobMed_MedQA", {"ja/test": good, "jp/test": good})
    odd = hub("GlobMed_HeadQA", {"en/test": [{"stem": "?"}]})
    empty = hub("GlobMed_MedMCQA", {"en/test": []})
    for name, path, options, message in [
        ("medqa", both, {}, r"jp/test.json: ja/test.json is Japanese too"),
        ("headqa", odd, {}, r"en/test.json: the columns of this mcq set could not be mapped.*Found: stem"),
        ("medmcqa", empty, {}, r"en/test.json: holds no items"),
        ("mednli", both, {}, r"mednli: was not released on the hub"),
        ("medqa", both, {"language": "ja"}, r"the folders settle the languages"),
        ("medqa", both, {"layout": "raw"}, r"unknown layout 'raw'; choose one of: original, released, table"),
        ("medqa", both, {"gold_base": 1}, r"gold_base has no meaning for this set.*it takes: language, split"),
        ("medqa", both, {"language": 3}, r"language should be text, found 3"),
        ("medqb", both, {}, r"unknown set 'medqb'; did you mean medqa"),
    ]:
        with pytest.raises(GlobmedError, match=message):
            ingest(name, [path], tmp_path / "out", **RELEASED | options)
    assert not (tmp_path / "out").exists()


def test_kappa_is_the_textbook_s():
    """Two raters, 50 cases: both yes 20, both no 15, yes/no 5, no/yes 10: observed 0.7, chance 0.5, kappa 0.4."""
    one = ["y"] * 25 + ["n"] * 25
    other = ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15
    assert kappa(one, other) == pytest.approx(0.4)
    assert kappa(["y", "y"], ["y", "y"]) is None
