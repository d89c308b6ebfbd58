"""Axolotl's environment: where it is looked for, what is refused, and what each refusal says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from globmed_tools.errors import GlobmedError
from globmed_tools.recipes import env, env_make


def pretend(home: Path, version: str = env.VERSION, torch: str = "2.13.0") -> Path:
    """A folder that looks like an environment: names only, as `find` reads them."""
    (home / "bin").mkdir(parents=True)
    (home / "bin/python").symlink_to(sys.executable)
    site = home / "lib/python3.11/site-packages"
    (site / f"axolotl-{version}.dist-info").mkdir(parents=True)
    (site / f"torch-{torch}.dist-info").mkdir()
    return home


@pytest.fixture(autouse=True)
def nowhere(monkeypatch, tmp_path):
    monkeypatch.delenv("GLOBMED_AXOLOTL", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_it_is_the_named_one_then_the_variable_then_the_cache(tmp_path, monkeypatch):
    assert env.find() is None
    cached = pretend(tmp_path / "cache/globmed" / f"axolotl-{env.VERSION}")
    assert env.find() is None  # its marker is missing: it was not finished
    (cached / env.MARKER).write_text("{}")
    assert env.find() == cached / "bin/python"
    monkeypatch.setenv("GLOBMED_AXOLOTL", str(pretend(tmp_path / "mine")))
    assert env.find() == tmp_path / "mine/bin/python"  # a foreign environment needs no marker
    assert env.find(pretend(tmp_path / "given")) == tmp_path / "given/bin/python"


def test_a_named_one_that_is_wrong_is_never_passed_over(tmp_path, monkeypatch):
    monkeypatch.setenv("GLOBMED_AXOLOTL", str(pretend(tmp_path / "old", "0.18.1")))
    with pytest.raises(
        GlobmedError, match=r"old \(\$GLOBMED_AXOLOTL\): it holds 0\.18\.1 axolotl, and 0\.19\.0 is needed"
    ):
        env.find()
    with pytest.raises(GlobmedError, match="there is no Python environment"):
        env.find(tmp_path / "none")


def test_none_at_all_is_one_line_that_says_how_to_make_it(command):
    said = command("globmed", "recipes", "rehearse", "--all").one_line()
    assert "there is no Python environment" in said and "globmed recipes env" in said


def test_constraints_are_names_and_versions_only():
    lines = [line for line in env.constraints().read_text("utf-8").splitlines() if not line.startswith("#")]
    pins = env_make.pins()
    assert len(lines) == len(pins) == 237
    assert all(line.count("==") == 1 and not set("/@+; ") & set(line) for line in lines)
    assert pins["axolotl"] == env.VERSION and pins["torch"] == "2.13.0" and pins["transformers"] == "5.16.1"


def test_only_what_is_missing_is_installed(tmp_path):
    home = tmp_path / "new"
    plan = env_make.Plan(home, sys.executable)
    assert [step.title for step in plan.steps()] == ["make the environment", "install torch", "install axolotl"]
    pretend(home)
    assert plan.steps() == []
    (home / "lib/python3.11/site-packages" / f"axolotl-{env.VERSION}.dist-info").rmdir()
    assert [step.title for step in plan.steps()] == ["install axolotl"]
    assert plan.steps()[0].command[-2:] == ["axolotl==0.19.0", "torch==2.13.0"]


def test_too_little_disk_and_a_wrong_python_are_told_before_anything_is_made(tmp_path, monkeypatch):
    home = tmp_path / "new"
    monkeypatch.setitem(env_make.SPACE, "any", 10**9)
    with pytest.raises(GlobmedError, match=r"GB free, and the environment takes 1000000000\.0 GB more"):
        env_make.make(env_make.Plan(home, sys.executable), print)
    with pytest.raises(GlobmedError, match="no/python: cannot be started"):
        env_make.make(env_make.Plan(home, "no/python"), print)
    monkeypatch.setattr(env_make, "PYTHONS", ((3, 99),))
    with pytest.raises(GlobmedError, match=r"axolotl 0\.19\.0 with its pins needs one of 3\.99"):
        env_make.make(env_make.Plan(home, sys.executable), print)
    assert not home.exists()


def test_no_network_is_one_line_and_the_next_run_goes_on(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # nothing listens there
    monkeypatch.setenv("PIP_RETRIES", "1")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    plan = env_make.Plan(tmp_path / "new", sys.executable)
    with pytest.raises(
        GlobmedError, match="install torch: pip does not reach its package index.*goes on where it stopped"
    ):
        env_make.make(plan, lambda line: None)
    assert [step.title for step in plan.steps()] == ["install torch", "install axolotl"]
    assert env.find(None) is None and not (tmp_path / "new" / env.MARKER).exists()


def test_dry_run_says_what_would_be_run_and_makes_nothing(command, tmp_path):
    done = command("globmed", "recipes", "env", "--home", tmp_path / "x", "--dry-run", "--json")
    assert [step["title"] for step in json.loads(done.out)["steps"]][0] == "make the environment"
    assert done.code == 0 and not (tmp_path / "x").exists()
    assert command("globmed", "recipes", "env", "--home", tmp_path / "x", "--check").code == 1


def test_a_script_that_fails_gives_one_line_and_its_log(tmp_path, monkeypatch):
    home = pretend(tmp_path / "mine")
    monkeypatch.setattr(env, "SIDE", tmp_path)
    (tmp_path / "ok.py").write_text(
        "import json, sys\nprint('noise')\nprint(json.dumps({'got': json.loads(sys.argv[1])}))"
    )
    (tmp_path / "bad.py").write_text("raise OSError('the disk is gone')")
    (tmp_path / "told.py").write_text('print(\'{"error": "mend this"}\')')
    assert env.run("ok.py", {"a": 1}, home=home) == {"got": {"a": 1}}
    with pytest.raises(
        GlobmedError, match="bad.py failed .* status 1: OSError: the disk is gone The whole log: "
    ) as raised:
        env.run("bad.py", {}, home=home)
    Path(str(raised.value).rpartition("log: ")[2].rstrip(".")).unlink()
    with pytest.raises(GlobmedError, match="^mend this$"):
        env.run("told.py", {}, home=home)


@pytest.mark.axolotl
def test_the_real_one_is_as_pinned_and_finds_the_plugin(axolotl_env):
    found = env_make.check(axolotl_env.parent.parent)
    assert found["problems"] == [] and found["differs"] == {} and found["axolotl"] == env.VERSION
    code = "import importlib.util as u; print(u.find_spec('globmed_axolotl').origin)"
    done = subprocess.run([axolotl_env, "-c", code], env=env.environment(axolotl_env), capture_output=True, text=True)
    assert Path(done.stdout.strip()) == env.SIDE / "globmed_axolotl/__init__.py"
