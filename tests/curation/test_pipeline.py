"""The runner: complete, resumable, byte for byte the same, and loud about what is amiss."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import orjson
import pytest
from globmed_curation import engines, folder, history, pipeline
from globmed_curation.code import fingerprint
from globmed_curation.plan import read_plan

from globmed_tools import shards
from globmed_tools.errors import GlobmedError

from .originals import headqa, medqa

PIPELINE = """
name: small
languages: [en, es, sw, zu]
shard_groups: 20
sources:
  - {set: medqa, paths: [medqa]}
  - {set: headqa, paths: [headqa]}
  - {set: bionli, paths: [bionli], optional: true}
stages:
  - normalize
  - deduplicate
  - split: {pin: {"*": by_hash}}
  - translate: {translator: pseudo, faults: 0.05}
  - check:
      checks: {language: {severity: note}, script: {severity: note}, untranslated: {severity: note}, length: {severity: note}}
"""


@pytest.fixture(scope="session")
def originals(tmp_path_factory):
    """A folder of source files of two sets and a pipeline file beside it."""
    root = tmp_path_factory.mktemp("originals")
    (root / "medqa").mkdir()
    (root / "headqa").mkdir()
    rows = [
        medqa(
            f"  A {n + 20}-year-old takes {n + 2}.5 mg of drug {n} for {n % 9 + 2} days. He is not in pain. Which vein?",
            gold="ABCDE"[n % 5],
        )
        for n in range(50)
    ]
    rows.append(medqa(gold="B", answer="something else"))
    rows.append(rows[7] | {"question": rows[7]["question"].upper().replace("?", " ?")})  # the same item once more
    (root / "medqa" / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    items = [(n, {"image": "x.png"} if n == 3 else {}) for n in range(1, 31)]
    for language, name in (("es", "test_HEAD.json"), ("en", "test_HEAD_EN.json")):
        (root / "headqa" / name).write_text(json.dumps(headqa(language, items)), "utf-8")
    (root / "pipeline.yml").write_text(PIPELINE, "utf-8")
    return root


def plan_of(originals, **options):
    return read_plan(originals / "pipeline.yml", **options)


def content(out):
    """path -> bytes of everything that must be the same in two runs."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name not in (folder.LOG, folder.LOCK)
    }


@pytest.fixture(scope="session")
def whole(originals, tmp_path_factory):
    """An unbroken run on one worker."""
    out = tmp_path_factory.mktemp("whole") / "build"
    pipeline.run(plan_of(originals), out)
    return out


def test_a_run_counts_add_up_from_source_to_result(originals, whole):
    found = pipeline.summary(whole)
    assert found["complete"] and [row["stage"] for row in found["stages"]] == [
        "ingest", "normalize", "deduplicate", "split", "translate", "check",
    ]  # fmt: skip
    ingest, normalize, deduplicate, split, translate, check = found["stages"]
    assert ingest["kept"] == 51 + 2 * 29 and ingest["reasons"] == {"gold_mismatch": 1, "image_needed": 2}
    assert normalize["kept"] + normalize["dropped"] == ingest["kept"]
    assert deduplicate["reasons"] == {"duplicate": 1}
    assert split["kept"] == deduplicate["kept"] == normalize["kept"] - 1
    assert translate["kept"] == 50 * 4 + 29 * 4
    assert check["kept"] + check["dropped"] == translate["kept"] and check["dropped"] > 0
    assert found["kept"] == check["kept"]
    assert found["dropped"] == sum(row["dropped"] for row in found["stages"])
    kept = list(shards.entries([whole]))
    assert len({(one.group_id, one.language) for one in kept}) == len(kept) == found["kept"]
    splits = {}
    for one in kept:
        splits.setdefault(one.group_id, set()).add(one.split)
    assert all(len(parts) == 1 for parts in splits.values())
    text = b"".join(content(whole).values())
    assert str(whole).encode() not in text and str(originals).encode() not in text


def test_two_workers_and_a_second_call_give_the_same_bytes(originals, whole, tmp_path):
    out = tmp_path / "build"
    pipeline.run(plan_of(originals), out, engines.Engine("local", 2))
    assert content(out) == content(whole)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.jsonl") if path.name != folder.LOG}
    pipeline.run(plan_of(originals), out)
    assert before == {path: path.stat().st_mtime_ns for path in out.rglob("*.jsonl") if path.name != folder.LOG}


