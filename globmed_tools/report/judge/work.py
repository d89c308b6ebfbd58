"""All that one judge is to be asked: grades of every reply, some of them in the other order too, and pairs of replies.

    work = plan(found, rubric, position=0.1, pairwise="org/base")
    work.calls(judge)        the calls, read lazily from the sample files; work.count is how many there are
    work.rows(judge, ended)  one row a grade and a comparison, whether it was answered, failed, empty or not asked

An empty reply is not sent: rubric.toml says what it counts for. Of two replies an empty one is the worse, and two equal ones tie.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import xxhash

from ... import entry, languages
from ...errors import GlobmedError, suggest
from ...llm import Call, Failure
from ...llm import Reply as Answer
from . import prompt, replies, verdict
from .judges import Judge
from .replies import Found, Reply, Text
from .rubric import Rubric

#: Tokens of a usual answer: reasons of some thirty words and the JSON around them.
EXPECTED = {"grade": 70, "pair": 70}
USUAL, TURNED = "reference first", "reply first"
JUDGED, FAILED, EMPTY, SAME, NOT_ASKED = "judged", "failed", "empty", "same", "not asked"
NO_QUOTE = "quote not in the answer"


@dataclass(slots=True)
class Work:
    """What is to be judged. characters, review_ids: of every reply; turned: replies graded in both orders; pairs: (model's,
    base's) places among the replies; same: those of them whose words are equal; grades: the class of a judge's grades."""

    found: Found
    rubric: Rubric
    characters: list[int]
    review_ids: list[str]
    same: set[tuple[int, int]]
    turned: list[int]
    pairs: list[tuple[int, int]]
    pairwise: str | None
    grades: Any = field(init=False)

    def __post_init__(self):
        self.grades = verdict.grades(self.rubric)

    @property
    def graded(self) -> list[tuple[int, str]]:
        """(reply, order) of every grade, those of empty replies too."""
        turned = set(self.turned)
        return [(i, order) for i in range(len(self.characters)) for order in (USUAL, *((TURNED,) * (i in turned)))]

    @property
    def count(self) -> int:
        """How many calls a judge is to answer."""
        asked = sum(bool(self.characters[i]) for i, _order in self.graded)
        return asked + 2 * sum(self._is_asked(*pair) for pair in self.pairs)

    def _is_asked(self, i: int, j: int) -> bool:
        return bool(self.characters[i] and self.characters[j]) and (i, j) not in self.same

    def calls(self, judge: Judge) -> Iterator[Call]:
        """The calls in the order of the groups, the grades before the comparisons."""
        yield from self._grades(judge)
        yield from self._comparisons(judge)

    def _grades(self, judge: Judge) -> Iterator[Call]:
        all_of, turned = self.found.replies, set(self.turned)
        for i, (reply, text) in enumerate(replies.texts(all_of)):
            if not text.reply:
                continue
            for order in (USUAL, *((TURNED,) * (i in turned))):
                first = order == TURNED
                asked = prompt.grade(
                    self.rubric, _language(reply), text.question, text.reference, text.reply, reply_first=first
                )
                form = verdict.Form(self.grades, text.reply)
                expect = EXPECTED["grade"] * len(self.rubric.criteria)
                yield Call(
                    f"g|{i}|{order}", judge.model, asked, judge.parameters, form, 0, reply.language, None, expect
                )

    def _comparisons(self, judge: Judge) -> Iterator[Call]:
        flat = (self.found.replies[place] for pair in self.pairs for place in pair)
        read = replies.texts(flat)
        form = verdict.Form(verdict.Comparison)
        for (i, j), (reply, text), (_base, other) in zip(self.pairs, read, read):
            if not self._is_asked(i, j):
                continue
            for side, (a, b) in zip(verdict.SIDES, ((text, other), (other, text))):
                asked = prompt.compare(self.rubric, _language(reply), text.question, text.reference, a.reply, b.reply)
                yield Call(
                    f"p|{i}|{side}",
                    judge.model,
                    asked,
                    judge.parameters,
                    form,
                    0,
                    reply.language,
                    None,
                    EXPECTED["pair"],
                )

    def rows(self, judge: Judge, ended: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The rows of a judge's grades and comparisons; `ended` holds what `outcome_of` made of each call."""
        for i, order in self.graded:
            yield {"kind": "grade", "judge": judge.name, **self._about(i), "order": order} | self._grade(
                i, order, ended
            )
        for i, j in self.pairs:
            for side in verdict.SIDES:
                row = {"kind": "pair", "judge": judge.name, **self._about(i), "base": self.pairwise, "side": side}
                yield row | self._comparison(i, j, side, ended)

    def _about(self, i: int) -> dict[str, Any]:
        reply = self.found.replies[i]
        told = {name: getattr(reply, name) for name in ("model", "set", "language", "group", "same")}
        return told | {"characters": self.characters[i], "review_id": self.review_ids[i]}

    def _grade(self, i: int, order: str, ended: dict[str, Any]) -> dict[str, Any]:
        if not self.characters[i]:
            return {"state": EMPTY, "values": self.rubric.empty()}
        return ended.get(f"g|{i}|{order}", {"state": NOT_ASKED})

    def _comparison(self, i: int, j: int, side: str, ended: dict[str, Any]) -> dict[str, Any]:
        if (i, j) in self.same:
            return {"state": SAME, "better": "tie"}
        if not (self.characters[i] and self.characters[j]):
            fuller = "model" if self.characters[i] else "base" if self.characters[j] else "tie"
            return {"state": EMPTY, "better": fuller}
        found = dict(ended.get(f"p|{i}|{side}", {"state": NOT_ASKED}))
        if "verdict" in found:
            said = found.pop("verdict")
            found["better"] = "tie" if said == verdict.TIE else "model" if said == side else "base"
        return found


def outcome_of(work: Work, outcome: Answer | Failure) -> dict[str, Any]:
    """What is kept of a call's end. For grades: values, reasons and quotes; for pairs: the verdict as it was given."""
    if not outcome.ok:
        cause = NO_QUOTE if outcome.cause == "wrong schema" and verdict.NOT_THERE in outcome.detail else outcome.cause
        if cause == NOT_ASKED:
            return {"state": NOT_ASKED}
        return {"state": FAILED, "cause": cause, "detail": outcome.detail, "call": outcome.key}
    found = outcome.parsed
    if isinstance(found, verdict.Comparison):
        return {"state": JUDGED, "verdict": found.verdict, "reason": found.reason, "call": outcome.key}
    told = {"state": JUDGED, "values": verdict.values(found), "reasons": verdict.reasons(found)}
    return told | {"quotes": verdict.quotes(found), "call": outcome.key}


def _language(reply: Reply) -> str:
    one = languages.get(reply.language)
    return one.name if one.name == one.native else f"{one.name} ({one.native})"


def plan(found: Found, rubric: Rubric, *, position: float, pairwise: str | None) -> Work:
    """The work over these replies. position: the share of groups graded in both orders; pairwise: the model that all others are
    held against."""
    if pairwise is not None and pairwise not in found.models:
        raise GlobmedError(
            f"--pairwise {pairwise!r}: no such model among the replies{suggest(pairwise, found.models)} "
            f"They are by: {', '.join(found.models)}."
        )
    if pairwise is not None and len(found.models) < 2:
        raise GlobmedError(f"--pairwise {pairwise}: there are replies of no other model. Name more results.")
    pairs = _pairs(found.replies, pairwise) if pairwise else []
    partner = dict(pairs)
    characters, ids, digests = [], [], []
    for reply, text in replies.texts(found.replies):
        characters.append(len(text.reply))
        ids.append(review_id(reply, text))
        digests.append(xxhash.xxh3_128_digest(text.reply.encode("utf-8", "surrogatepass")))
    turned = [
        i
        for i, one in enumerate(found.replies)
        if characters[i] and replies.rank("order of reply", one.group) < position
    ]
    same = {(i, j) for i, j in partner.items() if characters[i] and digests[i] == digests[j]}
    return Work(found, rubric, characters, ids, same, turned, pairs, pairwise)


def _pairs(every: list[Reply], base: str) -> list[tuple[int, int]]:
    at = {(one.task, one.group, one.same): i for i, one in enumerate(every) if one.model == base}
    keyed = ((i, at.get((one.task, one.group, one.same))) for i, one in enumerate(every) if one.model != base)
    return [(i, j) for i, j in keyed if j is not None]


def content(reply: Reply, text: Text) -> dict[str, Any]:
    """The reply as the content of an entry: the item with the reply in the reference's place."""
    return dict(
        form="longform", language=reply.language, question=text.question, context=None, options=(), answers=(), label=None,
        reference=text.reply,
    )  # fmt: skip


def review_id(reply: Reply, text: Text) -> str:
    """The id under which people review the reply: two models that said the same have the same."""
    return entry.content_id(**content(reply, text)) if text.reply else ""
