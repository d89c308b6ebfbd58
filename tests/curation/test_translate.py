"""Translate with a server that plays translator, critic and reviser: filling, replaying, stopping, estimates, batches, explain."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from globmed_curation import history, pipeline
from globmed_curation.cli import curate
from globmed_curation.engines import Engine, Progress
from globmed_curation.plan import make_step
from globmed_curation.review.sample import is_flagged
from globmed_curation.translate.agents import cost, rounds
from globmed_curation.translate.agents.tools import tools_of
from globmed_curation.translate.stage import jobs_of

from globmed_tools import manifest, shards, store
from globmed_tools.errors import GlobmedError
from globmed_tools.llm import Journal, Usage
from globmed_tools.llm.prices import Prices

from .originals import medqa
from .translating import Translator, sample_entries, sample_table

ENGLISH = sample_entries()
TABLE = sample_table("sw", "zu")
#: As globmed.yml has it for pseudo-text: what asks whether the text is the language can only note.
LAX = {name: {"severity": "note"} for name in ("language", "script", "untranslated", "negation", "units", "length")}
FAST = {"concurrency": 8, "backoff": 0.01, "timeout": 5, "grace": 0.5}


@pytest.fixture
def entries(tmp_path):
    """The sample's English in one file of entries."""
    shards.write_rows(tmp_path, "in", "sample", ENGLISH, "jsonl")
    return tmp_path / "in" / "sample.jsonl"


@pytest.fixture
def translate(tmp_path, entries):
    """translate(server, out="out", codes=("sw",), **agents) -> (the manifest's fields, what the asking took). Without checks,
    which take most of the time, unless they are asked for."""

    def run(server, out="out", codes=("sw",), workers=1, groups=1000, limit=None, path=entries, **agents):
        url = {"base_url": server.url} if server else {}
        usual = {
            "model": "gpt-4.1",
            "check": False,
            "journal": str(tmp_path / "calls.sqlite"),
            "endpoint": {**FAST, **url},
        }
        values = {"translator": "agents", "languages": list(codes), "agents": {**usual, **agents}}
        step = make_step(1, "translate", values, "test")
        engine = Engine("local", workers, Progress())
        return pipeline.apply(step, [path], tmp_path / out, engine, groups=groups, limit=limit), engine.progress.asked

    return run


def kept(folder: Path) -> list:
    return [one for one in shards.entries([folder]) if one.translated_from]


def dropped(folder: Path) -> list[dict]:
    return [row for path in sorted((folder / "dropped").glob("*")) for row in shards.read_dropped(path)]


def texts(folder: Path) -> list[dict]:
    return [row for path in sorted((folder / "texts").glob("*")) for _, row in store.json_lines(path)]


