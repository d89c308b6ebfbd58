"""What does an evaluation cost beside the model? Our MCQ tasks against lm-eval's own mmlu_prox, the model a dummy.

Both sides evaluate the same number of documents with the same text (random words, ten options each, made here), each side
in processes of its own, through the same `lm_eval.simple_evaluate` with log_samples, with the same number of few-shot
examples. A third side, "lm-eval alone", is our documents with nothing read and nothing scored: what no task can go below.
CPU time is user plus system; of several repeats the least counts. Then the start of a whole command is measured:
`lm_eval run --include_path tasks` against `globmed bench run`, one task, one document.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import documents
import mmlu_prox
from tables import machine, machine_line, markdown

from globmed_tools import languages

HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent
EXAMPLES = """examples:
  python benchmarks/speed.py
  python benchmarks/speed.py --documents 1000 --languages 12 --json speed.json
  python benchmarks/speed.py --replies long --skip-start
  python benchmarks/speed.py --documents 100 --shots 0 --repeats 1 --skip-start --profile profiles
"""
FEW = 10
SIDES = ("ours", "mmlu_prox", "lm-eval alone")
ALONE = """\
include: {leaf}
task: {name}
filter_list: [{{name: none, filter: [{{function: take_first}}]}}]
process_results: !function one_side.unscored
metric_list: [{{metric: acc, aggregation: mean, higher_is_better: true}}]
"""
ROWS = {
    "import lm-eval, CPU s": "import",
    "index, CPU s": "index",
    "evaluate {n} documents, CPU s": "evaluate",
    "of it fixed, CPU s": "fixed",
    "each further 1,000 documents, CPU s": "per_thousand",
    "peak memory, MiB": "peak_mib",
}


def environment(folder: Path) -> dict[str, str]:
    """No network, and a datasets cache of this run's own that both sides share over the repeats."""
    return {**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(folder / "cache"), "GLOBMED_DATA": ""}


def prepare(folder: Path, codes: list[str], tasks: Path, count: int) -> dict[str, dict]:
    """Write `count` documents a language for both sides; returns what a job of each side says about tasks and data."""
    documents.write_ours(folder / "ours", codes, count)
    documents.write_theirs(folder / "theirs", codes, count)
    mmlu_prox.write_tasks(folder / "tasks", folder / "theirs", codes)
    names = [f"globmed_mmlu_pro_{code}" for code in codes]
    alone = write_alone(folder / "alone", tasks, names)
    data = {"globmed_data": str(folder / "ours")}
    return {
        "ours": {"index": str(tasks), "metadata": data, "tasks": names},
        "mmlu_prox": {
            "index": str(folder / "tasks"),
            "metadata": {},
            "tasks": [mmlu_prox.task(code) for code in codes],
        },
        "lm-eval alone": {"index": str(folder / "alone"), "metadata": data, "tasks": alone},
    }


def write_alone(target: Path, tasks: Path, names: list[str]) -> list[str]:
    """Copies of our tasks that read and score nothing; returns their names."""
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        leaf = tasks / "leaves" / "mmlu_pro" / f"{name}.yaml"
        (target / f"alone_{name}.yaml").write_text(ALONE.format(leaf=leaf, name=f"alone_{name}"), "utf-8")
    return [f"alone_{name}" for name in names]


