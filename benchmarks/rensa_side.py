"""rensa's side of benchmarks/dedup.py: run in its own environment. python rensa_side.py CORPUS RESULT.json

Its fastest way: digests of many sets at once, flags of duplicates at once. 128 permutations, 32 bands, threshold 0.7, sets of the
runs of 5 characters in small letters.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pyarrow.parquet as pq
import rensa

CHUNK = 20_000


def shingles(text: str) -> set[str]:
    """The runs of 5 characters, in small letters."""
    text = text.lower()
    return {text[start : start + 5] for start in range(max(1, len(text) - 4))}


def main(corpus: Path, result: Path) -> None:
    index, dropped, start = rensa.RMinHashLSH(0.7, 128, 32), [], 0
    for file in sorted(corpus.glob("*.parquet")):
        for batch in pq.ParquetFile(file).iter_batches(CHUNK, columns=["id", "text"]):
            sets = [shingles(text) for text in batch.column("text").to_pylist()]
            digests = rensa.RMinHash.digest_matrix_from_token_sets(sets, 128, 42)
            flags = index.insert_matrix_and_query_duplicate_flags(digests, start_key=start)
            dropped += [name for name, flag in zip(batch.column("id").to_pylist(), flags, strict=True) if flag]
            start += len(batch)
    result.write_text(json.dumps({"dropped": dropped}, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
