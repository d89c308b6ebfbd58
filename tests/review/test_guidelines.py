"""What reviewers read: complete, from one place, short enough for Argilla, and a team's own where it has some."""

from __future__ import annotations

import json
import re

import pytest
from globmed_curation.review import guidelines, questions

from globmed_tools import languages
from globmed_tools.errors import GlobmedError

from .server_conftest import globmed_review


@pytest.mark.parametrize("code", languages.codes())
def test_every_language_has_all_that_is_asked_and_a_part_of_its_own(code):
    text, asked = guidelines.text(code), questions.load()
    named = [*asked.ratings, asked.safety, asked.errors, asked.revision, asked.comment, *asked.flags]
    choices = [step for one in asked.ratings for step in one.scale]
    choices += [*asked.safety.labels, *asked.errors.types, *asked.errors.severities]
    for words in [*(one.ask for one in named), *(step.anchor for step in choices)]:
        assert text.count(words) == 1, words
    name = languages.get(code).name
    assert text.startswith(f"# Reviewing translations into {name}\n") and "{{" not in text
    own = text.partition(f"## What to watch for in {name}\n")[2]
    assert own.strip().startswith("*Machine-written; not reviewed by clinicians or linguists.")
    assert len(re.findall("^- ", own, re.MULTILINE)) >= 8 and "There is no part" not in own
    assert 5000 < len(text) <= guidelines.LIMIT
    assert code in guidelines.parts()


@pytest.mark.parametrize("code", languages.codes())
def test_a_paragraph_is_a_line(code):
    """Argilla shows each line end as a line break."""
    before = ""
    for line in guidelines.text(code).splitlines():
        assert not line or not before or line.startswith(("- ", "#")) or re.match(r"\d\. ", line), line
        before = line


def test_the_version_is_that_of_the_text():
    sw, zu = guidelines.text("sw"), guidelines.text("zu")
    versions = {guidelines.version(one) for one in (sw, zu, sw.replace("Swahili", "swahili"))}
    assert len(versions) == 3 and all(re.fullmatch("[0-9a-f]{16}", one) for one in versions)
    assert guidelines.version(sw) == guidelines.version("\n" + sw.replace("\n", "\r\n").strip())


def test_a_teams_own_files_take_the_place_of_ours(tmp_path):
    ours = guidelines.text("sw")
    (tmp_path / "sw.md").write_text("\ufeff## Kiswahili\r\n\r\nOur words,\r\nwrapped.\r\n", "utf-8")
    own = guidelines.text("swa", tmp_path)
    assert own.endswith("## Kiswahili\n\nOur words, wrapped.\n") and "Machine-written; not reviewed by" in own
    assert own.partition("## Kiswahili")[0] == ours.partition("## What to watch for in Swahili")[0]
    (tmp_path / "common.md").write_text("# {{ language }} ({{ native }})\n\n{{ questions }}\n\n{{ other }}\n", "utf-8")
    own = guidelines.text("sw", tmp_path)
    assert (
        own
        == f"# Swahili (Kiswahili)\n\n{guidelines.asked()}\n\n{{{{ other }}}}\n\n## Kiswahili\n\nOur words, wrapped.\n"
    )
    assert guidelines.text("zu", tmp_path).startswith("# Zulu (isiZulu)")


def test_what_is_wrong_with_a_teams_files_is_said(tmp_path):
    with pytest.raises(GlobmedError, match="neither sw.md nor common.md"):
        guidelines.text("sw", tmp_path)
    (tmp_path / "sw.md").write_text("word " * 2000)
    with pytest.raises(GlobmedError, match=r"Swahili have 1\d,\d{3} characters, and Argilla takes 10,000"):
        guidelines.text("sw", tmp_path)
    (tmp_path / "sw.md").write_bytes("Kipimo: é".encode("latin-1"))
    with pytest.raises(GlobmedError, match="sw.md: not UTF-8"):
        guidelines.text("sw", tmp_path)
    with pytest.raises(GlobmedError, match="unknown language"):
        guidelines.text("tlh")


def test_a_language_without_a_part_says_so_and_what_the_table_knows(tmp_path, monkeypatch):
    (tmp_path / "common.md").write_text("# {{ language }}\n")
    monkeypatch.setattr(guidelines, "FOLDER", tmp_path)
    assert guidelines.parts() == []
    arabic, german = guidelines.text("ar"), guidelines.text("de")
    assert "There is no part on Arabic yet" in arabic and "from right to left" in arabic and "٠١٢٣٤٥٦٧٨٩" in arabic
    assert "Decimals are written with a comma." in german and "right to left" not in german
    assert "Decimals are written with a point." in arabic


def test_what_is_no_paragraph_is_left_as_it_is(tmp_path):
    kept = "# A\n## B\n\n- one\n- two\n  1. three\n\n| a | b |\n| - | - |\n\n> said\n> more\n\n```\nx\n  y\n```\nend"
    (tmp_path / "common.md").write_text(f"{kept}\nof it\n\n- four\n  goes on\n")
    text = guidelines.text("sw", tmp_path)
    assert text.startswith(f"{kept} of it\n\n- four goes on\n\n## What to watch")


def test_the_command_prints_them():
    shown = globmed_review("guidelines", "swa")
    assert shown.returncode == 0 and shown.stdout == guidelines.text("sw")
    told = json.loads(globmed_review("guidelines", "ar", "--json").stdout)
    text = guidelines.text("ar")
    assert told == {"language": "ar", "version": guidelines.version(text), "characters": len(text), "text": text}
    refused = globmed_review("guidelines", "sw", "--guidelines", "nowhere")
    assert refused.returncode == 1 and refused.stderr.startswith("globmed: nowhere: neither sw.md nor common.md")
