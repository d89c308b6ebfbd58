"""MedExpQA on a small self-written archive in the original format, and on the real one."""

import io
import tarfile
from collections import Counter

import pytest
from globmed_curation.ingest import find
from globmed_curation.sources import medexpqa
from globmed_curation.sources.common import Drop, Skipped

from globmed_tools.entry import Entry
from globmed_tools.errors import GlobmedError

CASE = ["QUESTION TYPE: EYE", "CLINICAL CASE:", "A 2-year-old boy ( index ) .", "What is it?"]
FOUR = ["1- Virus.", "2- Score: 3", "3- A rash.", "It fades.", "4- None.", "5- nan"]


def tsv(*cases, sep=" ", behind="", end="\n"):
    lines = []
    for case in cases:
        for sentence in case:
            lines += [f"{token}{sep}O{behind}" for token in sentence.split(" ")] + [""]
    return end.join(lines)


@pytest.fixture
def archive(tmp_path):
    def write(members, name="casimedicos-arg.tar.gz"):
        with tarfile.open(tmp_path / name, "w:gz") as stream:
            for member, text in members.items():
                data = text if isinstance(text, bytes) else text.encode()
                info = tarfile.TarInfo("casimedicos-arg/" + member)
                info.size = len(data)
                stream.addfile(info, io.BytesIO(data))
        return tmp_path / name

    return write


def read(*paths, language=None, split=None):
    return list(medexpqa.read(list(paths), language=language, split=split))


def test_the_text_is_rebuilt_whatever_the_columns_line_ends_and_label(archive):
    case = [*CASE, *FOUR, "CORRECT ANSWER: 3", "It fades.", "Scored: 1"]
    french = [*CASE[:3], "Quel mot ?", "1- Un.", "2-Deux.", "BONNE RÉPONSE : 2"]
    path = archive(
        {
            "EN/test.tsv": tsv(case),
            "ES/test.tsv": tsv(case, behind=" HighQuality", end="\r\n"),
            "FR/test.tsv": tsv(french, behind=" "),
            "IT/test.tsv": tsv(case, case, sep="\t", behind="\t\t"),
            "EN/._test.tsv": b"\0",
        }
    )
    english, spanish, french, italian = read(path)
    assert (english.context, english.question) == ("A 2-year-old boy (index).", "What is it?")
    assert english.options == ("Virus.", "Score: 3", "A rash. It fades.", "None.") and english.answers == (2,)
    assert (english.rationale, english.tags) == ("It fades. Scored: 1", {"type": "EYE"})
    assert (english.locator, english.split) == ("casimedicos-arg.tar.gz/EN/test.tsv#1", "test")
    assert (spanish.options, spanish.context) == (english.options, english.context)
    assert [one.language for one in (english, spanish, french)] == ["en", "es", "fr"]
    assert len({one.group_id for one in (english, spanish, french)}) == 1
    assert (spanish.translator, english.translator) == (None, "Antidote CasiMedicos (as shipped)")
    assert (french.question, french.options, french.answers, french.rationale) == (
        "Quel mot ?",
        ("Un.", "Deux."),
        (1,),
        None,
    )
    assert italian == Skipped("unsupported_language", 2, "casimedicos-arg.tar.gz/IT")
    others = list(medexpqa.read([path], language=None, split=None, other_languages=True))
    assert [one.language for one in others] == ["en", "es", "fr", "it", "it"]
    assert others[3].group_id == english.group_id


def test_missing_pieces_are_dropped_with_a_reason_and_move_no_key(archive):
    gold = "CORRECT ANSWER: 4"
    cases = [
        [CASE[0], *CASE[2:], *FOUR, gold],
        [*CASE, gold, "Because."],
        [*CASE, *FOUR, "Because."],
        [*CASE, *FOUR[:2], *FOUR[4:], gold],
        [*CASE, *FOUR[1:], gold],
        [*CASE, *FOUR, "CORRECT ANSWER: 5"],
        [*CASE[:2], *FOUR, gold],
        [*CASE, "1- A.", "2- A.", gold],
        [*CASE, "1- A.", "2-", gold],
        [*CASE, *FOUR, gold],
        [*CASE[1:], *FOUR, gold],
    ]
    found = read(archive({"EN/dev.tsv": tsv(*cases)}))
    assert [(one.reason, one.evidence, one.key) for one in found if isinstance(one, Drop)] == [
        ("no_case", "QUESTION TYPE: EYE", "dev/1"),
        ("too_few_options", "Because.", "dev/2"),
        ("no_gold", "Because.", "dev/3"),
        ("options_out_of_order", "4 after 2", "dev/4"),
        ("options_out_of_order", "no option 1", "dev/5"),
        ("gold_out_of_range", "4 with 4 options", "dev/6"),
        ("empty_question", "", "dev/7"),
        ("duplicate_options", "A.", "dev/8"),
        ("empty_option", "option 2 of 2", "dev/9"),
    ]
    assert [one.locator[-3:] for one in found if isinstance(one, Entry)] == ["#10", "#11"]


def test_a_bad_archive_says_what_to_do(archive, tmp_path):
    (tmp_path / "x.tar.gz").write_bytes(b"no archive")
    with pytest.raises(GlobmedError, match="not a readable tar.gz"):
        read(tmp_path / "x.tar.gz")
    whole = archive({"EN/dev.tsv": tsv(CASE)})
    (tmp_path / "cut.tar.gz").write_bytes(whole.read_bytes()[:-40])
    with pytest.raises(GlobmedError, match="cut.tar.gz: not a readable tar.gz"):
        read(tmp_path / "cut.tar.gz")
    with pytest.raises(GlobmedError, match="Leave out --language"):
        read(whole, language="en")
    for text, message in {
        "lonely\n": "EN/dev.tsv, line 1: no token and tag",
        tsv(CASE[1:]): "does not begin with QUESTION TYPE",
        "\n": "the file is empty",
        b"\xff O\n": "not UTF-8 at byte 0",
    }.items():
        with pytest.raises(GlobmedError, match=message):
            read(archive({"EN/dev.tsv": text}))
    with pytest.raises(GlobmedError, match="no EN/train.tsv or the like"):
        read(archive({"README.md": "x"}))


def test_the_real_archive_is_parallel_in_every_language(real_data):
    found = read(*find([real_data("casimedicos")], medexpqa.PATTERNS))
    counts = {"train": 381, "dev": 55, "test": 117}
    assert [one for one in found if isinstance(one, Skipped)] == [
        Skipped("unsupported_language", 553, "casimedicos-arg.tar.gz/IT")
    ]
    drops = [(one.language, one.reason, one.key) for one in found if isinstance(one, Drop)]
    assert drops == [(code, "duplicate_options", "train/362") for code in ("en", "es", "fr")]
    kept = [one for one in found if isinstance(one, Entry)]
    expected = {
        (code, split): count - (split == "train") for code in ("en", "es", "fr") for split, count in counts.items()
    }
    assert Counter((one.language, one.split) for one in kept) == expected
    assert Counter((one.language, len(one.options)) for one in kept) == {
        (code, size): count for code in ("en", "es", "fr") for size, count in ((4, 298), (5, 254))
    }
    groups: dict = {}
    for one in kept:
        groups.setdefault(one.group_id, set()).add((one.split, len(one.options), one.answers))
        assert one.rationale and "nan" not in one.options
    assert len(groups) == 552 and {len(shapes) for shapes in groups.values()} == {1}
    assert any(one.options[4:] == ("Hydralazine.",) for one in kept if one.language == "fr")
