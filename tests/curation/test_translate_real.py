"""All four forms in the paper's twelve languages, on items of the original files: what comes out is what the models said.

`benchmarks/translate.py forms` does the same with more items and tells the counts.
"""

from __future__ import annotations

from collections import Counter

from globmed_curation import pipeline
from globmed_curation.engines import Engine, Progress
from globmed_curation.plan import make_step
from globmed_curation.translate.agents import schemas

from globmed_tools import languages, shards
from globmed_tools.catalog import FORMS

from .faulty import NOTED, ends_of
from .real_items import FROM_SPANISH, SAMPLE, SETS, differing, real_items
from .translating import Translator, sample_table

PICKED = ("headqa", "medexpqa", "mmlu_clinical_african", "pubmedqa", "expertqa_med")


def test_real_items_of_every_form_in_twelve_languages(real_data, tmp_path):
    folders = {real_data(SETS[name]) for name in PICKED}
    items, published = real_items(next(iter(folders)).parent, 3, PICKED)
    entries = [one for some in items.values() for one in some]
    codes = languages.codes(paper=True)
    shards.write_rows(tmp_path, "in", "items", entries, "jsonl")
    with Translator(table=sample_table(*codes[1:]) | published) as server:
        told = {
            "model": "gpt-4.1",
            "journal": str(tmp_path / "calls.sqlite"),
            "endpoint": {"base_url": server.url},
            "check": {"checks": {name: {"severity": "note"} for name in NOTED}},
        }
        step = make_step(1, "translate", {"translator": "agents", "languages": codes, "agents": told}, "test")
        pipeline.apply(step, [tmp_path / "in" / "items.jsonl"], tmp_path / "out", Engine("local", 1, Progress()))
    ends = ends_of(tmp_path / "out")
    assert set(ends) == {(one.id, code) for one in entries for code in codes if code != one.language}
    assert all(len(one) == 1 for one in ends.values()) and {end[0] for [end] in ends.values()} <= {"clean", "flagged"}
    by_id = {one.id: one for one in entries}
    made = [one for one in shards.entries([tmp_path / "out"]) if one.translated_from]
    for one in made:
        source = by_id[one.translated_from]
        assert differing(source, one) == []
        said = server.good(schemas.texts_of(source), source.language, one.language)
        assert schemas.texts_of(one) == {name: _stripped(value) for name, value in said.items()}
    assert len(codes) == 12 and {one.form for one in made} == set(FORMS) and {one.language for one in made} == {*codes}
    real = Counter(one.language for one in made if (one.language, by_id[one.translated_from].question) in published)
    assert real["en"] == len(items[FROM_SPANISH]) == 3 and real["es"] >= 3 and real["fr"] == 3 and real["zu"] == 3
    assert Counter(one.form for one in made)["nli"] == 11 * len(items[SAMPLE])


def _stripped(value):
    return {key: text.strip() for key, text in value.items()} if isinstance(value, dict) else value.strip()
