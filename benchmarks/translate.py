"""What does translation by agents bear and catch? Against a server of our own that plays the models: it translates by a table, makes
mistakes as it is told, and tells nothing about a real model.

`survive`: 10,000 entries into two languages through `globmed curate translate`, a fifth of all requests meeting a fault (429 with and
without Retry-After, 500, slow, hang, empty, cut JSON, wrong schema, refusal, changed number, wrong language), once unbroken and once
killed with SIGKILL three times. Which request meets what follows from a hash of it, so both runs are told the same.

`faults`: planted faults in drafts, and who sees and mends them: the checks alone, the critique alone, both. The critic is imitated: it
knows the right text and sees a stated share of the differences, so its rows show what the loop does with what it is told. The
checks know nothing: their rows show detection. The reviser is imitated too and mends every field that it is told of.

`forms`: all four forms in twelve languages on real items: counts, and that nothing but words has changed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from tables import machine_line, markdown  # noqa: E402

from tests.curation import faulty, real_items  # noqa: E402
from tests.curation.translating import FAULTS, Translator, sample_entries, sample_table  # noqa: E402

EXAMPLES = """examples:
  python benchmarks/translate.py survive --data DIR
  python benchmarks/translate.py survive --entries 500            variants of the bundled sample
  python benchmarks/translate.py faults --data DIR --json faults.json
  python benchmarks/translate.py forms --data DIR

DIR holds the original source files in the folders that curation/globmed.yml names.
"""
CODES = ("sw", "yo")
#: Set-up of the chain -> (critique on, share of the differences that the critic sees, checks on).
SETUPS = {
    "checks alone": (False, 0.0, True),
    "critic who sees nothing, alone": (True, 0.0, False),
    "critic who sees half, alone": (True, 0.5, False),
    "critic who sees all, alone": (True, 1.0, False),
    "critic who sees half, and checks": (True, 0.5, True),
}
CAUGHT, MENDED, FLAGGED, DROPPED, SILENT = OUTCOMES = ("caught", "mended", "flagged", "dropped", "kept silently")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0], epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", choices=("survive", "faults", "forms"))
    parser.add_argument("--data", type=Path, default=os.environ.get("GLOBMED_REAL_DATA"), help="folder of source sets")
    parser.add_argument("--entries", type=int, default=10_000, help="survive: how many")
    parser.add_argument("--concurrency", type=int, default=64, help="survive: requests at a time")
    parser.add_argument("--timeout", type=float, default=10.0, help="survive: seconds until a request hangs")
    parser.add_argument("--workers", type=int, default=2, help="survive: processes that write")
    parser.add_argument("--items", type=int, default=40, help="forms: of each set; faults: twice so many of each")
    parser.add_argument("--work", type=Path, help="where corpus and results lie [a folder that goes away]")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    if options.part == "forms" and options.data is None:
        parser.error("--data DIR (or $GLOBMED_REAL_DATA) is needed: the folder of source sets")
    with tempfile.TemporaryDirectory() as folder:
        options.work = options.work or Path(folder)
        options.work.mkdir(parents=True, exist_ok=True)
        print(machine_line(), end="\n\n")
        told = globals()[options.part](options)
    if options.json:
        options.json.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def globmed(*words: str) -> None:
    program = [sys.executable, "-m", "globmed_tools.cli", *words, "--quiet"]
    subprocess.run(program, check=True, env={**os.environ, "HF_HUB_OFFLINE": "1"})


# survive ----------------------------------------------------------------------------------------------------------------


def survive(options) -> dict:
    corpus, entries = corpus_of(options)
    whole, server = unbroken(corpus, options)
    calls = server.paid
    say(f"unbroken: {whole.wall:.0f} s, {calls:,} calls")
    folder = fresh(options.work / "killed")
    with faulty.Faulty() as other:
        moments = (
            lambda: other.paid > 0.2 * calls,
            lambda: other.paid > 0.6 * calls,
            faulty.writing(folder / "out"),
        )
        command = command_of(other, corpus, folder, options)
        killed = faulty.survive(command, other, moments, folder)
    say(f"killed: {killed.wall:.0f} s, under way at the kills {killed.kills}")
    both = {"unbroken": (whole, server, options.work / "unbroken"), "killed three times": (killed, other, folder)}
    rows = {name: figures(*one, entries) for name, one in both.items()}
    show_survived(rows, options)
    files = [faulty.content(where / "out") for *_, where in both.values()]
    differ = sorted(name for name in {**files[0], **files[1]} if files[0].get(name) != files[1].get(name))
    print(f"\nFiles of the result: {len(files[0])}, of which differ between the runs: {len(differ)} {differ[:5] or ''}")
    if differ or any(row["wrong"] for row in rows.values()):
        raise SystemExit("the runs differ, or a translation did not end exactly once")
    return {"entries": len(entries), **rows}


def unbroken(corpus: Path, options) -> tuple[faulty.Spent, faulty.Faulty]:
    folder = fresh(options.work / "unbroken")
    with faulty.Faulty() as server:
        return faulty.survive(command_of(server, corpus, folder, options), server, (), folder), server


def command_of(server, corpus: Path, folder: Path, options) -> list[str]:
    more = {"concurrency": options.concurrency, "timeout": options.timeout, "workers": options.workers}
    return faulty.command_of(server, [corpus], folder, codes=CODES, **more)


def fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def corpus_of(options) -> tuple[Path, list]:
    """A folder of shards, a thousand items each: the real sets, read and normalized by their own commands, or the sample's variants."""
    from globmed_tools import shards

    corpus = options.work / "corpus"
    if options.data is None:
        entries = faulty.variants(options.entries)
    else:
        build = options.work / "build"
        pipeline = str(HERE.parent / "curation" / "globmed.yml")
        globmed("curate", "run", pipeline, "--out", str(build), "--sources", str(options.data), "--until", "normalize")
        entries = [one for one in shards.entries([build / "stages" / "1-normalize"]) if one.language == "en"]
        chosen = set(sorted(one.id for one in entries)[: options.entries])
        entries = [one for one in entries if one.id in chosen][: options.entries]
    shutil.rmtree(corpus, ignore_errors=True)
    done = [
        shards.write_shard(corpus, f"part-{start // 1000:04}", entries[start : start + 1000], [], key="benchmark")
        for start in range(0, len(entries), 1000)
    ]
    shards.write_manifest(corpus, shards.ShardManifest("corpus", {}, (), tuple(done), {}, "benchmark"))
    sets = Counter(one.source for one in entries)
    say(f"corpus: {len(entries):,} entries: " + ", ".join(f"{name} {count:,}" for name, count in sorted(sets.items())))
    return corpus, entries


