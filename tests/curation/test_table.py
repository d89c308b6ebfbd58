"""Tables of anyone's own: the same items in every kind of file, what is dropped, and what is refused in one line."""

import csv
import datetime
import json
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from click.testing import CliRunner
from globmed_curation.cli import curate
from globmed_curation.ingest import collect, ingest, source_files
from globmed_curation.pipeline import run
from globmed_curation.plan import read_plan
from globmed_curation.sources.cells import text

from globmed_tools import manifest, store
from globmed_tools.entry import group_id
from globmed_tools.errors import GlobmedError

EXAMPLE = Path(__file__).with_name("tables")
HEADER = ("id", "stem", "A", "B", "C", "gold", "why")
ROWS = [
    ("7", "Which dose?", "1 mg", "2 mg", "", "B", ""),
    ("8", "Caf\u00e9\n\u00b5g?", "0.5", "x,y", "z", "c", "Since z."),
]
MCQ = {
    "set": "mine",
    "form": "mcq",
    "licence": "CC0",
    "language": "sw",
    "split": "test",
    "key": "id",
    "question": "stem",
    "options": ["A", "B", "C"],
    "answer": {"column": "gold", "base": "letter"},
    "rationale": "why",
}


@pytest.fixture
def mapped(tmp_path):
    """mapped({...}) -> the path of a YAML file with these settings."""

    def write(settings, name="mine.yml"):
        path = tmp_path / name
        path.write_text(settings if isinstance(settings, str) else yaml.safe_dump(settings, sort_keys=False), "utf-8")
        return path

    return write


def delimited(path, rows=ROWS, header=HEADER, encoding="utf-8", delimiter=None):
    with path.open("w", encoding=encoding, newline="") as stream:
        mark = delimiter or ("\t" if path.suffix == ".tsv" else ",")
        csv.writer(stream, delimiter=mark).writerows([header, *rows])
    return path


def workbook(path, rows=ROWS, header=HEADER, above=(), sheets=("Exam",), formats=None):
    book = openpyxl.Workbook()
    book.active.title = sheets[0]
    for line in [*above, header, *rows]:
        book.active.append(line)
    for place, said in (formats or {}).items():
        book.active[place].number_format = said
    for other in sheets[1:]:
        book.create_sheet(other)
    book.save(path)
    return path


def records(rows=ROWS, header=HEADER):
    return [dict(zip(header, cells)) for cells in rows]


def written(path, rows=ROWS):
    if path.suffix == ".xlsx":
        return workbook(path, rows)
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(records(rows)), path)
        return path
    if path.suffix in (".json", ".jsonl"):
        lines = [json.dumps(row) for row in records(rows)]
        path.write_text("\n".join(lines) if path.suffix == ".jsonl" else f"[{','.join(lines)}]", "utf-8")
        return path
    return delimited(path, rows)


def read(mapping, *tables, name="table", **options):
    paths = [*tables, mapping]
    return collect(name, source_files(name, paths, options), **options)


@pytest.mark.parametrize(
    "file, places",
    [
        ("t.csv", (":2", ":3")),
        ("t.tsv", (":2", ":3")),
        ("t.xlsx", (":2", ":3")),
        ("t.jsonl", (":1", ":2")),
        ("t.json", ("#1", "#2")),
        ("t.parquet", ("#1", "#2")),
    ],
)
def test_every_kind_of_file_gives_the_same_items(tmp_path, mapped, file, places):
    found = read(mapped(MCQ), written(tmp_path / file))
    first, second = found.kept
    assert (first.question, first.options, first.answers) == ("Which dose?", ("1 mg", "2 mg"), (1,))
    assert (second.question, second.options, second.answers) == ("Caf\u00e9\n\u00b5g?", ("0.5", "x,y", "z"), (2,))
    assert (first.rationale, second.rationale) == (None, "Since z.")
    assert tuple(one.locator for one in found.kept) == tuple(file + place for place in places)
    assert (first.language, first.split, first.licence, first.source) == ("sw", "test", "CC0", "mine")
    assert [one.group_id for one in found.kept] == [group_id("mine", "7"), group_id("mine", "8")]
    assert (found.dropped, found.skipped, found.notes) == ([], [], [])