@pytest.mark.slow
def test_two_workers_of_ray_give_the_same_bytes(originals, whole, tmp_path, command):
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'globmed[dist]'")
    ran = command(
        "globmed", "curate", "run", originals / "pipeline.yml", "--out", "build", "--engine", "ray", "--workers", "2",
        "--json", RAY_USAGE_STATS_ENABLED="0",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert content(tmp_path / "build") == content(whole)
    (tmp_path / "build" / "stages" / "0-ingest" / "kept" / "medqa-0000.jsonl").unlink()
    ran = command("globmed", "curate", "run", originals / "pipeline.yml", "--out", "build", "--engine", "ray")
    assert "medqa-0000.jsonl: this shard was written but is gone" in ran.one_line()


def _killed_at_write(originals, out, number, late):
    """Run in a child that is killed at its n-th rename, before or after it; True where it was killed."""
    child = os.fork()
    if child == 0:
        seen = [0]
        rename = os.replace

        def counting(source, target):
            seen[0] += 1
            if seen[0] == number and not late:
                os.kill(os.getpid(), signal.SIGKILL)
            rename(source, target)
            if seen[0] == number:
                os.kill(os.getpid(), signal.SIGKILL)

        os.replace = counting
        try:
            pipeline.run(plan_of(originals), out)
        except BaseException:
            os._exit(3)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def test_killed_at_random_writes_it_goes_on_to_the_same_bytes(originals, whole, tmp_path):
    chance = random.Random(20261123)
    kills = 0
    for run in range(4):
        out = tmp_path / str(run)
        for _ in range(6):
            kills += _killed_at_write(originals, out, chance.randint(1, 12), chance.random() < 0.5)
        pipeline.run(plan_of(originals), out, engines.Engine("local", 1 + run % 2))
        assert content(out) == content(whole)
    assert kills >= 20


@pytest.mark.slow
def test_killed_at_random_times_on_two_workers_it_goes_on_to_the_same_bytes(originals, whole, tmp_path):
    chance = random.Random(7)
    out = tmp_path / "build"
    command = [
        sys.executable, "-P", "-m", "globmed_tools.cli", "curate", "run", str(originals / "pipeline.yml"),
        "--out", str(out), "--workers", "2", "--quiet",
    ]  # fmt: skip
    for _ in range(10):
        started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(chance.uniform(0.2, 1.6))
        started.kill()  # the parent alone: its workers must notice
        started.communicate()
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert content(out) == content(whole)
    assert not list(out.rglob("*.part"))


def test_an_interrupted_run_says_how_to_go_on(originals, whole, tmp_path):
    out = tmp_path / "build"
    command = [
        sys.executable, "-P", "-m", "globmed_tools.cli", "curate", "run", str(originals / "pipeline.yml"),
        "--out", str(out), "--workers", "2",
    ]  # fmt: skip
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (out / folder.RUN).exists():
        assert started.poll() is None
        time.sleep(0.02)
    started.send_signal(signal.SIGINT)
    _, err = started.communicate(timeout=60)
    assert started.returncode == 130 and "the same command goes on from here" in err and "Traceback" not in err
    pipeline.run(plan_of(originals), out)
    assert content(out) == content(whole)


def test_a_finished_shard_is_not_done_again(originals, tmp_path):
    out = tmp_path / "build"
    assert _killed_at_write(originals, out, 25, late=True)
    records = {path: path.stat().st_mtime_ns for path in out.rglob("shards/*.json")}
    assert records
    pipeline.run(plan_of(originals), out)
    assert all(path.stat().st_mtime_ns == then for path, then in records.items())


def test_a_deleted_shard_is_said_and_only_that_one_is_made_again(originals, whole, tmp_path):
    out = tmp_path / "build"
    pipeline.run(plan_of(originals), out)
    for stage in ("0-ingest", "1-normalize"):
        gone = next((out / "stages" / stage / "kept").iterdir())
        gone.unlink()
        with pytest.raises(GlobmedError, match=f"{gone.name}: this shard was written but is gone"):
            pipeline.run(plan_of(originals), out)
        (out / "stages" / stage / "shards" / f"{gone.stem}.json").unlink()
        pipeline.run(plan_of(originals), out)
        assert content(out) == content(whole)


@pytest.mark.parametrize(
    "name",
    [
        "run.json",
        "stages/0-ingest/sets/medqa.json",
        "stages/1-normalize/shards/medqa-0000.json",
        "stages/3-split/survey/medqa-0000.json",
    ],
)
def test_a_damaged_record_of_the_run_is_said_and_can_be_removed(originals, whole, tmp_path, name):
    out = tmp_path / "build"
    shutil.copytree(whole, out)
    (out / name).write_text('{"key": ')
    with pytest.raises(GlobmedError, match=f"{name}: damaged, not valid JSON"):
        pipeline.run(plan_of(originals), out)
    if name == "run.json":
        with pytest.raises(GlobmedError, match="run.json: damaged, not valid JSON"):
            history.status(out)
        return
    (out / name).unlink()
    pipeline.run(plan_of(originals), out)
    assert content(out) == content(whole)


def test_a_run_that_was_killed_while_it_exported_goes_on(originals, tmp_path):
    root, out = tmp_path / "root", tmp_path / "build"
    shutil.copytree(originals, root)
    with (root / "pipeline.yml").open("a") as stream:
        stream.write("export: {layouts: [chat], allow_pseudo: true, splits: [train, test]}\n")
    pipeline.run(plan_of(root), out)
    whole = content(out / "export")
    assert whole
    (out / "export" / ".part").mkdir()
    (out / "export" / ".part" / "half.jsonl").write_text("{")
    pipeline.run(plan_of(root), out)
    assert content(out / "export") == whole


def test_a_full_disk_is_said_where_the_log_cannot_be_written(originals, whole, tmp_path, monkeypatch):
    out = tmp_path / "build"
    shutil.copytree(whole, out)
    (out / folder.LOG).unlink()
    (out / folder.LOG).symlink_to("/dev/full")
    with pytest.raises(
        GlobmedError, match="log.jsonl: could not be written .No space left on device.. Free some space"
    ):
        pipeline.run(plan_of(originals), out, start="check")
    (out / folder.LOG).unlink()
    pipeline.run(plan_of(originals), out)
    assert content(out) == content(whole)


def test_an_edited_source_is_said_and_nothing_is_lost(originals, whole, tmp_path):
    root, out = tmp_path / "root", tmp_path / "build"
    shutil.copytree(originals, root)
    pipeline.run(plan_of(root), out)
    path = root / "medqa" / "test.jsonl"
    path.write_text(path.read_text().replace("Which vein", "Which artery"))
    with pytest.raises(GlobmedError, match="medqa: test.jsonl is not what it was when this run began"):
        pipeline.run(plan_of(root), out)
    assert content(out) == content(whole)
    pipeline.run(plan_of(root), out, start="ingest")
    assert "Which artery" in next(shards.entries([out])).question + next((out / "kept").glob("medqa*")).read_text()


def test_two_runs_on_one_folder_are_refused(originals, tmp_path):
    out = tmp_path / "build"
    with folder.locked(out):
        code = f"from pathlib import Path; from globmed_curation.folder import locked\nwith locked(Path({str(out)!r})): pass"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert f"another run works here (process {os.getpid()})" in done.stderr
    with folder.locked(out):
        pass


def test_a_full_disk_is_said_and_the_run_goes_on_when_there_is_room(originals, whole, tmp_path, monkeypatch):
    from globmed_tools import manifest

    out = tmp_path / "build"
    real, left = os.fsync, [12]

    def full(number):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        real(number)

    monkeypatch.setattr(manifest.os, "fsync", full)
    with pytest.raises(GlobmedError, match="could not be written .No space left on device.. Free some space"):
        pipeline.run(plan_of(originals), out)
    assert not (out / "manifest.json").exists() and not list(out.rglob("*.part"))
    monkeypatch.undo()
    pipeline.run(plan_of(originals), out)
    assert content(out) == content(whole)


def test_changed_settings_need_a_word(originals, whole, tmp_path):
    root, out = tmp_path / "root", tmp_path / "build"
    shutil.copytree(originals, root)
    pipeline.run(plan_of(root), out)
    (root / "pipeline.yml").write_text(PIPELINE.replace("faults: 0.05", "faults: 0.2"))
    with pytest.raises(GlobmedError, match="translate, faults was 0.05, now 0.2. Say --from translate"):
        pipeline.run(plan_of(root), out)
    with pytest.raises(GlobmedError, match="Say --from translate"):
        pipeline.run(plan_of(root), out, start="check")
    assert content(out) == content(whole)
    before = (out / "stages" / "1-normalize" / "manifest.json").stat().st_mtime_ns
    found = pipeline.run(plan_of(root), out, start="translate")
    assert found["complete"] and found["stages"][5]["dropped"] > pipeline.summary(whole)["stages"][5]["dropped"]
    assert (out / "stages" / "1-normalize" / "manifest.json").stat().st_mtime_ns == before
    with pytest.raises(GlobmedError, match="limit was null, now 5. Say --from ingest"):
        pipeline.run(plan_of(root, limit=5), out)


def test_only_runs_one_stage_and_says_what_is_missing_before_it(originals, whole, tmp_path):
    out = tmp_path / "build"
    with pytest.raises(GlobmedError, match="0-ingest: no manifest.json"):
        pipeline.run(plan_of(originals), out, only="normalize")
    for stage in ("ingest", "normalize", "deduplicate", "split"):
        found = pipeline.run(plan_of(originals), out, only=stage)
        assert found["stages"][-1]["stage"] == stage and not found["complete"]
    assert history.status(out)["stages"][4]["state"] == "to do"
    pipeline.run(plan_of(originals), out)
    assert content(out) == content(whole)
    with pytest.raises(GlobmedError, match="has no stage 'chek'; did you mean check"):
        pipeline.run(plan_of(originals), out, only="chek")


def test_sets_languages_and_limits_are_chosen(originals, tmp_path):
    plan = plan_of(originals, sets=["medqa"], chosen=["sw"], limit=7)
    pipeline.run(plan, tmp_path / "build")
    assert {(one.source, one.language) for one in shards.entries([tmp_path / "build"])} == {
        ("medqa", "en"),
        ("medqa", "sw"),
    }
    assert pipeline.summary(tmp_path / "build")["stages"][0]["kept"] == 7


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name: small", "name: small\nnmae: x", "unknown setting 'nmae'; did you mean name"),
        ("languages: [en, es, sw, zu]", "languages: [xx]", "unknown language 'xx'"),
        ("languages: [en, es, sw, zu]", "languages: []", "languages: none"),
        ("set: medqa, paths: [medqa]", "set: medqa, paths: [nowhere]", "nowhere: no such file or folder"),
        ("set: headqa, paths: [headqa]", "set: medqa, paths: [medqa]", "the set 'medqa' stands twice"),
        (
            "set: headqa, paths: [headqa]",
            "set: headqa, paths: [headqa], options: {gold_base: 1}",
            "gold_base has no meaning",
        ),
        ("- normalize", "- normalise", "unknown stage 'normalise'; did you mean normalize"),
        ("translator: pseudo", "translator: pseudo, fualts: 1", "unknown setting 'fualts'; did you mean faults"),
        ("shard_groups: 20", "shard_groups: many", "shard_groups: Input should be a valid integer"),
        ("shard_groups: 20", "shard_groups: 20\nshard_groups: 30", "the key 'shard_groups' stands twice"),
        (PIPELINE.partition("stages:")[2], " []", "stages: none"),
        ("name: small", "name: [small", "not valid YAML"),
    ],
)
def test_a_pipeline_file_that_cannot_be_meant_is_one_line(originals, tmp_path, command, old, new, message):
    assert old in PIPELINE
    file = tmp_path / "pipeline.yml"
    file.write_text(PIPELINE.replace(old, new))
    ran = command("globmed", "curate", "run", file, "--out", tmp_path / "out", "--sources", originals, "--dry-run")
    assert message in ran.one_line()
    assert not (tmp_path / "out").exists()


