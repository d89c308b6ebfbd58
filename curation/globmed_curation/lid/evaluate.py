"""How good is a language identifier? The same figures for any of them, over texts it was never trained on.

    figures = evaluate(read(Path("shared/data")), load("").identify)
    figures["sentences"]["macro_f1"], figures["40 characters"]["zu_xh"], figures["sentences"]["strangers_taken"]

`sentences` are texts of at least 40 characters (15 in scripts without spaces, and Hangul), whole; `40 characters` are the
first 40 characters of the same texts; `short` are the others. Macro F1 is over the paper's twelve, a rejected text counting as
an error. zu_xh is the macro F1 of the two over all Zulu and Xhosa texts, where a rejected text or one taken for a third language
counts as an error too; zu_against_xh is the same over those that are taken for either. strangers_taken is the share of texts in the languages
of corpus.toml with the role `unseen` that are called one of the seventeen, averaged over texts; rejected is the share of
texts in the seventeen that are called "und".
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from globmed_tools import languages, resources

from . import corpus

SPACED, UNSPACED = 40, 15
PARTS = ("sentences", "40 characters", "short")
Identify = Callable[[list[str]], Sequence[tuple[str, float]]]


def read(data: Path) -> list[corpus.Text]:
    """The test texts: those of corpus.toml and the project's own sample, a domain that no model was trained on."""
    return corpus.read(data, ("test", "unseen")) + sample()


def sample() -> list[corpus.Text]:
    """Questions, contexts and answers of the bundled sample: machine-written medicine in every language."""
    found = []
    for file in sorted(resources.sample().glob("*.jsonl")):
        label = languages.get(file.stem).lid[-1]
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            for name in ("question", "context", "reference", "rationale"):
                if row.get(name):
                    found.append(corpus.Text(label, "sample", "sample", "test", row["group"], row[name]))
    return found


def code_of(label: str) -> str:
    """The language code of a label, or the label itself."""
    known = {name: one.code for one in languages.table().values() for name in one.lid}
    return known.get(label, label)


def select(texts: list[corpus.Text], part: str) -> list[tuple[corpus.Text, str]]:
    """The texts of one part of the evaluation, with what the identifier is given of them."""
    found = []
    for text in texts:
        dense = text.label.endswith(("_Hani", "_Hant", "_Jpan", "_Hang", "_Kore"))
        long = len(text.text) >= (UNSPACED if dense else SPACED)
        if long != (part == "short"):
            found.append((text, text.text[:40] if part == "40 characters" else text.text))
    return found


def evaluate(texts: list[corpus.Text], identify: Identify) -> dict[str, Any]:
    """part -> figures; see the module's docstring."""
    return {part: _figures(select(texts, part), identify) for part in PARTS}


def _figures(chosen: list[tuple[corpus.Text, str]], identify: Identify) -> dict[str, Any]:
    guesses = [code for code, _ in identify([given for _, given in chosen])]
    codes = {label: code_of(label) for label in {text.label for text, _ in chosen}}
    ours, paper = set(languages.table()), languages.codes(paper=True)
    known = [(codes[text.label], guess, text) for (text, _), guess in zip(chosen, guesses) if text.role == "test"]
    strange = [(text.label, guess) for (text, _), guess in zip(chosen, guesses) if text.role == "unseen"]
    own = [(true, guess) for true, guess, _ in known if true in ours]
    by_source: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for true, guess, text in known:
        if true in paper:
            by_source[text.source].append((true, guess))
    pair = ["zu", "xho_Latn"]
    two = [(true, guess) for true, guess, _ in known if true in pair]
    by_language = f1([pair_ for pair_ in own], sorted(ours))
    twelve = f1([one for one in own if one[0] in paper], paper)
    return {
        "texts": len(own),
        "macro_f1": _mean(twelve.values()),
        "macro_f1_of_17": _mean(by_language.values()),
        "by_source": {
            name: _mean(f1(found, sorted({true for true, _ in found})).values()) for name, found in by_source.items()
        },
        "by_language": by_language,
        "zu_xh": _mean(f1(two, pair).values()),
        "zu_against_xh": _mean(f1([one for one in two if one[1] in pair], pair).values()),
        "rejected": sum(guess == "und" for _, guess in own) / max(1, len(own)),
        "rejected_by_language": _shares(own, lambda guess: guess == "und"),
        "strangers": len(strange),
        "strangers_taken": sum(guess in ours for _, guess in strange) / max(1, len(strange)),
        "taken_by_language": _shares(strange, lambda guess: guess in ours),
        "confused": [
            [*pair_, count] for pair_, count in Counter(one for one in own if one[0] != one[1]).most_common(12)
        ],
    }


def f1(pairs: list[tuple[str, str]], labels: Sequence[str]) -> dict[str, float]:
    """F1 of each label over (true, guessed) pairs: 2 tp / (2 tp + fp + fn), 1.0 where the label occurs on neither side."""
    right, true, guessed = Counter(), Counter(), Counter()
    for one, other in pairs:
        true[one] += 1
        guessed[other] += 1
        right[one] += one == other
    return {
        label: 2 * right[label] / (true[label] + guessed[label]) if true[label] + guessed[label] else 1.0
        for label in labels
    }


def _shares(pairs: list[tuple[str, str]], counts: Callable[[str], bool]) -> dict[str, float]:
    total, hits = Counter(), Counter()
    for true, guess in pairs:
        total[true] += 1
        hits[true] += counts(guess)
    return {true: hits[true] / total[true] for true in sorted(total)}


def _mean(values) -> float:
    values = list(values)
    return sum(values) / len(values) if values else 0.0
