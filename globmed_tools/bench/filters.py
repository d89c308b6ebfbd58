"""The filter that the generative task files name: raw replies -> what was read out of them.

    filter_list: [{name: extract, filter: [{function: !function globmed_tools.bench.filters.Reading}]}]

filtered_resps then holds, for each document, {"answer": 1, "letter": "B", "how": "stated", "in_language": 1.0}: the index
of the answer or null, what was read, by which rule, and whether the reply is in the document's language.
"""

from __future__ import annotations

import json

from lm_eval.api.filter import Filter

from ..languages import get
from .extract import read
from .folding import visible
from .prompts import LETTERS, UNAVAILABLE
from .speech import has_letters, in_language


class Answer(dict):
    """A dict that lm-eval, which writes str() of what a filter returns, writes as JSON."""

    def __str__(self) -> str:
        return json.dumps(self, ensure_ascii=False)


class Reading(Filter):
    """One extraction for all forms and languages; with `repeats`, the first reply counts."""

    def apply(self, resps, docs):
        return [reading(replies[0], doc) for replies, doc in zip(resps, docs)]


def reading(reply: str, doc: dict) -> Answer:
    """What is read out of one reply to one document."""
    if doc["form"] == UNAVAILABLE:
        return Answer(answer=None, letter=None, how="no data", in_language=0.0)
    language = get(doc["language"])
    text = visible(reply)
    spoken = in_language(text, language, ignore=[*doc["options"], *doc["choices"]])
    if doc["form"] == "longform":
        text = text if has_letters(text) else ""
        return Answer(answer=None, letter=None, how="text" if text else "none", in_language=spoken, text=text)
    found = read(reply, language, doc["form"], doc["options"])
    letter = None if found.index is None else (doc["choices"] or LETTERS)[found.index]
    return Answer(answer=found.index, letter=letter, how=found.how, in_language=spoken)
