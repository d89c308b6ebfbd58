"""Calibration items: copies of translations with one known fault, to see whether reviewers see it.

    Item(id="9a1f...", why="calibration", findings=[], calibration={"fault": "number", "field": "question",
         "original_text": "... 5 mg ...", "changed": {"question": "... 5 mg ..."}, "copy_of": "5e0c..."}, ...)

The faults are those of translate/faults.py; only the copy has one. Its id is that of its own text, so no answer to it can reach
the entry that it was copied from.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from globmed_tools.entry import Entry, content_id, from_dict, revised, to_dict

from ..translate import PSEUDO, faults
from .model import Item, texts

_FIELDS = ("question", "context", "options", "reference")
_CONTENT = ("form", "language", "question", "context", "options", "answers", "label", "reference")


def copy_with_fault(item: Item) -> Item | None:
    """A copy of the item with a fault in its translation; None where the fault changes nothing that can be seen."""
    entry, original = from_dict(item.translation), from_dict(item.original)
    given = {name: text for name in _FIELDS if (text := getattr(entry, name))}
    planted: dict[str, Any] = dict(faults.plant(given, original, entry.language, 1.0))
    if "options" in planted:
        planted["options"] = tuple(planted["options"])
    faulty = revised(entry, **planted)
    faulty = revised(faulty, id=content_id(**{name: getattr(faulty, name) for name in _CONTENT}), checks={})
    before, after = texts(entry), texts(faulty)
    changed = {name: text for name, text in before.items() if after.get(name) != text}
    if not changed or faulty.id == entry.id:
        return None
    name = next(iter(changed))
    return Item(
        id=faulty.id,
        group_id=item.group_id,
        source=item.source,
        language=item.language,
        form=item.form,
        split=item.split,
        original=item.original,
        translation=to_dict(faulty),
        findings=[],
        why="calibration",
        reviews=2,
        calibration={
            "fault": _kind(entry, original),
            "field": name,
            "original_text": changed[name],
            "changed": changed,
            "copy_of": item.id,
        },
    )


def _kind(entry: Entry, original: Entry) -> str:
    """Which fault `faults.plant` gives to this entry: it tells so of pseudo-translations made of an original."""
    told = revised(entry, translator=PSEUDO, translated_from=original.id)
    return faults.faults_of(told, SimpleNamespace(faults=1.0))[0]
