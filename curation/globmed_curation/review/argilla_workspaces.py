"""Which workspace a dataset of a review stands in, and so who sees it: one a language, and one of its own for the adjudication.

    >>> name("globmed", "sw"), name("globmed", "sw", ADJUDICATION)
    ('globmed-sw', 'globmed-sw-adjudication')

Argilla lets people into workspaces, not datasets: reviewers of one language do not see another's, and nobody but the senior
reviewer sees what others said.
"""

from __future__ import annotations

from pathlib import Path

from . import argilla_pushed
from .argilla_layout import ADJUDICATION, REVIEW


def name(base: str, language: str, round: str = REVIEW) -> str:
    """What the workspace is called."""
    return f"{base}-{language}-adjudication" if round == ADJUDICATION else f"{base}-{language}"


def names(folder: Path, base: str, language: str, round: str, datasets: set[str]) -> list[str]:
    """Where the datasets of a language are: those that were pushed to this server (datasets: ids of what it has), else where they
    will be."""
    pushed = [one for one in argilla_pushed.read(folder) if (one.language, one.round) == (language, round)]
    return sorted({one.workspace for one in pushed if one.id in datasets}) or [name(base, language, round)]
