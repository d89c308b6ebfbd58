"""Reviewers' accounts on an Argilla server, and what each of them may see.

    found = add(client, Path("review"), users.read(Path("people.csv")), base="globmed", url="https://review.example.org")
    [(one["pseudonym"], one["state"]) for one in found.rows]      # [("R01", "added"), ("R02", "there already")]

A username is a pseudonym: no name, no address stands on the server. Whoever reviews sees the workspaces of her or his
languages, and no other; a senior reviewer only those of the adjudication. The second run adds nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from globmed_tools.errors import GlobmedError

from . import accounts, argilla_workspaces, model, people
from .accounts import Account
from .argilla_client import answered
from .argilla_layout import ADJUDICATION, REVIEW
from .users import ADJUDICATOR, People, Person

if TYPE_CHECKING:
    from argilla import Argilla

ADDED, THERE, WIDENED = "added", "there already", "more languages"


@dataclass(slots=True)
class Settled:
    """rows: {"pseudonym", "username", "role", "languages", "state", "workspaces" (that were new to it), "invitation"} of every
    person; notes: what a person should know."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return dict(Counter(row["state"] for row in self.rows))


def add(client: Argilla, folder: Path, table: People, *, base: str, url: str, dry: bool = False) -> Settled:
    """Make the accounts that are not there yet, and let each see its languages. url: what the invitations say. dry: only say it."""
    reviewed = {one.language for one in model.open_review(folder)}
    found = Settled(notes=list(table.notes))
    held = accounts.read(folder)
    _same_roles(folder, table, held)
    with answered(client):
        server = _Server(client, base)
        plan = []
        for person in table.people:
            plan.append((person, _account(folder, person, held, server, dry=dry)))
            if absent := [code for code in person.languages if code not in reviewed]:
                found.notes.append(f"{plan[-1][1].pseudonym}: nothing into {', '.join(absent)} is to be reviewed here")
        for person, one in plan:
            found.rows.append(_settle(folder, person, one, server, url, dry=dry))
    return found


def _same_roles(folder: Path, table: People, held: dict[str, Account]) -> None:
    """GlobmedError where somebody would become what she or he is not, before anything is written."""
    for person in table.people:
        old = held.get(people.pseudonym(folder, person.name, dry=True))
        if old and old.languages and old.role != person.role:
            raise GlobmedError(
                f"line {person.line}: {old.pseudonym} is {old.role} and would become {person.role}. Run globmed review users remove "
                f"{old.pseudonym} first, or mend the table."
            )


def _account(folder: Path, person: Person, held: dict[str, Account], server: _Server, *, dry: bool) -> Account:
    """The person's account as it is on record; a new one is put among those held."""
    pseudonym = people.pseudonym(folder, person.name, dry=dry)
    while dry and pseudonym in held and pseudonym not in people.read(folder):  # nothing is remembered in a dry run
        pseudonym = f"R{int(pseudonym[1:]) + 1:02d}"
    if pseudonym not in held:
        held[pseudonym] = accounts.new(pseudonym, person.role, set(server.by_name))
    return held[pseudonym]


def _settle(folder: Path, person: Person, old: Account, server: _Server, url: str, *, dry: bool) -> dict[str, Any]:
    """Make the account where it is not on the server, and its memberships. What is on record comes first."""
    one = replace(accounts.with_languages(old, person.languages), role=person.role)
    there = one.user in server.by_id
    has = server.memberships(one) if there else set()
    fresh = [name for name in server.places(folder, one) if name not in has]
    state = ADDED if not there or not old.languages else WIDENED if fresh else THERE
    invitation = None
    if not dry:
        if state == ADDED:
            written = accounts.invitations(folder).get(one.username)
            password = written.password if written else accounts.password()
            invitation = str(accounts.invite(folder, one, email=person.email, password=password, url=url))
        # Whoever stops this in the middle must find the id of an account that was made, and the password of each.
        if state == ADDED and there:
            server.set_password(one, password)
        accounts.put(folder, one)
        if not there:
            server.create(one, password)
        for name in fresh:
            server.admit(one, name)
    return {
        "pseudonym": one.pseudonym,
        "username": one.username,
        "role": one.role,
        "languages": list(one.languages),
        "state": state,
        "workspaces": fresh,
        "invitation": invitation,
    }


