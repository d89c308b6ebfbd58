"""The YAML file that says how a table of anyone's own is read; see `table`, which reads by it.

    set: ward_exam                # names the folder that is written, and every entry's source
    form: mcq                     # mcq | nli | yesno | longform
    licence: CC BY 4.0
    language: {column: Lugha, values: {Kiswahili: sw, English: en}}    # or one code for the whole table: sw
    split: test                   # or {column: ...}
    key: Namba                    # the item's own number, equal in every language; without it, the row's number
    question: Swali               # from here on, names of columns
    options: [A, B, C, D]         # or {column: Chaguo, separator: "|"}; a list or dict in one cell needs no separator
    answer: {column: Jibu, base: letter}                               # base: letter | text | 0 | 1
    tags: [Somo]

label (nli, yesno; for nli, question is the hypothesis and context the premise), context, reference (longform), rationale,
translator, sheet, header_row and delimiter are the other settings. A setting that is not known, is not of its form or
does not fit is an error that says where it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from globmed_tools import catalog
from globmed_tools.catalog import FORMS
from globmed_tools.errors import GlobmedError

from .. import settings

ROW_NUMBER = "row number"
#: What each form must say, and what is another form's.
NEEDS = {"mcq": ("options", "answer"), "nli": ("label", "context"), "yesno": ("label", "context")}
NEEDS |= {"longform": ("reference",)}
_OWN = {"mcq": ("options", "answer"), "nli": ("label",), "yesno": ("label",), "longform": ("reference",)}


@dataclass(frozen=True)
class Column:
    """A column of words with a fixed meaning; values: what is written -> what it means (a code, a split, a label)."""

    column: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Options:
    """One column with all options: a list, a dict of letters, either as JSON or Python text, or text with a separator."""

    column: str
    separator: str | None = None


@dataclass(frozen=True)
class Answer:
    """The column of the right option, and whether it holds a letter, the option's text, or a number from 0 or 1.
    separator: between several right options."""

    column: str
    base: Literal["letter", "text", 0, 1]
    separator: str | None = None


#: Settings that have settings of their own.
_PARTS = {"language": Column, "split": Column, "label": Column, "options": Options, "answer": Answer}


@dataclass(frozen=True)
class Mapping:
    """How a table is read; see the module's example."""

    set: str
    form: str
    licence: str
    language: str | Column
    split: str | Column
    question: str
    key: str = ROW_NUMBER
    options: list[str] | Options | None = None
    answer: Answer | None = None
    label: str | Column | None = None
    context: str | None = None
    reference: str | None = None
    rationale: str | None = None
    translator: str | None = None
    tags: list[str] = field(default_factory=list)
    sheet: str | None = None
    header_row: int = 1
    delimiter: str | None = None

    def columns(self) -> list[str]:
        """Every column that is read, once."""
        named = [one.column for one in (self.language, self.split, self.answer, self.label) if hasattr(one, "column")]
        named += [self.label] if isinstance(self.label, str) else []
        named += self.options if isinstance(self.options, list) else [self.options.column] if self.options else []
        named += [] if self.key == ROW_NUMBER else [self.key]
        texts = (self.question, self.context, self.reference, self.rationale)
        return list(dict.fromkeys([*named, *(one for one in texts if one), *self.tags]))


def load(path: Path) -> Mapping:
    """The mapping in a YAML file; GlobmedError for anything in it that cannot be meant."""
    values = settings.load_yaml(path)
    for name, value in values.items():
        words = value.get("values") if isinstance(value, dict) else None
        if isinstance(words, dict) and any(isinstance(one, bool) for pair in words.items() for one in pair):
            raise GlobmedError(
                f"{path}, {name}.values: yes, no, on and off without quotes are true and false in YAML. "
                'Write "yes" and "no" in quotes.'
            )
    for name, kind in _PARTS.items():
        if isinstance(values.get(name), dict):
            values[name] = settings.read(kind, values[name], f"{path}, {name}")
    made = settings.read(Mapping, values, str(path))
    if problem := _problem(made, values):
        raise GlobmedError(f"{path}, {problem}")
    return made


def _problem(made: Mapping, values: dict[str, Any]) -> str | None:
    if not re.fullmatch("[a-z][a-z0-9_]*", made.set) or made.set in ("table", "sample", "hub"):
        return f"set: {made.set!r} cannot name a set. Use small letters, digits and _, but not table, sample or hub."
    if made.form not in FORMS:
        return f"form: {made.form!r} is none of {', '.join(FORMS)}."
    known = catalog.table().get(made.set)
    if known and known.form != made.form:
        return f"form: {made.set} is {known.form} in the catalog, {made.form} here. Correct it or name another set."
    for name in NEEDS[made.form]:
        if getattr(made, name) is None:
            return f"{name}: is missing, but {made.form} needs it."
    for form, names in _OWN.items():
        for name in names:
            if form != made.form and name in values and name not in _OWN[made.form]:
                return f"{name}: has no meaning for {made.form}. Leave it out."
    if not made.licence.strip():
        return 'licence: is empty. Say under which licence the table may be used, or "unknown".'
    if made.header_row < 1:
        return f"header_row: {made.header_row} found, 1 or more expected."
    if made.delimiter is not None and len(made.delimiter) != 1:
        return f"delimiter: {made.delimiter!r} is not one character."
    return None
