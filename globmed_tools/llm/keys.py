"""Where the key of an endpoint comes from, and that it goes nowhere else.

    key = read_key(variable="MISTRAL_API_KEY")      or read_key(file=Path("~/.config/key"))
    repr(key)                                       "Key(from $MISTRAL_API_KEY)"
    key.hide("Incorrect API key: abcdefgh")         "Incorrect API key: [key]"

Providers echo keys in their errors, so every text that comes from outside goes through `hide` before it is kept or shown.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from urllib.parse import quote

from ..errors import GlobmedError


class Key:
    """A key, or none ("" for local servers). Nothing but `reveal` gives it away."""

    __slots__ = ("__value", "source")

    def __init__(self, value: str, source: str):
        self.__value, self.source = value, source

    def reveal(self) -> str:
        """The key itself, for the request's header alone."""
        return self.__value

    def hide(self, text: str) -> str:
        """The text without the key, and without the two forms in which an address or JSON would carry it."""
        if not self.__value:
            return text
        for form in (self.__value, quote(self.__value, safe="")):
            if form in text:
                text = text.replace(form, "[key]")
        return text

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __repr__(self) -> str:
        return f"Key({self.source})"

    def __reduce__(self):
        raise TypeError("a key is not pickled")


NO_KEY = Key("", "none")


def read_key(*, variable: str | None = None, file: Path | None = None, warn=None) -> Key:
    """The key in an environment variable or in a file; NO_KEY where neither is named.

    Raises GlobmedError where the variable is unset or the file is missing, empty or has several lines. warn is called with
    one line where others can read the file.
    """
    if variable and file:
        raise GlobmedError("a key from a variable and from a file. Name one of them.")
    if variable:
        value = os.environ.get(variable, "").strip()
        if not value:
            raise GlobmedError(f"no key: ${variable} is not set. Set it, or name a file with the key.")
        return _checked(value, f"from ${variable}")
    if file is None:
        return NO_KEY
    path = file.expanduser()
    try:
        value = path.read_text("utf-8").strip()
        mode = stat.S_IMODE(path.stat().st_mode)
    except (OSError, UnicodeDecodeError) as error:
        raise GlobmedError(f"{path}: the key could not be read ({getattr(error, 'strerror', None) or 'no text'}).")
    if mode & 0o077 and warn:
        warn(f"{path}: others on this machine can read the key (mode {mode:04o}). chmod 600 {path}")
    return _checked(value, f"from {path}")


def _checked(value: str, source: str) -> Key:
    """A key that fits into a header. The message never shows it."""
    if not value:
        raise GlobmedError(f"no key: {source} is empty.")
    if not value.isascii() or not value.isprintable() or any(sign.isspace() for sign in value):
        raise GlobmedError(f"the key {source} is no single line of plain signs. Put nothing else there.")
    return Key(value, source)
