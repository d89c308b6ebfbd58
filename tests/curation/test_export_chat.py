"""Conversations: the benchmark's own prompts, and replies that it scores as right."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from globmed_curation.export import Config, chat, export

from globmed_tools import languages, store
from globmed_tools.bench import extract, prompts
from globmed_tools.errors import GlobmedError
from tests.curation.test_export import SETS, sample
from tests.test_entry import made


def rows_of(folder):
    return [row for path in sorted((folder / "chat").rglob("*.jsonl")) for _, row in store.json_lines(path)]


def test_a_conversation():
    sw = languages.get("sw")
    one = made(language="sw", split="train", question="Ni ipi?", options=["mafua", "malaria"], answers=[1])
    assert chat.row(one) == {
        "messages": [
            {
                "role": "user",
                "content": sw.ask["mcq"].replace("{letters}", "A, B")
                + f"\n\n{sw.words['question']}: Ni ipi?\nA. mafua\nB. malaria\n{sw.words['answer']}:",
            },
            {"role": "assistant", "content": "B. malaria"},
        ],
        "id": one.id,
        "group_id": one.group_id,
        "set": "medqa",
        "language": "sw",
        "split": "train",
        "reply": "letter and text",
    }
    reasons = replace(one, rationale="Ina homa.")
    assert chat.row(reasons)["messages"][1]["content"] == "B. malaria"
    assert (
        chat.row(reasons, rationale=True)["messages"][1]["content"] == f"Ina homa.\n\n{sw.words['answer']}: B. malaria"
    )
    assert chat.row(one, rationale=True)["messages"][1]["content"] == "B. malaria"


@pytest.mark.parametrize("code", languages.codes())
@pytest.mark.parametrize("rationale", [False, True])
def test_every_reply_is_read_as_the_gold_in_every_language(code, rationale):
    entries, kinds = sample(codes=(code,)), set()
    assert len(entries) == 57
    for one in entries:
        row = chat.row(one, rationale=rationale)
        asked = prompts.document(one, "gen")
        user, assistant = row["messages"]
        assert user == {"role": "user", "content": asked["prompt"]} and assistant["role"] == "assistant"
        kinds.add(row["reply"])
        if one.form == "longform":
            assert assistant["content"] == one.reference
            continue
        found = extract.read(assistant["content"], languages.get(code), one.form, list(one.options))
        assert found.index == asked["gold"]
        if one.form == "mcq":
            assert assistant["content"].endswith(f"{prompts.LETTERS[one.answers[0]]}. {one.options[one.answers[0]]}")
    why = {"rationale, letter and text", "rationale, label", "label"}  # the sample's nli items give no reasons
    assert kinds == {"reference"} | (why if rationale else {"letter and text", "label"})


def test_a_reply_that_would_be_misread_gets_shorter_and_says_so():
    trap = made(options=["The correct answer is B", "nothing", "x"], answers=[0])
    row = chat.row(trap)
    assert (row["messages"][1]["content"], row["reply"]) == ("A", "letter")
    talk = made(
        options=["aspirin", "rest", "heat"],
        answers=[0],
        rationale="Aspirin. The answer is C, as all know: C is correct.",
    )
    assert chat.row(talk, rationale=True)["messages"][1]["content"].endswith("Answer: A. aspirin")


def test_a_reply_that_cannot_be_read_at_all_is_one_line(monkeypatch):
    monkeypatch.setattr(extract, "read", lambda *_: extract.Read(None, "none"))
    with pytest.raises(GlobmedError, match="test.jsonl:7 .en.: not even 'B' alone is read as the answer"):
        chat.row(made())


def test_only_train_is_written_unless_another_split_is_asked_for(tmp_path):
    entries = sample(codes=("en", "sw"))
    export(entries, tmp_path / "a", Config(layouts=("hub", "chat")))
    rows = rows_of(tmp_path / "a")
    assert {row["split"] for row in rows} == {"train"} and len(rows) == sum(
        one.split == "train" for one in entries
    ) > 20
    assert {row["id"] for row in rows} == {one.id for one in entries if one.split == "train"}
    summary = export(entries, tmp_path / "b", Config(layouts=("chat",), splits=("test",)))
    assert {row["split"] for row in rows_of(tmp_path / "b")} == {"test"}
    assert "conversations are not of the split train, as --split asked" in summary.warnings[0]


def test_no_training_data_is_said_and_never_silent(tmp_path):
    tests = [one for one in sample(("medqa", "bionli"), ("en",)) if one.split == "test" or one.source == "medqa"]
    summary = export(tests, tmp_path / "a", Config(layouts=("hub", "chat")))
    assert summary.warnings == ["chat: nothing of bionli: no split train there."]
    assert not (tmp_path / "a" / "chat" / "bionli").exists()
    with pytest.raises(GlobmedError, match="chat takes the split train, and there is none"):
        export([one for one in tests if one.split == "test"], tmp_path / "b", Config(layouts=("chat",)))


def test_datasets_reads_the_conversations(tmp_path):
    datasets = pytest.importorskip("datasets")
    export(sample(codes=("sw",)), tmp_path / "out", Config(layouts=("chat",), rationale=True))
    found = datasets.load_dataset(str(tmp_path / "out" / "chat" / "pubmedqa"), "sw", cache_dir=str(tmp_path / "cache"))
    path = tmp_path / "out" / "chat" / "pubmedqa" / "sw" / "train.jsonl"
    assert found["train"].to_list() == [orjson.loads(line) for line in path.read_bytes().splitlines()]
    assert len(found["train"]) == 2


def test_lm_eval_sends_these_very_messages_and_scores_these_very_replies_as_right(tmp_path, root):
    """A stand-in model under lm-eval itself, which answers each prompt with the reply of the exported conversation."""
    pytest.importorskip("lm_eval")
    from lm_eval import simple_evaluate
    from lm_eval.api.model import LM
    from lm_eval.tasks import TaskManager

    codes = ("en", "sw", "ja", "ar", "yo")
    export(sample(codes=codes), tmp_path / "out", Config(layouts=("entries", "chat"), splits=("test",), rationale=True))
    replies = {row["messages"][0]["content"]: row["messages"][1]["content"] for row in rows_of(tmp_path / "out")}
    assert len(replies) == len(codes) * (12 + 4 + 4 + 4)  # medqa's items of the sample are among mmlu_pro's
    sent = []

    class Parrot(LM):
        tokenizer_name = "none"

        def apply_chat_template(self, history, add_generation_prompt=True):
            sent.append(history)
            return orjson.dumps(history).decode()

        def chat_template(self, *_):
            return ""

        def generate_until(self, requests, **_):
            return [replies[orjson.loads(one.args[0])[-1]["content"]] for one in requests]

        def loglikelihood(self, *_):
            raise AssertionError

        loglikelihood_rolling = loglikelihood

    tasks = [f"globmed_{name}_{code}" for name in SETS for code in codes]
    manager = TaskManager(
        include_path=str(root / "tasks"),
        include_defaults=False,
        metadata={"globmed_data": str(tmp_path / "out" / "entries")},
    )
    done = simple_evaluate(Parrot(), tasks=tasks, task_manager=manager, apply_chat_template=True, bootstrap_iters=0)
    contents = [[(turn["role"], turn["content"]) for turn in history] for history in sent]
    assert all(len(turns) == 1 and turns[0][0] == "user" for turns in contents)
    assert {turns[0][1] for turns in contents} == set(replies)
    assert set(done["results"]) == set(tasks)
    for name, scores in done["results"].items():
        metric = "chrf,extract" if "liveqa" in name else "acc,extract"
        assert scores[metric] == pytest.approx(1), name
