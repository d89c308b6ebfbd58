"""`globmed review users` against a real server: who can sign in, and sees what. The server is shared: R01 may be there already."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from globmed_curation.review import accounts, argilla_push, argilla_users, argilla_workspaces, people, users
from globmed_curation.review.cli import review as command

from globmed_tools.errors import GlobmedError

from . import made
from .argilla_conftest import MARKS, fresh
from .server_conftest import Client, globmed_review

pytestmark = MARKS


@pytest.fixture
def folder(tmp_path):
    """A review of Swahili and Chinese texts."""
    items = made.items(made.build(tmp_path / "build", ("sw", "zh")), languages=("sw", "zh"))
    return made.review(tmp_path / "trial", items, [])


def table(folder, *rows: str) -> users.People:
    path = folder.parent / "people.csv"
    path.write_text("\n".join(["name,languages,role", *rows]), "utf-8")
    return users.read(path)


def add(client, folder, *rows: str, base: str, **options):
    return argilla_users.add(client, folder, table(folder, *rows), base=base, url="http://there", **options).rows


def signed_in(server, username: str, password: str) -> Client:
    """The user as a client; Refused where the password is wrong."""
    base = f"http://127.0.0.1:{server.port}"
    found = Client(base, "")
    reply = found.session.post(f"{base}/api/v1/token", data={"username": username, "password": password}, timeout=60)
    if reply.status_code >= 400:
        return None
    found.session.headers = {"Authorization": f"Bearer {reply.json()['access_token']}"}
    return found


def password(folder, username: str) -> str:
    return accounts.invitations(folder)[username].password


def push(client, folder, base: str) -> list[str]:
    """Every dataset into the workspace of its language; their names."""
    done = [
        argilla_push.push(client, folder, one, argilla_workspaces.name(base, one.language))
        for one in argilla_push.plan(folder, name=fresh())
    ]
    return [one.dataset for one in done]


def test_each_sees_the_datasets_of_the_languages_given_and_no_other(argilla, review_server, folder):
    base = fresh()
    swahili, chinese = sorted(push(argilla, folder, base))
    rows = add(argilla, folder, "Amina Diallo,sw", "Li Wei,zh;sw", "Chipo Moyo,sw,senior", base=base)
    assert [(one["pseudonym"], one["state"], one["workspaces"]) for one in rows] == [
        ("R01", "added", [f"{base}-sw"]),
        ("R02", "added", [f"{base}-zh", f"{base}-sw"]),
        ("R03", "added", [f"{base}-sw-adjudication"]),
    ]
    seen = []
    for one in rows:
        person = signed_in(review_server, one["username"], password(folder, one["username"]))
        assert person.get("/me")["role"] == "annotator"
        seen.append(sorted(each["name"] for each in person.get("/me/datasets")["items"]))
    assert seen == [[swahili], [swahili, chinese], []]
    everything = json.dumps(review_server.owner().get("/users"))
    assert "Amina" not in everything and "Wei" not in everything and rows[0]["username"] in everything


def test_a_second_run_adds_nothing_and_another_language_is_added(argilla, review_server, folder):
    base = fresh()
    (first,) = add(argilla, folder, "Amina Diallo,sw", base=base)
    before = sorted((one, one.read_bytes()) for one in folder.rglob("*") if one.is_file())
    count = len(argilla.users)
    (again,) = add(argilla, folder, "amina diallo,sw", base=base)
    assert (again["state"], again["workspaces"], again["invitation"]) == ("there already", [], None)
    assert len(argilla.users) == count
    assert sorted((one, one.read_bytes()) for one in folder.rglob("*") if one.is_file()) == before
    (wider,) = add(argilla, folder, "Amina Diallo,zh", base=base)
    assert (wider["state"], wider["workspaces"], wider["languages"]) == ("more languages", [f"{base}-zh"], ["sw", "zh"])
    assert signed_in(review_server, first["username"], password(folder, first["username"]))


def test_a_run_that_was_cut_off_goes_on(argilla, review_server, folder, monkeypatch):
    """Stopped before the account was made, and before it was let in: the id and the password on record are used."""
    base = fresh()

    def stop(*args):
        raise KeyboardInterrupt

    for moment in ("create", "admit"):
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(argilla_users._Server, moment, stop)
            add(argilla, folder, "Amina Diallo,sw", "Li Wei,zh", base=base)
    held = accounts.read(folder)["R01"]
    written = password(folder, held.username)
    rows = add(argilla, folder, "Amina Diallo,sw", "Li Wei,zh", base=base)
    assert [one["workspaces"] for one in rows] == [[f"{base}-sw"], [f"{base}-zh"]]
    assert accounts.read(folder)["R01"].user == held.user and password(folder, held.username) == written
    assert signed_in(review_server, held.username, written)


def test_a_dry_run_writes_nothing(argilla, folder):
    before = sorted(folder.rglob("*"))
    count, places = len(argilla.users), len(argilla.workspaces)
    rows = add(argilla, folder, "Amina,sw", "Baraka,sw", "Chipo,zh", base=fresh(), dry=True)
    assert [(one["pseudonym"], one["state"]) for one in rows] == [("R01", "added"), ("R02", "added"), ("R03", "added")]
    assert sorted(folder.rglob("*")) == before
    assert (len(argilla.users), len(argilla.workspaces)) == (count, places)


def test_two_reviews_on_one_server_never_share_an_account(argilla, folder, tmp_path):
    base = fresh()
    (one,) = add(argilla, folder, "Amina,sw", base=base)
    other = made.review(tmp_path / "other", made.items(tmp_path / "build", languages=("sw",)), [])
    (two,) = add(argilla, other, "Baraka,sw", base=base)
    assert one["pseudonym"] == two["pseudonym"] == "R01" and one["username"] != two["username"]
    assert two["username"].startswith("R01-")


def test_nobody_changes_roles_unnoticed(argilla, folder):
    base = fresh()
    add(argilla, folder, "Amina,sw", base=base)
    count = len(argilla.users)
    with pytest.raises(GlobmedError, match="line 3: R01 is annotator and would become adjudicator"):
        add(argilla, folder, "Baraka,sw", "Amina,sw,senior", base=base)
    assert len(argilla.users) == count and list(people.read(folder)) == ["R01"]


def test_who_is_removed_is_shut_out_and_what_was_answered_stays(argilla, review_server, folder):
    base = fresh()
    push(argilla, folder, base)
    rows = add(argilla, folder, "Amina,sw", "Baraka,sw", base=base)
    (dataset,) = argilla.workspaces(f"{base}-sw").datasets
    written = password(folder, rows[0]["username"])
    person = signed_in(review_server, rows[0]["username"], written)
    record = argilla.api.records.list(dataset.id, 0, 1)[0]
    person.answer(str(record.id), {"accuracy": 4}, "draft")

    told = argilla_users.remove(argilla, folder, "Amina", base=base, dry=True)
    assert told["answers"] == 1 and not told["deleted"] and signed_in(review_server, rows[0]["username"], written)
    assert argilla_users.remove(argilla, folder, "Amina", base=base) == told
    assert signed_in(review_server, rows[0]["username"], written) is None
    assert person.get("/me/datasets")["items"] == [] and rows[0]["username"] not in accounts.invitations(folder)
    assert len(argilla.api.records.get(record.id).responses) == 1
    assert argilla_users.remove(argilla, folder, "R02", base=base)["deleted"]
    assert rows[1]["username"] not in [one.username for one in argilla.users]

    states = [(one["state"], one["answers"]["draft"]) for one in argilla_users.listed(argilla, folder, base=base)]
    assert states == [("removed", 1), ("not on the server", 0)]
    back = add(argilla, folder, "Amina,sw", "Baraka,sw", base=base)
    assert [(one["state"], one["username"]) for one in back] == [("added", one["username"]) for one in rows]
    new = password(folder, rows[0]["username"])
    assert new != written and signed_in(review_server, rows[0]["username"], new).get("/me/datasets")["items"]
    assert signed_in(review_server, rows[1]["username"], password(folder, rows[1]["username"]))


def test_a_new_password_takes_the_place_of_the_old(argilla, review_server, folder):
    base = fresh()
    (one,) = add(argilla, folder, "Amina Diallo,sw", base=base)
    old = password(folder, one["username"])
    told = argilla_users.reset_password(argilla, folder, "amina diallo", base=base, url="http://elsewhere")
    new = password(folder, one["username"])
    assert signed_in(review_server, one["username"], old) is None and signed_in(review_server, one["username"], new)
    text = (folder / "private" / "invitations" / f"{one['username']}.txt").read_text("utf-8")
    assert new in text and "http://elsewhere" in text and told["invitation"].endswith(f"{one['username']}.txt")
    argilla.api.users.delete(argilla.users(one["username"]).id)
    with pytest.raises(GlobmedError, match="R01: has no account on .* Run globmed review users add again"):
        argilla_users.reset_password(argilla, folder, "R01", base=base, url="http://elsewhere")


def test_the_commands(review_server, argilla, folder):
    path, base = folder.parent / "people.csv", fresh()
    path.write_text("Name;Languages\nAmina Diallo;sw\nLi Wei;ja\n")
    given = ["--review", str(folder), "--server", str(review_server.folder), "--workspace", base]
    shown = run("add", str(path), *given)
    assert "R02: nothing into ja is to be reviewed here" in shown and "only this machine reaches" in shown
    assert "Amina" not in shown and "private: send them, then remove them" in shown
    told = json.loads(run("list", *given, "--json", "--names"))["people"]
    assert [(one["name"], one["state"]) for one in told] == [("Amina Diallo", "active"), ("Li Wei", "active")]
    assert "Amina" not in run("list", *given)
    assert "R01 has a new password" in run(
        "reset-password", "R01", *given, "--public-url", "https://review.example.org/"
    )
    assert accounts.invitations(folder)[told[0]["username"]].url == "https://review.example.org"
    assert run("remove", "Li Wei", *given) == f"R02: no longer sees {base}-ja; the account is deleted.\n"
    nobody = globmed_review("users", "remove", "Nobody", *given)
    assert nobody.returncode == 1 and nobody.stderr.startswith("globmed: Nobody: nobody of that name has an account")


def run(*arguments: str) -> str:
    """What the command prints, in this process."""
    done = CliRunner().invoke(command, ["users", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout
