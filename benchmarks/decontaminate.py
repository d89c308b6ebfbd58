"""How many test items does decontamination find in training data, and what else? Ours beside word n-gram overlap.

Human text in the twelve languages of the paper (NTREX-128). Test items are two of the first 300 sentences of a language,
joined; training records are four or five of the others, so that no record holds a test item by nature. Into one record in ten,
in its middle, a test item is planted:

    verbatim     as it is
    edited       5 % of the words exchanged for other words of the language (of characters, two by two, where words are not spaced)
    reordered    cut into four, the parts in another order
    punctuation  in capitals, with other stops, commas, quotes and spaces, full-width figures

A hit counts where it names the planted item. Beside ours (`globmed curate decontaminate`, its default settings; the time is that
of its library over texts in memory, its index included) two rules of word n-grams: any run of 13, or of 8, words in common.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import time
from collections import Counter
from pathlib import Path

from dedup import sentences_of
from tables import machine_line, markdown

KINDS = ("verbatim", "edited", "reordered", "punctuation")
ITEMS, HELD_BACK = 150, 300


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("GLOBMED_REAL_DATA"), help="folder of source sets")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    if options.data is None:
        parser.error("--data DIR (or $GLOBMED_REAL_DATA) is needed: the folder of source sets")
    items, texts, plants = corpus(options.data, options.records)
    print(f"{len(items):,} test items, {len(texts):,} records, {len(plants):,} plants", file=sys.stderr)
    sides = {"globmed": ours, "13 words": lambda i, t: words(i, t, 13), "8 words": lambda i, t: words(i, t, 8)}
    found = {}
    for name, side in sides.items():
        started = time.process_time()
        dropped = side([text for _, text in items], texts)
        found[name] = {"cpu": time.process_time() - started, **scores(dropped, items, plants)}
        print(f"{name}: {found[name]['cpu']:.1f} CPU s", file=sys.stderr)
    show(found, len(texts), options)


def corpus(data: Path, count: int) -> tuple[list[tuple[str, str]], list[str], dict[int, tuple[str, int]]]:
    """(test items with their language, records, place of a record -> kind of its plant and number of its item)."""
    from globmed_tools import languages

    rng = random.Random(11)
    codes = languages.codes(paper=True)
    items, texts, plants = [], [], {}
    for code in codes:
        sentences = sentences_of(data, code)
        held, rest = sentences[:HELD_BACK], sentences[HELD_BACK:]
        rng.shuffle(held)
        spaced = languages.get(code).spaces
        own = [" ".join(held[at : at + 2]) for at in range(0, HELD_BACK, HELD_BACK // ITEMS)]
        for _ in range(count // len(codes)):
            parts = rng.sample(rest, rng.choice((4, 5)))
            if len(texts) % 10 == 0:
                kind, number = KINDS[len(texts) // 10 % len(KINDS)], rng.randrange(len(own))
                plants[len(texts)] = kind, len(items) + number
                parts.insert(2, planted(kind, own[number], rest, spaced, rng))
            texts.append(" ".join(parts))
        items += [(code, text) for text in own]
    return items, texts, plants


def planted(kind: str, text: str, others: list[str], spaced: bool, rng: random.Random) -> str:
    """The test item as it stands in a record."""
    if kind == "verbatim":
        return text
    if kind == "punctuation":
        full = str.maketrans("0123456789.,?\"'", "０１２３４５６７８９。，？«»")
        return re.sub(r"\s+", "\u3000 " if not spaced else "  ", "".join(_capital(one) for one in text).translate(full))
    pieces = text.split(" ") if spaced else re.findall(r"..?", text)
    glue = " " if spaced else ""
    if kind == "reordered":
        size = -(-len(pieces) // 4)
        parts = [pieces[at : at + size] for at in range(0, len(pieces), size)]
        rng.shuffle(parts)
        return glue.join(glue.join(part) for part in parts)
    other = rng.choice(others)
    pool = other.split(" ") if spaced else re.findall(r"..?", other)
    return glue.join(rng.choice(pool) if rng.random() < 0.05 else piece for piece in pieces)


def _capital(letter: str) -> str:
    return letter.upper() if len(letter.upper()) == 1 else letter


def ours(items: list[str], texts: list[str]) -> dict[int, set[int]]:
    """place -> the item named, of every record that would be dropped."""
    from globmed_curation.stages.decontaminate import Config, Judge
    from globmed_curation.stages.known import Known

    judge = Judge([Known(str(number), text, ()) for number, text in enumerate(items)], Config())
    return {at: {int(one.known)} for at, one in enumerate(judge(texts)) if one is not None and one.drop}


def words(items: list[str], texts: list[str], n: int) -> dict[int, set[int]]:
    """place -> the items with which a record has a run of n words in common; small letters, cut at spaces."""
    holders: dict[tuple[str, ...], set[int]] = {}
    for number, text in enumerate(items):
        for run in _runs(text, n):
            holders.setdefault(run, set()).add(number)
    found: dict[int, set[int]] = {}
    for at, text in enumerate(texts):
        for run in _runs(text, n):
            if run in holders:
                found.setdefault(at, set()).update(holders[run])
    return found


def _runs(text: str, n: int):
    parts = text.lower().split()
    return (tuple(parts[at : at + n]) for at in range(len(parts) - n + 1))


def scores(dropped: dict[int, set[int]], items: list, plants: dict) -> dict:
    """recall: kind -> share; by_language: code -> share; wrong: records dropped for an item that is not in them."""
    hit, total, wrong = Counter(), Counter(), 0
    for at, (kind, number) in plants.items():
        for key in (kind, items[number][0]):
            total[key] += 1
            hit[key] += number in dropped.get(at, ())
    wrong = sum(at not in plants for at in dropped)
    return {"recall": {key: hit[key] / total[key] for key in total}, "wrong": wrong}


def show(found: dict, count: int, options: argparse.Namespace) -> None:
    """Print recall by kind with cost, then by language."""
    from globmed_tools import languages

    print(machine_line(), f"; {count:,} records, 12 languages\n", sep="")
    rows = [
        [name, *(f"{one['recall'][kind]:.3f}" for kind in KINDS), f"{one['wrong']:,}", f"{one['cpu']:.1f}"]
        for name, one in found.items()
    ]
    print(markdown(["found", *KINDS, "others dropped", "CPU s"], rows), end="\n\n")
    codes = languages.codes(paper=True)
    rows = [[name, *(f"{one['recall'][code]:.2f}" for code in codes)] for name, one in found.items()]
    print(markdown(["found, all kinds", *codes], rows))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
