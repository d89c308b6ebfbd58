"""Read the answer out of a reply: any of our languages, any of the habits of models. Never invent one.

    "**Antwort: A**ntwort: C"                     the last stated answer wins: C
    "A, B and C are wrong, so it must be D."       the one letter that is not refuted: D
    "Vitamin C deficiency is unlikely. Answer: A"  letters inside names don't count
    "<think>surely B"                              reasoning that never ended holds no answer
    "Answer: F" with four options, "B and D"       no answer

`read` works in passes, the strongest evidence first: marked answers (\\boxed, ####, JSON), statements ("the answer is
...", "... is correct", in the language or in English), a reply that is little more than a letter or option, and
elimination. Within a pass the last one wins. The words come from languages.toml alone.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import regex

from ..languages import Language
from .patterns import Words, words

OPEN = r"<(?:think|thinking|thought|thoughts|reasoning|analysis|scratchpad)>|\[THINK\]"
CLOSE = r"</(?:think|thinking|thought|thoughts|reasoning|analysis|scratchpad)>|\[/THINK\]"
_CLOSED = regex.compile(rf"(?:{OPEN}).*?(?:{CLOSE})", regex.S | regex.I)
_OPEN, _CLOSE = regex.compile(OPEN, regex.I), regex.compile(CLOSE, regex.I)
_CHANNEL = "<|channel|>final<|message|>"
_WORD = regex.compile(r"(?:[\p{Latin}\p{Arabic}]\p{M}*){2,}")
#: Letters that replies write for one another and that have no combining mark to take off.
_ALIKE = str.maketrans({"œ": "oe", "Œ": "Oe", "æ": "ae", "ß": "ss", "ŋ": "n", "Ŋ": "N", "ø": "o", "ة": "ه", "ى": "ي"})
_UNSEEN = dict.fromkeys(map(ord, "\N{ZERO WIDTH SPACE}\N{ARABIC TATWEEL}\N{RIGHT-TO-LEFT MARK}\N{LEFT-TO-RIGHT MARK}"))
#: Circled numbers label options; as letters they are read by the same rules.
_CIRCLED = {ord("①") + number: chr(ord("A") + number) for number in range(10)}
_MARK = regex.compile(r"[*`]+|(?<!\w)_+|_+(?!\w)")
_BOXED = regex.compile(r"\\boxed\s*\{\s*(?:\\(?:text|mathrm|mathbf|textbf)\s*\{)?([^{}]*)\}")
_HASHES = regex.compile(r"####\s*([^\n]+)")
_JSON = regex.compile(
    r"""["'](?:answer|final_answer|answer_choice|choice|label|prediction)["']\s*:\s*["']?([^"',}\n]+)""", regex.I
)
_SENTENCE_END = regex.compile(r"[.。!！?？؟।;；\n](?=\s|$|[^\p{Nd}])")
REACH = 90
CLOSING = " \t\n.,!:;)]}】」』\"'”’。！।؟"


@dataclass(frozen=True, slots=True)
class Read:
    """What a reply says: index into the options (or labels), or None; and how that was seen."""

    index: int | None
    how: str


def visible(reply: str) -> str:
    """The reply without its reasoning; empty where reasoning was opened and never closed."""
    if _CHANNEL in reply:
        reply = reply.rpartition(_CHANNEL)[2]
    text = _CLOSED.sub("\n", reply)
    closes = list(_CLOSE.finditer(text))
    if closes:
        text = text[closes[-1].end() :]
    if opened := _OPEN.search(text):
        text = text[: opened.start()]
    return text.strip()


def fold(text: str) -> str:
    """Full-width to half-width, markdown emphasis away, accents off words of two letters or more (so É stays no E)."""
    text = _MARK.sub("", unicodedata.normalize("NFKC", text.translate(_UNSEEN | _CIRCLED)))
    return _WORD.sub(lambda match: bare(match[0]), text)


def bare(word: str) -> str:
    """A word without its combining marks."""
    parts = unicodedata.normalize("NFD", word.translate(_ALIKE))
    return unicodedata.normalize("NFC", "".join(char for char in parts if unicodedata.category(char) != "Mn"))


def read(reply: str, language: Language, form: str, options: list[str]) -> Read:
    """The answer that the reply states, as an index into options (mcq) or into languages.LABELS[form]."""
    text = visible(reply)
    if not text:
        return Read(None, "unfinished reasoning" if _OPEN.search(reply) else "empty")
    known = words(language, form, tuple(options))
    text = known.without_restated(known.until_next_question(fold(text))).strip()
    if not text:
        return Read(None, "options restated")
    for look in (_marked, _stated, _short, _closing, _eliminated) if form == "mcq" else _LABEL_PASSES:
        found = look(text, known)
        if found is not None:
            return found
    return Read(None, "none")


def _marked(text: str, known: Words) -> Read | None:
    """\\boxed{B}, #### B, {"answer": "B"}: the last of them."""
    found = [match for pattern in (_BOXED, _HASHES, _JSON) for match in pattern.finditer(text)]
    for match in sorted(found, key=lambda match: match.start(), reverse=True):
        token = known.token_at(match[1].strip(), 0, loose=True)
        if token is None:
            continue
        if known.joined_to_another(match[1].strip(), token):
            return Read(None, "several answers")
        return Read(token.index, "marked" if token.index is not None else "beyond the options")
    return None


def _stated(text: str, known: Words) -> Read | None:
    """The last statement of an answer: cue then answer, or answer then "is correct"."""
    statements = []
    for cue in known.cue.finditer(text):
        reach = _reach(text, cue.end())
        token = known.first_token(text, cue.end(), reach)
        if token is None:
            continue
        if known.refuted(text, cue.start(), token):
            continue
        statements.append((token.start, token))
    for after in known.after.finditer(text):
        token = known.last_token(text, max(0, after.start() - REACH), after.start())
        if token is not None and not known.refuted(text, token.start, token):
            statements.append((token.start, token))
    if not statements:
        return None
    token = max(statements, key=lambda one: (one[0], one[1].end))[1]
    if token.index is None:
        return Read(None, "beyond the options")
    if known.joined_to_another(text, token):
        return Read(None, "several answers")
    return Read(token.index, "stated")


def _reach(text: str, start: int) -> int:
    """How far a statement that begins at `start` extends: to the end of its sentence; past line ends directly after it."""
    begin = start
    while begin < len(text) and not (text[begin].isalnum()):
        begin += 1
    end = _SENTENCE_END.search(text, begin)
    return min(end.start() if end else len(text), begin + REACH)


def _opening_label(text: str, known: Words) -> Read | None:
    """A reply that opens with a label and a pause: "No, because ..."."""
    token = known.token_at(text, 0)
    if token is None or not regex.match(r"\s*(?:$|[.,;:!。，、；：！।،؛\n—–-])(?!\.\.)", text[token.end :]):
        return None
    return None if known.refuted(text, 0, token) else Read(token.index, "opening")


def _short(text: str, known: Words) -> Read | None:
    """A reply that opens, or ends, with an answer and holds no other in the same place."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if (index := known.spelt_as(text)) is not None:
        return Read(index, "opening")
    if known.refuses(text):
        return Read(None, "refusal")
    for line in (lines[0], lines[-1]):
        token = known.token_at(line, 0, loose=len(line) <= 3)
        if token is None:
            continue
        if known.refuted(line, 0, token) or not known.pauses(line, token):
            continue
        if known.joined_to_another(line, token):
            return Read(None, "several answers")
        if token.index is None:
            return Read(None, "beyond the options")
        return Read(token.index, "opening" if line is lines[0] else "closing")
    return None


def _closing(text: str, known: Words) -> Read | None:
    """A reply whose very last word is an option: "... so that leaves D."."""
    tokens = [token for token in known.all_tokens(text) if not text[token.end :].strip(CLOSING)]
    if not tokens or known.refuted(text, tokens[-1].start, tokens[-1]):
        return None
    if known.joined_to_another(text, tokens[-1]):
        return Read(None, "several answers")
    return Read(tokens[-1].index, "closing" if tokens[-1].index is not None else "beyond the options")


def _asked(text: str, token) -> bool:
    """Does the mention stand in a question?"""
    return bool(regex.compile(r"[^.。!।\n?？؟]*[?？؟]").match(text, token.end))


def _eliminated(text: str, known: Words) -> Read | None:
    """The only option that the reply speaks of without refuting it."""
    tokens = [token for token in known.all_tokens(text) if not _asked(text, token)]
    upheld = {token.index for token in tokens if not known.refuted(text, token.start, token)}
    refuted = {token.index for token in tokens if token.index not in upheld}
    upheld.discard(None)
    coupled = any(token.index in upheld and known.joined_to_another(text, token) for token in tokens)
    if len(upheld) == 1 and not coupled:
        return Read(upheld.pop(), "eliminated" if refuted else "mentioned")
    return Read(None, "several answers") if upheld else None


_LABEL_PASSES = (_marked, _opening_label, _stated, _short, _closing, _eliminated)
