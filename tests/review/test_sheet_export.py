"""Workbooks: nothing lost, nothing pre-judged, only answers can be written, and the right direction."""

from __future__ import annotations

import io
import json

import openpyxl
import pytest
from click.testing import CliRunner
from globmed_curation.review import model, people, questions, sheet_export
from globmed_curation.review.cli import review as group
from globmed_curation.review.sheet_columns import Key, as_cell, by_title, columns, too_long

from globmed_tools.errors import GlobmedError


def opened(path):
    return openpyxl.load_workbook(path)["Review"]


def rows(sheet):
    """The rows of a sheet as {our column: cell}."""
    names = [by_title(cell.value).name for cell in sheet[1]]
    assert names == [one.name for one in columns()]
    return [dict(zip(names, row, strict=True)) for row in sheet.iter_rows(min_row=2)]


def test_every_text_stands_beside_its_original(review, tmp_path):
    folder = review("calibration=2")
    found = sheet_export.export(folder, tmp_path / "sheets")
    assert [one["language"] for one in found.files] == ["zh", "fr", "sw", "ar"]
    items = {one.id: one for one in model.open_review(folder)}
    seen = set()
    for file in found.files:
        for row in rows(opened(file["path"])):
            key = Key.read(row["key"].value)
            item = items[key.item]
            seen.add((key.item, key.field))
            assert row["original"].value == model.texts(item.original)[key.field]
            assert row["translation"].value == row["revision"].value == model.texts(item.translation)[key.field]
            given = [name for name, cell in row.items() if cell.value is not None]
            assert set(given) <= {"key", "number", "set", "part", "original", "translation", "revision", "findings"}
            unlocked = {name for name, cell in row.items() if not cell.protection.locked}
            first = key.field == next(iter(model.texts(item.original)))
            own = {"revision", "error_type", "error_severity", "error_words"}
            assert unlocked == own | ({one.name for one in columns() if one.whole} if first else set())
    assert seen == {(id, name) for id, item in items.items() for name in model.texts(item.original)}


def test_a_planted_fault_is_not_told(review, tmp_path):
    folder = review("mcq.each=5", "calibration=4", languages=("zh",))
    [file] = sheet_export.export(folder, tmp_path).files
    text = "\n".join(str(cell.value) for sheet in openpyxl.load_workbook(file["path"]) for row in sheet for cell in row)
    planted = {one.id: one for one in model.open_review(folder) if one.calibration}
    assert len(planted) == 4 and all(id in text for id in planted)
    for one in planted.values():
        assert one.calibration["copy_of"] not in text and one.why not in text.casefold()
    found = [row["findings"].value for row in rows(opened(file["path"])) if Key.read(row["key"].value).item in planted]
    assert len(found) >= 8 and set(found) == {None}


def test_direction_widths_lists_and_protection(review, tmp_path):
    folder = review("calibration=0")
    sheet_export.export(folder, tmp_path)
    sheets = {code: opened(tmp_path / f"{code}.xlsx") for code in ("ar", "zh", "sw")}
    assert {code: bool(one.sheet_view.rightToLeft) for code, one in sheets.items()} == {
        "ar": True,
        "zh": False,
        "sw": False,
    }
    arabic = rows(sheets["ar"])[0]
    assert (arabic["translation"].alignment.readingOrder, arabic["original"].alignment.readingOrder) == (2, 1)
    letters = {one.name: openpyxl.utils.get_column_letter(place) for place, one in enumerate(columns(), 1)}
    wide = {code: one.column_dimensions[letters["translation"]].width for code, one in sheets.items()}
    assert wide["zh"] < wide["sw"]  # Chinese takes less room, though its signs are twice as wide
    sheet = sheets["sw"]
    assert sheet.protection.sheet and sheet.protection.password is None and sheet.freeze_panes == "E2"
    assert sheet.column_dimensions["A"].hidden and all(cell.alignment.wrap_text for cell in sheet[2])
    lists = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    assert lists[f"{letters['accuracy']}2"].formula1 == '"1,2,3,4,5"'
    assert lists[f"{letters['safety']}2"].formula1 == '"safe,minor,harmful"'
    assert len(lists) == 3 + 3 + len(questions.load().flags)
    for rule in lists.values():  # what Excel refuses to open
        assert len(rule.formula1) <= 257 and len(rule.prompt) <= 255 and len(rule.promptTitle) <= 32
        assert str(rule.sqref).endswith(str(sheet.max_row))
    told = "\n".join(
        str(cell.value) for row in openpyxl.load_workbook(tmp_path / "sw.xlsx")["Instructions"] for cell in row
    )
    assert "written by a machine" in told and all(
        step.anchor in told for one in questions.load().ratings for step in one.scale
    )


