"""What Argilla's users can ask of a server's searches, asked over HTTP of a running server.

Each expectation holds for Elasticsearch as well, unless the test says `embedded`.
"""

from __future__ import annotations

import os

import pytest

from .server_conftest import (
    Client,
    Dataset,
    Refused,
    Server,
    between,
    globmed_review,
    needs_environment,
    order,
    terms,
    workspace,
)

pytestmark = [pytest.mark.argilla, pytest.mark.slow, pytest.mark.xdist_group("argilla")]

#: language: (a sentence, a query that finds it and no other). One script or orthography each.
SCRIPTS = {
    "sw": ("Mgonjwa anywe vidonge vya amoxicillin mara tatu kwa siku.", "vidonge"),
    "yo": ("Aláìsàn náà gbọ́dọ̀ lo oògùn náà lẹ́ẹ̀mẹta lójúmọ́.", "oògùn"),
    "ar": ("يجب أن يأخذ المريض هذا الدواء ثلاث مرات كل يوم.", "الدواء"),
    "hi": ("मरीज़ यह दवा दिन में तीन बार ले।", "दवा"),
    "bn": ("রোগী এই ওষুধ দিনে তিনবার খাবেন।", "ওষুধ"),
    "zh": ("病人每天服药三次，每次一片。", "服药"),
    "ja": ("患者さんはこの錠剤を毎食後に飲みます。", "錠剤"),
    "ko": ("환자는 이 약을 하루에 세 번 먹습니다.", "하루에"),
    "am": ("ታካሚው ይህን መድኃኒት በቀን ሦስት ጊዜ ይውሰድ።", "መድኃኒት"),
    "he": ("החולה נוטל את התרופה שלוש פעמים ביום.", "התרופה"),
    "ru": ("Пациент принимает Таблетки три раза в день.", "таблетки"),
    "el": ("Ο ασθενής παίρνει το φάρμακο τρεις φορές την ημέρα.", "φάρμακο"),
}


@pytest.fixture(scope="module")
def owner(tmp_path_factory):
    """The owner of the server under test."""
    if os.environ.get("GLOBMED_ARGILLA_URL"):
        yield Client(os.environ["GLOBMED_ARGILLA_URL"].rstrip("/"), os.environ["GLOBMED_ARGILLA_KEY"])
        return
    needs_environment()
    server = Server(tmp_path_factory.mktemp("contract") / "server", globmed_review)
    server.start()
    yield server.owner()
    assert server.run("stop").returncode == 0


@pytest.fixture
def embedded():
    if os.environ.get("GLOBMED_ARGILLA_URL"):
        pytest.skip("the embedded engine's own behaviour, and GLOBMED_ARGILLA_URL names another server")


@pytest.fixture(scope="module")
def place(owner) -> str:
    return workspace(owner)


@pytest.fixture(scope="module")
def people(owner, place) -> list[Client]:
    return [owner.user(f"u{place[:6]}{one}", place) for one in "ab"]


@pytest.fixture(scope="module")
def scripts(owner, place) -> Dataset:
    made = Dataset(owner, place)
    rows = [
        {"external_id": code, "fields": {"source": f"sentence {code}", "translation": text}}
        for code, (text, _) in SCRIPTS.items()
    ]
    talk = [{"role": "doctor", "content": "Any palpitations?"}, {"role": "patient", "content": "At night only."}]
    made.push([*rows, {"external_id": "chat", "fields": {"source": "a visit", "talk": talk}}])
    return made


