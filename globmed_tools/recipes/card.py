"""A model card, filled from what is there: the recipe, the mix, the run, and scores of lm-eval. What is missing is said.

    print(card(Path("runs/qwen3-8b-lora"), "qwen3-8b-lora", mix=Path("mix"), results=[Path("results")]))

Nothing here is written by hand but what holds for every model of this project: what such a model is not (a medical device,
reviewed by clinicians), and what is our choice and not the paper's. The template is recipes/MODEL_CARD.md.jinja.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .. import __version__, catalog, languages, manifest, resources, templates
from ..errors import GlobmedError
from . import card_run, models, recipe
from .card_run import Run
from .mix import write as files

TEMPLATE = "MODEL_CARD.md.jinja"
#: In every card, so that a card of ours is known and may be replaced; and in those that Axolotl writes.
STAMP, _AXOLOTL = "made by `globmed recipes card`", "generated automatically according to the information the Trainer"
MISSING = "not recorded"
#: The settings that a reader looks for, in the order in which they are shown; the whole recipe stands below them.
_SHOWN = (
    *("sequence_len", "sample_packing", "num_epochs", "max_steps", "micro_batch_size", "gradient_accumulation_steps"),
    *("optimizer", "learning_rate", "lr_scheduler", "warmup_ratio", "weight_decay", "max_grad_norm", "seed", "bf16"),
    *("chat_template", "lora_r", "lora_alpha", "lora_dropout", "lora_target_modules", "load_in_4bit"),
)
#: Settings that Axolotl fills in or rewrites, so that a difference from the recipe means nothing.
_RESOLVED = ("auto", None)


def card(
    run: Path,
    name: str,
    *,
    mix: Path | None = None,
    results: Iterable[Path] = (),
    title: str | None = None,
    licence: str | None = None,
    datasets: Iterable[str] = (),
) -> str:
    """The card's text. name: a shipped recipe or a path; mix: the folder that was trained on; licence, datasets: what the
    publisher states for the hub. GlobmedError where a part that was named is no such thing, or belongs to another run."""
    made, trained = recipe.read(name), card_run.read(run)
    told = _mix(mix, trained) if mix is not None else None
    base = made.settings.get("base_model")
    if not isinstance(base, str):
        raise GlobmedError(f"{made.path}: no base_model. Name the recipe that was trained.")
    text = made.path.read_text("utf-8").strip()
    facts = {
        "title": title or Path(run).resolve().name,
        "base": base if not Path(base).is_absolute() else Path(base).name,
        "model": models.table().get(base),
        "method": _method(made.settings),
        "recipe": made,
        "recipe_text": trained.recipe or text,
        "edited": trained.recipe is not None and trained.recipe.strip() != text,
        "choices": [line for line in made.header.splitlines() if line.startswith("Our choice")],
        "settings": [(key, made.settings[key]) for key in _SHOWN if key in made.settings],
        "changed": _changed(made, trained),
        "run": trained,
        "mix": told,
        "sets": _sets(told) if told else [],
        "scores": _scores(list(results)),
        "licence": licence,
        "stamp": f"{STAMP}, globmed {__version__}",
        "missing": MISSING,
        "names": {code: one.name for code, one in languages.table().items()},
    }
    return _front(facts, list(datasets)) + _environment().get_template(TEMPLATE).render(facts)


def may_replace(path: Path, force: bool) -> None:
    """GlobmedError where the file was written by hand and must not be lost."""
    if path.is_dir():
        raise GlobmedError(f"{path}: is a folder. Name the file, such as {path / 'README.md'}.")
    if force or not path.exists():
        return
    text = path.read_text("utf-8", "replace")
    if STAMP not in text and _AXOLOTL not in text:
        raise GlobmedError(f"{path}: was not written by this command or by Axolotl. Say --force to replace it.")


def _method(settings: Mapping[str, Any]) -> str:
    adapter = settings.get("adapter")
    return {None: "full fine-tuning", "lora": "LoRA", "qlora": "QLoRA"}.get(adapter, str(adapter))


def _changed(made: recipe.Recipe, trained: Run) -> list[tuple[str, Any, Any]]:
    """(setting, in the recipe, in the run) where a number or word of the recipe is not what the run logged."""
    found = []
    for key, value in made.settings.items():
        used = trained.used.get(key, value)
        plain = isinstance(value, (int, float, str)) and isinstance(used, (int, float, str))
        if plain and value not in _RESOLVED and key != "chat_template" and not _same(value, used):
            found.append((key, value, used))
    return found


def _same(one: Any, other: Any) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return one == other


def _mix(folder: Path, trained: Run) -> dict[str, Any]:
    """The manifest of the mix, after a look whether its file is the one that was trained on."""
    path = Path(folder) / manifest.NAME
    if not path.is_file():
        raise GlobmedError(f"{folder}: no {manifest.NAME}. Name the folder that `globmed recipes mix` wrote.")
    told = manifest.read_object(path, "a manifest", "Make the mix again.")
    if told.get("format") != files.FORMAT or told.get("version") != files.VERSION:
        raise GlobmedError(f"{path}: not the manifest of a mix. Name the folder that `globmed recipes mix` wrote.")
    train = Path(folder) / files.TRAIN
    stated = next(one for one in told["files"] if one["path"] == files.TRAIN)
    if not train.is_file():
        raise GlobmedError(f"{train}: is gone, so nobody can tell whether it is what was trained on. Put it back.")
    if manifest.checksum(train) != stated["xxh3"]:
        raise GlobmedError(f"{train}: changed since it was written. Make the mix again, and train on that.")
    told["trained_on"] = None
    if trained.sources:
        with train.open("rb") as stream:
            told["trained_on"] = hashlib.file_digest(stream, "sha256").hexdigest() in trained.sources.values()
        if not told["trained_on"]:
            raise GlobmedError(
                f"{trained.folder}: was not trained on {train}, whose hash is another. Name its own mix."
            )
    told["hash"] = stated["xxh3"]
    return told


def _sets(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sets that were drawn from, with what the catalogue and the export know of their licences."""
    found = []
    for one in told["sets"]:
        if one["drawn"]:
            known = catalog.table().get(one["set"])
            found.append(
                {
                    **one,
                    "title": known.title if known else one["set"],
                    "licence": known.licence if known else "not in the catalogue",
                    "origin": known.origin if known else "not in the catalogue",
                    "citation": known.citation if known else None,
                }
            )
    return found


