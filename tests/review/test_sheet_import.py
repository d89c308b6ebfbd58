"""Workbooks as they come back: moved, cut, translated by programs; what is in them, and what is wrong with them."""

from __future__ import annotations

import csv
import io
import json
import random
import shutil

import openpyxl
import pytest
from click.testing import CliRunner
from globmed_curation.ingest import ingest
from globmed_curation.review import model, questions, sample, sheet_export, sheet_files, sheet_import
from globmed_curation.review.cli import review as group
from globmed_curation.review.sample_plan import Plan
from globmed_curation.review.sheet_columns import Key, by_title, columns

from globmed_tools.errors import GlobmedError


@pytest.fixture(scope="module")
def untouched(build, tmp_path_factory):
    """A review of Swahili with one reviewer, exported."""
    root = tmp_path_factory.mktemp("untouched")
    sample.write(root / "review", sample.draw([build], Plan(), languages=("sw",)), inputs=[])
    sheet_export.export(root / "review", root / "sheets", reviewers=["Amina"])
    return root


@pytest.fixture
def exported(untouched, tmp_path):
    """A copy of it: the folder, and the path of the workbook."""
    shutil.copytree(untouched, tmp_path / "copy")
    return tmp_path / "copy" / "review", tmp_path / "copy" / "sheets" / "sw-R01.xlsx"


class Sheet:
    """A workbook being filled in: sheet[item, field, column] = value."""

    def __init__(self, path):
        self.path, self.book = path, openpyxl.load_workbook(path)
        self.sheet = self.book["Review"]
        self.places = {by_title(cell.value).name: cell.column for cell in self.sheet[1]}
        keys = ((row, Key.read(self.sheet.cell(row, 1).value)) for row in range(2, self.sheet.max_row + 1))
        self.rows = {(key.item, key.field): row for row, key in keys}
        self.items = list(dict.fromkeys(item for item, _ in self.rows))

    def fields(self, item):
        return [field for one, field in self.rows if one == item]

    def put(self, item, column, value, field=None):
        row = self.rows[item, field or self.fields(item)[0]]
        self.sheet.cell(row, self.places[column]).value = value
        return row

    def rate(self, item, *values):
        for column, value in zip(("accuracy", "fluency", "completeness", "safety"), values, strict=True):
            self.put(item, column, value)

    def save(self, path=None):
        self.book.save(path or self.path)
        return path or self.path

    def grid(self):
        return [list(row) for row in self.sheet.iter_rows(values_only=True)]


def filled(path):
    """A sheet with three items answered: whole, mended with errors and flags, and in part."""
    sheet = Sheet(path)
    one, two, three = sheet.items[:3]
    sheet.rate(one, "5", 4, "4,0", "Safe")
    sheet.rate(two, 2, "3 - fair", "２", "harmful")
    last = sheet.fields(two)[-1]
    text = sheet.sheet.cell(sheet.rows[two, last], sheet.places["revision"]).value
    sheet.put(two, "revision", f"{text} kabisa\r\n", last)
    sheet.put(two, "error_type", "number", last)
    sheet.put(two, "error_words", text.split()[0], last)
    sheet.put(two, "flag not_local", "ndiyo")
    sheet.put(two, "comment", " angalia\u00a0tena\r\n")
    sheet.put(three, "accuracy", 3)
    return sheet, text, last


def answers(folder):
    return {one.item: one for one in model.read_answers(folder / model.ANSWERS)}


def test_answers_come_in_as_they_are_meant(exported):
    folder, path = exported
    sheet, text, last = filled(path)
    sheet.save()
    found = sheet_import.read(folder, [path])
    assert not found.problems and sheet_import.settle(folder, found) == {"added": 3, "changed": 0, "same": 0}
    one, two, three = (answers(folder)[item] for item in sheet.items[:3])
    assert (one.accuracy, one.fluency, one.completeness, one.safety, one.status) == (5, 4, 4, "safe", "submitted")
    assert (one.revision, one.errors, one.flags, one.comment) == ({}, [], [], None)
    assert (one.reviewer, one.language, one.via, one.guideline) == ("R01", "sw", "sheet", questions.version())
    assert one.at is not None and one.at.endswith("+00:00")
    assert (two.accuracy, two.fluency, two.completeness, two.safety) == (2, 3, 2, "harmful")
    assert (
        two.revision == {last: f"{text} kabisa"} and two.flags == ["not_local"] and two.comment == "angalia\u00a0tena"
    )
    assert two.errors == [{"field": last, "start": 0, "end": len(text.split()[0]), "type": "number"}]
    assert (three.status, three.accuracy, three.safety) == ("draft", 3, None)
    assert found.empty == 39 and any(
        "kept as a draft, without fluency, completeness, safety" in note for note in found.notes
    )


