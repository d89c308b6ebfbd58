"""What does curation cost? Our stages over 500,000 entries, and a datatrove pipeline doing the steps that both have.

The corpus is made from the real source sets: each usable English item, then copies of it with other numbers, each beside its
pseudo-translations into the other eleven languages of the paper, until there are so many entries. Every stage is the command
that a user gives (`globmed curate STAGE`), on one worker, reading and writing its shards. datatrove reads the
same texts from JSON Lines and cleans (FTFYFormatter), identifies the language (its LanguageFilter around our model: lid.176 must
be downloaded), looks for repetition (GopherRepetitionFilter) and writes: one process, one pipeline, its defaults. Until there
nobody drops anything, so that all do all of the work. Its deduplication (MinHash: signatures, buckets, clusters, filter) reads what
that pipeline wrote. CPU time is user plus system of each process with its children; memory is the largest process.

Four rows are compared. The first three are what both do: ours are `normalize`, `identify_language`, `check` with its check `loop`
alone and `deduplicate`, each with the cost of starting, reading and writing of its own. Translations follow their source in our
deduplication and are not compared; here all entries are, for they are handed over without that bond. The last row sets all that
ours does, with `split` and every check, beside a pipeline that does not.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tables import machine, machine_line, markdown

HERE = Path(__file__).resolve().parent
EXAMPLES = """examples:
  python benchmarks/curation.py --data DIR --peer-python ~/datatrove/bin/python
  python benchmarks/curation.py --data DIR --rows clean --peer-python ~/datatrove/bin/python
  python benchmarks/curation.py --data DIR --entries 20000 --skip-peer --json curation.json

