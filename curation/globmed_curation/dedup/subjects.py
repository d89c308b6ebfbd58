"""Are two short questions about the same thing? In few words one word is the subject: a gene, a type, another organ.

    >>> other_subject("What causes nasopharyngeal cancer?", "What causes oropharyngeal cancer?", languages.get("en"))
    True
    >>> other_subject("What causes nasopharyngeal cancer?", "what causes Nasopharyngeal Cancer", languages.get("en"))
    False

Collections of questions repeat one answer under many names of diseases, and such names share most of their letters, so that no
similarity tells them apart. In up to SHORT bytes of letters (120 Latin ones, 40 Chinese or Korean ones) any word of four letters or
more, or with a capital or a figure inside, that only one question has makes another question; where words are not spaced, any Han
or Katakana letter does. Where no language is known, the script says whether they are.
"""

from __future__ import annotations

from collections import Counter

import regex

from globmed_tools.languages import Language

#: Letters, marks and digits up to which a question is short, in UTF-8 bytes, since denser scripts take more: by our choice.
SHORT = 120
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_LETTER = regex.compile(r"[\p{Han}\p{Katakana}]")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")


def other_subject(one: str, other: str, language: Language | None) -> bool:
    """Has one of these questions a word that tells what it is about, and the other has not? False where both are long."""
    spaced = not _UNSPACED.search(one) if language is None else language.spaces
    sides = [_WORD.findall(text) for text in (one, other)]
    if min(len("".join(side).encode("utf-8", "replace")) for side in sides) > SHORT:
        return False
    if not spaced:
        sides = [_LETTER.findall(text) for text in (one, other)]
    ours, theirs = (Counter(word.casefold() for word in side) for side in sides)
    uneven = {word for word in ours.keys() | theirs.keys() if not (ours[word] and theirs[word])}
    return bool(uneven) and (
        not spaced or any(word.casefold() in uneven and _tells(word) for side in sides for word in side)
    )


def _tells(word: str) -> bool:
    return len(word) > 3 or any(letter.isupper() or letter.isdigit() for letter in word[1:])
