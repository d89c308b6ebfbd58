"""Entry: the one record of GlobMed, in every wing and every language.

    >>> e = make(source="medqa", split="test", form="mcq", language="en", key="7", question="Which vitamin ...?",
    ...          options=["A1", "C"], answers=[1], locator="test.jsonl:7", licence="MIT")
    >>> e.id == make(**{**dict(source="medqa", split="dev", form="mcq", language="en", key="7", question="Which vitamin ...?",
    ...          options=["A1", "C"], answers=[1], locator="elsewhere", licence="MIT")}).id
    True

`id` is a hash of the content (text, options, answers, language): the same text has the same id on every machine and in
every run, wherever it was found. Cleaning keeps the id, so that an entry can be followed from its source to the export;
a translation is an entry of its own, with an id of its own and the id it was made from. `group_id` is the same item in every language; splits, leakage checks and paired
statistics all go by it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

import xxhash

from .catalog import FORMS
from .languages import LABELS


@dataclass(frozen=True, slots=True)
class Entry:
    """One item in one language.

    options and answers belong to `mcq` (answers are 0-based indices into options); label belongs to `nli` and `yesno`
    (one of languages.LABELS); reference is the gold text of `longform`. For `nli`, context is the premise and question the
    hypothesis. Provenance: locator (file and line, or key), licence, translator and prompt_hash (null for originals),
    translated_from (id of the entry that this one was translated from here; null otherwise), checks (name -> score or finding) and review (null until a person has looked).
    """

    id: str
    group_id: str
    source: str
    split: str
    form: str
    language: str
    question: str
    context: str | None
    options: tuple[str, ...]
    answers: tuple[int, ...]
    label: str | None
    reference: str | None
    rationale: str | None
    tags: dict[str, str]
    locator: str
    licence: str
    translator: str | None
    prompt_hash: str | None
    translated_from: str | None
    checks: dict[str, Any]
    review: dict[str, Any] | None


NAMES = tuple(field.name for field in fields(Entry))
#: Fields that files written by version 0.1 do not have.
_LATER = {"translated_from": None}
_PLACES = {name: place for place, name in enumerate(NAMES)}
_OPTIONS, _ANSWERS = _PLACES["options"], _PLACES["answers"]
_values = attrgetter(*NAMES)
_CONTENT = ("form", "language", "question", "context", "options", "answers", "label", "reference")


def _hash(*parts: Any) -> str:
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return xxhash.xxh3_128_hexdigest(text.encode("utf-8", "surrogatepass"))


def content_id(**content: Any) -> str:
    """xxh3-128 (32 hex digits) over the canonical JSON of what makes an entry itself; provenance does not enter."""
    return _hash("entry", *(content[name] for name in _CONTENT))


def group_id(source: str, key: str) -> str:
    """xxh3-128 over the set's name and the item's own key in that set: equal in every language of the item."""
    return _hash("group", source, key)


def make(
    *,
    source: str,
    split: str,
    form: str,
    language: str,
    key: str,
    question: str,
    locator: str,
    licence: str,
    context: str | None = None,
    options=(),
    answers=(),
    label: str | None = None,
    reference: str | None = None,
    rationale: str | None = None,
    tags: dict[str, Any] | None = None,
    translator: str | None = None,
    prompt_hash: str | None = None,
    translated_from: str | None = None,
) -> Entry:
    """An Entry with its ids computed; `key` is the item's own key in its set (a question id, a PMID, exam/number)."""
    content = dict(
        form=form,
        language=language,
        question=question,
        context=context or None,
        options=tuple(options),
        answers=tuple(int(answer) for answer in answers),
        label=label,
        reference=reference or None,
    )
    return Entry(
        id=content_id(**content),
        group_id=group_id(source, key),
        source=source,
        split=split,
        rationale=rationale or None,
        tags={name: str(value) for name, value in sorted((tags or {}).items()) if value not in (None, "")},
        locator=locator,
        licence=licence,
        translator=translator,
        prompt_hash=prompt_hash,
        translated_from=translated_from,
        checks={},
        review=None,
        **content,
    )


