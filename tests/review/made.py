"""Builds, items and answers for the tests of what comes after a review: real texts of the bundled sample, made-up answers."""

from __future__ import annotations

from pathlib import Path

from globmed_curation import pipeline
from globmed_curation.plan import make_step
from globmed_curation.review import model

from globmed_tools import entry, manifest, resources, shards, store

LANGUAGES = ("sw", "zh", "ar")


def entries(languages=LANGUAGES) -> list[entry.Entry]:
    """The sample's test items of every form: the English original of each, then its translations."""
    rows = {
        code: [row for _, row in store.json_lines(resources.sample() / f"{code}.jsonl")] for code in ("en", *languages)
    }
    made = []
    for number, row in enumerate(rows["en"]):
        if row["split"] == "test":
            original = entry.make(
                source=f"sample-{row['form']}",
                key=row["group"],
                language="en",
                locator=f"en.jsonl:{number}",
                licence="CC0-1.0",
                **{name: row[name] for name in ("split", "form", "question", "context", "options", "answers", "label")},
                **{name: row[name] for name in ("reference", "rationale")},
            )
            made.append(original)
            for code in languages:
                names = [
                    one
                    for one in ("question", "context", "options", "reference", "rationale")
                    if getattr(original, one)
                ]
                texts = {name: rows[code][number][name] for name in names}
                made.append(entry.translation(original, code, translator="somebody", **texts))
    return made


def build(out: Path, languages=LANGUAGES, format: str = "jsonl") -> Path:
    """The folder of one stage that holds `entries`."""
    source = out.with_name(f"{out.name}-in.jsonl")
    model.write_lines(source, entries(languages))
    pipeline.apply(make_step(1, "normalize", {}, "test", {}), [source], out, format=format)
    return out


def items(build: Path, *, languages=LANGUAGES) -> list[model.Item]:
    """An item for every translation of a build, in these languages."""
    found = list(shards.entries([build]))
    by = {one.id: one for one in found}
    return [
        model.Item(
            id=one.id,
            group_id=one.group_id,
            source=one.source,
            language=one.language,
            form=one.form,
            split=one.split,
            original=entry.to_dict(by[one.translated_from]),
            translation=entry.to_dict(one),
            findings=[],
            why="drawn",
            reviews=2,
            calibration=None,
        )
        for one in found
        if one.translated_from and one.language in languages
    ]


def answer(item: model.Item, reviewer: str, **given) -> model.Answer:
    """A submitted answer that finds nothing wrong, but for what is given."""
    best = {"status": "submitted", "accuracy": 5, "fluency": 5, "completeness": 5, "safety": "safe"}
    return model.Answer(item.id, item.language, reviewer, **(best | given))


def review(folder: Path, items: list[model.Item], answers: list[model.Answer], decided=()) -> Path:
    """A complete review folder. decided: the answers of a senior reviewer."""
    path = model.write_lines(folder / model.ITEMS, items)
    told = {"name": model.ITEMS, "rows": len(items), "bytes": path.stat().st_size, "xxh3": manifest.checksum(path)}
    model.write_manifest(folder, {"file": told})
    model.write_lines(folder / model.ANSWERS, answers)
    if decided:
        model.write_lines(folder / "adjudicated.jsonl", decided)
    return folder


def planted(item: model.Item, field: str, before: str) -> model.Item:
    """A copy of an item whose fault in this field is known; before: the field's text without it."""
    row = model.to_dict(item) | {
        "id": f"{item.id[:-4]}0000",
        "why": "calibration",
        "calibration": {
            "fault": "number",
            "field": field,
            "original_text": before,
            "changed": {field: before},
            "copy_of": item.id,
        },
    }
    return model.item_from_dict(row)
