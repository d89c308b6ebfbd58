"""What is fast says the same as what is plain: each short cut of the stages beside the long way that it replaces."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from globmed_curation.checks import loop, script, texts
from globmed_curation.stages import suspects

from globmed_tools.entry import make, revised


def _texts(alphabet: str, count: int, longest: int) -> list[str]:
    draw = random.Random(len(alphabet))
    return ["".join(draw.choices(alphabet, k=draw.randint(0, longest))) for _ in range(count)]


def test_a_text_without_a_tandem_is_told_without_looking_for_one():
    draw, looped = random.Random(1), 0
    for text in _texts("ab. \n1é", 3000, 40):
        unit = "".join(draw.choices("ab. 1é", k=draw.randint(1, 62)))
        text = text[:20] + unit * draw.randint(1, 6) + text[20:]
        found = any(any(map(str.isalpha, one[1])) for one in loop._TANDEM.finditer(text))
        looped += found
        assert loop._may_loop(text) >= found, text
    assert 500 < looped < 2500
    assert not loop._may_loop("A dose of 5 mg, then 10 mg, then 20 mg ..............")


def test_no_suspect_is_missed():
    broken = 0
    for text in _texts("abÂ°Ã©â€™ðŸ“šñÕ¡\u0092\uf06d\ufffdаοтν K\u212aſ\u1c80P", 3000, 14):
        found = suspects.suspects(text)
        assert ("look_alike" in found) == bool(suspects._LOOK_ALIKE.search(text)), text
        assert ("replacement" in found) == ("\ufffd" in text), text
        if any(suspects._decodes(one[0]) for one in suspects._MOJIBAKE.finditer(text)):
            broken += 1
            assert suspects._SEQUENCE.search(text), text
    assert 100 < broken < 2900


def test_a_revised_entry_is_a_replaced_one():
    one = make(source="medqa", split="test", form="mcq", language="en", key="7", question="Which?", options=["a", "b"],
               answers=[1], locator="test.jsonl:7", licence="MIT")  # fmt: skip
    assert revised(one, split="dev", checks={"x": 1}) == replace(one, split="dev", checks={"x": 1}) != one
    with pytest.raises(KeyError, match="colour"):
        revised(one, colour="red")


def test_letters_of_ascii_are_counted_as_others_are():
    text = "Give 5 mg (IV) at 08:00, _not_ [later]"
    for written, at in (("Latn", 0), ("Deva", 1)):
        kinds = [script._kinds(written)[char] for char in text]
        assert script.shares(text, written)[at] == kinds.count("ol"[at]) == 18
        assert sum(script.shares(text, written)) == 18


def test_words_are_found_as_by_the_plain_expression():
    plane = "".join(map(chr, range(1 << 16)))
    for text in (plane, " ".join(plane), "l'été, non-fumeur’s ’x- 𝛼𝛽 5 mg", "Ẹ̀kọ́ à-ti-bọ́"):
        assert texts.words(text) == tuple(texts._WORD.findall(text.lower())), text[:50]


@pytest.mark.parametrize("written", script.SCRIPTS)
def test_letters_of_long_texts_are_counted_as_those_of_short_ones(written):
    plane = [chr(code) for code in range(1 << 16)]
    for start in range(0, 1 << 16, 64):
        text = "".join(plane[start : start + 64])
        assert len(text) >= script._LONG
        kinds = [script._kinds(written)[char] for char in text]
        assert script.shares(text, written) == (kinds.count("o"), kinds.count("l"), kinds.count("x")), hex(start)
    assert script.shares("é" * 100 + "𠀀", "Hans") == (1, 100, 0)
