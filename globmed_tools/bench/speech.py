"""Is a reply in the task's language? A light check of script and of frequent words, until the language identifier exists.

    in_language("Jibu ni B kwa sababu mgonjwa ana homa.", sw) -> 1.0
    in_language("The answer is B because the patient has a fever.", sw) -> 0.0
    in_language("B", sw) -> 1.0        (a bare letter is in no language: nothing speaks against it)

Limits: the Latin-script languages are told apart by function words alone, so short replies are believed, and the pairs
id/ms and es/pt need a sentence or two.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import regex

from ..languages import Language, table

_MEASURE = regex.compile(r"\d\s*(?:\p{L}{1,4}/\p{L}{1,2}\b|(?:mg|ml|kg|mmhg|cm)\b)", regex.I)
_WORD = regex.compile(r"[\p{L}\p{M}’']+")
#: What each script of the table is written in. Japanese also uses Han, but always with kana in running text.
SCRIPTS = {
    "Latn": r"\p{Latin}",
    "Hans": r"\p{Han}",
    "Jpan": r"[\p{Hiragana}\p{Katakana}]",
    "Kore": r"\p{Hangul}",
    "Arab": r"\p{Arabic}",
    "Beng": r"\p{Bengali}",
    "Deva": r"\p{Devanagari}",
}
#: Below this many letters (those of other scripts count three) or words nothing is said against a reply.
FEWEST_LETTERS = 12
FEWEST_WORDS = 4
#: From here on, a text in a language holds at least one of its frequent words.
ENOUGH_WORDS = 12


def has_letters(text: str) -> bool:
    """True where a reply says anything at all in words, in any script."""
    return bool(_WORD.search(text))


@cache
def _letters(script: str):
    return regex.compile(SCRIPTS[script])


def fold(word: str) -> str:
    """Lower case without accents, tone marks and dots: how frequent words are compared."""
    parts = unicodedata.normalize("NFD", word.lower())
    return "".join(char for char in parts if unicodedata.category(char) != "Mn")


@cache
def _frequent(script: str) -> dict[str, dict[str, float]]:
    """word -> {language code: weight} over the languages of one script; a word of many languages weighs less.

    Words stand as written and, where no language writes them so, without their accents: replies often drop those.
    """
    exact: dict[str, set[str]] = {}
    bare: dict[str, set[str]] = {}
    for language in table().values():
        if language.script == script:
            for word in language.stopwords:
                exact.setdefault(word.lower(), set()).add(language.code)
                bare.setdefault(fold(word), set()).add(language.code)
    return {word: dict.fromkeys(codes, 1 / len(codes)) for word, codes in {**bare, **exact}.items()}


def in_language(text: str, language: Language, *, ignore=()) -> float:
    """1.0 where nothing speaks against the reply being in `language`, else 0.0.

    `ignore` are texts that any reply may quote (the options), which say nothing about its language.
    """
    if len(text) < FEWEST_LETTERS // 3:
        return 1.0
    for quoted in sorted((one for one in ignore if len(one) > 1), key=len, reverse=True):
        text = text.replace(quoted, " ")
    counts = dict.fromkeys(SCRIPTS, 0)
    if text.isascii():
        counts["Latn"] = sum(map(str.isalpha, text))
    else:
        counts = {script: len(_letters(script).findall(text)) for script in SCRIPTS}
    if language.script == "Jpan" and counts["Jpan"]:
        counts["Jpan"] += counts.pop("Hans")
    if language.script == "Hans" and counts["Jpan"] >= 0.1 * counts["Hans"]:
        counts["Hans"] = 0
    total = sum(counts.values())
    if counts["Latn"] + 3 * (total - counts["Latn"]) < FEWEST_LETTERS:
        return 1.0
    if counts[language.script] < 0.5 * total:
        return 0.0
    return float(language.script != "Latn" or _latin(text, language))


def _latin(text: str, language: Language) -> bool:
    words = [word.lower() for word in _WORD.findall(_MEASURE.sub(" ", unicodedata.normalize("NFC", text)))]
    if len(words) < FEWEST_WORDS:
        return True
    frequent = _frequent(language.script)
    scores: dict[str, float] = {}
    for word in words:
        for code, weight in (frequent.get(word) or frequent.get(fold(word), {})).items():
            scores[code] = scores.get(code, 0.0) + weight
    best, own = max(scores.values(), default=0.0), scores.get(language.code, 0.0)
    if len(words) >= ENOUGH_WORDS and not own:
        return False
    return best < 1 or own >= 0.85 * best
