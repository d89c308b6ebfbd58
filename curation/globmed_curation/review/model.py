"""Item and Answer, the two nouns of a review, and the files that hold them.

    review/items.jsonl     {"id": "5e0c...", "group_id": ..., "source": "medqa", "language": "sw", "form": "mcq", "split": "test",
                            "original": {an Entry}, "translation": {an Entry}, "findings": [{"check": "length", ...}],
                            "why": "flagged" | "drawn" | "calibration", "reviews": 2, "calibration": null}
    review/answers.jsonl   {"item": "5e0c...", "language": "sw", "reviewer": "R01", "status": "submitted", "accuracy": 4, ...,
                            "errors": [{"field": "option B", "start": 4, "end": 9, "type": "number"}], "revision": {"question": "..."}}

Fields are named as `texts` names them: context, question, "option A" ..., reference, rationale. `start` and `end` count
characters of the translation's field. What `calibration` says (the planted fault) is never shown to a reviewer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import orjson

from globmed_tools import manifest, store
from globmed_tools.entry import Entry, revised
from globmed_tools.entry import to_dict as entry_to_dict
from globmed_tools.errors import GlobmedError

ITEMS, ANSWERS = "items.jsonl", "answers.jsonl"
FORMAT, VERSION = "globmed-review", 1
WHY = ("flagged", "drawn", "calibration")
STATUSES = ("submitted", "draft", "discarded")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Item:
    """One translation to be reviewed. id: of the translation's entry; original, translation: entries as dicts; findings: of
    the checks; reviews: how many are to review it; calibration: {"fault", "field", "original_text", "changed": {field: text
    before}, "copy_of": id} for a copy with a planted fault, else None."""

    id: str
    group_id: str
    source: str
    language: str
    form: str
    split: str
    original: dict[str, Any]
    translation: dict[str, Any]
    findings: list[dict[str, Any]]
    why: str
    reviews: int
    calibration: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one reviewer said of one item. reviewer: a pseudonym; revision: only fields whose text differs; at: ISO time in UTC
    where known; guideline: version of what was shown, `questions.version()` in a sheet, `guidelines.version(text)` in Argilla."""

    item: str
    language: str
    reviewer: str
    status: str
    accuracy: int | None = None
    fluency: int | None = None
    completeness: int | None = None
    safety: str | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    revision: dict[str, str] = field(default_factory=dict)
    comment: str | None = None
    seconds: float | None = None
    at: str | None = None
    via: str = "sheet"
    dataset: str | None = None
    record: str | None = None
    guideline: str | None = None


def texts(entry: Entry | dict[str, Any]) -> dict[str, str]:
    """The texts of an entry (or of its dict) by field, in the order in which they are read; empty ones are left out."""
    entry = entry_to_dict(entry) if isinstance(entry, Entry) else entry
    options = {f"option {option_letter(place)}": text for place, text in enumerate(entry["options"])}
    found = {"context": entry["context"], "question": entry["question"], **options}
    found |= {name: entry[name] for name in ("reference", "rationale")}
    return {name: text for name, text in found.items() if text}


def option_letter(place: int) -> str:
    """0 -> "A"."""
    return _LETTERS[place]


def field_of(name: str) -> str:
    """The name here of a field as the checks name it: "option 2" -> "option B"."""
    kind, _, number = name.partition(" ")
    return f"{kind} {option_letter(int(number) - 1)}" if number.isdigit() else name


def text_of(entry: Entry | dict[str, Any], name: str) -> str | None:
    """The text of one field, None where the entry has none."""
    return texts(entry).get(name)


def with_texts(entry: Entry, new: dict[str, str]) -> Entry:
    """The entry with other texts in these fields, id and all else as it was; KeyError for a field that it has not."""
    if missing := set(new) - set(texts(entry)):
        raise KeyError(", ".join(sorted(missing)))
    changes: dict[str, Any] = {name: text for name, text in new.items() if not name.startswith("option ")}
    if len(changes) < len(new):
        changes["options"] = tuple(
            new.get(f"option {option_letter(place)}", text) for place, text in enumerate(entry.options)
        )
    return revised(entry, **changes)


