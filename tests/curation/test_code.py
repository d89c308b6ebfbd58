"""The fingerprint of a stage's code covers everything of this package that the stage is made of."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from globmed_curation import code, stages

PACKAGE = Path(code.__file__).parent
#: The contract of stages and the reading of settings: what the runner itself is made of.
RUNNER = {"stages", "settings"}


def imported(file: Path) -> set[str]:
    """The folders and modules of the package that a file in one of its folders imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 2:
            found |= {node.module.partition(".")[0]} if node.module else {one.name for one in node.names}
    return found


@pytest.mark.parametrize("name", [*stages.STAGES])
def test_what_a_stage_imports_is_in_its_fingerprint(name):
    files = code._files(name)
    own = Path(stages.load(name).__file__)
    covered = {file.parent.name for file in files if file.is_relative_to(PACKAGE)}
    beside = [own] if own.parent.name == "stages" else own.parent.glob("*.py")  # the folder of stages is shared
    assert own in files
    assert set().union(*map(imported, beside)) - covered <= RUNNER


def test_every_stage_has_its_own():
    assert code.fingerprint("ingest") not in {code.fingerprint(name) for name in stages.STAGES}
    assert code.fingerprint("check") != code.fingerprint("split")
