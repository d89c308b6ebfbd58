"""What does deduplication cost, what does it find, and what does it merge that it must not? Ours beside rensa's.

The corpus is made of human text in the twelve languages of the paper (NTREX-128: the same 1,997 sentences of news in each): three
quarters of the records are drawn from four or five sentences each, in every second one the last four of them as options;
"12 mg, 340 ml" is put into each. Then, each from a record of its own:

    5 %  identical       the same text in another set
    5 %  folded          other spaces, quotes, first letter and last stop; the options turned round
    5 %  near            1 to 6 % of the words taken out, put in or exchanged, where no number, unit or negation is changed by it
    5 %  near, any word  the same wherever it falls: what hits a negation or a number word may be flagged and not merged
    5 %  number only     one digit of one number changed

A pair counts as merged where either of the two is dropped. Ours is measured twice: the command (`globmed curate deduplicate`,
one worker, reading and writing entries) and survey and settle alone in one process that reads the same files, which is what
rensa's side does (128 permutations, 32 bands, threshold 0.7, sets of 5 characters, its fastest way).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import sys
from collections import Counter
from pathlib import Path

from tables import machine_line, markdown

from curation import measured

HERE = Path(__file__).resolve().parent
EXAMPLES = """examples:
  python benchmarks/dedup.py --data DIR --peer-python ~/peers/bin/python
  python benchmarks/dedup.py --data DIR --records 500000 --skip-peer --json dedup.json

