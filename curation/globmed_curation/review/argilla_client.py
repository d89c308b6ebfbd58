"""The connection to an Argilla server, and its errors as one line each.

    >>> client = connect(home=Path("review-server"))          # the folder of `globmed review serve`; its owner's key
    >>> client = connect(url="https://review.example.org")    # another server; the key in GLOBMED_ARGILLA_KEY
    >>> with answered(client):                                # what the server refuses comes out as GlobmedError
    ...     client.workspaces("globmed")

Only files named argilla_* import Argilla's SDK, and inside functions: it takes seconds. No key stands in an error or a log.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from globmed_tools.errors import GlobmedError

from .server import env, process
from .server.home import Home

if TYPE_CHECKING:
    from argilla import Argilla

KEY = "GLOBMED_ARGILLA_KEY"
HOME = Path("review-server")
_SECONDS = 120


def connect(home: Path | None = None, url: str | None = None, key: str | None = None) -> Argilla:
    """A connected client. home: the folder of `globmed review serve`, [review-server] where no url is given; url: of another
    server; key: an owner's or admin's [of the folder, or $GLOBMED_ARGILLA_KEY]. GlobmedError where the server is away, of
    another version, or refuses the key."""
    if home is not None and url is not None:
        raise GlobmedError("a server's folder and a URL are given. Give one: --server or --url.", 2)
    if url is None:
        url, key = _of_home(home or HOME, key)
    else:
        url, key = _checked(url), key or os.environ.get(KEY, "").strip()
        if not key:
            raise GlobmedError(f"{url}: no key. Put the API key of an owner or admin into the variable {KEY}.")
    _same_version(url)
    return _client(url, key)


def _of_home(folder: Path, key: str | None) -> tuple[str, str]:
    found = Home(folder)
    found.require()
    running = found.running()
    if running is None:
        raise GlobmedError(
            f"{folder}: its server is not running. Start it: globmed review serve --home {folder} --background."
        )
    if not running["url"]:
        raise GlobmedError(f"{folder}: its server is just starting. Try again in a moment.")
    return running["url"], key or found.credentials()["api_key"]


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise GlobmedError(f"{url}: no address of a server. Write it as https://review.example.org.", 2)
    if parts.username or parts.password:
        raise GlobmedError("the URL has a user or password in it. Leave them out; the key belongs into " + KEY + ".", 2)
    return url.rstrip("/")


def _same_version(url: str) -> None:
    found = process.answers(url, timeout=20)
    if found is None:
        raise GlobmedError(f"{url}: no Argilla server answers there. Start it, or check the address (--server, --url).")
    if found.split(".")[:2] != env.VERSION.split(".")[:2]:
        raise GlobmedError(
            f"{url}: Argilla {found}, and this globmed speaks with {env.VERSION}. Use a server of that version."
        )


def _client(url: str, key: str) -> Argilla:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import argilla
        from argilla._exceptions import ArgillaError
    # A proxy of the shell must not be asked for a server on this machine.
    local = urlsplit(url).hostname in process.LOOPBACK
    options: dict[str, Any] = {"trust_env": False} if local else {}
    try:
        return argilla.Argilla(api_url=url, api_key=key, timeout=_SECONDS, retries=0, **options)
    except ArgillaError as error:
        if "redentials" in str(error):
            raise GlobmedError(f"{url}: the key is not known there. Take it from the server's credentials.") from None
        raise GlobmedError(f"{url}: {_detail(error)}") from None
    except _unreachable() as error:
        raise GlobmedError(f"{url}: {_away(error)}") from None


@contextmanager
def answered(client: Argilla) -> Iterator[None]:
    """Inside, an error of the server or of the connection is raised as GlobmedError, and the SDK's warnings are silent."""
    from argilla._exceptions import ArgillaError, ForbiddenError, UnauthorizedError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except (ForbiddenError, UnauthorizedError):
            raise GlobmedError(
                f"{client.api_url}: the key's user ({client.me.username}) may not do this. Use the key of an owner."
            ) from None
        except ArgillaError as error:
            raise GlobmedError(f"{client.api_url}: the server refused: {_detail(error)}") from error
        except _unreachable() as error:
            raise GlobmedError(f"{client.api_url}: {_away(error)}") from None


def _unreachable() -> tuple[type[Exception], ...]:
    import httpx

    return (httpx.TransportError, httpx.HTTPStatusError, httpx.DecodingError)


def _away(error: Exception) -> str:
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return f"no answer within {_SECONDS} s. See the server's log, and run the command again."
    return (
        f"the connection broke off ({type(error).__name__}). Is the server still running? Then run the command again."
    )


def _detail(error: Exception) -> str:
    """What the server says is wrong, without the SDK's wrapping, short enough for a line."""
    text = " ".join(str(error.__cause__ if str(error).endswith("SDK error") and error.__cause__ else error).split())
    text = text.rpartition("Details: ")[2] or text
    return text if len(text) <= 400 else text[:397] + "..."
