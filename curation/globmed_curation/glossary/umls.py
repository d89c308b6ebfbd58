"""UMLS: the concept names of a licensed user's own MRCONSO.RRF.

    C0015967|ENG|P|L0015967|PF|S0015967|Y|A0|...|MSH|MH|D005334|Fever|0|N|256|
    C0015967|SPA|P|L0342369|PF|S0342370|Y|A1|...|MSHSPA|MH|D005334|Fiebre|3|N||

Eighteen columns divided by bars, with no quoting and no header, sorted by concept as the release has it; a subset that
MetamorphoSys made is read alike, and so is a packed one (.RRF.gz). Names that UMLS suppresses (SUPPRESS other than N) are left
out and counted. Preferred terms (TS P), preferred forms (STT PF) and preferred names (ISPREF Y) come first. The UMLS licence
holds for what is built: keep it where the Metathesaurus may be kept.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from globmed_tools.errors import GlobmedError

from .units import LeftOut, Unit, language_of, unknown

_COLUMNS = 18
_CUI, _LANGUAGE, _TS, _STT, _PREFERRED, _VOCABULARY, _NAME, _SUPPRESS = 0, 1, 2, 4, 6, 11, 14, 16


class _Name(NamedTuple):
    line: int
    cui: str
    rank: tuple[bool, bool, bool]
    code: str
    text: str


def read(path: Path, options) -> Iterator[Unit | LeftOut]:
    """One unit a concept; GlobmedError where a line has not the columns of MRCONSO, or concepts are not together."""
    last = ""
    for cui, group in groupby(_names(path, options), key=lambda one: one.cui):
        found = list(group)
        if cui < last:
            raise GlobmedError(
                f"{path}, line {found[0].line}: concept {cui} comes after {last}. Sort the file (`LC_ALL=C sort`)."
            )
        last = cui
        names = [one for one in found if isinstance(one, _Name)]
        yield from (LeftOut(one.line, one.text) for one in found if not one.code)
        names = sorted((one for one in names if one.code), key=lambda one: one.rank)
        if len({one.code for one in names}) > 1:
            yield Unit(names[0].line, tuple(dict.fromkeys((one.code, one.text) for one in names)), cui)
        elif names:
            yield LeftOut(names[0].line, "no translation")


def _names(path: Path, options) -> Iterator[_Name]:
    """Every line; one without a code says in its text why it is left out."""
    for number, cells in _lines(path):
        name = cells[_LANGUAGE]
        code = language_of(name, options.languages)
        reason = ""
        if cells[_SUPPRESS] not in ("N", ""):
            reason = "suppressed by UMLS"
        elif options.vocabularies and cells[_VOCABULARY] not in options.vocabularies:
            reason = "not of the vocabularies asked for"
        elif code is None:
            reason = unknown(name)
        rank = (cells[_TS] != "P", cells[_STT] != "PF", cells[_PREFERRED] != "Y")
        yield _Name(number, cells[_CUI], rank, "" if reason else code or "", reason or cells[_NAME])


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        opened = gzip.open if path.suffix.lower() == ".gz" else open
        with opened(path, "rt", encoding="utf-8", newline="\n") as stream:
            for number, line in enumerate(stream, 1):
                cells = line.rstrip("\r\n").split("|")
                if len(cells) not in (_COLUMNS, _COLUMNS + 1):
                    raise GlobmedError(
                        f"{path}, line {number}: {len(cells)} columns; MRCONSO has {_COLUMNS}. Name MRCONSO.RRF itself."
                    )
                yield number, cells
    except (OSError, EOFError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise GlobmedError(f"{path}: cannot be read ({reason}). Check the path.") from None
