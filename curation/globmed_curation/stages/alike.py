"""Are two entries one? Their texts side by side, their options as sets, and what no similarity may outvote.

    >>> contents = ...                                              # "Give 5 mg of it ..." and "Give 50 mg of it ..."
    >>> similarity, differs = compare(contents, np.array([0]), np.array([1]), ["en"], Rule())
    >>> similarity.tolist(), names(differs[0])
    ([0.93], ["numbers"])

Every text of one entry (question, context, reference) must be like its counterpart. Options have no order: of the shorter list so
many must stand in the other one, equal after folding, their numbers and signs included. Entries that are alike but for their
numbers, units, negations or gold answer, or for the subject of a short question, are told apart by `differs`: nobody may merge them
(dedup/differ.py and dedup/subjects.py say how it is found).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from globmed_tools import languages

from ..dedup.differ import DIFFERS, differing
from ..dedup.measure import similarity
from ..dedup.subjects import other_subject
from ..dedup.texts import Texts, letters
from ..dedup.wording import differences

#: Question, context and reference; and which hash options get: the same words as a question and as an option are not the same.
PARTS, OPTION = 3, 3
#: The bit that says that the gold answers are not the same, beside those of DIFFERS.
GOLD = 1 << len(DIFFERS)
#: That short questions have different subjects.
SUBJECT = GOLD << 1


@dataclass(frozen=True, slots=True)
class Rule:
    """threshold: least Jaccard similarity of every text; options: least share of the shorter list; n: length of a run."""

    threshold: float = 0.7
    options: float = 0.75
    n: int = 5


@dataclass(frozen=True, slots=True)
class Contents:
    """What of entries is compared. texts: of entry i those from first[i] up to last[i], PARTS of them and then its options; keys: one a text, equal for two writings of one option; gold: equal where the gold answers are."""

    texts: Texts
    first: np.ndarray
    last: np.ndarray
    keys: np.ndarray
    gold: np.ndarray

    def sizes(self) -> np.ndarray:
        """How many bytes of text each entry has, and one more."""
        ends = np.append(0, np.cumsum(self.texts.ends - self.texts.starts))
        return ends[self.last] - ends[self.first] + 1


def names(differs: int) -> list[str]:
    """What the bits stand for, in alphabetical order."""
    return sorted(name for bit, name in enumerate((*DIFFERS, "gold", "subject")) if differs >> bit & 1)


def compare(
    contents: Contents, one: np.ndarray, other: np.ndarray, spoken: Sequence[str], rule: Rule
) -> tuple[np.ndarray, np.ndarray]:
    """(similarity of entries one[i] and other[i], of the language spoken[i], by the texts that are least alike, -1 where they are
    not alike; uint8, what forbids to take them for one)."""
    rows, inside = np.unique(np.concatenate((one, other)), return_inverse=True)
    texts = contents.texts.take((contents.first[rows][:, None] + np.arange(PARTS)).ravel())
    ours, theirs = inside[: len(one)] * PARTS, inside[len(one) :] * PARTS
    found, least = letters(texts), np.ones(len(one))
    for part in range(PARTS):
        least = np.minimum(least, similarity(found, ours + part, theirs + part, rule.n))
    least[least < rule.threshold] = -1
    differs = np.zeros(len(one), np.uint8)
    for pair in np.flatnonzero(least >= 0).tolist():
        told = _options(contents, int(one[pair]), int(other[pair]), spoken[pair], rule)
        if told is None:
            least[pair] = -1
        else:
            differs[pair] = told
    alike = np.flatnonzero(least >= 0)
    told = [spoken[pair] for pair in alike.tolist()]
    for part in range(PARTS):
        differs[alike] |= differing(texts, ours[alike] + part, theirs[alike] + part, told)
    for pair, code in zip(alike.tolist(), told, strict=True):
        if other_subject(texts.string(int(ours[pair])), texts.string(int(theirs[pair])), languages.find(code)):
            differs[pair] |= SUBJECT
    return least, differs


def _options(contents: Contents, one: int, other: int, code: str, rule: Rule) -> int | None:
    """What the options and gold answers of two entries forbid; None where their options are not alike."""
    ours, theirs = (_keyed(contents, number) for number in (one, other))
    shared = ours.keys() & theirs.keys()
    if bool(ours) != bool(theirs) or (ours and len(shared) < rule.options * min(len(ours), len(theirs))):
        return None
    told = GOLD * int(contents.gold[one] != contents.gold[other])
    if len(shared) < len(ours) and len(shared) < len(theirs):
        rest = (
            "\n".join(sorted(contents.texts.string(place) for key, place in side.items() if key not in shared))
            for side in (ours, theirs)
        )
        found = differences(*rest, code)
        told |= sum(1 << bit for bit, name in enumerate(DIFFERS) if name in found)
    return told


def _keyed(contents: Contents, number: int) -> dict[int, int]:
    """The key of each option, and where it stands."""
    start, end = int(contents.first[number]) + PARTS, int(contents.last[number])
    return dict(zip(contents.keys[start:end].tolist(), range(start, end), strict=True)) if start < end else {}
