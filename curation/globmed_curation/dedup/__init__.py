"""Near duplicates among many short texts, in any script, without words, models or randomness.

    >>> found = find([table["text"]], languages=["en"])             # Arrow columns, or lists of str; see its docstring
    >>> found.of.tolist(), [HOW[one] for one in found.how], found.apart.names(0)
    ([-1, 0, -1], ['', 'folded', ''], 'numbers')

A record is a list of texts, each with its own role (question, context, ...). The same words in another role are other words,
and an order among texts of the same role does not count. The way of a record, file by file:

    columns.py, texts.py   Arrow columns and lists of str as UTF-8 in a buffer
    fold.py, table.py      letters, marks and digits of each text as folded code points; spaces, signs and case are gone
    sketches.py            hashes of all runs of n code points -> one-permutation MinHash, empty lanes filled from others
    lsh.py                 bands of lanes -> pairs that are likely to be similar, and the curve that says how likely
    measure.py             exact Jaccard of pairs of texts
    guard.py               what folding loses and no similarity may outvote: digits, signs, units
    wording.py             what a language says in words: numbers, units, negations
    differ.py              both for many pairs at once
    subjects.py            whether two short texts are about the same thing
    choice.py              similar pairs -> which records stay and which one each of the others duplicates
    finding.py             all of it, for columns: `find`

What goes over letters is compiled: scan.py, hashing.py, pairing.py and reading.py hold the kernels, compiled.py says when and where that
happens. Numba is imported when the first text is looked at, and not before. Nothing here knows of entries or files.
"""

from .choice import Choice, choose
from .differ import DIFFERS
from .finding import FAR, HOW, Apart, Found, find, weight
from .guard import Signs, signs
from .lsh import agreement, candidates, curve
from .measure import jaccard
from .sketches import Shape, Sketches, sketch

__all__ = [
    "DIFFERS",
    "FAR",
    "HOW",
    "Apart",
    "Choice",
    "Found",
    "Shape",
    "Signs",
    "Sketches",
    "agreement",
    "candidates",
    "choose",
    "curve",
    "find",
    "jaccard",
    "signs",
    "sketch",
    "weight",
]
