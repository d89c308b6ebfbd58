"""The translation as two texts of a record, and what comes back of them as fields of the entry.

    to mark errors in       "Nini ...?\\nA. 5 mg\\nB. 50 mg"                             spans count UTF-16 units of this
    to be mended            "[question]\\nNini ...?\\n\\n[option A]\\n5 mg\\n\\n[option B]\\n50 mg"

    >>> errors(item, [{"label": "number", "start": 14, "end": 18}])[0]
    [{"field": "option A", "start": 0, "end": 4, "type": "number"}]
    >>> revision(item, "[question]\\nNini ...?\\n\\n[option A]\\n5 mg\\n\\n[option B]\\n500 mg")
    ({"option B": "500 mg"}, [])

Browsers count UTF-16 units, so a sign beyond the basic plane (an emoji, a rare Chinese sign) counts twice; `errors` gives
characters of the field. What cannot be told is never guessed: `Unreadable`, or a note.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Any

from globmed_tools import languages

from . import questions, sheet_values
from .model import Item, texts
from .sheet_values import Unreadable

#: Labels of the severities among those of the types.
SEVERITY = "severity-"
_BIDI = "\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069"
_HEADING = re.compile(rf"[\s{_BIDI}]*([\[［【]+)\s*([a-z]+(?:\s+[a-z])?)\s*([\]］】]+)[\s{_BIDI}:]*\Z", re.IGNORECASE)
_NO_SIGNS = re.compile("[\x00\ud800-\udfff]")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _fields(item: Item) -> dict[str, str]:
    """The texts of the translation as they can be stored and shown: what no text can hold becomes U+FFFD, sign for sign."""
    return {name: _NO_SIGNS.sub("\ufffd", text) for name, text in texts(item.translation).items()}


def _shown(item: Item) -> tuple[str, dict[str, tuple[int, int]]]:
    """The text to mark errors in, and where each field stands in it, in UTF-16 units."""
    text, places = "", {}
    for name, one in _fields(item).items():
        letter = name.partition("option ")[2]
        text += ("\n" if text else "") + (f"{letter}. " if letter else "")
        start = _units(text)
        text += one
        places[name] = (start, _units(text))
    return text, places


def to_mark(item: Item) -> str:
    """The text of the field in which errors are marked, as the server stores it: Argilla puts it into the page as HTML, and
    refuses a span that ends behind the stored characters, which are fewer than UTF-16 units where a sign counts twice."""
    text, _ = _shown(item)
    stored = html.escape(text, quote=False).replace("\r", "&#13;")
    return stored + " " * max(0, _units(text) - len(stored))


def errors(item: Item, marks: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Spans as Argilla stores them -> errors of an Answer, and notes. A span over two fields becomes two; the severity of an
    error is the worst that is marked on its words."""
    asked = questions.load().errors
    types, severities = {one.value for one in asked.types}, [one.value for one in asked.severities]
    graded = [one for one in marks if one["label"].removeprefix(SEVERITY) in severities]
    typed = [one for one in marks if one["label"] in types]
    notes = [f"a mark {one['label']!r} that is none of ours" for one in marks if one not in graded and one not in typed]
    found = []
    for mark in typed:
        here = [severities.index(one["label"].removeprefix(SEVERITY)) for one in graded if _overlap(one, mark)]
        more = {"severity": severities[max(here)]} if here else {}
        pieces = list(_pieces(item, mark))
        found += [
            {"field": name, "start": start, "end": end, "type": mark["label"], **more} for name, start, end in pieces
        ]
        if len(pieces) != 1:
            where = (
                "on no word of the translation; left out"
                if not pieces
                else f"over {len(pieces)} parts; taken as {len(pieces)}"
            )
            notes.append(f"a mark {mark['label']!r} {where}")
    alone = [one for one in graded if not any(_overlap(one, mark) for mark in typed)]
    notes += [f"a mark {one['label']!r} on words without an error type; left out" for one in alone]
    order = list(_fields(item))
    return sorted(found, key=lambda one: (order.index(one["field"]), one["start"], one["end"], one["type"])), notes


