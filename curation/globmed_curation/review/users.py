"""The people who will review, from the table that somebody keeps of them.

    name;email;languages;role
    Amina Diallo;amina@example.org;sw;
    Themba Nkosi;;zu, sw;senior

    >>> read(Path("people.csv")).people[1]
    Person(name='Themba Nkosi', email='', languages=('zu', 'sw'), role='adjudicator', line=3)

CSV with comma, semicolon or tab, in UTF-8 or UTF-16, or XLSX. Columns stand in any order, under English titles or some of other
languages (those are machine-written and not reviewed); other columns are told and passed over. A first name and a family
name may stand apart. Languages are codes or names; a role is annotator (where nothing stands) or senior.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from globmed_tools import languages
from globmed_tools.errors import GlobmedError, suggest

from . import sheet_files

ANNOTATOR, ADJUDICATOR = "annotator", "adjudicator"
#: What the columns are called: ours first.
TITLES = {
    "name": "name,full name,reviewer,person,nom,nom complet,nombre,nombre completo,nome,nome completo,jina,jina kamili,orúkọ,"
    "igama,tur,nama,nama lengkap,姓名,名字,氏名,名前,이름,성명,الاسم,नाम,নাম",
    "first": "first name,given name,vorname,prénom,primeiro nome,jina la kwanza,nama depan,名,이름(명)",
    "last": "last name,family name,surname,nachname,nom de famille,apellido,apellidos,sobrenome,apelido,jina la ukoo,nama belakang,姓",
    "email": "email,e-mail,mail,email address,e-mail address,courriel,adresse e-mail,correo,correo electrónico,barua pepe,emel,"
    "邮箱,电子邮件,メール,メールアドレス,이메일,البريد الإلكتروني,ईमेल,ইমেইল",
    "languages": "languages,language,langues,langue,idiomas,idioma,línguas,língua,sprachen,sprache,lugha,èdè,ulimi,izilimi,làkk,"
    "bahasa,语言,言語,언어,اللغة,اللغات,भाषा,भाषाएँ,ভাষা",
    "role": "role,rôle,rol,rolle,função,papel,função na revisão,wajibu,peran,peranan,角色,役割,역할,الدور,भूमिका,ভূমিকা",
}
ROLES = {
    ANNOTATOR: ("", ANNOTATOR, "annotators", "reviewer", "-"),
    ADJUDICATOR: (ADJUDICATOR, "senior", "senior reviewer", "adjudication"),
}
_BETWEEN = re.compile(r"[;,/|+&\n、，；؛،]|\s+and\s+")
_MOST = 5


@dataclass(frozen=True, slots=True)
class Person:
    """One row. email: "" where none is given; languages: codes of the language table; role: ANNOTATOR or ADJUDICATOR."""

    name: str
    email: str
    languages: tuple[str, ...]
    role: str
    line: int


@dataclass(slots=True)
class People:
    """The people of a table, in its order, and what a person should know of how it was read."""

    people: list[Person] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read(path: Path) -> People:
    """The people in a table; GlobmedError naming every line that cannot be taken."""
    found, problems = People(), []
    named: dict[str, Person] = {}
    for number, row in _rows(path, found):
        try:
            one = _person(row, number)
            _add(one, named, found)
        except _Wrong as error:
            problems.append(f"line {number}: {error}")
    if problems:
        more = f"; and {len(problems) - _MOST} more" if len(problems) > _MOST else ""
        raise GlobmedError(
            f"{path}: {'; '.join(problems[:_MOST])}{more}. Mend the table and run again: nothing was done."
        )
    found.people = list(named.values())
    if not found.people:
        raise GlobmedError(f"{path}: no people in it, only titles. Write one row a person.")
    return found


class _Wrong(ValueError):
    """What is wrong with a row, without its line."""


def _add(one: Person, named: dict[str, Person], found: People) -> None:
    """Put a person among those read; one who is named twice is taken once, with the languages of both rows."""
    key = _plain(one.name)
    before = named.get(key)
    if before is None:
        named[key] = one
        return
    if before.email.casefold() != one.email.casefold() and before.email and one.email:
        raise _Wrong(
            f"{one.name} stands in line {before.line} with another e-mail address. Give two people two names, or leave one row"
        )
    if before.role != one.role:
        raise _Wrong(f"{one.name} stands in line {before.line} as {before.role}. Leave one of the two rows")
    more = tuple(code for code in one.languages if code not in before.languages)
    named[key] = replace(before, languages=(*before.languages, *more), email=before.email or one.email)
    found.notes.append(f"lines {before.line} and {one.line}: {one.name} stands twice; taken once")


def _person(row: dict[str, str], number: int) -> Person:
    name = row.get("name", "")
    if "first" in row:
        name = f"{row['first']} {row.get('last') or name}"
    elif "last" in row:
        name = f"{name} {row['last']}"
    name = " ".join(name.split())
    if not name:
        raise _Wrong("no name")
    email = row.get("email", "").strip()
    if email and not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise _Wrong(f"{email!r} is no e-mail address")
    given = _plain(row.get("role", ""))
    role = next((one for one, words in ROLES.items() if given in words), None)
    if role is None:
        raise _Wrong(f"{row['role']!r} is no role. Write annotator or senior")
    return Person(name, email, _languages(row.get("languages", "")), role, number)


def _languages(text: str) -> tuple[str, ...]:
    codes: list[str] = []
    for part in filter(None, map(str.strip, _BETWEEN.split(text))):
        known = [_code(part)] if _code(part) else [_code(word) for word in part.split()]
        if None in known:
            raise _Wrong(
                f"{part!r} is no language that is known{suggest(part.casefold(), _names())}. Write codes, such as sw;zu"
            )
        codes += [code for code in known if code not in codes]
    if not codes:
        raise _Wrong("no language. Write codes, such as sw;zu")
    return tuple(codes)


def _code(text: str) -> str | None:
    found = languages.find(text)
    return found.code if found else _names().get(_plain(text))


def _names() -> dict[str, str]:
    """Names of languages, in English and their own, lower case -> code."""
    return {_plain(name): one.code for one in languages.table().values() for name in (one.code, one.name, one.native)}


def _rows(path: Path, found: People) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, {our column: text}) of every row that is not blank; GlobmedError where no row has our titles."""
    titles = None
    for number, cells in _cells(path):
        if not any(cells):
            continue
        if titles is None:
            titles = _titles(path, number, cells, found)
            continue
        if extra := [cell for cell in cells[len(titles) :] if cell]:
            raise GlobmedError(
                f"{path}, line {number}: more cells than titles ({', '.join(extra)}). Put several languages between quotes, or "
                "a semicolon or blank between them."
            )
        yield number, {column: cell for column, cell in zip(titles, cells) if column}
    if titles is None:
        raise GlobmedError(f"{path}: empty. Write the titles name, email, languages, role, and one row a person.")


