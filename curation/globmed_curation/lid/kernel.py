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
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import repeat
from math import exp
from pathlib import Path
from typing import Any, NamedTuple

from globmed_tools import languages
from globmed_tools.errors import GlobmedError

from . import pieces, siblings
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
#: The probability of a sibling that is not among them, and what a step in a pair's counted table adds to its log-odds.
_NOT_LISTED, _PAIR_WEIGHT = 0.01, 0.25
#: What the evidence of others must be stronger by than that of a sibling: what is read here is rarely Ndebele.
_LEAN = 4.0
#: fastText reads probabilities off a table of 512 steps; their log-odds need not be worked out each time.
_log_odds = lru_cache(1024)(log_odds)
_Verdict = tuple[str, float, float, int, dict[str, float]]


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
            self._predict = self._model.predict
        except (ValueError, RuntimeError, MemoryError) as error:
            raise GlobmedError(f"{path}: not a fastText model ({error}). Name a .bin or .ftz file.") from None
        self.labels = tuple(sorted(name.removeprefix(PREFIX) for _, name in self._predict("\n", -1, 0.0, "strict")))

    def best(self, line: str, count: int, least: float = 0.0) -> list[tuple[float, str]]:
        """The `count` likeliest (probability, label with its prefix) of a line, the likeliest first.

        least: those below this probability are left out, unless all are. Line by line: fasttext-predict's call for many
        lines at once returns no probabilities.
        """
        line += "\n"
        return self._predict(line, count, least, "strict") or self._predict(line, count, 0.0, "strict")

    def chances(self, lines: list[str], label: str) -> list[float]:
        """The probability of one label for each line."""
        wanted = PREFIX + label
        return [next((chance for chance, name in self.best(line, -1) if name == wanted), 0.0) for line in lines]


def _codes() -> dict[str, str]:
    return {label: one.code for one in languages.table().values() for label in one.lid}


class _Label(NamedTuple):
    """What is known of a label: its code, the weights of its pieces (none for some scripts), typical and least at each length.

    sibling, pair, sign, short: its sibling, the pair's table, 1 where its weights speak for the sibling, -1 where they speak
    against it, and the pair's table for short texts, if it has one; "" for a label without a sibling.
    """

    code: str
    known: pieces.Weights | None
    typical: list[float]
    least: list[float]
    sibling: str = ""
    pair: pieces.Weights = {}
    sign: int = 0
    short: siblings.Table = siblings.Table({})


