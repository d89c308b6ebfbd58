"""The kernel: many texts at once -> language and score.

    >>> load("").judge(["Isiguli sinomkhuhlane nekhanda elibuhlungu."])
    [Judged(code='zu', score=0.9999, share=1.0, letters=39, scores={'zu': 0.9999})]

Three steps. Scripts that no language of ours is written in are strangers, kana is Japanese and Hangul Korean. Else fastText
names its best labels among those of the script. Last the pieces of the text (pieces.py) decide between labels that are close
and say whether the winner is a stranger in disguise, by the calibration in the model's .json file. A fastText model of
somebody else's has no such files: its labels are mapped through `lid` and `decoys` of languages.toml, and its probability
is the score.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from itertools import repeat
from math import exp
from pathlib import Path
from typing import Any, NamedTuple

from globmed_tools import languages
from globmed_tools.errors import GlobmedError

from . import pieces
from .calibrate import log_odds
from .fold import Folded, fold

UNKNOWN, NO_LETTERS = "und", "zxx"
#: The border by default, and the highest score there is: nothing is certain.
MIN_SCORE, HIGHEST = 0.5, 0.9999
SHIPPED = Path(__file__).with_name("model.ftz")
PREFIX = "__label__"
#: Scripts in labels that a text of one script may be in: written Japanese may have no kana, Chinese is Hans or Hant.
_FITS = {"Hani": ("Hani", "Hant", "Hans", "Jpan")}
#: Scripts of one language alone.
_SETTLED = {"Jpan": "jpn_Jpan", "Hang": "kor_Hang"}
#: Labels that are asked for; a rival with less than this part of the winner's probability is none.
_BEST, _RIVAL = 4, 0.02
#: The probability of a sibling that is not among them, and what a step in a pair's table adds to its log-odds.
_NOT_LISTED, _PAIR_WEIGHT = 0.01, 0.25
#: What the evidence of others must be stronger by than that of a sibling: what is read here is rarely Ndebele.
_LEAN = 4.0


class Guess(NamedTuple):
    """code: of languages.toml, or a neighbour's label, "und" or "zxx"; score: 0 to 1, Judged.score times share."""

    code: str
    score: float


class Judged(NamedTuple):
    """What led to a guess.

    score: how much this looks like a text of that language at all (0.5 is the border); share: how sure it is this one and
    not a rival; letters: how much there was to go by; scores: the score of each label that was weighed.
    """

    code: str
    score: float
    share: float
    letters: int
    scores: dict[str, float]


class Ask:
    """A fastText model file: labels with probabilities, in batches."""

    def __init__(self, path: Path):
        try:
            import fasttext
        except ImportError:
            raise GlobmedError(
                "identify_language needs the package fasttext-predict. Install it: pip install 'globmed[curate]'."
            ) from None
        if not path.is_file():
            raise GlobmedError(f"{path}: no such file. Name a fastText model, or leave the option out.")
        try:
            self._model = fasttext.load_model(str(path)).f
        except (ValueError, RuntimeError, MemoryError) as error:
            raise GlobmedError(f"{path}: not a fastText model ({error}). Name a .bin or .ftz file.") from None
        self.labels = tuple(
            sorted(name.removeprefix(PREFIX) for _, name in self._model.predict("\n", -1, 0.0, "strict"))
        )

    def best(self, lines: list[str], count: int, least: float = 0.0) -> list[list[tuple[float, str]]]:
        """The `count` likeliest (probability, label with its prefix) of each line, the likeliest first.

        least: those below this probability are left out, unless all are. Line by line: fasttext-predict's call for many
        lines at once returns no probabilities.
        """
        predict = self._model.predict
        return [
            predict(line + "\n", count, least, "strict") or predict(line + "\n", count, 0.0, "strict") for line in lines
        ]

    def chances(self, lines: list[str], label: str) -> list[float]:
        """The probability of one label for each line."""
        wanted = PREFIX + label
        return [next((chance for chance, name in found if name == wanted), 0.0) for found in self.best(lines, -1)]


def _codes() -> dict[str, str]:
    return {label: one.code for one in languages.table().values() for label in one.lid}


