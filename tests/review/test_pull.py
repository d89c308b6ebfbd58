"""Pull against a real server: what people answered over HTTP comes back as it was given, once, and checked against its counts."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from click.testing import CliRunner
from globmed_curation.review import (
    accounts,
    adjudicate,
    agreement_answers,
    apply_rules,
    argilla_pull,
    argilla_pulled,
    argilla_responses,
    argilla_text,
    guidelines,
    model,
    people,
)
from globmed_curation.review.agreement_reviewers import rows
from globmed_curation.review.cli import review as command

from globmed_tools.errors import GlobmedError

from . import made
from .argilla_conftest import MARKS, fresh, pushed, records, reviewer
from .server_conftest import globmed_review

pytestmark = MARKS
GOOD = {"accuracy": 5, "fluency": 4, "completeness": 5, "safety": "safe"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00\Z")


class Round:
    """A review folder pushed to the server, and two people who answer."""

    def __init__(self, client, server, folder, **options):
        self.client, self.server, self.folder, self.name = client, server, folder, fresh()
        self.done = pushed(client, folder, self.name, **options)
        self.amina, self.baraka = reviewer(server), reviewer(server)
        self.items = model.open_review(folder)
        self.records = {
            one.external_id: str(one.id) for dataset in self.done for one in records(client, str(dataset.id))
        }

    def answer(self, person, item, values=None, status: str = "submitted") -> dict:
        return person.answer(self.records[item.id], GOOD if values is None else values, status)

    def change(self, person, response: dict, values: dict, status: str = "submitted") -> None:
        body = {"status": status, "values": {name: {"value": value} for name, value in values.items()}}
        person.call("PUT", f"/responses/{response['id']}", body)

    def pull(self, **options) -> list[argilla_pull.Pulled]:
        which = {name: options.pop(name) for name in ("languages", "adjudication") if name in options}
        datasets = argilla_pull.there(self.client, self.folder, **which)
        who = argilla_pull.Who(self.client, self.folder, dry=options.get("dry", False))
        return [argilla_pull.pull(self.client, self.folder, one, who, **options) for one in datasets]

    def answers(self) -> list[model.Answer]:
        return model.read_answers(self.folder / model.ANSWERS)


@pytest.fixture
def folder(tmp_path):
    """Six Swahili items that two are to review."""
    items = made.items(made.build(tmp_path / "build", ("sw",)), languages=("sw",))
    return made.review(tmp_path / "trial", items[:6], [])


@pytest.fixture
def trial(argilla, review_server, folder):
    return Round(argilla, review_server, folder)


def with_options(items: list[model.Item]) -> model.Item:
    return next(one for one in items if one.form == "mcq")


def test_an_answer_comes_back_as_it_was_given(trial):
    item, other, third = with_options(trial.items), *[one for one in trial.items if one.form != "mcq"][:2]
    texts = model.texts(item.translation)
    errors = [{"field": "option B", "start": 0, "end": 2, "type": "number", "severity": "critical"}]
    mended = argilla_text.to_mend(item).replace(texts["option B"], "maneno mapya")
    given = GOOD | {
        "errors": argilla_text.marks(item, errors),
        "flags": ["not_local"],
        "comment": " Angalia. ",
        "revision": mended,
    }
    trial.answer(trial.amina, item, given)
    trial.answer(trial.baraka, item, GOOD | {"revision": argilla_text.to_mend(item)})
    trial.answer(trial.amina, other, {"accuracy": 2}, "draft")
    trial.answer(trial.amina, third, {"flags": ["cannot_judge"]}, "discarded")
    (done,) = trial.pull()
    assert done.answers == {"submitted": 2, "draft": 1, "discarded": 1}
    assert (done.added, done.changed, done.same, done.gone, done.problems) == (4, 0, 0, [], [])
    found = {(one.item, one.reviewer): one for one in trial.answers()}
    shown = guidelines.version(guidelines.text("sw"))
    told = {"via": "argilla", "dataset": f"{trial.name}-sw-double", "guideline": shown}
    first = found[item.id, "R01"]
    assert first == model.Answer(
        **{"item": item.id, "language": "sw", "reviewer": "R01", "status": "submitted"},
        **GOOD,
        **{"errors": errors, "flags": ["not_local"], "comment": "Angalia.", "revision": {"option B": "maneno mapya"}},
        **{"seconds": None, "at": first.at, "record": trial.records[item.id], **told},
    )
    assert all(TIME.match(one.at) for one in found.values())
    assert found[item.id, "R02"].revision == {} and found[item.id, "R02"].accuracy == 5
    draft, left = found[other.id, "R01"], found[third.id, "R01"]
    assert (draft.status, draft.accuracy, draft.safety) == ("draft", 2, None)
    assert (left.status, left.flags, left.accuracy) == ("discarded", ["cannot_judge"], None)
    assert set(people.read(trial.folder)) == {"R01", "R02"}
    everywhere = b"".join(one.read_bytes() for one in trial.folder.glob("*.json*"))
    username = people.read(trial.folder)["R01"]
    assert username.encode() not in everywhere and trial.amina.id.encode() not in everywhere
    agreement_answers.load(trial.folder)


def test_only_what_has_happened_since_is_read(argilla, review_server, tmp_path, monkeypatch):
    items = made.items(made.build(tmp_path / "build", ("sw", "zh")), languages=("sw", "zh"))
    few = [one for code in ("sw", "zh") for one in items if one.language == code][::6]
    trial = Round(argilla, review_server, made.review(tmp_path / "trial", few, []))
    swahili = [one for one in few if one.language == "sw"]
    trial.answer(trial.amina, swahili[0])
    assert [(one.state, one.added) for one in trial.pull()] == [("read", 1), ("read", 0)]
    before = (trial.folder / model.ANSWERS).read_bytes()
    read, real = [], argilla_responses.read
    monkeypatch.setattr(argilla_responses, "read", lambda *args, **more: read.append(args[2]) or real(*args, **more))
    assert [(one.state, one.added) for one in trial.pull()] == [("nothing new", 0), ("nothing new", 0)] and not read
    assert [one.same for one in trial.pull(full=True)] == [1, 0] and len(read) == 2
    assert (trial.folder / model.ANSWERS).read_bytes() == before
    read.clear()
    trial.answer(trial.baraka, swahili[0])
    assert [(one.state, one.added, one.same) for one in trial.pull()] == [("read", 1, 1), ("nothing new", 0, 0)]
    assert read == [f"{trial.name}-sw-double"]
    (trial.folder / model.ANSWERS).unlink()  # an older copy of the folder was put back
    assert [one.added for one in trial.pull()] == [2, 0]
    assert [one.language for one in trial.pull(languages=("zho",))] == ["zh"]


def test_a_changed_answer_takes_the_place_of_the_old(trial):
    item = trial.items[0]
    first = trial.answer(trial.amina, item)
    trial.pull()
    trial.change(trial.amina, first, GOOD | {"accuracy": 1, "comment": "kosa"})
    (done,) = trial.pull()
    assert (done.added, done.changed, done.same) == (0, 1, 0)
    assert [(one.accuracy, one.comment) for one in trial.answers()] == [(1, "kosa")]
    trial.change(trial.amina, first, GOOD | {"accuracy": 1, "comment": "kosa"}, "discarded")
    (done,) = trial.pull()
    assert done.answers == {"submitted": 0, "draft": 0, "discarded": 1}
    assert [one.status for one in trial.answers()] == ["discarded"]


def test_a_dry_pull_writes_nothing(trial):
    trial.answer(trial.amina, trial.items[0])
    trial.answer(trial.baraka, trial.items[0])
    before = sorted(trial.folder.rglob("*"))
    (done,) = trial.pull(dry=True)
    assert done.added == 2 and sorted(trial.folder.rglob("*")) == before
    assert trial.pull()[0].added == 2


def test_an_answer_says_which_guidelines_were_shown(trial, tmp_path):
    """Those of an answer that was pulled stay; one that was given before they changed, and is pulled after, has the old ones."""
    old, last = guidelines.version(guidelines.text("sw")), trial.items[2]
    trial.answer(trial.amina, trial.items[0])
    trial.pull()
    trial.answer(trial.amina, trial.items[1])
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "sw.md").write_text("## Kiswahili\n\nMaelekezo mapya.\n")
    pushed(trial.client, trial.folder, trial.name, own_guidelines=tmp_path / "own")
    trial.answer(trial.amina, last)
    (done,) = trial.pull()
    assert (done.added, done.changed, done.same) == (2, 0, 1)
    new = guidelines.version(guidelines.text("sw", tmp_path / "own"))
    found = {one.item: one.guideline for one in trial.answers()}
    assert found == {trial.items[0].id: old, trial.items[1].id: old, last.id: new} and old != new


class TestCounts:
    """What was read is compared with what the server counts."""

    def lose(self, monkeypatch, times: int) -> list:
        """Lose one response of the first readings, as a page that was cut off would."""
        tries, real = [], argilla_responses._pages

        def pages(*args):
            found, total = real(*args)
            tries.append(len(found.responses))
            if len(tries) <= times:
                found.responses.pop()
            return found, total

        monkeypatch.setattr(argilla_responses, "_pages", pages)
        return tries

    def test_a_reading_that_is_not_the_servers_is_repeated(self, trial, monkeypatch):
        trial.answer(trial.amina, trial.items[0])
        trial.answer(trial.baraka, trial.items[0])
        tries = self.lose(monkeypatch, 1)
        (done,) = trial.pull()
        assert tries == [2, 2] and done.added == 2 and done.notes == []

    def test_where_that_does_not_help_both_numbers_are_named_and_nothing_is_written(self, trial, monkeypatch):
        trial.answer(trial.amina, trial.items[0])
        trial.answer(trial.baraka, trial.items[0])
        tries = self.lose(monkeypatch, 99)
        with pytest.raises(
            GlobmedError, match="-sw-double: 1 submitted were read, and the server counts 2. Nothing of it"
        ):
            trial.pull()
        assert tries == [2, 2, 2]
        assert not trial.answers() and not (trial.folder / argilla_pulled.NAME).exists()

    def test_people_may_go_on_answering_meanwhile(self, trial, monkeypatch):
        waiting, real = list(trial.items), argilla_responses._pages

        def pages(*args):
            found = real(*args)
            trial.answer(trial.amina, waiting.pop())
            return found

        monkeypatch.setattr(argilla_responses, "_pages", pages)
        (done,) = trial.pull()
        assert done.added == 2 and "people are answering right now" in done.notes[0]
        monkeypatch.undo()
        (done,) = trial.pull()
        assert (done.added, done.same) == (1, 2) and done.notes == []


def test_what_is_gone_from_the_server_is_kept_and_named(trial):
    first, second = trial.items[:2]
    trial.answer(trial.amina, first)
    trial.answer(trial.baraka, first)
    trial.answer(trial.amina, second)
    trial.pull()
    owner = trial.server.owner()
    owner.call("DELETE", f"/users/{trial.baraka.id}")
    (done,) = trial.pull()
    assert done.gone == [{"item": first.id, "reviewer": "R02"}] and (done.same, done.answers["submitted"]) == (2, 2)
    owner.call("DELETE", f"/datasets/{trial.done[0].id}/records", ids=trial.records[second.id])
    (done,) = trial.pull()
    assert {(one["item"], one["reviewer"]) for one in done.gone} == {(first.id, "R02"), (second.id, "R01")}
    owner.call("DELETE", f"/datasets/{trial.done[0].id}")
    (done,) = trial.pull()
    assert done.state == "not on the server" and "was deleted on the server" in done.notes[0]
    assert len(trial.answers()) == 3


def test_what_cannot_be_read_is_named_and_counts_as_a_draft(trial):
    item, other = with_options(trial.items), next(one for one in trial.items if one.form != "mcq")
    broken = argilla_text.to_mend(item).replace("[option B]", "")
    response = trial.answer(trial.amina, item, GOOD | {"revision": broken, "comment": "B"})
    trial.answer(trial.amina, other, GOOD | {"flags": ["cannot_judge"]})
    for _ in range(2):  # it is told until it is mended
        (done,) = trial.pull()
        (problem,) = done.problems
        assert (problem["item"], problem["reviewer"], problem["question"]) == (item.id, "R01", "revision")
        assert "[option B] is missing" in problem["what"] and done.state == "read"
    found = {one.item: one for one in trial.answers()}
    assert (found[item.id].status, found[item.id].revision) == ("draft", {}) and found[item.id].accuracy == 5
    assert found[item.id].comment == f"B\n\n[revision that could not be read]\n{broken}"
    assert found[other.id].status == "discarded" and done.answers["submitted"] == 2
    trial.change(trial.amina, response, GOOD | {"revision": argilla_text.to_mend(item)})
    (done,) = trial.pull()
    assert not done.problems and {one.item: one.status for one in trial.answers()}[item.id] == "submitted"


def test_an_answer_to_another_text_is_not_taken(trial):
    item, other = trial.items[:2]
    trial.answer(trial.amina, item)
    trial.answer(trial.amina, other)
    rows = [
        replace(one, translation={**one.translation, "question": "Swali jingine?"}) if one is item else one
        for one in trial.items
    ]
    made.review(trial.folder, rows, [])
    (done,) = trial.pull()
    assert [(one["item"], one["reviewer"]) for one in done.problems] == [(item.id, "R01")]
    assert "changed since it was pushed" in done.problems[0]["what"] and [one.item for one in trial.answers()] == [
        other.id
    ]
    made.review(trial.folder, trial.items[1:], [])
    (done,) = trial.pull()
    assert done.notes == [
        f"{trial.name}-sw-double: 1 answers by R01 to records that are no items of this review; left out"
    ]


def test_a_pull_that_was_cut_off_loses_nothing_and_repeats_nothing(argilla, review_server, tmp_path, monkeypatch):
    items = made.items(made.build(tmp_path / "build", ("sw", "zh")), languages=("sw", "zh"))
    items = [one for code in ("sw", "zh") for one in items if one.language == code][::12]
    trial = Round(argilla, review_server, made.review(tmp_path / "trial", items, []))
    for one in trial.items:
        trial.answer(trial.amina, one)

    def stop(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(argilla_pulled, "remember", stop)
        trial.pull()
    assert 0 < len(trial.answers()) < len(items) and not (trial.folder / argilla_pulled.NAME).exists()
    first, second = trial.pull()
    assert (first.added, first.same) == (0, len(items) - second.added) and second.same == 0
    assert len(trial.answers()) == len({one.item for one in trial.answers()}) == len(items)


def test_accounts_are_known_by_their_id_and_not_by_their_name(trial):
    """A username is no proof: R01 of another review on the same server is not our R01."""
    ours = accounts.Account(
        people.pseudonym(trial.folder, "Amina Diallo"), "R01-x", trial.amina.id, "annotator", ("sw",)
    )
    accounts.put(trial.folder, ours)
    taken = reviewer(trial.server, "R01") if "R01" not in [one.username for one in trial.client.users] else None
    trial.answer(trial.amina, trial.items[0])
    trial.answer(trial.baraka, trial.items[0])
    if taken:
        trial.answer(taken, trial.items[1])
    trial.pull()
    known = people.read(trial.folder)
    assert known["R01"] == "Amina Diallo" and len(known) == (3 if taken else 2)
    assert {(one.item, one.reviewer) for one in trial.answers()} >= {
        (trial.items[0].id, "R01"),
        (trial.items[0].id, "R02"),
    }
    if taken:
        assert known["R03"] == "user R01" and trial.answers()[-1].reviewer == "R03"
        trial.client.api.users.delete(taken.id)


def test_time_is_that_between_two_answers(trial):
    import time

    for one in trial.items[:3]:
        trial.answer(trial.amina, one)
        time.sleep(1.1)
    trial.pull()
    by_item = {one.item: one.seconds for one in trial.answers()}
    assert by_item[trial.items[0].id] is None
    assert all(1.0 <= by_item[one.id] < 60 for one in trial.items[1:3])


def test_planted_faults_come_back_and_are_counted(argilla, review_server, review):
    folder = review("calibration=2", languages=("sw",))
    trial = Round(argilla, review_server, folder)
    planted = [one for one in trial.items if one.calibration]
    assert len(planted) == 2
    caught, missed = planted
    field = caught.calibration["field"]
    marked = [{"field": field, "start": 0, "end": len(model.text_of(caught.translation, field)), "type": "number"}]
    trial.answer(trial.amina, caught, GOOD | {"accuracy": 1, "errors": argilla_text.marks(caught, marked)})
    trial.answer(trial.amina, missed)
    trial.pull()
    found = agreement_answers.load(folder)
    (row,) = rows(found)
    assert row["calibration"]["items"] == 2 and row["calibration"]["seen"] == 1


def test_decisions_of_the_senior_reviewer_decide(trial):
    item = with_options(trial.items)
    texts = model.texts(item.translation)
    trial.answer(trial.amina, item, GOOD | {"accuracy": 1})
    trial.answer(trial.baraka, item)
    trial.pull()
    adjudicate.write(trial.folder, agreement_answers.load(trial.folder), adjudicate.Rule())
    with pytest.raises(
        GlobmedError, match="nothing was pushed from here yet. Run globmed review push .* --adjudication first"
    ):
        trial.pull(adjudication=True)
    (made_,) = pushed(trial.client, trial.folder, trial.name, adjudication=True)
    (record,) = records(trial.client, made_.id)
    mended = argilla_text.to_mend(item).replace(f"[option A]\n{texts['option A']}", "[option A]\njibu jipya")
    senior = reviewer(trial.server)
    senior.answer(str(record.id), GOOD | {"revision": mended})
    before = (trial.folder / model.ANSWERS).read_bytes()
    (done,) = trial.pull(adjudication=True)
    assert (done.round, done.added, done.dataset) == ("adjudication", 1, f"{trial.name}-sw-adjudication")
    assert (trial.folder / model.ANSWERS).read_bytes() == before
    found = agreement_answers.load(trial.folder)
    assert found.decided[item.id].reviewer == "R03" and found.decided[item.id].revision == {"option A": "jibu jipya"}
    (decision,) = [one for one in apply_rules.decisions(found, adjudicate.Rule()).values() if one.item == item.id]
    assert (decision.outcome, decision.texts) == ("revised", {"option A": "jibu jipya"})
    assert trial.pull(adjudication=True)[0].state == "nothing new" and trial.pull()[0].state == "nothing new"


def test_where_there_is_nothing_to_pull_it_is_said(trial, tmp_path):
    fresh_ = made.review(tmp_path / "unpushed", trial.items, [])
    with pytest.raises(GlobmedError, match="unpushed: nothing was pushed from here yet"):
        argilla_pull.there(trial.client, fresh_)
    with pytest.raises(GlobmedError, match=r"nothing was pushed in yo \(but in sw\)"):
        argilla_pull.there(trial.client, trial.folder, languages=("yo",))
    path = trial.folder / "pushed.json"
    told = json.loads(path.read_text())
    told["datasets"][0] |= {"id": "00000000-0000-4000-8000-000000000000", "server": "http://elsewhere"}
    path.write_text(json.dumps(told))
    with pytest.raises(
        GlobmedError, match="none of this review's datasets is there; they were pushed to http://elsewhere"
    ):
        argilla_pull.there(trial.client, trial.folder)


def test_the_command(trial):
    trial.answer(trial.amina, trial.items[0])
    given = ["pull", str(trial.folder), "--server", str(trial.server.folder)]
    told = json.loads(run(*given, "--json").stdout)
    (one,) = told["datasets"]
    assert (one["added"], one["state"], one["answers"]["submitted"]) == (1, "read", 1) and not told["dry_run"]
    shown = run(*given, "--dry-run").stdout
    assert "nothing new" in shown and "Dry run: nothing was written." in shown
    trial.server.owner().call("DELETE", f"/users/{trial.amina.id}")
    shown = run(*given).stdout
    assert f"1 answers are no longer on the server, and kept here: {trial.items[0].id} (R01)" in " ".join(shown.split())
    with argilla_pull.alone(trial.folder):
        assert "answers are being pulled already (process" in str(run(*given).exception)
    (trial.folder / argilla_pulled.NAME).write_text("{")
    assert re.search("pulled.json: damaged.* Remove it", str(run(*given).exception))
    away = globmed_review("pull", trial.folder, "--url", "http://127.0.0.1:9", GLOBMED_ARGILLA_KEY="k")
    assert away.returncode == 1 and away.stderr.startswith("globmed: http://127.0.0.1:9: no Argilla server answers")


def run(*arguments: str):
    """The command in this process."""
    return CliRunner().invoke(command, arguments, env={"COLUMNS": "200"})
