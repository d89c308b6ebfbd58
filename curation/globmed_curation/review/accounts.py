"""Which account on a review server is whose, and the passwords that were made for them.

    review/private/accounts.json          {"accounts": [{"pseudonym": "R01", "username": "R01", "user": "6f1c...", "role": "annotator",
                                           "languages": ["sw"]}]}
    review/private/invitations.csv        name, email, username, password, role, languages, url: for a mail merge
    review/private/invitations/R01.txt    the same for one person, with how to begin

All three are readable by their owner alone, and are written before the server is asked: whoever stops the command in the middle
finds no account of an unknown id or password. Passwords stand nowhere else; remove the invitations when they are sent.
"""

from __future__ import annotations

import csv
import io
import secrets
import uuid
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from globmed_tools import languages
from globmed_tools.errors import GlobmedError

from . import people, private
from .users import ADJUDICATOR

ACCOUNTS = private.FOLDER / "accounts.json"
TABLE, TEXTS = private.FOLDER / "invitations.csv", private.FOLDER / "invitations"
COLUMNS = ("name", "email", "username", "password", "role", "languages", "url")
#: Nothing that is read as something else: 16 of them are 79 bits.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Account:
    """user: the server's id, chosen here; languages: those the person may see, none where the person was removed."""

    pseudonym: str
    username: str
    user: str
    role: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Invitation:
    """A row of the table. languages: codes with semicolons between."""

    name: str
    email: str
    username: str
    password: str
    role: str
    languages: str
    url: str


def read(folder: Path) -> dict[str, Account]:
    """pseudonym -> its account, in the order in which they were made."""
    found = private.rows(
        folder,
        ACCOUNTS,
        "accounts",
        what="a list of accounts",
        advice="Put an older copy back: without it nobody knows which account is whose.",
        make=lambda row: Account(**{**row, "languages": tuple(row["languages"])}),
    )
    return {one.pseudonym: one for one in found}


def put(folder: Path, account: Account) -> None:
    """Put an account on record, in the place of what was known of it."""
    accounts = {**read(folder), account.pseudonym: account}
    private.write_rows(folder, ACCOUNTS, "accounts", [asdict(one) for one in accounts.values()])


def new(pseudonym: str, role: str, taken: set[str]) -> Account:
    """An account that is not there yet. Its username is the pseudonym, with a few signs behind it where the server has such a
    user: of another review."""
    user = str(uuid.uuid4())
    return Account(pseudonym, pseudonym if pseudonym not in taken else f"{pseudonym}-{user[:4]}", user, role, ())


def find(folder: Path, name: str) -> Account:
    """The account of a person, by name, pseudonym or username; GlobmedError where there is none."""
    wanted = " ".join(name.split()).casefold()
    names, held = people.read(folder), read(folder)
    for one in held.values():
        if wanted in (one.pseudonym.casefold(), one.username.casefold(), names.get(one.pseudonym, "").casefold()):
            return one
    known = ", ".join(held) or "none"
    raise GlobmedError(
        f"{name}: nobody of that name has an account of this review (accounts: {known}). See globmed review users list."
    )


def password() -> str:
    """Four groups of four signs, easy to type."""
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(4)) for _ in range(4))


def invitations(folder: Path) -> dict[str, Invitation]:
    """username -> what was written for it; nothing of those that were removed when sent."""
    path = folder / TABLE
    if not path.is_file():
        return {}
    rows = csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline=""))
    try:
        found = [Invitation(**{name: row[name] for name in COLUMNS}) for row in rows]
    except KeyError as error:
        raise GlobmedError(
            f"{path}: no column {error.args[0]}. Put an older copy back, or move the file away."
        ) from None
    return {one.username: one for one in found}


def invite(folder: Path, account: Account, *, email: str, password: str, url: str) -> Path:
    """Write a person's row and text. Returns the path of the text."""
    codes = ";".join(account.languages)
    name = people.read(folder).get(account.pseudonym, account.pseudonym)
    one = Invitation(name, email, account.username, password, account.role, codes, url)
    _write_table(folder, {**invitations(folder), account.username: one})
    path = TEXTS / f"{account.username}.txt"
    private.write(folder, path, _text(one).encode())
    return folder / path


def uninvite(folder: Path, account: Account) -> None:
    """Take back what was written for an account."""
    table = invitations(folder)
    if table.pop(account.username, None):
        _write_table(folder, table)
    (folder / TEXTS / f"{account.username}.txt").unlink(missing_ok=True)


def with_languages(account: Account, codes: tuple[str, ...]) -> Account:
    """The account with these languages too."""
    more = tuple(code for code in codes if code not in account.languages)
    return replace(account, languages=(*account.languages, *more)) if more else account


def removed(account: Account) -> Account:
    """The account of somebody who was removed; it is kept, for its answers are still this person's."""
    return replace(account, languages=())


def _write_table(folder: Path, table: dict[str, Invitation]) -> None:
    out = io.StringIO(newline="")
    made = csv.DictWriter(out, COLUMNS)
    made.writeheader()
    made.writerows(asdict(row) for row in table.values())
    # The mark in front tells a spreadsheet program that this is UTF-8.
    private.write(folder, TABLE, out.getvalue().encode("utf-8-sig"))


def _text(one: Invitation) -> str:
    names = " and ".join(languages.get(code).name for code in one.languages.split(";"))
    senior = one.role == ADJUDICATOR
    task = (
        f"decide where reviewers of medical translations into {names} disagree"
        if senior
        else f"review medical translations into {names}"
    )
    return f"""Dear {one.name},

thank you for helping to {task}.

    address    {one.url}
    user       {one.username}
    password   {one.password}

How to begin
1. Open the address in a browser (Firefox, Chrome, Edge or Safari of the last years), and sign in.
2. Choose a dataset, and read the guidelines first: the line Guidelines below a record opens them.
3. Answer the questions of a record and press Submit. Save as draft keeps what is unfinished; Discard passes a record on to others.
4. You can stop at any time. What you have submitted is stored, and you can come back to it and change it.

Your name is not on the server: your answers are stored under {one.username}. Keep the password to yourself.
"""
