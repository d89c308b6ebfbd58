"""BioNLI: CSV or TSV with a header, or JSON Lines; one premise and hypothesis a row.

    pmid,supp_set,conclusion,label_cat
    10000001,"We gave A to mice. B rose.",A raises B.,pos

Unconfirmed: no original file was at hand. The four columns are those that a third party's reader asks for; file names
and labels are unknown. supp_set is taken for the premise and becomes the context, conclusion for the hypothesis and
becomes the question. Labels are believed only where all of a file are of one of VOCABULARIES ("pos" is the abstract's
own conclusion, "neg" one changed to contradict it); anything else is an error that lists them, and nothing is guessed.

A PMID has several rows: the key is PMID/n for its n-th row in the file, unusable rows counted too. A pair that stands
twice in a file is kept once, and not at all where its labels differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from globmed_tools import catalog
from globmed_tools.entry import Entry, make
from globmed_tools.errors import GlobmedError
from globmed_tools.languages import LABELS

from .common import Drop, judge, split_of
from .delimited import table
from .rows import Row, rows

PATTERNS = ("*.csv", "*.tsv", "*.jsonl")
VOCABULARIES = ({label: label for label in LABELS["nli"]}, {"pos": "entailment", "neg": "contradiction"})


def read(paths: list[Path], *, language: str | None, split: str | None) -> Iterator[Entry | Drop]:
    """The items of these files; English unless `language` says otherwise."""
    for path in paths:
        part = split_of(path, split)
        found = list(table(path) if path.suffix.lower() in (".csv", ".tsv") else rows(path))
        yield from _items(path, found, language or "en", part)


def _items(path: Path, found: list[Row], language: str, split: str) -> Iterator[Entry | Drop]:
    words = _vocabulary(path, found)
    golds: dict[tuple[str, ...], set[str]] = {}
    for row in found:
        golds.setdefault(_pair(row), set()).add(row.text("label_cat"))
    number: Counter = Counter()
    first: dict[tuple[str, ...], str] = {}
    for row in found:
        pair = pmid, premise, hypothesis = _pair(row)
        number[pmid] += 1
        key = f"{pmid}/{number[pmid]}"
        if len(golds[pair]) > 1 or pair in first:
            reason = "repeated_pair" if pair in first else "gold_conflict"
            evidence = first.get(pair) or ", ".join(map(repr, sorted(golds[pair])))
            yield Drop(reason, evidence, row.locator, language, split, key)
            continue
        first[pair] = row.locator
        entry = make(
            source="bionli",
            split=split,
            form="nli",
            language=language,
            key=key,
            question=hypothesis,
            context=premise,
            label=words.get(row.text("label_cat")),
            locator=row.locator,
            licence=catalog.get("bionli").origin,
        )
        yield judge(entry, key)


def _pair(row: Row) -> tuple[str, str, str]:
    pmid = row.integer("pmid")
    if pmid is not None:
        return str(pmid), row.text("supp_set"), row.text("conclusion")
    raise GlobmedError(f"{row.where}: pmid is empty. Fetch the file again or mend it.")


def _vocabulary(path: Path, found: list[Row]) -> dict[str, str]:
    """The one vocabulary that holds all labels of the file; an empty label belongs to each."""
    labels = sorted({row.text("label_cat") for row in found} - {""})
    if fitting := [words for words in VOCABULARIES if words.keys() >= set(labels)]:
        return fitting[0]
    known = " or ".join("/".join(words) for words in VOCABULARIES)
    listed = ", ".join(map(repr, labels[:20])) + (f" and {len(labels) - 20} more" if len(labels) > 20 else "")
    raise GlobmedError(f"{path}: label_cat holds {listed}; all must be of {known}. Rename them in a copy of the file.")
