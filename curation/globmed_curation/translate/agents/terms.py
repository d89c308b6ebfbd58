"""Terms: what of an entry the glossary knows, and how it should be rendered.

    >>> matched(texts, find, "en", "sw", None)
    ([{"term": "hypertension", "targets": ["shinikizo la damu"], "conflict": False}], [])

With `terms` on, a model names the medical terms of the source first: matches that lie in none of them are everyday words and
count for nothing, and terms that the glossary does not have are told to the translator as such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

Find = Callable[..., list]


@lru_cache(maxsize=2)
def glossary(path: Path) -> Any:
    """The open glossary; a shard's worker opens it once."""
    from ...glossary import Glossary

    return Glossary.open(path)


def matched(
    fields: Iterable[str], find: Find, source: str, target: str, named: list[str] | None
) -> tuple[list[dict[str, Any]], list[str]]:
    """The terms of some texts, each once, in the order of their first place; and those named that nobody knows.

    named: what a model named, or None where none was asked."""
    found: dict[str, dict[str, Any]] = {}
    covered: set[str] = set()
    for text in fields:
        places = _places(text, named) if named is not None else None
        for hit in find(text, target, source):
            inside = [one for one, start, end in places or () if start <= hit.start and hit.end <= end]
            if places is not None and not inside:
                continue
            covered.update(inside)
            term = {"term": hit.term, "targets": list(hit.targets), "conflict": hit.conflict}
            found.setdefault(hit.term.casefold(), term)
    return [*found.values()], [one for one in named or () if one not in covered]


def _places(text: str, named: list[str]) -> list[tuple[str, int, int]]:
    """(term, start, end), everywhere in the text."""
    found = []
    for one in named:
        start = text.find(one)
        while start >= 0:
            found.append((one, start, start + len(one)))
            start = text.find(one, start + len(one))
    return found
