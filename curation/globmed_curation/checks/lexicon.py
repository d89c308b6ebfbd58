"""The number words of a language, folded for look-up.

    >>> lexicon("de").of("Dreiundzwanzig"), lexicon("sw").of("Wawili")
    ((('word', (23,)), ()), (('word', (2,)), ()))

Built once a process from the language table. What a word of a text can be is remembered by the word as it stands there, since most
words of a text are no numbers and one look has to say so.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache, lru_cache
from unicodedata import combining, normalize

import regex

from globmed_tools.languages import get

from .digits import Value


@lru_cache(maxsize=1 << 16)
def fold(text: str, script: str, doubled: bool = False) -> str:
    """Lower case; without accents in Latin script, without vowel signs in Arabic; doubled: ẹ́ẹ̀ and ẹ are one."""
    text = text.lower()
    if script == "Latn":
        if not text.isascii():
            text = "".join(char for char in normalize("NFD", text) if not combining(char)).replace("ß", "ss")
        if doubled:
            text = re.sub(r"(.)\1+", r"\1", text)
    elif script == "Arab":
        text = "".join(char for char in text if not combining(char) and char != "ـ")
        text = text.translate(str.maketrans("أإآىة", "ااايه"))
    return normalize("NFC", text)


#: Words, by script; with the combining marks that belong to them, which \\w leaves out.
_WORDS = {
    "Latn": re.compile(r"[A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff\u0300-\u036f]+"),
    "Arab": re.compile(r"[\u0620-\u065f\u066e-\u06d3\u06d5-\u06ed\u06fa-\u06ff]+"),
    "Deva": re.compile(r"[\u0900-\u0963\u0971-\u097f]+"),
    "Beng": re.compile(r"[\u0980-\u09e3\u09f0-\u09fe]+"),
}
_ANY_WORDS = re.compile(r"[^\W\d_]+")


class Lexicon:
    """The number words of a language, folded. `of(token)`: what a single token can be; multi: forms of several tokens."""

    def __init__(self, code: str):
        self.language = language = get(code)
        table = language.numbers
        self.doubled = table.get("doubled", False)
        self.code, self.script, self.spaces = code, language.script, language.spaces
        self.decimal, self.before = table["decimal"], table["place"] == "before"
        self.joins = frozenset(self.fold(one) for one in table["joins"].split())
        self.small = 10_000 if language.script in ("Hans", "Jpan", "Kore") else 1000
        self.vague = frozenset(table.get("vague", ""))
        self.prefix = regex.compile(table["prefix"]) if table.get("prefix") else None
        self.suffix = regex.compile(table["suffix"]) if table.get("suffix") else None
        aged, older = table.get("aged", "(?!)"), table.get("older", "(?!)")
        self.aged = regex.compile(rf"(?i)\b(?:{aged})\W*$") if "aged" in table else None
        self.older = regex.compile(rf"(?i)\s(?:{older})\b")
        self.rates = frozenset(map(self.fold, table.get("rates", "").split()))
        self.concord = regex.compile(table["concord"]) if table.get("concord") else None
        self.ranges = frozenset(self.fold(one) for one in table["ranges"].split())
        self.stopwords = frozenset(map(self.fold, language.stopwords))
        self.single: dict[str, tuple[tuple[str, tuple], ...]] = {}
        self.multi: dict[str, list[tuple[tuple[str, ...], str, tuple]]] = {}
        for kind, name in (("word", "words"), ("scale", "scales"), ("soft", "soft")):
            for row in table[name]:
                value, *forms = row.split()
                self._add(kind, _number(value), forms)
        for place, row in enumerate(table["months"], 1):
            self._add("month", place, row.split())
        self.glue = table.get("glue", "")
        if self.glue == "und":
            self._glued()
        for forms in self.multi.values():
            forms.sort(key=lambda one: -len(one[0]))
        self.percent = frozenset(map(self.fold, language.units["percent"].split()))
        self.memo: dict = {}
        self.word = _WORDS.get(self.script, _ANY_WORDS)

    def fold(self, text: str) -> str:
        return fold(text, self.script, self.doubled)

    def _add(self, kind: str, value: Value, forms: list[str]) -> None:
        for form in forms:
            tokens = tuple(filter(None, re.split(r"[_\-'’]", self.fold(form))))
            if len(tokens) == 1:
                old = self.single.get(tokens[0])
                if old and old[0] == kind:
                    self.single[tokens[0]] = (kind, (*old[1], value))
                elif not old:
                    self.single[tokens[0]] = (kind, (value,))
            else:
                self.multi.setdefault(tokens[0], []).append((tokens[1:], kind, (value,)))

    def _glued(self) -> None:
        """de: fünfundzwanzig."""
        ones = {form: values[0] for form, (kind, values) in self.single.items() if kind == "word" and values[0] < 10}
        tens = {form: values[0] for form, (kind, values) in self.single.items() if kind == "word" and values[0] >= 20}
        for one, few in ones.items():
            for ten, many in tens.items():
                self.single.setdefault(f"{one}und{ten}", ("word", (few + many,)))

    def of(self, token: str):
        """What a token, as it stands in the text, can be: ((kind, values) or None, forms that begin with it); None mostly."""
        if token in self.memo:
            return self.memo[token]
        if len(self.memo) > 50_000:
            self.memo.clear()
        folded = self.fold(token)
        single, forms = self._look_up(folded), self.multi.get(folded, ())
        if not forms and self.prefix:  # ar: التاسع عشر
            forms = next((self.multi[rest] for rest in self.without_prefix(folded) if rest in self.multi), ())
        found = self.memo[token] = (single, forms) if single or forms else None
        return found

    def _look_up(self, token: str):
        found = self.single.get(token)
        if token in self.percent:  # ar: بالمئة, "in the hundred"
            return None
        if found is None and self.prefix:
            rests = self.without_prefix(token)
            found = next((self.single[rest] for rest in rests if rest in self.single), None)
        if found is None and self.suffix:
            rests = self.without_suffix(token)
            found = next((self.single[rest] for rest in rests if rest in self.single), None)
        if found is None and self.glue == "und":
            found = self._compound(token)
        if found is None and self.glue == "dín":
            found = self._more_or_less(token)
        return found

    def without_prefix(self, token: str) -> list[str]:
        """What may be left of a token, shortest prefix first; at least three letters."""
        return [token[end:] for end in range(1, min(10, len(token) - 2)) if self.prefix.fullmatch(token, 0, end)]

    def without_suffix(self, token: str) -> list[str]:
        """What may be left of a token, longest first."""
        ends = range(len(token) - 1, max(0, len(token) - 10), -1)
        return [token[:end] for end in ends if self.suffix.fullmatch(token, end)]

    def _compound(self, token: str):
        """zweihundert, dreitausend; zweijährig only as a soft number."""
        value, rest = 0, token
        while rest:
            for size in range(len(rest), 2, -1):
                got = self.single.get(rest[:size])
                if got and got[0] in ("word", "scale"):
                    step = got[1][0]
                    value = value + step if got[0] == "word" or not value else value * step
                    rest = rest[size:]
                    break
            else:
                return ("soft", (value,)) if value > 1 else None
        return ("word", (value,)) if value else None

    def _more_or_less(self, token: str):
        """yo: mẹ́tàdínlógójì (40 less 3), ẹgbẹ̀rinlélọ́gbọn (800 and 30); kẹtàdínlógún is the 17th."""
        for match in re.finditer(r"(din|le)l?", token):
            one = token[: match.start()].removeprefix("i")
            ordinal = one[:1] == "k"
            left = self.single.get("m" + one[1:] if ordinal else one)
            for ten in (token[match.end() :], token[match.start() + len(match[1]) :]):
                right = self.single.get(ten) or self.single.get("a" + ten) or self._more_or_less(ten)
                if left and right and left[0] == "word" == right[0]:
                    few, many = sorted((left[1][0], right[1][0]))
                    value = many - few if match[1] == "din" else many + few
                    return ("soft" if ordinal else "word", (value,))
        return None


def _number(text: str) -> Value:
    value = Fraction(text)
    return value.numerator if value.denominator == 1 else value


@cache
def lexicon(code: str) -> Lexicon:
    return Lexicon(code)