def content(folder: Path) -> dict[str, str]:
    """What a run made, file by file; its log holds times."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in ("log.jsonl", ".lock"))
    return {path.relative_to(folder).as_posix(): manifest.checksum(path) for path in files}


def test_all_forms_into_two_languages(translate, tmp_path):
    with Translator(table=TABLE) as server:
        told, asked = translate(server, codes=("sw", "zu"), check=True)
    assert told["kept"] == 42 * 3 and told["dropped"] == 0
    made = {(one.translated_from, one.language): one for one in kept(tmp_path / "out")}
    assert len(made) == 84 and Counter(one.form for one in made.values())["nli"] > 0
    for code in ("sw", "zu"):
        for one, right in zip(ENGLISH, sample_entries(code)):
            mine = made[one.id, code]
            if not is_flagged(mine):
                assert (mine.question, mine.options, mine.reference) == (right.question, right.options, right.reference)
            assert mine.answers == one.answers and mine.label == one.label and mine.translator == "agents:gpt-4.1"
    assert asked["ended"] == {"clean": 84 - 11, "flagged": 11, "not translated": 0}
    assert asked["calls"]["answered"] == server.steps.total() and server.steps["draft"] == 84


def test_faults_are_mended_flagged_or_dropped_and_nothing_else(translate, tmp_path):
    causes = ["refusal", "cut json", "wrong schema", "content filter"]
    fated = {one.question: causes[place % 4] for place, one in enumerate(ENGLISH[:8])}

    def fates(step, language, item):
        return fated.get(item.get("question")) if step == "draft" else None

    with Translator(table=TABLE, plant=1.0, sees=0.5, mends=0.5, fates=fates) as server:
        told, asked = translate(server, check=True)
    drops = dropped(tmp_path / "out")
    assert Counter(row["reason"] for row in drops) == {
        "refusal": 2, "cut_JSON": 2, "wrong_schema": 2, "content_filter": 2,
    }  # fmt: skip
    assert told["reasons"] == asked["not_translated"] and {row["language"] for row in drops} == {"sw"}
    assert all(row["evidence"]["step"] == "draft" and row["entry"]["translated_from"] for row in drops)
    made = {one.translated_from: one for one in kept(tmp_path / "out")}
    assert len(made) + len(drops) == len(ENGLISH)
    planted = {one.id: server.planted.get((one.question, "sw")) for one in ENGLISH}
    wrong = {id: planted[id] for id in made if planted[id]}
    right = {one.id: other for one, other in zip(ENGLISH, sample_entries("sw"))}
    left = [id for id in wrong if made[id].question != right[id].question or made[id].options != right[id].options]
    assert len(wrong) > 15 and 0 < len(left) < len(wrong) / 2
    seen = [wrong[id] for id in left if not is_flagged(made[id])]
    assert Counter(seen).total() <= len(left) / 2  # what nobody saw; the benchmark counts it by kind


def test_one_step_is_a_config(translate, tmp_path, root):
    from globmed_curation.settings import load_yaml

    values = load_yaml(root / "curation" / "translate-one-step.yml")["agents"]
    with Translator(table=TABLE, plant=1.0, kinds_planted=("dose",)) as server:
        translate(server, **{"check": True, **values, "model": "gpt-4.1"})
    assert server.steps == {"draft": 42}
    flagged = {one.translated_from for one in kept(tmp_path / "out") if is_flagged(one)}
    planted = {one.id for one in ENGLISH if (one.question, "sw") in server.planted}
    assert len(planted & flagged) >= 0.8 * len(planted) > 5


def test_the_example_of_all_settings_is_one(root):
    from globmed_curation.settings import load_yaml

    step = make_step(1, "translate", load_yaml(root / "curation" / "translate.yml"), "translate.yml")
    agents = step.config.agents
    assert (agents.translator, agents.critique.endpoint) == ("agents:Qwen/Qwen3-32B+gpt-4.1", "api")
    assert step.settings["agents"]["revision"]["parameters"] == {"temperature": 0.3} and "http" not in json.dumps(
        step.settings
    )


def test_the_journal_alone_gives_the_same_bytes(translate, tmp_path):
    with Translator(plant=0.5, faults=0.2, kinds=("429", "500", "cut json", "refusal", "empty")) as server:
        translate(server, codes=("sw", "yo"), check={"checks": LAX}, groups=10)
        asked = server.asked.total()
        assert asked > 0 and len(list((tmp_path / "out" / "kept").iterdir())) == 5
        translate(server, "again", codes=("sw", "yo"), check={"checks": LAX}, groups=10, workers=2)
        assert server.asked.total() == asked
    translate(None, "alone", codes=("sw", "yo"), check={"checks": LAX}, groups=10)
    assert content(tmp_path / "out") == content(tmp_path / "again") == content(tmp_path / "alone")
    with pytest.raises(GlobmedError, match="does not hold all calls, and there is no address to ask. Say --base-url"):
        translate(None, "other", codes=("zu",))


def test_no_call_is_asked_twice_and_a_changed_step_asks_only_from_there(translate, tmp_path):
    with Translator(table=TABLE) as server:
        translate(server, revision=False)
        assert server.steps == {"draft": 42, "critique": 42}
        translate(server, "more", critique={"model": "gpt-4.1-mini"})
        assert server.steps["draft"] == 42 and server.steps["critique"] == 84
        before = server.asked.total()
        translate(server, "more", critique={"model": "gpt-4.1-mini"})
        assert server.asked.total() == before
    assert {one.translator for one in kept(tmp_path / "more")} == {"agents:gpt-4.1+gpt-4.1-mini"}


def test_two_endpoints_share_a_journal_and_a_budget(translate, tmp_path):
    with Translator(table=TABLE) as one, Translator(table=TABLE) as other:
        api = {"endpoints": {"api": {**FAST, "base_url": other.url}}, "critique": {"endpoint": "api"}}
        with pytest.raises(GlobmedError, match=r"stopped \(the next request may exceed max_cost 0.06"):
            translate(one, max_cost=0.06, **api)
        assert set(one.steps) == {"draft"} and set(other.steps) == {"critique"}
        with Journal(tmp_path / "calls.sqlite") as journal:
            used = [Usage(row["input"], row["output"]) for row in journal.stats()]
        assert 0.02 < sum(Prices.shipped().cost("gpt-4.1", some) for some in used) <= 0.06
        _, asked = translate(one, max_cost=5, **api)
        assert one.steps["draft"] == other.steps["critique"] == 42 and asked["cost"] < 0.4


def test_max_cost_stops_and_the_next_run_goes_on(translate, tmp_path):
    with Translator(table=TABLE) as server:
        with pytest.raises(GlobmedError) as stopped:
            translate(server, max_cost=0.1)
        said = str(stopped.value)
        assert (
            "exceed max_cost 0.1" in said and "of 42 translations have all their answers" in said and "goes on" in said
        )
        assert not (tmp_path / "out" / "kept").exists() or not list((tmp_path / "out" / "kept").iterdir())
        paid = server.steps.total()
        assert 5 < paid < 80
        told, asked = translate(server)
        assert told["kept"] == 84 and server.asked.total() == server.steps.total() and server.steps["draft"] == 42
        assert asked["calls"]["requests"] == server.steps.total() - paid


def test_an_unknown_price_and_a_budget_do_not_go_together(translate):
    with Translator(table=TABLE) as server, pytest.raises(GlobmedError, match="its price is unknown"):
        translate(server, model="my-own", max_cost=1)


def test_a_call_that_the_endpoint_fails_on_waits_for_the_next_run(translate, tmp_path):
    bad = {ENGLISH[3].question, ENGLISH[4].question}
    fates = lambda step, language, item: "500" if item.get("question") in bad else None  # noqa: E731
    with Translator(table=TABLE, fates=fates) as server:
        with pytest.raises(GlobmedError, match=r"40 of 42 translations .* the others wait: 2 server error"):
            translate(server)
        server.fates = None
        told, _ = translate(server)
        assert told["kept"] == 84
    with Translator(table=TABLE, fates=fates) as server:
        told, asked = translate(server, "dropped", codes=("zu",), drop_failed=True)
    assert told["reasons"] == {"server_error": 2} == asked["not_translated"] and told["kept"] == 82


@pytest.mark.parametrize(
    ("fate", "said"),
    [
        ("404 model", "stopped .*gpt-4.1"),
        ("401", "stopped .*authentication"),
        ("400 parameter", "the first 10 calls were all refused .*Unsupported value"),
    ],
)
def test_what_no_call_can_mend_stops_all(translate, fate, said):
    with Translator(table=TABLE, fates=lambda *_: fate) as server:
        with pytest.raises(GlobmedError, match=said):
            translate(server)
        assert server.asked.total() < 45


def test_an_estimate_holds_against_what_the_server_counted(entries, translate, tmp_path):
    with Translator(table=TABLE, alarms=0.5, plant=0.0) as server:
        config = make_step(1, "translate", {
            "translator": "agents", "languages": ["sw", "zu"],
            "agents": {"model": "gpt-4.1", "assume": {"drafts_with_findings": 0.5, "findings": 1, "failing_checks": 0.13}},
        }, "x").config  # fmt: skip
        jobs = lambda: iter(jobs_of(ENGLISH, config))  # noqa: E731
        tools = tools_of(config.agents)
        before = cost.estimate(jobs, tools, Prices.shipped())
        _, asked = translate(server, codes=("sw", "zu"), check=True)
    [total] = before.by()
    assert total.input == pytest.approx(asked["tokens"]["input"], rel=0.1)
    assert total.output == pytest.approx(asked["tokens"]["output"], rel=0.2)
    assert total.cost == pytest.approx(asked["cost"], rel=0.1) and total.batch_cost == pytest.approx(total.cost / 2)
    assert before.translations == {"sw": 42, "zu": 42} == before.driven
    steps = {row.step: row for row in before.by("step")}
    for name, close in {"draft": 0.001, "critique": 0.02, "revision": 0.04}.items():
        row = steps[name]
        assert row.input / row.calls == pytest.approx(server.read[name] / server.steps[name], rel=close), name
        if name != "critique":  # how long its findings are is an assumption
            assert row.output / row.calls == pytest.approx(server.written[name] / server.steps[name], rel=0.06)
    assert steps["draft"].calls == steps["critique"].calls == 84 and 25 < steps["revision"].calls < 80
    draft = [row for row in before.rows if row.step == "draft" and row.language == "sw"][0]
    with Journal(tmp_path / "calls.sqlite") as journal:
        [after] = cost.estimate(jobs, tools, Prices.shipped(), journal).by()
    assert after.answered == after.calls == asked["calls"]["answered"] and after.cost == 0
    many = cost.estimate(jobs, tools, Prices.shipped(), entries=41_667, sample=20)
    assert many.translations == {"sw": 41_667, "zu": 41_667} and 10 < many.driven["sw"] < 32
    scaled = [row for row in many.rows if row.step == "draft" and row.language == "sw"][0]
    assert scaled.calls == 41_667 and scaled.input / 41_667 == pytest.approx(draft.input / 42, rel=0.1)


def test_the_estimate_of_a_journal_half_filled(translate, tmp_path):
    config = make_step(
        1, "translate", {"translator": "agents", "languages": ["sw"], "agents": {"model": "gpt-4.1"}}, "x"
    ).config
    with Translator(table=TABLE) as server:
        translate(server, limit=10)
    with Journal(tmp_path / "calls.sqlite") as journal:
        found = cost.estimate(
            lambda: iter(jobs_of(ENGLISH, config)), tools_of(config.agents), Prices.shipped(), journal
        )
    steps = {row.step: row for row in found.rows}
    assert steps["draft"].calls == 42 and steps["draft"].answered == 10 == steps["critique"].answered


def batch_results(server, path: Path) -> list[dict]:
    """What a provider's batch interface gives back for a file of requests."""
    found = []
    for _, row in store.json_lines(path):
        text = server.say(row["body"])
        choice = {"message": {"content": text}, "finish_reason": "stop"}
        body = {"choices": [choice], "usage": server.usage(row["body"], text)}
        found.append({"custom_id": row["custom_id"], "response": {"status_code": 200, "body": body}})
    return found


