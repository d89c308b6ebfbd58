"""Imports run downward, and the code is clean by the project's own rules."""

from __future__ import annotations

import os
import subprocess

from tests.conftest import BIN


def ran(root, *command):
    path = os.pathsep.join(map(str, (root, root / "curation")))
    return subprocess.run(
        [BIN / command[0], *command[1:]],
        cwd=root,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )


def test_imports_run_downward(root):
    done = ran(root, "lint-imports", "--no-cache")
    assert done.returncode == 0, done.stdout


def test_the_code_is_clean(root):
    for command in (("ruff", "check", "."), ("ruff", "format", "--check", ".")):
        done = ran(root, *command)
        assert done.returncode == 0, done.stdout
