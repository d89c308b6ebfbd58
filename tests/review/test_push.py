"""`globmed review push` with Argilla's own SDK against a running server."""

from __future__ import annotations

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from globmed_curation.review import (
    adjudicate,
    agreement_answers,
    argilla_layout,
    argilla_push,
    argilla_pushed,
    argilla_records,
    argilla_text,
    argilla_workspaces,
    guidelines,
    model,
    questions,
)
from globmed_curation.review.argilla_client import KEY, connect
from globmed_curation.review.cli import review as command
from globmed_curation.review.server.home import Home

from globmed_tools.errors import GlobmedError

from . import made
from .argilla_conftest import MARKS, WORKSPACE, fresh, pushed, records, reviewer
from .server_conftest import globmed_review

real = MARKS


@pytest.fixture(scope="module")
def items(tmp_path_factory) -> list[model.Item]:
    """Items of three languages, one a form, the first of each reviewed twice."""
    found = made.items(made.build(tmp_path_factory.mktemp("push") / "b"))
    one = list({(each.language, each.form): replace(each, reviews=1) for each in found}.values())
    return [replace(each, reviews=2) if each.form == "mcq" else each for each in one]


@pytest.fixture
def folder(items, tmp_path) -> Path:
    return made.review(tmp_path / "trial", items, [])


def many(items, count: int) -> list[model.Item]:
    swahili = [one for one in items if one.language == "sw"]
    return [replace(swahili[n % len(swahili)], id=f"{n:032x}", reviews=1) for n in range(count)]


def dataset_of(client, id: str):
    """The dataset with its settings; the SDK leaves these out until they are asked for."""
    found = client.datasets(id=id)
    found.settings.get()
    return found


def on_server(client, dataset: str) -> dict:
    return {one.external_id: one for one in records(client, dataset)}