def test_batch_rounds_end_where_asking_does(entries, translate, tmp_path):
    """Each round writes what is ready, waits for what was written, and writes once more what came back as failed."""
    told = {"model": "gpt-4.1", "journal": str(tmp_path / "batch.sqlite")}
    config = make_step(1, "translate", {"translator": "agents", "languages": ["sw"], "agents": told}, "x").config
    tools, folder, sizes = tools_of(config.agents), tmp_path / "batch", []
    with Translator(table=TABLE, plant=0.5) as server:
        translate(server, "live", check=True)
        for number in range(1, 9):
            made = rounds.step(jobs_of(ENGLISH, config), tools, folder)
            if made.over:
                break
            sizes.append(made.ready)
            assert [path.name for path in made.files] == [f"round-{number:02}-gpt-4.1-0001.jsonl"]
            assert made.failed == ({"server error": 1} if number == 2 else {})
            waiting = rounds.step(jobs_of(ENGLISH, config), tools, folder)
            assert (waiting.ready, waiting.waiting, waiting.files, waiting.answered) == (0, made.ready, [], 0)
            rows = batch_results(server, made.files[0])
            if number == 1:
                rows[5]["response"] = {"status_code": 500, "body": {"error": {"message": "broke"}}}
            lines = [json.dumps(row) + "\n" for row in rows]
            (folder / "results" / f"{number}.jsonl").write_text("".join(lines))
    assert sizes[:2] == [42, 41 + 1] and made.total == 42 and 4 <= len(sizes) <= 5
    again = rounds.step(jobs_of(ENGLISH, config), tools, folder)
    assert again.over and again.as_dict()["complete"] and again.problems == []
    translate(None, "batched", check=True, journal=str(tmp_path / "batch.sqlite"))
    assert content(tmp_path / "batched") == content(tmp_path / "live")