def test_the_example_from_the_command_line(tmp_path):
    words = ["ingest", "table", EXAMPLE / "ward_exam.csv", "--mapping", EXAMPLE / "ward_exam.yml", "--out", tmp_path]
    shown = CliRunner().invoke(curate, [*map(str, words)], catch_exceptions=False)
    assert "dropped: 1 duplicate_options" in shown.stdout and "Next:" not in shown.stdout
    assert "note: ward_exam.csv: columns that the mapping does not name: Mwandishi" in shown.stdout
    assert "note: ward_exam.csv: 1 rows in 'Kihausa', which is no language of languages.toml" in shown.stdout
    again = CliRunner().invoke(curate, [*map(str, words), "--json", "--dry-run"], catch_exceptions=False)
    found = json.loads(again.stdout)
    assert (found["set"], found["skipped"]) == ("ward_exam", {"unsupported_language": 1})
    done = manifest.read(tmp_path / "ward_exam")
    assert [one["name"] for one in done.inputs] == ["ward_exam.csv", "ward_exam.yml"]
    english, train, swahili = store.read(tmp_path / "ward_exam")
    assert (english.language, train.language, swahili.language) == ("en", "en", "sw")
    assert english.group_id == swahili.group_id and english.options == ("A", "C", "D", "K")
    assert (english.rationale, english.tags) == ("Vitamin C, as in fruit.", {"Somo": "lishe"})
    assert (train.split, train.options, train.answers) == ("train", ("5", "50", "500"), (2,))
    dropped = json.loads((tmp_path / "ward_exam" / "dropped.jsonl").read_text())
    assert (dropped["locator"], dropped["evidence"], dropped["key"]) == ("ward_exam.csv:5", "50", "2")


def test_the_set_may_be_named_and_then_must_be_the_mapping_s(tmp_path, mapped):
    paths = [written(tmp_path / "t.csv"), mapped(MCQ)]
    assert ingest("mine", paths, tmp_path / "out", layout="table").set == "mine"
    with pytest.raises(GlobmedError, match="mine.yml, set: 'mine', but 'other' was asked for"):
        ingest("other", paths, tmp_path / "out", layout="table")
    with pytest.raises(GlobmedError, match="no adapter for the set 'mine'.*with --mapping"):
        ingest("mine", paths, tmp_path / "out")


CELLS = ["I", "II", "III"]
OPTIONS = [
    (CELLS, None),
    (dict(zip("ABC", CELLS)), None),
    ({"text": CELLS, "label": ["A", "B", "C"]}, None),
    (json.dumps(CELLS), None),
    (json.dumps(dict(zip("abc", CELLS))), None),
    (str(dict(zip("ABC", CELLS))), None),
    ("I | II | III", "|"),
]


@pytest.mark.parametrize("cell, separator", OPTIONS)
@pytest.mark.parametrize("gold, base", [("C", "letter"), (" (c) ", "letter"), (2, 0), ("3", 1), ("III", "text")])
def test_options_in_one_cell_and_every_kind_of_answer(jsonl, mapped, cell, separator, gold, base):
    settings = MCQ | {"options": {"column": "o", "separator": separator}, "answer": {"column": "g", "base": base}}
    settings.pop("rationale")
    [one] = read(mapped(settings), jsonl("t.jsonl", [{"id": 1, "stem": "?", "o": cell, "g": gold}])).kept
    assert (one.options, one.answers) == (tuple(CELLS), (2,))


def test_two_right_answers(tmp_path, mapped):
    settings = MCQ | {"answer": {"column": "gold", "base": "letter", "separator": "/"}}
    rows = [("1", "?", "a", "b", "c", "A / C", "")]
    assert [one.answers for one in read(mapped(settings), delimited(tmp_path / "t.csv", rows)).kept] == [(0, 2)]


