"""Words that negate, found in a text: kind -> what was found, by the language table's lists.

    >>> cues("Which drug is NOT given, at least not orally?", "en")
    {'cues': ('not', 'not')}

Four kinds count (languages.toml's header says what they are): cues, turns, least and weak; what the list `ignore` holds
("at least") is taken out first. Where words are spaced, each word of a language is looked up once and remembered, which is
ten times faster than one expression over the text; only lists' entries of several words are searched in the text, and
only where one of their words stands there.
"""

from __future__ import annotations

from functools import cache, lru_cache

import regex

from globmed_tools.languages import get

from .texts import words

#: Where two kinds fit, the earlier wins; in scripts without spaces a weak entry may hold a cue within (不足).
SPACED = ("ignore", "least", "turns", "cues", "weak")
UNSPACED = ("ignore", "weak", "least", "turns", "cues")
_PARTS = regex.compile(r"['’‑-]")
_LITERAL = regex.compile(r"(?<!\\)\b[\p{L}\p{M}]{2,}")


@lru_cache(maxsize=4096)
def cues(text: str, code: str) -> dict[str, tuple[str, ...]]:
    """What was found of each kind, in order; in small letters where words are spaced."""
    found: dict[str, list[str]] = {}
    if get(code).spaces:
        _spaced(text, _Lexicon.of(code), found)
    else:
        for match in _anywhere(code).finditer(text):
            found.setdefault(match.lastgroup, []).append(match[0])
    return {kind: tuple(spans) for kind, spans in found.items() if kind != "ignore"}


def _spaced(text: str, lexicon: _Lexicon, found: dict[str, list[str]]) -> None:
    known = lexicon.known
    hits = [(word, kind) for word in words(text) if (kind := known[word])]
    if not hits:
        return
    if lexicon.phrases is not None and lexicon.phrases.search(text):
        text = lexicon.phrases.sub(lambda match: _noted(match, found), text)
        hits = [(word, kind) for word in words(text) if (kind := known[word])]
    for word, kind in hits:
        if kind != _STARTS:
            found.setdefault(kind, []).append(word)


def _noted(match: regex.Match, found: dict[str, list[str]]) -> str:
    found.setdefault(match.lastgroup, []).append(match[0])
    return " , "


@cache
def _anywhere(code: str) -> regex.Pattern:
    negation = get(code).negation
    return regex.compile("|".join(f"(?P<{kind}>{'|'.join(negation[kind])})" for kind in UNSPACED))


#: The kind of a word that means nothing alone but stands in an entry of several words.
_STARTS = "starts"


class _Known(dict):
    """word -> its kind, "" for none; worked out when a word is first met."""

    LIMIT = 1 << 16

    def __init__(self, lexicon: _Lexicon):
        self.lexicon = lexicon

    def __missing__(self, word: str) -> str:
        if len(self) >= self.LIMIT:
            self.clear()
        self[word] = kind = self.lexicon.kind(word)
        return kind


class _Lexicon:
    """The lists of one language with spaces: single words, and entries of several words."""

    def __init__(self, code: str):
        negation = get(code).negation
        single = {kind: [one for one in negation[kind] if not _is_phrase(one)] for kind in SPACED}
        several = {kind: [one for one in negation[kind] if _is_phrase(one)] for kind in SPACED}
        self.words = regex.compile("|".join(f"(?P<{kind}>{'|'.join(one)})" for kind, one in single.items() if one))
        joined = "|".join(f"(?P<{kind}>{'|'.join(one)})" for kind, one in several.items() if one)
        self.phrases = regex.compile(rf"(?<![\w'’])(?:{joined})(?!\w)", regex.I) if joined else None
        self.literals = {word for entries in several.values() for one in entries for word in _LITERAL.findall(one)}
        self.known = _Known(self)

    @classmethod
    @cache
    def of(cls, code: str) -> _Lexicon:
        return cls(code)

    def kind(self, word: str) -> str:
        """The kind of a word; of one joined by an apostrophe or hyphen (l'absence, non-smoker) that of its parts."""
        parts = [word, *filter(None, _PARTS.split(word))] if _PARTS.search(word) else [word]
        for part in parts:
            if match := self.words.fullmatch(part):
                if match.lastgroup != "ignore":
                    return match.lastgroup
                break
        return _STARTS if not self.literals.isdisjoint(parts) else ""


def _is_phrase(entry: str) -> bool:
    return " " in entry or r"\s" in entry
