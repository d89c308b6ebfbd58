"""The parts of a sweep that need no model: roster, plan, state, causes, keys, SLURM scripts."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import yaml

from globmed_tools import languages
from globmed_tools.bench import load, prompts
from globmed_tools.bench.sweep import causes, command, plan, redact, roster, slurm, state, work
from globmed_tools.errors import GlobmedError
from globmed_tools.llm import tokens
from globmed_tools.llm.prices import Price, Prices

GOOD = {"name": "m", "id": "org/m", "organisation": "us", "parameters": 8, "licence": "MIT", "kind": "chat",
        "reasoning": "none", "backend": "hf", "confirmed": "by us"}  # fmt: skip
ITEMS = {"globmed_medqa_sw": "items", "globmed_medqa_zu": "items"}
NO_GPU = plan.Machine((), 0.0)


def roster_of(folder, *rows, **more):
    path = folder / "models.yml"
    path.write_text(yaml.safe_dump({"models": [{**GOOD, **row} for row in rows], **more}))
    return path


def model(**fields):
    return roster.Model.model_validate({**GOOD, **fields})


def asked(**fields):
    return work.select(**{"data": "sample", "sets": ("medqa",), "languages_": ("sw", "zu"), **fields})


def test_the_shipped_roster_is_whole_and_every_id_says_how_it_is_known():
    models, mistakes = roster.check(roster.SHIPPED)
    assert mistakes == []
    rows = list(models.values())
    assert len(rows) >= 56
    for tag, least in {"medical": 15, "african": 5, "multilingual": 10, "proprietary": 10, "small": 5}.items():
        assert sum(tag in one.tags for one in rows) >= least, tag
    assert min(one.parameters for one in rows if one.parameters) < 0.6
    assert {one.reasoning for one in rows} >= {"none", "always", "switched-on", "switched-off"}
    assert all("2026-" in one.confirmed for one in rows if one.is_confirmed)
    assert all(one.parameters for one in rows if one.local)
    assert all(one.key_variable for one in rows if not one.local)
    assert all(Prices.shipped().of(one.id) for one in rows if not one.local), (
        "without a price no plan says what it costs"
    )
    assert "not the list of the paper" in roster.SHIPPED.read_text("utf-8").splitlines()[0]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"licens": "MIT"}, "unknown key 'licens'; did you mean licence?"),
        ({"kind": "chta"}, "kind: input should be 'chat' or 'base', found 'chta'"),
        ({"backend": "vlmm"}, "backend 'vlmm'; did you mean vllm?"),
        ({"args": {"api_key": "abc"}}, "api_key: no keys in a roster"),
        ({"key": "sk-123456"}, "never the key itself"),
        ({"backend": "local-chat-completions"}, "needs args: {base_url"),
        ({"args": {"enable_thinking": True}}, "lm-eval wants think_end_token"),
        ({"name": "a/b"}, "it is a folder"),
        ({"active": 9}, "active 9: more than parameters 8"),
        ({"reasoning": False}, "YAML reads it as true or false"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(tmp_path, row, said):
    path = roster_of(tmp_path, {}, {"name": "second", **row})
    _models, mistakes = roster.check(path)
    (line,) = mistakes
    assert said in line and line.startswith(f"{path}, line 11 ("), line
    with pytest.raises(GlobmedError, match="line 11"):
        roster.read(path)


def test_defaults_of_a_backend_are_merged_and_names_are_folders_of_their_own(tmp_path):
    path = roster_of(
        tmp_path,
        {"args": {"dtype": "float16"}},
        {"name": "n"},
        defaults={"hf": {"args": {"dtype": "auto", "revision": "x"}}},
    )
    models = roster.read(path)
    assert models["m"].args == {"dtype": "float16", "revision": "x"} and models["n"].args["dtype"] == "auto"
    _models, (line,) = roster.check(roster_of(tmp_path, {}, {"id": "other"}))
    assert "the name 'm' is there twice" in line
    with pytest.raises(GlobmedError, match="did you mean m"):
        roster.chosen(models, ("mm",))


def test_models_command(command, tmp_path):
    ran = command("globmed", "bench", "models", "--tag", "african", "--json")
    rows = json.loads(ran.out)["models"]
    assert ran.code == 0 and {one["name"] for one in rows} >= {"inkubalm-0.4b", "afrollama-v1"}
    assert "no mistake" in command("globmed", "bench", "models", "--check").out
    bad = command(
        "globmed", "bench", "models", roster_of(tmp_path, {"kind": "x"}, {"name": "n", "reasoning": "x"}), "--check"
    )
    assert bad.one_line().endswith("2 mistakes, 0 models are well.") and len(bad.err.splitlines()) == 3


def test_the_plan_counts_real_prompts_exactly():
    tasks = asked(kinds=("gen", "ll"), limit=3, shots=1)
    assert set(tasks.tasks) == {f"{kind}_medqa_{code}" for kind in ("globmed", "globmedll") for code in ("sw", "zu")}
    local, api = model(), model(name="api", backend="openai-chat-completions")
    wish = plan.Wish(prices=Prices({"api": Price(2, 10, "a page", "a day")}))
    made = plan.make([local, api], tasks, work.Path("nowhere"), NO_GPU, wish)
    gen = choices = characters = 0
    for code in ("sw", "zu"):
        entries = load.load("sample", "medqa", code, "test")[:3]
        shot = prompts.document(load.load("sample", "medqa", code, "dev")[0], "gen")
        rate = tokens.figures(code, "gemma")["characters"]
        for entry in entries:
            text = f"{shot['shot']} {shot['target']}\n\n{prompts.document(entry, 'gen')['prompt']}"
            gen += 1
            choices += len(entry.options)
            characters += len(text) / rate
    assert made.jobs[0].requests == gen + choices
    assert made.jobs[1].requests == gen == 6 and len(made.jobs[1].unsuited) == 2
    assert made.jobs[1].tokens_in == round(characters)
    assert made.jobs[1].tokens_out == 6 * 150 and made.jobs[1].tokens_out_most == 6 * 2048
    assert made.jobs[1].dollars == pytest.approx((made.jobs[1].tokens_in * 2 + 900 * 10) / 1e6)
    assert made.jobs[1].obstacle == "no key: set the environment variable OPENAI_API_KEY"


def test_a_prompt_of_the_plan_is_what_lm_eval_sends():
    """With one example before it, as tests/bench/test_hf.py sees it in lm-eval's samples."""
    one = work.read(asked(shots=1), "globmed_medqa_sw")
    shot, test = (load.load("sample", "medqa", "sw", split)[0] for split in ("dev", "test"))
    assert one.prompts[0].index(shot.question) < one.prompts[0].index(test.question)
    assert one.documents == 8 and "sample" in one.served


