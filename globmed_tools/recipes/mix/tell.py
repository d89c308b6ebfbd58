"""What a mix says of itself: its manifest, as numbers by language, set, form and evaluation language.

    {"entries": 120000, "unique": 98000, "characters": ..., "bytes": ..., "tokens": null,
     "languages": [{"language": "sw", "available": 9120, "held_out": 100, "drawn": 10272, "unique": 9020, "repeats": 2, ...}],
     "sets": [...], "forms": [...], "eval": [{"language": "sw", "groups": 100, "entries": 100, ...}], "inputs": [...]}

characters and bytes (UTF-8) are those of the turns' texts, tokens those of the whole conversation as its template makes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ... import catalog, languages
from .drawing import Draw
from .indexing import Index

_ROUND = 6


def manifest(index: Index, draw: Draw, evaluated: dict[str, set[int]], taken: set[int], left_out: set[str]) -> dict:
    """Everything that is known before the files are written."""
    times = dict(draw.rows())
    by_language = {code: _Sum(index) for code in draw.languages}
    by_set = {name: _Sum(index) for name in index.forms}
    by_form = {form: _Sum(index) for form in sorted(set(index.forms.values()))}
    evals = {code: _Sum(index) for code in draw.languages if evaluated[code]}
    whole, held = _Sum(index), {code: 0 for code in draw.languages}
    for row in index.order:
        code, name = index.language(row), index.set(row)
        if name in left_out:
            by_set[name].available += 1
            by_form[index.forms[name]].available += 1
            continue
        if index.groups[row] in taken:
            held[code] += 1
            if index.groups[row] in evaluated[code]:
                evals[code].add(row, 1)
            continue
        for one in (whole, by_language[code], by_set[name], by_form[index.forms[name]]):
            one.available += 1
            one.add(row, times.get(row, 0))
    available = sum(one.available for one in by_language.values())
    return {
        **whole.to_dict(),
        "languages": [
            {
                "language": code,
                "held_out": held[code],
                "p_before": round(one.available / available, _ROUND),
                "p_target": round(float(draw.target(code)), _ROUND),
                "p": round(one.drawn / whole.drawn, _ROUND) if whole.drawn else 0.0,
                **one.to_dict("drawn"),
            }
            for code, one in by_language.items()
        ],
        "sets": [{"set": name, "form": index.forms[name], **one.to_dict("drawn")} for name, one in _by_catalog(by_set)],
        "forms": [{"form": form, **one.to_dict("drawn")} for form, one in by_form.items()],
        "eval": [
            {"language": code, "groups": len(evaluated[code]), **one.to_dict(brief=True)} for code, one in evals.items()
        ],
        "inputs": sorted(index.inputs, key=lambda one: (one["path"], one["xxh3"])),
        "notes": list(_notes(index, draw, evaluated, left_out)),
    }


class _Sum:
    """Sums over rows. repeats: how often the most repeated row is drawn; longest: the most tokens of one row."""

    def __init__(self, index: Index):
        self.index = index
        self.available = self.drawn = self.unique = self.repeats = 0
        self.characters = self.bytes = self.tokens = self.longest = 0

    def add(self, row: int, times: int) -> None:
        if not times:
            return
        index = self.index
        self.drawn += times
        self.unique += 1
        self.repeats = max(self.repeats, times)
        self.characters += times * index.characters[row]
        self.bytes += times * index.bytes[row]
        if index.tokens:
            self.tokens += times * index.tokens[row]
            self.longest = max(self.longest, index.tokens[row])

    def to_dict(self, name: str = "entries", *, brief: bool = False) -> dict[str, Any]:
        counted = bool(self.index.tokens)
        counts = {name: self.drawn}
        if not brief:
            counts = {"available": self.available, name: self.drawn, "unique": self.unique, "repeats": self.repeats}
        return counts | {
            "characters": self.characters,
            "bytes": self.bytes,
            "tokens": self.tokens if counted else None,
            "longest": self.longest if counted else None,
        }


def _by_catalog(sums: dict[str, _Sum]) -> Iterable[tuple[str, _Sum]]:
    order = list(catalog.table())
    return sorted(sums.items(), key=lambda one: (order.index(one[0]) if one[0] in order else len(order), one[0]))


def _notes(index: Index, draw: Draw, evaluated: dict[str, set[int]], left_out: set[str]) -> Iterable[str]:
    """What people should know of a mix before they train on it."""
    if not index.tokens:
        yield "tokens were not counted: add --tokenizer DIR of the base model"
    if index.repeated:
        yield f"{index.repeated:,} rows stand in the input more than once and were taken once"
    if index.linked:
        yield f"{index.linked:,} groups have a text of another group, and were joined with it"
    if index.dropped:
        yield f"{len(index.dropped):,} rows of items that are held out were left out: left_out.jsonl"
    if left_out:
        yield f"left out, as the shares say: {', '.join(sorted(left_out))}"
    if index.other_languages:
        counts = (f"{code} {count:,}" for code, count in sorted(index.other_languages.items()))
        yield f"languages not asked for: {', '.join(counts)} rows"
    if without := [code for code in draw.languages if not evaluated[code]]:
        yield f"nothing held out to evaluate {' '.join(without)}"
    cap = draw.options.max_repeats
    full = [
        code
        for code in draw.languages
        if cap > 1 and all(n == cap * draw.available[cell] for cell, n in draw.plan.items() if cell[0] == code and n)
    ]
    if full:
        yield f"at the cap of {cap} repeats, the surplus is spread over the others: {' '.join(full)}"
    absent = [code for code in languages.codes(paper=True) if code not in draw.languages]
    if absent:
        yield f"none of the paper's languages {' '.join(absent)}: take their evaluation files out of the recipe"
