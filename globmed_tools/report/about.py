"""What is known of the models beyond their scores: names to show, sizes, licences, bases.

    models:
      - name: qwen3-8b            # as the report calls it; the folder of its results, where a sweep made them
        id: Qwen/Qwen3-8B         # as lm-eval calls it
        parameters: 8.2           # billions;  active beside it for mixtures of experts
        licence: Apache-2.0
        base: Qwen/Qwen3-8B-Base  # what it was made from, for the improvement over it

The file of a sweep serves as it is; other keys are left alone. Without a file the roster that ships with the package is used.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import GlobmedError, suggest
from .runs import Run

SHIPPED = Path(__file__).resolve().parent.parent / "bench" / "sweep" / "models.yml"
FIELDS = ("organisation", "parameters", "active", "licence", "kind", "reasoning", "base")


def read(path: Path | None) -> list[dict[str, Any]]:
    """The entries of a file of models; GlobmedError where it is none. Without a path: the shipped roster, if there is one."""
    if path is None:
        if not SHIPPED.is_file():
            return []
        path = SHIPPED
    import yaml

    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise GlobmedError(f"{path}: not a readable YAML file ({error}).") from None
    rows = content.get("models") if isinstance(content, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and row.get("name") for row in rows):
        raise GlobmedError(
            f"{path}: no list of models. Write `models:` and under it `- name: ...` with `id:`, `parameters:`."
        )
    for row in rows:
        for key in ("parameters", "active"):
            if row.get(key) is not None and (isinstance(row[key], bool) or not isinstance(row[key], (int, float))):
                raise GlobmedError(f"{path}: {row['name']}: {key} {row[key]!r} is no number of billions. Write 8.2.")
    return rows


def name_of(file: Path, model: str, roster: list[dict[str, Any]]) -> str:
    """The roster's name for a run in a folder of that name, where the entry is of this model; else lm-eval's name.

    One model can stand in a roster twice, with reasoning and without; only the folder tells the two apart.
    """
    found = [row["name"] for row in roster if row["name"] == file.parent.name and row.get("id", model) == model]
    return found[0] if found else model


def describe(models: list[str], runs: list[Run], roster: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One dict a model: name, what the roster knows (null where nothing), and `size_from`: roster, run or null."""
    result = []
    for model in models:
        own = [run for run in runs if run.model == model]
        rows = [row for row in roster if row["name"] == model] or [row for row in roster if row.get("id") == model]
        row = rows[0] if len(rows) == 1 else {}
        counted = {run.parameters for run in own if run.parameters}
        size = row.get("parameters")
        entry = {"name": model, "id": row.get("id", model), **{field: row.get(field) for field in FIELDS}}
        entry["size_from"] = "roster" if size else None
        if not size and len(counted) == 1:
            entry |= {"parameters": round(counted.pop() / 1e9, 6), "size_from": "run"}
        result.append(entry)
    return result


def bases(models: list[str], described: list[dict[str, Any]], asked: tuple[str, ...]) -> dict[int, int]:
    """model -> its base, as indices. `asked`: BASE (of all others) or MODEL=BASE; else the roster's `base`."""
    found: dict[int, int] = {}
    for place, row in enumerate(described):
        if row["base"] in models:
            found[place] = models.index(row["base"])
        elif row["base"]:
            same = [i for i, other in enumerate(described) if other["id"] == row["base"]]
            found |= {place: same[0]} if len(same) == 1 else {}
    for one in asked:
        model, equals, base = one.rpartition("=")
        if not equals or (one in models):
            place = _index(one, models)
            found |= {i: place for i in range(len(models)) if i != place and i not in found}
        else:
            found[_index(model, models)] = _index(base, models)
    return {model: base for model, base in found.items() if model != base}


def _index(name: str, models: list[str]) -> int:
    if name not in models:
        raise GlobmedError(
            f"--base {name!r}: no such model among the results{suggest(name, models)} They are: {', '.join(models)}."
        )
    return models.index(name)
