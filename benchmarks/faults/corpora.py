"""The human translations: TICO-19 and NTREX-128, as Texts, single sentences and joined ones, in two parts.

    >>> pool("sw", "held-out", Path("../shared/data"))[0].source
    'about how long have these symptoms been going on?'

`held-out` is TICO-19's test sets and the second half of NTREX-128's documents (in the order of DOCUMENT_IDS.tsv), `dev` is
TICO-19's dev (only in its TMX files, six languages) and the first half. A pair that stands twice is taken once; one with an
empty side is left out, and so is the French of one document of TICO-19, which stands beside other sentences (words.toml).
Texts are cleaned as the pipeline's normalize stage does, which comes before its checks.
"""

from __future__ import annotations

import zipfile
from collections import defaultdict
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import regex
import xxhash
from globmed_curation.lid import corpus as lid
from globmed_curation.stages.clean import clean

from . import Text, languages, words
from .whole import glue

PARTS = ("held-out", "dev")
_NTREX_LINES, _TICO_LINES = 1997, 2100
_ENDS = regex.compile(r"[.!?]['\"”’)\]]*$")

#: A line of a corpus: document, number, source, translation.
Line = tuple[str, int, str, str]


def digest(*parts: str) -> str:
    """What texts are ordered by: the same on every machine."""
    return xxhash.xxh3_64_hexdigest("\n".join(parts).encode())


def _lines(path: Path, count: int, cleaned: bool = True) -> list[str]:
    found = path.read_text("utf-8").split("\n")[:count]
    if len(found) != count:
        raise SystemExit(f"{path}: {count} lines were expected, found {len(found)}. Is it the whole file?")
    return [clean(line)[0] for line in found] if cleaned else found


