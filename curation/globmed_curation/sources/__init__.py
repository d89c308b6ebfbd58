"""Adapters: the original files of one source set -> entries.

    >>> load("headqa").PATTERNS
    ('train_HEAD*.json', 'dev_HEAD*.json', 'test_HEAD*.json')

A set is one module with two names. `PATTERNS` are the file names that a folder is searched for, and
`read(paths, *, language, split)` yields an Entry for each usable item, a Drop for each unusable one and a Skipped for
what is no part of the set; nothing else happens to a row. `language` and `split` are the caller's word where the files
leave it open. A file that is not in the set's format raises GlobmedError with file, line and what to do.
A new set is one module and one line in ADAPTERS.
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
    "pubmedqa": "globmed_curation.sources.pubmedqa",
}


def load(name: str) -> ModuleType:
    """The adapter of this set, imported on demand; GlobmedError where there is none."""
    if name not in ADAPTERS:
        raise GlobmedError(f"no adapter for the set {name!r}{suggest(name, ADAPTERS)} There are: {' '.join(ADAPTERS)}.")
    return import_module(ADAPTERS[name])
