"""The words of a language as regular expressions, built once per language and form from languages.toml.

Every pattern works on text that went through `folding.fold`. English words are understood in every language: models often
answer in English around a native question.
"""

from __future__ import annotations

from functools import cache

import regex

from ..languages import LABELS, get
from .folding import fold

GLUE = r"""[\s:：=>\-–—"“”'‘’«»「」『』()\[\]{}【】〔〕（）.,،、…]*"""
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
    """What a reply in one language may say around and about an answer."""

    def __init__(self, code: str, form: str):
        self.language, self.form = get(code), form
        both = (self.language, get("en"))
        phrases = {
            name: [fold(text) for one in both for text in one.extract[name]]
            for name in ("answer", "after", "wrong", "option", "joins", "refusal")
        }
        cues = [*phrases["answer"], fold(self.language.words["answer"])]
        self.cue = regex.compile(bounded(cues), regex.I)
        self.after = regex.compile(GLUE + any_of(phrases["after"]), regex.I)
        self.wrong = regex.compile(bounded(phrases["wrong"]), regex.I)
        self.refusal = regex.compile(bounded(phrases["refusal"]), regex.I)
        asked = any_of(fold(one.words["question"]) for one in both)
        self.next_question = regex.compile(rf"\n\s*\n?\s*{asked}\s*[\d]*\s*[:：]", regex.I)
        joins = rf"(?:[,،、/&+\s]|{_joining(phrases['joins'])})+"
        self.joins = regex.compile(joins)
        self.listed = regex.compile(rf"(?:{joins}[A-J](?!\p{{Latin}}))*")
        self.ordinal_lists = [[fold(text).lower() for text in one.extract["ordinals"]] for one in both]
        self.letter, self.coupled = self._letters(joins)
        self.numbered, self.ordinal, self.bare_ordinal = self._numbers(any_of(phrases["option"]))
        self.loose_number = regex.compile(
            rf"([0-9{self.language.digits}]{{1,2}})(?![\p{{Nd}}%.,]*\p{{Nd}})(?!\s*(?:%|mg|mL|ml|kg|°))"
        )
        self.loose_native = regex.compile(rf"([{self.language.letters or ' '}])(?!\p{{M}})")
        self.labels = [
            regex.compile(bounded([fold(word) for one in both for word in (*one.labels[label], label)]), regex.I)
            for label in LABELS.get(form, ())
        ]

    def _letters(self, joins: str):
        """A letter that stands for an option; and one that "and" or "or" ties to what comes next."""
        native = self.language.letters
        alone = rf"(?<![\p{{L}}\p{{M}}])(?P<native>[{native}])(?![\p{{L}}\p{{M}}])" if native else r"(?P<native>(?!))"
        small = rf"{_BEFORE}(?P<small>[a-j])(?=[)\].:]|{GLUE}$)"
        letter = regex.compile(rf"{_BEFORE}(?P<latin>[A-Z]){_AFTER}|{small}|{alone}")
        tied = rf"(?:{_BEFORE}(?P<latin>[A-J])|{alone})\)?(?P<join>{joins})(?:\p{{Ll}}{{1,3}}-)?$"
        return letter, regex.compile(tied + r"|(?P<small>(?!))")

    def _numbers(self, option: str):
        """ "option 3", "the third option", and an ordinal alone."""
        digits, letters = f"0-9{self.language.digits}", self.language.letters
        native = rf"[{letters}]" if letters else "(?!)"
        named = rf"(?i:{option})\s*(?:no\.?|n[°º]|#|\p{{L}}{{1,3}}(?=\s))?\s*{GLUE}"
        behind = rf"(?:(?:번|番|号)|(?:[\p{{L}}\p{{M}}]{{1,6}}\s+)?(?i:{option})(?!\p{{Latin}}))"
        small = r"[b-df-j]|[ae](?=\s*(?:$|[).,;:\]]))"
        numbered = "|".join(
            (
                rf"{named}(?P<digit>[{digits}]{{1,2}})(?![\p{{Nd}}%])",
                rf"(?<![\p{{Nd}}.,第])(?P<back>[{digits}]{{1,2}})\s*{behind}",
                rf"{named}(?P<native>{native})(?![\p{{L}}\p{{M}}])",
                rf"{named}(?P<small>{small})(?![\p{{L}}\p{{M}}\p{{Nd}}'’])",
            )
        )
        every = [one for names in self.ordinal_lists for one in names]
        said, gap = any_of(every), r"\s*(?:\p{L}+\s+)?"
        ordinal = rf"(?:(?P<before>{said}){gap}{option}|{option}{gap}(?P<behind>{said}))"
        alone = rf"(?P<before>{bounded(every)})(?P<behind>)"
        return regex.compile(numbered), regex.compile(ordinal, regex.I), regex.compile(alone, regex.I)

    def number(self, text: str) -> int:
        """The value of one or two digits, native ones included."""
        digits = self.language.digits
        return int("".join(str(digits.index(char)) if char in digits else char for char in text))

    def ordinal_index(self, said: str) -> int:
        """0 for "first", 1 for "second" ..., in the language or in English."""
        said = " ".join(said.lower().split())
        return next(names.index(one) for names in self.ordinal_lists for one in (said, said[1:]) if one in names)


NAMED = regex.compile(rf"(?:{_NAMED})\s*$", regex.I)
