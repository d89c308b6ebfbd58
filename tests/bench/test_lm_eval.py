"""Against the real lm-eval: names, wildcards, groups and both prefixes, from wheel, editable install and bare checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("lm_eval")

from globmed_tools.bench import generate  # noqa: E402
from tests.conftest import BIN  # noqa: E402

SAMPLE = ("--metadata", '{"globmed_data": "sample"}')
DUMMY = ("--model", "dummy", "--limit", "1", "--output_path", "out")


def results(folder: Path) -> dict:
    (file,) = folder.rglob("results_*.json")
    return json.loads(file.read_text("utf-8"))


@pytest.fixture(scope="module")
def bare(tmp_path_factory) -> Path:
    """A folder for PYTHONPATH in which lm_eval is the installed one without any task file: no wheel of ours in sight."""
    import lm_eval

    source, target = Path(lm_eval.__file__).parent, tmp_path_factory.mktemp("bare") / "lm_eval"
    (target / "tasks").mkdir(parents=True)
    for path in source.iterdir():
        if path.name not in ("tasks", "__pycache__"):
            (target / path.name).symlink_to(path)
    for path in (source / "tasks").glob("*.py"):
        (target / "tasks" / path.name).symlink_to(path)
    return target.parent


def index(folder: Path, *paths: Path, include: bool) -> dict[str, list[str]]:
    """What lm-eval's own TaskManager finds, in a process of its own: tasks, groups, and what both wildcards select."""
    code = (
        "import json, sys; from lm_eval.tasks import TaskManager; import globmed_tools\n"
        "path = sys.argv[1] or None\n"
        "tm = TaskManager(include_path=path)\n"
        "ours = lambda names: sorted(n for n in names if n.startswith('globmed'))\n"
        "print(json.dumps({'tasks': ours(tm.all_subtasks), 'groups': ours(tm.all_groups), 'tags': ours(tm.all_tags),\n"
        " 'gen': sorted(tm.match_tasks(['globmed_*'])), 'll': sorted(tm.match_tasks(['globmedll_*'])),\n"
        " 'package': globmed_tools.__file__}))"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, str(root / "tasks") if include else ""],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths)), "HF_HUB_OFFLINE": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return json.loads(done.stdout.splitlines()[-1])


def exact(found: dict) -> None:
    assert found["gen"] == sorted(generate.task_names("gen"))
    assert found["ll"] == sorted(generate.task_names("ll"))
    assert found["tasks"] == sorted(generate.task_names("gen") + generate.task_names("ll"))
    assert found["groups"] == sorted([*generate.groups("gen"), *generate.groups("ll")])
    assert found["tags"] == []


@pytest.mark.wheel
def test_the_installed_wheel_needs_no_flag(tmp_path):
    found = index(tmp_path, include=False)
    exact(found)
    assert "site-packages" in found["package"]


def test_a_bare_checkout_with_include_path(tmp_path, bare, root):
    found = index(tmp_path, bare, root, include=True)
    exact(found)
    assert found["package"] == str(root / "globmed_tools" / "__init__.py")


@pytest.mark.wheel
@pytest.mark.slow
def test_an_editable_install_with_include_path(tmp_path, bare, root):
    target = tmp_path / "editable"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target", target]
    subprocess.run([*pip, "--editable", root], check=True, cwd=tmp_path, timeout=200)
    (link,) = target.glob("*.pth")
    paths = [Path(line) for line in link.read_text().splitlines()]
    assert root in paths and root / "curation" in paths
    exact(index(tmp_path, bare, *paths, include=True))


