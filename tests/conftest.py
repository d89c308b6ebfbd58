"""What the tests share: where the checkout is, and the commands as a user starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


class Ran:
    """A finished command: exit status, stdout, stderr."""

    def __init__(self, done: subprocess.CompletedProcess):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def one_line(self) -> str:
        """stderr, which must be one line without a traceback, and a non-zero exit."""
        assert self.code != 0, self.out
        assert "Traceback" not in self.err, self.err
        lines = [line for line in self.err.strip().splitlines() if line.startswith("globmed: ")]
        assert len(lines) == 1, self.err
        return lines[0]


@pytest.fixture
def command(tmp_path):
    """Run a command of the environment (`globmed`, `lm_eval`) as a user does: in a folder that is no checkout."""

    def run(*args, cwd: Path | None = None, timeout: float = 400, **environment) -> Ran:
        program = [sys.executable, "-P", "-m", "globmed_tools.cli"] if args[0] == "globmed" else [str(BIN / args[0])]
        done = subprocess.run(
            [*program, *map(str, args[1:])],
            cwd=cwd or tmp_path,
            env={**os.environ, "HF_HUB_OFFLINE": "1", "COLUMNS": "200", "GLOBMED_DATA": "", **environment},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Ran(done)

    return run


@pytest.fixture
def real_data():
    """real_data("medqa") -> the folder of the set's real files; skips where they are not on this machine."""
    root = Path(os.environ.get("GLOBMED_REAL_DATA") or ROOT.parent / "shared" / "data")

    def folder(name):
        if not (root / name).is_dir():
            pytest.skip(
                f"real data: {root / name} is not on this machine; set GLOBMED_REAL_DATA to a folder that holds {name}/"
            )
        return root / name

    return folder
