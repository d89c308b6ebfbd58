"""How OpenAI's simple-evals reads letters from replies, written anew from its published behaviour.

    multilingual("**답: C**") -> "C"        english("Answer: B") -> "B"        multilingual("C") -> None

Multilingual: markdown bold and LaTeX marks are removed; then each word for "answer" that it lists, in its order, is
looked for with a colon and a letter behind it, and the first word that is found decides, by its first place in the reply.
It knows A to D, their full-width forms, and native letters of Arabic and Bengali. English: "Answer:" and a letter A to D,
the reply as it is.

Both ignore case. simple-evals then compares with the upper-case gold letter; here a lower-case letter counts too, in its
favour.
"""

from __future__ import annotations

import re

#: Its words for "answer" with the colons that it accepts; "_" stands for optional white space.
WORDS = """
    Answer_: উত্তর_: उत्तर_: উত্তরঃ Antwort_: 답변_: 정답_: 답_: 答案_： 答案_: 答_： 答_: 答复_： 答曰_：
    الإجابة: الجواب: إجابة: الإجابة~النهائية: الإجابة~الصحيحة: الإجابة~الصحيحة~هي: الإجابة~هي: الجواب~النهائي:
    Respuesta_: Risposta_: 答え_: 答え_： 回答_: 回答_： 解答_: Jawaban_: Réponse_: Resposta_: Jibu_:
    Idahun_: Ìdáhùn_: Idáhùn_: Àmọ̀nà_: Àdáhùn_: Ànúgọ_: Àṣàyàn_:
""".split()
LETTER = "([A-D]|[أ-د]|[অবডঢ]|[Ａ-Ｄ])"
NATIVE = dict(zip("أبجدঅবডঢＡＢＣＤ", "ABCD" * 3, strict=True))
REMOVED = [
    "**",
    "$\\boxed{",
    "}$",
    "\\$",
    "$\\text{",
    "$",
    "\\mathrm{",
    "\\{",
    "\\text",
    "\\(",
    "\\mathbf{",
    "{",
    "\\boxed",
]
ENGLISH = re.compile(r"Answer[ \t]*:[ \t]*\$?([A-D])", re.I)


def _pattern(word: str) -> re.Pattern:
    before = re.escape(word.replace("~", " ")).replace("_", r"\s*")
    return re.compile(before + r"[ \t]*" + LETTER, re.I)


PATTERNS = [_pattern(word) for word in WORDS]


def multilingual(reply: str) -> str | None:
    """The letter that its multilingual reading finds, or None; what it maps to no letter of A to D is None too."""
    for mark in REMOVED:
        reply = reply.replace(mark, "")
    for pattern in PATTERNS:
        if match := pattern.search(reply):
            letter = NATIVE.get(match[1], match[1]).upper()
            return letter if letter in "ABCD" else None
    return None


def english(reply: str) -> str | None:
    """The letter that its plain English pattern finds, or None."""
    match = ENGLISH.search(reply)
    return match[1].upper() if match else None