@pytest.mark.wheel
@pytest.mark.slow
def test_one_command_evaluates_everything_on_the_sample(command, tmp_path):
    ran = command("lm_eval", "run", *DUMMY, *SAMPLE, "--tasks", "globmed_*", "--log_samples")
    assert ran.code == 0, ran.err[-2000:]
    found = results(tmp_path / "out")
    assert sorted(found["results"]) == sorted(generate.task_names("gen"))
    for task, values in found["results"].items():
        long = "expertqa" in task or "liveqa" in task
        wanted = {"chrf", "rouge_l"} if long else {"acc"}
        assert {key.split(",")[0] for key in values if "," in key and "stderr" not in key} == wanted | {
            "answered",
            "in_language",
        }
        assert "globmed data: sample" in found["configs"][task]["custom_dataset"]
    samples = sorted((tmp_path / "out").rglob("samples_*.jsonl"))
    assert len(samples) == len(generate.task_names("gen"))
    groups = set()
    for path in samples:
        row = json.loads(path.read_text("utf-8").splitlines()[0])
        assert len(row["doc"]["id"]) == len(row["doc"]["group_id"]) == 32
        assert json.loads(row["filtered_resps"][0])["how"]
        if "_medqa_" in path.name:
            groups.add(row["doc"]["group_id"])
    assert len(groups) == 1, "the first item of a set is the same item in every language"


@pytest.mark.slow
def test_all_loglikelihood_twins_run_on_the_sample(command, tmp_path):
    ran = command("globmed", "bench", "run", *DUMMY, *SAMPLE, "--tasks", "globmedll_*")
    assert ran.code == 0, ran.err[-2000:]
    found = results(tmp_path / "out")["results"]
    assert sorted(found) == sorted(generate.task_names("ll"))
    assert all({"acc,none", "acc_norm,none"} <= set(values) for values in found.values())


def test_groups_run_and_average_by_language(command, tmp_path):
    ran = command("globmed", "bench", "run", *DUMMY, *SAMPLE, "--tasks", "globmed-sw,globmedll-sw")
    assert ran.code == 0, ran.err[-2000:]
    found = results(tmp_path / "out")
    assert {"globmed-sw", "globmedll-sw"} <= set(found["groups"])
    assert {"acc,extract", "answered,extract", "in_language,extract", "chrf,extract"} <= set(
        found["groups"]["globmed-sw"]
    )
    assert "acc,none" in found["groups"]["globmedll-sw"]
    stderr = [value for key, value in found["results"]["globmed_medqa_sw"].items() if "stderr" in key]
    assert len(stderr) == 3