@pytest.fixture(scope="module")
def small(owner, place, people) -> Dataset:
    """Five records:      language  length  quality   answers of a            answers of b           suggested
    e0                    sw        10      0.5       5, safe, [dosage]       3, minor               3 by judge, .9, model
    e1                    zh        20      0.25      draft 1                 -                      4 by judge, .4, model
    e2                    [sw, en]  30      -         discarded               -                      -
    e3                    ar        -       -2.5      -                       2, harmful             1 by person, human
    e4                    -         7       1e3       -                       -                      -
    """
    made = Dataset(owner, place)
    judge = {"agent": "judge", "type": "model"}
    metadata = [
        {"language": "sw", "length": 10, "quality": 0.5},
        {"language": "zh", "length": 20, "quality": 0.25},
        {"language": ["sw", "en"], "length": 30},
        {"language": "ar", "quality": -2.5},
        {"length": 7, "quality": 1e3},
    ]
    suggested = [
        {"accuracy": {"value": 3, "score": 0.9, **judge}, "flags": {"value": ["dosage", "culture"]}},
        {"accuracy": {"value": 4, "score": 0.4, **judge}},
        {},
        {"accuracy": {"value": 1, "agent": "person", "type": "human"}, "safety": {"value": "harmful"}},
        {},
    ]
    vectors = [[1, 0, 0], [0.9, 0.1, 0], [0, 1, 0], [-1, 0, 0], None]
    rows = [
        {
            "external_id": f"e{at}",
            "fields": {"source": f"Take {at} tablets of 0.5 mg", "translation": "Kunywa vidonge"},
            "metadata": metadata[at],
            "suggestions": suggested[at],
            **({"vectors": {"meaning": vectors[at]}} if vectors[at] else {}),
        }
        for at in range(5)
    ]
    made.ids = made.push(rows)
    a, b = people
    a.answer(made.ids[0], {"accuracy": 5, "safety": "safe", "flags": ["dosage"]})
    b.answer(made.ids[0], {"accuracy": 3, "safety": "minor"})
    a.answer(made.ids[1], {"accuracy": 1}, "draft")
    a.answer(made.ids[2], None, "discarded")
    b.answer(made.ids[3], {"accuracy": 2, "safety": "harmful", "flags": ["omission", "dosage"]})
    return made


def test_a_word_is_found_in_every_script(scripts):
    assert len(SCRIPTS) == 12
    assert {code: scripts.texts(word) for code, (_, word) in SCRIPTS.items()} == {code: {code} for code in SCRIPTS}
    assert scripts.texts("таблетк") == set()  # a word is a whole word


def test_chats_are_searched_and_one_field_can_be_named(scripts):
    assert scripts.texts("palpitations") == {"chat"}
    assert scripts.texts("vidonge", "translation") == {"sw"}
    assert scripts.texts("vidonge", "source") == set()
    assert scripts.texts("night", "talk") == {"chat"}
    with pytest.raises(Refused, match="nowhere"):
        scripts.texts("vidonge", "nowhere")


def test_the_query_language(scripts):
    assert scripts.texts("tatu vidonge") == {"sw"}  # every word, in any order
    assert scripts.texts("tatu 病人") == set()
    assert scripts.texts("tatu | раза") == {"sw", "ru"}
    assert scripts.texts('"mara tatu"') == {"sw"}
    assert scripts.texts('"tatu mara"') == set()
    assert scripts.texts("табл*") == {"ru"}
    assert scripts.texts("sentence -sw -zh") == set(SCRIPTS) - {"sw", "zh"}
    assert scripts.texts("SENTENCE EL") == {"el"}


def test_filters_on_metadata(small):
    language = {"metadata_property": "language"}
    assert small.filtered(terms("metadata", "sw", **language)) == {"e0", "e2"}
    assert small.filtered(terms("metadata", "en", "zh", **language)) == {"e1", "e2"}
    assert small.filtered(terms("metadata", "SW", **language)) == set()
    length, quality = {"metadata_property": "length"}, {"metadata_property": "quality"}
    assert small.filtered(between("metadata", 10, 20, **length)) == {"e0", "e1"}
    assert small.filtered(between("metadata", ge=20, **length)) == {"e1", "e2"}
    assert small.filtered(between("metadata", le=0.25, **quality)) == {"e1", "e3"}
    assert small.filtered(terms("metadata", "7", "30", **length)) == {"e2", "e4"}
    both = small.filtered(terms("metadata", "sw", **language), between("metadata", le=10, **length))
    assert both == {"e0"}


def test_filters_on_records(small):
    assert small.filtered(terms("record", "completed", property="status")) == {"e0"}
    assert small.filtered(terms("record", "pending", property="status")) == {"e1", "e2", "e3", "e4"}
    assert small.filtered(terms("record", "e1", "e4", "e9", property="external_id")) == {"e1", "e4"}
    assert small.filtered(terms("record", small.ids[3], property="id")) == {"e3"}
    assert len(small.filtered(between("record", ge="2020-01-01", property="inserted_at"))) == 5
    assert small.filtered(between("record", le="2020-01-01T10:00:00", property="inserted_at")) == set()