@pytest.mark.parametrize("form, label", [("nli", "entailment"), ("yesno", "yes")])
def test_labels_are_mapped_to_the_canonical_ones(jsonl, mapped, form, label):
    settings = {name: MCQ[name] for name in ("set", "licence", "language", "split", "key")}
    settings |= {"form": form, "question": "q", "context": "c", "label": {"column": "l", "values": {"ndiyo": label}}}
    rows = [
        {"id": n, "q": "Q", "c": ["One.", "Two."], "l": word}
        for n, word in enumerate(["ndiyo", label.title(), "hm", None])
    ]
    found = read(mapped(settings), jsonl("t.jsonl", rows))
    assert [(one.label, one.context) for one in found.kept] == [(label, "One.\nTwo.")] * 2
    assert [(one.reason, one.evidence) for one in found.dropped] == [("unknown_label", "hm"), ("no_gold", "")]
    real = settings | {"label": {"column": "l", "values": {"true": label}}}
    assert [one.label for one in read(mapped(real), jsonl("u.jsonl", [rows[0] | {"l": True}])).kept] == [label]


def test_long_answers_from_a_table_without_keys(tmp_path, mapped):
    settings = {name: MCQ[name] for name in ("set", "licence", "split")}
    settings |= {"form": "longform", "question": "q", "reference": "r", "language": {"column": "l"}, "translator": "T"}
    rows = [("Why?", "So.", "sw"), ("", "", ""), ("Why?", "", "sw")]
    found = read(mapped(settings), delimited(tmp_path / "t.csv", rows, ("q", "r", "l")))
    assert [(one.reference, one.translator, one.group_id) for one in found.kept] == [
        ("So.", "T", group_id("mine", "t.csv/1"))
    ]
    assert [(one.reason, one.locator, one.key) for one in found.dropped] == [("empty_reference", "t.csv:4", "t.csv/2")]
    assert [one.text for one in found.notes] == [
        "no key column, so items are not linked over the languages: each row is an item"
    ]


def test_other_languages_come_only_when_asked_for(tmp_path, mapped):
    path = written(tmp_path / "t.csv")
    with pytest.raises(GlobmedError, match="unknown language 'xh'"):
        read(mapped(MCQ | {"language": "xh"}), path)
    found = read(mapped(MCQ | {"language": "xh"}), path, other_languages=True)
    assert {one.language for one in found.kept} == {"xh"}


def test_what_cannot_be_used_is_dropped_with_its_evidence(tmp_path, mapped):
    rows = [
        ("1", "?", "a", "b", "c", "", ""),
        ("2", "?", "a", "b", "", "C", ""),
        ("3", "?", "a", "", "c", "A", ""),
        ("4", "?", "a", "b", "a", "A", ""),
        ("5", "?", "a", "b", "c", "B or C", ""),
        ("", "?", "a", "b", "c", "A", ""),
        ("7", "", "a", "b", "c", "A", ""),
        ("8", "?", "a", "b", "c", "A", ""),
        ("8", "!", "a", "b", "c", "A", ""),
    ]
    found = read(mapped(MCQ), delimited(tmp_path / "t.csv", rows))
    assert [(one.reason, one.evidence, one.locator) for one in found.dropped] == [
        ("no_gold", "", "t.csv:2"),
        ("gold_out_of_range", "C with options A B", "t.csv:3"),
        ("empty_option", "option 2 of 3", "t.csv:4"),
        ("duplicate_options", "a", "t.csv:5"),
        ("unreadable_gold", "'B or C', base letter", "t.csv:6"),
        ("no_key", "id", "t.csv:7"),
        ("empty_question", "", "t.csv:8"),
        ("repeated_key", "t.csv:9", "t.csv:10"),
    ]
    for base, cell, reason in [
        (1, "4", "gold_out_of_range"),
        (0, "x", "unreadable_gold"),
        ("text", "d", "gold_not_an_option"),
    ]:
        settings = MCQ | {"answer": {"column": "gold", "base": base}}
        table = delimited(tmp_path / "u.csv", [("1", "?", "a", "b", "c", cell, "")])
        assert [one.reason for one in read(mapped(settings), table).dropped] == [reason]


