"""How often do the report's 95 % intervals hold the truth? Simulated items whose true scores are known.

Three sets of 150 items, two models, four languages (two of them low-resource). An item has a difficulty that all models and
languages share, so that their answers hang together as real ones do; true scores are set for each model and language.
Each repetition draws new items and computes the report's intervals from them, and once more from the means alone, as of
result files without samples.
"""

from __future__ import annotations

import argparse
from statistics import NormalDist

import numpy as np
from tables import machine_line, markdown

from globmed_tools.report import boards, bootstrap, measures, statistics

CODES = ["en", "de", "sw", "yo"]
TRUTH = np.array([[0.70, 0.62, 0.45, 0.40], [0.60, 0.55, 0.40, 0.33]])
GROUPS, SETS, SHARED = 150, 3, 0.5
#: Items of the means alone: none of the two models with samples, all of the same models without.
ITEMS = np.repeat([0.0, GROUPS], len(TRUTH))[:, None] * np.ones(len(CODES))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=400)
    parser.add_argument("--resamples", type=int, default=600)
    options = parser.parse_args()
    random = np.random.default_rng(0)
    hits: dict[str, list[float]] = {}
    for number in range(options.repeats):
        board = drawn(random)
        for name, hit in once(board, bootstrap.Draws(board, number, options.resamples)).items():
            hits.setdefault(name, []).append(hit)
    print(f"{machine_line()}\n")
    rows = [[name, f"{100 * np.mean(values):.1f}"] for name, values in hits.items()]
    print(markdown(["interval of", f"holds the truth, % of {options.repeats} repetitions"], rows))


def drawn(random: np.random.Generator) -> boards.Board:
    """A board of new items: two models with samples, and the same two without."""
    cut = np.vectorize(NormalDist().inv_cdf)(TRUTH)
    sets = []
    for number in range(SETS):
        hard = random.normal(size=(GROUPS, 1, 1)) * SHARED**0.5
        right = (hard + random.normal(size=(GROUPS, *TRUTH.shape)) * (1 - SHARED) ** 0.5 < cut).astype(np.float32)
        rates = {name: np.ones((4, len(CODES))) for name in boards.RATES}
        chance = np.full(len(CODES), np.nan)
        means, nothing = right.mean(axis=0), np.zeros_like(right)
        errors = (means * (1 - means) / GROUPS) ** 0.5
        unknown = np.full_like(means, np.nan)
        alone = boards.Alone(*(np.concatenate(both) for both in ((unknown, means), (unknown, errors))), ITEMS)
        sums, counts = (np.concatenate([one, nothing], axis=1) for one in (right, np.ones_like(right)))
        sets.append(boards.SetScores(f"set {number}", np.zeros(GROUPS), sums, counts, chance, rates, alone))
    return boards.Board("gen", "acc", sets, [0, 1, 2, 3], CODES)


def once(board: boards.Board, draws: bootstrap.Draws) -> dict[str, float]:
    """The share of intervals of each kind that hold the truth."""
    leaders, gaps, languages = (
        part(board, draws) for part in (measures.leaderboard, measures.gaps, measures.by_language)
    )
    low, high = TRUTH[:, 2:].mean(axis=1), TRUTH[:, :2].mean(axis=1)
    known, alone = slice(0, 2), slice(2, 4)
    return {
        "a language's score": inside(languages, TRUTH, known),
        "the gap to English": inside(gaps, TRUTH - TRUTH[:, :1], (known, slice(1, None))),
        "the mean of the languages": inside(leaders["score"], TRUTH.mean(axis=1), known),
        "two models' difference": inside(measures.pairs(board, draws)["all"], TRUTH[0].mean() - TRUTH[1].mean(), 0),
        "low / high": inside(leaders["low_to_high"], low / high, known),
        "the worst language": inside(leaders["worst"], TRUTH.min(axis=1), known),
        "spread": inside(leaders["spread"], TRUTH.max(axis=1) - TRUTH.min(axis=1), known),
        "Gini": inside(leaders["gini"], statistics.gini(TRUTH), known),
        "Atkinson": inside(leaders["atkinson"], statistics.atkinson(TRUTH), known),
        "without samples: a language's score": inside(languages, TRUTH, alone),
        "without samples: the mean of the languages": inside(leaders["score"], TRUTH.mean(axis=1), alone),
    }


def inside(found: dict[str, np.ndarray], truth, rows) -> float:
    """The share of these rows' intervals that hold the truth, which has the rows of the models with samples."""
    truth = truth[(slice(None), *rows[1:])] if isinstance(rows, tuple) else truth
    return float(np.mean((found["low"][rows] <= truth) & (truth <= found["high"][rows])))


if __name__ == "__main__":
    main()
