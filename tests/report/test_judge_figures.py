"""From judgements to figures: worked by hand, against libraries, and against judges whose faults are known."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner

from globmed_tools.errors import GlobmedError
from globmed_tools.report import build as building
from globmed_tools.report import tables
from globmed_tools.report.cli import report as command_line
from globmed_tools.report.judge import agreement, judges
from tests.report import judging, made
from tests.report.judging import Judge

N = 12


def words(model: str, code: str) -> list[str]:
    return [f"{model} {code} {number}:{' drink water' * (1 + number % 4)}" for number in range(N)]


@pytest.fixture
def results(tmp_path):
    """Two models, English and Swahili, N items."""
    for name in ("one", "two"):
        judging.replies(
            tmp_path / "r" / name, f"org/{name}", {f"globmed_liveqa_{code}": words(name, code) for code in ("en", "sw")}
        )
    return tmp_path / "r"


def judge(results, servers: dict[str, Judge], *more, families=()):
    """The report with the judgements of these judges; one of each server."""
    rows = [{"name": name, "model": name, "base_url": server.url} for name, server in servers.items()]
    for row, family in zip(rows, families):
        row["family"] = family
    file = results.parent / "judges.yml"
    file.write_text(json.dumps({"judges": rows}))
    words_ = [
        "judge",
        str(results),
        "-o",
        str(results.parent / "judged"),
        "--judge",
        str(file),
        "--quiet",
        *map(str, more),
    ]
    ran = CliRunner().invoke(command_line, words_, env={"COLUMNS": "200"})
    if ran.exception and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    assert ran.exit_code == 0, ran.output
    return build(results)


def build(results, **asked):
    paths = [str(results), str(results.parent / "judged")]
    return building.build(
        paths, building.Asked(**{"resamples": 200, "workers": 1, "items": 0, **asked}), say=print, quiet=True
    )


def board(found, name):
    (one,) = (one for one in found["boards"] if one["id"] == name)
    return one


def test_scores_stand_on_boards_of_their_own(results):
    table = {one: dict(correctness=3, harm="minor", completeness=1) for one in words("two", "sw")[:3]}
    plain = building.build([str(results)], building.Asked(resamples=200, workers=1, items=0), say=print, quiet=True)
    with Judge(table) as server:
        found = judge(results, {"j": server})
    assert plain["judged"] is None
    assert [one["id"] for one in found["boards"][-5:]] == [f"judged-{m}" for m in ("overall", *judging.BEST)]
    assert found["boards"][:-5] == plain["boards"], "nothing that was there is another"
    assert board(found, "judged-correctness")["by_language"]["score"] == [[1, 1], [1, pytest.approx(1 - 3 / N / 2)]]
    assert board(found, "judged-harm")["by_language"]["score"][1] == [1, 1 - 3 / N], "the share without any harm"
    overall = 1 - 3 / N * (3 * 0.5 + 2 * 1 + 3 * 0.5) / 10
    assert board(found, "judged-overall")["by_language"]["score"][1][1] == pytest.approx(overall, abs=1e-4)
    assert board(found, "judged-overall")["leaderboard"][0]["model"] == 0
    low, high = (board(found, "judged-harm")["by_language"][end][1][1] for end in ("low", "high"))
    assert 0.4 < low < 1 - 3 / N < high <= 1
    assert board(found, "judged-harm")["gaps"]["worse"][1][1] == 3, "paired on the items, as everywhere"
    assert found["judged"]["values"]["harm"] == [[[0, 0, 2 * N], [0, 3, 2 * N - 3]]]
    assert found["judged"]["quotes"]["all"] == 3 and found["judged"]["quotes"]["shown"][0]["text"] == "two sw"


def test_another_weighting_needs_no_judge(results):
    table = {one: dict(correctness=1, harm="harmful") for one in words("two", "en")[:6]}
    with Judge(table) as server:
        first = board(judge(results, {"j": server}), "judged-overall")["by_language"]["score"][1][0]
        asked = len(server.bodies)
        weighted = board(
            judge(
                results,
                {"j": server},
                "--weight",
                "correctness=0",
                "--weight",
                "completeness=0",
                "--weight",
                "language=0",
            ),
            "judged-overall",
        )
        strict = board(judge(results, {"j": server}, "--strict"), "judged-overall")
    assert first == pytest.approx(1 - 0.5 * 0.6) and len(server.bodies) == asked
    assert weighted["by_language"]["score"][1][0] == 0.5
    assert strict["by_language"]["score"][1][0] == 0.5


def test_an_empty_reply_is_no_answer_and_no_harm(results):
    judging.replies(results / "three", "org/three", {f"globmed_liveqa_{code}": [""] * N for code in ("en", "sw")})
    with Judge() as server:
        found = judge(results, {"j": server})
    place = [one["name"] for one in found["models"]].index("org/three")
    assert board(found, "judged-correctness")["by_language"]["score"][place] == [0, 0]
    assert board(found, "judged-harm")["by_language"]["score"][place] == [None, None]
    assert board(found, "judged-overall")["by_language"]["score"][place] == [0, 0]
    assert found["judged"]["counts"]["empty"][place] == [N, N]


def test_a_reply_that_one_judge_refused_is_in_no_mean_of_both(results):
    hard = words("one", "en")[:4]
    table = {one: dict(correctness=1) for one in hard}
    with Judge(table) as strict, Judge(table) as mild:
        strict.fates = {one: ["refusal"] for one in hard}
        found = judge(results, {"strict": strict, "mild": mild}, "--position-check", 0)
    got = board(found, "judged-correctness")
    assert got["by_language"]["score"][0][0] == 1 and got["cells"]["items"][0][0][0] == N - 4
    by = found["judged"]["by_judge"]["correctness"]
    assert by[0]["value"][0][0] == 1 and by[1]["value"][0][0] == pytest.approx(1 - 4 / N, abs=1e-4)
    assert found["judged"]["counts"]["by_all"][0][0] == N - 4
    assert found["notes"][1].startswith(f"4 of {4 * N} grades by the judge strict are not there (refusal 4)")


def test_what_nobody_judged_is_missing_and_never_a_zero(results):
    with Judge() as server:
        server.fates = {one: ["refusal"] for one in words("one", "sw")}
        found = judge(results, {"j": server}, "--position-check", 0)
    got = board(found, "judged-overall")
    assert got["by_language"]["score"][0] == [1, None] and got["missing"] == [[0, 0, 1]]
    row = next(one for one in got["leaderboard"] if one["model"] == 0)
    assert row["rank"] is None and row["score"]["value"] is None


def test_kappa_and_alpha_are_those_of_the_libraries():
    cohen = pytest.importorskip("sklearn.metrics").cohen_kappa_score
    krippendorff = pytest.importorskip("krippendorff")
    random = np.random.default_rng(3)
    one = random.integers(0, 5, 300)
    other = np.clip(one + random.integers(-1, 2, 300), 0, 4)
    table = agreement.crossed(((number % 40, a, b) for number, (a, b) in enumerate(zip(one, other))), 5)
    assert table.shape == (40, 5, 5)
    assert agreement.kappas(table.sum(axis=0)) == pytest.approx(cohen(one, other, weights="quadratic", labels=range(5)))
    third = np.where(random.random(300) < 0.3, -1, np.clip(one + random.integers(-2, 3, 300), 0, 4))
    units = [(number % 40, [v for v in values if v >= 0]) for number, values in enumerate(zip(one, other, third))]
    values = np.array([one, other, third], float)
    values[values < 0] = np.nan
    theirs = krippendorff.alpha(reliability_data=values, level_of_measurement="ordinal", value_domain=list(range(5)))
    assert agreement.alphas(agreement.coincidences(units, 5).sum(axis=0)) == pytest.approx(theirs)
    draws = agreement.Draws(1, 400)
    figure = agreement.figure(agreement.kappas, table, draws)
    assert figure["low"] < figure["value"] < figure["high"] < figure["low"] + 0.2
    few = agreement.figure(agreement.kappas, table[:9], draws)
    assert few["value"] > 0 and np.isnan(few["low"]), "nine groups promise no interval"
    same = agreement.crossed([(number, 2, 2) for number in range(20)], 5)
    assert np.isnan(agreement.figure(agreement.kappas, same, draws)["value"]), (
        "one value throughout is no agreement to measure"
    )


def test_judges_that_differ_and_a_third(results):
    bad = words("one", "en") + words("two", "sw")
    table = {one: dict(correctness=2) for one in bad}
    other = {one: dict(correctness=3) for one in bad}
    with Judge(table) as a, Judge(other) as b, Judge({one: dict(correctness=4) for one in words("one", "sw")}) as c:
        found = judge(results, {"a": a, "b": b, "c": c}, "--position-check", 0)["judged"]
    rows = {(one["criterion"], *one["judges"]): one for one in found["agreement"]}
    ab = rows["correctness", 0, 1]
    assert ab["n"] == 4 * N and ab["same"] == 0.5 and ab["difference"]["value"] == -0.125
    assert ab["kappa"]["value"] == pytest.approx(1 - 0.5 / (0.25 * (1 + 9 + 4)), abs=1e-4)
    assert rows["language", 0, 1]["kappa"]["value"] is None
    assert rows["correctness", 0, 1, 2]["alpha"]["value"] < ab["kappa"]["value"]


def test_a_judge_that_reads_by_place_is_found(results):
    table = {one: dict(correctness=3) for one in words("one", "en")}
    with Judge(table, reply_first=-1) as tilted, Judge(table) as level:
        found = judge(results, {"tilted": tilted, "level": level}, "--position-check", 1)
    rows = {(one["judge"], one["criterion"]): one for one in found["judged"]["position"]}
    assert rows[0, "correctness"]["difference"]["value"] == -0.25 and rows[0, "correctness"]["same"] == 0
    assert rows[1, "correctness"]["difference"]["value"] == 0 and rows[1, "correctness"]["same"] == 1
    assert rows[0, "correctness"]["n"] == 4 * N
    assert board(found, "judged-correctness")["by_language"]["score"][1] == [1, 1], "the second grade enters no score"


def test_a_judge_that_likes_length_is_found(results):
    longer = {
        one: dict(correctness=1 + number % 4, harm="safe")
        for model in ("one", "two")
        for code in ("en", "sw")
        for number, one in enumerate(words(model, code))
    }
    with Judge(longer) as server:
        rows = {one["metric"]: one for one in judge(results, {"j": server})["judged"]["length"]}
    assert rows["correctness"]["correlation"]["value"] > 0.95 and rows["correctness"]["n"] == 4 * N
    assert rows["completeness"]["correlation"]["value"] is None, "no score differs"


def test_a_judge_of_the_own_family_is_marked_and_the_score_stands_without_it(results):
    ours = {one: dict(correctness=1) for code in ("en", "sw") for one in words("one", code)}
    roster = results.parent / "models.yml"
    roster.write_text("models: [{name: org/one, organisation: Acme}, {name: org/two, organisation: Other}]")
    everything = ours | {one: dict(correctness=1) for code in ("en", "sw") for one in words("two", code)}
    with Judge({one: dict(correctness=3) for one in everything}) as proud, Judge(everything) as level:
        found = judge(results, {"proud": proud, "level": level}, "--models", roster, families=("Acme", "Third"))
        whole = build(results, models=roster)
        shown = {one.name: one for one in tables.tables(whole)}["judged_overall_by_judge"]
        assert [(*row[:3],) for row in shown.rows if row[2]] == [("proud", "org/one", "yes")]
        found = whole["judged"]["own_family"]
        (row,) = found["models"]
        assert (row["model"], row["judges"]) == (0, [0])
        assert row["with"]["value"] == pytest.approx(1 - 0.3 * 0.75) and row["without"]["value"] == pytest.approx(0.7)
        (preference,) = found["preference"]
        assert preference["value"] == pytest.approx(0, abs=1e-6), "it is mild to all alike"
    with Judge(
        {one: dict(correctness=5) for one in ours} | {one: dict(correctness=1) for one in set(everything) - set(ours)}
    ) as proud:
        with Judge(everything) as level:
            judge(results, {"proud-2": proud, "level": level}, "--models", roster, families=("Acme", "Third"))
    (preference,) = build(results, models=roster)["judged"]["own_family"]["preference"]
    assert preference["value"] == pytest.approx(0.3) and preference["n"] == 2 * N


def test_families_come_from_the_roster_its_bases_and_its_names():
    roster = [
        {"name": "m-1", "id": "maker/Acme-1-8B", "organisation": "Maker"},
        {"name": "tuned", "id": "lab/Med-7B", "organisation": "Lab", "base": "maker/Acme-1-8B"},
        {"name": "x", "id": "lab/Acme3-Med", "organisation": "Lab"},
    ]
    roster.append({"name": "m-2", "id": "maker/Acme-2", "organisation": "Maker"})
    assert judges.families("maker/Acme-1-8B", roster) == ("Maker",)
    assert set(judges.families("tuned", roster)) == {"Lab", "Maker"} == set(judges.families("lab/Acme3-Med", roster))
    assert judges.families("acme-2-2026-01-01", roster) == ("Maker",) and judges.families("who/knows", roster) == ()
    assert judges.families("gpt-4.1", about_shipped()) == ("OpenAI",)


def about_shipped():
    from globmed_tools.report import about

    return about.read(None)


def test_a_verdict_that_turns_with_the_order_is_a_tie(results):
    judging.replies(
        results / "three",
        "org/three",
        {f"globmed_liveqa_{code}": ["", *words("one", code)[1:]] for code in ("en", "sw")},
    )
    with (
        Judge(verdict=lambda a, b: "A" if "two" in a else "B" if "two" in b else "tie") as fair,
        Judge(verdict=lambda a, b: "A") as first,
    ):
        found = judge(results, {"fair": fair, "first": first}, "--pairwise", "org/one", "--position-check", 0)[
            "judged"
        ]["pairs"]
    rows = {(one["judge"], one["model"]): one for one in found["rows"]}
    three, two = 1, 2  # models in the order of their names
    assert rows[0, two] | {"rate": 0, "by_language": 0} == dict(
        judge=0, model=two, wins=2 * N, losses=0, ties=0, flips=0, unjudged=0, rate=0, by_language=0
    )
    assert rows[0, two]["rate"]["value"] == 1
    assert (rows[1, two]["ties"], rows[1, two]["flips"], rows[1, two]["rate"]["value"]) == (2 * N, 2 * N, 0.5)
    assert (rows[0, three]["losses"], rows[0, three]["ties"]) == (2, 2 * N - 2), (
        "an empty reply loses, an equal one ties"
    )
    assert not any(reply.startswith(" / ") or reply.endswith(" / ") for reply in fair.seen)
    assert [one["flip_rate"] for one in found["first"]] == [0, 1] and [one["share"] for one in found["first"]] == [
        0.5,
        1,
    ]
    assert found["base"] == "org/one"


def test_a_pair_that_was_judged_in_one_order_alone_is_not_judged(results):
    a, b = words("two", "en")[0], words("one", "en")[0]
    with Judge() as server:
        server.fates = {f"{a} / {b}": ["refusal"]}
        (row,) = judge(results, {"j": server}, "--pairwise", "org/one", "--position-check", 0)["judged"]["pairs"][
            "rows"
        ]
    assert row["unjudged"] == 1 and row["wins"] + row["losses"] + row["ties"] == 2 * N - 1


def answers(results, review, rating) -> None:
    """Clinicians' answers to a review of these replies, as `globmed review` keeps them."""
    rows = []
    for line in (review / "items.jsonl").read_text("utf-8").splitlines():
        item = json.loads(line)
        for reviewer in ("R01", "R02"):
            accuracy, safety = rating(item["translation"]["reference"], reviewer)
            told = {"item": item["id"], "language": item["language"], "reviewer": reviewer, "status": "submitted"}
            rows.append(
                told
                | {
                    "accuracy": accuracy,
                    "fluency": 5,
                    "completeness": 5,
                    "safety": safety,
                    "at": "2026-11-01T10:00:00+00:00",
                }
            )
    rows.append(rows[0] | {"status": "draft", "accuracy": 1})
    rows.append(rows[0] | {"at": "2026-10-01T10:00:00+00:00", "accuracy": 1})
    rows.append(rows[0] | {"item": "f" * 32})
    (review / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_clinicians_rate_the_same_replies_through_a_review(results):
    review_cli = pytest.importorskip("globmed_curation.review.cli")
    out, review = results.parent / "replies", results.parent / "review"
    bad = set(words("one", "en")[:5] + words("two", "sw")[:5])
    with Judge({one: dict(correctness=1, harm="harmful") for one in bad}) as server:
        ran = CliRunner().invoke(
            command_line, ["judge", str(results), "-o", str(results.parent / "x"), "--for-review", str(out), "--quiet"]
        )
        assert ran.exit_code == 0 and f"{4 * N} replies to {2 * N} items" in ran.output
        assert not server.bodies and "org/" not in "".join(path.read_text("utf-8") for path in out.rglob("*.jsonl"))
        ran = CliRunner().invoke(review_cli.review, ["sample", str(out), "--out", str(review)])
        assert ran.exit_code == 0, ran.output
        answers(
            results,
            review,
            lambda text, who: (
                (1, "harmful") if text in bad and who == "R01" else (2, "minor") if text in bad else (5, "safe")
            ),
        )
        found = judge(results, {"j": server}, "--clinicians", review)
    people = found["judged"]["clinicians"]
    assert (people["reviewers"], people["replies"]) == (2, 4 * N)
    rows = {(one["criterion"], one["language"]): one for one in people["rows"]}
    assert rows["correctness", "all"]["n"] == 8 * N and 0.9 < rows["correctness", "all"]["kappa"]["value"] < 1
    assert rows["correctness", "all"]["difference"]["value"] == pytest.approx(-10 / (8 * N) / 4, abs=1e-4)
    assert rows["harm", "all"]["same"] == pytest.approx(1 - 10 / (8 * N), abs=1e-4)
    assert rows["completeness", "all"]["kappa"] == {"value": None, "low": None, "high": None}
    assert rows["correctness", "sw"]["n"] == 4 * N
    among = {(one["criterion"], one["language"]): one for one in people["among"]}
    assert among["correctness", "all"]["n"] == 4 * N and among["correctness", "all"]["same"] == pytest.approx(
        1 - 10 / (4 * N), abs=1e-4
    )
    assert "2 clinicians rated 48 of the replies" in found["notes"][0]
    shown = {one.name: one for one in tables.tables(found)}
    assert "clinicians with one another" in shown["judged_clinicians"].columns
    (review / "answers.jsonl").write_text(json.dumps({"item": "f" * 32, "reviewer": "R", "status": "submitted"}) + "\n")
    with pytest.raises(GlobmedError, match="no submitted answer is on one of these replies"), Judge() as server:
        judge(results, {"j": server}, "--clinicians", review)


def test_without_clinicians_it_is_said_in_every_form(results, tmp_path):
    with Judge() as server:
        judge(results, {"j": server})
    asked = [
        "build",
        str(results),
        str(results.parent / "judged"),
        "--csv",
        "c",
        "--latex",
        "l",
        "--markdown",
        "r.md",
        "--json",
        "r.json",
        "--quiet",
    ]
    runner = CliRunner()
    with runner.isolated_filesystem(tmp_path):
        ran = runner.invoke(command_line, [*asked, "--resamples", "100"], env={"COLUMNS": "200"})
        assert ran.exit_code == 0, ran.output
        text = open("r.md", encoding="utf-8").read()
        assert "no clinician rated these replies: the judges are not validated" in text
        assert text.count("not validated") >= 7 and "## Judged, freedom from harm: by judge" in text
        assert "not validated" in open("l/judged_overall_by_judge.tex").read() and "not validated" in ran.output
        with open("c/judged_overall_by_judge.csv", newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert [(row["judge"], row["model"], row["all"], row["sw"]) for row in rows] == [
            ("j", "org/one", "1", "1"),
            ("j", "org/two", "1", "1"),
        ]
        assert json.loads(open("r.json", "rb").read())["judged"]["clinicians"] is None


def test_variants_of_a_model_are_called_as_in_the_report(results):
    other = {"args": {"enable_thinking": "True"}, "date": "2026-11-21T08-00-00.000000"}
    made.run(results / "one", "org/one", {"globmed_medqa_en": [1, 0]}, **other)
    with Judge() as server:
        found = judge(results, {"j": server})
    assert [one["name"] for one in found["models"]][:2] == [
        "org/one (enable_thinking=True)",
        "org/one (without enable_thinking)",
    ]
    assert found["judged"]["models"] == [1, 2] and len(board(found, "judged-overall")["models"]) == 2


def test_judgements_of_other_samples_or_models_are_not_shown(results):
    with Judge() as server:
        judge(results, {"j": server})
    folder = results.parent / "judged"
    with pytest.raises(GlobmedError, match="judgements without results"):
        building.build([str(folder)], building.Asked(), say=print, quiet=True)
    with pytest.raises(GlobmedError, match="two folders of judgements"):
        building.build([str(results), str(folder), str(folder)], building.Asked(), say=print, quiet=True)
    only = building.build(
        [str(results / "two"), str(folder)], building.Asked(resamples=100, items=0, workers=1), say=print, quiet=True
    )
    assert only["judged"]["models"] == [0] and "org/one are left out" in only["notes"][1]
    with pytest.raises(GlobmedError, match="none of which is among these results"):
        made.run(results.parent / "z", "org/z", {"globmed_liveqa_en": [0.5] * N})
        building.build(
            [str(results.parent / "z"), str(folder)],
            building.Asked(resamples=100, items=0, workers=1),
            say=print,
            quiet=True,
        )
    judging.replies(
        results / "two", "org/two", {f"globmed_liveqa_{code}": words("other", code) for code in ("en", "sw")}
    )
    said = []
    with pytest.raises(GlobmedError, match="2 things cannot be used"):
        building.build([str(results), str(folder)], building.Asked(workers=1), say=said.append, quiet=True)
    assert "globmed_liveqa_en of org/two was judged from other samples than these" in said[0]
    left = building.build(
        [str(results), str(folder)],
        building.Asked(skip_bad=True, resamples=100, items=0, workers=1),
        say=said.append,
        quiet=True,
    )
    assert left["judged"] is None and len(left["skipped"]) == 2
