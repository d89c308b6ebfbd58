"""apply: decisions become entries, nothing is lost, and every life can be followed."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace

import pytest
from click.testing import CliRunner
from globmed_curation import history, pipeline
from globmed_curation.cli import curate
from globmed_curation.export.tally import Tally
from globmed_curation.plan import make_step, read_plan
from globmed_curation.report import report
from globmed_curation.report.folders import open_folder
from globmed_curation.review.adjudicate import Rule
from globmed_curation.review.apply import apply
from globmed_curation.review.cli import review as command

from globmed_tools import entry, shards
from globmed_tools.errors import GlobmedError

from ..curation.originals import medqa
from .made import answer, build, items, planted, review
from .server_conftest import globmed_review


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return build(tmp_path_factory.mktemp("made") / "build")


@pytest.fixture(scope="module")
def drawn(made):
    found = items(made)
    assert len(found) == 72  # 24 test items of the sample in three languages
    return found


def mcq(drawn, code="sw"):
    return [one for one in drawn if one.language == code and one.form == "mcq"]


def kept(out) -> dict[str, entry.Entry]:
    return {one.id: one for one in shards.entries([out])}


def counted(told) -> dict[str, int]:
    total: dict[str, int] = {}
    for counts in told["stats"].values():
        for name, count in counts.items():
            total[name] = total.get(name, 0) + count
    return total


def test_without_answers_nothing_changes_but_the_folder(made, drawn, tmp_path):
    told = apply(review(tmp_path / "review", drawn, []), made, tmp_path / "out")
    assert counted(told) == {"untouched": 96} and told["kept"] == 96 and told["dropped"] == 0
    for one in shards.read_manifest(made).shards:
        assert (tmp_path / "out" / one.kept.path).read_bytes() == (made / one.kept.path).read_bytes()
        assert (tmp_path / "out" / one.dropped.path).read_bytes() == (made / one.dropped.path).read_bytes()
    assert history.diff(made, tmp_path / "out")["equal"]


def test_a_mended_entry_is_a_new_version_and_both_ids_tell_its_life(made, drawn, tmp_path):
    item = mcq(drawn)[0]
    new = {"question": "Swali jipya la majaribio?", "option B": "Jibu jipya"}
    given = [answer(item, "r1", accuracy=4, revision=new, at="2026-11-20T10:00:00Z", guideline="g1")]
    told = apply(review(tmp_path / "review", drawn, given), made, tmp_path / "out")
    assert counted(told) == {"revised": 1, "untouched": 95} and told["kept"] == 96

    before, after = kept(made), kept(tmp_path / "out")
    [id] = after.keys() - before.keys()
    old, one = before[item.id], after[id]
    assert before.keys() - after.keys() == {old.id}
    assert (one.question, one.options[1]) == (new["question"], new["option B"])
    assert one.options[::2] == old.options[::2] and one.answers == old.answers and one.group_id == old.group_id
    assert id == entry.content_id(**entry.to_dict(one)) and one.translated_from == old.translated_from
    assert one.review == {
        "outcome": "revised",
        "by": "reviewer",
        "reviewers": ["r1"],
        "accuracy": [4],
        "fluency": [5],
        "completeness": [5],
        "safety": ["safe"],
        "guideline": ["g1"],
        "at": "2026-11-20T10:00:00Z",
        "fields": ["option B", "question"],
        "replaces": old.id,
    }
    lives = [history.explain(tmp_path / "out", name) for name in (old.id, id, id[:8])]
    assert [life.pop("id") for life in lives] == [old.id, id, id]
    assert lives[0] == lives[1] == lives[2]
    events = [(event["stage"], event["event"]) for event in lives[0]["life"]]
    assert events == [("normalize", "read"), ("review", "revised")] and lives[0]["ends"] == "kept"
    assert lives[0]["life"][1]["fields"]["id"] == [old.id, id]
    assert lives[0]["source"]["id"] == old.translated_from
    assert id in [row["id"] for row in lives[0]["source"]["translations"]]


def test_what_checks_found_in_the_old_text_is_put_aside(made, drawn, tmp_path):
    item, flagged = mcq(drawn)[0], {"numbers": {"severity": "flag"}}
    where = tmp_path / "flagged.jsonl"
    rows = [entry.revised(one, checks=flagged) if one.id == item.id else one for one in kept(made).values()]
    where.write_bytes(b"".join(json.dumps(entry.to_dict(one)).encode() + b"\n" for one in rows))

    pipeline.apply(make_step(1, "normalize", {}, "test", {}), [where], tmp_path / "build")
    given = [answer(item, "r1", revision={"question": "Swali?"}), answer(mcq(drawn)[1], "r1")]
    apply(review(tmp_path / "review", drawn, given), tmp_path / "build", tmp_path / "out")
    [new] = [one for one in kept(tmp_path / "out").values() if one.review and one.review["outcome"] == "revised"]
    assert new.checks == {} and new.review["checks_before"] == flagged


def test_a_harmful_entry_is_dropped_with_evidence_and_explained(made, drawn, tmp_path):
    item = mcq(drawn)[0]
    given = [answer(item, "r1", safety="harmful", comment="dose"), answer(item, "r2")]
    told = apply(review(tmp_path / "review", drawn, given), made, tmp_path / "out")
    assert (told["kept"], told["dropped"], told["reasons"]) == (95, 1, {"harmful": 1})
    [row] = [
        row
        for one in shards.read_manifest(tmp_path / "out").shards
        for row in shards.read_dropped(tmp_path / "out" / one.dropped.path)
    ]
    assert (row["stage"], row["reason"], row["id"]) == ("review", "harmful", item.id)
    assert row["evidence"]["safety"] == ["harmful", "safe"] and row["evidence"]["comments"] == {"r1": "dose"}
    assert row["entry"] == json.loads(json.dumps(item.translation))
    life = history.explain(tmp_path / "out", item.id)
    assert life["ends"] == "dropped" and life["life"][-1]["reason"] == "harmful"
    # An adjudicator who calls it safe is believed.
    decided = [answer(item, "s1", safety="minor")]
    told = apply(review(tmp_path / "again", drawn, given, decided), made, tmp_path / "out2")
    assert told["dropped"] == 0 and kept(tmp_path / "out2")[item.id].review["adjudicator"]["reviewer"] == "s1"


@pytest.mark.parametrize(
    "one, other, why",
    [
        ({"accuracy": 5}, {"accuracy": 3}, [("ratings", "accuracy")]),
        ({"safety": "safe"}, {"safety": "minor"}, [("safety", "safety")]),
        ({"revision": {"question": "A?"}}, {"revision": {"question": "B?"}}, [("revisions", "question")]),
        ({"revision": {"option A": "x", "option B": " X "}}, {}, None),
        ({"revision": {"option A": "x"}}, {"revision": {"option B": "x"}}, [("unusable", "option A, option B")]),
        ({"revision": {"question": " "}}, {}, [("unusable", "question")]),
        ({"revision": {"question": "A?"}}, {"revision": {"question": "A? "}}, None),
        ({"accuracy": 4}, {"accuracy": 5}, None),
    ],
)
def test_two_reviewers(made, drawn, tmp_path, one, other, why):
    item = mcq(drawn)[0]
    given = [answer(item, "r1", **one), answer(item, "r2", **other)]
    told = apply(review(tmp_path / "review", drawn, given), made, tmp_path / "out")
    assert told["kept"] == 96
    if why is None:
        assert told["unresolved"] == [] and counted(told)["untouched"] == 95
        return
    [found] = told["unresolved"]
    assert [(row["rule"], row.get("question") or row["field"]) for row in found["why"]] == why
    assert counted(told) == {"unresolved": 1, "untouched": 95}
    assert kept(tmp_path / "out")[item.id] == kept(made)[item.id]  # as it was, and not said to be reviewed


def test_two_new_texts_for_one_field_are_never_chosen_between(made, drawn, tmp_path):
    item = mcq(drawn)[0]
    given = [answer(item, "r1", revision={"question": "A?"}), answer(item, "r2", revision={"question": "B?"})]
    lax = Rule(ratings=None, safety=False, revisions=False, harmful=False)
    folder = review(tmp_path / "review", drawn, given)
    assert len(apply(folder, made, tmp_path / "out", lax)["unresolved"]) == 1
    folder = review(tmp_path / "review", drawn, given, [answer(item, "s1", revision={"question": "C?"})])
    told = apply(folder, made, tmp_path / "out", lax, overwrite=True)
    assert told["unresolved"] == [] and "C?" in {one.question for one in kept(tmp_path / "out").values()}


def test_an_adjudicator_in_the_answers_is_no_reviewer(made, drawn, tmp_path):
    item = mcq(drawn)[0]
    given = [answer(item, "r1", accuracy=1), answer(item, "r2"), answer(item, "s1", accuracy=4)]
    folder = review(tmp_path / "review", drawn, given)
    assert counted(apply(folder, made, tmp_path / "one"))["unresolved"] == 1
    told = apply(folder, made, tmp_path / "two", adjudicators=["s1"])
    assert counted(told) == {"reviewed": 1, "untouched": 95}
    assert kept(tmp_path / "two")[item.id].review["reviewers"] == ["r1", "r2"]
    with pytest.raises(GlobmedError, match="no answer by s9"):
        apply(folder, made, tmp_path / "three", adjudicators=["s9"])


def test_drafts_discarded_and_planted_items_change_nothing(made, drawn, tmp_path):
    one, other, third = mcq(drawn)[:3]
    fault = planted(third, "question", "Swali?")
    given = [answer(one, "r1", status="draft", revision={"question": "A?"})]
    given += [answer(other, "r1", status="discarded", safety="harmful"), answer(fault, "r1", safety="harmful")]
    told = apply(review(tmp_path / "review", [*drawn, fault], given), made, tmp_path / "out")
    assert counted(told) == {"untouched": 96} and told["missing"] == []


def test_the_new_build_can_be_told_exported_reported_and_reviewed_again(made, drawn, tmp_path):
    first, second, third = mcq(drawn)[:3]
    given = [
        answer(first, "r1", revision={"question": "Moja?"}),
        answer(second, "r1", safety="harmful"),
        answer(third, "r1"),
    ]
    apply(review(tmp_path / "review", drawn, given), made, tmp_path / "out")
    found = open_folder(tmp_path / "out")  # every file is as its manifest says
    assert [stage.name for stage in found.stages] == ["normalize", "review"] and found.complete
    assert [row["state"] for row in history.status(tmp_path / "out")["stages"]] == ["complete", "complete"]
    tally = Tally()
    for one in shards.entries([tmp_path / "out"]):
        tally.add(one)
    reviews = tally.sets["sample-mcq"].reviews
    assert (reviews["sw", "revised"], reviews["sw", "reviewed"], reviews["sw", "not reviewed"]) == (1, 1, 9)

    again = [one for one in items(tmp_path / "out") if one.translation["question"] == "Moja?"]
    apply(
        review(tmp_path / "r2", again, [answer(again[0], "r2", revision={"question": "Mbili?"})]),
        tmp_path / "out",
        tmp_path / "out2",
    )
    [newest] = [one for one in kept(tmp_path / "out2").values() if one.question == "Mbili?"]
    assert newest.review["earlier"]["replaces"] == first.id
    lives = [history.explain(tmp_path / "out2", id) for id in (first.id, again[0].id, newest.id)]
    assert [life["id"] for life in lives] == [first.id, again[0].id, newest.id]
    for life in lives:
        assert [one["event"] for one in life["life"]] == ["read", "revised", "revised"]
    # Dropped after it was mended: the old id still tells it.
    gone = [answer(replace(again[0], id=newest.id), "r3", safety="harmful")]
    items3 = [one for one in items(tmp_path / "out2") if one.id == newest.id]
    apply(review(tmp_path / "r3", items3, gone), tmp_path / "out2", tmp_path / "out3")
    assert [history.explain(tmp_path / "out3", id)["ends"] for id in (first.id, newest.id)] == ["dropped", "dropped"]
    assert not (made / "run.json").read_text().count('"review"')  # the build that was reviewed is as it was


def test_parquet_shards_and_a_rationale_that_alone_is_new(drawn, tmp_path):
    where = build(tmp_path / "build", format="parquet")
    [item] = [one for one in mcq(items(where)) if one.id == mcq(drawn)[0].id]
    mended = mcq(drawn)[1]
    given = [
        answer(item, "r1", revision={"rationale": "Kwa sababu."}),
        answer(mended, "r1", revision={"option A": "Z"}),
    ]
    apply(review(tmp_path / "review", drawn, given), where, tmp_path / "out")
    after = kept(tmp_path / "out")
    assert after[item.id].rationale == "Kwa sababu." and "replaces" not in after[item.id].review
    [new] = [one for one in after.values() if one.review and "replaces" in one.review]
    for id in (mended.id, new.id):
        life = history.explain(tmp_path / "out", id)["life"]
        assert [one["event"] for one in life] == ["read", "revised"]
    assert history.explain(tmp_path / "out", item.id)["life"][-1]["event"] == "changed"


def test_the_same_review_gives_the_same_bytes(made, drawn, tmp_path):
    given = [answer(one, "r1", safety=("safe", "harmful")[n % 2]) for n, one in enumerate(drawn)]
    folder = review(tmp_path / "review", drawn, given)
    for name in ("one", "two"):
        apply(folder, made, tmp_path / name)
    files = {
        name: {p.relative_to(tmp_path / name): p.read_bytes() for p in (tmp_path / name).rglob("*") if p.is_file()}
        for name in ("one", "two")
    }
    assert files["one"] == files["two"] and len(files["one"]) > 10


def test_what_cannot_be_applied_is_refused(made, drawn, tmp_path):
    item = mcq(drawn)[0]
    folder = review(tmp_path / "review", drawn, [answer(item, "r1", revision={"option Q": "x"})])
    with pytest.raises(GlobmedError, match=f"item {item.id}, answer by r1: revises 'option Q'"):
        apply(folder, made, tmp_path / "out")
    review(folder, drawn, [answer(replace(item, id="f" * 32), "r1")])
    with pytest.raises(GlobmedError, match=r"r1 answered item f+, which items.jsonl does not hold"):
        apply(folder, made, tmp_path / "out")
    review(folder, drawn, [answer(item, "r1")])
    for out, match in ((made / "in", "lie in each other"), (folder, "not empty, and not written by this command")):
        with pytest.raises(GlobmedError, match=match):
            apply(folder, made, out, overwrite=True)
    apply(folder, made, tmp_path / "out")
    with pytest.raises(GlobmedError, match="Say --overwrite"):
        apply(folder, made, tmp_path / "out")
    apply(folder, made, tmp_path / "out", overwrite=True)
    other = build(tmp_path / "other", languages=("zu",))
    with pytest.raises(GlobmedError, match="holds none of the 1 items"):
        apply(folder, other, tmp_path / "out4")
    shutil.copytree(made, tmp_path / "broken")
    next((tmp_path / "broken" / "kept").iterdir()).write_text("")
    with pytest.raises(GlobmedError, match="changed since it was written"):
        apply(folder, tmp_path / "broken", tmp_path / "out5")
    assert not (tmp_path / "out4").exists() and not (tmp_path / "out5").exists()


def test_the_command_line(made, drawn, tmp_path):
    item, other = mcq(drawn)[:2]
    given = [answer(item, "r1", accuracy=1), answer(item, "r2"), answer(other, "r1", revision={"question": "Moja?"})]
    folder = review(tmp_path / "review", drawn, given)
    shown = CliRunner().invoke(command, ["apply", str(folder), str(made), "--out", str(tmp_path / "out")])
    assert shown.exit_code == 0 and f"unresolved: sw {item.id}: ratings (accuracy)" in shown.output
    shown = CliRunner().invoke(
        command, ["apply", str(folder), str(made), "--out", str(tmp_path / "lax"), "-s", "ratings=5", "--json"]
    )
    told = json.loads(shown.output)
    assert counted(told) == {"reviewed": 1, "revised": 1, "untouched": 94} and told["config"]["ratings"] == 5
    shown = CliRunner().invoke(curate, ["explain", str(tmp_path / "out"), other.id])
    assert shown.exit_code == 0 and "revised" in shown.output and "+ Moja?" in shown.output


def test_a_whole_run_is_reviewed(tmp_path):
    rows = [medqa(f"He takes {n + 2}.5 mg a day. Which vein is not meant?", gold="ABCDE"[n % 5]) for n in range(20)]
    (tmp_path / "medqa").mkdir()
    (tmp_path / "medqa" / "test.jsonl").write_text(
        "".join(json.dumps(row) + "\n" for row in [*rows, medqa("?", answer="none")])
    )
    stages = ["normalize", {"translate": {"faults": 0.0}}]
    told = {"name": "small", "languages": ["sw", "ar"], "shard_groups": 5, "stages": stages}
    (tmp_path / "p.yml").write_text(json.dumps(told | {"sources": [{"set": "medqa", "paths": ["medqa"]}]}))
    pipeline.run(read_plan(tmp_path / "p.yml", sources=tmp_path), tmp_path / "build")
    found = items(tmp_path / "build")
    assert len(found) == 40
    given = [answer(found[0], "r1", revision={"question": "Moja?"}), answer(found[1], "r1", safety="harmful")]
    told = apply(review(tmp_path / "review", found, given), tmp_path / "build", tmp_path / "out")
    assert (told["kept"], told["reasons"], len(told["shards"])) == (59, {"harmful": 1}, 4)

    run = open_folder(tmp_path / "out")
    assert [stage.name for stage in run.stages] == ["ingest", "normalize", "translate", "review"]
    assert run.planned == ("ingest", "normalize", "translate", "review")
    before, after = shards.read_manifest(tmp_path / "build"), shards.read_manifest(tmp_path / "out")
    assert sum(before.reasons.values()) == 1 and after.reasons == before.reasons | {"harmful": 1}
    life = history.explain(tmp_path / "out", found[0].id)
    assert [(one["stage"], one["event"]) for one in life["life"]] == [
        ("translate", "translated"),
        ("review", "revised"),
    ]
    assert [one["stage"] for one in life["source"]["life"]] == ["ingest", "normalize", "translate", "review"]
    ended = {row["id"]: row["ended"] for row in life["source"]["translations"]}
    assert ended[found[1].id] == "dropped: harmful" and found[0].id not in ended
    assert report(tmp_path / "out", tmp_path / "page.html", 3).is_file()


def test_two_runs_never_write_one_folder(made, drawn, tmp_path, monkeypatch):
    """A second run, started while the first is at work, is refused in one line and harms nothing; when the first is done, the
    folder is whole and free."""
    from globmed_curation.review import apply_figures

    folder, out = review(tmp_path / "review", drawn, [answer(mcq(drawn)[0], "R01")]), tmp_path / "out"
    second, write = [], apply_figures.write

    def meanwhile(*arguments):
        for more in ((), ("--overwrite",)):
            second.append(globmed_review("apply", folder, made, "--out", out, *more))
        return write(*arguments)

    monkeypatch.setattr(apply_figures, "write", meanwhile)
    told = apply(folder, made, out)
    assert [one.returncode for one in second] == [1, 1]
    for one in second:
        assert one.stderr.splitlines()[-1].endswith("or choose another --out.") and "Traceback" not in one.stderr
    assert f"another run works here (process {os.getpid()})" in second[1].stderr
    assert history.status(out)["running"] is False and open_folder(out).complete and told["kept"] == 96
    monkeypatch.undo()
    assert apply(folder, made, out, overwrite=True)["kept"] == 96


def test_a_full_disk_is_one_line(made, drawn, tmp_path, monkeypatch):
    from globmed_curation.review import apply_folder

    def full(source, target):
        raise OSError(28, "No space left on device")

    folder = review(tmp_path / "review", drawn, [answer(mcq(drawn)[0], "R01")])
    monkeypatch.setattr(apply_folder.os, "link", full)
    monkeypatch.setattr(apply_folder.shutil, "copyfile", full)
    with pytest.raises(GlobmedError, match="could not be written .No space left on device"):
        apply(folder, made, tmp_path / "out")
    monkeypatch.undo()
    assert apply(folder, made, tmp_path / "out", overwrite=True)["kept"]
