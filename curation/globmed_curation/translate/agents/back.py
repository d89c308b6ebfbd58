"""How alike a back-translation is to its source: chrF, the F-score of runs of one to six characters.

    >>> chrf("The patient takes 5 mg.", "The patient takes 5 mg daily.")
    0.7617

Recall counts twice (beta 2) and blanks do not count: Popović (2015), with the figures of sacrebleu. A low score may be a free back-translation of a good
text: it says where to look first, and nothing more.
"""

from __future__ import annotations

from collections import Counter

ORDERS, BETA = 6, 2.0


def chrf(text: str, reference: str) -> float:
    """0 to 1, rounded to four places: precision and recall are means over the lengths of runs that both texts have."""
    text, reference = ("".join(one.split()) for one in (text, reference))
    precisions, recalls = [], []
    for size in range(1, min(ORDERS, len(text), len(reference)) + 1):
        ours, theirs = _runs(text, size), _runs(reference, size)
        same = (ours & theirs).total()
        precisions.append(same / ours.total())
        recalls.append(same / theirs.total())
    if not sum(precisions):
        return float(text == reference)
    precision, recall = (sum(one) / len(one) for one in (precisions, recalls))
    return round((1 + BETA**2) * precision * recall / (BETA**2 * precision + recall), 4)


def _runs(text: str, size: int) -> Counter:
    return Counter(text[place : place + size] for place in range(len(text) - size + 1))