def gold(entry: dict[str, Any]) -> str | None:
    """The right answer in the words of this file: "B", "A, C", "entailment"; None for long-form items."""
    return ", ".join(option_letter(place) for place in entry["answers"]) or entry["label"]


def to_dict(one: Item | Answer) -> dict[str, Any]:
    """Plain JSON-ready dict, keys in the order of the class."""
    return asdict(one)


def item_from_dict(row: dict[str, Any]) -> Item:
    """The inverse of `to_dict`; TypeError for a missing or unknown field."""
    return Item(**row)


def answer_from_dict(row: dict[str, Any]) -> Answer:
    """The inverse of `to_dict`; TypeError for an unknown field or one without which an answer is none."""
    return Answer(**row)


def open_review(folder: Path) -> list[Item]:
    """The items of a complete review folder, in their order; GlobmedError where it is unfinished, changed or no such folder."""
    told = read_manifest(folder)
    path = folder / ITEMS
    advice = "Put it back, or run `globmed review sample` again."
    if not path.is_file():
        raise GlobmedError(f"{path}: named in the manifest but missing. {advice}")
    if manifest.checksum(path) != told["file"]["xxh3"]:
        raise GlobmedError(f"{path}: changed since it was written. {advice}")
    return read_items(path)


def read_items(path: Path) -> list[Item]:
    """The items of a file, in their order."""
    return list(_read(path, item_from_dict))


def read_answers(path: Path) -> list[Answer]:
    """The answers of a file, in their order; none where there is no such file: nothing has come in yet."""
    return list(_read(path, answer_from_dict)) if path.is_file() else []


def _read(path: Path, make) -> Iterator[Any]:
    for number, row in store.json_lines(path):
        try:
            yield make(row)
        except TypeError as error:
            kind = make.__name__.partition("_")[0]
            raise GlobmedError(f"{path}, line {number}: no {kind} of a review ({error}). Mend or remove that line.")


def lines(rows: Iterable[Item | Answer]) -> bytes:
    """Items or answers as JSON Lines."""
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)


def write_lines(path: Path, rows: Iterable[Item | Answer]) -> Path:
    """Write items or answers, one a line, in one step."""
    return manifest.write_bytes(path, lines(rows))


def merge_answers(
    folder: Path, new: Iterable[Answer], *, into: str = ANSWERS, dry: bool = False
) -> dict[str, list[Answer]]:
    """Put new answers among those of the folder's file `into`: {"added", "changed", "same"}, as lists of the new ones.

    An answer replaces one of the same item and reviewer that came the same way; where nothing but the time differs, it is the
    same and the old one stays. The file is written only where something was added or changed.
    """
    held = {_key(one): one for one in read_answers(folder / into)}
    found: dict[str, list[Answer]] = {"added": [], "changed": [], "same": []}
    for one in new:
        old = held.get(_key(one))
        kind = "added" if old is None else "same" if _content(old) == _content(one) else "changed"
        found[kind].append(one)
        if kind != "same":
            held[_key(one)] = one
    if not dry and (found["added"] or found["changed"]):
        write_lines(folder / into, held.values())
    return found


def _key(one: Answer) -> tuple[str | None, ...]:
    return one.item, one.reviewer, one.via, one.dataset


def _content(one: Answer) -> tuple:
    return tuple(getattr(one, part.name) for part in fields(Answer) if part.name != "at")


def write_manifest(folder: Path, told: dict[str, Any]) -> Path:
    """Write the manifest of a review folder. Call it last."""
    row = {"format": FORMAT, "version": VERSION, **told}
    return manifest.write_bytes(folder / manifest.NAME, orjson.dumps(row, option=orjson.OPT_INDENT_2) + b"\n")


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a review folder; GlobmedError where there is none or it is of another kind."""
    path, advice = folder / manifest.NAME, "Name a folder that `globmed review sample` wrote."
    if not path.is_file():
        raise GlobmedError(f"{folder}: no {manifest.NAME}, so this folder is unfinished or no review. {advice}")
    found = manifest.read_object(path, "a manifest", "Run `globmed review sample` again.")
    if found.get("format") != FORMAT or found.get("version") != VERSION:
        raise GlobmedError(
            f"{path}: holds {found.get('format')!r} version {found.get('version')}, not {FORMAT} version {VERSION}. {advice}"
        )
    return found