def _titles(path: Path, number: int, cells: list[str], found: People) -> list[str | None]:
    known = {_plain(title): column for column, titles in TITLES.items() for title in titles.split(",")}
    columns = [known.get(_plain(cell.strip(" *:"))) for cell in cells]
    missing = [name for name in ("name", "languages") if name not in columns]
    if "first" in columns and "name" in missing:
        missing.remove("name")
    if missing:
        raise GlobmedError(
            f"{path}, line {number}: no column {' and no column '.join(missing)} ({', '.join(filter(None, cells))}). Write the "
            "titles name, email, languages, role into the first row."
        )
    if twice := sorted({name for name in columns if name and columns.count(name) > 1}):
        raise GlobmedError(f"{path}, line {number}: two columns say {' and '.join(twice)}. Remove or rename one.")
    if other := [cell for cell, column in zip(cells, columns) if cell and not column]:
        found.notes.append(f"columns passed over: {', '.join(other)}")
    return columns


def _cells(path: Path) -> Iterator[tuple[int, list[str]]]:
    """(line, cells without blanks around them) of a table, of the first sheet of a workbook."""
    if not path.is_file():
        raise GlobmedError(f"{path}: no such file. Check the path.")
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        sheets = sheet_files.read_workbook(path)[1]
        for number, row in enumerate(next(iter(sheets.values())), 1):
            yield number, [_text(cell) for cell in row]
        return
    text = sheet_files.decoded(path).lstrip("\ufeff")
    hint = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    first = next((line for line in text.splitlines()[bool(hint) :] if line.strip()), "")
    sign = hint[1] if hint else max(sheet_files.DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, skipinitialspace=True)
    try:
        for place, row in enumerate(reader):
            if not (hint and place == 0):
                yield reader.line_num, [_text(cell) for cell in row]
    except csv.Error as error:
        raise GlobmedError(f"{path}, line {reader.line_num}: {error}. Save it anew as CSV or .xlsx.") from None


def _text(value: Any) -> str:
    return "" if value is None else unicodedata.normalize("NFC", str(value)).strip().strip("\u200b\u200e\u200f\ufeff")


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split()).casefold()
