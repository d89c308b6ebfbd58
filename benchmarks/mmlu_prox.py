"""lm-eval's own mmlu_prox, found where lm-eval is installed: its tasks pointed at local files, and its answer filter.

Nothing of it is copied: the task files written here include the installed ones and replace the data set alone, so the
prompts, few-shot examples, filter and metric are what lm-eval ships.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import yaml

SUBJECT = "health"


def folder() -> Path:
    """Where the installed lm-eval keeps mmlu_prox; lm-eval itself is not imported."""
    spec = importlib.util.find_spec("lm_eval")
    if spec is None:
        raise SystemExit("lm-eval is not installed here. Run: pip install 'globmed[bench]'")
    return Path(spec.origin).parent / "tasks" / "mmlu_prox"


def has(code: str) -> bool:
    """Does mmlu_prox know this language?"""
    return (folder() / code).is_dir()


def task(code: str) -> str:
    """The name of its task in a language."""
    return f"mmlu_prox_{code}_{SUBJECT}"


def write_tasks(target: Path, data: Path, codes: list[str]) -> None:
    """TARGET/<task>.yaml for each language, reading DATA/<code>/{test,validation}.jsonl in place of the hub's files."""
    target.mkdir(parents=True, exist_ok=True)
    for code in codes:
        config = {
            "include": str(folder() / code / f"{task(code)}.yaml"),
            "task": task(code),
            "dataset_path": "json",
            "dataset_name": None,
            "dataset_kwargs": {
                "data_files": {split: str(data / code / f"{split}.jsonl") for split in ("test", "validation")}
            },
        }
        (target / f"{task(code)}.yaml").write_text(json.dumps(config, indent=1), "utf-8")


def phrase(code: str) -> str:
    """The sentence that its prompt asks a model to end with, "{}" where the letter stands."""
    from lm_eval.tasks.mmlu_prox.lang_libs import LANG_LIBS

    return LANG_LIBS[code][5]


class _Loader(yaml.SafeLoader):
    """Reads lm-eval's task files; a !function stays the text that names it."""


_Loader.add_constructor("!function", lambda loader, node: loader.construct_scalar(node))


def filter_of(code: str):
    """Its filter in a language, reply -> letter or None, or None where mmlu_prox lacks the language.

    The filter is lm-eval's own class with the arguments in the language's installed file; "[invalid]" is its None.
    """
    if not has(code):
        return None
    from lm_eval.filters.extraction import RegexFilter

    config = yaml.load((folder() / code / f"_{code}_template_yaml").read_text("utf-8"), _Loader)
    (chain,) = config["filter_list"]
    steps = [dict(step) for step in chain["filter"]]
    if [step.pop("function") for step in steps] != ["regex", "take_first"]:
        raise SystemExit(
            f"mmlu_prox {code}: its filter is no longer a regex and take_first; adapt benchmarks/mmlu_prox.py"
        )
    first = RegexFilter(**steps[0])

    def letter(reply: str) -> str | None:
        found = first.apply([[reply]], [{}])[0][0]
        return None if found == first.fallback else found

    return letter
