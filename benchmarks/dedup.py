"""What does deduplication cost, what does it find, and what does it merge that it must not? Ours beside its peers.

The corpus is that of dedup_corpus.py: texts of some 650 letters in twelve languages, with copies planted of which everything is known.
Every side reads the same Parquet files and says which records it drops; a pair counts as merged where either of the two goes.

    library     one call of globmed_curation.dedup.find over the columns of Parquet (globmed_dedup_side.py)
    command     globmed curate deduplicate CORPUS/*.parquet --language-column language --out DIR: all rows written again too
    stage       the same command over entries, from shards to shards, as the pipeline does it
    rensa, text-dedup, datatrove    see their *_side.py; each in an environment of its own
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from dedup_corpus import PLANTS
from tables import machine_line, markdown

from curation import measured

HERE = Path(__file__).resolve().parent
PEERS = {"rensa": "rensa_side.py", "text-dedup": "text_dedup_side.py", "datatrove": "datatrove_dedup_side.py"}
SIDES = ("library", "command", "stage", *PEERS)
EXAMPLES = """examples:
  python benchmarks/dedup.py --data DIR --rensa-python R/bin/python --text-dedup-python T/bin/python --datatrove-python D/bin/python
  python benchmarks/dedup.py --data DIR --records 500000 --sides library command stage rensa --rensa-python R/bin/python
  python benchmarks/dedup.py --data DIR --records 5000000 --sides library command

DIR holds ntrex128/NTREX-128 as published. A peer whose Python is not named is left out, with a line.
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0], epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=os.environ.get("GLOBMED_REAL_DATA"), help="folder of source sets")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=SIDES)
    parser.add_argument("--work", type=Path, default=Path("dedup-benchmark"), help="where corpus and results lie")
    for name in PEERS:
        parser.add_argument(f"--{name}-python", help=f"a Python that has {name}")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    if options.data is None:
        parser.error("--data DIR (or $GLOBMED_REAL_DATA) is needed: the folder of source sets")
    corpus = options.work / f"corpus-{options.records}"
    make_corpus(corpus, options)
    first, later = compiling(options.work)
    show(run(corpus, options), options, first, later)


def make_corpus(corpus: Path, options: argparse.Namespace) -> None:
    """In a process of its own: what this one takes would count as every side's."""
    entries = "stage" in options.sides
    if (corpus / "done").exists() and not (entries and not (corpus / "entries" / "manifest.json").exists()):
        return
    told = ["--data", str(options.data), "--records", str(options.records), "--out", str(corpus)]
    subprocess.run([sys.executable, str(HERE / "dedup_corpus.py"), *told, *["--entries"][: int(entries)]], check=True)


def compiling(work: Path) -> tuple[float, float]:
    """(CPU seconds of a first use without any compiled code, of the next one)."""
    call = "from globmed_curation.dedup import find; find([['a 5 mg b', 'a 5 mg b.']], languages=['en'])"
    spent = []
    with tempfile.TemporaryDirectory(dir=work) as folder:
        for _ in range(2):
            environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
            process = subprocess.Popen([sys.executable, "-c", call], env=environment)
            _, status, used = os.wait4(process.pid, 0)
            if status:
                sys.exit("find could not be called; see above")
            spent.append(used.ru_utime + used.ru_stime)
    return spent[0], spent[1]


# --- the runs


def run(corpus: Path, options: argparse.Namespace) -> dict[str, dict]:
    """side -> {"cpu", "wall", "peak", "dropped": ids, and what else it says}."""
    found = {}
    for side in options.sides:
        result = options.work / f"{side}.json"
        if side in ("command", "stage"):
            out = options.work / side
            shutil.rmtree(out, ignore_errors=True)
            found[side] = _measured([sys.executable, "-m", "globmed_tools.cli", *_call(side, corpus, out)], side)
            found[side] |= _by_command(side, out, result)
        else:
            python = sys.executable if side == "library" else getattr(options, f"{side.replace('-', '_')}_python")
            if python is None:
                print(f"{side}: left out; name a Python that has it with --{side}-python", file=sys.stderr)
                continue
            script = HERE / ("globmed_dedup_side.py" if side == "library" else PEERS[side])
            found[side] = _measured([python, str(script), str(corpus), str(result)], side)
            found[side] |= json.loads(result.read_text("utf-8"))
    return found


def _call(side: str, corpus: Path, out: Path) -> list[str]:
    if side == "stage":
        return ["curate", "deduplicate", str(corpus / "entries"), "--out", str(out), "--workers", "1", "--quiet"]
    files = map(str, sorted(corpus.glob("*.parquet")))
    return ["curate", "deduplicate", *files, "--language-column", "language", "--out", str(out), "--quiet"]


def _measured(command: list[str], side: str) -> dict[str, float]:
    wall, cpu, peak = measured(command)
    print(f"{side}: {cpu:.1f} CPU s, {peak:.0f} MiB", file=sys.stderr)
    return {"wall": wall, "cpu": cpu, "peak": peak}


