"""Train the language model from the texts of corpus.toml: a fastText file, the pieces of each language, the calibration.

    written = train(Path("shared/data"), Path("model.ftz"))   # model.ftz, model.pieces, model.json

One thread, a fixed seed and a fixed order: the same texts and the same trainer give the same bytes on the same kind of
processor. Of every text the model sees parts as well as the whole, because it will be asked about short ones; each label's
loss is its own (one against all), so that a text in an unknown language can be unlike every one of them.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from globmed_tools import languages
from globmed_tools.errors import GlobmedError

from . import calibrate, corpus, pieces
from . import siblings as regression
from .fold import fold

TRAINER = "fasttext-community==0.11.9"
#: Scripts whose texts have no pieces: single characters say what there is to say.
WORDLESS = ("Hani", "Hant", "Jpan", "Hang")
#: qaa is kept free for private use by ISO 639-2.
INVENTED = "qaa_Latn"
VOWELS, CONSONANTS = "aeiou", "bcdfghjklmnpqrstvwxyz"


@dataclass(frozen=True, slots=True)
class Recipe:
    """lines: training lines of one of our languages (see `share` in corpus.toml); invented: those of no language (see
    `invent`); the rest are fastText's own names."""

    lines: int = 12_000
    invented: int = 12_000
    dim: int = 24
    dsub: int = 3
    bucket: int = 80_000
    minn: int = 3
    maxn: int = 6
    epoch: int = 6
    lr: float = 0.5
    seed: int = 1


def train(data: Path, out: Path, recipe: Recipe = Recipe(), say: Callable[[str], None] = lambda _: None) -> list[Path]:
    """Write OUT and, beside it, OUT's name with .pieces and .json; returns the three paths."""
    fasttext = trainer()
    say(f"reading {data}")
    texts = corpus.read(data, say=say)
    folded = by_label(texts, "train")
    plan = corpus.plan()
    lines = list(training_lines(folded, plan["share"], recipe))
    say(f"training on {len(lines):,} lines of {len(folded)} languages")
    out.parent.mkdir(parents=True, exist_ok=True)
    _fit(fasttext, lines, recipe, out)
    beside = out.with_suffix(".pieces")
    ours = {label for one in languages.table().values() for label in one.lid}
    with_pieces = [
        label for label in folded if (label in ours or label in plan["pieces"]) and label.split("_")[1] not in WORDLESS
    ]
    counts = {label: pieces.count(found) for label, found in folded.items()}
    pairs = siblings(folded, plan["siblings"])
    short = {
        (one, other): regression.table(folded[one], folded[other], regression.own()) for one, other in plan["regressed"]
    }
    pieces.save(beside, pieces.Known(pieces.weights(counts, with_pieces, corpus.STRANGERS), pairs, short))
    say("calibrating")
    about = {
        "trained_on": {label: len(found) for label, found in folded.items()},
        "recipe": asdict(recipe),
        **calibrate.calibrate(out, beside, by_label(texts, "dev"), plan["lenient"]),
    }
    notes = out.with_suffix(".json")
    notes.write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return [out, beside, notes]


def trainer() -> Any:
    """The module fasttext, if it is one that trains; the one that globmed depends on only predicts. And is scikit-learn there?"""
    try:
        import fasttext
    except ImportError:
        fasttext = None
    if not hasattr(fasttext, "train_supervised"):
        raise GlobmedError(
            f"training needs a fastText that trains, and the installed one only predicts. Make an environment of its own "
            f"for it: pip uninstall fasttext-predict && pip install {TRAINER}."
        )
    if find_spec("sklearn") is None:
        raise GlobmedError(
            "training needs scikit-learn for the table that tells Zulu from Xhosa, and it is not installed. "
            "pip install 'scikit-learn>=1.5' (the extra `review` has it)."
        )
    return fasttext


def by_label(texts: list[corpus.Text], role: str) -> dict[str, list[str]]:
    """label -> the folded texts of one role, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        if text.role == role:
            folded = fold(text.text).text
            if folded:
                found[text.label].append(folded)
    return dict(found)


def siblings(folded: dict[str, list[str]], pairs: list[list[str]]) -> dict[tuple[str, str], dict[str, int]]:
    """The table of each pair."""
    tables = {}
    for first, second in pairs:
        counts = [pieces.count(folded[one], pieces.PAIR_LENGTH) for one in (first, second)]
        tables[first, second] = pieces.pair_weights(*counts)
    return tables


def training_lines(folded: dict[str, list[str]], share: dict[str, float], recipe: Recipe) -> list[str]:
    """Lines as fastText reads them, shuffled: each label's texts again and again, in parts, until it has its share."""
    chance = random.Random(recipe.seed)
    ours = {label for one in languages.table().values() for label in one.lid}
    lines = []
    for label, texts in folded.items():
        texts = list(texts)
        chance.shuffle(texts)
        wanted = int(recipe.lines * share.get(label, 1.0 if label in ours else share["default"]))
        for number in range(wanted):
            lines.append(f"__label__{label} {part_of(texts[number % len(texts)], chance)}\n")
    lines += invent({label: texts for label, texts in folded.items() if label.endswith("_Latn")}, recipe)
    chance.shuffle(lines)
    return lines


def invent(folded: dict[str, list[str]], recipe: Recipe) -> list[str]:
    """Lines in languages that do not exist: real ones with their vowels exchanged and some consonants replaced.

    They have the build of a language and are none, as a language that the model never saw; their label is never a guess.
    """
    chance, labels = random.Random(recipe.seed), sorted(folded)
    lines = []
    for _ in range(recipe.invented):
        text = part_of(chance.choice(folded[chance.choice(labels)]), chance)
        new = list(VOWELS)
        while "".join(new) == VOWELS:
            chance.shuffle(new)
        if chance.random() < 0.3:
            new = list(VOWELS)
        other = list(CONSONANTS)
        for _ in range(chance.randint(2, 6)):
            other[chance.randrange(len(other))] = chance.choice(CONSONANTS)
        lines.append(
            f"__label__{INVENTED} {text.translate(str.maketrans(VOWELS + CONSONANTS, ''.join(new + other)))}\n"
        )
    return lines


def part_of(text: str, chance: random.Random) -> str:
    """The text or, three times in four, 15 to 70 characters of it from the beginning of a word on."""
    wanted = chance.randint(15, 70)
    if chance.random() < 0.25 or len(text) <= wanted:
        return text
    start = 0 if chance.random() < 0.4 else text.find(" ", chance.randrange(len(text) - wanted)) + 1
    return text[start : start + wanted].strip() if start < len(text) - 8 else text


def _fit(fasttext: Any, lines: list[str], recipe: Recipe, out: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "lines.txt"
        file.write_text("".join(lines), "utf-8")
        model = fasttext.train_supervised(
            str(file),
            dim=recipe.dim,
            epoch=recipe.epoch,
            lr=recipe.lr,
            minn=recipe.minn,
            maxn=recipe.maxn,
            bucket=recipe.bucket,
            seed=recipe.seed,
            minCount=len(lines),  # only the end of line is that frequent: no word is kept, parts of words say it all
            loss="ova",
            thread=1,
            verbose=0,
        )
    model.quantize(retrain=False, qnorm=True, dsub=recipe.dsub)
    model.save_model(str(out))
