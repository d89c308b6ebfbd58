"""An export of real sets: whole, usable by the benchmark, and every conversation answered rightly."""

from __future__ import annotations

from globmed_curation.export import Config, export
from globmed_curation.ingest import ingest

from globmed_tools import languages, shards, store
from globmed_tools.bench import doctor, extract


def test_real_sets_are_exported_whole_and_their_conversations_are_read_as_the_gold(real_data, tmp_path):
    folders = {"medexpqa": "casimedicos", "headqa": "headqa", "pubmedqa": "pubmedqa"}
    sets = {name: ingest(name, [real_data(folder)], tmp_path / "data") for name, folder in folders.items()}
    config = Config(layouts=("hub", "entries", "chat"), rationale=True)
    summary = export(shards.entries([tmp_path / "data"]), tmp_path / "out", config)
    kept = {(name, *part): count for name, one in sets.items() for part, count in one.kept.items()}
    assert summary.counts == kept and sum(kept.values()) > 15000 and not summary.dropped
    codes = sorted({code for _, code, _ in kept})
    found = list(doctor.examine(str(tmp_path / "out" / "hub"), list(sets), codes))
    usable = {(one.set, one.language): one.splits for one in found if one.status == doctor.USABLE}
    assert {(name, code, split): n for (name, code), splits in usable.items() for split, n in splits.items()} == kept
    golds = {one.id: one for name in sets for one in store.read(tmp_path / "out" / "entries" / name)}
    train, kinds = 0, set()
    for path in (tmp_path / "out" / "chat").rglob("*.jsonl"):
        for _, row in store.json_lines(path):
            one, reply = golds[row["id"]], row["messages"][1]["content"]
            index = extract.read(reply, languages.get(one.language), one.form, list(one.options)).index
            wanted = one.answers[0] if one.answers else languages.LABELS[one.form].index(one.label)
            assert index == wanted
            kinds.add(row["reply"])
            train += 1
    assert train == sum(count for (_, _, split), count in kept.items() if split == "train")
    assert kinds >= {"rationale, letter and text", "letter and text", "rationale, label"}
