"""How often do the report's 95 % intervals hold the truth? Simulated items whose true scores are known.

Three sets of 150 items, two models, four languages (two of them low-resource). An item has a difficulty that all models and
languages share, so that their answers hang together as real ones do; true scores are set for each model and language.
Each repetition draws new items and computes the report's intervals from them.
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
    """A board of new items."""
    cut = np.vectorize(NormalDist().inv_cdf)(TRUTH)
    sets = []
    for number in range(SETS):
        hard = random.normal(size=(GROUPS, 1, 1)) * SHARED**0.5
        right = (hard + random.normal(size=(GROUPS, *TRUTH.shape)) * (1 - SHARED) ** 0.5 < cut).astype(np.float32)
        rates = {name: np.ones(TRUTH.shape) for name in boards.RATES}
        chance = np.full(len(CODES), np.nan)
        sets.append(boards.SetScores(f"set {number}", np.zeros(GROUPS), right, np.ones_like(right), chance, rates))
    return boards.Board("gen", "acc", sets, [0, 1], CODES)


def once(board: boards.Board, draws: bootstrap.Draws) -> dict[str, float]:
    """The share of intervals of each kind that hold the truth."""
    leaders, gaps = measures.leaderboard(board, draws), measures.gaps(board, draws)
    low, high = TRUTH[:, 2:].mean(axis=1), TRUTH[:, :2].mean(axis=1)
    return {
        "a language's score": inside(measures.by_language(board, draws), TRUTH),
        "the gap to English": inside(
            {name: gaps[name][:, 1:] for name in ("low", "high")}, (TRUTH - TRUTH[:, :1])[:, 1:]
        ),
        "the mean of the languages": inside(leaders["score"], TRUTH.mean(axis=1)),
        "two models' difference": inside(measures.pairs(board, draws)["all"], TRUTH[0].mean() - TRUTH[1].mean()),
        "low / high": inside(leaders["low_to_high"], low / high),
        "the worst language": inside(leaders["worst"], TRUTH.min(axis=1)),
        "spread": inside(leaders["spread"], TRUTH.max(axis=1) - TRUTH.min(axis=1)),
        "Gini": inside(leaders["gini"], statistics.gini(TRUTH)),
        "Atkinson": inside(leaders["atkinson"], statistics.atkinson(TRUTH)),
    }


def inside(found: dict[str, np.ndarray], truth) -> float:
    return float(np.mean((found["low"] <= truth) & (truth <= found["high"])))


if __name__ == "__main__":
    main()
