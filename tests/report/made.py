"""Runs as lm-eval writes them for our tasks, with scores that a test decides.

run(tmp_path / "r", "org/a", {"globmed_medqa_sw": [1, 0, 1]})      three items, right, wrong, right
"""

from __future__ import annotations

import json
from pathlib import Path

import xxhash

from globmed_tools import catalog, names
from globmed_tools.bench import prompts
from globmed_tools.entry import make

DATE = "2026-11-20T08-00-00.000000"
FORMS = {
    "mcq": dict(options=["iron", "zinc", "salt", "water"], answers=[1]),
    "nli": dict(context="The patient has a fever.", label="entailment"),
    "longform": dict(reference="Drink water and rest."),
}


def doc(task: str, key: str, **content) -> dict:
    """The document of one item; the same key is the same item in every language."""
    kind, name, code = names.parts(task)
    form = catalog.get(name).form
    content = {"question": f"Which one, {key}?", **FORMS[form], **content}
    entry = make(
        source=name, split="test", form=form, language=code, key=key, locator="made", licence="Apache-2.0", **content
    )
    return prompts.document(entry, kind)


def line(task: str, number: int, key: str, scores: dict[str, float], reply: str | None = None, **content) -> dict:
    """One sample. Without a reply, one that our reader reads as the scores say."""
    item = doc(task, key, **content)
    kind = names.parts(task)[0]
    choices = item["choices"] or prompts.LETTERS[: len(item["options"])]
    row = {
        "doc_id": number,
        "doc": item,
        "target": str(item["target"]),
        "arguments": {"gen_args_0": {"arg_0": item["prompt"]}},
    }
    if kind == "ll":
        best = item["gold"] if scores["acc"] else (item["gold"] + 1) % len(choices)
        row["resps"] = [[[str(-1.0 - (place != best)), "False"]] for place in range(len(choices))]
        row["filtered_resps"] = [one[0] for one in row["resps"]]
    else:
        reading = _reading(item, scores, choices)
        row["resps"] = [[reply or _reply(item, reading)]]
        row["filtered_resps"] = [json.dumps(reading, ensure_ascii=False)]
    row |= {"filter": "none" if kind == "ll" else "extract", "metrics": list(scores)}
    hashes = ("doc_hash", "prompt_hash", "target_hash")
    return row | {name: xxhash.xxh3_128_hexdigest(f"{name}{number}".encode()) * 2 for name in hashes} | scores


def _reading(item: dict, scores: dict[str, float], choices) -> dict:
    if item["form"] == "longform":
        text = "Drink water." if scores["answered"] else ""
        return {"answer": None, "letter": None, "how": "text" if text else "none", "in_language": 1.0, "text": text}
    if not scores["answered"]:
        return {"answer": None, "letter": None, "how": "none", "in_language": scores["in_language"]}
    index = item["gold"] if scores["acc"] else (item["gold"] + 1) % len(choices)
    return {"answer": index, "letter": choices[index], "how": "stated", "in_language": scores["in_language"]}


def _reply(item: dict, reading: dict) -> str:
    if item["form"] == "longform":
        return reading["text"]
    return "I cannot say." if reading["answer"] is None else f"Answer: {reading['letter']}"


def scores_of(task: str, value) -> dict[str, float]:
    """All metrics of an item from its main score, or from (score, answered, in_language)."""
    kind, name, _code = names.parts(task)
    value = value if isinstance(value, tuple) else (value, 1, 1)
    if kind == "ll":
        return {"acc": float(value[0]), "acc_norm": float(value[0])}
    if catalog.get(name).form == "longform":
        return {"chrf": float(value[0]), "rouge_l": float(value[0]) / 2, "answered": 1.0, "in_language": 1.0}
    return dict(zip(("acc", "answered", "in_language"), map(float, value)))


def run(folder: Path, model: str, tasks: dict[str, list], *, date: str = DATE, keys=None, **changed) -> Path:
    """Write one run into `folder`; returns its result file. `changed`: data, version, instructions, shots, original, content,
    parameters, args (of the model)."""
    folder.mkdir(parents=True, exist_ok=True)
    results, configs, counts, versions = {}, {}, {}, {}
    for task, values in tasks.items():
        own = keys or [f"item {number}" for number in range(len(values))]
        content = changed.get("content", {})
        rows = [
            line(task, i, key, scores_of(task, value), **content) for i, (key, value) in enumerate(zip(own, values))
        ]
        path = folder / f"samples_{task}_{date}.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        filtered = rows[0]["filter"]
        means = {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]["metrics"]}
        results[task] = {"alias": task} | {f"{name},{filtered}": mean for name, mean in means.items()}
        told = f"globmed data: {changed.get('data', 'hub x')}; split test, {len(rows)} items; few-shot from dev"
        metadata = {"version": 1.0, "globmed_instructions": changed.get("instructions", "native")}
        configs[task] = {"custom_dataset": told, "metadata": metadata, "num_fewshot": changed.get("shots", 0)}
        counts[task] = {"original": changed.get("original", len(rows)), "effective": len(rows)}
        versions[task] = changed.get("version", "1.0")
    fields = {"results": results, "configs": configs, "n-samples": counts, "versions": versions, "model_name": model}
    args = {"pretrained": model, "dtype": "bfloat16", **changed.get("args", {})}
    fields["config"] = {"model": "hf", "model_args": args, "model_num_parameters": changed.get("parameters")}
    file = folder / f"results_{date}.json"
    file.write_text(json.dumps(fields), "utf-8")
    return file
