"""Pieces: five letters in a row, spaces included, and how much each says for a language. They tell strangers and siblings.

    >>> weight(known.labels["zul_Latn"], "isiguli sinomkhuhlane"), weight(known.labels["zul_Latn"], "umulwele ali ne mpepo")
    (6.1, -0.4)

A classifier can only say which of its languages a text resembles most: Bemba looks like Zulu to one that knows no Bemba. Of
a language's own text most pieces are among its 16,000 most frequent and are rare in the other languages of the script; of
another language's text few are. A piece's weight is the logarithm of how much more frequent it is in the language than in
those others, in steps of STEP; a piece that is not known weighs UNKNOWN.

Siblings (`siblings` in corpus.toml: Zulu and Xhosa, Indonesian and Malay) share most of their pieces. For each pair there is
a table of its own, of six letters: positive weights speak for the second of the two, negative ones for the first. The pairs
in `regressed` have another one for short texts, which siblings.py makes.
"""

from __future__ import annotations

import lzma
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import islice, repeat
from math import log
from operator import itemgetter
from os.path import commonprefix
from pathlib import Path
from typing import NamedTuple

LENGTH, PAIR_LENGTH = 5, 6
#: The most frequent pieces of each language that are kept, and those of a pair that say most; those seen once are never kept.
KEPT, PAIR_KEPT = 16_000, 30_000
#: A weight of 1 stands for so many nats; weights lie between 0 and HIGHEST, those of a pair between -HIGHEST and HIGHEST.
STEP, HIGHEST, UNKNOWN = 0.5, 15, -3
#: Added to each frequency (a share of all pieces), and to each count of a pair's.
RARE, UNSEEN = 2e-6, 0.3
#: So many languages' worth of frequency have the strangers together.
STRANGERS = 8
#: Texts of up to so many pieces are cut in one call.
_CUTTERS = 400
#: The character that a weight of 0 is saved as; no weight is a line's end.
_ZERO = 0x100
#: What marks a pair's table for short texts, and the digit that tells of no shared characters.
_SHORT = "short"
_NONE = ord("0")

Weights = Mapping[str, int]


class Known(NamedTuple):
    """labels: label -> piece -> weight; pairs: (label, its sibling) -> piece -> weight; short: those for short texts."""

    labels: dict[str, dict[str, int]]
    pairs: dict[tuple[str, str], dict[str, int]]
    short: dict[tuple[str, str], dict[str, int]] = {}


def cut(text: str, length: int = LENGTH) -> Sequence[str]:
    """The pieces of a folded text, in order."""
    return slices(f" {text} ", length)


def slices(text: str, length: int) -> Sequence[str]:
    """All runs of so many characters, in order."""
    count = len(text) - length + 1
    if 1 < count <= _CUTTERS:
        return _cutter(count, length)(text)
    return [text[at : at + length] for at in range(count)]


@cache
def _cutter(count: int, length: int) -> Callable[[str], tuple[str, ...]]:
    """What takes the first `count` pieces off a text in one call: half the price of taking them one by one."""
    return itemgetter(*(slice(at, at + length) for at in range(count)))


def weight(known: Weights, text: str) -> float:
    """The mean weight of the text's pieces; 0.0 where it has none."""
    found = cut(text)
    return sum(map(known.get, found, repeat(UNKNOWN))) / len(found) if found else 0.0


def count(texts: Iterable[str], length: int = LENGTH) -> Counter[str]:
    """How often each piece occurs in these folded texts."""
    found: Counter[str] = Counter()
    for text in texts:
        found.update(cut(text, length))
    return found


def weights(counts: Mapping[str, Counter[str]], wanted: Iterable[str], strangers: str) -> dict[str, dict[str, int]]:
    """The table of each wanted label, from the counts of all; labels that begin with `strangers` count for many languages."""
    total = {label: sum(found.values()) for label, found in counts.items()}
    worth = {label: STRANGERS if label.startswith(strangers) else 1 for label in counts}
    tables = {}
    for label in wanted:
        others = [other for other in counts if other != label and other.split("_")[1] == label.split("_")[1]]
        all_others = max(1, sum(worth[other] for other in others))
        tables[label] = {}
        for piece, seen in _most(counts[label], KEPT):
            elsewhere = sum(worth[other] * counts[other][piece] / total[other] for other in others) / all_others
            nats = log((seen / total[label] + RARE) / (elsewhere + RARE))
            tables[label][piece] = max(0, min(HIGHEST, round(nats / STEP)))
    return tables


def pair_weights(first: Counter[str], second: Counter[str]) -> dict[str, int]:
    """The table of a pair: the pieces that say most, by their frequency and weight."""
    of_first, of_second = sum(first.values()), sum(second.values())
    found = []
    for piece in sorted({*first, *second}):
        seen = first[piece] + second[piece]
        nats = log((second[piece] + UNSEEN) / of_second) - log((first[piece] + UNSEEN) / of_first)
        step = max(-HIGHEST, min(HIGHEST, round(nats / STEP)))
        if seen > 1 and step:
            found.append((-abs(step) * seen, piece, step))
    return {piece: step for _, piece, step in sorted(found)[:PAIR_KEPT]}


def _most(found: Counter[str], kept: int) -> list[tuple[str, int]]:
    most = sorted(found.items(), key=lambda one: (-one[1], one[0]))[:kept]
    return [(piece, seen) for piece, seen in most if seen > 1]


def save(path: Path, known: Known) -> None:
    """For each table a line "=label" (or two labels, and _SHORT for a pair's second table), a line with its weights, a
    character each, and a line for each piece, in order: how many characters it shares with the one before, and the others.
    Compressed."""
    tables = {(label,): table for label, table in known.labels.items()} | known.pairs
    tables |= {(*pair, _SHORT): table for pair, table in known.short.items()}
    lines = []
    for names, table in tables.items():
        lines += [f"={' '.join(names)}", "".join(chr(_ZERO + table[piece]) for piece in sorted(table))]
        before = ""
        for piece in sorted(table):
            shared = len(commonprefix((before, piece)))
            lines.append(f"{shared}{piece[shared:]}")
            before = piece
    path.write_bytes(lzma.compress("\n".join(lines).encode(), preset=9 | lzma.PRESET_EXTREME))


def load(path: Path) -> Known:
    """What `save` wrote."""
    known, lines = Known({}, {}, {}), iter(lzma.decompress(path.read_bytes()).decode().split("\n"))
    for line in lines:
        names, steps, piece = line[1:].split(" "), next(lines), ""
        found = [piece := piece[: ord(rest[0]) - _NONE] + rest[1:] for rest in islice(lines, len(steps))]
        weighs = {step: ord(step) - _ZERO for step in set(steps)}  # one number each, not one a piece
        table = dict(zip(found, map(weighs.__getitem__, steps), strict=True))
        if len(names) == 1:
            known.labels[names[0]] = table
        else:
            (known.short if names[2:] else known.pairs)[names[0], names[1]] = table
    return known