class Calibrated:
    """A model of ours: fastText, pieces and calibration."""

    def __init__(self, path: Path):
        self._ask, self._codes = Ask(path), _codes()
        about = json.loads(path.with_suffix(".json").read_text("utf-8"))
        self._weight: float = about["weight"]
        known = pieces.load(path.with_suffix(".pieces"))
        self._known = {PREFIX + label: table for label, table in known.labels.items()}
        # label -> its sibling, the pair's table, and 1 where its weights speak for the sibling, -1 where they speak against it.
        self._sibling: dict[str, tuple[str, dict[str, int], int]] = {}
        for (one, other), table in known.pairs.items():
            self._sibling[PREFIX + one] = (PREFIX + other, table, 1)
            self._sibling[PREFIX + other] = (PREFIX + one, table, -1)
        self._typical, self._least = ({}, {})
        for label, found in about["labels"].items():
            self._typical[PREFIX + label] = _every_length(about["letters"], found["typical"])
            self._least[PREFIX + label] = _every_length(about["letters"], found["least"])
        self._code = {PREFIX + label: self._codes.get(label, label) for label in about["labels"]}
        self._sibling = {one: its for one, its in self._sibling.items() if one in self._code and its[0] in self._code}
        scripts = {label.split("_")[1] for label in about["labels"]}
        self._fits = {
            script: frozenset(name for name in self._code if name.split("_")[-1] in _FITS.get(script, (script,)))
            for script in scripts
        }

    def judge(self, texts: Sequence[str], expected: Sequence[str] | None = None) -> list[Judged]:
        """The verdict on each text; expected: a language code for each, whose own score is then given in any case."""
        folded = [fold(text) for text in texts]
        best = self._ask.best([one.text for one in folded], _BEST, _RIVAL)
        return list(map(self._judge, folded, best, expected or repeat("")))

    def identify(self, texts: Sequence[str], min_score: float = MIN_SCORE) -> list[Guess]:
        """As `judge`, without what led to it; a text whose score is below min_score is "und"."""
        return [_guess(one, min_score) for one in self.judge(texts)]

    def _judge(self, text: Folded, best_labels: list[tuple[float, str]], expected: str) -> Judged:
        script, line, letters = text
        if not script:
            return Judged(NO_LETTERS, 0.0, 0.0, 0, {})
        if script in _SETTLED:
            code = self._codes[_SETTLED[script]]
            return Judged(code, HIGHEST, 1.0, letters, {code: HIGHEST})
        # Most texts have one likely label of their script: the way to its score is kept short.
        fits = self._fits.get(script, ())
        found = [one for one in best_labels if one[1] in fits]
        if not found:
            return Judged(UNKNOWN, 0.0, 0.0, letters, {})
        against = 0.0
        if found[0][1] in self._sibling:
            found, against = self._between(found, line)
        chance, first = found[0]
        at = letters if letters < _LONGEST else _LONGEST
        parts = pieces.cut(line) if first in self._known else []
        best = self._evidence(first, chance, parts, at)
        code, score = self._code[first], _score(best - self._least[first][at], letters)
        if len(found) == 1:
            return Judged(code, score, 1.0, letters, {code: score})
        return self._weigh(found, best, score, parts, at, letters, expected, against)

    def _between(self, found: list, line: str) -> tuple[list, float]:
        """`found` with the likelier of two siblings first and the other second, and how much less likely the other is.

        Both get the higher probability of the two: it says that the text is in one of them, their table says in which.
        """
        (chance, first), (sibling, table, sign) = found[0], self._sibling[found[0][1]]
        other = next((its for its, name in found if name == sibling), _NOT_LISTED)
        told = sign * sum(map(table.get, pieces.cut(line, pieces.PAIR_LENGTH), repeat(0)))
        margin = log_odds(chance) - log_odds(other) - _PAIR_WEIGHT * told
        names = (first, sibling) if margin >= 0 else (sibling, first)
        rest = [one for one in found[1:] if one[1] != sibling]
        return [(chance, names[0]), (chance, names[1]), *rest], abs(margin)

    def _weigh(
        self,
        found: list,
        best: float,
        score: float,
        parts: list[str],
        at: int,
        letters: int,
        expected: str,
        against: float,
    ) -> Judged:
        """The verdict where several labels are likely: pieces may decide for another one than fastText did.

        against: where the first two are siblings, how much less likely the second is; that is settled.
        """
        chance, first = found[0]
        label, sibling = first, self._sibling[first][0] if first in self._sibling else ""
        scores, weighed = {self._code[first]: score}, [best]
        for other, name in found[1:]:
            code = self._code[name]
            if (other < chance * _RIVAL and code != expected) or code in scores:
                continue
            evidence = self._evidence(name, other, parts, at)
            if name == sibling:
                evidence = min(evidence, best - against)
            scores[code] = _score(evidence - self._least[name][at], letters)
            weighed.append(evidence)
            if name == sibling:
                continue
            if name in self._known and first in self._known and evidence + self._lean(name) > best + self._lean(label):
                best, label = evidence, name
        share = 1 / sum(exp(min(50.0, other - best)) for other in weighed)
        return Judged(self._code[label], scores[self._code[label]], share, letters, scores)

    def _lean(self, name: str) -> float:
        return _LEAN if name in self._sibling else 0.0

    def _evidence(self, name: str, chance: float, parts: list[str], at: int) -> float:
        evidence, known = log_odds(chance), self._known.get(name)
        if known is None or not parts:
            return evidence
        return evidence + self._weight * (
            sum(map(known.get, parts, repeat(pieces.UNKNOWN))) / len(parts) - self._typical[name][at]
        )


