"""The corpus of benchmarks/dedup.py: human text in twelve languages, with copies planted of which everything is known.

    python benchmarks/dedup_corpus.py --data DIR --records 500000 --out corpus-500000 [--entries]

Human text of the twelve languages of the paper (NTREX-128: the same 1,997 sentences of news in each): three quarters of the records
are drawn from four or five sentences each, in every second one the beginnings of four others as options below; "12 mg, 340 ml" is
put into each. Then, each from a record of its own:

    5 %  identical       the same text
    5 %  folded          other spaces, a quote before it, the first letter; and where no options follow, a quote for the last stop
    5 %  near            1 to 6 % of the words taken out, put in or exchanged, away from all that could be part of a number, a unit,
                         a comparison or a negation, so that nothing now looks like one ("550 of" is no unit, "B" alone no label)
    5 %  near, any word  the same wherever it falls: what hits a negation or a number word may be flagged and not merged
    5 %  number only     one digit of one number changed

Which words could be part of what the guard reads is told by the guard's own quick look (dedup/wording.py, may_tell), which says
yes to more than is read, and by its reading of figures, signs and labels (dedup/guard.py). Within five words of such a word nothing
is changed where the text has other places ("more than 20" without its "than" is another number). So "near" measures whether a pair is found and taken for one where the guard has nothing to say, and "near,
any word" what the guard takes from that. (Until 2026-11 "near" was whatever the whole reading of that day took for the same, so
that its recall fell with every word that reading learnt.) The stop before options stays, since it ends a sentence, and the guard
reads negations up to the end of theirs.

OUT/en.parquet, ...: id ("near|en 17" is planted beside "en 17"), language, text, in random order; with --entries the same records as
entries too, for the stage of the pipeline. Each language has a seed of its own; the same call gives the same corpus.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

PLANTS = ("identical", "folded", "near", "near, any word", "number only")
_PUT_IN = re.compile(r"(\d+) mg, (\d+) ml")
_SHARD = 10_000
#: Words from one that may tell something in which none is changed.
_REACH = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("GLOBMED_REAL_DATA"), required=False)
    parser.add_argument("--records", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--entries", action="store_true")
    options = parser.parse_args()
    if options.data is None:
        parser.error("--data DIR (or $GLOBMED_REAL_DATA) is needed: the folder of source sets")
    make(options.data, options.out, options.records, options.entries)


def make(data: Path, out: Path, records: int, entries: bool) -> None:
    """Write the corpus; a file OUT/done says that it is whole."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from globmed_tools import languages

    out.mkdir(parents=True, exist_ok=True)
    codes = languages.codes(paper=True)
    shards = []
    for code in codes:
        rows = list(of_language(code, sentences_of(data, code), records // len(codes)))
        texts = ["\n".join((stem, *options)) for _, stem, options in rows]
        table = pa.table({"id": [name for name, _, _ in rows], "language": [code] * len(rows), "text": texts})
        pq.write_table(table, out / f"{code}.parquet", row_group_size=50_000, compression="zstd")
        if entries:
            shards += _shards(out / "entries", code, rows)
        print(f"corpus: {code}, {len(rows):,} records", file=sys.stderr)
    if entries:
        from globmed_tools import shards as folders

        folders.write_manifest(out / "entries", folders.ShardManifest("corpus", {}, (), tuple(shards), {}, "benchmark"))
    (out / "done").touch()


def sentences_of(data: Path, code: str) -> list[str]:
    from globmed_tools import languages

    language = languages.get(code)
    names = {one.partition("_")[0] for one in (*language.aliases, *language.lid)}
    folder = data / "ntrex128" / "NTREX-128"
    found = sorted(path for path in folder.glob("newstest2019-ref.*.txt") if path.name.split(".")[1][:3] in names)
    if not found:
        sys.exit(f"{folder}: no newstest2019-ref file for {code} ({', '.join(sorted(names))})")
    return [line.strip() for line in found[0].read_text("utf-8").splitlines() if line.strip()]


def of_language(code: str, sentences: list[str], count: int) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(id, stem, options) of the records of one language and their planted copies, in random order."""
    chance = random.Random(f"{code} {count}")
    planted = [plant for plant in PLANTS for _ in range(count // 20)]
    texts = [_text(sentences, chance) for _ in range(count - len(planted))]
    rows = [(f"{code} {number}", *text) for number, text in enumerate(texts)]
    for base, plant in zip(chance.sample(range(len(texts)), len(planted)), planted, strict=True):
        rows.append((f"{plant}|{code} {base}", *_changed(plant, *texts[base], code, sentences, chance)))
    chance.shuffle(rows)
    yield from rows


def _text(sentences: list[str], chance: random.Random) -> tuple[str, tuple[str, ...]]:
    drawn = chance.sample(sentences, chance.choice((4, 5)))
    drawn[0] = f"{drawn[0]} ({chance.randrange(2, 900)} mg, {chance.randrange(2, 900)} ml)"
    options = tuple(dict.fromkeys(one[:40] for one in chance.sample(sentences, 4))) if chance.random() < 0.5 else ()
    return " ".join(drawn), options


def _changed(plant: str, stem: str, options, code: str, sentences: list[str], chance: random.Random):
    from globmed_curation.dedup import signs

    if plant == "identical":
        return stem, options
    if plant == "folded":
        made = "\u201c" + stem[0].swapcase() + stem[1:].replace(" ", "  ")
        return made if options else made.rstrip(".。") + " \u201d", options
    if plant == "number only":
        return _PUT_IN.sub(lambda found: f"{found[1]}{chance.randrange(10)} mg, {found[2]} ml", stem), options
    if plant == "near, any word":
        return _edited(stem, code, sentences, chance, anywhere=True), options
    told = signs(" ".join((stem, *options)))
    while True:
        made = _edited(stem, code, sentences, chance, anywhere=False)
        if signs(" ".join((made, *options))) == told:
            return made, options


def _edited(stem: str, code: str, sentences: list[str], chance: random.Random, *, anywhere: bool) -> str:
    """1 to 6 % of the words taken out, put in or exchanged; of the letters, two by two, where words are not spaced."""
    from globmed_curation.dedup.wording import may_tell

    from globmed_tools import languages

    language = languages.get(code)

    def pieces_of(text: str) -> list[str]:
        return text.split(" ") if language.spaces else re.findall(r"[\x00-\x7f]+|..?", text)

    def tells(piece: str) -> bool:
        return bool(re.search(r"\d|mg|ml", piece)) or (not anywhere and may_tell(piece.lower(), language))

    def places() -> list[int]:
        told = [tells(piece) for piece in pieces]
        reach = 0 if anywhere else _REACH if language.spaces else 1
        far = [place for place in range(len(told)) if not any(told[max(0, place - reach) : place + reach + 1])]
        return far or [place for place, one in enumerate(told) if not one]

    pieces = pieces_of(stem)
    others = [piece for piece in pieces_of(chance.choice(sentences)) if not tells(piece)] or [""]
    for _ in range(max(1, round(len(pieces) * chance.uniform(0.01, 0.06)))):
        place, way = chance.choice(places()), chance.random()
        if way < 0.4:
            pieces[place] = chance.choice(others)
        elif way < 0.7:
            del pieces[place]
        else:
            pieces.insert(place, chance.choice(others))
    return (" " if language.spaces else "").join(pieces)


def _shards(folder: Path, code: str, rows: list) -> list:
    from globmed_tools import shards

    entries = [_entry(code, *row) for row in rows]
    return [
        shards.write_shard(folder, f"{code}-{start // _SHARD:04}", entries[start : start + _SHARD], [], key="benchmark")
        for start in range(0, len(entries), _SHARD)
    ]


def _entry(code: str, name: str, stem: str, options: tuple[str, ...]):
    from globmed_tools.entry import make as entry

    return entry(
        source="headqa" if "|" in name else "medqa",
        split="train",
        form="mcq" if options else "longform",
        language=code,
        key=name,
        question=stem,
        options=options,
        answers=(),
        locator=name,
        licence="CC BY-SA 4.0",
    )


if __name__ == "__main__":
    main()
