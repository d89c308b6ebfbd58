"""What is drawn: by the plan, by ids and seed alone, flagged first, with nothing short or copied in silence."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from globmed_curation.ingest import ingest
from globmed_curation.review import model, sample
from globmed_curation.review.sample_plan import Plan, read_plan, wanted

from globmed_tools import shards
from globmed_tools.entry import revised
from globmed_tools.errors import GlobmedError

from .conftest import PSEUDO, write_build


def test_the_default_plan_is_the_papers():
    there = {"medqa": ("mcq", 1000), "headqa": ("mcq", 60), "pubmedqa": ("yesno", 500)}
    there |= {"bionli": ("nli", 400), "mednli": ("nli", 50)}
    there |= {"liveqa": ("longform", 20), "expertqa_bio": ("longform", 10), "expertqa_med": ("longform", 40)}
    assert wanted(Plan(), there) == {
        **{"medqa": 75, "headqa": 75, "pubmedqa": 75},
        **{"bionli": 100, "mednli": 50},  # what one lacks falls to the other
        **{"liveqa": 20, "expertqa_bio": 10, "expertqa_med": 170},  # 130 are nowhere: short, and said of the largest
    }
    assert wanted(Plan(), {"medqa": ("mcq", 0), "bionli": ("nli", 7)}) == {"medqa": 75, "bionli": 150}


def test_a_plan_is_changed_by_file_and_by_name(tmp_path):
    path = tmp_path / "plan.yml"
    path.write_text("mcq: {each: 5}\nsets: {medqa: 2}\ndouble: 0.5\n", "utf-8")
    plan = read_plan(path, ["nli.each=3", "sets.headqa=4", "seed=9"])
    assert (plan.mcq.each, plan.nli.each, plan.nli.total, plan.double, plan.seed) == (5, 3, None, 0.5, 9)
    assert plan.sets == {"medqa": 2, "headqa": 4} and plan.longform.total == 200
    there = {"medqa": ("mcq", 9), "headqa": ("mcq", 9), "mmlu_pro": ("mcq", 9)}
    assert wanted(plan, there) == {"medqa": 2, "headqa": 4, "mmlu_pro": 5}
    for change, message in {
        "mcq.eech=3": "eech",
        "sets.medqq=3": "did you mean medqa",
        "double=2": "a share from 0 to 1",
        "mcq.each=-1": "a number from 0",
        "seed": "NAME=VALUE",
        "sede=1": "did you mean seed",
    }.items():
        with pytest.raises(GlobmedError, match=message):
            read_plan(None, [change])


def test_the_draw_follows_ids_and_seed_not_the_order_of_files(build, tmp_path):
    entries = list(shards.entries([build]))
    plan = read_plan(None, ["mcq.each=6", "calibration=2"])
    found = sample.draw([build], plan)
    other = sample.draw([write_build(tmp_path / "turned", entries[::-1], parts=5)], plan)
    assert found.items == other.items and found.to_dict() == other.to_dict()
    again = sample.draw([build], read_plan(None, ["mcq.each=6", "calibration=2", "seed=2"]))
    assert {one.id for one in again.items} != {one.id for one in found.items}
    assert {one.id for one in found.items} == {one.id for one in sample.draw([build], plan).items}


def test_flagged_ones_come_first_and_may_be_held_back(build):
    flagged = {
        one.id
        for one in shards.entries([build])
        if one.language == PSEUDO and one.form == "mcq" and any(f["severity"] == "flag" for f in one.checks["check"])
    }
    assert 3 <= len(flagged) <= 20
    options = {"languages": (PSEUDO,)}
    found = sample.draw([build], read_plan(None, [f"mcq.each={len(flagged) + 2}"]), **options)
    mcq = [one for one in found.items if one.form == "mcq"]
    assert {one.id for one in mcq if one.why == "flagged"} == flagged and len(mcq) == len(flagged) + 2
    few = sample.draw([build], read_plan(None, ["mcq.each=4", "flagged=0.5"]), **options)
    assert Counter(one.why for one in few.items if one.form == "mcq") == {"flagged": 2, "drawn": 2}
    [stratum] = [one for one in few.strata if one.form == "mcq"]
    assert (stratum.flagged_there, stratum.wanted, stratum.flagged, stratum.drawn) == (len(flagged), 4, 2, 2)
    shown = next(one for one in mcq if one.why == "flagged").findings[0]
    assert set(shown) >= {"check", "severity", "score", "what", "field"} and shown["severity"] == "flag"


def test_short_and_absent_sets_are_told(build):
    found = sample.draw([build], Plan(), languages=("sw",))
    short = {one.source: one.short for one in found.strata}
    assert len(found.items) == 42 and short["medqa"] > 0 and sum(short.values()) == 75 + 150 + 75 + 200 - 42
    there = {one.source: one.there for one in found.strata}
    assert f"sw, medqa: {there['medqa']} of 75 are there" in found.notes
    assert any(note.startswith("sw: nothing there of") and "headqa" in note for note in found.notes)


@pytest.mark.parametrize("share", [0, 0.2, 0.5, 1])
def test_a_share_is_reviewed_twice(build, share):
    found = sample.draw([build], read_plan(None, [f"double={share}"]), languages=("ar", "zh"))
    for code in ("ar", "zh"):
        twice = [one for one in found.items if one.language == code and one.reviews == 2]
        assert len(twice) == round(42 * share)
        if share == 0.5:
            assert len({one.form for one in twice}) == 4  # every set has its part


def test_calibration_items_are_marked_copies(build):
    found = sample.draw([build], read_plan(None, ["mcq.each=5", "calibration=6"]), languages=("zh",))
    copies = [one for one in found.items if one.calibration]
    real = {one.id: one for one in shards.entries([build])}
    assert len(copies) == 6 and not any(one.id in real for one in copies)
    drawn = {one.id for one in found.items if not one.calibration}
    for one in copies:
        assert (one.why, one.reviews, one.findings, one.translation["checks"]) == ("calibration", 2, [], {})
        before = real[one.calibration["copy_of"]]
        assert before.id not in drawn  # nobody sees the same item with and without the fault
        was, now = model.texts(before), model.texts(one.translation)
        assert one.calibration["changed"] == {name: text for name, text in was.items() if now[name] != text} != {}
        assert one.calibration["original_text"] == was[one.calibration["field"]]
    assert all(
        one.calibration is None and real[one.id].checks["check"] is not None for one in found.items if one.id in real
    )
    places = [place for place, one in enumerate(found.items) if one.calibration]
    assert places != list(range(places[0], places[0] + 6))  # they don't stand together


def test_calibration_copies_of_what_is_reviewed_are_told(build):
    found = sample.draw([build], read_plan(None, ["calibration=3"]), languages=("sw",))
    assert sum(one.why == "calibration" for one in found.items) == 3
    assert any("3 of 3 calibration items are copies of translations that are reviewed" in note for note in found.notes)


def test_what_has_no_original_is_told_and_nothing_at_all_is_an_error(build, tmp_path):
    entries = list(shards.entries([build]))
    lost = next(one for one in entries if one.language == "en" and one.form == "mcq")
    some = write_build(tmp_path / "some", [one for one in entries if one.id != lost.id])
    found = sample.draw([some], Plan(), languages=("sw", "ar"))
    assert len(found.items) == 2 * 41
    assert "sw, medqa: translations without their original, left out: 1" in found.notes
    english = write_build(tmp_path / "english", [one for one in entries if one.language == "en"])
    with pytest.raises(GlobmedError, match="nothing to review .*no entry is a translation"):
        sample.draw([english], Plan())
    with pytest.raises(GlobmedError, match="nothing to review"):
        sample.draw([write_build(tmp_path / "alone", [one for one in entries if one.language == "sw"])], Plan())
    with pytest.raises(GlobmedError, match="no translations into yo are there"):
        sample.draw([build], Plan(), languages=("sw", "yo"))


def test_of_two_originals_of_one_text_an_item_has_that_of_its_own_group(build, tmp_path):
    entries = list(shards.entries([build]))
    one = next(one for one in entries if one.language == "sw" and one.form == "mcq")
    english = next(other for other in entries if other.id == one.translated_from)
    other = revised(english, group_id="0" * 32, locator="elsewhere")
    folder = write_build(tmp_path / "two", [other, english, one])
    [item] = sample.draw([folder], Plan()).items
    assert item.original["group_id"] == item.group_id == one.group_id and item.original["locator"] == english.locator
    again = write_build(tmp_path / "again", [one, english, revised(one, group_id="0" * 32)], parts=1)
    found = sample.draw([again], Plan())
    assert (
        len(found.items) == 1
        and "sw, medqa: translations with the same text as another, reviewed once: 1" in found.notes
    )


def test_answers_are_never_orphaned_by_a_new_sample(review, build):
    folder = review(languages=("sw",))
    before = (folder / "manifest.json").read_bytes()
    assert review(languages=("sw",)) == folder and (folder / "manifest.json").read_bytes() == before
    other = sample.draw([build], Plan(), languages=("ar",))
    with pytest.raises(GlobmedError, match="holds another sample"):
        sample.write(folder, other, inputs=[])
    item = model.open_review(folder)[0]
    model.merge_answers(folder, [model.Answer(item.id, "sw", "R01", "submitted")])
    with pytest.raises(GlobmedError, match="holds answers to another sample"):
        sample.write(folder, other, inputs=[], overwrite=True)
    assert (folder / "manifest.json").read_bytes() == before and model.open_review(folder)


def test_the_command_prints_strata_and_writes_on_request(build, tmp_path):
    from click.testing import CliRunner
    from globmed_curation.review.cli import review as group

    args = ["sample", str(build), "--language", "sw", "-s", "mcq.each=3", "--double", "1"]
    dry = CliRunner().invoke(group, [*args, "--dry-run"], catch_exceptions=False)
    assert dry.exit_code == 0 and "nothing was written" in dry.output and "medqa" in dry.output
    out = tmp_path / "review"
    done = CliRunner().invoke(group, [*args, "--out", str(out), "--json"], catch_exceptions=False)
    told = json.loads(done.output)
    assert (
        told["counts"]["items"] == len(model.open_review(out))
        and told["counts"]["reviews"] == 2 * told["counts"]["items"]
    )
    assert told["plan"]["mcq"]["each"] == 3 and model.read_manifest(out)["inputs"][0]["path"] == "all-0000.jsonl"
    assert str(tmp_path) not in (out / "manifest.json").read_text("utf-8")
    assert CliRunner().invoke(group, args).exit_code == 2


def test_zulu_of_real_clinicians_exams_is_drawn_with_its_english(real_data, tmp_path):
    ingest("mmlu_clinical_african", [real_data("mmlu_clinical_african")], tmp_path)
    found = sample.draw([tmp_path / "mmlu_clinical_african"], Plan(), languages=("zu",))
    assert len(found.items) == 75 and sum(one.reviews == 2 for one in found.items) == 15
    again = "zu, mmlu_clinical_african: translations with the same text as another, reviewed once: 96"
    assert found.strata[0].there == 84 + 593 - 96 and again in found.notes
    for one in found.items:
        assert (one.original["language"], one.translation["language"]) == ("en", "zu")
        assert (
            one.original["group_id"] == one.translation["group_id"]
            and one.original["answers"] == one.translation["answers"]
        )