@cache
def ntrex(code: str, part: str, data: Path) -> tuple[Line, ...]:
    """The lines of a part of NTREX-128 in one of its own codes."""
    folder = data / "ntrex128"
    documents = [line.split()[0] for line in _lines(folder / "DOCUMENT_IDS.tsv", _NTREX_LINES, False)]
    names = list(dict.fromkeys(documents))
    first = set(names[: len(names) // 2])
    source = _lines(folder / "NTREX-128" / "newstest2019-src.eng.txt", _NTREX_LINES)
    theirs = _lines(folder / "NTREX-128" / f"newstest2019-ref.{code}.txt", _NTREX_LINES)
    rows = zip(documents, range(_NTREX_LINES), source, theirs)
    return tuple(row for row in rows if (row[0] in first) == (part == "dev"))


@cache
def tico_test(code: str, data: Path) -> tuple[Line, ...]:
    """A test set of TICO-19."""
    folder = data / "tico19" / "datasets" / "tico19" / "testsets" / f"en-{code}"
    documents = [line.split(":")[0] for line in _lines(folder / "tico19-test.en.info", _TICO_LINES, False)]
    source, theirs = (_lines(folder / f"tico19-test.{name}", _TICO_LINES) for name in ("en", code))
    return tuple(zip(documents, range(_TICO_LINES), source, theirs))


@cache
def tico_dev(code: str, data: Path) -> tuple[Line, ...]:
    """The units of a TMX file of TICO-19 that are not in its test set."""
    path = data / "tico19" / "tico-19.github.io" / "data" / "TM" / f"all.en-{code}.tmx.zip"
    with zipfile.ZipFile(path) as box:
        root = ElementTree.fromstring(box.read(next(name for name in box.namelist() if name.endswith(".tmx"))))
    tests, rows = _test_units(data), []
    for number, unit in enumerate(root.iter("tu")):
        name = unit.get("tuid", "")
        sides = [clean("".join(side.find("seg").itertext()))[0] for side in unit.findall("tuv")]
        if name not in tests and len(sides) == 2:
            rows.append((name.split(":")[0], number, sides[0], sides[1]))
    return tuple(rows)


@cache
def _test_units(data: Path) -> frozenset[str]:
    path = data / "tico19" / "datasets" / "tico19" / "testsets" / "en-fr" / "tico19-test.en.info"
    return frozenset(line.split("\t")[0] for line in _lines(path, _TICO_LINES, False))


def _corpora(code: str, part: str, data: Path) -> dict[str, tuple[Line, ...]]:
    """corpus -> lines, of one of our languages."""
    files = words(code)["files"]
    found = {}
    if part == "held-out" and "tico" in files:
        found["tico19"] = tico_test(files["tico"], data)
    if part == "dev" and "tmx" in files:
        found["tico19"] = tico_dev(files["tmx"], data)
    found["ntrex128"] = ntrex(files["ntrex"], part, data)
    return found


@cache
def _everywhere(part: str, data: Path) -> dict[tuple[str, int], dict[str, str]]:
    """(corpus, number) -> language -> translation; the neighbours under their NTREX codes."""
    found: dict = defaultdict(dict)
    for code in languages():
        for corpus, lines in _corpora(code, part, data).items():
            for _document, number, _source, theirs in lines:
                found[corpus, number][code] = theirs
                if corpus == "tico19":
                    found[corpus, number][words(code)["files"]["ntrex"]] = theirs
        for name in words(code)["neighbours"]:
            for _document, number, _source, theirs in ntrex(name, part, data):
                found["ntrex128", number][name] = theirs
    return {place: {code: line for code, line in row.items() if line} for place, row in found.items()}


@cache
def pool(code: str, part: str, data: Path) -> tuple[Text, ...]:
    """Every sentence of a part with its translation, in the corpora's order."""
    elsewhere, seen, found = _everywhere(part, data), set(), []
    for corpus, lines in _corpora(code, part, data).items():
        for document, number, source, theirs in lines:
            if source and theirs and (source, theirs) not in seen and document not in words(code).get("misaligned", ()):
                seen.add((source, theirs))
                other = elsewhere[corpus, number]
                found.append(Text(code, corpus, document, number, source, theirs, ((source, theirs),), other))
    return tuple(found)


@cache
def joined(code: str, part: str, data: Path) -> tuple[Text, ...]:
    """Two or three neighbouring sentences of a document as one text; only full sentences (the English ends with . ! ?)."""
    found, lines = [], [text for text in pool(code, part, data) if _ENDS.search(text.source)]
    place = 0
    while place < len(lines):
        size = 2 + int(digest("size", lines[place].key), 16) % 2
        run = [lines[place]]
        for text in lines[place + 1 : place + size + 1]:
            if (text.corpus, text.document, text.number) != (run[0].corpus, run[0].document, run[-1].number + 1):
                break
            run.append(text)
        if len(run) >= size:
            found.append(_join(run[:size], run[size] if len(run) > size else None))
        place += min(len(run), size)
    return tuple(found)


def _join(run: list[Text], following: Text | None) -> Text:
    first = run[0]
    common = set.intersection(*(set(text.elsewhere) for text in run))
    return Text(
        first.language,
        first.corpus,
        first.document,
        first.number,
        " ".join(text.source for text in run),
        glue(first.language).join(text.translation for text in run),
        tuple(text.pieces[0] for text in run),
        {code: " ".join(text.elsewhere[code] for text in run) for code in common},
        following and following.pieces[0],
    )


def unseen(text: Text, part: str) -> bool:
    """Whether the language model of the language check was not trained on the text's document, in any language."""
    if text.corpus == "tico19" and part == "dev":
        return True  # it is trained on TICO-19's test sets, which dev is not part of
    return lid.part(text.document) == "test" or text.document.startswith(_held_out(text.corpus))


@cache
def _held_out(corpus: str) -> tuple[str, ...]:
    """How the documents begin that the language model is never trained on."""
    rows = [row for row in lid.plan()["source"] if row["name"] == corpus]
    return tuple(sorted({genre for row in rows for genre in row.get("held_out", ())}))


def ordered(texts: tuple[Text, ...]) -> list[Text]:
    """The texts in the order of a hash: the first n are a sample."""
    return sorted(texts, key=lambda text: digest(text.source, text.translation))
