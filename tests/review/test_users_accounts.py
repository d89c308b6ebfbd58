"""Accounts and invitations in the review folder: private, written before the server is asked, taken back when sent."""

from __future__ import annotations

import json
import re
import stat

import pytest
from globmed_curation.review import accounts, people

from globmed_tools.errors import GlobmedError


def account(folder, name="Amina Diallo", codes=("sw",), role="annotator"):
    one = accounts.new(people.pseudonym(folder, name), role, set())
    one = accounts.with_languages(one, codes)
    accounts.put(folder, one)
    return one


def test_accounts_come_back_as_they_were_put(tmp_path):
    one, other = account(tmp_path), account(tmp_path, "Themba Nkosi", ("zu", "sw"), "adjudicator")
    assert accounts.read(tmp_path) == {"R01": one, "R02": other}
    more = accounts.with_languages(one, ("sw", "yo"))
    accounts.put(tmp_path, more)
    assert accounts.read(tmp_path)["R01"].languages == ("sw", "yo") and list(accounts.read(tmp_path)) == ["R01", "R02"]
    assert accounts.removed(more).languages == () and accounts.removed(more).user == one.user
    for wanted in ("r01", "amina  diallo", "R01"):
        assert accounts.find(tmp_path, wanted) == more
    with pytest.raises(
        GlobmedError, match=r"Baraka: nobody of that name has an account of this review \(accounts: R01, R02\)"
    ):
        accounts.find(tmp_path, "Baraka")


def test_a_username_that_another_review_has_gets_signs_behind_it(tmp_path):
    made = accounts.new("R01", "annotator", {"owner", "R01"})
    assert made.username == f"R01-{made.user[:4]}" and accounts.new("R02", "annotator", {"R01"}).username == "R02"


def test_an_invitation_stands_in_the_table_and_in_a_text_and_is_nobody_elses(tmp_path):
    one, other = account(tmp_path), account(tmp_path, 'Li, "Wei"', ("zh", "ja"), "adjudicator")
    accounts.invite(tmp_path, one, email="a@example.org", password="p1", url="http://one")
    path = accounts.invite(tmp_path, other, email="", password="p2", url="http://two")
    accounts.invite(tmp_path, one, email="a@example.org", password="p3", url="http://one")
    table = accounts.invitations(tmp_path)
    assert list(table) == ["R01", "R02"] and table["R01"].password == "p3" and table["R02"].name == 'Li, "Wei"'
    assert table["R02"] == accounts.Invitation('Li, "Wei"', "", "R02", "p2", "adjudicator", "zh;ja", "http://two")
    text = path.read_text("utf-8")
    assert path == tmp_path / "private" / "invitations" / "R02.txt"
    for words in ('Dear Li, "Wei"', "http://two", "p2", "Chinese and Japanese disagree", "stored under R02"):
        assert words in text
    assert (tmp_path / accounts.TABLE).read_bytes().startswith(b"\xef\xbb\xbfname,email")
    assert stat.S_IMODE((tmp_path / "private").stat().st_mode) == 0o700
    files = [one for one in (tmp_path / "private").rglob("*") if one.is_file()]
    assert len(files) == 5 and all(stat.S_IMODE(one.stat().st_mode) == 0o600 for one in files)
    accounts.uninvite(tmp_path, other)
    assert list(accounts.invitations(tmp_path)) == ["R01"] and not path.exists()
    accounts.uninvite(tmp_path, other)


def test_what_is_kept_of_accounts_holds_no_name_and_no_password(tmp_path):
    one = account(tmp_path)
    accounts.invite(tmp_path, one, email="a@example.org", password="p1", url="http://one")
    row = json.loads((tmp_path / accounts.ACCOUNTS).read_text())["accounts"]
    assert row == [{"pseudonym": "R01", "username": "R01", "user": one.user, "role": "annotator", "languages": ["sw"]}]


def test_passwords_are_long_and_each_is_new():
    made = {accounts.password() for _ in range(200)}
    assert len(made) == 200 and all(re.fullmatch("([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}", one) for one in made)


def test_damaged_files_are_named(tmp_path):
    account(tmp_path)
    (tmp_path / accounts.ACCOUNTS).write_text('{"accounts": [{"pseudonym": "R01"}]}')
    with pytest.raises(GlobmedError, match="accounts.json: damaged, a field is missing"):
        accounts.read(tmp_path)
    (tmp_path / accounts.TABLE).write_text("name,email\nA,b\n")
    with pytest.raises(GlobmedError, match="invitations.csv: no column username"):
        accounts.invitations(tmp_path)
