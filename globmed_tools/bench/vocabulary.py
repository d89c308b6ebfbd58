"""The words of a language as regular expressions, built once per language and form from languages.toml.

Every pattern works on text that went through `folding.fold`. English words are understood in every language: models often
answer in English around a native question.
"""

from __future__ import annotations

from functools import cache, cached_property

import regex

from ..languages import LABELS, get
from .folding import fold

#: What may stand between a cue and an answer without meaning anything.
GLUE_CHARACTERS = " \t\n\r\f\v\u00a0:：=>-–—\"“”'‘’«»「」『』()[]{}【】〔〕（）.,،、…"
GLUE = f"[{regex.escape(GLUE_CHARACTERS)}]*"
#: Scripts whose words are spaced: a phrase must not begin or end inside such a word.
EDGE = r"[\p{Latin}\p{Arabic}\p{Bengali}\p{Devanagari}\p{M}]"
#: Arabic "and", "so", which lean on the word behind them.
ARABIC_PREFIXES = "وف"
_BEFORE = r"(?<![\p{Latin}\p{M}\p{Nd}'’])"
_AFTER = r"(?![\p{Latin}\p{M}\p{Nd}'’]|-\p{Latin})"
#: What a capital letter belongs to as a name: vitamin C, hepatitis B, group A.
_NAMED = (
    r"vitamin\p{L}*|hepatit\p{L}*|group|grupo|groupe|gruppe|type|tipo|typ|influenza|grade|stage|class|factor|"
    r"immunoglobulin|ig|omega|apolipoprotein|protein"
)


def any_of(phrases) -> str:
    """An alternation, longest first, words separated by any white space; matches nothing where empty."""
    parts = [
        r"\s+".join(regex.escape(piece) for piece in phrase.split())
        for phrase in sorted({one.strip() for one in phrases if one.strip()}, key=lambda one: (-len(one), one))
    ]
    return "(?:" + "|".join(parts) + ")" if parts else r"(?!)"


def bounded(phrases) -> str:
    """An alternation that neither begins nor ends inside a word of spaced scripts."""
    return rf"(?<!{EDGE})[{ARABIC_PREFIXES}]?{any_of(phrases)}(?!{EDGE})"


def _joining(phrases) -> str:
    """Words for and/or: whole words in Latin script, particles that lean on a letter elsewhere."""
    latin = [one for one in phrases if regex.search(r"\p{Latin}", one)]
    return rf"(?:{bounded(latin)}|{any_of(set(phrases) - set(latin))})"


@cache
def vocabulary(code: str, form: str) -> "Vocabulary":
    """The patterns of one language for one form."""
    return Vocabulary(code, form)


