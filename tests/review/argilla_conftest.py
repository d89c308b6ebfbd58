"""One running review server for all tests that push, pull or open a browser, and how they speak with it.

    def test_something(argilla, review):                  # the SDK's client, as the owner
        name = fresh()                                    # the server is shared: every test has datasets of its own
        made = pushed(argilla, review(languages=("sw",)), name)
        records(argilla, made[0].id)                      # the server's records, with suggestions and responses

`reviewer(server, "amina")` is a person with an account, a member of the workspace, as an HTTP client.
"""

from __future__ import annotations

import uuid

import pytest
from globmed_curation.review import argilla_push
from globmed_curation.review.argilla_client import connect

from .server_conftest import Client, Server, globmed_review, needs_environment

#: What every test of this server is marked with: one process, one server.
MARKS = [pytest.mark.argilla, pytest.mark.slow, pytest.mark.xdist_group("argilla")]
WORKSPACE = "globmed"


@pytest.fixture(scope="session")
def review_server(tmp_path_factory) -> Server:
    """`globmed review serve --background` in a folder of its own, stopped when the tests end."""
    needs_environment()
    server = Server(tmp_path_factory.mktemp("argilla") / "server", globmed_review)
    server.start()
    yield server
    assert server.run("stop").returncode == 0


@pytest.fixture(scope="session")
def argilla(review_server):
    """The SDK's client, connected as the owner; the workspace is there."""
    import argilla as rg

    client = connect(review_server.folder)
    if not any(one.name == WORKSPACE for one in client.workspaces):
        rg.Workspace(name=WORKSPACE, client=client).create()
    return client


def fresh() -> str:
    """A name for datasets that no other test has."""
    return f"t{uuid.uuid4().hex[:8]}"


def pushed(client, folder, name: str, **options) -> list[argilla_push.Done]:
    """Push a review folder; options as argilla_push.plan takes them."""
    planned = argilla_push.plan(folder, name=name, **options)
    return [argilla_push.push(client, folder, one, WORKSPACE) for one in planned]


def records(client, dataset: str) -> list:
    """All records of a dataset (RecordModel), with suggestions and responses."""
    found = []
    while page := client.api.records.list(dataset, len(found), 500):
        found += page
    return found


def reviewer(server: Server, name: str = "", place: str = WORKSPACE) -> Client:
    """A new annotator who is a member of a workspace; `id` is the account's."""
    owner = server.owner()
    places = {one["name"]: one["id"] for one in owner.get("/me/workspaces")["items"]}
    return owner.user(name or f"u{uuid.uuid4().hex[:8]}", places[place])
