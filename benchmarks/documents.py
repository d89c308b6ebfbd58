"""The synthetic documents of speed.py, written once in our format and once in MMLU-ProX's columns: the same text.

    question(get("sw"), 7) -> {"question": "Ni ya ... 7 ...?", "options": [ten texts], "answer": 3}

Texts are strings of frequent words of the language (languages.toml), of about the length of MMLU-Pro's health questions.
They mean nothing. The same seed gives the same bytes.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

from globmed_tools import store
from globmed_tools.entry import Entry, make
from globmed_tools.languages import Language, get

OPTIONS = 10
QUESTION_LETTERS, OPTION_LETTERS = 300, 40
SHOTS = 5
SUBJECT = "health"
SPLITS = {"test": "test", "dev": "validation"}


def text(language: Language, rng: random.Random, letters: int) -> str:
    """Random frequent words of the language up to about that many characters."""
    words, size = [], 0
    while size < letters:
        words.append(rng.choice(language.stopwords))
        size += len(words[-1]) + 1
    return (" " if language.spaces else "").join(words)


def question(language: Language, number: int, split: str = "test") -> dict:
    """One question with ten different options; `answer` is the index of the right one."""
    rng = random.Random(f"{language.code} {split} {number}")
    options = [f"{text(language, rng, OPTION_LETTERS)} {number}.{place}" for place in range(OPTIONS)]
    return {
        "question": f"{text(language, rng, QUESTION_LETTERS)} {number}?",
        "options": options,
        "answer": rng.randrange(OPTIONS),
        "reasoning": text(language, rng, QUESTION_LETTERS),
    }


def rows(code: str, documents: int) -> dict[str, list[dict]]:
    """All questions of a language, by split: as many test documents as asked for, and what few-shot prompts need."""
    language = get(code)
    counts = {"test": documents, "dev": SHOTS}
    return {split: [question(language, number, split) for number in range(count)] for split, count in counts.items()}


def write_ours(folder: Path, codes: list[str], documents: int) -> None:
    """FOLDER/mmlu_pro with a manifest, as `globmed curate ingest` would leave it."""
    store.write(folder / "mmlu_pro", "mmlu_pro", (one for code in codes for one in _entries(code, documents)))


def _entries(code: str, documents: int):
    for split, questions in rows(code, documents).items():
        for number, row in enumerate(questions):
            yield _entry(code, split, number, row)


def _entry(code: str, split: str, number: int, row: dict) -> Entry:
    return make(
        source="mmlu_pro",
        split=split,
        form="mcq",
        language=code,
        key=f"{split}/{number}",
        question=row["question"],
        options=row["options"],
        answers=[row["answer"]],
        locator=f"synthetic/{code}/{split}:{number}",
        licence="none: random words",
    )


def write_theirs(folder: Path, codes: list[str], documents: int) -> None:
    """FOLDER/<code>/<split>.jsonl in the columns of li-lab/MMLU-ProX."""
    for code in codes:
        (folder / code).mkdir(parents=True, exist_ok=True)
        for split, questions in rows(code, documents).items():
            lines = [
                json.dumps(_columns(code, number, row), ensure_ascii=False) for number, row in enumerate(questions)
            ]
            (folder / code / f"{SPLITS[split]}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")


def _columns(code: str, number: int, row: dict) -> dict:
    letter = "ABCDEFGHIJ"[row["answer"]]
    return {
        "question_id": number,
        "question": row["question"],
        **{f"option_{place}": option for place, option in enumerate(row["options"])},
        "answer": letter,
        "answer_index": row["answer"],
        "cot_content": row["reasoning"],
        "category": SUBJECT,
        "src": "synthetic",
        "question_id_src": number,
    }