def test_gpus_are_counted_by_powers_of_two_and_too_few_are_said(monkeypatch):
    monkeypatch.setattr(plan, "find_spec", lambda name: object())
    one = asked(limit=1)
    eight, seventy, api = model(), model(name="big", parameters=70.6, backend="vllm"), model(name="a", backend="dummy")
    made = plan.make([eight, seventy, api], one, work.Path("nowhere"), plan.Machine(("0", "1"), 80.0))
    assert [job.gpus for job in made.jobs] == [1, 4, 0]
    assert round(made.jobs[1].memory_gb) == 171  # 70.6 x 2 x 1.2 + 2
    assert made.jobs[1].obstacle == "needs 4 GPUs of 80 GB for 171 GB, 2 given"
    assert command.model_args(seventy, 4)["tensor_parallel_size"] == 4
    assert command.model_args(eight, 2)["parallelize"] is True


def result(folder, task, stamp, rows=2, **config):
    fields = {
        "results": {task: {"acc,extract": 0.5}},
        "versions": {task: 1.0}, "configs": {task: {"metadata": {"globmed_data": "sample"}, "custom_dataset": "globmed data: items"}},
        "n-samples": {task: {"original": 8, "effective": rows}}, "n-shot": {task: 0}, "fewshot_as_multiturn": True,
        "config": {"model": "hf", "model_args": {"pretrained": "org/m", "device_map": "auto"}, "limit": 2.0, **config},
    }  # fmt: skip
    folder.mkdir(exist_ok=True)
    path = folder / f"results_{stamp}.json"
    path.write_text(json.dumps(fields))
    lines = "".join(json.dumps({"doc_id": number}) + "\n" for number in range(rows))
    (folder / f"samples_{task}_{stamp}.jsonl").write_text(lines)
    return path


