"""What was answered, in one SQLite file: a call in it is never asked again.

    with Journal(Path("calls.sqlite")) as journal:
        journal.put([Row(key, "gpt-4.1", "answered", text="...", input=812, output=240)])
        journal.get([key])                   {key: Row(...)}

A row is in the file when `put` comes back: a process that is killed after that loses nothing (write-ahead log; a power cut may
cost the last moments, never the file). Two processes may write at once; where both have the same key, the better row stays:
answered before failed, then the earlier one. So the content does not depend on who came first. No key of an endpoint, no
address and no header is ever in it.
"""

from __future__ import annotations

import sqlite3
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from ..errors import GlobmedError

VERSION = 1
APPLICATION = 0x474C4D4A  # "GLMJ": tells our files from any other SQLite file
ANSWERED, FAILED = "answered", "failed"


@dataclass(frozen=True, slots=True)
class Row:
    """One call's end. state: answered or failed (then cause and detail say why). at: Unix seconds. via: live or batch.

    requests: how many were sent for it. request: the compressed JSON that was asked (`asked` opens it), or None.
    """

    key: str
    model: str
    state: str
    cause: str = ""
    detail: str = ""
    text: str = ""
    input: int = 0
    output: int = 0
    cached: int = 0
    seconds: float = 0.0
    requests: int = 1
    via: str = "live"
    at: float = 0.0
    request: bytes | None = None


NAMES = tuple(field.name for field in fields(Row))
_KINDS = {
    "input": "INTEGER",
    "output": "INTEGER",
    "cached": "INTEGER",
    "requests": "INTEGER",
    "seconds": "REAL",
    "at": "REAL",
}
_TYPED = ", ".join(f'"{name}" {_KINDS.get(name, "BLOB" if name == "request" else "TEXT")}' for name in NAMES)
_TABLE = f'CREATE TABLE IF NOT EXISTS calls ({_TYPED}, PRIMARY KEY ("key"))'
COLUMNS = ", ".join(f'"{name}"' for name in NAMES)
#: The smaller one stays: "answered" < "failed"; a failed row gives way to a later failed one, an answered one never to a later.
BETTER = (
    "(excluded.state, CASE excluded.state WHEN 'failed' THEN -excluded.at ELSE excluded.at END, excluded.text, excluded.detail)"
    " < (calls.state, CASE calls.state WHEN 'failed' THEN -calls.at ELSE calls.at END, calls.text, calls.detail)"
)
_UPDATE = ", ".join(f'"{name}" = excluded."{name}"' for name in NAMES[1:])
INSERT = f"INSERT INTO calls ({COLUMNS}) {{source}} ON CONFLICT (key) DO UPDATE SET {_UPDATE} WHERE {BETTER}"
_PUT = INSERT.format(source=f"VALUES ({', '.join('?' * len(NAMES))})")
_AT_ONCE = 500


