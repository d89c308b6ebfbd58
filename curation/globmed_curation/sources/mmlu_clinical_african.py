"""MMLU's clinical sections in eleven African languages: CSV without a header, a file a section, split and language.

    virology_test_zu.csv    "Emhlabeni wonke, ukufa okuningi kubangelwa:",Izifo zemigudu yokuphefumula,...,B
    virology_test.csv       the English original: question, four options, the letter of the answer

Row i is the same item in every language, so section/part/i is the key, and a row whose answer is not that of the English
file beside it is dropped as gold_conflict. Parts are test, val and dev; val and dev (the five examples of a prompt) both
make our dev, and the tag `part` tells them apart.

Zulu stands in it three times, under the same file names: `variant` says which folder is read. `human` (the default) is
the people's translation with the English originals, `mt` the machine translation (folder *_mt, Zulu), `bt` the machine's
translation back to English of the people's Zulu (folder *_bt). All three have one group_id an item; a folder of entries
holds one variant. Languages without a row in languages.toml are counted as unsupported_language, unless
`other_languages` asks for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import ascii_uppercase

from globmed_tools import catalog
from globmed_tools.entry import Entry, make
from globmed_tools.errors import GlobmedError

from .common import Drop, Skipped, code_of, judge
from .delimited import records
from .rows import Row

NAME = "mmlu_clinical_african"
SECTIONS = ("clinical_knowledge", "college_medicine", "virology")
PATTERNS = tuple(f"{section}_*.csv" for section in SECTIONS)
PARTS = {"test": "test", "val": "dev", "dev": "dev"}
VARIANTS = {
    "human": "human translation (as published)",
    "mt": "machine translation (as published)",
    "bt": "machine back-translation from Zulu (as published)",
}
_CELLS = 6


def belongs(path: Path, *, variant: str = "human") -> bool:
    """Whether a file found below a folder is of this variant: its own folder's name says so."""
    return _variant(path) == variant


def _variant(path: Path) -> str:
    name = path.resolve().parent.name
    return next((one for one in VARIANTS if name.endswith(f"_{one}")), "human")


def read(
    paths: list[Path],
    *,
    language: str | None,
    split: str | None,
    variant: str = "human",
    other_languages: bool = False,
) -> Iterator[Entry | Drop | Skipped]:
    """The items of these files, whose names settle language and split."""
    if language or split:
        raise GlobmedError(f"{NAME}: the files' names settle languages and splits. Leave out --language and --split.")
    if variant not in VARIANTS:
        raise GlobmedError(f"{NAME}: unknown variant {variant!r}; choose one of: {', '.join(VARIANTS)}.")
    files = {path: _named(path, variant) for path in paths}
    english = {
        (section, part): [_gold(row) for row in _rows(path)]
        for path, (section, part, suffix) in files.items()
        if suffix == "en"
    }
    for path, (section, part, suffix) in files.items():
        found, code = list(_rows(path)), "en" if variant == "bt" else code_of(suffix, other_languages)
        golds = english.get((section, part))
        if golds is not None and len(golds) != len(found):
            raise GlobmedError(
                f"{path}: {len(found)} rows, the English file has {len(golds)}, so row i is not the same item. "
                "Fetch both files again."
            )
        if code is None:
            yield Skipped("unsupported_language", len(found), path.name)
            continue
        translator = None if code == "en" and variant == "human" else VARIANTS[variant]
        for number, row in enumerate(found, 1):
            tags = {"subject": section, "part": part, "variant": None if variant == "human" else variant}
            yield _item(row, f"{section}/{part}/{number}", code, tags, translator, golds and golds[number - 1])


def _named(path: Path, variant: str) -> tuple[str, str, str]:
    """Section, part and language suffix (en where there is none) of a file's name."""
    if _variant(path) != variant:
        raise GlobmedError(f"{path}: its folder holds the variant {_variant(path)}. Say --variant {_variant(path)}.")
    for section in SECTIONS:
        if path.stem.startswith(section + "_"):
            part, _, suffix = path.stem.removeprefix(section + "_").partition("_")
            if part in PARTS:
                return section, part, suffix or "en"
    raise GlobmedError(
        f"{path}: the name is not <section>_<test, val or dev>[_<language>].csv with one of {', '.join(SECTIONS)}."
    )


def _rows(path: Path) -> Iterator[Row]:
    for line, cells in records(path):
        where = f"{path}, line {line}"
        if len(cells) != _CELLS:
            raise GlobmedError(f"{where}: {len(cells)} cells, {_CELLS} expected (question, four options, answer).")
        yield Row(dict(enumerate(cells)), f"{path.name}:{line}", where)


def _gold(row: Row) -> str:
    return row.text(_CELLS - 1)


def _item(
    row: Row, key: str, language: str, tags: dict[str, str | None], translator: str | None, english: str | None
) -> Entry | Drop:
    split, gold = PARTS[tags["part"]], _gold(row)
    if english is not None and gold != english:
        return Drop("gold_conflict", f"{gold!r}, in English {english!r}", row.locator, language, split, key)
    if gold and (len(gold) != 1 or gold not in ascii_uppercase):
        return Drop("unreadable_gold", gold, row.locator, language, split, key)
    entry = make(
        source=NAME,
        split=split,
        form="mcq",
        language=language,
        key=key,
        question=row.text(0),
        options=[row.text(number) for number in range(1, _CELLS - 1)],
        answers=[ascii_uppercase.index(gold)] if gold else [],
        tags=tags,
        translator=translator,
        locator=row.locator,
        licence=catalog.get(NAME).origin,
    )
    return judge(entry, key)
