"""The regular expressions behind `extract`, built once per language and set of options from languages.toml."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

import regex

from ..languages import LABELS, Language, get

_GLUE = r"""[\s:：=>\-–—"“”'‘’«»「」『』()\[\]{}【】〔〕（）.,،、…]*"""
_ARABIC_PREFIXES = "وف"
_NOT_LATIN_BEFORE = r"(?<![\p{Latin}\p{M}\p{Nd}'’])"
_NOT_LATIN_AFTER = r"(?![\p{Latin}\p{M}\p{Nd}'’]|-\p{Latin})"


def _any(phrases) -> str:
    """An alternation, longest first, words separated by any white space; matches nothing where empty."""
    parts = [
        r"\s+".join(regex.escape(piece) for piece in phrase.split())
        for phrase in sorted({one.strip() for one in phrases if one.strip()}, key=lambda one: (-len(one), one))
    ]
    return "(?:" + "|".join(parts) + ")" if parts else r"(?!)"


def _bounded(phrases) -> str:
    """An alternation that neither begins nor ends inside a word of spaced scripts."""
    edge = r"[\p{Latin}\p{Arabic}\p{Bengali}\p{Devanagari}\p{M}]"
    return rf"(?<!{edge})[{_ARABIC_PREFIXES}]?{_any(phrases)}(?!{edge})"


def _joins(phrases) -> str:
    """Words for and/or: whole words in Latin script, particles that lean on a letter elsewhere."""
    latin = [one for one in phrases if regex.search(r"\p{Latin}", one)]
    return rf"(?:{_bounded(latin)}|{_any(set(phrases) - set(latin))})"


@dataclass(frozen=True, slots=True)
class Token:
    """One mention of an option: its index (None where it is beyond the options) and where it stands."""

    index: int | None
    start: int
    end: int


@lru_cache(maxsize=4096)
def words(language: Language, form: str, options: tuple[str, ...]) -> "Words":
    """The patterns for one language, form and list of folded options."""
    return Words(_base(language.code, form), options)


@cache
def _base(code: str, form: str) -> "Base":
    return Base(get(code), form)


class Base:
    """What depends on the language and the form alone."""

    def __init__(self, language: Language, form: str):
        from .extract import fold

        both = (language, get("en"))
        self.language, self.form = language, form

        def phrases(name: str, *, english: bool = True) -> list[str]:
            return [fold(text) for one in (both if english else both[:1]) for text in one.extract[name]]

        flags = regex.I | regex.V0
        self.cue = regex.compile(_bounded([*phrases("answer"), fold(language.words["answer"])]), flags)
        self.after = regex.compile(_GLUE + _any(phrases("after")), flags)
        self.wrong = regex.compile(_bounded(phrases("wrong")), flags)
        self.refusal = regex.compile(_bounded(phrases("refusal")), flags)
        self.joins = rf"(?:[,،、/&+\s]|{_joins(phrases('joins'))})+"
        self.option = _any(phrases("option"))
        self.ordinals = [fold(text) for text in language.extract["ordinals"]]
        self.english_ordinals = [fold(text) for text in get("en").extract["ordinals"]]
        asked = [fold(one.words["question"]) for one in both]
        self.next_question = regex.compile(rf"\n\s*\n?\s*{_any(asked)}\s*[\d]*\s*[:：]", flags)


def _spellings(option: str) -> list[str]:
    """An option as replies write it: folded; with ä as ae; without a noun-class prefix (I-enalapril)."""
    from .extract import fold

    spelt = option.translate(str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}))
    texts = [
        fold(one).strip().rstrip(".。।") for one in (option, spelt, regex.sub(r"^[IUiu]-(?=\p{L}{3})", "", option))
    ]
    return list(dict.fromkeys(texts))


