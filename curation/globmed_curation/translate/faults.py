"""Faults, planted in pseudo-translations so that checks have something to find; nothing in the entry tells of them.

    translate: {translator: pseudo, faults: 0.02}

    >>> faults_of(entry, config)          # which fault this entry was given, worked out anew
    ('number',)

Which entries get one, and which, follows from a hash of the source's id and the language. Kinds: number (a digit changed),
unit (mg for g, and such), options_swapped (two options change places, gold stays), option_repeated (one option is lost and
another stands twice), untranslated (the question as it was), truncated (the question breaks off).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import xxhash

from globmed_tools.entry import Entry

from . import is_pseudo

KINDS = ("number", "unit", "options_swapped", "option_repeated", "untranslated", "truncated")
_MEDICAL = ("number", "unit")
#: Units as they stand behind numbers; each becomes its neighbour when a unit is to be wrong.
_OTHER = {
    "mg": "g",
    "g": "mg",
    "kg": "g",
    "mcg": "mg",
    "µg": "mg",
    "μg": "mg",
    "ng": "mg",
    "mL": "L",
    "ml": "l",
    "dL": "mL",
    "L": "mL",
    "l": "ml",
    "mm": "cm",
    "cm": "mm",
    "nm": "mm",
    "µm": "mm",
    "mmHg": "kPa",
    "mmol": "mol",
    "mEq": "mmol",
    "U": "mU",
    "IU": "mg",
    "%": "‰",
    "h": "min",
    "min": "h",
    "bpm": "Hz",
}
UNIT = r"(?:mm Hg|" + "|".join(sorted(_OTHER, key=len, reverse=True)) + r")(?:/[A-Za-zµμ]{1,4}[²³0-9]?)*"
_MEASURED = re.compile(
    rf"([0-9] ?)({'|'.join(sorted(_OTHER, key=len, reverse=True))})(?![A-Za-zµμ])"  # "5 mg", "5mg/dL"; not "5 men"
)
_DIGIT = re.compile(r"[0-9]")
_FIELDS = ("question", "context", "reference")


def faults_of(entry: Entry, config) -> tuple[str, ...]:
    """The kinds of fault that were planted in this entry under these settings; () for none, or for another's text."""
    if not is_pseudo(entry.translator) or entry.translated_from is None:
        return ()
    texts = {name: text for name in (*_FIELDS, "options") if (text := getattr(entry, name))}
    kind = _kind(texts, entry.translated_from, entry.language, config.faults)
    return (kind,) if kind else ()


def plant(texts: Mapping[str, Any], source: Entry, language: str, share: float) -> Mapping[str, Any]:
    """The texts of one translation, with a fault where the hash says so."""
    kind = _kind(texts, source.id, language, share)
    if kind is None:
        return texts
    return {**texts, **_PLANTERS[kind](texts, source, _number("place", source.id, language))}


def _kind(texts: Mapping[str, Any], source: str, language: str, share: float) -> str | None:
    """The fault of an entry, or None. Whether a kind fits is not changed by planting that kind or a later one, so that the
    answer is the same before and after."""
    if _number("share", source, language) >= share * 2**64:
        return None
    # Few texts have doses: where there is one, it is what goes wrong more often than not.
    order = sorted(KINDS, key=lambda kind: _number(kind, source, language) >> (2 if kind in _MEDICAL else 0))
    return next(kind for kind in order if _fits(kind, texts))


def _fits(kind: str, texts: Mapping[str, Any]) -> bool:
    if kind == "number":
        return _field(texts, _DIGIT) is not None
    if kind == "unit":
        return _field(texts, _MEASURED) is not None
    if kind.startswith("option"):
        return len(texts.get("options", ())) > 1
    return True


def _field(texts: Mapping[str, Any], pattern: re.Pattern) -> str | None:
    return next((name for name in _FIELDS if name in texts and pattern.search(texts[name])), None)


def _number(*parts: str) -> int:
    return xxhash.xxh3_64_intdigest("\x1f".join(("fault", *parts)).encode())


def _change_number(texts: Mapping[str, Any], source: Entry, place: int) -> dict[str, Any]:
    name = _field(texts, _DIGIT)
    found = list(_DIGIT.finditer(texts[name]))
    one = found[place % len(found)]
    return {name: texts[name][: one.start()] + str(int(one[0]) % 9 + 1) + texts[name][one.end() :]}


def _change_unit(texts: Mapping[str, Any], source: Entry, place: int) -> dict[str, Any]:
    name = _field(texts, _MEASURED)
    found = list(_MEASURED.finditer(texts[name]))
    one = found[place % len(found)]
    return {name: texts[name][: one.start(2)] + _OTHER[one[2]] + texts[name][one.end() :]}


def _swap_options(texts: Mapping[str, Any], source: Entry, place: int) -> dict[str, Any]:
    options = list(texts["options"])
    one, other = _two(place, len(options))
    options[one], options[other] = options[other], options[one]
    return {"options": options}


def _repeat_option(texts: Mapping[str, Any], source: Entry, place: int) -> dict[str, Any]:
    options = list(texts["options"])
    one, other = _two(place, len(options))
    options[one] = options[other]
    return {"options": options}


def _two(place: int, count: int) -> tuple[int, int]:
    one = place % count
    return one, (one + 1 + place // count % (count - 1)) % count


def _leave(texts: Mapping[str, Any], source: Entry, place: int) -> dict[str, Any]:
    return {"question": source.question}


def _cut(texts: Mapping[str, Any], source: Entry, place: int) -> dict[str, Any]:
    return {"question": texts["question"][: max(8, len(texts["question"]) // 2)].rstrip()}


_PLANTERS = {
    "number": _change_number,
    "unit": _change_unit,
    "options_swapped": _swap_options,
    "option_repeated": _repeat_option,
    "untranslated": _leave,
    "truncated": _cut,
}
