"""What the tests of the review server share: a running server, a client, and a small dataset.

The contract tests run against any Argilla server: GLOBMED_ARGILLA_URL and GLOBMED_ARGILLA_KEY (an owner's) name one, such as
that of deploy/docker-compose.yml. Without them the embedded server is started in a folder of the test's own.
"""

from __future__ import annotations

import json
import os
import socket
import uuid
from pathlib import Path

import pytest
from globmed_curation.review.server import env


def needs_environment() -> None:
    """Skip where argilla-server's environment is not there."""
    if env.find() is None:
        pytest.skip(f"argilla-server's environment is not in {env.folder()}: globmed review serve makes it")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Refused(AssertionError):
    """The server answered with an error status."""

    def __init__(self, status: int, text: str):
        super().__init__(f"{status}: {text[:500]}")
        self.status, self.text = status, text


class Client:
    """Argilla's HTTP interface with one user's key."""

    def __init__(self, base: str, key: str):
        import requests

        self.base, self.key = base, key
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["X-Argilla-Api-Key"] = key

    def call(self, method: str, path: str, body=None, **query):
        reply = self.session.request(method, f"{self.base}/api/v1{path}", json=body, params=query, timeout=120)
        if reply.status_code >= 400:
            raise Refused(reply.status_code, reply.text)
        return reply.json() if reply.content else None

    def get(self, path: str, **query):
        return self.call("GET", path, **query)

    def post(self, path: str, body=None, **query):
        return self.call("POST", path, body, **query)

    def user(self, name: str, workspace: str) -> Client:
        """A new annotator in the workspace, as a client."""
        made = {"username": name, "first_name": name, "role": "annotator", "password": uuid.uuid4().hex}
        user = self.post("/users", made)
        self.post(f"/workspaces/{workspace}/users", {"user_id": user["id"]})
        token = self.session.post(
            f"{self.base}/api/v1/token", data={"username": name, "password": made["password"]}, timeout=60
        ).json()["access_token"]
        me = self.session.get(
            f"{self.base}/api/v1/me", headers={"Authorization": f"Bearer {token}", "X-Argilla-Api-Key": ""}, timeout=60
        ).json()
        found = Client(self.base, me["api_key"])
        found.id = me["id"]
        return found

    def answer(self, record: str, values: dict | None, status: str = "submitted") -> dict:
        body = {"status": status}
        if values is not None:
            body["values"] = {name: {"value": value} for name, value in values.items()}
        return self.post(f"/records/{record}/responses", body)


class Dataset:
    """A published dataset: `source` and `translation`, four questions, three metadata properties, one vector."""

    def __init__(self, owner: Client, workspace: str, least: int = 2):
        self.owner, self.workspace = owner, workspace
        about = {"name": f"d-{uuid.uuid4().hex[:8]}", "workspace_id": workspace, "guidelines": "Rate."}
        about["distribution"] = {"strategy": "overlap", "min_submitted": least}
        self.id = owner.post("/datasets", about)["id"]
        for name, kind in (("source", "text"), ("translation", "text"), ("talk", "chat")):
            settings = {"type": kind, "use_markdown": False}
            self._add("fields", {"name": name, "title": name, "required": name == "source", "settings": settings})
        labels = [{"value": one, "text": one} for one in ("safe", "minor", "harmful")]
        flags = [{"value": one, "text": one} for one in ("dosage", "omission", "culture")]
        questions = {
            "accuracy": {"type": "rating", "options": [{"value": one} for one in range(1, 6)]},
            "safety": {"type": "label_selection", "options": labels},
            "flags": {"type": "multi_label_selection", "options": flags, "visible_options": 3},
            "revision": {"type": "text", "use_markdown": False},
        }
        self.questions = {
            name: self._add(
                "questions", {"name": name, "title": name, "required": name == "accuracy", "settings": settings}
            )["id"]
            for name, settings in questions.items()
        }
        self.properties = {
            name: self._add(
                "metadata-properties",
                {"name": name, "title": name, "settings": {"type": kind}, "visible_for_annotators": True},
            )["id"]
            for name, kind in (("language", "terms"), ("length", "integer"), ("quality", "float"))
        }
        self._add("vectors-settings", {"name": "meaning", "title": "meaning", "dimensions": 3})
        owner.call("PUT", f"/datasets/{self.id}/publish")

    def _add(self, kind: str, body: dict) -> dict:
        return self.owner.post(f"/datasets/{self.id}/{kind}", body)

    def push(self, items: list[dict]) -> list[str]:
        """The server's ids of the records, in order; suggestions are {question: {"value", ...}}."""
        ids = []
        for at in range(0, len(items), 250):
            rows = [dict(item) for item in items[at : at + 250]]
            for row in rows:
                row["suggestions"] = [
                    {"question_id": self.questions[name], **one} for name, one in row.get("suggestions", {}).items()
                ]
            made = self.owner.post(f"/datasets/{self.id}/records/bulk", {"items": rows})
            ids += [one["id"] for one in made["items"]]
        return ids

    def search(self, query: dict | None = None, *, client: Client | None = None, **page) -> tuple[list[str], int]:
        """(external ids in the order found, total): of all records for the owner, or as `client`, one of the annotators."""
        start = "/me" if client else ""
        path = f"{start}/datasets/{self.id}/records/search"
        found = (client or self.owner).post(path, query or {}, **{"limit": 1000, **page})
        return [one["record"]["external_id"] for one in found["items"]], found["total"]

    def filtered(self, *filters: dict, client: Client | None = None) -> set[str]:
        found, total = self.search({"filters": {"type": "and", "and": list(filters)}}, client=client)
        assert total == len(found) == len(set(found))
        return set(found)

    def texts(self, query: str, field: str | None = None) -> set[str]:
        text = {"q": query} | ({"field": field} if field else {})
        found, total = self.search({"query": {"text": text}})
        assert total == len(found)
        return set(found)


def terms(entity: str, *values, **scope) -> dict:
    return {"type": "terms", "scope": {"entity": entity, **scope}, "values": list(values)}


def between(entity: str, ge=None, le=None, **scope) -> dict:
    bounds = {name: one for name, one in (("ge", ge), ("le", le)) if one is not None}
    return {"type": "range", "scope": {"entity": entity, **scope}, **bounds}


def order(entity: str, direction: str = "asc", **scope) -> dict:
    return {"scope": {"entity": entity, **scope}, "order": direction}


class Server:
    """`globmed review serve --background` in a folder."""

    def __init__(self, folder: Path, run, port: int | None = None):
        self.folder, self.port, self._run = folder, port or free_port(), run

    def start(self) -> dict:
        done = self._run("serve", "--home", self.folder, "--port", self.port, "--background", "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def run(self, command: str, *arguments):
        return self._run(command, *arguments, "--home", self.folder)

    def owner(self) -> Client:
        found = json.loads((self.folder / "credentials.json").read_text("utf-8"))
        return Client(f"http://127.0.0.1:{self.port}", found["api_key"])


def globmed_review(*arguments, cwd: Path | None = None, **variables):
    """A finished `globmed review ...`."""
    import subprocess
    import sys

    return subprocess.run(
        [sys.executable, "-P", "-m", "globmed_tools.cli", "review", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "200", **variables},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


def workspace(owner: Client) -> str:
    return owner.post("/workspaces", {"name": f"w-{uuid.uuid4().hex[:8]}"})["id"]
