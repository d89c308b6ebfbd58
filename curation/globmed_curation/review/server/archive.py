"""Save a server's folder to one file, beside the running server, and restore it.

    backup(home, Path("review.tar.gz"))      argilla.db as it is at one moment, the credentials and the session key
    restore(Path("review.tar.gz"), home)     into a folder that is not there yet, after every check

The archive holds password and keys, so it is readable by its owner only. SQLite's own backup makes the copy of the database:
it waits for no writer and never sees half a transaction.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

from globmed_tools import manifest
from globmed_tools.errors import GlobmedError

from . import env
from .home import ABOUT, CREDENTIALS, DATABASE, SECRET, Home, about, counts, private, revision

FORMAT = "globmed-review-backup"
MANIFEST = "backup.json"
KEPT = (DATABASE, CREDENTIALS, SECRET, ABOUT)


def backup(home: Home, path: Path) -> dict:
    """Write the archive, gzipped where its name ends in gz; what it holds. It never replaces a file."""
    home.require()
    home.check()
    if revision(home.database) is None:
        raise GlobmedError(f"{home.database}: no database yet. Start the server once: globmed review serve.")
    if path.exists():
        raise GlobmedError(f"{path}: exists already. Name another file.")
    draft = manifest.draft_of(path)
    copy = draft.with_name(f"{draft.name}.db")
    try:
        os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        _copy_database(home.database, copy)
        found = {"format": FORMAT, "version": 1, **_versions(), "counts": counts(copy)}
        files = {DATABASE: copy} | {name: home.folder / name for name in KEPT if name != DATABASE}
        found["sha256"] = {name: _sha256(file) for name, file in files.items()}
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            with tarfile.open(fileobj=stream, mode="w:gz" if path.name.endswith("gz") else "w") as archive:
                _add(archive, MANIFEST, io.BytesIO((json.dumps(found, indent=2) + "\n").encode()))
                for name, file in files.items():
                    with file.open("rb") as content:
                        _add(archive, name, content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(draft, path)
    except OSError as error:
        raise GlobmedError(
            f"{path}: could not be written ({error.strerror}). Free some space or name another folder."
        ) from error
    finally:
        for left in (draft, copy):
            left.unlink(missing_ok=True)
    return found | {"file": str(path), "bytes": path.stat().st_size}


def restore(path: Path, home: Home) -> dict:
    """Unpack the archive into the folder, which is made in one step; what it holds.

    Raises GlobmedError where the folder holds anything, or the archive is damaged or of another version.
    """
    if home.folder.exists() and (not home.folder.is_dir() or any(home.folder.iterdir())):
        raise GlobmedError(f"{home.folder}: not empty, and nothing is overwritten. Name another folder with --home.")
    if not path.is_file():
        raise GlobmedError(f"{path}: no such file. Name a file that globmed review backup wrote.")
    draft = home.folder.absolute().with_name(f".{home.folder.absolute().name}.{os.getpid()}.part")
    try:
        draft.mkdir(mode=0o700, parents=True)
        found = _unpack(path, draft)
        _check(path, found, draft)
        if home.folder.exists():
            home.folder.rmdir()
        os.replace(draft, home.folder)
    except OSError as error:
        raise GlobmedError(f"{home.folder}: could not be written ({error.strerror}). Name another folder.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return found


def _versions() -> dict:
    return {"argilla_server": env.VERSION, "revision": env.REVISION}


def _copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source, timeout=60)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        wrong = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if wrong != "ok":
        raise GlobmedError(f"{source}: damaged ({wrong}). Restore an older backup into another folder.")


def _add(archive: tarfile.TarFile, name: str, content) -> None:
    member = tarfile.TarInfo(name)
    member.mode = 0o600
    content.seek(0, os.SEEK_END)
    member.size = content.tell()
    content.seek(0)
    archive.addfile(member, content)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _unpack(path: Path, folder: Path) -> dict:
    """Write the known members, and no other, into the folder; the archive's manifest."""
    try:
        with tarfile.open(path) as archive:
            members = {name: archive.extractfile(name) for name in (MANIFEST, *KEPT)}
            found = json.loads(members.pop(MANIFEST).read())
            for name, content in members.items():
                private(folder / name, b"")
                with (folder / name).open("wb") as stream:
                    shutil.copyfileobj(content, stream)
    except (tarfile.TarError, KeyError, AttributeError, ValueError, EOFError) as error:
        raise GlobmedError(f"{path}: no whole backup of a review server ({error}). Name another file.") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT or found.get("version") != 1:
        raise GlobmedError(f"{path}: not a backup that this globmed reads. Use the version of globmed that made it.")
    return found


def _check(path: Path, found: dict, folder: Path) -> None:
    for name in KEPT:
        if found.get("sha256", {}).get(name) != _sha256(folder / name):
            raise GlobmedError(f"{path}: {name} in it is damaged (its SHA-256 differs). Name another backup.")
    if (made_by := found.get("argilla_server")) != env.VERSION:
        raise GlobmedError(
            f"{path}: made with argilla-server {made_by}, and this globmed runs {env.VERSION}. Use the version of globmed that made it."
        )
    if json.loads((folder / ABOUT).read_text("utf-8")) != about():
        raise GlobmedError(f"{path}: {ABOUT} in it is of another version. Use the version of globmed that made it.")
    Home(folder).check()
