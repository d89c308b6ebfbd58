"""HEAD-QA: one JSON object a split and language; exams hold questions, questions hold 4 or 5 answers.

    {"version": "1.0", "language": "es", "exams": {"Cuaderno_2013_1_B": {"name": "Cuaderno_2013_1_B", "category":
     "biology", "year": "2013", "data": [{"qid": "1", "qtext": "La enzima que ...:", "ra": "3", "image": "",
     "answers": [{"aid": 1, "atext": "La ligasa."}, {"aid": 2, "atext": "La primasa."}, ...]}]}}}

`ra` names an `aid`, from 1; "0" marks a question that was cancelled. Exam names and qids are the same in every
language, so exam/qid is the key. The English is machine translation, and its entries say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from globmed_tools import catalog, languages
from globmed_tools.entry import Entry, make
from globmed_tools.errors import GlobmedError

from .common import Drop, judge, split_of
from .rows import Row, as_row, document

PATTERNS = ("train_HEAD*.json", "dev_HEAD*.json", "test_HEAD*.json")
TRANSLATOR = "Google Translate (as shipped)"


def read(paths: list[Path], *, language: str | None, split: str | None) -> Iterator[Entry | Drop]:
    """The items of these files; `language` must agree with what a file says of itself."""
    for path in paths:
        file = Row(document(path), path.name, str(path))
        code, part = _language(file, language), split_of(path, split)
        for name, fields in file.get("exams", dict).items():
            exam = as_row(fields, path.name, f"{path}, exam {name}")
            for number, item in enumerate(exam.get("data", list), 1):
                question = as_row(item, path.name, f"{exam.where}, question {number}")
                key = f"{name}/{question.text('qid')}"
                yield _item(replace(question, locator=f"{path.name}:{key}"), exam, key, code, part)


def _language(file: Row, wanted: str | None) -> str:
    found = languages.find(file.text("language"))
    if found is None:
        known = " ".join(languages.table())
        raise GlobmedError(f"{file.where}: unknown language {file.text('language')!r}. Known: {known}.")
    if wanted not in (None, found.code):
        raise GlobmedError(
            f"{file.where}: the file says {found.code!r}, --language says {wanted!r}. Leave the option out."
        )
    return found.code


def _item(row: Row, exam: Row, key: str, language: str, split: str) -> Entry | Drop:
    image, gold = row.text("image"), row.integer("ra")
    if image:
        return Drop("image_needed", image, row.locator, language, split, key)
    if not gold:
        return Drop("no_gold", f"ra {row.fields['ra']!r}", row.locator, language, split, key)
    answers = [as_row(answer, row.locator, row.where) for answer in row.get("answers", list)]
    ids = [answer.integer("aid") for answer in answers]
    if ids.count(gold) != 1:
        evidence = f"ra {gold} with answers {' '.join(map(str, ids))}"
        return Drop("gold_out_of_range", evidence, row.locator, language, split, key)
    entry = make(
        source="headqa",
        split=split,
        form="mcq",
        language=language,
        key=key,
        question=row.text("qtext"),
        options=[answer.text("atext") for answer in answers],
        answers=[ids.index(gold)],
        tags={"category": exam.text("category"), "year": exam.text("year")},
        translator=TRANSLATOR if language == "en" else None,
        locator=row.locator,
        licence=catalog.get("headqa").origin,
    )
    return judge(entry, key)
