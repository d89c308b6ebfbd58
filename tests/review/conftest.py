"""Real entries for the review tests: the project's own parallel sample, checked by the real checks, in a folder of shards."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from globmed_curation.review import sample
from globmed_curation.review.sample_plan import read_plan
from globmed_curation.stages import check
from globmed_curation.translate import Job, pseudo

from globmed_tools import resources, shards
from globmed_tools.entry import make, translation

from .argilla_conftest import argilla, review_server  # noqa: F401  (fixtures; one server for all modules)

SETS = {"mcq": "medqa", "nli": "bionli", "yesno": "pubmedqa", "longform": "liveqa"}
TEXTS = ("question", "context", "options", "reference", "rationale")
#: Translated by the sample itself; and by the stand-in, with faults that the checks find.
REAL, PSEUDO = ("sw", "ar", "zh"), "fr"


def _rows(language):
    path = resources.sample() / f"{language}.jsonl"
    return {row["group"]: row for row in map(json.loads, path.read_text("utf-8").splitlines())}


def originals():
    """The English entries of the sample, one set a form."""
    return [
        make(
            source=SETS[row["form"]],
            key=row["group"],
            language="en",
            locator=f"en.jsonl:{number}",
            licence="Apache-2.0",
            **{name: row[name] for name in ("split", "form", "answers", "label", *TEXTS)},
        )
        for number, row in enumerate(_rows("en").values(), 1)
    ]


def translations(entries, language):
    """The sample's own translations of these entries."""
    rows = list(_rows(language).values())
    return [
        translation(one, language, translator="sample", **{name: row[name] for name in TEXTS if row[name]})
        for one, row in zip(entries, rows, strict=True)
    ]


@pytest.fixture(scope="session")
def build(tmp_path_factory):
    """A finished folder of shards: 42 originals and 168 translations, each flagged where a check found something."""
    english = originals()
    made = [one for language in REAL for one in translations(english, language)]
    made += pseudo.translate([Job(one, PSEUDO) for one in english], SimpleNamespace(faults=0.3))
    off = dict.fromkeys(("language", "script", "untranslated", "loop", "leak"), check.Rule(severity="off"))
    flagged = dict.fromkeys(("empty", "options", "numbers", "units"), check.Rule(severity="flag"))
    checked = check.stage([*english, *made], check.Config(checks={**off, **flagged}))
    assert len(checked.kept) == 5 * 42 and not checked.dropped
    return write_build(tmp_path_factory.mktemp("review") / "build", checked.kept)


def write_build(folder, entries, parts=3):
    """A folder of shards with these entries, dealt out to several files."""
    done = [shards.write_shard(folder, f"all-{part:04}", entries[part::parts], [], key="k") for part in range(parts)]
    shards.write_manifest(folder, shards.ShardManifest("check", {}, (), tuple(done), {}, "globmed"))
    return folder


@pytest.fixture
def review(build, tmp_path):
    """review("seed=3", languages=("sw",)) -> a review folder drawn from the build."""

    def drawn(*changes, name="review", **options):
        found = sample.draw([build], read_plan(None, changes), **options)
        sample.write(tmp_path / name, found, inputs=[])
        return tmp_path / name

    return drawn