def test_filters_on_responses(small, people):
    a, b = people
    accuracy, safety, flags = ({"question": name} for name in ("accuracy", "safety", "flags"))
    assert small.filtered(terms("response", "3", **accuracy)) == {"e0"}
    assert small.filtered(between("response", 2, 5, **accuracy)) == {"e0", "e3"}
    assert small.filtered(terms("response", "harmful", "minor", **safety)) == {"e0", "e3"}
    assert small.filtered(terms("response", "dosage", **flags)) == {"e0", "e3"}
    assert small.filtered(terms("response", "dosage", **flags), client=a) == {"e0"}
    assert small.filtered(terms("response", "5", **accuracy), client=b) == set()


def test_filters_on_the_status_of_responses(small, people):
    a, b = people

    def mine(client, *values):
        return small.filtered(terms("response", *values, property="status"), client=client)

    assert mine(a, "submitted") == {"e0"} and mine(b, "submitted") == {"e0", "e3"}
    assert mine(a, "draft") == {"e1"} and mine(a, "discarded") == {"e2"}
    assert mine(a, "pending") == {"e3", "e4"} and mine(b, "pending") == {"e1", "e2", "e4"}
    assert mine(a, "pending", "draft") == {"e1", "e3", "e4"}
    assert mine(None, "pending") == {"e4"}
    assert mine(None, "submitted") == {"e0", "e3"}


def test_filters_on_suggestions(small):
    def found(*values, question="accuracy", property="value"):
        return small.filtered(terms("suggestion", *values, question=question, property=property))

    assert found("3", "1") == {"e0", "e3"}
    assert found("harmful", question="safety") == {"e3"}
    assert found("culture", question="flags") == {"e0"}
    assert found("judge", property="agent") == {"e0", "e1"}
    assert found("human", property="type") == {"e3"}
    assert small.filtered(between("suggestion", 0.5, 1, question="accuracy", property="score")) == {"e0"}
    assert small.filtered(between("suggestion", ge=3, question="accuracy", property="value")) == {"e0", "e1"}
    with pytest.raises(Refused, match="nothing"):
        found("3", question="nothing")


def test_orders_put_absent_values_last(small):
    def by(*orders, **more):
        return small.search({"sort": list(orders)}, **more)[0]

    quality = {"metadata_property": "quality"}
    assert by(order("metadata", **quality))[:4] == ["e3", "e1", "e0", "e4"]
    assert by(order("metadata", "desc", **quality)) == ["e4", "e0", "e1", "e3", "e2"]
    assert by(order("record", "desc", property="external_id")) == ["e4", "e3", "e2", "e1", "e0"]
    score = {"question": "accuracy", "property": "score"}
    assert by(order("suggestion", "desc", **score))[:2] == ["e0", "e1"]
    value = {"question": "accuracy", "property": "value"}
    assert by(order("suggestion", **value))[:3] == ["e3", "e0", "e1"]
    two = [order("record", property="status"), order("metadata", "desc", metadata_property="length")]
    assert by(*two) in (["e0", "e2", "e1", "e4", "e3"], ["e2", "e1", "e4", "e3", "e0"])


def test_orders_by_responses_take_the_mean(small, people):
    accuracy = {"question": "accuracy"}
    everyone = small.search({"sort": [order("response", "desc", **accuracy)]})[0]
    assert everyone[:3] == ["e0", "e3", "e1"]  # 4, 2, 1
    mine = small.search({"sort": [order("response", **accuracy)]}, client=people[1])[0]
    assert mine[:2] == ["e3", "e0"]  # 2, 3


def test_progress_of_the_dataset_and_of_a_user(small, people, owner):
    progress = owner.get(f"/datasets/{small.id}/progress")
    assert (progress["total"], progress["completed"], progress["pending"]) == (5, 1, 4)
    found = people[0].get(f"/me/datasets/{small.id}/metrics")["responses"]
    assert found == {"total": 5, "submitted": 1, "draft": 1, "discarded": 1, "pending": 2}
    assert people[1].get(f"/me/datasets/{small.id}/metrics")["responses"]["pending"] == 3


def test_metrics_of_metadata(small, owner):
    def metrics(name):
        return owner.get(f"/metadata-properties/{small.properties[name]}/metrics")

    found = metrics("language")
    assert found["total"] == 5
    assert {one["term"]: one["count"] for one in found["values"]} == {"sw": 2, "zh": 1, "en": 1, "ar": 1}
    assert found["values"][0] == {"term": "sw", "count": 2}
    assert (metrics("length")["min"], metrics("length")["max"]) == (7, 30)
    assert (metrics("quality")["min"], metrics("quality")["max"]) == (-2.5, 1000)


