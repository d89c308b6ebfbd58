"""Identify the language: an entry that is not in the language it claims is no use to anybody.

    Claimed zu, "Isigulane sinentloko ebuhlungu kwaye sinomkhuhlane ..."  ->  dropped as wrong_language, with the evidence
    {"lid": "xho_Latn", "score": 0.99, "claimed": 0.01, "letters": 120, "text": "Isigulane sinentloko ebuhlungu ..."}

Question, context, options and reference are read together, up to `characters` of them. A text with fewer than `min_letters`
letters (Latin letters' worth; a Han character counts three) is kept and noted as too_short, not judged. Else

    wrong_language     it is another of our languages or a neighbour, and does not look like the claimed one
    unknown_language   it looks like no language that the model knows (a score below min_confidence)
    doubtful           noted only: a close rival wins, but the text may well be in the claimed language (zu and Ndebele); or
                       the claimed one is the closest, though little looks like it (a list of organs is no usual prose)

What was found stands in checks["language"] of the entries kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from globmed_tools.entry import Entry, revised

from ..lid import NO_LETTERS, UNKNOWN, load
from ..lid.kernel import Judged
from . import Dropped, Result

CHECK = "language"
SHOWN = 80
Action = Literal["drop", "flag", "note"]

CODE = ("lid",)


@dataclass(frozen=True)
class Config:
    """lid_model: another fastText model than the shipped one. min_confidence: the least score of an accepted text.
    doubt: so many times lower may the odds be where the claimed language is the closest. characters: how much is read.
    wrong_language, unknown_language: drop, flag (for review) or note.
    only_originals: leave translations made here alone; the check stage compares them with their sources."""

    lid_model: Path | None = None
    min_confidence: float = 0.5
    doubt: float = 100.0
    min_letters: int = 20
    characters: int = 300
    wrong_language: Action = "drop"
    unknown_language: Action = "drop"
    only_originals: bool = False


def stage(entries: Iterable[Entry], config: Config) -> Result:
    """Judge every entry; stats: {"lid": {claimed: {found: n}}, "noted": {finding: {claimed: n}}}."""
    entries = list(entries)
    asked = [entry for entry in entries if not (config.only_originals and entry.translated_from)]
    texts = [text_of(entry, config.characters) for entry in asked]
    claimed = [entry.language for entry in asked]
    verdicts = iter(zip(texts, load(config.lid_model).judge(texts, claimed)))
    result = Result([], stats={"lid": {}, "noted": {}})
    for entry in entries:
        if config.only_originals and entry.translated_from:
            result.kept.append(entry)
            continue
        text, judged = next(verdicts)
        finding, note = verdict(entry.language, judged, config)
        _count(result.stats["lid"], entry.language, note["lid"])
        action = getattr(config, finding) if finding in ("wrong_language", "unknown_language") else "note"
        if finding and action == "drop":
            result.dropped.append(Dropped(entry, finding, {**note, "text": text[:SHOWN]}))
            continue
        if finding:
            note = {**note, "finding": finding, "action": action}
            _count(result.stats["noted"], finding, entry.language)
        result.kept.append(revised(entry, checks={**entry.checks, CHECK: note}))
    return result


def text_of(entry: Entry, characters: int) -> str:
    """What there is to read of an entry, one space between its parts."""
    parts = (entry.question, entry.context, *entry.options, entry.reference)
    return " ".join([part for part in parts if part])[:characters]


def verdict(language: str, judged: Judged, config: Config) -> tuple[str, dict[str, Any]]:
    """The finding ("" where all is well) and what to write beside it."""
    accepted = judged.score >= config.min_confidence
    note = {"lid": judged.code if accepted else UNKNOWN, "score": round(judged.score, 4)}
    if judged.letters < config.min_letters or judged.code == NO_LETTERS:
        return "too_short", {**note, "lid": judged.code, "letters": judged.letters}
    if accepted and judged.code == language:
        return "", note
    note = {**note, "claimed": round(judged.scores.get(language, 0.0), 4), "letters": judged.letters}
    if not accepted:
        let_pass = judged.code == language and judged.score >= floor(config)
        return "doubtful" if let_pass else "unknown_language", {**note, "closest": judged.code}
    if note["claimed"] >= config.min_confidence:
        return "doubtful", note
    return "wrong_language", note


def floor(config: Config) -> float:
    """min_confidence with its odds divided by `doubt`: 0.5 -> 0.0099 for 100, and 1.0 stays 1.0."""
    if config.min_confidence >= 1:
        return config.min_confidence
    odds = config.min_confidence / (1 - config.min_confidence) / config.doubt
    return odds / (1 + odds)


def _count(part: dict[str, Any], name: str, below: str) -> None:
    part = part.setdefault(name, {})
    part[below] = part.get(below, 0) + 1
