"""The table that tells one sibling from another in a short text: pieces of one to six letters, each with what it says.

    >>> table(["ngifuna uma ..."], ["ndifuna xa ..."])
    {" ng": -9, " nd": 8, "difuna": 3, ...}

Siblings share most of their pieces, and little text is at hand of one of them. Two models of what there is are added up:

- a logistic regression over pieces of three to six letters, scaled by the logarithm of how much more frequent each is in the second
  than in the first: what the regression is not taught otherwise it leaves in these proportions. It learns from lines as short
  as those that are hard to tell;
- a language model of letters for each of the two (Kneser and Ney's, interpolated, order six). The logarithm of how much likelier the second's
  finds a text is a sum over its pieces too: `_odds` gives each the share that is due to it.

It is asked about texts no longer than the lines that it learned from (LONGEST); the counted table (pieces.py) about others.

Beside the corpus it learns from siblings.txt: sentences in both languages, written by a machine and reviewed by no speaker.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import repeat
from math import log
from pathlib import Path
from typing import Any

from . import pieces
from .fold import fold

LENGTHS = (1, 2, 3, 4, 5, 6)
#: A weight of 1 stands for so many nats. Beside fastText's log-odds, TRUST times over, the weights count DOUBLE.
STEP, TRUST, DOUBLE = 0.1, 0.5, 2
#: Log-odds of the two that far apart are settled: of fastText alone (for most texts), then with the longest pieces.
SURE = 5.0
#: The lengths that are looked up each for itself, and the most sums of shorter ones that are kept (see Table).
_LONG, MOST_ENDS = (6, 5, 4), 20_000
#: Pieces that are kept, and the highest weight.
KEPT, HIGHEST = 50_000, 120
#: Each text is cut so often, at other places each time, into lines of so many letters, and once to its first BEGINNING.
ROUNDS, OWN_ROUNDS, SHORTEST, LONGEST, BEGINNING = 2, 3, 25, 50, 40
#: Of the regression; a piece in fewer lines says nothing that holds elsewhere.
REGRESSED, INVERSE_PENALTY, UNSEEN, TOLERANCE, LEAST_SEEN = (3, 4, 5, 6), 0.03, 0.2, 1e-3, 2
#: What the language models' odds, which take all letters for independent evidence, count beside the regression's.
MODELS = 0.1
#: Letters that a language model takes for possible, whatever it has seen.
ALPHABET = 60
OWN = Path(__file__).with_name("siblings.txt")


def own() -> tuple[list[str], list[str]]:
    """The Zulu and the Xhosa sentences of siblings.txt, folded."""
    rows = [line.split("|") for line in OWN.read_text("utf-8").splitlines() if not line.startswith("#")]
    xhosa, zulu = zip(*rows, strict=True)
    return [fold(text).text for text in zulu], [fold(text).text for text in xhosa]


def table(first: list[str], second: list[str], own: tuple[list[str], list[str]] = ([], [])) -> dict[str, int]:
    """piece -> weight in steps, positive for the second language, from folded texts of both."""
    chance = random.Random(1)
    lines = [_lines(*its, chance) for its in zip((first, second), own, strict=True)]
    weights = _regression(lines)
    models = [_Model([*texts, *more]) for texts, more in zip((first, second), own, strict=True)]
    for piece, odds in _odds(*models).items():
        weights[piece] = weights.get(piece, 0.0) + MODELS * odds
    seen = Counter(piece for text in [*first, *second] for length in LENGTHS for piece in {*_cut(text, length)})
    # Rounded, so that another processor's last digit does not choose other pieces.
    ranked = sorted(weights, key=lambda piece: (-round(abs(weights[piece]) * max(1, seen[piece]) ** 0.5, 6), piece))
    steps = {piece: round(weights[piece] * DOUBLE / STEP) for piece in ranked[:KEPT]}
    return {piece: max(-HIGHEST, min(HIGHEST, step)) for piece, step in steps.items() if step}


class Table(dict):
    """piece -> weight, for `margin`; `ends` has, of the pieces of three letters, the sums of all up to three that end with them."""

    def __init__(self, weights: pieces.Weights):
        super().__init__(weights)
        self.ends = _Ends(weights)


class _Ends(dict):
    """Filled as pieces are met, up to MOST_ENDS of them: most of the letters in a row that there could be are in no text."""

    def __init__(self, weights: pieces.Weights):
        super().__init__()
        self._weight = weights.get

    def __missing__(self, piece: str) -> int:
        found = sum(self._weight(piece[at:], 0) for at in range(len(piece)))
        if len(self) < MOST_ENDS:
            self[piece] = found
        return found


def margin(table: Table, asked: float, text: str) -> float:
    """The log-odds for the second of two siblings, given fastText's and a folded text.

    The pieces are asked from the longest on, until it is settled (SURE).
    """
    if abs(asked) >= SURE:
        return asked
    found, text = TRUST * asked, f" {text}"
    for length in _LONG:
        found += STEP * sum(map(table.get, pieces.slices(text, length), repeat(0)))
        if abs(found) >= SURE:
            return found
    ends = table.ends
    first = ends[text[:1]] + ends[text[:2]] if len(text) > 1 else ends[text]
    return found + STEP * (first + sum(map(ends.__getitem__, pieces.slices(text, 3))))


def _cut(text: str, length: int) -> Sequence[str]:
    """As pieces.cut, but the end is no border: a text may be cut in the middle of a word."""
    return pieces.slices(f" {text}", length)


def _lines(texts: Iterable[str], own: Iterable[str], chance: random.Random) -> list[str]:
    found = []
    for text in texts:
        cuts = {line for _ in range(ROUNDS) for line in _broken(text, chance)}
        found += [*sorted(cuts), text[:BEGINNING]]
    for text in own:
        found += [line for _ in range(OWN_ROUNDS) for line in _broken(text, chance)]
    return found


def _broken(text: str, chance: random.Random) -> list[str]:
    """All of a text, in lines of whole words; the last, if it is a word or two, is left out."""
    found, line, wanted = [], "", chance.randint(SHORTEST, LONGEST)
    for word in text.split():
        if line and len(line) + 1 + len(word) > wanted:
            found.append(line)
            line, wanted = word, chance.randint(SHORTEST, LONGEST)
        else:
            line = f"{line} {word}".strip()
    return [*found, line] if len(line) >= 15 or not found else found


def _regression(lines: list[list[str]]) -> dict[str, float]:
    """piece -> log-odds for the second of two languages' lines."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    names, seen = _matrix([*lines[0], *lines[1]])
    true = np.repeat([0, 1], [len(its) for its in lines])
    counts = [np.asarray(seen[true == one].sum(axis=0)).ravel() + UNSEEN for one in (0, 1)]
    scale = np.log(counts[1] / counts[1].sum()) - np.log(counts[0] / counts[0].sum())
    scaled = seen.multiply(scale).tocsr()
    regression = LogisticRegression(
        C=INVERSE_PENALTY, solver="liblinear", class_weight="balanced", tol=TOLERANCE, fit_intercept=False
    )
    return dict(zip(names, (regression.fit(scaled, true).coef_[0] * scale).tolist(), strict=True))


