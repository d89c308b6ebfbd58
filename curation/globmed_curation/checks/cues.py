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
#: How many characters on each side of an expression hold the words that stand close to it.
_NEAR = 24
_BREAKS = frozenset(".!?:;…-–—\n")
_PARTS = regex.compile(r"['’‑-]")
_PLAIN = regex.compile(r"[\p{L}\p{M}]{2,}")
_GROUP = regex.compile(r"\((?:[^()]|(?R))*\)[?*+]?")
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


def shape(word: str, code: str) -> str:
    """The kind of a word of a language with spaces, by itself; "" for none."""
    return _Lexicon.of(code).known[word]


def negates(text: str, start: int, end: int, before: bool, code: str) -> bool:
    """Does one of the two words before start, or behind end, negate? Where words are not spaced: one of the signs there."""
    near = text[max(0, start - _NEAR) : start] if before else text[end : end + _NEAR]
    if not get(code).spaces:
        near = near[-2:] if before else near[:4]
        return any(match.lastgroup == "cues" for match in _anywhere(code).finditer(near))
    known, found = _Lexicon.of(code).known, words(near)
    return any(known[word] == "cues" for word in (found[-2:] if before else found[:2]))


def _spaced(text: str, lexicon: _Lexicon, found: dict[str, list[str]]) -> None:
    known = lexicon.known
    hits = [(word, kind) for word in words(text) if (kind := known[word])]
    if not hits:
        return
    if lexicon.phrases is not None and lexicon.phrases.search(text):
        text = lexicon.phrases.sub(lambda match: _noted(match, found), text)
        hits = [(word, kind) for word in words(text) if (kind := known[word])]
    for word, kind in hits:
        if kind != _STARTS and (word in lexicon.plain or not _is_name(word, text)):
            found.setdefault(kind, []).append(word)


def _is_name(word: str, text: str) -> bool:
    """Does the word only occur with a capital where no sentence begins (Kòríà, eNingizimu), so that its shape says nothing?"""
    if word in text or _is_heading(text):
        return False
    places = [match.start() for match in regex.finditer(regex.escape(word), text, regex.I)]
    spans = [(text[:place].rstrip("\"'”“‘’«([ "), text[place : place + len(word)]) for place in places]
    return bool(spans) and all(
        not span.isupper() and (span[0].islower() or (before and before[-1] not in _BREAKS)) for before, span in spans
    )


def _is_heading(text: str) -> bool:
    """Do most of at least four words begin with a capital?"""
    starts = [word[0] for word in text.split() if word[0].isalpha()]
    return len(starts) > 3 and 2 * sum(map(str.isupper, starts)) > len(starts)


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
        self.literals = {word for entries in several.values() for one in entries for word in _needed(one)}
        #: Entries that are plain words, which a capital makes no name (a heading: Do Not Resuscitate).
        self.plain = frozenset(one for kind in SPACED for one in single[kind] if _PLAIN.fullmatch(one))
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


def _needed(entry: str) -> list[str]:
    """The longest plain word of an entry of several words, without which it cannot fit; all that stand in it if none is plain."""
    plain = [one for one in _GROUP.sub(" ?", entry).split(" ") if _PLAIN.fullmatch(one)]
    return [max(plain, key=len)] if plain else _LITERAL.findall(entry)


def _is_phrase(entry: str) -> bool:
    return " " in entry or r"\s" in entry