def test_done_half_and_others_are_told_apart(tmp_path):
    folder, tasks = tmp_path / "m", asked(limit=2)
    first, second = tasks.tasks
    result(folder, first, "1")
    assert set(state.read(folder, model(), tasks, ITEMS).done) == {first}
    cut = folder / f"samples_{first}_1.jsonl"
    cut.write_text(cut.read_text()[:-5])
    found = state.read(folder, model(), tasks, ITEMS)
    assert not found.done and [path.name for path in state.put_aside(found)] == [
        "half_results_1.json",
        f"half_{cut.name}",
    ]
    result(folder, second, "2", limit=None)
    (path,) = (found := state.read(folder, model(), tasks, ITEMS)).others
    assert path.name == "results_2.json" and found.others[path] == "limit none instead of 2" and not found.done
    (folder / "results_3.json").write_text('{"results": {')
    assert [path.name for path in state.read(folder, model(), tasks, ITEMS).halves] == ["results_3.json"]


def test_failures_are_read_from_the_logs_and_a_later_attempt_counts(tmp_path):
    tasks = asked(limit=2)
    first, second = tasks.tasks
    logs = tmp_path / "m" / "logs"
    logs.mkdir(parents=True)
    (logs / "1.log").write_text(
        f"\nglobmed sweep: attempt: {first} {second}\nnoise\n\nglobmed sweep: failed *: gated model: ask\n"
    )
    found = state.read(tmp_path / "m", model(), tasks, ITEMS)
    assert found.failed == {first: "gated model: ask", second: "gated model: ask"} and not found.interrupted
    (logs / "2.log").write_text(
        f"\nglobmed sweep: attempt: {first} {second}\n\nglobmed sweep: failed {second}: timed out\n"
    )
    found = state.read(tmp_path / "m", model(), tasks, ITEMS)
    assert found.failed == {second: "timed out"} and found.interrupted


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB", "out of GPU memory"),
        ("ValueError: No available memory for the cache blocks.", "out of GPU memory"),
        ("OSError: You are trying to access a gated repo.", "gated model"),
        ("OSError: org/x is not a local folder and is not a valid model identifier listed on 'hub'", "wrong id"),
        ('{"error": {"code": "model_not_found", "message": "The model `x` does not exist"}}', "wrong id"),
        ("ValueError: API key not found. Please set the `OPENAI_API_KEY` environment variable.", "no key"),
        ("aiohttp.client_exceptions.ClientResponseError: 401, message='Unauthorized'", "key refused"),
        ("OSError: Can't load tokenizer for 'x'. If you were trying to load it", "tokenizer missing"),
        (
            "ValueError: Cannot use chat template functions because tokenizer.chat_template is not set",
            "no chat template",
        ),
        ("TimeoutError", "timed out"),
        ("requests.exceptions.HTTPError: 404 Client Error: Not Found for url: http://x", "wrong id"),
        ("ClientResponseError: 503, message='Service Unavailable'", "the API broke"),
        ("Requesting API:  40%| 401/1000\nRuntimeError: at 503", "RuntimeError: at 503"),
        ("ClientResponseError: 429, message='Too Many Requests'", "too many requests for the API"),
        ("OSError: [Errno 28] No space left on device", "disk full"),
        ("killed by signal 9", "out of memory on this machine"),
        ("ModuleNotFoundError: No module named 'vllm'", "backend not installed"),
        ("something else\nRuntimeError: the last line", "RuntimeError: the last line"),
    ],
)
def test_causes(text, title):
    assert causes.of(text).title == title