class _Server:
    """What the server has, asked once; users and workspaces as the SDK's models."""

    def __init__(self, client: Argilla, base: str):
        self.client, self.base = client, base
        self.users = client.api.users.list()
        self.by_id = {str(one.id): one for one in self.users}
        self.by_name = {one.username: one for one in self.users}
        self._datasets = {str(one.id) for one in client.api.datasets.list()}
        self._workspaces = {one.name: one for one in client.api.workspaces.list()}

    def places(self, folder: Path, one: Account) -> list[str]:
        """The workspaces that the account is to see."""
        round = ADJUDICATION if one.role == ADJUDICATOR else REVIEW
        found = (argilla_workspaces.names(folder, self.base, code, round, self._datasets) for code in one.languages)
        return list(dict.fromkeys(name for names in found for name in names))

    def memberships(self, one: Account) -> set[str]:
        return {found.name for found in self.client.api.workspaces.list_by_user_id(UUID(one.user))}

    def create(self, one: Account, password: str) -> None:
        from argilla._models import UserModel

        # A first name is asked for, and is shown to nobody but owners.
        made = UserModel(id=UUID(one.user), username=one.username, first_name=one.username, password=password)
        self.client.api.users.create(made)

    def admit(self, one: Account, name: str) -> None:
        from argilla._models import WorkspaceModel

        if name not in self._workspaces:
            self._workspaces[name] = self.client.api.workspaces.create(WorkspaceModel(name=name))
        self.client.api.users.add_to_workspace(self._workspaces[name].id, UUID(one.user))

    def expel(self, one: Account) -> list[str]:
        """Take the account out of all workspaces; their names."""
        names = sorted(self.memberships(one))
        for name in names:
            self.client.api.users.delete_from_workspace(self._workspaces[name].id, UUID(one.user))
        return names

    def set_password(self, one: Account, password: str) -> None:
        from argilla._models import UserModel

        self.client.api.users.update(UserModel(id=UUID(one.user), username=one.username, password=password))

    def progress(self) -> dict[str, Counter]:
        """username -> how many answers of each status, over all datasets."""
        found: dict[str, Counter] = defaultdict(Counter)
        for dataset in self.client.api.datasets.list():
            for one in self.client.api.datasets.list_users_progress(dataset.id):
                for part in (one.completed, one.pending):
                    for status in model.STATUSES:
                        found[one.username][status] += getattr(part, status, 0)
        return found


def listed(client: Argilla, folder: Path, *, base: str) -> list[dict[str, Any]]:
    """Every account of the review: {"pseudonym", "username", "role", "languages", "state", "workspaces", "answers"}."""
    with answered(client):
        server = _Server(client, base)
        answers = server.progress()
        rows = []
        for one in accounts.read(folder).values():
            there = one.user in server.by_id
            sees = sorted(server.memberships(one)) if there else []
            rows.append(
                {
                    "pseudonym": one.pseudonym,
                    "username": one.username,
                    "role": one.role,
                    "languages": list(one.languages),
                    "state": "not on the server" if not there else "active" if sees else "removed",
                    "workspaces": sees,
                    "answers": {status: answers[one.username][status] for status in model.STATUSES},
                }
            )
    return rows


def reset_password(client: Argilla, folder: Path, name: str, *, base: str, url: str) -> dict[str, Any]:
    """A new password for somebody, in a new invitation."""
    one = accounts.find(folder, name)
    with answered(client):
        server = _Server(client, base)
        _on_server(one, server)
        password, old = accounts.password(), accounts.invitations(folder).get(one.username)
        path = accounts.invite(folder, one, email=old.email if old else "", password=password, url=url)
        server.set_password(one, password)
    return {"pseudonym": one.pseudonym, "username": one.username, "invitation": str(path)}


def remove(client: Argilla, folder: Path, name: str, *, base: str, dry: bool = False) -> dict[str, Any]:
    """Somebody sees nothing any more and cannot sign in with the old password. An account that has answered stays on the
    server, for its answers would go with it; another is deleted. The pseudonym stays taken."""
    one = accounts.find(folder, name)
    with answered(client):
        server = _Server(client, base)
        there = one.user in server.by_id
        answers = server.progress()[one.username] if there else Counter()
        told = {
            "pseudonym": one.pseudonym,
            "username": one.username,
            "answers": sum(answers.values()),
            "deleted": there and not sum(answers.values()),
            "workspaces": sorted(server.memberships(one)) if there else [],
        }
        if dry:
            return told
        if there:
            server.expel(one)
            server.set_password(one, accounts.password())
            if told["deleted"]:
                client.api.users.delete(UUID(one.user))
        accounts.put(folder, accounts.removed(one))
        accounts.uninvite(folder, one)
    return told


def _on_server(one: Account, server: _Server) -> None:
    if one.user not in server.by_id:
        raise GlobmedError(
            f"{one.pseudonym}: has no account on {server.client.api_url} (it was deleted, or this is another server). Run globmed review "
            "users add again."
        )
