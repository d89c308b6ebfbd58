"""What holds of deduplication whatever the texts are: any Unicode, nothing at all, bytes that are no text."""

from __future__ import annotations

import json
import random
import tempfile
import tracemalloc
import unicodedata
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from globmed_curation.dedup import HOW, Shape, find, signs, weight
from globmed_curation.dedup.finding import PAIR
from globmed_curation.dedup.fold import fold
from globmed_curation.plain.deduplicate import deduplicate
from globmed_curation.plain.gathering import Plan
from globmed_curation.stages.deduplicate import Config, settle, stage, survey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .test_deduplicate import item

LANGUAGES = ("en", "zh", "sw", None)
WORDS = (
    *"a not no without two three ten mg mL µg <5 ≥ 1,000 2.5 II % bila sio mbili dawa homa 不 无 三 十 毫克 发热 患者 咳嗽 ọmọ bí ﬁ ½".split(),
    *("e\u0301", "\u0301", "한국어", "ไม่", "👩\u200d⚕️", "İ", "ß", "\ud800", "\x00", "٣", "１２", "-", "."),
)


def quickly(examples):
    return settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )


@st.composite
def changed(draw, base):
    """The text with other spaces or case, or some of its words and digits exchanged."""
    parts = base.split(" ")
    for _ in range(draw(st.integers(0, 2))):
        parts[draw(st.integers(0, len(parts) - 1))] = draw(st.sampled_from(WORDS))
    text = draw(st.sampled_from(["", " ", "  "])).join(("", "")) + draw(st.sampled_from([" ", "  ", "\n"])).join(parts)
    return draw(st.sampled_from([str, str.upper, str.title]))(text)


@st.composite
def texts(draw, most=12):
    """Some texts, most of them alike, some anything at all."""
    words = st.lists(st.sampled_from(WORDS), min_size=12, max_size=40).map(" ".join)
    bases = draw(st.lists(words, min_size=1, max_size=3))
    alike = st.sampled_from(bases).flatmap(changed)
    return draw(
        st.lists(st.one_of(alike, alike, alike, st.text(st.characters(), max_size=30)), min_size=1, max_size=most)
    )


MARKS = [chr(code) for code in range(0x20000) if 0xD800 > code or code > 0xDFFF if unicodedata.combining(chr(code))]
COMPOSED = [chr(code) for code in range(0xA0, 0x20000) if unicodedata.decomposition(chr(code))[:1] not in ("", "<")]
JAMO = [chr(code) for code in (*range(0x1100, 0x1113), *range(0x1161, 0x1176), *range(0x11A7, 0x11C3), 0xAC00, 0xAC01)]


@quickly(400)
@given(st.lists(st.sampled_from([*"aouAO .", "\u0323", "\u0301", *MARKS, *COMPOSED, *JAMO]), max_size=60).map("".join))
def test_letters_are_composed_as_unicode_has_it(text):
    codes, _ = fold([text])
    assert codes.tolist() == fold([unicodedata.normalize("NFC", text)])[0].tolist()
    assert codes.tolist() == fold([unicodedata.normalize("NFD", text)])[0].tolist()
    singly = [fold([one])[0].tolist() for one in unicodedata.normalize("NFC", text)]
    assert codes.tolist() == [code for one in singly for code in one]


def test_a_hundred_thousand_marks_on_one_letter_take_no_time():
    codes, _ = fold(["a" + "\u0301\u0323" * 50_000])
    assert (len(codes), codes[:3].tolist()) == (100_000, [0x1EA1, 0x323, 0x323])


def told(found):
    return [column.tolist() for column in (found.of, found.similarity, found.how, *found.apart)]


def arrow(some, cuts=()):
    """As Arrow keeps it, in chunks; half a character is bytes that are no UTF-8 there."""
    data = [None if one is None else one.encode("utf-8", "surrogatepass") for one in some]
    bounds = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return pa.chunked_array([pa.array(data[a:b], pa.binary()) for a, b in zip(bounds, bounds[1:])], pa.binary())


@quickly(60)
@given(texts(), st.lists(st.integers(0, 12), max_size=3), st.sampled_from(LANGUAGES))
def test_chunks_threads_and_how_texts_are_kept_make_no_difference(some, cuts, language):
    whole = told(find([some], languages=[language], threads=1))
    assert told(find([arrow(some, cuts)], languages=[language], threads=3)) == whole
    twice = find([arrow(some, cuts), some], languages=[language])
    assert {one for one, of in enumerate(twice.of.tolist()) if of >= 0} <= {
        one for one, of in enumerate(whole[0]) if of >= 0
    }