def test_an_empty_sheet_says_nothing(exported):
    folder, path = exported
    found = sheet_import.read(folder, [path])
    assert sheet_files.read(path).saved is None  # nobody has saved it
    assert (found.answers, found.problems, found.notes, found.empty) == ({}, [], [], 42)
    assert sheet_import.settle(folder, found)["added"] == 0 and not (folder / model.ANSWERS).exists()


def test_the_same_file_adds_nothing_and_a_changed_one_replaces(exported):
    folder, path = exported
    sheet, *_ = filled(path)
    sheet.save()
    sheet_import.settle(folder, sheet_import.read(folder, [path]))
    before = (folder / model.ANSWERS).read_bytes()
    assert sheet_import.settle(folder, sheet_import.read(folder, [path])) == {"added": 0, "changed": 0, "same": 3}
    assert (folder / model.ANSWERS).read_bytes() == before
    sheet.put(sheet.items[0], "accuracy", 1)
    sheet.save()
    found = sheet_import.read(folder, [path])
    assert sheet_import.settle(folder, found) == {"added": 0, "changed": 1, "same": 2}
    assert f"{sheet.items[0]}, R01: an earlier answer is replaced" in found.notes
    assert len(answers(folder)) == 3 and answers(folder)[sheet.items[0]].accuracy == 1


def test_rows_and_columns_may_move_and_more_may_stand_there(exported, tmp_path):
    folder, path = exported
    sheet, *_ = filled(path)
    expected = sheet_import.read(folder, [sheet.save()]).answers
    grid = [[*row, f"note {number}"] for number, row in enumerate(sheet.grid())]
    grid[0][-1] = "My notes"
    draw = random.Random(5)
    order = draw.sample(range(len(grid[0])), len(grid[0]))
    body = [[row[place] for place in order] for row in grid[1:]]
    draw.shuffle(body)
    book = openpyxl.Workbook()
    for row in (["Sent by the clinic"], [], [grid[0][place] for place in order], *body):
        book.active.append(row)
    book.save(tmp_path / "moved.xlsx")
    found = sheet_import.read(folder, [tmp_path / "moved.xlsx"])
    plain = {key: model.to_dict(one) | {"at": None} for key, one in expected.items()}
    assert {key: model.to_dict(one) | {"at": None} for key, one in found.answers.items()} == plain
    assert not found.problems and any("passed over: My notes" in note for note in found.notes)
    assert "moved.xlsx, row 1: no row of an item; passed over" in found.notes


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_text_files_of_any_program(exported, tmp_path, sign, encoding):
    folder, path = exported
    sheet, *_ = filled(path)
    expected = sheet_import.read(folder, [sheet.save()]).answers
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=sign, lineterminator="\r\n")
    for number, row in enumerate(sheet.grid()):
        writer.writerow([f"'{row[0]}" if number else row[0], *row[1:]])
    hint = f"sep={sign}\r\n" if encoding == "utf-16" else ""
    file = tmp_path / ("back.tsv" if sign == "\t" else "back.csv")
    file.write_bytes((hint + text.getvalue()).encode(encoding))
    found = sheet_import.read(folder, [file])
    plain = {key: model.to_dict(one) | {"at": None} for key, one in expected.items()}
    assert not found.problems and {key: model.to_dict(one) for key, one in found.answers.items()} == plain


def test_what_cannot_be_accepted_is_named_and_the_rest_waits_for_partial(exported):
    folder, path = exported
    sheet, *_ = filled(path)
    one, two, three, four, five, six = sheet.items[:6]
    rows = [
        sheet.put(one, "accuracy", "3-4"),
        sheet.put(three, "safety", "not sure"),
        sheet.put(four, "flag not_local", "maybe?"),
    ]
    rows.append(sheet.put(five, "translation", "Nimeandika hapa"))
    rows.append(sheet.put(six, "error_words", "something"))
    sheet.save()
    found = sheet_import.read(folder, [path])
    assert [(one.file, one.sheet, one.row) for one in found.problems] == [
        ("sw-R01.xlsx", "Review", row) for row in rows
    ]
    columns_named = [one.column.partition("(")[2] for one in found.problems]
    assert columns_named == ["Accuracy)", "Medical safety)", "Not local practice)", "Translation)", "Error type)"]
    letter = openpyxl.utils.get_column_letter(sheet.places["accuracy"])
    assert (
        found.problems[0]
        .line()
        .startswith(f"sw-R01.xlsx, sheet Review, row {rows[0]}, column {letter} (Accuracy): '3-4' is no")
    )
    with pytest.raises(GlobmedError, match="5 places cannot be accepted, so nothing was written .*--partial"):
        sheet_import.settle(folder, found)
    assert not (folder / model.ANSWERS).exists()
    assert sheet_import.settle(folder, found, partial=True) == {"added": 1, "changed": 0, "same": 0}
    assert set(answers(folder)) == {two}