def problem(entry: Entry) -> tuple[str, str] | None:
    """The first thing that makes an entry unusable, as (reason code, evidence), or None.

    Codes: empty_question, unknown_form, too_few_options, empty_option, duplicate_options, no_gold, gold_out_of_range,
    unknown_label, empty_context, empty_reference.
    """
    if entry.form not in FORMS:
        return "unknown_form", entry.form
    if not entry.question.strip():
        return "empty_question", entry.question
    if entry.form == "mcq":
        return _mcq_problem(entry)
    if entry.form in LABELS:
        if entry.label is None:
            return "no_gold", ""
        if entry.label not in LABELS[entry.form]:
            return "unknown_label", entry.label
        if not (entry.context or "").strip():
            return "empty_context", ""
    if entry.form == "longform" and not (entry.reference or "").strip():
        return "empty_reference", ""
    return None


def _mcq_problem(entry: Entry) -> tuple[str, str] | None:
    stripped = [option.strip() for option in entry.options]
    if len(stripped) < 2:
        return "too_few_options", str(len(stripped))
    if "" in stripped:
        return "empty_option", f"option {stripped.index('') + 1} of {len(stripped)}"
    seen: set[str] = set()
    for option in stripped:
        if option in seen:
            return "duplicate_options", option
        seen.add(option)
    if not entry.answers:
        return "no_gold", ""
    for answer in entry.answers:
        if not 0 <= answer < len(stripped):
            return "gold_out_of_range", f"{answer} with {len(stripped)} options"
    return None


def to_dict(entry: Entry) -> dict[str, Any]:
    """Plain JSON-ready dict, keys in the order of the class."""
    return {name: getattr(entry, name) for name in NAMES}


def revised(entry: Entry, **changes: Any) -> Entry:
    """As `dataclasses.replace`, for a third of its price: every stage does this to every entry."""
    values = list(_values(entry))
    for name, value in changes.items():
        values[_PLACES[name]] = value
    return Entry(*values)


def from_dict(row: dict[str, Any]) -> Entry:
    """The inverse of `to_dict`; raises KeyError for a missing field, TypeError for an unknown one."""
    if tuple(row) == NAMES:  # as `to_dict` wrote it: most of what is ever read
        values = list(row.values())
        values[_OPTIONS], values[_ANSWERS] = tuple(values[_OPTIONS]), tuple(values[_ANSWERS])
        return Entry(*values)
    missing = [name for name in NAMES if name not in row and name not in _LATER]
    if missing:
        raise KeyError(", ".join(missing))
    return Entry(**{**_LATER, **row, "options": tuple(row["options"]), "answers": tuple(row["answers"])})


def translation(of: Entry, language: str, *, translator: str, prompt_hash: str | None = None, **texts: Any) -> Entry:
    """The entry that a translator made of another: same item, split, gold and licence, its own language, texts and id.

    texts: question, context, options, reference, rationale, as far as the original has them; raises ValueError where
    one of these is missing or the number of options differs.
    """
    needed = {name for name in ("question", "context", "options", "reference", "rationale") if getattr(of, name)}
    if needed != set(texts):
        raise ValueError(
            f"texts of a translation: {', '.join(sorted(needed))} expected, {', '.join(sorted(texts))} given"
        )
    if "options" in texts:
        texts["options"] = tuple(texts["options"])
        if len(texts["options"]) != len(of.options):
            raise ValueError(f"{len(of.options)} options expected, {len(texts['options'])} given")
    made = revised(
        of,
        language=language,
        translator=translator,
        prompt_hash=prompt_hash,
        translated_from=of.id,
        checks={},
        review=None,
        **texts,
    )
    return revised(made, id=content_id(**{name: getattr(made, name) for name in _CONTENT}))


def arrow_schema():
    """The pyarrow schema of a table of entries; tags, checks and review are JSON strings."""
    import pyarrow as pa

    text, texts = pa.string(), pa.list_(pa.string())
    kinds = {"options": texts, "answers": pa.list_(pa.int32())}
    return pa.schema([pa.field(name, kinds.get(name, text)) for name in NAMES])