def test_a_spreadsheet_s_cell_that_shows_another_thing_than_it_holds_is_dropped(tmp_path, mapped):
    day = datetime.datetime(2026, 1, 2)
    rows = [
        (1, "ok?", 10, 0.1 + 0.2, -3, "A", None),
        (2, "?", day, "b", "c", "A", None),
        (3, "?", 0.05, "b", "c", "A", None),
        (4, "?", "=1+1", "b", "c", "A", None),
        (5, "?", True, "b", "c", "A", None),
        (6, "?", "#N/A", "b", "c", "A", None),
        (7, "ok?", 12, "b", "c", "A", None),
        (None,) * 7,
        (8, "?", 2.6, "b", "c", "A", None),
    ]
    path = workbook(tmp_path / "t.xlsx", rows, formats={"C4": "0%", "C8": "0", "C10": "0"})
    found = read(mapped(MCQ), path)
    assert [one.options for one in found.kept] == [("10", "0.3", "-3"), ("12", "b", "c")]
    assert [(one.reason, one.evidence, one.key) for one in found.dropped] == [
        (
            "unreadable_cell",
            "A: C3 holds 2026-01-02 00:00:00, shown as yyyy-mm-dd h:mm:ss; format the column as text",
            "2",
        ),
        ("unreadable_cell", "A: C4 holds 0.05, shown as 0%; format the column as text", "3"),
        ("unreadable_cell", "A: C5 holds the formula =1+1; paste its value", "4"),
        ("unreadable_cell", "A: bool True, not text", "5"),
        ("unreadable_cell", "A: C7 holds the error #N/A", "6"),
        ("unreadable_cell", "A: C10 holds 2.6, shown as 0; format the column as text", "8"),
    ]


def test_sheets_title_rows_and_delimiters(tmp_path, mapped):
    book = workbook(tmp_path / "t.xlsx", above=[("My exam",), ()], sheets=("Exam", "Notes"))
    with pytest.raises(GlobmedError, match=r"t.xlsx: 2 sheets; there are Exam, Notes. Name one in the mapping: sheet"):
        read(mapped(MCQ), book)
    with pytest.raises(GlobmedError, match=r"t.xlsx: no sheet 'exam'; there are Exam, Notes"):
        read(mapped(MCQ | {"sheet": "exam"}), book)
    with pytest.raises(GlobmedError, match=r"t.xlsx: no column 'gold'.*Found: My exam"):
        read(mapped(MCQ | {"sheet": "Exam"}), book)
    found = read(mapped(MCQ | {"sheet": "Exam", "header_row": 3}), book)
    assert [one.locator for one in found.kept] == ["t.xlsx:4", "t.xlsx:5"]
    table = delimited(tmp_path / "t.csv", ROWS[:1], delimiter=";", encoding="utf-8-sig")
    with pytest.raises(GlobmedError, match=r"t.csv: no column 'gold'.*Is ';' the delimiter\? Say so in the mapping"):
        read(mapped(MCQ), table)
    assert len(read(mapped(MCQ | {"delimiter": ";"}), table).kept) == 1


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"form": "quiz"}, r"form: 'quiz' is none of mcq, nli"),
        ({"set": "My exam"}, r"set: 'My exam' cannot name a set"),
        ({"set": "pubmedqa"}, r"form: pubmedqa is yesno in the catalog, mcq here"),
        ({"answer": None}, r"answer: is missing, but mcq needs it"),
        ({"reference": "r"}, r"reference: has no meaning for mcq"),
        ({"quesion": "q"}, r"unknown setting 'quesion'; did you mean question"),
        ({"answer": {"column": "gold", "base": 2}}, r"mine.yml, answer, base: .*found 2"),
        ({"answer": {"column": "gold"}}, r"mine.yml, answer, base: Field required"),
        (
            {"options": {"column": "A", "sep": "|"}},
            r"mine.yml, options: unknown setting 'sep'.*Known: column, separator",
        ),
        ({"licence": " "}, r"licence: is empty"),
        ({"header_row": 0}, r"header_row: 0 found"),
        ({"delimiter": "||"}, r"delimiter: '\|\|' is not one character"),
        ({"split": "exam"}, r"split: 'exam' is none of train, dev and test"),
        ({"language": "swahilli"}, r"unknown language 'swahilli'"),
        ({"language": {"column": "id", "values": {"7": True}}}, r"language.values: yes, no, on and off without quotes"),
        ({"question": "Stem"}, r"t.csv: no column 'Stem'; did you mean stem\? Found: id, stem, A, B, C, gold, why"),
        ({"split": {"column": "why"}}, r"t.csv, line 2, why: the split is empty"),
        ({"split": {"column": "id"}}, r"t.csv, line 2: the split '7' is none of train, dev and test"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(tmp_path, mapped, settings, message):
    with pytest.raises(GlobmedError, match=message) as caught:
        ingest("table", [written(tmp_path / "t.csv"), mapped(MCQ | settings)], tmp_path / "out")
    assert "\n" not in str(caught.value) and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "file, content, message",
    [
        ("t.csv", b"", r"t.csv: the file is empty"),
        ("t.csv", b"id,stem,A,B,C,gold,why\n", r"t.csv: holds no items"),
        ("t.csv", b"id,stem,A,B,C,gold,why\n,,,,,,\n", r"t.csv: holds no items"),
        ("t.csv", b"id,stem,A,B,C,gold,why\n1,2\n", r"t.csv, line 2: 2 cells under 7 different columns"),
        ("t.csv", "id,caf\u00e9".encode("cp1252"), r"t.csv: not UTF-8 at byte 6. Save it as UTF-8.*iconv -t UTF-8"),
        ("t.csv", "id,stem".encode("utf-16"), r"t.csv: UTF-16. Save it as UTF-8"),
        ("t.xlsx", b"PK cut", r"t.xlsx: not a readable XLSX workbook"),
        ("t.parquet", b"PAR1 cut", r"t.parquet: not a readable Parquet file"),
        ("t.jsonl", b'{"id": 1}\n{"id', r"t.jsonl, line 2: not valid JSON"),
        ("t.xls", b"\xd0\xcf", r"t.xls: no table \(.csv, .tsv"),
    ],
)
def test_a_bad_file_is_named_with_its_line(tmp_path, mapped, file, content, message):
    (tmp_path / file).write_bytes(content)
    with pytest.raises(GlobmedError, match=message):
        ingest("table", [tmp_path / file, mapped(MCQ)], tmp_path / "out")