def test_the_command_line_from_dry_run_to_diff(originals, whole, tmp_path, command):
    file = originals / "pipeline.yml"
    ran = command("globmed", "curate", "run", file, "--out", "build", "--dry-run", "--json")
    told = json.loads(ran.out)
    assert ran.code == 0 and told["missing"] == ["bionli"] and [row["files"] for row in told["sources"]] == [1, 2]
    assert not (tmp_path / "build").exists()
    ran = command("globmed", "curate", "run", file, "--out", "build", "--workers", "1")
    assert ran.code == 0 and "Complete:" in ran.out and "left out: bionli" in ran.err
    out = tmp_path / "build"
    assert content(out) == content(whole)
    status = command("globmed", "curate", "status", "build", "--json")
    assert status.code == 0 and json.loads(status.out)["complete"]
    entry = next(shards.entries([out]))
    lived = command("globmed", "curate", "explain", "build", entry.id[:10])
    assert lived.code == 0 and entry.locator in lived.out and "translation" in lived.out and entry.id in lived.out
    assert "no stage has met" in command("globmed", "curate", "explain", "build", "ffffffffffff").one_line()
    same = command("globmed", "curate", "diff", "build", whole)
    assert same.code == 0 and "The same." in same.out
    other = command("globmed", "curate", "diff", "build/stages/4-translate", "build", "--json")
    told = json.loads(other.out)
    assert other.code == 1 and told["only_in_one"]["entries"] == pipeline.summary(out)["stages"][5]["dropped"]