@quickly(100)
@given(texts(), st.sampled_from(LANGUAGES))
def test_what_is_kept_is_kept_again_and_no_number_is_crossed(some, language):
    found = find([some], languages=[language])
    kept = [text for text, of in zip(some, found.of.tolist()) if of < 0]
    assert (find([kept], languages=[language]).of < 0).all()
    for text, of, how, similarity in zip(some, found.of.tolist(), found.how.tolist(), found.similarity.tolist()):
        if of < 0:
            continue
        other = some[of]
        assert found.of[of] < 0 and similarity >= 0.7
        assert (HOW[how] == "identical") == (text == other)
        if text != other:
            assert signs(" ".join(text.split())) == signs(" ".join(other.split()))


@quickly(60)
@given(texts(), st.randoms(use_true_random=False))
def test_records_of_other_kinds_make_no_difference(some, chance):
    kinds = np.array([chance.randrange(3) for _ in some])
    found = find([some], kinds=kinds, languages=LANGUAGES[:3])
    for kind in range(3):
        rows = np.flatnonzero(kinds == kind)
        alone = find([[some[row] for row in rows]], languages=[LANGUAGES[kind]])
        assert [rows[of] if of >= 0 else -1 for of in alone.of.tolist()] == found.of[rows].tolist()


@quickly(25)
@given(texts(), st.randoms(use_true_random=False))
def test_files_and_the_order_of_rows_make_no_difference(some, chance):
    rows = [{"id": number, "text": text.replace("\ud800", "")} for number, text in enumerate(some)]
    rows = [row for row in rows if row["text"].isprintable() or row["text"].isascii()]
    fates = []
    for _ in range(2):
        with tempfile.TemporaryDirectory() as folder:
            chance.shuffle(rows)
            cut = chance.randrange(1, len(rows) + 1) if rows else 0
            paths = []
            for name, part in (("a", rows[:cut]), ("b", rows[cut:])):
                if part:
                    paths.append(Path(folder) / f"{name}.jsonl")
                    paths[-1].write_text("".join(json.dumps(row) + "\n" for row in part))
            if paths:
                deduplicate(paths, Plan(("text",), id="id", language="en"), Config(), Path(folder) / "out")
                dropped = [
                    json.loads(line) for path in paths for line in (Path(folder) / "out/dropped" / path.name).open()
                ]
                fates.append(
                    sorted((row["id"], row["evidence"]["kept_id"], row["evidence"]["similarity"]) for row in dropped)
                )
    assert not fates or fates[0] == fates[1]


@quickly(25)
@given(texts(), st.randoms(use_true_random=False))
def test_shards_and_the_order_of_entries_make_no_difference(some, chance):
    entries = [item(text, key=str(number), language="en", reference=None) for number, text in enumerate(some)]
    fates = []
    for count in (1, 3):
        chance.shuffle(entries)
        parts = [entries[start::count] for start in range(count)]
        plan = settle([survey(part, Config()) for part in parts], Config())
        results = [stage(part, Config(), plan) for part in parts]
        fates.append(
            sorted((one.entry.id, one.reason, one.evidence["kept"]) for result in results for one in result.dropped)
        )
    assert fates[0] == fates[1]


def test_nothing_one_letter_a_megabyte_and_bytes_that_are_no_text():
    large = "".join(chr(0x4E00 + 7919 * place % 20000) for place in range(350_000))
    odd = ["", "x", "X", None, "5", "6", large, large[:-9] + "x", large + " 7", "\u0301" * 50, "!!!", "???", "!!!"]
    data = [None if one is None else one.encode() for one in odd] + [b"\xff\xfe" * 9, b"\xe4\xbd", b"\xff\xfe" * 9]
    found = find([pa.array(data, pa.binary())], languages=["zh"])
    assert found.of.tolist() == [-1, -1, 1, 0, -1, -1, -1, 6, -1, -1, -1, -1, 10, -1, -1, 13]
    assert list(zip(found.apart.first.tolist(), found.apart.second.tolist())) == [(6, 8), (7, 8)]
    assert found.apart.names(0) == found.apart.names(1) == "numbers"


@pytest.mark.parametrize("shape", [Shape(), Shape(lanes=256, bands=64)])
def test_memory_is_as_told(shape):
    chance, peaks = random.Random(5), []
    some = pa.array(["".join(chance.choices("abcdefghijklmnopqrstuvwxyz ", k=60)) for _ in range(40_000)])
    for count in (10_000, 40_000):
        find([some[:9]], shape=shape, threads=1)
        tracemalloc.start()
        find([some[:count]], shape=shape, threads=1)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    alone = weight(shape) - PAIR
    assert 0.85 * alone < (peaks[1] - peaks[0]) / 30_000 < 1.05 * alone
