"""Pieces: five letters in a row, spaces included, that a language uses often. How much of a text they cover tells strangers.

    >>> covered(PIECES["zul_Latn"], "isiguli sinomkhuhlane"), covered(PIECES["zul_Latn"], "umulwele ali ne mpepo")
    (0.82, 0.31)

A classifier can only say which of its languages a text resembles most: Bemba looks like Zulu to one that knows no Bemba. Of
a language's own text some four in five pieces are among its 20,000 most frequent, of another language's text few are.
"""

from __future__ import annotations

import lzma
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

LENGTH = 5
#: The most frequent pieces of each language that are kept; those seen once are never kept.
KEPT = 20_000


def cut(text: str) -> list[str]:
    """The pieces of a folded text, in order."""
    text = f" {text} "
    return [text[at : at + LENGTH] for at in range(len(text) - LENGTH + 1)]


def covered(known: Collection[str], text: str) -> float:
    """The share of the text's pieces that are known, from 0 to 1."""
    found = cut(text)
    return sum(map(known.__contains__, found)) / len(found) if found else 0.0


def frequent(texts: Iterable[str]) -> list[str]:
    """The pieces that these folded texts use most, sorted."""
    count: Counter[str] = Counter()
    for text in texts:
        count.update(cut(text))
    most = sorted(count.items(), key=lambda found: (-found[1], found[0]))[:KEPT]
    return sorted(piece for piece, seen in most if seen > 1)


def save(path: Path, found: dict[str, list[str]]) -> None:
    """One line a piece below a line "=label", compressed; the same pieces give the same bytes."""
    lines = (line for label, known in found.items() for line in (f"={label}", *known))
    path.write_bytes(lzma.compress("\n".join(lines).encode(), preset=9 | lzma.PRESET_EXTREME))


def load(path: Path) -> dict[str, frozenset[str]]:
    """label -> its pieces."""
    parts = lzma.decompress(path.read_bytes()).decode().split("=")[1:]
    return {label: frozenset(known) for label, *known in (part.rstrip("\n").split("\n") for part in parts)}