def _by_command(side: str, out: Path, result: Path) -> dict[str, list[str]]:
    """What a command dropped and flagged, read in a process of its own."""
    subprocess.run([sys.executable, str(HERE / "dedup.py"), "--read", side, str(out), str(result)], check=True)
    return json.loads(result.read_text("utf-8"))


def read(side: str, out: Path, result: Path) -> None:
    if side == "stage":
        from globmed_tools import shards

        done = shards.read_manifest(out)
        dropped = [row["locator"] for one in done.shards for row in shards.read_dropped(out / one.dropped.path)]
        flagged = [one.locator for one in shards.entries([out]) if "deduplicate" in one.checks]
    else:
        lines = (line for file in (out / "dropped").iterdir() for line in file.open(encoding="utf-8"))
        dropped = [json.loads(line)["fields"]["id"] for line in lines]
        flagged = []
    result.write_text(json.dumps({"dropped": dropped, "flagged": flagged}, ensure_ascii=False), "utf-8")


# --- the tables


def show(found: dict[str, dict], options: argparse.Namespace, first: float, later: float) -> None:
    """Print cost, then what was merged by kind of plant, then the recall of `near` by language."""
    print(machine_line(), f"; {options.records:,} records, 12 languages\n", sep="")
    base = found["library"]["cpu"] if "library" in found else None
    rows = []
    for name, one in found.items():
        ratio = f"{one['cpu'] / base:.1f}" if base else ""
        each = 1e6 * one["cpu"] / options.records
        rows.append([name, f"{one['cpu']:.1f}", f"{one['wall']:.1f}", f"{one['peak']:.0f}", f"{each:.0f}", ratio])
    print(markdown(["", "CPU s", "wall s", "peak MiB", "µs a record", "CPU, ratio"], rows), end="\n\n")
    print(f"First use, with nothing compiled: {first:.1f} CPU s; the next: {later:.1f} CPU s", end="\n\n")
    if "library" in found and found["library"].get("find"):
        spent = found["library"]["find"]
        print(
            f"Of library, `find` alone: {spent:.1f} CPU s; the rest is starting Python and reading Parquet", end="\n\n"
        )
    pairs = planted(options.work / f"corpus-{options.records}")
    total = Counter(kind for name, kind in pairs.items() if "|" in name)
    told = {name: scores(one, pairs) for name, one in found.items()}
    rows = []
    for name, (merged, flagged, others, wrong) in told.items():
        cells = [f"{_share(merged, total, plant):.2%}" for plant in PLANTS]
        rows.append([name, *cells, f"{_share(flagged, total, PLANTS[-1]):.2%}", f"{others:,}", wrong])
    print(markdown(["merged", *PLANTS, "number only, flagged", "others dropped", "wrong pairs"], rows), end="\n\n")
    codes = sorted({code for _, code in total})
    rows = [
        [f"{name}: {plant}", *(f"{merged[plant, code] / total[plant, code]:.3f}" for code in codes)]
        for name, (merged, *_) in told.items()
        for plant in ("near", "near, any word")
    ]
    print(markdown(["recall", *codes], rows))
    if options.json:
        plain = {name: {k: v for k, v in one.items() if not isinstance(v, list)} for name, one in found.items()}
        plain |= {"first_use": {"compiling": first, "compiled": later}, "records": options.records}
        options.json.write_text(json.dumps(plain, indent=1) + "\n")


def planted(corpus: Path) -> dict[str, tuple[str, str]]:
    """Both ids of each pair -> (plant, language)."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    found = {}
    for file in sorted(corpus.glob("*.parquet")):
        ids = pq.read_table(file, columns=["id"])["id"]
        for name in ids.filter(pc.match_substring(ids, "|")).to_pylist():
            plant, _, base = name.rpartition("|")
            found[name] = found[base] = (plant, file.stem)
    return found


def scores(one: dict, pairs: dict[str, tuple[str, str]]) -> tuple[Counter, Counter, int, str]:
    """(merged and flagged: (plant, language) -> pairs; records dropped that nothing was planted beside; of those whose side says
    what was kept instead, how many were dropped for another text)."""
    merged, flagged = (
        Counter(pairs[base] for base in {name.rpartition("|")[2] for name in names} & pairs.keys())
        for names in (one["dropped"], one.get("flagged", ()))
    )
    wrong = ""
    if "kept" in one:
        told = zip(one["dropped"], one["kept"], strict=True)
        wrong = str(sum(ours.rpartition("|")[2] != theirs.rpartition("|")[2] for ours, theirs in told))
    return merged, flagged, sum(name not in pairs for name in one["dropped"]), wrong


def _share(counts: Counter, total: Counter, plant: str) -> float:
    return sum(n for key, n in counts.items() if key[0] == plant) / sum(
        n for key, n in total.items() if key[0] == plant
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        read(sys.argv[2], *map(Path, sys.argv[3:]))
    else:
        main()
