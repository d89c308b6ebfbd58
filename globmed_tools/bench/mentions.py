"""The options that a text mentions, and what is said about each mention.

    Mentions("A and B are wrong, so warfarin.", vocabulary("en", "mcq"), Options(["aspirin", "heparin", "warfarin"])).all()

A mention is a letter, a number behind "option", an ordinal, or an option's text (for labels: one of its words). Letters that
are words or names are left out: "A patient", "vitamin C".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import regex

from .folding import Options, skeleton
from .vocabulary import ARABIC_PREFIXES, EDGE, GLUE, GLUE_CHARACTERS, NAMED, Vocabulary

_GLUE = regex.compile(GLUE)
_EDGE = regex.compile(EDGE)
_HEAD = regex.compile(r"\s*[)\].:,،、;\-–—}】」]|\n")
_LOOSE_SMALL = regex.compile(r"([a-j])(?=\s*(?:$|[).,;:\]\n]))")
_LOWER_NEXT = regex.compile(r"\s+\p{Ll}")
_SENTENCE_OPENS = regex.compile(r"[.!?:\n]\s*$")
_BREAK = regex.compile(r"[.。!?؟।;、،\n]")
_SENTENCE = regex.compile(r"[^.。!?؟।;\n]*")
_CLAUSE = regex.compile(r"[,،、，:]")
_PAUSE = regex.compile(r"\s*(?:[.,;:!?)\]。，、；：！？）】」।،؛(（–—}]|-(?!\p{L}))")
_DOTS = regex.compile(r"\s*(?:\.\.|…)")
_QUESTION = regex.compile(r"[^.。!।\n?？؟]*[?？؟]")
_LATIN = regex.compile(r"\p{Latin}")
#: What Korean and Japanese say directly behind a native letter ("가입니다").
_COPULAS = "이입예번です"


@dataclass(frozen=True, slots=True)
class Token:
    """One mention: the option's index (None where it is beyond the options) and where it stands."""

    index: int | None
    start: int
    end: int