def figures(spent: faulty.Spent, server: faulty.Faulty, folder: Path, entries: list) -> dict:
    """What a run came to. wrong: (entry, language) that did not end exactly once."""
    wanted = Counter((one.id, code) for one in entries for code in CODES)
    ends = faulty.ends_of(folder / "out")
    wrong = sum(len(ends.get(key, ())) != count for key, count in wanted.items()) + len(ends.keys() - wanted.keys())
    wrong += Counter(faulty.told_of(folder / "out")) != wanted
    every = [end for some in ends.values() for end in some]
    return {
        "wall": spent.wall,
        "cpu": spent.cpu,
        "peak": spent.peak,
        "ends": Counter(how for how, causes in every if causes or how == "clean"),
        "causes": {
            how: Counter(cause for one, causes in every for cause in causes if one == how)
            for how in ("flagged", "dropped")
        },
        "wrong": wrong,
        "requests": server.asked.total(),
        "calls": server.paid,
        "faults": server.faults,
        "repeated": server.repeated(),
        "bodies_repeated": server.bodies_repeated(),
        "kills": spent.kills,
        "journal": (folder / "calls.sqlite").stat().st_size / 2**20,
    }


def show_survived(rows: dict[str, dict], options) -> None:
    def line(words, value):
        return [words, *(value(row) for row in rows.values())]

    lines = [
        line("ended clean", lambda row: f"{row['ends']['clean']:,}"),
        line("ended flagged, with its causes", lambda row: f"{row['ends']['flagged']:,}"),
        line("ended dropped, with its cause", lambda row: f"{row['ends']['dropped']:,}"),
        line("ended not exactly once", lambda row: f"{row['wrong']:,}"),
        line("calls answered", lambda row: f"{row['calls']:,}"),
        line("requests", lambda row: f"{row['requests']:,}"),
        line("of them met a fault", lambda row: f"{row['faults'].total() / row['requests']:.1%}"),
        line("calls answered in two runs", lambda row: f"{row['repeated']:,}"),
        line("under way at the kills", lambda row: ", ".join(map(str, row["kills"])) or "-"),
        line("same request answered twice in all", lambda row: f"{row['bodies_repeated']:,}"),
        line("wall, s", lambda row: f"{row['wall']:,.0f}"),
        line("CPU, s", lambda row: f"{row['cpu']:,.0f}"),
        line("peak memory, MiB", lambda row: f"{row['peak']:,.0f}"),
        line("journal, MiB", lambda row: f"{row['journal']:,.0f}"),
    ]
    print(markdown([f"{options.entries:,} entries into {', '.join(CODES)}", *rows], lines))
    print("\nFaults met, " + "; ".join(f"{name}: {_counts(row['faults'])}" for name, row in rows.items()))
    last = list(rows.values())[-1]
    for how, causes in last["causes"].items():
        print(f"\n{how.capitalize()} for (the killed run): {_counts(causes)}")


