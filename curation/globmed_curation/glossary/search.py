"""One term looked up by a person: what the glossary has for it, or what comes near.

    >>> lookup(glossary, "brochitis", "sw")
    {'asked': 'brochitis', 'language': 'sw', 'terms': [], 'inside': [], 'near': ['bronchitis', 'acute bronchitis']}

Nearness is the share of three-letter pieces that two terms have in common (Dice), without case and accents: it needs no words,
so that it serves Chinese and Yoruba too.
"""

from __future__ import annotations

from heapq import nlargest
from typing import Any

from .book import Glossary
from .words import folded

#: How many near terms are told, and how near they must be.
NEAR, LEAST = 5, 0.3


def lookup(glossary: Glossary, asked: str, target: str, source: str = "en") -> dict[str, Any]:
    """terms: what the glossary calls it, nearest first, each with its rows; where there are none, inside: terms that stand
    in what was asked, and near: terms that look like it."""
    names = glossary.called(asked, target, source)
    terms = [{"term": name, "translations": glossary.rows(name, target, source)} for name in names]
    found = {"asked": asked, "source_language": source, "language": target, "terms": terms, "inside": [], "near": []}
    if not terms:
        inside = (hit.term for hit in glossary.find(asked, target, source))
        found["inside"] = list(dict.fromkeys(inside))
        found["near"] = near(asked, glossary.terms(source, target))
    return found


def near(asked: str, terms: list[str]) -> list[str]:
    """The terms most like the one asked for, most alike first."""
    wanted = _threes(asked)
    scored = ((_dice(wanted, _threes(term)), term) for term in terms)
    best = nlargest(NEAR, ((score, term) for score, term in scored if score >= LEAST), key=lambda one: one[0])
    return [term for _, term in best]


def _threes(text: str) -> set[str]:
    text = f"  {folded(text)} "
    return {text[place : place + 3] for place in range(len(text) - 2)}


def _dice(one: set[str], other: set[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other))