def test_a_set_that_is_not_on_the_hub_has_no_score_and_stops_nothing(command, tmp_path):
    path = subprocess.run([BIN / "python", "-c", "from globmed_tools import resources; print(resources.tasks())"],
                          capture_output=True, text=True, check=True).stdout.strip()  # fmt: skip
    code = (
        "import json, sys, lm_eval; from lm_eval.tasks import TaskManager\n"
        f"tm = TaskManager(include_path={path!r}, include_defaults=False, metadata=dict(globmed_data='hub'))\n"
        "names = ['globmed_mednli_sw', 'globmedll_mednli_sw']\n"
        "r = lm_eval.simple_evaluate('dummy', tasks=names, task_manager=tm)\n"
        "print(json.dumps({n: [r['results'][n], r['n-samples'][n], str(r['configs'][n]['custom_dataset'])] for n in names}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=200)
    assert done.returncode == 0, done.stderr[-2000:]
    for scores, samples, said in json.loads(done.stdout.splitlines()[-1]).values():
        assert not [key for key in scores if "," in key]
        assert samples["effective"] == 0
        assert "nothing: mednli is not on the hub" in said


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--tasks", "globmed_medqa_xx"], "no task or group 'globmed_medqa_xx'; did you mean globmed_medqa_"),
        (["--tasks", "globmed_medqa_sw", "--metadata", '{"globmed_data": "smaple"}'], "globmed_data 'smaple': No such folder"),
        (["--tasks", "globmed_medqa_sw", "--metadata", '{"globmed_dta": "sample"}'], "unknown key 'globmed_dta'"),
        (["--tasks", "globmed_medqa_sw", "--metadata", "{"], "is not JSON"),
        (["--tasks", "globmed_medqa_sw", "--metadata", '{"globmed_data": "sample", "globmed_instructions": "x"}'],
         "globmed_instructions 'x'"),
        (["--tasks", "globmed_bionli_sw", "--num_fewshot", "3", *SAMPLE], "--num_fewshot 3, but 2 examples"),
        (["--metadata", "{}"], "no tasks"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_before_any_model_is_loaded(command, args, message):
    ran = command("globmed", "bench", "run", "--model", "hf", "--model_args", "pretrained=does/not/exist", *args)
    assert message in ran.one_line()


ROW = {"question": "Ni ipi?", "options": ["malaria", "mafua"], "answer": "A"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "medqa: no rows for sw in folder"),
        ([], "medqa, sw: split test in folder"),
        ([{**ROW, "answer": "C"}], "medqa/sw/test.json, row 1: gold out of range"),
        ([{**ROW, "options": ["malaria", "malaria"]}], "medqa/sw/test.json, row 1: duplicate options"),
        ('[{"question": "Ni ipi?"},\n{"question": ', "medqa/sw/test.json, line 2: not valid JSON"),
        ([{**ROW, "answer": 1}], "does not tell whether they count from 0 or 1"),
        ([{"swali": "Ni ipi?"}], "Found: swali"),
    ],
)
def test_unusable_data_is_one_line_before_any_model_is_loaded(command, tmp_path, content, message):
    for code in ("en", "sw"):
        (tmp_path / "data" / "medqa" / code).mkdir(parents=True)
    (tmp_path / "data" / "medqa" / "en" / "test.json").write_text(json.dumps([ROW]))
    if content is not None:
        text = content if isinstance(content, str) else json.dumps(content)
        (tmp_path / "data" / "medqa" / "sw" / "test.json").write_text(text)
    model = ("--model", "hf", "--model_args", "pretrained=does/not/exist")
    ran = command("globmed", "bench", "run", *model, "--tasks", "globmed_medqa_sw", GLOBMED_DATA="data")
    assert message in ran.one_line()
    assert "Traceback" not in ran.err and "does/not/exist" not in ran.err


def test_a_half_written_folder_is_one_line_too(command, tmp_path):
    from globmed_tools import store
    from tests.test_entry import made

    store.write(tmp_path / "data" / "medqa", "medqa", [made()])
    (tmp_path / "data" / "medqa" / "manifest.json").unlink()
    ran = command("globmed", "bench", "run", "--model", "dummy", "--tasks", "globmed_medqa_en", GLOBMED_DATA="data")
    assert "half-written" in ran.one_line()


def test_under_lm_eval_itself_bad_data_is_one_line_too(command, root, bare):
    ran = command(
        "lm_eval", "run", "--model", "dummy", "--tasks", "globmed_medqa_sw", "--include_path", root / "tasks",
        "--metadata", '{"globmed_data": "absent"}', PYTHONPATH=f"{bare}{os.pathsep}{root}",
    )  # fmt: skip
    assert "globmed_data 'absent': No such folder" in ran.one_line()


def test_wildcards_leave_out_what_the_data_lacks_and_say_so(command, tmp_path):
    from globmed_tools import store
    from tests.test_entry import made

    store.write(tmp_path / "data" / "medqa", "medqa", [made(), made(language="sw")])
    ran = command("globmed", "bench", "run", "--dry-run", "--tasks", "globmed_*", GLOBMED_DATA=str(tmp_path / "data"))
    assert ran.code == 0 and "globmed: 2 tasks, 2 documents" in ran.err
    assert (
        f"left out {11 * 17 - 2} tasks" in ran.err
        and "  medqa: ar bn de es fr hi id ja ko ms pt wo yo zh zu\n" in ran.err
    )
    ran = command(
        "globmed", "bench", "run", "--dry-run", "--tasks", "globmed-medqa", GLOBMED_DATA=str(tmp_path / "data")
    )
    assert "medqa: no rows for zh" in ran.one_line()
