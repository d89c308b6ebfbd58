"""What the tests of recipes share: Axolotl's environment, and the mix of the bundled sample."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from globmed_tools.recipes import env
from globmed_tools.recipes.mix import mix


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Two streams for two processes: the training, and the rest. Spread, each process would train for itself."""
    for item in items:
        if item.get_closest_marker("axolotl"):
            stream = "training" if item.path.name == "test_train.py" else "axolotl"
            item.add_marker(pytest.mark.xdist_group(stream))


@pytest.fixture(scope="session")
def axolotl_env() -> Path:
    """The python of Axolotl's environment; skips where there is none."""
    python = env.find()
    if python is None:
        pytest.skip(f"Axolotl's environment is not in {env.folder()}: globmed recipes env, or set GLOBMED_AXOLOTL")
    # Tiny models gain nothing from more threads, and two test processes that take all cores are slower than one.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    return python


@pytest.fixture(scope="session")
def sample_mix(tmp_path_factory) -> Path:
    """`globmed recipes mix sample`: train.jsonl and eval/<language>.jsonl, all 17 languages."""
    out = tmp_path_factory.mktemp("sample") / "mix"
    mix(["sample"], out)
    return out


@pytest.fixture
def rows():
    """rows(path) -> the objects of a JSONL file."""
    return lambda path: [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]
