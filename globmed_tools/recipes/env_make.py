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
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .. import environments
from ..environments import Step
from ..errors import GlobmedError
from . import env

TORCH = "torch==2.13.0"
AXOLOTL = f"axolotl=={env.VERSION}"
#: Measured on CPython 3.11; its pinned packages have wheels for these.
PYTHONS = ((3, 11), (3, 12), (3, 13))
#: GB of disk: 4.3 were measured for the CPU build; the CUDA build brings its libraries, 5 GB more.
SPACE = {"cpu": 5, "any": 5, "cuda": 10}
LOG = "globmed-install.log"


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
        inside = plan.home / "bin" / "python"
        environments.fits(str(inside) if inside.is_file() else plan.python, PYTHONS, f"axolotl {env.VERSION}")
        environments.space(plan.home, SPACE[plan.build] * 10**9)
    environments.make(steps, plan.home, LOG, "--home", say)
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
    return environments.pins(env.constraints())