def _scores(paths: list[Path]) -> dict[str, Any] | None:
    """Tables by language, one a model and kind of task."""
    if not paths:
        return None
    from ..report import results, table

    rows = [row for path in results.result_files(paths) for row in results.rows(path)]
    tables: dict[tuple[str, str], list[Any]] = {}
    for line in table.by_language(rows):
        tables.setdefault((_short(line.model), line.kind), []).append(line)
    made = []
    for (model, kind), lines in tables.items():
        used = [metric for metric in table.METRICS if any(line.scores[metric] is not None for line in lines)]
        made.append({"model": model, "kind": kind, "metrics": used, "lines": lines})
    return {
        "tables": made,
        "warnings": table.mixed(rows),
        "data": sorted({row.data.partition(";")[0] for row in rows}),
    }


def _short(model: str) -> str:
    return Path(model).name if Path(model).is_absolute() else model


def _front(facts: Mapping[str, Any], datasets: list[str]) -> str:
    """The YAML that the hub reads. Nothing is stated there that was not given: no licence, no data set, no score."""
    import yaml

    adapter = facts["recipe"].settings.get("adapter")
    fields = {
        "language": [one["language"] for one in facts["mix"]["languages"]] if facts["mix"] else None,
        "license": facts["licence"],
        "base_model": facts["base"],
        "base_model_relation": "adapter" if adapter else "finetune",
        "library_name": "peft" if adapter else "transformers",
        "pipeline_tag": "text-generation",
        "datasets": datasets or None,
        "tags": ["medical", "multilingual", "globmed", "axolotl", *([adapter] if adapter else [])],
    }
    given = {name: value for name, value in fields.items() if value}
    return "---\n" + yaml.safe_dump(given, sort_keys=False, allow_unicode=True) + "---\n"


def _environment():
    return templates.markdown(
        resources.recipes(),
        n=lambda value, digits=0: MISSING if value is None else f"{value:,.{digits}f}",
        time=_time,
    )


def _time(seconds: float | None) -> str:
    if seconds is None:
        return MISSING
    return f"{seconds / 3600:,.1f} hours" if seconds >= 3600 else f"{seconds:,.0f} seconds"
