"""A review on a running server, through the commands that people use: what the browser test and the whole way share."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from click.testing import CliRunner
from globmed_curation.cli import curate
from globmed_curation.review.cli import review as commands

from .server_conftest import Client, Server


class Desk:
    """A review folder and the server that it is pushed to. people: (name, languages, role) of those who get an account."""

    def __init__(self, server: Server, review: Path, people: list[tuple[str, str, str]]):
        self.server, self.review = server, review
        table = review.with_name(f"{review.name}-people.csv")
        rows = "".join(f"{name},{languages},{role}\n" for name, languages, role in people)
        table.write_text(f"name,languages,role\n{rows}", "utf-8")
        self.users = self.run("users", "add", table, "--review", review)["people"]

    def run(self, *command) -> dict:
        """What a command that asks the server says in JSON."""
        return said("review", *command, "--server", self.server.folder)

    def login(self, name: str) -> tuple[str, str]:
        """Username and password of a person, from the invitations."""
        with (self.review / "private" / "invitations.csv").open(encoding="utf-8-sig", newline="") as stream:
            [row] = [row for row in csv.DictReader(stream) if row["name"] == name]
        return row["username"], row["password"]

    def client(self, name: str) -> Client:
        """A person's own access, with the password of the invitation."""
        import requests

        base, (username, password) = f"http://127.0.0.1:{self.server.port}", self.login(name)
        session = requests.Session()
        session.trust_env = False
        token = session.post(f"{base}/api/v1/token", data={"username": username, "password": password}, timeout=60)
        told = {"Authorization": f"Bearer {token.json()['access_token']}"}
        return Client(base, session.get(f"{base}/api/v1/me", headers=told, timeout=60).json()["api_key"])


def said(group: str, *command) -> dict:
    """What a command of globmed says in JSON, in this process: said("curate", "explain", build, id)."""
    found = CliRunner().invoke({"review": commands, "curate": curate}[group], [*map(str, command), "--json"])
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)
