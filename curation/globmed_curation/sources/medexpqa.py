"""MedExpQA, from Antidote CasiMedicos: a tar.gz of {EN,ES,FR,IT}/{train,dev,test}.tsv, a token and its tag a line.

    QUESTION O            A sentence ends at a blank line, and a case is the sentences from one "QUESTION TYPE:" on:
    TYPE: O               the type; "CLINICAL CASE:" and the case; "1- ..." to "5- ..."; "CORRECT ANSWER: 4", its words in
    DIGESTIVE O           another language in some files; the doctors' explanation, which becomes the rationale.

    CLINICAL O            Columns stand apart by blanks or tabs; those behind the tag are not read.

The last sentence before the options is the question, those before it are the context. "5- nan" fills a list of four up
and is taken out. A case is the same in every language by its place in the split, so split/number is the key. The exams
are Spanish; entries in another language say that they are translations. A language without a row in languages.toml
(Italian) is counted as unsupported_language, unless `other_languages` asks for it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from globmed_tools import catalog
from globmed_tools.entry import Entry, make
from globmed_tools.errors import GlobmedError

from .common import Drop, Skipped, code_of, judge
from .rows import Row
from .tokens import members, sentences

PATTERNS = ("casimedicos*.tar.gz",)
TRANSLATOR = "Antidote CasiMedicos (as shipped)"
FILLER = "nan"

_TYPE = re.compile(r"QUESTION TYPE ?: ?(.*)")
_CASE = re.compile(r"CLINICAL CASE ?: ?(.*)")
_OPTION = re.compile(r"([0-9]) ?-(?: +|$|(?=[^a-z0-9\s]))(.*)")
_LABEL = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)* ?: ?([0-9])")


def read(
    paths: list[Path], *, language: str | None, split: str | None, other_languages: bool = False
) -> Iterator[Entry | Drop | Skipped]:
    """The items of these archives, whose member names settle language and split."""
    if language or split:
        raise GlobmedError("medexpqa: the archive settles languages and splits. Leave out --language and --split.")
    for path in paths:
        skipped: Counter = Counter()
        for (name, part), data in members(path).items():
            place = f"{path.name}/{name}/{part}.tsv"
            file = Row({}, place, f"{path}, {name}/{part}.tsv")
            found, code = _cases(sentences(data, file), file), code_of(name, other_languages)
            if code is None:
                skipped[name] += len(found)
                continue
            for number, case in enumerate(found, 1):
                yield _item(case, f"{place}#{number}", f"{part}/{number}", code, part)
        for name, count in skipped.items():
            yield Skipped("unsupported_language", count, f"{path.name}/{name}")


def _cases(text: Iterator[str], file: Row) -> list[list[str]]:
    found: list[list[str]] = []
    for sentence in text:
        second = _CASE.match(sentence) and found and any(_CASE.match(one) for one in found[-1])
        if _TYPE.match(sentence) or second:  # a case that lost its first line still counts, or later keys would move
            found.append([])
        if not found:
            raise GlobmedError(f"{file.where}: does not begin with QUESTION TYPE. Is this an original file of the set?")
        found[-1].append(sentence)
    if not found:
        raise GlobmedError(f"{file.where}: the file is empty. Fetch the archive again.")
    return found


def _item(case: list[str], locator: str, key: str, language: str, split: str) -> Entry | Drop:
    def drop(reason: str, evidence: str) -> Drop:
        return Drop(reason, evidence, locator, language, split, key)

    opened = next((place for place, one in enumerate(case) if _CASE.match(one)), None)
    if opened is None:
        return drop("no_case", case[0])
    marks = {place: match for place, one in enumerate(case) if place > opened and (match := _OPTION.fullmatch(one))}
    second = next((place for place, match in marks.items() if match[1] == "2"), len(case))
    # An option or the explanation may hold "words: digit" too; the answer's label is the first in capitals.
    labels = [place for place in range(second + 1, len(case)) if _LABEL.fullmatch(case[place])]
    if not labels:
        return drop("no_gold" if marks else "too_few_options", case[-1])
    end = next((place for place in labels if case[place].isupper()), labels[0])
    start = max((place for place, match in marks.items() if place < end and match[1] == "1"), default=None)
    if start is None:
        return drop("options_out_of_order", "no option 1")
    options: list[str] = []
    for place in range(start, end):
        if place not in marks:
            options[-1] += " " + case[place]
            continue
        if int(marks[place][1]) != len(options) + 1:
            return drop("options_out_of_order", f"{marks[place][1]} after {len(options)}")
        options.append(marks[place][2])
    if options[-1].lower() == FILLER:
        options.pop()
    stem = [one for one in (_CASE.match(case[opened])[1], *case[opened + 1 : start]) if one]
    kind = _TYPE.match(case[0])
    entry = make(
        source="medexpqa",
        split=split,
        form="mcq",
        language=language,
        key=key,
        question=stem[-1] if stem else "",
        context=" ".join(stem[:-1]),
        options=options,
        answers=[int(_LABEL.fullmatch(case[end])[1]) - 1],
        rationale=" ".join(case[end + 1 :]),
        tags={"type": kind and kind[1]},
        translator=None if language == "es" else TRANSLATOR,
        locator=locator,
        licence=catalog.get("medexpqa").origin,
    )
    return judge(entry, key)