class TestPush:
    pytestmark = real

    @pytest.fixture(scope="class")
    def first(self, argilla, items, tmp_path_factory):
        folder = made.review(tmp_path_factory.mktemp("first") / "trial", items, [])
        name = fresh()
        return folder, name, pushed(argilla, folder, name)

    def test_every_language_has_its_datasets_with_every_item_once(self, argilla, items, first):
        folder, name, done = first
        assert sorted((one.dataset, one.reviews, one.added, one.made) for one in done) == sorted(
            (f"{name}-{code}{tail}", reviews, count, True)
            for code in made.LANGUAGES
            for tail, reviews, count in (("", 1, 3), ("-double", 2, 1))
        )
        for one in done:
            dataset = dataset_of(argilla, one.id)
            assert dataset.settings.distribution.min_submitted == one.reviews
            assert dataset.settings.guidelines.strip() == guidelines.text(one.language).strip()
            wanted = {each.id for each in items if each.language == one.language and each.reviews == one.reviews}
            assert set(on_server(argilla, one.id)) == wanted

    def test_nothing_is_filled_in_but_the_revision(self, argilla, items, first):
        by_id = {one.id: one for one in items}
        seen = 0
        for one in first[2]:
            asked = {each.id: each.name for each in dataset_of(argilla, one.id).settings.questions}
            assert len(asked) == 8 and set(questions.load().required) <= set(asked.values())
            for id, record in on_server(argilla, one.id).items():
                assert [asked[each.question_id] for each in record.suggestions] == ["revision"]
                assert not record.responses
                assert record.suggestions[0].value == argilla_text.to_mend(by_id[id])
                assert unescape(record.fields["translation"]).startswith(argilla_text._shown(by_id[id])[0])
                seen += 1
        assert seen == len(items) == 12

    def test_pushed_json_says_what_is_where_and_holds_no_key(self, review_server, argilla, items, first):
        folder, name, done = first
        told = {one.name: one for one in argilla_pushed.read(folder)}
        assert {one.dataset: one.id for one in done} == {one.name: one.id for one in told.values()}
        double = told[f"{name}-sw-double"]
        assert (double.language, double.round, double.reviews, double.records) == ("sw", "review", 2, 1)
        assert double.questions == questions.version()
        assert double.guidelines == guidelines.version(guidelines.text("sw"))
        by_id = {one.id: one for one in items}
        assert all(argilla_records.content(by_id[id]) == each for id, each in double.contents.items())
        text = (folder / argilla_pushed.NAME).read_text("utf-8")
        secrets = Home(review_server.folder).credentials()
        assert secrets["api_key"] not in text and secrets["password"] not in text and str(folder) not in text

    def test_pushing_again_adds_nothing(self, argilla, first):
        folder, name, done = first
        before = (folder / argilla_pushed.NAME).read_bytes()
        again = pushed(argilla, folder, name)
        assert [(one.added, one.rewritten, one.same, one.made, one.notes) for one in again] == [
            (0, 0, one.records, False, []) for one in done
        ]
        assert (folder / argilla_pushed.NAME).read_bytes() == before
        assert all(len(records(argilla, one.id)) == one.records for one in done)

    def test_a_reviewer_is_told_nothing_of_planted_faults(self, argilla, review, review_server):
        folder = review("calibration=4", "nli.total=8", languages=("sw",))
        planted = [one for one in model.open_review(folder) if one.calibration]
        assert len(planted) == 4
        done = {one.reviews: one for one in pushed(argilla, folder, fresh())}
        held = on_server(argilla, done[2].id)
        person = reviewer(review_server)
        found = person.post(f"/me/datasets/{done[2].id}/records/search", {}, limit=500, include=["suggestions"])
        shown = {one["record"]["external_id"]: one["record"] for one in found["items"]}
        others = [one for id, one in shown.items() if id not in {each.id for each in planted}]
        assert len(shown) == len(held) > 4 and others
        for one in planted:
            assert shown[one.id].keys() == others[0].keys()
            assert (
                shown[one.id]["metadata"].keys() == others[0]["metadata"].keys()
                and "content" not in shown[one.id]["metadata"]
            )
            text = json.dumps(shown[one.id])
            assert "calibration" not in text and one.calibration["copy_of"] not in text

    def test_what_two_review_stays_open_for_the_second(self, argilla, items, first, review_server):
        done = next(one for one in first[2] if one.dataset.endswith("-sw-double"))
        ((id, record),) = on_server(argilla, done.id).items()
        item = next(one for one in items if one.id == id)
        wrong = [{"field": "option B", "start": 0, "end": 3, "type": "number", "severity": "major"}]
        mended = argilla_text.to_mend(item) + " Mwisho."
        values = {"accuracy": 2, "fluency": 4, "completeness": 4, "safety": "minor", "flags": ["not_local"]}
        values |= {"errors": argilla_text.marks(item, wrong), "revision": mended}
        people = [reviewer(review_server) for _ in range(2)]
        people[0].answer(str(record.id), values)
        assert argilla.api.records.get(record.id).status == "pending"
        people[1].answer(str(record.id), values)
        found = argilla.api.records.get(record.id)
        assert found.status == "completed" and len(found.responses) == 2
        back = argilla_records.answer_values(item, found.responses[0].values)
        last = list(model.texts(item.translation))[-1]
        assert back.fields["errors"] == wrong and back.fields["flags"] == ["not_local"] and not back.notes
        assert back.fields["revision"] == {last: model.texts(item.translation)[last] + " Mwisho."}

    def test_spans_over_signs_that_count_twice_are_taken(self, argilla, items, tmp_path, review_server):
        """The server counts characters, browsers UTF-16 units: the last word of such a text must be markable."""
        item = next(one for one in items if one.form == "mcq" and one.language == "sw")
        text = "😀" * 30 + " mwisho"
        item = replace(item, reviews=1, translation={**item.translation, "question": "x", "rationale": text})
        (done,) = pushed(argilla, made.review(tmp_path / "emoji", [item], []), fresh())
        wrong = [{"field": "rationale", "start": 31, "end": 37, "type": "style"}]
        marks = argilla_text.marks(item, wrong)
        assert marks[0]["end"] > len(argilla_text._shown(item)[0])
        (record,) = records(argilla, done.id)
        stored = reviewer(review_server).answer(str(record.id), {"errors": marks}, "draft")["values"]
        assert argilla_records.answer_values(item, stored).fields["errors"] == wrong