def test_table_and_mapping_must_both_be_there(tmp_path, mapped):
    with pytest.raises(GlobmedError, match="only a mapping was named"):
        read(mapped(MCQ))
    path = written(tmp_path / "t.csv")
    with pytest.raises(GlobmedError, match=r"0 mappings \(.yml\) were named, one is needed. Say --mapping FILE"):
        ingest("table", [path], tmp_path / "out")
    with pytest.raises(GlobmedError, match="the mapping settles language and split"):
        read(mapped(MCQ), path, split="test")


def test_a_number_is_text_as_it_is_written():
    assert [text(one) for one in (0.00001, 3, 3.0, float("nan"), None)] == ["0.00001", "3", "3.0", "", ""]


def test_a_pipeline_reads_tables_and_released_sets_and_knows_them_again(tmp_path):
    files = {f"hub/{code}/{split}.json": f"{code} {split}" for code in ("en", "sw") for split in ("train", "test")}
    for place, stem in files.items():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        rows = [{"question": f"{stem} {n}?", "options": ["1", "2", "3", "4"], "answer": "ABCD"[n]} for n in range(4)]
        (tmp_path / place).write_text(json.dumps(rows))
    table, mapping = (tmp_path / f"ward_exam{suffix}" for suffix in (".csv", ".yml"))
    for one in (table, mapping):
        one.write_bytes((EXAMPLE / one.name).read_bytes())
    sources = [
        {"set": "ward_exam", "paths": [table.name, mapping.name], "options": {"layout": "table"}},
        {"set": "medqa", "paths": ["hub"], "options": {"layout": "released"}},
    ]
    pipeline_file = tmp_path / "p.yml"
    pipeline_file.write_text(
        yaml.safe_dump({"name": "p", "languages": ["sw"], "sources": sources, "stages": ["normalize"]})
    )
    plan = read_plan(pipeline_file)
    for _ in range(2):
        run(plan, tmp_path / "out", only="ingest")
    told = json.loads((tmp_path / "out/stages/0-ingest/manifest.json").read_text())
    assert [one["name"] for one in told["inputs"] if one["set"] == "medqa"] == [one[4:] for one in sorted(files)]
    mapping.write_text(mapping.read_text() + "# changed\n")
    with pytest.raises(GlobmedError, match="ward_exam: ward_exam.yml is not what it was when this run began"):
        run(plan, tmp_path / "out", only="ingest")
