"""The whole way on real text: the African clinical MMLU's Zulu, half of the items as people translated them, half as a machine did.

sample -> accounts -> push -> two reviewers through HTTP -> pull -> agreement -> adjudicate -> push -> a senior reviewer -> pull ->
apply -> explain -> export. The answers are scripted: human translations are rated high and machine ones low, a mended machine
translation is given the human wording, and the disagreements are planted. Nobody who knows Zulu has judged anything here.
"""

from __future__ import annotations

import json
from collections import Counter
from statistics import mean

from globmed_curation.ingest import source_files
from globmed_curation.review import model
from globmed_curation.sources import load

from globmed_tools import shards
from globmed_tools.entry import Entry

from .argilla_conftest import MARKS, fresh
from .desk import Desk, said
from .server_conftest import terms

SET = "mmlu_clinical_african"
ITEMS, PLANTED = 48, 4
REVIEWERS, SENIOR = ("Amina Diallo", "Baraka Otieno"), "Chipo Moyo"
#: What is planted, by the number of a machine translation: the second reviewer's ratings lie far off; only one calls it harmful;
#: two different new texts; both mend it alike; both call it harmful.
FAR, UNSAFE, TEXTS, MENDED, HARMFUL = (0, 1, 2), (3, 4), (5, 6), (7, 8, 9, 10), (11,)
pytestmark = MARKS


def entries(folder, **options) -> dict[str, dict[str, Entry]]:
    """language -> group -> entry of the test split."""
    found: dict[str, dict[str, Entry]] = {}
    for one in load(SET).read(source_files(SET, [folder], options), **{"language": None, "split": None, **options}):
        if isinstance(one, Entry) and one.split == "test":
            found.setdefault(one.language, {})[one.group_id] = one
    return found


class Way:
    """What the steps share: the folders, the texts by group, the items by id, and each item's number among its kind."""

    def __init__(self, home, folder):
        human, machine = entries(folder), entries(folder, variant="mt")
        self.home, self.review = home, home / fresh()
        self.english, self.human, self.machine = human["en"], human["zu"], machine["zu"]
        self.items: dict[str, model.Item] = {}
        self.numbers: dict[str, int] = {}

    def machines(self, *numbers: int) -> set[str]:
        """The ids of these machine translations."""
        found = {self.numbers[id]: id for id, one in self.items.items() if kind(one) == "machine"}
        return {found[number] for number in numbers}


def kind(item: model.Item) -> str:
    """Who translated it: "human", "machine", or "planted" for a copy with a planted fault."""
    return "planted" if item.calibration else item.translation["translator"].split()[0]


def test_the_whole_way_on_real_text(real_data, review_server, tmp_path):
    way = Way(tmp_path, real_data(SET))
    sample(way)
    people = [(name, "zu", "") for name in REVIEWERS] + [(SENIOR, "zu", "senior")]
    desk = Desk(review_server, way.review, people)
    push_review_pull(way, desk)
    human_translations_come_out_better(way)
    agree(way)
    adjudicate(way, desk)
    apply_and_explain(way)
    export(way)


