"""rensa's side of benchmarks/dedup.py: run in its own environment. python rensa_side.py CORPUS RESULT.json"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import rensa

CHUNK = 20_000


def shingles(text: str) -> set[str]:
    """The runs of 5 characters, in small letters."""
    text = text.lower()
    return {text[start : start + 5] for start in range(max(1, len(text) - 4))}


def main(corpus: Path, result: Path) -> None:
    rows = []
    for file in sorted((corpus / "kept").iterdir()):
        with file.open(encoding="utf-8") as stream:
            for line in stream:
                entry = json.loads(line)
                rows.append((entry["locator"], "\n".join([entry["question"], *entry["options"]])))
    index, flags = rensa.RMinHashLSH(0.7, 128, 32), []
    for start in range(0, len(rows), CHUNK):
        sets = [shingles(text) for _, text in rows[start : start + CHUNK]]
        digests = rensa.RMinHash.digest_matrix_from_token_sets(sets, 128, 42)
        flags += index.insert_matrix_and_query_duplicate_flags(digests, start_key=start)
    dropped = [locator for (locator, _), flag in zip(rows, flags, strict=True) if flag]
    result.write_text(json.dumps({"dropped": dropped}, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
