"""ExpertQA, JSON Lines: questions of experts and models' answers that the same experts revised. Two sets share it.

    {"question": "Do cavities have a genetic cause?", "annotator_id": "7", "answers": {"gpt4": {"answer_string": "Yes.",
     "attribution": [...], "claims": [...], "revised_answer_string": "In part.", "usefulness": "Useful", ...}},
     "metadata": {"question_type": "...", "field": "Healthcare / Medicine", "specific_field": "dentistry"}}

The reference is a revised_answer_string that is not empty: of several that with the best usefulness, then that of the
model whose name sorts first. Its tags name both, and a reference may be "Not useful at all". Markers such as [2] are the
original's. r1_data_anon.jsonl holds the questions without answers; every item of it is dropped as no_reference, and a
folder is not searched for it. The key is the question's hash.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import xxhash

from globmed_tools import catalog
from globmed_tools.entry import Entry, make

from .common import Drop, Skipped, judge, split_in_name
from .rows import Row, as_row, rows

PATTERNS = ("r2_compiled_anon.jsonl", "rand_*.jsonl", "domain_*.jsonl")
USEFULNESS = ("Useful", "Partially useful", "Not useful at all")


def read_fields(
    source: str, fields: tuple[str, ...], paths: list[Path], language: str | None, split: str | None
) -> Iterator[Entry | Drop | Skipped]:
    """The items of these fields; English, and test where the file's name says no split, unless the caller says more."""
    for path in paths:
        other = 0
        for row in rows(path):
            metadata = as_row(row.get("metadata"), row.locator, f"{row.where}, metadata")
            if metadata.text("field") in fields:
                yield _item(source, row, metadata, language or "en", split or split_in_name(path) or "test")
            else:
                other += 1
        if other:
            yield Skipped("other_field", other, path.name)


def _item(source: str, row: Row, metadata: Row, language: str, split: str) -> Entry | Drop:
    question = row.text("question")
    key = xxhash.xxh3_128_hexdigest(question.encode())
    answers = [
        (model, as_row(fields, row.locator, f"{row.where}, answer of {model}"))
        for model, fields in row.get("answers", dict).items()
    ]
    usable = [(_rank(answer), model, answer) for model, answer in answers if answer.text("revised_answer_string")]
    if not usable:
        evidence = f"no revised answer among {len(answers)}"
        return Drop("no_reference", evidence, row.locator, language, split, key)
    _, model, best = min(usable, key=lambda one: one[:2])
    entry = make(
        source=source,
        split=split,
        form="longform",
        language=language,
        key=key,
        question=question,
        reference=best.text("revised_answer_string"),
        tags={
            "field": metadata.text("field"),
            "specific_field": metadata.text("specific_field"),
            "model": model,
            "usefulness": _usefulness(best),
        },
        locator=row.locator,
        licence=catalog.get(source).origin,
    )
    return judge(entry, key)


def _usefulness(answer: Row) -> str:
    return answer.text("usefulness") if "usefulness" in answer.fields else ""


def _rank(answer: Row) -> int:
    found = _usefulness(answer)
    return USEFULNESS.index(found) if found in USEFULNESS else len(USEFULNESS)