def _counts(counts: Counter) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.most_common()) or "nothing"


# faults -----------------------------------------------------------------------------------------------------------------


def faults(options) -> dict:
    """{set-up: {label: {fault: {planted, caught, ...}}}}, and the clean drafts below "clean"."""
    from globmed_curation.translate.agents.config import Agents
    from globmed_curation.translate.agents.tools import tools_of

    found: dict = {setup: {} for setup in SETUPS}
    started = time.perf_counter()
    for label, jobs, table in groups(options):
        for setup, (critique, sees, check) in SETUPS.items():
            tools = tools_of(Agents(model="m", critique=critique, check=check))
            clean = [play(job, tools, faulty.Planter(table=table)) for job in jobs]
            row = {"clean": {"planted": len(jobs), FLAGGED: sum(one.texts["ended"] == "flagged" for one in clean)}}
            for kind in FAULTS:
                server = faulty.Planter(table=table, sees=sees, chosen={job.entry.question: kind for job in jobs})
                row[kind] = dict(outcomes(jobs, clean, tools, server))
            found[setup][label] = row
        say(f"{label}: {len(jobs)} drafts, {time.perf_counter() - started:.0f} s")
    show_faults(found)
    return found


def groups(options):
    """(label, jobs, table): the sample in twelve languages, and what publishers have in two."""
    from globmed_curation.translate import Job

    from globmed_tools import languages

    for code in languages.codes(paper=True):
        source = "es" if code == "en" else "en"
        jobs = [Job(one, code) for one in sample_entries(source)]
        table = sample_table()
        if code == "en":
            table |= {("en", there): here for (into, here), there in sample_table("es").items()}
        yield code, jobs, table
    if options.data is None:
        return
    for name, codes in (("medexpqa", ("es", "fr")), ("mmlu_clinical_african", ("zu",))):
        found = real_items.read(options.data, name)
        table = real_items.published(found)
        for code in codes:
            some = [one for one in found if one.language == "en" and (code, one.question) in table]
            yield f"{code}, {name}", [Job(one, code) for one in real_items.spread(some, 2 * options.items)], table


def play(job, tools, server: Translator):
    """A chain by a server's words, without the network between."""
    from globmed_curation.translate.agents.chain import chain

    from globmed_tools.llm import Reply, Usage

    steps, outcome = chain(job, tools), None
    while True:
        try:
            asked = steps.send(outcome)
        except StopIteration as done:
            return done.value
        text = server.say({"model": asked.call.model, "messages": asked.call.messages})
        outcome = Reply(asked.call.id, "", text, json.loads(text), Usage(1, 1), 0.0, 0.0, False)


def outcomes(jobs, clean, tools, server: Translator) -> Counter:
    """caught: by a finding that the clean draft does not have. mended: the text is what it should be; flagged, kept silently: it is
    not; dropped: there is none."""
    from globmed_curation.stages import Dropped as Lost

    count: Counter = Counter(dict.fromkeys(("planted", *OUTCOMES), 0))
    for job, right in zip(jobs, clean):
        made = play(job, tools, server)
        if server.planted.get((job.entry.question, job.language)) is None:
            continue
        count["planted"] += 1
        count[CAUGHT] += bool(seen(made) - seen(right))
        if isinstance(made.end, Lost):
            count[DROPPED] += 1
        elif texts(made.end) == texts(right.end):
            count[MENDED] += 1
        else:
            count[FLAGGED if made.texts["ended"] == "flagged" else SILENT] += 1
    return count


