"""Pseudo: an honest stand-in for a translator, in the manner of software localisation.

    en  "A 45-year-old man takes 5 mg of warfarin. Which INR?"
    sw  "⟦sw⟧ A 45-year-old ɱåñ ţåķéšš 5 mg öƒ ŵåŕƒåŕîññ. Ŵĥîçĥ INR?"
    hi  "⟦hi⟧ A 45-year-old नइन जरतरहत 5 mg इक ममपएतलरथन. कहजपद INR?"

It is no translation and nobody can take it for one: a mark with the language's code, then every word respelled, in accented
look-alikes where the language is written in Latin letters, else in letters of its own script taken from its function words in the
language table. Numbers with their units, abbreviations (INR, HbA1c), single capitals, punctuation and lines stay; the length
is about what human translations into the language have (`length` in the language table); options that differ stay
different. The same text gives the same pseudo-text everywhere.

Checks of numbers, options, sentences and length have real work with it. Those that ask whether it is the language
(`language`, `script`, `untranslated`, `negation`) find that it is not, and should be set to `note` in the pipeline file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from math import floor

import xxhash

from globmed_tools import languages
from globmed_tools.entry import Entry, translation
from globmed_tools.languages import Language

from ..checks.length import size
from . import PSEUDO, Job, faults

_LETTER = r"[^\W\d_]"
_PLAIN = r"[^\s\u2e80-\uffef]"  # what a number may be written together with: anything but Chinese, Japanese or Korean
_KEPT = (
    r"https?://\S+"
    rf"|{_PLAIN}*[0-9]{_PLAIN}*(?: {faults.UNIT}(?!{_LETTER}))?"
    rf"|(?<!{_LETTER})(?={_LETTER}{{2,5}}(?!{_LETTER}))[a-z]*[A-Z][a-z]*[A-Z][A-Za-z]*"
    rf"|(?<!{_LETTER})[A-Z](?!{_LETTER})"
)
#: The blanks beside what stays belong to it: a language without blanks must not join "12" and "14".
_TOKENS = re.compile(rf"( ?(?:{_KEPT}) ?|{_LETTER}+)")
_WORD = re.compile(rf"(?! ?(?:{_KEPT}) ?\Z){_LETTER}+\Z")
_LOOK_ALIKE = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "åƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýžÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽ",
)
_MOST_WORDS = 200_000
#: Blanks for one letter of English: they stay, or go, whatever the ratio of letters is.
_BLANKS = 0.2


def translate(jobs: Sequence[Job], config) -> list[Entry]:
    """The pseudo-translation of every job; config.faults says how many get a planted fault."""
    made, tokens, last = [], {}, None
    for job in jobs:
        entry = job.entry
        if entry is not last:  # the jobs of one entry follow each other
            tokens, last = _tokens(entry), entry
        speller = _speller(entry.language, job.language)
        texts = {name: _join(speller, parts) for name, parts in tokens.items() if name != "options"}
        if entry.options:
            texts["options"] = _distinct([_join(speller, parts) for parts in tokens["options"]], speller)
        if config.faults:
            texts = faults.plant(texts, entry, job.language, config.faults)
        made.append(translation(entry, job.language, translator=PSEUDO, **texts))
    return made


def _tokens(entry: Entry) -> dict:
    names = ("question", "context", "reference", "rationale")
    found: dict = {name: _TOKENS.split(text) for name in names if (text := getattr(entry, name))}
    if entry.options:
        found["options"] = [_TOKENS.split(option) for option in entry.options]
    return found


def _join(speller: _Speller, parts: list[str]) -> str:
    return speller.mark + "".join([speller[part] for part in parts]).strip(" ")


def _distinct(options: list[str], speller: _Speller) -> list[str]:
    """Options that differ in the original and fell together, told apart by letters at their ends."""
    seen: set[str] = set()
    for place, option in enumerate(options):
        more = 0
        while option.lower() in seen:
            option += speller.alphabet[(place + more) % len(speller.alphabet)]
            more += 1
        seen.add(option.lower())
        options[place] = option
    return options


class _Speller(dict):
    """word -> the same word respelled for one pair of languages; what is no word -> itself. Filled as words are met."""

    def __init__(self, source: Language, target: Language):
        super().__init__()
        self.mark = f"⟦{target.code}⟧ "
        self.spaces = target.spaces
        self.latin = target.script == "Latn"
        self.alphabet = _alphabet(target)
        ratio = target.length["ratio"] / source.length["ratio"]
        if source.spaces:
            ratio = ratio * (1 + _BLANKS) - _BLANKS * target.spaces
        # the table counts a sign of some scripts as several letters
        self.ratio = ratio * size(_alphabet(source)[0], source) / size(self.alphabet[0], target)

    def __missing__(self, part: str) -> str:
        if _WORD.match(part):
            made = self._word(part)
        else:
            made = "" if part == " " and not self.spaces else part
        if len(self) >= _MOST_WORDS:
            self.clear()
        self[part] = made
        return made

    def _word(self, word: str) -> str:
        number = xxhash.xxh3_128_intdigest(word.lower().encode("utf-8", "surrogatepass"))
        # Whether a length is rounded up or down is the word's own chance, so that texts keep the ratio as a whole.
        letters = max(1, floor(len(word) * self.ratio + number % 1000 / 1000))
        if self.latin and word.translate(_LOOK_ALIKE) != word:
            spelled = word.translate(_LOOK_ALIKE)
            return (spelled + spelled.lower() * (letters // len(spelled)))[:letters]
        made, left = [], number
        for _ in range(letters):
            left, place = divmod(left or number, len(self.alphabet))
            if made and made[-1] == self.alphabet[place]:  # nothing that looks like a loop
                place = (place + 1) % len(self.alphabet)
            made.append(self.alphabet[place])
        return "".join(made)


@cache
def _speller(source: str, target: str) -> _Speller:
    return _Speller(languages.get(source), languages.get(target))


def _alphabet(language: Language) -> str:
    """Letters of the language's script: those of its function words and its own name, or the look-alikes."""
    if language.script == "Latn":
        return "åçéîñöšûýž"
    text = "".join(language.stopwords) + language.native
    return "".join(sorted({one for one in text if one.isalpha() and not one.isascii()}))
