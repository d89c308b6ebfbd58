"""PubMedQA, the expert-labelled part (PQA-L): one JSON object keyed by PMID.

    {"10000001": {"QUESTION": "Does early feeding shorten the stay?", "CONTEXTS": ["We compared ...", "Stay was ..."],
     "LABELS": ["METHODS", "RESULTS"], "YEAR": "2009", "final_decision": "yes", "LONG_ANSWER": "Early feeding ..."}}

and, if given, test_ground_truth.json, {"10000001": "yes"}: its PMIDs are the test split and all others train. Without
it nothing tells them apart, and every item is test unless the caller's `split` says otherwise. LONG_ANSWER is the
abstract's conclusion; it is kept as the rationale and is no part of the context.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from globmed_tools import catalog
from globmed_tools.entry import Entry, make
from globmed_tools.errors import GlobmedError

from .common import Drop, judge
from .rows import Row, document

PATTERNS = ("ori_pqal.json", "test_ground_truth.json")


def read(paths: list[Path], *, language: str | None, split: str | None) -> Iterator[Entry | Drop]:
    """The items of these files; English unless `language` says otherwise."""
    items: dict[str, Row] = {}
    truth: dict[str, str] = {}
    for path in paths:
        for pmid, value in document(path).items():
            if isinstance(value, str):
                truth[pmid] = value
            elif not isinstance(value, dict) or pmid in items:
                problem = "stands in two files" if pmid in items else "holds neither a question nor a label"
                raise GlobmedError(f"{path}: PMID {pmid} {problem}. Name only original files of the set, each once.")
            else:
                items[pmid] = Row(value, f"{path.name}:{pmid}", f"{path}, PMID {pmid}")
    _check(items, truth, split)
    for pmid, row in items.items():
        part = ("test" if pmid in truth else "train") if truth else split or "test"
        yield _item(row, pmid, truth.get(pmid), language or "en", part)


def _check(items: dict[str, Row], truth: dict[str, str], split: str | None) -> None:
    if not items:
        raise GlobmedError("pubmedqa: only labels were given. Name the file with the questions too (ori_pqal.json).")
    if truth and split:
        raise GlobmedError(
            "pubmedqa: test_ground_truth.json settles the splits. Leave out either that file or --split."
        )
    if strange := truth.keys() - items.keys():
        raise GlobmedError(
            f"pubmedqa: {len(strange)} PMIDs of the test labels have no question (such as {min(strange)}). "
            "Name the ori_pqal.json that belongs to them."
        )


def _item(row: Row, pmid: str, truth: str | None, language: str, split: str) -> Entry | Drop:
    label = row.text("final_decision")
    if truth not in (None, label):
        return Drop("gold_conflict", f"{label!r}, test labels {truth!r}", row.locator, language, split, pmid)
    entry = make(
        source="pubmedqa",
        split=split,
        form="yesno",
        language=language,
        key=pmid,
        question=row.text("QUESTION"),
        context="\n".join(row.texts("CONTEXTS")),
        label=label or None,
        rationale=row.text("LONG_ANSWER"),
        tags={"year": row.text("YEAR")},
        locator=row.locator,
        licence=catalog.get("pubmedqa").origin,
    )
    return judge(entry, pmid)
