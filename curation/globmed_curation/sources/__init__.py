"""Adapters: the original files of one source set -> entries.

    >>> load("headqa").PATTERNS
    ('train_HEAD*.json', 'dev_HEAD*.json', 'test_HEAD*.json')

A set is one module with two names. `PATTERNS` are the file names that a folder is searched for, and
`read(paths, *, language, split)` yields an Entry for each usable item, a Drop for each unusable one, a Skipped for what
is no part of the set and a Note for what a person should know; nothing else happens to a row. `language` and `split` are
the caller's word where the files leave it open. A file that is not in the set's format raises GlobmedError with file,
line and what to do. A new set is one module and one line in ADAPTERS.

Some modules have more: further keywords of `read` are the options of the set (gold_base, variant, ...); `belongs(path,
**options)` says which of the files found below a folder are meant; `NAMED_BY = 2` means that a file is known by its
folder and name (ko/train.json), where others are known by name alone.

LAYOUTS are formats that several sets share: `load("medqa", "released")` reads a set as it stands on the hub,
`load("my_exam", "table")` a table of anyone's own. Their `read` also takes `source`, the name of the set.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from globmed_tools.errors import GlobmedError, suggest

ADAPTERS = {
    "medqa": "globmed_curation.sources.medqa",
    "medmcqa": "globmed_curation.sources.medmcqa",
    "headqa": "globmed_curation.sources.headqa",
    "mmlu_pro": "globmed_curation.sources.mmlu_pro",
    "medexpqa": "globmed_curation.sources.medexpqa",
    "pubmedqa": "globmed_curation.sources.pubmedqa",
    "bionli": "globmed_curation.sources.bionli",
    "mednli": "globmed_curation.sources.mednli",
    "liveqa": "globmed_curation.sources.liveqa",
    "expertqa_med": "globmed_curation.sources.expertqa_med",
    "expertqa_bio": "globmed_curation.sources.expertqa_bio",
    "mmlu_clinical_african": "globmed_curation.sources.mmlu_clinical_african",
}
ORIGINAL, RELEASED, TABLE = "original", "released", "table"
LAYOUTS = {
    RELEASED: "globmed_curation.sources.released",
    TABLE: "globmed_curation.sources.table",
}


def load(name: str, layout: str = ORIGINAL) -> ModuleType:
    """The adapter of this set in this layout, imported on demand; GlobmedError where there is none."""
    if name == TABLE:
        layout = TABLE
    if layout in LAYOUTS:
        return import_module(LAYOUTS[layout])
    if layout != ORIGINAL:
        raise GlobmedError(f"unknown layout {layout!r}; choose one of: {', '.join((ORIGINAL, *LAYOUTS))}.")
    if name not in ADAPTERS:
        raise GlobmedError(
            f"no adapter for the set {name!r}{suggest(name, ADAPTERS)} There are: {' '.join(ADAPTERS)}; "
            "or bring a table of your own with --mapping."
        )
    return import_module(ADAPTERS[name])
