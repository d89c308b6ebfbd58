"""Text as HTML: escaped, cut around what matters, with the evidence in <mark>.

    >>> html("Give 5 mg & rest.", ["5 mg"])
    (Markup('Give <mark>5 mg</mark> &amp; rest.'), 1)

A span is looked for as it stands, at word boundaries where it begins or ends with a letter or digit (so that "5" is not
marked inside "15"), then word by word, since checks compare words without their case and punctuation.
"""

from __future__ import annotations

import re
from functools import cache

from markupsafe import Markup, escape

#: Control characters, which HTML may not hold or does not show, become the pictures that Unicode has for them.
_CONTROLS = {code: 0x2400 + code for code in range(32) if code not in (9, 10)} | {127: 0x2421}
#: Characters that turn the direction of all that follows: shown by name, since they could make a page lie.
_TURNS = {0x202A: "LRE", 0x202B: "RLE", 0x202C: "PDF", 0x202D: "LRO", 0x202E: "RLO"}
_VISIBLE = _CONTROLS | {code: f"⟦{name}⟧" for code, name in _TURNS.items()}
_LIMIT = 900


@cache
def _words():
    import regex

    return regex.compile(r"[\p{L}\p{M}\p{N}]+")


def visible(text: str) -> str:
    """The text without characters that are unseen or turn its direction."""
    return text.translate(_VISIBLE)


def found(text: str, span: str) -> list[tuple[int, int]]:
    """Where the span stands in the text: [start, end) of each place, in order."""
    span = span.strip()
    if not span:
        return []
    before = r"(?<!\w)" if span[0].isalnum() else ""
    after = r"(?!\w)" if span[-1].isalnum() else ""
    bare = re.escape(span)
    # Without boundaries only where these cannot be asked for (Chinese, Japanese) or where chance is unlikely.
    for pattern in (before + bare + after, bare if len(span) > 2 or not span.isascii() else None):
        if pattern and (there := [match.span() for match in re.finditer(pattern, text)]):
            return there
    words = _words().findall(span)
    if not words:
        return []
    import regex

    joined = r"[^\p{L}\p{M}\p{N}]+".join(map(regex.escape, words))
    pattern = regex.compile(rf"(?<![\p{{L}}\p{{N}}]){joined}(?![\p{{L}}\p{{N}}])", regex.I)
    return [match.span() for match in pattern.finditer(text)]


def places(text: str, spans: list[str]) -> list[tuple[int, int]]:
    """Where any of the spans stands, overlapping places joined."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(place for span in spans for place in found(text, span)):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def html(text: str, spans: list[str], limit: int = _LIMIT) -> tuple[Markup, int]:
    """(the text as HTML, how many marks are in it); a longer text is cut around the first mark, which is said."""
    marks = places(text, spans)
    first = marks[0][0] if marks else 0
    limit = len(text) if len(text) <= limit * 1.25 else limit  # nothing is cut for the sake of a few words
    start = 0 if len(text) <= limit or first < limit * 2 // 3 else _between_words(text, first - limit // 3)
    end = len(text) if len(text) - start <= limit else _between_words(text, start + limit)
    shown = [(max(a, start), min(b, end)) for a, b in marks if a < end and b > start]
    parts, at = [], start
    for a, b in shown:
        parts += [escape(visible(text[at:a])), Markup("<mark>"), escape(visible(text[a:b])), Markup("</mark>")]
        at = b
    parts.append(escape(visible(text[at:end])))
    body = Markup("").join(parts)
    before = (
        Markup('<span class="cut" lang="en" dir="ltr">{} characters before this … </span>').format(start)
        if start
        else ""
    )
    left = len(text) - end
    after = Markup('<span class="cut" lang="en" dir="ltr"> … {} more characters</span>').format(left) if left else ""
    return Markup("").join((before, body, after)), len(shown)


def _between_words(text: str, at: int) -> int:
    """A place near `at` that lies between words, where there is one."""
    space = text.rfind(" ", max(0, at - 30), at)
    return space + 1 if space >= 0 else at
