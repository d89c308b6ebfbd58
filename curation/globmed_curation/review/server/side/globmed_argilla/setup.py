"""Prepare argilla-server before it serves: its database, its owner, and what differs from its usual surroundings.

revision()                 "580a6553186f", what the database is at; None where there is none
prepare(credentials)       tables, owner and record states are right
adapt()                    no Redis, enough connections, and no work per record that nobody asked for
"""

from __future__ import annotations

import asyncio

import argilla_server._app as app_module
from argilla_server import database
from argilla_server.api.handlers.v1 import jobs as jobs_handler
from argilla_server.bulk import records_bulk
from argilla_server.contexts import accounts, datasets, distribution, webhooks
from argilla_server.models import User
from argilla_server.models import database as models
from argilla_server.settings import settings
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from . import jobs

#: A reviewer's browser holds a connection while it asks; eight reviewers and a pull must not wait for one another.
CONNECTIONS = 20

#: A record is completed by as many submitted responses as its dataset asks for. Argilla counts after it has stored a
#: response, in a second transaction; a server that ends between the two leaves the old status behind.
RECOUNT = """
UPDATE records SET status = s.right_one FROM (
  SELECT r.id, CASE WHEN (SELECT count(*) FROM responses a WHERE a.record_id = r.id AND a.status = 'submitted')
    >= json_extract(d.distribution, '$.min_submitted') THEN 'completed' ELSE 'pending' END AS right_one
  FROM records r JOIN datasets d ON d.id = r.dataset_id
) s WHERE s.id = records.id AND records.status <> s.right_one
"""


def head() -> str:
    """The revision of the database that this version of argilla-server works with."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(Config(database.ALEMBIC_CONFIG_FILE)).get_current_head()


def migrate() -> None:
    """Make the tables. Alembic is told nothing but the newest revision; an older database never comes this far."""
    from alembic import command
    from alembic.config import Config

    command.upgrade(Config(database.ALEMBIC_CONFIG_FILE), "head")


async def prepare(credentials: dict) -> int:
    """Write-ahead logging, the owner, the records' states. Returns how many states were put right."""
    engine = create_async_engine(settings.database_url)
    async with engine.connect() as db:
        await db.execute(text("PRAGMA journal_mode = WAL"))
    await engine.dispose()
    async with database.AsyncSessionLocal() as db:
        if await User.get_by(db, username=credentials["username"]) is None:
            wanted = {"first_name": "Owner", "last_name": None, "role": "owner"}
            wanted |= {key: credentials[key] for key in ("username", "password")}
            owner = await accounts.create_user(db, wanted)
            await owner.update(db, api_key=credentials["api_key"])
        mended = (await db.execute(text(RECOUNT))).rowcount
        await db.commit()
    await database.async_engine.dispose()
    return mended


def adapt() -> None:
    """Replace what expects Redis, a worker or PostgreSQL."""
    app_module.configure_redis = lambda: None
    jobs_handler._get_job = jobs.fetch
    arguments = {**settings.database_engine_args, "pool_size": CONNECTIONS, "max_overflow": CONNECTIONS}
    database.async_engine = create_async_engine(settings.database_url, **arguments)
    database.AsyncSessionLocal.configure(bind=database.async_engine)
    for module, name in (
        (records_bulk, "notify_record_event_v1"),
        (distribution, "notify_record_event_v1"),
        (datasets, "notify_response_event_v1"),
    ):
        setattr(module, name, _only_where_heard(getattr(module, name)))
    models.TypeAdapter = _once_a_type(models.TypeAdapter)
    distribution.update_record_status = _one_at_a_time(distribution.update_record_status)


def _only_where_heard(notify):
    """Argilla gathers an event for each record or response, five queries each, before it looks whether a webhook wants it."""

    async def notify_if_heard(db, event, subject):
        if "globmed_webhooks" not in db.info:
            db.info["globmed_webhooks"] = bool(await webhooks.list_enabled_webhooks(db))
        return await notify(db, event, subject) if db.info["globmed_webhooks"] else []

    return notify_if_heard


def _once_a_type(adapter):
    """Argilla builds pydantic's validator of a question's settings anew for each record and question: more than half of the
    time that a push takes. The types are few and last as long as the program."""
    built = {}

    def adapter_of(kind):
        if id(kind) not in built:
            built[id(kind)] = (kind, adapter(kind))
        return built[id(kind)][1]

    return adapter_of


def _one_at_a_time(update):
    """Counting and writing a record's status must not be mixed with another's: SQLite does not hold the row meanwhile."""
    lock = asyncio.Lock()

    async def update_alone(*args, **kwargs):
        async with lock:
            return await update(*args, **kwargs)

    return update_alone
