"""What does it cost to find the terms of a large glossary in entries? Ours beside its peers, on the same input.

Texts: the questions with their options of MedQA and MedMCQA. Terms: a tenth are runs of one to four words out of these texts, the
rest are put together from their words, so that few of them stand there, as in a real glossary. Each side runs in a process of its
own: it loads the terms, then finds them in every text, and says how long that took and what memory the terms hold.

    globmed           Glossary.find into one language: case, accents, plurals, abbreviations, conflicts, sources
    globmed, 11       as many pairs in all, over eleven languages: find into each of them, as translation does
    flashtext2        KeywordProcessor, case-insensitive, longest match at word boundaries
    spaCy             PhraseMatcher over lower-case words of the blank English tokenizer, longest match
    pyahocorasick     an automaton over small letters; word boundaries and the longest match in Python

A peer that is not installed is left out, with a line.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
LANGUAGES = "zh ja ko de fr es pt sw wo yo zu".split()
SIDES = ("globmed", "globmed, 11", "flashtext2", "spaCy", "pyahocorasick")
EXAMPLES = """examples:
  python benchmarks/glossary.py --data DIR
  python benchmarks/glossary.py --data DIR --pairs 1000000 --sides globmed flashtext2 --json glossary.json

DIR holds medqa and medmcqa as published. Peers: pip install flashtext2 spacy pyahocorasick
"""
_WORD = re.compile(r"[a-zA-Z][a-zA-Z0-9]+|\d+")


def texts(data: Path) -> list[str]:
    """Question and options of each entry."""
    found = []
    for line in (data / "medqa/datasets/MedQA/test.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        found.append("\n".join([row["question"], *row["options"].values()]))
    for line in (data / "medmcqa/rawdata/medmcqa/data/dev.json").read_text("utf-8").splitlines():
        row = json.loads(line)
        found.append("\n".join([row["question"], *(row[name] or "" for name in ("opa", "opb", "opc", "opd"))]))
    return found


def terms(found: list[str], number: int) -> list[str]:
    """So many terms; the same each time."""
    dice, runs, words = random.Random(1), Counter(), Counter()
    for text in found:
        for part in re.split(r"[^\w\s]+", text.lower()):
            known = _WORD.findall(part)
            words.update(known)
            runs.update(" ".join(known[at : at + n]) for n in (1, 2, 3, 4) for at in range(len(known) - n + 1))
    common = {word for word, _ in words.most_common(150)}
    usable = [run for run in sorted(runs) if not {run.split()[0], run.split()[-1]} & common and not run.isdigit()]
    made = set(dice.sample(usable, min(number // 10, len(usable))))
    pool = sorted(word for word in words if len(word) > 3)
    while len(made) < number:
        made.add(" ".join(dice.choices(pool, k=dice.choice((2, 2, 3, 4)))))
    return sorted(made)


def resident() -> float:
    """MiB that this process holds now."""
    import gc

    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def globmed(names: list[str], folder: Path, into: list[str]):
    import globmed_curation.glossary as package
    from globmed_curation.glossary import table as tables

    # Written by another process would be the same file; what is measured is opening it.
    path = folder / f"{len(into)}.parquet"
    if not path.exists():
        code = (
            f"import sys; sys.path.insert(0, {str(HERE)!r}); import glossary; glossary.write({str(folder)!r}, {into!r})"
        )
        subprocess.run([sys.executable, "-c", code], check=True)
    import pyarrow.parquet  # noqa: F401  (the libraries are not the glossary)

    before, start = resident(), time.process_time()
    opened = package.Glossary.open(path)
    opened.find("fever", into[0])
    assert tables.facts(opened.table)["format"] == "globmed-glossary"
    took = time.process_time() - start
    return took, resident() - before, lambda text: sum(len(opened.find(text, code)) for code in into), opened


def write(folder: str, into: list[str]) -> None:
    """The glossary file of this benchmark."""
    from globmed_curation.glossary import table as tables

    names = json.loads((Path(folder) / "input.json").read_text())["terms"]
    names = names[: len(names) // len(into)] if len(into) > 1 else names
    rows = [tables.Row("en", name, code, f"{code} {name[::-1]}", 0) for name in names for code in into]
    tables.write(Path(folder) / f"{len(into)}.parquet", tables.make(rows, [tables.Source("benchmark", "CC0 1.0")]))


def flashtext2(names: list[str]):
    from flashtext2 import KeywordProcessor

    before, start = resident(), time.process_time()
    processor = KeywordProcessor(case_sensitive=False)
    processor.add_keywords_from_iter(names)
    took = time.process_time() - start
    return took, resident() - before, lambda text: len(list(processor.extract_keywords_with_span(text))), processor


def spacy(names: list[str]):
    import spacy as library
    from spacy.matcher import PhraseMatcher
    from spacy.util import filter_spans

    language = library.blank("en")
    before, start = resident(), time.process_time()
    matcher = PhraseMatcher(language.vocab, attr="LOWER")
    matcher.add("term", [language.make_doc(name) for name in names])
    took = time.process_time() - start

    def find(text: str) -> int:
        return len(filter_spans(matcher(language.make_doc(text), as_spans=True)))

    return took, resident() - before, find, matcher


def pyahocorasick(names: list[str]):
    import ahocorasick

    before, start = resident(), time.process_time()
    automaton = ahocorasick.Automaton(ahocorasick.STORE_LENGTH)
    for name in names:
        automaton.add_word(name)
    automaton.make_automaton()
    took = time.process_time() - start

    def find(text: str) -> int:
        low, found = text.lower(), []
        for last, length in automaton.iter(low):
            first = last + 1 - length
            if not (first and low[first - 1].isalnum()) and not low[last + 1 : last + 2].isalnum():
                found.append((first, -length))
        count, free = 0, 0
        for first, length in sorted(found):
            if first >= free:
                count, free = count + 1, first - length
        return count

    return took, resident() - before, find, automaton


def side(name: str, folder: Path, repeats: int) -> dict:
    """One side, in this process."""
    given = json.loads((folder / "input.json").read_text())
    names = given["terms"]
    if name.startswith("globmed"):
        ready = globmed(names, folder, LANGUAGES if name.endswith("11") else ["sw"])
    else:
        ready = {"flashtext2": flashtext2, "spaCy": spacy, "pyahocorasick": pyahocorasick}[name](names)
    took, memory, find, _held = ready
    rates, hits = [], 0
    for _ in range(repeats):
        start = time.process_time()
        hits = sum(map(find, given["texts"]))
        rates.append(len(given["texts"]) / (time.process_time() - start))
    return {"load": took, "mib": memory, "rates": rates, "rate": max(rates), "hits": hits / len(given["texts"])}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0], epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=os.environ.get("GLOBMED_REAL_DATA"), help="folder of source sets")
    parser.add_argument("--pairs", type=int, default=350_000)
    parser.add_argument("--repeats", type=int, default=3, help="the best of so many counts")
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=SIDES)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    parser.add_argument("--side", nargs=2, metavar=("NAME", "DIR"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        print(json.dumps(side(options.side[0], Path(options.side[1]), options.repeats)))
        return
    if options.data is None:
        parser.error("--data DIR (or $GLOBMED_REAL_DATA) is needed: the folder of source sets")
    with tempfile.TemporaryDirectory() as folder:
        found = texts(Path(options.data))
        (Path(folder) / "input.json").write_text(json.dumps({"texts": found, "terms": terms(found, options.pairs)}))
        results = {name: run(name, folder, options.repeats) for name in options.sides}
    show(results, found, options)


def run(name: str, folder: str, repeats: int) -> dict:
    command = [sys.executable, __file__, "--side", name, folder, "--repeats", str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        return {"missing": done.stderr.strip().rpartition("\n")[2]}
    return json.loads(done.stdout)


def show(results: dict[str, dict], found: list[str], options) -> None:
    from tables import machine_line, markdown

    print(f"{options.pairs:,} pairs; {len(found):,} entries of {sum(map(len, found)) / len(found):,.0f} letters")
    base = results.get("globmed", {}).get("rate")
    rows = []
    for name, one in results.items():
        if "missing" in one:
            print(f"left out: {name} ({one['missing']})")
            continue
        ratio = f"{one['rate'] / base:.2f}" if base else ""
        rows.append(
            [name, f"{one['rate']:,.0f}", ratio, f"{one['hits']:.1f}", f"{one['load']:.1f}", f"{one['mib']:,.0f}"]
        )
    print(markdown(["side", "entries a CPU second", "ratio", "hits an entry", "load, CPU s", "MiB"], rows))
    print(machine_line())
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
