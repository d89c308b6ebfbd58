"""The glossary itself: terms found in a text, with their translations into one language.

    >>> glossary = Glossary.open(Path("terms.parquet"))
    >>> glossary.find("Acute bronchitis, no quarantine", "sw")
    [Hit(start=0, end=16, term='acute bronchitis', targets=('mkamba mkali',), sources=('TICO-19',), conflict=False),
     Hit(start=21, end=31, term='quarantine', targets=('karantini',), sources=('TICO-19',), conflict=False)]

The longest term that has a translation into the language is taken, from the left, and what it covers is not looked at
again. Where the text fits several terms, those nearest to what it says are taken (exactly, but for case, but for accents, but
for inflection); where the nearest are several with different translations, the hit has them all and `conflict` says so.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from . import table as tables
from .matcher import Matcher, Place, nearness

#: Texts whose places are remembered: one is looked up in eleven languages, one after the other.
_TEXTS = 64


class Hit(NamedTuple):
    """A term in a text. targets: preferred first; sources: those that have one of the targets, preferred first; conflict:
    sources, concepts or terms that the text fits alike have no translation in common."""

    start: int
    end: int
    term: str
    targets: tuple[str, ...]
    sources: tuple[str, ...]
    conflict: bool


class Glossary:
    """Pairs in memory, and one automaton a source language, made when it is first asked."""

    def __init__(self, table):
        self.digest: str = tables.facts(table)["digest"]
        self.sources = tables.sources_of(table)
        self.table = table = table.combine_chunks()
        self._books = {
            code: _Book(code, part, [one.name for one in self.sources]) for code, part in _by_language(table)
        }

    @classmethod
    def open(cls, path: Path) -> "Glossary":
        """A built glossary (.parquet), or a CSV, TSV or TMX file as it is; GlobmedError where it cannot be read."""
        path = Path(path)
        if path.suffix.lower() == ".parquet":
            return cls(tables.read(path))
        from .build import of_file

        return cls(of_file(path))

    @property
    def pairs(self) -> dict[tuple[str, str], int]:
        """(source code, target code) -> how many terms have a translation."""
        return {
            (code, target): count
            for code, book in sorted(self._books.items())
            for target, count in book.counts().items()
        }

    def find(self, text: str, target: str, source: str = "en") -> list[Hit]:
        """The terms of a text in the language `source` that have a translation into `target`, by start, none overlapping."""
        book = self._books.get(source)
        return book.find(text, target) if book else []

    def called(self, text: str, target: str, source: str = "en") -> list[str]:
        """The terms that the whole text is, nearest first: itself, but for case, but for accents, but for inflection."""
        book = self._books.get(source)
        return book.called(text, target) if book else []

    def terms(self, source: str, target: str) -> list[str]:
        """The terms of `source` that have a translation into `target`, in order."""
        book = self._books.get(source)
        return book.translated(target) if book else []

    def rows(self, term: str, target: str, source: str = "en") -> list[dict[str, Any]]:
        """All that the glossary has for exactly this term: target, source, licence, concept, conflict; preferred first."""
        book = self._books.get(source)
        found = book.rows(term, target) if book else []
        return [{**row, **self._of(row["source"])} for row in found]

    def conflicts(self, target: str | None = None) -> list[dict[str, Any]]:
        """The terms whose sources or concepts have no translation in common, with all rows of each."""
        import pyarrow.compute as pc

        rows = self.table.filter(self.table["conflict"]).select(["source_language", "term", "language"])
        if target is not None:
            rows = rows.filter(pc.equal(rows["language"], target))
        keys = dict.fromkeys(zip(*(column.to_pylist() for column in rows.columns)))
        return [
            {"source_language": of, "term": term, "language": into, "translations": self.rows(term, into, of)}
            for of, term, into in keys
        ]

    def _of(self, number: int) -> dict[str, str]:
        return {"source": self.sources[number].name, "licence": self.sources[number].licence}


def _by_language(table):
    """(source language, its rows), the rows as they stand in the table."""
    import pyarrow.compute as pc

    if not table.num_rows:
        return
    codes = table["source_language"].chunk(0)
    runs = pc.run_end_encode(codes.indices)
    start = 0
    for index, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist()):
        code = codes.dictionary[index].as_py()
        yield code, table.slice(start, end - start)
        start = end


class _Strings:
    """An Arrow array of text, gone through without holding all of it as Python's."""

    def __init__(self, values):
        self.values = values

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self.values), 4096):
            yield from self.values.slice(start, 4096).to_pylist()


