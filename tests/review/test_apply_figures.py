"""From a sample to the card of the reviewed data set: the figures on the card are those of `globmed review agreement`."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from globmed_curation.cli import curate
from globmed_curation.export import reviews
from globmed_curation.export.provenance import run_of
from globmed_curation.review import model, questions
from globmed_curation.review.apply import apply
from globmed_curation.review.cli import review as command

from globmed_tools.errors import GlobmedError

from .made import answer, build, items, planted, review


def ran(group, *arguments) -> str:
    shown = CliRunner().invoke(group, [*map(str, arguments)])
    assert shown.exit_code == 0, shown.output
    return shown.output


def told(group, *arguments) -> dict:
    return json.loads(ran(group, *arguments, "--json"))


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory):
    """A sample of sw and ar, answered by two and decided by a third, applied and exported: the folder of all of it."""
    home = tmp_path_factory.mktemp("figures")
    build(home / "build", languages=("sw", "ar"))
    ran(command, "sample", home / "build", "--out", home / "review", "-s", "double=1")
    drawn = model.open_review(home / "review")
    assert len(drawn) == 48 and {one.reviews for one in drawn} == {2}
    given, decided = [], []
    for number, one in enumerate(drawn):
        named = {"guideline": questions.version(), "via": "sheet"}
        changed = {"revision": {"question": f"{one.translation['question']} ({number})"}} if number % 6 == 0 else {}
        given.append(answer(one, "R01", accuracy=5 - number % 3, fluency=4, **changed, **named))
        apart = {"accuracy": 1} if number % 12 == 0 else {"accuracy": 5 - number % 2}
        given.append(answer(one, "R02", fluency=4, safety="harmful" if number % 16 == 1 else "safe", **apart, **named))
        if number in (0, 1):
            decided.append(answer(one, "R03", accuracy=3, safety="minor", guideline="f" * 16, **changed))
    model.write_lines(home / "review" / model.ANSWERS, given)
    model.write_lines(home / "review" / "adjudicated.jsonl", decided)
    ran(command, "apply", home / "review", home / "build", "--out", home / "out")
    ran(
        curate,
        "export",
        home / "out",
        "--out",
        home / "release",
        "--layout",
        "hub",
        "--set",
        "sample-mcq",
        "--set",
        "sample-nli",
    )
    return home


def row(card: str, *cells: str) -> list[str]:
    """The cells of the one table row that begins so."""
    start = "| " + " | ".join(cells) + " |"
    [found] = [line for line in card.splitlines() if line.startswith(start)]
    return [one.strip() for one in found.strip("|").split("|")][len(cells) :]


def test_the_card_says_what_agreement_says(reviewed):
    figures = told(command, "agreement", reviewed / "review")
    card = (reviewed / "release" / "hub" / "README.md").read_text("utf-8")
    compared = 0
    for asked in figures["questions"]:
        for one in asked["languages"]:
            if one["language"] == "all":
                continue
            name = {"sw": "Swahili (`sw`)", "ar": "Arabic (`ar`)"}[one["language"]]
            cells = row(card, name, asked["title"], f"{one['answers']:,}")
            number = reviews.number
            interval = "" if one["alpha_low"] is None else f"{number(one['alpha_low'])} to {number(one['alpha_high'])}"
            assert cells == [
                "" if one["mean"] is None else number(one["mean"]),
                str(one["double"]),
                f"{100 * one['agreement']:.0f} %",
                number(one["alpha"]),
                interval,
                number(one["ac1"]),
            ]
            compared += one["alpha"] is not None
    assert compared == 6  # accuracy, safety and revised, in two languages
    assert "–" in row(card, "Swahili (`sw`)", "Fluency", "48")  # every answer the same: no alpha, and never 0 or 1


def test_the_card_says_what_became_of_the_entries(reviewed):
    """By language: looked at, kept, revised, harmful, left, seen twice, safety."""
    stats = told(command, "apply", reviewed / "review", reviewed / "build", "--out", reviewed / "again")["stats"]
    card = (reviewed / "release" / "hub" / "README.md").read_text("utf-8")
    for code, name in (("sw", "Swahili (`sw`)"), ("ar", "Arabic (`ar`)")):
        counts = {one: stats[code].get(one, 0) for one in reviews.OUTCOMES}
        [safety] = [
            one for one in told(command, "agreement", reviewed / "review")["questions"] if one["question"] == "safety"
        ]
        values = next(one["values"] for one in safety["languages"] if one["language"] == code)
        start = [str(sum(counts.values())), *map(str, counts.values()), "24"]
        assert row(card, name, *start) == [", ".join(f"{value} {n}" for value, n in values)]
    total = {one: sum(counts.get(one, 0) for counts in stats.values()) for one in reviews.OUTCOMES}
    assert total == {"reviewed": 30, "revised": 5, "harmful": 2, "unresolved": 11}
    assert "2 reviewers, known to this project's files by pseudonyms only, gave 96 answers, up to 2 an item." in card
    assert "2 items were decided by a senior reviewer." in card
    assert f"guideline version {', '.join(sorted([questions.version(), 'f' * 16]))}." in card
    assert "R01" not in card and "No figures of a review" not in card


def test_manifest_and_croissant_say_it_too(reviewed):
    manifest = json.loads((reviewed / "release" / "manifest.json").read_text("utf-8"))
    [found] = [one["review"] for one in manifest["run"] if "review" in one]
    assert found == json.loads((reviewed / "out" / "stages" / "1-review" / "review.json").read_text("utf-8"))
    figures = told(command, "agreement", reviewed / "review")
    assert found["config"] == figures["config"] and found["answers"] == figures["answers"] == 96
    for one, other in zip(found["questions"], figures["questions"], strict=True):
        for mine, theirs in zip(one["languages"], other["languages"], strict=True):
            assert mine == {name: value for name, value in theirs.items() if name != "confusions"}
    assert not [
        word for word in ("R01", "R02", "R03", model.open_review(reviewed / "review")[0].id) if word in str(found)
    ]
    croissant = json.loads((reviewed / "release" / "hub" / "croissant.json").read_text("utf-8"))
    said = croissant["rai:dataAnnotationAnalysis"]
    accuracy = next(one for one in figures["questions"][0]["languages"] if one["language"] == "sw")
    assert len(said) == 2 and any(f"alpha Accuracy {reviews.number(accuracy['alpha'])} (" in one for one in said)
    assert (
        croissant["rai:annotationsPerItem"].startswith("0 to 2")
        and "pseudonyms" in croissant["rai:annotatorDemographics"]
    )


def test_a_card_of_other_languages_has_no_figures_and_reviewed_entries_alone_say_so(reviewed, tmp_path):
    ran(curate, "export", reviewed / "out", "--out", tmp_path / "en", "--layout", "hub", "--language", "en")
    card = (tmp_path / "en" / "hub" / "README.md").read_text("utf-8")
    assert "Krippendorff" not in card and "No figures of a review" not in card
    files = sorted((reviewed / "out" / "kept").iterdir())
    ran(curate, "export", *files, "--out", tmp_path / "plain", "--layout", "hub")
    card = (tmp_path / "plain" / "hub" / "README.md").read_text("utf-8")
    assert "No figures of a review came with these entries" in card and "Krippendorff" not in card


def test_entries_that_were_checked_once_more_keep_the_figures_with_after(reviewed, tmp_path):
    ran(curate, "check", reviewed / "out", "--out", tmp_path / "checked", "--quiet")
    for name, given in (("without", []), ("with", ["--after", reviewed / "out"])):
        ran(curate, "export", tmp_path / "checked", *given, "--out", tmp_path / name, "--layout", "hub")
    cards = {
        name: "".join(one.read_text() for one in (tmp_path / name).rglob("README.md")) for name in ("without", "with")
    }
    assert "Krippendorff" in cards["with"] and "Krippendorff" not in cards["without"]
    made = json.loads((tmp_path / "with" / "manifest.json").read_bytes())["run"]
    assert [one["stage"] for one in made][-2:] == ["review", "check"] and made[-2]["review"]["answers"] > 0


def test_a_second_review_is_told_beside_the_first(reviewed, tmp_path):
    drawn = [one for one in items(reviewed / "out", languages=("sw",)) if one.form == "mcq"]
    fault = planted(drawn[0], "question", "Swali?")
    given = [answer(one, "R07", guideline="a" * 16) for one in drawn] + [answer(fault, "R07", accuracy=1)]
    apply(review(tmp_path / "second", [*drawn, fault], given), reviewed / "out", tmp_path / "out")
    first, second = reviews.of_run(run_of([tmp_path / "out"]))
    assert first == reviews.read(reviewed / "out" / "stages" / "1-review")
    assert second["calibration"] == {"items": 1, "answers": 1, "seen": 1} and second["answers"] == len(drawn)
    ran(curate, "export", tmp_path / "out", "--out", tmp_path / "release", "--layout", "hub")
    card = (tmp_path / "release" / "hub" / "README.md").read_text("utf-8")
    assert card.index("### Review 1") < card.index("### Review 2") < card.index("they saw 1 of 1")


def test_nobody_answered_and_only_a_senior_answered(reviewed, tmp_path):
    drawn = items(reviewed / "build", languages=("sw",))
    apply(review(tmp_path / "none", drawn, []), reviewed / "build", tmp_path / "out")
    assert not (tmp_path / "out" / "stages" / "1-review" / reviews.NAME).exists()
    apply(review(tmp_path / "one", drawn, [], [answer(drawn[0], "S1")]), reviewed / "build", tmp_path / "senior")
    found = reviews.read(tmp_path / "senior" / "stages" / "1-review")
    assert (found["questions"], found["adjudicated"], found["entries"]) == ([], 1, {"sw": {"reviewed": 1}})
    ran(curate, "export", tmp_path / "senior", "--out", tmp_path / "release", "--layout", "hub")
    assert "1 item was decided by a senior reviewer." in (tmp_path / "release" / "hub" / "README.md").read_text("utf-8")


def test_damaged_figures_are_one_line(reviewed, tmp_path):
    apply(reviewed / "review", reviewed / "build", tmp_path / "out")
    path = tmp_path / "out" / "stages" / "1-review" / reviews.NAME
    path.unlink()  # not the bytes of a build that shares them
    path.write_text('{"format": "something", "version": 1}')
    with pytest.raises(GlobmedError, match="not globmed-review-figures version 1. Run `globmed review apply` again"):
        run_of([tmp_path / "out"])
