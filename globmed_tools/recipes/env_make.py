"""Make Axolotl's environment, step by step; run again, it goes on where it stopped.

    Plan(home, python, build="cpu").steps()     [Step("make the folder", [python, "-m", "venv", home]), ...]
    make(plan)                                  runs what is missing, writes the marker last

Packages come from the index that pip is set up with, pinned by constraints-axolotl.txt. Which build of torch that index has
(CPU or CUDA) is the index's choice: `--cpu` and `--cuda` only check what came, for a GPU run on a CPU build fails late.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ..errors import GlobmedError
from . import env

TORCH = "torch==2.13.0"
AXOLOTL = f"axolotl=={env.VERSION}"
#: Measured on CPython 3.11; its pinned packages have wheels for these.
PYTHONS = ((3, 11), (3, 12), (3, 13))
#: GB of disk: 4.3 were measured for the CPU build; the CUDA build brings its libraries, 5 GB more.
SPACE = {"cpu": 5, "any": 5, "cuda": 10}
LOG = "globmed-install.log"
_NETWORK = re.compile(
    r"NewConnectionError|Network is unreachable|Temporary failure in name resolution|Name or service not known|"
    r"ConnectTimeout|ReadTimeout|Connection refused|ProxyError|getaddrinfo|NameResolutionError|Max retries exceeded"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One command and what it is for."""

    title: str
    command: list[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """`build` is "cpu", "cuda" or "any"."""

    home: Path
    python: str
    build: str = "any"
    index: str | None = None

    def steps(self) -> list[Step]:
        """What is still missing: nothing for an environment that holds the right Axolotl."""
        inside = str(self.home / "bin" / "python")
        install = [inside, "-m", "pip", "install", "--disable-pip-version-check", "-c", str(env.constraints())]
        install += ["--extra-index-url", self.index] if self.index else []
        steps = []
        if not (self.home / "bin" / "python").is_file():
            steps.append(Step("make the environment", [self.python, "-m", "venv", str(self.home)]))
        if not list(self.home.glob("lib/python3*/site-packages/torch-*.dist-info")):
            steps.append(Step("install torch", [*install, TORCH]))
        # pip writes a package's metadata last, and installs axolotl after what it needs: both there means all is there.
        if (self.home / env.MARKER).is_file() or env.problem(self.home) in (None, "its installation was not finished"):
            return steps
        steps.append(Step("install axolotl", [*install, AXOLOTL, TORCH]))
        return steps


def make(plan: Plan, say) -> dict:
    """Run the missing steps, then check and mark. `say(line)` is told of each. Returns the marker's content.

    Raises GlobmedError for a wrong Python, too little disk, no network, or a build that is not the one asked for.
    """
    steps = plan.steps()
    if steps:
        _python_fits(plan.python if not (plan.home / "bin" / "python").is_file() else str(plan.home / "bin" / "python"))
        _space(plan)
    try:
        plan.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GlobmedError(
            f"{plan.home}: cannot be made ({error.strerror}). Name another folder with --home."
        ) from error
    for number, step in enumerate(steps, 1):
        say(f"{number}/{len(steps)} {step.title}: {' '.join(step.command)}")
        _run(step, plan.home)
    return finish(plan)


def finish(plan: Plan) -> dict:
    """Check the environment by importing from it, make the plugin importable, write the marker."""
    found = check(plan.home)
    if found["problems"]:
        raise GlobmedError(f"{plan.home}: {found['problems'][0]}")
    if plan.build == "cuda" and not found["cuda"]:
        raise GlobmedError(
            f"{plan.home}: torch came as a CPU build ({found['torch']}). Name an index that has the CUDA build with --index URL, "
            f"remove {plan.home}, and run again."
        )
    if plan.build == "cpu" and found["cuda"]:
        raise GlobmedError(
            f"{plan.home}: torch came as a CUDA {found['cuda']} build. It works without a GPU too: run again without --cpu, or name "
            "an index that has the CPU build with --index URL and start afresh."
        )
    site = next(plan.home.glob("lib/python3*/site-packages"))
    (site / env.PTH).write_text(f"{env.SIDE}\n", "utf-8")
    marker = {
        "axolotl": env.VERSION,
        "torch": found["torch"],
        "cuda": found["cuda"],
        "python": found["python"],
        "constraints": hashlib.sha256(env.constraints().read_bytes()).hexdigest(),
    }
    partial = plan.home / f"{env.MARKER}.part"
    partial.write_text(json.dumps(marker, indent=2) + "\n", "utf-8")
    os.replace(partial, plan.home / env.MARKER)
    return marker


def check(home: Path) -> dict:
    """What the environment holds beside what is pinned: versions, CUDA, packages that differ, whether the plugin is found."""
    wrong = env.problem(home)
    if wrong and wrong != "its installation was not finished":
        return {"home": str(home), "problems": [f"{wrong}. Make it: globmed recipes env --home {home}."]}
    code = (
        "import importlib.metadata as m, importlib.util as u, json, platform, re, torch\n"
        "name = lambda n: re.sub('[-_.]+', '-', n).lower()\n"
        "print(json.dumps({'packages': {name(d.metadata['Name']): d.version for d in m.distributions()},\n"
        "  'torch': torch.__version__, 'cuda': torch.version.cuda, 'python': platform.python_version(),\n"
        "  'gpus': torch.cuda.device_count(), 'plugin': u.find_spec('globmed_axolotl') is not None}))"
    )
    done = subprocess.run([str(home / "bin" / "python"), "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return {
            "home": str(home),
            "problems": [f"torch cannot be imported ({last}). Remove the folder and make it anew."],
        }
    found = json.loads(done.stdout)
    packages = found.pop("packages")
    differs = {
        name: [packages[name], version] for name, version in pins().items() if packages.get(name, version) != version
    }
    differs.pop("torch", None) if found["torch"].partition("+")[0] == TORCH.partition("==")[2] else None
    return {"home": str(home), **found, "axolotl": packages.get("axolotl"), "differs": differs, "problems": []}


def pins() -> dict[str, str]:
    """constraints-axolotl.txt as {normalised name: version}."""
    lines = env.constraints().read_text("utf-8").splitlines()
    split = (line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {re.sub("[-_.]+", "-", name).lower(): version for name, version in split}


def _python_fits(python: str) -> None:
    code = "import sys, venv, ensurepip; print(*sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    except OSError as error:
        raise GlobmedError(f"{python}: cannot be started ({error.strerror}). Name a Python with --python.") from error
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise GlobmedError(f"{python}: makes no environment ({said}). Name another Python with --python.")
    version = tuple(map(int, done.stdout.split()))
    if version not in PYTHONS:
        known = ", ".join(".".join(map(str, one)) for one in PYTHONS)
        raise GlobmedError(
            f"{python} is Python {'.'.join(map(str, version))}; axolotl {env.VERSION} with its pins needs one of {known}. Name it: --python."
        )


def _space(plan: Plan) -> None:
    """Raise GlobmedError where the disk has less than what is still to come."""
    parent = plan.home
    while not parent.exists():
        parent = parent.parent
    there = sum(path.stat().st_size for path in plan.home.rglob("*") if path.is_file()) if plan.home.exists() else 0
    needed = SPACE[plan.build] * 10**9 - there
    free = shutil.disk_usage(parent).free
    if free < needed:
        raise GlobmedError(
            f"{parent}: {free / 1e9:.1f} GB free, and the environment takes {needed / 1e9:.1f} GB more. Free some, or name another disk "
            "with --home."
        )


def _run(step: Step, home: Path) -> None:
    """Run one step, its output in home/globmed-install.log. Raises GlobmedError with the reason in one line."""
    log = home / LOG
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
