"""Texts taken apart, once for all checks: words, letters, sentences.

    >>> sentences("Give 0.5 mg, e.g. i.v. Then wait!", get("en"))
    ('Give 0.5 mg, e.g. i.v.', 'Then wait!')

Results are remembered, since the source of twelve translations is looked at twelve times, by several checks each.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

import regex

from globmed_tools.languages import Language, get

_ASCII_WORD = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*")
_OF_WORDS = r"[\p{L}\p{M}\p{N}]+"
_WORD = regex.compile(rf"{_OF_WORDS}(?:['’‑-]{_OF_WORDS})*")
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
#: Marks that end a sentence (with what may close it), in every script; only the full-width ones need no space after.
_END = re.compile(
    r"""(?P<mark>[.!?…؟۔।॥]+["'”’“»«)\]\u00a0\u202f]*(?=\s)|[。！？｡]+[”“’‘」』）)"']*"""
    r"""|(?<=[\u3040-\u30ff\u4e00-\u9fff])[!?]+[”“’‘」』）)"']*(?=[「『“（\u3040-\u30ff\u4e00-\u9fff]))\s*|\n+""",
)
#: What it begins with; found first, since a simple class is searched for many times as fast.
_MAY_END = re.compile("[.!?…؟۔।॥。！？｡\\n]")
#: What a closing Japanese quotation mark is followed by where the sentence goes on: 「…。」と述べた。
_GOES_ON = re.compile(r"[」』）]\s*[、，]?(?:と|って|など|との|の|を|は|が|に|も|で(?!も|は|す))")
#: Looked for from the end: a sentence is long, and its last word is not.
_LAST_WORD = regex.compile(r"(?r)([\p{L}\p{M}\p{N}.]+)$")
#: Longer words than this are no abbreviations.
_LONG = 24
STOPS = frozenset(".!?…؟۔।॥。！？｡")
#: What may follow the stop; German and Wolof texts close with “ and «, French ones set a no-break space before ».
CLOSERS = "\"'”’“‘«»›‹)]」』）*_ \n\t\u00a0\u202f\u200f\u200e"


@cache
def _plain_word() -> re.Pattern:
    """_WORD within the basic plane for Python's own `re`, which is twice as fast and has no classes of letters: they are
    spelt out."""
    every = "".join(map(chr, (*range(0xD800), *range(0xE000, 1 << 16))))
    runs = (match[0] for match in regex.finditer(_OF_WORDS, every))
    of_words = "".join(f"\\u{ord(run[0]):04x}-\\u{ord(run[-1]):04x}" for run in runs)
    return re.compile(f"[{of_words}]+(?:['’‑-][{of_words}]+)*")


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[str, ...]:
    """Words in lower case; a run of Han, kana or Thai letters is one word."""
    text = text.lower()
    if text.isascii():
        return tuple(_ASCII_WORD.findall(text))
    return tuple((_WORD if _BEYOND.search(text) else _plain_word()).findall(text))


def stretch(text: str, start: int, end: int) -> str:
    """The words [start, end) of a text as they stand there, with what is between them."""
    places = [match.span() for match in _WORD.finditer(text)]
    return text[places[start][0] : places[end - 1][1]] if end <= len(places) else text


def find_run(text: str, run: tuple[str, ...]) -> str:
    """The first stretch of a text with these words (in small letters); "" where there is none."""
    known = words(text)
    for place in range(len(known) - len(run) + 1):
        if known[place : place + len(run)] == run:
            return stretch(text, place, place + len(run))
    return ""


@cache
def _abbreviations(code: str) -> frozenset[str]:
    own = get(code).abbreviations
    return frozenset(word.lower().rstrip(".") for word in (*own, *get("en").abbreviations))


def sentences(text: str, language: Language) -> tuple[str, ...]:
    """The sentences of a text, verbatim but for the white space around them."""
    return _sentences(text, language.code)


@lru_cache(maxsize=8192)
def _sentences(text: str, code: str) -> tuple[str, ...]:
    text = text.strip()
    if not text:
        return ()
    found, start = [], 0
    place = _MAY_END.search(text)
    while place:
        match = _END.match(text, place.start())
        place = _MAY_END.search(text, match.end() if match else place.end())
        if match is None or (match["mark"] and match["mark"][0] == "." and _is_no_end(text, start, match, code)):
            continue
        if match["mark"] and match["mark"][-1] in "」』）" and _GOES_ON.match(text, match.end("mark") - 1):
            continue
        _add(found, text[start : match.end()].strip())
        start = match.end()
    _add(found, text[start:].strip())
    return tuple(found)


def _add(found: list[str], sentence: str) -> None:
    """Marks alone (a quotation mark after a space) belong to the sentence before."""
    if found and not any(map(str.isalnum, sentence)):
        found[-1] += sentence
    elif sentence:
        found.append(sentence)


def _is_no_end(text: str, start: int, match: re.Match, code: str) -> bool:
    """A full stop after an abbreviation, an initial or the number of a list item, or before a small letter."""
    following = text[match.end() : match.end() + 1]
    if following.islower():
        return True
    end = match.start()
    last = text[max(start, end - _LONG) : end].rpartition(" ")[2]
    if len(last) == _LONG or not last.isalnum():  # the long way
        word = _LAST_WORD.search(text, start, end)
        if word is None:
            return False
        last = word[1]
    if last.isdigit():
        # "1. Wash" opens a list item; "am 3. Mai" is a German ordinal.
        return len(last) < 3 and (end - len(last) == start or code == "de")
    return (len(last) == 1 and last.isupper()) or last.lower() in _abbreviations(code)


def ends_with_stop(text: str) -> bool:
    """Does the text end as a sentence does?"""
    bare = text.rstrip(CLOSERS)
    return bool(bare) and bare[-1] in STOPS
