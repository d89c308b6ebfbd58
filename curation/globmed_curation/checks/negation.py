"""Negation: a "not" that one side has and the other has not.

    >>> pair = Pair("question", "Which drug is NOT given?", "Ni dawa gani inayotolewa?", get("en"), get("sw"))
    >>> [finding] = check(pair)
    >>> finding.score, finding.source, finding.translation
    (0.9, 'NOT', '')

Each language's cues stand in languages.toml. A cue needs an answer on the other side: another cue, a word that turns a
question round (EXCEPT, contraindicated) or, with less certainty, a weak one (only, avoid, un-). "Least likely" in the
source needs such an answer or the other language's way to say "least"; the reverse is not asked, since "menos" is
mostly just "less". What a language says with a verb's inner syllables (sw, zu, wo) is matched by shape: expect errors.
"""

from __future__ import annotations

import regex

from . import Finding, Pair
from .cues import cues

#: Scores, by how seldom human translations do it: a negation of the source without any answer; with a weak word only; with
#: fewer answers than it has negations; a negation of the translation without cause, and with a weak word as its cause.
LOST, WEAKENED, FEWER, ADDED, EXPLAINED = 0.9, 0.6, 0.55, 0.8, 0.4
#: Cue, and word that turns the question round: what answers a negation.
_STRONG = frozenset(("turns", "cues"))


def check(pair: Pair) -> list[Finding]:
    """At most one finding: the side that negates alone, or negates more often."""
    source, translation = cues(pair.source, pair.source_language.code), cues(pair.translation, pair.language.code)
    if not source and not translation:
        return []
    found = _lost(source, translation) or _added(source, translation)
    if found is None:
        return []
    score, ours, theirs, detail = found
    spans = _verbatim(pair.source, ours), _verbatim(pair.translation, theirs)
    return [Finding("negation", score, pair.field, *spans, detail)]


def _verbatim(text: str, span: str) -> str:
    """The span as it stands in the text: words were looked up in small letters."""
    match = regex.search(rf"(?<!\w){regex.escape(span)}(?!\w)", text, regex.I) if span else None
    return match[0] if match else span


def _lost(source: dict, translation: dict) -> tuple[float, str, str, str] | None:
    """(score, span of the source, span of the translation, detail)."""
    strong, least = [*source.get("cues", ()), *source.get("turns", ())], source.get("least", ())
    if not strong and not least:
        return None
    answers = sum(len(spans) for kind, spans in translation.items() if kind in _STRONG)
    weak = translation.get("weak", ())
    if not strong:
        answered = answers or weak or "least" in translation
        return None if answered else (LOST, least[0], "", f"{least[0]!r} has no counterpart")
    if not answers and weak:
        return WEAKENED, strong[0], weak[0], f"{strong[0]!r} is answered by a weak word only"
    if not answers:
        return LOST, strong[0], "", f"{strong[0]!r} has no counterpart"
    if len(strong) > answers + len(weak):
        return FEWER, strong[-1], "", f"{len(strong)} negations in the source, {answers} in the translation"
    return None


def _added(source: dict, translation: dict) -> tuple[float, str, str, str] | None:
    strong = translation.get("cues", ())
    if not strong or any(kind in _STRONG or kind == "least" for kind in source):
        return None
    if weak := source.get("weak"):
        return EXPLAINED, weak[0], strong[0], f"{strong[0]!r} answers a weak word only"
    return ADDED, "", strong[0], f"{strong[0]!r} has no counterpart in the source"
