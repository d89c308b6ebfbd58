"""Near duplicates among many short texts, in any script, without words, models or randomness.

    >>> made = sketch([["Give 5 mg of folic acid daily."], ["give 5 mg of folic acid, daily"]], Shape())
    >>> first, second = candidates(made, np.zeros(2, np.uint64), Shape())
    >>> jaccard(["Give 5 mg of folic acid daily."], ["give 5 mg of folic acid, daily"], 5)
    array([1.])

A record is a list of texts, each with its own role (question, context, ...). The same words in another role are other words,
and an order among texts of the same role does not count. The way of a record, file by file:

    fold.py     letters, marks and digits of each text as folded code points; spaces, signs and case are gone
    sketches.py hashes of all runs of n code points -> one-permutation MinHash, empty lanes filled from others
    lsh.py      bands of lanes -> pairs that are likely to be similar, and the curve that says how likely
    measure.py  exact Jaccard of pairs of texts
    guard.py    what folding loses and no similarity may outvote: digits, signs, units
    choice.py   similar pairs -> which records stay and which one each of the others duplicates

Everything but choice.py works on numpy arrays, block by block, in the processor's cache. Nothing here knows of entries,
languages or files.
"""

from .choice import Choice, choose
from .guard import Signs, signs
from .lsh import agreement, candidates, curve
from .measure import jaccard
from .sketches import Shape, Sketches, sketch

__all__ = [
    "Choice",
    "Shape",
    "Signs",
    "Sketches",
    "agreement",
    "candidates",
    "choose",
    "curve",
    "jaccard",
    "signs",
    "sketch",
]
