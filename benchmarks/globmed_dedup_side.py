"""Our side of benchmarks/dedup.py as a library: python globmed_dedup_side.py CORPUS RESULT.json

Reads the text and language columns of all files and calls `find` once, as anybody may who has Parquet.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.dataset as ds
from globmed_curation.dedup import find


def main(corpus: Path, result: Path) -> None:
    files = sorted(map(str, corpus.glob("*.parquet")))
    table = ds.dataset(files).to_table(columns=["language", "text"], use_threads=False)
    told = table["language"].combine_chunks().dictionary_encode()
    kinds, names = told.indices.to_numpy(), told.dictionary.to_pylist()
    before = time.process_time()
    found = find([table["text"]], kinds=kinds, languages=names)
    spent = time.process_time() - before
    ids = ds.dataset(files).to_table(columns=["id"])["id"]
    rows, others = np.flatnonzero(found.of >= 0), np.unique(np.concatenate((found.apart.first, found.apart.second)))
    dropped, kept = (ids.take(some).to_pylist() for some in (rows, found.of[rows]))
    fields = {"dropped": dropped, "kept": kept, "flagged": ids.take(others).to_pylist(), "find": spent}
    result.write_text(json.dumps(fields, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
