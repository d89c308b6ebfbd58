"""How tasks are named: globmed_<set>_<language> (generative) and globmedll_<set>_<language> (loglikelihood).

>>> parts("globmed_expertqa_bio_wo")
('gen', 'expertqa_bio', 'wo')
"""

from __future__ import annotations

from . import catalog, languages

PREFIXES = {"gen": "globmed", "ll": "globmedll"}


def task_name(kind: str, name: str, code: str) -> str:
    """The task of a set in a language; kind is `gen` or `ll`."""
    return f"{PREFIXES[kind]}_{name}_{code}"


def parts(task: str) -> tuple[str, str, str] | None:
    """(kind, set, language) of a task of ours, None for any other name."""
    prefix, _, rest = task.partition("_")
    name, _, code = rest.rpartition("_")
    kinds = {prefix: kind for kind, prefix in PREFIXES.items()}
    if prefix in kinds and name in catalog.table() and catalog.get(name).bench and code in languages.table():
        return kinds[prefix], name, code
    return None