class Calibrated:
    """A model of ours: fastText, pieces and calibration."""

    def __init__(self, path: Path):
        self._ask, codes = Ask(path), _codes()
        about = json.loads(path.with_suffix(".json").read_text("utf-8"))
        self._weight: float = about["weight"]
        known = pieces.load(path.with_suffix(".pieces"))
        self._labels: dict[str, _Label] = {}
        for label, found in about["labels"].items():
            figures = [_every_length(about["letters"], found[name]) for name in ("typical", "least")]
            self._labels[PREFIX + label] = _Label(codes.get(label, label), known.labels.get(label), *figures)
        for (first, second), table in known.pairs.items():
            if {first, second} <= about["labels"].keys():
                short = siblings.Table(known.short.get((first, second), {}))
                for one, other, sign in ((first, second, 1), (second, first, -1)):
                    its = self._labels[PREFIX + one]
                    self._labels[PREFIX + one] = its._replace(
                        sibling=PREFIX + other, pair=table, sign=sign, short=short
                    )
        scripts = {label.split("_")[1] for label in about["labels"]} - _SETTLED.keys()
        self._fits = {
            script: frozenset(name for name in self._labels if name.split("_")[-1] in _FITS.get(script, (script,)))
            for script in scripts
        }
        self._settled = {script: codes[label] for script, label in _SETTLED.items()}

    def judge(self, texts: Sequence[str], expected: Sequence[str] | None = None) -> list[Judged]:
        """The verdict on each text; expected: a language code for each, whose own score is then given in any case."""
        return [Judged(*one) for one in self._verdicts(texts, expected)]

    def identify(self, texts: Sequence[str], min_score: float = MIN_SCORE) -> list[Guess]:
        """As `judge`, without what led to it; a text whose score is below min_score is "und"."""
        return [_guess(*one[:3], min_score) for one in self._verdicts(texts)]

    def _verdicts(self, texts: Sequence[str], expected: Sequence[str] | None = None) -> Iterable[_Verdict]:
        """The fields of a Judged for each text. Step by step for all: a step's tables stay in the processor's cache."""
        folded = [fold(text) for text in texts]
        fits, best = self._fits, self._ask.best
        asked = [best(line, _BEST, _RIVAL) if script in fits else () for script, line, _ in folded]
        return map(self._judge, folded, asked, expected or repeat(""))

    def _judge(self, text: Folded, best_labels: Sequence[tuple[float, str]], expected: str) -> _Verdict:
        script, line, letters = text
        fits = self._fits.get(script)
        if fits is None:
            return self._by_script(script, letters)
        # Most texts have one likely label of their script: the way to its score is kept short.
        found = [one for one in best_labels if one[1] in fits]
        if not found:
            return UNKNOWN, 0.0, 0.0, letters, {}
        chance, first = found[0]
        its, against = self._labels[first], 0.0
        if its.sibling:
            found, against = self._between(found, line)
            its = self._labels[found[0][1]]
        at = letters if letters < _LONGEST else _LONGEST
        parts = pieces.cut(line) if its.known is not None else ()
        best = self._evidence(its, chance, parts, at)
        score = _score(best - its.least[at], letters)
        if len(found) == 1:
            return its.code, score, 1.0, letters, {its.code: score}
        return self._weigh(found, its, best, score, parts, at, letters, expected, against)

    def _by_script(self, script: str, letters: int) -> _Verdict:
        """The verdict on a text in a script that fastText is not asked about."""
        if not script:
            return NO_LETTERS, 0.0, 0.0, 0, {}
        if script in self._settled:
            code = self._settled[script]
            return code, HIGHEST, 1.0, letters, {code: HIGHEST}
        return UNKNOWN, 0.0, 0.0, letters, {}

    def _between(self, found: list, line: str) -> tuple[list, float]:
        """`found` with the likelier of two siblings first and the other second, and how much less likely the other is.

        Both get the higher probability of the two: it says that the text is in one of them, their table says in which.
        """
        chance, first = found[0]
        sibling, table, sign, short = self._labels[first][-4:]
        other = next((its for its, name in found if name == sibling), _NOT_LISTED)
        margin = _log_odds(chance) - _log_odds(other)
        if short and len(line) <= siblings.LONGEST:
            margin = -sign * siblings.margin(short, -sign * margin, line)
        else:
            told = sign * sum(map(table.get, pieces.cut(line, pieces.PAIR_LENGTH), repeat(0)))
            margin -= _PAIR_WEIGHT * told
        names = (first, sibling) if margin >= 0 else (sibling, first)
        rest = [one for one in found[1:] if one[1] != sibling]
        return [(chance, names[0]), (chance, names[1]), *rest], abs(margin)

    def _weigh(
        self,
        found: list,
        first: _Label,
        best: float,
        score: float,
        parts: Sequence[str],
        at: int,
        letters: int,
        expected: str,
        against: float,
    ) -> _Verdict:
        """The verdict where several labels are likely: pieces may decide for another one than fastText did.

        against: where the first two are siblings, how much less likely the second is; that is settled.
        """
        least, lean = found[0][0] * _RIVAL, _LEAN if first.sibling else 0.0
        code, scores, weighed = first.code, {first.code: score}, [best]
        for chance, name in found[1:]:
            its = self._labels[name]
            if (chance < least and its.code != expected) or its.code in scores:
                continue
            evidence = self._evidence(its, chance, parts, at)
            if name == first.sibling:
                evidence = min(evidence, best - against)
            scores[its.code] = _score(evidence - its.least[at], letters)
            weighed.append(evidence)
            if name == first.sibling or its.known is None or first.known is None:
                continue
            leans = _LEAN if its.sibling else 0.0
            if evidence + leans > best + lean:
                best, code, lean = evidence, its.code, leans
        share = 1 / sum([exp(min(50.0, other - best)) for other in weighed])
        return code, scores[code], share, letters, scores

    def _evidence(self, label: _Label, chance: float, parts: Sequence[str], at: int) -> float:
        if label.known is None or not parts:
            return _log_odds(chance)
        weight = sum(map(label.known.get, parts, repeat(pieces.UNKNOWN))) / len(parts)
        return _log_odds(chance) + self._weight * (weight - label.typical[at])


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
        found = []
        for text in texts:
            letters = fold(text).letters
            scores: dict[str, float] = {}
            for chance, label in self._ask.best(" ".join(text.split()), 2 * _BEST):
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
        return [_guess(*one[:3], min_score) for one in self.judge(texts)]


Identifier = Calibrated | Foreign
_LONGEST, _FEW = 200, 12


def _guess(code: str, score: float, share: float, min_score: float) -> Guess:
    if score < min_score and code != NO_LETTERS:
        return Guess(UNKNOWN, score)
    return Guess(code, score * share)


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
