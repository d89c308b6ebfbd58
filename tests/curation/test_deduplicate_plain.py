"""`globmed curate deduplicate` on anybody's files: rows come out as they went in, and the order of files makes no difference."""

from __future__ import annotations

import gzip
import json
import random
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from globmed_curation.plain import listed, memory
from globmed_curation.plain.deduplicate import deduplicate
from globmed_curation.plain.gathering import Plan
from globmed_curation.sources.rows import rows
from globmed_curation.stages.deduplicate import Config

from globmed_tools.errors import GlobmedError

STEM = "A man of 60 has had pain in his chest for two days; which dose of it is given first, and how?"
SWAHILI = (
    "Mama mjamzito ana homa na kichwa kinamuuma tangu jana usiku, wala hajala chochote leo asubuhi; apewe kipimo gani "
    "kwanza, na muuguzi amweleze nini kabla ya kwenda nyumbani?"
)
OTHER = "Nobody knows what else is to be done about the water of this well, which smells of sulphur."
ROWS = [
    {"id": "c", "lang": "en", "text": f"{STEM} 5 mg", "set": "train", "score": 1.50},
    {"id": "b", "lang": "en", "text": f"  {STEM.upper()} - 5 mg", "set": "test", "score": None},
    {"id": "a", "lang": "en", "text": f"{STEM} 50 mg", "set": "train", "score": 2},
    {"id": "d", "lang": "sw", "text": f"{STEM} 5 mg", "set": "train", "score": 3},
    {"id": "e", "lang": "sw", "text": SWAHILI, "set": "train", "score": 4},
    {"id": "f", "lang": "sw", "text": f"{SWAHILI} Hapa?", "set": "train", "score": 4},
    {"id": "g", "lang": "xx", "text": OTHER, "set": "train", "score": 4},
    {"id": "h", "lang": "xx", "text": None, "set": "train", "score": 4},
    {"id": "i", "lang": "xx", "text": "", "set": "train", "score": 4},
]


def lines(path, rows):
    """JSON Lines that no writer would write again: odd spaces, escapes, an empty line, a line end of Windows."""
    told = [json.dumps(row, separators=(" , ", " : "), ensure_ascii=number % 2 == 0) for number, row in enumerate(rows)]
    path.write_bytes(b"\n".join(one.encode() + b"\r" * (len(one) % 2) for one in told) + b"\n\n")
    return path