def _matrix(lines: list[str]) -> tuple[list[str], Any]:
    """The pieces, sorted, and a sparse matrix: does the line (row) hold the piece (column)?"""
    import numpy as np
    from scipy import sparse

    each = [{piece for length in REGRESSED for piece in _cut(line, length)} for line in lines]
    count = Counter(piece for held in each for piece in held)
    names = sorted(piece for piece, times in count.items() if times >= LEAST_SEEN)
    place = {piece: at for at, piece in enumerate(names)}
    rows = [sorted(place[piece] for piece in held if piece in place) for held in each]
    ends = np.cumsum([0, *map(len, rows)])
    columns = np.fromiter((at for row in rows for at in row), np.int32, ends[-1])
    return names, sparse.csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(rows), len(names)))


class _Model:
    """Interpolated Kneser-Ney over letters; one discount a length, n1 / (n1 + 2 n2) (Ney, Essen and Kneser 1994).

    counts[n]: piece of n letters -> how often (n = 6, and pieces at the beginning) or after how many letters (below) it occurs;
    after[n]: what stands before the last of n letters -> sum of counts, and number of pieces.
    """

    def __init__(self, texts: list[str]):
        longest = LENGTHS[-1]
        top: Counter[str] = Counter()
        for text in texts:
            text = f" {text} "
            top.update(text[max(0, at - longest + 1) : at + 1] for at in range(len(text)))
        self.counts = {longest: {piece: times for piece, times in top.items() if len(piece) == longest}}
        for length in reversed(LENGTHS[:-1]):
            found = Counter(piece[1:] for piece in self.counts[length + 1])
            for piece, times in top.items():
                if len(piece) == length:
                    found[piece] += times
            self.counts[length] = found
        self.after: dict[int, dict[str, list[int]]] = {length: {} for length in LENGTHS}
        self.discount: dict[int, float] = {}
        for length in LENGTHS:
            for piece, times in self.counts[length].items():
                sums = self.after[length].setdefault(piece[:-1], [0, 0])
                sums[0] += times
                sums[1] += 1
            once, twice = (sum(times == one for times in self.counts[length].values()) for one in (1, 2))
            self.discount[length] = once / (once + 2 * twice) if once else 0.5
        self.chance = cache(self._chance)

    def left(self, before: str, length: int) -> float:
        """What the letters seen after `before` leave to shorter pieces; 1.0 where it was never seen."""
        total, kinds = self.after[length].get(before, (0, 0))
        return self.discount[length] * kinds / total if total else 1.0

    def _chance(self, piece: str) -> float:
        """The probability of the last letter after those before it."""
        if not piece:
            return 1 / ALPHABET
        length, before = len(piece), piece[:-1]
        shorter = self.chance(piece[1:])
        if before not in self.after[length]:
            return shorter
        seen = max(0.0, self.counts[length].get(piece, 0) - self.discount[length]) / self.after[length][before][0]
        return seen + self.left(before, length) * shorter

    def gain(self, piece: str) -> float:
        """How much likelier its having been seen makes a piece than a shorter one alone."""
        length = len(piece)
        if piece[:-1] not in self.after[length]:
            return 0.0
        return log(self.chance(piece)) - log(self.left(piece[:-1], length) * self.chance(piece[1:]))


def _odds(first: _Model, second: _Model) -> dict[str, float]:
    """piece -> its share in the log-odds of a text: its own gain, and what it leaves to shorter ones as what stands before."""
    found: dict[str, float] = {}
    for length in LENGTHS:
        for piece in {*first.counts[length], *second.counts[length]}:
            found[piece] = found.get(piece, 0.0) + second.gain(piece) - first.gain(piece)
        for before in {*first.after[length], *second.after[length]} - {""}:
            odds = log(second.left(before, length)) - log(first.left(before, length))
            found[before] = found.get(before, 0.0) + odds
    always = log(second.left("", 1)) - log(first.left("", 1))
    return {piece: odds + always * (len(piece) == 1) for piece, odds in found.items()}
