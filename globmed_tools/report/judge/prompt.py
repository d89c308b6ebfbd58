"""What a judge is asked: the rubric in the system message, the texts in the user's.

    grade(rubric, "Swahili (Kiswahili)", question, reference, reply)             -> [system, user]
    grade(..., reply_first=True)                                                 the same, the reply before the reference
    compare(rubric, language, question, reference, first, second)                -> [system, user]
    digest("grade")                                                              of the templates: stands in every result

No name of a model enters. The texts stand between brackets with a mark that none of them can know: it is made from their own
content, and another is taken where it occurs in one of them. It is named in the user's message alone, so that the
system message is the same for all replies and endpoints can keep it.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

import xxhash

from ...templates import markdown
from .rubric import Rubric

HERE = Path(__file__).with_name("prompts")


@cache
def _template(name: str):
    return markdown(HERE).get_template(f"{name}.jinja")


def digest(name: str) -> str:
    """xxh3-64 of the templates of a prompt, as 16 hex digits."""
    return xxhash.xxh3_64_hexdigest(b"\0".join((HERE / f"{one}.jinja").read_bytes() for one in (name, "data")))


def mark_of(*texts: str) -> str:
    """Ten hex digits that occur in none of the texts; the same texts give the same mark."""
    seed = 0
    while True:
        mark = xxhash.xxh3_64_hexdigest("\0".join(texts).encode("utf-8", "surrogatepass"), seed)[:10]
        if not any(mark in text for text in texts):
            return mark
        seed += 1


def grade(
    rubric: Rubric, language: str, question: str, reference: str, reply: str, *, reply_first: bool = False
) -> list[dict[str, str]]:
    """The messages that ask for grades of one reply."""
    texts = [("reference", reference), ("answer", reply)]
    parts = [("question", question), *(reversed(texts) if reply_first else texts)]
    mark = mark_of(question, reference, reply)
    return _messages(_system(rubric), language, parts, mark)


@lru_cache(maxsize=4)
def _system(rubric: Rubric) -> str:
    return _template("grade").render(criteria=rubric.criteria)


def compare(
    rubric: Rubric, language: str, question: str, reference: str, first: str, second: str
) -> list[dict[str, str]]:
    """The messages that ask which of two replies is better."""
    parts = [("question", question), ("reference", reference), ("answer A", first), ("answer B", second)]
    mark = mark_of(*(text for _name, text in parts))
    return _messages(_template("compare").render(ask=rubric.compare), language, parts, mark)


def _messages(system: str, language: str, parts: list[tuple[str, str]], mark: str) -> list[dict[str, str]]:
    user = _template("data").render(language=language, parts=parts, mark=mark)
    return [{"role": "system", "content": system.strip()}, {"role": "user", "content": user.strip()}]
