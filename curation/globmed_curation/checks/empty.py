"""Empty: nothing where the source has a text.

>>> check(Pair("option 2", "Aspirin", " ", get("en"), get("sw")))[0].score
1.0
"""

from __future__ import annotations

from . import Finding, Pair


def check(pair: Pair) -> list[Finding]:
    """One finding where the translation holds no character but white space and the source does."""
    if pair.translation.strip() or not pair.source.strip():
        return []
    return [Finding("empty", 1.0, pair.field, pair.source, "", "the translation is empty")]