def test_explain_shows_every_text_on_the_way(translate, tmp_path):
    one = next(one for one in ENGLISH if "NOT" in one.question)
    bad = ENGLISH[0]
    fates = lambda step, language, item: "refusal" if item.get("question") == bad.question else None  # noqa: E731
    with Translator(table=TABLE, chosen={one.question: "swap"}, fates=fates) as server:
        translate(server)
    made = next(row for row in kept(tmp_path / "out") if row.translated_from == one.id)
    told = history.explain(tmp_path / "out", made.id)
    [event] = told["life"]
    draft, critique, revision = event["steps"]
    assert event["event"] == "translated" and event["translator"] == "agents:gpt-4.1"
    assert draft["texts"]["options"]["A"] == made.options[1] and revision["changed"]["option A"] == made.options[0]
    assert critique["findings"][0]["kind"] == "structural"
    [lost] = history.explain(tmp_path / "out", bad.id)["translations"]
    assert lost["ended"] == "dropped: refusal" and lost["language"] == "sw"
    [event] = history.explain(tmp_path / "out", lost["id"])["life"]
    assert event["event"] == "dropped" and event["steps"][0]["failed"] == "refusal"
    with Journal(tmp_path / "calls.sqlite") as journal:
        assert journal.get([draft["key"]])[draft["key"]].text  # the words themselves, and what was asked


