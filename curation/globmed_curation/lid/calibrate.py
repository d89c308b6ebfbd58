"""How sure must the model be? Worked out from texts of each language that it was not trained on.

The evidence for a label is the log-odds that fastText gives it (or its sibling, if that is more), plus WEIGHT times how much
more or less its pieces weigh than is usual for the language (pieces.py). For each label and length of text two figures are kept:

    typical   the usual weight (the median)
    least     the evidence that all but `rejected` of true texts exceed, less an allowance: texts from elsewhere hold names
              and terms that these do not, and whole sentences can afford it

`least` is one figure for all languages of a script that have pieces, each having the same weight in it: of some there are only
a hundred texts, too few for a figure of their own. A text is accepted where its evidence exceeds `least`; the score shown to users is
the logistic function of the difference, so that 0.5 is the border.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Any

from . import pieces

WEIGHT = 4.0
#: Passages that are cut out of each text, and quantiles that stand for a language where languages are pooled.
PARTS, STEPS = 8, 1000
#: Texts of a language from which they are cut; of English there are ten times as many.
MOST = 800
#: What less is asked of neighbours in `lenient` of corpus.toml: a stranger taken for one of them is taken for none of ours.
LENIENCE = 4.0
#: A language alone in its pool has few texts from few places: its figure is taken at this part of `rejected`.
ALONE = 2


@dataclass(frozen=True, slots=True)
class Point:
    """A length of text at which the figures are taken, in letters (fold.Folded.letters); between them lies a line."""

    letters: int
    rejected: float
    allowance: float


POINTS = (
    Point(12, 0.018, 0),
    Point(20, 0.013, -0.15),
    Point(35, 0.0105, -0.15),
    Point(60, 0.004, 9),
    Point(100, 0.002, 13.5),
    Point(200, 0.001, 15),
)


def log_odds(probability: float) -> float:
    """fastText's probabilities can exceed 1 by a rounding error and come in steps; the ends are bent in."""
    probability = min(max(probability, 0.0), 1.0)
    return log((probability + 1e-4) / (1 - probability + 1e-4))


def calibrate(model: Path, beside: Path, texts: dict[str, list[str]], lenient: Collection[str] = ()) -> dict[str, Any]:
    """{"letters", "weight", "labels": {label: {"typical", "least"}}} from folded texts by label that were not trained on."""
    from .kernel import Ask

    ask, known = Ask(model), pieces.load(beside)
    labels: dict[str, dict[str, list[float]]] = {
        label: {"typical": [], "least": []} for label in ask.labels if label in texts
    }
    for point in POINTS:
        pooled: dict[str, list[float]] = defaultdict(list)
        for label, found in labels.items():
            typical, evidence = _measure(point, texts[label][:MOST], label, ask, known)
            found["typical"].append(round(typical, 4))
            evidence.sort()
            pooled[_pool(label, known)] += [quantile(evidence, (step + 0.5) / STEPS) for step in range(STEPS)]
        for label, found in labels.items():
            pool = pooled[_pool(label, known)]
            share = point.rejected / (1 if len(pool) > STEPS else ALONE)
            allowance = point.allowance + LENIENCE * (label in lenient)
            found["least"].append(round(quantile(pool, share) - allowance, 4))
    return {"weight": WEIGHT, "letters": [point.letters for point in POINTS], "labels": labels}


def _pool(label: str, known: pieces.Known) -> str:
    """The labels that share one figure: those of a script that have pieces; any other label has its own."""
    return label.split("_")[1] if label in known.labels else label


def _measure(point: Point, own: list[str], label: str, ask: Any, known: pieces.Known) -> tuple[float, list[float]]:
    """The typical weight at this length, and the evidence of each passage for its own label."""
    dense = label.split("_")[1] in ("Hani", "Hant", "Jpan", "Hang")
    parts = _parts(own, point.letters // (3 if dense else 1), dense, random.Random(f"{label} {point.letters}"))
    siblings = {label, *(one for pair in known.pairs if label in pair for one in pair)}
    each = zip(*(ask.chances(parts, one) for one in sorted(siblings)), strict=True)
    chances = [log_odds(max(its)) for its in each]
    table = known.labels.get(label)
    if table is None:
        return 0.0, chances
    found = [pieces.weight(table, part) for part in parts]
    typical = quantile(found, 0.5)
    return typical, [chance + WEIGHT * (one - typical) for chance, one in zip(chances, found)]


def _parts(texts: list[str], length: int, unspaced: bool, chance: random.Random) -> list[str]:
    """PARTS passages of each text, of about so many letters, from the beginning of a word on."""
    step = 2 if unspaced else 1.17  # characters a letter: the spaces between words
    size, found = int(length * step), []
    for number, text in enumerate(texts):
        while len(text) < size and number + 1 < len(texts):
            number += 1
            text = f"{text} {texts[number]}"
        for _ in range(PARTS):
            start = text.find(" ", chance.randrange(max(1, len(text) - size))) + 1 if chance.random() < 0.6 else 0
            part = text[start : start + size].strip()
            if len(part) >= 0.7 * size:
                found.append(part)
    return found


def quantile(values: list[float], share: float) -> float:
    """Linear between neighbours; 0.0 for no values."""
    if not values:
        return 0.0
    values = sorted(values)
    place = share * (len(values) - 1)
    low = int(place)
    return values[low] + (values[min(low + 1, len(values) - 1)] - values[low]) * (place - low)
