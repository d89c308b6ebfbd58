"""Words that a reviewer marked as wrong -> spans of the translation.

>>> spans("question", "Mpe mg 50 kila siku", "number", "critical", "mg 50")
[{"field": "question", "start": 4, "end": 9, "type": "number", "severity": "critical"}]
"""

from __future__ import annotations

import re
from typing import Any

from .sheet_values import Unreadable


def spans(field: str, translation: str, kind: str | None, severity: str | None, words: str) -> list[dict[str, Any]]:
    """One span for each line of the words, or for the whole text where there are none; the first place where they stand.

    Unreadable where there is no type, or the words do not stand in the translation (blanks and case aside).
    """
    if kind is None:
        if words or severity:
            raise Unreadable("words or a severity are given, but no error type. Choose one, or empty the other cells.")
        return []
    found = [_place(line.strip(), translation) for line in words.split("\n") if line.strip()]
    more = {"severity": severity} if severity else {}
    return [
        {"field": field, "start": start, "end": end, "type": kind, **more}
        for start, end in found or [(0, len(translation))]
    ]


def _place(words: str, text: str) -> tuple[int, int]:
    pattern = r"\s+".join(map(re.escape, words.strip("'\"“”").split()))
    found = re.search(pattern, text) or re.search(pattern, text, re.IGNORECASE)
    if not pattern or not found:
        raise Unreadable(
            f"the wrong words {words[:60]!r} do not stand in the translation. Copy them from there, one place a line."
        )
    return found.span()