def rows_of(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def dropped_of(folder):
    return [row for path in sorted((folder / "dropped").iterdir()) for row in rows_of(path)]


def test_rows_of_any_file(command, tmp_path):
    lines(tmp_path / "a.jsonl", ROWS)
    call = ("globmed", "curate", "deduplicate", "a.jsonl", "--language-column", "lang")
    told = json.loads(command(*call, "--dry-run", "--json").out)
    assert (told["rows"], told["kept"], told["like"], told["without_text"]) == (9, 7, 1, 2)
    assert told["dropped"] == {"identical": 0, "folded": 1, "near": 1} and told["unknown_languages"] == ["xx"]
    assert not (tmp_path / "out").exists() and told["memory"]["plan"] == "whole"
    ran = command(*call, "--out", "out")
    assert ran.code == 0 and "7 of 9 rows kept; dropped: 0 identical, 1 folded, 1 near" in ran.out
    assert "2 rows without text" in ran.out and "1 pairs alike but for a number" in ran.out
    assert "about 9 rows" in ran.err and "in one go" in ran.err
    source = (tmp_path / "a.jsonl").read_bytes().split(b"\n")
    kept = (tmp_path / "out/kept/a.jsonl").read_bytes().split(b"\n")
    assert kept == [line for number, line in enumerate(source) if number not in (1, 5, 9)]
    assert dropped_of(tmp_path / "out") == [
        {
            "row": "a.jsonl:2",
            "reason": "duplicate",
            "evidence": {"kept": "a.jsonl:1", "similarity": 1.0, "kind": "folded"},
            "fields": ROWS[1],
        },
        {
            "row": "a.jsonl:6",
            "reason": "duplicate",
            "evidence": {"kept": "a.jsonl:5", "similarity": told["examples"][0]["similarity"], "kind": "near"},
            "fields": ROWS[5],
        },
    ]
    [pair] = rows_of(tmp_path / "out/like/pairs.jsonl")
    assert pair["differs"] == "numbers" and pair["similarity"] > 0.7
    assert [pair[side] for side in ("first", "second")] == [
        {"row": "a.jsonl:1", "texts": {"text": ROWS[0]["text"]}},
        {"row": "a.jsonl:3", "texts": {"text": ROWS[2]["text"]}},
    ]
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["rows"] == 9 and manifest["settings"] == {"threshold": 0.7, "n": 5, "lanes": 128, "bands": 32}
    again = ("globmed", "curate", "deduplicate", "out/kept/a.jsonl", "--language-column", "lang", "--dry-run", "--json")
    assert json.loads(command(*again).out)["kept"] == 7


def test_who_stays_is_told_by_preference_then_id_then_place(tmp_path):
    one, other = lines(tmp_path / "a.jsonl", ROWS[:1]), lines(tmp_path / "b.jsonl", ROWS[1:2])
    stays = lambda plan, *paths: deduplicate(paths, plan, Config(), None)["examples"][0]["kept"]  # noqa: E731
    for paths in ((one, other), (other, one)):
        assert stays(Plan(("text",)), *paths) == "a.jsonl:1"
        assert stays(Plan(("text",), id="id"), *paths) == "b.jsonl:1"
        assert stays(Plan(("text",), id="id", prefer=(("set", "dev"), ("set", "train"))), *paths) == "a.jsonl:1"
    numbers = [{"id": number, "text": OTHER} for number in (10, 9)]
    assert stays(Plan(("text",), id="id"), lines(tmp_path / "n.jsonl", numbers)) == "n.jsonl:2"


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "jsonl.zst", "parquet"])
def test_a_file_comes_out_as_it_went_in(tmp_path, ending):
    path, plain = tmp_path / f"a.{ending}", lines(tmp_path / "plain", ROWS).read_bytes()
    if ending == "parquet":
        schema = pa.schema(
            [("text", pa.dictionary(pa.int32(), pa.string())), ("id", pa.string()), ("score", pa.float32())]
        )
        table = pa.Table.from_pylist([{name: row[name] for name in schema.names} for row in ROWS], schema)
        pq.write_table(table.replace_schema_metadata({"who": "me"}), path, row_group_size=2)
    else:
        path.write_bytes(
            plain
            if ending == "jsonl"
            else gzip.compress(plain)
            if ending.endswith("gz")
            else pa.compress(plain, "zstd", asbytes=True)
        )
    found = deduplicate([path], Plan(("text",)), Config(), tmp_path / "out")
    assert found["dropped"] == {"identical": 1, "folded": 1, "near": 1}
    kept = tmp_path / "out" / "kept" / path.name
    if ending == "parquet":
        assert pq.read_schema(kept).equals(pq.read_schema(path), check_metadata=True)
        assert pq.read_table(kept).to_pylist() == [row for n, row in enumerate(table.to_pylist()) if n not in (1, 3, 5)]
        assert [row["row"] for row in rows_of(tmp_path / "out/dropped/a.parquet.jsonl")] == [
            f"a.parquet#{n}" for n in (2, 4, 6)
        ]
    else:
        packed = {"gz": "gzip", "zst": "zstd"}.get(ending.rpartition(".")[2])
        with pa.input_stream(str(kept), compression=packed) as stream:
            told = stream.read()
        assert told.split(b"\n") == [line for n, line in enumerate(plain.split(b"\n")) if n not in (1, 3, 5, 9)]