DIR holds the original source files in the folders that curation/globmed.yml names.
"""
#: Name of a run -> (stage, the run whose output it reads, what else the command is told).
RUNS = {
    "normalize": ("normalize", "", []),
    "identify_language": (
        "identify_language",
        "normalize",
        ["-s", "wrong_language=note", "-s", "unknown_language=note"],
    ),
    "check, loop alone": ("check", "identify_language", ["--config", "{loop}"]),
    "deduplicate": ("deduplicate", "unbound", []),
    "split": ("split", "identify_language", ["-s", "pin={'*': by_hash}"]),
    "check": ("check", "split", ["--config", "{checks}"]),
}
#: Row -> (what it is called, our runs, datatrove's steps).
ROWS = {
    "clean": ("clean, identify", ("normalize", "identify_language"), "clean, identify"),
    "repetition": (
        "clean, identify, repetition",
        ("normalize", "identify_language", "check, loop alone"),
        "clean, identify, repetition",
    ),
    "duplicates": (
        "clean, identify, repetition, deduplicate",
        ("normalize", "identify_language", "check, loop alone", "deduplicate"),
        "clean, identify, repetition, deduplicate",
    ),
    "checks": (
        "clean, identify, repetition; ours with split and all checks",
        ("normalize", "identify_language", "split", "check"),
        "clean, identify, repetition",
    ),
}
_NUMBER = re.compile(r"(?<![\w.,])\d{1,3}(?![\w.,])")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0], epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=os.environ.get("GLOBMED_REAL_DATA"), help="folder of source sets")
    parser.add_argument("--entries", type=int, default=500_000)
    parser.add_argument("--work", type=Path, default=Path("curation-benchmark"), help="where corpus and results lie")
    parser.add_argument("--peer-python", default=sys.executable, help="a Python that has datatrove[io,processing]")
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS), help="what is compared [all four]")
    parser.add_argument("--skip-peer", action="store_true")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    if options.data is None:
        parser.error("--data DIR (or $GLOBMED_REAL_DATA) is needed: the folder of source sets")
    corpus = options.work / f"corpus-{options.entries}"
    if not (corpus / "manifest.json").is_file():
        make_corpus(options.data, corpus, options.entries)
    wanted = [ROWS[name] for name in ROWS if name in options.rows]
    steps = ["read, write", *dict.fromkeys(steps for *_, steps in wanted)]
    peer = {} if options.skip_peer else datatrove(corpus, options.work, options.peer_python, steps)
    rows = ours(corpus, options.work, {run for _, runs, _ in wanted for run in runs})
    show(rows, peer, wanted, options)


def make_corpus(data: Path, out: Path, wanted: int) -> None:
    """Write the corpus as a folder of shards; a thousand groups a shard, every group whole."""
    from globmed_curation.plan import read_plan
    from globmed_curation.translate import Job
    from globmed_curation.translate.pseudo import translate
    from globmed_curation.translate.stage import Config

    from globmed_tools import languages, shards

    plan = read_plan(HERE.parent / "curation" / "globmed.yml", sources=data)
    originals = [one for one in _originals(plan) if one.language == "en"]
    targets = [code for code in languages.codes(paper=True) if code != "en"]
    config, made, done = Config(languages=targets), 0, []
    for copy in range(1 + wanted // (len(originals) * 12)):
        for start in range(0, len(originals), 1000):
            entries = []
            for one in originals[start : start + 1000]:
                source = _other_numbers(one, copy)
                entries += [source, *translate([Job(source, code) for code in targets], config)]
                if made + len(entries) >= wanted:
                    break
            if entries and made < wanted:
                done.append(shards.write_shard(out, f"mixed-{len(done):04}", entries, [], key="benchmark"))
                made += len(entries)
                print(f"corpus: {made:,} entries", file=sys.stderr)
    shards.write_manifest(out, shards.ShardManifest("corpus", {}, (), tuple(done), {}, "benchmark"))


def _originals(plan):
    from globmed_curation import gather, ingest

    for source in plan.sources:
        files = gather.source_files(plan, source)
        yield from ingest.collect(source.set, files, **source.options).kept


def _other_numbers(entry, copy: int):
    """The entry as it is for copy 0, else one with other whole numbers below 1,000 and ids of its own."""
    from globmed_tools.entry import make

    if copy == 0:
        return entry

    def other(text):
        return text and _NUMBER.sub(lambda found: str(int(found[0]) + copy), text)

    return make(
        source=entry.source,
        split=entry.split,
        form=entry.form,
        language=entry.language,
        key=f"{entry.group_id} {copy}",
        question=f"{other(entry.question)} ({copy})",
        context=other(entry.context),
        options=entry.options,
        answers=entry.answers,
        label=entry.label,
        reference=other(entry.reference),
        tags=entry.tags,
        locator=entry.locator,
        licence=entry.licence,
    )


def measured(command: list[str]) -> tuple[float, float, float]:
    """(wall seconds, CPU seconds, peak MiB) of a command with its children."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command[:4])} ... failed:\n{error.decode()[-2000:]}")
    return time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def ours(corpus: Path, work: Path, wanted: set[str]) -> list[dict]:
    """The runs that are wanted over the corpus, each from the output of the one before."""
    from globmed_curation.checks.registry import CHECKS

    told = {"{checks}": dict.fromkeys(CHECKS, "note"), "{loop}": {**dict.fromkeys(CHECKS, "off"), "loop": "note"}}
    for place, severities in told.items():
        file = work / f"{place.strip('{}')}.yml"
        file.write_text(json.dumps({"checks": {name: {"severity": one} for name, one in severities.items()}}))
        told[place] = str(file)
    rows = []
    for run, (stage, before, extra) in RUNS.items():
        if run not in wanted:
            continue
        if before == "unbound":
            unbind(_out(work, "identify_language"), _out(work, before))
        source, out = (_out(work, before) if before else corpus), _out(work, run)
        shutil.rmtree(out, ignore_errors=True)
        extra = [told.get(part, part) for part in extra]
        command = [sys.executable, "-m", "globmed_tools.cli", "curate", stage, str(source), "--out", str(out)]
        wall, cpu, peak = measured([*command, *extra, "--workers", "1", "--quiet"])
        fields = json.loads((out / "manifest.json").read_bytes())
        rows.append(
            {
                "stage": run,
                "cpu": cpu,
                "wall": wall,
                "peak": peak,
                "kept": fields["kept"],
                "dropped": fields["dropped"],
            }
        )
        print(f"{run}: {cpu:.1f} CPU s, {peak:.0f} MiB", file=sys.stderr)
    return rows


