"""Start the server of a folder, wait until it answers, stop it.

    held = claim(home)                                     the folder's lock, or one line: who holds it
    process = start(home, python, "127.0.0.1", 6900, held)
    wait_ready(home, process)                              or the last line of the log
    stop(home)                                             asks it to finish what it answers, and waits

The lock is an open file that the server inherits: the system lets go of it when the last process that has it ends, however
that comes, so a stale one is impossible.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

from globmed_tools import manifest
from globmed_tools.errors import GlobmedError

from . import env
from .home import CREDENTIALS, Home

#: Seconds: a cold start on a slow disk took 40.
START = 240
#: The server gives requests 20 seconds to end.
STOP = 40
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def claim(home: Home) -> int:
    """Take the folder's lock; the file descriptor. Raises GlobmedError where a server has it."""
    import fcntl

    descriptor = os.open(home.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        other = home.running() or {}
        where = f" at {other['url']} (process {other['pid']})" if other.get("url") else ""
        raise GlobmedError(
            f"{home.folder}: a server is running there already{where}. Stop it with globmed review stop --home {home.folder}, or name "
            "another folder: --home."
        ) from None
    return descriptor


def port_free(host: str, port: int) -> None:
    """Raise GlobmedError where the address cannot be listened at."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise GlobmedError(
            f"{host}, port {port}: cannot be listened at ({error.strerror}). Name another with --port or --host."
        ) from error


def url(host: str, port: int) -> str:
    """Where a browser on this machine finds the server."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)
    return f"http://{shown}:{port}"


def variables(home: Home) -> dict[str, str]:
    """The variables the server is started with; ARGILLA_* that stand in the user's shell are left out, for they would
    name another database."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ARGILLA_") and key != "PYTHONPATH"}
    return {
        **kept,
        "ARGILLA_HOME_PATH": str(home.folder),
        "ARGILLA_DATABASE_URL": f"sqlite+aiosqlite:///{home.database}",
        "ARGILLA_DATABASE_SQLITE_TIMEOUT": "60",
        "ARGILLA_SEARCH_ENGINE": "globmed",
        "ARGILLA_AUTH_SECRET_KEY": home.secret(),
        "ARGILLA_AUTH_OAUTH_CFG": str(home.folder / "oauth.yaml"),
        "ARGILLA_CORS_ORIGINS": "[]",  # the interface comes from the same address
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }


def start(home: Home, python: Path, host: str, port: int, lock: int, *, background: bool) -> subprocess.Popen:
    """Start the server and leave behind where it listens. In the background it outlives this process and its terminal."""
    config = home.folder / "server.config.json"
    files = {"credentials": str(home.folder / CREDENTIALS), "log": str(home.log)}
    settings = {"host": host, "port": port, **files}
    manifest.write_bytes(config, (json.dumps(settings) + "\n").encode())
    with home.log.open("ab") as log:
        process = subprocess.Popen(
            [str(python), str(env.SIDE / "main.py"), str(config)],
            cwd=home.folder,
            env=variables(home),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=(lock,),
            umask=0o077,
            start_new_session=background,
        )
    listening = {"pid": process.pid, "host": host, "port": port, "url": url(host, port)}
    manifest.write_bytes(home.pid_file, (json.dumps(listening) + "\n").encode())
    return process


def answers(address: str, timeout: float = 5) -> str | None:
    """The version of the Argilla server at the address, or None where none answers."""
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{address}/api/v1/version", timeout=timeout) as reply:
            return json.load(reply)["version"]
    except (OSError, ValueError, KeyError):
        return None


def wait_ready(home: Home, process: subprocess.Popen, seconds: float = START) -> None:
    """Return when the server answers. Raises GlobmedError with the last line of its log where it ends or takes too long."""
    address = json.loads(home.pid_file.read_text("utf-8"))["url"]
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        if answers(address):
            return
        time.sleep(0.2)
    late = process.poll() is None
    if late:
        process.kill()
    lines = [line for line in home.log.read_text("utf-8", "replace").splitlines() if line.strip()]
    what = f"did not answer within {seconds:.0f} s" if late else f"ended with status {process.returncode}"
    raise GlobmedError(f"The server {what}: {lines[-1] if lines else 'it said nothing'}. The whole log: {home.log}.")


def stop(home: Home) -> dict | None:
    """Stop the folder's server; what it was, or None where none ran. Raises GlobmedError where it does not end."""
    found = home.running()
    if found is None:
        return None
    if not found["pid"]:
        raise GlobmedError(f"{home.lock}: held, but {home.pid_file.name} does not say by whom. Try again in a moment.")
    try:
        os.kill(found["pid"], signal.SIGTERM)
    except ProcessLookupError:
        pass  # it ended just now
    except PermissionError as error:
        raise GlobmedError(
            f"Process {found['pid']} belongs to another user. Stop it as the user who started it."
        ) from error
    end = time.monotonic() + STOP
    while home.running() is not None:
        if time.monotonic() > end:
            raise GlobmedError(
                f"Process {found['pid']} has not ended after {STOP} s. See {home.log}; kill -9 {found['pid']} loses no stored answer."
            )
        time.sleep(0.1)
    home.pid_file.unlink(missing_ok=True)
    return found
