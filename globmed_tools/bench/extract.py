"""Read the answer out of a reply: any of our languages, any of the habits of models. Never invent one.

    "**Antwort: A**ntwort: C"                     the last stated answer wins: C
    "A, B and C are wrong, so it must be D."       the one letter that is not refuted: D
    "Vitamin C deficiency is unlikely. Answer: A"  letters inside names don't count
    "<think>surely B"                              reasoning that never ended holds no answer
    "Answer: F" with four options, "B and D"       no answer

`read` works in passes, the strongest evidence first: marked answers (\\boxed, ####, JSON), statements ("the answer is
...", "... is correct", in the language or in English), a reply that opens or ends with an answer, and elimination. Within a
pass the last one wins. The words come from languages.toml alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import regex

from ..languages import Language
from .folding import Options, fold, is_unfinished, visible
from .mentions import Mentions
from .vocabulary import Vocabulary, vocabulary

_BOXED = regex.compile(r"\\boxed\s*\{\s*(?:\\(?:text|mathrm|mathbf|textbf)\s*\{)?([^{}]*)\}")
_HASHES = regex.compile(r"####\s*([^\n]+)")
_JSON = regex.compile(
    r"""["'](?:answer|final_answer|answer_choice|choice|label|prediction)["']\s*:\s*["']?([^"',}\n]+)""", regex.I
)
_SENTENCE_END = regex.compile(r"[.。!！?؟？।;；\n](?=\s|$|[^\p{Nd}])")
_LABEL_PAUSE = regex.compile(r"\s*(?:$|[.,;:!。，、；：！।،؛\n—–-])(?!\.\.)")
#: How many characters behind a cue a statement may reach.
REACH = 90
_CLOSING = " \t\n.,!:;)]}】」』\"'”’。！।؟"


@dataclass(frozen=True, slots=True)
class Read:
    """What a reply says: index into the options (or labels), or None; and how that was seen."""

    index: int | None
    how: str


def read(reply: str, language: Language, form: str, options: list[str]) -> Read:
    """The answer that the reply states, as an index into options (mcq) or into languages.LABELS[form]."""
    text = visible(reply)
    if not text:
        return Read(None, "unfinished reasoning" if is_unfinished(reply) else "empty")
    words = vocabulary(language.code, form)
    asked = Options(options)
    text = _without_restated(_until_next_question(fold(text), words), words, asked).strip()
    if not text:
        return Read(None, "options restated")
    known = Mentions(text, words, asked)
    for look in _PASSES if form == "mcq" else _LABEL_PASSES:
        if (found := look(known)) is not None:
            return found
    return Read(None, "none")


def _until_next_question(text: str, words: Vocabulary) -> str:
    """The reply up to where a base model goes on to invent the next question."""
    match = words.next_question.search(text)
    return text[: match.start()] if match and match.start() > 0 else text


def _without_restated(text: str, words: Vocabulary, options: Options) -> str:
    """The reply without a list of the options that it only repeats (at least two of them, line by line)."""
    lines = text.splitlines()
    if len(lines) < 2:
        return text
    repeated = [Mentions(line, words, options).is_restated() for line in lines]
    return text if sum(repeated) < 2 else "\n".join(line for line, again in zip(lines, repeated) if not again)


def _settled(known: Mentions, token, how: str) -> Read:
    """The reading of a mention that was decided for."""
    if token.index is None:
        return Read(None, "beyond the options")
    return Read(None, "several answers") if known.coupled(token) else Read(token.index, how)


def _marked(known: Mentions) -> Read | None:
    """\\boxed{B}, #### B, {"answer": "B"}: the last of them."""
    found = [match for pattern in (_BOXED, _HASHES, _JSON) for match in pattern.finditer(known.text)]
    for match in sorted(found, key=lambda match: match.start(), reverse=True):
        part = known.within(match[1].strip())
        if token := part.at(loose=True):
            return _settled(part, token, "marked")
    return None


def _stated(known: Mentions) -> Read | None:
    """The last statement of an answer: cue then answer, or answer then "is correct"."""
    text, statements = known.text, []
    for cue in known.words.cue.finditer(text):
        token = known.first(cue.end(), _reach(text, cue.end()))
        if token is not None and not known.refuted(token, cue.start()):
            statements.append(token)
    for after in known.words.after.finditer(text):
        end = known.unglued(after.start())
        token = known.last(max(0, end - REACH), end)
        if token is not None and not known.refuted(token):
            statements.append(token)
    if not statements:
        return None
    return _settled(known, max(statements, key=lambda token: (token.start, token.end)), "stated")


def _reach(text: str, start: int) -> int:
    """How far a statement that begins at `start` extends: to its sentence's end; past line ends directly after it."""
    begin = start
    while begin < len(text) and not text[begin].isalnum():
        begin += 1
    end = _SENTENCE_END.search(text, begin)
    return min(end.start() if end else len(text), begin + REACH)


def _opening_label(known: Mentions) -> Read | None:
    """A reply that opens with a label and a pause: "No, because ..."."""
    token = known.at()
    if token is None or not _LABEL_PAUSE.match(known.text, token.end) or known.refuted(token):
        return None
    return Read(token.index, "opening")


def _short(known: Mentions) -> Read | None:
    """A reply whose first or last line begins with an answer and pauses there."""
    if (index := known.spelt_as()) is not None:
        return Read(index, "opening")
    if known.words.refusal.search(known.text):
        return Read(None, "refusal")
    lines = [line.strip() for line in known.text.splitlines() if line.strip()]
    for line, how in ((lines[0], "opening"), (lines[-1], "closing")):
        part = known.within(line)
        token = part.at(loose=len(line) <= 3)
        if token is not None and part.pauses(token) and not part.refuted(token, 0):
            return _settled(part, token, how)
    return None


def _closing(known: Mentions) -> Read | None:
    """A reply whose very last word is an option: "... so that leaves D."."""
    tokens = [token for token in known.all() if not known.text[token.end :].strip(_CLOSING)]
    if not tokens or known.refuted(tokens[-1]):
        return None
    return _settled(known, tokens[-1], "closing")


def _eliminated(known: Mentions) -> Read | None:
    """The only option that the reply speaks of without refuting it."""
    tokens = [token for token in known.all() if not known.asked(token)]
    upheld = {token.index for token in tokens if not known.refuted(token)}
    refuted = {token.index for token in tokens if token.index not in upheld}
    upheld.discard(None)
    if len(upheld) == 1 and not any(token.index in upheld and known.coupled(token) for token in tokens):
        return Read(upheld.pop(), "eliminated" if refuted else "mentioned")
    return Read(None, "several answers") if upheld else None


_PASSES = (_marked, _stated, _short, _closing, _eliminated)
_LABEL_PASSES = (_marked, _opening_label, *_PASSES[1:])
