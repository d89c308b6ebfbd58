"""The command line: fast help, every command documented with an example, one line for what a user can mend."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import entry_points

import click
import pytest

from globmed_tools.cli import GROUP, root


def commands(group=root, path=("globmed",)):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def test_the_wings_are_found_by_entry_point():
    assert {point.name for point in entry_points(group=GROUP)} >= {"bench", "report", "curate"}
    assert len(list(commands())) >= 10


@pytest.mark.parametrize(
    ("path", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_is_documented_with_an_example(path, command):
    assert command.help and path.split()[-1] in command.help + path
    if command.params:
        assert "Example" in command.help and f"{path} " in command.help + " ", path
    for parameter in command.params:
        assert isinstance(parameter, click.Argument) or parameter.help or parameter.name == "out", (
            path,
            parameter.name,
        )


def test_the_core_and_the_help_import_nothing_heavy(tmp_path):
    code = (
        "import sys; from globmed_tools.cli import root; import click\n"
        "from click.testing import CliRunner\n"
        "for args in (['--help'], ['bench', '--help'], ['curate', '--help'], ['report', '--help'], ['bench', 'list', '--json']):\n"
        "    assert CliRunner().invoke(root, args).exit_code == 0, args\n"
        "print(sorted({'torch', 'lm_eval', 'argilla', 'datasets', 'transformers', 'numpy', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.strip() == "[]"


def test_unknown_commands_are_suggested(command):
    ran = command("globmed", "bnech")
    assert ran.code == 2 and "did you mean bench" in ran.err


def test_list_as_json_names_every_task(command):
    fields = json.loads(command("globmed", "bench", "list", "--json").out)
    assert len(fields["tasks"]) == 11 * 17 + 8 * 17
    assert {"name": "globmed_medqa_sw", "set": "medqa", "language": "sw", "kind": "gen", "form": "mcq"} in fields[
        "tasks"
    ]
    assert len(fields["groups"]["globmed-sw"]) == 11


def test_list_as_a_table(command):
    ran = command("globmed", "bench", "list")
    assert ran.code == 0 and "globmed_medqa_* globmedll_medqa_*" in ran.out and "323 tasks, 61 groups" in ran.out


def test_doctor_of_the_sample_is_well_and_of_a_typo_is_not(command):
    ran = command("globmed", "bench", "doctor", "--data", "sample", "--json")
    fields = json.loads(ran.out)
    assert ran.code == 0 and fields["ok"] and len(fields["findings"]) == 11 * 17
    assert {one["status"] for one in fields["findings"]} == {"usable"}
    assert all(one["parallel"] == 1.0 for one in fields["findings"] if one["language"] != "en")
    assert "No such folder" in command("globmed", "bench", "doctor", "--data", "smaple").one_line()
    assert "unknown set 'medq'; did you mean medqa" in command("globmed", "bench", "doctor", "--set", "medq").one_line()


def test_doctor_shows_what_is_wrong_and_exits_1(command, tmp_path):
    folder = tmp_path / "data" / "GlobMed_MedQA"
    rows = {"sw": [{"swali": "?", "options": ["a", "b"], "answer": "A"}], "zu": [{"question": "?", "options": ["a", "a"], "answer": "A"}],
            "xx": [], "jp": [{"question": "?", "options": ["a", "b"], "answer": 0}]}  # fmt: skip
    for code, content in rows.items():
        (folder / code).mkdir(parents=True)
        (folder / code / "test.json").write_text(json.dumps(content))
    ran = command("globmed", "bench", "doctor", "--data", "data", "--set", "medqa", "--json")
    found = {one["language"]: one for one in json.loads(ran.out)["findings"]}
    assert ran.code == 1
    assert (
        "no column for the question" in found["sw"]["detail"]
        and "Found: answer, options, swali" in found["sw"]["detail"]
    )
    assert found["zu"]["problems"] == {"duplicate_options": 1} and found["zu"]["status"] == "bad"
    assert found["xx"]["status"] == "unknown language" and found["wo"]["status"] == "absent"
    assert found["ja"]["status"] == "usable" and "gold <- answer (integer from 0)" in found["ja"]["mapped"]
    table = command("globmed", "bench", "doctor", "--data", "data", "--set", "medqa")
    assert table.code == 1 and "duplicate_options" in table.out