def sample(way: Way) -> None:
    """ITEMS items whose question the machine words otherwise than people; every check's findings; all reviewed twice."""
    both = [one for one in sorted(way.human.keys() & way.machine.keys())]
    both = [one for one in both if way.human[one].question != way.machine[one].question]
    chosen = both[:: len(both) // ITEMS][:ITEMS]
    rows = [way.english[one] for one in chosen]
    rows += [(way.human if number % 2 else way.machine)[one] for number, one in enumerate(chosen)]
    model.write_lines(way.home / "in.jsonl", rows)
    names = ("negation", "numbers", "units", "length", "options", "language", "sentences", "untranslated")
    config = way.home / "check.yml"
    config.write_text(json.dumps({"checks": {name: {"severity": "flag"} for name in names}}))
    said("curate", "check", way.home / "in.jsonl", "--out", way.home / "build", "--config", config)
    said("review", "sample", way.home / "build", "--out", way.review, "--double", 1, "--calibration", PLANTED)
    way.items = {one.id: one for one in model.open_review(way.review)}
    assert Counter(map(kind, way.items.values())) == {"human": ITEMS // 2, "machine": ITEMS // 2, "planted": PLANTED}
    assert {one.reviews for one in way.items.values()} == {2} and any(one.findings for one in way.items.values())
    for each in ("human", "machine", "planted"):
        mine = sorted(id for id, one in way.items.items() if kind(one) == each)
        way.numbers |= {id: number for number, id in enumerate(mine)}


def changed(record: dict, item: model.Item, new: dict[str, str]) -> str:
    """The text of the revision as it was filled in, with other texts in some fields, as a person would type them."""
    [told] = [one["value"] for one in record["suggestions"] if "[question]" in str(one["value"])]
    for name, text in new.items():
        old = f"[{name}]\n{model.texts(item.translation)[name]}\n"
        assert told.count(old) == 1
        told = told.replace(old, f"[{name}]\n{text}\n")
    return told


def answer(record: dict, item: model.Item, who: int, number: int, human: dict[str, Entry]) -> dict:
    """What reviewer 0 or 1 says of an item: the script of this test."""
    good = kind(item) == "human"
    made = {"accuracy": 5 - (number + who) % 2 if good else 3 - (number + who) % 2, "fluency": 5 if good else 2}
    made |= {"completeness": 5, "safety": "safe" if good else "minor"}
    if good:
        return made
    first = model.texts(item.translation)["question"].split()[0]
    made["errors"] = [{"start": 0, "end": len(first), "label": "terminology"}]
    if item.calibration:
        return {**made, "accuracy": 5, "errors": [], "safety": "safe"} if who else made
    if number in FAR and who:
        made["accuracy"] = 5
    if number in UNSAFE and who or number in HARMFUL:
        made |= {"safety": "harmful", "comment": "A dose differs."}
    if number in (*TEXTS, *MENDED):
        text = human[item.group_id].question + (" (2)" if number in TEXTS and who else "")
        made["revision"] = changed(record, item, {"question": text})
    return made


def pending(client, dataset: str) -> list[dict]:
    """All records that this person still has to answer, as the interface asks for them."""
    waiting = {"filters": {"type": "and", "and": [terms("response", "pending", property="status")]}}
    found = client.post(
        f"/me/datasets/{dataset}/records/search", waiting, limit=500, include=["responses", "suggestions"]
    )
    return [one["record"] for one in found["items"]]


def push_review_pull(way: Way, desk: Desk) -> None:
    """Twice pushed, answered by two over HTTP, twice pulled: everything is there once."""
    every = ITEMS + PLANTED
    [pushed] = desk.run("push", way.review)["datasets"]
    assert (pushed["dataset"], pushed["added"]) == (f"{way.review.name}-zu-double", every)
    assert desk.run("push", way.review)["datasets"][0]["same"] == every
    for who, name in enumerate(REVIEWERS):
        client = desk.client(name)
        records = pending(client, pushed["id"])
        assert {one["external_id"] for one in records} == set(way.items)
        for record in records:
            item = way.items[record["external_id"]]
            client.answer(record["id"], answer(record, item, who, way.numbers[item.id], way.human))
        assert pending(client, pushed["id"]) == []
    [told] = desk.run("pull", way.review)["datasets"]
    assert told["answers"] == {"submitted": 2 * every, "draft": 0, "discarded": 0}
    assert (told["added"], told["problems"], told["gone"]) == (2 * every, [], [])
    assert desk.run("pull", way.review)["datasets"][0]["added"] == 0


def human_translations_come_out_better(way: Way) -> None:
    answers = model.read_answers(way.review / model.ANSWERS)
    by: dict[str, list[int]] = {}
    for one in answers:
        item = way.items[one.item]
        by.setdefault(kind(item), []).append(one.accuracy)
    assert len(by["human"]) == len(by["machine"]) == ITEMS and mean(by["human"]) == 4.5 > mean(by["machine"]) + 1.5
    first = next(one for one in answers if one.item in way.machines(*MENDED))
    text = model.texts(way.items[first.item].translation)["question"]
    assert first.errors == [{"field": "question", "start": 0, "end": len(text.split()[0]), "type": "terminology"}]
    assert {one.reviewer for one in answers} == {"R01", "R02"} and {one.via for one in answers} == {"argilla"}


def agree(way: Way) -> None:
    told = said("review", "agreement", way.review)
    accuracy, *_ = told["questions"]
    [row] = accuracy["languages"]
    assert (row["language"], row["double"]) == ("zu", ITEMS)
    assert 0 < row["alpha_low"] < row["alpha"] < row["alpha_high"] < 1
    seen = [bool(signs) for one in told["calibration"] for signs in one["answers"].values()]
    # By the script, the first reviewer saw each planted fault and the second none.
    assert Counter(seen) == {True: PLANTED, False: PLANTED}


def adjudicate(way: Way, desk: Desk) -> None:
    """The disagreements are the planted ones, and the senior reviewer sees these alone, without names."""
    planted = way.machines(*FAR, *UNSAFE, *TEXTS, *HARMFUL)
    told = said("review", "adjudicate", way.review)
    assert told["items"] == len(planted) == 8
    assert told["rules"] == {"harmful": 1, "ratings": 3, "revisions": 2, "safety": 2}
    [pushed] = desk.run("push", way.review, "--adjudication")["datasets"]
    senior = desk.client(SENIOR)
    seen = {one["name"] for one in senior.get("/me/datasets")["items"]}
    assert pushed["dataset"] in seen and f"{way.review.name}-zu-double" not in seen
    assert pushed["dataset"] not in str(desk.client(REVIEWERS[0]).get("/me/datasets"))
    records = pending(senior, pushed["id"])
    assert {one["external_id"] for one in records} == planted
    for record in records:
        shown = json.dumps(record["fields"], ensure_ascii=False)
        assert "Reviewer 1" in shown and not [word for word in (*REVIEWERS, "R01", "R02") if word in shown]
        item = way.items[record["external_id"]]
        safety = "harmful" if item.id in way.machines(UNSAFE[0], *HARMFUL) else "minor"
        mended = {"question": way.human[item.group_id].question} if item.id in way.machines(*TEXTS) else {}
        made = {"accuracy": 3, "fluency": 3, "completeness": 5, "safety": safety}
        senior.answer(record["id"], made | {"revision": changed(record, item, mended)})
    [told] = desk.run("pull", way.review, "--adjudication")["datasets"]
    assert told["answers"]["submitted"] == told["added"] == 8 and not told["problems"]


def apply_and_explain(way: Way) -> None:
    told = said("review", "apply", way.review, way.home / "build", "--out", way.home / "out")
    assert told["stats"]["zu"] == {"reviewed": ITEMS - 8, "revised": 6, "harmful": 2}
    assert told["stats"]["en"] == {"untouched": ITEMS} and told["unresolved"] == told["missing"] == []
    guidelines = sorted({one.guideline for one in model.read_answers(way.review / model.ANSWERS)})
    assert len(guidelines) == 1 and guidelines[0]
    now = {one.group_id: one for one in shards.entries([way.home / "out"]) if one.language == "zu"}
    for id in way.machines(*MENDED, *TEXTS):
        item = way.items[id]
        new, wanted = now[item.group_id], way.human[item.group_id].question
        assert new.question == wanted and new.id != id and new.review["replaces"] == id
        lives = [said("curate", "explain", way.home / "out", one) for one in (id, new.id)]
        assert lives[0]["life"] == lives[1]["life"] and lives[0]["life"][-1]["event"] == "revised"
        assert wanted in json.dumps(lives[0]["life"][-1], ensure_ascii=False)
        assert new.review["guideline"] == guidelines and new.review["reviewers"] == ["R01", "R02"]
    for id in way.machines(*HARMFUL, UNSAFE[0]):
        life = said("curate", "explain", way.home / "out", id)
        assert life["ends"] == "dropped" and life["life"][-1]["reason"] == "harmful"
    # One reviewer called this one harmful, the senior reviewer did not.
    [id] = way.machines(UNSAFE[1])
    assert said("curate", "explain", way.home / "out", id)["ends"] == "kept"


def export(way: Way) -> None:
    """The card of the new build tells it."""
    said("curate", "export", way.home / "out", "--out", way.home / "release", "--layout", "hub")
    card = (way.home / "release" / "hub" / "README.md").read_text("utf-8")
    assert f"| Zulu (`zu`) | {ITEMS} | {ITEMS - 8} | 6 | 2 | 0 | {ITEMS} | " in card
    assert "8 items were decided by a senior reviewer." in card
    assert f"Of copies with a planted fault they saw {PLANTED} of {2 * PLANTED}" in card
    assert not [name for name in (*REVIEWERS, SENIOR) if name in card]
