"""Faults in multiple choice: options in another order, two made alike, one lost, the answer's letter given away.

    >>> item = Item("sw", "own", "Which vitamin is in oranges?", "Vitamini gani iko ndani ya machungwa?", ("A", "C"), ("A", "C"), 1)

The items are the project's own sample (17 languages, machine-written) and the Zulu human translation of MMLU's clinical
sections. The gold answer's index stays what it was, as in a translation that shuffles the options unawares.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

from globmed_curation.stages.clean import clean

from globmed_tools import sample as own
from globmed_tools.languages import get

SECTIONS = ("clinical_knowledge", "college_medicine", "virology")
_AFRICAN = Path("mmlu_clinical_african/data/evaluation_benchmarks_afr_release")


@dataclass(frozen=True, slots=True)
class Item:
    """A multiple-choice item in English and in another language."""

    language: str
    corpus: str
    source: str
    translation: str
    source_options: tuple[str, ...]
    options: tuple[str, ...]
    answer: int


OPTION_FAULTS: dict[str, tuple[tuple[str, ...], Callable[[Item, Random], Item | None]]] = {}


def option_fault(name: str, *checks: str):
    """Put a planting function on the list: name -> (the checks that are made for it, function)."""

    def put(function):
        OPTION_FAULTS[name] = (checks, function)
        return function

    return put


def plant_option(name: str, item: Item) -> Item | None:
    """The item with this fault in its translation, the same at every call; None where it cannot be planted."""
    random = Random(f"{name}\n{item.language}\n{item.source}\n{item.translation}")
    return OPTION_FAULTS[name][1](item, random)


def _plain(options: tuple[str, ...]) -> set[str]:
    return {" ".join(option.lower().split()) for option in options}


@option_fault("options permuted", "options", "numbers", "doses", "untranslated")
def permuted(item: Item, random: Random) -> Item | None:
    """Every option stands in another place than before."""
    if len(_plain(item.options)) < len(item.options):
        return None
    turn = random.randrange(1, len(item.options))
    return replace(item, options=item.options[turn:] + item.options[:turn])


@option_fault("two options exchanged", "options", "numbers", "doses", "untranslated")
def exchanged(item: Item, random: Random) -> Item | None:
    """The gold option and another one change places: the answer is wrong now."""
    if len(_plain(item.options)) < len(item.options):
        return None
    other = random.choice([i for i in range(len(item.options)) if i != item.answer])
    made = list(item.options)
    made[item.answer], made[other] = made[other], made[item.answer]
    return replace(item, options=tuple(made))


@option_fault("two options made equal", "options")
def made_equal(item: Item, random: Random) -> Item | None:
    """One option becomes a copy of another."""
    left, right = random.sample(range(len(item.options)), 2)
    made = list(item.options)
    made[left] = made[right]
    return replace(item, options=tuple(made)) if tuple(made) != item.options else None


@option_fault("option lost", "options")
def lost(item: Item, random: Random) -> Item | None:
    """One option is missing."""
    place = random.randrange(len(item.options))
    return replace(item, options=item.options[:place] + item.options[place + 1 :])


@option_fault("answer given away", "leak")
def given_away(item: Item, random: Random) -> Item | None:
    """The question ends with the answer's letter, behind the language's own word for "answer" or a phrase for it."""
    letter = "ABCDEFGHIJ"[item.answer]
    language = get(item.language)
    word = random.choice([language.words["answer"], language.extract["answer"][0]])
    ending = random.choice(["{}: {}", "({}: {})", "{} {}."]).format(word[:1].upper() + word[1:], letter)
    return replace(item, translation=f"{item.translation} {ending}")


@option_fault("letter left in an option", "leak")
def lettered(item: Item, random: Random) -> Item | None:
    """An option opens with a letter: "B. Aspirin" for "Aspirin"."""
    place = random.randrange(len(item.options))
    made = list(item.options)
    made[place] = random.choice(["{}. {}", "{}) {}", "({}) {}"]).format("ABCDEFGHIJ"[place], made[place])
    return replace(item, options=tuple(made))


@cache
def own_items(code: str) -> tuple[Item, ...]:
    """The multiple-choice items of the project's sample, in file order."""
    sides = []
    for name in ("en", code):
        lines = (Path(own.__path__[0]) / f"{name}.jsonl").read_text("utf-8").splitlines()
        sides.append({row["group"]: row for row in map(json.loads, lines) if row["form"] == "mcq"})
    english, theirs = sides
    return tuple(
        Item(
            code,
            "sample",
            english[key]["question"],
            row["question"],
            tuple(english[key]["options"]),
            tuple(row["options"]),
            row["answers"][0],
        )
        for key, row in theirs.items()
    )


def african(data: Path, folder: str, splits=("test",)) -> list[Item]:
    """The clinical MMLU in Zulu beside English. folder: mmlu_cm_ck_vir (human), _mt (machine), _bt (back-translated)."""
    found = []
    for section in SECTIONS:
        for split in splits:
            english = _rows(data / _AFRICAN / "mmlu_cm_ck_vir" / f"{section}_{split}.csv")
            theirs = _rows(data / _AFRICAN / folder / f"{section}_{split}_zu.csv")
            if len(english) != len(theirs):
                raise SystemExit(f"{folder}, {section} {split}: {len(theirs)} rows beside {len(english)} English ones.")
            for source, row in zip(english, theirs):
                answer = "ABCD".index(source[5].strip())
                found.append(Item("zu", folder, source[0], row[0], tuple(source[1:5]), tuple(row[1:5]), answer))
    return found


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [[clean(cell)[0] for cell in row] for row in csv.reader(file) if row]