def test_keys_are_replaced_and_words_are_not():
    hide = redact.Redactor(
        {"A_KEY": "abcdefgh", "B_KEY": "abcdefghij", "OPENAI_API_KEY": "none", "HOME": "/home/abcdefgh"}
    )
    assert hide("Bearer abcdefghij, abcdefgh, none") == "Bearer [B_KEY], [A_KEY], none"
    assert hide(b"x abcdefgh") == b"x [A_KEY]"


def test_slurm_scripts_are_valid_and_have_a_line_a_model(tmp_path, monkeypatch):
    monkeypatch.setattr(plan, "find_spec", lambda name: object())
    rows = [model(name=f"m{n}") for n in range(3)] + [model(name="big", parameters=70)]
    made = plan.make(rows, asked(limit=1), tmp_path / "out", plan.Machine(tuple("01234567"), 80.0))
    written = slurm.write(made, tmp_path / "a folder", ["r.yml", "--out", "an out"], ("--partition=gpu",))
    assert [path.name for path in written] == ["sweep-1gpu.sbatch", "sweep-4gpu.sbatch"]
    for path, count in zip(written, (3, 1)):
        assert subprocess.run(["bash", "-n", path], check=False).returncode == 0
        text = path.read_text()
        assert f"#SBATCH --array=0-{count - 1}\n" in text and "#SBATCH --partition=gpu\n" in text
        lines = path.with_suffix(".jobs").read_text().splitlines()
        assert len(lines) == count and all("--out 'an out' --only " in line for line in lines)
    with pytest.raises(GlobmedError, match="--partition=gpu"):
        slurm.write(made, tmp_path, [], ("partition",))


SBATCH = """#!{python}
import re, subprocess, sys
script = open(sys.argv[1]).read()
first, last = map(int, re.search(r"^#SBATCH --array=(\\d+)-(\\d+)$", script, re.M).groups())
for index in range(first, last + 2):  # one too many: SLURM's --array may be given anew by hand
    done = subprocess.run(["bash", sys.argv[1]], env={{"SLURM_ARRAY_TASK_ID": str(index), "PATH": "/usr/bin:/bin"}}, cwd="/",
                          capture_output=True, text=True)
    print("index", index, "status", done.returncode, done.stderr.strip())
    print(done.stdout)
"""


def test_sbatch_runs_a_line_of_the_jobs_for_every_index(command, tmp_path):
    """An sbatch of some lines: it reads the array's bounds as SLURM does, and runs the script once an index."""
    sbatch = tmp_path / "sbatch"
    sbatch.write_text(SBATCH.format(python=sys.executable))
    sbatch.chmod(0o755)
    path = roster_of(tmp_path, {}, {"name": "second", "id": "org/second"})
    made = plan.make(list(roster.read(path).values()), asked(limit=1), tmp_path / "out", NO_GPU)
    only = ["--set", "medqa", "--language", "sw", "--limit", "1", "--data", "sample", "--gpus", "none"]
    base = [str(path), "--out", str(tmp_path / "an out"), *only, "--dry-run", "--json"]
    (script,) = slurm.write(made, tmp_path / "jobs; here", base)
    ran = subprocess.run([sbatch, script], capture_output=True, text=True, check=True).stdout
    parts = ran.split("index ")[1:]
    assert [one.splitlines()[0] for one in parts[:2]] == ["0 status 0 ", "1 status 0 "]
    for part, name in zip(parts, ("m", "second")):
        fields = json.loads(part.partition("\n")[2])
        assert [job["name"] for job in fields["jobs"]] == [name] and fields["runs"] == 1
    assert parts[2].startswith("2 status 2 sweep-0gpu: no line 2 in its jobs file")