class _Book:
    """The rows of one source language. Rows of a term stand together: offsets[n] is where those of term n begin."""

    def __init__(self, code: str, rows, names: list[str]):
        import pyarrow.compute as pc

        self.code, self._names = code, names
        self._rows = rows
        runs = pc.run_end_encode(self._rows["term"].chunk(0))
        self._terms = runs.values
        self._offsets = array("I", [0, *runs.run_ends.to_pylist()])
        languages = self._rows["language"].chunk(0)
        self._languages = {name: number for number, name in enumerate(languages.dictionary.to_pylist())}
        self._row_language = array("H", languages.indices.to_pylist())
        self._masks = self._make_masks()
        self._targets = self._rows["target"].chunk(0)
        self._sources = self._rows["source"].chunk(0)
        self._conflicts = self._rows["conflict"].chunk(0)
        self._matcher: Matcher | None = None
        self._scan = lru_cache(maxsize=_TEXTS)(self._scan)
        self._translations = lru_cache(maxsize=65536)(self._translations)

    def _make_masks(self) -> array:
        """For each term, one bit for each language that it has a translation into (the language table is shorter than 64)."""
        masks, bits = array("Q"), [1 << number for number in self._row_language]
        for start, end in pairwise(self._offsets):
            mask = 0
            for bit in bits[start:end]:
                mask |= bit
            masks.append(mask)
        return masks

    def counts(self) -> dict[str, int]:
        found = {name: sum(mask >> number & 1 for mask in self._masks) for name, number in self._languages.items()}
        return {name: count for name, count in sorted(found.items()) if count}

    def translated(self, target: str) -> list[str]:
        number = self._languages.get(target)
        if number is None:
            return []
        return [term for term, mask in zip(_Strings(self._terms), self._masks) if mask >> number & 1]

    def _scan(self, text: str) -> list[Place]:
        if self._matcher is None:
            self._matcher = Matcher(self.code, _Strings(self._terms))
        return self._matcher.scan(text)

    def find(self, text: str, target: str) -> list[Hit]:
        number = self._languages.get(target)
        if number is None:
            return []
        bit, masks, hits, free = 1 << number, self._masks, [], 0
        for start, end, terms in self._scan(text):
            if start < free:
                continue
            known = [term for term in terms if masks[term] & bit]
            if known and (hit := self._hit(known, text, start, end, target)):
                hits.append(hit)
                free = end
        return hits

    def called(self, text: str, target: str) -> list[str]:
        number, text = self._languages.get(target), text.strip()
        found = []
        for start, end, terms in self._scan(text) if number is not None else ():
            for term in terms if (start, end) == (0, len(text)) else ():
                name = self._terms[term].as_py()
                if self._masks[term] >> number & 1 and (how := nearness(name, text, start, end)) is not None:
                    found.append((how, name))
        return [name for _, name in sorted(found)]

    def _hit(self, numbers: list[int], text: str, start: int, end: int, target: str) -> Hit | None:
        """The nearest of the terms that fit, None where none does."""
        if len(numbers) == 1:
            found = self._translations(numbers[0], target)
            return None if nearness(found[0], text, start, end) is None else Hit(start, end, *found)
        near: dict[int, list[tuple]] = {}
        for number in numbers:
            found = self._translations(number, target)
            how = nearness(found[0], text, start, end)
            if how is not None:
                near.setdefault(how, []).append(found)
        if not near:
            return None
        (term, targets, sources, conflict), *others = near[min(near)]
        for _, more, theirs, differs in others:
            conflict = conflict or differs or not set(targets) & set(more)
            targets, sources = tuple(dict.fromkeys(targets + more)), tuple(dict.fromkeys(sources + theirs))
        return Hit(start, end, term, targets, sources, conflict)

    def _translations(self, number: int, target: str) -> tuple[str, tuple[str, ...], tuple[str, ...], bool]:
        """(term, targets, sources, conflict) of one term in one language."""
        places = self._places(number, self._languages[target])
        targets = tuple(dict.fromkeys(self._targets[place].as_py() for place in places))
        sources = dict.fromkeys(self._sources[place].as_py() for place in places)
        conflict = self._conflicts[places[0]].as_py()
        return self._terms[number].as_py(), targets, tuple(self._names[one] for one in sources), conflict

    def _places(self, number: int, language: int) -> list[int]:
        start, end = self._offsets[number], self._offsets[number + 1]
        return [place for place in range(start, end) if self._row_language[place] == language]

    def rows(self, term: str, target: str) -> list[dict[str, Any]]:
        number = self._terms.index(term).as_py()
        if number < 0 or target not in self._languages:
            return []
        places = self._places(number, self._languages[target])
        return self._rows.take(places).select(["target", "source", "concept", "conflict"]).to_pylist()