def test_chats_and_several_columns(tmp_path):
    turns = lambda *texts: [{"role": "user", "content": text} for text in texts]  # noqa: E731
    chats = [
        turns(STEM, "First."),
        turns(f" {STEM.lower()}", "First"),
        turns("First.", "Else"),
        turns([{"type": "text", "text": STEM}], "First."),
    ]
    rows = [{"messages": one, "question": STEM, "answer": OTHER * (n % 2) + f"{n % 2}"} for n, one in enumerate(chats)]
    for path in (lines(tmp_path / "fast.jsonl", rows[:3]), lines(tmp_path / "slow.jsonl", rows)):
        assert deduplicate([path], Plan(("messages",)), Config(), None)["kept"] == 2
        both = deduplicate([path], Plan(("question", "answer")), Config(), None)
        assert both["kept"] == 2
    pq.write_table(pa.Table.from_pylist(rows[:3]), tmp_path / "c.parquet")
    assert deduplicate([tmp_path / "c.parquet"], Plan(("messages",)), Config(), None)["kept"] == 2
    sharegpt = [{"conversations": [{"from": "human", "value": row["messages"][0]["content"]}]} for row in rows[:3]]
    assert deduplicate([lines(tmp_path / "s.jsonl", sharegpt)], Plan(("conversations",)), Config(), None)["kept"] == 2


def test_short_texts_about_something_else_stay_apart(tmp_path):
    asked = "What are the treatments for {} of the nose and throat in adults?".format
    answer = "People with this disease are best treated in a centre that knows it, by several disciplines at once. " * 3
    names = ("nasopharyngeal cancer", "oropharyngeal cancer", "Nasopharyngeal Cancer")
    path = lines(tmp_path / "a.jsonl", [{"question": asked(name), "answer": answer} for name in names])
    for plan in (Plan(("question", "answer"), language="en"), Plan(("question",))):
        found = deduplicate([path], plan, Config(), tmp_path / plan.texts[-1])
        assert found["dropped"] == {"identical": 0, "folded": 1, "near": 0} and found["like"] == 1
        [pair] = rows_of(tmp_path / plan.texts[-1] / "like" / "pairs.jsonl")
        assert (pair["differs"], pair["first"]["row"], pair["second"]["row"]) == ("subject", "a.jsonl:1", "a.jsonl:2")
    assert deduplicate([path], Plan(("answer",)), Config(), None)["kept"] == 1
    short = [
        {"text": f"{text}是什么意思，应该怎么办呢，要不要马上去医院"}
        for text in ("子宫颈炎症", "子宫颈癌症", "子宫颈炎症？")
    ]
    found = deduplicate([lines(tmp_path / "zh.jsonl", short)], Plan(("text",)), Config(), None)
    assert found["dropped"] == {"identical": 0, "folded": 1, "near": 0}


def bytes_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "plan", [Plan(("text",), language_column="lang"), Plan(("text",), "id", None, "lang", (("set", "test"),))]
)
def test_in_parts_as_in_one_go(tmp_path, plan):
    chance = random.Random(3)
    some = [{**row, "id": f"{number}{row['id']}", "text": row["text"] and row["text"] + " " + chance.choice(["", "x", OTHER])}
            for number in range(20) for row in ROWS]  # fmt: skip
    chance.shuffle(some)
    paths = [lines(tmp_path / "a.jsonl", some[:90]), tmp_path / "b.parquet"]
    pq.write_table(pa.Table.from_pylist(some[90:]), paths[1])
    whole = deduplicate(paths, plan, Config(), tmp_path / "whole", threads=1)
    need = whole["memory"]
    assert need["parts"] < need["whole"]
    parts = deduplicate(paths[::-1], plan, Config(), tmp_path / "parts", max_memory=str(need["whole"] - 1), threads=3)
    assert (whole["memory"]["plan"], parts["memory"]["plan"]) == ("whole", "parts")
    assert sum(whole["dropped"].values()) > 100 and whole["like"] > 0
    assert bytes_of(tmp_path / "whole") == bytes_of(tmp_path / "parts")
    with pytest.raises(GlobmedError, match="need .* of memory even in parts"):
        deduplicate(paths, plan, Config(), None, max_memory="1M")


