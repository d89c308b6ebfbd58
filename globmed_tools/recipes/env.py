"""Axolotl's own environment: where it is, whether it is the right one, and how a script runs in it.

    env.find()                                  /home/me/.cache/globmed/axolotl-0.19.0/bin/python, or None
    env.require()                               the same, or one line that says how to make it
    env.run("mask.py", {"settings": {...}})     the JSON object that axolotl_side/mask.py prints as its last line

It is looked for in the folder given (--env), else in $GLOBMED_AXOLOTL, else in $XDG_CACHE_HOME/globmed (~/.cache/globmed). Axolotl pins
other versions of transformers and lm-eval than this project does, so the two never share an environment. env_make.py makes it.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from .. import environments
from ..errors import GlobmedError

VERSION = "0.19.0"
#: Written last by `globmed recipes env`: its presence means that nothing is missing.
MARKER = "globmed-axolotl.json"
#: The scripts that run in the environment, and the plugin package beside them.
SIDE = Path(__file__).resolve().parent / "axolotl_side"
#: Makes the plugin importable in the environment; it holds one line, the folder SIDE.
PTH = "globmed_axolotl.pth"


def default() -> Path:
    """The folder used where none is named."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "globmed" / f"axolotl-{VERSION}"


def folder(home: Path | str | None = None) -> Path:
    """The environment's folder: `home`, else $GLOBMED_AXOLOTL, else the default."""
    named = home or os.environ.get("GLOBMED_AXOLOTL")
    return Path(named).expanduser().absolute() if named else default()


def constraints() -> Path:
    """constraints-axolotl.txt, in a checkout and in an installed wheel."""
    return environments.constraints("constraints-axolotl.txt", Path(__file__).resolve().parent)


def problem(home: Path) -> str | None:
    """What is wrong with the environment in `home`, or None. Reads file names only; no Python is started."""
    if not (home / "bin" / "python").is_file():
        return "there is no Python environment"
    found = home.glob("lib/python3*/site-packages/axolotl-*.dist-info")
    versions = [path.name.removeprefix("axolotl-").removesuffix(".dist-info") for path in found]
    if versions != [VERSION]:
        return f"it holds {' and '.join(versions) or 'no'} axolotl, and {VERSION} is needed"
    if home == default() and not (home / MARKER).is_file():
        return "its installation was not finished"
    return None


def find(home: Path | str | None = None) -> Path | None:
    """The environment's python, or None where none was made. Raises GlobmedError where the one that was named is unusable."""
    where = folder(home)
    wrong = problem(where)
    if wrong is None:
        return where / "bin" / "python"
    if where != default():
        named = "--env" if home else "$GLOBMED_AXOLOTL"
        raise GlobmedError(f"{where} ({named}): {wrong}. Make one there: globmed recipes env --home {where}.")
    return None


def require(home: Path | str | None = None) -> Path:
    """The environment's python. Raises GlobmedError where it is missing, half made or of another version."""
    python = find(home)
    if python is None:
        raise GlobmedError(
            f"Axolotl's environment: {problem(folder(home))} in {folder(home)}. Make it (about 5 GB): globmed recipes env. One that "
            "exists already is used through GLOBMED_AXOLOTL=FOLDER."
        )
    return python


def environment(python: Path) -> dict[str, str]:
    """The variables that its programs are started with: the plugin importable, its programs first, no telemetry."""
    paths = [str(SIDE), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "AXOLOTL_DO_NOT_TRACK": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONPATH": os.pathsep.join(paths),
    }


def run(
    script: str, payload: dict[str, Any], *, home: Path | str | None = None, cwd: Path | None = None
) -> dict[str, Any]:
    """Run axolotl_side/`script` on `payload` and return what it prints last.

    A script says what the user can mend as {"error": "one line"}; anything else that ends it is raised with its last
    line and the file that holds the whole log.
    """
    python = require(home)
    log = tempfile.NamedTemporaryFile("w+", prefix="globmed-", suffix=".log", delete=False)
    with log:
        done = subprocess.run(
            [str(python), str(SIDE / script), json.dumps(payload)],
            cwd=cwd,
            env=environment(python),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            check=False,
        )
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    answer = _json(lines[-1]) if lines else None
    if isinstance(answer, dict) and "error" in answer:
        raise GlobmedError(answer["error"])
    if done.returncode or not isinstance(answer, dict):
        said = [line.strip() for line in Path(log.name).read_text("utf-8", "replace").splitlines() if line.strip()]
        said = [line for line in said if not line.startswith("For further information")]
        raise GlobmedError(
            f"{script} failed in Axolotl's environment with status {done.returncode}: {said[-1] if said else 'it said nothing'} "
            f"The whole log: {log.name}."
        )
    Path(log.name).unlink()
    return answer


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None