def unbind(source: Path, out: Path) -> None:
    """The same entries, none of them said to be a translation of another."""
    from globmed_tools import shards
    from globmed_tools.entry import revised

    shutil.rmtree(out, ignore_errors=True)
    done = [
        shards.write_shard(
            out, file.stem, [revised(one, translated_from=None) for one in shards.entries([file])], [], key="benchmark"
        )
        for file in shards.files(source)
    ]
    shards.write_manifest(out, shards.ShardManifest("corpus", {}, (), tuple(done), {}, "benchmark"))


def _out(work: Path, run: str) -> Path:
    return work / f"ours-{run.replace(', ', '-').replace(' ', '-')}"


def datatrove(corpus: Path, work: Path, python: str, wanted: list[str]) -> dict:
    """The peer: its own process and environment; the texts are handed over as JSON Lines beforehand, unmeasured."""
    from globmed_curation.lid.kernel import SHIPPED as MODEL

    from globmed_tools import shards

    texts = work / f"datatrove-input-{corpus.name}"
    if not texts.is_dir():
        texts.mkdir(parents=True)
        for file in shards.files(corpus):
            with (texts / file.name).open("w") as stream:
                for one in shards.entries([file]):
                    parts = (one.question, one.context, *one.options, one.reference)
                    row = {"id": one.id, "text": "\n".join(part for part in parts if part)}
                    stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    out = work / "datatrove-output"
    shutil.rmtree(out, ignore_errors=True)
    told = {"input": str(texts.resolve()), "output": str(out.resolve()), "model": str(Path(MODEL).resolve())}
    found = {}
    for steps in wanted:
        shutil.rmtree(out, ignore_errors=True)
        wall, cpu, peak = measured([python, str(HERE / "datatrove_side.py"), json.dumps({**told, "steps": steps})])
        found[steps] = {"cpu": cpu, "wall": wall, "peak": peak}
        print(f"datatrove, {steps}: {cpu:.1f} CPU s, {peak:.0f} MiB", file=sys.stderr)
    return found


def show(rows: list[dict], peer: dict, wanted: list[tuple], options: argparse.Namespace) -> None:
    """Print the tables, and write the JSON where it is asked for."""
    cpu = {row["stage"]: row["cpu"] for row in rows}
    print(machine_line(), f"; {options.entries:,} entries", sep="")
    print()
    lines = [
        [r["stage"], f"{r['cpu']:.1f}", f"{r['cpu'] / options.entries * 1e6:.0f}", f"{r['peak']:.0f}"] for r in rows
    ]
    print(markdown(["stage, reading and writing included", "CPU s", "µs an entry", "peak MiB"], lines))
    if peer:
        print()
        both = [[name, sum(cpu[run] for run in runs), peer[steps]["cpu"]] for name, runs, steps in wanted]
        lines = [[name, f"{mine:.1f}", f"{theirs:.1f}", f"{mine / theirs:.2f}"] for name, mine, theirs in both]
        print(markdown(["steps", "ours, CPU s", "datatrove, CPU s", "ratio"], lines))
        print(f"\ndatatrove's peak: {max(one['peak'] for one in peer.values()):.0f} MiB; reading and writing alone: "
              f"{peer['read, write']['cpu']:.1f} CPU s")  # fmt: skip
    if options.json:
        told = {"machine": machine(), "entries": options.entries, "ours": rows, "datatrove": peer}
        options.json.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