@pytest.mark.parametrize("given, size", [("4G", 4 << 30), ("1.5k", 1536), ("700", 700), ("2GiB", 2 << 30)])
def test_sizes(given, size):
    assert memory.allowed(given) == size


def test_sizes_of_packed_files_are_told(tmp_path):
    lines(tmp_path / "a.jsonl", ROWS * 300)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress((tmp_path / "a.jsonl").read_bytes()))
    for name in ("a.jsonl", "b.jsonl.gz"):
        told = deduplicate([tmp_path / name], Plan(("text",)), Config(), None)
        assert told["rows"] == 2700 and abs(told["memory"]["rows"] - 2700) < 270


LISTS = {
    "list": b'\xef\xbb\xbf [ {"a": "x \\" ]"},\n {"a": [1, {"b": "\xc3\xa9\xf0\x9f\x91\xa9"}]} , {}\n] \n',
    "lines": b'\n{"a": 1}\r\n\n{"a": "\xc3\xa9"}\n  {"b": 2}',
    "no items": b"[ ]",
    "empty": b" \n\n",
    "no object": b'[{"a": 1}, 123456789]',
    "no comma": b'[{"a": 1}\n {"a": 2}]',
    "more behind": b'[{"a": 1}]\n\n{"a": 2}',
    "cut": b'[{"a": 1},\n{"a": "xxxxxxxxxxxxxx',
    "not closed": b'[{"a": 1}\n',
    "a comma too many": b'[{"a": 1},\n]',
    "no JSON": b'[{"a": 1},\n{"a": 01234567}]',
    "no UTF-8": b'[{"a": "x"}, {"a": "\xc3\xc3"}]',
    "twice": b'[{"a": 1, "a": 2}]',
    "a broken line": b'{"a": 1}\n{"a": \n',
}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("block", [3, 7, 1 << 22])
def test_lists_are_read_bit_by_bit_as_they_are_as_a_whole(tmp_path, monkeypatch, name, block):
    monkeypatch.setattr(listed, "_BLOCK", block)
    (tmp_path / "a.json").write_bytes(LISTS[name])
    with ZipFile(tmp_path / "a.zip", "w", ZIP_DEFLATED) as archive:
        archive.writestr("b/c.json", LISTS[name])
        archive.writestr("b/a.jsonl", b'{"a": 0}')
    for path in (tmp_path / "a.json", tmp_path / "a.zip"):
        told = []
        for read in (rows, listed.rows):
            found = []
            try:
                found += read(path)
            except GlobmedError as error:
                found = [str(error)]
            told.append(found)
        assert told[0] == told[1] and told[0]


def test_an_item_without_an_end_is_not_looked_for_in_the_whole_file(tmp_path, monkeypatch):
    monkeypatch.setattr(listed, "_BLOCK", 16)
    monkeypatch.setattr(listed, "LONGEST", 100)
    (tmp_path / "a.json").write_text('[{"a": 1},\n{"a": ,' + '{"a": 1},\n' * 1000 + "{}]")
    with pytest.raises(
        GlobmedError, match=r"a.json, line 2: not valid JSON \(Expecting value, or an item of more than 100"
    ):
        list(listed.rows(tmp_path / "a.json"))
    (tmp_path / "a.zip").write_bytes(b"PK no")
    with pytest.raises(GlobmedError, match="a.zip: not a readable zip archive"):
        list(listed.rows(tmp_path / "a.zip"))