def run_side(folder: Path, job: dict) -> dict:
    """One job in a process of its own; SystemExit with the end of its log where it fails."""
    job = {**job, "out": str(folder / "out.json")}
    (folder / "job.json").write_text(json.dumps(job), "utf-8")
    command = [sys.executable, str(HERE / "one_side.py"), str(folder / "job.json")]
    done = subprocess.run(command, env=environment(folder), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with status {done.returncode}:\n{done.stderr[-3000:]}")
    return json.loads((folder / "out.json").read_text("utf-8"))


def least(runs: list[dict]) -> dict:
    """The least of each figure over the repeats."""
    return {name: min(run[name] for run in runs) for name in runs[0]}


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def warm(folder: Path, jobs: dict[int, dict], asked: argparse.Namespace) -> None:
    """One short run of every job that nobody counts: it fills the file cache and, for mmlu_prox, the cache of datasets."""
    for by_side in jobs.values():
        for side in SIDES:
            run_side(folder, {**by_side[side], **common(asked, 0), "limit": 1})


def measure(folder: Path, jobs: dict[int, dict], shots: int, asked: argparse.Namespace) -> dict[str, dict]:
    """side -> figures at one number of shots. `jobs` holds each side's job by documents a language: FEW, and all."""
    found: dict[str, dict[int, list[dict]]] = {side: {count: [] for count in jobs} for side in SIDES}
    for _repeat in range(asked.repeats):
        for count, by_side in jobs.items():
            for side in SIDES:
                run = run_side(folder, {**by_side[side], **common(asked, shots)})
                found[side][count].append(run)
                say(f"{shots}-shot, {side}, {run['documents']} documents: {run['evaluate']:.2f} CPU s")
    return {side: figures({count: least(runs) for count, runs in found[side].items()}) for side in SIDES}


def common(asked: argparse.Namespace, shots: int) -> dict:
    """What the jobs of both sides share."""
    return {"shots": shots, "replies": asked.replies, "limit": None, "profile": None}


def figures(runs: dict[int, dict]) -> dict:
    """The large run's figures, with what a run costs at any size (extrapolated to no documents) and what each 1,000 add."""
    few, all_of_them = (runs[count] for count in sorted(runs))
    slope = (all_of_them["evaluate"] - few["evaluate"]) / (all_of_them["documents"] - few["documents"])
    fixed = few["evaluate"] - slope * few["documents"]
    return {**all_of_them, "fixed": fixed, "per_thousand": 1000 * slope}


def start(folder: Path, job: dict, tasks: Path, repeats: int) -> dict[str, dict]:
    """Wall and CPU seconds of both whole commands for one task and one document."""
    options = [
        "--tasks",
        job["tasks"][0],
        "--model",
        "dummy",
        "--limit",
        "1",
        "--metadata",
        json.dumps(job["metadata"]),
    ]
    commands = {
        "ours": [str(BIN / "globmed"), "bench", "run", *options],
        "lm_eval run": [str(BIN / "lm_eval"), "run", "--include_path", str(tasks), *options],
    }
    found = {name: [timed(command, folder) for _ in range(repeats)] for name, command in commands.items()}
    return {name: least(runs) for name, runs in found.items()}


def timed(command: list[str], folder: Path) -> dict:
    """Wall and CPU seconds of a command and all its children."""
    log = folder / "start.log"
    begin = time.monotonic()
    with log.open("w") as stream:
        child = subprocess.Popen(command, stdout=stream, stderr=stream, env=environment(folder), cwd=folder)
        _pid, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with status {child.returncode}:\n{log.read_text()[-3000:]}")
    run = {"wall": time.monotonic() - begin, "cpu": used.ru_utime + used.ru_stime}
    say(f"{Path(command[0]).name}: {run['wall']:.1f} s, {run['cpu']:.1f} CPU s")
    return run


def ratio(ours: float, theirs: float) -> str:
    return f"{ours / theirs:.2f}" if theirs else "-"


def table(found: dict[int, dict], started: dict[str, dict] | None) -> str:
    """One Markdown table: each figure of all sides, and ours divided by mmlu_prox's."""
    rows = []
    for shots, sides in found.items():
        ours, theirs, alone = (sides[side] for side in SIDES)
        for label, name in ROWS.items():
            digits = 0 if name == "peak_mib" else 2
            cells = [f"{side[name]:.{digits}f}" for side in (ours, theirs, alone)]
            text = label.format(n=f"{ours['documents']:,}")
            rows.append([f"{shots}-shot: {text}", *cells[:2], ratio(ours[name], theirs[name]), cells[2]])
    for name, label in (("wall", "start, wall s"), ("cpu", "start, CPU s")) if started else ():
        values = [side[name] for side in started.values()]
        rows.append([f"{label} (against `lm_eval run`)", *(f"{value:.2f}" for value in values), ratio(*values), ""])
    return markdown(["", *SIDES[:2], "ratio", SIDES[2]], rows)


def profiles(folder: Path, jobs: dict, shots: int, asked: argparse.Namespace) -> None:
    """One more run of both sides under cProfile, into DIR/<side>.prof."""
    asked.profile.mkdir(parents=True, exist_ok=True)
    for side in SIDES[:2]:
        target = asked.profile.resolve() / f"{side}.prof"
        run_side(folder, {**jobs[side], **common(asked, shots), "profile": str(target)})
        say(f"{target}: read it with `python -m pstats`")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--documents", type=int, default=1000, metavar="N", help="documents a language (default: 1000)")
    add("--languages", type=int, default=12, metavar="N", help="how many languages (default: 12, at most 16)")
    shots = range(documents.SHOTS + 1)
    add(
        "--shots",
        type=int,
        nargs="+",
        default=[0, 5],
        choices=shots,
        help="few-shot examples of all sides (default: 0 5)",
    )
    add(
        "--replies", choices=("lol", "long"), default="lol", help="the dummy's own reply, or one of some 800 characters"
    )
    add("--repeats", type=int, default=2, metavar="N", help="the least of N counts (default: 2)")
    add(
        "--tasks",
        type=Path,
        default=HERE.parent / "tasks",
        metavar="DIR",
        help="our task files (default: the checkout's)",
    )
    add("--skip-start", action="store_true", help="leave out the start of the commands")
    add("--profile", type=Path, metavar="DIR", help="also run both sides once under cProfile")
    add("--json", type=Path, metavar="OUT", help="also write all figures to this file")
    asked = parser.parse_args()
    if asked.documents <= FEW:
        parser.error(f"--documents must be more than {FEW}")
    return asked


def chosen(count: int) -> list[str]:
    """The first languages of the table that mmlu_prox has too."""
    codes = [code for code in languages.codes() if mmlu_prox.has(code)]
    if not 1 <= count <= len(codes):
        raise SystemExit(f"--languages {count}: mmlu_prox has {len(codes)} of ours.")
    return codes[:count]


def main() -> None:
    asked = arguments()
    codes = chosen(asked.languages)
    with tempfile.TemporaryDirectory(prefix="globmed-speed-") as name:
        folder, tasks = Path(name), asked.tasks.resolve()
        jobs = {count: prepare(folder / str(count), codes, tasks, count) for count in (FEW, asked.documents)}
        warm(folder, jobs, asked)
        found = {shots: measure(folder, jobs, shots, asked) for shots in asked.shots}
        started = None if asked.skip_start else start(folder, jobs[FEW]["ours"], tasks, asked.repeats)
        if asked.profile:
            profiles(folder, jobs[asked.documents], asked.shots[0], asked)
    print(f"{machine_line()}\n{len(codes)} languages: {' '.join(codes)}; replies: {asked.replies}\n")
    print(table(found, started))
    if asked.json:
        text = json.dumps({"machine": machine(), "evaluate": found, "start": started}, indent=1)
        asked.json.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
