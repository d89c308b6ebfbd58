"""text-dedup's side of benchmarks/dedup.py: run in its own environment. python text_dedup_side.py CORPUS RESULT.json

Its own MinHash program, with its defaults (runs of 5 words) but 128 permutations and one process.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
from datasets import load_from_disk
from text_dedup import minhash


def main(corpus: Path, result: Path) -> None:
    with tempfile.TemporaryDirectory(dir=result.parent) as folder:
        arguments = {
            "path": "parquet",
            "data_files": str(corpus / "*.parquet"),
            "split": "train",
            "cache_dir": f"{folder}/cache",
            "output": f"{folder}/out",
            "column": "text",
            "num_perm": "128",
            "threshold": "0.7",
            "num_proc": "1",
        }
        minhash.main(
            [part for name, value in arguments.items() for part in (f"--{name}", value)], standalone_mode=False
        )
        kept = set(load_from_disk(f"{folder}/out")["id"])
    names = [
        name
        for file in sorted(corpus.glob("*.parquet"))
        for name in pq.read_table(file, columns=["id"])["id"].to_pylist()
    ]
    dropped = [name for name in names if name not in kept]
    result.write_text(json.dumps({"dropped": dropped}, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