WRONG = {
    "no column": (b'{"txt": "x"}\n', "no column 'text'; did you mean txt? Found: txt"),
    "no column later": (b'{"text": "x"}\n\n{"txt": "x"}\n', "a.jsonl, line 3: no column 'text'"),
    "broken": (b'{"text": "x"}\n{"text": "x"\n', "a.jsonl, line 2: not valid JSON"),
    "two on a line": (b'{"text": "x"}\n{"text": "x"}{"text": "y"}\n', "a.jsonl, line 2: not valid JSON"),
    "no object": (b'{"text": "x"}\n["x"]\n', "a.jsonl, line 2: a JSON object was expected, found a list"),
    "no text": (b'{"text": "x"}\n{"text": 5}\n', "a.jsonl, line 2: text should be a text, found int"),
    "no UTF-8": (b'{"text": "x"}\n{"text": "\xff"}\n', "a.jsonl, line 2: not valid JSON"),
    "half a pair": (b'{"text": "x"}\n{"text": "\\ud800"}\n', "a.jsonl, line 2: not valid JSON"),
    "empty": (b"", "a.jsonl: holds no rows"),
    "no text column": (b'{"t": "x"}', "no column text or messages (found: t). Say --text-column."),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_read_is_told_with_its_line(command, tmp_path, name):
    content, message = WRONG[name]
    (tmp_path / "a.jsonl").write_bytes(content)
    given = () if name == "no text column" else ("--text-column", "text")
    ran = command("globmed", "curate", "deduplicate", "a.jsonl", *given, "--out", "out")
    assert message in ran.one_line() and not (tmp_path / "out" / "manifest.json").exists()


def test_other_files_that_cannot_be_read(tmp_path):
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(b'{"text": "x"}\n' * 90000)[:-200])
    (tmp_path / "no.parquet").write_bytes(b"PAR1 no")
    broken = pa.StringArray.from_buffers(2, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"x\xff"))
    pq.write_table(pa.table({"text": broken}), tmp_path / "bad.parquet")
    for name, message in {
        "cut.jsonl.gz": "cut.jsonl.gz: cannot be read",
        "no.parquet": "cannot be read",
        "bad.parquet": "bad.parquet, item 2: text is not UTF-8",
    }.items():
        with pytest.raises(GlobmedError, match=message):
            deduplicate([tmp_path / name], Plan(("text",)), Config(), None)


@pytest.mark.parametrize(
    "given, message",
    [
        ((), "--out DIR is missing"),
        (("--out", "a.jsonl"), "a.jsonl: not empty"),
        (("--dry-run", "--engine", "ray"), "--engine is for entries"),
        (("--dry-run", "--prefer", "set"), "--prefer 'set': COLUMN=VALUE was expected"),
        (("--dry-run", "--language", "sw", "--language-column", "lang"), "one of the two"),
        (("--dry-run", "--max-memory", "much"), "a size such as 4G"),
        (("--dry-run", "--threshold", "7"), "give one above 0"),
    ],
)
def test_calls_that_cannot_be_are_refused(command, tmp_path, given, message):
    lines(tmp_path / "a.jsonl", ROWS)
    assert message in command("globmed", "curate", "deduplicate", "a.jsonl", *given).one_line()


def test_the_curve(command):
    told = json.loads(command("globmed", "curate", "deduplicate", "--curve", "--json").out)
    assert [row["similarity"] for row in told["curve"]] == [n / 10 for n in range(1, 11)]
    assert 0.99 < told["curve"][6]["found"] <= 1
    table = command("globmed", "curate", "deduplicate", "--curve", "-s", "bands=16").out
    assert "128 lanes in 16 bands" in table and "0.7" in table


def test_decontamination_keeps_the_very_lines(tmp_path):
    from globmed_curation.plain.decontaminate import decontaminate
    from globmed_curation.stages.decontaminate import Config as Rule

    lines(tmp_path / "bench.jsonl", [{"question": STEM * 2}])
    plain = lines(tmp_path / "plain", [{**ROWS[0], "text": STEM * 2}, *ROWS[4:7]]).read_bytes()
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(plain))
    found = decontaminate([tmp_path / "a.jsonl.gz"], Rule((tmp_path / "bench.jsonl",)), tmp_path / "out")
    assert (found["kept"], found["dropped"]) == (3, 1)
    kept = gzip.decompress((tmp_path / "out/kept/a.jsonl.gz").read_bytes())
    assert kept.split(b"\n") == plain.split(b"\n")[1:4] + [b""]
    [dropped] = rows_of(tmp_path / "out/dropped/a.jsonl.gz.jsonl")
    assert dropped["row"] == "a.jsonl.gz:1" and dropped["fields"]["text"] == STEM * 2
