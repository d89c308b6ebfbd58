"""The task files are what the tables say, and their names can be selected without clashing."""

from __future__ import annotations

from fnmatch import fnmatchcase

from globmed_tools import catalog, languages, names
from globmed_tools.bench import generate


def test_the_committed_files_are_up_to_date(root):
    assert generate.check(root / "tasks") == []


def test_every_set_and_language_has_its_tasks():
    assert len(generate.task_names("gen")) == 11 * 17
    assert len(generate.task_names("ll")) == 8 * 17
    assert "globmed_expertqa_bio_wo" in generate.task_names("gen")
    assert "globmedll_liveqa_sw" not in generate.task_names("ll")


def test_no_group_is_matched_by_the_wildcards_of_tasks():
    for kind, prefix in names.PREFIXES.items():
        for group in generate.groups(kind):
            assert not fnmatchcase(group, "globmed_*") and not fnmatchcase(group, "globmedll_*"), group
            assert group.startswith(prefix)
    assert not [name for name in generate.task_names("ll") if fnmatchcase(name, "globmed_*")]


def test_groups_hold_what_their_names_say():
    groups = generate.groups("gen")
    assert len(groups["globmed"]) == 9 * 12
    assert len(groups["globmed-hub"]) == 10 * 17
    assert len(groups["globmed-sw"]) == 11 and all(name.endswith("_sw") for name in groups["globmed-sw"])
    assert len(groups["globmed-medqa"]) == 17
    assert {name.rpartition("_")[2] for name in groups["globmed-low"]} == {"sw", "wo", "yo", "zu"}
    assert {name.rpartition("_")[2] for name in groups["globmed-high"]} == set("en zh ja ko de fr es pt".split())
    assert set(groups) >= {f"globmed-{code}" for code in languages.codes()} | {
        f"globmed-{one.name}" for one in catalog.table().values() if one.bench
    }
    assert "globmed-mmlu_clinical_african" not in groups


def test_drift_is_seen_and_mended(tmp_path):
    generate.write(tmp_path)
    leaf = tmp_path / "leaves" / "medqa" / "globmed_medqa_sw.yaml"
    leaf.write_text("task: globmed_medqa_sw\n")
    (tmp_path / "groups" / "globmed-xx.yaml").write_text("group: globmed-xx\n")
    (tmp_path / "groups" / "globmed.yaml").unlink()
    assert generate.check(tmp_path) == [
        "superfluous: groups/globmed-xx.yaml", "changed: leaves/medqa/globmed_medqa_sw.yaml", "missing: groups/globmed.yaml"
    ]  # fmt: skip
    assert generate.write(tmp_path) == (2, 1)
    assert generate.check(tmp_path) == []


def test_leaves_are_short_and_stamped():
    for path, content in generate.files().items():
        assert content.startswith(generate.STAMP), path
        if path.startswith("leaves/"):
            assert content.count("\n") <= 5