def test_similar_records(small, owner):
    def near(limit=10, filters=None, **vector):
        query = {"query": {"vector": {"name": "meaning", **vector}}}
        query |= {"filters": {"type": "and", "and": filters}} if filters else {}
        found = owner.post(f"/datasets/{small.id}/records/search", query, limit=limit)
        return [(one["record"]["external_id"], round(one["query_score"], 4)) for one in found["items"]]

    assert near(value=[2, 0, 0]) == [("e0", 1.0), ("e1", 0.9969), ("e2", 0.5), ("e3", 0.0)]
    assert near(record_id=small.ids[0], limit=2) == [("e1", 0.9969), ("e2", 0.5)]  # not itself
    assert near(value=[1, 0, 0], order="least_similar", limit=2) == [("e3", 1.0), ("e2", 0.5)]
    only = [between("metadata", ge=20, metadata_property="length")]
    assert [one for one, _ in near(value=[1, 0, 0], filters=only)] == ["e1", "e2"]
    with pytest.raises(Refused, match="vector"):
        near(record_id=small.ids[4])


def test_a_vector_of_another_length_is_refused(embedded, small, owner):
    with pytest.raises(Refused, match="3 dimensions, not 2") as refused:
        owner.post(f"/datasets/{small.id}/records/search", {"query": {"vector": {"name": "meaning", "value": [1, 2]}}})
    assert refused.value.status == 422


def test_a_time_that_is_none_is_refused(embedded, small):
    with pytest.raises(Refused, match="ISO 8601") as refused:
        small.filtered(between("record", ge="yesterday", property="inserted_at"))
    assert refused.value.status == 422


def test_pages_cover_everything_once(owner, place, people):
    made = Dataset(owner, place)
    made.push([{"external_id": f"r{at}", "fields": {"source": f"text {at}"}} for at in range(2500)])
    everything = {f"r{at}" for at in range(2500)}

    def pages(query=None, client=None, size=400):
        found = [made.search(query, client=client, offset=at, limit=size) for at in range(0, 2500, size)]
        assert {total for _, total in found} == {2500}
        return [one for ids, _ in found for one in ids]

    for query in (None, {"query": {"text": {"q": "text"}}}, {"sort": [order("record", property="external_id")]}):
        found = pages(query)
        assert len(found) == 2500 and set(found) == everything
    assert made.search(offset=2400, limit=1000)[1] == 2500
    assert made.search(offset=5000, limit=10) == ([], 2500)
    first, second = (pages(client=one) for one in people)
    assert set(first) == set(second) == everything
    assert first != second  # each has an order of his own
    assert first == pages(client=people[0])  # and keeps it


def test_what_is_changed_is_found_changed(owner, place, people):
    made = Dataset(owner, place, least=1)
    ids = made.push([{"external_id": f"c{at}", "fields": {"source": "abscess"}} for at in range(4)])
    owner.call("PATCH", f"/records/{ids[0]}", {"metadata": {"language": "wo"}})
    assert made.filtered(terms("metadata", "wo", metadata_property="language")) == {"c0"}
    suggestion = {"question_id": made.questions["accuracy"], "value": 2}
    owner.call("PUT", f"/records/{ids[1]}/suggestions", suggestion)
    owner.call("PUT", f"/records/{ids[1]}/suggestions", suggestion | {"value": 5})
    asked = {"question": "accuracy", "property": "value"}
    assert made.filtered(terms("suggestion", "5", **asked)) == {"c1"}
    assert made.filtered(terms("suggestion", "2", **asked)) == set()
    answer = people[0].answer(ids[2], {"accuracy": 4})
    assert made.filtered(terms("record", "completed", property="status")) == {"c2"}
    people[0].call("PUT", f"/responses/{answer['id']}", {"status": "draft", "values": {"accuracy": {"value": 1}}})
    assert made.filtered(terms("record", "completed", property="status")) == set()
    assert made.filtered(terms("response", "4", question="accuracy")) == set()
    people[0].call("DELETE", f"/responses/{answer['id']}")
    assert made.filtered(terms("response", "pending", property="status"), client=people[0]) == {"c0", "c1", "c2", "c3"}
    owner.call("DELETE", f"/records/{ids[3]}")
    assert made.texts("abscess") == {"c0", "c1", "c2"}
    owner.call("DELETE", f"/datasets/{made.id}")
    with pytest.raises(Refused, match="not found"):
        made.search()
