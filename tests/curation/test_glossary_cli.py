"""`globmed curate glossary`: what the commands print, write and refuse."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from globmed_curation.glossary import Glossary

from globmed_tools.cli import root

ENV = {"COLUMNS": "200", "GLOBMED_GLOSSARY": ""}


def run(*args, env=ENV, **more):
    return CliRunner().invoke(root, ["curate", "glossary", *map(str, args)], env=env, **more)


@pytest.fixture
def terms(tmp_path):
    """A glossary of two sources that disagree on one term."""
    lines = ["en,sw", "acute bronchitis,mkamba mkali", "bronchitis,mkamba", "cold,mafua"]
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (tmp_path / "b.csv").write_text("en,sw,yo\ncold,baridi,òtútù\n", "utf-8")
    text = "sources:\n  - {name: one, licence: CC0 1.0, paths: [a.csv]}\n  - {name: two, licence: unknown, paths: [b.csv]}\n"
    (tmp_path / "s.yml").write_text(text)
    out = tmp_path / "terms.parquet"
    assert run("build", tmp_path / "s.yml", "-o", out, "--quiet").output == ""
    return out


def test_build_says_what_it_made(tmp_path, terms):
    done = run("build", tmp_path / "s.yml", "-o", tmp_path / "new.parquet")
    assert done.exit_code == 0, done.output
    lines = [" ".join(line.split()) for line in done.output.splitlines()]
    assert "one CC0 1.0 1 3" in lines and "two unknown 1 2" in lines and "en sw 3" in lines and "en yo 1" in lines
    assert "the licence of two is unknown" in done.output and "1 terms are translated differently" in done.output
    assert (tmp_path / "new.parquet").read_bytes() == terms.read_bytes()
    told = json.loads(run("info", "-g", terms, "--json").output)
    assert told["digest"] == Glossary.open(terms).digest and told["conflicts"] == 1 and told["rows"] == 5
    assert told["pairs"] == [{"from": "en", "to": "sw", "terms": 3}, {"from": "en", "to": "yo", "terms": 1}]


def test_build_describes_loose_files_by_its_options(tmp_path):
    path = tmp_path / "ward.csv"
    path.write_text("Neno;Term\nhoma / joto;fever\n", "utf-8")
    options = ["--column", "en=Term", "--column", "sw=Neno", "--delimiter", ";", "--separator", "/", "--from", "sw"]
    out = tmp_path / "ward.parquet"
    told = json.loads(run("build", path, "-o", out, "--name", "ward", "--licence", "own", *options, "--json").output)
    assert (told["sources"][0]["name"], told["sources"][0]["licence"]) == ("ward", "own")
    assert told["pairs"] == [{"from": "sw", "to": "en", "terms": 2}]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["a.csv", "-o", "a.txt"], "Give it a name that ends in .parquet"),
        (["a.csv", "-o", "terms.parquet"], "exists. Say --overwrite"),
        (["none.csv", "-o", "x.parquet"], "none.csv: cannot be read"),
        (["a.csv", "-o", "x.parquet", "--from", "xx"], "unknown language 'xx'"),
        (["a.csv", "-o", "x.parquet", "--column", "term"], "--column: 'term' found; it is written KEY=NAME"),
        (["a.csv", "-o", "x.parquet", "--into", "de"], "gives no pair of terms (3 no pair of the languages asked for)"),
    ],
)
def test_build_refuses(tmp_path, terms, monkeypatch, args, message):
    monkeypatch.chdir(tmp_path)
    done = run("build", *args)
    assert done.exit_code and message in (done.output + str(done.exception))
    assert not (tmp_path / "x.parquet").exists()


def test_a_dry_run_writes_nothing(tmp_path, terms):
    before = terms.read_bytes()
    done = run("build", tmp_path / "b.csv", "-o", terms, "--dry-run")
    assert done.exit_code == 0 and "Dry run: nothing was written." in done.output
    assert terms.read_bytes() == before


def test_lookup(terms):
    done = run(
        "lookup", "Acute bronchitis", "cold", "brochitis", "the cold season", "xyz", "--language", "sw", "-g", terms
    )
    assert done.exit_code == 0, done.output
    lines = [" ".join(line.split()) for line in done.output.splitlines()]
    assert "acute bronchitis mkamba mkali one CC0 1.0" in lines
    assert "cold mafua one CC0 1.0 conflict" in lines and "baridi two unknown conflict" in lines
    assert "'brochitis' is not in the glossary. Near: bronchitis, acute bronchitis." in lines
    assert "'the cold season' is not in the glossary. In it: cold. Near: cold." in lines
    assert "'xyz' is not in the glossary." in lines


def test_lookup_takes_the_glossary_of_the_environment(terms):
    env = {**ENV, "GLOBMED_GLOSSARY": str(terms)}
    [found] = json.loads(run("lookup", "Cold", "--language", "yor", "--json", env=env).output)["found"]
    assert found["terms"][0]["translations"][0]["target"] == "òtútù" and found["language"] == "yo"
    done = run("lookup", "xyz", "--language", "yo", env=env)
    assert done.exit_code == 1
    done = run("lookup", "cold", "--language", "fr", env=env)
    assert "has no terms from en to fr. It has: en-sw en-yo." in str(done.exception)
    assert "--glossary" in run("lookup", "cold", "--language", "yo").output  # none is named


def test_find(terms):
    done = run("find", "-", "--language", "sw", "-g", terms, "--json", input="Colds, acute bronchitis")
    told = json.loads(done.output)
    assert [(one["text"], one["term"], one["conflict"]) for one in told["hits"]] == [
        ("Colds", "cold", True),
        ("acute bronchitis", "acute bronchitis", False),
    ]
    assert told["digest"] == Glossary.open(terms).digest
    assert "2 terms" in run("find", "a cold and bronchitis", "--language", "sw", "-g", terms).output


def test_conflicts(terms):
    told = json.loads(run("conflicts", "-g", terms, "--json").output)
    assert told["count"] == 1
    assert [one["target"] for one in told["conflicts"][0]["translations"]] == ["mafua", "baridi"]
    assert "1 conflicts" in run("conflicts", "-g", terms, "--language", "sw").output
    assert json.loads(run("conflicts", "-g", terms, "--language", "yo", "--json").output)["count"] == 0
