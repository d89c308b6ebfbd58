"""What a mix is told. Everything that has a default here is our choice: the paper says nothing of how its languages were mixed.

Options(temperature=3.3, sets={"medqa": Fraction("0.5")}, seed=1).checked()
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from ... import languages
from ...catalog import FORMS
from ...errors import GlobmedError, suggest

#: T = 3.3 is the exponent 0.3 of XLM-R and mT5, a compromise between the data as it is and equal languages.
TEMPERATURE = 3.3
#: How often one entry may stand in the file; repeated more often, a small set is learned by heart.
MAX_REPEATS = 4
#: Groups held out for evaluation in each language, or a tenth of what a language has where that is less.
EVAL_GROUPS, EVAL_PART = 100, 10


@dataclass(frozen=True)
class Options:
    """Settings of a mix. entries, tokens: its size (neither: as many entries as there are); sets, forms: shares of the mix;
    languages: only these (empty: all); eval_per_language None: EVAL_GROUPS or less; splits: those that are trained on;
    drop_held_out: leave out what is held out for testing, and list it, instead of refusing it."""

    temperature: float = TEMPERATURE
    max_repeats: int = MAX_REPEATS
    entries: int | None = None
    tokens: int | None = None
    languages: tuple[str, ...] = ()
    sets: dict[str, Fraction] = field(default_factory=dict)
    forms: dict[str, Fraction] = field(default_factory=dict)
    eval_per_language: int | None = None
    splits: tuple[str, ...] = ("train",)
    seed: int = 0
    drop_held_out: bool = False

    def checked(self) -> Options:
        """Itself with language aliases (jp) resolved and everything in order; GlobmedError for what cannot be."""
        if not self.temperature >= 1:
            raise GlobmedError(
                f"temperature {self.temperature:g}: 1 leaves the languages as they are, more evens them out, inf makes "
                "them equal. Less than 1 would favour those that have most; choose 1 or more."
            )
        if self.entries is not None and self.tokens is not None:
            raise GlobmedError("--entries and --tokens both give the size. Name one.")
        if "test" in self.splits:
            raise GlobmedError("split test is what models are scored on; it is never trained on. Name train or dev.")
        for name in self.forms:
            if name not in FORMS:
                raise GlobmedError(f"--form {name}: unknown{suggest(name, FORMS)}. Known: {', '.join(FORMS)}.")
        for kind, shares in (("set", self.sets), ("form", self.forms)):
            if (total := sum(shares.values())) > 1:
                raise GlobmedError(f"the shares given by --{kind} sum to {float(total):g}, over 1. Lower some.")
        codes = tuple(dict.fromkeys(languages.get(code).code for code in self.languages))
        return replace(self, languages=codes, splits=tuple(sorted(set(self.splits))))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; JSON has no infinity, so that is a word."""
        return {
            "temperature": "inf" if self.temperature == float("inf") else self.temperature,
            "max_repeats": self.max_repeats,
            "entries": self.entries,
            "tokens": self.tokens,
            "languages": list(self.languages),
            "sets": {name: float(share) for name, share in sorted(self.sets.items())},
            "forms": {name: float(share) for name, share in sorted(self.forms.items())},
            "eval_per_language": self.eval_per_language,
            "splits": list(self.splits),
            "seed": self.seed,
            "drop_held_out": self.drop_held_out,
        }


def share(text: str, option: str) -> tuple[str, Fraction]:
    """("medqa", 3/10) of "medqa=0.3" or "medqa=30%"; GlobmedError for anything else."""
    name, _, number = text.partition("=")
    try:
        value = Fraction(number.removesuffix("%")) / (100 if number.endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        raise GlobmedError(f"{option} {text!r}: written NAME=SHARE, such as {name or 'medqa'}=0.3 or 30%.") from None
    if not name or not 0 <= value <= 1:
        raise GlobmedError(f"{option} {text!r}: a share of the mix is between 0 and 1 (0.3 or 30%).")
    return name, value