class Journal:
    """An open journal; made where there is none, unless `must_exist`. Safe to use from several threads."""

    def __init__(self, path: Path, *, must_exist: bool = False):
        self.path = path
        self._lock = threading.Lock()
        if must_exist and not path.is_file():
            raise GlobmedError(f"{path}: no such journal. Name the file that a run wrote.")
        with self.told():
            path.parent.mkdir(parents=True, exist_ok=True)
            self.db = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
            self._prepare()

    def _prepare(self) -> None:
        version = self.db.execute("PRAGMA user_version").fetchone()[0]
        mine = self.db.execute("PRAGMA application_id").fetchone()[0] == APPLICATION
        if not mine and (version or self.db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]):
            raise GlobmedError(f"{self.path}: an SQLite file, but no journal of calls. Name another file.")
        if version > VERSION:
            raise GlobmedError(f"{self.path}: journal version {version}, this program reads {VERSION}. Update globmed.")
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        if not mine:
            self.db.execute(f"PRAGMA application_id = {APPLICATION}")
            self.db.execute(f"PRAGMA user_version = {VERSION}")
        self.db.execute(_TABLE)

    def told(self):
        """Errors of SQLite and of the disk as one line."""
        return _Told(self.path)

    def get(self, keys: Iterable[str]) -> dict[str, Row]:
        """The rows of those keys that are there, without their requests."""
        keys, found = list(keys), {}
        names = ", ".join(f'"{name}"' for name in NAMES[:-1])
        with self._lock, self.told():
            for start in range(0, len(keys), _AT_ONCE):
                some = keys[start : start + _AT_ONCE]
                marks = ", ".join("?" * len(some))
                for row in self.db.execute(f"SELECT {names} FROM calls WHERE key IN ({marks})", some):
                    found[row[0]] = Row(*row)
        return found

    def put(self, rows: Iterable[Row]) -> None:
        """Keep the rows, all of them or, where the disk refuses (GlobmedError), none."""
        values = [astuple_of(row) for row in rows]
        with self._lock, self.told():
            self.db.execute("BEGIN IMMEDIATE")
            try:
                self.db.executemany(_PUT, values)
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise

    def rows(self, *, model: str | None = None, state: str | None = None) -> Iterator[Row]:
        """All rows in the order of their keys, with their requests."""
        query = (
            f"SELECT {COLUMNS} FROM calls WHERE (?1 IS NULL OR model = ?1) AND (?2 IS NULL OR state = ?2) ORDER BY key"
        )
        with self.told():
            for row in self.db.execute(query, (model, state)):
                yield Row(*row)

    def __len__(self) -> int:
        with self._lock, self.told():
            return self.db.execute("SELECT count(*) FROM calls").fetchone()[0]

    def stats(self) -> list[dict]:
        """One dict for each model, state and cause: calls, requests, tokens."""
        query = """SELECT model, state, cause, via, count(*) AS calls, sum(requests) AS requests, sum(input) AS input,
                   sum(output) AS output, sum(cached) AS cached FROM calls GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"""
        with self._lock, self.told():
            found = self.db.execute(query)
            names = [one[0] for one in found.description]
            return [dict(zip(names, row)) for row in found]

    def vacuum(self) -> int:
        """Check the file, empty the write-ahead log and give unused room back; the file's size in bytes afterwards."""
        with self._lock, self.told():
            said = self.db.execute("PRAGMA integrity_check").fetchone()[0]
            if said != "ok":
                raise GlobmedError(f"{self.path}: damaged ({said}). Merge what can be read into a new journal.")
            self.db.execute("VACUUM")
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return self.path.stat().st_size

    def close(self) -> None:
        self.db.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def astuple_of(row: Row) -> tuple:
    """The row's values, `at` filled in: now, where it is not said."""
    values = astuple(row)
    return values if row.at else (*values[:12], time.time(), values[13])


def packed(request: dict) -> bytes:
    """A request as it stands in a row."""
    import orjson

    return zlib.compress(orjson.dumps(request, option=orjson.OPT_SORT_KEYS), 1)


def asked(row: Row) -> dict | None:
    """The request of a row; None where it was not kept."""
    import orjson

    return orjson.loads(zlib.decompress(row.request)) if row.request else None


class _Told:
    """A context in which errors of SQLite become a GlobmedError that names the file."""

    def __init__(self, path: Path):
        self.path = path

    def __enter__(self):
        return self

    def __exit__(self, _kind, error, _trace):
        if isinstance(error, OSError):
            raise GlobmedError(f"{self.path}: could not be opened ({error.strerror}). Choose another place.") from None
        if isinstance(error, sqlite3.Error):
            raise GlobmedError(f"{self.path}: {_advice(error)}") from None


def _advice(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name == "SQLITE_FULL" or name.startswith("SQLITE_IOERR_WRITE"):
        return "the disk is full; what was written before is safe. Free some space and run again."
    if name in ("SQLITE_NOTADB", "SQLITE_CORRUPT"):
        return f"no journal, or a damaged one ({error}). Name the file that a run wrote, or restore a copy."
    if name.startswith("SQLITE_BUSY"):
        return "another process has held it for a minute. Wait for it, or give each run its own journal and merge them."
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return f"cannot be written ({error}). Check its folder's rights, or choose another place."
    return f"the journal failed ({error}). Check the disk and run again."