DIR holds ntrex128/NTREX-128 as published. The peer's Python needs rensa.
"""
PLANTS = ("identical", "folded", "near", "near, any word", "number only")
_PUT_IN = re.compile(r"(\d+) mg, (\d+) ml")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0], epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=os.environ.get("GLOBMED_REAL_DATA"), help="folder of source sets")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--work", type=Path, default=Path("dedup-benchmark"), help="where corpus and results lie")
    parser.add_argument("--peer-python", default=sys.executable, help="a Python that has rensa")
    parser.add_argument("--skip-peer", action="store_true")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    parser.add_argument("--alone", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        return alone(*options.alone)
    if options.data is None:
        parser.error("--data DIR (or $GLOBMED_REAL_DATA) is needed: the folder of source sets")
    corpus = options.work / f"corpus-{options.records}"
    if not (corpus / "manifest.json").is_file():
        make_corpus(options.data, corpus, options.records)
    show(run(corpus, options), corpus, options)


# --- the corpus


def make_corpus(data: Path, out: Path, wanted: int) -> None:
    """Write the corpus as a folder of shards, shuffled; the locator of a record says what it is: "near 17" beside "17"."""
    from globmed_tools import languages, shards

    rng = random.Random(7)
    codes = languages.codes(paper=True)
    each = wanted // len(codes)
    entries = []
    for code in codes:
        entries += _of_language(code, sentences_of(data, code), each, rng)
        print(f"corpus: {len(entries):,} records", file=sys.stderr)
    rng.shuffle(entries)
    done = [
        shards.write_shard(out, f"mixed-{start // 10_000:04}", entries[start : start + 10_000], [], key="benchmark")
        for start in range(0, len(entries), 10_000)
    ]
    shards.write_manifest(out, shards.ShardManifest("corpus", {}, (), tuple(done), {}, "benchmark"))


def sentences_of(data: Path, code: str) -> list[str]:
    from globmed_tools import languages

    language = languages.get(code)
    names = {one.partition("_")[0] for one in (*language.aliases, *language.lid)}
    folder = data / "ntrex128" / "NTREX-128"
    found = sorted(path for path in folder.glob("newstest2019-ref.*.txt") if path.name.split(".")[1][:3] in names)
    if not found:
        sys.exit(f"{folder}: no newstest2019-ref file for {code} ({', '.join(sorted(names))})")
    return [line.strip() for line in found[0].read_text("utf-8").splitlines() if line.strip()]


def _of_language(code: str, sentences: list[str], count: int, rng: random.Random) -> list:
    """The records of one language, and their planted copies."""
    plants = [(plant, number) for plant in PLANTS for number in range(count // 20)]
    bases = count - len(plants)
    texts = [_text(sentences, rng) for _ in range(bases)]
    entries = [_entry(code, f"{code} {number}", *text, "medqa") for number, text in enumerate(texts)]
    chosen = rng.sample(range(bases), len(plants))
    for base, (plant, _) in zip(chosen, plants, strict=True):
        stem, options = texts[base]
        made = _changed(plant, stem, options, code, sentences, rng)
        entries.append(_entry(code, f"{plant}|{code} {base}", *made, "headqa"))
    return entries


def _text(sentences: list[str], rng: random.Random) -> tuple[str, tuple[str, ...]]:
    drawn = rng.sample(sentences, rng.choice((4, 5)))
    dose = f"({rng.randrange(2, 900)} mg, {rng.randrange(2, 900)} ml)"
    drawn[0] = f"{drawn[0]} {dose}"
    options = tuple(dict.fromkeys(one[:40] for one in rng.sample(sentences, 4))) if rng.random() < 0.5 else ()
    return " ".join(drawn), options


def _entry(code: str, locator: str, stem: str, options: tuple[str, ...], source: str):
    from globmed_tools.entry import make

    return make(
        source=source,
        split="train",
        form="mcq" if options else "longform",
        language=code,
        key=locator,
        question=stem,
        options=options,
        answers=(),
        locator=locator,
        licence="CC BY-SA 4.0",
    )


def _changed(plant: str, stem: str, options, code: str, sentences: list[str], rng: random.Random):
    from globmed_curation.stages.alike import differences

    if plant == "identical":
        return stem, options
    if plant == "folded":
        return "\u201c" + stem[0].swapcase() + stem[1:].replace(" ", "  ").rstrip(".。") + " \u201d", options[::-1]
    if plant == "number only":
        return _PUT_IN.sub(lambda found: f"{found[1]}{rng.randrange(10)} mg, {found[2]} ml", stem), options
    for _ in range(50):
        made = _edited(stem, code, sentences, rng)
        if plant == "near, any word" or not differences(stem, made, code):
            return made, options
    return stem + " ...", options


def _edited(stem: str, code: str, sentences: list[str], rng: random.Random) -> str:
    """1 to 6 % of the words taken out, put in or exchanged; of the letters, two by two, where words are not spaced."""
    from globmed_tools import languages

    spaced = languages.get(code).spaces
    pieces = stem.split(" ") if spaced else re.findall(r"[\x00-\x7f]+|..?", stem)
    other = rng.choice(sentences)
    others = other.split(" ") if spaced else re.findall(r"..?", other)
    for _ in range(max(1, round(len(pieces) * rng.uniform(0.01, 0.06)))):
        place, way = rng.randrange(len(pieces)), rng.random()
        if re.search(r"\d|mg|ml", pieces[place]):
            continue
        if way < 0.4:
            pieces[place] = rng.choice(others)
        elif way < 0.7:
            del pieces[place]
        else:
            pieces.insert(place, rng.choice(others))
    return (" " if spaced else "").join(pieces)


# --- the runs


def run(corpus: Path, options: argparse.Namespace) -> dict[str, dict]:
    """name -> {"cpu", "wall", "peak", "dropped": locators, "flagged": locators}."""
    out = options.work / "ours"
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "globmed_tools.cli", "curate", "deduplicate", str(corpus), "--out", str(out)]
    found = {"globmed, the command": _measured([*command, "--workers", "1", "--quiet"])}
    found["globmed, the command"] |= _outcome(out)
    sides = {"globmed, survey and settle": [sys.executable, str(HERE / "dedup.py"), "--alone"]}
    if not options.skip_peer:
        sides["rensa"] = [options.peer_python, str(HERE / "rensa_side.py")]
    for name, command in sides.items():
        result = options.work / f"{name.split(',')[0]}.json"
        found[name] = _measured([*command, str(corpus), str(result)]) | json.loads(result.read_text("utf-8"))
    return found


def _measured(command: list[str]) -> dict[str, float]:
    wall, cpu, peak = measured(command)
    print(f"{' '.join(command[1:3])}: {cpu:.1f} CPU s, {peak:.0f} MiB", file=sys.stderr)
    return {"wall": wall, "cpu": cpu, "peak": peak}


def _outcome(out: Path) -> dict[str, list[str]]:
    from globmed_tools import shards

    done = shards.read_manifest(out)
    dropped = [row["locator"] for one in done.shards for row in shards.read_dropped(out / one.dropped.path)]
    flagged = [one.locator for one in shards.entries([out]) if "deduplicate" in one.checks]
    return {"dropped": dropped, "flagged": flagged}


def alone(corpus: Path, result: Path) -> None:
    """Survey and settle in one process; nothing is written but who is dropped."""
    from globmed_curation.stages import facts
    from globmed_curation.stages.deduplicate import Config, settle, survey

    from globmed_tools import shards, store

    config, surveys, locators = Config(), [], {}
    for file in shards.files(corpus):
        entries = list(store.read_file(file))
        locators |= {f"{facts.key(one):016x}": one.locator for one in entries}
        surveys.append(survey(entries, config))
    told = facts.unpack(settle(surveys, config)["told"])
    rows = {name: [locators[key] for key in told[name]] for name in ("dropped", "flagged")}
    result.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")


# --- the tables


def show(found: dict[str, dict], corpus: Path, options: argparse.Namespace) -> None:
    """Print cost, then what was merged by kind of plant, then the recall of `near` by language."""
    from globmed_tools import languages, shards

    pairs = {
        one.locator: (plant, one.language)
        for one in shards.entries([corpus])
        if (plant := one.locator.rpartition("|")[0])
    }
    total = Counter(pairs.values())
    print(machine_line(), f"; {options.records:,} records, 12 languages\n", sep="")
    base = found["globmed, survey and settle"]["cpu"]
    rows = [
        [n, f"{o['cpu']:.1f}", f"{o['wall']:.1f}", f"{o['peak']:.0f}", f"{o['cpu'] / base:.1f}"]
        for n, o in found.items()
    ]
    print(markdown(["", "CPU s", "wall s", "peak MiB", "CPU, ratio"], rows), end="\n\n")
    told = {}
    for name, one in found.items():
        told[name] = _scores(set(one["dropped"]), set(one.get("flagged", ())), pairs)
    rows = []
    for name, (merged, flagged, wrong) in told.items():
        cells = [f"{_share(merged, total, plant):.2%}" for plant in PLANTS]
        rows.append([name, *cells, f"{_share(flagged, total, PLANTS[-1]):.2%}", f"{wrong:,}"])
    print(markdown(["merged", *PLANTS, "number only, flagged", "others dropped"], rows), end="\n\n")
    codes = languages.codes(paper=True)
    rows = [
        [f"{name}: {plant}", *(f"{merged[plant, code] / total[plant, code]:.3f}" for code in codes)]
        for name, (merged, _, _) in told.items()
        for plant in ("near", "near, any word")
    ]
    print(markdown(["recall", *codes], rows))
    if options.json:
        plain = {name: {k: v for k, v in one.items() if k not in ("dropped", "flagged")} for name, one in found.items()}
        options.json.write_text(json.dumps(plain, indent=1) + "\n")


def _scores(dropped: set[str], flagged: set[str], pairs: dict) -> tuple[Counter, Counter, int]:
    """(merged, flagged by plant and language; dropped records that belong to no plant)."""
    merged, marked, members = Counter(), Counter(), set()
    for locator, kind in pairs.items():
        both = {locator, locator.rpartition("|")[2]}
        members |= both
        merged[kind] += bool(both & dropped)
        marked[kind] += bool(both & flagged)
    return merged, marked, len(dropped - members)


def _share(counts: Counter, total: Counter, plant: str) -> float:
    return sum(n for key, n in counts.items() if key[0] == plant) / sum(
        n for key, n in total.items() if key[0] == plant
    )


if __name__ == "__main__":
    main()
