"""Leak: what a translator's model added about the text instead of translating it.

    >>> [finding] = check(Pair("question", "Which drug?", "Here is the translation: Dawa gani?", get("en"), get("sw")))
    >>> finding.score, finding.translation
    (1.0, 'Here is the translation')

An answer given away ("the correct answer is B", an option marked as correct), an option's letter written into its text,
markdown, tags and the chatter of a chat model. What the source has too is no leak.
"""

from __future__ import annotations

import re
from functools import cache

import regex

from globmed_tools.languages import get

from . import Finding, Pair

_CHATTER = regex.compile(
    r"\b(?:here(?:'s| is| are)(?: (?:the|your|my|an?))?(?: \w+){0,2} translat\w+|^\W*(?:\w+ )?translation(?: (?:in|into|to) \w+)?:"
    r"|(?:i|we) (?:have |'ve )?translated|as an ai\b|as a language model|i(?: a|')m sorry, (?:but )?i|i can(?:no|')t (?:assist|help|translate)"
    r"|note: (?:the|this|i)\b|sure[,!] (?:here|i)|certainly[,!] here|let me know if|original text:|source text:)",
    regex.I,
)
_MARKUP = regex.compile(
    r"```|\*\*\S|__\S|^#{1,6} |^> |</?(?:think|thinking|answer|translation|text|source|output|s|p|div|span|br)\s*/?>"
    r"|<\|\w+\|>|\[/?INST\]|^\s*[{\[]\s*\"\w+\"\s*:|\{\{|\}\}|\[(?:translation|insert|placeholder)[^\]]*\]",
    regex.I | regex.M,
)
_LABEL = regex.compile(r"^\s*[(（]?([A-J])\s?[.):：）．、](?=\s*\S)")
_MARKED = regex.compile(r"[✓✔✅☑]|\(\s*(?:correct|right answer|true answer)\s*\)|\[correct\]|\*$", regex.I)
#: What must stand in a text (in small letters) for _CHATTER to match, and a character for _MARKUP and _MARKED.
_CHATTER_NEEDS = ("translat", "as an ai", "language model", "sorry", "t assist", "t help", "note:", "sure", "certainly", "let me", "text:")  # fmt: skip
_MARKUP_NEEDS = frozenset("`*_#<>{[")
_MARKED_NEEDS = frozenset("✓✔✅☑([*（")
#: Fields that may speak of the options by their letters.
_EXPLAINS = frozenset(("reference", "rationale"))
#: A letter that stands alone, as in "the answer is B".
_LONE = re.compile(r"(?<![A-Za-zÀ-ɏ0-9])[A-J](?![A-Za-zÀ-ɏ0-9'’])")


@cache
def _answer(code: str) -> regex.Pattern:
    """ "the correct answer is B", in this language or in English."""
    language = get(code)
    cues = {*language.extract["answer"], language.words["answer"].lower(), *get("en").extract["answer"]}
    # One sign alone ("选") is no phrase; nor are two letters.
    cues = sorted((cue for cue in cues if len(cue.encode()) > 3), key=len, reverse=True)
    joined = "|".join(map(regex.escape, cues))
    return regex.compile(rf"(?:{joined})(?:\s+is|\s+ni|\s+est|\s+es)?\s*[:：]?\s*[(（*]*[A-J](?:[.)）*]|\s*$)", regex.I)


def check(pair: Pair) -> list[Finding]:
    """Every kind of leak at most once."""
    text, found = pair.translation, []
    small = text.lower()
    if any(need in small for need in _CHATTER_NEEDS):
        found += _only_here(pair, _CHATTER, 1.0, "a translator's remark")
    if not _MARKUP_NEEDS.isdisjoint(text):
        found += _only_here(pair, _MARKUP, 0.8, "markup")
    if pair.field not in _EXPLAINS and _LONE.search(text):
        found += _only_here(pair, _answer(pair.language.code), 1.0, "the answer is given away")
    if pair.field.startswith("option"):
        found += _only_here(pair, _LABEL, 0.8, "an option's letter stands in its text")
        if not _MARKED_NEEDS.isdisjoint(text):
            found += _only_here(pair, _MARKED, 1.0, "the option is marked as the answer")
    return found


def _only_here(pair: Pair, pattern: regex.Pattern, score: float, what: str) -> list[Finding]:
    match = pattern.search(pair.translation)
    if match is None or pattern.search(pair.source):
        return []
    return [Finding("leak", score, pair.field, "", match[0].strip(), what)]
