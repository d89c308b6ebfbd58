"""Workbooks in a real office program: LibreOffice opens them, saves them in its own way, and nothing is lost on the way back.

It runs without a window, and so saves no frozen panes; all else that is tested here is what a person gets.
"""

from __future__ import annotations

import math
import shutil
import subprocess
from dataclasses import replace

import openpyxl
import pytest
from globmed_curation.review import model, sheet_export, sheet_files, sheet_import
from globmed_curation.review.sheet_columns import by_title
from globmed_curation.review.sheet_heights import room

from .made import build, items, review
from .test_sheet_import import Sheet

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice Calc (soffice)"),
    pytest.mark.xdist_group("office"),
]
LANGUAGES = ("ar", "zh")
#: Every sheet as a file of its own, UTF-8, every text in quotes.
CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"


def answered(path):
    """Three items answered: ratings and a flag; a revision that looks like a formula, with an error; a comment of two lines."""
    sheet = Sheet(path)
    one, two, three = (id for id in sheet.items[4:7])
    sheet.rate(one, 5, "4", 4, "safe")
    sheet.put(one, "flag not_local", "yes")
    sheet.put(one, "comment", '1. "quoted", and more;\n=2+2')
    sheet.rate(two, 2, 3, 2, "harmful")
    field = sheet.fields(two)[1]
    text = sheet.sheet.cell(sheet.rows[two, field], sheet.places["translation"]).value
    row = sheet.put(two, "revision", f"={text} 1/2", field)
    sheet.sheet.cell(row, sheet.places["revision"]).data_type = "s"
    for column, value in (("error_type", "number"), ("error_severity", "major"), ("error_words", text[:4])):
        sheet.put(two, column, value, field)
    sheet.put(three, "accuracy", 3)
    return sheet.save()


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """home/review; home/ours/CODE.xlsx; home/xlsx, home/ods and home/csv: the same, saved by the program."""
    home = tmp_path_factory.mktemp("office")
    build(home / "build", languages=LANGUAGES)
    review(home / "review", items(home / "build", languages=LANGUAGES), [])
    for code in LANGUAGES:
        sheet_export.export(home / "review", home / "ours", reviewers=["Amina"], languages=(code,))
        answered((home / "ours" / f"{code}-R01.xlsx").rename(home / "ours" / f"{code}.xlsx"))

    def convert(kind, source, target):
        files = [home / source / f"{code}.{'ods' if source == 'ods' else 'xlsx'}" for code in LANGUAGES]
        where = f"-env:UserInstallation={(home / 'profile').as_uri()}"
        command = ["soffice", where, "--headless", "--convert-to", kind, "--outdir", home / target, *files]
        subprocess.run([*map(str, command)], check=True, capture_output=True, timeout=180)

    convert("xlsx", "ours", "xlsx")
    convert("ods", "ours", "ods")
    convert("xlsx", "ods", "ods")
    convert(CSV, "ours", "csv")
    return home


def opened(path):
    return openpyxl.load_workbook(path)["Review"]


def read(home, path):
    found = sheet_import.read(home / "review", [path], dry=True)
    assert not found.problems and not found.notes[1:]
    assert "kept as a draft" in found.notes[0]
    return {key: replace(one, at=None) for key, one in found.answers.items()}


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("path", ["xlsx/{}.xlsx", "ods/{}.xlsx", "csv/{}-Review.csv"])
def test_what_was_answered_comes_back(converted, code, path):
    ours = read(converted, converted / "ours" / f"{code}.xlsx")
    assert [one.status for one in ours.values()] == ["submitted", "submitted", "draft"]
    [mended] = [one for one in ours.values() if one.revision]
    [[field, text]] = mended.revision.items()
    assert text.startswith("=") and text.endswith(" 1/2") and mended.errors[0]["field"] == field
    assert read(converted, converted / path.format(code)) == ours


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_lists_locks_direction_and_hidden_ids_stay(converted, code, kind):
    ours, theirs = opened(converted / "ours" / f"{code}.xlsx"), opened(converted / kind / f"{code}.xlsx")
    rules = [
        {
            str(one.sqref): (one.type, one.formula1, one.prompt, one.error)
            for one in sheet.data_validations.dataValidation
        }
        for sheet in (ours, theirs)
    ]
    assert rules[0] == rules[1] and len(rules[0]) == 11
    assert theirs.sheet_view.rightToLeft is (code == "ar") and theirs.protection.sheet
    assert theirs.column_dimensions["A"].hidden and theirs.auto_filter.ref == ours.auto_filter.ref
    for mine, other in zip(ours.iter_rows(), theirs.iter_rows(), strict=True):
        for one, its in zip(mine, other, strict=True):
            same = (one.protection.locked, one.number_format, one.alignment.readingOrder, one.alignment.wrap_text)
            assert same == (
                its.protection.locked,
                its.number_format,
                its.alignment.readingOrder,
                its.alignment.wrap_text,
            )
            assert (one.value or None) == (its.value or None), one.coordinate


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_line_of_a_text_is_hidden(converted, code):
    """The program opens rows as high as we say: as many lines as the longest text takes in its column, in both sheets."""
    checked = 0
    for sheet in openpyxl.load_workbook(converted / "xlsx" / f"{code}.xlsx").worksheets:
        widths = {one.min: one.width for one in sheet.column_dimensions.values() if not one.hidden}
        for row in sheet.iter_rows():
            for cell in row:
                place = max((one for one in widths if one <= cell.column), default=None)
                if isinstance(cell.value, str) and place and cell.column > (sheet.title == "Review"):
                    needed = sum(max(1, math.ceil(room(line) / widths[place])) for line in cell.value.split("\n"))
                    assert (sheet.row_dimensions[cell.row].height or 15) >= min(409, 14.5 * needed), cell.coordinate
                    checked += needed > 2
    assert checked > 20
    assert by_title(opened(converted / "xlsx" / f"{code}.xlsx")["B1"].value).name == "number"


def test_the_program_says_when_it_saved(converted):
    path = converted / "xlsx" / "ar.xlsx"
    assert sheet_files.read(path).saved is not None
    assert len(model.open_review(converted / "review")) == 48
