"""A glossary of medical terms in many languages: built from what a user has, found in texts fast.

    >>> glossary = Glossary.open(Path("terms.parquet"))
    >>> glossary.find("Is quarantine needed?", "sw")
    [Hit(start=3, end=13, term='quarantine', targets=('karantini',), sources=('TICO-19',), conflict=False)]

words.py: text in pieces, folded; matcher.py: terms in a text; table.py: pairs on disk; book.py: Glossary;
build.py: sources -> pairs, by the readers delimited.py, tmx.py, labels.py (Wikidata) and umls.py.
"""

from __future__ import annotations

from .book import Glossary, Hit

__all__ = ["Glossary", "Hit"]
