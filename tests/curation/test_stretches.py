"""What the stretches of a text tell is what the whole of it tells."""

from __future__ import annotations

import re

import pytest
from globmed_curation.checks.number_words import combine
from globmed_curation.dedup import wording
from globmed_curation.dedup.stretches import GAP, LONGEST, stretches

from globmed_tools import languages

SPACED = [code for code in languages.codes() if languages.get(code).spaces]
TELLS = ("two", "“two”", '"two"', "weeks", "not").__contains__
HELPS = ("of",).__contains__
FILLER = ("xxan", "xxen", "xxin", "xxon", "xxun", "xxyn")


def told(text: str, code: str) -> list:
    return wording._all_said([part for _, part in wording.told(text, languages.get(code))], code)


def expressions(code: str) -> list[str]:
    """The plain entries of the language table: cues, number words, comparisons with a number in their place."""
    language = languages.get(code)
    found = [one for kind in language.negation.values() for one in kind]
    found += [form.replace("_", " ") for row in language.numbers["words"] for form in row.split()[1:]]
    found += [one.replace("_", " 7 ").strip() for kind in language.comparison.values() for one in kind]
    return [one for one in found if not re.search(r"[\\()\[\]?*+|{}^$.]", one)]


@pytest.mark.parametrize("code", SPACED)
def test_an_expression_tells_in_its_stretch_what_it_tells_in_its_sentence(code):
    language = languages.get(code)
    assert not combine(" ".join(FILLER), language), "the filler is no number"
    before, behind = " ".join(FILLER), " ".join(reversed(FILLER))
    silent = 0
    for one in expressions(code):
        text = " ".join(f"{before} {one} {behind}, {before} {one} {behind}".split())
        whole = wording._all_said([text], code)
        assert told(text, code) == whole, one
        silent += whole == [(), (), ()]
    assert silent < 0.6 * len(expressions(code)), "most expressions tell something"


def test_what_belongs_together_is_read_together():
    gap = " ".join(FILLER[:GAP])
    assert told(f"two {gap} weeks", "en") == wording._all_said([f"two {gap} weeks"], "en")
    texts = [text for _, text in stretches(f"xxan “two” xxen weeks of {gap} xxan not xxun", TELLS, HELPS)]
    assert texts == [f"two xxen weeks of {FILLER[0]}", "not xxun"]
    assert len(stretches("not " * (LONGEST + 1), TELLS, HELPS)) == 2
    assert stretches("", TELLS, HELPS) == stretches(gap, TELLS, HELPS) == []


def test_words_that_tell_nothing_are_one_and_the_same():
    [(one, _)], [(other, _)] = (stretches(text, TELLS, HELPS) for text in ("two xxan weeks", '"two" xxen weeks'))
    assert one == other
    assert stretches("two weeks", TELLS, HELPS)[0][0] != one


def test_sentences_in_another_order_tell_the_same_but_swapped_numbers_do_not():
    one = "Give two tablets of aspirin.\nDo not give more. It was seen in three of them"
    assert (
        wording.differences(one, "It was seen in three of them\n“Do not give more.” Give two tablets of aspirin.", "en")
        == set()
    )
    assert wording.differences(
        one, "Do give more. It was seen in three of them. Give two tablets of aspirin.", "en"
    ) == {"negations"}
    swapped = "Give three tablets of aspirin.\nDo not give more. It was seen in two of them"
    assert wording.differences(one, swapped, "en") == {"numbers"}
    assert wording.differences("一天两次。不要停药。", "不要停药。一天两次。", "zh") == set()
    assert wording.differences("一天两次。不要停药。", "不要停药。一天三次。", "zh") == {"numbers"}