def test_languages_that_are_there_are_left_and_a_second_language_follows(translate, tmp_path):
    with Translator(table=TABLE) as server:
        translate(server, codes=("sw",))
        translate(server, "both", codes=("sw", "zu"), path=tmp_path / "out")
        assert server.steps["draft"] == 84
    assert Counter(one.language for one in kept(tmp_path / "both")) == {"sw": 42, "zu": 42}


PIPELINE = """
name: p
languages: [sw]
root: sets
shard_groups: 5
sources:
  - {set: medqa, paths: [medqa]}
stages:
  - normalize
  - translate:
      translator: agents
      agents: {model: gpt-4.1, max_cost: COST, endpoint: {base_url: "URL", concurrency: 4}}
  - check: {checks: {numbers: {severity: flag}}}
"""


def test_a_pipeline_asks_before_its_shards_are_worked_on(tmp_path, command):
    """`run` with agents in the midst of the stages: a dry run, a stop at max_cost, and on to the checks with another budget."""
    items = [one for one in ENGLISH if one.form == "mcq"]
    (tmp_path / "sets" / "medqa").mkdir(parents=True)
    rows = [medqa(one.question, options=dict(zip("ABCDEFGHIJ", one.options)), answer=one.options[one.answers[0]],
                  answer_idx="ABCDEFGHIJ"[one.answers[0]]) for one in items]  # fmt: skip
    (tmp_path / "sets" / "medqa" / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run = ("globmed", "curate", "run", "p.yml", "--out", "build", "--workers", "1")
    with Translator(table=TABLE, plant=1.0, kinds_planted=("dose",), sees=0.0, mends=0.0) as server:
        text = PIPELINE.replace("URL", server.url)
        (tmp_path / "p.yml").write_text(text.replace("COST", "0.02"))
        told = json.loads(command(*run, "--dry-run", "--json").out)["steps"][2]
        assert told["settings"]["agents"]["model"] == "gpt-4.1" and "endpoint" not in told["settings"]["agents"]
        assert told["asks"] and told["estimate"] is None
        assert command(*run, "--until", "normalize").code == 0 and server.asked.total() == 0
        dry = command(*run, "--dry-run")
        assert f"translate asks models: {len(items)} translations" in dry.out and "about US$ 0." in dry.out
        stopped = command(*run)
        assert "exceed max_cost 0.02" in stopped.one_line() and not (tmp_path / "build" / "manifest.json").exists()
        before = server.steps.total()
        (tmp_path / "p.yml").write_text(text.replace("COST", "2"))
        done = command(*run)
        assert done.code == 0 and "of unknown" not in done.err and "translations:" in done.err, done.err
        assert 0 < before < server.steps.total() and server.steps["draft"] == len(items)
    assert server.url not in (tmp_path / "build" / "run.json").read_text()
    made = kept(tmp_path / "build")
    assert len(made) == len(items) and sum(map(is_flagged, made)) >= 3
    assert [row["step"] for row in history.explain(tmp_path / "build", made[0].id)["life"][0]["steps"]][0] == "draft"


def test_killed_and_interrupted_it_loses_nothing(tmp_path, entries, command):
    """SIGKILL in the midst of asking, then Ctrl-C, then to the end: calls asked twice are at most those in flight at the kill."""
    program = [sys.executable, "-P", "-m", "globmed_tools.cli", "curate", "translate", "in/sample.jsonl", "-o", "out",
               "--language", "sw", "--model", "gpt-4.1", "--concurrency", "4", "--workers", "1"]  # fmt: skip
    program += ["-s", "agents.check=off"]
    with Translator(delay=0.03) as server:
        program += ["--base-url", server.url]

        def until(count: int, number: int) -> subprocess.CompletedProcess:
            running = subprocess.Popen(program, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            deadline = time.monotonic() + 60
            while server.asked.total() < count and time.monotonic() < deadline:
                time.sleep(0.005)
            running.send_signal(number)
            out, err = running.communicate(timeout=60)
            return subprocess.CompletedProcess(program, running.returncode, out, err)

        killed = until(20, signal.SIGKILL)
        assert killed.returncode == -signal.SIGKILL
        stopped = until(45, signal.SIGINT)
        assert (
            stopped.returncode == 130
            and "stopped (interrupted);" in stopped.stderr
            and "Traceback" not in stopped.stderr
        )
        assert not (tmp_path / "out" / "kept").exists()
        ran = command(*["globmed", *program[4:]])
        assert ran.code == 0, ran.err
        asked = server.asked.total()
    with Journal(tmp_path / "calls.sqlite") as journal:
        assert len(journal) == 84 <= asked <= 84 + 4
    assert len(kept(tmp_path / "out")) == 42


@pytest.fixture
def called(tmp_path, entries, monkeypatch):
    """called(*args) -> what `globmed curate translate in/sample.jsonl ARGS` printed, and how it ended; in this process."""
    monkeypatch.chdir(tmp_path)

    def run(*args):
        done = CliRunner().invoke(curate, ["translate", "in/sample.jsonl", *args], env={"COLUMNS": "200"})
        if done.exception and not isinstance(done.exception, GlobmedError | SystemExit):
            raise done.exception
        return SimpleNamespace(code=done.exit_code, out=done.stdout, err=done.stderr, said=str(done.exception or ""))

    return run


def test_the_command_from_estimate_to_result(tmp_path, called, command):
    """The table of a dry run, both ends of --json, the table at the end, batch files, and a key that goes nowhere."""
    (tmp_path / "key").write_text("sk-planted-0123456789")
    (tmp_path / "key").chmod(0o600)
    base = ["--language", "sw", "--model", "gpt-4.1", "--workers", "1"]
    dry = called(*base, "--dry-run")
    assert dry.code == 0 and "An estimate; nothing was sent" in dry.out and "critique" in dry.out
    assert "From 42 of 42 translations. Assumed until replies tell: 50% of drafts" in dry.out
    found = json.loads(called(*base, "--dry-run", "--json", "--entries", "1000", "--without", "critique").out)
    assert found["estimate"]["translations"] == {"sw": 1000} and found["settings"]["agents"]["critique"] is None
    assert [row["step"] for row in found["estimate"]["by_step"]] == ["draft", "revision"]
    batch = called(*base, "-o", "out", "--batch", "batch")
    assert batch.code == 1 and "42 calls to send: batch/requests/round-01-gpt-4.1-0001.jsonl" in batch.out
    assert not (tmp_path / "out").exists()
    echo = lambda step, language, item: "echo key" if item.get("question") == ENGLISH[0].question else None  # noqa: E731
    with Translator(table=TABLE, key="sk-planted-0123456789", fates=echo) as server:
        base += ["-o", "out", "--base-url", server.url, "--format", "parquet"]
        wrong = called(*base)
        assert "authentication" in wrong.said
        ran = called(*base, "--key-file", "key", "--drop-failed")
        assert ran.code == 0 and "not translated" in ran.out and "server_error" in ran.out, ran.err
        again = called(*base, "--key-file", "key", "--json")
        assert json.loads(again.out)["kept"] == 83
    assert "You sent Bearer [key]" in dropped(tmp_path / "out")[0]["evidence"]["detail"]
    for one in (wrong, ran, again):
        assert "sk-planted" not in one.out + one.err + one.said
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name != "key":
            assert b"sk-planted" not in path.read_bytes(), path
    explained = command("globmed", "curate", "explain", "out", kept(tmp_path / "out")[0].id)
    assert "draft  model=gpt-4.1" in explained.out and "question: Kliniki inafafanua" in explained.out


def test_the_command_says_what_is_missing(called):
    base = ["--language", "sw"]
    assert "model: none for draft" in called(*base, "--dry-run").said
    assert "--out DIR is missing" in called(*base, "--model", "m").said
    assert "no such journal" in called(*base, "--model", "m", "-o", "out", "--workers", "1").said
    assert (
        "the translator is pseudo, which asks nobody" in called(*base, "--model", "m", "-s", "translator=pseudo").said
    )
    assert (
        "critique is False and has no settings"
        in called(*base, "--without", "critique", "-s", "agents.critique=false", "-s", "agents.critique.model=x").said
    )
    pseudo = called(*base, "-o", "pseudo", "-s", "translator=pseudo", "--json", "--limit", "5", "--workers", "1")
    assert json.loads(pseudo.out)["kept"] == 10
