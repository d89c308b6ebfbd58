"""datatrove's side of benchmarks/dedup.py: run in its own environment. python datatrove_dedup_side.py CORPUS RESULT.json

Its four steps of MinHash deduplication with their defaults (runs of 5 words, 14 buckets of 8), on one worker.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.readers import ParquetReader
from datatrove.pipeline.writers import JsonlWriter


def main(corpus: Path, result: Path) -> None:
    with tempfile.TemporaryDirectory(dir=result.parent) as folder:
        kept = {json.loads(line)["id"] for file in deduplicated(corpus, folder) for line in file.open(encoding="utf-8")}
    names = [
        name
        for file in sorted(corpus.glob("*.parquet"))
        for name in pq.read_table(file, columns=["id"])["id"].to_pylist()
    ]
    dropped = [name for name in names if name not in kept]
    result.write_text(json.dumps({"dropped": dropped}, ensure_ascii=False), "utf-8")


def deduplicated(corpus: Path, folder: str) -> list[Path]:
    """The files that its last step writes."""
    config = MinhashConfig()
    at = {name: f"{folder}/{name}" for name in ("signatures", "buckets", "removed", "kept")}
    reader = ParquetReader(str(corpus), glob_pattern="*.parquet", read_metadata=False)
    run([reader, MinhashDedupSignature(at["signatures"], config)], folder, "signatures")
    buckets = MinhashDedupBuckets(at["signatures"], at["buckets"], config=config)
    run([buckets], folder, "buckets", config.num_buckets)
    run([MinhashDedupCluster(at["buckets"], at["removed"], config=config)], folder, "clusters")
    run([reader, MinhashDedupFilter(at["removed"]), JsonlWriter(at["kept"], compression=None)], folder, "filter")
    return sorted(Path(at["kept"]).glob("*.jsonl"))


def run(pipeline: list, folder: str, name: str, tasks: int = 1) -> None:
    LocalPipelineExecutor(
        pipeline=pipeline, tasks=tasks, workers=1, logging_dir=f"{folder}/logs/{name}", skip_completed=False
    ).run()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