def test_texts_that_look_like_something_else_stay_texts(review, tmp_path):
    folder = review(languages=("sw",))
    items = model.open_review(folder)
    odd = ["=SUM(1)", "0.50", "1/2", "'quoted", "-5", "a\x0bb\x00", "line\nline"]
    place = next(place for place, one in enumerate(items) if len(one.translation["options"]) >= len(odd))
    items[place].translation["options"][: len(odd)] = odd
    from globmed_curation.review.sheet_workbook import workbook

    sheet = openpyxl.load_workbook(io.BytesIO(workbook([items[place]], "sw", "R01")))["Review"]
    found = [row["revision"] for row in rows(sheet) if row["part"].value.startswith("Option")][: len(odd)]
    assert [cell.value for cell in found] == [as_cell(text) for text in odd] and found[5].value == "a\ufffdb\ufffd"
    assert all(cell.data_type == "s" and cell.number_format == "@" for cell in found)
    assert [bool(cell.quotePrefix) for cell in found] == [True, False, False, True, True, False, False]


def test_double_reviews_go_to_two_people_and_the_rest_is_dealt_out(review, tmp_path):
    folder = review("double=0.5", "calibration=2", languages=("sw",))
    items = {one.id: one for one in model.open_review(folder)}
    people_of: dict[str, set[str]] = {}
    found = sheet_export.export(folder, tmp_path / "a", reviewers=["Amina", "Baraka", "Chen"])
    assert [one["path"].rpartition("/")[2] for one in found.files] == ["sw-R01.xlsx", "sw-R02.xlsx", "sw-R03.xlsx"]
    for file in found.files:
        for row in rows(opened(file["path"])):
            key = Key.read(row["key"].value)
            assert key.reviewer == file["reviewer"]
            people_of.setdefault(key.item, set()).add(key.reviewer)
    assert {id: len(some) for id, some in people_of.items()} == {id: one.reviews for id, one in items.items()}
    numbers = [one["items"] for one in found.files]
    assert sum(numbers) == 44 + 23 and max(numbers) - min(numbers) <= 1
    assert people.read(folder) == {"R01": "Amina", "R02": "Baraka", "R03": "Chen"}
    for path in (tmp_path / "a").iterdir():
        assert b"Amina" not in path.read_bytes() and "Amina" not in str(
            list(openpyxl.load_workbook(path)["Review"].values)
        )
    before = {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()}
    sheet_export.export(folder, tmp_path / "b", reviewers=["Chen", "baraka ", "R01"])
    assert {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()} == before


def test_what_may_hold_answers_is_not_overwritten(review, tmp_path):
    folder = review(languages=("sw",))
    sheet_export.export(folder, tmp_path / "s")
    sheet_export.export(folder, tmp_path / "s")  # the same again is no harm
    path = tmp_path / "s" / "sw.xlsx"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(GlobmedError, match="sw.xlsx: is there already and differs, so it may hold answers"):
        sheet_export.export(folder, tmp_path / "s")
    sheet_export.export(folder, tmp_path / "s", overwrite=True)
    assert openpyxl.load_workbook(path)


def test_what_no_cell_can_hold_is_left_out_and_told(review, tmp_path):
    folder = review(languages=("sw",))
    items = model.open_review(folder)
    long = next(one for one in items if one.form == "longform")
    long.translation["reference"] = "x" * 32_768
    assert too_long(long) == "translated reference"
    long.translation["reference"] = "x" * 32_767
    assert too_long(long) is None
    long.translation["reference"] = "𝔁" * 16_384  # two units each
    assert too_long(long) == "translated reference"
    model.write_lines(folder / model.ITEMS, items)
    told = json.loads((folder / "manifest.json").read_text("utf-8"))
    told["file"]["xxh3"] = model.manifest.checksum(folder / model.ITEMS)
    (folder / "manifest.json").write_text(json.dumps(told), "utf-8")
    found = sheet_export.export(folder, tmp_path)
    assert found.files[0]["items"] == 41 and any(
        f"{long.id} is left out, its translated reference" in one for one in found.notes
    )


def test_the_command(review, tmp_path):
    folder = review()
    dry = CliRunner().invoke(group, ["sheet", "export", str(folder), "--dry-run", "--json"], catch_exceptions=False)
    assert [one["items"] for one in json.loads(dry.output)["files"]] == [42] * 4 and not (folder / "sheets").exists()
    done = CliRunner().invoke(
        group, ["sheet", "export", str(folder), "--language", "ar", "--reviewer", "Amina"], catch_exceptions=False
    )
    assert done.exit_code == 0 and "only one reviewer is named" in done.output
    assert [path.name for path in (folder / "sheets").iterdir()] == ["ar-R01.xlsx"]
    with pytest.raises(GlobmedError, match="Say with --language"):
        sheet_export.export(folder, tmp_path, reviewers=["Amina"])
    with pytest.raises(GlobmedError, match="no items in yo"):
        sheet_export.export(folder, tmp_path, languages=("yo",))
