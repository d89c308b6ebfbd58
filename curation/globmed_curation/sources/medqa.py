"""MedQA (USMLE), JSON Lines, one file a split, in a 5-option and a 4-option version.

    {"question": "A 61-year-old man passes painless red urine for two days. Which finding ...?",
     "answer": "Red cell casts", "options": {"A": "Urate crystals", "B": "Red cell casts", ..., "E": "Hyaline casts"},
     "meta_info": "step1", "answer_idx": "B"}                     phrases_no_exclude_*.jsonl also has "metamap_phrases"

Both versions carry the same stems under other letters. An item is a stem: its key is the stem's hash, so both versions
share a group_id, and of all usable rows with one stem in a split the one with the most options (then the first) is
kept. The others are dropped with the kept row's locator as evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import xxhash

from globmed_tools import catalog
from globmed_tools.entry import Entry, make
from globmed_tools.errors import GlobmedError

from .common import Drop, judge, split_of
from .rows import Row, as_row, rows

PATTERNS = ("train.jsonl", "dev.jsonl", "test.jsonl", "phrases_no_exclude_*.jsonl")


def read(paths: list[Path], *, language: str | None, split: str | None) -> Iterator[Entry | Drop]:
    """The items of these files; English unless `language` says otherwise (as for the Mainland and Taiwan files)."""
    found = [_item(row, language, split_of(path, split)) for path in paths for row in rows(path)]
    kept: dict[tuple[str, str], Entry] = {}
    for one in found:
        if isinstance(one, Entry):
            best = kept.setdefault((one.split, one.group_id), one)
            if len(one.options) > len(best.options):
                kept[one.split, one.group_id] = one
    for one in found:
        yield one if isinstance(one, Drop) else _choose(one, kept[one.split, one.group_id])


def _choose(one: Entry, best: Entry) -> Entry | Drop:
    if one is best:
        return one
    reason = "same_item_fewer_options" if len(one.options) < len(best.options) else "repeated_stem"
    return Drop(reason, best.locator, one.locator, one.language, one.split, _key(one.question))


def _item(row: Row, language: str | None, split: str) -> Entry | Drop:
    exam = row.text("meta_info")
    if language is None and not exam.startswith("step"):
        raise GlobmedError(
            f"{row.where}: meta_info {exam!r} is no USMLE step, so this may not be English. Say --language."
        )
    question, answer, gold = row.text("question"), row.text("answer"), row.text("answer_idx")
    choices = as_row(row.get("options"), row.locator, f"{row.where}, options")
    options = {letter: choices.text(letter) for letter in sorted(choices.fields)}
    if gold and options.get(gold) != answer:
        evidence = f"{gold} is {options.get(gold)!r}, the answer {answer!r}"
        return Drop("gold_mismatch", evidence, row.locator, language or "en", split, _key(question))
    entry = make(
        source="medqa",
        split=split,
        form="mcq",
        language=language or "en",
        key=_key(question),
        question=question,
        options=options.values(),
        answers=[list(options).index(gold)] if gold else [],
        tags={"exam": exam},
        locator=row.locator,
        licence=catalog.get("medqa").origin,
    )
    return judge(entry, _key(question))


def _key(question: str) -> str:
    return xxhash.xxh3_128_hexdigest(question.encode())
