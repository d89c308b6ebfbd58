"""The leaderboard as one writes it first: pandas.read_json of every sample file, concat, groupby.

python benchmarks/report_pandas.py OUT.json FOLDER...
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas


def main(out: Path, folders: list[Path]) -> None:
    frames = []
    for folder in folders:
        (results,) = folder.glob("results_*.json")
        model = json.loads(results.read_text("utf-8"))["model_name"]
        for path in folder.glob("samples_*.jsonl"):
            frame = pandas.read_json(path, lines=True)
            if "acc" not in frame:
                continue
            kept = frame[["acc", "answered", "in_language"]].copy()
            kept["set"], kept["language"] = frame["doc"].str["set"], frame["doc"].str["language"]
            kept["model"] = model
            frames.append(kept)
    samples = pandas.concat(frames)
    by_set = samples.groupby(["model", "language", "set"])["acc"].mean()
    by_language = by_set.groupby(["model", "language"]).mean()
    table = {model: rows.droplevel("model").to_dict() for model, rows in by_language.groupby("model")}
    out.write_text(json.dumps(table), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(folder) for folder in sys.argv[2:]])
