"""The folder of a review server.

    review-server/
      argilla.db           everything that Argilla knows: users, datasets, answers (SQLite, write-ahead log beside it)
      credentials.json     {"username": "owner", "password", "api_key"}, readable by its owner only
      secret.key           signs the sessions; logins would end with the server if it changed
      server.json          {"format": "globmed-review-server", "version": 1, "argilla_server", "revision"}
      server.lock          held by the running server; server.pid.json says where it listens
      server.log           what the server said, up to 10 MB; server.log.1 is what it said before

`Home(folder).create()` makes one; `check()` says in one line why a folder cannot be used.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from globmed_tools import manifest
from globmed_tools.errors import GlobmedError

from ...lock import is_held
from . import env

FORMAT = "globmed-review-server"
LAYOUT = 1
DATABASE = "argilla.db"
CREDENTIALS = "credentials.json"
SECRET = "secret.key"
ABOUT = "server.json"


def private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner can read, from its first byte on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def about() -> dict:
    """What server.json says of a folder made by this version."""
    return {"format": FORMAT, "version": LAYOUT, "argilla_server": env.VERSION, "revision": env.REVISION}


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one server; it may not exist yet."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / DATABASE

    @property
    def lock(self) -> Path:
        return self.folder / "server.lock"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def pid_file(self) -> Path:
        return self.folder / "server.pid.json"

    def exists(self) -> bool:
        return (self.folder / ABOUT).is_file()

    def require(self) -> None:
        """Raise GlobmedError where the folder is no server's."""
        if not self.exists():
            raise GlobmedError(
                f"{self.folder}: no review server's folder. Name it with --home, or make one: globmed review serve."
            )

    def create(self) -> dict:
        """Make the folder, the password and the keys. Returns the credentials."""
        if self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
            raise GlobmedError(
                f"{self.folder}: neither empty nor a review server's folder (no {ABOUT}). Name another with --home."
            )
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)
        except OSError as error:
            raise GlobmedError(
                f"{self.folder}: cannot be made ({error.strerror}). Name another with --home."
            ) from error
        made = {"username": "owner", "password": secrets.token_urlsafe(15), "api_key": secrets.token_urlsafe(40)}
        private(self.folder / CREDENTIALS, (json.dumps(made, indent=2) + "\n").encode())
        private(self.folder / SECRET, (secrets.token_hex(32) + "\n").encode())
        manifest.write_bytes(self.folder / ABOUT, (json.dumps(about(), indent=2) + "\n").encode())
        return made

    def credentials(self) -> dict:
        """{"username", "password", "api_key"}."""
        return manifest.read_object(
            self.folder / CREDENTIALS, "credentials", "Restore the folder from a backup: globmed review restore."
        )

    def secret(self) -> str:
        path = self.folder / SECRET
        if not path.is_file():
            raise GlobmedError(f"{path}: missing. Restore the folder from a backup: globmed review restore.")
        return path.read_text("utf-8").strip()

    def check(self) -> None:
        """Raise GlobmedError where the folder is of another version or misses a file. A database that is not there yet is
        fine: the first start was cut off before it was made."""
        found = manifest.read_object(self.folder / ABOUT, "a review server's description", "Restore it from a backup.")
        if found.get("format") != FORMAT or found.get("version") != LAYOUT:
            raise GlobmedError(
                f"{self.folder / ABOUT}: format {found.get('format')} {found.get('version')}, and {FORMAT} {LAYOUT} is needed. "
                "Use the version of globmed that made this folder."
            )
        if found.get("argilla_server") != env.VERSION:
            raise GlobmedError(
                f"{self.folder}: made by argilla-server {found.get('argilla_server')}, and this globmed runs {env.VERSION}. Use the "
                "version of globmed that made it, or another folder: --home."
            )
        self.credentials(), self.secret()
        held = revision(self.database)
        if held in (None, env.REVISION):
            return
        if not has_users(self.database):
            raise GlobmedError(
                f"{self.database}: half made, the first start was cut off. Remove {self.folder} and start again: nothing is in it yet."
            )
        raise GlobmedError(
            f"{self.database}: a database of another version of argilla-server (revision {held}, and {env.VERSION} has "
            f"{env.REVISION}). Use the version that made it, or restore a backup into another folder."
        )

    def running(self) -> dict | None:
        """{"pid", "host", "port", "url"} of the server that holds the folder, or None."""
        if not is_held(self.lock):
            return None
        try:
            return json.loads(self.pid_file.read_text("utf-8"))
        except (OSError, ValueError):
            return {"pid": None, "host": None, "port": None, "url": None}


def reading(path: Path) -> sqlite3.Connection:
    """A connection that only reads, beside a running server."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)


def revision(path: Path) -> str | None:
    """The revision that a database is at; None where the file or its tables are not there yet."""
    if not path.is_file():
        return None
    try:
        with closing(reading(path)) as db:
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
                return None
            row = db.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise GlobmedError(
            f"{path}: cannot be read as SQLite ({error}). Restore a backup into another folder."
        ) from error
    return row[0] if row else None


def has_users(path: Path) -> bool:
    """Whether anyone has an account in the database; the owner's is made with the last step of the first start."""
    with closing(reading(path)) as db:
        table = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'users'").fetchone()
        return bool(table and db.execute("SELECT 1 FROM users LIMIT 1").fetchone())


def counts(path: Path) -> dict[str, int]:
    """How many users, datasets, records and responses (by status) a database holds."""
    tables = {"users": "users", "datasets": "datasets", "records": "records"}
    with closing(reading(path)) as db:
        found = {name: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for name, table in tables.items()}
        statuses = dict(db.execute("SELECT status, count(*) FROM responses GROUP BY status"))
    return found | {f"{status}_answers": statuses.get(status, 0) for status in ("submitted", "draft", "discarded")}
