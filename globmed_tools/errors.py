"""The one exception for things a user can mend.

    raise GlobmedError("data/medqa/sw/test.jsonl, line 7: not valid JSON (unexpected end of data). Fix or remove the line.")

The message is one line: what was found, where, and what to do. The command line prints it and exits with `code`; no
traceback is shown. Anything else that escapes is a bug and keeps its traceback.
"""

from __future__ import annotations


class GlobmedError(Exception):
    """A problem in the user's input or environment. `code` is the exit status of the command line."""

    def __init__(self, message: str, code: int = 1):
        super().__init__(" ".join(str(message).split()))
        self.code = code


def suggest(word: str, known) -> str:
    """ "; did you mean medqa?" where something close is known, else an empty string."""
    import difflib

    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else ""