def test_one_stage_over_entries_that_are_there(originals, whole, tmp_path, command):
    ran = command("globmed", "curate", "check", whole / "stages" / "4-translate", "--out", "checked", "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert told["stage"] == "check" and told["kept"] + told["dropped"] == 316
    ingested = command("globmed", "curate", "ingest", "medqa", originals / "medqa", "--out", "data")
    assert ingested.code == 0
    ran = command("globmed", "curate", "normalize", "data", "--out", "clean", "--format", "parquet")
    assert ran.code == 0 and sum(1 for _ in shards.entries([tmp_path / "clean"])) == 51
    again = command("globmed", "curate", "normalize", "data", "--out", "clean", "--format", "jsonl")
    assert "was begun otherwise: format was" in again.one_line() and "--from" not in again.err
    ran = command("globmed", "curate", "normalize", "data", "--out", "x", "-s", "nonsense=1")
    assert "unknown setting 'nonsense'" in ran.one_line()


def test_a_run_begun_by_other_code_is_not_taken_up_in_silence(originals, tmp_path, command):
    clean = ("globmed", "curate", "normalize", "data", "--out", "clean")
    assert command("globmed", "curate", "ingest", "medqa", originals / "medqa", "--out", "data").code == 0
    assert command(*clean).code == 0
    told = json.loads((tmp_path / "clean" / "run.json").read_bytes())
    [step] = told["steps"]
    assert step["code"] == fingerprint("normalize") != fingerprint("check")
    assert f"code {step['code']}" in json.loads((tmp_path / "clean" / "manifest.json").read_bytes())["made_by"]
    step["code"] = "0" * 16
    (tmp_path / "clean" / "run.json").write_text(json.dumps(told))
    assert "the code of normalize is another one than then" in command(*clean).one_line()


def test_explain_tells_of_drops_with_their_evidence(whole):
    rows = [row for path in sorted((whole / "dropped").iterdir()) for row in shards.read_dropped(path)]
    row = next(row for row in rows if row["set"] == "medqa" and row["entry"] and row["entry"]["translated_from"])
    told = history.explain(whole, row["id"])
    assert told["ends"] == "dropped"
    assert told["life"][-1]["reason"] == row["reason"] and told["life"][-1]["evidence"] == row["evidence"]
    # A translation's life begins with that of its source, at the line of the source file.
    assert told["life"][0]["event"] == "translated" and told["source"]["id"] == row["entry"]["translated_from"]
    assert told["source"]["life"][0] == {**told["source"]["life"][0], "event": "read", "locator": row["locator"]}
    assert row["id"] in [one["id"] for one in told["source"]["translations"]]


def test_a_stage_that_keeps_nothing_is_loud(originals, tmp_path):
    out = tmp_path / "build"
    text = PIPELINE.replace(
        "translate: {translator: pseudo, faults: 0.05}", "identify_language: {min_confidence: 1.0, min_letters: 1}"
    )
    text = text.partition("  - check:")[0]
    (tmp_path / "pipeline.yml").write_text(text)
    with pytest.raises(GlobmedError, match="stage identify_language kept nothing of 108 entries"):
        pipeline.run(read_plan(tmp_path / "pipeline.yml", sources=originals), out)
    assert not (out / "manifest.json").exists()


def test_logs_hold_times_and_the_manifests_do_not(whole):
    rows = [orjson.loads(line) for line in (whole / folder.LOG).read_bytes().splitlines()]
    assert {row["stage"] for row in rows} >= {"0-ingest", "1-normalize", "3-split", "3-split survey", "5-check"}
    assert all(row["seconds"] >= 0 and row["peak_mb"] > 1 for row in rows)
    text = b"".join(path.read_bytes() for path in whole.rglob("manifest.json"))
    assert b"seconds" not in text and b"2026" not in text