class Vocabulary:
    """What a reply in one language may say around and about an answer; each pattern is compiled when first used."""

    def __init__(self, code: str, form: str):
        self.language, self.form = get(code), form
        self._both = (self.language, get("en"))
        self._phrases = {
            name: [fold(text) for one in self._both for text in one.extract[name]]
            for name in ("answer", "after", "wrong", "option", "joins", "refusal")
        }
        self.ordinal_lists = [[fold(text).lower() for text in one.extract["ordinals"]] for one in self._both]
        self.option_words = {word.lower() for word in (*self._phrases["option"], "번", "番", "号")}
        letters = self.language.letters
        self._native = rf"[{letters}]" if letters else "(?!)"
        self._native_alone = rf"(?<![\p{{L}}\p{{M}}])(?P<native>{self._native})(?![\p{{L}}\p{{M}}])"
        self._digits = f"0-9{self.language.digits}"
        self._joins = rf"(?:[,،、/&+\s]|{_joining(self._phrases['joins'])})+"

    @cached_property
    def cue(self):
        """What stands before an answer: "the answer is"."""
        return regex.compile(bounded([*self._phrases["answer"], fold(self.language.words["answer"])]), regex.I)

    @cached_property
    def after(self):
        """What stands behind an answer: "is correct"."""
        return regex.compile(any_of(self._phrases["after"]), regex.I)

    @cached_property
    def wrong(self):
        """What makes a statement negative."""
        return regex.compile(bounded(self._phrases["wrong"]), regex.I)

    @cached_property
    def refusal(self):
        return regex.compile(bounded(self._phrases["refusal"]), regex.I)

    @cached_property
    def next_question(self):
        """Where a base model goes on to invent another question."""
        asked = any_of(fold(one.words["question"]) for one in self._both)
        return regex.compile(rf"\n\s*\n?\s*{asked}\s*[\d]*\s*[:：]", regex.I)

    @cached_property
    def joins(self):
        """And, or, a comma, a slash."""
        return regex.compile(self._joins)

    @cached_property
    def listed(self):
        """Further letters of a list: ", B and C"."""
        return regex.compile(rf"(?:{self._joins}[A-J](?!\p{{Latin}}))*")

    @cached_property
    def letter(self):
        """A letter that stands for an option: capital, small with a bracket, or native."""
        small = rf"{_BEFORE}(?P<small>[a-j])(?=[)\].:]|{GLUE}$)"
        return regex.compile(rf"{_BEFORE}(?P<latin>[A-Z]){_AFTER}|{small}|{self._native_alone}")

    @cached_property
    def coupled(self):
        """A letter, and a join that ties it to what comes next, at the end of a text."""
        tied = rf"(?:{_BEFORE}(?P<latin>[A-J])|{self._native_alone})\)?(?P<join>{self._joins})(?:\p{{Ll}}{{1,3}}-)?$"
        return regex.compile(tied + r"|(?P<small>(?!))")

    @cached_property
    def numbered(self):
        """ "option 3", "3rd option" in digits, "option b"."""
        option = any_of(self._phrases["option"])
        named = rf"(?i:{option})\s*(?:no\.?|n[°º]|#|\p{{L}}{{1,3}}(?=\s))?\s*{GLUE}"
        behind = rf"(?:(?:번|番|号)|(?:[\p{{L}}\p{{M}}]{{1,6}}\s+)?(?i:{option})(?!\p{{Latin}}))"
        small = r"[b-df-j]|[ae](?=\s*(?:$|[).,;:\]]))"
        forms = (
            rf"{named}(?P<digit>[{self._digits}]{{1,2}})(?![\p{{Nd}}%])",
            rf"(?<![\p{{Nd}}.,第])(?P<back>[{self._digits}]{{1,2}})\s*{behind}",
            rf"{named}(?P<native>{self._native})(?![\p{{L}}\p{{M}}])",
            rf"{named}(?P<small>{small})(?![\p{{L}}\p{{M}}\p{{Nd}}'’])",
        )
        return regex.compile("|".join(forms))

    @cached_property
    def ordinal(self):
        """ "the third option", "option three"."""
        option, gap = any_of(self._phrases["option"]), r"\s*(?:\p{L}+\s+)?"
        said = any_of(one for names in self.ordinal_lists for one in names)
        return regex.compile(rf"(?:(?P<before>{said}){gap}{option}|{option}{gap}(?P<behind>{said}))", regex.I)

    @cached_property
    def bare_ordinal(self):
        """ "the third", alone."""
        said = bounded(one for names in self.ordinal_lists for one in names)
        return regex.compile(rf"(?P<before>{said})(?P<behind>)", regex.I)

    @cached_property
    def loose_number(self):
        """A number alone, not a quantity."""
        return regex.compile(rf"([{self._digits}]{{1,2}})(?![\p{{Nd}}%.,]*\p{{Nd}})(?!\s*(?:%|mg|mL|ml|kg|°))")

    @cached_property
    def loose_native(self):
        return regex.compile(rf"({self._native})(?!\p{{M}})")

    @cached_property
    def labels(self):
        """One pattern a label of the form, in the order of languages.LABELS."""
        words = {label: [w for one in self._both for w in one.labels[label]] for label in LABELS.get(self.form, ())}
        return [regex.compile(bounded([fold(word) for word in (*words[label], label)]), regex.I) for label in words]

    def number(self, text: str) -> int:
        """The value of one or two digits, native ones included."""
        digits = self.language.digits
        return int("".join(str(digits.index(char)) if char in digits else char for char in text))

    def ordinal_index(self, said: str) -> int:
        """0 for "first", 1 for "second" ..., in the language or in English."""
        said = " ".join(said.lower().split())
        return next(names.index(one) for names in self.ordinal_lists for one in (said, said[1:]) if one in names)


NAMED = regex.compile(rf"(?:{_NAMED})\s*$", regex.I)
