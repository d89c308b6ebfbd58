"""What is shipped: the wheel's content, and that the installed wheel is the checkout under test."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

pytestmark = pytest.mark.wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory, root):
    out = tmp_path_factory.mktemp("dist")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", out, root]
    subprocess.run(pip, check=True, cwd=out, timeout=300)
    (path,) = out.glob("globmed-*.whl")
    return zipfile.ZipFile(path)


def test_tasks_stand_where_lm_eval_finds_them(wheel, root):
    shipped = {name for name in wheel.namelist() if name.startswith("lm_eval/")}
    here = {path.relative_to(root / "tasks").as_posix() for path in (root / "tasks").rglob("*.yaml")}
    assert {name.removeprefix("lm_eval/tasks/globmed/") for name in shipped if name.endswith(".yaml")} == here
    assert not [name for name in shipped if not name.startswith("lm_eval/tasks/globmed/")]


def test_nothing_else_is_shipped(wheel):
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {name for name in tops if not name.endswith(".dist-info")} == {
        "globmed_tools",
        "globmed_curation",
        "lm_eval",
    }
    names = wheel.namelist()
    assert {"globmed_tools/languages.toml", "globmed_tools/catalog.toml", "globmed_tools/sample/zu.jsonl"} <= set(names)
    assert not [name for name in names if "test" in Path(name).name and name.endswith(".py")]


def test_the_installed_wheel_is_this_checkout(wheel):
    installed = Path(distribution("globmed").locate_file(""))
    assert "site-packages" in installed.parts
    for name in wheel.namelist():
        if not name.split("/")[0].endswith(".dist-info"):
            assert (installed / name).read_bytes() == wheel.read(name), f"{name} differs: run `make install`"