def test_a_problem_of_one_reviewer_is_not_anothers(review, tmp_path):
    folder = review("double=1", languages=("sw",))
    sheet_export.export(folder, tmp_path, reviewers=["Amina", "Baraka"])
    first, second = Sheet(tmp_path / "sw-R01.xlsx"), Sheet(tmp_path / "sw-R02.xlsx")
    item = first.items[0]
    first.rate(item, "?!", 1, 1, "safe")
    second.rate(item, 5, 5, 5, "safe")
    first.save(), second.save()
    found = sheet_import.read(folder, [tmp_path])  # a folder stands for its spreadsheets
    assert len(found.problems) == 1 and set(found.answers) == {(item, "R02")}


def test_two_reviewers_in_one_file_stay_two(review, tmp_path):
    folder = review("double=1", languages=("sw",))
    sheet_export.export(folder, tmp_path, reviewers=["Amina", "Baraka"])
    first, second = Sheet(tmp_path / "sw-R01.xlsx"), Sheet(tmp_path / "sw-R02.xlsx")
    item = first.items[0]
    first.rate(item, 1, 1, 1, "harmful")
    second.rate(item, 5, 5, 5, "safe")
    for row in second.grid()[1:]:
        first.sheet.append(row)
    found = sheet_import.read(folder, [first.save(tmp_path / "both.xlsx")])
    assert not found.problems
    assert {key: one.accuracy for key, one in found.answers.items()} == {(item, "R01"): 1, (item, "R02"): 5}


def test_answers_to_other_questions_are_told_and_marked(exported):
    folder, path = exported
    sheet, *_ = filled(path)
    for row in sheet.rows.values():
        cell = sheet.sheet.cell(row, 1)
        cell.value = cell.value.replace(questions.version(), "0" * 16)
    found = sheet_import.read(folder, [sheet.save()])
    assert {one.guideline for one in found.answers.values()} == {"0" * 16}
    assert "sw-R01.xlsx: exported with another version of the questions; the answers say so" in found.notes


def test_missing_rows_items_and_columns_are_told(exported):
    folder, path = exported
    sheet, *_ = filled(path)
    two, gone = sheet.items[1], sheet.items[5]
    lost = [sheet.rows[gone, field] for field in sheet.fields(gone)]
    lost.append(sheet.rows[two, sheet.fields(two)[1]])
    name = sheet.fields(two)[1]
    for row in sorted(lost, reverse=True):
        sheet.sheet.delete_rows(row)
    sheet.sheet.delete_cols(sheet.places["comment"])
    sheet.save()
    found = sheet_import.read(folder, [path])
    assert not found.problems and len(found.answers) == 3
    assert f"sw-R01.xlsx: 1 items of the exported sheet are missing: {gone}" in found.notes
    assert f"sw-R01.xlsx: {two}: rows are missing ({name}); taken as unchanged" in found.notes
    assert "sw-R01.xlsx, sheet Review: no column Comment; taken as left empty" in found.notes


def test_rows_that_contradict_each_other_are_named(exported):
    folder, path = exported
    sheet, *_ = filled(path)
    one = sheet.items[0]
    sheet.put(one, "accuracy", 2, sheet.fields(one)[1])  # 5 in its first row
    copied = sheet.grid()[sheet.rows[sheet.items[1], sheet.fields(sheet.items[1])[0]] - 1]
    sheet.sheet.append(copied)  # a row pasted twice is no harm
    copied[sheet.places["fluency"] - 1] = 1
    sheet.sheet.append(copied)
    sheet.sheet.append(["globmed1/R01/lost"])
    sheet.sheet.append([Key("R01", "0" * 32, "question", questions.version()).text()])
    sheet.save()
    found = sheet_import.read(folder, [path])
    told = [one.what for one in found.problems]
    assert len(told) == 4 and set(found.answers) == {(sheet.items[2], "R01")}
    assert "filled in otherwise" in told[0] and "no id of a review" in told[1] and "not of this review" in told[2]
    assert "2 here, 5 in another row of the same item" in told[3]


def test_a_column_that_stands_there_twice_is_not_chosen_from(exported):
    folder, path = exported
    sheet, *_ = filled(path)
    sheet.sheet.cell(1, len(columns()) + 1).value = "accuracy"
    sheet.save()
    found = sheet_import.read(folder, [path])
    assert [one.what for one in found.problems] == [
        "the column Accuracy stands there twice. Remove one."
    ] and not found.answers


