"""Result and sample files as lm-eval 0.4.13 writes them for our tasks, of models that never ran.

    make(Path("runs"), models=56, languages=12, sets=9, items=1000)       6,048,000 samples, about 20 GB

Prompts are the project's own (`globmed_tools.bench.prompts`) over the texts of the bundled sample, replies are sentences of
it with an answer behind them. Each model has an ability and each tier of languages a handicap; weak models leave some
replies without an answer. The files are whole: the means of the result files are those of the samples.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import xxhash

from globmed_tools import catalog, languages, resources, store
from globmed_tools.bench import prompts
from globmed_tools.bench.load import Found, _sample_entry
from globmed_tools.entry import Entry

DATE = "2026-11-20T08-00-00.000000"
LETTERS = "ABCDEFGHIJ"


def make(out: Path, *, models: int, languages_: int, sets: int, items: int, seed: int = 7) -> int:
    """Write the runs into `out`, one folder a model; returns the number of samples."""
    codes = languages.codes(paper=True)[-languages_:] if languages_ < 12 else languages.codes()[:languages_]
    codes = list(dict.fromkeys(["en", *codes]))[:languages_]
    names = [one.name for one in catalog.table().values() if one.bench and one.in_paper][:sets]
    results: list[dict] = [{} for _ in range(models)]
    for model in range(models):
        (out / f"lab__model-{model:02d}").mkdir(parents=True, exist_ok=True)
    for name in names:
        hard = np.random.default_rng([seed, xxhash.xxh32_intdigest(name.encode())]).normal(0, 1, items)
        for code in codes:
            _task(out, name, code, hard, models, seed, results)
    for model, tasks in enumerate(results):
        _results(out / f"lab__model-{model:02d}" / f"results_{DATE}.json", f"lab/model-{model:02d}", model, tasks)
    return models * len(codes) * len(names) * items


def _entries(name: str, code: str) -> list[Entry]:
    """The sample's entries that stand in for a set."""
    source = catalog.get(name)
    low, high = source.options
    rows = store.json_lines(resources.sample() / f"{code}.jsonl")
    found = Found("test", f"{code}.jsonl", code, code)
    return [
        _sample_entry(row, number, found)
        for number, row in rows
        if row["form"] == source.form and low <= len(row["options"]) <= high
    ]


def _task(out: Path, name: str, code: str, hard: np.ndarray, models: int, seed: int, results: list[dict]) -> None:
    """The samples of every model for one task."""
    task, items = f"globmed_{name}_{code}", len(hard)
    entries, language = _entries(name, code), languages.get(code)
    docs = [prompts.document(entries[i % len(entries)], "gen", name=name) for i in range(items)]
    heads, tails = [], []
    for number, doc in enumerate(docs):
        doc["id"] = xxhash.xxh3_128_hexdigest(f"{task} {number}".encode())
        doc["group_id"] = xxhash.xxh3_128_hexdigest(f"{name} {number}".encode())
        asked = {"until": ["<|im_end|>", "</s>"], "do_sample": False, "temperature": 0.0, "max_gen_toks": 2048}
        chat = f"<|im_start|>user\n{doc['prompt']}<|im_end|>\n<|im_start|>assistant\n"
        head = {
            "doc_id": number,
            "doc": doc,
            "target": doc["target"],
            "arguments": {"gen_args_0": {"arg_0": chat, "arg_1": asked}},
        }
        heads.append(json.dumps(head, ensure_ascii=False)[:-1].encode())
        hashes = {
            key: xxhash.xxh3_128_hexdigest(f"{key}{number}".encode()) * 2
            for key in ("doc_hash", "prompt_hash", "target_hash")
        }
        tails.append(json.dumps(hashes)[1:-1].encode())
    texts = [text for one in entries for text in (one.question, one.reference) if text]
    random = np.random.default_rng([seed, xxhash.xxh32_intdigest(task.encode())])
    for model in range(models):
        long = docs[0]["form"] == "longform"
        made = (_long if long else _choice)(docs, texts, language, hard, model, models, random)
        path = out / f"lab__model-{model:02d}" / f"samples_{task}_{DATE}.jsonl"
        metrics = ("chrf", "rouge_l", "answered", "in_language") if long else ("acc", "answered", "in_language")
        lines, scores = [], []
        for head, tail, (reply, reading, values) in zip(heads, tails, made):
            middle = {"resps": [[reply]], "filtered_resps": [reading], "filter": "extract", "metrics": metrics}
            middle = json.dumps(middle, ensure_ascii=False)[1:-1]
            ends = ", ".join(f'"{metric}": {value!r}' for metric, value in zip(metrics, values))
            lines.append(b"%b, %b, %b, %b}\n" % (head, middle.encode(), tail, ends.encode()))
            scores.append(values)
        path.write_bytes(b"".join(lines))
        results[model][task] = dict(zip(metrics, np.mean(scores, axis=0).tolist())) | {"items": items}


