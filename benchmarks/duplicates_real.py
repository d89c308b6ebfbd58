"""Real sets that share items: what the stage `deduplicate` makes of them, through the same ingest as the pipeline.

    python benchmarks/duplicates_real.py --data DIR            (a minute; DIR holds medqa, mmlu, mmlu_pro, headqa, medquad)

MedQA        the file with four options and the one with five: the same 1,273 stems
MMLU-Pro     its health questions beside six medical subjects of MMLU: 507 stems are equal but for case, spaces and signs
HEAD-QA      the English exams of five years, train, dev and test
MedQuAD      16,407 answered questions made from templates ("What is (are) X ?"): other X, other question
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import tarfile
import tempfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

from tables import machine_line, markdown

MMLU = {
    "set": "mmlu",
    "form": "mcq",
    "licence": "MIT",
    "language": "en",
    "split": "test",
    "question": "question",
    "options": ["A", "B", "C", "D"],
    "answer": {"column": "answer", "base": "letter"},
}
MEDQUAD = {
    "set": "medquad",
    "form": "longform",
    "licence": "CC BY 4.0",
    "language": "en",
    "split": "train",
    "question": "question",
    "reference": "answer",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("GLOBMED_REAL_DATA"), help="folder of source sets")
    parser.add_argument("--shown", type=int, default=10, help="near pairs to show [10]")
    options = parser.parse_args()
    if options.data is None:
        parser.error("--data DIR (or $GLOBMED_REAL_DATA) is needed: the folder of source sets")
    print(machine_line(), end="\n\n")
    rows, near, other = [], [], {}
    with tempfile.TemporaryDirectory() as folder:
        for name, work in WORK.items():
            sides = work(options.data, Path(folder) / name)
            row, other[name] = judged(name, sides)
            rows.append(row)
            near = near_stems(sides) if work is mmlu_pro else near
    head = ["", "entries", "identical", "folded", "near", "flagged", "stems in both", "one", "flagged", "stems differ"]
    print(markdown(head, rows), end="\n\n")
    print(f"{len(near)} more stems of MMLU-Pro are like one of MMLU without being equal; the first {options.shown}:\n")
    for similarity, one, two in near[: options.shown]:
        print(f"{similarity:.2f}\n  {_short(one)}\n  {_short(two)}")
    for name, pairs in other.items():
        if pairs:
            print(f"\n{name}: merged though stems differ, {len(pairs)}; the first {options.shown}:\n")
            print("\n".join(pairs[: options.shown]))


# --- what is read


def medqa(data: Path, work: Path) -> list[list]:
    files = [
        data / "medqa" / "datasets" / "MedQA" / "test.jsonl",
        next((data / "medqa").rglob("4_options/phrases_no_exclude_test.jsonl")),
    ]
    return [ingested("medqa", [file], work / str(number)) for number, file in enumerate(files)]


def mmlu_pro(data: Path, work: Path) -> list[list]:
    work.mkdir()
    with (work / "mmlu.jsonl").open("w", encoding="utf-8") as out:
        for file in sorted((data / "mmlu").rglob("*_test.csv")):
            with file.open(encoding="utf-8", newline="") as stream:
                for row in csv.reader(stream):
                    out.write(
                        json.dumps(dict(zip(("question", "A", "B", "C", "D", "answer"), row, strict=True))) + "\n"
                    )
    return [ingested("mmlu_pro", [data / "mmlu_pro"], work, split="test"), table(MMLU, work / "mmlu.jsonl", work)]


def headqa(data: Path, work: Path) -> list[list]:
    return [[one for one in ingested("headqa", [data / "headqa"], work) if one.language == "en"]]


def medquad(data: Path, work: Path) -> list[list]:
    work.mkdir()
    with (work / "medquad.jsonl").open("w", encoding="utf-8") as out:
        with tarfile.open(data / "medquad" / "medquad_xml_1-9.tar.xz") as archive:
            for member in archive:
                if member.name.endswith(".xml"):
                    for pair in ElementTree.parse(archive.extractfile(member)).iter("QAPair"):
                        question, answer = (
                            " ".join((pair.findtext(name) or "").split()) for name in ("Question", "Answer")
                        )
                        if answer:
                            out.write(json.dumps({"question": question, "answer": answer}) + "\n")
    return [table(MEDQUAD, work / "medquad.jsonl", work)]


WORK = {
    "MedQA, 4 and 5 options": medqa,
    "MMLU-Pro and MMLU": mmlu_pro,
    "HEAD-QA, English": headqa,
    "MedQuAD": medquad,
}


def ingested(name: str, paths: list[Path], out: Path, **options) -> list:
    from globmed_curation.ingest import ingest

    from globmed_tools import store

    summary = ingest(name, paths, out, **options)
    return list(store.read(out / summary.set))


def table(mapping: dict, file: Path, out: Path) -> list:
    path = file.with_suffix(".yml")
    path.write_text(json.dumps(mapping))  # JSON is YAML
    return ingested("table", [file, path], out, layout="table")


# --- what is found


def judged(name: str, sides: list[list]) -> tuple[list[str], list[str]]:
    """(a row of the table, pairs that were merged though their stems differ)."""
    from globmed_curation.stages.deduplicate import Config, stage

    entries = [one for side in sides for one in side]
    result = stage(entries, Config())
    kinds = Counter(one.evidence["kind"] for one in result.dropped)
    root = {one.id: one.id for one in entries} | {one.entry.id: one.evidence["kept"] for one in result.dropped}
    flagged = {one.id for one in result.kept if "deduplicate" in one.checks}
    stems: dict[str, set[str]] = {}
    for one in sides[-1]:
        stems.setdefault(folded(one.question), set()).add(one.id)
    doubles, merged, looked = 0, 0, 0
    for one in sides[0] if len(sides) > 1 else ():
        others = stems.get(folded(one.question), set())
        together = any(root[one.id] == root[other] for other in others)
        doubles += bool(others)
        merged += together
        looked += bool(others) and not together and one.id in flagged
    counts = [len(entries), *(kinds[kind] for kind in ("identical", "folded", "near")), len(flagged)]
    counts += [doubles, merged, looked] if len(sides) > 1 else []
    question = {one.id: one.question for one in entries}
    other = [
        f"{one.evidence['similarity']:.2f}\n  {_short(one.entry.question)}\n  {_short(question[one.evidence['kept']])}"
        for one in result.dropped
        if folded(one.entry.question) != folded(question[one.evidence["kept"]])
    ]
    cells = [f"{count:,}" for count in counts]
    return [name, *cells, *[""] * (8 - len(cells)), f"{len(other):,}"], sorted(other, reverse=True)


def near_stems(sides: list[list]) -> list[tuple[float, str, str]]:
    """Stems of the first side that are like one of the second, without being equal to any, whatever their options."""
    from globmed_curation.dedup import find

    equal = {folded(one.question) for one in sides[1]}
    theirs = sorted({one.question for one in sides[1]})
    ours = sorted({one.question for one in sides[0] if folded(one.question) not in equal})
    texts = theirs + ours
    found = find([texts], languages=["en"], guard=False)
    told = zip(found.similarity.tolist(), range(len(texts)), found.of.tolist())
    return sorted(((v, texts[row], texts[of]) for v, row, of in told if 0 <= of < len(theirs) <= row), reverse=True)


def folded(text: str) -> str:
    return "".join(one for one in text.casefold() if one.isalnum())


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 220 else f"{text[:140]} ... {text[-75:]}"


if __name__ == "__main__":
    main()