def test_an_item_set_aside_is_discarded_and_needs_no_ratings(exported):
    folder, path = exported
    sheet = Sheet(path)
    sheet.put(sheet.items[0], "flag cannot_judge", True)
    sheet.save()
    found = sheet_import.read(folder, [path])
    assert [(one.status, one.flags) for one in found.answers.values()] == [
        ("discarded", ["cannot_judge"])
    ] and not found.notes


def test_a_sheet_of_nobody_needs_a_name(review, tmp_path):
    folder = review(languages=("sw",))
    sheet_export.export(folder, tmp_path)
    path = tmp_path / "sw.xlsx"
    sheet = Sheet(path)
    sheet.rate(sheet.items[0], 1, 2, 3, "minor")
    sheet.save()
    with pytest.raises(GlobmedError, match="Say with --reviewer NAME whose it is"):
        sheet_import.read(folder, [path])
    dry = sheet_import.read(folder, [path], reviewer="Amina", dry=True)
    assert [one.reviewer for one in dry.answers.values()] == ["R01"] and not (folder / "private").exists()
    for name in ("Amina", "Baraka"):
        sheet_import.settle(folder, sheet_import.read(folder, [path], reviewer=name))
    assert [one.reviewer for one in model.read_answers(folder / model.ANSWERS)] == ["R01", "R02"]
    sheet_export.export(folder, tmp_path / "own", reviewers=["Amina"])
    with pytest.raises(GlobmedError, match="a sheet of R01, not of R02"):
        sheet_import.read(folder, [tmp_path / "own" / "sw-R01.xlsx"], reviewer="Baraka")


def test_files_that_are_none_are_named(exported, tmp_path):
    folder, path = exported
    for name, content, message in (
        ("a.ods", b"x", "not a kind that is read"),
        ("b.xlsx", b"PK nonsense", "not a readable workbook"),
        ("c.csv", "ID;Größe;Accuracy".encode("cp1252"), "not UTF-8 .*CSV UTF-8"),
        ("d.csv", b"a,b,c\n1,2,3\n", "no row has the titles of a review sheet"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(GlobmedError, match=f"{name}: {message}"):
            sheet_import.read(folder, [tmp_path / name])
    with pytest.raises(GlobmedError, match="no such file"):
        sheet_import.read(folder, [tmp_path / "e.xlsx"])
    sheet = Sheet(path)
    sheet.sheet.delete_cols(1)
    sheet.save()
    found = sheet_import.read(folder, [path])
    assert len(found.problems) == 1 and "the hidden column ID (do not change) is gone" in found.problems[0].what


def test_the_command_tells_and_refuses(exported, tmp_path):
    folder, path = exported
    sheet, *_ = filled(path)
    sheet.put(sheet.items[0], "accuracy", "[bold]9")
    sheet.save()
    refused = CliRunner().invoke(group, ["sheet", "import", str(folder), str(path)])
    assert isinstance(refused.exception, GlobmedError) and "[bold]9" in refused.output
    dry = CliRunner().invoke(
        group, ["sheet", "import", str(folder), str(path), "--partial", "--dry-run", "--json"], catch_exceptions=False
    )
    told = json.loads(dry.output)
    assert told["merged"]["added"] == 2 and told["written"] is False and not (folder / model.ANSWERS).exists()
    done = CliRunner().invoke(group, ["sheet", "import", str(folder), str(path), "--partial"], catch_exceptions=False)
    assert done.exit_code == 0 and "2 answers added" in done.output and len(answers(folder)) == 2


def test_real_texts_come_back_unchanged(real_data, tmp_path):
    ingest("mmlu_clinical_african", [real_data("mmlu_clinical_african")], tmp_path)
    found = sample.draw([tmp_path / "mmlu_clinical_african"], Plan(), languages=("zu",))
    sample.write(tmp_path / "review", found, inputs=[])
    sheet_export.export(tmp_path / "review", tmp_path / "sheets", reviewers=["Amina"])
    sheet = Sheet(tmp_path / "sheets" / "zu-R01.xlsx")
    assert len(sheet.items) == 75
    for item in sheet.items:
        sheet.rate(item, 4, 4, 4, "safe")
    sheet.save()
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(sheet.grid())
    (tmp_path / "zu.csv").write_bytes(text.getvalue().encode("utf-16"))
    for path in (sheet.path, tmp_path / "zu.csv"):
        back = sheet_import.read(tmp_path / "review", [path])
        assert not back.problems and len(back.answers) == 75
        assert all((one.status, one.revision, one.errors) == ("submitted", {}, []) for one in back.answers.values())


def test_every_title_names_its_column():
    for one in columns("Swahili"):
        for title in (one.title, one.title.upper(), f" {one.title}\n", one.title.replace(" ", "\u00a0")):
            assert by_title(title).name == one.name
    assert by_title("My notes") is None and by_title(None) is None
