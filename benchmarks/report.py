"""A report of millions of samples: how long, how much memory, and beside a plain pandas version of the same leaderboard.

The runs are made by `report_samples.make`: 56 models, 12 languages, the paper's 9 sets, 1,000 items. `globmed report build` reads
them, computes every figure of its report and writes page, JSON, CSV, LaTeX and Markdown. The pandas version
reads the same files with `pandas.read_json(lines=True)`, one after the other, keeps five columns and groups them: one mean
a model and language, no intervals, no tests, nothing checked. Both sides run in a process of their own; memory is the most that
the process and its children held together. Below that the leaderboards are compared, and the growth with the models.

The whole is 17 GB of files. pandas is asked for all models; where it does not come to its end (memory, or --pandas-minutes), that
is told and it is asked for half as many, and so on: compare its row with ours of as many models.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from tables import machine_line, markdown

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = """examples:
  python benchmarks/report.py --out DIR                        about 17 GB in DIR, made once
  python benchmarks/report.py --out DIR --models 7 --items 300
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0], epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the runs; what is there is used again")
    parser.add_argument("--models", type=int, default=56)
    parser.add_argument("--languages", type=int, default=12)
    parser.add_argument("--sets", type=int, default=9)
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--pandas-models", type=int, help="models that pandas is asked for first (default: all)")
    parser.add_argument("--pandas-minutes", type=float, default=30, help="how long pandas may take")
    parser.add_argument("--no-growth", action="store_true", help="leave out the runs with fewer models")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    folder = made(options)
    folders = sorted(path for path in folder.iterdir() if path.is_dir())
    rows, figures = [], {}
    counts = [options.models] if options.no_growth else [options.models // 4, options.models // 2, options.models]
    for count in (one for one in counts if one):
        figures[f"globmed, {count} models"] = ours(folders[:count], folder)
    few, ended = options.pandas_models or options.models, []
    while isinstance(found := theirs(folders[:few], folder, options.pandas_minutes * 60), str):
        ended.append(f"pandas, {few} models: {found}")
        few //= 2
        if not few:
            raise SystemExit("; ".join(ended))
    figures[f"pandas, {few} models"] = found
    each = options.languages * options.sets * options.items
    for name, one in figures.items():
        samples = each * int(name.split()[1])
        rows.append([name, f"{samples:,}", f"{one['wall']:.1f}", f"{one['cpu']:.1f}", f"{one['memory'] / 2**20:,.0f}"])
    print(f"\n{machine_line()}\n")
    print(markdown(["", "samples", "wall s", "CPU s", "peak memory, MiB"], rows))
    both = min(few, options.models)
    worst = differences(folder / f"ours-{options.models}.json", folder / f"pandas-{few}.json", both)
    print("".join(f"\n{line}" for line in ended))
    print(f"\nLargest difference between the two leaderboards (accuracy, {both} models): {worst:.1e}")
    page = folder / f"ours-{options.models}.html"
    print(f"The page of {options.models} models: {page.stat().st_size / 1e6:.1f} MB")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


def made(options) -> Path:
    """The folder of runs of this size, written where it is not there yet."""
    from report_samples import make

    size = {"models": options.models, "languages_": options.languages, "sets": options.sets, "items": options.items}
    done = options.out / "size.json"
    if not (done.is_file() and json.loads(done.read_text()) == size):
        print(f"writing runs into {options.out}", file=sys.stderr)
        make(options.out, **size)
        done.write_text(json.dumps(size))
    return options.out


def ours(folders: list[Path], out: Path) -> dict[str, float]:
    """`globmed report build` over the folders, with every output."""
    count = len(folders)
    with tempfile.TemporaryDirectory(dir=out) as other:
        files = (
            "--csv",
            other,
            "--latex",
            other,
            "--markdown",
            f"{other}/report.md",
            "-o",
            str(out / f"ours-{count}.html"),
        )
        command = (sys.executable, "-m", "globmed_tools.cli", "report", "build", *map(str, folders), "--quiet", *files)
        return measured([*command, "--json", str(out / f"ours-{count}.json")])


def theirs(folders: list[Path], out: Path, seconds: float) -> dict[str, float] | str:
    """The pandas version over the folders, or how it ended before its end."""
    script = Path(__file__).with_name("report_pandas.py")
    command = [sys.executable, str(script), str(out / f"pandas-{len(folders)}.json"), *map(str, folders)]
    try:
        return measured(command, seconds)
    except subprocess.CalledProcessError as error:
        return f"ended with status {error.returncode} before it was done"
    except subprocess.TimeoutExpired:
        return f"not done after {seconds:.0f} s"


def measured(command: list[str], seconds: float | None = None) -> dict[str, float]:
    """Run a command: wall and CPU seconds, and the most memory that it and its children held together (proportional set).
    Raises subprocess's errors where it fails or takes longer than `seconds`."""
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT)
    peak, over = [0], threading.Event()

    def watch():
        while not over.wait(0.2):
            peak[0] = max(peak[0], memory(process.pid))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        status = process.wait(seconds)
    finally:
        process.kill()
        process.wait()
        over.set()
        thread.join()
    if status:
        raise subprocess.CalledProcessError(status, command[:4])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": time.monotonic() - started, "cpu": cpu, "memory": peak[0]}


def memory(pid: int) -> int:
    """Bytes of a process and all below it; shared pages are counted once."""
    total = 0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
        for thread in Path(f"/proc/{pid}/task").iterdir():
            total += sum(memory(int(child)) for child in (thread / "children").read_text().split())
    except (OSError, ValueError):
        return total
    return total


def differences(ours_file: Path, theirs_file: Path, models: int) -> float:
    """The largest difference between the scores by model and language, after rounding to ours' four decimals."""
    report, other = json.loads(ours_file.read_text()), json.loads(theirs_file.read_text())
    (board,) = (one for one in report["boards"] if one["id"] == "gen-acc")
    names = [report["models"][place]["name"] for place in board["models"]]
    codes = [report["languages"][place]["code"] for place in board["languages"]]
    worst, compared = 0.0, 0
    for name, row in zip(names[:models], board["by_language"]["score"]):
        for code, value in zip(codes, row):
            worst, compared = max(worst, abs(value - round(other[name][code], 4))), compared + 1
    assert compared == models * len(codes)
    return worst


if __name__ == "__main__":
    main()