def marks(item: Item, errors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Errors of an Answer -> spans as Argilla stores them: the way back."""
    (_, places), fields = _shown(item), _fields(item)
    found = []
    for one in errors:
        text, start = fields[one["field"]], places[one["field"]][0]
        place = {"start": start + _units(text[: one["start"]]), "end": start + _units(text[: one["end"]])}
        found.append({"label": one["type"], **place})
        found += [{"label": SEVERITY + one["severity"], **place}] if one.get("severity") else []
    return found


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one["start"] < other["end"] and other["start"] < one["end"]


def _pieces(item: Item, mark: dict[str, Any]):
    """(field, start, end) in characters, for each field that the mark touches."""
    _, places = _shown(item)
    for name, (start, end) in places.items():
        first, last = max(mark["start"], start) - start, min(mark["end"], end) - start
        if first < last:
            text = _fields(item)[name]
            yield name, _characters(text, first), _characters(text, last, up=True)


def _characters(text: str, units: int, *, up: bool = False) -> int:
    """How many characters the first UTF-16 units are. up: a sign of which they hold one half counts as in."""
    if text.isascii():
        return units
    raw = text.encode("utf-16-le")
    half = units * 2 < len(raw) and 0xDC <= raw[units * 2 + 1] <= 0xDF
    whole = units + 1 if half and up else units - 1 if half else units
    return len(raw[: whole * 2].decode("utf-16-le"))


def to_mend(item: Item) -> str:
    """The text with which the revision is filled in: each field under its name in brackets; one field stands alone."""
    fields = _fields(item)
    if len(fields) == 1:
        return next(iter(fields.values()))
    return "\n\n".join(f"{heading}\n{fields[name]}" for name, heading in _headings(item).items())


def revision(item: Item, text: str) -> tuple[dict[str, str], list[str]]:
    """The mended text -> fields whose text differs in more than blanks and blank lines, and notes; Unreadable where it cannot be
    told which text belongs to which field."""
    before = _fields(item)
    after = {next(iter(before)): text} if len(before) == 1 else _sections(item, text)
    new, notes = {}, []
    for name, old in before.items():
        found = after[name].replace("\r\n", "\n").replace("\r", "\n").strip()
        if not found and old.strip():
            notes.append(f"the revision of {name} was emptied; taken as unchanged")
        elif not _same(found, old):
            if not re.search("[\u00a0\u202f]", old):  # browsers write these where two blanks are typed
                found = found.replace("\u00a0", " ").replace("\u202f", " ")
            new[name] = unicodedata.normalize("NFC", found) if unicodedata.is_normalized("NFC", old) else found
    return new, notes


def _sections(item: Item, text: str) -> dict[str, str]:
    headings = _headings(item)
    found: dict[str, list[str]] = {}
    before: list[str] = []
    lines, twice = before, []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        heading = _heading(line)
        name = next((name for name, one in headings.items() if one == heading), None)
        if name:
            twice += [name] if name in found else []
            lines = found[name] = []
        else:
            lines.append(line)
    missing = [name for name in headings if name not in found]
    if not missing and not twice and not "".join(before).strip():
        return {name: "\n".join(some) for name, some in found.items()}
    what = [f"the line {headings[name]} is missing" for name in missing]
    what += [f"the line {headings[name]} stands there twice" for name in twice]
    what += ["words stand before the first such line"] if "".join(before).strip() and not missing else []
    raise Unreadable(
        f"the revision cannot be read: {'; '.join(what)}. Put the lines in brackets back, each before its part."
    )


def _heading(line: str) -> str | None:
    """What a line that names a field looks like when nobody has touched it: " [ Option b] " -> "[option B]"."""
    found = _HEADING.match(line)
    if not found or len(found[1]) != len(found[3]):
        return None
    kind, _, letter = " ".join(found[2].lower().split()).partition(" ")
    return "[" * len(found[1]) + (f"{kind} {letter.upper()}" if letter else kind) + "]" * len(found[1])


def _headings(item: Item) -> dict[str, str]:
    """Field -> the line that names it, with more brackets than stand around such a line in the texts themselves."""
    fields, words = _fields(item), languages.get("en").words
    own = {"context": words["premise"].lower(), "question": words["hypothesis"].lower()} if item.form == "nli" else {}
    held = [found for text in fields.values() for line in text.splitlines() if (found := _HEADING.match(line))]
    level = 1 + max((max(len(one[1]), len(one[3])) for one in held), default=0)
    return {name: "[" * level + own.get(name, name) + "]" * level for name in fields}


def _same(one: str, other: str) -> bool:
    """As sheet_values.same, empty lines aside: browsers add some where a line was broken."""
    plain = ["\n".join(line for line in text.splitlines() if line.strip()) for text in (one, other)]
    return sheet_values.same(*plain)
