"""Which language a text is in.

    >>> identify(["Le patient se plaint de fièvre.", "Пациент жалуется на жар.", "12 mg"])
    [Guess(code='fr', score=0.99), Guess(code='und', score=0.0), Guess(code='zxx', score=0.0)]

`code` is a code of languages.toml; the label of a neighbour that is none of them ("xho_Latn"); "und" for a text in no
language that the model knows or with too little to go by; or "zxx" for a text without letters.
"""

from __future__ import annotations

from pathlib import Path

from .kernel import NO_LETTERS, UNKNOWN, Guess, Identifier, load

__all__ = ["NO_LETTERS", "UNKNOWN", "Guess", "Identifier", "identify", "load"]


def identify(texts: list[str], model: Path | str | None = None) -> list[Guess]:
    """The language of each text; model: another fastText model than the shipped one."""
    return load(model).identify(texts)
