"""A real (tiny) transformer through lm-eval's hf backend: zero- and few-shot, with and without a chat template."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("lm_eval")

from globmed_tools.bench import tiny  # noqa: E402

SAMPLE = '{"globmed_data": "sample"}'


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    return tiny.make(tmp_path_factory.mktemp("tiny") / "model")


@pytest.mark.slow
@pytest.mark.parametrize(
    "chat", [(), ("--apply_chat_template", "--fewshot_as_multiturn", "true")], ids=["plain", "chat"]
)
def test_few_shot_examples_come_from_dev_in_the_same_order_in_every_language(command, tmp_path, model, chat):
    ran = command(
        "globmed", "bench", "run", "--model", "hf", "--model_args", f"pretrained={model},dtype=float32", "--device", "cpu",
        "--tasks", "globmed_medqa_sw,globmed_medqa_ar,globmedll_pubmedqa_yo,globmed_liveqa_zh", "--metadata", SAMPLE,
        "--num_fewshot", "1", "--limit", "2", "--gen_kwargs", "max_gen_toks=4", "--output_path", "out", "--log_samples", *chat,
    )  # fmt: skip
    assert ran.code == 0, ran.err[-2000:]
    from globmed_tools.bench import load

    for code in ("sw", "ar"):
        (path,) = (tmp_path / "out").rglob(f"samples_globmed_medqa_{code}_*.jsonl")
        prompt = json.loads(path.read_text("utf-8").splitlines()[0])["arguments"]["gen_args_0"]["arg_0"]
        shot, test = (load.load("sample", "medqa", code, split)[0] for split in ("dev", "test"))
        assert prompt.index(shot.question) < prompt.index(test.question)
        assert ("<|im_start|>assistant" in prompt) == bool(chat)


@pytest.mark.slow
def test_the_tiny_model_is_the_same_every_time(tmp_path, model):
    again = tiny.make(tmp_path / "again")
    for name in ("model.safetensors", "tokenizer.json"):
        assert (again / name).read_bytes() == (model / name).read_bytes()


@pytest.mark.slow
@pytest.mark.wheel
def test_the_demo_prints_a_table_of_twelve_languages(command, tmp_path):
    ran = command("globmed", "bench", "demo", "--out", "demo", timeout=600)
    assert ran.code == 0, ran.err[-2000:]
    for name in "English Chinese Japanese Korean German French Spanish Portuguese Swahili Wolof Yoruba Zulu".split():
        assert sum(name in line for line in ran.out.splitlines()) == 2, ran.out
    assert "nothing about any model" in ran.out
    (file,) = (tmp_path / "demo" / "results").rglob("results_*.json")
    found = json.loads(file.read_text("utf-8"))
    assert found["n-samples"]["globmed_medqa_wo"]["effective"] == 8
    for task, values in found["results"].items():
        metrics = [key for key in values if "," in key and "_stderr" not in key]
        stderrs = [values[key.replace(",", "_stderr,")] for key in metrics]
        assert metrics and all(isinstance(one, float) for one in stderrs), task
    forms = {
        json.loads(path.open().readline())["doc"]["form"] for path in (tmp_path / "demo" / "results").rglob("*.jsonl")
    }
    assert forms == {"mcq", "nli", "yesno", "longform"}