def texts(entry) -> tuple:
    return entry.question, entry.context, entry.options, entry.reference, entry.rationale


def seen(made) -> set:
    """What critique and checks have said of a draft."""
    steps = made.texts["steps"]
    rows = [one for step in steps if step["step"].startswith(("check", "critique")) for one in step.get("findings", ())]
    return {(one["field"], one["problem"], one.get("source", "")) for one in rows}


def show_faults(found: dict) -> None:
    labels = list(next(iter(found.values())))
    paper = [label for label in labels if "," not in label]
    print(f"The bundled sample in {len(paper)} languages:\n")
    lines = []
    for kind in FAULTS:
        for setup, rows in found.items():
            total = Counter()
            for label in paper:
                total.update(rows[label][kind])
            lines.append([f"{kind}: {setup}", *(f"{total[name]:,}" for name in ("planted", *OUTCOMES))])
    print(markdown(["fault: set-up", "planted", *OUTCOMES], lines))
    for setup in ("checks alone", "critic who sees half, and checks"):
        print(
            f"\n{setup[0].upper() + setup[1:]}: caught, mended / flagged or dropped / kept silently, of so many planted\n"
        )
        lines = []
        for label, row in found[setup].items():
            cells = [_cell(row[kind]) for kind in FAULTS]
            lines.append([label, *cells, f"{row['clean'][FLAGGED]} of {row['clean']['planted']}"])
        print(markdown(["language", *FAULTS, "clean drafts flagged"], lines))


def _cell(row: dict) -> str:
    if not row["planted"]:
        return "none"
    return f"{row[CAUGHT]}, {row[MENDED]} / {row[FLAGGED] + row[DROPPED]} / {row[SILENT]}, of {row['planted']}"


# forms ------------------------------------------------------------------------------------------------------------------


def forms(options) -> dict:
    from globmed_tools import languages, shards

    items, table = real_items.real_items(options.data, options.items)
    entries = [one for some in items.values() for one in some]
    where = {id(one): name for name, some in items.items() for one in some}
    names = {one.id: where[id(one)] for one in entries}
    folder = fresh(options.work / "forms")
    shards.write_rows(folder, "in", "items", entries, "jsonl")
    codes = languages.codes(paper=True)
    with Translator(table=sample_table(*codes[1:]) | table) as server:
        command = faulty.command_of(server, [folder / "in" / "items.jsonl"], folder, codes=codes, timeout=60.0)
        globmed(*command[4:-1])
    by_id, count, flagged, changed, real = {one.id: one for one in entries}, Counter(), Counter(), 0, Counter()
    for made in shards.entries([folder / "out"]):
        if made.translated_from:
            source = by_id[made.translated_from]
            row = names[source.id], made.language
            count[row] += 1
            flagged[row] += faulty.is_flagged(made)
            changed += bool(real_items.differing(source, made))
            real[made.language] += (made.language, source.question) in server.table
    ends = [end for some in faulty.ends_of(folder / "out").values() for end in some]
    reasons = Counter(causes[0] for how, causes in ends if how == "dropped")
    lines = []
    for name, some in items.items():
        form = "/".join(sorted({one.form for one in some}))
        cells = [f"{count[name, code]} ({flagged[name, code]})" if count[name, code] else "-" for code in codes]
        lines.append([f"{form}: {name}", str(len(some)), *cells])
    lines.append(["with a published text", "", *(str(real[code]) for code in codes)])
    print(markdown(["form: set", "items", *codes], lines))
    wanted = sum(one.language != code for one in entries for code in codes)
    print(f"\nTranslations (of them flagged). {count.total():,} of {wanted:,} asked for, dropped: {_counts(reasons)}; "
          f"{changed} differ from their source in anything but words.")  # fmt: skip
    if changed or count.total() + reasons.total() != wanted:
        raise SystemExit("a translation is missing, or not built as its source")
    return {
        "count": {f"{name}, {code}": n for (name, code), n in count.items()},
        "flagged": flagged.total(),
        "dropped": reasons,
    }


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
