"""How far reviewers agree: per question and language, with what a reader needs to doubt the figures.

    told = figures(load(Path("review")), Config(least=10))
    told["questions"][0]["question"], told["questions"][0]["languages"][1]
    # "accuracy", {"language": "sw", "answers": 40, "items": 30, "double": 10, "agreement": 0.6, "alpha": 0.71, "alpha_low":
    #  0.38, "alpha_high": 0.9, "kappa": 0.7, "kappa_pairs": 1, "ac1": 0.55, "ac2": 0.86, "mean": 4.1, "confusions": [[4, 5, 3]], ...}

Only submitted answers count. Items with planted faults count for the calibration and for nothing else: they are easier than
the rest and would flatter the agreement. A language with fewer than `least` items that two reviewers saw gets its counts and
a note that says so, and no figure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from globmed_tools import languages
from globmed_tools.errors import GlobmedError

from . import agreement_reviewers as reviewers
from . import model, questions, statistics
from .agreement_answers import Answered

ALL = "all"
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Config:
    """least: items seen by two reviewers below which no figure is given; resamples, seed and share (of the interval) of the
    bootstrap; weights of kappa and AC2 for ordered answers: linear or quadratic."""

    least: int = 10
    resamples: int = statistics.RESAMPLES
    seed: int = statistics.SEED
    share: float = statistics.SHARE
    weights: str = "quadratic"

    def __post_init__(self):
        if self.least < 2:
            raise GlobmedError(f"least: {self.least} items give no figure of agreement. Give 2 or more.")
        if self.resamples < 100:
            raise GlobmedError(f"resamples: {self.resamples} give no interval. Give 100 or more.")
        if self.weights not in statistics.WEIGHTS[1:]:
            raise GlobmedError(f"weights: {self.weights!r}; one of {', '.join(statistics.WEIGHTS[1:])}.")


@dataclass(frozen=True, slots=True)
class Question:
    """What is compared: values in their order, level of measurement, and how an answer is read (None: not answered)."""

    name: str
    title: str
    values: tuple[Any, ...]
    level: str
    read: Callable[[model.Answer], Any]

    @property
    def numeric(self) -> bool:
        return all(isinstance(value, int) for value in self.values)


def asked() -> list[Question]:
    """The ratings, the safety judgement, and four things that a reviewer did or did not do."""
    made = [
        Question(one.name, one.title, tuple(one.values), "ordinal", _reader(one.name))
        for one in (*questions.load().ratings, questions.load().safety)
    ]
    did = {
        "marked": ("An error is marked", lambda one: YES if one.errors else NO),
        "revised": ("The text is changed", lambda one: YES if one.revision else NO),
        "flagged": ("A flag is set", lambda one: YES if one.flags else NO),
    }
    return made + [Question(name, title, (NO, YES), "nominal", read) for name, (title, read) in did.items()]


def _reader(name: str) -> Callable[[model.Answer], Any]:
    return lambda one: getattr(one, name)


def figures(found: Answered, config: Config | None = None) -> dict[str, Any]:
    """All figures of a review, JSON-ready: {"items", "answers", "left_out", "config", "questions", "reviewers",
    "calibration"}. GlobmedError where nobody has submitted anything."""
    config = config or Config()
    if not found.counted:
        raise GlobmedError(
            f"no submitted answer ({_left(found) or 'no answer at all'}), so there is nothing to compare. "
            "Pull or import answers first."
        )
    codes = [code for code in _order({one.language for one in found.items.values()})]
    return {
        "items": len(found.items),
        "reviewed": sum(found.items[id].calibration is None for id in found.answers),
        "answers": found.counted,
        "left_out": dict(sorted(found.left_out.items())),
        "languages": codes,
        "config": asdict(config),
        "questions": [_question(one, found, codes, config) for one in asked()],
        "reviewers": reviewers.rows(found),
        "calibration": reviewers.calibration(found),
    }


def _left(found: Answered) -> str:
    return ", ".join(f"{n:,} {why}" for why, n in sorted(found.left_out.items()))


def _order(codes: set[str]) -> list[str]:
    rank = {code: number for number, code in enumerate(languages.codes())}
    return sorted(codes, key=lambda code: (rank.get(code, len(rank)), code))


def _question(asked: Question, found: Answered, codes: Sequence[str], config: Config) -> dict[str, Any]:
    by: dict[str, list[dict[str, Any]]] = {code: [] for code in codes}
    for id, answers in found.answers.items():
        item = found.items[id]
        unit = {one.reviewer: value for one in answers if (value := asked.read(one)) is not None}
        if unit and item.calibration is None:
            by[item.language].append(unit)
    rows = [{"language": code, **_compared(asked, units, config)} for code, units in by.items()]
    if len(codes) > 1:
        every = [unit for units in by.values() for unit in units]
        rows.append({"language": ALL, **_compared(asked, every, config)})
    return {
        "question": asked.name,
        "title": asked.title,
        "level": asked.level,
        "values": list(asked.values),
        "languages": rows,
    }


def _compared(asked: Question, units: list[dict[str, Any]], config: Config) -> dict[str, Any]:
    """The counts of these units and, where enough of them were seen twice, the figures; None stands for "not defined"."""
    given = [value for unit in units for value in unit.values()]
    double = sum(len(unit) > 1 for unit in units)
    met = Counter(given)
    told = {
        "answers": len(given),
        "items": len(units),
        "double": double,
        "values": [[value, met[value]] for value in asked.values],
        "mean": sum(given) / len(given) if given and asked.numeric else None,
        "confusions": [list(one) for one in statistics.confusions(units, asked.values)],
        **dict.fromkeys(("agreement", "alpha", "alpha_low", "alpha_high", "undefined"), None),
        **dict.fromkeys(("kappa", "kappa_pairs", "ac1", "ac2"), None),
        "note": None,
    }
    if double < config.least:
        return told | {"note": f"{double:,} seen by two reviewers, {config.least:,} needed for a figure"}
    return told | _agreement(asked, units, config)


def _agreement(asked: Question, units: list[dict[str, Any]], config: Config) -> dict[str, Any]:
    scale, level = asked.values, asked.level
    ordered = level != "nominal"
    interval = statistics.alpha_interval(
        units, scale, level, resamples=config.resamples, seed=config.seed, share=config.share
    )
    weights = config.weights if ordered else "identity"
    kappa = statistics.mean_kappa(units, scale, weights, least=config.least)
    alpha = statistics.alpha(units, scale, level)
    return {
        "agreement": statistics.percent_agreement(units),
        "alpha": alpha,
        "alpha_low": interval.low if interval else None,
        "alpha_high": interval.high if interval else None,
        "undefined": interval.undefined if interval else None,
        "kappa": kappa.value if kappa else None,
        "kappa_pairs": kappa.pairs if kappa else 0,
        "ac1": statistics.gwet(units, scale),
        "ac2": statistics.gwet(units, scale, config.weights) if ordered else None,
        "note": _note(alpha, kappa, config),
    }


def _note(alpha: float | None, kappa: statistics.MeanKappa | None, config: Config) -> str | None:
    if alpha is None:
        return "every answer to an item seen twice was the same value: alpha and kappa are not defined"
    if kappa is None:
        return f"no kappa: no two reviewers share {config.least:,} items with different answers among them"
    return None
