"""Keep keys out of logs: what the environment calls a key, token, secret or password is replaced wherever it is printed.

    Redactor({"MISTRAL_API_KEY": "abcdefgh"})(b"Bearer abcdefgh")    b"Bearer [MISTRAL_API_KEY]"

lm-eval prints failed requests with their headers, so this is no theory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAMES = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$", re.I)
#: Shorter values are words ("none", "dummy", "EMPTY"), and replacing them would spoil the log.
SHORTEST = 8


class Redactor:
    """Callable on bytes and on text."""

    def __init__(self, environment: Mapping[str, str]):
        found = {
            value: name for name, value in environment.items() if _NAMES.search(name) and len(value.strip()) >= SHORTEST
        }
        # The longest first: one key may be the beginning of another.
        self._pairs = [
            (value, f"[{name}]") for value, name in sorted(found.items(), key=lambda pair: len(pair[0]), reverse=True)
        ]

    def __call__(self, text):
        """The same bytes or text without the values."""
        for value, name in self._pairs:
            if isinstance(text, bytes):
                text = text.replace(value.encode(), name.encode())
            else:
                text = text.replace(value, name)
        return text
