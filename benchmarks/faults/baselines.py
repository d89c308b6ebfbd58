"""Two checks that anyone would write first: the same digits on both sides, and a usual length.

>>> digits_differ("Give 5 mg.", "Mpe mg 50.")
True
>>> Lengths.of(texts).unusual("Give 5 mg.", "Mpe.")
True
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import log

import regex

from . import Text

_DIGITS = regex.compile(r"\d+")


def digits_differ(source: str, translation: str) -> bool:
    """Whether the runs of digits (of any script), as numbers and in any order, differ."""
    return sorted(map(int, _DIGITS.findall(source))) != sorted(map(int, _DIGITS.findall(translation)))


@dataclass(frozen=True, slots=True)
class Lengths:
    """Ratios of characters between which a translation is taken for usual."""

    shortest: float
    longest: float

    @classmethod
    def of(cls, texts: Iterable[Text]) -> Lengths:
        """The middle 98 of 100 of these texts."""
        ratios = sorted(_ratio(text.source, text.translation) for text in texts)
        cut = len(ratios) // 100
        return cls(ratios[cut], ratios[-1 - cut])

    def unusual(self, source: str, translation: str) -> bool:
        return not self.shortest <= _ratio(source, translation) <= self.longest


def _ratio(source: str, translation: str) -> float:
    return log(max(1, len(translation)) / max(1, len(source)))