def test_what_failed_is_left_alone_until_it_is_asked_for_again(command, tmp_path):
    path = roster_of(tmp_path, {})
    logs = tmp_path / "out" / "m" / "logs"
    logs.mkdir(parents=True)
    (logs / "1.log").write_text(
        "\nglobmed sweep: attempt: globmed_medqa_sw globmed_medqa_zu\n\nglobmed sweep: failed globmed_medqa_sw: timed out\n"
    )
    args = ["globmed", "bench", "sweep", path, "--out", "out", "--set", "medqa", "--language", "sw", "--language", "zu"]
    args += ["--data", "sample", "--limit", "2", "--gpus", "none"]
    (job,) = json.loads(command(*args, "--dry-run", "--json").out)["jobs"]
    assert job["todo"] == ["globmed_medqa_zu"] and job["failed"] == {"globmed_medqa_sw": "timed out"}
    (job,) = json.loads(command(*args, "--dry-run", "--json", "--retry-failed").out)["jobs"]
    assert job["todo"] == ["globmed_medqa_sw", "globmed_medqa_zu"] and job["requests"] == 4
    assert "failed before and left alone: m (--retry-failed tries them again)" in command(*args, "--dry-run").out
    command(*args, "--retry-failed", "--slurm", "jobs")
    assert " --retry-failed " in (tmp_path / "jobs" / "sweep-0gpu.jobs").read_text()


def test_what_is_asked_for_is_resolved_like_a_run():
    assert len(asked(sets=(), languages_=()).tasks) == 9 * len(languages.codes(paper=True))
    assert asked(sets=("medqa",), languages_=()).tasks == tuple(
        f"globmed_medqa_{code}" for code in languages.codes(paper=True)
    )
    with pytest.raises(GlobmedError, match="did you mean medqa"):
        asked(sets=("medq",))
    with pytest.raises(GlobmedError, match="Long-form sets have no twins"):
        asked(sets=("liveqa",), kinds=("ll",))


def test_prices_and_another_backend_from_the_command_line(command, tmp_path):
    path = roster_of(
        tmp_path,
        {"backend": "vllm", "args": {"max_model_len": 10, "revision": "x"}},
        {"name": "api", "backend": "openai-chat-completions"},
    )
    (tmp_path / "prices.toml").write_text("[api]\ninput = 1\noutput = 2\nsource = 'a contract'\nseen = 'today'\n")
    args = (
        "globmed",
        "bench",
        "sweep",
        path,
        "--data",
        "sample",
        "--set",
        "liveqa",
        "--language",
        "sw",
        "--gpus",
        "none",
    )
    ran = command(*args, "--dry-run", "--json", "--prices", "prices.toml", "--backend", "hf", "--reply-tokens", "100")
    local, api = json.loads(ran.out)["jobs"]
    assert local["backend"] == "hf" and not local["obstacle"] and local["dollars"] is None
    assert api["tokens_out"] == 100 * api["requests"] == 400
    assert api["dollars"] == pytest.approx((api["tokens_in"] + 2 * 400) / 1e6, abs=1e-4)
    (tmp_path / "prices.toml").write_text("api = 3\n")
    assert "[api]: a table was expected" in command(*args, "--dry-run", "--prices", "prices.toml").one_line()
    assert (
        "vllm needs a GPU" in command(*args, "--dry-run").out
        or "vllm is not installed" in command(*args, "--dry-run").out
    )


def test_a_folder_is_found_from_where_the_roster_lies(tmp_path):
    (tmp_path / "weights").mkdir()
    models = roster.read(roster_of(tmp_path, {"id": "weights"}, {"name": "n", "id": "nowhere/x"}))
    assert models["m"].id == str(tmp_path / "weights") and models["n"].id == "nowhere/x"
