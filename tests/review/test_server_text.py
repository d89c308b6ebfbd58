"""The server's text search by itself: what a query means in scripts with and without spaces."""

from __future__ import annotations

import importlib.util

import pytest
from globmed_curation.review.server import env


@pytest.fixture(scope="module")
def matches():
    """The function that SQLite calls; it runs in the server's environment, and needs nothing but Python."""
    spec = importlib.util.spec_from_file_location("side_text", env.SIDE / "globmed_argilla" / "text.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.matches


@pytest.mark.parametrize(
    "query, text, found",
    [
        ("dose", "One dose a day", True),
        ("dose", "an overdose, doses", False),
        ("दिन", "मरीज़ दिन में तीन बार", True),
        ("दिन", "दिनों के बाद", False),  # a vowel sign is part of the word
        ("দিন", "দিনে তিনবার", False),
        ("阿莫西林", "每日三次服用阿莫西林500毫克", True),
        ("500", "每日三次服用阿莫西林500毫克", True),  # a number beside a script without spaces stands alone
        ("50", "每日三次服用阿莫西林500毫克", False),
        ("500毫克", "阿莫西林1500毫克", False),
        ("西莫", "阿莫西林", False),
        ("食後", "毎食後に飲みます", True),
        ("วันละ", "รับประทานยาวันละสามครั้ง", True),  # no spaces between Thai words
        ("약을", "이 약을 하루에", True),
        ("약", "이 약을 하루에", False),  # Korean is written with spaces: 약* finds it
        ("약*", "이 약을 하루에", True),
        ("ＩＮＲ", "the INR is high", True),  # full-width letters
        ("straße", "STRASSE", True),
        ("oògùn", "lo oo\u0300gu\u0300n náà", True),  # composed and decomposed
        ("oogun", "lo oògùn náà", False),  # Yoruba tone marks tell words apart
        ("ﻻ", "لا", True),  # a presentation form
        ("ng'ombe", "maziwa ya ng'ombe", True),
        ("ombe", "maziwa ya ng'ombe", True),
        ("0.5", "0.5 mg", True),
        ("5", "0.5 mg", False),
        ("5", "5.25 mg", False),
        ("5", "Take 5.", True),
        ("0.5", "10.5 mg", False),
        ("[49]", "reference 49", True),
        ("mg/kg", "5 mg per kg", True),  # two words
        ("anti-inflammatory", "an anti inflammatory drug", True),
    ],
)
def test_words(matches, query, text, found):
    assert matches(query, text) is found


@pytest.mark.parametrize(
    "query, found",
    [
        ("a b", True),
        ("a x", False),
        ("x | b", True),
        ("x | y", False),
        ("-a", False),
        ("-x", True),
        ("a -x", True),
        ("a -b", False),
        ("a - x", False),  # a lone dash says nothing, so x is wanted
        ('"a b"', True),
        ('"b a"', False),
        ('-"b a"', True),
        ('"a b', True),  # not closed
        ("a | x y", False),  # from left to right: (a | x) and y
        ("a | (x y)", True),
        ("-(a b)", False),
        ("-(x y) a", True),
        ("(a", True),
        ("b)", True),
        ("al*", True),
        ("al", False),
        ("", False),
        ("?! -", False),
        ("\\ ( [ .*", False),
    ],
)
def test_operators(matches, query, found):
    assert matches(query, "a b c alpha") is found
