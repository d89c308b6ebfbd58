"""Which tokens of a recipe's data are trained, as Axolotl itself tokenises it.

    seen = mask.look([recipe.read("qwen3-8b-lora")], data=Path("mix/train.jsonl"), each=2)
    seen[0].summary()["sw"]      {"examples": 2, "tokens": 428, "trained": 15, "share": 0.035, "terminator": 2, "problems": 0}

The rows go through axolotl_side/mask.py with the recipe's own template, fields and special tokens; only what a CPU cannot do is
overridden (rehearse.on_cpu). Right is: the assistant's turns and their terminators, and nothing else.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import languages, store
from ..errors import GlobmedError
from . import env, models, rehearse, tiny
from .mix import mix as write_mix
from .recipe import Recipe


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one recipe: `examples` and `packed` as axolotl_side/mask.py describes them."""

    recipe: str
    terminator: str
    examples: list[dict[str, Any]]
    packed: dict[str, Any] | None

    def problems(self) -> list[str]:
        """Everything wrong, the place first."""
        found = [f"{one['language']} {one['id']}: {each}" for one in self.examples for each in one["problems"]]
        return found + (self.packed["problems"] if self.packed else [])

    def summary(self) -> dict[str, dict[str, Any]]:
        """By language: examples, tokens, trained tokens, their share, terminators trained, and examples with problems."""
        rows: dict[str, dict[str, Any]] = {}
        for one in self.examples:
            row = rows.setdefault(
                one["language"], {"examples": 0, "tokens": 0, "trained": 0, "terminator": 0, "problems": 0}
            )
            row["examples"] += 1
            row["tokens"] += one["tokens"]
            row["trained"] += one["trained"]
            row["terminator"] += one["terminator"]
            row["problems"] += bool(one["problems"])
        for row in rows.values():
            row["share"] = round(row["trained"] / row["tokens"], 4)
        order = languages.codes()
        return dict(sorted(rows.items(), key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order)))


def look(
    recipes: list[Recipe],
    *,
    data: Path | None = None,
    each: int = 2,
    codes: Iterable[str] = (),
    model: str | None = None,
    stand_in: bool = False,
    home=None,
) -> list[Seen]:
    """The first `each` rows of every language (0: all rows) of `data`, else of the recipe's own file where it exists, else of
    the bundled sample's mix, through each recipe. `model` replaces its base model, `stand_in` by one made on the spot.

    Raises GlobmedError for rows without messages, languages that are not there, and whatever Axolotl refuses.
    """
    env.require(home)
    with tempfile.TemporaryDirectory(prefix="globmed-mask-") as scratch:
        folder, jobs, written = Path(scratch), [], {}
        for recipe in recipes:
            source = data or _own(recipe) or _sample(folder)
            if source not in written:
                written[source] = _choose(source, folder / f"rows-{len(written)}.jsonl", each, list(codes))
            base = _stand_in(recipe, folder) if stand_in else model or _present(recipe)
            settings = _settings(recipe, written[source], base, folder / "out")
            jobs.append({"name": recipe.name, "settings": settings, "shown": each or 2})
        found = env.run("mask.py", {"jobs": jobs}, home=home)["jobs"]
    return [Seen(one["name"], one["terminator"], one["examples"], one["packed"]) for one in found]


def _settings(recipe: Recipe, rows: Path, base: str, out: Path) -> dict[str, Any]:
    settings, _ = rehearse.on_cpu(recipe.settings)
    first = {**settings["datasets"][0], "path": str(rows)}
    changed = {"base_model": base, "datasets": [first], "output_dir": str(out), "dataset_num_proc": 1}
    for key in ("test_datasets", "plugins", "dataset_prepared_path", "eval_strategy", "evals_per_epoch", "eval_steps"):
        settings.pop(key, None)
    return {**settings, **changed}


def _own(recipe: Recipe) -> Path | None:
    sets = recipe.settings.get("datasets")
    if not isinstance(sets, list) or not sets or not isinstance(sets[0], dict) or "path" not in sets[0]:
        raise GlobmedError(
            f"{recipe.where('datasets')}: no data set with a path. `globmed recipes check` says what is missing."
        )
    path = Path(sets[0]["path"])
    return path if path.is_file() else None


def _sample(folder: Path) -> Path:
    path = folder / "mix" / "train.jsonl"
    if not path.exists():
        write_mix(["sample"], folder / "mix")
    return path


def _present(recipe: Recipe) -> str:
    base = str(recipe.settings.get("base_model"))
    if base == "tiny-base" and not Path(base).is_dir():
        raise GlobmedError(f"{recipe.where('base_model')}: no folder {base}. Make it: globmed recipes tiny {base}.")
    return base


def _stand_in(recipe: Recipe, folder: Path) -> str:
    architecture = models.get(rehearse.base(recipe)).architecture
    if not (folder / architecture).exists():
        tiny.stand_in(architecture, folder / architecture)
    return str(folder / architecture)


def _choose(source: Path, target: Path, each: int, codes: list[str]) -> Path:
    """The first `each` rows of every language, as they stand in the file."""
    if not source.is_file():
        raise GlobmedError(f"{source}: no such file. Name a JSONL file of conversations, such as mix/train.jsonl.")
    counts: dict[str, int] = {}
    with target.open("w", encoding="utf-8") as out:
        for number, row in store.json_lines(source):
            if not isinstance(row, dict) or not isinstance(row.get("language"), str):
                raise GlobmedError(f"{source}, line {number}: no language. `globmed recipes mix` writes rows with one.")
            code = row["language"]
            if codes and code not in codes or each and counts.get(code, 0) >= each:
                continue
            counts[code] = counts.get(code, 0) + 1
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    missing = [code for code in codes if code not in counts]
    if missing or not counts:
        raise GlobmedError(f"{source}: no rows of {', '.join(missing) or 'any language'}.")
    return target
