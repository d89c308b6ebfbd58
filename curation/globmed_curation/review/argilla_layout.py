"""What a dataset of a review is on an Argilla server: its name, fields, questions, metadata.

    >>> dataset_name("trial", "sw", reviews=1), dataset_name("trial", "sw", reviews=2), dataset_name("trial", "sw", ADJUDICATION)
    ('trial-sw', 'trial-sw-double', 'trial-sw-adjudication')

    texts         original beside translation, the right answer marked, what checks point at marked     HTML (argilla_html)
    findings      what the checks found; left out where nothing                                         HTML
    answers       adjudication only: what the reviewers said, without their names                       HTML
    translation   the translation once more, to mark errors in                                          argilla_text.to_mark

Argilla 2.8 has one number of reviewers a dataset (`min_submitted`), none a record: what is reviewed twice is a dataset of its
own, in which each record stays open until two people have submitted it. An item's record has the item's id as external id.

Ratings, safety, errors, flags and comment are never filled in; the revision is, by a suggestion. Errors are spans with a type;
how bad one is may be marked on the same words as a further label ("Critical (severity)"), because Argilla takes one span
question a field and spans have one label each.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from globmed_tools import languages
from globmed_tools.errors import GlobmedError

from . import questions
from .argilla_text import SEVERITY

if TYPE_CHECKING:
    from argilla import Settings

REVIEW, ADJUDICATION = "review", "adjudication"
#: Argilla's own limit.
DESCRIPTION_LIMIT = 1_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}\Z")


def checked_name(name: str) -> str:
    """The name, where a dataset can have it."""
    if not _NAME.match(name):
        raise GlobmedError(f"{name!r}: no name for datasets. Give one of letters, digits, - and _ with --name.", 2)
    return name


def dataset_name(name: str, language: str, round: str = REVIEW, reviews: int = 1) -> str:
    """What a dataset is called. reviews: by how many each of its records is reviewed; adjudication takes one."""
    if round == ADJUDICATION:
        return f"{name}-{language}-adjudication"
    return f"{name}-{language}" + {1: "", 2: "-double"}.get(reviews, f"-{reviews}-reviews")


def settings(language: str, round: str = REVIEW, reviews: int = 1, guidelines: str | None = None) -> Settings:
    """The settings of one dataset; a client must have been connected, the SDK asks for one. guidelines: Markdown."""
    import argilla as rg

    known = languages.get(language)
    fields = [
        rg.TextField("texts", title=f"Original and {known.name} translation", use_markdown=True),
        rg.TextField("findings", title="Found by checks (they may be wrong)", use_markdown=True, required=False),
        rg.TextField("translation", title="Mark wrong words here: choose an error under Errors, then the words"),
    ]
    if round == ADJUDICATION:
        fields.insert(1, rg.TextField("answers", title="What the reviewers said", use_markdown=True))
    return rg.Settings(
        fields=fields,
        questions=_questions(rg),
        metadata=[
            rg.TermsMetadataProperty("set", title="Data set"),
            rg.TermsMetadataProperty("form", title="Form"),
            rg.TermsMetadataProperty("split", title="Split"),
            rg.TermsMetadataProperty("why", title="Chosen because"),
            rg.IntegerMetadataProperty("reviews", title="Reviewed by", min=1),
            rg.TermsMetadataProperty("content", title="Content", visible_for_annotators=False),
        ],
        guidelines=guidelines,
        distribution=rg.TaskDistribution(min_submitted=reviews if round == REVIEW else 1),
    )


def _questions(rg) -> list:
    asked = questions.load()
    types = {one.value: one.label for one in asked.errors.types}
    types |= {SEVERITY + one.value: f"{one.label} (severity)" for one in asked.errors.severities}
    errors = _described(
        f"{asked.errors.ask} How bad it is may be marked on the same words, as a second mark.",
        [(types[one.value], one.anchor) for one in asked.errors.types]
        + [(types[SEVERITY + one.value], one.anchor) for one in asked.errors.severities],
    )
    return [
        *(
            rg.RatingQuestion(
                one.name,
                list(one.values),
                title=one.title,
                description=_described(one.ask, [(f"{each.value} {each.label}", each.anchor) for each in one.scale]),
                required=one.required,
            )
            for one in asked.ratings
        ),
        rg.LabelQuestion(
            asked.safety.name,
            {one.value: one.label for one in asked.safety.labels},
            title=asked.safety.title,
            description=_described(asked.safety.ask, [(one.label, one.anchor) for one in asked.safety.labels]),
            required=asked.safety.required,
        ),
        rg.SpanQuestion(
            asked.errors.name,
            "translation",
            types,
            allow_overlapping=True,
            title=asked.errors.title,
            description=errors,
            required=False,
        ),
        rg.MultiLabelQuestion(
            "flags",
            {one.name: one.title for one in asked.flags},
            title="Flags",
            description=_described("What else is to be said of it?", [(one.title, one.ask) for one in asked.flags]),
            required=False,
        ),
        rg.TextQuestion(
            asked.revision.name,
            title=asked.revision.title,
            description=f"{asked.revision.ask} Keep the lines in [brackets].",
            required=False,
        ),
        rg.TextQuestion(asked.comment.name, title=asked.comment.title, description=asked.comment.ask, required=False),
    ]


def _described(ask: str, rows: list[tuple[str, str]]) -> str:
    """The question and what each answer means; without the meanings where Argilla takes no more (they stand in the guidelines)."""
    full = "\n".join([ask, *(f"{label}: {anchor}" for label, anchor in rows)])
    return full if len(full) <= DESCRIPTION_LIMIT else ask
