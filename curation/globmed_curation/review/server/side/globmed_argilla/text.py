"""Text search in any script: what a query means, and whether a text satisfies it.

    matches("amoxicillin 500", "Amoxicillin 500 mg, three times daily")   True: all words, in any order
    matches("阿莫西林", "患者应每日三次服用阿莫西林500毫克")                    True: scripts without spaces match anywhere
    matches("dose", "an overdose")                                         False: elsewhere a word is a whole word
    matches("dos* -oral | \"three times\"", ...)                           prefixes, exclusion, alternatives, phrases, ( )

The operators are those of Elasticsearch's simple_query_string, read from left to right, which Argilla's interface tells its
users about. Both sides are compared after NFKC and case folding, so that full-width letters, Arabic presentation forms and
decomposed accents are found by what people type. Diacritics are kept: in Yoruba they tell words apart.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable
from functools import lru_cache

#: Scripts written without spaces: CJK radicals and ideographs, kana, Thai, Lao, Myanmar, Khmer.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u303c\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)

Test = Callable[[str], bool]


@lru_cache(maxsize=1)
def _marks() -> str:
    """The combining marks as ranges of a character class: Python's \\w leaves out the vowel signs of Hindi or Bengali."""
    ranges: list[list[int]] = []
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)) in ("Mn", "Mc"):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{chr(low)}-{chr(high)}" for low, high in ranges)


@lru_cache(maxsize=1)
def _words() -> re.Pattern:
    """A word of a query: letters, digits and marks, with a point, comma or apostrophe only between them (0.5, ng'ombe)."""
    word = rf"[\w{_marks()}]+"
    return re.compile(rf"{word}(?:[.,'’]{word})*")


def fold(text: str) -> str:
    """The text as it is compared."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def matches(query: str, text: str) -> bool:
    """Whether the text satisfies the query. A query without any word is satisfied by nothing."""
    return compiled(query)(fold(text))


@lru_cache(maxsize=256)
def compiled(query: str) -> Test:
    """The query as a test of a folded text."""
    tokens = _TOKENS.findall(fold(query))
    test, _ = _sequence(tokens, 0)
    return test or (lambda text: False)


#: A phrase, a parenthesis, "or", or a run of anything else; a dash excludes what it touches.
_TOKENS = re.compile(r'-?"[^"]*"?|-?\(|[)|]|[^\s()|"]+')


def _sequence(tokens: list[str], at: int) -> tuple[Test | None, int]:
    """The test of tokens[at:] up to the closing parenthesis, and where it ended."""
    test: Test | None = None
    either = False
    while at < len(tokens) and tokens[at] != ")":
        token, at = tokens[at], at + 1
        if token == "|":
            either = True
            continue
        if token in ("(", "-("):
            one, at = _sequence(tokens, at)
            at += 1  # the closing parenthesis, or the end
            one = _not(one) if one and token == "-(" else one
        else:
            one = _clause(token)
        if one is not None:
            test = one if test is None else (_or if either else _and)(test, one)
        either = False
    return test, at


def _clause(token: str) -> Test | None:
    """One term or phrase; None where it holds no word, such as a dash between two words."""
    bare = token.removeprefix("-")
    negate = bare != token
    if bare.startswith('"'):
        words = _words().findall(bare)
        gap = rf"[^\w{_marks()}]+"
        pattern = gap.join(_bounded(word) for word in words)
        test = _finder(pattern, words[0]) if words else None
    else:
        prefix = bare.endswith("*")
        words = _words().findall(bare)
        found = [_finder(_bounded(word, prefix and word is words[-1]), word) for word in words]
        test = (lambda text: all(one(text) for one in found)) if found else None
    return _not(test) if test and negate else test


def _bounded(word: str, prefix: bool = False) -> str:
    """A pattern that finds the word as a whole word; an end in a script without spaces, or a prefix's end, is open."""
    inside = rf"[^\W{UNSPACED}]"
    before = rf"(?<!{inside})(?<![{_marks()}])" if re.match(inside, word[0]) else ""
    after = rf"(?!{inside})(?![{_marks()}])" if not prefix and not re.match(f"[{UNSPACED}]", word[-1]) else ""
    # 5 is no word of 0.5, nor of 5.25.
    before += r"(?<![0-9][.,])" if word[0].isdigit() else ""
    after += r"(?![.,][0-9])" if word[-1].isdigit() and after else ""
    return before + re.escape(word) + after


def _finder(pattern: str, literal: str) -> Test:
    """The pattern's test. Most texts hold the literal nowhere, and are told at once; the pattern looks at each place."""
    search = re.compile(pattern).search
    return lambda text: literal in text and search(text) is not None


def _not(test: Test) -> Test:
    return lambda text: not test(text)


def _and(one: Test, other: Test) -> Test:
    return lambda text: one(text) and other(text)


def _or(one: Test, other: Test) -> Test:
    return lambda text: one(text) or other(text)
