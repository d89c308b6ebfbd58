"""argilla-server's own environment: where it is, whether it is the right one, and how it is made.

    find()                               ~/.cache/globmed/argilla-server-2.8.0/bin/python, or None
    Plan(folder(), sys.executable).steps()   [Step("make the environment", ...), Step("install argilla-server", ...)]
    make(plan, say)                      runs what is missing, writes the marker last

It is looked for in $GLOBMED_ARGILLA_SERVER, else in $XDG_CACHE_HOME/globmed (~/.cache/globmed). argilla-server pins older
versions of pydantic, httpx and typer than this project can use, so the two never share an environment.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from globmed_tools import environments, manifest
from globmed_tools.environments import Step
from globmed_tools.errors import GlobmedError

VERSION = "2.8.0"
#: The revision of the database that this version works with; `alembic heads` says it, and a test compares.
REVISION = "580a6553186f"
VARIABLE = "GLOBMED_ARGILLA_SERVER"
#: Written last: its presence means that nothing is missing.
MARKER = "globmed-argilla-server.json"
LOG = "globmed-install.log"
#: Measured on CPython 3.11; its pins (greenlet 3.1.1, pydantic-core 2.23.4) have wheels for these.
PYTHONS = ((3, 11), (3, 12), (3, 13))
#: Bytes of disk; 0.6 GB were measured, without pip's cache.
SPACE = 8 * 10**8
#: The scripts that run in the environment.
SIDE = Path(__file__).resolve().parent / "side"


def default() -> Path:
    """The folder used where none is named."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "globmed" / f"argilla-server-{VERSION}"


def folder() -> Path:
    """The environment's folder: $GLOBMED_ARGILLA_SERVER, else the default."""
    named = os.environ.get(VARIABLE)
    return Path(named).expanduser().absolute() if named else default()


def constraints() -> Path:
    """constraints-argilla-server.txt, in a checkout and in an installed wheel."""
    return environments.constraints("constraints-argilla-server.txt", Path(__file__).resolve().parent)


def problem(home: Path) -> str | None:
    """What is wrong with the environment in `home`, or None. Reads file names only; no Python is started."""
    if not (home / "bin" / "python").is_file():
        return "there is no Python environment"
    found = home.glob("lib/python3*/site-packages/argilla_server-*.dist-info")
    versions = [path.name.removeprefix("argilla_server-").removesuffix(".dist-info") for path in found]
    if versions and versions != [VERSION]:
        return f"it holds argilla-server {' and '.join(versions)}, and {VERSION} is needed"
    if not versions or (home == default() and not (home / MARKER).is_file()):
        return "its installation was not finished"
    return None


def find() -> Path | None:
    """The environment's python, or None where it is not made or half made. Raises GlobmedError where the one that was named
    is unusable."""
    where = folder()
    wrong = problem(where)
    if wrong and where != default():
        raise GlobmedError(
            f"{where} (${VARIABLE}): {wrong}. Install argilla-server=={VERSION} there, or unset ${VARIABLE}: globmed review "
            "serve then makes an environment."
        )
    return where / "bin" / "python" if wrong is None else None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be made, and with which Python."""

    home: Path
    python: str

    def steps(self) -> list[Step]:
        """What is still missing: nothing for a finished environment."""
        if problem(self.home) is None:
            return []
        inside = str(self.home / "bin" / "python")
        steps = []
        if not (self.home / "bin" / "python").is_file():
            steps.append(Step("make the environment", [self.python, "-m", "venv", str(self.home)]))
        install = [inside, "-m", "pip", "install", "--disable-pip-version-check", "-c", str(constraints())]
        steps.append(Step("install argilla-server", [*install, f"argilla-server=={VERSION}"]))
        return steps


def make(plan: Plan, say) -> Path:
    """Run the missing steps, check by importing, write the marker. `say(line)` is told of each. Returns the python.

    Raises GlobmedError for a wrong Python, too little disk, no network, or an installation that cannot be imported.
    """
    inside = plan.home / "bin" / "python"
    steps = plan.steps()
    if not steps:
        return inside
    environments.fits(str(inside) if inside.is_file() else plan.python, PYTHONS, f"argilla-server {VERSION}")
    environments.space(plan.home, SPACE)
    environments.make(steps, plan.home, LOG, f"${VARIABLE}", say)
    code = "import importlib.metadata as m, platform, aiosqlite, uvicorn; print(m.version('argilla-server'), platform.python_version())"
    done = subprocess.run([str(inside), "-c", code], capture_output=True, text=True, check=False)
    if done.returncode or done.stdout.split()[:1] != [VERSION]:
        last = (done.stderr.strip().splitlines() or [done.stdout.strip() or "it said nothing"])[-1]
        raise GlobmedError(f"{plan.home}: argilla-server does not work ({last}). Remove the folder and run again.")
    marker = {
        "argilla_server": VERSION,
        "python": done.stdout.split()[1],
        "constraints": hashlib.sha256(constraints().read_bytes()).hexdigest(),
    }
    manifest.write_bytes(plan.home / MARKER, (json.dumps(marker, indent=2) + "\n").encode())
    return inside
