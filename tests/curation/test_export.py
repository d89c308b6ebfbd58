"""An export as its readers see it: the benchmark, `datasets`, the hub's card parser, and a second run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from globmed_curation.export import Config, columns, export
from globmed_curation.export.place import OURS

from globmed_tools import languages, manifest, store
from globmed_tools.bench import doctor, load
from globmed_tools.entry import Entry
from globmed_tools.errors import GlobmedError

#: Sets of every form that the sample can stand in for, with licences that may stand together.
SETS = {"medqa": "MIT", "mmlu_pro": "Apache-2.0", "bionli": "MIT", "pubmedqa": "MIT", "liveqa": "CC BY 4.0"}
CODES = ("en", "sw", "ja", "ar")


def sample(sets=tuple(SETS), codes=CODES) -> list[Entry]:
    """The bundled sample under the names of these sets."""
    found = []
    for name in sets:
        for code in codes:
            for split in load.available("sample", name, code):
                rows = [one for part in load.available("sample", name, code)[split] for one in _read(name, part)]
                found += [replace(one, source=name, licence=SETS[name]) for one in rows]
    return found


def _read(name: str, part) -> list[Entry]:
    from globmed_tools import catalog

    return load.Sample().read(catalog.get(name), part)[0]


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """(folder, entries) of one export in all layouts."""
    folder, entries = tmp_path_factory.mktemp("export") / "out", sample()
    summary = export(entries, folder, Config(published="2026-11-23"))
    assert summary.entries == len(entries) == len(CODES) * 57 and not summary.warnings and not summary.dropped
    return folder, entries


@pytest.fixture(autouse=True)
def fresh():
    load.available.cache_clear()
    load.load.cache_clear()


def test_the_same_entries_give_the_same_bytes_and_every_file_stands_in_the_manifest(made, tmp_path):
    folder, entries = made
    export(iter(entries), tmp_path / "again", Config(published="2026-11-23"))
    one, other = files(folder), files(tmp_path / "again")
    assert one == other
    told = json.loads(one.pop(manifest.NAME))
    assert {row["path"] for row in told["files"]} == set(one)
    assert all(row["xxh3"] == manifest.checksum(folder / row["path"]) for row in told["files"])
    assert sum(row.get("rows", 0) for row in told["files"] if row["path"].startswith("hub/")) == told["entries"]
    assert {path.name for path in folder.iterdir()} == set(OURS)


@pytest.mark.parametrize("layout", ["hub", "parquet", "entries"])
def test_the_benchmark_reads_every_layout_and_finds_the_gold_of_english_in_every_language(made, layout):
    folder, entries = made
    findings = list(doctor.examine(str(folder / layout), list(SETS), list(CODES)))
    assert [(one.set, one.status) for one in findings] == [(name, "usable") for name in SETS for _ in CODES]
    assert {one.parallel for one in findings if one.language != "en"} == {1.0}
    assert all(one.evaluated == "test" and not one.problems for one in findings)
    for name in SETS:
        for code in CODES:
            read = load.load(str(folder / layout), name, code, "test")
            wanted = [one for one in entries if (one.source, one.language, one.split) == (name, code, "test")]
            assert [_content(one) for one in read] == [_content(one) for one in wanted] and wanted


def _content(one: Entry):
    return one.id, one.form, one.question, one.context, one.options, one.answers, one.label, one.reference


def test_the_layout_entries_is_what_store_writes(made, tmp_path):
    folder, entries = made
    wanted = [one for one in entries if one.source == "bionli"]
    store.write(tmp_path / "bionli", "bionli", wanted)
    assert files(folder / "entries" / "bionli") == files(tmp_path / "bionli")
    assert sorted(store.read(folder / "entries" / "bionli"), key=lambda one: one.id) == sorted(
        wanted, key=lambda o: o.id
    )


@pytest.mark.parametrize("layout", ["hub", "parquet"])
def test_datasets_loads_a_language_of_a_set_with_equal_fields(made, layout, tmp_path):
    datasets = pytest.importorskip("datasets")
    folder, entries = made
    for name in SETS:
        found = datasets.load_dataset(str(folder / layout / name), "sw", cache_dir=str(tmp_path))
        for split in ("train", "dev", "test"):
            wanted = [one for one in entries if (one.source, one.language, one.split) == (name, "sw", split)]
            assert found[split].to_list() == [columns.row(one) for one in wanted] and wanted
    whole = datasets.load_dataset(str(folder / layout), "pubmedqa", cache_dir=str(tmp_path))
    assert {code for code in whole["test"]["language"]} == set(CODES)
    assert len(whole["test"]) == 4 * len(CODES)


def test_datasets_gives_both_layouts_one_schema_even_where_a_column_is_empty(made, tmp_path):
    datasets = pytest.importorskip("datasets")
    folder, _ = made
    hub, parquet = (
        datasets.load_dataset(str(folder / layout / "liveqa"), "en", split="dev", cache_dir=str(tmp_path / layout))
        for layout in ("hub", "parquet")
    )
    assert hub.features == parquet.features and set(hub["rationale"]) == {None}
    assert hub.features["rationale"] == datasets.Value("string")


def test_a_row_has_the_columns_of_its_form():
    for one in sample(codes=("en",)):
        row = columns.row(one)
        assert tuple(row) == columns.columns(one.form) == tuple(columns.arrow_schema(one.form).names)
        assert set(row) <= set(columns.MEANING)
        assert [part["name"] for part in columns.features(one.form)] == list(row)
    row = columns.row(replace(sample(("medqa",), ("sw",))[0], answers=(2, 0), checks={"b": {"x": 1}, "a": {}}))
    assert (row["answer_idx"], row["answer_indices"], row["checks"]) == ("C", [2, 0], '{"a":{},"b":{"x":1}}')


# ---- what is refused, and what is left of an older export then


def test_nothing_is_overwritten_unasked_and_nothing_foreign_ever(tmp_path):
    out, few = tmp_path / "out", sample(("medqa",), ("en",))
    export(few, out)
    before = files(out)
    with pytest.raises(GlobmedError, match="already holds an export. Say --overwrite"):
        export(few, out)
    export(few[:4], out, Config(layouts=("hub",)), overwrite=True)
    assert not (out / "chat").exists() and not (out / "entries").exists() and files(out) != before
    (out / "notes.txt").write_text("mine")
    with pytest.raises(GlobmedError, match="holds notes.txt, which no export wrote. Nothing was removed"):
        export(few, out, overwrite=True)
    (tmp_path / "file").touch()
    with pytest.raises(GlobmedError, match="is a file"):
        export(few, tmp_path / "file")
    store.write(tmp_path / "medqa", "medqa", few)
    (tmp_path / "medqa" / "en" / "test.jsonl").rename(tmp_path / "medqa" / "x")
    with pytest.raises(GlobmedError, match="holds en, x, which no export wrote"):
        export(few, tmp_path / "medqa", overwrite=True)


def test_an_error_halfway_leaves_the_old_export_as_it_was(tmp_path):
    out, few = tmp_path / "out", sample(("medqa",), ("en",))
    export(few, out, Config(layouts=("hub",)))
    before = files(out)

    def broken():
        yield from few[:3]
        raise GlobmedError("the input broke")

    with pytest.raises(GlobmedError, match="the input broke"):
        export(broken(), out, overwrite=True)
    assert files(out) == before and not (out / ".part").exists()
    with pytest.raises(GlobmedError, match="the input broke"):
        export(broken(), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_what_a_killed_export_left_is_replaced_and_what_may_be_no_export_is_not(tmp_path):
    out, few = tmp_path / "out", sample(("medqa",), ("en",))
    (out / ".part" / "hub").mkdir(parents=True)
    export(few, out, Config(layouts=("hub",)))
    before = files(out)
    (out / manifest.NAME).unlink()
    with pytest.raises(GlobmedError, match="is not empty and has no manifest.json. Say --overwrite"):
        export(few, out)
    with pytest.raises(
        GlobmedError, match="holds LICENCES.md, dropped.jsonl, hub but no manifest.json, so it may be no"
    ):
        export(few, out, overwrite=True)
    (out / ".part").mkdir()  # killed while the new export came into place
    export(few, out, Config(layouts=("hub",)), overwrite=True)
    assert files(out) == before


def test_two_exports_into_one_folder_at_a_time_are_refused(tmp_path):
    out, few = tmp_path / "out", sample(("medqa",), ("en",))

    def nested():
        yield from few[:2]
        with pytest.raises(GlobmedError, match="another export writes here"):
            export(few, out, overwrite=True)
        yield from few[2:]

    assert export(nested(), out, Config(layouts=("hub",))).entries == len(few)


def test_a_full_disk_is_one_line_and_leaves_the_old_export(tmp_path, monkeypatch):
    from globmed_curation.export import layouts

    out, few = tmp_path / "out", sample(("medqa",), ("en",))
    export(few, out, Config(layouts=("hub",)))
    before = files(out)

    def full(*_):
        raise OSError(28, "No space left on device", "x.json")

    monkeypatch.setattr(layouts, "_facts", full)
    with pytest.raises(GlobmedError, match="x.json: could not be written .No space left on device."):
        export(few, out, overwrite=True)
    assert files(out) == before


def test_an_item_in_two_splits_is_refused(tmp_path):
    few = sample(("medqa",), ("en", "sw"))
    moved = [replace(one, split="train") if (one.language, one.split) == ("sw", "test") else one for one in few]
    with pytest.raises(
        GlobmedError, match=r"8 entries stand in another split .*sample/sw.jsonl:1 \(sw\) is train, elsewhere test"
    ):
        export(moved, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_the_benchmark_cannot_ask_is_listed_with_its_reason(tmp_path):
    few = sample(("medqa",), ("en",))
    bad = [
        replace(few[0], answers=()),
        replace(few[1], options=tuple(f"option {n}" for n in range(11)), answers=(10,)),
        few[2],
    ]
    summary = export([*bad, *few[2:]], tmp_path / "out", Config(layouts=("hub",)))
    assert summary.dropped == {"no_gold": 1, "too_many_options": 1, "repeated_entry": 1}
    rows = [row for _, row in store.json_lines(tmp_path / "out" / "dropped.jsonl")]
    assert [(row["reason"], row["id"]) for row in rows] == [
        ("no_gold", few[0].id),
        ("too_many_options", few[1].id),
        ("repeated_entry", few[2].id),
    ]
    assert rows[0]["entry"]["question"] == few[0].question
    assert summary.entries == len(few) - 2


def test_two_forms_under_one_set_are_refused(tmp_path):
    mixed = [replace(one, source="medqa") for one in sample(("medqa", "bionli"), ("en",))]
    with pytest.raises(GlobmedError, match="medqa holds both mcq and nli"):
        export(mixed, tmp_path / "out")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (dict(layouts=("hubb",)), "unknown layout 'hubb'; did you mean hub?"),
        (dict(layouts=()), "no layout was named"),
        (dict(languages=("xx",)), "unknown language 'xx'"),
        (dict(languages=("de",)), "nothing to export: 15 entries were not asked for"),
        (dict(languages=("en", "de")), "no entries of language de; with the rest there is en"),
        (dict(sets=("medqa", "headqa")), "no entries of set headqa"),
        (dict(splits=("testt", "test")), "no entries of split testt; with the rest there is test"),
        (dict(published="yesterday"), "a date is written 2026-11-23"),
        (dict(allow_licence=("unknwon",)), "unknown class of licences 'unknwon'; did you mean unknown?"),
    ],
)  # fmt: skip
def test_bad_settings_are_one_line(tmp_path, config, message):
    with pytest.raises(GlobmedError) as caught:
        export(sample(("medqa",), ("en",)), tmp_path / "out", Config(**config))
    assert message in str(caught.value) and not (tmp_path / "out").exists()


def test_a_name_that_climbs_out_of_the_folder_is_refused(tmp_path):
    one = sample(("medqa",), ("en",))[0]
    for bad in (replace(one, source="../up"), replace(one, split="a/b")):
        with pytest.raises(GlobmedError, match="cannot name a folder or file"):
            export([bad], tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_judges_and_writes_nothing(tmp_path):
    few = sample(("medqa",), ("en", "sw"))
    summary = export(few, tmp_path / "out", dry_run=True)
    assert summary.folder is None and summary.entries == len(few) == 30 and list(tmp_path.iterdir()) == []
    with pytest.raises(GlobmedError, match="pseudo-translated"):
        export([replace(one, translator="pseudo") for one in few], tmp_path / "out", dry_run=True)


def test_pseudo_translations_are_refused_and_shout_where_they_are_let_through(tmp_path):
    few = [replace(o, translator="pseudo") if o.language == "sw" else o for o in sample(("medqa",), ("en", "sw"))]
    with pytest.raises(GlobmedError, match="15 of 30 entries are pseudo-translated: marked English, in no language"):
        export(few, tmp_path / "out")
    summary = export(few, tmp_path / "out", Config(allow_pseudo=True))
    assert "15 entries are PSEUDO-TRANSLATED" in summary.warnings[0]
    for card in ("hub/README.md", "hub/medqa/README.md", "parquet/README.md", "chat/medqa/README.md"):
        text = (tmp_path / "out" / card).read_text("utf-8")
        assert "**DO NOT TRAIN OR EVALUATE ON THIS.** 15 entries" in text and "\n- not-for-training\n" in text
    assert "DO NOT USE" in json.loads((tmp_path / "out" / "hub" / "croissant.json").read_text())["description"]
    assert export(few, tmp_path / "en", Config(languages=("en",))).warnings == []


def test_many_entries_are_put_aside_in_order_and_not_held(tmp_path, monkeypatch):
    from globmed_curation.export import parts

    monkeypatch.setattr(parts, "PART_LIMIT", 2000)
    monkeypatch.setattr(parts, "TOTAL_LIMIT", 9000)
    monkeypatch.setattr(parts, "CHUNK", 3)
    entries = sample()
    held = 0
    with parts.Parts(tmp_path) as aside:
        for one in entries:
            aside.add(one)
            held = max(held, sum(map(len, aside._waiting.values())))
    assert 0 < held < 9000 + 5000
    assert aside.keys() == sorted({(one.source, one.language, one.split) for one in entries})
    for key in aside.keys():
        chunks = list(aside.read(key))
        assert max(map(len, chunks)) <= 3
        wanted = [one for one in entries if (one.source, one.language, one.split) == key]
        assert [one for chunk in chunks for one in chunk] == wanted


def test_all_languages_of_the_table_can_be_exported(tmp_path):
    codes = languages.codes()
    summary = export(sample(("pubmedqa",), codes), tmp_path / "out", Config(layouts=("hub", "chat")))
    assert {code for _, code, _ in summary.counts} == set(codes)
