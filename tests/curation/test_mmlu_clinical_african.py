"""The African clinical MMLU on small self-written files without a header, under the original's names."""

import pytest
from globmed_curation.ingest import ingest, source_files
from globmed_curation.sources import mmlu_clinical_african as african
from globmed_curation.sources.common import Drop, Skipped

from globmed_tools import catalog, store
from globmed_tools.errors import GlobmedError

ROWS = ['"Which vitamin, then?",A1,C,D,K,B\n', "Which vein?,I,II,III,IV,D\n"]


@pytest.fixture
def folder(tmp_path):
    """A folder with the three variants, as in the original."""

    def write(name, *lines):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes("".join(lines).encode())
        return path

    for suffix in ("", "_zu", "_xh"):
        for part in ("test", "val", "dev"):
            write(f"mmlu_cm_ck_vir/virology_{part}{suffix}.csv", *ROWS)
    for variant in ("mt", "bt"):
        write(f"mmlu_cm_ck_vir_{variant}/virology_test_zu.csv", *ROWS)
    write.root = tmp_path / "in"
    return write


def read(*paths, **options):
    return list(african.read(list(paths), **{"language": None, "split": None} | options))


def test_a_row_is_one_item_in_every_language_and_the_part_is_told(folder, tmp_path):
    summary = ingest(african.NAME, [folder.root], tmp_path / "out")
    assert summary.kept == {(code, split): n for code in ("en", "zu") for split, n in (("test", 2), ("dev", 4))}
    assert summary.skipped == {"unsupported_language": 6}
    entries = list(store.read(summary.folder))
    english, zulu = (
        {one.group_id: (one.answers, one.split, one.tags) for one in entries if one.language == code}
        for code in ("en", "zu")
    )
    assert english == zulu and len(english) == 6
    first = next(one for one in entries if one.locator == "virology_test_zu.csv:1")
    assert (first.question, first.options, first.answers) == ("Which vitamin, then?", ("A1", "C", "D", "K"), (1,))
    assert first.tags == {"subject": "virology", "part": "test"}
    assert first.licence == catalog.get(african.NAME).origin
    assert {one.translator for one in entries if one.language == "zu"} == {"human translation (as published)"}
    assert {one.translator for one in entries if one.language == "en"} == {None}
    assert {one.tags["part"] for one in entries if one.split == "dev"} == {"val", "dev"}


def test_the_variants_share_the_item_but_never_a_folder_of_entries(folder, tmp_path):
    human = {one.locator: one for one in read(*source_files(african.NAME, [folder.root], {})) if not skipped(one)}
    place = "virology_test_zu.csv:2"
    for variant, code, said in (
        ("mt", "zu", "machine translation"),
        ("bt", "en", "machine back-translation from Zulu"),
    ):
        found = read(*source_files(african.NAME, [folder.root], {"variant": variant}), variant=variant)
        assert [one.language for one in found] == [code] * 2
        assert found[1].group_id == human[place].group_id and found[1].locator == place
        assert (found[1].translator, found[1].tags["variant"]) == (f"{said} (as published)", variant)
    path = folder.root / "mmlu_cm_ck_vir_mt" / "virology_test_zu.csv"
    with pytest.raises(GlobmedError, match="its folder holds the variant mt. Say --variant mt"):
        ingest(african.NAME, [path], tmp_path)
    with pytest.raises(GlobmedError, match="no file here or below is named clinical_knowledge_"):
        ingest(african.NAME, [path.parent], tmp_path)
    with pytest.raises(GlobmedError, match="unknown variant 'google'; choose one of: human, mt, bt"):
        ingest(african.NAME, [path], tmp_path, variant="google")


def skipped(one):
    return isinstance(one, Skipped)


def test_other_languages_come_only_when_asked_for(folder, tmp_path):
    summary = ingest(african.NAME, [folder.root], tmp_path / "out", other_languages=True)
    assert summary.skipped == {} and summary.kept["xh", "test"] == 2
    assert {one.language for one in store.read(summary.folder)} == {"en", "zu", "xh"}


def test_an_answer_that_differs_from_english_and_other_unusable_rows_are_dropped(folder):
    english = folder("x/virology_test.csv", *ROWS, "Q,a,b,c,d,A\n", "Q,a,b,c,d,\n", "Q,a,b,c,d,AB\n", " ,a,b,c,d,A\n")
    zulu = folder("x/virology_test_zu.csv", ROWS[0], "Q,a,b,c,d,A\n", "Q,a,a,c,d,A\n", *["Q,a,b,c,d,\n"] * 3)
    found = [one for one in read(english, zulu) if isinstance(one, Drop)]
    assert [(one.reason, one.evidence, one.locator, one.key) for one in found] == [
        ("no_gold", "", "virology_test.csv:4", "virology/test/4"),
        ("unreadable_gold", "AB", "virology_test.csv:5", "virology/test/5"),
        ("empty_question", "", "virology_test.csv:6", "virology/test/6"),
        ("gold_conflict", "'A', in English 'D'", "virology_test_zu.csv:2", "virology/test/2"),
        ("duplicate_options", "a", "virology_test_zu.csv:3", "virology/test/3"),
        ("no_gold", "", "virology_test_zu.csv:4", "virology/test/4"),
        ("gold_conflict", "'', in English 'AB'", "virology_test_zu.csv:5", "virology/test/5"),
        ("gold_conflict", "'', in English 'A'", "virology_test_zu.csv:6", "virology/test/6"),
    ]


def test_files_that_cannot_be_right_are_refused(folder):
    short = folder("y/virology_test_zu.csv", ROWS[0])
    for paths, options, message in [
        ([short, folder("y/virology_test.csv", *ROWS)], {}, "1 rows, the English file has 2, so row i is not the same"),
        (
            [folder("y/virology_test_sw.csv", ROWS[0], "Q,a,b\n")],
            {},
            "virology_test_sw.csv, line 2: 3 cells, 6 expected",
        ),
        ([folder("y/virology_extra.csv", ROWS[0])], {}, "the name is not <section>_<test, val or dev>"),
        ([short], {"language": "zu"}, "Leave out --language and --split"),
    ]:
        with pytest.raises(GlobmedError, match=message):
            read(*paths, **options)
