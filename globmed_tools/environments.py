"""What is common to the environments that this project makes for other tools (Axolotl, argilla-server).

Step("install axolotl", [python, "-m", "pip", "install", ...])     one command and what it is for
make(steps, home, log, "--home", say)                              all of them; a failure is one line, the output in the log
constraints("constraints-axolotl.txt", Path(__file__).parent)      the file, in a checkout and in an installed wheel
fits(python, ((3, 11), (3, 12)), "axolotl 0.19.0")                 raises where that Python cannot make it
space(home, 5 * 10**9)                                             raises where the disk is too small
pins(constraints)                                                  {"torch": "2.13.0", ...}
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import resources
from .errors import GlobmedError

_NETWORK = re.compile(
    r"NewConnectionError|Network is unreachable|Temporary failure in name resolution|Name or service not known|"
    r"ConnectTimeout|ReadTimeout|Connection refused|ProxyError|getaddrinfo|NameResolutionError|Max retries exceeded"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One command and what it is for."""

    title: str
    command: list[str]


def constraints(name: str, beside: Path) -> Path:
    """The constraints file of that name: at the top of a checkout, in an installed wheel in the folder `beside`."""
    path = (resources.checkout() or beside) / name
    if not path.is_file():
        raise GlobmedError(f"{path}: missing. Install globmed again: pip install --force-reinstall globmed.")
    return path


def make(steps: Sequence[Step], home: Path, log: str, name_it: str, say: Callable[[str], None]) -> None:
    """Make the folder and run the steps in order; `say(line)` is told of each. name_it: what names another folder."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GlobmedError(f"{home}: cannot be made ({error.strerror}). Name another folder with {name_it}.") from error
    for number, step in enumerate(steps, 1):
        say(f"{number}/{len(steps)} {step.title}: {' '.join(step.command)}")
        run(step, home / log, home)


def run(step: Step, log: Path, home: Path) -> None:
    """Run one step, its output appended to the log. Raises GlobmedError with the reason in one line."""
    with log.open("a", encoding="utf-8") as out:
        done = subprocess.run(step.command, stdout=out, stderr=subprocess.STDOUT, text=True, check=False)
    if not done.returncode:
        return
    text = log.read_text("utf-8", "replace")
    again = f"Then run the command again: it goes on where it stopped. The whole log: {log}."
    if "No space left on device" in text[-20000:]:
        raise GlobmedError(f"{home}: the disk is full. Free some space, or name another disk with --home. {again}")
    if _NETWORK.search(text[-20000:]):
        raise GlobmedError(
            f"{step.title}: pip does not reach its package index. Check the network and pip's settings. {again}"
        )
    errors = (
        [line for line in text.splitlines() if line.startswith("ERROR")] or text.strip().splitlines() or ["no output"]
    )
    raise GlobmedError(f"{step.title} failed: {errors[-1]}. {again}")


def fits(python: str, versions: tuple[tuple[int, int], ...], tool: str) -> None:
    """Raise GlobmedError unless `python` starts, makes environments and is one of the versions."""
    code = "import sys, venv, ensurepip; print(*sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    except OSError as error:
        raise GlobmedError(f"{python}: cannot be started ({error.strerror}). Name a Python with --python.") from error
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise GlobmedError(f"{python}: makes no environment ({said}). Name another Python with --python.")
    version = tuple(map(int, done.stdout.split()))
    if version not in versions:
        known = ", ".join(".".join(map(str, one)) for one in versions)
        raise GlobmedError(
            f"{python} is Python {'.'.join(map(str, version))}; {tool} with its pins needs one of {known}. Name it: --python."
        )


def space(home: Path, size: int) -> None:
    """Raise GlobmedError where the disk has less than what is still to come of `size` bytes."""
    parent = home
    while not parent.exists():
        parent = parent.parent
    there = sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) if home.exists() else 0
    needed = size - there
    free = shutil.disk_usage(parent).free
    if free < needed:
        raise GlobmedError(
            f"{parent}: {free / 1e9:.1f} GB free, and the environment takes {needed / 1e9:.1f} GB more. Free some, or name another disk "
            "with --home."
        )


def pins(constraints: Path) -> dict[str, str]:
    """A constraints file as {normalised name: version}."""
    lines = constraints.read_text("utf-8").splitlines()
    split = (line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {re.sub("[-_.]+", "-", name).lower(): version for name, version in split}