class Words:
    """Everything that `extract` asks of a text, for one list of options."""

    def __init__(self, base: Base, options: tuple[str, ...]):
        self.base, self.options = base, [_spellings(option)[0] for option in options]
        self.spellings = [_spellings(option) for option in options]
        self.letters = base.form == "mcq"
        self.cue, self.after = base.cue, base.after

    # ---- mentions of an option

    @cached_property
    def _letter(self):
        native = self.base.language.letters
        parts = [rf"{_NOT_LATIN_BEFORE}(?P<latin>[A-Z]){_NOT_LATIN_AFTER}"]
        parts.append(rf"{_NOT_LATIN_BEFORE}(?P<small>[a-j])(?=[)\].:]|{_GLUE}$)")
        if native:
            parts.append(rf"(?<![\p{{L}}\p{{M}}])(?P<native>[{native}])(?![\p{{L}}\p{{M}}])")
        return regex.compile("|".join(parts))

    @cached_property
    def _numbered(self):
        digits = "0-9" + regex.escape(self.base.language.digits)
        named = rf"(?i:{self.base.option})\s*(?:no\.?|n[°º]|#|\p{{L}}{{1,3}}(?=\s))?\s*{_GLUE}"
        parts = [
            rf"{named}(?P<digit>[{digits}]{{1,2}})(?![\p{{Nd}}%])",
            rf"(?<![\p{{Nd}}.,第])(?P<back>[{digits}]{{1,2}})\s*(?:(?:번|番|号)|(?:[\p{{L}}\p{{M}}]{{1,6}}\s+)?(?i:{self.base.option})(?!\p{{Latin}}))",
        ]
        if self.base.language.letters:
            parts.append(rf"{named}(?P<native>[{self.base.language.letters}])(?![\p{{L}}\p{{M}}])")
        parts.append(rf"{named}(?P<small>[b-df-j]|[ae](?=\s*(?:$|[).,;:\]])))(?![\p{{L}}\p{{M}}\p{{Nd}}'’])")
        return regex.compile("|".join(parts))

    @cached_property
    def _ordinal(self):
        base = self.base
        both = [*base.ordinals, *base.english_ordinals]
        gap = r"\s*(?:\p{L}+\s+){0,1}?"
        return regex.compile(
            rf"(?:(?P<before>{_any(both)}){gap}{base.option}|{base.option}{gap}(?P<behind>{_any(both)}))", regex.I
        )

    @cached_property
    def _coupled(self):
        """A letter and a word for and/or at the end of what stands before another letter."""
        native = self.base.language.letters
        letter = rf"{_NOT_LATIN_BEFORE}(?P<latin>[A-J])" + (
            rf"|(?<![\p{{L}}\p{{M}}])(?P<native>[{native}])(?![\p{{L}}\p{{M}}])" if native else ""
        )
        return regex.compile(rf"(?:{letter})\)?(?P<join>{self.base.joins})(?:\p{{Ll}}{{1,3}}-)?$", regex.V0)

    @cached_property
    def _bare_ordinal(self):
        both = [*self.base.ordinals, *self.base.english_ordinals]
        return regex.compile(rf"(?P<before>{_bounded(both)})(?P<behind>)", regex.I)

    @cached_property
    def _texts(self) -> list[tuple[int, regex.Pattern]]:
        """(index, pattern) of each option's text, or of each label's words; longest first."""
        if self.letters:
            pairs = [(index, texts) for index, texts in enumerate(self.spellings) if len(texts[0]) > 1]
        else:
            from .extract import fold

            both = (self.base.language, get("en"))
            pairs = [
                (index, [fold(word) for one in both for word in one.labels[label]] + ([fold(label)]))
                for index, label in enumerate(LABELS[self.base.form])
            ]
        return [(index, regex.compile(_bounded(texts), regex.I)) for index, texts in pairs]

    def all_tokens(self, text: str, start: int = 0, end: int | None = None) -> Iterator[Token]:
        """Every mention between start and end, in order; a mention inside a longer one is left out."""
        end = len(text) if end is None else end
        found: list[Token] = []
        for index, pattern in self._texts:
            found += [Token(index, m.start(), m.end()) for m in pattern.finditer(text, start, end)]
        if self.letters:
            found += [
                self._of_letter(m) for m in self._letter.finditer(text, start, end) if self._stands_alone(text, m)
            ]
            found += [self._of_number(m) for m in self._numbered.finditer(text, start, end)]
            found += [self._of_ordinal(m) for m in self._ordinal.finditer(text, start, end)]
        found.sort(key=lambda token: (token.start, -token.end))
        reached = -1
        for token in found:
            if token.start >= reached:
                yield token
                reached = token.end

    def first_token(self, text: str, start: int, end: int) -> Token | None:
        """The mention that a statement beginning at `start` makes: directly behind the cue in any form, else the first."""
        begin = regex.compile(_GLUE).match(text, start).end()
        direct = self.token_at(text, begin, loose=True) if begin < len(text) else None
        return direct or next(self.all_tokens(text, start, end), None)

    def last_token(self, text: str, start: int, end: int) -> Token | None:
        """The mention directly before `end` (at most a bracket or a short name lies between)."""
        direct = [
            m
            for m in self._letter.finditer(text, max(start, end - 12), end)
            if not text[m.end() : end].strip(" '\"*).:»”’")
        ]
        if self.letters and direct:
            return self._of_letter(direct[-1])
        if self.letters and (named := list(self._bare_ordinal.finditer(text, start, end))):
            if not text[named[-1].end() : end].strip():
                return self._of_ordinal(named[-1])
        tokens = list(self.all_tokens(text, start, end))
        if not tokens:
            return None
        last = tokens[-1]
        gap = text[last.end : end]
        near = len(gap) <= (16 if self.base.language.spaces else 5)
        return last if near and not regex.search(r"[.。!?؟।;、،\n]", gap) else None

    def token_at(self, text: str, start: int, *, loose: bool = False) -> Token | None:
        """The mention that stands at `start`, brackets aside. `loose` also takes lower-case letters and bare numbers."""
        begin = regex.compile(_GLUE).match(text, start).end()
        if self.letters:
            letter = self._letter.match(text, begin)
            if letter and (loose or self._heads(text, letter)):
                return self._of_letter(letter)
            for pattern, make in ((self._numbered, self._of_number), (self._ordinal, self._of_ordinal)):
                if match := pattern.match(text, begin):
                    return make(match)
            if loose and (token := self._loose(text, begin)):
                return token
        for index, pattern in sorted(self._texts, key=lambda one: -len(one[1].pattern)):
            if match := pattern.match(text, begin):
                return Token(index, match.start(), match.end())
        return None

    def _loose(self, text: str, begin: int) -> Token | None:
        language = self.base.language
        digits = regex.escape(language.digits)
        if match := self._bare_ordinal.match(text, begin):
            return self._of_ordinal(match)
        if match := regex.compile(r"([a-j])(?=\s*(?:$|[).,;:\]\n]))").match(text, begin):
            return Token(self._within(ord(match[1]) - 97), match.start(), match.end())
        if match := regex.compile(rf"([0-9{digits}]{{1,2}})(?![\p{{Nd}}%.,]*\p{{Nd}})(?!\s*(?:%|mg|mL|ml|kg|°))").match(
            text, begin
        ):
            return Token(self._within(self._number(match[1]) - 1), match.start(), match.end())
        if language.letters and (match := regex.compile(rf"([{language.letters}])(?![\p{{M}}])").match(text, begin)):
            rest = text[match.end() : match.end() + 1]
            if not rest.isalpha() or self.base.after.match(text, match.end()) or rest in "이입예번です":
                return Token(self._within(language.letters.index(match[1])), match.start(), match.end())
        return None

    def _within(self, index: int) -> int | None:
        return index if 0 <= index < len(self.options) else None

    def _of_letter(self, match) -> Token:
        found = match.groupdict()
        if found.get("native"):
            index = self.base.language.letters.index(found["native"])
        else:
            index = ord((found.get("latin") or found["small"]).upper()) - 65
        return Token(self._within(index), match.start(), match.end())

    def _of_number(self, match) -> Token:
        found = match.groupdict()
        if found.get("native"):
            return Token(self._within(self.base.language.letters.index(found["native"])), match.start(), match.end())
        if found.get("small"):
            return Token(self._within(ord(found["small"]) - 97), match.start(), match.end())
        return Token(self._within(self._number(found["digit"] or found["back"]) - 1), match.start(), match.end())

    def _number(self, text: str) -> int:
        digits = self.base.language.digits
        return int("".join(str(digits.index(char)) if char in digits else char for char in text))

    def _of_ordinal(self, match) -> Token:
        said = (match["before"] or match["behind"]).lower()
        base = self.base
        lists = [[one.lower() for one in base.ordinals], [one.lower() for one in base.english_ordinals]]
        said = regex.sub(r"\s+", " ", said)
        index = next(names.index(said) for names in lists if said in names)
        return Token(self._within(index), match.start(), match.end())

    # ---- letters that are words

    def _heads(self, text: str, match) -> bool:
        """A letter at the start of a line counts where it ends there or punctuation follows it, or its option's text."""
        rest = text[match.end() :]
        if not rest.strip() or regex.match(r"\s*[)\].:,،、;\-–—}】」]|\n", rest):
            return True
        index = self._of_letter(match).index
        return index is not None and rest.lstrip().lower().startswith(self.options[index].lower())

    def _stands_alone(self, text: str, match) -> bool:
        """False for a letter that is a word or part of a name: "vitamin C", "A patient", "Grupo B"."""
        if match.groupdict().get("native") or match.groupdict().get("small"):
            return True
        before, after = text[: match.start()], text[match.end() :]
        if regex.search(rf"(?:{_NAMES})\s*$", before, regex.I):
            return False
        letter = match["latin"]
        if letter in "AEIO" and regex.match(r"\s+\p{Ll}", after):
            opens = not before.strip() or regex.search(r"[.!?:\n]\s*$", before)
            return not opens or bool(self.base.wrong.match(after.lstrip()))
        return True

    # ---- what is said about a mention

    def refuted(self, text: str, start: int, token: Token) -> bool:
        """Is the mention spoken against: between the cue and it, or directly behind it, or in a list that is refuted?"""
        if self.base.wrong.search(text, start, token.start):
            return True
        sentence = regex.compile(r"[^.。!?؟।;\n]*").match(text, token.end)[0][:80]
        listed = regex.match(rf"(?:{self.base.joins}[A-J](?!\p{{Latin}}))*", sentence).end() if self.letters else 0
        clause = regex.split(r"[,،、，:]", sentence[listed : listed + 40])[0]
        return bool(self.base.wrong.search(clause)) and not self.base.after.match(sentence)

    def joined_to_another(self, text: str, token: Token) -> bool:
        """Is the mention coupled with another one: "B and D", "A/C", "either A or C"?"""
        before = self._coupled.search(text[max(0, token.start - 24) : token.start])
        if self.letters and before and before["join"].strip() and self._of_letter(before).index != token.index:
            return True
        match = regex.compile(self.base.joins).match(text, token.end)
        if match and match.end() > token.end and match[0].strip():
            follower = self.token_at(text, match.end())
            coupled = follower or (self.letters and self._letter.match(text, match.end()))
            if coupled:
                other = follower if isinstance(follower, Token) else self._of_letter(coupled)
                return other.index != token.index and other.start - token.end < 12
        return False

    def pauses(self, line: str, token: Token) -> bool:
        """Does the line end, or pause, behind the mention (an option's text may follow its letter)? "B... no" does not."""
        rest = line[token.end :]
        if regex.match(r"\s*(?:\.\.|…)", rest):
            return False
        text = self.options[token.index] if self.letters and token.index is not None else ""
        named = rest.lstrip(" .):-–—*").lower().startswith(text.lower()) if text else False
        return (
            named
            or not rest.strip()
            or bool(regex.match(r"\s*(?:[.,;:!?)\]。，、；：！？）】」।،؛(（–—}]|-(?!\p{L}))", rest))
        )

    # ---- the reply as a whole

    def refuses(self, text: str) -> bool:
        return bool(self.base.refusal.search(text))

    def is_restated(self, line: str) -> bool:
        """Does the line only repeat an option: its letter, its text, and nothing more?"""
        letter = self._letter.search(line)
        if letter is None:
            return False
        token = self._of_letter(letter)
        rest = regex.sub(_GLUE + "$", "", regex.sub("^" + _GLUE, "", line[letter.end() :]))
        return token.index is not None and rest.lower() == self.options[token.index].lower()

    def without_restated(self, text: str) -> str:
        """The reply without a list of the options that it only repeats (at least two of them, line by line)."""
        lines = text.splitlines()
        repeated = [self.letters and self.is_restated(line) for line in lines]
        if sum(repeated) < 2:
            return text
        return "\n".join(line for line, again in zip(lines, repeated) if not again)

    def spelt_as(self, text: str) -> int | None:
        """The one option that a whole reply is, vowel signs and other marks aside (scripts other than Latin)."""
        wanted = _skeleton(text)
        same = [index for index, option in enumerate(self.options) if _skeleton(option) == wanted]
        return (
            same[0] if self.letters and len(same) == 1 and not regex.search(r"\p{Latin}", wanted) and wanted else None
        )

    def until_next_question(self, text: str) -> str:
        """The reply up to where a base model goes on to invent the next question."""
        match = self.base.next_question.search(text)
        return text[: match.start()] if match and match.start() > 0 else text


_NAMES = (
    r"vitamin\p{L}*|hepatit\p{L}*|hepatite|group|grupo|groupe|gruppe|type|tipo|typ|influenza|grade|stage|type|class|factor|"
    r"immunoglobulin|ig|omega|apolipoprotein|protein"
)


def _skeleton(text: str) -> str:
    return regex.sub(r"[\p{M}\p{P}\s]", "", text.replace("ৎ", "ত"))