class Foreign:
    """A fastText model of somebody else's (GlotLID, lid.176), limited to our languages and their decoys."""

    def __init__(self, path: Path):
        self._ask, self._codes = Ask(path), _codes()
        decoys = {decoy for one in languages.table().values() for decoy in one.decoys}
        self._allowed = {
            PREFIX + label: self._codes.get(label, label)
            for label in self._ask.labels
            if label in self._codes or label in decoys
        }
        if not any(code in languages.table() for code in self._allowed.values()):
            raise GlobmedError(
                f"{path}: none of its {len(self._ask.labels)} labels ({', '.join(self._ask.labels[:3])} ...) is one of ours. "
                "The field `lid` in languages.toml lists the labels that are understood."
            )

    def judge(self, texts: Sequence[str], expected: Sequence[str] | None = None) -> list[Judged]:
        """As Calibrated.judge; such a model reads the text as it is."""
        best = self._ask.best([" ".join(text.split()) for text in texts], 2 * _BEST)
        found = []
        for text, labels in zip(texts, best):
            letters = fold(text).letters
            scores: dict[str, float] = {}
            for chance, label in labels:
                code = self._allowed.get(label)
                if code and code not in scores:
                    scores[code] = min(HIGHEST, chance)
            if not letters:
                found.append(Judged(NO_LETTERS, 0.0, 0.0, 0, {}))
            elif scores:
                code = max(scores, key=scores.__getitem__)
                found.append(Judged(code, scores[code], 1.0, letters, scores))
            else:
                found.append(Judged(UNKNOWN, 0.0, 0.0, letters, {}))
        return found

    def identify(self, texts: Sequence[str], min_score: float = MIN_SCORE) -> list[Guess]:
        """As Calibrated.identify."""
        return [_guess(one, min_score) for one in self.judge(texts)]


Identifier = Calibrated | Foreign
_LONGEST, _FEW = 200, 12


def _guess(one: Judged, min_score: float) -> Guess:
    if one.score < min_score and one.code != NO_LETTERS:
        return Guess(UNKNOWN, one.score)
    return Guess(one.code, one.score * one.share)


def _every_length(letters: list[int], values: list[float]) -> list[float]:
    """The figure for each number of letters from 0 to _LONGEST, linear between those given."""
    found = []
    for count in range(_LONGEST + 1):
        above = next((place for place, length in enumerate(letters) if length >= count), len(letters) - 1)
        if above == 0 or letters[above] <= count:
            found.append(values[above])
            continue
        low, high = letters[above - 1], letters[above]
        found.append(values[above - 1] + (values[above] - values[above - 1]) * (count - low) / (high - low))
    return found


def _score(above: float, letters: int) -> float:
    """The logistic of the evidence above the least, and less where there is hardly a word: "mg" is in no language."""
    score = min(HIGHEST, 1 / (1 + exp(-above))) if above > -50 else 0.0
    return score if letters >= _FEW else score * letters / _FEW


@cache
def load(model: Path | str | None = None) -> Any:
    """The identifier in this file, read once; none names the shipped model."""
    path = Path(model) if model else SHIPPED
    ours = path.with_suffix(".json").is_file() and path.with_suffix(".pieces").is_file()
    return (Calibrated if ours else Foreign)(path)