def _ability(model: int, models: int, language) -> float:
    return (
        -1.5
        + 3.5 * model / max(1, models - 1)
        - (1.1 if language.tier == "low" else 0.0 if language.code == "en" else 0.3)
    )


def _choice(docs, texts, language, hard, model, models, random):
    """(reply, reading, scores) of every item with options."""
    ability = _ability(model, models, language)
    right = random.random(len(docs)) < 1 / (1 + np.exp(hard - ability))
    answered = random.random(len(docs)) < 1 / (1 + np.exp(-ability - 3))
    spoken = random.random(len(docs)) < 1 / (1 + np.exp(-ability - 2.5))
    which, other = random.integers(0, len(texts), len(docs)), random.integers(1, 9, len(docs))
    for number, doc in enumerate(docs):
        count = len(doc["options"] or doc["choices"])
        index = doc["gold"] if right[number] else (doc["gold"] + 1 + int(other[number]) % (count - 1)) % count
        label = (doc["choices"] or LETTERS)[index]
        text = f"{texts[which[number]]} {texts[which[number] - 1]}"
        found = bool(answered[number])
        reply = f"{text}\n\n{language.words['answer']}: {label}" if found else text
        reading = (
            {"answer": index, "letter": label, "how": "stated"}
            if found
            else {"answer": None, "letter": None, "how": "none"}
        )
        yield (
            reply,
            json.dumps(reading | {"in_language": float(spoken[number])}, ensure_ascii=False),
            (float(found and right[number]), float(found), float(spoken[number])),
        )


def _long(docs, texts, language, hard, model, models, random):
    """(reply, reading, scores) of every long-form item."""
    ability = _ability(model, models, language)
    chrf = np.clip(0.25 + 0.06 * ability + random.normal(0, 0.08, len(docs)), 0, 1)
    rouge = np.clip(chrf - 0.1, 0, 1)
    spoken = random.random(len(docs)) < 1 / (1 + np.exp(-ability - 2.5))
    which = random.integers(0, len(texts), len(docs))
    for number in range(len(docs)):
        text = f"{texts[which[number]]} {texts[which[number] - 1]}"
        reading = {"answer": None, "letter": None, "how": "text", "in_language": float(spoken[number]), "text": text}
        yield (
            text,
            json.dumps(reading, ensure_ascii=False),
            (float(chrf[number]), float(rouge[number]), 1.0, float(spoken[number])),
        )


def _results(path: Path, model: str, number: int, tasks: dict[str, dict]) -> None:
    """One result file with everything that a report reads out of it."""
    scored = {
        task: {"alias": task, **{f"{metric},extract": value for metric, value in values.items() if metric != "items"}}
        for task, values in tasks.items()
    }
    counts = {task: {"original": values["items"], "effective": values["items"]} for task, values in tasks.items()}
    told = "globmed data: hub ruiyang-medinfo/GlobMed; split test, {} items; few-shot from train"
    configs = {
        task: {
            "task": task,
            "custom_dataset": told.format(values["items"]),
            "generation_kwargs": {"max_gen_toks": 2048, "temperature": 0.0},
            "num_fewshot": 0,
            "metadata": {"version": 1.0, "pretrained": model},
        }
        for task, values in tasks.items()
    }
    fields = {
        "results": scored,
        "configs": configs,
        "versions": dict.fromkeys(tasks, 1.0),
        "n-samples": counts,
        "config": {"model": "vllm", "model_num_parameters": int(5e8 * 1.1**number), "model_dtype": "torch.bfloat16"},
        "lm_eval_version": "0.4.13",
        "model_name": model,
        "chat_template": "yes",
    }
    path.write_text(json.dumps(fields, indent=2), "utf-8")
