"""datatrove's side of benchmarks/curation.py: run in its own environment, told what to do by one JSON argument."""

from __future__ import annotations

import json
import sys

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.filters import GopherRepetitionFilter, LanguageFilter
from datatrove.pipeline.formatters import FTFYFormatter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.lid import FT176LID


class Repetition(GopherRepetitionFilter):
    """Its measure of repetition, with nothing dropped."""

    def filter(self, doc):
        super().filter(doc)
        return True


class Lies(FT176LID):
    """Its identifier around a model that lies on this machine: lid.176 would have to be downloaded."""

    def __init__(self, path: str):
        super().__init__()
        self.path = path

    @property
    def model(self):
        if self._model is None:
            from fasttext.FastText import _FastText

            self._model = _FastText(self.path)
        return self._model


def identify(path: str) -> LanguageFilter:
    """Its language filter, labels only."""
    made = LanguageFilter(label_only=True)
    made.model = Lies(path)
    return made


def main() -> None:
    told = json.loads(sys.argv[1])
    steps = []
    if "clean" in told["steps"]:
        steps += [FTFYFormatter(normalization="NFC"), identify(told["model"])]
    if "repetition" in told["steps"]:
        steps.append(Repetition())
    reader = JsonlReader(told["input"])
    writer = JsonlWriter(told["output"], compression=None)
    run([reader, *steps, writer], told, "clean")
    if "deduplicate" in told["steps"]:
        deduplicate(told)


def run(pipeline: list, told: dict, name: str, tasks: int = 1) -> None:
    """One pipeline on one worker."""
    LocalPipelineExecutor(
        pipeline=pipeline,
        tasks=tasks,
        workers=1,
        logging_dir=f"{told['output']}/logs/{name}",
        skip_completed=False,
    ).run()


def deduplicate(told: dict) -> None:
    """Its MinHash deduplication with its defaults, over what the first pipeline wrote."""
    config = MinhashConfig()
    at = {name: f"{told['output']}/{name}" for name in ("signatures", "buckets", "removed", "deduplicated")}
    reader = JsonlReader(told["output"], glob_pattern="*.jsonl")
    run([reader, MinhashDedupSignature(at["signatures"], config)], told, "signatures")
    buckets = MinhashDedupBuckets(at["signatures"], at["buckets"], config=config)
    run([buckets], told, "buckets", config.num_buckets)
    run([MinhashDedupCluster(at["buckets"], at["removed"], config=config)], told, "clusters")
    writer = JsonlWriter(at["deduplicated"], compression=None)
    run([reader, MinhashDedupFilter(at["removed"]), writer], told, "filter")


if __name__ == "__main__":
    main()