class TestAgain:
    pytestmark = real

    def test_a_push_that_was_killed_is_finished_by_the_next(self, argilla, items, review_server, tmp_path):
        folder = made.review(tmp_path / "many", many(items, 1000), [])
        name = fresh()
        arguments = [sys.executable, "-P", "-m", "globmed_tools.cli", "review", "push", str(folder), "--name", name]
        process = subprocess.Popen(
            [*arguments, "--server", str(review_server.folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

        def there() -> int:
            space = argilla.workspaces(argilla_workspaces.name(WORKSPACE, "sw"))
            held = argilla.api.datasets.list(space.id) if space else ()
            found = next((one for one in held if one.name == f"{name}-sw"), None)
            ready = found is not None and found.status == "ready"
            return argilla.api.datasets.get_progress(found.id).total if ready else 0

        end = time.monotonic() + 120
        while not there() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        process.kill()
        assert process.wait() == -signal.SIGKILL
        cut = there()
        assert 0 < cut < 1000 and not argilla_pushed.read(folder)
        done = globmed_review("push", folder, "--name", name, "--server", review_server.folder, "--json")
        assert done.returncode == 0, done.stderr
        (told,) = json.loads(done.stdout)["datasets"]
        assert told["added"] + told["same"] == 1000 and told["same"] >= cut and not told["made"]
        held = records(argilla, told["id"])
        assert len(held) == 1000 == len({one.external_id for one in held})

    def test_a_dataset_that_was_half_made_is_made_anew(self, argilla, folder, review_server):
        name = fresh()
        place = argilla.workspaces(WORKSPACE)
        review_server.owner().post("/datasets", {"name": f"{name}-zh", "workspace_id": str(place.id)})
        done = {one.dataset: one for one in pushed(argilla, folder, name, languages=("zh",))}
        one = done[f"{name}-zh"]
        assert one.made and one.notes == [f"{name}-zh: was half made when a push was cut off; made anew"]
        assert len(records(argilla, one.id)) == 3

    def test_a_changed_item_is_written_anew_unless_somebody_has_answered_it(
        self, argilla, items, folder, tmp_path, review_server
    ):
        name = fresh()
        (done,) = [one for one in pushed(argilla, folder, name, languages=("sw",)) if one.reviews == 1]
        mine = [one for one in items if one.language == "sw" and one.reviews == 1]
        answered_, free = mine[0], mine[1]
        before = on_server(argilla, done.id)
        reviewer(review_server).answer(str(before[answered_.id].id), {"accuracy": 4}, "draft")
        changed = [
            replace(one, translation={**one.translation, "question": "Mpya?"}) if one in (answered_, free) else one
            for one in items
        ]
        made.review(folder, changed, [])
        (again,) = [one for one in pushed(argilla, folder, name, languages=("sw",)) if one.reviews == 1]
        assert (again.added, again.same, again.rewritten, again.kept) == (0, 1, 1, [answered_.id])
        after = on_server(argilla, done.id)
        assert "Mpya?" in after[free.id].fields["translation"] and "Mpya?" in after[free.id].suggestions[0].value
        assert after[free.id].id == before[free.id].id and len(after) == 3
        assert after[answered_.id].fields == before[answered_.id].fields
        (told,) = [one for one in argilla_pushed.read(folder) if one.id == done.id]
        assert told.contents[answered_.id] == argilla_records.content(answered_)
        assert told.contents[free.id] != argilla_records.content(free)

    def test_another_review_cannot_go_into_the_same_dataset(self, argilla, items, folder, tmp_path):
        name = fresh()
        pushed(argilla, folder, name, languages=("ar",))
        other = made.review(tmp_path / "other", many(items, 3), [])
        made.review(other, [replace(one, language="ar") for one in many(items, 3)], [])
        with pytest.raises(GlobmedError, match="holds 3 records that are not of this review .*--name"):
            pushed(argilla, other, name)

    def test_a_dataset_with_other_questions_is_refused(self, argilla, folder, review_server):
        import argilla as rg

        name = fresh()
        settings = rg.Settings(fields=[rg.TextField("texts")], questions=[rg.RatingQuestion("accuracy", [1, 2, 3])])
        rg.Dataset(f"{name}-sw", workspace=WORKSPACE, settings=settings, client=argilla).create()
        with pytest.raises(GlobmedError, match="other questions or fields"):
            pushed(argilla, folder, name, languages=("sw",))

    def test_a_teams_own_guidelines_take_the_place_of_ours_later_too(self, argilla, folder, tmp_path):
        name, own = fresh(), tmp_path / "own"
        (done, _) = pushed(argilla, folder, name, languages=("sw",))
        own.mkdir()
        (own / "sw.md").write_text("Andika kwa Kiswahili sanifu.\n", "utf-8")
        (again, _) = pushed(argilla, folder, name, languages=("sw",), own_guidelines=own)
        assert again.notes == [f"{done.dataset}: has new guidelines"]
        assert "Andika kwa Kiswahili sanifu." in dataset_of(argilla, done.id).settings.guidelines
        (told,) = [one for one in argilla_pushed.read(folder) if one.id == done.id]
        assert told.guidelines == guidelines.version(guidelines.text("sw", own))
        assert pushed(argilla, folder, name, languages=("sw",), own_guidelines=own)[0].notes == []


class TestAdjudication:
    pytestmark = real

    @pytest.fixture
    def disputed(self, items, folder) -> Path:
        item = next(one for one in items if one.language == "ar" and one.form == "mcq")
        wrong = [{"field": "question", "start": 0, "end": 4, "type": "number", "severity": "critical"}]
        answers = [
            made.answer(item, "R01", accuracy=5, comment="<b>sawa</b>"),
            made.answer(item, "R02", accuracy=2, safety="harmful", errors=wrong, revision={"option A": "جديد"}),
        ]
        made.review(folder, items, answers)
        adjudicate.write(folder, agreement_answers.load(folder), adjudicate.Rule())
        return folder

    def test_disagreements_are_a_dataset_with_the_answers_and_no_names(self, argilla, items, disputed):
        name = fresh()
        (done,) = pushed(argilla, disputed, name, adjudication=True)
        assert (done.dataset, done.round, done.reviews, done.added) == (f"{name}-ar-adjudication", "adjudication", 1, 1)
        (record,) = records(argilla, done.id)
        shown = record.fields["answers"]
        assert "Reviewer 1" in shown and "Reviewer 2" in shown and "جديد" in shown and "&lt;b&gt;sawa" in shown
        assert "R01" not in json.dumps(record.fields) and "R02" not in json.dumps(record.fields)
        assert [one.value for one in record.suggestions] == [
            argilla_text.to_mend(next(one for one in items if one.id == record.external_id))
        ]
        (told,) = argilla_pushed.read(disputed)
        assert told.round == argilla_layout.ADJUDICATION
        assert pushed(argilla, disputed, name, adjudication=True)[0].same == 1

    def test_it_needs_disagreements(self, folder):
        with pytest.raises(GlobmedError, match="globmed review adjudicate"):
            argilla_push.plan(folder, name="x", adjudication=True)
        (folder / adjudicate.NAME).write_bytes(b"")
        with pytest.raises(GlobmedError, match="disagree in nothing"):
            argilla_push.plan(folder, name="x", adjudication=True)
        row = {**model.to_dict(model.open_review(folder)[0]), "id": "0" * 32}
        (folder / adjudicate.NAME).write_bytes(orjson.dumps(row) + b"\n")
        with pytest.raises(GlobmedError, match="not of this review"):
            argilla_push.plan(folder, name="x", adjudication=True)


class TestCommand:
    pytestmark = real

    @staticmethod
    def run(*arguments, **variables):
        return CliRunner().invoke(command, ["push", *map(str, arguments)], env={"COLUMNS": "200", **variables})

    def test_a_dry_run_says_what_would_be_made_and_writes_nothing(self, argilla, folder, review_server):
        name = fresh()
        before = {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()}
        given = (folder, "--name", name, "--server", review_server.folder, "--language", "sw", "--dry-run")
        told = json.loads(self.run(*given, "--json", "--workspace", f"w{name}").stdout)
        assert told["dry_run"] and [
            (one["dataset"], one["added"], one["made"], one["id"]) for one in told["datasets"]
        ] == [(f"{name}-sw", 3, True, None), (f"{name}-sw-double", 1, True, None)]
        shown = self.run(*given)
        assert (shown.exit_code, shown.exception) == (0, None)
        assert "nothing was written" in shown.output and f"{name}-sw-double" in shown.output
        assert {one["workspace"] for one in told["datasets"]} == {f"w{name}-sw"}
        assert not any(one.name.startswith(f"w{name}") for one in argilla.workspaces)
        assert not any(one.name.startswith(name) for one in argilla.workspaces(WORKSPACE).datasets)
        assert before == {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()}

    def test_it_makes_the_workspace_and_the_folders_name_is_the_default(self, argilla, folder, review_server):
        place = f"w{fresh()}"
        done = globmed_review(
            "push", folder, "--server", review_server.folder, "--language", "zh", "--workspace", place
        )
        assert done.returncode == 0, done.stderr
        assert sorted(one.name for one in argilla.workspaces(f"{place}-zh").datasets) == ["trial-zh", "trial-zh-double"]
        assert done.stderr == ""  # neither the SDK's log nor a bar

    def test_a_changed_item_that_was_answered_is_told(self, argilla, items, folder, review_server):
        planned, _ = argilla_push.plan(folder, name="kept", languages=("zh",))
        place = argilla_workspaces.name(WORKSPACE, "zh")
        done = argilla_push.push(argilla, folder, planned, place)
        (first, *_) = records(argilla, done.id)
        reviewer(review_server, place=place).answer(str(first.id), None, "discarded")
        changed = [
            replace(one, original={**one.original, "question": "New?"}) if one.id == first.external_id else one
            for one in items
        ]
        made.review(folder, changed, [])
        shown = self.run(folder, "--name", "kept", "--server", review_server.folder, "--language", "zh")
        assert shown.exit_code == 0 and f"left as they were: {first.external_id}" in " ".join(shown.output.split())

    def test_another_server_takes_the_key_from_the_environment(self, argilla, folder, review_server):
        key = Home(review_server.folder).credentials()["api_key"]
        given = (folder, "--url", argilla.api_url + "/", "--name", fresh(), "--language", "sw", "--dry-run")
        assert self.run(*given, **{KEY: key}).exit_code == 0
        for wrong, what in ((key[:-3], "the key is not known there"), ("", f"the variable {KEY}")):
            done = self.run(*given, **{KEY: wrong})
            assert isinstance(done.exception, GlobmedError) and what in str(done.exception)
            assert not wrong or wrong not in done.output + str(done.exception)

    def test_an_annotator_may_not_push(self, argilla, folder, review_server):
        person = reviewer(review_server)
        given = (folder, "--url", argilla.api_url, "--name", fresh(), "--workspace", fresh())
        done = self.run(*given, **{KEY: person.key})
        assert isinstance(done.exception, GlobmedError) and "may not do this" in str(done.exception)

    def test_one_push_at_a_time(self, folder, review_server):
        with argilla_push.alone(folder):
            done = self.run(folder, "--name", fresh(), "--server", review_server.folder)
            dry = self.run(folder, "--name", fresh(), "--server", review_server.folder, "--dry-run", "--language", "sw")
        assert f"is being pushed already (process {os.getpid()})" in str(done.exception)
        assert dry.exit_code == 0


class Stub(http.server.BaseHTTPRequestHandler):
    """As much of Argilla as a client asks for to connect. version: of which the server says it is."""

    version = "2.8.0"

    def do_GET(self):
        user = {"id": str(uuid.uuid4()), "username": "owner", "role": "owner", "first_name": "o", "api_key": "k"}
        told = {"/api/v1/version": {"version": self.version}, "/api/v1/me": user}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told[self.path]).encode())

    def log_message(self, *_):
        pass


@contextmanager
def stub(version: str):
    """The address of a server that says it is Argilla of this version."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Versioned", (Stub,), {"version": version})) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_server_that_goes_away_is_one_line(folder):
    with stub("2.8.0") as address:
        client = connect(url=address, key="k" * 40)
    with pytest.raises(GlobmedError, match=f"{address}: the connection broke off .* run the command again") as told:
        argilla_push.push(client, folder, argilla_push.plan(folder)[0], WORKSPACE)
    assert "kkkk" not in str(told.value) and not argilla_pushed.read(folder)


def test_what_cannot_be_connected_to_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv(KEY, "k" * 40)
    with pytest.raises(GlobmedError, match="no review server's folder"):
        connect(tmp_path / "nowhere")
    home = Home(tmp_path / "server")
    home.create()
    with pytest.raises(GlobmedError, match="its server is not running. Start it: globmed review serve"):
        connect(home.folder)
    with pytest.raises(GlobmedError, match="no Argilla server answers there"):
        connect(url="http://127.0.0.1:9")
    with stub("2.3.1") as old, pytest.raises(GlobmedError, match="Argilla 2.3.1, and this globmed speaks with 2.8"):
        connect(url=old)
    with pytest.raises(GlobmedError, match="no address of a server"):
        connect(url="review.example.org")
    with pytest.raises(GlobmedError, match="a user or password in it") as told:
        connect(url="https://me:secret@review.example.org")
    assert "secret" not in str(told.value)
    with pytest.raises(GlobmedError, match="Give one: --server or --url"):
        connect(home.folder, url="http://127.0.0.1:9")


def test_a_folder_that_cannot_be_written_to_is_one_line(folder):
    (folder / ".push.lock").mkdir()
    with pytest.raises(GlobmedError, match="cannot be written to"), argilla_push.alone(folder):
        pass
    with argilla_push.alone(folder, dry=True):
        pass


def test_a_plan_names_what_it_cannot_do(folder, tmp_path):
    with pytest.raises(GlobmedError, match="no items in fr"):
        argilla_push.plan(folder, languages=("fr",))
    with pytest.raises(GlobmedError, match="no name for datasets"):
        argilla_push.plan(folder, name="a b")
    with pytest.raises(GlobmedError, match="globmed review sample"):
        argilla_push.plan(tmp_path / "nothing")
    planned = argilla_push.plan(folder, languages=("ar",))
    assert [(one.dataset, one.reviews, len(one.items)) for one in planned] == [
        ("trial-ar", 1, 3),
        ("trial-ar-double", 2, 1),
    ]


def test_help_has_examples():
    done = CliRunner().invoke(command, ["push", "--help"])
    assert done.exit_code == 0 and "Examples:" in done.output and "GLOBMED_ARGILLA_KEY" in done.output