class Mentions:
    """The mentions of some options in one folded text."""

    def __init__(self, text: str, words: Vocabulary, options: Options):
        self.text, self.words, self.options = text, words, options
        self.letters = words.form == "mcq"

    def within(self, text: str) -> "Mentions":
        """The mentions in another text (a part of this one), for the same options."""
        return Mentions(text, self.words, self.options)

    # ---- finding

    @cached_property
    def _lower(self) -> str:
        lower = self.text.lower()
        return lower if len(lower) == len(self.text) else self.text

    @cached_property
    def _numbers_options(self) -> bool:
        """Does the text hold any word for "option" at all, without which no number or ordinal names one?"""
        return any(word in self._lower for word in self.words.option_words)

    @cached_property
    def _all(self) -> list[Token]:
        text, found = self.text, list(self._named)
        if self.letters:
            found += [self._of_letter(m) for m in self.words.letter.finditer(text) if self._stands_alone(m)]
            if self._numbers_options:
                found += [self._of_number(m) for m in self.words.numbered.finditer(text)]
                found += [self._of_ordinal(m) for m in self.words.ordinal.finditer(text)]
        found.sort(key=lambda token: (token.start, -token.end))
        kept: list[Token] = []
        for token in found:
            if not kept or token.start >= kept[-1].end:
                kept.append(token)
        return kept

    def all(self, start: int = 0, end: int | None = None) -> list[Token]:
        """Every mention between start and end, in order; a mention inside a longer one is left out."""
        return [token for token in self._all if token.start >= start and (end is None or token.end <= end)]

    @cached_property
    def _named(self) -> list[Token]:
        """The options' own texts, or the labels' words."""
        if not self.letters:
            return [
                Token(i, m.start(), m.end())
                for i, label in enumerate(self.words.labels)
                for m in label.finditer(self.text)
            ]
        found = []
        for index in self.options.fitting(len(self.text)):
            for text in self.options.spelt(index):
                needle, start = text.lower(), 0
                while len(needle) > 1 and (start := self._lower.find(needle, start)) >= 0:
                    if self._is_bounded(start, start + len(needle)):
                        found.append(Token(index, start, start + len(needle)))
                    start += len(needle)
        return found

    def _is_bounded(self, start: int, end: int) -> bool:
        text = self.text
        if end < len(text) and _EDGE.match(text[end]):
            return False
        if start and text[start - 1] in ARABIC_PREFIXES:
            start -= 1
        return not (start and _EDGE.match(text[start - 1]))

    def first(self, start: int, end: int) -> Token | None:
        """The mention that a statement beginning at `start` makes: directly behind the cue in any form, else the first."""
        begin = _GLUE.match(self.text, start).end()
        direct = self.at(begin, loose=True) if begin < len(self.text) else None
        return direct or next(iter(self.all(start, end)), None)

    def last(self, start: int, end: int) -> Token | None:
        """The mention directly before `end` (at most a bracket or a short name lies between)."""
        if self.letters:
            for match in self.words.letter.finditer(self.text, max(start, end - 12), end):
                if not self.text[match.end() : end].strip(" '\"*).:»”’"):
                    return self._of_letter(match)
            for match in self.words.bare_ordinal.finditer(self.text, start, end):
                if not self.text[match.end() : end].strip():
                    return self._of_ordinal(match)
        tokens = self.all(start, end)
        if not tokens:
            return None
        gap = self.text[tokens[-1].end : end]
        near = len(gap) <= (16 if self.words.language.spaces else 5)
        return tokens[-1] if near and not _BREAK.search(gap) else None

    def unglued(self, end: int) -> int:
        """Where the text that ends at `end` ends without its trailing blanks, brackets, quotes, dashes and commas."""
        return len(self.text[:end].rstrip(GLUE_CHARACTERS))

    def at(self, start: int = 0, *, loose: bool = False) -> Token | None:
        """The mention that stands at `start`, brackets aside. `loose` also takes lower-case letters and bare numbers."""
        begin = _GLUE.match(self.text, start).end()
        if self.letters:
            letter = self.words.letter.match(self.text, begin)
            if letter and (loose or self._heads(letter)):
                return self._of_letter(letter)
            if self._numbers_options and (match := self.words.numbered.match(self.text, begin)):
                return self._of_number(match)
            if self._numbers_options and (match := self.words.ordinal.match(self.text, begin)):
                return self._of_ordinal(match)
            if loose and (token := self._loose(begin)):
                return token
        here = [token for token in self._named if token.start == begin]
        return max(here, key=lambda token: token.end, default=None)

    def _loose(self, begin: int) -> Token | None:
        words, text = self.words, self.text
        if match := words.bare_ordinal.match(text, begin):
            return self._of_ordinal(match)
        if match := _LOOSE_SMALL.match(text, begin):
            return Token(self._known(ord(match[1]) - 97), match.start(), match.end())
        if match := words.loose_number.match(text, begin):
            return Token(self._known(words.number(match[1]) - 1), match.start(), match.end())
        if words.language.letters and (match := words.loose_native.match(text, begin)):
            rest = text[match.end() : match.end() + 1]
            if not rest.isalpha() or words.after.match(text, _GLUE.match(text, match.end()).end()) or rest in _COPULAS:
                return Token(self._known(words.language.letters.index(match[1])), match.start(), match.end())
        return None

    # ---- matches to tokens

    def _known(self, index: int) -> int | None:
        return index if 0 <= index < len(self.options) else None

    def _of_letter(self, match) -> Token:
        if native := match["native"]:
            index = self.words.language.letters.index(native)
        else:
            index = ord((match["latin"] or match["small"]).upper()) - 65
        return Token(self._known(index), match.start(), match.end())

    def _of_number(self, match) -> Token:
        if match["native"] or match["small"]:
            native = self.words.language.letters.find(match["native"] or "-")
            index = native if native >= 0 else ord(match["small"] or "`") - 97
        else:
            index = self.words.number(match["digit"] or match["back"]) - 1
        return Token(self._known(index), match.start(), match.end())

    def _of_ordinal(self, match) -> Token:
        index = self.words.ordinal_index(match["before"] or match["behind"])
        return Token(self._known(index), match.start(), match.end())

    # ---- letters that are words

    def _heads(self, match) -> bool:
        """A letter at the start of a line counts where the line ends or pauses behind it, or its option's text follows."""
        rest = self.text[match.end() :]
        if not rest.strip() or _HEAD.match(rest):
            return True
        index = self._of_letter(match).index
        return index is not None and rest.lstrip().lower().startswith(self.options.spelt(index)[0].lower())

    def _stands_alone(self, match) -> bool:
        if match["latin"] is None:
            return True
        before = self.text[max(0, match.start() - 30) : match.start()]
        if NAMED.search(before):
            return False
        if match["latin"] in "AEIO" and _LOWER_NEXT.match(self.text, match.end()):
            opens = not self.text[: match.start()].strip() or _SENTENCE_OPENS.search(before)
            return not opens or bool(self.words.wrong.match(self.text[match.end() :].lstrip()))
        return True

    # ---- what is said about a mention

    def refuted(self, token: Token, start: int | None = None) -> bool:
        """Is the mention spoken against: between `start` (its cue) and it, directly behind it, or in a refuted list?"""
        wrong = self.words.wrong
        if start is not None and wrong.search(self.text, start, token.start):
            return True
        sentence = _SENTENCE.match(self.text, token.end)[0][:80]
        listed = self.words.listed.match(sentence).end() if self.letters else 0
        clause = _CLAUSE.split(sentence[listed : listed + 40], maxsplit=1)[0]
        return bool(wrong.search(clause)) and not self.words.after.match(sentence, _GLUE.match(sentence).end())

    def coupled(self, token: Token) -> bool:
        """Is the mention tied to another one: "B and D", "A/C", "either A or C"?"""
        before = self.words.coupled.search(self.text[max(0, token.start - 24) : token.start])
        if self.letters and before and before["join"].strip() and self._of_letter(before).index != token.index:
            return True
        match = self.words.joins.match(self.text, token.end)
        if not match or not match[0].strip():
            return False
        other = self.at(match.end())
        if other is None and self.letters and (letter := self.words.letter.match(self.text, match.end())):
            other = self._of_letter(letter)
        return other is not None and other.index != token.index and other.start - token.end < 12

    def pauses(self, token: Token) -> bool:
        """Does the text end, or pause, behind the mention (an option's text may follow its letter)? "B... no" does not."""
        rest = self.text[token.end :]
        if _DOTS.match(rest):
            return False
        if not rest.strip() or _PAUSE.match(rest):
            return True
        option = self.options.spelt(token.index)[0] if self.letters and token.index is not None else ""
        return bool(option) and rest.lstrip(" .):-–—*").lower().startswith(option.lower())

    def asked(self, token: Token) -> bool:
        """Does the mention stand in a question?"""
        return bool(_QUESTION.match(self.text, token.end))

    # ---- the whole text

    def is_restated(self) -> bool:
        """Does the text only repeat an option: its letter, its text, and nothing more?"""
        letter = self.words.letter.search(self.text)
        if not self.letters or letter is None:
            return False
        index = self._of_letter(letter).index
        rest = self.text[letter.end() :].lower()
        option = self.options.spelt(index)[0].lower() if index is not None else None
        return option is not None and option in rest and not rest.replace(option, "", 1).strip(" \t:-–—\"'()[].,،、")

    def spelt_as(self) -> int | None:
        """The one option that the whole text is, vowel signs and other marks aside (scripts other than Latin)."""
        if not self.letters or len(self.text) > 80 or _LATIN.search(self.text) or not (wanted := skeleton(self.text)):
            return None
        same = [i for i in range(len(self.options)) if skeleton(self.options.spelt(i)[0]) == wanted]
        return same[0] if len(same) == 1 else None
