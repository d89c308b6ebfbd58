"""Reading the table of people: what spreadsheets and people make of it, and what is refused."""

from __future__ import annotations

import pytest
from globmed_curation.review import users

from globmed_tools.errors import GlobmedError


def table(folder, content: str | bytes, name: str = "people.csv"):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return users.read(path)


def told(found):
    return [(one.name, one.email, one.languages, one.role) for one in found.people]


AMINA = ("Amina Diallo", "amina@example.org", ("sw",), "annotator")
THEMBA = ("Themba Nkosi", "", ("zu", "sw"), "adjudicator")


@pytest.mark.parametrize(
    "content",
    [
        "name,email,languages,role\nAmina Diallo,amina@example.org,sw,\nThemba Nkosi,,zu;sw,senior\n",
        "name;email;languages;role\r\nAmina Diallo;amina@example.org;sw;annotator\r\n\r\nThemba Nkosi;;zu, sw;Senior\r\n",
        "\ufeffsep=;\nLanguages;Name;E-Mail;Role\nSwahili;Amina  Diallo; amina@example.org ;\nisiZulu / kiswahili;Themba Nkosi;;adjudicator",
        'name\temail\tlanguages\trole\n"Amina Diallo"\tamina@example.org\tswa\t-\n;;\nThemba Nkosi\t\tzu and sw\tsenior'.replace(
            "\n;;", ""
        ),
        "Prénom,Nom,Courriel,Langues,Rôle\nAmina,Diallo,amina@example.org,sw,\nThemba,Nkosi,,zu sw,senior\n",
        'Vorname;Nachname;E-Mail;Sprachen;Rolle\nAmina;Diallo;amina@example.org;sw;\nThemba;Nkosi;;"zu;sw";senior\n',
        "Jina,Barua pepe,Lugha,Wajibu\nAmina Diallo,amina@example.org,SW,reviewer\nThemba Nkosi,,zu|sw,senior\n",
        "姓名,邮箱,语言,角色\nAmina Diallo,amina@example.org,sw,\nThemba Nkosi,,zu、sw,senior\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_same_people_however_the_table_was_written(tmp_path, content, encoding):
    found = table(tmp_path, content.encode(encoding))
    assert told(found) == [AMINA, THEMBA] and found.notes == []


def test_a_workbook_is_read_too(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    for row in (["Name", "Languages", "Phone"], [None, None, None], ["Amina Diallo", "sw", 254700]):
        book.active.append(row)
    book.save(tmp_path / "people.xlsx")
    found = users.read(tmp_path / "people.xlsx")
    assert [(one.name, one.languages, one.line) for one in found.people] == [("Amina Diallo", ("sw",), 3)]
    assert found.notes == ["columns passed over: Phone"]


def test_who_stands_twice_is_taken_once_and_named(tmp_path):
    found = table(tmp_path, "name,languages,email\nAmina Diallo,sw,\nBaraka,zu,\namina  DIALLO,yo;sw,a@example.org\n")
    assert told(found) == [
        ("Amina Diallo", "a@example.org", ("sw", "yo"), "annotator"),
        ("Baraka", "", ("zu",), "annotator"),
    ]
    assert found.notes == ["lines 2 and 4: amina DIALLO stands twice; taken once"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("A,sw,boss,", "line 2: 'boss' is no role. Write annotator or senior"),
        ("A,swahlli,,", "line 2: 'swahlli' is no language that is known; did you mean swahili?"),
        ("A,sw klingon,,", "'sw klingon' is no language"),
        ("A,,,", "line 2: no language"),
        (",sw,,", "line 2: no name"),
        ("A,sw,,nobody", "'nobody' is no e-mail address"),
        ("A,sw,,a@x.org\nA,zu,,b@x.org", "line 3: A stands in line 2 with another e-mail address"),
        ("A,sw,,\nA,zu,senior,", "line 3: A stands in line 2 as annotator"),
        ("A,sw,zu,,a@x.org", "line 2: more cells than titles"),
        ("\n".join(f"A{n},xx,," for n in range(9)), "; and 4 more. Mend the table and run again: nothing was done."),
    ],
)
def test_what_cannot_be_taken_is_named_by_line(tmp_path, rows, said):
    with pytest.raises(GlobmedError) as error:
        table(tmp_path, f"name,languages,role,email\n{rows}\n")
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "empty. Write the titles"),
        ("name,languages\n", "no people in it"),
        ("Amina,sw\n", "no column name and no column languages"),
        ("name,phone\nA,1\n", "no column languages (name, phone)"),
        ("name,nom,languages\nA,B,sw\n", "two columns say name"),
        ("name,languages\nJosé,sw\n".encode("latin-1"), "not UTF-8"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path, content, said):
    with pytest.raises(GlobmedError) as error:
        table(tmp_path, content)
    assert said in str(error.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(GlobmedError, match="no such file"):
        users.read(tmp_path / "people.csv")
